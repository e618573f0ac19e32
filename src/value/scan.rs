//! Finding the bytes of a string that need attention, eight at a time.

const ONES: u64 = 0x0101_0101_0101_0101;
const HIGHS: u64 = 0x8080_8080_8080_8080;

/// High bits of the bytes of `word` that are `byte`. Borrows may mark a byte above a true hit, never one below.
#[inline]
fn equal(word: u64, byte: u8) -> u64 {
    let difference = word ^ (ONES * u64::from(byte));
    difference.wrapping_sub(ONES) & !difference & HIGHS
}

/// High bits of the bytes of `word` that are control characters.
#[inline]
fn control(word: u64) -> u64 {
    word.wrapping_sub(ONES * 0x20) & !word & HIGHS
}

/// The offset of the first byte that is `quote`, a backslash or a control character.
#[inline]
pub(crate) fn string_end(bytes: &[u8], quote: u8) -> Option<usize> {
    let (words, rest) = bytes.as_chunks::<8>();
    for (index, word) in words.iter().enumerate() {
        let word = u64::from_le_bytes(*word);
        let found = equal(word, quote) | equal(word, b'\\') | control(word);
        if found != 0 {
            return Some(8 * index + found.trailing_zeros() as usize / 8);
        }
    }
    let offset = bytes.len() - rest.len();
    rest.iter().position(|byte| *byte == quote || *byte == b'\\' || *byte < 0x20).map(|at| offset + at)
}

/// The offset of the first byte that [`string_end`] finds or, if `separators`, that may begin U+2028 or U+2029.
#[inline]
pub(crate) fn string_special(bytes: &[u8], quote: u8, separators: bool) -> Option<usize> {
    // A quotation mark twice changes nothing.
    let lead = if separators { 0xE2 } else { quote };
    let (words, rest) = bytes.as_chunks::<8>();
    for (index, word) in words.iter().enumerate() {
        let word = u64::from_le_bytes(*word);
        let found = equal(word, quote) | equal(word, b'\\') | equal(word, lead) | control(word);
        if found != 0 {
            return Some(8 * index + found.trailing_zeros() as usize / 8);
        }
    }
    let offset = bytes.len() - rest.len();
    let special = |byte: &u8| *byte == quote || *byte == b'\\' || *byte == lead || *byte < 0x20;
    rest.iter().position(special).map(|at| offset + at)
}

/// The offset of the first quotation mark or first byte of a character outside the basic plane.
#[inline]
pub(crate) fn quote_or_wide(bytes: &[u8]) -> Option<usize> {
    let (words, rest) = bytes.as_chunks::<8>();
    for (index, word) in words.iter().enumerate() {
        let word = u64::from_le_bytes(*word);
        // Such a character begins with a byte whose four high bits are set.
        let wide = word & word << 1 & word << 2 & word << 3 & HIGHS;
        let found = equal(word, b'"') | wide;
        if found != 0 {
            return Some(8 * index + found.trailing_zeros() as usize / 8);
        }
    }
    let offset = bytes.len() - rest.len();
    rest.iter().position(|byte| *byte == b'"' || *byte >= 0xF0).map(|at| offset + at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_what_a_plain_loop_finds() {
        let plain = |bytes: &[u8]| bytes.iter().position(|byte| matches!(byte, b'"' | b'\\' | 0..=0x1F));
        for special in 0..=255_u8 {
            for at in 0..20 {
                for other in [b'a', 0x7F, 0x80, 0xFF, b'!', b'#', b']', 0x20] {
                    let mut bytes = [other; 21];
                    bytes[at] = special;
                    bytes[20] = b'"';
                    assert_eq!(string_end(&bytes, b'"'), plain(&bytes), "{special} at {at} among {other}");
                    assert_eq!(
                        string_special(&bytes, b'"', false),
                        plain(&bytes),
                        "{special} at {at} among {other}"
                    );
                    let wide = bytes.iter().position(|byte| *byte == b'"' || *byte >= 0xF0);
                    assert_eq!(quote_or_wide(&bytes), wide, "{special} at {at} among {other}");
                    let leads = bytes.iter().position(|byte| matches!(byte, b'"' | b'\\' | 0xE2 | 0..=0x1F));
                    assert_eq!(string_special(&bytes, b'"', true), leads, "{special} at {at} among {other}");
                }
            }
        }
    }
}
