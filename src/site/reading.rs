//! From events to products: which values are products, and where in them their fields stand.

use super::characteristic::{CharacteristicReader, Collection, Exchange};
use super::extra::ExtraValue;
use super::fault::{Fault, TypeLabel, type_label};
use super::field::{Field, NameMemory};
use super::product::ProductBuilder;
use crate::bilingual;
use crate::error::{Code, Error, Result};
use crate::value::event::Table;
use crate::value::{Event, ReadEvents};

/// What happens to fields that the site's instruction does not know.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ExtraFields {
    /// They are left out, and a warning names them: a purchase price must not reach a site by accident.
    #[default]
    LeaveOut,
    /// They are passed on under their own names.
    PassOn,
}

/// Hears of members that are left out.
pub(super) trait LeaveOut {
    /// A field of a product is left out.
    fn leave_out(&mut self, name: &str);
    /// A member of a characteristic is left out.
    fn leave_out_of_characteristics(&mut self, name: &str);
}

/// Takes what a reading finds, product by product, in order.
pub(super) trait TakeProducts: LeaveOut {
    /// Takes a product that has been read to its end.
    fn take_product(&mut self, product: &mut ProductBuilder);
}

/// Reads products from an array or a value list of structures and maps, from a value table, or one product from a
/// structure or a map.
///
/// # Errors
/// `argument` if the value is none of these; errors of the source.
pub(super) fn read_products(
    source: &mut dyn ReadEvents,
    extra_fields: ExtraFields,
    sink: &mut dyn TakeProducts,
) -> Result<()> {
    let mut reading = Reading {
        source,
        extra_fields,
        sink,
        product: ProductBuilder::default(),
        names: NameMemory::new(Field::named),
        characteristics: CharacteristicReader::default(),
    };
    reading.read()
}

struct Reading<'a> {
    source: &'a mut dyn ReadEvents,
    extra_fields: ExtraFields,
    sink: &'a mut dyn TakeProducts,
    product: ProductBuilder,
    names: NameMemory<Option<Field>>,
    characteristics: CharacteristicReader,
}

impl Reading<'_> {
    fn read(&mut self) -> Result<()> {
        match self.source.next_event()? {
            Some(Event::BeginArray(_) | Event::BeginList(_)) => self.read_items()?,
            Some(Event::BeginStructure(_) | Event::BeginMap(_)) => self.read_product()?,
            Some(Event::BeginTable(table)) => {
                let columns = Columns::of(table);
                self.read_rows(&columns)?;
            }
            Some(other) => return Err(no_products(&other)),
            None => return Err(ended()),
        }
        // The source checks what follows the value.
        while self.source.next_event()?.is_some() {}
        Ok(())
    }

    fn read_items(&mut self) -> Result<()> {
        loop {
            match self.source.next_event()?.ok_or_else(ended)? {
                Event::EndArray | Event::EndList(_) => return Ok(()),
                Event::Item(_) => {}
                Event::BeginStructure(_) | Event::BeginMap(_) => self.read_product()?,
                other => {
                    let depth = other.depth_change();
                    self.product.clear();
                    self.product.add_fault(Fault::NotProduct(type_label(&other)));
                    skip(self.source, depth)?;
                    self.sink.take_product(&mut self.product);
                }
            }
        }
    }

    /// Members of a structure or a map up to its end.
    fn read_product(&mut self) -> Result<()> {
        self.product.clear();
        for place in 0.. {
            match self.source.next_event()?.ok_or_else(ended)? {
                Event::EndStructure | Event::EndMap => break,
                Event::Name(name) | Event::Text(name) => match self.names.recognise(place, name) {
                    Some(field) => self.read_field(field)?,
                    None if self.extra_fields == ExtraFields::PassOn => {
                        self.product.begin_extra(name);
                        let event = self.source.next_event()?.ok_or_else(ended)?;
                        let begun = ExtraValue::begin(&mut self.product, &event);
                        begun.finish(&mut self.product, self.source)?;
                    }
                    None => {
                        self.sink.leave_out(name);
                        self.skip_value()?;
                    }
                },
                key => {
                    let depth = key.depth_change();
                    self.sink.leave_out(type_label(&key).ru);
                    skip(self.source, depth)?;
                    self.skip_value()?;
                }
            }
        }
        self.sink.take_product(&mut self.product);
        Ok(())
    }

    fn read_field(&mut self, field: Field) -> Result<()> {
        let event = self.source.next_event()?.ok_or_else(ended)?;
        let rest = Rest::after(&mut self.product, &mut self.characteristics, field, &event);
        self.finish_field(rest)
    }

    fn finish_field(&mut self, rest: Rest) -> Result<()> {
        match rest {
            Rest::Nothing => Ok(()),
            Rest::Skip => skip(self.source, 1),
            Rest::Characteristics(collection) => {
                let Self { source, sink, characteristics, product, .. } = self;
                product.write_value(Field::Characteristics, |out, faults| {
                    let left_out: &mut dyn LeaveOut = *sink;
                    characteristics.read(collection, &mut Exchange { source: *source, out, faults, left_out })
                })
            }
        }
    }

    fn skip_value(&mut self) -> Result<()> {
        let depth = self.source.next_event()?.ok_or_else(ended)?.depth_change();
        skip(self.source, depth)
    }

    fn read_rows(&mut self, columns: &Columns) -> Result<()> {
        if self.extra_fields == ExtraFields::LeaveOut {
            for name in columns.0.iter().filter_map(|column| column.as_ref().err()) {
                self.sink.leave_out(name);
            }
        }
        loop {
            match self.source.next_event()?.ok_or_else(ended)? {
                Event::BeginRow(_) => self.read_row(columns)?,
                _ => return Ok(()),
            }
        }
    }

    fn read_row(&mut self, columns: &Columns) -> Result<()> {
        self.product.clear();
        for index in 0.. {
            let event = self.source.next_event()?.ok_or_else(ended)?;
            if event == Event::EndRow {
                break;
            }
            match columns.0.get(index) {
                Some(Ok(field)) => {
                    let rest = Rest::after(&mut self.product, &mut self.characteristics, *field, &event);
                    self.finish_field(rest)?;
                }
                Some(Err(name)) if self.extra_fields == ExtraFields::PassOn => {
                    self.product.begin_extra(name);
                    let begun = ExtraValue::begin(&mut self.product, &event);
                    begun.finish(&mut self.product, self.source)?;
                }
                _ => {
                    let depth = event.depth_change();
                    skip(self.source, depth)?;
                }
            }
        }
        self.sink.take_product(&mut self.product);
        Ok(())
    }
}

/// What of a field's value is still to be read after its first event.
enum Rest {
    Nothing,
    Skip,
    Characteristics(Collection),
}

impl Rest {
    fn after(
        product: &mut ProductBuilder,
        characteristics: &mut CharacteristicReader,
        field: Field,
        event: &Event<'_>,
    ) -> Self {
        let wanted = product.take(field, event);
        match wanted.then(|| characteristics.begin(event)).flatten() {
            Some(collection) => Self::Characteristics(collection),
            None if event.depth_change() > 0 => Self::Skip,
            None => Self::Nothing,
        }
    }
}

/// What the columns of a value table mean; an unknown one keeps its name.
struct Columns(Vec<std::result::Result<Field, Box<str>>>);

impl Columns {
    fn of(table: &Table) -> Self {
        let meaning = |name: &str| Field::named(name).ok_or_else(|| name.into());
        Self(table.columns.iter().map(|column| meaning(&column.name)).collect())
    }
}

/// Reads on until `depth` open levels are closed.
///
/// # Errors
/// Those of the source.
pub(super) fn skip(source: &mut dyn ReadEvents, depth: i32) -> Result<()> {
    let mut open = depth;
    while open > 0 {
        open += source.next_event()?.ok_or_else(ended)?.depth_change();
    }
    Ok(())
}

fn no_products(found: &Event<'_>) -> Error {
    let TypeLabel { ru, en } = type_label(found);
    Error::new(
        Code::Argument,
        bilingual!(
            "Товары: получено значение типа «{ru}». Передайте массив структур, таблицу значений, структуру или \
             соответствие, превращённые в строку функцией ЗначениеВСтрокуВнутр, или JSON.",
            "Products: got {en}. Pass an array of structures, a value table, a structure or a map as text of \
             ValueToStringInternal or as JSON."
        ),
    )
}

/// A source broke its promise: a value ended before its collections were closed.
pub(super) fn ended() -> Error {
    Error::new(
        Code::ValueText,
        bilingual!("Данные товаров оборваны.", "The data of the products ends in the middle."),
    )
}
