//! A waybill of any version together with its registration (FORMBREGINFO, FORM2REGINFO), taken apart.

use super::wrong;
use crate::bilingual;
use crate::egais::parse::{Parsed, parse};
use crate::egais::value::Decimal;
use crate::error::{Code, Error, Result};
use serde_json::Value as Json;
use std::collections::HashMap;

/// A waybill and what its registration says of it.
pub struct WayBill {
    /// 1 to 4.
    pub version: u8,
    /// `Header` of the waybill.
    pub header: Json,
    /// Its number in EGAIS.
    pub registration: String,
    /// Its positions, in their order.
    pub positions: Vec<Position>,
}

/// A position of a waybill.
pub struct Position {
    /// `Identity`, the sender's.
    pub identity: String,
    /// `Quantity`.
    pub quantity: String,
    /// Form B or F2 id that the registration gave it.
    pub form: String,
    /// Codes of marks.
    pub marks: Vec<String>,
    /// Codes of beer.
    pub beer: Vec<String>,
    /// The whole position, with the schema's names.
    pub data: Json,
}

/// Reads both documents and pairs their positions by `Identity`.
///
/// # Errors
/// `value_text` for what is not XML; `egais_document` if one is not what it should be, if they belong to different
/// waybills, or a position has no form.
pub fn read(way_bill: &[u8], registration: &[u8]) -> Result<WayBill> {
    let bill = parse(way_bill)?;
    let version = match bill.type_name.as_str() {
        "WayBill" => 1,
        "WayBill_v2" => 2,
        "WayBill_v3" => 3,
        "WayBill_v4" => 4,
        other => return Err(not_a(other, "накладная (WayBill)", "a waybill (WayBill)")),
    };
    let forms = parse(registration)?;
    let expected = if version == 1 { "TTNInformBReg" } else { "TTNInformF2Reg" };
    if forms.type_name != expected {
        return Err(not_a(
            &forms.type_name,
            &format!("справка {expected}"),
            &format!("the registration {expected}"),
        ));
    }
    let (bill, forms) = (tree(&bill), tree(&forms));
    check_pair(&bill, &forms)?;
    let ids = form_ids(&forms, if version == 1 { "InformBRegId" } else { "InformF2RegId" });
    let positions = items(bill.get("Content").and_then(|content| content.get("Position")))
        .map(|data| position(data, &ids))
        .collect::<Result<Vec<_>>>()?;
    Ok(WayBill {
        version,
        registration: text(&forms, &["Header", "WBRegId"]).to_owned(),
        positions,
        header: bill.get("Header").cloned().unwrap_or_default(),
    })
}

fn tree(parsed: &Parsed) -> Json {
    parsed.data_tree()
}

fn not_a(found: &str, ru: &str, en: &str) -> Error {
    Error::new(
        Code::EgaisDocument,
        bilingual!(
            "Ожидается {ru}, а передан документ «{found}».",
            "Expected {en}, but the document is '{found}'."
        ),
    )
}

/// The registration repeats identity, number, date and shipper of the waybill.
fn check_pair(bill: &Json, forms: &Json) -> Result<()> {
    let number = text(bill, &["Header", "NUMBER"]);
    let date = text(bill, &["Header", "Date"]);
    let shipper =
        |document: &Json| party(document.get("Header").and_then(|header| header.get("Shipper"))).to_owned();
    let (identity, repeated) = (text(bill, &["Identity"]), text(forms, &["Header", "Identity"]));
    let pairs = (identity == repeated || identity.is_empty() || repeated.is_empty())
        && number == text(forms, &["Header", "WBNUMBER"])
        && date == text(forms, &["Header", "WBDate"])
        && shipper(bill) == shipper(forms);
    if pairs {
        return Ok(());
    }
    let other = text(forms, &["Header", "WBNUMBER"]);
    Err(Error::new(
        Code::EgaisDocument,
        bilingual!(
            "Справка относится к другой накладной: номер накладной {number} от {date}, а в справке {other}. Идентификатор, номер, дата и отправитель \
             должны совпадать.",
            "The registration belongs to another waybill: the waybill is {number} of {date}, the registration says {other}. Identity, number, \
             date and shipper must agree."
        ),
    ))
}

fn form_ids(forms: &Json, element: &str) -> HashMap<String, String> {
    items(forms.get("Content").and_then(|content| content.get("Position")))
        .map(|position| (text(position, &["Identity"]).to_owned(), text(position, &[element]).to_owned()))
        .collect()
}

fn position(data: &Json, ids: &HashMap<String, String>) -> Result<Position> {
    let identity = text(data, &["Identity"]);
    let form = ids.get(identity).filter(|id| !id.is_empty()).ok_or_else(|| {
        Error::new(
            Code::EgaisDocument,
            bilingual!(
                "В справке нет позиции {identity} накладной.",
                "The registration lacks the position {identity} of the waybill."
            ),
        )
        .with("path", format!("Content.Position[Identity={identity}]"))
    })?;
    let boxes =
        data.get("InformF2").and_then(|form| form.get("MarkInfo")).and_then(|marks| marks.get("boxpos"));
    let codes = |name: &str| {
        let lists = items(boxes).filter_map(|place| place.get("amclist"));
        lists.flat_map(|list| items(list.get(name))).filter_map(Json::as_str).map(str::to_owned).collect()
    };
    Ok(Position {
        identity: identity.to_owned(),
        quantity: text(data, &["Quantity"]).to_owned(),
        form: form.clone(),
        marks: codes("amc"),
        beer: codes("ms"),
        data: data.clone(),
    })
}

impl WayBill {
    /// Name of a document type in the version of the waybill: `WayBillAct` → `WayBillAct_v4`.
    pub fn in_version(&self, name: &str) -> String {
        match self.version {
            1 => name.to_owned(),
            version => format!("{name}_v{version}"),
        }
    }

    /// FSRAR_ID of the consignee.
    pub fn consignee(&self) -> &str {
        party(self.header.get("Consignee"))
    }

    /// The owner given by the caller, or the consignee: it is the recipient who answers.
    pub fn owner<'a>(&'a self, given: &'a str) -> Result<&'a str> {
        let owner = if given.trim().is_empty() { self.consignee() } else { given.trim() };
        if owner.is_empty() {
            return Err(wrong(bilingual!(
                "В накладной нет кода ФСРАР получателя: укажите свой КодФСРАР.",
                "The waybill has no FSRAR_ID of its consignee: give your own."
            )));
        }
        Ok(owner)
    }
}

impl Position {
    /// The quantity as a number.
    pub fn quantity(&self) -> Result<Decimal<'_>> {
        Decimal::read(self.quantity.trim()).ok_or_else(|| {
            let (identity, quantity) = (&self.identity, &self.quantity);
            Error::new(
                Code::EgaisDocument,
                bilingual!(
                    "Количество «{quantity}» в позиции {identity} накладной — не число.",
                    "The quantity '{quantity}' of the position {identity} of the waybill is no number."
                ),
            )
        })
    }

    /// Codes of marks and of beer.
    pub fn codes(&self) -> impl Iterator<Item = &String> {
        self.marks.iter().chain(&self.beer)
    }
}

/// FSRAR_ID of a party: flat in format 1, inside `UL`, `FL`, … later.
fn party(party: Option<&Json>) -> &str {
    let Some(party) = party else { return "" };
    let kinds = ["UL", "FL", "FO", "TS", "TR"].iter().filter_map(|kind| party.get(kind));
    let id = std::iter::once(party).chain(kinds).find_map(|party| party.get("ClientRegId"));
    id.and_then(Json::as_str).unwrap_or_default()
}

/// A text inside objects; empty if there is none.
pub fn text<'a>(value: &'a Json, path: &[&str]) -> &'a str {
    path.iter().try_fold(value, |value, name| value.get(name)).and_then(Json::as_str).unwrap_or_default()
}

/// Items of an array; nothing if it is absent.
pub fn items(value: Option<&Json>) -> impl Iterator<Item = &Json> {
    value.and_then(Json::as_array).into_iter().flatten()
}
