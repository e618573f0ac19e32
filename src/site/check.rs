//! Looking at products without sending them, and the texts of the site instruction's own functions.

use super::batch::plan;
use super::catalogue::{Catalogue, invalid};
use super::envelope::{Envelope, joined};
use super::reading::ExtraFields;
use super::settings::Settings;
use crate::bilingual;
use crate::error::{Code, Error, Language, Result};
use crate::value::ReadEvents;
use bytes::Bytes;
use serde::Serialize;

#[derive(Serialize)]
struct ProblemJson<'a> {
    level: &'static str,
    row: u64,
    sku: Option<&'a str>,
    field: Option<&'a str>,
    message: &'a str,
}

/// What is wrong with the products of a list, as a JSON array of `level` (`error`: the product will not be sent;
/// `warning`: a field will not), `row`, `sku`, `field`, `message`; one entry per fault, in order of rows.
pub fn problems_json(catalogue: &Catalogue, language: Language) -> String {
    let faults = catalogue
        .refusals()
        .iter()
        .flat_map(|refusal| refusal.faults.iter().map(move |fault| (refusal, fault, fault.message())));
    let faults: Vec<_> = faults.collect();
    let warnings: Vec<_> = catalogue.left_out().iter().map(|field| (field, field.warning())).collect();
    let errors = faults.iter().map(|(refusal, fault, message)| ProblemJson {
        level: "error",
        row: refusal.row,
        sku: refusal.sku.as_deref(),
        field: fault.field(),
        message: message.in_language(language),
    });
    let warnings = warnings.iter().map(|(field, message)| ProblemJson {
        level: "warning",
        row: field.row,
        sku: None,
        field: Some(&field.name),
        message: message.in_language(language),
    });
    let problems: Vec<_> = errors.chain(warnings).collect();
    // Plain fields into memory: nothing here can fail.
    serde_json::to_string(&problems).unwrap_or_default()
}

/// `ТоварВJSON`: one product, a structure or a map, as the site gets it.
///
/// # Errors
/// `validation` for a bad product, `argument` for none or several, errors of the source.
pub fn product_to_json(source: &mut dyn ReadEvents, extra_fields: ExtraFields) -> Result<String> {
    let catalogue = read_all(source, extra_fields)?;
    if catalogue.len() != 1 {
        return Err(Error::new(
            Code::Argument,
            bilingual!(
                "Нужен один товар, а передано: {}.",
                "One product is wanted, {} were given.",
                catalogue.len()
            ),
        ));
    }
    Ok(catalogue.json_of(0..1).to_owned())
}

/// `СформироватьJSONЗапрос` for given products: one body with all of them. Holds the token.
///
/// # Errors
/// `validation` if a product is bad, errors of the source and of [`request_json`].
pub fn build_request_json(settings: &Settings, source: &mut dyn ReadEvents) -> Result<String> {
    request_json(settings, &read_all(source, settings.extra_fields)?)
}

/// `СформироватьJSONЗапрос` for a list: one body with all its products. Holds the token.
///
/// # Errors
/// `argument` if the token is missing.
pub fn request_json(settings: &Settings, catalogue: &Catalogue) -> Result<String> {
    let envelope = Envelope::new(settings.token()?);
    Ok(joined(&envelope.around(catalogue.bytes_of(0..catalogue.len()))))
}

/// `СформироватьЗаголовки`: the headers of a request as a JSON object. Holds the token.
///
/// # Errors
/// `argument` if the token is missing.
pub fn headers_json(settings: &Settings) -> Result<String> {
    let mut headers = serde_json::Map::new();
    for (name, value) in &settings.headers {
        headers.insert(name.clone(), value.expose().into());
    }
    headers.insert("X-API-Key".into(), settings.token()?.expose().into());
    headers.insert("Content-Type".into(), "application/json; charset=utf-8".into());
    Ok(serde_json::Value::Object(headers).to_string())
}

/// All products of a source, or the first bad one as an error: what is shown as a whole must be whole.
fn read_all(source: &mut dyn ReadEvents, extra_fields: ExtraFields) -> Result<Catalogue> {
    let mut catalogue = Catalogue::new();
    catalogue.add(source, extra_fields)?;
    match catalogue.refusals().first() {
        Some(refusal) => Err(invalid(refusal)),
        None => Ok(catalogue),
    }
}

/// The bodies that a send of a list begins with, batch by batch, each in pieces. They hold the token.
///
/// # Errors
/// `argument` if the token is missing.
pub fn request_bodies<'c>(
    settings: &Settings,
    catalogue: &'c Catalogue,
) -> Result<impl Iterator<Item = Vec<Bytes>> + use<'c>> {
    let envelope = Envelope::new(settings.token()?);
    let batches = plan(catalogue, settings.batch_limits(&envelope));
    Ok(batches.into_iter().map(move |batch| envelope.around(catalogue.bytes_of(batch))))
}
