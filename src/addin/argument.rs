//! What comes in from BSL and what goes back.

use super::class::Kind;
use crate::bilingual;
use crate::error::{Code, Error, Result};
use crate::value::{DateTime, Event, Input, Output};
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

    /// The value for the model of 1C values.
    ///
    /// # Errors
    /// `argument` for what this interface does not carry.
    pub fn scalar(&self) -> Result<Scalar<'_>> {
        Ok(match self {
            Self::Omitted => Scalar::Undefined,
            Self::Boolean(value) => Scalar::Boolean(*value),
            Self::Integer(_) | Self::Real(_) => Scalar::Number(self.decimal()?),
            Self::Date(date) => Scalar::Date(*date),
            Self::Text(units) => Scalar::Text(String::from_utf16_lossy(units)),
            Self::Binary(bytes) => Scalar::Binary(bytes),
            Self::Foreign(_) => return Err(self.is_not(Kind::Any)),
        })
    }

    /// Structured text: a string, or the same as UTF-8 in `ДвоичныеДанные`.
    ///
    /// # Errors
    /// `argument` for any other kind.
    pub fn input(&self) -> Result<Input<'_>> {
        match self {
            Self::Text(units) => Ok(Input::units(units.as_ref())),
            Self::Binary(bytes) => Ok(Input::bytes(*bytes)),
            _ => Err(self.is_not(Kind::Structure)),
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

/// A plain value of BSL that owns its text, so that it can be seen as an event of the value model.
#[derive(Debug, Clone, PartialEq)]
pub enum Scalar<'a> {
    /// `Неопределено`, or left out.
    Undefined,
    /// `Булево`.
    Boolean(bool),
    /// `Число` as decimal text.
    Number(String),
    /// `Дата`.
    Date(DateTime),
    /// `Строка`.
    Text(String),
    /// `ДвоичныеДанные`.
    Binary(&'a [u8]),
}

impl Scalar<'_> {
    /// The value as an event.
    pub fn event(&self) -> Event<'_> {
        match self {
            Self::Undefined => Event::Undefined,
            Self::Boolean(value) => Event::Boolean(*value),
            Self::Number(text) => Event::Number(text),
            Self::Date(date) => Event::Date(*date),
            Self::Text(text) => Event::Text(text),
            Self::Binary(bytes) => Event::Binary(bytes),
        }
    }
}

/// A result of a method or the value of a property.
#[derive(Debug, Default)]
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
    /// A long `Строка` in pieces, which are given back while the host's copy grows.
    Output(Box<Output>),
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

impl From<Duration> for Value {
    /// Seconds, whole ones as an integer.
    fn from(duration: Duration) -> Self {
        if duration.subsec_nanos() == 0 {
            Self::count(duration.as_secs())
        } else {
            Self::Real(duration.as_secs_f64())
        }
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
