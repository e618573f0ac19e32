//! The message that an operation sends, composed from what the store knows of the document.

use super::facts::{Facts, family_of, version_of};
use super::machine::{Action, Kind};
use super::papers;
use crate::bilingual;
use crate::egais::ready::{
    ActDecision, Asked, Decision, Ready, Repealed, answer_recipient, repeal_request, resend_query, today,
    way_bill_act,
};
use crate::egais::types::new_identity;
use crate::egais::xml::push_escaped;
use crate::error::{Code, Error, Result};
use serde_json::{Value, json};
use std::borrow::Cow;

/// A message ready to be queued.
#[derive(Debug, Clone)]
pub struct Message {
    /// Name in addresses.
    pub url_name: String,
    /// The message.
    pub xml: Vec<u8>,
}

impl From<Ready> for Message {
    fn from(ready: Ready) -> Self {
        Self { url_name: papers::url_name(ready.type_name).to_owned(), xml: ready.xml.into_bytes() }
    }
}

/// What is known of the document that an operation answers.
#[derive(Debug, Clone, Default)]
pub struct Subject {
    /// FSRAR_ID.
    pub organisation: String,
    /// Type of the document, such as `WayBill_v4`.
    pub document_type: String,
    /// Registration number.
    pub registration: Option<String>,
    /// The waybill, of an incoming one.
    pub waybill: Option<Vec<u8>>,
    /// Its form.
    pub form: Option<Vec<u8>>,
}

/// What the caller may say about the message: `Номер`, `Примечание`, `Расхождения`.
#[derive(Debug, Clone, Default)]
pub struct Wishes {
    /// Number of the act, answer or request; generated if empty.
    pub number: String,
    /// A note.
    pub note: String,
    /// What of a waybill was received, for an act with differences.
    pub differences: Value,
}

/// A document of the caller: data with the schema's element names, or ready XML.
///
/// `former` is the `Identity` of a document that was sent before: it must not be used again.
///
/// # Errors
/// `argument` without data, `egais_document` if it breaks the schema, `value_text`.
pub fn document(doc_type: &str, data: &Value, organisation: &str, former: Option<&str>) -> Result<Message> {
    match data {
        Value::String(text) if begins_as_xml(text) => ready_xml(doc_type, text, former),
        Value::Object(_) => {
            let mut data = data.clone();
            if has_identity(doc_type) {
                give_identity(&mut data, former.is_some());
            }
            let xml = papers::build(doc_type, &data, organisation)?.into_bytes();
            Ok(Message { url_name: papers::url_name(doc_type).to_owned(), xml })
        }
        _ => Err(Error::new(
            Code::Argument,
            bilingual!(
                "Нет данных документа: в поле Данные нужна структура с именами элементов схемы или текст XML.",
                "No data of the document: the field Data needs a structure with the schema's element names or an XML text."
            ),
        )),
    }
}

fn begins_as_xml(text: &str) -> bool {
    text.trim_start_matches('\u{feff}').trim_start().starts_with('<')
}

fn ready_xml(doc_type: &str, text: &str, former: Option<&str>) -> Result<Message> {
    let mut text = Cow::Borrowed(text.trim_start_matches('\u{feff}').trim_start());
    let Facts { element, identity, .. } = Facts::read(text.as_bytes())?;
    if !identity.is_empty() && former == Some(identity.as_str()) {
        text = Cow::Owned(with_new_identity(&text, &identity));
    }
    let xml = text.as_bytes();
    if !doc_type.is_empty() && !doc_type.eq_ignore_ascii_case(&element) {
        return Err(Error::new(
            Code::Argument,
            bilingual!(
                "Указан тип документа «{doc_type}», а в XML — «{element}».",
                "The document type is \"{doc_type}\", but the XML holds \"{element}\"."
            ),
        ));
    }
    papers::check(xml)?;
    Ok(Message { url_name: papers::url_name(&element).to_owned(), xml: xml.to_vec() })
}

/// The text with another `Identity`: that of the document comes before those of its positions.
fn with_new_identity(text: &str, identity: &str) -> String {
    let mut escaped = String::new();
    push_escaped(&mut escaped, identity);
    text.replacen(&format!("Identity>{escaped}<"), &format!("Identity>{}<", new_identity()), 1)
}

/// Sees to it that data have an `Identity`, and a new one if theirs was used.
fn give_identity(data: &mut Value, is_repeated: bool) {
    let Some(map) = data.as_object_mut() else { return };
    let given = map.keys().find(|name| name.eq_ignore_ascii_case("Identity")).cloned();
    let is_empty = given
        .as_ref()
        .and_then(|name| map.get(name))
        .is_none_or(|value| value.is_null() || value.as_str().is_some_and(|text| text.trim().is_empty()));
    if is_empty || is_repeated {
        map.insert(given.unwrap_or_else(|| "Identity".to_owned()), new_identity().into());
    }
}

/// The message of an operation on a document.
///
/// # Errors
/// `egais_document` if something it needs is not known, `argument` for wishes that do not fit.
pub fn answer(kind: Kind, action: Action, subject: &Subject, wishes: &Wishes) -> Result<Message> {
    let owner = subject.organisation.as_str();
    let note = wishes.note.as_str();
    let generated;
    let number = if wishes.number.is_empty() {
        generated = short_number();
        &generated
    } else {
        &wishes.number
    };
    let registration = || {
        let number = subject.registration.as_deref();
        number.ok_or_else(|| papers::incomplete("номер ТТН неизвестен", "its TTN number is not known"))
    };
    let reply = |asked, decision| answer_recipient(asked, owner, registration()?, decision, number, note);
    let ready = match action {
        Action::Withdraw => return withdrawal(subject, registration()?, number, note),
        Action::Accept => act(ActDecision::Accepted, subject, wishes, number),
        Action::Refuse => act(ActDecision::Rejected, subject, wishes, number),
        Action::Dispute => act(ActDecision::Differences, subject, wishes, number),
        Action::ConfirmDifferences => reply(Asked::Differences, Decision::Accepted),
        Action::DeclineDifferences => reply(Asked::Differences, Decision::Rejected),
        Action::ConfirmRepeal => reply(Asked::Repeal, Decision::Accepted),
        Action::DeclineRepeal => reply(Asked::Repeal, Decision::Rejected),
        Action::RequestRepeal => {
            let repealed = match (kind, family_of(&subject.document_type)) {
                (Kind::IncomingWaybill, _) => Repealed::WayBill,
                (_, "ActChargeOn") => Repealed::ChargeOn,
                _ => Repealed::WriteOff,
            };
            repeal_request(owner, repealed, registration()?, number)
        }
        Action::RequestResend => resend_query(owner, registration()?),
        Action::Send | Action::Resend => Err(papers::incomplete("нет данных", "there are no data")),
    };
    ready.map(Message::from)
}

/// The recipient's act.
fn act(decision: ActDecision, subject: &Subject, wishes: &Wishes, number: &str) -> Result<Ready> {
    let missing = || papers::incomplete("нет накладной или её справки", "the waybill or its form is missing");
    let waybill = subject.waybill.as_deref().ok_or_else(missing)?;
    let form = subject.form.as_deref().ok_or_else(missing)?;
    way_bill_act(&subject.organisation, waybill, form, decision, number, &wishes.differences, &wishes.note)
}

/// The sender's own act of refusal, by which it withdraws a waybill.
fn withdrawal(subject: &Subject, registration: &str, number: &str, note: &str) -> Result<Message> {
    let doc_type = match version_of(&subject.document_type) {
        1 => "WayBillAct".to_owned(),
        version => format!("WayBillAct_v{version}"),
    };
    let data = json!({
        "Identity": new_identity(),
        "Header": {
            "IsAccept": "Rejected", "ACTNUMBER": number, "ActDate": today(), "WBRegId": registration, "Note": note,
        },
        "Content": {},
    });
    let xml = papers::build(&doc_type, &data, &subject.organisation)?.into_bytes();
    Ok(Message { url_name: papers::url_name(&doc_type).to_owned(), xml })
}

/// True for types that have an `Identity` of their own.
fn has_identity(doc_type: &str) -> bool {
    let family = family_of(doc_type);
    !family.starts_with("Query")
        && !family.starts_with("RequestRepeal")
        && !matches!(family, "InfoVersionTTN" | "Cheque" | "ChequeV3" | "ChequeV4")
}

/// A number for acts and answers that the caller does not number: unique, short enough to be read out.
fn short_number() -> String {
    let id = uuid::Uuid::new_v4().simple().to_string();
    id.chars().take(12).collect::<String>().to_uppercase()
}
