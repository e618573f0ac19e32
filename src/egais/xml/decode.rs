//! Bytes of a document into text: byte order marks, declared encodings, and declarations that lie.

use super::escape::forbidden;
use super::{Fault, MAX_BYTES};
use crate::bilingual;
use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE};
use std::borrow::Cow;

/// The text of a document, without byte order mark and leading blanks.
///
/// Bytes that are UTF-8 are read as UTF-8, whatever the declaration says: the declaration is often left over from
/// before somebody re-encoded the text. Other bytes are read as declared.
///
/// # Errors
/// Bytes that fit no encoding; characters that XML does not allow; more than [`MAX_BYTES`].
pub fn decode(bytes: &[u8]) -> Result<Cow<'_, str>, Box<Fault>> {
    if bytes.len() > MAX_BYTES {
        let limit = MAX_BYTES / (1024 * 1024);
        let message = bilingual!("Документ больше {limit} МБ.", "The document is larger than {limit} MB.");
        return Err(Fault::limit(0, message));
    }
    let text = match Encoding::for_bom(bytes) {
        Some((encoding, mark)) if encoding != UTF_8 => {
            decode_as(encoding, bytes.get(mark..).unwrap_or_default())?
        }
        Some((_, mark)) => utf8(bytes.get(mark..).unwrap_or_default())?,
        None => utf8(bytes)?,
    };
    let text = trimmed(text);
    match forbidden(&text) {
        Some((offset, sign)) => {
            let code = u32::from(sign);
            let message = bilingual!(
                "Знак с кодом U+{code:04X} в XML запрещён.",
                "The character U+{code:04X} is not allowed in XML."
            );
            Err(Fault::new(offset, message))
        }
        None => Ok(text),
    }
}

fn utf8(bytes: &[u8]) -> Result<Cow<'_, str>, Box<Fault>> {
    match simdutf8::compat::from_utf8(bytes) {
        Ok(text) => Ok(Cow::Borrowed(text)),
        Err(error) => match declared(bytes).filter(|encoding| *encoding != UTF_8) {
            Some(encoding) => decode_as(encoding, bytes),
            None => Err(Fault::new(
                error.valid_up_to(),
                bilingual!(
                    "Байты документа не являются текстом в UTF-8.",
                    "The bytes of the document are not UTF-8 text."
                ),
            )),
        },
    }
}

fn decode_as<'a>(encoding: &'static Encoding, bytes: &'a [u8]) -> Result<Cow<'a, str>, Box<Fault>> {
    let name = encoding.name();
    encoding.decode_without_bom_handling_and_without_replacement(bytes).ok_or_else(|| {
        Fault::new(
            0,
            bilingual!(
                "Байты документа не являются текстом в {name}.",
                "The bytes of the document are not {name} text."
            ),
        )
    })
}

/// The encoding named in the XML declaration.
fn declared(bytes: &[u8]) -> Option<&'static Encoding> {
    let blank = |byte: &&u8| byte.is_ascii_whitespace();
    let start = bytes.iter().take_while(blank).count();
    let declaration = bytes.get(start..)?.strip_prefix(b"<?xml")?;
    let end = memchr::memmem::find(declaration, b"?>")?;
    let declaration = declaration.get(..end)?;
    let name = memchr::memmem::find(declaration, b"encoding").and_then(|at| declaration.get(at + 8..))?;
    let quote = name.iter().position(|byte| matches!(byte, b'"' | b'\''))?;
    let name = name.get(quote + 1..)?;
    let end = name.iter().position(|byte| matches!(byte, b'"' | b'\''))?;
    // UTF-16 in a declaration that could be read byte by byte is another lie.
    Encoding::for_label(name.get(..end)?).filter(|encoding| *encoding != UTF_16LE && *encoding != UTF_16BE)
}

/// Server documents are seen to begin with a tab or line breaks before the declaration.
fn trimmed(text: Cow<'_, str>) -> Cow<'_, str> {
    let begin = |text: &str| text.len() - text.trim_start_matches(['\u{feff}', ' ', '\t', '\r', '\n']).len();
    match text {
        Cow::Borrowed(text) => Cow::Borrowed(text.get(begin(text)..).unwrap_or_default()),
        Cow::Owned(mut text) => {
            text.drain(..begin(&text));
            Cow::Owned(text)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8]) -> Option<String> {
        decode(bytes).ok().map(Cow::into_owned)
    }

    #[test]
    fn marks_and_leading_blanks_are_dropped() {
        assert_eq!(read(b"\xef\xbb\xbf\t\r\n<a/>").as_deref(), Some("<a/>"));
        assert_eq!(read(b"\xff\xfe<\0a\0/\0>\0").as_deref(), Some("<a/>"));
    }

    #[test]
    fn a_declared_encoding_counts_only_where_the_bytes_are_not_utf8() {
        let declaration = b"<?xml version='1.0' encoding='windows-1251'?><a>";
        let mut cp1251 = declaration.to_vec();
        cp1251.extend(b"\xcf\xe8\xe2\xee</a>");
        assert!(read(&cp1251).is_some_and(|text| text.ends_with("<a>Пиво</a>")));
        let mut utf8 = declaration.to_vec();
        utf8.extend("Пиво</a>".as_bytes());
        assert!(read(&utf8).is_some_and(|text| text.ends_with("<a>Пиво</a>")));
    }

    #[test]
    fn bytes_of_no_encoding_are_refused() {
        assert_eq!(decode(b"<a>\xff</a>").err().map(|fault| fault.offset), Some(3));
        assert!(decode(b"<a>\x01</a>").is_err());
    }
}
