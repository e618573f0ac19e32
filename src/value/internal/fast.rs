//! The usual shapes of values inside collections, recognised in one look at the window.
//!
//! Tables repeat a few shapes millions of times: `,{"S","…"}` and its like, with at most one line break after the
//! comma. Whatever looks different in any way, or does not end inside the window, is left to the full reader.

use crate::value::date::DateTime;
use crate::value::number;

/// A value, with offsets from the beginning of the text it was found in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    Text { start: usize, end: usize },
    Number { start: usize, end: usize },
    Boolean(bool),
    Date(DateTime),
    Undefined,
    Null,
}

/// The value after a comma, and how many bytes comma and value take.
#[inline]
pub(super) fn value(text: &[u8]) -> Option<(Shape, usize)> {
    let start = match text {
        [b',', b'\n', b'{', ..] => 2,
        [b',', b'{', ..] => 1,
        [b',', b'\r', b'\n', b'{', ..] => 3,
        _ => return None,
    };
    let [b'{', b'"', tag, b'"', rest @ ..] = text.get(start..)? else { return None };
    let inside = start + 4;
    match tag {
        b'S' => {
            let rest = rest.strip_prefix(b",\"")?;
            let length = memchr::memchr(b'"', rest)?;
            // A second quotation mark or a backslash here belongs to the string.
            (rest.get(length + 1) == Some(&b'}')).then_some(())?;
            let start = inside + 2;
            Some((Shape::Text { start, end: start + length }, start + length + 2))
        }
        b'N' => {
            let rest = rest.strip_prefix(b",")?;
            let length = rest.iter().take(48).position(|byte| *byte == b'}')?;
            number::is_canonical(rest.get(..length)?).then_some(())?;
            let start = inside + 1;
            Some((Shape::Number { start, end: start + length }, start + length + 1))
        }
        b'B' => match rest {
            [b',', b'1', b'}', ..] => Some((Shape::Boolean(true), inside + 3)),
            [b',', b'0', b'}', ..] => Some((Shape::Boolean(false), inside + 3)),
            _ => None,
        },
        b'D' => {
            let (digits, rest) = rest.strip_prefix(b",")?.split_first_chunk::<14>()?;
            let date = DateTime::from_digits(digits)?;
            (rest.first() == Some(&b'}')).then_some((Shape::Date(date), inside + 16))
        }
        b'U' if rest.first() == Some(&b'}') => Some((Shape::Undefined, inside + 1)),
        b'L' if rest.first() == Some(&b'}') => Some((Shape::Null, inside + 1)),
        _ => None,
    }
}

/// The beginning `,{2,id,cells` of a row after which a cell or the end follows: id, cells, bytes taken.
#[inline]
pub(super) fn row(text: &[u8]) -> Option<(i64, u64, usize)> {
    let start = match text {
        [b',', b'\n', b'{', b'2', b',', ..] => 5,
        [b',', b'{', b'2', b',', ..] => 4,
        [b',', b'\r', b'\n', b'{', b'2', b',', ..] => 6,
        _ => return None,
    };
    let (id, digits) = small_number(text.get(start..)?)?;
    let start = start + digits;
    (text.get(start) == Some(&b',')).then_some(())?;
    let (cells, digits) = small_number(text.get(start + 1..)?)?;
    let end = start + 1 + digits;
    (text.get(end) == Some(&b',')).then_some((i64::try_from(id).ok()?, cells, end))
}

/// A number of at most nine digits and how many they are.
fn small_number(text: &[u8]) -> Option<(u64, usize)> {
    let digits = text.iter().take(9).take_while(|byte| byte.is_ascii_digit());
    let (mut value, mut count) = (0, 0);
    for digit in digits {
        value = value * 10 + u64::from(digit - b'0');
        count += 1;
    }
    (count > 0).then_some((value, count))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn usual_shapes_are_seen() {
        let text = |start, end| Some((Shape::Text { start, end }, end + 2));
        let number = |start, end| Some((Shape::Number { start, end }, end + 1));
        assert_eq!(value(b",{\"S\",\"abc\"}"), text(7, 10));
        assert_eq!(value(b",\n{\"S\",\"\"},"), text(8, 8));
        assert_eq!(value(b",\r\n{\"N\",-1.5}"), number(8, 12));
        assert_eq!(value(b",{\"B\",1}"), Some((Shape::Boolean(true), 8)));
        assert_eq!(value(b",{\"U\"}"), Some((Shape::Undefined, 6)));
        assert_eq!(value(b",{\"L\"}x"), Some((Shape::Null, 6)));
        assert_eq!(value(b",{\"D\",00010101000000}"), Some((Shape::Date(DateTime::EMPTY), 21)));
        assert_eq!(row(b",\n{2,17,8,\n"), Some((17, 8, 9)));
        assert_eq!(row(b",{2,0,0,0}"), Some((0, 0, 7)));
    }

    #[test]
    fn whatever_else_is_left_alone() {
        for text in [
            ",{\"S\",\"a\"\"b\"}",
            ",{\"S\",\"a\"\\d83d\"}",
            ",{\"S\",\"a",
            ",{\"S\",\"a\"",
            ",{\"S\",\"a\" }",
            ", {\"S\",\"a\"}",
            ",{\"N\",007}",
            ",{\"N\",1e5}",
            ",{\"N\", 1}",
            ",{\"N\",1",
            ",{\"B\",2}",
            ",{\"D\",20240230000000}",
            ",{\"U\"",
            ",{\"#\",x}",
            ",{\"Q\",1}",
            "{\"U\"}",
            ",\n\n{\"U\"}",
            "",
        ] {
            assert_eq!(value(text.as_bytes()), None, "{text}");
        }
        for text in [",{2,-1,3,", ",{2,1234567890,3,", ",{2,1,3}", ",{2,1,", ",{1,1,1,", ",{2,1,1"] {
            assert_eq!(row(text.as_bytes()), None, "{text}");
        }
    }
}
