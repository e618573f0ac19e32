//! A return to the supplier: a waybill back, under the forms that the registration of the first one gave.

use super::fields::{Fields, IDENTITY, MARKS, QUANTITY};
use super::way_bill::{self, Position, WayBill, text};
use super::{Ready, make, note_of, required, today, wrong};
use crate::bilingual;
use crate::egais::types::new_identity;
use crate::egais::value::Decimal;
use crate::error::Result;
use serde_json::{Map, Value as Json, json};

/// `WayBill` of the kind `WBReturnFromMe` in the version of the waybill that came. `positions` is a list of objects with
/// `Идентификатор` of the position, `Количество` and `Марки` to return; without it everything goes back. `owner` may be
/// empty: the consignee returns.
///
/// # Errors
/// `argument` for positions the waybill does not have, for more than it has, and for a part of a marked position without
/// marks; `egais_document` for documents that do not belong together; `value_text` for what is not XML.
pub fn return_way_bill(
    owner: &str,
    way_bill: &[u8],
    registration: &[u8],
    positions: &Json,
    number: &str,
    note: &str,
) -> Result<Ready> {
    let bill = way_bill::read(way_bill, registration)?;
    let returned = returned(&bill, positions)?;
    let content: Vec<Json> =
        returned.iter().enumerate().map(|(index, item)| position(&bill, item, index)).collect();
    let mut header = Map::new();
    let today = today();
    let base = {
        let (number, date) = (text(&bill.header, &["NUMBER"]), text(&bill.header, &["Date"]));
        format!("Возврат по накладной {number} от {date}, {}", bill.registration)
    };
    for (name, value) in [
        ("Type", json!("WBReturnFromMe")),
        ("NUMBER", json!(required(number, "Номер", "Number")?)),
        ("Date", json!(today)),
        ("ShippingDate", json!(today)),
        ("Shipper", bill.header.get("Consignee").cloned().unwrap_or_default()),
        ("Consignee", bill.header.get("Shipper").cloned().unwrap_or_default()),
        ("Base", json!(base)),
        ("Note", json!(note_of(note))),
    ] {
        header.insert(name.to_owned(), value);
    }
    if bill.version == 1 {
        // Format 1 says for the whole document whether products are packed, and wants a transport block.
        header.insert("UnitType".to_owned(), bill.header.get("UnitType").cloned().unwrap_or_default());
        header.insert("Transport".to_owned(), json!({}));
    }
    let data = json!({ "Identity": new_identity(), "Header": header, "Content": { "Position": content } });
    make(&bill.in_version("WayBill"), &data, bill.owner(owner)?)
}

/// What goes back of one position.
struct Returned<'w> {
    position: &'w Position,
    quantity: String,
    marks: Vec<String>,
}

fn returned<'w>(bill: &'w WayBill, positions: &Json) -> Result<Vec<Returned<'w>>> {
    let items: Vec<&Json> = match positions {
        Json::Array(list) => list.iter().collect(),
        Json::Null => Vec::new(),
        single => vec![single],
    };
    if items.is_empty() {
        let all = |position: &'w Position| Returned {
            position,
            quantity: position.quantity.clone(),
            marks: position.codes().cloned().collect(),
        };
        return Ok(bill.positions.iter().map(all).collect());
    }
    let mut found: Vec<Returned<'w>> = Vec::new();
    for (index, item) in items.into_iter().enumerate() {
        let fields = Fields::new(item, &format!("Позиции[{index}]"))?;
        let identity = fields.required(IDENTITY)?;
        let position = bill.positions.iter().find(|position| position.identity == identity);
        let position = position.ok_or_else(|| {
            let message =
                bilingual!("В накладной нет позиции {identity}.", "The waybill has no position {identity}.");
            fields.error(IDENTITY, message)
        })?;
        if found.iter().any(|other| other.position.identity == identity) {
            let message =
                bilingual!("Позиция {identity} указана дважды.", "The position {identity} is given twice.");
            return Err(fields.error(IDENTITY, message));
        }
        found.push(one(position, &fields)?);
    }
    Ok(found)
}

fn one<'w>(position: &'w Position, fields: &Fields<'_>) -> Result<Returned<'w>> {
    let mut marks = fields.mark_codes(MARKS)?;
    let quantity = match fields.text(QUANTITY)? {
        Some(quantity) => quantity.replace(',', "."),
        None if marks.is_empty() => position.quantity.clone(),
        None => marks.len().to_string(),
    };
    fields.finish()?;
    let number = Decimal::read(&quantity).unwrap_or_default();
    let shipped = position.quantity()?;
    if number.is_zero() || number > shipped {
        let (identity, shipped) = (&position.identity, &position.quantity);
        let message = bilingual!(
            "Позиция {identity}: вернуть можно от 0 до {shipped}, а указано {quantity}.",
            "Position {identity}: more than 0 and at most {shipped} can be returned, not {quantity}."
        );
        return Err(fields.error(QUANTITY, message));
    }
    if marks.is_empty() && number == shipped {
        marks = position.codes().cloned().collect();
    }
    let is_marked = position.codes().next().is_some();
    if is_marked && number.to_count() != Some(marks.len() as u64) {
        let (identity, count) = (&position.identity, marks.len());
        let message = bilingual!(
            "Позиция {identity}: возвращается {quantity} шт., а марок указано {count}.",
            "Position {identity}: {quantity} pieces are returned, but {count} marks are given."
        );
        return Err(fields.error(MARKS, message));
    }
    if let Some(stranger) =
        marks.iter().find(|mark| is_marked && !position.codes().any(|known| known == *mark))
    {
        let identity = &position.identity;
        let message = bilingual!(
            "Марки {stranger} нет в позиции {identity} накладной.",
            "The mark {stranger} is not in the position {identity} of the waybill."
        );
        return Err(wrong(message));
    }
    Ok(Returned { position, quantity, marks })
}

fn position(bill: &WayBill, returned: &Returned<'_>, index: usize) -> Json {
    let source = &returned.position.data;
    let mut object = Map::new();
    object.insert("Identity".to_owned(), (index + 1).to_string().into());
    object.insert("Quantity".to_owned(), returned.quantity.clone().into());
    // What describes the product goes back as it came.
    for name in [
        "Product",
        "Price",
        "Party",
        "alcPercent",
        "alcPercentMin",
        "alcPercentMax",
        "EAN13",
        "InformA",
        "InformF1",
        "FARegId",
    ] {
        if let Some(value) = source.get(name) {
            object.insert(name.to_owned(), value.clone());
        }
    }
    let form = &returned.position.form;
    let (name, value) = match bill.version {
        1 => ("InformB", json!({ "InformBItem": { "BRegId": form } })),
        2 => ("InformF2", json!({ "InformF2Item": { "F2RegId": form } })),
        _ => ("InformF2", with_marks(form, returned)),
    };
    object.insert(name.to_owned(), value);
    object.into()
}

fn with_marks(form: &str, returned: &Returned<'_>) -> Json {
    if returned.marks.is_empty() {
        return json!({ "F2RegId": form });
    }
    let is_beer = returned.marks.iter().all(|mark| returned.position.beer.contains(mark));
    let list = json!({ (if is_beer { "ms" } else { "amc" }): returned.marks });
    json!({ "F2RegId": form, "MarkInfo": { "boxpos": [{ "amclist": list }] } })
}
