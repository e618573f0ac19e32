//! Events to XDTO XML, laid out as `СериализаторXDTO.ЗаписатьXML` does (facts on value formats, section 4).

use crate::bilingual;
use crate::error::{Code, Error, Result};
use crate::value::date::DateTime;
use crate::value::event::{
    Column, ColumnType, DateParts, Event, Item, List, Mutability, Opaque, OpaqueForm, Reference,
    ReferenceKind, Table, TypeName, WriteEvents,
};
use crate::value::internal::type_ids;
use crate::value::output::TextSink;
use crate::value::xdto::names::{CONFIGURATION, CORE, INSTANCE, SCHEMA, is_reference};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use std::fmt::Write;
use uuid::Uuid;

/// Text held back before it goes to the sink.
const HELD_BACK: usize = 32 * 1024;
/// 1C wraps base64 at so many characters.
const BASE64_LINE: usize = 64;

/// Writes one value as XDTO XML.
pub struct XdtoWriter<S> {
    sink: S,
    text: String,
    frames: Vec<Frame>,
    /// Elements that are open; each line is indented by as many tabs.
    depth: usize,
    /// The last start tag still lacks its `>`.
    tag_open: bool,
    complete: bool,
}

enum Frame {
    Array(&'static str),
    Structure(&'static str),
    Map { kind: &'static str, key: bool },
    Table { columns: Vec<Vec<ColumnType>> },
    Row { cell: usize },
    List,
    Item { presentation: String, check: bool, id: Option<i64> },
}

/// The type of a value, as `xsi:type` names it.
#[derive(Clone, Copy)]
enum Type<'a> {
    Core(&'static str),
    Schema(&'static str),
    Configuration(&'a str),
    /// `xsi:nil`
    Nil,
}

impl<S: TextSink> XdtoWriter<S> {
    /// A writer into `sink`.
    pub fn new(sink: S) -> Self {
        Self { sink, text: String::new(), frames: Vec::new(), depth: 0, tag_open: false, complete: false }
    }

    /// Gives the sink back, after [`WriteEvents::finish`].
    pub fn into_sink(self) -> S {
        self.sink
    }

    fn line(&mut self) {
        if self.tag_open {
            self.text.push('>');
            self.tag_open = false;
        }
        // Only the root, with which the text begins, is not on a new line.
        if self.complete {
            self.text.push('\n');
        }
        for _ in 0..self.depth {
            self.text.push('\t');
        }
    }

    /// Begins an element on its own line; attributes may follow.
    fn start(&mut self, name: &str) {
        self.line();
        self.text.push('<');
        self.text.push_str(name);
        self.tag_open = true;
        self.depth += 1;
    }

    /// Ends an element that holds elements.
    fn end(&mut self, name: &str) {
        self.depth = self.depth.saturating_sub(1);
        if self.tag_open {
            self.text.push_str("/>");
            self.tag_open = false;
            return;
        }
        self.line();
        let _ = write!(self.text, "</{name}>");
    }

    /// Ends an element that holds text.
    fn end_with_text(&mut self, name: &str, text: &str) -> Result<()> {
        if text.is_empty() {
            self.end(name);
            return Ok(());
        }
        self.depth = self.depth.saturating_sub(1);
        self.tag_open = false;
        self.text.push('>');
        escape(&mut self.text, text, false)?;
        let _ = write!(self.text, "</{name}>");
        Ok(())
    }

    fn leaf(&mut self, name: &str, text: &str) -> Result<()> {
        self.start(name);
        self.end_with_text(name, text)
    }

    /// The name of the element that holds the next value.
    fn value_element(&self, kind: Type<'_>) -> String {
        match (self.frames.last(), kind) {
            (None, Type::Core(name) | Type::Schema(name)) => name.to_owned(),
            (None, Type::Configuration(name)) => name.to_owned(),
            (None, Type::Nil) => "anyType".to_owned(),
            (Some(Frame::Map { key: true, .. }), _) => "Key".to_owned(),
            (Some(Frame::Item { .. }), _) => "value".to_owned(),
            _ => "Value".to_owned(),
        }
    }

    /// Begins the element of a value and names its type where that is not known otherwise.
    fn begin_value(&mut self, kind: Type<'_>) -> Result<String> {
        if self.frames.is_empty() && self.complete {
            return Err(misuse());
        }
        let name = self.value_element(kind);
        if let Some(Frame::Map { key: true, .. }) = self.frames.last() {
            self.start("pair");
        }
        self.start(&name);
        if self.frames.is_empty() {
            self.complete = true;
            let own = match kind {
                Type::Core(_) => CORE,
                Type::Schema(_) | Type::Nil => SCHEMA,
                Type::Configuration(_) => CONFIGURATION,
            };
            let _ = write!(self.text, " xmlns=\"{own}\" xmlns:xs=\"{SCHEMA}\" xmlns:xsi=\"{INSTANCE}\"");
            if matches!(kind, Type::Nil) {
                self.text.push_str(" xsi:nil=\"true\"");
            }
            return Ok(name);
        }
        let known = self.is_known_by_column(kind);
        let _ = match kind {
            _ if known => Ok(()),
            Type::Core(kind) => write!(self.text, " xsi:type=\"{kind}\""),
            Type::Schema(kind) => write!(self.text, " xsi:type=\"xs:{kind}\""),
            Type::Nil => write!(self.text, " xsi:nil=\"true\""),
            Type::Configuration(kind) => {
                let depth = self.depth;
                write!(self.text, " xmlns:d{depth}p1=\"{CONFIGURATION}\" xsi:type=\"d{depth}p1:{kind}\"")
            }
        };
        Ok(name)
    }

    /// Whether the column of the next cell has exactly this type; counts the cell.
    fn is_known_by_column(&mut self, kind: Type<'_>) -> bool {
        let [.., Frame::Table { columns }, Frame::Row { cell }] = self.frames.as_mut_slice() else {
            return false;
        };
        let types = columns.get(*cell);
        *cell += 1;
        match (types.map(Vec::as_slice), kind) {
            (Some([only]), kind) => only_type_is(only, kind),
            _ => false,
        }
    }

    /// Writes what follows a value and goes on to what comes next.
    fn after_value(&mut self) -> Result<()> {
        match self.frames.last_mut() {
            Some(Frame::Map { key, .. }) => {
                *key = !*key;
                if *key {
                    self.end("pair");
                }
            }
            Some(Frame::Structure(_)) => self.end("Property"),
            Some(Frame::Item { .. }) => self.end_item()?,
            _ => {}
        }
        if self.text.len() >= HELD_BACK { self.flush() } else { Ok(()) }
    }

    fn scalar(&mut self, kind: Type<'_>, text: &str) -> Result<()> {
        let name = self.begin_value(kind)?;
        self.end_with_text(&name, text)?;
        self.after_value()
    }

    fn open(&mut self, kind: &'static str, frame: Frame) -> Result<()> {
        self.begin_value(Type::Core(kind))?;
        self.frames.push(frame);
        Ok(())
    }

    /// Ends the element of a collection whose frame is gone.
    fn close(&mut self, kind: &'static str) -> Result<()> {
        let name = self.value_element(Type::Core(kind));
        self.end(&name);
        self.after_value()
    }

    fn name(&mut self, name: &str) -> Result<()> {
        if !matches!(self.frames.last(), Some(Frame::Structure(_))) {
            return Err(misuse());
        }
        self.start("Property");
        self.text.push_str(" name=\"");
        escape(&mut self.text, name, true)?;
        self.text.push('"');
        Ok(())
    }

    fn open_table(&mut self, table: &Table) -> Result<()> {
        let columns = table.columns.iter().map(|column| column.types.clone()).collect();
        self.open("ValueTable", Frame::Table { columns })?;
        for column in &table.columns {
            self.column(column)?;
        }
        Ok(())
    }

    fn column(&mut self, column: &Column) -> Result<()> {
        self.start("column");
        self.start("Name");
        self.text.push_str(" xsi:type=\"xs:string\"");
        self.end_with_text("Name", &column.name)?;
        self.types("ValueType", &column.types)?;
        if !column.title.is_empty() {
            self.leaf("Title", &column.title)?;
        }
        if column.width > 0 {
            self.start("Width");
            self.text.push_str(" xsi:type=\"xs:decimal\"");
            self.end_with_text("Width", &column.width.to_string())?;
        }
        self.end("column");
        Ok(())
    }

    fn types(&mut self, element: &str, types: &[ColumnType]) -> Result<()> {
        self.start(element);
        self.type_elements(types)?;
        self.end(element);
        Ok(())
    }

    /// Types that only another infobase could name are left out: any type is allowed then.
    fn type_elements(&mut self, types: &[ColumnType]) -> Result<()> {
        if types.iter().any(|kind| xml_type(kind).is_none()) {
            return Ok(());
        }
        for kind in types.iter().filter_map(xml_type) {
            self.start("Type");
            let name = self.type_text(kind);
            self.end_with_text("Type", &name)?;
        }
        for kind in types {
            if let ColumnType::Number { digits, fraction, nonnegative } = kind {
                self.start("NumberQualifiers");
                self.leaf("Digits", &digits.to_string())?;
                self.leaf("FractionDigits", &fraction.to_string())?;
                self.leaf("AllowedSign", if *nonnegative { "Nonnegative" } else { "Any" })?;
                self.end("NumberQualifiers");
            }
        }
        for kind in types {
            if let ColumnType::Text { length, fixed } = kind {
                self.start("StringQualifiers");
                self.leaf("Length", &length.to_string())?;
                self.leaf("AllowedLength", if *fixed { "Fixed" } else { "Variable" })?;
                self.end("StringQualifiers");
            }
        }
        for kind in types {
            if let ColumnType::Date(parts) = kind {
                self.start("DateQualifiers");
                self.leaf(
                    "DateFractions",
                    match parts {
                        DateParts::DateTime => "DateTime",
                        DateParts::Date => "Date",
                        DateParts::Time => "Time",
                    },
                )?;
                self.end("DateQualifiers");
            }
        }
        Ok(())
    }

    /// The name of a type as text, with the declaration of its prefix in the open tag.
    fn type_text(&mut self, kind: Type<'_>) -> String {
        match kind {
            Type::Core(name) => name.to_owned(),
            Type::Schema(name) => format!("xs:{name}"),
            Type::Nil => String::new(),
            Type::Configuration(name) => {
                let depth = self.depth;
                let _ = write!(self.text, " xmlns:d{depth}p1=\"{CONFIGURATION}\"");
                format!("d{depth}p1:{name}")
            }
        }
    }

    fn close_row(&mut self) -> Result<()> {
        loop {
            match self.frames.as_slice() {
                [.., Frame::Table { columns }, Frame::Row { cell }] if *cell < columns.len() => {
                    self.scalar(Type::Nil, "")?;
                }
                [.., Frame::Row { .. }] => {
                    self.frames.pop();
                    self.end("row");
                    return Ok(());
                }
                _ => return Err(misuse()),
            }
        }
    }

    fn open_list(&mut self, list: &List) -> Result<()> {
        self.open("ValueListType", Frame::List)?;
        self.types("valueType", &list.types)?;
        if let Some(last_id) = list.last_id {
            self.decimal("lastId", last_id)?;
        }
        Ok(())
    }

    fn decimal(&mut self, element: &str, value: i64) -> Result<()> {
        self.start(element);
        self.text.push_str(" xsi:type=\"xs:decimal\"");
        self.end_with_text(element, &value.to_string())
    }

    fn item(&mut self, item: &Item<'_>) -> Result<()> {
        if !matches!(self.frames.last(), Some(Frame::List)) {
            return Err(misuse());
        }
        self.start("item");
        self.frames.push(Frame::Item {
            presentation: item.presentation.to_owned(),
            check: item.check,
            id: item.id,
        });
        Ok(())
    }

    fn end_item(&mut self) -> Result<()> {
        let Some(Frame::Item { presentation, check, id }) = self.frames.pop() else {
            return Err(misuse());
        };
        if !presentation.is_empty() {
            self.leaf("presentation", &presentation)?;
        }
        if check {
            self.decimal("checkState", 1)?;
        }
        if let Some(id) = id {
            self.decimal("id", id)?;
        }
        self.end("item");
        Ok(())
    }

    fn reference(&mut self, reference: &Reference<'_>) -> Result<()> {
        match reference.kind {
            ReferenceKind::Named(name) => self.scalar(Type::Configuration(name), &reference.uuid.to_string()),
            ReferenceKind::Enumeration { type_name, value } => {
                self.scalar(Type::Configuration(type_name), value)
            }
            ReferenceKind::Internal { type_id, .. } => Err(unsupported_type(&type_id.to_string())),
        }
    }

    fn type_value(&mut self, name: TypeName<'_>) -> Result<()> {
        let element = self.begin_value(Type::Core("Type"))?;
        let kind = match name {
            TypeName::Named(name) => Type::Configuration(name),
            TypeName::Id(id) => type_of_id(id).ok_or_else(|| unsupported_type(&id.to_string()))?,
        };
        let text = self.type_text(kind);
        self.end_with_text(&element, &text)?;
        self.after_value()
    }

    fn binary(&mut self, bytes: &[u8]) -> Result<()> {
        let packed = STANDARD.encode(bytes);
        let mut text = String::with_capacity(packed.len() + packed.len() / BASE64_LINE);
        for (at, character) in packed.chars().enumerate() {
            if at > 0 && at % BASE64_LINE == 0 {
                text.push('\n');
            }
            text.push(character);
        }
        self.scalar(Type::Schema("base64Binary"), &text)
    }

    fn opaque(&mut self, opaque: &Opaque<'_>) -> Result<()> {
        if opaque.form != OpaqueForm::Xml {
            return Err(unsupported_type(opaque.type_name));
        }
        if self.frames.is_empty() && self.complete {
            return Err(misuse());
        }
        self.is_known_by_column(Type::Nil);
        self.line();
        self.complete = true;
        self.text.push_str(opaque.text);
        self.after_value()
    }

    fn flush(&mut self) -> Result<()> {
        // The start tag stays open in the state, not in the text: nothing is lost by giving the text away.
        self.sink.accept(&self.text)?;
        self.text.clear();
        Ok(())
    }
}

impl<S: TextSink> WriteEvents for XdtoWriter<S> {
    fn write_event(&mut self, event: &Event<'_>) -> Result<()> {
        match *event {
            Event::Undefined => self.scalar(Type::Nil, ""),
            Event::Null => self.scalar(Type::Core("Null"), ""),
            Event::Boolean(value) => {
                self.scalar(Type::Schema("boolean"), if value { "true" } else { "false" })
            }
            Event::Number(number) => {
                let plain = number.trim_end_matches('0').trim_end_matches('.');
                self.scalar(Type::Schema("decimal"), if number.contains('.') { plain } else { number })
            }
            Event::Text(text) => self.scalar(Type::Schema("string"), text),
            Event::Date(date) => self.scalar(Type::Schema("dateTime"), &iso(date)),
            Event::Uuid(uuid) => self.scalar(Type::Core("UUID"), &uuid.to_string()),
            Event::Reference(reference) => self.reference(&reference),
            Event::Binary(bytes) => self.binary(bytes),
            Event::Type(name) => self.type_value(name),
            Event::TypeDescription(types) => {
                let name = self.begin_value(Type::Core("TypeDescription"))?;
                self.type_elements(types)?;
                self.end(&name);
                self.after_value()
            }
            Event::Opaque(opaque) => self.opaque(&opaque),
            Event::BeginArray(kind) => {
                let kind = named(kind, "Array", "FixedArray");
                self.open(kind, Frame::Array(kind))
            }
            Event::EndArray => match self.frames.pop() {
                Some(Frame::Array(kind)) => self.close(kind),
                _ => Err(misuse()),
            },
            Event::BeginStructure(kind) => {
                let kind = named(kind, "Structure", "FixedStructure");
                self.open(kind, Frame::Structure(kind))
            }
            Event::Name(name) => self.name(name),
            Event::BeginMap(kind) => {
                let kind = named(kind, "Map", "FixedMap");
                self.open(kind, Frame::Map { kind, key: true })
            }
            Event::EndStructure | Event::EndMap => match self.frames.pop() {
                Some(Frame::Structure(kind) | Frame::Map { kind, .. }) => self.close(kind),
                _ => Err(misuse()),
            },
            Event::BeginTable(table) => self.open_table(table),
            Event::BeginRow(_) => {
                self.start("row");
                self.frames.push(Frame::Row { cell: 0 });
                Ok(())
            }
            Event::EndRow => self.close_row(),
            Event::EndTable(_) => {
                self.frames.pop();
                self.close("ValueTable")
            }
            Event::BeginList(list) => self.open_list(list),
            Event::Item(item) => self.item(&item),
            Event::EndList(_) => {
                self.frames.pop();
                self.close("ValueListType")
            }
        }
    }

    fn finish(&mut self) -> Result<()> {
        if !self.frames.is_empty() || !self.complete {
            return Err(misuse());
        }
        self.flush()
    }
}

fn named(kind: Mutability, ordinary: &'static str, fixed: &'static str) -> &'static str {
    match kind {
        Mutability::Ordinary => ordinary,
        Mutability::Fixed => fixed,
    }
}

fn iso(date: DateTime) -> String {
    let mut text = String::with_capacity(19);
    date.push_iso(&mut text);
    text
}

fn xml_type(kind: &ColumnType) -> Option<Type<'_>> {
    Some(match kind {
        ColumnType::Text { .. } => Type::Schema("string"),
        ColumnType::Number { .. } => Type::Schema("decimal"),
        ColumnType::Date(_) => Type::Schema("dateTime"),
        ColumnType::Boolean => Type::Schema("boolean"),
        ColumnType::Null => Type::Core("Null"),
        ColumnType::Binary => Type::Schema("base64Binary"),
        ColumnType::Other(name) if is_reference(name) => Type::Configuration(name),
        ColumnType::Other(name) => {
            let id = Uuid::try_parse(name).ok().or_else(|| type_ids::type_by_name(name))?;
            type_of_id(id)?
        }
    })
}

fn type_of_id(id: Uuid) -> Option<Type<'static>> {
    Some(match id {
        type_ids::STRING => Type::Schema("string"),
        type_ids::NUMBER => Type::Schema("decimal"),
        type_ids::DATE => Type::Schema("dateTime"),
        type_ids::BOOLEAN => Type::Schema("boolean"),
        type_ids::BINARY_DATA => Type::Schema("base64Binary"),
        type_ids::VALUE_LIST => Type::Core("ValueListType"),
        _ => Type::Core(type_ids::type_name(id)?.1),
    })
}

fn only_type_is(only: &ColumnType, kind: Type<'_>) -> bool {
    match (xml_type(only), kind) {
        (Some(Type::Core(one)), Type::Core(other)) | (Some(Type::Schema(one)), Type::Schema(other)) => {
            one == other
        }
        (Some(Type::Configuration(one)), Type::Configuration(other)) => one == other,
        _ => false,
    }
}

/// Appends text with what XML does not allow as it stands written as references.
fn escape(target: &mut String, text: &str, attribute: bool) -> Result<()> {
    for character in text.chars() {
        match character {
            '<' => target.push_str("&lt;"),
            '>' => target.push_str("&gt;"),
            '&' => target.push_str("&amp;"),
            // A reader would turn these into other characters.
            '\r' => target.push_str("&#xD;"),
            '"' if attribute => target.push_str("&quot;"),
            '\n' | '\t' if attribute => {
                let _ = write!(target, "&#x{:X};", u32::from(character));
            }
            '\n' | '\t' => target.push(character),
            '\0'..='\x1F' | '\u{FFFE}' | '\u{FFFF}' => return Err(not_in_xml(character)),
            _ => target.push(character),
        }
    }
    Ok(())
}

fn not_in_xml(character: char) -> Error {
    let code = u32::from(character);
    Error::new(
        Code::UnsupportedType,
        bilingual!(
            "Символ U+{code:04X} не может стоять в XML. Удалите его или используйте JSON.",
            "The character U+{code:04X} cannot stand in XML. Remove it or use JSON."
        ),
    )
}

/// The error for a value that XML cannot express without its configuration.
fn unsupported_type(name: &str) -> Error {
    Error::new(
        Code::UnsupportedType,
        bilingual!(
            "Значение типа «{name}» нельзя записать в XML: имя этого типа известно только в своей информационной базе.",
            "A value of type {name} cannot be written as XML: the name of the type is known only in its infobase."
        ),
    )
    .with("type", name)
}

/// The error for events in an impossible order.
fn misuse() -> Error {
    Error::new(
        Code::Internal,
        bilingual!("Нарушен порядок событий при записи XML.", "Events for XML came in a wrong order."),
    )
}
