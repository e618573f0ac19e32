//! `Дата` of 1C: a calendar date with time of day, local, whole seconds, year 1 to 3999.

use std::fmt;

/// A date as 1C keeps it. No zone, no fraction: zones exist only in texts that are read or written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DateTime {
    year: u16,
    month: u8,
    day: u8,
    hour: u8,
    minute: u8,
    second: u8,
}

impl DateTime {
    /// The empty date, `0001-01-01T00:00:00`.
    pub const EMPTY: Self = Self { year: 1, month: 1, day: 1, hour: 0, minute: 0, second: 0 };

    /// A date from its parts; `None` if the calendar or 1C has no such moment (1C ends with the year 3999).
    pub fn new(year: u16, month: u8, day: u8, hour: u8, minute: u8, second: u8) -> Option<Self> {
        let valid = (1..=3999).contains(&year)
            && (1..=12).contains(&month)
            && day >= 1
            && day <= days_in_month(year, month)
            && hour < 24
            && minute < 60
            && second < 60;
        valid.then_some(Self { year, month, day, hour, minute, second })
    }

    /// Reads the form of internal text: 14 digits, `20240506070809`.
    pub fn from_compact(text: &str) -> Option<Self> {
        Self::from_digits(text.as_bytes().try_into().ok()?)
    }

    /// As [`DateTime::from_compact`].
    #[inline]
    pub(crate) fn from_digits(digits: &[u8; 14]) -> Option<Self> {
        let [y1, y2, y3, y4, m1, m2, d1, d2, h1, h2, n1, n2, s1, s2] =
            digits.map(|digit| digit.wrapping_sub(b'0'));
        if !digits.iter().all(u8::is_ascii_digit) {
            return None;
        }
        let year = u16::from(y1) * 1000 + u16::from(y2) * 100 + u16::from(y3) * 10 + u16::from(y4);
        Self::new(year, m1 * 10 + m2, d1 * 10 + d2, h1 * 10 + h2, n1 * 10 + n2, s1 * 10 + s2)
    }

    /// The form of internal text: 14 digits.
    pub fn compact(self) -> [u8; 14] {
        let year = u32::from(self.year);
        let mut digits = [b'0'; 14];
        let parts = [
            year / 100,
            year % 100,
            self.month.into(),
            self.day.into(),
            self.hour.into(),
            self.minute.into(),
            self.second.into(),
        ];
        for (pair, part) in digits.chunks_exact_mut(2).zip(parts) {
            if let [tens, ones] = pair {
                *tens += (part / 10) as u8;
                *ones += (part % 10) as u8;
            }
        }
        digits
    }

    /// Reads ISO 8601 as XML and JSON have it: `2014-05-10`, `2014-05-10T13:14[:15[.678]]`, then nothing, `Z` or an
    /// offset such as `+04:00`. Gives the moment as written and the seconds its zone is ahead of UTC, if it has
    /// one; fractions of a second are cut.
    pub fn from_iso(text: &str) -> Option<(Self, Option<i32>)> {
        let bytes = text.as_bytes();
        let (date, rest) = bytes.split_at_checked(10)?;
        let &[y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2] = date else { return None };
        let mut compact = [y1, y2, y3, y4, m1, m2, d1, d2, b'0', b'0', b'0', b'0', b'0', b'0'];
        let rest = match rest {
            [b'T' | b' ', h1, h2, b':', n1, n2, rest @ ..] => {
                compact[8..12].copy_from_slice(&[*h1, *h2, *n1, *n2]);
                match rest {
                    [b':', s1, s2, rest @ ..] => {
                        compact[12..].copy_from_slice(&[*s1, *s2]);
                        without_fraction(rest)?
                    }
                    rest => rest,
                }
            }
            rest => rest,
        };
        let moment = Self::from_compact(std::str::from_utf8(&compact).ok()?)?;
        Some((moment, offset(rest)?))
    }

    /// Appends `2014-05-10T13:14:15`, without the detour over formatting.
    #[inline]
    pub(crate) fn push_iso(self, text: &mut String) {
        let [y1, y2, y3, y4, m1, m2, d1, d2, h1, h2, n1, n2, s1, s2] = self.compact();
        let iso = [y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2, b'T', h1, h2, b':', n1, n2, b':', s1, s2];
        text.push_str(std::str::from_utf8(&iso).unwrap_or_default());
    }

    /// Year, 1 to 3999.
    pub fn year(self) -> u16 {
        self.year
    }

    /// Month, 1 to 12.
    pub fn month(self) -> u8 {
        self.month
    }

    /// Day of the month, from 1.
    pub fn day(self) -> u8 {
        self.day
    }

    /// Hour, 0 to 23.
    pub fn hour(self) -> u8 {
        self.hour
    }

    /// Minute, 0 to 59.
    pub fn minute(self) -> u8 {
        self.minute
    }

    /// Second, 0 to 59.
    pub fn second(self) -> u8 {
        self.second
    }
}

impl fmt::Display for DateTime {
    /// `2014-05-10T13:14:15`.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = String::with_capacity(19);
        self.push_iso(&mut text);
        formatter.write_str(&text)
    }
}

/// Cuts `.678`; `None` for a point without digits.
fn without_fraction(text: &[u8]) -> Option<&[u8]> {
    let Some(fraction) = text.strip_prefix(b".") else { return Some(text) };
    let digits = fraction.iter().take_while(|byte| byte.is_ascii_digit()).count();
    if digits == 0 { None } else { fraction.get(digits..) }
}

/// Reads `Z`, `+04:00`, `+0400`, `+04` or nothing; the outer `None` is for anything else.
fn offset(text: &[u8]) -> Option<Option<i32>> {
    let (sign, hours, minutes) = match text {
        [] => return Some(None),
        [b'Z' | b'z'] => return Some(Some(0)),
        [sign, h1, h2] => (sign, [*h1, *h2], [b'0', b'0']),
        [sign, h1, h2, b':', m1, m2] | [sign, h1, h2, m1, m2] => (sign, [*h1, *h2], [*m1, *m2]),
        _ => return None,
    };
    let sign = match sign {
        b'+' => 1,
        b'-' => -1,
        _ => return None,
    };
    if !hours.iter().chain(&minutes).all(u8::is_ascii_digit) {
        return None;
    }
    let (hours, minutes) = (number(&hours), number(&minutes));
    (hours < 24 && minutes < 60).then_some(Some(sign * (hours * 3600 + minutes * 60) as i32))
}

/// The value of a few ASCII digits.
fn number(digits: &[u8]) -> u32 {
    digits.iter().fold(0, |value, digit| value * 10 + u32::from(digit.wrapping_sub(b'0')))
}

/// Days of a month in the Gregorian calendar, which 1C uses for all years.
pub fn days_in_month(year: u16, month: u8) -> u8 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => 29,
        2 => 28,
        _ => 31,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn impossible_dates_are_refused() {
        assert!(DateTime::new(2023, 2, 29, 0, 0, 0).is_none());
        assert!(DateTime::new(2024, 2, 29, 23, 59, 59).is_some());
        assert!(DateTime::new(2024, 13, 1, 0, 0, 0).is_none());
        assert!(DateTime::new(4000, 1, 1, 0, 0, 0).is_none());
    }

    #[test]
    fn compact_form_reads_back() {
        let date = DateTime::new(2024, 5, 6, 7, 8, 9);
        assert_eq!(date.map(DateTime::compact), Some(*b"20240506070809"));
        assert_eq!(DateTime::from_compact("20240506070809"), date);
        assert_eq!(DateTime::from_compact("00010101000000"), Some(DateTime::EMPTY));
        for bad in ["", "2024050607080", "2024050607080x", "20240230000000", "00000101000000"] {
            assert_eq!(DateTime::from_compact(bad), None, "{bad}");
        }
    }

    #[test]
    fn iso_texts_with_and_without_zone() {
        let date = DateTime::new(2014, 5, 10, 13, 14, 15);
        for (text, moment, offset) in [
            ("2014-05-10T13:14:15", date, None),
            ("2014-05-10 13:14:15", date, None),
            ("2014-05-10T13:14:15.999", date, None),
            ("2014-05-10T13:14:15Z", date, Some(0)),
            ("2014-05-10T13:14:15.5+04:00", date, Some(14_400)),
            ("2014-05-10T13:14:15-0330", date, Some(-12_600)),
            ("2014-05-10T13:14", DateTime::new(2014, 5, 10, 13, 14, 0), None),
            ("2014-05-10", DateTime::new(2014, 5, 10, 0, 0, 0), None),
        ] {
            assert_eq!(DateTime::from_iso(text), moment.map(|moment| (moment, offset)), "{text}");
        }
        for bad in [
            "",
            "2014-5-10",
            "2014-02-30",
            "2014-05-10T25:00:00",
            "2014-05-10T13:14:15.",
            "2014-05-10T13:14:15+24:00",
        ] {
            assert_eq!(DateTime::from_iso(bad), None, "{bad}");
        }
    }

    #[test]
    fn prints_as_iso_without_zone() {
        assert_eq!(DateTime::EMPTY.to_string(), "0001-01-01T00:00:00");
    }
}
