//! Errors about a text: what is wrong, where it stands, what stands there.

use crate::bilingual;
use crate::error::{Bilingual, Category, Code, Error};
use crate::value::event::{Position, ReadEvents};

/// How many characters of the text an error shows.
const SNIPPET: usize = 24;

/// A place in a text.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Place {
    /// Where it is.
    pub position: Position,
    /// The text that begins there, cut.
    pub near: String,
}

/// The beginning of a text, without control characters.
pub(crate) fn snippet(text: &str) -> String {
    let mut short: String = text
        .chars()
        .take(SNIPPET)
        .map(|character| if character.is_control() { ' ' } else { character })
        .collect();
    if text.chars().nth(SNIPPET).is_some() {
        short.push('…');
    }
    short
}

/// A text that breaks its format.
pub(crate) fn value_text(what: Bilingual, place: &Place, path: String) -> Error {
    let text = with_place(what, place.position, &path);
    let text = if place.near.is_empty() {
        text
    } else {
        Bilingual {
            ru: format!("{} Здесь: «{}».", text.ru, place.near),
            en: format!("{} Here: \"{}\".", text.en, place.near),
        }
    };
    let mut error = located(Error::new(Code::ValueText, text), place.position, path);
    if !place.near.is_empty() {
        error = error.with("near", place.near.as_str());
    }
    error
}

/// What to say of a text that ends too early.
pub(crate) fn cut_off() -> Bilingual {
    bilingual!(
        "Текст обрывается: передана только его часть.",
        "The text is cut off: only a part of it was given."
    )
}

/// Collections that stand too deep inside each other.
pub(crate) fn too_deep(limit: usize, position: Position, path: String) -> Error {
    let what = bilingual!(
        "Вложенность значений больше предела {limit}.",
        "Values are nested deeper than the limit of {limit}."
    );
    // A path of hundreds of steps tells nobody anything.
    let path: String = path.chars().take(120).collect();
    located(Error::new(Code::Limit, with_place(what, position, &path)), position, path)
}

/// What is wrong and where; the reader adds the path inside the data.
pub(crate) struct Broken {
    pub what: Bilingual,
    pub place: Place,
}

/// Why a token could not be read.
pub(crate) enum Problem {
    /// The text breaks the grammar.
    Broken(Box<Broken>),
    /// The source failed.
    Failed(Error),
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

/// Result of reading a token.
pub(crate) type Lexed<T> = std::result::Result<T, Problem>;

impl Problem {
    /// The error for the caller, with the path inside the data.
    pub fn into_error(self, path: impl FnOnce() -> String) -> Error {
        match self {
            Self::Broken(broken) => value_text(broken.what, &broken.place, path()),
            Self::Failed(error) => error,
        }
    }
}

/// Adds the place where `reader` stands to an error about a value that knows nothing of it; other errors stay.
pub fn at_reader(error: Error, reader: &(impl ReadEvents + ?Sized)) -> Error {
    let about_a_value = matches!(error.code(), Code::ValueText | Code::UnsupportedType | Code::Limit);
    if !about_a_value || error.detail("position").is_some() || error.category() == Category::Temporary {
        return error;
    }
    let (position, path) = (reader.position(), reader.path());
    let text = with_place(error.message().clone(), position, &path);
    let mut placed = Error::new(error.code(), text).with_category(error.category());
    for (key, value) in error.details() {
        placed = placed.with(key, value.clone());
    }
    located(placed, position, path)
}

fn with_place(what: Bilingual, position: Position, path: &str) -> Bilingual {
    let Position { line, column, .. } = position;
    let Bilingual { ru, en } = what;
    if path.is_empty() {
        bilingual!("{ru} Строка {line}, символ {column}.", "{en} Line {line}, character {column}.")
    } else {
        bilingual!(
            "{ru} Строка {line}, символ {column}, значение {path}.",
            "{en} Line {line}, character {column}, value {path}."
        )
    }
}

fn located(error: Error, position: Position, path: String) -> Error {
    let number = |value: u64| i64::try_from(value).unwrap_or(i64::MAX);
    let error = error
        .with("position", number(position.character))
        .with("line", number(position.line))
        .with("column", number(position.column));
    if path.is_empty() { error } else { error.with("path", path) }
}
