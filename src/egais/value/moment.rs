//! `xs:date` and `xs:dateTime`: read by the rules of XSD 1.0, compared part by part.

use crate::value::date::days_in_month;

/// A calendar date, maybe with a time of day; the zone is known to be well formed and is not kept, because no bound
/// in the schemas has one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Moment<'a> {
    year: i64,
    month: u8,
    day: u8,
    hour: u8,
    minute: u8,
    second: u8,
    /// Digits of the fraction without trailing zeros.
    fraction: &'a str,
}

impl<'a> Moment<'a> {
    /// Reads `-?YYYY-MM-DD` with an optional zone.
    pub fn read_date(text: &'a str) -> Option<Self> {
        let (moment, rest) = date(text)?;
        zone(rest).then_some(moment)
    }

    /// Reads `-?YYYY-MM-DDThh:mm:ss(.f+)?` with an optional zone.
    pub fn read_datetime(text: &'a str) -> Option<Self> {
        let (mut moment, rest) = date(text)?;
        let rest = rest.strip_prefix('T')?;
        let (hour, rest) = two(rest)?;
        let (minute, rest) = two(rest.strip_prefix(':')?)?;
        let (second, rest) = two(rest.strip_prefix(':')?)?;
        let (fraction, rest) = fraction(rest)?;
        let end_of_day = hour == 24 && minute == 0 && second == 0 && fraction.is_empty();
        if (hour > 23 && !end_of_day) || minute > 59 || second > 59 {
            return None;
        }
        (moment.hour, moment.minute, moment.second, moment.fraction) = (hour, minute, second, fraction);
        zone(rest).then_some(moment)
    }
}

fn date(text: &str) -> Option<(Moment<'_>, &str)> {
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    let length = unsigned.bytes().take_while(u8::is_ascii_digit).count();
    // More than four digits only without leading zeros; eighteen always fit.
    if !(4..=18).contains(&length) || (length > 4 && unsigned.starts_with('0')) {
        return None;
    }
    let (digits, rest) = unsigned.split_at_checked(length)?;
    let year: i64 = digits.parse().ok()?;
    if year == 0 {
        return None;
    }
    let (month, rest) = two(rest.strip_prefix('-')?)?;
    let (day, rest) = two(rest.strip_prefix('-')?)?;
    // The calendar repeats after 400 years.
    let cycle = u16::try_from(year % 400).ok()?;
    if !(1..=12).contains(&month) || day == 0 || day > days_in_month(cycle, month) {
        return None;
    }
    let year = if unsigned.len() == text.len() { year } else { -year };
    Some((Moment { year, month, day, hour: 0, minute: 0, second: 0, fraction: "" }, rest))
}

fn two(text: &str) -> Option<(u8, &str)> {
    let (digits, rest) = text.split_at_checked(2)?;
    let number = digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| digits.parse().ok())??;
    Some((number, rest))
}

fn fraction(text: &str) -> Option<(&str, &str)> {
    let Some(rest) = text.strip_prefix('.') else { return Some(("", text)) };
    let length = rest.bytes().take_while(u8::is_ascii_digit).count();
    let (digits, rest) = rest.split_at_checked(length)?;
    (length > 0).then(|| (digits.trim_end_matches('0'), rest))
}

/// Nothing, `Z`, or `±hh:mm` up to 14:00.
fn zone(text: &str) -> bool {
    let Some(offset) = text.strip_prefix(['+', '-']) else { return text.is_empty() || text == "Z" };
    let Some((hours, rest)) = two(offset) else { return false };
    let Some((minutes, "")) = rest.strip_prefix(':').and_then(two) else { return false };
    minutes < 60 && (hours < 14 || (hours == 14 && minutes == 0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_follow_the_calendar() {
        for text in [
            "2024-02-29",
            "2000-02-29Z",
            "1999-12-31+03:00",
            "12024-01-01",
            "-0044-03-15",
            "2020-01-01-14:00",
        ] {
            assert!(Moment::read_date(text).is_some(), "{text}");
        }
        for text in [
            "2023-02-29",
            "1900-02-29",
            "2024-13-01",
            "0000-01-01",
            "024-01-01",
            "2024-1-1",
            "2024-01-01T",
            "2024-01-01+3",
            "2024-01-01+15:00",
            "02024-01-01",
            "",
            "31.12.2024",
        ] {
            assert!(Moment::read_date(text).is_none(), "{text}");
        }
    }

    #[test]
    fn times_need_seconds_and_may_have_fractions_and_a_zone() {
        for text in [
            "2024-01-31T23:59:59",
            "2024-01-31T00:00:00.5833905",
            "2024-01-31T10:00:00.0Z",
            "2024-01-31T10:00:00+05:30",
        ] {
            assert!(Moment::read_datetime(text).is_some(), "{text}");
        }
        for text in [
            "2024-01-31",
            "2024-01-31T10:00",
            "2024-01-31T25:00:00",
            "2024-01-31T10:60:00",
            "2024-01-31T10:00:60",
            "2024-01-31T10:00:00.",
            "2024-01-31 10:00:00",
            "2024-01-31T10:00:00z",
        ] {
            assert!(Moment::read_datetime(text).is_none(), "{text}");
        }
    }

    #[test]
    fn moments_compare_down_to_the_fraction() {
        let read = Moment::read_datetime;
        assert!(read("2100-12-31T23:59:59.997") > read("2100-12-31T23:59:59.99"));
        assert_eq!(read("2000-01-01T00:00:00.000"), read("2000-01-01T00:00:00"));
    }
}
