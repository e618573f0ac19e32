//! Text and attribute values on their way into XML.

/// Appends `text` with `&`, `<`, `>` and carriage return written as references.
///
/// Characters that XML 1.0 cannot carry at all must have been refused before.
#[inline]
pub fn push_escaped(out: &mut String, text: &str) {
    push(out, text, |byte| matches!(byte, b'&' | b'<' | b'>' | b'\r'));
}

/// As [`push_escaped`], and with `"`, tab and line break as references too, so that a reader gets them back.
pub fn push_escaped_attribute(out: &mut String, text: &str) {
    push(out, text, |byte| matches!(byte, b'&' | b'<' | b'>' | b'\r' | b'\n' | b'\t' | b'"'));
}

#[inline]
fn push(out: &mut String, text: &str, special: impl Fn(u8) -> bool) {
    let mut rest = text;
    while let Some(place) = rest.bytes().position(&special) {
        let (plain, from) = rest.split_at(place);
        out.push_str(plain);
        out.push_str(match from.as_bytes().first() {
            Some(b'&') => "&amp;",
            Some(b'<') => "&lt;",
            Some(b'>') => "&gt;",
            Some(b'"') => "&quot;",
            Some(b'\r') => "&#13;",
            Some(b'\n') => "&#10;",
            _ => "&#9;",
        });
        rest = from.get(1..).unwrap_or_default();
    }
    out.push_str(rest);
}

/// The first character that XML 1.0 cannot carry, even as a reference.
#[inline]
pub fn forbidden(text: &str) -> Option<(usize, char)> {
    // In this form, without decisions, the compiler looks at all bytes of a block at once.
    let suspicious =
        |byte: u8| ((byte < 0x20) & (byte != b'\t') & (byte != b'\n') & (byte != b'\r')) | (byte == 0xEF);
    let any = |bytes: &[u8]| bytes.iter().fold(0, |found, byte| found | u8::from(suspicious(*byte))) != 0;
    let (blocks, rest) = text.as_bytes().as_chunks::<64>();
    if !blocks.iter().any(|block| any(block)) && !any(rest) {
        return None;
    }
    text.char_indices().find(|(_, sign)| !is_allowed(*sign))
}

/// `Char` of XML 1.0.
pub fn is_allowed(sign: char) -> bool {
    matches!(sign, '\t' | '\n' | '\r' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_in_texts_is_written_as_references() {
        let mut out = String::new();
        push_escaped(&mut out, "a<b & \"c\" >\r\n");
        assert_eq!(out, "a&lt;b &amp; \"c\" &gt;&#13;\n");
        out.clear();
        push_escaped_attribute(&mut out, "\"x\"\n\t");
        assert_eq!(out, "&quot;x&quot;&#10;&#9;");
    }

    #[test]
    fn control_characters_and_noncharacters_are_found() {
        assert_eq!(forbidden("марка\u{1d}x"), Some((10, '\u{1d}')));
        assert_eq!(forbidden("a\u{ffff}"), Some((1, '\u{ffff}')));
        assert_eq!(forbidden("tab\tline\n\u{feff}ｆull"), None);
    }
}
