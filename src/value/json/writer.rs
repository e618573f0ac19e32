//! Events to JSON.

use crate::bilingual;
use crate::error::{Code, Error, Result};
use crate::value::date::DateTime;
use crate::value::event::{
    ColumnType, DateParts, Event, Opaque, Reference, ReferenceKind, Table, TypeName, WriteEvents,
};
use crate::value::internal::type_ids;
use crate::value::json::escape::Escaper;
use crate::value::json::settings::{DateForm, JsonSettings, LineBreaks, Unsupported};
use crate::value::key::{key_text, type_text};
use crate::value::output::TextSink;
use crate::value::zone::{ZoneRules, date_from_unix};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use std::fmt::Write;
use uuid::Uuid;

/// Text held back before it goes to the sink.
const HELD_BACK: usize = 64 * 1024;
/// Room for the event that goes beyond it.
const BEYOND: usize = 4 * 1024;

/// Writes one value as JSON: structures and maps as objects, tables as arrays of objects, lists as arrays of
/// values, references and UUIDs as their text, binary data as base64, types as their names.
pub struct JsonWriter<S> {
    sink: S,
    text: String,
    escaper: Escaper,
    settings: JsonSettings,
    /// Looked up when the first date needs it.
    zone: Option<ZoneRules>,
    line_break: Option<&'static str>,
    colon: &'static str,
    frames: Vec<Frame>,
    /// For each open table, what stands before each cell: comma, line break, name, colon.
    tables: Vec<Vec<String>>,
    /// A value is complete; another one would be a mistake of the caller.
    complete: bool,
}

enum Frame {
    Array { index: u64 },
    Object { empty: bool },
    Map { empty: bool, key: bool },
    Row { cell: usize },
}

impl<S: TextSink> JsonWriter<S> {
    /// A writer into `sink`.
    pub fn new(sink: S, settings: JsonSettings) -> Self {
        let line_break = settings.line_breaks.characters();
        Self {
            sink,
            text: String::with_capacity(HELD_BACK + BEYOND),
            escaper: Escaper::new(&settings),
            zone: None,
            line_break,
            colon: if line_break.is_some() { ": " } else { ":" },
            settings,
            frames: Vec::new(),
            tables: Vec::new(),
            complete: false,
        }
    }

    /// Gives the sink back, after [`WriteEvents::finish`].
    pub fn into_sink(self) -> S {
        self.sink
    }

    /// Ends a value that is written and makes the writer ready for another one.
    ///
    /// # Errors
    /// `internal` if the value is not complete.
    fn end_value(&mut self) -> Result<()> {
        if !self.frames.is_empty() || !self.complete {
            return Err(misuse());
        }
        self.complete = false;
        self.flush()
    }

    fn new_line(&mut self) {
        if let Some(line_break) = self.line_break {
            self.text.push_str(line_break);
            for _ in 0..self.frames.len() {
                self.text.push_str(&self.settings.indent);
            }
        }
    }

    /// Writes what stands between the last value and the next one.
    #[inline]
    fn separate(&mut self) -> Result<()> {
        match self.frames.last_mut() {
            Some(Frame::Row { cell }) => {
                let prefix = self.tables.last().and_then(|columns| columns.get(*cell)).map(String::as_str);
                // The comma belongs to the prefix of each cell but the first.
                let skipped = usize::from(*cell == 0);
                self.text.push_str(prefix.and_then(|prefix| prefix.get(skipped..)).ok_or_else(misuse)?);
                *cell += 1;
            }
            Some(Frame::Array { index }) => {
                *index += 1;
                let index = *index - 1;
                self.next_member(index == 0);
                if self.settings.arrays_as_objects {
                    self.quoted(format_args!("{index}"));
                    self.text.push_str(self.colon);
                }
            }
            Some(Frame::Map { key, .. }) => *key = true,
            Some(Frame::Object { .. }) => {}
            None if self.complete => return Err(misuse()),
            None => self.complete = true,
        }
        Ok(())
    }

    fn next_member(&mut self, first: bool) {
        if !first {
            self.text.push(',');
        }
        self.new_line();
    }

    fn open(&mut self, bracket: char, frame: Frame) -> Result<()> {
        self.separate()?;
        self.text.push(bracket);
        self.frames.push(frame);
        Ok(())
    }

    fn close(&mut self, empty: bool, bracket: char) {
        if !empty {
            self.new_line();
        }
        self.text.push(bracket);
    }

    fn open_array(&mut self) -> Result<()> {
        self.open(if self.settings.arrays_as_objects { '{' } else { '[' }, Frame::Array { index: 0 })
    }

    fn close_array(&mut self) -> Result<()> {
        let Some(Frame::Array { index }) = self.frames.pop() else {
            return Err(misuse());
        };
        self.close(index == 0, if self.settings.arrays_as_objects { '}' } else { ']' });
        Ok(())
    }

    fn close_object(&mut self) -> Result<()> {
        match self.frames.pop() {
            Some(Frame::Object { empty } | Frame::Map { empty, .. }) => {
                self.close(empty, '}');
                Ok(())
            }
            _ => Err(misuse()),
        }
    }

    fn name(&mut self, name: &str) -> Result<()> {
        let (Some(Frame::Object { empty }) | Some(Frame::Map { empty, .. })) = self.frames.last_mut() else {
            return Err(misuse());
        };
        let first = std::mem::replace(empty, false);
        self.next_member(first);
        self.escaper.string(&mut self.text, name);
        self.text.push_str(self.colon);
        Ok(())
    }

    /// Writes the key of a map; whatever is no text becomes text.
    fn key(&mut self, event: &Event<'_>) -> Result<()> {
        let mut buffer = String::new();
        let Some(text) = key_text(event, &mut buffer) else {
            return Err(unsupported_key(event));
        };
        if let Some(Frame::Map { key, .. }) = self.frames.last_mut() {
            *key = false;
        }
        self.name(text)
    }

    fn open_table(&mut self, table: &Table) -> Result<()> {
        self.open_array()?;
        // A cell stands two levels deeper than what holds the table.
        let mut line = String::new();
        if let Some(line_break) = self.line_break {
            line.push_str(line_break);
            line.push_str(&self.settings.indent.repeat(self.frames.len() + 1));
        }
        let prefix = |name: &str| {
            let mut prefix = format!(",{line}");
            self.escaper.string(&mut prefix, name);
            prefix.push_str(self.colon);
            prefix
        };
        let prefixes = table.columns.iter().map(|column| prefix(&column.name)).collect();
        self.tables.push(prefixes);
        Ok(())
    }

    fn close_row(&mut self) -> Result<()> {
        loop {
            let columns = self.tables.last().map_or(0, Vec::len);
            match self.frames.last() {
                Some(Frame::Row { cell }) if *cell < columns => {
                    self.separate()?;
                    self.text.push_str("null");
                }
                Some(Frame::Row { .. }) => {
                    self.frames.pop();
                    self.close(columns == 0, '}');
                    return Ok(());
                }
                _ => return Err(misuse()),
            }
        }
    }

    fn date(&mut self, date: DateTime) {
        let form = self.settings.dates;
        let quote = self.escaper.quote();
        if form == DateForm::Local {
            self.text.push(quote);
            date.push_iso(&mut self.text);
            self.text.push(quote);
            return;
        }
        let zone = self.zone.get_or_insert_with(|| ZoneRules::new(&self.settings.zone));
        let (offset, milliseconds) = (zone.offset(date), zone.milliseconds(date));
        let text = &mut self.text;
        let _ = match form {
            DateForm::Local => Ok(()),
            DateForm::LocalWithOffset => {
                let (sign, minutes) = (if offset < 0 { '-' } else { '+' }, offset.abs() / 60);
                write!(text, "{quote}{date}{sign}{:02}:{:02}{quote}", minutes / 60, minutes % 60)
            }
            DateForm::Universal => {
                let universal = date_from_unix(milliseconds / 1000).unwrap_or(date);
                write!(text, "{quote}{universal}Z{quote}")
            }
            DateForm::Microsoft => write!(text, "{quote}/Date({milliseconds})/{quote}"),
            DateForm::JavaScript => write!(text, "new Date({milliseconds})"),
        };
    }

    fn quoted(&mut self, text: std::fmt::Arguments<'_>) {
        let quote = self.escaper.quote();
        let _ = write!(self.text, "{quote}{text}{quote}");
    }

    fn binary(&mut self, bytes: &[u8]) {
        let quote = self.escaper.quote();
        self.text.push(quote);
        STANDARD.encode_string(bytes, &mut self.text);
        self.text.push(quote);
    }

    fn opaque(&mut self, opaque: &Opaque<'_>) -> Result<()> {
        match self.settings.unsupported {
            Unsupported::Error => Err(unsupported_type(opaque.type_name)),
            Unsupported::Null => {
                self.separate()?;
                self.text.push_str("null");
                Ok(())
            }
            Unsupported::Text => {
                self.separate()?;
                self.escaper.string(&mut self.text, opaque.text);
                Ok(())
            }
        }
    }

    fn types(&mut self, types: &[ColumnType]) -> Result<()> {
        self.open_array()?;
        for kind in types {
            self.separate()?;
            let mut buffer = String::new();
            let name = column_type_text(kind, &mut buffer);
            self.escaper.string(&mut self.text, name);
        }
        self.close_array()
    }

    fn flush(&mut self) -> Result<()> {
        self.sink.take(&mut self.text)
    }
}

impl<S: TextSink> WriteEvents for JsonWriter<S> {
    #[inline]
    fn write_event(&mut self, event: &Event<'_>) -> Result<()> {
        let key = matches!(self.frames.last(), Some(Frame::Map { key: true, .. }));
        if key && !matches!(event, Event::EndMap) {
            return self.key(event);
        }
        match *event {
            Event::Text(text) => {
                self.separate()?;
                self.escaper.string(&mut self.text, text);
            }
            Event::Number(number) => {
                self.separate()?;
                self.text.push_str(number);
            }
            Event::Boolean(value) => {
                self.separate()?;
                self.text.push_str(if value { "true" } else { "false" });
            }
            Event::Undefined | Event::Null => {
                self.separate()?;
                self.text.push_str("null");
            }
            Event::Name(name) => self.name(name)?,
            Event::Date(date) => {
                self.separate()?;
                self.date(date);
            }
            Event::Reference(Reference { kind: ReferenceKind::Enumeration { value, .. }, .. }) => {
                self.separate()?;
                self.escaper.string(&mut self.text, value);
            }
            Event::Uuid(uuid) | Event::Reference(Reference { uuid, .. }) => {
                self.separate()?;
                self.quoted(format_args!("{uuid}"));
            }
            Event::Binary(bytes) => {
                self.separate()?;
                self.binary(bytes);
            }
            Event::Type(name) => {
                self.separate()?;
                let mut buffer = String::new();
                self.escaper.string(&mut self.text, type_text(name, &mut buffer));
            }
            Event::TypeDescription(types) => self.types(types)?,
            Event::Opaque(opaque) => self.opaque(&opaque)?,
            Event::BeginRow(_) => self.open('{', Frame::Row { cell: 0 })?,
            Event::EndRow => self.close_row()?,
            Event::BeginArray(_) | Event::BeginList(_) => self.open_array()?,
            Event::EndArray | Event::EndList(_) => self.close_array()?,
            Event::BeginStructure(_) => self.open('{', Frame::Object { empty: true })?,
            Event::BeginMap(_) => self.open('{', Frame::Map { empty: true, key: true })?,
            Event::EndStructure | Event::EndMap => self.close_object()?,
            Event::BeginTable(table) => self.open_table(table)?,
            Event::EndTable(_) => {
                self.tables.pop();
                self.close_array()?;
            }
            Event::Item(_) => {}
        }
        if self.text.len() >= HELD_BACK { self.flush() } else { Ok(()) }
    }

    fn finish(&mut self) -> Result<()> {
        self.end_value()
    }
}

impl JsonWriter<String> {
    /// The value that [`WriteEvents::finish`] has completed; another one may follow.
    pub(crate) fn next_value(&mut self) -> String {
        std::mem::take(&mut self.sink)
    }
}

fn column_type_text<'b>(kind: &'b ColumnType, buffer: &'b mut String) -> &'b str {
    match kind {
        ColumnType::Text { .. } => "Строка",
        ColumnType::Number { .. } => "Число",
        ColumnType::Date(DateParts::DateTime | DateParts::Date | DateParts::Time) => "Дата",
        ColumnType::Boolean => "Булево",
        ColumnType::Null => "Null",
        ColumnType::Binary => "ДвоичныеДанные",
        ColumnType::Other(name) => match Uuid::try_parse(name) {
            Ok(id) => type_text(TypeName::Id(id), buffer),
            Err(_) => name,
        },
    }
}

/// The error for a value that JSON cannot express; whoever knows the place adds it.
fn unsupported_type(type_name: &str) -> Error {
    let known = Uuid::try_parse(type_name).ok().and_then(type_ids::type_name);
    let (ru, en) = known.unwrap_or((type_name, type_name));
    Error::new(
        Code::UnsupportedType,
        bilingual!(
            "Значение типа «{ru}» нельзя записать в JSON. Передайте вместо него строку или число либо задайте параметр НеподдерживаемыеТипы.",
            "A value of type {en} has no form in JSON. Hand over a string or a number, or set the option 'unsupported'."
        ),
    )
    .with("type", type_name)
}

fn unsupported_key(event: &Event<'_>) -> Error {
    let (ru, en) = match event {
        Event::Undefined => ("Неопределено", "Undefined"),
        Event::Null => ("Null", "Null"),
        Event::Binary(_) => ("ДвоичныеДанные", "BinaryData"),
        Event::Opaque(opaque) => (opaque.type_name, opaque.type_name),
        _ => ("коллекция", "collection"),
    };
    Error::new(
        Code::UnsupportedType,
        bilingual!(
            "Ключ соответствия имеет тип «{ru}», а в JSON ключ — строка.",
            "The key of a map is of type {en}, but a key in JSON is a string."
        ),
    )
}

/// The error for events in an impossible order.
fn misuse() -> Error {
    Error::new(
        Code::Internal,
        bilingual!("Нарушен порядок событий при записи JSON.", "Events for JSON came in a wrong order."),
    )
}

impl JsonSettings {
    /// Settings for people: each member on its own line, indented by `indent`.
    pub fn indented(indent: &str) -> Self {
        Self { line_breaks: LineBreaks::Unix, indent: indent.to_owned(), ..Self::default() }
    }
}
