//! Which format a text is in, and the reader for it.

use crate::bilingual;
use crate::error::{Code, Error, Result};
use crate::value::event::{Event, Position, ReadEvents};
use crate::value::input::Input;
use crate::value::internal::InternalReader;
use crate::value::json::{JsonGrammar, JsonReader};
use crate::value::storage::open_storage;
use crate::value::xdto::XdtoReader;

/// A format of structured text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Format {
    /// JSON.
    Json,
    /// 1C internal text, `ЗначениеВСтрокуВнутр`.
    Internal,
    /// XML of `СериализаторXDTO`.
    Xdto,
    /// Bytes of a `ХранилищеЗначения`, or their base64.
    Storage,
    /// No structure: the whole text is one string.
    Text,
}

/// A reader of any format.
pub enum Reader<'a> {
    /// JSON.
    Json(Box<JsonReader<'a>>),
    /// Internal text.
    Internal(Box<InternalReader<'a>>),
    /// XDTO XML.
    Xdto(Box<XdtoReader<'a>>),
    /// A plain text.
    Text(Box<TextReader<'a>>),
}

/// The format of a text by its beginning (facts on value formats, section 7, rule 1); `None` if it is none of them.
///
/// Scalars are recognised only where nothing but JSON can be meant: a text in quotation marks, a number, `true`,
/// `false` and `null` are left to the caller.
///
/// # Errors
/// `file` or `value_text` if the source cannot be read as text.
pub fn detect(input: &mut Input<'_>) -> Result<Option<Format>> {
    if input.is_storage()? {
        return Ok(Some(Format::Storage));
    }
    let mut rest = input.rest().iter().copied().filter(|byte| !byte.is_ascii_whitespace());
    Ok(match (rest.next(), rest.next()) {
        (Some(b'['), Some(b'{' | b'[' | b']' | b'"' | b'\'' | b'-' | b'0'..=b'9' | b't' | b'f' | b'n')) => {
            Some(Format::Json)
        }
        (Some(b'{'), Some(b'}' | b'\'')) => Some(Format::Json),
        (Some(b'{'), Some(b'"')) => match (rest.next(), rest.next(), rest.next()) {
            (Some(b'"'), _, _) | (_, Some(b':'), _) => Some(Format::Json),
            (Some(b'#' | b'A'..=b'Z'), Some(b'"'), Some(b',' | b'}')) => Some(Format::Internal),
            _ => Some(Format::Json),
        },
        (Some(b'<'), Some(_)) if names_xdto(input.rest()) => Some(Format::Xdto),
        _ => None,
    })
}

/// Whether the beginning of an XML text shows a namespace of 1C's types or of simple types.
fn names_xdto(beginning: &[u8]) -> bool {
    let root = beginning.trim_ascii_start();
    let names = |uri: &str| memchr::memmem::find(root, uri.as_bytes()).is_some();
    names("v8.1c.ru/8.") || names("www.w3.org/2001/XMLSchema")
}

/// A reader for the text of `input`, in `format` or, if that is `None`, in the format its beginning tells.
///
/// # Errors
/// `value_text` if the format cannot be told, `file` if the source cannot be read.
pub fn open(mut input: Input<'_>, format: Option<Format>) -> Result<Reader<'_>> {
    let format = match format {
        Some(format) => format,
        None => detect(&mut input)?.ok_or_else(unknown)?,
    };
    Ok(match format {
        Format::Json => Reader::Json(Box::new(JsonReader::new(input, JsonGrammar::Platform))),
        Format::Internal => Reader::Internal(Box::new(InternalReader::new(input))),
        Format::Xdto => Reader::Xdto(Box::new(XdtoReader::new(input))),
        Format::Storage => Reader::Internal(Box::new(open_storage(input)?)),
        Format::Text => Reader::Text(Box::new(TextReader::new(input))),
    })
}

fn unknown() -> Error {
    Error::new(
        Code::ValueText,
        bilingual!(
            "Текст не похож ни на JSON, ни на результат ЗначениеВСтрокуВнутр, ни на XML из СериализаторXDTO.",
            "The text is neither JSON, nor a result of ValueToStringInternal, nor XML of XDTOSerializer."
        ),
    )
}

/// Gives a whole text as one string.
pub struct TextReader<'a> {
    input: Input<'a>,
    given: bool,
}

impl<'a> TextReader<'a> {
    /// A reader of the text that `input` holds.
    pub fn new(input: Input<'a>) -> Self {
        Self { input, given: false }
    }
}

impl ReadEvents for TextReader<'_> {
    fn next_event(&mut self) -> Result<Option<Event<'_>>> {
        if std::mem::replace(&mut self.given, true) {
            return Ok(None);
        }
        while self.input.more()? {}
        Ok(Some(Event::Text(self.input.slice(0, self.input.window().len()))))
    }

    fn position(&self) -> Position {
        self.input.position_at(0)
    }

    fn path(&self) -> String {
        String::new()
    }
}

impl ReadEvents for Reader<'_> {
    #[inline]
    fn next_event(&mut self) -> Result<Option<Event<'_>>> {
        match self {
            Self::Json(reader) => reader.next_event(),
            Self::Internal(reader) => reader.next_event(),
            Self::Xdto(reader) => reader.next_event(),
            Self::Text(reader) => reader.next_event(),
        }
    }

    fn position(&self) -> Position {
        match self {
            Self::Json(reader) => reader.position(),
            Self::Internal(reader) => reader.position(),
            Self::Xdto(reader) => reader.position(),
            Self::Text(reader) => reader.position(),
        }
    }

    fn path(&self) -> String {
        match self {
            Self::Json(reader) => reader.path(),
            Self::Internal(reader) => reader.path(),
            Self::Xdto(reader) => reader.path(),
            Self::Text(reader) => reader.path(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_beginning_tells_the_format() {
        for (text, expected) in [
            (" {\"S\",\"x\"}", Some(Format::Internal)),
            ("\u{feff}{\"U\"}", Some(Format::Internal)),
            ("{ \"#\" , 1", Some(Format::Internal)),
            ("{\"S\":1}", Some(Format::Json)),
            ("{\"\":1}", Some(Format::Json)),
            ("{\"\\\"}\":1}", Some(Format::Json)),
            ("{\"name\" : 1}", Some(Format::Json)),
            ("{}", Some(Format::Json)),
            ("[]", Some(Format::Json)),
            ("\n[ -1]", Some(Format::Json)),
            ("AQEIAAAAAAAAAO+7v3siVSJ9", Some(Format::Storage)),
            ("<Array xmlns=\"http://v8.1c.ru/8.1/data/core\"/>", Some(Format::Xdto)),
            ("<?xml version=\"1.0\"?><a/>", None),
            ("<?xml version=\"1.0\"?>\n<Array xmlns=\"http://v8.1c.ru/8.1/data/core\"/>", Some(Format::Xdto)),
            ("<b>жирный</b>", None),
            ("[скидка] товар", None),
            ("{0}", None),
            ("текст", None),
            ("", None),
        ] {
            assert_eq!(detect(&mut Input::text(text)), Ok(expected), "{text}");
        }
    }

    #[test]
    fn a_text_of_no_format_is_refused_with_advice() {
        let error = open(Input::text("просто текст"), None).err();
        assert_eq!(error.map(|error| error.code()), Some(Code::ValueText));
    }
}
