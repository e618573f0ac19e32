//! Answers of a sender: to an act with differences, to a request to repeal a waybill.

use super::{Ready, make, note_of, one_of, required, today};
use crate::egais::parse::parse;
use crate::egais::types::new_identity;
use crate::error::Result;
use serde_json::json;

/// Yes or no.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// Agreed.
    Accepted,
    /// Refused.
    Rejected,
}

impl Decision {
    /// Reads `Подтвердить`, `Отказать` and the like.
    ///
    /// # Errors
    /// `argument` for other words.
    pub fn read(text: &str) -> Result<Self> {
        let yes: &[&str] = &[
            "Подтвердить",
            "Подтверждено",
            "Принять",
            "Согласие",
            "Accepted",
            "Accept",
            "true",
            "истина",
            "да",
        ];
        let no: &[&str] =
            &["Отказать", "Отказано", "Отклонить", "Отказ", "Rejected", "Reject", "false", "ложь", "нет"];
        one_of(text, &[(Self::Accepted, yes), (Self::Rejected, no)], "Решение", "Decision")
    }

    /// The word of the schemas.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Accepted => "Accepted",
            Self::Rejected => "Rejected",
        }
    }
}

/// `ConfirmTicket`: answers the recipient's act with differences. `waybill` is the number in EGAIS (`TTN-…`), or the XML
/// of the act, which holds it.
///
/// # Errors
/// `argument` without a number; `value_text` for an act that is not XML; `egais_document` for values the schema refuses.
pub fn confirm_differences(
    owner: &str,
    waybill: &str,
    decision: Decision,
    number: &str,
    note: &str,
) -> Result<Ready> {
    let waybill = registration(waybill, "WBRegId")?;
    let data = json!({
        "Identity": new_identity(),
        "Header": {
            "IsConfirm": decision.as_str(), "TicketNumber": required(number, "Номер", "Number")?, "TicketDate": today(),
            "WBRegId": waybill, "Note": note_of(note),
        },
    });
    make("ConfirmTicket", &data, owner)
}

/// `ConfirmRepealWB`: answers the recipient's request to repeal a waybill. `waybill` is the number in EGAIS (`TTN-…`), or
/// the XML of the request, which holds it.
///
/// # Errors
/// As [`confirm_differences`].
pub fn confirm_repeal(
    owner: &str,
    waybill: &str,
    decision: Decision,
    number: &str,
    note: &str,
) -> Result<Ready> {
    let waybill = registration(waybill, "WBRegId")?;
    let data = json!({
        "Identity": new_identity(),
        "Header": {
            "IsConfirm": decision.as_str(), "ConfirmNumber": required(number, "Номер", "Number")?,
            "ConfirmDate": today(), "WBRegId": waybill, "Note": note_of(note),
        },
    });
    make("ConfirmRepealWB", &data, owner)
}

/// A number in EGAIS, given as it is or inside a document.
fn registration(source: &str, element: &str) -> Result<String> {
    let source = required(source, "номер накладной в ЕГАИС (TTN-…)", "the waybill number in EGAIS (TTN-…)")?;
    if !source.trim_start_matches('\u{feff}').starts_with('<') {
        return Ok(source.to_owned());
    }
    let data = parse(source.as_bytes())?.data_tree();
    let header = data.get("Header").unwrap_or(&data);
    let found = header.get(element).and_then(serde_json::Value::as_str).unwrap_or_default();
    required(found, "номер накладной в ЕГАИС (WBRegId)", "the waybill number in EGAIS (WBRegId)")
        .map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_takes_the_waybill_from_the_act() -> Result<()> {
        let act = super::super::make(
            "WayBillAct_v4",
            &json!({ "Header": { "IsAccept": "Rejected", "ACTNUMBER": "1", "ActDate": "2024-01-31", "WBRegId": "TTN-7" } }),
            "010000000001",
        )?;
        let answer = confirm_differences("020000000002", &act.xml, Decision::read("подтвердить")?, "12", "")?;
        assert!(answer.xml.contains("<ctc:WBRegId>TTN-7</ctc:WBRegId>"), "{}", answer.xml);
        assert!(answer.xml.contains("<ctc:IsConfirm>Accepted</ctc:IsConfirm>"), "{}", answer.xml);
        let answer = confirm_repeal("020000000002", "TTN-8", Decision::read("Отказать")?, "13", "нет")?;
        assert!(answer.xml.contains("<crwb:IsConfirm>Rejected</crwb:IsConfirm>"), "{}", answer.xml);
        assert!(confirm_repeal("020000000002", " ", Decision::Accepted, "13", "").is_err());
        assert!(Decision::read("может быть").is_err());
        Ok(())
    }
}
