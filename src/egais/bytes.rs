//! Looking at bytes many at a time.

/// One in every byte of a word.
const ONES: u64 = 0x0101_0101_0101_0101;
/// The highest bit of every byte of a word.
const HIGH_BITS: u64 = 0x8080_8080_8080_8080;

/// Whether a text has nothing but characters that XML writes as they are and always may: no `&`, `<`, `>`, no control
/// character, tab and line breaks included, none of U+F000 to U+FFFF, where the forbidden U+FFFE and U+FFFF are.
#[inline]
pub fn is_plain(text: &str) -> bool {
    let bytes = text.as_bytes();
    if let Some(last) = bytes.last_chunk::<8>() {
        // The last word overlaps the one before it, so that no byte is looked at alone.
        let (words, _) = bytes.as_chunks::<8>();
        let odd = words.iter().fold(odd(*last), |found, word| found | odd(*word));
        return odd == 0;
    }
    if let (Some([a, b, c, d]), Some([e, f, g, h])) = (bytes.first_chunk(), bytes.last_chunk()) {
        return odd([*a, *b, *c, *d, *e, *f, *g, *h]) == 0;
    }
    match bytes {
        [] => true,
        [a] => odd([*a; 8]) == 0,
        [a, .., b] => {
            let middle = bytes.get(1).unwrap_or(a);
            odd([*a, *middle, *b, *b, *b, *b, *b, *b]) == 0
        }
    }
}

/// Not zero if one of the bytes is below 0x20, `&`, `<`, `>` or 0xEF.
#[inline]
fn odd(bytes: [u8; 8]) -> u64 {
    let word = u64::from_le_bytes(bytes);
    // A byte below n borrows from its highest bit when n is taken from it; borrows of others only follow such a byte.
    let below = |word: u64, limit: u64| word.wrapping_sub(ONES * limit) & !word;
    let is = |word: u64, byte: u8| below(word ^ (ONES * u64::from(byte)), 1);
    // `<` and `>` differ in one bit.
    let brackets = is(word & !(ONES * 2), b'<');
    (below(word, 0x20) | is(word, b'&') | brackets | is(word, 0xEF)) & HIGH_BITS
}

/// Whether all bytes are ASCII digits and capital letters.
#[inline]
pub fn are_digits_and_capitals(bytes: &[u8]) -> bool {
    let is = |byte: &u8| byte.is_ascii_digit() | byte.is_ascii_uppercase();
    // In this form the compiler looks at all of a block at once.
    let all = |block: &[u8; 16]| u128::from_ne_bytes(block.map(|byte| u8::from(!is(&byte)))) == 0;
    let (blocks, rest) = bytes.as_chunks::<16>();
    blocks.iter().all(all) && rest.iter().all(is)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_character_that_is_not_plain_is_found_wherever_it_stands() {
        let plain: Vec<char> = "aя09 ~\u{7f}\"'\u{a0}%;=?\u{8000}\u{10ffff}\u{ee}\u{ef}".chars().collect();
        let others: Vec<char> = "&<>\t\n\r\0\u{1}\u{1f}\u{ffff}\u{feff}".chars().collect();
        for length in 0..40 {
            let text: Vec<char> = plain.iter().copied().cycle().take(length).collect();
            assert!(is_plain(&text.iter().collect::<String>()), "{text:?}");
            for place in 0..length {
                for other in &others {
                    let mut text = text.clone();
                    text[place] = *other;
                    assert!(!is_plain(&text.iter().collect::<String>()), "{other:?} at {place} of {length}");
                }
            }
        }
    }

    #[test]
    fn every_byte_gets_the_verdict_of_its_rule() {
        for byte in 0..=u8::MAX {
            let expected = byte.is_ascii_digit() || byte.is_ascii_uppercase();
            let expected_odd = byte < 0x20 || matches!(byte, b'&' | b'<' | b'>' | 0xEF);
            for place in 0..20 {
                let mut bytes = [b'A'; 20];
                bytes[place] = byte;
                assert_eq!(are_digits_and_capitals(&bytes), expected, "{byte} at {place}");
                let mut word = [0xFF; 8];
                word[place % 8] = byte;
                assert_eq!(odd(word) != 0, expected_odd, "{byte} at {place}");
            }
        }
    }
}
