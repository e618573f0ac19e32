//! `xs:decimal` and `xs:integer` as text: read, compared and counted without a double.

use std::cmp::Ordering;

/// A decimal number that borrows its digits: sign, digits before the point without leading zeros, digits after it
/// without trailing zeros. Two texts of one value give the same parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Decimal<'a> {
    negative: bool,
    whole: &'a str,
    fraction: &'a str,
}

impl<'a> Decimal<'a> {
    /// One.
    pub const ONE: Self = Self { negative: false, whole: "1", fraction: "" };

    /// Reads `[+-]? (digits [. digits?] | . digits)`, the form of `xs:decimal`; blanks around it are the caller's.
    pub fn read(text: &'a str) -> Option<Self> {
        let (negative, digits) = match text.as_bytes().first()? {
            b'-' => (true, text.get(1..)?),
            b'+' => (false, text.get(1..)?),
            _ => (false, text),
        };
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        if (whole.is_empty() && fraction.is_empty()) || !all_digits(whole) || !all_digits(fraction) {
            return None;
        }
        let whole = whole.trim_start_matches('0');
        let fraction = fraction.trim_end_matches('0');
        let zero = whole.is_empty() && fraction.is_empty();
        Some(Self { negative: negative && !zero, whole, fraction })
    }

    /// Reads `[+-]? digits`, the form of `xs:integer`.
    pub fn read_integer(text: &'a str) -> Option<Self> {
        if text.contains('.') { None } else { Self::read(text) }
    }

    /// How many digits stand after the point, trailing zeros not counted.
    pub fn fraction_digits(self) -> usize {
        self.fraction.len()
    }

    /// True if nothing stands after the point.
    pub fn is_whole(self) -> bool {
        self.fraction.is_empty()
    }

    /// True for zero.
    pub fn is_zero(self) -> bool {
        self.whole.is_empty() && self.fraction.is_empty()
    }

    /// The number if it is whole, not negative and fits.
    pub fn to_count(self) -> Option<u64> {
        match self {
            Self { negative: true, .. } => None,
            Self { whole: "", fraction: "", .. } => Some(0),
            Self { whole, fraction: "", .. } => whole.parse().ok(),
            _ => None,
        }
    }

    /// One text for one value: `-12.5`, `0`, `0.1`.
    pub fn canonical(self) -> String {
        let sign = if self.negative { "-" } else { "" };
        let whole = if self.whole.is_empty() { "0" } else { self.whole };
        let point = if self.fraction.is_empty() { "" } else { "." };
        [sign, whole, point, self.fraction].concat()
    }
}

impl PartialOrd for Decimal<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Decimal<'_> {
    fn cmp(&self, other: &Self) -> Ordering {
        let size = |one: &Self, two: &Self| {
            // Without trailing zeros, fractions compare like words.
            one.whole
                .len()
                .cmp(&two.whole.len())
                .then_with(|| one.whole.cmp(two.whole))
                .then_with(|| one.fraction.cmp(two.fraction))
        };
        match (self.negative, other.negative) {
            (false, true) => Ordering::Greater,
            (true, false) => Ordering::Less,
            (false, false) => size(self, other),
            (true, true) => size(other, self),
        }
    }
}

fn all_digits(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn forms_of_xsd_are_read_and_no_others() {
        for text in ["0", "-0", "+1", "1.", ".5", "00012.500", "123456789012345678901234567890.1"] {
            assert!(Decimal::read(text).is_some(), "{text}");
        }
        for text in ["", "+", "-", ".", "1e5", "1,5", " 1", "1 ", "--1", "1.2.3", "٣", "NaN"] {
            assert!(Decimal::read(text).is_none(), "{text}");
        }
    }

    #[test]
    fn equal_values_are_equal_however_written() {
        for (one, two) in [("5", "5.00"), ("-0", "0"), ("+1", "01.0"), (".5", "0.500")] {
            assert_eq!(Decimal::read(one), Decimal::read(two), "{one} {two}");
        }
    }

    proptest! {
        #[test]
        fn order_is_that_of_the_numbers(one in -1_000_000_i64..1_000_000, two in -1_000_000_i64..1_000_000) {
            let write = |number: i64| {
                let sign = if number < 0 { "-" } else { "" };
                format!("{sign}{}.{:03}", number.unsigned_abs() / 1000, number.unsigned_abs() % 1000)
            };
            let (first, second) = (write(one), write(two));
            let read = (Decimal::read(&first), Decimal::read(&second));
            prop_assert_eq!(read.0.cmp(&read.1), one.cmp(&two));
        }
    }
}
