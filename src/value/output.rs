//! Where writers put text: a string, a file, or pieces in memory that are given back one by one.

use crate::bilingual;
use crate::error::{Code, Error, Result};
use crate::value::piece::Piece;
use crate::value::text::utf16_length;
use std::io::Write;

/// A text longer than this is kept in large pieces.
const SHORT: u64 = 1024 * 1024;
/// Bytes transcoded at once when an output is copied out.
const PART: usize = 16 * 1024;

/// Takes text from a writer.
pub trait TextSink {
    /// Takes the next text.
    ///
    /// # Errors
    /// `file` if the text cannot be stored.
    fn accept(&mut self, text: &str) -> Result<()>;

    /// Takes the next text out of a buffer, which is empty afterwards.
    ///
    /// # Errors
    /// As [`TextSink::accept`].
    fn take(&mut self, text: &mut String) -> Result<()> {
        self.accept(text)?;
        text.clear();
        Ok(())
    }
}

impl TextSink for String {
    fn accept(&mut self, text: &str) -> Result<()> {
        self.push_str(text);
        Ok(())
    }
}

impl TextSink for Vec<u8> {
    fn accept(&mut self, text: &str) -> Result<()> {
        self.extend_from_slice(text.as_bytes());
        Ok(())
    }
}

impl<S: TextSink + ?Sized> TextSink for &mut S {
    fn accept(&mut self, text: &str) -> Result<()> {
        (**self).accept(text)
    }

    fn take(&mut self, text: &mut String) -> Result<()> {
        (**self).take(text)
    }
}

/// Writes UTF-8 to a stream such as a file.
#[derive(Debug)]
pub struct Utf8Stream<W: Write>(pub W);

impl<W: Write> TextSink for Utf8Stream<W> {
    fn accept(&mut self, text: &str) -> Result<()> {
        self.0.write_all(text.as_bytes()).map_err(|error| {
            Error::new(
                Code::File,
                bilingual!("Не удалось записать данные: {error}.", "The data cannot be written: {error}."),
            )
        })
    }
}

/// A text in pieces. It knows its length in UTF-16 and gives its memory back while it is copied out, so that
/// the text and its copy never stand in memory together.
#[derive(Debug, Default)]
pub struct Output {
    pieces: Vec<Piece>,
    bytes: u64,
    units: u64,
}

impl Output {
    /// An empty output.
    pub fn new() -> Self {
        Self::default()
    }

    /// Length in bytes of UTF-8.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Length in UTF-16 units.
    pub fn units(&self) -> u64 {
        self.units
    }

    /// The pieces in their order.
    pub fn pieces(&self) -> impl Iterator<Item = &str> {
        self.pieces.iter().map(Piece::text)
    }

    /// The whole text in one string.
    pub fn into_text(self) -> String {
        self.pieces().collect()
    }

    /// Gives the text as UTF-16 to `write`, with the offset of each part in units. The last piece comes first:
    /// freed from the end, the heap can shrink while the copy grows.
    pub fn drain_utf16(self, mut write: impl FnMut(u64, &[u16])) {
        let mut room = vec![0_u16; PART + 1];
        let mut end = self.units;
        let mut pieces = self.pieces;
        while let Some(piece) = pieces.pop() {
            end = end.saturating_sub(piece.units());
            let mut offset = end;
            for part in parts(piece.bytes(), PART) {
                let units = encoding_rs::mem::convert_utf8_to_utf16(part, &mut room);
                write(offset, room.get(..units).unwrap_or_default());
                offset += units as u64;
            }
        }
    }

    /// Gives the pieces one after another to `rewrite`, which puts what is to stay into the new output; a piece for
    /// which it gives false stays as it is.
    pub(in crate::value) fn rewritten(
        self,
        mut rewrite: impl FnMut(&Piece, &mut Self) -> Result<bool>,
    ) -> Result<Self> {
        let mut output = Self::new();
        for piece in self.pieces {
            if !rewrite(&piece, &mut output)? {
                output.add(piece);
            }
        }
        Ok(output)
    }

    fn add(&mut self, piece: Piece) {
        self.bytes += piece.bytes().len() as u64;
        self.units += piece.units();
        self.pieces.push(piece);
    }
}

impl TextSink for Output {
    fn accept(&mut self, text: &str) -> Result<()> {
        let (bytes, units) = (text.len() as u64, utf16_length(text) as u64);
        let pushed = self.pieces.last_mut().is_some_and(|piece| piece.push(text, units));
        if !pushed {
            let mut piece = if self.bytes + bytes <= SHORT {
                Piece::from_text(String::with_capacity(text.len().next_power_of_two()))
            } else {
                Piece::large(text.len())
            };
            piece.push(text, units);
            self.pieces.push(piece);
        }
        self.bytes += bytes;
        self.units += units;
        Ok(())
    }

    fn take(&mut self, text: &mut String) -> Result<()> {
        if self.bytes + text.len() as u64 <= SHORT {
            // The buffer itself becomes a piece: nothing is copied.
            let next = String::with_capacity(text.capacity());
            self.add(Piece::from_text(std::mem::replace(text, next)));
        } else {
            self.accept(text)?;
            text.clear();
        }
        Ok(())
    }
}

/// Cuts UTF-8 into parts of at most `most` bytes, between characters.
fn parts(text: &[u8], most: usize) -> impl Iterator<Item = &[u8]> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let mut end = most.min(rest.len());
        while rest.get(end).is_some_and(|byte| byte & 0xC0 == 0x80) {
            end -= 1;
        }
        let part;
        (part, rest) = rest.split_at_checked(end)?;
        (!part.is_empty()).then_some(part)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_output_comes_back_as_the_units_it_holds() {
        let mut output = Output::new();
        let mut whole = String::new();
        for number in 0..200_000 {
            let text = format!("{number} Ёж 😀 №;");
            whole.push_str(&text);
            assert_eq!(output.accept(&text), Ok(()));
        }
        let expected: Vec<u16> = whole.encode_utf16().collect();
        assert_eq!(output.units(), expected.len() as u64);
        assert_eq!(output.bytes(), whole.len() as u64);
        assert!(output.pieces().count() > 1);
        let mut copied = vec![0; expected.len()];
        output.drain_utf16(|offset, units| {
            let offset = offset as usize;
            copied[offset..offset + units.len()].copy_from_slice(units);
        });
        assert!(copied == expected);
    }
}
