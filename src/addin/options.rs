//! Options of a call: a JSON object whose names are Russian or English, in any letter case.

use super::argument::Argument;
use crate::bilingual;
use crate::error::{Code, Error, Result};
use crate::nearest::nearest;
use crate::value::{JsonSettings, JsonWriter, open, pump};
use serde_json::Value as Json;

/// Options that were given. Each is taken by its two names; what nobody took is unknown.
#[derive(Debug, Default)]
pub struct Options {
    given: Vec<(String, Json)>,
    known: Vec<(&'static str, &'static str)>,
}

impl Options {
    /// Reads options from an argument; left out or empty gives none.
    ///
    /// # Errors
    /// `value_text` for text that is not JSON, `argument` for JSON that is not an object.
    pub fn read(argument: &Argument<'_>) -> Result<Self> {
        if matches!(argument, Argument::Omitted) || argument.text().is_ok_and(|text| text.trim().is_empty()) {
            return Ok(Self::default());
        }
        Self::from_json(structured(argument)?)
    }

    /// Options from an object.
    ///
    /// # Errors
    /// `argument` for anything else.
    pub fn from_json(json: Json) -> Result<Self> {
        match json {
            Json::Object(members) => Ok(Self { given: members.into_iter().collect(), known: Vec::new() }),
            _ => Err(not_an_object()),
        }
    }

    /// Takes the option called `ru` or `en`.
    pub fn take(&mut self, ru: &'static str, en: &'static str) -> Option<Json> {
        self.known.push((ru, en));
        let position = self.given.iter().position(|(name, _)| same_name(name, ru) || same_name(name, en))?;
        Some(self.given.remove(position).1)
    }

    /// Takes an option that is a text.
    ///
    /// # Errors
    /// `argument` for anything that is no text.
    pub fn take_text(&mut self, ru: &'static str, en: &'static str) -> Result<Option<String>> {
        self.take(ru, en)
            .map(|value| Argument::from(&value).text().map_err(|error| about(error, ru, en)))
            .transpose()
    }

    /// Takes an option that is true or false.
    ///
    /// # Errors
    /// `argument` for anything else.
    pub fn take_flag(&mut self, ru: &'static str, en: &'static str) -> Result<Option<bool>> {
        self.take(ru, en)
            .map(|value| Argument::from(&value).boolean().map_err(|error| about(error, ru, en)))
            .transpose()
    }

    /// All options with their names, for a caller that knows its own table of names.
    pub fn into_members(self) -> Vec<(String, Json)> {
        self.given
    }

    /// Says that all options have been taken.
    ///
    /// # Errors
    /// `argument` for one that nobody took; the text suggests the nearest known name.
    pub fn finish(self) -> Result<()> {
        match self.given.first() {
            None => Ok(()),
            Some((name, _)) => Err(unknown(name, self.known.iter().flat_map(|(ru, en)| [*ru, *en]))),
        }
    }
}

/// More characters of a wrong name are neither compared nor shown.
const LONGEST_NAME: usize = 100;

/// Says of an error which option it is about.
fn about(error: Error, ru: &'static str, en: &'static str) -> Error {
    error.prefixed(&bilingual!("{ru}: ", "{en}: ")).with("parameter", ru)
}

/// The error of an unknown option or property, with the nearest of the known names.
pub(super) fn unknown<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> Error {
    // A whole document given as a name would make the search for the nearest endless and the error enormous.
    let shown: String = name.chars().take(LONGEST_NAME).collect();
    let name = shown.as_str();
    let error = |ru: String, en: String| {
        Error::new(
            Code::Argument,
            bilingual!("Параметр «{name}» не известен.{ru}", "The option “{name}” is unknown.{en}"),
        )
        .with("parameter", name)
    };
    match nearest(name, known) {
        Some(near) => error(format!(" Возможно, «{near}»?"), format!(" Did you mean “{near}”?")),
        None => error(String::new(), String::new()),
    }
}

/// True if two names are equal without regard to case.
pub(super) fn same_name(left: &str, right: &str) -> bool {
    let folded = |text: &str| text.encode_utf16().map(super::fold).collect::<Vec<_>>();
    left.len() == right.len() && folded(left) == folded(right)
}

fn not_an_object() -> Error {
    Error::new(
        Code::Argument,
        bilingual!(
            "Параметры передаются строкой JSON с объектом, например {{\"Таймаут\": 30}}.",
            "Options are a JSON text with an object, such as {{\"Timeout\": 30}}."
        ),
    )
}

/// Structured data in any of its forms as JSON; for small data such as options and lists of requests.
///
/// # Errors
/// `argument` for a value that holds no text, `value_text` for a text that cannot be read.
pub(super) fn structured(argument: &Argument<'_>) -> Result<Json> {
    let mut writer = JsonWriter::new(String::new(), JsonSettings::default());
    pump(&mut open(argument.input()?, None)?, &mut writer)?;
    serde_json::from_str(&writer.into_sink()).map_err(|_| not_an_object())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::borrow::Cow;

    fn options(text: &str) -> Result<Options> {
        Options::read(&Argument::Text(Cow::Owned(text.encode_utf16().collect())))
    }

    #[test]
    fn names_are_taken_in_either_language_and_any_case() -> Result<()> {
        let mut options = options(r#"{"ТАЙМАУТ": 5, "verifyssl": false}"#)?;
        assert_eq!(options.take("Таймаут", "Timeout"), Some(5.into()));
        assert_eq!(options.take("ПроверятьSSL", "VerifySsl"), Some(false.into()));
        options.finish()
    }

    #[test]
    fn an_unknown_option_suggests_the_nearest() -> Result<()> {
        let mut options = options(r#"{"Тайм-аут": 5}"#)?;
        assert_eq!(options.take("Таймаут", "Timeout"), None);
        let error = options.finish().err();
        assert!(error.is_some_and(|error| error.message().ru.contains("«Таймаут»")));
        Ok(())
    }

    #[test]
    fn something_else_than_an_object_is_refused() {
        for text in ["[1]", "5", "{"] {
            assert!(options(text).is_err(), "{text}");
        }
    }
}
