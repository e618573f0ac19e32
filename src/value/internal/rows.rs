//! A value table whose columns become known while its rows are written.

use crate::error::Result;
use crate::value::event::{Column, Event, Table, TableEnd, WriteEvents};
use crate::value::internal::layout;
use crate::value::internal::writer::{InternalWriter, StructuresAs};
use crate::value::output::Output;
use std::ops::Range;

/// Writes the rows of one table as internal text. Cells of a row may come in any order; the head of the table is
/// put in at the end.
pub struct RowsWriter {
    writer: InternalWriter,
    /// For each column, where its cell of the present row stands.
    cells: Vec<Option<Range<u64>>>,
    /// The columns before this one are written or left empty.
    next: usize,
    /// A cell came after one of a later column.
    disordered: bool,
    column: usize,
    cell_start: u64,
    cell_empty: bool,
    rows: u64,
}

impl RowsWriter {
    /// A writer whose structures inside cells become what `structures` says.
    ///
    /// # Errors
    /// None in practice: the first event of a writer is always in order.
    pub fn new(structures: StructuresAs) -> Result<Self> {
        let mut writer = InternalWriter::new(structures);
        writer.open_headless_table()?;
        Ok(Self {
            writer,
            cells: Vec::new(),
            next: 0,
            disordered: false,
            column: 0,
            cell_start: 0,
            cell_empty: true,
            rows: 0,
        })
    }

    /// How many rows have begun.
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// Begins a row.
    ///
    /// # Errors
    /// `internal` if a row is open.
    pub fn begin_row(&mut self) -> Result<()> {
        self.cells.clear();
        self.next = 0;
        self.disordered = false;
        self.rows += 1;
        self.writer.hold(true);
        self.writer.write_event(&Event::BeginRow(None))
    }

    /// Begins the cell of a column; the events of its value follow through [`RowsWriter::write_event`]. A second
    /// cell of the same column replaces the first.
    ///
    /// # Errors
    /// `internal` if no row is open.
    pub fn begin_cell(&mut self, column: usize) -> Result<()> {
        self.column = column;
        self.cell_empty = true;
        if column < self.next {
            self.disordered = true;
            return Ok(());
        }
        for _ in self.next..column {
            self.writer.write_event(&Event::Undefined)?;
        }
        self.next = column + 1;
        Ok(())
    }

    /// Writes an event of the value of a cell.
    ///
    /// # Errors
    /// Those of the writer of internal text.
    pub fn write_event(&mut self, event: &Event<'_>) -> Result<()> {
        if self.cell_empty {
            if *event == Event::Undefined {
                // Whether it is written is decided by what follows in the row.
                return if self.disordered { Ok(()) } else { self.writer.write_event(event) };
            }
            self.cell_empty = false;
            self.writer.write_undefined_cells();
            self.cell_start = self.writer.position();
        }
        self.writer.write_event(event)
    }

    /// Ends a cell.
    pub fn end_cell(&mut self) {
        if self.cells.len() <= self.column {
            self.cells.resize(self.column + 1, None);
        }
        if !self.cell_empty {
            // Changes inside the cell are made now: the cell may have to move.
            self.writer.settle(self.cell_start);
        }
        let range = self.cell_start..self.writer.position();
        if let Some(cell) = self.cells.get_mut(self.column) {
            *cell = (!self.cell_empty).then_some(range);
        }
    }

    /// Ends a row.
    ///
    /// # Errors
    /// `internal` if no row is open.
    pub fn end_row(&mut self) -> Result<()> {
        if self.disordered {
            self.writer.reorder_cells(&self.cells);
        }
        self.writer.hold(false);
        self.writer.write_event(&Event::EndRow)
    }

    /// The whole table, with these columns.
    ///
    /// # Errors
    /// `internal` if a row is open.
    pub fn finish(mut self, columns: Vec<Column>) -> Result<Output> {
        let last_column = columns.last().map_or(-1, |column| column.id);
        let mut head = String::new();
        layout::table_head(&mut head, &Table { columns, version: 9, rows: None });
        self.writer.put_head(head);
        self.writer
            .write_event(&Event::EndTable(TableEnd { last_column: Some(last_column), last_row: None }))?;
        self.writer.into_output()
    }
}
