//! The one model of a 1C value: a stream of events.
//!
//! A reader turns a text or bytes into events, a writer turns events into a text or bytes. Neither keeps a tree:
//! an event borrows from its reader until the next one is asked for. Readers guarantee that what they give is
//! well formed: every `Begin…` has its `End…`, a structure alternates [`Event::Name`] and a value, a map
//! alternates key and value, a row has at most as many cells as the table has columns.

use crate::error::Result;
use crate::value::date::DateTime;
use uuid::Uuid;

/// One step of a value.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Event<'a> {
    /// `Неопределено`; JSON's `null` when 1C reads it.
    Undefined,
    /// `NULL` of the query language.
    Null,
    /// `Булево`.
    Boolean(bool),
    /// `Число` as canonical decimal text: `-?digits(.digits)?`, no exponent, no leading zeros but one, no
    /// trailing zeros of a fraction that were not in the source. Never goes through a double.
    Number(&'a str),
    /// `Строка`.
    Text(&'a str),
    /// `Дата`: local, whole seconds.
    Date(DateTime),
    /// `УникальныйИдентификатор`.
    Uuid(Uuid),
    /// A reference to an object of an infobase.
    Reference(Reference<'a>),
    /// `ДвоичныеДанные`, decoded.
    Binary(&'a [u8]),
    /// A value of type `Тип`.
    Type(TypeName<'a>),
    /// `ОписаниеТипов`: the allowed types, none for any.
    TypeDescription(&'a [ColumnType]),
    /// A value whose type has no model here, kept whole.
    Opaque(Opaque<'a>),
    /// `Массив` or `ФиксированныйМассив`: values up to [`Event::EndArray`].
    BeginArray(Mutability),
    /// Ends an array.
    EndArray,
    /// `Структура` or `ФиксированнаяСтруктура`: [`Event::Name`] and a value, repeated.
    BeginStructure(Mutability),
    /// The name of the next member of a structure.
    Name(&'a str),
    /// Ends a structure.
    EndStructure,
    /// `Соответствие` or `ФиксированноеСоответствие`: key and value, repeated; a key may be any value.
    BeginMap(Mutability),
    /// Ends a map.
    EndMap,
    /// `ТаблицаЗначений`: rows up to [`Event::EndTable`].
    BeginTable(&'a Table),
    /// A row: cells in the order of [`Table::columns`]; missing trailing cells are `Неопределено`.
    BeginRow(RowId),
    /// Ends a row.
    EndRow,
    /// Ends a table.
    EndTable(TableEnd),
    /// `СписокЗначений`: items up to [`Event::EndList`]; holds what the source tells beforehand.
    BeginList(&'a List),
    /// An item of a list: its value follows as the next event or events.
    Item(Item<'a>),
    /// Ends a list; holds all that the source tells of it.
    EndList(&'a List),
}

impl Event<'_> {
    /// `1` for events that open a level, `-1` for those that close one, `0` for the others.
    pub fn depth_change(&self) -> i32 {
        match self {
            Self::BeginArray(_)
            | Self::BeginStructure(_)
            | Self::BeginMap(_)
            | Self::BeginTable(_)
            | Self::BeginRow(_)
            | Self::BeginList(_) => 1,
            Self::EndArray
            | Self::EndStructure
            | Self::EndMap
            | Self::EndTable(_)
            | Self::EndRow
            | Self::EndList(_) => -1,
            _ => 0,
        }
    }
}

/// Whether a collection is the ordinary kind or its `Фиксированный…` twin.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Mutability {
    /// `Массив`, `Структура`, `Соответствие`.
    #[default]
    Ordinary,
    /// `ФиксированныйМассив`, `ФиксированнаяСтруктура`, `ФиксированноеСоответствие`.
    Fixed,
}

/// A reference: opaque outside its infobase, but its UUID can be shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reference<'a> {
    /// The UUID of the object, all zeros for an empty reference.
    pub uuid: Uuid,
    /// What kind of object it is, as far as the source says so.
    pub kind: ReferenceKind<'a>,
}

/// How a source names the type of a reference.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReferenceKind<'a> {
    /// Internal text: the GUID of the type in that configuration and the number of the table in that infobase.
    Internal {
        /// GUID after `"#"`.
        type_id: Uuid,
        /// The number before the colon.
        table: u32,
    },
    /// XDTO: a type name such as `CatalogRef.Номенклатура`.
    Named(&'a str),
    /// XDTO: an enumeration, whose value is a name and not a UUID.
    Enumeration {
        /// Type name, such as `EnumRef.СтавкиНДС`.
        type_name: &'a str,
        /// Name of the value, such as `НДС18`.
        value: &'a str,
    },
}

/// A value of type `Тип`, as its source gives it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TypeName<'a> {
    /// Internal text: a GUID.
    Id(Uuid),
    /// XDTO: a name.
    Named(&'a str),
}

/// A value that is kept whole because its type has no model here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Opaque<'a> {
    /// The language of `text`.
    pub form: OpaqueForm,
    /// GUID (internal text) or type name (XDTO).
    pub type_name: &'a str,
    /// The source text of the whole value.
    pub text: &'a str,
}

/// The language in which an opaque value is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum OpaqueForm {
    /// 1C internal text.
    Internal,
    /// XML.
    Xml,
}

/// Columns of a value table. Cells of a row come in the order of `columns`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Table {
    /// The columns, in the order in which rows give their cells.
    pub columns: Vec<Column>,
    /// Layout version 8 or 9 of the internal text; 9 for other sources.
    pub version: u8,
    /// Number of rows, if the source says it beforehand.
    pub rows: Option<u64>,
}

/// The two numbers after the rows of a table in internal text (X and Y in facts on value formats, 2.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct TableEnd {
    /// X, if the source had it; a fresh table has the id of its last column.
    pub last_column: Option<i64>,
    /// Y, if the source had it: the largest row id.
    pub last_row: Option<i64>,
}

/// A column of a value table.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Column {
    /// Identifier inside the table; not always the index.
    pub id: i64,
    /// `Имя`.
    pub name: String,
    /// Allowed types; empty means any.
    pub types: Vec<ColumnType>,
    /// `Заголовок`, empty for none.
    pub title: String,
    /// `Ширина`, 0 for none.
    pub width: u32,
}

/// One allowed type of a column (facts on value formats, 2.4 and 4).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ColumnType {
    /// `Строка`; `length` 0 is unlimited.
    Text {
        /// Longest allowed text in characters, 0 for any.
        length: u32,
        /// True for a fixed length.
        fixed: bool,
    },
    /// `Число`; `digits` 0 is unlimited.
    Number {
        /// All digits.
        digits: u32,
        /// Digits after the point.
        fraction: u32,
        /// True if negative numbers are refused.
        nonnegative: bool,
    },
    /// `Дата` with its parts.
    Date(DateParts),
    /// `Булево`.
    Boolean,
    /// `NULL`.
    Null,
    /// `ДвоичныеДанные`.
    Binary,
    /// Any other type: GUID or name.
    Other(String),
}

/// Which parts of a date a column keeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum DateParts {
    /// Date and time.
    #[default]
    DateTime,
    /// Date only.
    Date,
    /// Time only.
    Time,
}

/// The number of a row inside its table, if the source gives it.
pub type RowId = Option<i64>;

/// What a value list says of itself.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct List {
    /// Allowed types of the values; empty means any.
    pub types: Vec<ColumnType>,
    /// The last item id, if the source gives it.
    pub last_id: Option<i64>,
    /// Number of items, if the source says it beforehand.
    pub items: Option<u64>,
}

/// An item of a value list, without its value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Item<'a> {
    /// `Представление`, empty for none.
    pub presentation: &'a str,
    /// `Пометка`.
    pub check: bool,
    /// Identifier inside the list, if the source gives it.
    pub id: Option<i64>,
}

/// Where a reader stands, for messages to people. All counts begin at 1; a character is what 1C counts as one
/// (a UTF-16 unit).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Position {
    /// Character from the beginning of the text.
    pub character: u64,
    /// Line.
    pub line: u64,
    /// Character in the line.
    pub column: u64,
}

/// A source of events.
pub trait ReadEvents {
    /// The next event, `None` after the value has ended.
    ///
    /// # Errors
    /// `value_text` with position and path for text that breaks its format; `limit` beyond the limits of depth
    /// or size. After an error the reader gives `None`.
    fn next_event(&mut self) -> Result<Option<Event<'_>>>;

    /// Where the last event began.
    fn position(&self) -> Position;

    /// The way from the root to the last event, as BSL would write it: `[3].Цена`; empty at the root.
    fn path(&self) -> String;
}

impl<R: ReadEvents + ?Sized> ReadEvents for &mut R {
    #[inline]
    fn next_event(&mut self) -> Result<Option<Event<'_>>> {
        (**self).next_event()
    }

    fn position(&self) -> Position {
        (**self).position()
    }

    fn path(&self) -> String {
        (**self).path()
    }
}

/// A target of events.
pub trait WriteEvents {
    /// Takes one event.
    ///
    /// # Errors
    /// `unsupported_type` for a value that the target cannot express, `file` when the target cannot be written.
    fn write_event(&mut self, event: &Event<'_>) -> Result<()>;

    /// Says that no event follows; flushes what is held back.
    ///
    /// # Errors
    /// As [`WriteEvents::write_event`].
    fn finish(&mut self) -> Result<()>;
}
