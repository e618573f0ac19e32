//! What is asked of a UTM itself: how it feels, and whether marks pass its filter.

use super::super::papers;
use super::super::parallel::for_each;
use super::super::service::told_by;
use super::super::settings::ExchangeSettings;
use super::arguments::no_settings;
use super::{Answer, Exchange, broken};
use crate::bilingual;
use crate::egais::utm::{Utm, http_client};
use crate::error::{Category, Code, Error, Result};
use crate::operation::Operation;
use serde_json::{Map, Value, json};
use std::sync::Arc;

/// Marks in one query of UTM's filter, at most (facts on UTM, 1.7).
const MARKS: usize = 10_000;
/// What UTM says when all marks passed.
const PASSED: &str = "Проверка пройдена";

impl Exchange {
    /// `ПроверитьУТМ`: what the UTMs of organisations tell of themselves: {`УТМ`: FSRAR_ID → {`Доступен`, `КодФСРАР`, `Версия`,
    /// `Неисправность`, `Сертификаты`}, `ТекстОшибки`, `Ошибки`}. Works without a store, given structures of settings.
    ///
    /// # Errors
    /// `argument`; what fails for an organisation stands in the result.
    pub fn check_utms(&self, organisations: &Value, operation: &mut Operation<'_>) -> Result<Answer> {
        let (found, mut report) = self.within_reach(organisations)?;
        let client = http_client(self.in_flight.clone(), Arc::clone(&self.redactor))?;
        let states = for_each(
            &found,
            self.parallel,
            operation,
            |settings| settings.timeout,
            |settings, operation| Utm::new(client.clone(), settings.utm_address()?).state(operation),
        );
        let mut told = Map::new();
        for (settings, state) in found.iter().zip(states) {
            let code = settings.fsrar_id.clone();
            let mut value = match state.unwrap_or_else(|| Err(broken())) {
                Ok(state) => told_by(&state),
                Err(error) => {
                    report.errors.push((code.clone(), error));
                    json!({})
                }
            };
            let is_there = value.get("КодФСРАР").is_some();
            if let Some(map) = value.as_object_mut() {
                map.shift_insert(0, "Доступен".into(), is_there.into());
            }
            told.insert(code, value);
        }
        Ok(report.with_errors(json!({ "УТМ": told }), self.language))
    }

    /// `ПроверитьМаркиВУТМ`: asks the UTM's filter about marks, at once: {`Пройдена`, `Результат`, `НеПрошли`}. The organisation is
    /// an FSRAR_ID or a structure of settings.
    ///
    /// # Errors
    /// `argument`, `egais_document` for marks that are none, `utm`, errors of the connection.
    pub fn check_marks(
        &self,
        organisation: &Value,
        marks: &Value,
        operation: &mut Operation<'_>,
    ) -> Result<Value> {
        let found = self.organisations(organisation)?;
        let [settings] = found.found.as_slice() else {
            return Err(no_settings(found.missing.first().map_or("", String::as_str)));
        };
        let marks = match marks {
            Value::Array(list) if !list.is_empty() => list.clone(),
            Value::String(text) => vec![text.trim().into()],
            _ => {
                return Err(Error::new(
                    Code::Argument,
                    bilingual!(
                        "Марки: нужен непустой массив кодов или один код.",
                        "Marks: a filled array of codes or one code is needed."
                    ),
                ));
            }
        };
        let client = http_client(self.in_flight.clone(), Arc::clone(&self.redactor))?;
        let utm = Utm::new(client, settings.utm_address()?);
        let mut operation = operation.part(settings.timeout);
        let (mut result, mut failed) = (PASSED.to_owned(), Vec::new());
        for part in marks.chunks(MARKS) {
            let query = papers::build("QueryFilter", &json!({ "bc": part }), &settings.fsrar_id)?;
            let reply = papers::data_of(&utm.query_filter(query.as_bytes(), &mut operation)?)?;
            let Some(said) = reply.get("result").and_then(Value::as_str) else {
                return Err(no_verdict(settings));
            };
            if said != PASSED {
                said.clone_into(&mut result);
            }
            match reply.get("bc") {
                Some(Value::Array(list)) => failed.extend(list.iter().cloned()),
                Some(one) if !one.is_null() => failed.push(one.clone()),
                _ => {}
            }
        }
        Ok(json!({ "Пройдена": result == PASSED, "Результат": result, "НеПрошли": failed }))
    }
}

/// The error of a UTM whose answer to a filter query says nothing about the marks.
fn no_verdict(settings: &ExchangeSettings) -> Error {
    let code = &settings.fsrar_id;
    Error::new(
        Code::Utm,
        bilingual!(
            "УТМ организации {code} не сказал, проверены ли марки: в его ответе нет результата (ReplyFilter). Проверьте, что фильтр в УТМ загружен.",
            "The UTM of {code} did not say whether the marks pass: its answer has no result (ReplyFilter). Check that its filter is loaded."
        ),
    )
    .with_category(Category::Temporary)
}
