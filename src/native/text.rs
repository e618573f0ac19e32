//! UTF-16 texts of the host.

use super::abi::WCHAR_T;
use std::borrow::Cow;

/// No name or code that a host passes NUL-terminated is longer; a longer one is not ours.
const LONGEST_NAME: usize = 1024;

/// The units of a NUL-terminated text, without the terminator; `None` for null and for a text without an end.
///
/// # Safety
/// `text` is null or points to a NUL-terminated text that lives during `'a`.
pub(super) unsafe fn terminated<'a>(text: *const WCHAR_T) -> Option<Cow<'a, [u16]>> {
    if text.is_null() {
        return None;
    }
    // SAFETY: units before the terminator are readable; reading stops there.
    let length = (0..LONGEST_NAME).find(|&at| unsafe { text.add(at).read_unaligned() } == 0)?;
    // SAFETY: `length` units from `text` were read above.
    Some(unsafe { units(text, length) })
}

/// `length` units from `text`; null gives none. Borrowed when aligned, copied otherwise.
///
/// # Safety
/// `text` is null or points to `length` readable units that live during `'a`.
pub(super) unsafe fn units<'a>(text: *const WCHAR_T, length: usize) -> Cow<'a, [u16]> {
    if text.is_null() || length == 0 {
        return Cow::Borrowed(&[]);
    }
    if text.is_aligned() {
        // SAFETY: the caller vouches for `length` units, and the pointer is aligned and not null.
        return Cow::Borrowed(unsafe { std::slice::from_raw_parts(text, length) });
    }
    // SAFETY: the caller vouches for `length` units; they are read without regard to alignment.
    Cow::Owned((0..length).map(|at| unsafe { text.add(at).read_unaligned() }).collect())
}

/// A NUL-terminated copy for calls into the host.
pub(super) fn to_terminated(text: &str) -> Vec<u16> {
    text.encode_utf16().filter(|unit| *unit != 0).chain([0]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_without_an_end_is_not_read_on() {
        let endless = vec![0x41_u16; LONGEST_NAME + 10];
        // SAFETY: the first `LONGEST_NAME` units are readable, no more are read.
        assert_eq!(unsafe { terminated(endless.as_ptr()) }, None);
    }

    #[test]
    fn an_unaligned_text_is_copied() {
        let bytes = [0_u8, 0x41, 0, 0x42, 0, 0, 0];
        // SAFETY: three units from the second byte lie inside the array.
        let units = unsafe { units(bytes.as_ptr().wrapping_add(1).cast(), 3) };
        assert_eq!(units.as_ref(), &[0x41, 0x42, 0]);
    }
}
