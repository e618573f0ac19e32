//! Uniqueness rules of XSD while a document goes by.

use crate::egais::model::{Kind, Primitive, Unique, UniqueField};
use crate::egais::value::{Decimal, collapse};
use foldhash::fast::RandomState;
use std::collections::HashSet;

/// The rules of the elements that are open.
#[derive(Debug, Default)]
pub struct Scopes {
    active: Vec<Scope>,
}

#[derive(Debug)]
struct Scope {
    rule: &'static Unique,
    /// How many elements were open when the owner of the rule began, itself included.
    depth: usize,
    /// How many steps of the selector the open elements have matched.
    matched: usize,
    /// For each field: how many steps of its path, and its value once it is known.
    fields: Vec<(usize, Option<String>)>,
    seen: HashSet<String, RandomState>,
}

impl Scopes {
    /// An element with rules begins; it is the `depth`th open element.
    pub fn open(&mut self, rules: &'static [Unique], depth: usize) {
        for rule in rules.iter().filter(|rule| !rule.selector.is_empty()) {
            let fields = vec![(0, None); rule.fields.len()];
            self.active.push(Scope { rule, depth, matched: 0, fields, seen: HashSet::default() });
        }
    }

    /// True while no rule is open: nothing need be told.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.active.is_empty()
    }

    /// A child with children of its own begins at `place` of its parent; `depth` elements are open, itself included.
    #[inline]
    pub fn begin(&mut self, place: u8, depth: usize) {
        for scope in &mut self.active {
            scope.begin(place, depth);
        }
    }

    /// A value arrives at `place` of its parent; `depth` elements are open, itself included. Gives the rule that it
    /// breaks.
    #[inline]
    pub fn leaf(&mut self, place: u8, depth: usize, kind: Kind, text: &str) -> Option<&'static Unique> {
        self.active.iter_mut().find_map(|scope| scope.leaf(place, depth, kind, text))
    }

    /// An attribute of the element that began last arrives.
    pub fn attribute(&mut self, attribute: u8, depth: usize, kind: Kind, text: &str) {
        for scope in &mut self.active {
            if scope.is_selected() && depth == scope.depth + scope.matched {
                for (field, (_, value)) in scope.rule.fields.iter().zip(&mut scope.fields) {
                    if matches!(field, UniqueField::Attribute(place) if *place == attribute) {
                        *value = Some(normal(kind, text));
                    }
                }
            }
        }
    }

    /// The `depth`th open element ends. Gives the rule that it breaks.
    #[inline]
    pub fn end(&mut self, depth: usize) -> Option<&'static Unique> {
        let mut broken = None;
        for scope in &mut self.active {
            broken = broken.or(scope.end(depth));
        }
        while self.active.last().is_some_and(|scope| scope.depth >= depth) {
            self.active.pop();
        }
        broken
    }
}

impl Scope {
    fn is_selected(&self) -> bool {
        self.matched == self.rule.selector.len()
    }

    fn begin(&mut self, place: u8, depth: usize) {
        if !self.is_selected() {
            if depth == self.depth + self.matched + 1 && self.rule.selector.get(self.matched) == Some(&place)
            {
                self.matched += 1;
                if self.is_selected() {
                    self.fields.iter_mut().for_each(|field| *field = (0, None));
                }
            }
            return;
        }
        let selected = self.depth + self.matched;
        for (field, (steps, _)) in self.rule.fields.iter().zip(&mut self.fields) {
            if let UniqueField::Path(path) = field
                && depth == selected + *steps + 1
                && path.get(*steps) == Some(&place)
            {
                *steps += 1;
            }
        }
    }

    fn leaf(&mut self, place: u8, depth: usize, kind: Kind, text: &str) -> Option<&'static Unique> {
        if !self.is_selected() {
            let last = self.matched + 1 == self.rule.selector.len();
            if last
                && depth == self.depth + self.matched + 1
                && self.rule.selector.get(self.matched) == Some(&place)
            {
                return self.remember(normal(kind, text));
            }
            return None;
        }
        let selected = self.depth + self.matched;
        for (field, (steps, value)) in self.rule.fields.iter().zip(&mut self.fields) {
            if let UniqueField::Path(path) = field
                && *steps + 1 == path.len()
                && depth == selected + *steps + 1
                && path.get(*steps) == Some(&place)
            {
                *value = Some(normal(kind, text));
            }
        }
        None
    }

    fn end(&mut self, depth: usize) -> Option<&'static Unique> {
        let selected = self.depth + self.matched;
        if self.is_selected() {
            for (steps, _) in
                self.fields.iter_mut().filter(|(steps, _)| *steps > 0 && depth == selected + *steps)
            {
                *steps -= 1;
            }
        }
        if self.matched == 0 || depth != selected {
            return None;
        }
        let whole = self.is_selected();
        self.matched -= 1;
        if !whole {
            return None;
        }
        // A row with a field missing is not compared.
        let values: Option<Vec<&str>> = self.fields.iter().map(|(_, value)| value.as_deref()).collect();
        let row = values?.join("\u{1}");
        self.remember(row)
    }

    fn remember(&mut self, row: String) -> Option<&'static Unique> {
        if self.seen.insert(row) { None } else { Some(self.rule) }
    }
}

/// The value as XSD compares it.
fn normal(kind: Kind, text: &str) -> String {
    match kind {
        Kind::Value(value) => match value.primitive {
            Primitive::Text => text.to_owned(),
            Primitive::Decimal | Primitive::Integer | Primitive::PositiveInteger => {
                let text = collapse(text);
                Decimal::read(&text).map_or_else(|| text.to_string(), Decimal::canonical)
            }
            _ => collapse(text).into_owned(),
        },
        _ => text.to_owned(),
    }
}
