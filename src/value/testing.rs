//! What tests of this room share: the data folder of the developers, and values as trees for comparing.

use crate::error::Result;
use crate::value::event::{ColumnType, DateParts, Event, ReadEvents, ReferenceKind, Table, TypeName};
use serde_json::{Map, Value, json};
use std::path::PathBuf;

/// A file of the developers' data folder, which is beside the checkout or where `OBMEN_SHARED` says. `None`, and
/// a word about it, where there is no such file.
pub(crate) fn shared(path: &str) -> Option<PathBuf> {
    let folder = std::env::var_os("OBMEN_SHARED")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared"), PathBuf::from);
    let file = folder.join(path);
    if file.exists() {
        Some(file)
    } else {
        eprintln!("skipped: {} is not here", file.display());
        None
    }
}

/// The events of a reader as text, one for each.
pub(crate) fn events(mut reader: impl ReadEvents) -> Result<Vec<String>> {
    let mut events = Vec::new();
    while let Some(event) = reader.next_event()? {
        events.push(match event {
            Event::Text(text) => format!("'{text}'"),
            Event::Number(text) => text.to_owned(),
            Event::Name(name) => format!("{name}:"),
            Event::Boolean(value) => value.to_string(),
            other => format!("{other:?}"),
        });
    }
    Ok(events)
}

/// A value as a tree in the notation of the samples' index: `{"$":"Undefined"}`, `{"$date":…}`, `{"$Structure":{…}}`
/// and so on; every number is `{"$number":"…"}`.
pub(crate) fn tree(mut reader: impl ReadEvents) -> Result<Value> {
    let mut stack: Vec<Open> = Vec::new();
    let mut root = Value::Null;
    while let Some(event) = reader.next_event()? {
        if let Some(value) = stack_event(&mut stack, &event) {
            put(&mut stack, &mut root, value);
        }
    }
    assert!(stack.is_empty(), "a reader must close what it opens");
    Ok(root)
}

enum Open {
    Array(Vec<Value>),
    Structure(Vec<(String, Value)>),
    Map(Vec<Value>),
    Table(Box<Table>, Vec<Value>, Vec<Value>),
    Row(Vec<Value>),
    List(Vec<Value>),
}

fn put(stack: &mut [Open], root: &mut Value, value: Value) {
    match stack.last_mut() {
        None => *root = value,
        Some(Open::Array(items) | Open::Map(items) | Open::Row(items)) => items.push(value),
        Some(Open::Structure(members)) => members.last_mut().expect("a name comes first").1 = value,
        Some(Open::List(items)) => {
            let item = items.last_mut().and_then(Value::as_object_mut).expect("an item comes first");
            item.insert("value".to_owned(), value);
        }
        Some(Open::Table(..)) => panic!("a value outside a row"),
    }
}

fn stack_event(stack: &mut Vec<Open>, event: &Event<'_>) -> Option<Value> {
    match *event {
        Event::BeginArray(_) => stack.push(Open::Array(Vec::new())),
        Event::BeginStructure(_) => stack.push(Open::Structure(Vec::new())),
        Event::BeginMap(_) => stack.push(Open::Map(Vec::new())),
        Event::BeginTable(table) => stack.push(Open::Table(Box::new(table.clone()), Vec::new(), Vec::new())),
        Event::BeginRow(id) => {
            if let Some(Open::Table(_, _, ids)) = stack.last_mut() {
                ids.push(json!(id));
            }
            stack.push(Open::Row(Vec::new()));
        }
        Event::BeginList(_) => stack.push(Open::List(Vec::new())),
        Event::Name(name) => match stack.last_mut() {
            Some(Open::Structure(members)) => members.push((name.to_owned(), Value::Null)),
            _ => panic!("a name outside a structure"),
        },
        Event::Item(item) => match stack.last_mut() {
            Some(Open::List(items)) => {
                items.push(json!({"value": null, "presentation": item.presentation, "check": item.check, "id": item.id}));
            }
            _ => panic!("an item outside a list"),
        },
        Event::EndArray | Event::EndStructure | Event::EndMap | Event::EndTable(_) | Event::EndList(_) => {
            return Some(ended(stack.pop().expect("something is open"), event));
        }
        Event::EndRow => {
            let Some(Open::Row(mut cells)) = stack.pop() else { panic!("no row is open") };
            if let Some(Open::Table(table, rows, _)) = stack.last_mut() {
                cells.resize(table.columns.len(), json!({"$": "Undefined"}));
                rows.push(Value::Array(cells));
            }
        }
        _ => return Some(scalar(event)),
    }
    None
}

fn ended(open: Open, event: &Event<'_>) -> Value {
    match (open, event) {
        (Open::Array(items), _) => Value::Array(items),
        (Open::Structure(members), _) => {
            json!({"$Structure": members.into_iter().collect::<Map<_, _>>()})
        }
        (Open::Map(items), _) => {
            json!({"$Map": items.chunks(2).map(|pair| json!(pair)).collect::<Vec<_>>()})
        }
        (Open::Table(table, rows, ids), Event::EndTable(end)) => {
            let columns: Vec<Value> = table
                .columns
                .iter()
                .map(|column| {
                    json!({"id": column.id, "name": column.name, "types": types(&column.types),
                           "title": column.title, "width": column.width})
                })
                .collect();
            let positions: Vec<usize> = (0..columns.len()).collect();
            json!({"$ValueTable": {"version": table.version, "columns": columns, "positions": positions, "rows": rows,
                                   "row_ids": ids, "x": end.last_column, "y": end.last_row}})
        }
        (Open::List(items), Event::EndList(list)) => {
            json!({"$ValueList": {"types": types(&list.types), "items": items, "last": list.last_id}})
        }
        _ => panic!("an end that does not match"),
    }
}

fn scalar(event: &Event<'_>) -> Value {
    match *event {
        Event::Undefined => json!({"$": "Undefined"}),
        Event::Null => Value::Null,
        Event::Boolean(value) => json!(value),
        Event::Number(text) => json!({"$number": text}),
        Event::Text(text) => json!(text),
        Event::Date(date) => json!({"$date": date.to_string()}),
        Event::Uuid(uuid) => json!({"$uuid": uuid.to_string()}),
        Event::Type(TypeName::Id(id)) => json!({"$type": id.to_string()}),
        Event::Type(TypeName::Named(name)) => json!({"$type": name}),
        Event::TypeDescription(list) => json!({"$TypeDescription": types(list)}),
        Event::Binary(bytes) => json!({"$binary": bytes}),
        Event::Opaque(opaque) => json!({"$opaque": opaque.type_name}),
        Event::Reference(reference) => match reference.kind {
            ReferenceKind::Internal { type_id, table } => {
                let uuid = reference.uuid.to_string();
                let part = |from: usize, to: usize| uuid.replace('-', "")[from..to].to_owned();
                let hex = format!("{}{}{}{}", part(16, 32), part(12, 16), part(8, 12), part(0, 8));
                json!({"$ref": {"type": type_id.to_string(), "table": {"$number": table.to_string()}, "hex": hex,
                                "uuid": uuid}})
            }
            ReferenceKind::Named(name) => json!({"$ref": [name, reference.uuid.to_string()]}),
            ReferenceKind::Enumeration { type_name, value } => json!({"$ref": [type_name, value]}),
        },
        _ => panic!("not a scalar: {event:?}"),
    }
}

/// Types in the notation of the samples' index: `S`, `S 300 1`, `N 10 2 0`, `D`, …
pub(crate) fn types(types: &[ColumnType]) -> Vec<String> {
    let spelled = |kind: &ColumnType| match kind {
        ColumnType::Text { length: 0, .. } => "S".to_owned(),
        ColumnType::Text { length, fixed } => format!("S {length} {}", u8::from(!fixed)),
        ColumnType::Number { digits: 0, .. } => "N".to_owned(),
        ColumnType::Number { digits, fraction, nonnegative } => {
            format!("N {digits} {fraction} {}", u8::from(*nonnegative))
        }
        ColumnType::Date(DateParts::DateTime) => "D".to_owned(),
        ColumnType::Date(DateParts::Date) => "D D".to_owned(),
        ColumnType::Date(DateParts::Time) => "D T".to_owned(),
        ColumnType::Boolean => "B".to_owned(),
        ColumnType::Null => "L".to_owned(),
        ColumnType::Binary => "R".to_owned(),
        ColumnType::Other(name) => name.clone(),
    };
    types.iter().map(spelled).collect()
}
