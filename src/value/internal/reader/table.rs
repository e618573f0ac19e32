//! Value tables (facts on value formats, 2.2).

use super::{Frame, InternalReader, Raw};
use crate::bilingual;
use crate::value::event::{Event, RowId, TableEnd};
use crate::value::fault::Lexed;
use crate::value::internal::{fast, header};

impl InternalReader<'_> {
    pub(super) fn begin_table(&mut self) -> Lexed<Raw> {
        let version = self.begin_collection()?;
        if !(8..=9).contains(&version) {
            return self.lexer.broken(bilingual!(
                "Неизвестная версия таблицы значений: {version}. Поддерживаются 8 и 9.",
                "Unknown version of a value table: {version}. 8 and 9 are supported."
            ));
        }
        let (table, rows) = header::table(&mut self.lexer, version as u8)?;
        self.tables.push(table);
        self.frames.push(Frame::Table { left: rows });
        self.path.enter_rows();
        Ok(Raw::BeginTable)
    }

    /// Reads `,{2,id,n` of a row.
    pub(super) fn begin_row(&mut self) -> Lexed<Option<Raw>> {
        if let Some((id, cells, length)) = fast::row(self.lexer.input.rest()) {
            self.event_start += 1;
            self.lexer.input.advance(length);
            return self.enter_row(id, cells);
        }
        self.lexer.comma()?;
        self.event_start = self.lexer.input.cursor();
        self.lexer.open()?;
        self.lexer.integer()?;
        self.lexer.comma()?;
        let id = self.lexer.integer()?;
        self.lexer.comma()?;
        let cells = self.lexer.count()?;
        self.enter_row(id, cells)
    }

    fn enter_row(&mut self, id: i64, cells: u64) -> Lexed<Option<Raw>> {
        let columns = self.tables.last().map_or(0, |table| table.columns.len());
        if cells > columns as u64 {
            return self.lexer.broken(bilingual!(
                "В строке таблицы ячеек: {cells}, а колонок в таблице: {columns}.",
                "The row has {cells} cells, the table has {columns} columns."
            ));
        }
        self.frames.push(Frame::Row { left: cells });
        self.path.enter_cells();
        Ok(Some(Raw::Ready(Event::BeginRow(RowId::Some(id)))))
    }

    pub(super) fn end_row(&mut self) -> Lexed<Option<Raw>> {
        self.lexer.comma()?;
        let tail = self.lexer.integer()?;
        if tail != 0 {
            return self.lexer.broken(bilingual!(
                "Строка таблицы имеет неизвестное продолжение {tail}.",
                "The row of a table has an unknown continuation {tail}."
            ));
        }
        self.lexer.close()?;
        self.frames.pop();
        self.path.leave();
        Ok(Some(Raw::Ready(Event::EndRow)))
    }

    /// Reads `},X,Y},{0,0}}}` after the rows.
    pub(super) fn end_table(&mut self) -> Lexed<Option<Raw>> {
        self.lexer.close()?;
        self.lexer.comma()?;
        let last_column = self.lexer.integer()?;
        self.lexer.comma()?;
        let last_row = self.lexer.integer()?;
        self.lexer.close()?;
        // Version 9 has a list here, perhaps of indexes; version 8 has none.
        self.lexer.skip_to_close()?;
        self.lexer.close()?;
        self.lexer.close()?;
        self.leave();
        self.tables.pop();
        let end = TableEnd { last_column: Some(last_column), last_row: Some(last_row) };
        Ok(Some(Raw::Ready(Event::EndTable(end))))
    }
}
