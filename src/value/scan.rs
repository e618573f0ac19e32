//! Finding the bytes of a string that need attention, many at a time.

/// Bytes looked at in one go before the place of a find matters. The compiler makes vector instructions of it.
const BLOCK: usize = 32;

/// The offset of the first byte for which `special` holds, given as a test that needs no branches.
#[inline(always)]
fn find(bytes: &[u8], special: impl Fn(u8) -> bool) -> Option<usize> {
    let (blocks, rest) = bytes.as_chunks::<BLOCK>();
    let mut offset = 0;
    for block in blocks {
        if block.iter().fold(false, |found, byte| found | special(*byte)) {
            break;
        }
        offset += BLOCK;
    }
    let rest = if offset < blocks.len() * BLOCK { bytes.get(offset..)? } else { rest };
    rest.iter().position(|byte| special(*byte)).map(|at| offset + at)
}

/// The offset of the first byte that is `quote`, a backslash or a control character.
#[inline]
pub(crate) fn string_end(bytes: &[u8], quote: u8) -> Option<usize> {
    find(bytes, |byte| (byte == quote) | (byte == b'\\') | (byte < 0x20))
}

/// The offset of the first byte that [`string_end`] finds or, if `separators`, that may begin U+2028 or U+2029.
#[inline]
pub(crate) fn string_special(bytes: &[u8], quote: u8, separators: bool) -> Option<usize> {
    // A quotation mark twice changes nothing.
    let lead = if separators { 0xE2 } else { quote };
    find(bytes, |byte| (byte == quote) | (byte == b'\\') | (byte < 0x20) | (byte == lead))
}

/// The offset of the first quotation mark or first byte of a character outside the basic plane.
#[inline]
pub(crate) fn quote_or_wide(bytes: &[u8]) -> Option<usize> {
    find(bytes, |byte| (byte == b'"') | (byte >= 0xF0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_what_a_plain_loop_finds() {
        let plain = |bytes: &[u8]| bytes.iter().position(|byte| matches!(byte, b'"' | b'\\' | 0..=0x1F));
        for special in 0..=255_u8 {
            for at in 0..70 {
                for other in [b'a', 0x7F, 0x80, 0xFF, b'!', b'#', b']', 0x20] {
                    let mut bytes = [other; 71];
                    bytes[at] = special;
                    bytes[70] = b'"';
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
