//! XML as EGAIS writes it: bytes into text, text into tokens with namespaces resolved, text back out escaped.
//!
//! quick-xml reads the syntax; this room adds what it leaves to its user: characters, one root, known entities, no
//! DTD, declared prefixes, limits.

mod decode;
mod escape;
mod names;
mod reader;

pub use decode::decode;
pub use escape::{forbidden, push_escaped, push_escaped_attribute};
pub use reader::{Attribute, Reader, Start, Token};

use crate::bilingual;
use crate::error::{Bilingual, Code, Error};

/// Deepest nesting of elements.
pub const MAX_DEPTH: usize = 256;
/// Most attributes of one element, namespace declarations included.
pub const MAX_ATTRIBUTES: usize = 256;
/// Most namespace declarations in scope at once.
pub const MAX_DECLARATIONS: usize = 1024;
/// Longest text of a document, in bytes.
pub const MAX_BYTES: usize = 512 * 1024 * 1024;

/// Place 0 of the table of namespaces: none.
pub const NO_NAMESPACE: u8 = 0;
/// A namespace that no description knows.
pub const FOREIGN: u8 = u8::MAX;

/// Why a text is not XML that we read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// What is wrong.
    pub message: Bilingual,
    /// Byte where it was noticed.
    pub offset: usize,
    /// A limit was exceeded; the text itself may be right.
    pub is_limit: bool,
}

impl Fault {
    #[cold]
    fn new(offset: usize, message: Bilingual) -> Box<Self> {
        Box::new(Self { message, offset, is_limit: false })
    }

    #[cold]
    fn limit(offset: usize, message: Bilingual) -> Box<Self> {
        Box::new(Self { message, offset, is_limit: true })
    }

    /// The fault with the line and column where it was noticed in `text`.
    pub fn placed(&self, text: &str) -> Bilingual {
        let before = text.get(..self.offset).unwrap_or(text);
        let line = memchr::memchr_iter(b'\n', before.as_bytes()).count() + 1;
        let column = before.rsplit('\n').next().map_or(0, |line| line.chars().count()) + 1;
        let Bilingual { ru, en } = &self.message;
        bilingual!("{ru} Строка {line}, знак {column}.", "{en} Line {line}, column {column}.")
    }

    /// What comes before the fault of bytes that are no text, to find its place.
    pub fn readable<'a>(&self, bytes: &'a [u8]) -> &'a str {
        bytes.get(..self.offset).and_then(|before| std::str::from_utf8(before).ok()).unwrap_or_default()
    }

    /// The fault as an error of a call.
    pub fn into_error(self, text: &str) -> Error {
        let code = if self.is_limit { Code::Limit } else { Code::ValueText };
        Error::new(code, self.placed(text)).with("position", self.offset)
    }
}
