//! The text of an answer: which encoding its bytes are in.

use crate::bilingual;
use crate::error::{Code, Error, Result};
use encoding_rs::{Encoding, UTF_8, WINDOWS_1251};
use std::borrow::Cow;

/// How far into a document its own word on its encoding is looked for.
const PROLOGUE: usize = 1024;

/// The body as text, and the name of the encoding it was in.
///
/// The encoding is, in this order: `forced`; a byte order mark; the `charset` of `content_type`; what an XML
/// declaration or an HTML `meta` says; UTF-8 if the bytes are UTF-8, else windows-1251. Bytes that do not fit become U+FFFD.
///
/// # Errors
/// `argument` when `forced` is not the name of an encoding (WHATWG Encoding Standard labels, such as
/// `windows-1251`, `cp866`, `koi8-r`, `utf-16le`).
pub fn decode<'b>(
    body: &'b [u8],
    content_type: Option<&str>,
    forced: Option<&str>,
) -> Result<(Cow<'b, str>, &'static str)> {
    if let Some(name) = forced.filter(|name| !name.trim().is_empty()) {
        let encoding = Encoding::for_label(name.trim().as_bytes()).ok_or_else(|| {
            Error::new(
                Code::Argument,
                bilingual!(
                    "Кодировка «{name}» неизвестна. Годятся, например, utf-8, windows-1251, cp866, koi8-r, utf-16le.",
                    "The encoding “{name}” is unknown. Examples: utf-8, windows-1251, cp866, koi8-r, utf-16le."
                ),
            )
        })?;
        return Ok(decoded(body, encoding));
    }
    let encoding = Encoding::for_bom(body)
        .map(|(encoding, _)| encoding)
        .or_else(|| content_type.and_then(charset).and_then(|label| Encoding::for_label(label.as_bytes())))
        .or_else(|| declared(body));
    Ok(match encoding {
        Some(encoding) => decoded(body, encoding),
        None if std::str::from_utf8(body).is_ok() => decoded(body, UTF_8),
        None => decoded(body, WINDOWS_1251),
    })
}

fn decoded<'b>(body: &'b [u8], encoding: &'static Encoding) -> (Cow<'b, str>, &'static str) {
    let (text, used, _) = encoding.decode(body);
    (text, used.name())
}

/// The `charset` parameter of a content type.
fn charset(content_type: &str) -> Option<&str> {
    content_type.split(';').skip(1).find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        name.trim().eq_ignore_ascii_case("charset").then(|| value.trim().trim_matches(['"', '\'']))
    })
}

/// What the document says of itself.
fn declared(body: &[u8]) -> Option<&'static Encoding> {
    let start = body.get(..PROLOGUE.min(body.len())).unwrap_or_default();
    let text = String::from_utf8_lossy(start).to_ascii_lowercase();
    let trimmed = text.trim_start();
    let key = if trimmed.starts_with("<?xml") {
        "encoding="
    } else if trimmed.starts_with('<') {
        "charset="
    } else {
        return None;
    };
    let (_, rest) = trimmed.split_once(key)?;
    let rest = rest.trim_start_matches(['"', '\'', ' ']);
    let label = rest.split(['"', '\'', ' ', ';', '>', '?', '/']).next()?;
    // A document that says so in single bytes is not in UTF-16, whatever it says.
    Encoding::for_label(label.as_bytes()).map(Encoding::output_encoding)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_encoding_is_found_as_a_person_would_find_it() {
        let russian = WINDOWS_1251.encode("Привет").0.into_owned();
        let xml = WINDOWS_1251.encode("<?xml version=\"1.0\" encoding=\"windows-1251\"?><а/>").0.into_owned();
        let html = WINDOWS_1251.encode("<html><meta charset=windows-1251>Привет").0.into_owned();
        for (body, content_type, forced, text, name) in [
            ("Привет".as_bytes(), Some("text/plain"), None, "Привет", "UTF-8"),
            (&russian, Some("text/plain; Charset=\"Windows-1251\""), None, "Привет", "windows-1251"),
            (&russian, None, None, "Привет", "windows-1251"),
            (&russian, Some("text/plain; charset=utf-8"), Some("cp1251"), "Привет", "windows-1251"),
            ("\u{feff}Привет".as_bytes(), Some("text/plain; charset=windows-1251"), None, "Привет", "UTF-8"),
            (&[0xff, 0xfe, 0x1f, 0x04], None, None, "П", "UTF-16LE"),
            (
                &xml,
                Some("application/xml"),
                None,
                "<?xml version=\"1.0\" encoding=\"windows-1251\"?><а/>",
                "windows-1251",
            ),
            (&html, Some("text/html"), None, "<html><meta charset=windows-1251>Привет", "windows-1251"),
            (b"", None, None, "", "UTF-8"),
        ] {
            let (found, encoding) = decode(body, content_type, forced).unwrap();
            assert_eq!((found.as_ref(), encoding), (text, name), "{content_type:?} {forced:?}");
        }
        assert!(decode(b"x", None, Some("klingon")).is_err());
    }
}
