//! Internal text to events (facts on value formats, 1.3 and 2).

use crate::bilingual;
use crate::error::Result;
use crate::value::date::DateTime;
use crate::value::event::{
    Event, Item, List, Mutability, Opaque, OpaqueForm, Position, ReadEvents, Reference, ReferenceKind, RowId,
    Table, TableEnd, TypeName,
};
use crate::value::fault::{self, Lexed, Problem};
use crate::value::input::Input;
use crate::value::internal::fast::{self, Shape};
use crate::value::internal::lexer::{Lexer, Piece};
use crate::value::internal::{binary, header, type_ids};
use crate::value::number::{Decimal, decimal};
use crate::value::path::Path;
use std::ops::Range;
use uuid::Uuid;

/// Reads one value of internal text.
pub struct InternalReader<'a> {
    lexer: Lexer<'a>,
    frames: Vec<Frame>,
    /// Collections that are open; rows and items do not count.
    depth: usize,
    path: Path,
    /// Open tables and lists, the innermost last.
    tables: Vec<Table>,
    lists: Vec<List>,
    ended_list: List,
    number: String,
    bytes: Vec<u8>,
    types: Vec<crate::value::event::ColumnType>,
    parts: binary::Parts,
    state: State,
    event_start: usize,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Start,
    Inside,
    Ended,
}

/// What is open, from the root inwards.
enum Frame {
    Array { left: u64 },
    Structure { left: u64, stage: Stage },
    Map { left: u64, stage: Stage },
    Table { left: u64 },
    Row { left: u64 },
    List { left: u64 },
    Item { given: bool },
}

/// Where a member of a structure or a map stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// Before a member.
    Between,
    /// The name or the key is given, the value follows.
    Value,
    /// The value is given, the member is not yet closed.
    After,
}

/// An event whose texts are still offsets.
enum Raw {
    Ready(Event<'static>),
    Number(Range<usize>),
    RewrittenNumber,
    Text(Piece),
    Name(Piece),
    Reference { uuid: Uuid, type_id: Uuid, table: u32 },
    Binary,
    TypeDescription,
    Opaque { id: Range<usize>, text: Range<usize> },
    BeginTable,
    BeginList,
    Item { presentation: Piece, check: bool, id: i64 },
    EndList,
}

static NO_TABLE: Table = Table { columns: Vec::new(), version: 9, rows: None };

impl<'a> InternalReader<'a> {
    /// A reader of the value that `input` holds.
    pub fn new(input: Input<'a>) -> Self {
        Self::with_parts(input, binary::Parts::default())
    }

    /// A reader of a text whose binary parts stand outside of it, as in a `ХранилищеЗначения`.
    pub(crate) fn with_parts(input: Input<'a>, parts: binary::Parts) -> Self {
        Self {
            lexer: Lexer::new(input),
            frames: Vec::new(),
            depth: 0,
            path: Path::default(),
            tables: Vec::new(),
            lists: Vec::new(),
            ended_list: List::default(),
            number: String::new(),
            bytes: Vec::new(),
            types: Vec::new(),
            parts,
            state: State::Start,
            event_start: 0,
        }
    }

    /// The next value of a row or an array, if it has a usual shape.
    #[inline]
    fn usual_value(&mut self) -> Option<Shape> {
        let Some(Frame::Row { left } | Frame::Array { left }) = self.frames.last_mut() else { return None };
        let input = &mut self.lexer.input;
        let cursor = input.cursor();
        let (shape, length) = fast::value(input.rest()).filter(|_| *left > 0)?;
        if let Shape::Text { start, end } = shape
            && input.marked()
            && input.rest().get(start..end).is_some_and(|text| memchr::memchr(b'\r', text).is_some())
        {
            // A line feed that the file has as CR LF.
            return None;
        }
        *left -= 1;
        self.path.next();
        self.event_start = cursor;
        input.advance(length);
        Some(match shape {
            Shape::Text { start, end } => Shape::Text { start: cursor + start, end: cursor + end },
            Shape::Number { start, end } => Shape::Number { start: cursor + start, end: cursor + end },
            other => other,
        })
    }

    fn step(&mut self) -> Lexed<Option<Raw>> {
        self.lexer.input.begin()?;
        self.event_start = self.lexer.input.cursor();
        let Some(frame) = self.frames.last_mut() else {
            return self.root();
        };
        match frame {
            Frame::Array { left: 0 } => self.end_collection(Event::EndArray),
            Frame::Array { left } => {
                *left -= 1;
                self.path.next();
                self.lexer.comma()?;
                self.value().map(Some)
            }
            Frame::Structure { .. } | Frame::Map { .. } => self.member(),
            Frame::Table { left: 0 } => self.end_table(),
            Frame::Table { left } => {
                *left -= 1;
                self.path.next();
                self.begin_row()
            }
            Frame::Row { left: 0 } => self.end_row(),
            Frame::Row { left } => {
                *left -= 1;
                self.path.next();
                self.lexer.comma()?;
                self.value().map(Some)
            }
            Frame::List { .. } => self.next_item(),
            Frame::Item { given: true } => self.end_item(),
            Frame::Item { given } => {
                *given = true;
                self.lexer.comma()?;
                self.value().map(Some)
            }
        }
    }

    fn root(&mut self) -> Lexed<Option<Raw>> {
        if self.state == State::Start {
            self.state = State::Inside;
            if self.lexer.skip_blanks()?.is_none() {
                return self.lexer.broken(bilingual!("Текст пуст.", "The text is empty."));
            }
            self.event_start = self.lexer.input.cursor();
            return self.value().map(Some);
        }
        self.lexer.end()?;
        self.state = State::Ended;
        Ok(None)
    }

    /// Reads `{"tag",…}`; the cursor stands before it.
    fn value(&mut self) -> Lexed<Raw> {
        self.lexer.skip_blanks()?;
        self.event_start = self.lexer.input.cursor();
        let tag = match self.lexer.input.rest() {
            [b'{', b'"', tag, b'"', ..] => {
                let tag = *tag;
                self.lexer.input.advance(4);
                tag
            }
            _ => self.spaced_tag()?,
        };
        let raw = match tag {
            b'S' => {
                self.lexer.comma()?;
                Raw::Text(self.lexer.string()?)
            }
            b'N' => self.number()?,
            b'B' => Raw::Ready(Event::Boolean(self.boolean()?)),
            b'D' => Raw::Ready(Event::Date(self.date()?)),
            b'U' => Raw::Ready(Event::Undefined),
            b'L' => Raw::Ready(Event::Null),
            b'T' => {
                self.lexer.comma()?;
                let (id, _) = self.guid()?;
                Raw::Ready(Event::Type(TypeName::Id(id)))
            }
            b'#' => return self.typed(),
            _ => return self.unknown_tag(),
        };
        self.lexer.close()?;
        Ok(raw)
    }

    /// A tag with blanks around its parts.
    #[cold]
    fn spaced_tag(&mut self) -> Lexed<u8> {
        self.lexer.open()?;
        self.lexer.skip_blanks()?;
        match (self.lexer.input.peek_at(2)?, self.lexer.input.rest()) {
            (Some(b'"'), [b'"', tag, ..]) => {
                let tag = *tag;
                self.lexer.input.advance(3);
                Ok(tag)
            }
            (None, _) => self.lexer.cut_off(),
            _ => self.unknown_tag(),
        }
    }

    #[cold]
    fn unknown_tag<T>(&self) -> Lexed<T> {
        self.lexer.broken_at(
            bilingual!(
                "Ожидалось значение вида {{\"S\",…}}: буква типа S, N, B, D, U, L, T или # в кавычках.",
                "Expected a value such as {{\"S\",…}}: a type letter S, N, B, D, U, L, T or # in quotation marks."
            ),
            self.event_start,
        )
    }

    fn number(&mut self) -> Lexed<Raw> {
        self.lexer.comma()?;
        let range = self.lexer.atom()?;
        match decimal(self.lexer.input.slice(range.start, range.end), &mut self.number) {
            Decimal::Canonical => Ok(Raw::Number(range)),
            Decimal::Rewritten => Ok(Raw::RewrittenNumber),
            Decimal::Not => {
                self.lexer.broken_at(bilingual!("Ожидалось число.", "Expected a number."), range.start)
            }
        }
    }

    fn boolean(&mut self) -> Lexed<bool> {
        self.lexer.comma()?;
        let range = self.lexer.atom()?;
        // The platform writes digits; some foreign writers use words.
        match self.lexer.input.slice(range.start, range.end) {
            "1" | "true" => Ok(true),
            "0" | "false" => Ok(false),
            _ => self.lexer.broken_at(
                bilingual!("Ожидалось булево значение: 0 или 1.", "Expected a boolean: 0 or 1."),
                range.start,
            ),
        }
    }

    fn date(&mut self) -> Lexed<DateTime> {
        self.lexer.comma()?;
        let range = self.lexer.atom()?;
        match DateTime::from_compact(self.lexer.input.slice(range.start, range.end)) {
            Some(date) => Ok(date),
            None => self.lexer.broken_at(
                bilingual!(
                    "Ожидалась дата из 14 цифр: ГГГГММДДччммсс, год от 1 до 3999.",
                    "Expected a date of 14 digits: YYYYMMDDhhmmss, year 1 to 3999."
                ),
                range.start,
            ),
        }
    }

    fn guid(&mut self) -> Lexed<(Uuid, Range<usize>)> {
        let range = self.lexer.atom()?;
        match guid(self.lexer.input.slice(range.start, range.end)) {
            Some(id) => Ok((id, range)),
            None => self
                .lexer
                .broken_at(bilingual!("Ожидался идентификатор GUID.", "Expected a GUID."), range.start),
        }
    }

    /// Reads what follows `{"#"`.
    fn typed(&mut self) -> Lexed<Raw> {
        self.lexer.comma()?;
        let (id, id_range) = self.guid()?;
        match id {
            type_ids::ARRAY => self.begin_array(Mutability::Ordinary),
            type_ids::FIXED_ARRAY => self.begin_array(Mutability::Fixed),
            type_ids::STRUCTURE => self.begin_structure(Mutability::Ordinary),
            type_ids::FIXED_STRUCTURE => self.begin_structure(Mutability::Fixed),
            type_ids::MAP => self.begin_map(Mutability::Ordinary),
            type_ids::FIXED_MAP => self.begin_map(Mutability::Fixed),
            type_ids::VALUE_TABLE => self.begin_table(),
            type_ids::VALUE_LIST => self.begin_list(),
            type_ids::UUID => {
                self.lexer.comma()?;
                let (uuid, _) = self.guid()?;
                self.lexer.close()?;
                Ok(Raw::Ready(Event::Uuid(uuid)))
            }
            type_ids::BINARY_DATA => {
                self.lexer.comma()?;
                binary::read(&mut self.lexer, &mut self.parts, &mut self.bytes)?;
                self.lexer.close()?;
                Ok(Raw::Binary)
            }
            type_ids::TYPE_DESCRIPTION => {
                self.lexer.comma()?;
                self.types = header::pattern(&mut self.lexer)?;
                self.lexer.close()?;
                Ok(Raw::TypeDescription)
            }
            _ => self.reference_or_opaque(id, id_range),
        }
    }

    fn reference_or_opaque(&mut self, type_id: Uuid, id: Range<usize>) -> Lexed<Raw> {
        self.lexer.comma()?;
        if !matches!(self.lexer.skip_blanks()?, Some(b'{' | b'"')) {
            let range = self.lexer.atom()?;
            if let Some((table, uuid)) = reference(self.lexer.input.slice(range.start, range.end)) {
                self.lexer.close()?;
                return Ok(Raw::Reference { uuid, type_id, table });
            }
        } else {
            self.lexer.skip_item()?;
        }
        self.lexer.skip_to_close()?;
        self.lexer.close()?;
        if type_id == type_ids::COMPOSITION_SETTINGS {
            // Its XML stands among the binary parts.
            self.parts.skip();
        }
        Ok(Raw::Opaque { id, text: self.event_start..self.lexer.input.cursor() })
    }

    /// Opens `,{n` of a collection.
    fn begin_collection(&mut self) -> Lexed<u64> {
        let limit = self.lexer.input.limits().depth;
        if self.depth >= limit {
            let position = self.lexer.input.position_at(self.event_start);
            return Err(Problem::Failed(fault::too_deep(limit, position, self.path.spell(&self.tables))));
        }
        self.lexer.comma()?;
        self.lexer.open()?;
        let count = self.lexer.count()?;
        self.depth += 1;
        Ok(count)
    }

    fn begin_array(&mut self, kind: Mutability) -> Lexed<Raw> {
        let left = self.begin_collection()?;
        self.frames.push(Frame::Array { left });
        self.path.enter_values();
        Ok(Raw::Ready(Event::BeginArray(kind)))
    }

    fn begin_structure(&mut self, kind: Mutability) -> Lexed<Raw> {
        let left = self.begin_collection()?;
        self.frames.push(Frame::Structure { left, stage: Stage::Between });
        self.path.enter_names();
        Ok(Raw::Ready(Event::BeginStructure(kind)))
    }

    fn begin_map(&mut self, kind: Mutability) -> Lexed<Raw> {
        let left = self.begin_collection()?;
        self.frames.push(Frame::Map { left, stage: Stage::Between });
        self.path.enter_keys();
        Ok(Raw::Ready(Event::BeginMap(kind)))
    }

    fn end_collection(&mut self, event: Event<'static>) -> Lexed<Option<Raw>> {
        self.lexer.close()?;
        self.lexer.close()?;
        self.leave();
        Ok(Some(Raw::Ready(event)))
    }

    fn leave(&mut self) {
        self.frames.pop();
        self.path.leave();
        self.depth = self.depth.saturating_sub(1);
    }

    /// The next step inside a structure or a map.
    fn member(&mut self) -> Lexed<Option<Raw>> {
        let Some(Frame::Structure { stage, .. } | Frame::Map { stage, .. }) = self.frames.last_mut() else {
            return Ok(None);
        };
        match stage {
            Stage::Value => {
                *stage = Stage::After;
                self.lexer.comma()?;
                return self.value().map(Some);
            }
            Stage::After => {
                *stage = Stage::Between;
                self.lexer.close()?;
            }
            Stage::Between => {}
        }
        match self.frames.last_mut() {
            Some(Frame::Structure { left, stage }) if *left > 0 => {
                *left -= 1;
                *stage = Stage::Value;
                self.name().map(Some)
            }
            Some(Frame::Map { left, stage }) if *left > 0 => {
                *left -= 1;
                *stage = Stage::Value;
                self.path.next();
                self.lexer.comma()?;
                self.lexer.open()?;
                let raw = self.value()?;
                if let Raw::Text(piece) = &raw {
                    self.path.name(self.lexer.text(piece));
                }
                Ok(Some(raw))
            }
            Some(Frame::Map { .. }) => self.end_collection(Event::EndMap),
            _ => self.end_collection(Event::EndStructure),
        }
    }

    /// Reads `,{{"S","name"}` of a structure.
    fn name(&mut self) -> Lexed<Raw> {
        self.lexer.comma()?;
        self.lexer.open()?;
        match self.value()? {
            Raw::Text(piece) => {
                self.path.name(self.lexer.text(&piece));
                Ok(Raw::Name(piece))
            }
            _ => self.lexer.broken_at(
                bilingual!(
                    "Имя поля структуры должно быть строкой.",
                    "The name of a member must be a string."
                ),
                self.event_start,
            ),
        }
    }

    fn begin_table(&mut self) -> Lexed<Raw> {
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
    fn begin_row(&mut self) -> Lexed<Option<Raw>> {
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

    fn end_row(&mut self) -> Lexed<Option<Raw>> {
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
    fn end_table(&mut self) -> Lexed<Option<Raw>> {
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

    /// Reads `,{6,guid,0,0,{n` of a list.
    fn begin_list(&mut self) -> Lexed<Raw> {
        self.begin_collection()?;
        for _ in 0..3 {
            self.lexer.comma()?;
            self.lexer.atom()?;
        }
        self.lexer.comma()?;
        self.lexer.open()?;
        let items = self.lexer.count()?;
        self.lists.push(List { items: Some(items), ..List::default() });
        self.frames.push(Frame::List { left: items });
        self.path.enter_values();
        Ok(Raw::BeginList)
    }

    fn next_item(&mut self) -> Lexed<Option<Raw>> {
        match self.frames.last_mut() {
            Some(Frame::List { left }) if *left > 0 => {
                *left -= 1;
                self.path.next();
                self.begin_item()
            }
            _ => self.end_list(),
        }
    }

    /// Reads `,{guid,{"presentation",check` of an item, and its id, which stands behind the value.
    fn begin_item(&mut self) -> Lexed<Option<Raw>> {
        self.lexer.comma()?;
        self.event_start = self.lexer.input.cursor();
        self.lexer.open()?;
        self.lexer.atom()?;
        self.lexer.comma()?;
        self.lexer.open()?;
        let presentation = self.lexer.string()?;
        self.lexer.comma()?;
        let check = self.lexer.integer()? != 0;
        let value = self.lexer.input.cursor();
        for _ in 0..2 {
            self.lexer.comma()?;
            self.lexer.skip_item()?;
        }
        self.lexer.comma()?;
        let id = self.lexer.integer()?;
        self.lexer.input.set_cursor(value);
        self.frames.push(Frame::Item { given: false });
        Ok(Some(Raw::Item { presentation, check, id }))
    }

    /// Reads `,picture,id,0,""}}` after the value of an item, then goes on with the list.
    fn end_item(&mut self) -> Lexed<Option<Raw>> {
        self.lexer.skip_to_close()?;
        self.lexer.close()?;
        self.lexer.close()?;
        self.frames.pop();
        self.next_item()
    }

    /// Reads `},{"Pattern"},0,last}}` after the items.
    fn end_list(&mut self) -> Lexed<Option<Raw>> {
        self.lexer.close()?;
        self.lexer.comma()?;
        let types = header::pattern(&mut self.lexer)?;
        self.lexer.comma()?;
        self.lexer.atom()?;
        self.lexer.comma()?;
        let last_id = self.lexer.integer()?;
        self.lexer.skip_to_close()?;
        self.lexer.close()?;
        self.lexer.close()?;
        self.leave();
        let list = self.lists.pop().unwrap_or_default();
        self.ended_list = List { types, last_id: Some(last_id), ..list };
        Ok(Some(Raw::EndList))
    }

    fn event(&self, raw: &Raw) -> Event<'_> {
        let input = &self.lexer.input;
        match raw {
            Raw::Ready(event) => *event,
            Raw::Number(range) => Event::Number(input.slice(range.start, range.end)),
            Raw::RewrittenNumber => Event::Number(&self.number),
            Raw::Text(piece) => Event::Text(self.lexer.text(piece)),
            Raw::Name(piece) => Event::Name(self.lexer.text(piece)),
            Raw::Reference { uuid, type_id, table } => Event::Reference(Reference {
                uuid: *uuid,
                kind: ReferenceKind::Internal { type_id: *type_id, table: *table },
            }),
            Raw::Binary => Event::Binary(&self.bytes),
            Raw::TypeDescription => Event::TypeDescription(&self.types),
            Raw::Opaque { id, text } => Event::Opaque(Opaque {
                form: OpaqueForm::Internal,
                type_name: input.slice(id.start, id.end),
                text: input.slice(text.start, text.end),
            }),
            Raw::BeginTable => Event::BeginTable(self.tables.last().unwrap_or(&NO_TABLE)),
            Raw::BeginList => Event::BeginList(self.lists.last().unwrap_or(&self.ended_list)),
            Raw::Item { presentation, check, id } => Event::Item(Item {
                presentation: self.lexer.text(presentation),
                check: *check,
                id: Some(*id),
            }),
            Raw::EndList => Event::EndList(&self.ended_list),
        }
    }
}

/// Reads the 36 characters of a GUID.
pub(crate) fn guid(text: &str) -> Option<Uuid> {
    if text.len() == 36 { Uuid::try_parse_ascii(text.as_bytes()).ok() } else { None }
}

/// Reads `NN:32 hex digits`: the number of the table and the UUID (facts on value formats, 2.5).
fn reference(text: &str) -> Option<(u32, Uuid)> {
    let (table, hex) = text.split_once(':')?;
    if hex.len() != 32 {
        return None;
    }
    let stored = u128::from_str_radix(hex, 16).ok()?;
    // The database keeps the last parts of the UUID first: h[24:32] h[20:24] h[16:20] h[0:4] h[4:16].
    let part = |from: u32, length: u32| stored << (4 * from) >> (128 - 4 * length);
    let uuid = part(24, 8) << 96 | part(20, 4) << 80 | part(16, 4) << 64 | part(0, 16);
    Some((table.parse().ok()?, Uuid::from_u128(uuid)))
}

impl ReadEvents for InternalReader<'_> {
    #[inline]
    fn next_event(&mut self) -> Result<Option<Event<'_>>> {
        if self.state == State::Ended {
            return Ok(None);
        }
        if let Some(shape) = self.usual_value() {
            let input = &self.lexer.input;
            return Ok(Some(match shape {
                Shape::Text { start, end } => Event::Text(input.slice(start, end)),
                Shape::Number { start, end } => Event::Number(input.slice(start, end)),
                Shape::Boolean(value) => Event::Boolean(value),
                Shape::Date(date) => Event::Date(date),
                Shape::Undefined => Event::Undefined,
                Shape::Null => Event::Null,
            }));
        }
        match self.step() {
            Ok(Some(raw)) => Ok(Some(self.event(&raw))),
            Ok(None) => Ok(None),
            Err(problem) => {
                self.state = State::Ended;
                Err(problem.into_error(|| self.path.spell(&self.tables)))
            }
        }
    }

    fn position(&self) -> Position {
        self.lexer.input.position_at(self.event_start)
    }

    fn path(&self) -> String {
        self.path.spell(&self.tables)
    }
}
