//! Small work on text that several formats share.

/// Appends a UTF-16 unit to a text; `high` keeps the first half of a pair until the second comes.
/// A half without its partner becomes U+FFFD.
pub(crate) fn push_unit(text: &mut String, high: &mut Option<u16>, unit: u16) {
    if let Some(first) = high.take() {
        if (0xDC00..0xE000).contains(&unit) {
            let code = 0x10000 + ((u32::from(first) - 0xD800) << 10) + (u32::from(unit) - 0xDC00);
            text.push(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER));
            return;
        }
        text.push(char::REPLACEMENT_CHARACTER);
    }
    match unit {
        0xD800..0xDC00 => *high = Some(unit),
        _ => text.push(char::from_u32(unit.into()).unwrap_or(char::REPLACEMENT_CHARACTER)),
    }
}

/// How many UTF-16 units a text has.
pub fn utf16_length(text: &str) -> usize {
    // Every character begins with one byte that is no continuation; those of four bytes need two units.
    // Short runs keep the sums in bytes, which is what vector instructions are fast at.
    let run = |bytes: &[u8]| {
        bytes.iter().map(|byte| u8::from(byte & 0xC0 != 0x80) + u8::from(*byte >= 0xF0)).sum::<u8>()
    };
    text.as_bytes().chunks(192).map(|bytes| usize::from(run(bytes))).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn length_is_what_1c_counts() {
        for text in ["", "abc", "Ёж", "a😀b", &"😀ё№x".repeat(300)] {
            assert_eq!(utf16_length(text), text.encode_utf16().count(), "{text}");
        }
    }

    #[test]
    fn halves_of_a_pair_join_and_lone_ones_are_replaced() {
        let joined = |units: &[u16]| {
            let (mut text, mut high) = (String::new(), None);
            units.iter().for_each(|unit| push_unit(&mut text, &mut high, *unit));
            text
        };
        assert_eq!(joined(&[0xD83D, 0xDE00]), "😀");
        assert_eq!(joined(&[0xDE00, 0x41]), "\u{fffd}A");
        assert_eq!(joined(&[0xD83D, 0x41]), "\u{fffd}A");
        assert_eq!(joined(&[0xD83D, 0xD83D, 0xDE00]), "\u{fffd}😀");
    }
}
