//! XDTO XML to events (facts on value formats, section 4).

use crate::bilingual;
use crate::error::Result;
use crate::value::event::{
    ColumnType, Event, Item, List, Opaque, OpaqueForm, Position, ReadEvents, Reference, ReferenceKind,
    TableEnd, TypeName,
};
use crate::value::fault::{self, Lexed, Problem};
use crate::value::input::Input;
use crate::value::number::{Decimal, decimal};
use crate::value::path::Path;
use crate::value::progress::{NO_TABLE, Stage, State};
use crate::value::xdto::names::{Kind, Name, platform_type};
use crate::value::xdto::table::{self, OpenTable};
use crate::value::xdto::tokens::{Element, Text, Token, Tokens};
use crate::value::zone::{Zone, ZoneRules};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use uuid::Uuid;

/// Reads the value that an XML text of `СериализаторXDTO` holds.
pub struct XdtoReader<'a> {
    tokens: Tokens<'a>,
    frames: Vec<Frame>,
    depth: usize,
    path: Path,
    tables: Vec<OpenTable>,
    lists: Vec<List>,
    ended_list: List,
    text: String,
    name: String,
    bytes: Vec<u8>,
    types: Vec<ColumnType>,
    presentation: String,
    zone: Option<ZoneRules>,
    state: State,
    event_start: Position,
}

enum Frame {
    Array,
    Structure(Stage),
    Map(Stage),
    Table,
    Row { cell: usize },
    List,
    Item { given: bool },
}

/// An event whose texts are in the reader.
enum Raw {
    Ready(Event<'static>),
    Number,
    Text,
    Name,
    Reference(Uuid),
    Enumeration,
    Binary,
    Type,
    TypeDescription,
    Opaque,
    BeginTable,
    BeginList,
    Item { check: bool, id: Option<i64> },
    EndList,
}

impl<'a> XdtoReader<'a> {
    /// A reader of the value that `input` holds.
    pub fn new(input: Input<'a>) -> Self {
        Self {
            tokens: Tokens::new(input),
            frames: Vec::new(),
            depth: 0,
            path: Path::default(),
            tables: Vec::new(),
            lists: Vec::new(),
            ended_list: List::default(),
            text: String::new(),
            name: String::new(),
            bytes: Vec::new(),
            types: Vec::new(),
            presentation: String::new(),
            zone: None,
            state: State::Start,
            event_start: Position { character: 1, line: 1, column: 1 },
        }
    }

    fn step(&mut self) -> Lexed<Option<Raw>> {
        match self.frames.last_mut() {
            None => self.root(),
            Some(Frame::Array) => match self.child()? {
                Some(element) => {
                    self.path.next();
                    self.value(&element).map(Some)
                }
                None => self.end(Event::EndArray),
            },
            Some(Frame::Structure(stage)) => {
                let stage = *stage;
                self.structure(stage)
            }
            Some(Frame::Map(stage)) => {
                let stage = *stage;
                self.map(stage)
            }
            Some(Frame::Table) => self.row(),
            Some(Frame::Row { .. }) => self.cell(),
            Some(Frame::List) => self.item(),
            Some(Frame::Item { given: true }) => {
                self.skip_to_end()?;
                self.frames.pop();
                self.item()
            }
            Some(Frame::Item { given }) => {
                *given = true;
                self.item_value().map(Some)
            }
        }
    }

    fn root(&mut self) -> Lexed<Option<Raw>> {
        loop {
            match self.tokens.next()? {
                Token::Text(text) if text.text.trim().is_empty() => {}
                Token::Start(mut element) if self.state == State::Start => {
                    self.state = State::Inside;
                    // The name of the root is its type, unless a type is forced.
                    if element.kind.is_none() {
                        element.kind = Some(element.name.clone());
                    }
                    return self.value(&element).map(Some);
                }
                Token::Eof if self.state == State::Inside => {
                    self.state = State::Ended;
                    return Ok(None);
                }
                Token::Eof => return self.tokens.broken(bilingual!("Текст пуст.", "The text is empty.")),
                _ => {
                    return self.tokens.broken(bilingual!(
                        "Вне корневого элемента XML стоит лишнее.",
                        "Something stands outside the root element of the XML."
                    ));
                }
            }
        }
    }

    /// The next child element, or `None` when the element that holds it ends.
    fn child(&mut self) -> Lexed<Option<Element>> {
        loop {
            match self.tokens.next()? {
                Token::Text(text) if text.text.trim().is_empty() => {}
                Token::Start(element) => return Ok(Some(element)),
                Token::End => return Ok(None),
                Token::Text(_) => {
                    return self.tokens.broken(bilingual!(
                        "Внутри коллекции стоит текст вне элементов.",
                        "Text stands outside the elements of a collection."
                    ));
                }
                Token::Eof => return self.tokens.broken(fault::cut_off()),
            }
        }
    }

    /// The child element of the given core name.
    fn expect(&mut self, local: &str) -> Lexed<Option<Element>> {
        match self.child()? {
            Some(element) if element.name.local == local => Ok(Some(element)),
            None => Ok(None),
            Some(element) => self.tokens.broken(bilingual!(
                "Ожидался элемент «{local}», а стоит «{}».",
                "Expected the element '{local}', found '{}'.",
                element.name.local
            )),
        }
    }

    /// Moves past the end tag of the element whose beginning was taken.
    fn skip_to_end(&mut self) -> Lexed<()> {
        let mut depth = 0_u64;
        loop {
            match self.tokens.next()? {
                Token::Start(_) => depth += 1,
                Token::End if depth == 0 => return Ok(()),
                Token::End => depth -= 1,
                Token::Text(_) => {}
                Token::Eof => return self.tokens.broken(fault::cut_off()),
            }
        }
    }

    /// The text of an element without children, up to and with its end tag.
    fn content(&mut self) -> Lexed<Text> {
        table::content(&mut self.tokens)
    }

    fn structure(&mut self, stage: Stage) -> Lexed<Option<Raw>> {
        if stage == Stage::Value {
            let element = self.expect("Value")?;
            self.set(Frame::Structure(if element.is_some() { Stage::After } else { Stage::Between }));
            return match element {
                Some(element) => self.value(&element).map(Some),
                None => Ok(Some(Raw::Ready(Event::Undefined))),
            };
        }
        if stage == Stage::After && self.child()?.is_some() {
            return self.tokens.broken(one_value());
        }
        match self.expect("Property")? {
            None => self.end(Event::EndStructure),
            Some(element) => {
                let Some(name) = element.member else {
                    return self.tokens.broken(bilingual!(
                        "У элемента Property нет атрибута name.",
                        "The element Property has no attribute 'name'."
                    ));
                };
                self.set(Frame::Structure(Stage::Value));
                self.path.name(&name);
                self.name = name;
                Ok(Some(Raw::Name))
            }
        }
    }

    fn map(&mut self, stage: Stage) -> Lexed<Option<Raw>> {
        if stage == Stage::Value {
            self.set(Frame::Map(Stage::After));
            let Some(element) = self.expect("Value")? else {
                return self.tokens.broken(one_value());
            };
            return self.value(&element).map(Some);
        }
        if stage == Stage::After && self.child()?.is_some() {
            return self.tokens.broken(one_value());
        }
        if self.expect("pair")?.is_none() {
            return self.end(Event::EndMap);
        }
        self.path.next();
        self.set(Frame::Map(Stage::Value));
        let Some(key) = self.expect("Key")? else {
            return self
                .tokens
                .broken(bilingual!("В паре соответствия нет ключа.", "A pair of a map has no key."));
        };
        let raw = self.value(&key)?;
        if matches!(raw, Raw::Text) {
            self.path.name(&self.text);
        }
        Ok(Some(raw))
    }

    fn set(&mut self, frame: Frame) {
        if let Some(top) = self.frames.last_mut() {
            *top = frame;
        }
    }

    fn end(&mut self, event: Event<'static>) -> Lexed<Option<Raw>> {
        self.leave();
        Ok(Some(Raw::Ready(event)))
    }

    fn leave(&mut self) {
        self.frames.pop();
        self.path.leave();
        self.depth = self.depth.saturating_sub(1);
    }

    fn row(&mut self) -> Lexed<Option<Raw>> {
        loop {
            match self.child()? {
                None => {
                    self.leave();
                    self.tables.pop();
                    return Ok(Some(Raw::Ready(Event::EndTable(TableEnd::default()))));
                }
                Some(element) if element.name.local == "row" => break,
                Some(element) if element.name.local == "index" => self.skip_to_end()?,
                Some(element) => {
                    return self.tokens.broken(bilingual!(
                        "Ожидался элемент «row», а стоит «{}».",
                        "Expected the element 'row', found '{}'.",
                        element.name.local
                    ));
                }
            }
        }
        self.path.next();
        self.path.enter_cells();
        self.frames.push(Frame::Row { cell: 0 });
        Ok(Some(Raw::Ready(Event::BeginRow(None))))
    }

    fn cell(&mut self) -> Lexed<Option<Raw>> {
        let Some(mut element) = self.expect("Value")? else {
            self.frames.pop();
            self.path.leave();
            return Ok(Some(Raw::Ready(Event::EndRow)));
        };
        let (Some(Frame::Row { cell }), Some(open)) = (self.frames.last_mut(), self.tables.last()) else {
            return Ok(None);
        };
        let Some(only_type) = open.only_types.get(*cell) else {
            return self.tokens.broken(bilingual!(
                "В строке таблицы ячеек больше, чем колонок.",
                "A row has more cells than the table has columns."
            ));
        };
        *cell += 1;
        if element.kind.is_none() {
            element.kind.clone_from(only_type);
        }
        self.path.next();
        self.value(&element).map(Some)
    }

    /// The next item of a list: what it says of itself stands behind its value.
    fn item(&mut self) -> Lexed<Option<Raw>> {
        match self.child()? {
            None => {
                self.leave();
                self.ended_list = self.lists.pop().unwrap_or_default();
                Ok(Some(Raw::EndList))
            }
            Some(element) if element.name.local == "item" => {
                self.path.next();
                let (tokens, notes) = table::item(&mut self.tokens)?;
                self.tokens.put_back(tokens);
                self.presentation = notes.presentation;
                self.frames.push(Frame::Item { given: false });
                Ok(Some(Raw::Item { check: notes.check, id: notes.id }))
            }
            Some(element) => self.tokens.broken(bilingual!(
                "Ожидался элемент «item», а стоит «{}».",
                "Expected the element 'item', found '{}'.",
                element.name.local
            )),
        }
    }

    fn item_value(&mut self) -> Lexed<Raw> {
        loop {
            match self.child()? {
                Some(element) if element.name.local == "value" => return self.value(&element),
                Some(_) => self.skip_to_end()?,
                None => {
                    // An item without a value: its end is taken already, so it is put back for the next step.
                    self.tokens.put_back(vec![Token::End]);
                    return Ok(Raw::Ready(Event::Undefined));
                }
            }
        }
    }

    /// Reads the value of an element whose start tag was taken.
    fn value(&mut self, element: &Element) -> Lexed<Raw> {
        self.event_start = self.tokens.position();
        if element.nil {
            self.skip_to_end()?;
            return Ok(Raw::Ready(Event::Undefined));
        }
        let Some(kind) = &element.kind else {
            // A value without a type holds plain text.
            self.text = self.content()?.text;
            return Ok(Raw::Text);
        };
        match Kind::of(kind) {
            Kind::Text => {
                self.text = self.content()?.text;
                Ok(Raw::Text)
            }
            Kind::Null => {
                self.skip_to_end()?;
                Ok(Raw::Ready(Event::Null))
            }
            Kind::Array(mutability) => {
                self.enter(Frame::Array)?;
                self.path.enter_values();
                Ok(Raw::Ready(Event::BeginArray(mutability)))
            }
            Kind::Structure(mutability) => {
                self.enter(Frame::Structure(Stage::Between))?;
                self.path.enter_names();
                Ok(Raw::Ready(Event::BeginStructure(mutability)))
            }
            Kind::Map(mutability) => {
                self.enter(Frame::Map(Stage::Between))?;
                self.path.enter_keys();
                Ok(Raw::Ready(Event::BeginMap(mutability)))
            }
            Kind::Table => {
                self.enter(Frame::Table)?;
                self.path.enter_rows();
                let open = table::head(&mut self.tokens)?;
                self.tables.push(open);
                Ok(Raw::BeginTable)
            }
            Kind::List => {
                self.enter(Frame::List)?;
                self.path.enter_values();
                let list = table::list_head(&mut self.tokens)?;
                self.lists.push(list);
                Ok(Raw::BeginList)
            }
            Kind::TypeDescription => {
                self.types = table::types(&mut self.tokens)?.types;
                Ok(Raw::TypeDescription)
            }
            Kind::Opaque => {
                self.name.clone_from(&kind.local);
                self.text = table::capture(&mut self.tokens, element)?;
                Ok(Raw::Opaque)
            }
            scalar => self.scalar(scalar, kind),
        }
    }

    fn scalar(&mut self, scalar: Kind, kind: &Name) -> Lexed<Raw> {
        let content = self.content()?;
        let text = content.text.trim();
        match scalar {
            Kind::Number => match decimal(text, &mut self.text) {
                Decimal::Rewritten => Ok(Raw::Number),
                Decimal::Canonical => {
                    self.text = text.to_owned();
                    Ok(Raw::Number)
                }
                Decimal::Not => self.wrong(bilingual!("Ожидалось число.", "Expected a number.")),
            },
            Kind::Boolean => match text {
                "true" | "1" => Ok(Raw::Ready(Event::Boolean(true))),
                "false" | "0" => Ok(Raw::Ready(Event::Boolean(false))),
                _ => self.wrong(bilingual!("Ожидалось true или false.", "Expected true or false.")),
            },
            Kind::Date => {
                let zone = self.zone.get_or_insert_with(|| ZoneRules::new(&Zone::System));
                let date = match kind.local.as_str() {
                    "time" => zone.local_from_iso(&format!("0001-01-01T{text}")),
                    _ => zone.local_from_iso(text),
                };
                match date {
                    Some(date) => Ok(Raw::Ready(Event::Date(date))),
                    None => self.wrong(bilingual!(
                        "Ожидалась дата вида 2014-03-24T13:56:58.",
                        "Expected a date such as 2014-03-24T13:56:58."
                    )),
                }
            }
            Kind::Binary => {
                let packed: Vec<u8> = text.bytes().filter(|byte| !byte.is_ascii_whitespace()).collect();
                self.bytes.clear();
                match STANDARD.decode_vec(packed, &mut self.bytes) {
                    Ok(()) => Ok(Raw::Binary),
                    Err(_) => self.wrong(bilingual!(
                        "Двоичные данные не в кодировке Base64.",
                        "The binary data is not base64."
                    )),
                }
            }
            Kind::Uuid => Ok(Raw::Ready(Event::Uuid(self.uuid(text)?))),
            Kind::Reference => {
                self.name.clone_from(&kind.local);
                Ok(Raw::Reference(self.uuid(text)?))
            }
            Kind::Enumeration => {
                self.name.clone_from(&kind.local);
                self.text = text.to_owned();
                Ok(Raw::Enumeration)
            }
            _ => {
                let name = content.name.unwrap_or_default();
                match platform_type(&name) {
                    Some(id) => Ok(Raw::Ready(Event::Type(TypeName::Id(id)))),
                    None => {
                        self.name = name.local;
                        Ok(Raw::Type)
                    }
                }
            }
        }
    }

    fn uuid(&self, text: &str) -> Lexed<Uuid> {
        match Uuid::try_parse(text) {
            Ok(uuid) => Ok(uuid),
            Err(_) => self.wrong(bilingual!("Ожидался уникальный идентификатор.", "Expected a UUID.")),
        }
    }

    #[cold]
    fn wrong<T>(&self, what: crate::error::Bilingual) -> Lexed<T> {
        self.tokens.broken(what)
    }

    fn enter(&mut self, frame: Frame) -> Lexed<()> {
        let limit = self.tokens.input().limits().depth;
        if self.depth >= limit {
            let error = fault::too_deep(limit, self.event_start, self.path());
            return Err(Problem::Failed(error));
        }
        self.depth += 1;
        self.frames.push(frame);
        Ok(())
    }

    fn event(&self, raw: &Raw) -> Event<'_> {
        match raw {
            Raw::Ready(event) => *event,
            Raw::Number => Event::Number(&self.text),
            Raw::Text => Event::Text(&self.text),
            Raw::Name => Event::Name(&self.name),
            Raw::Reference(uuid) => {
                Event::Reference(Reference { uuid: *uuid, kind: ReferenceKind::Named(&self.name) })
            }
            Raw::Enumeration => Event::Reference(Reference {
                uuid: Uuid::nil(),
                kind: ReferenceKind::Enumeration { type_name: &self.name, value: &self.text },
            }),
            Raw::Binary => Event::Binary(&self.bytes),
            Raw::Type => Event::Type(TypeName::Named(&self.name)),
            Raw::TypeDescription => Event::TypeDescription(&self.types),
            Raw::Opaque => {
                Event::Opaque(Opaque { form: OpaqueForm::Xml, type_name: &self.name, text: &self.text })
            }
            Raw::BeginTable => Event::BeginTable(self.tables.last().map_or(&NO_TABLE, |open| &open.table)),
            Raw::BeginList => Event::BeginList(self.lists.last().unwrap_or(&self.ended_list)),
            Raw::Item { check, id } => {
                Event::Item(Item { presentation: &self.presentation, check: *check, id: *id })
            }
            Raw::EndList => Event::EndList(&self.ended_list),
        }
    }
}

fn one_value() -> crate::error::Bilingual {
    bilingual!("В элементе должно быть ровно одно значение.", "An element must hold exactly one value.")
}

impl ReadEvents for XdtoReader<'_> {
    fn next_event(&mut self) -> Result<Option<Event<'_>>> {
        if self.state == State::Ended {
            return Ok(None);
        }
        match self.step() {
            Ok(raw) => Ok(raw.map(|raw| self.event(&raw))),
            Err(problem) => {
                self.state = State::Ended;
                Err(problem.into_error(|| self.path()))
            }
        }
    }

    fn position(&self) -> Position {
        self.event_start
    }

    fn path(&self) -> String {
        self.path.spell_with(self.tables.iter().map(|open| &open.table))
    }
}
