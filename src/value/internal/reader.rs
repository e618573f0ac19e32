//! Internal text to events (facts on value formats, 1.3 and 2).

mod collection;
mod list;
mod scalar;
mod table;

pub(crate) use scalar::guid;

use crate::bilingual;
use crate::error::Result;
use crate::value::event::{
    ColumnType, Event, Item, List, Opaque, OpaqueForm, Position, ReadEvents, Reference, ReferenceKind, Table,
};
use crate::value::fault::Lexed;
use crate::value::input::Input;
use crate::value::internal::binary;
use crate::value::internal::fast::{self, Shape};
use crate::value::internal::lexer::{Lexer, Piece};
use crate::value::path::Path;
use crate::value::progress::{NO_TABLE, Stage, State};
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
    types: Vec<ColumnType>,
    parts: binary::Parts,
    state: State,
    event_start: usize,
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
