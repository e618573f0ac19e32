//! Characteristics of a product: every shape in which a source may give them, written as
//! `[{"name":…,"value":…},…]`.
//!
//! Usual shapes: an array of structures or a table with `Название`/`name` and `Значение`/`value`. A single
//! structure with these members is one characteristic; a structure or a map with other members is read as name and
//! value pairs; in a value list the presentation is the name. A characteristic whose value is absent is left out.

use super::fault::{Fault, type_label};
use super::field::{CharacteristicField, NameMemory};
use super::json_text::append_string;
use super::product::{Misfit, append_plain};
use super::reading::{LeaveOut, ended, skip};
use crate::error::Result;
use crate::value::{Event, ReadEvents};

/// The collection that a field's first event has begun.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Collection {
    /// Items follow.
    Array,
    /// Items with presentations follow.
    List,
    /// Names and values follow.
    Members,
    /// Rows follow.
    Table,
}

/// Reads characteristics; keeps its buffers from product to product.
#[derive(Debug)]
pub(super) struct CharacteristicReader {
    names: NameMemory<Option<CharacteristicField>>,
    /// What the columns of the table at hand mean.
    columns: Vec<Option<CharacteristicField>>,
    /// Names of the columns of the table at hand that mean nothing.
    unknown: Vec<Box<str>>,
    current: Current,
    /// Characteristics of this product so far, the left out ones included.
    number: usize,
    /// Characteristics of this product that were written.
    written: usize,
}

/// The characteristic being read: its name and its value as JSON, empty while absent.
#[derive(Debug, Default)]
struct Current {
    name: String,
    value: String,
}

impl Default for CharacteristicReader {
    fn default() -> Self {
        Self {
            names: NameMemory::new(CharacteristicField::named),
            columns: Vec::new(),
            unknown: Vec::new(),
            current: Current::default(),
            number: 0,
            written: 0,
        }
    }
}

/// Where the characteristics of one product come from and go to.
pub(super) struct Exchange<'a> {
    pub(super) source: &'a mut dyn ReadEvents,
    pub(super) out: &'a mut String,
    pub(super) faults: &'a mut Vec<Fault>,
    pub(super) left_out: &'a mut dyn LeaveOut,
}

impl CharacteristicReader {
    /// Tells what collection `event` begins, if it begins one that can hold characteristics.
    pub(super) fn begin(&mut self, event: &Event<'_>) -> Option<Collection> {
        match event {
            Event::BeginArray(_) => Some(Collection::Array),
            Event::BeginList(_) => Some(Collection::List),
            Event::BeginStructure(_) | Event::BeginMap(_) => Some(Collection::Members),
            Event::BeginTable(table) => {
                self.columns.clear();
                self.unknown.clear();
                for (place, column) in table.columns.iter().enumerate() {
                    let meaning = self.names.recognise(place, &column.name);
                    self.columns.push(meaning);
                    if meaning.is_none() {
                        self.unknown.push(column.name.as_str().into());
                    }
                }
                Some(Collection::Table)
            }
            _ => None,
        }
    }

    /// Reads the rest of a collection that was just begun and writes its characteristics; writes nothing if there are none.
    ///
    /// # Errors
    /// Those of the source.
    pub(super) fn read(&mut self, collection: Collection, exchange: &mut Exchange<'_>) -> Result<()> {
        self.number = 0;
        self.written = 0;
        match collection {
            Collection::Array => self.read_items(exchange)?,
            Collection::List => self.read_list(exchange)?,
            Collection::Members => self.read_members_or_pairs(exchange)?,
            Collection::Table => self.read_rows(exchange)?,
        }
        if self.written > 0 {
            exchange.out.push(']');
        }
        Ok(())
    }

    fn read_items(&mut self, exchange: &mut Exchange<'_>) -> Result<()> {
        loop {
            let event = exchange.source.next_event()?.ok_or_else(ended)?;
            match event {
                Event::EndArray => return Ok(()),
                Event::BeginStructure(_) | Event::BeginMap(_) => {
                    self.next();
                    self.read_members(exchange)?;
                    self.end(exchange);
                }
                other => {
                    let depth = other.depth_change();
                    self.number += 1;
                    exchange.faults.push(Fault::WrongCharacteristic(self.number, type_label(&other)));
                    skip(exchange.source, depth)?;
                }
            }
        }
    }

    /// Members of one structure or map with a name and a value.
    fn read_members(&mut self, exchange: &mut Exchange<'_>) -> Result<()> {
        for place in 0.. {
            let field = match exchange.source.next_event()?.ok_or_else(ended)? {
                Event::EndStructure | Event::EndMap => break,
                Event::Name(name) | Event::Text(name) => {
                    let field = self.names.recognise(place, name);
                    if field.is_none() {
                        exchange.left_out.leave_out_of_characteristics(name);
                    }
                    field
                }
                key => {
                    let depth = key.depth_change();
                    skip(exchange.source, depth)?;
                    None
                }
            };
            self.read_part(field, exchange)?;
        }
        Ok(())
    }

    /// Members of a structure or map that is either one characteristic or pairs of name and value; the first
    /// member tells which.
    fn read_members_or_pairs(&mut self, exchange: &mut Exchange<'_>) -> Result<()> {
        loop {
            self.next();
            match exchange.source.next_event()?.ok_or_else(ended)? {
                Event::EndStructure | Event::EndMap => return Ok(()),
                Event::Name(name) | Event::Text(name) => {
                    let single = (self.number == 1).then(|| CharacteristicField::named(name)).flatten();
                    if let Some(field) = single {
                        self.read_part(Some(field), exchange)?;
                        self.read_members(exchange)?;
                        self.end(exchange);
                        return Ok(());
                    }
                    append_string(&mut self.current.name, name);
                }
                key => {
                    let depth = key.depth_change();
                    self.take(CharacteristicField::Name, &key, exchange.faults);
                    skip(exchange.source, depth)?;
                }
            }
            self.read_part(Some(CharacteristicField::Value), exchange)?;
            self.end(exchange);
        }
    }

    fn read_list(&mut self, exchange: &mut Exchange<'_>) -> Result<()> {
        loop {
            self.next();
            match exchange.source.next_event()?.ok_or_else(ended)? {
                Event::Item(item) => {
                    if !item.presentation.trim().is_empty() {
                        append_string(&mut self.current.name, item.presentation);
                    }
                }
                _ => return Ok(()),
            }
            self.read_part(Some(CharacteristicField::Value), exchange)?;
            self.end(exchange);
        }
    }

    fn read_rows(&mut self, exchange: &mut Exchange<'_>) -> Result<()> {
        for name in &self.unknown {
            exchange.left_out.leave_out_of_characteristics(name);
        }
        loop {
            match exchange.source.next_event()?.ok_or_else(ended)? {
                Event::BeginRow(_) => self.next(),
                _ => return Ok(()),
            }
            for index in 0.. {
                let event = exchange.source.next_event()?.ok_or_else(ended)?;
                if event == Event::EndRow {
                    break;
                }
                let depth = event.depth_change();
                if let Some(Some(field)) = self.columns.get(index).copied() {
                    self.take(field, &event, exchange.faults);
                }
                skip(exchange.source, depth)?;
            }
            self.end(exchange);
        }
    }

    /// Reads one value; a part that has no meaning is skipped.
    fn read_part(&mut self, field: Option<CharacteristicField>, exchange: &mut Exchange<'_>) -> Result<()> {
        let event = exchange.source.next_event()?.ok_or_else(ended)?;
        let depth = event.depth_change();
        if let Some(field) = field {
            self.take(field, &event, exchange.faults);
        }
        skip(exchange.source, depth)
    }

    fn next(&mut self) {
        self.number += 1;
        self.current.name.clear();
        self.current.value.clear();
    }

    /// Takes the name or the value of the current characteristic.
    fn take(&mut self, field: CharacteristicField, event: &Event<'_>, faults: &mut Vec<Fault>) {
        let Current { name, value } = &mut self.current;
        let outcome = match (field, event) {
            (CharacteristicField::Value, event) => append_plain(value, event),
            (CharacteristicField::Name, Event::Text(text)) if text.trim().is_empty() => Ok(()),
            (CharacteristicField::Name, Event::Number(text)) => {
                append_string(name, text);
                Ok(())
            }
            (CharacteristicField::Name, Event::Boolean(_) | Event::Date(_)) => {
                Err(Misfit::Type(type_label(event)))
            }
            (CharacteristicField::Name, event) => append_plain(name, event),
        };
        if let Err(misfit) = outcome {
            faults.push(misfit.in_characteristic(self.number));
        }
    }

    fn end(&mut self, exchange: &mut Exchange<'_>) {
        let Current { name, value } = &self.current;
        if value.is_empty() {
            return;
        }
        if name.is_empty() {
            if exchange.faults.is_empty() {
                exchange.faults.push(Fault::NamelessCharacteristic(self.number));
            }
            return;
        }
        exchange.out.push(if self.written == 0 { '[' } else { ',' });
        append_characteristic(exchange.out, name, value);
        self.written += 1;
    }
}

/// Appends one characteristic; both parts are JSON.
pub(super) fn append_characteristic(out: &mut String, name: &str, value: &str) {
    for part in ["{\"name\":", name, ",\"value\":", value, "}"] {
        out.push_str(part);
    }
}
