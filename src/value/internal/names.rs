//! Names of the members of structures while they are written: are they identifiers, does one come again?
//!
//! Rows of data repeat the same names. Each level remembers the names of its last structure; as long as the next
//! one follows them, nothing has to be checked.

use crate::value::path::is_identifier;
use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};

/// From so many names on, a table of hashes replaces the search along the list.
const MANY: usize = 32;

/// The names of all open structures.
#[derive(Debug, Default)]
pub(super) struct NameBook {
    levels: Vec<Level>,
    open: usize,
}

#[derive(Debug, Default)]
struct Level {
    /// The names of the last structure of this level, as far as the present one follows them its own.
    names: Vec<Known>,
    /// Members of the present structure so far.
    spans: Vec<Span>,
    /// The present structure has left the names of the last one.
    strayed: bool,
    /// A name came again.
    repeated: bool,
    index: HashMap<u64, Vec<usize>>,
}

#[derive(Debug)]
struct Known {
    name: String,
    /// Hash of the name without regard to case: 1C's structures do not tell `имя` from `Имя`.
    folded: u64,
    /// This name and all before it are identifiers that differ in more than case.
    fits: bool,
}

/// Where a member stands in the text.
#[derive(Debug, Clone, Copy)]
pub(super) struct Span {
    pub start: u64,
    pub end: u64,
    gone: bool,
}

impl NameBook {
    /// A structure begins.
    pub fn open(&mut self) {
        if self.levels.len() == self.open {
            self.levels.push(Level::default());
        }
        if let Some(level) = self.levels.get_mut(self.open) {
            level.begin();
        }
        self.open += 1;
    }

    /// A member named `name` begins at `offset`. Gives the earlier member of the same name, which has to go.
    #[inline]
    pub fn add(&mut self, name: &str, offset: u64) -> Option<Span> {
        let level = self.open.checked_sub(1).and_then(|open| self.levels.get_mut(open))?;
        level.add(name, offset)
    }

    /// The structure ends. True if all its names can be names of a `Структура`.
    pub fn close(&mut self) -> bool {
        self.open = self.open.saturating_sub(1);
        let Some(level) = self.levels.get_mut(self.open) else {
            return true;
        };
        let last = level.spans.len().checked_sub(1);
        last.and_then(|last| level.names.get(last)).is_none_or(|known| known.fits)
    }
}

impl Level {
    fn begin(&mut self) {
        if self.repeated {
            self.names.clear();
        }
        self.spans.clear();
        self.index.clear();
        self.strayed = false;
        self.repeated = false;
    }

    #[inline]
    fn add(&mut self, name: &str, offset: u64) -> Option<Span> {
        if let Some(last) = self.spans.last_mut() {
            last.end = offset;
        }
        let at = self.spans.len();
        self.spans.push(Span { start: offset, end: offset, gone: false });
        if !self.strayed && self.names.get(at).is_some_and(|known| known.name == name) {
            return None;
        }
        self.add_unknown(name, at)
    }

    #[cold]
    fn add_unknown(&mut self, name: &str, at: usize) -> Option<Span> {
        if !self.strayed {
            self.strayed = true;
            self.names.truncate(at);
        }
        let folded = folded_hash(name);
        let mut same = None;
        let mut differs_in_case = false;
        for earlier in self.alike(folded) {
            let (Some(known), Some(span)) = (self.names.get(earlier), self.spans.get(earlier)) else {
                continue;
            };
            match known.name == name {
                true if !span.gone => same = Some(earlier),
                true => {}
                false => differs_in_case = true,
            }
        }
        let before = at.checked_sub(1).and_then(|last| self.names.get(last)).is_none_or(|known| known.fits);
        let fits = before && !differs_in_case && is_identifier(name);
        self.names.push(Known { name: name.to_owned(), folded, fits });
        if self.names.len() > MANY {
            self.index.entry(folded).or_default().push(at);
        }
        let span = self.spans.get_mut(same?)?;
        span.gone = true;
        self.repeated = true;
        Some(*span)
    }

    /// Earlier names that may be the same but for case.
    fn alike(&mut self, folded: u64) -> Vec<usize> {
        if self.names.len() < MANY {
            let all = self.names.iter().enumerate();
            return all.filter(|(_, known)| known.folded == folded).map(|(index, _)| index).collect();
        }
        if self.index.is_empty() {
            for (index, known) in self.names.iter().enumerate() {
                self.index.entry(known.folded).or_default().push(index);
            }
        }
        self.index.get(&folded).cloned().unwrap_or_default()
    }
}

fn folded_hash(name: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    for character in name.chars().flat_map(char::to_lowercase) {
        character.hash(&mut hasher);
    }
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn structure(book: &mut NameBook, names: &[&str]) -> (Vec<u64>, bool) {
        book.open();
        let gone =
            (0..).zip(names).filter_map(|(at, name)| book.add(name, at)).map(|span| span.start).collect();
        (gone, book.close())
    }

    #[test]
    fn repeated_names_give_the_earlier_member() {
        let mut book = NameBook::default();
        for _ in 0..2 {
            assert_eq!(structure(&mut book, &["а", "б", "а", "а"]), (vec![0, 2], true));
            assert_eq!(structure(&mut book, &["а", "б"]), (vec![], true));
            assert_eq!(structure(&mut book, &["а", "б", "в"]), (vec![], true));
        }
    }

    #[test]
    fn names_that_are_no_identifiers_or_differ_in_case_do_not_fit() {
        let mut book = NameBook::default();
        assert_eq!(structure(&mut book, &["а", "б в", "г"]), (vec![], false));
        assert_eq!(structure(&mut book, &["а"]), (vec![], true));
        assert_eq!(structure(&mut book, &["Имя", "имя"]), (vec![], false));
        assert_eq!(structure(&mut book, &["Имя", "Код"]), (vec![], true));
        assert_eq!(structure(&mut book, &[]), (vec![], true));
    }

    #[test]
    fn large_structures_are_searched_as_well() {
        let names: Vec<String> = (0..200).map(|number| format!("n{}", number % 150)).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let mut book = NameBook::default();
        assert_eq!(structure(&mut book, &names), ((0..50).collect(), true));
        assert_eq!(structure(&mut book, &names), ((0..50).collect(), true));
    }
}
