//! Values as trees, for the laws of the formats: made at random, written as events, read back from events.

use crate::error::Result;
use crate::value::date::DateTime;
use crate::value::event::{
    Column, ColumnType, DateParts, Event, Item, List, Mutability, Opaque, OpaqueForm, ReadEvents, Reference,
    ReferenceKind, RowId, Table, TableEnd, TypeName, WriteEvents,
};
use crate::value::internal::type_ids;
use proptest::prelude::*;
use uuid::Uuid;

/// A value of 1C.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Node {
    Undefined,
    Null,
    Boolean(bool),
    Number(String),
    Text(String),
    Date(DateTime),
    Uuid(Uuid),
    Reference { type_id: Uuid, table: u32, uuid: Uuid },
    NamedReference { name: String, uuid: Uuid },
    Enumeration { name: String, value: String },
    Binary(Vec<u8>),
    Type(Uuid),
    Types(Vec<ColumnType>),
    Opaque { name: String, text: String },
    Array(Mutability, Vec<Node>),
    Structure(Mutability, Vec<(String, Node)>),
    Map(Mutability, Vec<(Node, Node)>),
    Table { columns: Vec<Column>, rows: Vec<(RowId, Vec<Node>)>, end: TableEnd },
    List { list: List, items: Vec<(String, bool, Option<i64>, Node)> },
}

/// Which values a format can hold as they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reach {
    Internal,
    Storage,
    Xdto,
    Json,
}

impl Node {
    /// A value that has something of everything that all formats hold.
    pub fn example(date: DateTime) -> Self {
        let text = |text: &str| Self::Text(text.to_owned());
        Self::Structure(
            Mutability::Ordinary,
            vec![
                ("Дата".to_owned(), Self::Date(date)),
                (
                    "Числа".to_owned(),
                    Self::Array(Mutability::Ordinary, vec![Self::Number("-1.5".to_owned())]),
                ),
                (
                    "Карта".to_owned(),
                    Self::Map(Mutability::Ordinary, vec![(text("а\"<б"), Self::Boolean(true))]),
                ),
                (
                    "Таблица".to_owned(),
                    Self::Table {
                        columns: vec![Column { name: "К".to_owned(), ..Column::default() }],
                        rows: vec![(Some(0), vec![text("😀")])],
                        end: TableEnd { last_column: Some(0), last_row: Some(0) },
                    },
                ),
                (
                    "Список".to_owned(),
                    Self::List {
                        list: List { types: Vec::new(), last_id: Some(0), items: Some(1) },
                        items: vec![("п".to_owned(), true, Some(0), Self::Binary(vec![1, 2]))],
                    },
                ),
            ],
        )
    }

    /// Gives the events of the value to a writer.
    pub fn write(&self, writer: &mut impl WriteEvents) -> Result<()> {
        let mut put = |event: Event<'_>| writer.write_event(&event);
        match self {
            Self::Undefined => put(Event::Undefined),
            Self::Null => put(Event::Null),
            Self::Boolean(value) => put(Event::Boolean(*value)),
            Self::Number(number) => put(Event::Number(number)),
            Self::Text(text) => put(Event::Text(text)),
            Self::Date(date) => put(Event::Date(*date)),
            Self::Uuid(uuid) => put(Event::Uuid(*uuid)),
            Self::Reference { type_id, table, uuid } => put(Event::Reference(Reference {
                uuid: *uuid,
                kind: ReferenceKind::Internal { type_id: *type_id, table: *table },
            })),
            Self::NamedReference { name, uuid } => {
                put(Event::Reference(Reference { uuid: *uuid, kind: ReferenceKind::Named(name) }))
            }
            Self::Enumeration { name, value } => put(Event::Reference(Reference {
                uuid: Uuid::nil(),
                kind: ReferenceKind::Enumeration { type_name: name, value },
            })),
            Self::Binary(bytes) => put(Event::Binary(bytes)),
            Self::Type(id) => put(Event::Type(TypeName::Id(*id))),
            Self::Types(types) => put(Event::TypeDescription(types)),
            Self::Opaque { name, text } => {
                put(Event::Opaque(Opaque { form: OpaqueForm::Internal, type_name: name, text }))
            }
            Self::Array(kind, items) => {
                put(Event::BeginArray(*kind))?;
                items.iter().try_for_each(|item| item.write(writer))?;
                writer.write_event(&Event::EndArray)
            }
            Self::Structure(kind, members) => {
                put(Event::BeginStructure(*kind))?;
                for (name, value) in members {
                    writer.write_event(&Event::Name(name))?;
                    value.write(writer)?;
                }
                writer.write_event(&Event::EndStructure)
            }
            Self::Map(kind, pairs) => {
                put(Event::BeginMap(*kind))?;
                for (key, value) in pairs {
                    key.write(writer)?;
                    value.write(writer)?;
                }
                writer.write_event(&Event::EndMap)
            }
            Self::Table { columns, rows, end } => {
                let table = Table { columns: columns.clone(), version: 9, rows: Some(rows.len() as u64) };
                put(Event::BeginTable(&table))?;
                for (id, cells) in rows {
                    writer.write_event(&Event::BeginRow(*id))?;
                    cells.iter().try_for_each(|cell| cell.write(writer))?;
                    writer.write_event(&Event::EndRow)?;
                }
                writer.write_event(&Event::EndTable(*end))
            }
            Self::List { list, items } => {
                put(Event::BeginList(list))?;
                for (presentation, check, id, value) in items {
                    writer.write_event(&Event::Item(Item { presentation, check: *check, id: *id }))?;
                    value.write(writer)?;
                }
                writer.write_event(&Event::EndList(list))
            }
        }
    }

    /// Reads one value to the end of its text.
    pub fn read(reader: &mut impl ReadEvents) -> Result<Self> {
        let mut open: Vec<Self> = Vec::new();
        let mut names: Vec<String> = Vec::new();
        let mut done = None;
        while let Some(event) = reader.next_event()? {
            let ended = match event {
                Event::Name(name) => {
                    names.push(name.to_owned());
                    continue;
                }
                Event::Item(item) => {
                    if let Some(Self::List { items, .. }) = open.last_mut() {
                        items.push((item.presentation.to_owned(), item.check, item.id, Self::Undefined));
                    }
                    continue;
                }
                Event::BeginRow(id) => {
                    if let Some(Self::Table { rows, .. }) = open.last_mut() {
                        rows.push((id, Vec::new()));
                    }
                    continue;
                }
                Event::EndRow => {
                    if let Some(Self::Table { rows, .. }) = open.last_mut()
                        && let Some((_, cells)) = rows.last_mut()
                    {
                        let filled =
                            cells.iter().rposition(|cell| *cell != Self::Undefined).map_or(0, |at| at + 1);
                        cells.truncate(filled);
                    }
                    continue;
                }
                Event::EndTable(ended) => {
                    if let Some(Self::Table { end, .. }) = open.last_mut() {
                        *end = ended;
                    }
                    open.pop()
                }
                Event::EndList(ended) => {
                    if let Some(Self::List { list, items }) = open.last_mut() {
                        *list = ended.clone();
                        list.items = Some(items.len() as u64);
                    }
                    open.pop()
                }
                Event::EndArray | Event::EndStructure | Event::EndMap => open.pop(),
                event if event.depth_change() > 0 => {
                    open.push(Self::begin(&event));
                    continue;
                }
                event => Some(Self::scalar(&event)),
            };
            let value = ended.expect("an end has its beginning");
            match open.last_mut() {
                None => done = Some(value),
                Some(outer) => outer.take(value, &mut names),
            }
        }
        Ok(done.expect("a text without error holds a value"))
    }

    fn begin(event: &Event<'_>) -> Self {
        match event {
            Event::BeginArray(kind) => Self::Array(*kind, Vec::new()),
            Event::BeginStructure(kind) => Self::Structure(*kind, Vec::new()),
            Event::BeginMap(kind) => Self::Map(*kind, Vec::new()),
            Event::BeginTable(table) => {
                Self::Table { columns: table.columns.clone(), rows: Vec::new(), end: TableEnd::default() }
            }
            Event::BeginList(list) => Self::List { list: (*list).clone(), items: Vec::new() },
            other => panic!("{other:?} begins nothing"),
        }
    }

    fn take(&mut self, value: Self, names: &mut Vec<String>) {
        match self {
            Self::Array(_, items) => items.push(value),
            Self::Structure(_, members) => members.push((names.pop().expect("a name comes first"), value)),
            Self::Map(_, pairs) => match pairs.last_mut() {
                // A key waits with itself as its value until the value comes.
                Some((Self::Opaque { name, .. }, _)) if name == "waits" => {
                    let (_, key) = pairs.pop().expect("it was there");
                    pairs.push((key, value));
                }
                _ => pairs.push((Self::Opaque { name: "waits".to_owned(), text: String::new() }, value)),
            },
            Self::Table { rows, .. } => rows.last_mut().expect("a row comes first").1.push(value),
            Self::List { items, .. } => items.last_mut().expect("an item comes first").3 = value,
            _ => panic!("a value inside a scalar"),
        }
    }

    fn scalar(event: &Event<'_>) -> Self {
        match *event {
            Event::Undefined => Self::Undefined,
            Event::Null => Self::Null,
            Event::Boolean(value) => Self::Boolean(value),
            Event::Number(number) => Self::Number(number.to_owned()),
            Event::Text(text) => Self::Text(text.to_owned()),
            Event::Date(date) => Self::Date(date),
            Event::Uuid(uuid) => Self::Uuid(uuid),
            Event::Binary(bytes) => Self::Binary(bytes.to_vec()),
            Event::Type(TypeName::Id(id)) => Self::Type(id),
            Event::TypeDescription(types) => Self::Types(types.to_vec()),
            Event::Opaque(opaque) => {
                Self::Opaque { name: opaque.type_name.to_owned(), text: opaque.text.replace("\r\n", "\n") }
            }
            Event::Reference(Reference { uuid, kind }) => match kind {
                ReferenceKind::Internal { type_id, table } => Self::Reference { type_id, table, uuid },
                ReferenceKind::Named(name) => Self::NamedReference { name: name.to_owned(), uuid },
                ReferenceKind::Enumeration { type_name, value } => {
                    Self::Enumeration { name: type_name.to_owned(), value: value.to_owned() }
                }
            },
            ref other => panic!("{other:?} is no scalar"),
        }
    }

    /// The value as serde_json has it; for what JSON holds only.
    pub fn to_serde(&self) -> serde_json::Value {
        match self {
            Self::Boolean(value) => (*value).into(),
            Self::Number(number) => serde_json::from_str(number).expect("a number of JSON"),
            Self::Text(text) => text.as_str().into(),
            Self::Array(_, items) => items.iter().map(Self::to_serde).collect(),
            Self::Structure(_, members) => serde_json::Value::Object(
                members.iter().map(|(name, value)| (name.clone(), value.to_serde())).collect(),
            ),
            _ => serde_json::Value::Null,
        }
    }
}

/// Values that a format holds.
pub(crate) fn node(reach: Reach) -> BoxedStrategy<Node> {
    scalar(reach)
        .prop_recursive(4, 48, 6, move |inner| match reach {
            Reach::Json => prop_oneof![array(inner.clone(), reach), structure(inner, reach)].boxed(),
            _ => prop_oneof![
                array(inner.clone(), reach),
                structure(inner.clone(), reach),
                prop::collection::vec((scalar(reach), inner.clone()), 0..5).prop_flat_map(move |pairs| {
                    mutability(reach).prop_map(move |kind| Node::Map(kind, pairs.clone()))
                }),
                table(inner.clone(), reach),
                list(inner, reach),
            ]
            .boxed(),
        })
        .boxed()
}

fn text(reach: Reach) -> BoxedStrategy<String> {
    match reach {
        Reach::Internal | Reach::Json => {
            "[\"\\\\{},а-яA-C\u{1F600}\u{2028}\u{0}-\u{1f}<&]{0,12}|\\PC{0,20}".boxed()
        }
        // In files a line feed and CR LF are one.
        Reach::Storage => "[\"\\\\{},а-яA-C\u{1F600}\n\t]{0,12}".boxed(),
        Reach::Xdto => "[\"'\\\\{},а-яA-C\u{1F600}\n\t\r<>&\\] ]{0,12}".boxed(),
    }
}

fn number() -> BoxedStrategy<String> {
    "0|-?[1-9][0-9]{0,30}|-?(0|[1-9][0-9]{0,12})\\.[0-9]{0,20}[1-9]".boxed()
}

fn date() -> BoxedStrategy<DateTime> {
    (1_u16..=3999, 1_u8..=12, 1_u8..=28, 0_u8..24, 0_u8..60, 0_u8..60)
        .prop_map(|(year, month, day, hour, minute, second)| {
            DateTime::new(year, month, day, hour, minute, second).expect("every month has 28 days")
        })
        .boxed()
}

fn uuid() -> BoxedStrategy<Uuid> {
    any::<u128>().prop_map(Uuid::from_u128).boxed()
}

fn scalar(reach: Reach) -> BoxedStrategy<Node> {
    let plain = prop_oneof![
        Just(Node::Undefined),
        any::<bool>().prop_map(Node::Boolean),
        number().prop_map(Node::Number),
        text(reach).prop_map(Node::Text),
    ];
    if reach == Reach::Json {
        return plain.boxed();
    }
    let platform =
        prop::sample::select(vec![type_ids::STRING, type_ids::DATE, type_ids::ARRAY, type_ids::VALUE_TABLE]);
    let common = prop_oneof![
        4 => plain,
        1 => Just(Node::Null),
        1 => date().prop_map(Node::Date),
        1 => uuid().prop_map(Node::Uuid),
        1 => prop::collection::vec(any::<u8>(), 0..100).prop_map(Node::Binary),
        1 => platform.prop_map(Node::Type),
        1 => types(reach).prop_map(Node::Types),
    ];
    if reach == Reach::Xdto {
        let own = prop_oneof![
            uuid().prop_map(|uuid| Node::NamedReference { name: "CatalogRef.Товары".to_owned(), uuid }),
            "[А-Я][а-я]{1,5}"
                .prop_map(|value| Node::Enumeration { name: "EnumRef.Виды".to_owned(), value }),
        ];
        return prop_oneof![4 => common, 1 => own].boxed();
    }
    let own = prop_oneof![
        (uuid(), any::<u32>(), uuid()).prop_map(|(type_id, table, uuid)| Node::Reference {
            type_id,
            table,
            uuid
        }),
        prop::sample::select(vec!["2,\n{3,1,\n{2}\n}", "\n{0}", "\n{\"а\"\"б}\",7,\n{\"U\"}\n}", "5"])
            .prop_map(|payload| {
                let name = type_ids::COLOR.to_string();
                let close = if payload.ends_with('}') { "\n}" } else { "}" };
                Node::Opaque { text: format!("{{\"#\",{name},{payload}{close}"), name }
            }),
    ];
    prop_oneof![4 => common, 1 => own].boxed()
}

fn mutability(_reach: Reach) -> BoxedStrategy<Mutability> {
    prop_oneof![3 => Just(Mutability::Ordinary), 1 => Just(Mutability::Fixed)].boxed()
}

fn array(inner: BoxedStrategy<Node>, reach: Reach) -> BoxedStrategy<Node> {
    let kind = if reach == Reach::Json { Just(Mutability::Ordinary).boxed() } else { mutability(reach) };
    (kind, prop::collection::vec(inner, 0..6)).prop_map(|(kind, items)| Node::Array(kind, items)).boxed()
}

fn structure(inner: BoxedStrategy<Node>, reach: Reach) -> BoxedStrategy<Node> {
    let kind = if reach == Reach::Json { Just(Mutability::Ordinary).boxed() } else { mutability(reach) };
    // JSON has any names; a structure of 1C has identifiers that differ in more than case.
    let name = if reach == Reach::Json { text(reach) } else { "[а-я_][а-я0-9_]{0,6}".boxed() };
    let members = prop::collection::vec((name, inner), 0..6).prop_map(|mut members| {
        let mut seen = std::collections::HashSet::new();
        members.retain(|(name, _)| seen.insert(name.to_lowercase()));
        members
    });
    (kind, members).prop_map(|(kind, members)| Node::Structure(kind, members)).boxed()
}

/// Types in the order in which 1C writes them, each at most once.
fn types(reach: Reach) -> BoxedStrategy<Vec<ColumnType>> {
    let date = prop::sample::select(vec![DateParts::DateTime, DateParts::Date, DateParts::Time]);
    let number = (1_u32..38, 0_u32..10, any::<bool>())
        .prop_map(|(digits, fraction, nonnegative)| ColumnType::Number { digits, fraction, nonnegative });
    let text = prop_oneof![
        Just(ColumnType::Text { length: 0, fixed: false }),
        (1_u32..500, any::<bool>()).prop_map(|(length, fixed)| ColumnType::Text { length, fixed }),
    ];
    let other = match reach {
        Reach::Xdto => Just("CatalogRef.Товары".to_owned()).boxed(),
        _ => Just("ffffffff-0000-4000-8000-000000000001".to_owned()).boxed(),
    };
    (
        prop::option::of(Just(ColumnType::Boolean)),
        prop::option::of(Just(ColumnType::Binary)),
        prop::option::of(text),
        prop::option::of(date.prop_map(ColumnType::Date)),
        prop::option::of(Just(ColumnType::Null)),
        prop::option::of(number),
        prop::option::of(other.prop_map(ColumnType::Other)),
    )
        .prop_map(|(a, b, c, d, e, f, g)| [a, b, c, d, e, f, g].into_iter().flatten().collect())
        .boxed()
}

fn table(inner: BoxedStrategy<Node>, reach: Reach) -> BoxedStrategy<Node> {
    let column = (types(reach), "[А-Яа-я ]{0,5}", 0_u32..50, -2_i64..50);
    let columns = prop::collection::vec(column, 0..4).prop_map(move |columns| {
        let column = |(at, (types, title, width, id)): (usize, (Vec<ColumnType>, String, u32, i64))| Column {
            id: if reach == Reach::Xdto { at as i64 } else { id + 100 * at as i64 },
            name: format!("К{at}"),
            types,
            title,
            width,
        };
        columns.into_iter().enumerate().map(column).collect::<Vec<_>>()
    });
    let rows = prop::collection::vec((any::<i16>(), prop::collection::vec(inner, 0..4)), 0..4);
    (columns, rows, any::<i16>(), any::<i16>())
        .prop_map(move |(columns, mut rows, x, y)| {
            for (_, cells) in &mut rows {
                cells.truncate(columns.len());
                let filled = cells.iter().rposition(|cell| *cell != Node::Undefined).map_or(0, |at| at + 1);
                cells.truncate(filled);
            }
            let marked = reach != Reach::Xdto;
            let rows = rows.into_iter().map(|(id, cells)| (marked.then_some(id.into()), cells)).collect();
            let number = |number: i16| marked.then_some(number.into());
            Node::Table { columns, rows, end: TableEnd { last_column: number(x), last_row: number(y) } }
        })
        .boxed()
}

fn list(inner: BoxedStrategy<Node>, reach: Reach) -> BoxedStrategy<Node> {
    let items = prop::collection::vec((text(reach), any::<bool>(), any::<i16>(), inner), 0..4);
    (types(reach), any::<i16>(), items)
        .prop_map(|(types, last, items)| {
            let list = List { types, last_id: Some(last.into()), items: Some(items.len() as u64) };
            let items = items
                .into_iter()
                .map(|(text, check, id, value)| (text, check, Some(id.into()), value))
                .collect();
            Node::List { list, items }
        })
        .boxed()
}
