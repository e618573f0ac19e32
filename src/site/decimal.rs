//! Numbers that come as text: which forms are numbers, and their canonical decimal form.
//!
//! A price typed by a person or made by 1C's `Строка(Цена)` looks like `1 234,50`. Accepted: an optional minus,
//! digits, possibly in groups of three divided by one kind of space (ordinary, no-break, narrow), and a fraction after
//! a point or a comma. The comma is always the decimal one, as in every Russian text. Anything else (`1,234.50`,
//! `1e3`, `100 руб.`, `.5`) is no number: a guess would put a wrong price on a site.

/// Appends the canonical form of `text` (`-?digits(.digits)?`, no leading zeros, digits of the fraction as
/// given) and tells true; leaves `out` as it was and tells false if `text` is no number.
pub(super) fn append_number_text(out: &mut String, text: &str) -> bool {
    let text = text.trim();
    let (negative, unsigned) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let (whole, fraction) = match unsigned.split_once(['.', ',']) {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (unsigned, None),
    };
    if fraction.is_some_and(|digits| !all_digits(digits)) {
        return false;
    }
    let start = out.len();
    if !append_whole(out, whole) {
        out.truncate(start);
        return false;
    }
    if let Some(digits) = fraction {
        out.push('.');
        out.push_str(digits);
    }
    if negative && !out.get(start..).is_some_and(is_zero) {
        out.insert(start, '-');
    }
    true
}

fn append_whole(out: &mut String, whole: &str) -> bool {
    let start = out.len();
    match whole.chars().find(|letter| !letter.is_ascii_digit()) {
        None if whole.is_empty() => return false,
        None => out.push_str(whole),
        Some(divider @ (' ' | '\u{a0}' | '\u{202f}')) => {
            for (index, group) in whole.split(divider).enumerate() {
                let fits = if index == 0 { (1..=3).contains(&group.len()) } else { group.len() == 3 };
                if !fits || !all_digits(group) {
                    return false;
                }
                out.push_str(group);
            }
        }
        Some(_) => return false,
    }
    let zeros = out.bytes().skip(start).take_while(|digit| *digit == b'0').count();
    let redundant = zeros.min(out.len().saturating_sub(start + 1));
    out.drain(start..start + redundant);
    true
}

fn all_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// True if the canonical decimal in `number` is zero.
pub(super) fn is_zero(number: &str) -> bool {
    number.bytes().all(|byte| matches!(byte, b'-' | b'0' | b'.'))
}

/// True if the canonical decimal in `number` is below zero.
pub(super) fn is_negative(number: &str) -> bool {
    number.starts_with('-') && !is_zero(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn canonical(text: &str) -> Option<String> {
        let mut out = "x".to_owned();
        let is_number = append_number_text(&mut out, text);
        let text = out.strip_prefix('x')?.to_owned();
        assert!(is_number || text.is_empty());
        is_number.then_some(text)
    }

    #[test]
    fn texts_of_prices_become_plain_decimals() {
        for (text, expected) in [
            ("1234.50", "1234.50"),
            ("1 234,50", "1234.50"),
            ("1\u{a0}234\u{a0}567,5", "1234567.5"),
            ("12\u{202f}345", "12345"),
            (" -7 ", "-7"),
            ("007", "7"),
            ("0,00", "0.00"),
            ("-0", "0"),
            ("000", "0"),
            ("123456789012345678901234567890.01", "123456789012345678901234567890.01"),
        ] {
            assert_eq!(canonical(text).as_deref(), Some(expected), "{text}");
        }
    }

    #[test]
    fn ambiguous_and_foreign_forms_are_no_numbers() {
        for text in [
            "",
            " ",
            "-",
            "abc",
            "1,234.50",
            "1.234,50",
            "1e3",
            "100 руб.",
            ".5",
            "5.",
            "1 23",
            "1234 567",
            "1 234\u{a0}567",
            "+5",
            "--5",
            "0x10",
            "1 2345",
            "٣",
            "∞",
            "1_000",
        ] {
            assert_eq!(canonical(text), None, "{text}");
        }
    }

    #[test]
    fn sign_and_zero_are_told() {
        assert!(is_zero("0") && is_zero("-0.00") && !is_zero("0.01"));
        assert!(is_negative("-0.01") && !is_negative("-0") && !is_negative("5"));
    }
}
