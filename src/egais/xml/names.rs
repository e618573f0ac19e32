//! Namespaces while a document is read: prefixes in scope, URIs as places in the table.

use super::{FOREIGN, NO_NAMESPACE};
use crate::egais::model::NAMESPACES;

/// URI of `xsi:nil` and `xsi:type`.
pub const INSTANCE: &str = "http://www.w3.org/2001/XMLSchema-instance";

/// The prefixes in scope.
#[derive(Debug, Default)]
pub struct Scope<'a> {
    bindings: Vec<(&'a str, Bound)>,
    /// The prefix of the last element and its meaning, until a declaration comes or goes: neighbours mostly share it.
    last: Option<(&'a str, Bound)>,
    /// How many bindings each open element has above it.
    levels: Vec<usize>,
    /// Where the search for the next URI begins: documents repeat their declarations in the same order.
    recent: Vec<u8>,
    turn: usize,
}

/// What a prefix stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bound {
    /// A place in the table of namespaces, or [`FOREIGN`].
    Namespace(u8),
    /// The namespace of `xsi:` attributes.
    Instance,
}

impl<'a> Scope<'a> {
    /// An element begins; its declarations follow.
    #[inline]
    pub fn open(&mut self) {
        self.levels.push(self.bindings.len());
    }

    /// An element ends: its declarations with it.
    #[inline]
    pub fn close(&mut self) {
        if let Some(level) = self.levels.pop()
            && level < self.bindings.len()
        {
            self.bindings.truncate(level);
            self.last = None;
        }
    }

    /// How many declarations are in scope.
    pub fn len(&self) -> usize {
        self.bindings.len()
    }

    /// How many elements are open.
    pub fn depth(&self) -> usize {
        self.levels.len()
    }

    /// Declares a prefix; the empty one is the default namespace.
    pub fn declare(&mut self, prefix: &'a str, uri: &str) {
        let bound = if uri == INSTANCE { Bound::Instance } else { Bound::Namespace(self.place_of(uri)) };
        self.bindings.push((prefix, bound));
        self.last = None;
    }

    /// What a prefix stands for; `None` if it is not declared.
    #[inline]
    pub fn find(&self, prefix: &str) -> Option<Bound> {
        let found = self.bindings.iter().rev().find(|(known, _)| *known == prefix);
        found.map(|(_, bound)| *bound).or_else(|| prefix.is_empty().then_some(Bound::Namespace(NO_NAMESPACE)))
    }

    /// As [`Scope::find`], for the prefixes of elements in their order.
    #[inline]
    pub fn find_next(&mut self, prefix: &'a str) -> Option<Bound> {
        if let Some((_, bound)) = self.last.filter(|(known, _)| *known == prefix) {
            return Some(bound);
        }
        let bound = self.find(prefix)?;
        self.last = Some((prefix, bound));
        Some(bound)
    }

    fn place_of(&mut self, uri: &str) -> u8 {
        let is = |place: u8| NAMESPACES.get(usize::from(place)).is_some_and(|known| known.uri == uri);
        for step in 0..self.recent.len() {
            let at = (self.turn + step) % self.recent.len();
            if let Some(place) = self.recent.get(at).copied().filter(|place| is(*place)) {
                self.turn = at + 1;
                return place;
            }
        }
        let found = NAMESPACES.binary_search_by(|known| known.uri.cmp(uri)).ok();
        let place = found.and_then(|place| u8::try_from(place).ok()).unwrap_or(FOREIGN);
        if self.recent.len() < 16 && place != FOREIGN {
            self.recent.push(place);
        }
        place
    }
}

/// `Name` of XML 1.0 without colons.
pub fn is_name(name: &str) -> bool {
    let start = |sign: char| {
        matches!(sign, 'A'..='Z' | 'a'..='z' | '_' | '\u{c0}'..='\u{d6}' | '\u{d8}'..='\u{f6}' | '\u{f8}'..='\u{2ff}'
            | '\u{370}'..='\u{37d}' | '\u{37f}'..='\u{1fff}' | '\u{200c}' | '\u{200d}' | '\u{2070}'..='\u{218f}'
            | '\u{2c00}'..='\u{2fef}' | '\u{3001}'..='\u{d7ff}' | '\u{f900}'..='\u{fdcf}' | '\u{fdf0}'..='\u{fffd}'
            | '\u{10000}'..='\u{effff}')
    };
    let inner = |sign: char| {
        start(sign)
            || matches!(sign, '0'..='9' | '-' | '.' | '\u{b7}' | '\u{300}'..='\u{36f}' | '\u{203f}' | '\u{2040}')
    };
    let mut signs = name.chars();
    signs.next().is_some_and(start) && signs.all(inner)
}
