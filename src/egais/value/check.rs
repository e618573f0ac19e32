//! A text against a value type: the first limit it breaks.

use super::base64::is_base64;
use super::{Decimal, Moment};
use crate::bilingual;
use crate::egais::model::{Bound, Primitive, Value};
use crate::error::Bilingual;
use std::borrow::Cow;
use std::cmp::Ordering;

/// A broken limit: the name of its rule, and what is allowed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// `xsd.` and the name that XSD gives to the limit: `xsd.pattern`, `xsd.maxLength`, `xsd.type`, …
    pub rule: &'static str,
    /// What is allowed, as the end of a sentence: "ожидается …".
    pub wanted: Bilingual,
}

/// Checks `text`, as it stands in the document, against a type.
///
/// # Errors
/// The first limit that is broken, the form of the primitive type before its narrowing.
pub fn check(kind: &Value, text: &str) -> Result<(), Box<Fault>> {
    if kind.primitive == Primitive::Text {
        return check_text(kind, text);
    }
    let text = &*collapse(text);
    match kind.primitive {
        Primitive::Text => {}
        Primitive::Decimal | Primitive::Integer | Primitive::PositiveInteger => {
            return check_number(kind, text);
        }
        Primitive::Date | Primitive::DateTime => return check_moment(kind, text),
        Primitive::Boolean if !matches!(text, "true" | "false" | "1" | "0") => {
            return fault("xsd.type", bilingual!("true или false", "true or false"));
        }
        Primitive::Base64 if !is_base64(text) => {
            return fault("xsd.type", bilingual!("двоичные данные в Base64", "binary data in base64"));
        }
        Primitive::Boolean | Primitive::Base64 => {}
    }
    check_patterns(kind, text)
}

/// The text without blanks at its ends and with single blanks inside: what XSD sees of a value that is not a string.
pub fn collapse(text: &str) -> Cow<'_, str> {
    let blank = |sign: char| matches!(sign, ' ' | '\t' | '\r' | '\n');
    let trimmed = text.trim_matches(blank);
    if !trimmed.contains(blank) {
        return Cow::Borrowed(trimmed);
    }
    Cow::Owned(trimmed.split(blank).filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" "))
}

#[cold]
fn fault(rule: &'static str, wanted: Bilingual) -> Result<(), Box<Fault>> {
    Err(Box::new(Fault { rule, wanted }))
}

#[inline]
fn check_text(kind: &Value, text: &str) -> Result<(), Box<Fault>> {
    if !kind.enumeration.is_empty() && !kind.enumeration.contains(&text) {
        return fault("xsd.enumeration", one_of(kind.enumeration));
    }
    // A character takes one to four bytes, so counting is seldom needed.
    let bytes = text.len() as u64;
    if bytes > u64::from(kind.max_length) || bytes < u64::from(kind.min_length) * 4 {
        check_length(kind, text)?;
    }
    check_patterns(kind, text)
}

fn check_length(kind: &Value, text: &str) -> Result<(), Box<Fault>> {
    let length = if text.is_ascii() { text.len() } else { text.chars().count() } as u64;
    let (min, max) = (kind.min_length, kind.max_length);
    if (u64::from(min)..=u64::from(max)).contains(&length) {
        return Ok(());
    }
    if min == max {
        return fault("xsd.length", bilingual!("ровно {min} знаков", "exactly {min} characters"));
    }
    if length > u64::from(max) {
        return fault(
            "xsd.maxLength",
            bilingual!("не более {max} знаков, а их {length}", "at most {max} characters, not {length}"),
        );
    }
    fault(
        "xsd.minLength",
        match kind.patterns.first().filter(|_| min == 1) {
            Some(pattern) => pattern.wanted(),
            None => bilingual!("не менее {min} знаков", "at least {min} characters"),
        },
    )
}

fn check_patterns(kind: &Value, text: &str) -> Result<(), Box<Fault>> {
    match kind.patterns.iter().find(|pattern| !pattern.matches(text)) {
        Some(pattern) => fault("xsd.pattern", pattern.wanted()),
        None => Ok(()),
    }
}

fn check_number(kind: &Value, text: &str) -> Result<(), Box<Fault>> {
    let number = match kind.primitive {
        Primitive::Decimal => Decimal::read(text),
        _ => Decimal::read_integer(text),
    };
    let Some(number) = number else {
        return fault(
            "xsd.type",
            match kind.primitive {
                Primitive::Decimal => bilingual!("число, например 12.5", "a number, such as 12.5"),
                _ => bilingual!("целое число", "a whole number"),
            },
        );
    };
    if kind.primitive == Primitive::PositiveInteger && number < Decimal::ONE {
        return fault("xsd.minInclusive", bilingual!("целое число от 1", "a whole number from 1"));
    }
    if !kind.enumeration.is_empty()
        && !kind.enumeration.iter().any(|value| Decimal::read(value) == Some(number))
    {
        return fault("xsd.enumeration", one_of(kind.enumeration));
    }
    if let Some(digits) =
        kind.fraction_digits.filter(|digits| number.fraction_digits() > usize::from(*digits))
    {
        return fault(
            "xsd.fractionDigits",
            bilingual!("не более {digits} знаков после точки", "at most {digits} digits after the point"),
        );
    }
    check_bounds(kind, |bound| Decimal::read(bound).map(|bound| number.cmp(&bound)))?;
    check_patterns(kind, text)
}

fn check_moment(kind: &Value, text: &str) -> Result<(), Box<Fault>> {
    let Some(moment) = read_moment(kind.primitive, text) else {
        return fault(
            "xsd.type",
            match kind.patterns.first() {
                Some(pattern) => pattern.wanted(),
                None if kind.primitive == Primitive::Date => {
                    bilingual!("дата ГГГГ-ММ-ДД", "a date YYYY-MM-DD")
                }
                None => bilingual!("дата и время ГГГГ-ММ-ДДTчч:мм:сс", "a date and time YYYY-MM-DDThh:mm:ss"),
            },
        );
    };
    check_patterns(kind, text)?;
    check_bounds(kind, |bound| read_moment(kind.primitive, bound).map(|bound| moment.cmp(&bound)))
}

fn read_moment(primitive: Primitive, text: &str) -> Option<Moment<'_>> {
    if primitive == Primitive::Date { Moment::read_date(text) } else { Moment::read_datetime(text) }
}

fn check_bounds(kind: &Value, compare: impl Fn(&str) -> Option<Ordering>) -> Result<(), Box<Fault>> {
    let broken = |bound: &Bound, wrong: Ordering| {
        compare(bound.value)
            .is_some_and(|order| order == wrong || (order == Ordering::Equal && !bound.inclusive))
    };
    if let Some(bound) = kind.lower.as_ref().filter(|bound| broken(bound, Ordering::Less)) {
        let value = bound.value;
        return if bound.inclusive {
            fault("xsd.minInclusive", bilingual!("не меньше {value}", "not less than {value}"))
        } else {
            fault("xsd.minExclusive", bilingual!("больше {value}", "greater than {value}"))
        };
    }
    if let Some(bound) = kind.upper.as_ref().filter(|bound| broken(bound, Ordering::Greater)) {
        let value = bound.value;
        return if bound.inclusive {
            fault("xsd.maxInclusive", bilingual!("не больше {value}", "not greater than {value}"))
        } else {
            fault("xsd.maxExclusive", bilingual!("меньше {value}", "less than {value}"))
        };
    }
    Ok(())
}

/// "одно из значений: …", cut where lists are long.
fn one_of(values: &[&str]) -> Bilingual {
    const SHOWN: usize = 12;
    let mut list = values.iter().take(SHOWN).map(|value| format!("«{value}»")).collect::<Vec<_>>().join(", ");
    if values.len() > SHOWN {
        list.push_str(", …");
    }
    bilingual!("одно из значений: {list}", "one of: {list}")
}
