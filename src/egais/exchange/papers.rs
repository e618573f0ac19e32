//! What the exchange needs of documents: building, checking, reading, naming.

use crate::bilingual;
use crate::egais::build::{BuildOptions, build as build_document, document_type};
use crate::egais::check::check_xml;
use crate::egais::model;
use crate::egais::parse::parse;
use crate::egais::problem::Severity;
use crate::egais::xml::decode;
use crate::error::{Bilingual, Code, Error, Result};
use crate::value::{Format, Input, open};
use serde_json::Value;
use std::borrow::Cow;

/// Builds a document of a type from data with the schema's element names, and checks it.
///
/// # Errors
/// `argument` for an unknown type, `egais_document` if the data break the schema.
pub fn build(doc_type: &str, data: &Value, owner: &str) -> Result<String> {
    let document = document_type(doc_type)?;
    let text = data.to_string();
    let mut reader = open(Input::text(&text), Some(Format::Json))?;
    build_document(document, &mut reader, owner, BuildOptions::default())
}

/// Checks a document that the caller built itself. A type that nobody describes is not judged.
///
/// # Errors
/// `egais_document` with the first error and the number of all.
pub fn check(xml: &[u8]) -> Result<()> {
    if let Ok(parsed) = parse(xml)
        && parsed.document.is_none()
        && !parsed.type_name.is_empty()
    {
        return Ok(());
    }
    let problems = check_xml(xml);
    let mut errors = problems.iter().filter(|problem| problem.severity == Severity::Error);
    let Some(first) = errors.next() else { return Ok(()) };
    let count = errors.count() + 1;
    let Bilingual { ru, en } = &first.message;
    let place = &first.path;
    Err(Error::new(
        Code::EgaisDocument,
        bilingual!(
            "Документ не прошёл проверку, поле {place}: {ru} Всего ошибок: {count}, все даёт ПроверитьXML.",
            "The document did not pass the check, field {place}: {en} Errors in all: {count}; CheckXml gives them all."
        ),
    )
    .with("path", place.as_str())
    .with("rule", first.rule)
    .with("problems", count))
}

/// The content of a document as JSON with the schema's element names.
///
/// # Errors
/// `value_text`, `limit`.
pub fn data_of(xml: &[u8]) -> Result<Value> {
    Ok(parse(xml)?.data_tree())
}

/// The name of a type in addresses; of an unknown type its own.
pub fn url_name(doc_type: &str) -> &str {
    model::find(doc_type).and_then(|document| document.urls.first().copied()).unwrap_or(doc_type)
}

/// The text of a message, whatever its bytes.
pub fn text_of(bytes: &[u8]) -> Cow<'_, str> {
    decode(bytes).unwrap_or_else(|_| String::from_utf8_lossy(bytes))
}

/// The error of a document that cannot be composed from what is known.
pub fn incomplete(ru: &str, en: &str) -> Error {
    Error::new(
        Code::EgaisDocument,
        bilingual!("Документ не собрать: {ru}.", "The document cannot be composed: {en}."),
    )
}
