//! Operations 2, 6 and 12: sending what is queued and taking what is new; and messages for the other side.

use super::super::outbox::claim;
use super::super::service::Task;
use super::super::settings::ExchangeSettings;
use super::{Answer, Exchange, Report, settings_map};
use crate::bilingual;
use crate::error::{Code, Error, Result};
use crate::operation::Operation;
use crate::store::{EventId, Moment};
use serde_json::{Value, json};
use std::time::Duration;

/// How long the other side may keep messages beyond the budget of its UTM: the way there and back.
const CLIENT_MARGIN: Duration = Duration::from_secs(120);
/// Messages handed to the other side in one call, at most.
const CLIENT_BATCH: usize = 500;

impl Exchange {
    /// Operation 2, `ВыполнитьОбмен`: sends what is queued, takes what is new, processes answers.
    ///
    /// # Errors
    /// `argument`, `storage`; what fails for an organisation stands in the result.
    pub fn exchange(
        &self,
        organisations: &Value,
        last_runs: &Value,
        owner: Option<&str>,
        operation: &mut Operation<'_>,
    ) -> Result<Answer> {
        let organisations = self.organisations(organisations)?;
        let found = due(organisations.found, last_runs)?;
        let is_due = !last_runs.is_null() && !found.is_empty();
        let task = Task { send: true, receive: true, ..Task::default() };
        let mut report = self.run(with_task(found, &task), operation)?;
        report.add_missing(organisations.missing);
        Ok(report.into_answer(owner, is_due, self.language))
    }

    /// Operation 6, `ОбработатьОчередьПередачиДанных`: sends the queue of the organisations of operation 1, or only the
    /// messages given. What may go now goes in this call, so there is nothing for `Немедленно` to hasten.
    ///
    /// # Errors
    /// `argument`, `storage`; what fails for an organisation stands in the result.
    pub fn process_queue(
        &self,
        settings: &Value,
        messages: &Value,
        operation: &mut Operation<'_>,
    ) -> Result<Answer> {
        let (mut found, mut missing) = (Vec::new(), Vec::new());
        match settings {
            Value::Object(map)
                if map.contains_key("ОбменНаСервере") || map.contains_key("ОбменНаКлиенте") =>
            {
                for part in ["ОбменНаСервере", "ОбменНаКлиенте"] {
                    let part =
                        map.get(part).filter(|part| part.as_object().is_some_and(|part| !part.is_empty()));
                    if let Some(part) = part {
                        found.extend(self.organisations(part)?.found);
                    }
                }
            }
            other => {
                let organisations = self.organisations(other)?;
                (found, missing) = (organisations.found, organisations.missing);
            }
        }
        let only = self.attempts_of(messages)?;
        if only.is_empty() && messages.as_array().is_some_and(|list| !list.is_empty()) {
            found.clear();
        }
        let task = Task { send: true, only, ..Task::default() };
        let mut report = self.run(with_task(found, &task), operation)?;
        report.add_missing(missing);
        let value =
            json!({ "Изменения": report.changes.to_json(None), "СообщенияXMLКПередаче": report.messages });
        Ok(report.with_errors(value, self.language))
    }

    /// Operation 12, `ПолучитьВходящиеДокументы`: takes what is new, also where the settings say not to load it.
    ///
    /// # Errors
    /// `argument`, `storage`; what fails for an organisation stands in the result.
    pub fn fetch_incoming(&self, settings: &Value, operation: &mut Operation<'_>) -> Result<Answer> {
        let (found, refused) = self.within_reach(settings)?;
        let task = Task { receive: true, all_incoming: true, ..Task::default() };
        let mut report = self.serve_all(&with_task(found, &task), operation)?;
        report.errors.extend(refused.errors);
        let value = json!({ "Изменения": report.changes.to_json(None) });
        Ok(report.with_errors(value, self.language))
    }

    /// Serves those organisations whose UTM this side reaches, and hands the messages of the others over.
    pub(super) fn run(
        &self,
        jobs: Vec<(ExchangeSettings, Task)>,
        operation: &mut Operation<'_>,
    ) -> Result<Report> {
        let (ours, others): (Vec<_>, Vec<_>) =
            jobs.into_iter().partition(|(settings, _)| self.side().reaches(settings));
        let mut report = self.serve_all(&ours, operation)?;
        for (settings, task) in others {
            if task.send {
                match self.hand_over(&settings, &task.only) {
                    Ok((messages, changes)) => {
                        report.messages.extend(messages);
                        report.changes.absorb(changes);
                    }
                    Err(error) => report.errors.push((settings.fsrar_id.clone(), error)),
                }
            }
            report.settings.push(settings);
        }
        Ok(report)
    }

    /// Messages of an organisation whose UTM the other side reaches: claimed until a moment, as structures.
    fn hand_over(
        &self,
        settings: &ExchangeSettings,
        only: &[EventId],
    ) -> Result<(Vec<Value>, super::super::changes::Changes)> {
        let until = Moment::now().plus(settings.timeout).plus(CLIENT_MARGIN);
        let owner = format!("client:{}", self.owner);
        self.commit(|ledger| {
            super::super::outbox::recover(ledger, settings, self.language)?;
            let mut messages = Vec::new();
            while messages.len() < CLIENT_BATCH {
                let Some(claimed) = claim(ledger, settings, &owner, until, only, self.language)? else {
                    break;
                };
                let xml = super::super::papers::text_of(&claimed.xml).into_owned();
                messages.push(json!({
                    "ИдентификаторСообщения": message_id(claimed.item.attempt, &claimed.prepared.facts),
                    "Ссылка": claimed.item.document,
                    "КодФСРАР": claimed.item.organisation,
                    "ТипДокумента": claimed.prepared.doc_type,
                    "ИмяВURL": claimed.item.url_name,
                    "XML": xml,
                    "АрендаДо": utc_text(until),
                }));
            }
            Ok(messages)
        })
    }

    /// Attempts that messages of the other side name.
    fn attempts_of(&self, messages: &Value) -> Result<Vec<EventId>> {
        let list = match messages {
            Value::Null => return Ok(Vec::new()),
            Value::Array(list) => list.as_slice(),
            one => std::slice::from_ref(one),
        };
        list.iter()
            .map(|message| {
                let id = message.get("ИдентификаторСообщения").and_then(Value::as_str).unwrap_or_default();
                attempt_of(id).ok_or_else(|| bad_message(id))
            })
            .collect()
    }
}

/// The same task for each organisation.
pub(super) fn with_task(found: Vec<ExchangeSettings>, task: &Task) -> Vec<(ExchangeSettings, Task)> {
    found.into_iter().map(|settings| (settings, task.clone())).collect()
}

/// `ИдентификаторСообщения`: the attempt, and the beginning of the hash of its message, so that a result of another
/// store is not taken for ours.
pub(super) fn message_id(attempt: EventId, prepared_facts: &str) -> String {
    let facts: Value = serde_json::from_str(prepared_facts).unwrap_or_default();
    let hash: String =
        facts.get("hash").and_then(Value::as_str).unwrap_or_default().chars().take(16).collect();
    format!("{attempt}-{hash}")
}

/// The attempt of an `ИдентификаторСообщения`.
pub(super) fn attempt_of(id: &str) -> Option<EventId> {
    id.split_once('-')?.0.parse().ok()
}

/// The error of a message that the store did not hand out.
pub(super) fn bad_message(id: &str) -> Error {
    let id: String = id.chars().take(60).collect();
    Error::new(
        Code::Argument,
        bilingual!(
            "Сообщение «{id}» не из этого хранилища: передайте структуру сообщения так, как она была получена.",
            "The message \"{id}\" is not of this store: pass the structure of the message as it was received."
        ),
    )
}

/// Organisations whose schedule is due, by the dates of their last runs; all without such dates.
pub(super) fn due(settings: Vec<ExchangeSettings>, last_runs: &Value) -> Result<Vec<ExchangeSettings>> {
    let dates: Vec<(String, String)> = match last_runs {
        Value::Null => return Ok(settings),
        Value::Object(map) => map
            .iter()
            .map(|(code, date)| (code.clone(), date.as_str().unwrap_or_default().to_owned()))
            .collect(),
        // A map of 1C in its own form.
        Value::Array(list) => list
            .iter()
            .map(|pair| {
                let text = |name: &str| pair.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
                (text("Ключ"), text("Значение"))
            })
            .collect(),
        other => return Err(bad_date(&other.to_string())),
    };
    let now = jiff::Zoned::now().datetime();
    let mut due = Vec::new();
    for settings in settings {
        if settings.schedule.is_zero() {
            continue;
        }
        let last = dates.iter().find(|(code, _)| *code == settings.fsrar_id).map(|(_, date)| date.as_str());
        let is_due = match last.map(str::trim).filter(|date| !date.is_empty()) {
            None => true,
            Some(date) => {
                let last: jiff::civil::DateTime =
                    date.trim_end_matches('Z').parse().map_err(|_| bad_date(date))?;
                let passed = now.duration_since(last);
                // A date in the future was written by a wrong clock: it must not stop the exchange for long.
                passed.is_negative() || passed.unsigned_abs() >= settings.schedule
            }
        };
        if is_due {
            due.push(settings);
        }
    }
    Ok(due)
}

fn bad_date(text: &str) -> Error {
    let text: String = text.chars().take(60).collect();
    Error::new(
        Code::Argument,
        bilingual!(
            "ДатыПоследнегоЗапуска: нужно соответствие кода ФСРАР и даты (2024-06-01T12:00:00), а не «{text}».",
            "Dates of the last runs: a map of FSRAR_ID and date (2024-06-01T12:00:00) is needed, not \"{text}\"."
        ),
    )
}

/// A moment in UTC: `2024-06-01T12:00:00Z`.
pub(super) fn utc_text(moment: Moment) -> String {
    jiff::Timestamp::from_millisecond(moment.as_millis())
        .map(|timestamp| timestamp.strftime("%Y-%m-%dT%H:%M:%SZ").to_string())
        .unwrap_or_default()
}

/// Settings by FSRAR_ID, for results of other operations.
pub(super) fn map_of(settings: &[ExchangeSettings]) -> Value {
    settings_map(settings)
}
