//! The one error type: a stable code, a category, a text in Russian and in English, and facts that help.
//!
//! Every room returns [`Error`]; `classes` hands it to BSL as text (`ОписаниеОшибки`) and as JSON
//! (`ПоследняяОшибка`). A text says what was wrong, where, and what to do. Secrets never enter it:
//! whoever builds an error from a request or an answer passes it through [`crate::journal::Redactor`] first.

mod advice;

use std::fmt;

/// Shorthand for results of the whole library.
pub type Result<T> = std::result::Result<T, Error>;

/// The language of messages shown to the user.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Language {
    /// Russian, the default: 1C's users speak it.
    #[default]
    Russian,
    /// English.
    English,
}

impl Language {
    /// Reads a language code as 1C gives it: `ru`, `en`, `rus_RUS`, `ru_RU`, `en_US`.
    /// Anything that is neither Russian nor English gives `None`.
    pub fn from_code(code: &str) -> Option<Self> {
        let lower = code.trim().to_lowercase();
        if lower.starts_with("ru") {
            Some(Self::Russian)
        } else if lower.starts_with("en") {
            Some(Self::English)
        } else {
            None
        }
    }

    /// The text of this language.
    pub fn choose<'a>(self, ru: &'a str, en: &'a str) -> &'a str {
        match self {
            Self::Russian => ru,
            Self::English => en,
        }
    }

    /// `ru` or `en`.
    pub fn code(self) -> &'static str {
        match self {
            Self::Russian => "ru",
            Self::English => "en",
        }
    }
}

/// One text in both languages of the product. Built by [`bilingual!`](crate::bilingual).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Bilingual {
    /// Russian text.
    pub ru: String,
    /// English text.
    pub en: String,
}

impl Bilingual {
    /// The text in `language`.
    pub fn in_language(&self, language: Language) -> &str {
        match language {
            Language::Russian => &self.ru,
            Language::English => &self.en,
        }
    }
}

/// Builds a [`Bilingual`] from a Russian and an English format string; variables are captured by name.
///
/// ```
/// let row = 3;
/// let text = obmen::bilingual!("строка {row}", "row {row}");
/// assert_eq!(text.ru, "строка 3");
/// ```
#[macro_export]
macro_rules! bilingual {
    ($ru:literal, $en:literal $(, $($arg:tt)*)?) => {
        $crate::error::Bilingual { ru: format!($ru $(, $($arg)*)?), en: format!($en $(, $($arg)*)?) }
    };
}

/// What a caller should do about an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Category {
    /// The call must be corrected.
    Caller,
    /// The same call may succeed later.
    Temporary,
    /// Repeating does not help; somebody must change something outside the call.
    Permanent,
    /// A defect of this library.
    Internal,
}

impl Category {
    /// The stable name that stands in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Caller => "caller",
            Self::Temporary => "temporary",
            Self::Permanent => "permanent",
            Self::Internal => "internal",
        }
    }
}

/// Stable codes of errors. They are part of the interface: names never change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Code {
    /// A wrong argument, property value or option.
    Argument,
    /// Structured text that cannot be read: JSON, 1C internal text or XML. Carries a position.
    ValueText,
    /// A 1C type that has no form in the target format.
    UnsupportedType,
    /// Data that breaks a rule of the subject, such as a product without a price.
    Validation,
    /// No connection: refused, unreachable, name not found, reset.
    HttpConnect,
    /// The certificate or the TLS handshake failed.
    HttpTls,
    /// No answer in time.
    HttpTimeout,
    /// An answer whose status says failure.
    HttpStatus,
    /// The other side does not accept the credentials.
    Auth,
    /// A limit of size, depth, number or time was reached.
    Limit,
    /// The user asked to stop.
    Cancelled,
    /// The durable store failed.
    Storage,
    /// The object or the resource is in use.
    Busy,
    /// An EGAIS document breaks its schema or a rule.
    EgaisDocument,
    /// UTM answered with an error or not in its protocol.
    Utm,
    /// A file cannot be read or written.
    File,
    /// The host gave no memory.
    Memory,
    /// A defect of this library.
    Internal,
}

impl Code {
    /// All codes, in the order of the documentation.
    pub const ALL: &'static [Code] = &[
        Self::Argument,
        Self::ValueText,
        Self::UnsupportedType,
        Self::Validation,
        Self::HttpConnect,
        Self::HttpTls,
        Self::HttpTimeout,
        Self::HttpStatus,
        Self::Auth,
        Self::Limit,
        Self::Cancelled,
        Self::Storage,
        Self::Busy,
        Self::EgaisDocument,
        Self::Utm,
        Self::File,
        Self::Memory,
        Self::Internal,
    ];

    /// The stable name that stands in JSON and in the documentation.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Argument => "argument",
            Self::ValueText => "value_text",
            Self::UnsupportedType => "unsupported_type",
            Self::Validation => "validation",
            Self::HttpConnect => "http_connect",
            Self::HttpTls => "http_tls",
            Self::HttpTimeout => "http_timeout",
            Self::HttpStatus => "http_status",
            Self::Auth => "auth",
            Self::Limit => "limit",
            Self::Cancelled => "cancelled",
            Self::Storage => "storage",
            Self::Busy => "busy",
            Self::EgaisDocument => "egais_document",
            Self::Utm => "utm",
            Self::File => "file",
            Self::Memory => "memory",
            Self::Internal => "internal",
        }
    }

    /// The category an error of this code has unless it says otherwise.
    pub fn category(self) -> Category {
        match self {
            Self::Argument
            | Self::ValueText
            | Self::UnsupportedType
            | Self::Validation
            | Self::EgaisDocument
            | Self::File => Category::Caller,
            Self::HttpConnect
            | Self::HttpTimeout
            | Self::Busy
            | Self::Utm
            | Self::Cancelled
            | Self::Memory => Category::Temporary,
            Self::HttpTls | Self::HttpStatus | Self::Auth | Self::Limit | Self::Storage => {
                Category::Permanent
            }
            Self::Internal => Category::Internal,
        }
    }
}

/// A fact that stands beside the message in `ПоследняяОшибка`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Detail {
    /// A text, such as a URL or a path inside the data.
    Text(String),
    /// A number, such as an HTTP status or a row.
    Number(i64),
}

impl From<String> for Detail {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<&str> for Detail {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<i64> for Detail {
    fn from(number: i64) -> Self {
        Self::Number(number)
    }
}

impl From<usize> for Detail {
    fn from(number: usize) -> Self {
        Self::Number(i64::try_from(number).unwrap_or(i64::MAX))
    }
}

/// An error of any room. One pointer wide, so that `Result` stays small.
#[derive(Clone, PartialEq, Eq)]
pub struct Error(Box<Inner>);

#[derive(Clone, PartialEq, Eq)]
struct Inner {
    code: Code,
    category: Category,
    message: Bilingual,
    details: Vec<(&'static str, Detail)>,
}

impl Error {
    /// An error with the category that its code implies.
    pub fn new(code: Code, message: Bilingual) -> Self {
        Self(Box::new(Inner { code, category: code.category(), message, details: Vec::new() }))
    }

    /// Overrides the category, where the same code may be worth a retry or not.
    #[must_use]
    pub fn with_category(mut self, category: Category) -> Self {
        self.0.category = category;
        self
    }

    /// Adds a fact; keys are `url`, `http_status`, `path`, `row`, `attempts`, `position`, `line`, `column` and
    /// the like. A second fact under the same key replaces the first.
    #[must_use]
    pub fn with(mut self, key: &'static str, value: impl Into<Detail>) -> Self {
        let value = value.into();
        match self.0.details.iter_mut().find(|(known, _)| *known == key) {
            Some((_, old)) => *old = value,
            None => self.0.details.push((key, value)),
        }
        self
    }

    /// Puts words before the text, such as the member or the row that it is about.
    #[must_use]
    pub fn prefixed(mut self, prefix: &Bilingual) -> Self {
        self.0.message.ru.insert_str(0, &prefix.ru);
        self.0.message.en.insert_str(0, &prefix.en);
        self
    }

    /// The stable code.
    pub fn code(&self) -> Code {
        self.0.code
    }

    /// What to do about it.
    pub fn category(&self) -> Category {
        self.0.category
    }

    /// The text in both languages.
    pub fn message(&self) -> &Bilingual {
        &self.0.message
    }

    /// The text in one language.
    pub fn text(&self, language: Language) -> &str {
        self.0.message.in_language(language)
    }

    /// The facts, in the order they were added.
    pub fn details(&self) -> &[(&'static str, Detail)] {
        &self.0.details
    }

    /// One fact.
    pub fn detail(&self, key: &str) -> Option<&Detail> {
        self.0.details.iter().find(|(known, _)| *known == key).map(|(_, value)| value)
    }

    /// The object that `ПоследняяОшибка` shows: `code`, `category`, `message` and the facts.
    pub fn to_json(&self, language: Language) -> serde_json::Value {
        let mut object = serde_json::Map::new();
        object.insert("code".into(), self.code().as_str().into());
        object.insert("category".into(), self.category().as_str().into());
        object.insert("message".into(), self.text(language).into());
        for (key, value) in self.details() {
            let value = match value {
                Detail::Text(text) => text.as_str().into(),
                Detail::Number(number) => (*number).into(),
            };
            object.insert((*key).to_owned(), value);
        }
        object.into()
    }
}

impl fmt::Display for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: {}", self.code().as_str(), self.0.message.en)
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{self} {:?}", self.0.details)
    }
}

impl std::error::Error for Error {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_holds_code_category_message_and_facts() {
        let error = Error::new(Code::Validation, bilingual!("нет цены", "no price"))
            .with("row", 7_usize)
            .with("row", 8_usize);
        assert_eq!(
            error.to_json(Language::English).to_string(),
            r#"{"code":"validation","category":"caller","message":"no price","row":8}"#
        );
        assert_eq!(error.text(Language::Russian), "нет цены");
    }

    #[test]
    fn every_code_has_its_own_name() {
        let names: std::collections::HashSet<_> = Code::ALL.iter().map(|code| code.as_str()).collect();
        assert_eq!(names.len(), Code::ALL.len());
    }

    #[test]
    fn language_codes_of_both_systems_are_known() {
        for (code, expected) in [
            ("ru", Some(Language::Russian)),
            ("rus_RUS", Some(Language::Russian)),
            ("ru_RU", Some(Language::Russian)),
            ("en_US", Some(Language::English)),
            ("de", None),
        ] {
            assert_eq!(Language::from_code(code), expected, "{code}");
        }
    }
}
