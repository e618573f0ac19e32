//! Where writers put text: a string, a file, or pieces in memory that are given back one by one.

use crate::bilingual;
use crate::error::{Code, Error, Result};
use crate::value::text::utf16_length;
use std::io::Write;

/// Size of a piece. Large enough to make a move cheap, small enough to be no burden.
const PIECE: usize = 256 * 1024;
/// Units transcoded at once when an output is copied out.
const UNITS: usize = 16 * 1024;

/// Takes text from a writer.
pub trait TextSink {
    /// Takes the next text.
    ///
    /// # Errors
    /// `file` if the text cannot be stored.
    fn accept(&mut self, text: &str) -> Result<()>;
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
    pieces: Vec<String>,
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
        self.pieces.iter().map(String::as_str)
    }

    /// The whole text in one string.
    pub fn into_text(self) -> String {
        let mut pieces = self.pieces.into_iter();
        let mut text = pieces.next().unwrap_or_default();
        for piece in pieces {
            text.push_str(&piece);
        }
        text
    }

    /// Gives the text as UTF-16 to `write`, with the offset of each part in units. The last part comes first:
    /// freed from the end, the heap can shrink while the copy grows.
    pub fn drain_utf16(self, mut write: impl FnMut(u64, &[u16])) {
        let mut room = vec![0_u16; UNITS];
        let mut end = self.units;
        let mut pieces = self.pieces;
        while let Some(piece) = pieces.pop() {
            end = end.saturating_sub(utf16_length(&piece) as u64);
            let mut offset = end;
            for part in parts(&piece, UNITS) {
                let units = encoding_rs::mem::convert_str_to_utf16(part, &mut room);
                write(offset, room.get(..units).unwrap_or_default());
                offset += units as u64;
            }
        }
    }

    /// Replaces the pieces one by one.
    pub(crate) fn rewrite(&mut self, mut rewrite: impl FnMut(&str) -> Option<String>) {
        for piece in &mut self.pieces {
            if let Some(replacement) = rewrite(piece) {
                self.bytes = self.bytes - piece.len() as u64 + replacement.len() as u64;
                self.units = self.units - utf16_length(piece) as u64 + utf16_length(&replacement) as u64;
                *piece = replacement;
            }
        }
    }
}

impl TextSink for Output {
    fn accept(&mut self, text: &str) -> Result<()> {
        self.bytes += text.len() as u64;
        self.units += utf16_length(text) as u64;
        match self.pieces.last_mut() {
            Some(piece) if piece.capacity() - piece.len() >= text.len() => piece.push_str(text),
            _ => {
                let mut piece = String::with_capacity(text.len().max(PIECE));
                piece.push_str(text);
                self.pieces.push(piece);
            }
        }
        Ok(())
    }
}

/// Cuts a text into parts of at most `most` bytes, between characters.
fn parts(text: &str, most: usize) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let mut end = most.min(rest.len());
        while !rest.is_char_boundary(end) {
            end -= 1;
        }
        let (part, tail) = rest.split_at(end);
        rest = tail;
        Some(part)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_output_comes_back_as_the_units_it_holds() {
        let mut output = Output::new();
        let mut whole = String::new();
        for number in 0..20_000 {
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
