//! Sources of events for tests, independent of the readers of real texts.

use crate::error::Result;
use crate::value::event::{Column, Item, List, Mutability, Table};
use crate::value::{DateTime, Event, Position, ReadEvents};
use serde_json::Value;
use uuid::Uuid;

/// An event that owns its data.
#[derive(Debug, Clone)]
pub(super) enum Owned {
    Undefined,
    Null,
    Boolean(bool),
    Number(String),
    Text(String),
    Date(DateTime),
    Uuid(Uuid),
    Reference,
    BeginArray,
    EndArray,
    BeginStructure,
    Name(String),
    EndStructure,
    BeginMap,
    EndMap,
    BeginTable(Table),
    BeginRow,
    EndRow,
    EndTable,
    BeginList,
    Item(String),
    EndList,
    Fail(crate::error::Error),
}

/// Gives prepared events one by one.
pub(super) struct Script {
    events: Vec<Owned>,
    next: usize,
    list: List,
}

impl Script {
    pub(super) fn new(events: Vec<Owned>) -> Self {
        Self { events, next: 0, list: List::default() }
    }
}

impl ReadEvents for Script {
    fn next_event(&mut self) -> Result<Option<Event<'_>>> {
        let Some(event) = self.events.get(self.next) else { return Ok(None) };
        self.next += 1;
        Ok(Some(match event {
            Owned::Undefined => Event::Undefined,
            Owned::Null => Event::Null,
            Owned::Boolean(value) => Event::Boolean(*value),
            Owned::Number(text) => Event::Number(text),
            Owned::Text(text) => Event::Text(text),
            Owned::Date(date) => Event::Date(*date),
            Owned::Uuid(uuid) => Event::Uuid(*uuid),
            Owned::Reference => Event::Reference(crate::value::event::Reference {
                uuid: Uuid::nil(),
                kind: crate::value::event::ReferenceKind::Named("CatalogRef.Номенклатура"),
            }),
            Owned::BeginArray => Event::BeginArray(Mutability::Ordinary),
            Owned::EndArray => Event::EndArray,
            Owned::BeginStructure => Event::BeginStructure(Mutability::Ordinary),
            Owned::Name(name) => Event::Name(name),
            Owned::EndStructure => Event::EndStructure,
            Owned::BeginMap => Event::BeginMap(Mutability::Ordinary),
            Owned::EndMap => Event::EndMap,
            Owned::BeginTable(table) => Event::BeginTable(table),
            Owned::BeginRow => Event::BeginRow(None),
            Owned::EndRow => Event::EndRow,
            Owned::EndTable => Event::EndTable(crate::value::event::TableEnd::default()),
            Owned::BeginList => Event::BeginList(&self.list),
            Owned::Item(presentation) => Event::Item(Item { presentation, check: false, id: None }),
            Owned::EndList => Event::EndList(&self.list),
            Owned::Fail(error) => return Err(error.clone()),
        }))
    }

    fn position(&self) -> Position {
        Position::default()
    }

    fn path(&self) -> String {
        String::new()
    }
}

/// The events of a JSON value; objects are structures.
pub(super) fn json_events(value: &Value) -> Vec<Owned> {
    let mut events = Vec::new();
    push(value, &mut events);
    events
}

fn push(value: &Value, events: &mut Vec<Owned>) {
    match value {
        Value::Null => events.push(Owned::Undefined),
        Value::Bool(value) => events.push(Owned::Boolean(*value)),
        Value::Number(number) => events.push(Owned::Number(number.to_string())),
        Value::String(text) => events.push(Owned::Text(text.clone())),
        Value::Array(values) => {
            events.push(Owned::BeginArray);
            values.iter().for_each(|value| push(value, events));
            events.push(Owned::EndArray);
        }
        Value::Object(members) => {
            events.push(Owned::BeginStructure);
            for (name, value) in members {
                events.push(Owned::Name(name.clone()));
                push(value, events);
            }
            events.push(Owned::EndStructure);
        }
    }
}

/// A value table with these columns; a cell is any JSON value.
pub(super) fn table_events(columns: &[&str], rows: &[Vec<Value>]) -> Vec<Owned> {
    let column = |name: &&str| Column { name: (*name).to_owned(), ..Column::default() };
    let table = Table { columns: columns.iter().map(column).collect(), ..Table::default() };
    let mut events = vec![Owned::BeginTable(table)];
    for row in rows {
        events.push(Owned::BeginRow);
        row.iter().for_each(|cell| push(cell, &mut events));
        events.push(Owned::EndRow);
    }
    events.push(Owned::EndTable);
    events
}
