//! Dates as people and 1C write them, into the form that a type demands.

use crate::egais::model::{Primitive, Value};
use crate::egais::value::Pattern;
use crate::value::DateTime;

/// A date read from a text.
#[derive(Debug, PartialEq, Eq)]
struct Read<'a> {
    date: DateTime,
    /// Digits after the point of the seconds, as written.
    fraction: &'a str,
    zone: Zone<'a>,
}

/// What a text says of the zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Zone<'a> {
    /// Nothing: local time.
    None,
    /// `Z`: the local time cannot be known from it.
    Utc,
    /// `+03:00`: the digits before it are local time.
    Offset(&'a str),
}

/// The text of `date` as the type wants it; `None` if the type is not a date.
pub fn write(kind: &Value, date: DateTime) -> Option<String> {
    written(kind, &Read { date, fraction: "", zone: Zone::None })
}

/// A text that some usual form of a date explains, as the type wants it. `None` if the type is not a date, the text
/// is none, or its local time cannot be known.
pub fn convert(kind: &Value, text: &str) -> Option<String> {
    if !wants_date(kind) {
        return None;
    }
    written(kind, &read(text.trim())?)
}

/// Whether values of this type are dates.
fn wants_date(kind: &Value) -> bool {
    matches!(kind.primitive, Primitive::Date | Primitive::DateTime)
        || kind.patterns.contains(&Pattern::ChequeDatetime)
}

fn written(kind: &Value, read: &Read<'_>) -> Option<String> {
    let Read { date, fraction, zone } = read;
    let local =
        kind.patterns.iter().any(|pattern| matches!(pattern, Pattern::LocalDate | Pattern::LocalDatetime));
    let (year, month, day) = (date.year(), date.month(), date.day());
    match kind.primitive {
        // Midnight in another zone may be another day: only the writer knows.
        Primitive::Date if *zone == Zone::Utc && has_time(*date) => None,
        Primitive::Date => Some(format!("{year:04}-{month:02}-{day:02}")),
        Primitive::DateTime if local && *zone == Zone::Utc => None,
        Primitive::DateTime => {
            let point = if fraction.is_empty() { "" } else { "." };
            let zone = match zone {
                Zone::None => "",
                _ if local => "",
                Zone::Utc => "Z",
                Zone::Offset(offset) => offset,
            };
            Some(format!("{date}{point}{fraction}{zone}"))
        }
        Primitive::Text if kind.patterns.contains(&Pattern::ChequeDatetime) && *zone != Zone::Utc => {
            Some(format!("{day:02}{month:02}{:02}{:02}{:02}", year % 100, date.hour(), date.minute()))
        }
        _ => None,
    }
}

fn has_time(date: DateTime) -> bool {
    date.hour() > 0 || date.minute() > 0 || date.second() > 0
}

/// `2024-01-31`, `2024-01-31T10:20:30.5+03:00`, `31.01.2024 10:20`, `20240131`, `20240131102030`.
fn read(text: &str) -> Option<Read<'_>> {
    if text.bytes().all(|byte| byte.is_ascii_digit()) {
        return compact(text);
    }
    let (year, month, day, rest) = if text.get(4..5) == Some("-") {
        let (year, rest) = number(text, 4, 4)?;
        let (month, rest) = number(rest.strip_prefix('-')?, 1, 2)?;
        let (day, rest) = number(rest.strip_prefix('-')?, 1, 2)?;
        (year, month, day, rest)
    } else {
        let (day, rest) = number(text, 1, 2)?;
        let (month, rest) = number(rest.strip_prefix('.')?, 1, 2)?;
        let year = rest.strip_prefix('.')?;
        let (year, rest) = match number(year, 4, 4) {
            Some(found) => found,
            None => number(year, 2, 2).map(|(year, rest)| (2000 + year, rest))?,
        };
        (year, month, day, rest)
    };
    let parts = (year, month, day);
    let Some(time) = rest.strip_prefix(['T', 't', ' ']).map(str::trim_start) else {
        return Some(Read { date: date(parts, (0, 0, 0))?, fraction: "", zone: zone(rest)? });
    };
    let (hour, rest) = number(time, 1, 2)?;
    let (minute, rest) = number(rest.strip_prefix(':')?, 2, 2)?;
    let (second, rest) = match rest.strip_prefix(':') {
        Some(rest) => number(rest, 2, 2)?,
        None => (0, rest),
    };
    let (fraction, rest) = match rest.strip_prefix(['.', ',']) {
        Some(rest) => rest.split_at(rest.bytes().take_while(u8::is_ascii_digit).count()),
        None => ("", rest),
    };
    Some(Read { date: date(parts, (hour, minute, second))?, fraction, zone: zone(rest.trim())? })
}

fn compact(text: &str) -> Option<Read<'_>> {
    let part = |range: std::ops::Range<usize>| text.get(range).and_then(|digits| digits.parse::<u16>().ok());
    let time = match text.len() {
        8 => (0, 0, 0),
        14 => (part(8..10)?, part(10..12)?, part(12..14)?),
        _ => return None,
    };
    let date = date((part(0..4)?, part(4..6)?, part(6..8)?), time)?;
    Some(Read { date, fraction: "", zone: Zone::None })
}

fn date((year, month, day): (u16, u16, u16), (hour, minute, second): (u16, u16, u16)) -> Option<DateTime> {
    let small = |number: u16| u8::try_from(number).ok();
    DateTime::new(year, small(month)?, small(day)?, small(hour)?, small(minute)?, small(second)?)
}

/// From `least` to `most` digits at the beginning.
fn number(text: &str, least: usize, most: usize) -> Option<(u16, &str)> {
    let length = text.bytes().take(most).take_while(u8::is_ascii_digit).count();
    let (digits, rest) = text.split_at_checked(length)?;
    (length >= least).then(|| digits.parse().ok())?.map(|number| (number, rest))
}

fn zone(text: &str) -> Option<Zone<'_>> {
    match text.as_bytes() {
        [] => Some(Zone::None),
        b"Z" | b"z" => Some(Zone::Utc),
        [b'+' | b'-', b'0'..=b'9', b'0'..=b'9', b':', b'0'..=b'5', b'0'..=b'9'] => Some(Zone::Offset(text)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(primitive: Primitive, patterns: &'static [Pattern]) -> Value {
        Value {
            name: "",
            primitive,
            min_length: 0,
            max_length: u32::MAX,
            patterns,
            enumeration: &[],
            lower: None,
            upper: None,
            fraction_digits: None,
        }
    }

    #[test]
    fn usual_forms_become_the_form_of_the_type() {
        let day = kind(Primitive::Date, &[Pattern::LocalDate]);
        let local = kind(Primitive::DateTime, &[Pattern::LocalDatetime]);
        let zoned = kind(Primitive::DateTime, &[]);
        let cheque = kind(Primitive::Text, &[Pattern::ChequeDatetime]);
        for (kind, text, expected) in [
            (&day, "31.01.2024", "2024-01-31"),
            (&day, "1.2.24", "2024-02-01"),
            (&day, "2024-01-31T10:20:30", "2024-01-31"),
            (&day, "20240131", "2024-01-31"),
            (&local, "31.01.2024 9:05:07", "2024-01-31T09:05:07"),
            (&local, "31.01.2024 9:05", "2024-01-31T09:05:00"),
            (&local, "20240131235959", "2024-01-31T23:59:59"),
            (&local, "2024-01-31", "2024-01-31T00:00:00"),
            (&local, "2024-01-31T10:20:30.5833905+03:00", "2024-01-31T10:20:30.5833905"),
            (&zoned, "2024-01-31 10:20:30Z", "2024-01-31T10:20:30Z"),
            (&zoned, "2024-01-31T10:20:30+03:00", "2024-01-31T10:20:30+03:00"),
            (&cheque, "2024-12-31T18:05:44", "3112241805"),
        ] {
            assert_eq!(convert(kind, text).as_deref(), Some(expected), "{text}");
        }
    }

    #[test]
    fn a_time_whose_local_form_is_unknown_is_not_guessed() {
        let local = kind(Primitive::DateTime, &[Pattern::LocalDatetime]);
        let day = kind(Primitive::Date, &[Pattern::LocalDate]);
        for (kind, text) in [
            (&local, "2024-01-31T21:00:00Z"),
            (&day, "2024-01-31T21:00:00Z"),
            (&day, "31.02.2024"),
            (&day, "вчера"),
            (&day, "2024-01-31T"),
            (&day, ""),
        ] {
            assert_eq!(convert(kind, text), None, "{text}");
        }
    }
}
