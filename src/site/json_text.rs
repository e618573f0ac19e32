//! JSON strings as 1C itself writes them, appended to bytes.

/// Appends `text` as a JSON string: `"` `\` LF CR by a short escape, other control characters as `\u00XX` in
/// upper-case hex, U+2028 and U+2029 escaped, everything else raw (facts on value formats, section 5).
pub(super) fn append_string(out: &mut Vec<u8>, text: &str) {
    out.reserve(text.len() + 2);
    out.push(b'"');
    let mut rest = text.as_bytes();
    while let Some(index) = find_special(rest) {
        let (plain, special) = rest.split_at(index);
        out.extend_from_slice(plain);
        rest = append_special(out, special);
    }
    out.extend_from_slice(rest);
    out.push(b'"');
}

/// Appends what stands for the character at the head of `special`; returns what follows it.
fn append_special<'a>(out: &mut Vec<u8>, special: &'a [u8]) -> &'a [u8] {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    match special {
        [b'"', rest @ ..] => {
            out.extend_from_slice(b"\\\"");
            rest
        }
        [b'\\', rest @ ..] => {
            out.extend_from_slice(b"\\\\");
            rest
        }
        [b'\n', rest @ ..] => {
            out.extend_from_slice(b"\\n");
            rest
        }
        [b'\r', rest @ ..] => {
            out.extend_from_slice(b"\\r");
            rest
        }
        [0xE2, 0x80, last @ (0xA8 | 0xA9), rest @ ..] => {
            out.extend_from_slice(if *last == 0xA8 { b"\\u2028" } else { b"\\u2029" });
            rest
        }
        [control @ 0..0x20, rest @ ..] => {
            let low = HEX.get(usize::from(control & 15)).copied().unwrap_or(b'0');
            out.extend_from_slice(&[b'\\', b'u', b'0', b'0', b'0' + (control >> 4), low]);
            rest
        }
        // The lead byte of some other character: nothing to escape.
        [other, rest @ ..] => {
            out.push(*other);
            rest
        }
        [] => special,
    }
}

/// Bytes that need a look: those to escape, and the lead byte of U+2028 and U+2029.
fn is_special(byte: u8) -> bool {
    (byte < 0x20) | (byte == b'"') | (byte == b'\\') | (byte == 0xE2)
}

/// Whole blocks are tested without branches, which the compiler turns into vector instructions.
fn find_special(bytes: &[u8]) -> Option<usize> {
    let (blocks, tail) = bytes.as_chunks::<32>();
    let skipped = blocks
        .iter()
        .take_while(|block| !block.iter().fold(false, |found, byte| found | is_special(*byte)))
        .count();
    let start = skipped * 32;
    let rest = if skipped == blocks.len() { tail } else { bytes.get(start..)? };
    rest.iter().position(|byte| is_special(*byte)).map(|index| start + index)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn written(text: &str) -> String {
        let mut out = Vec::new();
        append_string(&mut out, text);
        String::from_utf8(out).unwrap_or_default()
    }

    #[test]
    fn escapes_are_those_of_1c() {
        assert_eq!(
            written("\"\\/\n\r\t\u{8}\u{1f}\u{7f}<Я>–\u{2028}\u{2029}😀"),
            "\"\\\"\\\\/\\n\\r\\u0009\\u0008\\u001F\u{7f}<Я>–\\u2028\\u2029😀\""
        );
    }

    proptest! {
        #[test]
        fn any_text_is_read_back_by_another_parser(text in "(?s).{0,200}") {
            let parsed: String = serde_json::from_str(&written(&text)).map_err(|error| TestCaseError::fail(error.to_string()))?;
            prop_assert_eq!(parsed, text);
        }
    }
}
