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

/// What a recipient asks of a sender.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asked {
    /// To agree with an act with differences; the answer is a `ConfirmTicket`.
    Differences,
    /// To agree to the repeal of a waybill; the answer is a `ConfirmRepealWB`.
    Repeal,
}

impl Asked {
    /// The document that answers, and its names for its own number and date.
    fn names(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::Differences => ("ConfirmTicket", "TicketNumber", "TicketDate"),
            Self::Repeal => ("ConfirmRepealWB", "ConfirmNumber", "ConfirmDate"),
        }
    }
}

/// The sender's answer to its recipient. `waybill` is the number in EGAIS (`TTN-…`), or the XML of the act or the
/// request, which holds it.
///
/// # Errors
/// `argument` without a number; `value_text` for an act that is not XML; `egais_document` for values the schema refuses.
pub fn answer_recipient(
    asked: Asked,
    owner: &str,
    waybill: &str,
    decision: Decision,
    number: &str,
    note: &str,
) -> Result<Ready> {
    let (document, own_number, own_date) = asked.names();
    let waybill = registration(waybill)?;
    let data = json!({
        "Identity": new_identity(),
        "Header": {
            "IsConfirm": decision.as_str(), own_number: required(number, "Номер", "Number")?, own_date: today(),
            "WBRegId": waybill, "Note": note_of(note),
        },
    });
    make(document, &data, owner)
}

/// The number of a waybill in EGAIS, given as it is or inside a document.
fn registration(source: &str) -> Result<String> {
    let source = required(source, "номер накладной в ЕГАИС (TTN-…)", "the waybill number in EGAIS (TTN-…)")?;
    if !source.trim_start_matches('\u{feff}').starts_with('<') {
        return Ok(source.to_owned());
    }
    let data = parse(source.as_bytes())?.data_tree();
    let header = data.get("Header").unwrap_or(&data);
    let found = header.get("WBRegId").and_then(serde_json::Value::as_str).unwrap_or_default();
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
        let yes = Decision::read("подтвердить")?;
        let answer = answer_recipient(Asked::Differences, "020000000002", &act.xml, yes, "12", "")?;
        assert!(answer.xml.contains("<ctc:WBRegId>TTN-7</ctc:WBRegId>"), "{}", answer.xml);
        assert!(answer.xml.contains("<ctc:IsConfirm>Accepted</ctc:IsConfirm>"), "{}", answer.xml);
        let no = Decision::read("Отказать")?;
        let answer = answer_recipient(Asked::Repeal, "020000000002", "TTN-8", no, "13", "нет")?;
        assert!(answer.xml.contains("<crwb:IsConfirm>Rejected</crwb:IsConfirm>"), "{}", answer.xml);
        assert!(answer_recipient(Asked::Repeal, "020000000002", " ", yes, "13", "").is_err());
        assert!(Decision::read("может быть").is_err());
        Ok(())
    }
}
