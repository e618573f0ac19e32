//! The list of products to send, each held as ready JSON.

use super::characteristic::append_characteristic;
use super::fault::{Fault, Refusal, excerpt, type_label};
use super::field::Field;
use super::json_text::append_string;
use super::product::{Finished, ProductBuilder, SKU_OFFSET, append_plain};
use super::reading::{ExtraFields, LeaveOut, TakeProducts, read_products};
use crate::bilingual;
use crate::error::{Bilingual, Code, Error, Result};
use crate::value::{Event, ReadEvents};
use bytes::Bytes;
use std::ops::Range;
use std::sync::Arc;

/// Products that wait to be sent, in order, and what was left out of them so far.
///
/// Held as one text, `{…},{…},{…}`, with the place of every product: a request's body is one copy of a
/// part of it.
///
/// Rows are numbered from 1 over everything given since the list was empty, refused products included.
#[derive(Debug, Clone, Default)]
pub struct Catalogue {
    json: Arc<String>,
    products: Vec<Product>,
    refusals: Vec<Refusal>,
    left_out: Vec<LeftOut>,
    /// Products given so far, refused ones included.
    rows: u64,
    /// The product added last, while it may still get characteristics.
    last: Option<LastProduct>,
}

#[derive(Debug, Clone, Copy)]
struct Product {
    start: usize,
    end: usize,
    /// Length of the sku's JSON string.
    sku_length: usize,
    row: u64,
}

#[derive(Debug, Clone, Copy)]
struct LastProduct {
    has_characteristics: bool,
}

/// A field that the site does not know and that was left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeftOut {
    /// Its name in the source.
    pub name: Box<str>,
    /// The row where it was first seen.
    pub row: u64,
}

impl LeftOut {
    /// What the user is told.
    pub fn warning(&self) -> Bilingual {
        let Self { name, row } = self;
        bilingual!(
            "Поле «{name}» (строка {row}) сайту не известно и не передано. Чтобы передавать такие поля, задайте \
             ДополнительныеПоля = передавать.",
            "The field \"{name}\" (row {row}) is not known to the site and was left out. To pass such fields on, set \
             ExtraFields = pass."
        )
    }
}

/// How many names of fields that were left out are remembered; data with more is no catalogue.
const LEFT_OUT_NAMES: usize = 100;

/// What [`Catalogue::add`] has done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Added {
    /// Products that can be sent.
    pub accepted: usize,
    /// Products that were refused, see [`Catalogue::refusals`].
    pub refused: usize,
}

impl Catalogue {
    /// An empty list.
    pub fn new() -> Self {
        Self::default()
    }

    /// Number of products that can be sent.
    pub fn len(&self) -> usize {
        self.products.len()
    }

    /// True if there is nothing to send.
    pub fn is_empty(&self) -> bool {
        self.products.is_empty()
    }

    /// Forgets everything.
    pub fn clear(&mut self) {
        if self.rows > 0 {
            self.reset();
        }
    }

    #[inline(never)]
    fn reset(&mut self) {
        *self = Self::default();
    }

    /// Adds all products of a source: an array or value list of structures or maps, a value table, or one
    /// structure or map. Bad products are left out and remembered as [`Catalogue::refusals`]; the others are added.
    ///
    /// # Errors
    /// `argument` if the source holds something else; `value_text` and `limit` of the source. The list is then
    /// as it was.
    pub fn add(&mut self, source: &mut dyn ReadEvents, extra_fields: ExtraFields) -> Result<Added> {
        let before = Mark {
            json: self.json.len(),
            products: self.products.len(),
            refusals: self.refusals.len(),
            left_out: self.left_out.len(),
            rows: self.rows,
            last: self.last,
        };
        match read_products(source, extra_fields, self) {
            Ok(()) => Ok(Added {
                accepted: self.products.len() - before.products,
                refused: self.refusals.len() - before.refusals,
            }),
            Err(error) => {
                self.return_to(&before);
                Err(error)
            }
        }
    }

    /// Adds one product from plain values; absent ones are `Undefined`.
    ///
    /// # Errors
    /// `validation` with every fault of the product, which is then not added.
    pub fn add_product(&mut self, fields: &[(Field, Event<'_>)]) -> Result<()> {
        let mut product = ProductBuilder::default();
        for (field, value) in fields {
            if product.take(*field, value) {
                product.add_fault(Fault::WrongType(*field, type_label(value)));
            }
        }
        let sku = product.sku();
        self.append(&mut product).map_err(|faults| {
            let row = self.rows + 1;
            invalid(&Refusal { row, sku, faults })
        })?;
        self.rows += 1;
        Ok(())
    }

    /// Adds a characteristic to the product added last. An absent value adds nothing.
    ///
    /// # Errors
    /// `validation` for a name that is no text, a value that is no plain one, or if there is no such product: none
    /// was added, the last one was refused, or it has been sent.
    pub fn add_characteristic(&mut self, name: &Event<'_>, value: &Event<'_>) -> Result<()> {
        let Some(last) = self.last else {
            return Err(Error::new(
                Code::Validation,
                bilingual!(
                    "Характеристику не к чему добавить: последний товар не добавлен или уже отправлен. Сначала \
                     вызовите ДобавитьТовар.",
                    "There is no product to take the characteristic: the last one was not added or has been sent. \
                     Call AddProduct first."
                ),
            ));
        };
        let name = match name {
            Event::Text(text) | Event::Number(text) if !text.trim().is_empty() => {
                let mut out = String::new();
                append_string(&mut out, text);
                out
            }
            _ => {
                return Err(Error::new(
                    Code::Validation,
                    bilingual!(
                        "Название характеристики пусто или не строка.",
                        "The name of the characteristic is empty or no string."
                    ),
                ));
            }
        };
        let mut json = String::new();
        append_plain(&mut json, value).map_err(|misfit| {
            let Bilingual { ru, en } = misfit.in_characteristic(1).message();
            Error::new(Code::Validation, bilingual!("Не добавлено: {ru}.", "Not added: {en}."))
        })?;
        if json.is_empty() {
            return Ok(());
        }
        // The last product stands at the end, and its characteristics stand at the end of it.
        let text = Arc::make_mut(&mut self.json);
        if last.has_characteristics {
            text.truncate(text.len().saturating_sub(2));
            text.push(',');
        } else {
            text.truncate(text.len().saturating_sub(1));
            text.push_str(",\"characteristics\":[");
        }
        append_characteristic(text, &name, &json);
        text.push_str("]}");
        self.last = Some(LastProduct { has_characteristics: true });
        if let Some(product) = self.products.last_mut() {
            product.end = text.len();
        }
        Ok(())
    }

    /// Products that were left out because of their data, in order of their rows.
    pub fn refusals(&self) -> &[Refusal] {
        &self.refusals
    }

    /// Fields that were left out because the site does not know them, in order of appearance.
    pub fn left_out(&self) -> &[LeftOut] {
        &self.left_out
    }

    /// All products as a JSON array.
    pub fn to_json(&self) -> String {
        format!("[{}]", self.json_of(0..self.len()))
    }

    /// Products `range` as JSON with commas between; empty for an empty range.
    pub(super) fn json_of(&self, range: Range<usize>) -> &str {
        let first = self.products.get(range.start);
        let last = range.end.checked_sub(1).and_then(|last| self.products.get(last));
        match (first, last) {
            (Some(first), Some(last)) => self.json.get(first.start..last.end).unwrap_or_default(),
            _ => "",
        }
    }

    /// The same as bytes that share the list's memory.
    pub(super) fn bytes_of(&self, range: Range<usize>) -> Bytes {
        let first = self.products.get(range.start);
        let last = range.end.checked_sub(1).and_then(|last| self.products.get(last));
        match (first, last) {
            (Some(first), Some(last)) if range.start < range.end => {
                Bytes::from_owner(Shared(Arc::clone(&self.json))).slice(first.start..last.end)
            }
            _ => Bytes::new(),
        }
    }

    /// The sku of a product as JSON, with quotation marks. Equal skus have equal JSON.
    pub(super) fn sku_json(&self, index: usize) -> &str {
        let json = self.products.get(index).and_then(|product| {
            let start = product.start + SKU_OFFSET;
            self.json.get(start..start + product.sku_length)
        });
        json.unwrap_or_default()
    }

    /// The sku of a product.
    pub(super) fn sku(&self, index: usize) -> String {
        serde_json::from_str(self.sku_json(index)).unwrap_or_default()
    }

    /// The row of a product.
    pub(super) fn row(&self, index: usize) -> u64 {
        self.products.get(index).map_or(0, |product| product.row)
    }

    /// Hands over the refusals and the names of fields that were left out, for a report that tells of them once.
    pub(super) fn take_remarks(&mut self) -> (Vec<Refusal>, Vec<LeftOut>) {
        (std::mem::take(&mut self.refusals), std::mem::take(&mut self.left_out))
    }

    /// Keeps the products for which `keep` tells true, by index.
    pub(super) fn retain(&mut self, keep: impl Fn(usize) -> bool) {
        let count = self.len();
        if !count.checked_sub(1).is_some_and(&keep) {
            self.last = None;
        }
        let mut index = 0;
        self.products.retain(|_| {
            index += 1;
            keep(index - 1)
        });
        if self.products.len() == count {
            return;
        }
        let length: usize = self.products.iter().map(|product| product.end - product.start + 1).sum();
        let mut json = String::with_capacity(length);
        for product in &mut self.products {
            if !json.is_empty() {
                json.push(',');
            }
            let start = json.len();
            json.push_str(self.json.get(product.start..product.end).unwrap_or_default());
            (product.start, product.end) = (start, json.len());
        }
        self.json = Arc::new(json);
        self.products.shrink_to_fit();
        if self.products.is_empty() {
            self.rows = 0;
        }
    }

    fn append(&mut self, product: &mut ProductBuilder) -> std::result::Result<(), Vec<Fault>> {
        let json = Arc::make_mut(&mut self.json);
        let before = json.len();
        reserve(json, product.finished_length() + 1);
        if before > 0 {
            json.push(',');
        }
        let start = json.len();
        match product.finish(json) {
            Ok(Finished { sku_length, has_characteristics }) => {
                let row = self.rows + 1;
                self.products.push(Product { start, end: json.len(), sku_length, row });
                self.last = Some(LastProduct { has_characteristics });
                Ok(())
            }
            Err(faults) => {
                json.truncate(before);
                self.last = None;
                Err(faults)
            }
        }
    }

    fn return_to(&mut self, mark: &Mark) {
        Arc::make_mut(&mut self.json).truncate(mark.json);
        self.products.truncate(mark.products);
        self.refusals.truncate(mark.refusals);
        self.left_out.truncate(mark.left_out);
        self.rows = mark.rows;
        self.last = mark.last;
    }
}

/// The list's text as the owner of bytes that are being sent.
struct Shared(Arc<String>);

impl AsRef<[u8]> for Shared {
    fn as_ref(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

/// The length of everything before an addition, to return to when it fails.
struct Mark {
    json: usize,
    products: usize,
    refusals: usize,
    left_out: usize,
    rows: u64,
    last: Option<LastProduct>,
}

impl TakeProducts for Catalogue {
    fn take_product(&mut self, product: &mut ProductBuilder) {
        if let Err(faults) = self.append(product) {
            self.refusals.push(Refusal { row: self.rows + 1, sku: product.sku(), faults });
        }
        self.rows += 1;
    }
}

impl LeaveOut for Catalogue {
    fn leave_out(&mut self, name: &str) {
        if self.left_out.len() >= LEFT_OUT_NAMES || self.left_out.iter().any(|known| *known.name == *name) {
            return;
        }
        let name = excerpt(name);
        if !self.left_out.iter().any(|known| known.name == name) {
            self.left_out.push(LeftOut { name, row: self.rows + 1 });
        }
    }

    fn leave_out_of_characteristics(&mut self, name: &str) {
        let full = format!("{}.{name}", Field::Characteristics.russian_name());
        self.leave_out(&full);
    }
}

/// Makes room as a string does, but in steps of a quarter once it is large: a catalogue may be hundreds of
/// megabytes, and doubling would hold twice of it.
fn reserve(json: &mut String, additional: usize) {
    const LARGE: usize = 1024 * 1024;
    if json.capacity() - json.len() < additional {
        if json.len() < LARGE {
            json.reserve(additional);
        } else {
            json.reserve_exact(additional.max(json.len() / 4));
        }
    }
}

/// A single product that cannot be used, as an error.
pub(super) fn invalid(refusal: &Refusal) -> Error {
    let mut error = Error::new(Code::Validation, refusal.message()).with("row", refusal.row as usize);
    if let Some(sku) = &refusal.sku {
        error = error.with("sku", &**sku);
    }
    match refusal.faults.first().and_then(Fault::field) {
        Some(field) => error.with("field", field),
        None => error,
    }
}
