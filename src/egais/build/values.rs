//! Values of the data into texts of the document.

use super::dates;
use crate::egais::bytes::is_plain;
use crate::egais::model::{Primitive, Value};
use crate::egais::value::{Decimal, Pattern, check};
use crate::value::{DateTime, Event};
use std::borrow::Cow;

/// What an event gives for an element with a value.
#[derive(Debug, PartialEq, Eq)]
pub enum Given<'e> {
    /// A text.
    Text(Cow<'e, str>),
    /// Nothing: `Неопределено`, `NULL`, the empty date.
    Nothing,
    /// Not a plain value.
    NotPlain,
}

/// Whether a text is valid, and is written, as it stands: [`normalized`] would give it back, and it needs no escape.
#[inline]
pub fn is_ready(kind: &Value, text: &str) -> bool {
    let edges = match text.as_bytes() {
        [] => false,
        [only] => *only != b' ',
        [first, .., last] => *first != b' ' && *last != b' ',
    };
    edges && kind.primitive != Primitive::Base64 && is_plain(text) && check(kind, text).is_ok()
}

/// The text that an event gives for a type; `None` as type means any.
#[inline]
pub fn given<'e>(kind: Option<&Value>, event: &Event<'e>) -> Given<'e> {
    let text: Cow<'e, str> = match *event {
        Event::Text(text) => return Given::Text(normalized(kind, text)),
        Event::Number(number) => return Given::Text(normalized(kind, number)),
        Event::Undefined | Event::Null => return Given::Nothing,
        Event::Date(DateTime::EMPTY) => return Given::Nothing,
        Event::Date(date) => {
            kind.and_then(|kind| dates::write(kind, date)).unwrap_or_else(|| date.to_string()).into()
        }
        Event::Boolean(true) => "true".into(),
        Event::Boolean(false) => "false".into(),
        Event::Uuid(uuid) => uuid.to_string().into(),
        Event::Reference(reference) => reference.uuid.to_string().into(),
        Event::Binary(bytes) if kind.is_some_and(|kind| kind.primitive == Primitive::Base64) => {
            use base64::Engine as _;
            base64::engine::general_purpose::STANDARD.encode(bytes).into()
        }
        _ => return Given::NotPlain,
    };
    Given::Text(text)
}

/// A text as the type wants it, where its meaning is beyond doubt; otherwise only trimmed.
#[inline]
fn normalized<'e>(kind: Option<&Value>, text: &'e str) -> Cow<'e, str> {
    let whole = text;
    let text = trimmed(text);
    let Some(kind) = kind else { return text.into() };
    match kind.primitive {
        Primitive::Text if whole.len() > text.len() && keeps_blanks(kind, whole, text) => whole.into(),
        Primitive::Text => match kind.patterns.first() {
            Some(Pattern::NonEmpty) if memchr::memchr2(b'\r', b'\n', text.as_bytes()).is_some() => {
                one_line(text).into()
            }
            Some(Pattern::ChequeDatetime) if !Pattern::ChequeDatetime.matches(text) => {
                dates::convert(kind, text).map_or(Cow::Borrowed(text), Cow::Owned)
            }
            Some(Pattern::ChequePrice) if !Pattern::ChequePrice.matches(text) => price(text),
            Some(Pattern::ChequeVolume) if !Pattern::ChequeVolume.matches(text) => number(kind, text),
            _ => text.into(),
        },
        Primitive::Decimal | Primitive::Integer | Primitive::PositiveInteger => number(kind, text),
        Primitive::Date | Primitive::DateTime => date(kind, text),
        Primitive::Boolean => boolean(text).into(),
        Primitive::Base64 => match text.contains(['\r', '\n', '\t', ' ']) {
            true => text.split_ascii_whitespace().collect::<String>().into(),
            false => text.into(),
        },
    }
}

/// Without the blanks of XML at both ends.
#[inline]
fn trimmed(text: &str) -> &str {
    match text.as_bytes() {
        // Mostly there are none.
        [first, .., last] if *first > b' ' && *last > b' ' => text,
        _ => text.trim_matches([' ', '\t', '\r', '\n']),
    }
}

/// A text of several lines is laid out by its writer, and an exact length may count its blanks: where the type allows
/// it, such a text stays as it is.
#[cold]
fn keeps_blanks(kind: &Value, whole: &str, trimmed: &str) -> bool {
    let laid_out = kind.patterns.is_empty() && whole.contains('\n');
    (laid_out || check(kind, trimmed).is_err()) && check(kind, whole).is_ok()
}

/// Line breaks fail the schema's pattern of a non-empty text.
fn one_line(text: &str) -> String {
    text.split(['\r', '\n']).filter(|line| !line.is_empty()).collect::<Vec<_>>().join(" ")
}

/// Numbers are also written `1 234,50`, and whole ones `5.0`.
fn number<'e>(kind: &Value, text: &'e str) -> Cow<'e, str> {
    let whole = matches!(kind.primitive, Primitive::Integer | Primitive::PositiveInteger);
    match Decimal::read(text) {
        Some(number) if whole && text.contains('.') && number.is_whole() => number.canonical().into(),
        Some(_) => text.into(),
        None => {
            let plain = plain_number(text);
            match Decimal::read(&plain) {
                Some(number) if whole && number.is_whole() => number.canonical().into(),
                Some(_) => plain.into(),
                None => text.into(),
            }
        }
    }
}

/// Without blanks between groups of digits, and with a point.
fn plain_number(text: &str) -> String {
    let blank = |sign: &char| matches!(sign, ' ' | '\u{a0}' | '\u{202f}');
    text.chars().filter(|sign| !blank(sign)).map(|sign| if sign == ',' { '.' } else { sign }).collect()
}

/// The price of a cheque demands a point: `81` is `81.00`.
fn price(text: &str) -> Cow<'_, str> {
    let plain = plain_number(text);
    match Decimal::read(&plain) {
        Some(number) if number.is_whole() => format!("{}.00", number.canonical()).into(),
        Some(number) if number.fraction_digits() <= 2 => number.canonical().into(),
        _ => text.into(),
    }
}

fn date<'e>(kind: &Value, text: &'e str) -> Cow<'e, str> {
    if check(kind, text).is_ok() {
        return text.into();
    }
    dates::convert(kind, text).map_or(Cow::Borrowed(text), Cow::Owned)
}

fn boolean(text: &str) -> &str {
    let is = |words: [&str; 3]| words.iter().any(|word| text.to_lowercase() == *word);
    if is(["true", "истина", "да"]) {
        "true"
    } else if is(["false", "ложь", "нет"]) {
        "false"
    } else {
        text
    }
}
