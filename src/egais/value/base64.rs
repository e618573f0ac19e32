//! The lexical form of `xs:base64Binary`.

/// Whether `text` is base64 by XSD: groups of four signs, single blanks allowed between signs, padding at the end with
/// its unused bits zero. The empty text is the empty value.
pub fn is_base64(text: &str) -> bool {
    let mut signs = 0_usize;
    let mut padding = 0_usize;
    let mut last = b'A';
    for byte in text.bytes() {
        match byte {
            b' ' => {}
            b'=' => padding += 1,
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'+' | b'/' if padding == 0 => {
                signs += 1;
                last = byte;
            }
            _ => return false,
        }
    }
    let unused_bits_are_zero = match padding {
        0 => true,
        1 => b"AEIMQUYcgkosw048".contains(&last),
        2 => b"AQgw".contains(&last),
        _ => return false,
    };
    (signs + padding).is_multiple_of(4) && unused_bits_are_zero
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn padding_must_fit() {
        for text in ["", "QUJD", "QUI=", "QQ==", "QUJD QUJD", "Q U J D"] {
            assert!(is_base64(text), "{text}");
        }
        for text in ["QUJ", "QUJ=D", "QR==", "QUJ=", "====", "QUJD!", "QUJD="] {
            assert!(!is_base64(text), "{text}");
        }
    }
}
