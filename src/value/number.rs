//! Numbers as decimal text: whatever a source writes becomes the one canonical form.

/// Beyond this exponent a number is refused: its digits would only fill memory.
const EXPONENT_LIMIT: i64 = 1000;

/// What a text is as a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Decimal {
    /// Already in canonical form.
    Canonical,
    /// The canonical form was written to the scratch buffer.
    Rewritten,
    /// Not a number, or one with an exponent beyond the limit.
    Not,
}

/// Brings `text` (`-`, `+`, digits, a point, an exponent) into the form `-?digits(.digits)?`.
#[inline]
pub(crate) fn decimal(text: &str, scratch: &mut String) -> Decimal {
    if is_canonical(text.as_bytes()) {
        Decimal::Canonical
    } else if rewrite(text, scratch).is_some() {
        Decimal::Rewritten
    } else {
        Decimal::Not
    }
}

fn digits(bytes: &[u8]) -> usize {
    bytes.iter().take_while(|byte| byte.is_ascii_digit()).count()
}

/// Whether a text is in canonical form.
#[inline]
pub(crate) fn is_canonical(bytes: &[u8]) -> bool {
    let (negative, unsigned) = match bytes {
        [b'-', rest @ ..] => (true, rest),
        rest => (false, rest),
    };
    let whole = digits(unsigned);
    let leading_zero = unsigned.first() == Some(&b'0');
    match unsigned.get(whole..) {
        Some([]) => whole > 0 && (!leading_zero || whole == 1 && !negative),
        Some([b'.', fraction @ ..]) => {
            whole > 0
                && (!leading_zero || whole == 1)
                && !fraction.is_empty()
                && digits(fraction) == fraction.len()
                && !(negative && leading_zero && fraction.iter().all(|digit| *digit == b'0'))
        }
        _ => false,
    }
}

#[cold]
fn rewrite(text: &str, scratch: &mut String) -> Option<()> {
    let (negative, unsigned) = match text.as_bytes() {
        [b'-', ..] => (true, text.get(1..)?),
        [b'+', ..] => (false, text.get(1..)?),
        _ => (false, text),
    };
    let (mantissa, exponent) = match unsigned.find(['e', 'E']) {
        Some(at) => (unsigned.get(..at)?, exponent(unsigned.get(at + 1..)?)?),
        None => (unsigned, 0),
    };
    let has_exponent = mantissa.len() < unsigned.len();
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let all_digits = |text: &str| digits(text.as_bytes()) == text.len();
    if !all_digits(whole) || !all_digits(fraction) || whole.len() + fraction.len() == 0 {
        return None;
    }
    let zero = whole.bytes().chain(fraction.bytes()).all(|digit| digit == b'0');
    scratch.clear();
    if negative && !zero {
        scratch.push('-');
    }
    // A zero stays zero whatever its exponent; anything else may be too long to spell out.
    let exponent = if zero { 0 } else { exponent };
    if exponent.abs() > EXPONENT_LIMIT {
        return None;
    }
    // The point moves by the exponent inside the run of all digits.
    let all: Vec<u8> = whole.bytes().chain(fraction.bytes()).collect();
    let point = i64::try_from(whole.len()).ok()? + exponent;
    let digit =
        |at: i64| usize::try_from(at).ok().and_then(|at| all.get(at)).map_or('0', |byte| char::from(*byte));
    let start = scratch.len();
    for at in 0..point.max(0) {
        let digit = digit(at);
        if digit != '0' || scratch.len() > start {
            scratch.push(digit);
        }
    }
    if scratch.len() == start {
        scratch.push('0');
    }
    let end = i64::try_from(all.len()).ok()?;
    if point < end {
        scratch.push('.');
        for at in point..end {
            scratch.push(digit(at));
        }
        if has_exponent {
            scratch.truncate(scratch.trim_end_matches('0').trim_end_matches('.').len());
        }
    }
    Some(())
}

/// The value of an exponent; one too long to count becomes one beyond the limit.
fn exponent(text: &str) -> Option<i64> {
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    if unsigned.is_empty() || digits(unsigned.as_bytes()) != unsigned.len() {
        return None;
    }
    let value = unsigned.parse::<i64>().unwrap_or(i64::MAX / 4).min(i64::MAX / 4);
    Some(if text.starts_with('-') { -value } else { value })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn canonical(text: &str) -> Option<String> {
        let mut scratch = String::new();
        match decimal(text, &mut scratch) {
            Decimal::Canonical => Some(text.to_owned()),
            Decimal::Rewritten => Some(scratch),
            Decimal::Not => None,
        }
    }

    #[test]
    fn every_spelling_has_one_canonical_form() {
        for (text, expected) in [
            ("0", "0"),
            ("-0", "0"),
            ("-0.0", "0.0"),
            ("007", "7"),
            ("+5", "5"),
            ("1.50", "1.50"),
            (".5", "0.5"),
            ("-.5", "-0.5"),
            ("5.", "5"),
            ("1e3", "1000"),
            ("1.5E+2", "150"),
            ("1.25e1", "12.5"),
            ("12e-3", "0.012"),
            ("1.50e0", "1.5"),
            ("-1e-2", "-0.01"),
            ("0e999999999999999999999", "0"),
            ("100e-2", "1"),
            ("0.000000003725290298461914063", "0.000000003725290298461914063"),
            ("1000000000000000000000000000000", "1000000000000000000000000000000"),
        ] {
            assert_eq!(canonical(text).as_deref(), Some(expected), "{text}");
        }
    }

    #[test]
    fn texts_that_are_no_numbers_are_refused() {
        for text in
            ["", "-", "+", ".", "e5", "1e", "1e+", "1.2.3", "--1", "0x10", "1 000", "Infinity", "1e1001"]
        {
            assert_eq!(canonical(text), None, "{text}");
        }
    }
}
