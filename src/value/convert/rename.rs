//! Other names for fields, given while a value streams by.

use crate::error::Result;
use crate::value::convert::keys::Keys;
use crate::value::event::{Event, Position, ReadEvents, Table};
use std::collections::HashMap;

/// Renames members of structures, columns of tables and text keys of maps, at every depth.
pub struct RenameFields<R> {
    inner: R,
    names: HashMap<String, String>,
    keys: Keys,
    table: Table,
}

impl<R: ReadEvents> RenameFields<R> {
    /// Wraps a reader; `names` gives the new name for each old one.
    pub fn new(inner: R, names: HashMap<String, String>) -> Self {
        Self { inner, names, keys: Keys::default(), table: Table::default() }
    }
}

impl<R: ReadEvents> ReadEvents for RenameFields<R> {
    fn next_event(&mut self) -> Result<Option<Event<'_>>> {
        let names = &self.names;
        if names.is_empty() {
            return self.inner.next_event();
        }
        let Some(event) = self.inner.next_event()? else { return Ok(None) };
        let is_key = self.keys.next(&event);
        Ok(Some(match event {
            Event::Name(name) => Event::Name(names.get(name).map_or(name, String::as_str)),
            Event::Text(key) if is_key => Event::Text(names.get(key).map_or(key, String::as_str)),
            Event::BeginTable(table) => {
                self.table.clone_from(table);
                for column in &mut self.table.columns {
                    if let Some(name) = names.get(&column.name) {
                        column.name.clone_from(name);
                    }
                }
                Event::BeginTable(&self.table)
            }
            other => other,
        }))
    }

    fn position(&self) -> Position {
        self.inner.position()
    }

    fn path(&self) -> String {
        self.inner.path()
    }
}
