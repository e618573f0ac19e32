//! Events to internal text, in the form that 1C writes (facts on value formats, sections 1 and 2).
//!
//! A line break stands before each item that is itself a list and before a closing brace whose last item was a
//! list; nowhere else. Inside a collection every value is such an item.

use crate::bilingual;
use crate::error::{Code, Error, Result};
use crate::value::event::{
    Event, Item, Mutability, Opaque, OpaqueForm, Reference, ReferenceKind, Table, TableEnd, TypeName,
    WriteEvents,
};
use crate::value::internal::composer::{Composer, Missing};
use crate::value::internal::names::NameBook;
use crate::value::internal::{layout, type_ids};
use crate::value::output::Output;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use std::fmt::Write;
use std::ops::Range;
use uuid::Uuid;

/// What a structure of the source becomes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum StructuresAs {
    /// `Структура` if all names are identifiers that differ in more than case, else `Соответствие`.
    #[default]
    ByNames,
    /// Always `Соответствие`.
    Maps,
}

/// Writes one value as internal text. Of a repeated name of a structure the last member stays.
pub struct InternalWriter {
    composer: Composer,
    structures: StructuresAs,
    names: NameBook,
    frames: Vec<Frame>,
    complete: bool,
    /// Binary data that stands beside the text, if it is to stand there.
    parts: Option<Vec<Vec<u8>>>,
    /// The text written last is kept at hand, because it may have to be changed.
    held: bool,
}

/// A cell without a value before one that has a value.
const UNDEFINED_CELL: &str = ",\n{\"U\"}";

enum Frame {
    Array { count_at: u64, count: u64 },
    Structure { kind: Mutability, head_at: u64, count: u64 },
    Map { count_at: u64, count: u64, key: bool },
    Table(OpenTable),
    Row { count_at: u64, cells: u64, undefined: u64 },
    List { count_at: u64, count: u64, last_id: i64 },
    Item { id: i64 },
}

struct OpenTable {
    rows_at: u64,
    rows: u64,
    last_row: i64,
    last_column: i64,
    version: u8,
    /// What stands before the number of rows, if it was not written yet.
    head: String,
}

impl InternalWriter {
    /// A writer whose structures become what `structures` says.
    pub fn new(structures: StructuresAs) -> Self {
        Self {
            composer: Composer::default(),
            structures,
            names: NameBook::default(),
            frames: Vec::new(),
            complete: false,
            parts: None,
            held: false,
        }
    }

    /// Leaves binary data out of the text; [`InternalWriter::take_parts`] gives it.
    #[must_use]
    pub(crate) fn with_outer_parts(mut self) -> Self {
        self.parts = Some(Vec::new());
        self
    }

    /// The binary data that was left out of the text, in its order.
    pub(crate) fn take_parts(&mut self) -> Vec<Vec<u8>> {
        self.parts.take().unwrap_or_default()
    }

    /// The text, after the last event.
    ///
    /// # Errors
    /// `internal` if the value is not complete.
    pub fn into_output(mut self) -> Result<Output> {
        if !self.frames.is_empty() || !self.complete {
            return Err(misuse());
        }
        self.composer.finish()
    }

    /// Opens a table whose head comes with [`InternalWriter::put_head`].
    pub(super) fn open_headless_table(&mut self) -> Result<()> {
        self.before()?;
        let rows_at = self.composer.position();
        self.frames.push(Frame::Table(OpenTable {
            rows_at,
            rows: 0,
            last_row: -1,
            last_column: -1,
            version: 9,
            head: String::new(),
        }));
        Ok(())
    }

    /// Puts the head of the open table in.
    pub(super) fn put_head(&mut self, head: String) {
        if let Some(Frame::Table(table)) = self.frames.last_mut() {
            table.head = head;
        }
    }

    /// Keeps the text that follows at hand, or lets it go.
    pub(super) fn hold(&mut self, held: bool) {
        self.held = held;
    }

    /// Where the next text will stand.
    pub(super) fn position(&self) -> u64 {
        self.composer.position()
    }

    /// Writes the cells without a value that were held back.
    pub(super) fn write_undefined_cells(&mut self) {
        if let Some(Frame::Row { cells, undefined, .. }) = self.frames.last_mut() {
            *cells += *undefined;
            for _ in 0..std::mem::take(undefined) {
                self.composer.tail.push_str(UNDEFINED_CELL);
            }
        }
    }

    /// Makes all changes of the text from `from` on, which must be at hand.
    pub(super) fn settle(&mut self, from: u64) {
        self.composer.settle(from);
    }

    /// Puts the cells of the open row, which are at hand, into the order of their columns.
    pub(super) fn reorder_cells(&mut self, cells: &[Option<Range<u64>>]) {
        let filled = cells.iter().rposition(Option::is_some).map_or(0, |last| last + 1);
        let mut row = String::new();
        for cell in cells.iter().take(filled) {
            match cell {
                Some(range) => row.push_str(self.composer.text(range)),
                None => row.push_str(UNDEFINED_CELL),
            }
        }
        if let Some(Frame::Row { count_at, cells, undefined }) = self.frames.last_mut() {
            *cells = filled as u64;
            *undefined = 0;
            self.composer.replace_from(*count_at, &row);
        }
    }

    fn text(&mut self) -> &mut String {
        &mut self.composer.tail
    }

    /// Writes what stands before a value.
    #[inline]
    fn before(&mut self) -> Result<()> {
        let prefix = match self.frames.last_mut() {
            Some(Frame::Array { count, .. }) => {
                *count += 1;
                ",\n"
            }
            Some(Frame::Row { cells, undefined, .. }) => {
                *cells += *undefined + 1;
                for _ in 0..std::mem::take(undefined) {
                    self.composer.tail.push_str(UNDEFINED_CELL);
                }
                ",\n"
            }
            Some(Frame::Map { count, key: true, .. }) => {
                *count += 1;
                ",\n{\n"
            }
            Some(Frame::Structure { .. } | Frame::Map { .. } | Frame::Item { .. }) => ",\n",
            Some(Frame::Table(_) | Frame::List { .. }) => return Err(misuse()),
            None if self.complete => return Err(misuse()),
            None => "",
        };
        self.composer.tail.push_str(prefix);
        Ok(())
    }

    /// Writes what stands after a value.
    #[inline]
    fn after(&mut self) -> Result<()> {
        match self.frames.last_mut() {
            Some(Frame::Map { key, .. }) => {
                let was_key = *key;
                *key = !was_key;
                if !was_key {
                    self.composer.tail.push_str("\n}");
                }
            }
            Some(Frame::Structure { .. }) => self.composer.tail.push_str("\n}"),
            Some(Frame::Item { id }) => {
                let id = *id;
                let _ =
                    write!(self.composer.tail, ",\n{{4,0,\n{{0}},\"\",-1,-1,0,0,\"\"}},{id},0,\"\"}}\n}}");
                self.frames.pop();
            }
            Some(_) => {}
            None => self.complete = true,
        }
        self.move_on()
    }

    fn move_on(&mut self) -> Result<()> {
        if self.held { Ok(()) } else { self.composer.move_on() }
    }

    /// Writes a value that is one list of atoms.
    #[inline]
    fn scalar(&mut self, write: impl FnOnce(&mut String)) -> Result<()> {
        self.before()?;
        write(&mut self.composer.tail);
        self.after()
    }

    /// Opens `{"#",kind,{`; the count will stand at the offset it gives.
    fn open(&mut self, kind: Uuid) -> Result<u64> {
        self.before()?;
        let _ = write!(self.text(), "{{\"#\",{kind},\n{{");
        Ok(self.composer.position())
    }

    /// Closes the inner and the outer list of a collection with `count` items.
    fn close(&mut self, count_at: u64, count: u64) -> Result<()> {
        self.composer.insert(count_at, Missing::Count(count));
        self.text().push_str(if count > 0 { "\n}\n}" } else { "}\n}" });
        self.after()
    }

    fn open_structure(&mut self, kind: Mutability) -> Result<()> {
        self.before()?;
        self.text().push_str("{\"#\",");
        let head_at = self.composer.position();
        self.names.open();
        self.frames.push(Frame::Structure { kind, head_at, count: 0 });
        Ok(())
    }

    fn name(&mut self, name: &str) -> Result<()> {
        let at = self.composer.position();
        let Some(Frame::Structure { count, .. }) = self.frames.last_mut() else {
            return Err(misuse());
        };
        *count += 1;
        if let Some(earlier) = self.names.add(name, at) {
            *count -= 1;
            self.composer.remove(earlier.start, earlier.end);
        }
        self.text().push_str(",\n{\n");
        layout::text(self.text(), name);
        Ok(())
    }

    fn close_structure(&mut self) -> Result<()> {
        let Some(Frame::Structure { kind, head_at, count }) = self.frames.pop() else {
            return Err(misuse());
        };
        let fits = self.names.close() && self.structures == StructuresAs::ByNames;
        let kind = match (fits, kind) {
            (true, Mutability::Ordinary) => type_ids::STRUCTURE,
            (true, Mutability::Fixed) => type_ids::FIXED_STRUCTURE,
            (false, Mutability::Ordinary) => type_ids::MAP,
            (false, Mutability::Fixed) => type_ids::FIXED_MAP,
        };
        self.composer.insert(head_at, Missing::Members(kind, count));
        self.text().push_str(if count > 0 { "\n}\n}" } else { "}\n}" });
        self.after()
    }

    fn open_table(&mut self, table: &Table) -> Result<()> {
        self.before()?;
        layout::table_head(self.text(), table);
        let rows_at = self.composer.position();
        self.frames.push(Frame::Table(OpenTable {
            rows_at,
            rows: 0,
            last_row: -1,
            last_column: table.columns.last().map_or(-1, |column| column.id),
            version: table.version,
            head: String::new(),
        }));
        Ok(())
    }

    fn open_row(&mut self, id: Option<i64>) -> Result<()> {
        let Some(Frame::Table(table)) = self.frames.last_mut() else {
            return Err(misuse());
        };
        let id = id.unwrap_or_else(|| i64::try_from(table.rows).unwrap_or(i64::MAX));
        table.rows += 1;
        table.last_row = table.last_row.max(id);
        let _ = write!(self.text(), ",\n{{2,{id},");
        let count_at = self.composer.position();
        self.frames.push(Frame::Row { count_at, cells: 0, undefined: 0 });
        Ok(())
    }

    fn close_row(&mut self) -> Result<()> {
        let Some(Frame::Row { count_at, cells, .. }) = self.frames.pop() else {
            return Err(misuse());
        };
        // Cells without a value at the end of a row are left out.
        self.composer.insert(count_at, Missing::Count(cells));
        self.text().push_str(",0}");
        self.move_on()
    }

    fn close_table(&mut self, end: TableEnd) -> Result<()> {
        let Some(Frame::Table(table)) = self.frames.pop() else {
            return Err(misuse());
        };
        let missing = match table.head.is_empty() {
            true => Missing::Count(table.rows),
            false => Missing::Text(format!("{}{}", table.head, table.rows).into_boxed_str()),
        };
        self.composer.insert(table.rows_at, missing);
        let last_column = end.last_column.unwrap_or(table.last_column);
        let last_row = end.last_row.unwrap_or(table.last_row);
        let text = &mut self.composer.tail;
        text.push_str(if table.rows > 0 { "\n}" } else { "}" });
        let _ = write!(text, ",{last_column},{last_row}}}");
        text.push_str(if table.version == 8 { "\n}\n}" } else { ",\n{0,0}\n}\n}" });
        self.after()
    }

    fn open_list(&mut self) -> Result<()> {
        self.before()?;
        let (list, item) = (type_ids::VALUE_LIST, type_ids::VALUE_LIST_ITEM);
        let _ = write!(self.text(), "{{\"#\",{list},\n{{6,{item},0,0,\n{{");
        let count_at = self.composer.position();
        // A list that never had an item has the last id −1.
        self.frames.push(Frame::List { count_at, count: 0, last_id: -1 });
        Ok(())
    }

    fn item(&mut self, item: &Item<'_>) -> Result<()> {
        let Some(Frame::List { count, last_id, .. }) = self.frames.last_mut() else {
            return Err(misuse());
        };
        let id = item.id.unwrap_or_else(|| i64::try_from(*count).unwrap_or(i64::MAX));
        *count += 1;
        *last_id = id.max(*last_id);
        let text = &mut self.composer.tail;
        let _ = write!(text, ",\n{{{},\n{{", type_ids::VALUE_LIST_ITEM);
        layout::string(text, item.presentation);
        text.push_str(if item.check { ",1" } else { ",0" });
        self.frames.push(Frame::Item { id });
        Ok(())
    }

    fn close_list(&mut self, list: &crate::value::event::List) -> Result<()> {
        let Some(Frame::List { count_at, count, last_id }) = self.frames.pop() else {
            return Err(misuse());
        };
        self.composer.insert(count_at, Missing::Count(count));
        let text = &mut self.composer.tail;
        text.push_str(if count > 0 { "\n},\n" } else { "},\n" });
        layout::pattern(text, &list.types);
        let _ = write!(text, ",0,{}}}\n}}", list.last_id.unwrap_or(last_id));
        self.after()
    }

    fn reference(&mut self, reference: &Reference<'_>) -> Result<()> {
        match reference.kind {
            ReferenceKind::Internal { type_id, table } => {
                self.scalar(|text| layout::reference(text, type_id, table, reference.uuid))
            }
            ReferenceKind::Named(name) | ReferenceKind::Enumeration { type_name: name, .. } => {
                Err(unsupported_type(name))
            }
        }
    }

    fn type_value(&mut self, name: TypeName<'_>) -> Result<()> {
        let id = match name {
            TypeName::Id(id) => id,
            TypeName::Named(name) => type_ids::type_by_name(name).ok_or_else(|| unsupported_type(name))?,
        };
        self.scalar(|text| {
            let _ = write!(text, "{{\"T\",{id}}}");
        })
    }

    fn binary(&mut self, bytes: &[u8]) -> Result<()> {
        let outside = match &mut self.parts {
            Some(parts) => {
                parts.push(bytes.to_vec());
                true
            }
            None => false,
        };
        self.scalar(|text| {
            let _ = write!(text, "{{\"#\",{},\n{{1,\n{{", type_ids::BINARY_DATA);
            if outside {
                text.push('0');
            } else {
                text.push_str("#base64:");
                STANDARD.encode_string(bytes, text);
            }
            text.push_str("}\n}\n}");
        })
    }

    fn opaque(&mut self, opaque: &Opaque<'_>) -> Result<()> {
        match opaque.form {
            OpaqueForm::Xml => Err(unsupported_type(opaque.type_name)),
            OpaqueForm::Internal => {
                self.before()?;
                layout::relay(self.text(), opaque.text)?;
                self.after()
            }
        }
    }
}

impl WriteEvents for InternalWriter {
    #[inline]
    fn write_event(&mut self, event: &Event<'_>) -> Result<()> {
        match *event {
            Event::Text(value) => self.scalar(|text| layout::text(text, value)),
            Event::Number(number) => self.scalar(|text| layout::number(text, number)),
            Event::Undefined => match self.frames.last_mut() {
                Some(Frame::Row { undefined, .. }) => {
                    *undefined += 1;
                    Ok(())
                }
                _ => self.scalar(|text| text.push_str("{\"U\"}")),
            },
            Event::Null => self.scalar(|text| text.push_str("{\"L\"}")),
            Event::Boolean(value) => {
                self.scalar(|text| text.push_str(if value { "{\"B\",1}" } else { "{\"B\",0}" }))
            }
            Event::Date(date) => self.scalar(|text| layout::date(text, date)),
            Event::Uuid(uuid) => self.scalar(|text| {
                let _ = write!(text, "{{\"#\",{},{uuid}}}", type_ids::UUID);
            }),
            Event::Reference(reference) => self.reference(&reference),
            Event::Binary(bytes) => self.binary(bytes),
            Event::Type(name) => self.type_value(name),
            Event::TypeDescription(types) => self.scalar(|text| {
                let _ = write!(text, "{{\"#\",{},", type_ids::TYPE_DESCRIPTION);
                text.push('\n');
                layout::pattern(text, types);
                text.push_str("\n}");
            }),
            Event::Opaque(opaque) => self.opaque(&opaque),
            Event::BeginArray(kind) => {
                let fixed = kind == Mutability::Fixed;
                let count_at = self.open(if fixed { type_ids::FIXED_ARRAY } else { type_ids::ARRAY })?;
                self.frames.push(Frame::Array { count_at, count: 0 });
                Ok(())
            }
            Event::EndArray => match self.frames.pop() {
                Some(Frame::Array { count_at, count }) => self.close(count_at, count),
                _ => Err(misuse()),
            },
            Event::BeginStructure(kind) => self.open_structure(kind),
            Event::Name(name) => self.name(name),
            Event::EndStructure => self.close_structure(),
            Event::BeginMap(kind) => {
                let fixed = kind == Mutability::Fixed;
                let count_at = self.open(if fixed { type_ids::FIXED_MAP } else { type_ids::MAP })?;
                self.frames.push(Frame::Map { count_at, count: 0, key: true });
                Ok(())
            }
            Event::EndMap => match self.frames.pop() {
                Some(Frame::Map { count_at, count, .. }) => self.close(count_at, count),
                _ => Err(misuse()),
            },
            Event::BeginTable(table) => self.open_table(table),
            Event::BeginRow(id) => self.open_row(id),
            Event::EndRow => self.close_row(),
            Event::EndTable(end) => self.close_table(end),
            Event::BeginList(_) => self.open_list(),
            Event::Item(item) => self.item(&item),
            Event::EndList(list) => self.close_list(list),
        }
    }

    fn finish(&mut self) -> Result<()> {
        if self.frames.is_empty() && self.complete { Ok(()) } else { Err(misuse()) }
    }
}

/// The error for a value that internal text cannot express without its configuration.
fn unsupported_type(name: &str) -> Error {
    Error::new(
        Code::UnsupportedType,
        bilingual!(
            "Значение типа «{name}» нельзя записать во внутреннем формате: для этого нужен идентификатор типа в конфигурации.",
            "A value of type {name} cannot be written as internal text: that needs the type's id in the configuration."
        ),
    )
    .with("type", name)
}

/// The error for events in an impossible order.
fn misuse() -> Error {
    Error::new(
        Code::Internal,
        bilingual!(
            "Нарушен порядок событий при записи внутреннего формата.",
            "Events for internal text came in a wrong order."
        ),
    )
}
