//! Tables and lists as arrays, for targets that know structures only.

use crate::error::Result;
use crate::value::event::{Event, Mutability, WriteEvents};

/// Wraps a writer: a table becomes an array of structures with all columns, at every depth.
pub struct RowsAsStructures<W> {
    inner: W,
    open: Vec<Open>,
}

enum Open {
    Table { columns: Vec<String> },
    Row { cell: usize },
    Other,
}

impl<W: WriteEvents> RowsAsStructures<W> {
    /// Wraps a writer.
    pub fn new(inner: W) -> Self {
        Self { inner, open: Vec::new() }
    }

    /// Names the columns of rows that come without their table.
    #[must_use]
    pub fn with_columns(mut self, columns: Vec<String>) -> Self {
        self.open.push(Open::Table { columns });
        self
    }

    /// Gives the writer back.
    pub fn into_inner(self) -> W {
        self.inner
    }

    /// The writer.
    pub fn inner_mut(&mut self) -> &mut W {
        &mut self.inner
    }

    /// Writes the name of the next cell; false if there is none.
    fn name_cell(&mut self) -> Result<bool> {
        let [.., Open::Table { columns }, Open::Row { cell }] = self.open.as_mut_slice() else {
            return Ok(false);
        };
        let Some(name) = columns.get(*cell) else { return Ok(false) };
        *cell += 1;
        self.inner.write_event(&Event::Name(name))?;
        Ok(true)
    }
}

impl<W: WriteEvents> WriteEvents for RowsAsStructures<W> {
    fn write_event(&mut self, event: &Event<'_>) -> Result<()> {
        match event {
            Event::BeginTable(table) => {
                self.name_cell()?;
                let columns = table.columns.iter().map(|column| column.name.clone()).collect();
                self.open.push(Open::Table { columns });
                self.inner.write_event(&Event::BeginArray(Mutability::Ordinary))
            }
            Event::EndTable(_) => {
                self.open.pop();
                self.inner.write_event(&Event::EndArray)
            }
            Event::BeginRow(_) => {
                self.open.push(Open::Row { cell: 0 });
                self.inner.write_event(&Event::BeginStructure(Mutability::Ordinary))
            }
            Event::EndRow => {
                while self.name_cell()? {
                    self.inner.write_event(&Event::Undefined)?;
                }
                self.open.pop();
                self.inner.write_event(&Event::EndStructure)
            }
            event => {
                match event.depth_change() {
                    -1 => {
                        self.open.pop();
                    }
                    change => {
                        self.name_cell()?;
                        if change == 1 {
                            self.open.push(Open::Other);
                        }
                    }
                }
                self.inner.write_event(event)
            }
        }
    }

    fn finish(&mut self) -> Result<()> {
        self.inner.finish()
    }
}
