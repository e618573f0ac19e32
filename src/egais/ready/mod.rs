//! Ready documents: what shops and wholesalers send every day, from little data. One file for each family.
//!
//! Every function gives the XML of a checked document. `owner` is the FSRAR_ID of the sender. Numbers and dates that
//! are not given are the caller's; a missing date is today, a missing identity is a new UUID.

mod answers;
mod bar_codes;
mod charge_on;
mod cheque;
mod differences;
mod fields;
mod queries;
mod repeal;
mod return_way_bill;
mod shop;
mod way_bill;
mod way_bill_act;
mod write_off;

pub use answers::{Asked, Decision, answer_recipient};
pub use bar_codes::{fix_bar_code_act, un_fix_bar_code_act};
pub use charge_on::charge_on_act;
pub use cheque::{ChequeFormat, cheque};
pub use fields::read_data;
pub use queries::{
    Register, classifier_query, form_query, format_version, resend_query, rests_query, unanswered_query,
};
pub use repeal::{Repealed, repeal_request};
pub use return_way_bill::return_way_bill;
pub use shop::{transfer_from_shop, transfer_to_shop};
pub use way_bill_act::{ActDecision, way_bill_act};
pub use write_off::write_off_act;

use super::build::{BuildOptions, build, document_type};
use crate::bilingual;
use crate::error::{Bilingual, Code, Error, Result};
use crate::value::{Input, open};
use serde_json::Value as Json;

/// A document that was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ready {
    /// Name of its type: `WayBillAct_v4`.
    pub type_name: &'static str,
    /// Its XML.
    pub xml: String,
}

/// Builds a document of a type from data with the schema's names.
fn make(type_name: &str, data: &Json, owner: &str) -> Result<Ready> {
    let document = document_type(type_name)?;
    let text = data.to_string();
    let xml = build(document, &mut open(Input::text(&text), None)?, owner, BuildOptions::default())?;
    Ok(Ready { type_name: document.name(), xml })
}

/// The day of the local clock, as documents write it.
pub(super) fn today() -> String {
    jiff::Zoned::now().date().to_string()
}

fn now() -> String {
    jiff::Zoned::now().datetime().strftime("%Y-%m-%dT%H:%M:%S").to_string()
}

/// A note, unless it is blank.
fn note_of(text: &str) -> Option<&str> {
    Some(text.trim()).filter(|text| !text.is_empty())
}

#[cold]
fn wrong(message: Bilingual) -> Error {
    Error::new(Code::Argument, message)
}

/// A required text argument.
fn required<'t>(text: &'t str, ru: &str, en: &str) -> Result<&'t str> {
    match text.trim() {
        "" => Err(wrong(bilingual!("Не указано: {ru}.", "Not given: {en}.")).with("parameter", ru)),
        text => Ok(text),
    }
}

/// A word of a list, letter case free; each row holds a meaning and the words for it.
fn one_of<T: Copy>(text: &str, table: &[(T, &[&str])], ru: &str, en: &str) -> Result<T> {
    let wanted = text.trim().to_lowercase();
    let found = table.iter().find(|(_, words)| words.iter().any(|word| word.to_lowercase() == wanted));
    found.map(|(meaning, _)| *meaning).ok_or_else(|| {
        let words: Vec<&str> = table.iter().filter_map(|(_, words)| words.first().copied()).collect();
        let list = words.join(", ");
        wrong(bilingual!(
            "{ru}: «{text}» не подходит, возможны: {list}.",
            "{en}: '{text}' does not fit, possible are: {list}."
        ))
        .with("parameter", ru)
    })
}
