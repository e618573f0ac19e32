//! One product on its way from events to ready JSON bytes.

use super::decimal::{append_number_text, is_negative, is_zero};
use super::fault::{Fault, TypeLabel, excerpt, type_label};
use super::field::Field;
use super::json_text::append_string;
use crate::value::Event;
use std::fmt::Write;

/// Collects the fields of one product in any order and writes them in the site's order. Reused from product to
/// product, so that a catalogue needs no memory per field.
#[derive(Debug, Default)]
pub(super) struct ProductBuilder {
    /// JSON values of the fields, in the order of their arrival.
    values: String,
    /// Where in `values` a field stands, by [`Field`] as index.
    spans: [Option<Span>; Field::COUNT],
    /// Whether a field has come with a value, even a wrong one.
    given: [bool; Field::COUNT],
    /// Fields that are passed on, each as `,"name":value`.
    extra: String,
    /// Where in `extra` the last field and its value begin.
    extra_start: usize,
    extra_value: usize,
    faults: Vec<Fault>,
}

#[derive(Debug, Clone, Copy)]
struct Span {
    start: usize,
    end: usize,
}

/// What stands before the value of each field, in the order of [`Field::ALL`].
const PREFIXES: [&str; Field::COUNT] = [
    "{\"sku\":",
    ",\"name\":",
    ",\"price\":",
    ",\"description\":",
    ",\"old_price\":",
    ",\"stock\":",
    ",\"category\":",
    ",\"is_active\":",
    ",\"characteristics\":",
];

/// Length of what stands before the sku in the JSON of every product.
pub(super) const SKU_OFFSET: usize = PREFIXES[Field::Sku as usize].len();

/// What [`ProductBuilder::finish`] has appended.
#[derive(Debug, Clone, Copy)]
pub(super) struct Finished {
    /// Length of the sku as a JSON string with its quotation marks.
    pub(super) sku_length: usize,
    /// Whether the product has characteristics.
    pub(super) has_characteristics: bool,
}

impl ProductBuilder {
    /// Forgets the product before.
    pub(super) fn clear(&mut self) {
        self.values.clear();
        self.spans = [None; Field::COUNT];
        self.given = [false; Field::COUNT];
        self.extra.clear();
        self.faults.clear();
    }

    /// Notes a fault that the caller found.
    pub(super) fn add_fault(&mut self, fault: Fault) {
        self.faults.push(fault);
    }

    /// Takes a plain value of a field. Tells true if `event` begins a collection of characteristics, which the
    /// caller reads into [`ProductBuilder::write_value`]; any other collection is a fault and to be skipped.
    pub(super) fn take(&mut self, field: Field, event: &Event<'_>) -> bool {
        if let Event::Undefined | Event::Null = event {
            return false;
        }
        let empty =
            matches!(event, Event::Text("")) && !matches!(field, Field::Sku | Field::Name | Field::Price);
        if empty {
            return false;
        }
        if let Some(given) = self.given.get_mut(field as usize)
            && std::mem::replace(given, true)
        {
            self.faults.push(Fault::Twice(field));
            return false;
        }
        if let Event::Reference(_) = event {
            self.faults.push(Fault::Reference(field.russian_name().into()));
            return false;
        }
        let start = self.values.len();
        let outcome = match field {
            Field::Sku | Field::Name | Field::Description | Field::Category => self.take_text(field, event),
            Field::Price | Field::OldPrice | Field::Stock => self.take_number(field, event),
            Field::IsActive => self.take_boolean(event),
            Field::Characteristics if event.depth_change() > 0 => return true,
            Field::Characteristics => Err(Fault::WrongType(field, type_label(event))),
        };
        match outcome {
            Ok(()) => self.close_value(field, start),
            Err(fault) => {
                self.values.truncate(start);
                self.faults.push(fault);
            }
        }
        false
    }

    fn take_text(&mut self, field: Field, event: &Event<'_>) -> Result<(), Fault> {
        match event {
            Event::Text(text) => {
                if matches!(field, Field::Sku | Field::Name) && text.trim().is_empty() {
                    return Err(Fault::Missing(field));
                }
                append_string(&mut self.values, text);
            }
            Event::Number(number) => append_string(&mut self.values, number),
            Event::Uuid(uuid) => {
                append_string(&mut self.values, uuid.hyphenated().encode_lower(&mut [0; 36]))
            }
            other => return Err(Fault::WrongType(field, type_label(other))),
        }
        Ok(())
    }

    fn take_number(&mut self, field: Field, event: &Event<'_>) -> Result<(), Fault> {
        let start = self.values.len();
        match event {
            Event::Number(number) => self.values.push_str(number),
            Event::Text(text) if text.trim().is_empty() => {
                return if field == Field::Price { Err(Fault::Missing(field)) } else { Ok(()) };
            }
            Event::Text(text) => {
                if !append_number_text(&mut self.values, text) {
                    return Err(Fault::NotNumber(field, excerpt(text)));
                }
            }
            other => return Err(Fault::WrongType(field, type_label(other))),
        }
        let number = self.values.get(start..).unwrap_or_default();
        match field {
            Field::Price if is_negative(number) => Err(Fault::Negative(field, excerpt(number))),
            Field::OldPrice if is_negative(number) || is_zero(number) => {
                self.values.truncate(start);
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn take_boolean(&mut self, event: &Event<'_>) -> Result<(), Fault> {
        let active = match event {
            Event::Boolean(active) => Some(*active),
            Event::Number("1") => Some(true),
            Event::Number("0") => Some(false),
            Event::Text(text) if text.trim().is_empty() => return Ok(()),
            Event::Number(text) | Event::Text(text) => match text.trim().to_lowercase().as_str() {
                "1" | "true" | "истина" | "да" | "yes" => Some(true),
                "0" | "false" | "ложь" | "нет" | "no" => Some(false),
                _ => return Err(Fault::NotBoolean(Field::IsActive, excerpt(text))),
            },
            _ => None,
        };
        let active = active.ok_or_else(|| Fault::WrongType(Field::IsActive, type_label(event)))?;
        self.values.push_str(if active { "true" } else { "false" });
        Ok(())
    }

    /// Lets the caller write the value of a field as JSON; nothing written means that the field is absent.
    pub(super) fn write_value<E>(
        &mut self,
        field: Field,
        write: impl FnOnce(&mut String, &mut Vec<Fault>) -> Result<(), E>,
    ) -> Result<(), E> {
        let start = self.values.len();
        write(&mut self.values, &mut self.faults)?;
        self.close_value(field, start);
        Ok(())
    }

    fn close_value(&mut self, field: Field, start: usize) {
        let end = self.values.len();
        if end > start
            && let Some(span) = self.spans.get_mut(field as usize)
        {
            *span = Some(Span { start, end });
        }
    }

    /// Begins a field that the site's instruction does not know and that is passed on.
    pub(super) fn begin_extra(&mut self, name: &str) {
        self.extra_start = self.extra.len();
        self.extra.push(',');
        append_string(&mut self.extra, name);
        self.extra.push(':');
        self.extra_value = self.extra.len();
    }

    /// Where the value of the field just begun is written; nothing written means that the field is absent.
    pub(super) fn extra_value(&mut self) -> &mut String {
        &mut self.extra
    }

    /// Ends the field just begun, whose value may not have fitted into JSON.
    pub(super) fn end_extra(&mut self, outcome: Result<(), Misfit>) {
        if let Err(misfit) = outcome {
            let name = self.extra.get(self.extra_start + 1..self.extra_value.saturating_sub(1));
            let name = name.and_then(|name| serde_json::from_str(name).ok()).unwrap_or_default();
            self.faults.push(misfit.in_extra_field(name));
        }
        if outcome.is_err() || self.extra.len() == self.extra_value {
            self.extra.truncate(self.extra_start);
        }
    }

    /// Appends the product's JSON to `out`, or gives back what is wrong with it.
    pub(super) fn finish(&mut self, out: &mut String) -> Result<Finished, Vec<Fault>> {
        // What is no product at all has no fields that could be missing.
        let is_product = !matches!(self.faults.first(), Some(Fault::NotProduct(_)));
        for field in [Field::Sku, Field::Name, Field::Price] {
            if is_product && !self.given.get(field as usize).copied().unwrap_or_default() {
                self.faults.push(Fault::Missing(field));
            }
        }
        if !self.faults.is_empty() {
            return Err(std::mem::take(&mut self.faults));
        }
        for (field, prefix) in Field::ALL.into_iter().zip(PREFIXES) {
            if field == Field::Characteristics {
                out.push_str(&self.extra);
            }
            if let Some(value) = self.value(field) {
                out.push_str(prefix);
                out.push_str(value);
            }
        }
        out.push('}');
        Ok(Finished {
            sku_length: self.value(Field::Sku).map_or(0, str::len),
            has_characteristics: self.value(Field::Characteristics).is_some(),
        })
    }

    /// Bytes that [`ProductBuilder::finish`] appends at most.
    pub(super) fn finished_length(&self) -> usize {
        self.values.len() + self.extra.len() + PREFIXES.iter().map(|prefix| prefix.len()).sum::<usize>() + 1
    }

    /// The JSON value of a field.
    fn value(&self, field: Field) -> Option<&str> {
        let Span { start, end } = self.spans.get(field as usize).copied().flatten()?;
        self.values.get(start..end)
    }

    /// The sku as far as it is known.
    pub(super) fn sku(&self) -> Option<Box<str>> {
        serde_json::from_str(self.value(Field::Sku)?).ok()
    }
}

/// A value that has no form in JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Misfit {
    Reference,
    Type(&'static TypeLabel),
}

impl Misfit {
    /// That of a value that begins with `event`.
    pub(super) fn of(event: &Event<'_>) -> Self {
        if let Event::Reference(_) = event { Self::Reference } else { Self::Type(type_label(event)) }
    }

    fn in_extra_field(self, name: Box<str>) -> Fault {
        match self {
            Self::Reference => Fault::Reference(name),
            Self::Type(label) => Fault::WrongExtra(name, label),
        }
    }

    /// The fault of the characteristic with this number.
    pub(super) fn in_characteristic(self, number: usize) -> Fault {
        match self {
            Self::Reference => Fault::Reference(format!("Характеристики[{number}]").into()),
            Self::Type(label) => Fault::WrongCharacteristic(number, label),
        }
    }
}

/// Appends a plain value as 1C's own JSON would have it. `Undefined` and NULL append nothing.
///
/// # Errors
/// The event is not a plain value, or one that JSON has no form for.
pub(super) fn append_plain(out: &mut String, event: &Event<'_>) -> Result<(), Misfit> {
    match event {
        Event::Undefined | Event::Null => {}
        Event::Boolean(value) => out.push_str(if *value { "true" } else { "false" }),
        Event::Number(number) => out.push_str(number),
        Event::Text(text) => append_string(out, text),
        // Writing to a string cannot fail.
        Event::Date(date) => drop(write!(out, "\"{date}\"")),
        Event::Uuid(uuid) => append_string(out, uuid.hyphenated().encode_lower(&mut [0; 36])),
        other => return Err(Misfit::of(other)),
    }
    Ok(())
}
