//! The way from the root of a value to where a reader stands, kept cheaply and spelled out only for messages.

use crate::value::event::Table;
use std::fmt::Write;

/// Steps from the root inwards.
#[derive(Debug, Default)]
pub(crate) struct Path {
    steps: Vec<Step>,
    /// Names and text keys, one after another.
    names: String,
}

#[derive(Debug, Clone, Copy)]
enum Step {
    /// Inside an array or a list; how many values have begun.
    Index(u64),
    /// Inside a table; how many rows have begun.
    Row(u64),
    /// Inside a row; how many cells have begun.
    Cell(usize),
    /// Inside a structure: where the current name stands.
    Name { start: usize, end: usize },
    /// Inside a map: where the current key stands if it is text, and how many keys have begun.
    Key { start: usize, end: usize, index: u64 },
}

impl Path {
    /// Enters an array or a list.
    #[inline]
    pub fn enter_values(&mut self) {
        self.steps.push(Step::Index(0));
    }

    /// Enters a table.
    #[inline]
    pub fn enter_rows(&mut self) {
        self.steps.push(Step::Row(0));
    }

    /// Enters a row.
    #[inline]
    pub fn enter_cells(&mut self) {
        self.steps.push(Step::Cell(0));
    }

    /// Enters a structure.
    #[inline]
    pub fn enter_names(&mut self) {
        let end = self.names.len();
        self.steps.push(Step::Name { start: end, end });
    }

    /// Enters a map.
    #[inline]
    pub fn enter_keys(&mut self) {
        let end = self.names.len();
        self.steps.push(Step::Key { start: end, end, index: 0 });
    }

    /// The next value, row, cell or key of the innermost level begins.
    #[inline]
    pub fn next(&mut self) {
        match self.steps.last_mut() {
            Some(Step::Index(index) | Step::Row(index)) => *index += 1,
            Some(Step::Cell(index)) => *index += 1,
            Some(Step::Key { start, end, index }) => {
                *index += 1;
                *end = *start;
                self.names.truncate(*start);
            }
            Some(Step::Name { .. }) | None => {}
        }
    }

    /// The member of a structure, or the text key of a map, that begins.
    #[inline]
    pub fn name(&mut self, name: &str) {
        if let Some(Step::Name { start, end } | Step::Key { start, end, .. }) = self.steps.last_mut() {
            self.names.truncate(*start);
            self.names.push_str(name);
            *end = self.names.len();
        }
    }

    /// Leaves the innermost level.
    #[inline]
    pub fn leave(&mut self) {
        if let Some(Step::Name { start, .. } | Step::Key { start, .. }) = self.steps.pop() {
            self.names.truncate(start);
        }
    }

    /// The path as BSL would write it; `tables` are the open tables, the outermost first.
    pub fn spell(&self, tables: &[Table]) -> String {
        self.spell_with(tables.iter())
    }

    /// As [`Path::spell`], for tables that stand elsewhere.
    pub fn spell_with<'t>(&self, mut tables: impl Iterator<Item = &'t Table>) -> String {
        let mut path = String::new();
        let mut table: Option<&Table> = None;
        for step in &self.steps {
            match *step {
                Step::Index(index) => spell_index(&mut path, index),
                Step::Row(index) => {
                    table = tables.next();
                    spell_index(&mut path, index);
                }
                Step::Cell(index) => {
                    let column = index.checked_sub(1).and_then(|at| table?.columns.get(at));
                    if let Some(column) = column {
                        spell_name(&mut path, &column.name);
                    }
                }
                Step::Name { start, end } => {
                    if let Some(name) = self.names.get(start..end).filter(|name| !name.is_empty()) {
                        spell_name(&mut path, name);
                    }
                }
                Step::Key { start, end, .. } if end > start => {
                    let _ = write!(path, "[\"{}\"]", self.names.get(start..end).unwrap_or_default());
                }
                Step::Key { index, .. } => spell_index(&mut path, index),
            }
        }
        path
    }
}

fn spell_index(path: &mut String, begun: u64) {
    if let Some(index) = begun.checked_sub(1) {
        let _ = write!(path, "[{index}]");
    }
}

fn spell_name(path: &mut String, name: &str) {
    if is_identifier(name) {
        if !path.is_empty() {
            path.push('.');
        }
        path.push_str(name);
    } else {
        let _ = write!(path, "[\"{name}\"]");
    }
}

/// Whether 1C takes `name` as an identifier: a letter or `_`, then letters, digits or `_`.
pub fn is_identifier(name: &str) -> bool {
    let mut characters = name.chars();
    characters.next().is_some_and(|first| first == '_' || first.is_alphabetic())
        && characters.all(|next| next == '_' || next.is_alphanumeric())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_reads_like_an_expression() {
        let mut path = Path::default();
        path.enter_names();
        path.name("Товары");
        path.enter_values();
        path.next();
        path.next();
        path.enter_keys();
        path.next();
        path.name("ключ");
        path.enter_names();
        path.name("не имя");
        assert_eq!(path.spell(&[]), r#"Товары[1]["ключ"]["не имя"]"#);
        path.leave();
        path.next();
        assert_eq!(path.spell(&[]), "Товары[1][1]");
        path.leave();
        path.leave();
        path.name("Цена");
        assert_eq!(path.spell(&[]), "Цена");
    }

    #[test]
    fn identifiers_follow_the_rules_of_the_language() {
        for name in ["Имя", "_x", "a1", "Ёж_2"] {
            assert!(is_identifier(name), "{name}");
        }
        for name in ["", "1a", "a b", "a-b", "a.b", "№"] {
            assert!(!is_identifier(name), "{name}");
        }
    }
}
