//! The client side: messages that the server handed out are sent where the UTM is, their results go back.

use super::super::outbox::{Outcome, record};
use super::super::parallel::for_each;
use super::super::settings::ExchangeSettings;
use super::exchanging::{attempt_of, bad_message, message_id};
use super::{Exchange, broken};
use crate::bilingual;
use crate::egais::utm::{Posted, Receipt, Utm, http_client};
use crate::error::{Code, Error, Result};
use crate::operation::Operation;
use serde_json::{Value, json};
use std::sync::Arc;

/// A message as operations 2, 3 and 6 hand it out.
struct Handed {
    id: String,
    url_name: String,
    xml: String,
    until: Option<jiff::Timestamp>,
    source: Value,
}

impl Exchange {
    /// `ПередатьСообщения`: sends messages that the server handed out, given the settings of their organisations; needs no
    /// store. Gives an array of results for [`Exchange::accept_send_results`].
    ///
    /// A message whose lease has run out is not sent: the server may have given it to somebody else.
    ///
    /// # Errors
    /// `argument`; what happened to each message stands in its result.
    pub fn send_messages(
        &self,
        messages: &Value,
        settings: &Value,
        operation: &mut Operation<'_>,
    ) -> Result<Value> {
        let list = match messages {
            Value::Array(list) => list.as_slice(),
            Value::Null => &[],
            one => std::slice::from_ref(one),
        };
        let settings = self.organisations(settings)?.found;
        let mut jobs: Vec<(ExchangeSettings, Vec<Handed>)> = Vec::new();
        let mut results = Vec::new();
        for message in list {
            let handed = read_message(message)?;
            let code = message.get("КодФСРАР").and_then(Value::as_str).unwrap_or_default();
            match jobs.iter_mut().find(|(known, _)| known.fsrar_id == code) {
                Some((_, messages)) => messages.push(handed),
                None => match settings.iter().find(|known| known.fsrar_id == code) {
                    Some(known) => jobs.push((known.clone(), vec![handed])),
                    None => results.push(self.result(
                        &handed,
                        &Outcome::NotSent(
                            super::arguments::no_settings(code).text(self.language).to_owned(),
                            None,
                        ),
                    )),
                },
            }
        }
        let client = http_client(self.in_flight.clone(), Arc::clone(&self.redactor))?;
        let sent = for_each(
            &jobs,
            self.parallel,
            operation,
            |(settings, _)| settings.timeout,
            |(settings, messages), operation| {
                let utm = Utm::new(client.clone(), settings.utm_address()?);
                let state = utm.state(operation)?;
                if !state.may_serve(&settings.fsrar_id) {
                    return Err(wrong_utm(&state.fsrar_id, &settings.fsrar_id));
                }
                Ok(messages
                    .iter()
                    .map(|message| self.send_message(&utm, message, operation))
                    .collect::<Vec<_>>())
            },
        );
        for ((_, messages), outcome) in jobs.iter().zip(sent) {
            match outcome.unwrap_or_else(|| Err(broken())) {
                Ok(list) => results.extend(list),
                // Nothing of this organisation was sent.
                Err(error) => {
                    let outcome = Outcome::NotSent(error.text(self.language).to_owned(), None);
                    results.extend(messages.iter().map(|message| self.result(message, &outcome)));
                }
            }
        }
        Ok(results.into())
    }

    fn send_message(&self, utm: &Utm, message: &Handed, operation: &mut Operation<'_>) -> Value {
        let now = jiff::Timestamp::now();
        let outcome = if message.until.is_some_and(|until| until < now) {
            let text = bilingual!(
                "Срок аренды сообщения истёк, оно не отправлено. Получите сообщения заново.",
                "The lease of the message has run out, it was not sent. Get the messages again."
            );
            Outcome::NotSent(text.in_language(self.language).to_owned(), None)
        } else if let Err(error) = operation.check() {
            Outcome::NotSent(error.text(self.language).to_owned(), None)
        } else {
            let posted = utm.post(&message.url_name, message.xml.as_bytes(), operation);
            match posted {
                // On this side nothing waits: the server queues it again.
                Posted::Refused { text, is_temporary: true } => Outcome::NotSent(text, None),
                other => Outcome::of(other, crate::store::Moment::now(), self.language),
            }
        };
        self.result(message, &outcome)
    }

    fn result(&self, message: &Handed, outcome: &Outcome) -> Value {
        let (name, reply_id, url, sign, text) = match outcome {
            Outcome::Accepted(receipt) => {
                ("Передано", receipt.reply_id.as_str(), receipt.url.as_str(), receipt.sign.as_str(), "")
            }
            Outcome::Refused(text) => ("Отказано", "", "", "", text.as_str()),
            Outcome::NotSent(text, _) => ("НеПередано", "", "", "", text.as_str()),
            Outcome::Unknown(text) => ("ИсходНеизвестен", "", "", "", text.as_str()),
        };
        json!({
            "ИдентификаторСообщения": message.id,
            "Ссылка": message.source.get("Ссылка"),
            "КодФСРАР": message.source.get("КодФСРАР"),
            "Исход": name,
            "ИдентификаторЗапроса": reply_id,
            "АдресURL": url,
            "Подпись": sign,
            "ТекстОшибки": text,
        })
    }

    /// `ПринятьРезультатПередачи`: keeps what became of messages that were handed out; gives {`Изменения`, `Ошибки`}.
    ///
    /// # Errors
    /// `argument` for what is not an array of results, `storage`.
    pub fn accept_send_results(&self, results: &Value) -> Result<Value> {
        let list = match results {
            Value::Array(list) => list.as_slice(),
            one => std::slice::from_ref(one),
        };
        let mut errors = Vec::new();
        let ((), changes) = self.commit(|ledger| {
            errors.clear();
            for result in list {
                let text = |name: &str| result.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
                let id = text("ИдентификаторСообщения");
                let attempt = attempt_of(&id).ok_or_else(|| bad_message(&id))?;
                let outcome = outcome_of(&text)?;
                let prepared = ledger.session.event(attempt)?;
                let is_ours = prepared.as_ref().is_some_and(|event| message_id(attempt, &event.facts) == id);
                if !is_ours {
                    errors.push(json!({ "ИдентификаторСообщения": id, "ТекстОшибки": bad_message(&id).text(self.language) }));
                    continue;
                }
                if let Some(item) = ledger.session.queued(attempt)? {
                    let pause = std::time::Duration::from_secs(60);
                    record(ledger, &item, outcome, pause)?;
                }
            }
            Ok(())
        })?;
        Ok(json!({ "Изменения": changes.to_json(None), "Ошибки": errors }))
    }
}

fn outcome_of(text: &dyn Fn(&str) -> String) -> Result<Outcome> {
    let reason = text("ТекстОшибки");
    match text("Исход").as_str() {
        "Передано" => {
            let reply_id = text("ИдентификаторЗапроса");
            if reply_id.is_empty() {
                return Ok(Outcome::Unknown(reason));
            }
            Ok(Outcome::Accepted(Receipt {
                reply_id, url: text("АдресURL"), sign: text("Подпись")
            }))
        }
        "Отказано" => Ok(Outcome::Refused(reason)),
        "НеПередано" => Ok(Outcome::NotSent(reason, None)),
        "ИсходНеизвестен" => Ok(Outcome::Unknown(reason)),
        other => {
            let other: String = other.chars().take(60).collect();
            Err(Error::new(
                Code::Argument,
                bilingual!(
                    "Исход «{other}» не известен: передайте результат метода ПередатьСообщения без изменений.",
                    "The outcome \"{other}\" is unknown: pass the result of SendMessages unchanged."
                ),
            ))
        }
    }
}

fn read_message(message: &Value) -> Result<Handed> {
    let text = |name: &str| message.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    let id = text("ИдентификаторСообщения");
    let (url_name, xml) = (text("ИмяВURL"), text("XML"));
    if attempt_of(&id).is_none() || url_name.is_empty() || xml.is_empty() {
        return Err(bad_message(&id));
    }
    let mut source = message.clone();
    if let Some(map) = source.as_object_mut() {
        map.shift_remove("XML");
    }
    Ok(Handed { id, url_name, xml, until: text("АрендаДо").parse().ok(), source })
}

fn wrong_utm(shown: &str, expected: &str) -> Error {
    Error::new(
        Code::Utm,
        bilingual!(
            "По этому адресу работает УТМ организации {shown}, а в настройке указана {expected}. Ничего не отправлено.",
            "The UTM at this address serves the organisation {shown}, the settings say {expected}. Nothing was sent."
        ),
    )
}
