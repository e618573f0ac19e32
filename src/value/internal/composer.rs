//! Text whose counts become known only after what they count.
//!
//! Internal text says how many items a list has before the items. The composer lets a writer run ahead and notes
//! where something is missing; short stretches are mended at once, the others when the text is finished.

use crate::error::Result;
use crate::value::output::{Output, TextSink};
use std::fmt::Write;
use std::ops::Range;
use uuid::Uuid;

/// Text that is kept in one piece for mending before it moves to the output.
const TAIL: usize = 64 * 1024;
/// Up to this length text is moved to make room for a count; beyond it the place is noted.
const SHORT: usize = 4 * 1024;

/// What was missing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Missing {
    /// A number of items.
    Count(u64),
    /// The type of a collection and the number of its members.
    Members(Uuid, u64),
    /// A longer text, such as the head of a table.
    Text(Box<str>),
}

impl Missing {
    fn write(&self, text: &mut String) {
        let _ = match self {
            Self::Count(count) => write!(text, "{count}"),
            Self::Members(kind, count) => write!(text, "{kind},\n{{{count}"),
            Self::Text(missing) => {
                text.push_str(missing);
                Ok(())
            }
        };
    }
}

/// A change at an offset of the text as it was written.
#[derive(Debug)]
struct Edit {
    at: u64,
    removed: u64,
    inserted: Option<Missing>,
}

/// A growing text with changes that wait.
#[derive(Debug, Default)]
pub(super) struct Composer {
    /// The end of the text.
    pub tail: String,
    /// Bytes before the tail.
    before: u64,
    output: Output,
    edits: Vec<Edit>,
    /// No text before this offset may move any more: an edit is noted there.
    settled: u64,
}

impl Composer {
    /// The offset at which the next text will stand.
    pub fn position(&self) -> u64 {
        self.before + self.tail.len() as u64
    }

    /// Inserts at `at`, which must not be further back than the beginning of what is open.
    pub fn insert(&mut self, at: u64, missing: Missing) {
        let short = self.position() - at <= SHORT as u64;
        if let (true, true, Some(offset)) = (short, at >= self.settled, self.in_tail(at)) {
            let mut text = String::new();
            missing.write(&mut text);
            self.tail.insert_str(offset, &text);
        } else {
            self.note(Edit { at, removed: 0, inserted: Some(missing) });
        }
    }

    /// Takes the text from `at` to `end` out.
    pub fn remove(&mut self, at: u64, end: u64) {
        self.note(Edit { at, removed: end.saturating_sub(at), inserted: None });
    }

    fn note(&mut self, edit: Edit) {
        self.settled = self.settled.max(edit.at + edit.removed + 1);
        self.edits.push(edit);
    }

    fn in_tail(&self, at: u64) -> Option<usize> {
        usize::try_from(at.checked_sub(self.before)?).ok()
    }

    /// A piece of the tail; empty if it is not in the tail.
    pub fn text(&self, range: &Range<u64>) -> &str {
        let offsets = self.in_tail(range.start).zip(self.in_tail(range.end));
        offsets.and_then(|(start, end)| self.tail.get(start..end)).unwrap_or_default()
    }

    /// Replaces the tail from `from` on.
    pub fn replace_from(&mut self, from: u64, text: &str) {
        if let Some(offset) = self.in_tail(from) {
            self.tail.truncate(offset);
            self.tail.push_str(text);
        }
    }

    /// Moves a long tail to the output.
    pub fn move_on(&mut self) -> Result<()> {
        if self.tail.len() >= TAIL { self.flush() } else { Ok(()) }
    }

    fn flush(&mut self) -> Result<()> {
        self.before += self.tail.len() as u64;
        self.output.take(&mut self.tail)
    }

    /// Makes the changes from `from` on, which must still be in the tail.
    pub fn settle(&mut self, from: u64) {
        let first = self.edits.iter().rposition(|edit| edit.at < from).map_or(0, |last| last + 1);
        if let (true, Some(offset)) = (first < self.edits.len(), self.in_tail(from)) {
            let mut splice = Splice::new(from, self.edits.drain(first..).collect());
            let mut text = String::new();
            // A string takes everything.
            let _ = splice.piece(self.tail.get(offset..).unwrap_or_default(), &mut text);
            self.tail.truncate(offset);
            self.tail.push_str(&text);
        }
        self.settled = self.settled.min(from);
    }

    /// The finished text.
    pub fn finish(&mut self) -> Result<Output> {
        self.flush()?;
        let mut splice = Splice::new(0, std::mem::take(&mut self.edits));
        std::mem::take(&mut self.output).rewritten(|piece, output| {
            let stays = splice.leaves(piece.bytes().len());
            if !stays {
                splice.piece(piece.text(), output)?;
            }
            Ok(!stays)
        })
    }
}

/// Makes changes while it walks over a text piece by piece.
struct Splice {
    /// Offset of the next piece.
    at: u64,
    /// Text before this offset is taken out.
    removed_to: u64,
    edits: std::iter::Peekable<std::vec::IntoIter<Edit>>,
}

impl Splice {
    fn new(at: u64, mut edits: Vec<Edit>) -> Self {
        // What is inserted before a text stays when that text goes out.
        edits.sort_by_key(|edit| (edit.at, edit.removed));
        Self { at, removed_to: at, edits: edits.into_iter().peekable() }
    }

    /// Passes over a piece of so many bytes that stays as it is; false if it does not.
    fn leaves(&mut self, bytes: usize) -> bool {
        let end = self.at + bytes as u64;
        let stays = self.removed_to <= self.at && self.edits.peek().is_none_or(|edit| edit.at >= end);
        if stays {
            self.at = end;
        }
        stays
    }

    fn piece(&mut self, piece: &str, target: &mut impl TextSink) -> Result<()> {
        let (start, end) = (self.at, self.at + piece.len() as u64);
        let offset = |at: u64| usize::try_from(at.clamp(start, end) - start).unwrap_or_default();
        let mut from = self.removed_to;
        while let Some(edit) = self.edits.next_if(|edit| edit.at < end) {
            // What stands inside a text that goes out goes out with it.
            if edit.at < self.removed_to {
                continue;
            }
            target.accept(piece.get(offset(from)..offset(edit.at)).unwrap_or_default())?;
            if let Some(missing) = &edit.inserted {
                let mut text = String::new();
                missing.write(&mut text);
                target.accept(&text)?;
            }
            self.removed_to = edit.at + edit.removed;
            from = self.removed_to;
        }
        self.at = end;
        target.accept(piece.get(offset(from)..).unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Lists of lists with counts, long and short, against a plain recursive writer.
    fn compose(composer: &mut Composer, depth: u32, width: u64) -> Result<()> {
        composer.tail.push('{');
        let at = composer.position();
        for item in 0..width {
            composer.tail.push(',');
            if depth > 0 {
                compose(composer, depth - 1, width + item % 2)?;
            } else {
                composer.tail.push_str("элемент");
            }
            composer.move_on()?;
        }
        composer.insert(at, Missing::Count(width));
        composer.tail.push('}');
        Ok(())
    }

    fn plain(depth: u32, width: u64) -> String {
        let items = (0..width).map(|item| match depth {
            0 => "элемент".to_owned(),
            _ => plain(depth - 1, width + item % 2),
        });
        let items: Vec<_> = items.collect();
        format!("{{{width},{}}}", items.join(","))
    }

    #[test]
    fn counts_stand_where_they_belong() {
        let mut composer = Composer::default();
        assert_eq!(compose(&mut composer, 5, 6), Ok(()));
        let text = composer.finish().map(Output::into_text);
        assert_eq!(text, Ok(plain(5, 6)));
    }

    #[test]
    fn what_is_taken_out_takes_its_changes_along() {
        for fill in [10, 3 * TAIL] {
            let mut composer = Composer::default();
            composer.tail.push('{');
            let at = composer.position();
            composer.tail.push_str(",a{");
            let inner = composer.position();
            composer.tail.push_str(&",x".repeat(fill));
            assert_eq!(composer.move_on(), Ok(()));
            composer.insert(inner, Missing::Count(fill as u64));
            composer.tail.push('}');
            let end = composer.position();
            composer.tail.push_str(",b");
            composer.remove(at, end);
            composer.insert(at, Missing::Count(1));
            composer.tail.push('}');
            assert_eq!(composer.finish().map(Output::into_text), Ok("{1,b}".to_owned()), "{fill}");
        }
    }
}
