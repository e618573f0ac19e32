//! The recipient's act on a waybill: accepted, refused, or accepted with differences.

use super::differences::{self, Received};
use super::way_bill::{self, WayBill, text};
use super::{Ready, make, note_of, one_of, required, today, wrong};
use crate::bilingual;
use crate::egais::types::new_identity;
use crate::error::Result;
use serde_json::{Map, Value as Json, json};

/// What the recipient decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ActDecision {
    /// Received in full.
    Accepted,
    /// Refused.
    Rejected,
    /// Received in part.
    Differences,
}

impl ActDecision {
    /// Reads `Подтвердить`, `Отказать`, `Расхождения` and the like.
    ///
    /// # Errors
    /// `argument` for other words.
    pub fn read(text: &str) -> Result<Self> {
        let table: [(Self, &[&str]); 3] = [
            (Self::Accepted, &["Подтвердить", "Принять", "Подтверждено", "Принято", "Accepted", "Accept"]),
            (Self::Rejected, &["Отказать", "Отклонить", "Отказ", "Отказано", "Rejected", "Reject"]),
            (Self::Differences, &["Расхождения", "СРасхождениями", "Разногласия", "Differences"]),
        ];
        one_of(text, &table, "Решение", "Decision")
    }
}

/// `WayBillAct` in the version of the waybill. The registration (FORMBREGINFO or FORM2REGINFO) gives the number in EGAIS and
/// the forms of the positions. `differences` is a list as [`differences::read`] takes it: it must be there with
/// [`ActDecision::Differences`], and only then; the act then holds every position of the waybill. `owner` may be empty: the
/// consignee answers.
///
/// # Errors
/// `argument` for differences that do not fit the decision or the waybill, `egais_document` for documents that do not belong
/// together, `value_text` for what is not XML.
pub fn way_bill_act(
    owner: &str,
    way_bill: &[u8],
    registration: &[u8],
    decision: ActDecision,
    number: &str,
    differences: &Json,
    note: &str,
) -> Result<Ready> {
    let bill = way_bill::read(way_bill, registration)?;
    let has_differences =
        !matches!(differences, Json::Null) && differences.as_array().is_none_or(|list| !list.is_empty());
    match decision {
        ActDecision::Differences if !has_differences => {
            return Err(wrong(bilingual!(
                "Для акта с расхождениями укажите, что принято: Расхождения.",
                "An act with differences needs the list of what was received: Differences."
            )));
        }
        ActDecision::Accepted | ActDecision::Rejected if has_differences => {
            return Err(wrong(bilingual!(
                "Расхождения указываются только с решением Расхождения.",
                "Differences are given only with the decision Differences."
            )));
        }
        _ => {}
    }
    let positions: Vec<Json> = match decision {
        ActDecision::Differences => {
            differences::read(&bill, differences)?.iter().map(|received| position(&bill, received)).collect()
        }
        ActDecision::Accepted | ActDecision::Rejected => Vec::new(),
    };
    let data = json!({
        "Identity": new_identity(),
        "Header": {
            // Format 1 has no word for differences: positions tell them.
            "IsAccept": match decision {
                ActDecision::Rejected => "Rejected",
                ActDecision::Differences if bill.version > 1 => "Differences",
                _ => "Accepted",
            },
            "ACTNUMBER": required(number, "Номер", "Number")?,
            "ActDate": today(),
            "WBRegId": bill.registration,
            "Note": note_of(note),
        },
        "Content": { "Position": positions },
    });
    let data = with_transport(data, &bill);
    make(&bill.in_version("WayBillAct"), &data, bill.owner(owner)?)
}

fn position(bill: &WayBill, received: &Received<'_>) -> Json {
    let mut object = Map::new();
    object.insert("Identity".to_owned(), received.position.identity.clone().into());
    let form = if bill.version == 1 { "InformBRegId" } else { "InformF2RegId" };
    object.insert(form.to_owned(), received.position.form.clone().into());
    object.insert("RealQuantity".to_owned(), received.quantity.clone().into());
    if bill.version > 2 && !received.refused.is_empty() {
        let is_beer = received.refused.iter().all(|mark| received.position.beer.contains(mark));
        object
            .insert("MarkInfo".to_owned(), json!({ (if is_beer { "ms" } else { "amc" }): received.refused }));
    }
    object.into()
}

/// Format 4 repeats whether the ownership changes, where the waybill says it.
fn with_transport(mut data: Json, bill: &WayBill) -> Json {
    let ownership = text(&bill.header, &["Transport", "ChangeOwnership"]);
    if let Some(members) = data.as_object_mut().filter(|_| bill.version == 4 && !ownership.is_empty()) {
        members.insert("Transport".to_owned(), json!({ "ChangeOwnership": ownership }));
    }
    data
}
