//! What comes in from BSL and what goes back.

use super::class::Kind;
use crate::bilingual;
use crate::error::{Code, Error, Result};
use crate::value::DateTime;
use std::borrow::Cow;
use std::ops::RangeInclusive;
use std::time::Duration;

/// An argument, or the new value of a property, as the host gave it.
#[derive(Debug, Clone, PartialEq)]
pub enum Argument<'a> {
    /// `Неопределено`, `NULL`, or not given at all.
    Omitted,
    /// `Булево`.
    Boolean(bool),
    /// A whole number.
    Integer(i64),
    /// A number with a fraction, finite.
    Real(f64),
    /// `Дата`.
    Date(DateTime),
    /// `Строка`: UTF-16, perhaps with lone surrogates, not terminated.
    Text(Cow<'a, [u16]>),
    /// `ДвоичныеДанные`.
    Binary(&'a [u8]),
    /// Something that this interface does not carry: a type code, a date that no calendar has, NaN.
    Foreign(u16),
}

impl Argument<'_> {
    /// The name of the kind in Russian and English, for messages.
    pub fn kind_names(&self) -> (&'static str, &'static str) {
        match self {
            Self::Omitted => ("Неопределено", "Undefined"),
            Self::Boolean(_) => ("Булево", "Boolean"),
            Self::Integer(_) | Self::Real(_) => ("Число", "Number"),
            Self::Date(_) => ("Дата", "Date"),
            Self::Text(_) => ("Строка", "String"),
            Self::Binary(_) => ("ДвоичныеДанные", "BinaryData"),
            Self::Foreign(_) => ("неизвестный тип", "an unknown type"),
        }
    }

    /// A text; a number gives its decimal text; lone surrogates become U+FFFD.
    ///
    /// # Errors
    /// `argument` for any other kind.
    pub fn text(&self) -> Result<String> {
        match self {
            Self::Text(units) => Ok(String::from_utf16_lossy(units)),
            Self::Integer(_) | Self::Real(_) => self.decimal(),
            _ => Err(self.is_not(Kind::Text)),
        }
    }

    /// A whole number within `range`, from a number or from a text that holds one.
    ///
    /// # Errors
    /// `argument` for any other kind and outside the range.
    pub fn integer(&self, range: RangeInclusive<i64>) -> Result<i64> {
        let value = match self {
            Self::Integer(value) => Some(*value),
            Self::Text(units) => String::from_utf16_lossy(units).trim().parse().ok(),
            _ => None,
        };
        let value = value.ok_or_else(|| self.is_not(Kind::Integer))?;
        if range.contains(&value) {
            return Ok(value);
        }
        let (low, high) = (range.start(), range.end());
        Err(Error::new(
            Code::Argument,
            bilingual!(
                "значение {value} вне допустимого, оно должно быть от {low} до {high}.",
                "the value {value} is not allowed, it must be from {low} to {high}."
            ),
        ))
    }

    /// A truth value; 0 and 1 are accepted.
    ///
    /// # Errors
    /// `argument` for any other kind.
    pub fn boolean(&self) -> Result<bool> {
        match self {
            Self::Boolean(value) => Ok(*value),
            Self::Integer(0) => Ok(false),
            Self::Integer(1) => Ok(true),
            _ => Err(self.is_not(Kind::Boolean)),
        }
    }

    /// A number as decimal text without exponent: whole numbers as they are, fractions in the shortest form
    /// that gives the same double. A text is given back as it is, for its reader to judge.
    ///
    /// # Errors
    /// `argument` for any other kind.
    pub fn decimal(&self) -> Result<String> {
        match self {
            Self::Integer(value) => Ok(value.to_string()),
            Self::Real(value) => Ok(value.to_string()),
            Self::Text(units) => Ok(String::from_utf16_lossy(units)),
            _ => Err(self.is_not(Kind::Number)),
        }
    }

    /// Seconds, not negative, perhaps with a fraction, at most a day.
    ///
    /// # Errors
    /// `argument` for any other kind and outside the range.
    pub fn seconds(&self) -> Result<Duration> {
        const DAY: f64 = 86_400.0;
        let seconds = self.decimal()?.trim().replace(',', ".").parse::<f64>();
        let seconds = seconds.map_err(|_| self.is_not(Kind::Number))?;
        match Duration::try_from_secs_f64(seconds) {
            Ok(duration) if seconds <= DAY => Ok(duration),
            _ => Err(Error::new(
                Code::Argument,
                bilingual!(
                    "значение {seconds} вне допустимого, нужны секунды от 0 до {DAY}.",
                    "the value {seconds} is not allowed, seconds from 0 to {DAY} are needed."
                ),
            )),
        }
    }

    /// The error of an argument of the wrong kind.
    pub fn is_not(&self, expected: Kind) -> Error {
        let (expected_ru, expected_en) = expected.names();
        let (given_ru, given_en) = self.kind_names();
        Error::new(
            Code::Argument,
            bilingual!(
                "ожидается {expected_ru}, передано {given_ru}.",
                "{expected_en} is expected, {given_en} was given."
            ),
        )
    }
}

/// A result of a method or the value of a property.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Value {
    /// `Неопределено`.
    #[default]
    Undefined,
    /// `Булево`.
    Boolean(bool),
    /// A whole number of 32 bits, which 1C reads exactly.
    Integer(i32),
    /// Any other number. Amounts travel as text instead: a double would round them.
    Real(f64),
    /// `Строка`.
    Text(String),
    /// `Дата`.
    Date(DateTime),
    /// `ДвоичныеДанные`.
    Binary(Vec<u8>),
}

impl Value {
    /// A count: exact as an integer while it fits, as a double up to 2^53.
    pub fn count(number: u64) -> Self {
        i32::try_from(number).map_or(Self::Real(number as f64), Self::Integer)
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Self::Boolean(value)
    }
}

impl From<()> for Value {
    fn from((): ()) -> Self {
        Self::Undefined
    }
}

impl From<&serde_json::Value> for Argument<'static> {
    /// Lets a property be set from options: nested data arrives as its JSON text.
    fn from(value: &serde_json::Value) -> Self {
        let text = |text: &str| Self::Text(Cow::Owned(text.encode_utf16().collect()));
        match value {
            serde_json::Value::Null => Self::Omitted,
            serde_json::Value::Bool(value) => Self::Boolean(*value),
            serde_json::Value::Number(number) => match number.as_i64() {
                Some(whole) => Self::Integer(whole),
                // The decimal text itself: nothing is lost on the way.
                None => text(&number.to_string()),
            },
            serde_json::Value::String(value) => text(value),
            nested => text(&nested.to_string()),
        }
    }
}
