//! Operations 5, 10, 11 and 13: incoming documents step by step, for exchanges in which one side reaches the UTM and
//! the other has the store.

use super::super::inbox::{Arrival, take};
use super::super::papers::text_of;
use super::super::parallel::for_each;
use super::super::removal::{is_settled, kept, note_removed};
use super::super::settings::ExchangeSettings;
use super::super::spoilt::Spoilt;
use super::arguments::organisation_code;
use super::exchanging::map_of;
use super::{Answer, Exchange, Report, broken};
use crate::bilingual;
use crate::egais::utm::{Listed, Utm, http_client};
use crate::error::{Code, Error, Result};
use crate::operation::Operation;
use crate::store::content_hash;
use serde_json::{Map, Value, json};
use std::sync::Arc;

/// A line of a list with its message, if that was read.
type Read = (Listed, Option<Vec<u8>>);

impl Exchange {
    /// Operation 5, `ВходящиеСообщения`: messages of the lists that are not kept yet, with their text; nothing is
    /// stored or removed. Works without a store, given structures of settings.
    ///
    /// # Errors
    /// `argument`; what fails for an organisation stands in the result.
    pub fn incoming_messages(&self, organisations: &Value, operation: &mut Operation<'_>) -> Result<Answer> {
        let (found, refused) = self.within_reach(organisations)?;
        let mut documents = Map::new();
        let mut report = self.look(
            &found,
            operation,
            &mut |settings, listed| {
                let list = listed.into_iter().map(|(listed, body)| {
                    let mut value = line(&settings.fsrar_id, &listed);
                    if let Some(map) = value.as_object_mut() {
                        map.insert("XML".into(), text_of(&body.unwrap_or_default()).into());
                    }
                    value
                });
                documents.insert(settings.fsrar_id.clone(), list.collect());
            },
            true,
        )?;
        report.errors.extend(refused.errors);
        let value = json!({ "ДокументыКЗагрузке": documents, "НастройкиОбменаЕГАИС": map_of(&found) });
        Ok(report.with_errors(value, self.language))
    }

    /// Operation 11, `ПроверитьВходящиеДокументы`: addresses of messages that are not kept yet.
    ///
    /// # Errors
    /// `argument`; what fails for an organisation stands in the result.
    pub fn check_incoming(
        &self,
        organisations: &Value,
        owner: Option<&str>,
        operation: &mut Operation<'_>,
    ) -> Result<Answer> {
        let (found, refused) = self.within_reach(organisations)?;
        let mut addresses = Vec::new();
        let mut report = self.look(
            &found,
            operation,
            &mut |settings, listed| {
                addresses.extend(listed.iter().map(|(listed, _)| line(&settings.fsrar_id, listed)));
            },
            false,
        )?;
        report.errors.extend(refused.errors);
        let value = json!({
            "АдресаURLВходящихДокументов": addresses,
            "НастройкиОбменаЕГАИС": map_of(&found),
            "ИдентификаторВладельца": owner,
        });
        Ok(report.with_errors(value, self.language))
    }

    /// Reads the lists of all organisations, and with `bodies` the messages.
    fn look(
        &self,
        found: &[ExchangeSettings],
        operation: &mut Operation<'_>,
        take: &mut dyn FnMut(&ExchangeSettings, Vec<Read>),
        bodies: bool,
    ) -> Result<Report> {
        let client = http_client(self.in_flight.clone(), Arc::clone(&self.redactor))?;
        let looked = for_each(
            found,
            self.parallel,
            operation,
            |settings| settings.timeout,
            |settings, operation| {
                let mut read = Vec::new();
                let outcome = self.look_at(settings, &client, bodies, &mut read, operation);
                Ok((read, outcome))
            },
        );
        let mut report = Report::default();
        for (settings, outcome) in found.iter().zip(looked) {
            match outcome.unwrap_or_else(|| Err(broken())) {
                // What was read before something failed counts all the same.
                Ok((listed, outcome)) => {
                    take(settings, listed);
                    report.errors.extend(outcome.err().map(|error| (settings.fsrar_id.clone(), error)));
                }
                Err(error) => report.errors.push((settings.fsrar_id.clone(), error)),
            }
        }
        Ok(report)
    }

    /// Reads the list of one organisation, and with `bodies` the messages.
    fn look_at(
        &self,
        settings: &ExchangeSettings,
        client: &crate::http::HttpClient,
        bodies: bool,
        read: &mut Vec<Read>,
        operation: &mut Operation<'_>,
    ) -> Result<()> {
        let utm = Utm::new(client.clone(), settings.utm_address()?);
        let mut listed = utm.list_out(operation)?;
        if self.store.is_some() {
            let mut settled = Vec::with_capacity(listed.len());
            self.read(|session| {
                settled.clear();
                for listed in &listed {
                    settled.push(is_settled(session, &settings.fsrar_id, &listed.key)?);
                }
                Ok(())
            })?;
            let mut settled = settled.into_iter();
            listed.retain(|_| !settled.next().unwrap_or(false));
        }
        let mut spoilt = Spoilt::default();
        for listed in listed {
            operation.check()?;
            if !bodies {
                read.push((listed, None));
            } else if let Some(body) = spoilt.pass(utm.get(&listed.key.path, operation))?.flatten() {
                read.push((listed, Some(body)));
            }
        }
        spoilt.into_result()
    }

    /// Operation 13, `ОбработатьВходящиеДокументы`: keeps and processes what operation 5 returned (the map
    /// `ДокументыКЗагрузке`, or its whole result); gives {`Изменения`, `ДокументыКУдалению`}: what the other side may now
    /// remove from its UTM.
    ///
    /// # Errors
    /// `argument` for what operation 5 did not return, `storage`.
    pub fn process_incoming(&self, documents: &Value, owner: Option<&str>) -> Result<Value> {
        let map = documents.get("ДокументыКЗагрузке").unwrap_or(documents);
        let Some(map) = map.as_object() else { return Err(bad_documents()) };
        let mut changes = super::super::changes::Changes::default();
        let mut removable = Vec::new();
        for (code, list) in map {
            let code = organisation_code(&Value::String(code.clone()))?;
            let settings = self.settings_of(&code)?;
            let removal = settings.as_ref().map_or(self.defaults.removal, ExchangeSettings::removal);
            // The other side has no store to look its settings up in.
            let settings = settings.map_or(Value::Null, |known| known.to_json());
            let list = list.as_array().ok_or_else(bad_documents)?;
            for part in list.chunks(64) {
                let (allowed, part_changes) = self.commit(|ledger| {
                    let mut allowed = Vec::new();
                    for document in part {
                        let (listed, xml) = read_line(document)?;
                        let arrival = Arrival {
                            organisation: &code,
                            key: &listed.key,
                            doc_type: &listed.doc_type,
                            number: listed.number,
                            bytes: xml.as_bytes(),
                        };
                        take(ledger, &arrival)?;
                        let hash = content_hash(xml.as_bytes());
                        let found = kept(ledger.session, &code, &listed.key, Some(&hash))?;
                        if found.is_some_and(|(_, event)| removal.allows(event.as_ref())) {
                            let mut value = line(&code, &listed);
                            if let Some(map) = value.as_object_mut() {
                                map.insert("Сохранен".into(), true.into());
                                map.insert("НастройкаОбмена".into(), settings.clone());
                            }
                            allowed.push(value);
                        }
                    }
                    Ok(allowed)
                })?;
                removable.extend(allowed);
                changes.absorb(part_changes);
            }
        }
        Ok(json!({ "Изменения": changes.to_json(owner), "ДокументыКУдалению": removable }))
    }

    /// Operation 10, `УдалитьВходящиеДокументы`: removes messages from UTM, only what is kept. With a store it decides
    /// that; without one the mark `Сохранен` of operation 13 does, with the settings it put into each document
    /// (`НастройкаОбмена`). Gives {`Удалено`, `Ошибки`}.
    ///
    /// # Errors
    /// `argument`, `storage`.
    pub fn delete_incoming(&self, documents: &Value, operation: &mut Operation<'_>) -> Result<Answer> {
        let list = match documents {
            Value::Array(list) => list.clone(),
            Value::Object(map) if map.contains_key("ДокументыКУдалению") => {
                map.get("ДокументыКУдалению").and_then(Value::as_array).cloned().unwrap_or_default()
            }
            Value::Object(_) => vec![documents.clone()],
            _ => return Err(bad_documents()),
        };
        let client = http_client(self.in_flight.clone(), Arc::clone(&self.redactor))?;
        let mut outcomes: Vec<Result<()>> = list.iter().map(|_| Ok(())).collect();
        let mut jobs: Vec<(ExchangeSettings, Vec<usize>)> = Vec::new();
        for (index, (document, outcome)) in list.iter().zip(&mut outcomes).enumerate() {
            match self.settings_in(document) {
                Ok(settings) => match jobs.iter_mut().find(|(known, _)| *known == settings) {
                    Some((_, indexes)) => indexes.push(index),
                    None => jobs.push((settings, vec![index])),
                },
                Err(error) => *outcome = Err(error),
            }
        }
        let done = for_each(
            &jobs,
            self.parallel,
            operation,
            |(settings, _)| settings.timeout,
            |(settings, indexes), operation| {
                let documents = indexes.iter().filter_map(|index| list.get(*index));
                documents
                    .map(|document| self.delete_one(document, settings, &client, operation))
                    .collect::<Vec<_>>()
            },
        );
        for ((_, indexes), done) in jobs.iter().zip(done) {
            let done = done.unwrap_or_else(|| indexes.iter().map(|_| Err(broken())).collect());
            for (index, done) in indexes.iter().zip(done) {
                if let Some(outcome) = outcomes.get_mut(*index) {
                    *outcome = done;
                }
            }
        }
        let (mut removed, mut errors, mut first) = (0_u64, Vec::new(), None);
        for (document, outcome) in list.iter().zip(outcomes) {
            let Err(error) = outcome else {
                removed += 1;
                continue;
            };
            let mut value = document.clone();
            if let Some(map) = value.as_object_mut() {
                map.shift_remove("XML");
                map.shift_remove("НастройкаОбмена");
                map.insert("Код".into(), error.code().as_str().into());
                map.insert("ТекстОшибки".into(), error.text(self.language).into());
            }
            errors.push(value);
            first.get_or_insert(error);
        }
        Ok(Answer { value: json!({ "Удалено": removed, "Ошибки": errors }), error: first })
    }

    /// The settings of the organisation of a document: given with it, else those of the store.
    fn settings_in(&self, document: &Value) -> Result<ExchangeSettings> {
        read_line(document)?;
        let code = organisation_code(document.get("КодФСРАР").unwrap_or(&Value::Null))?;
        let settings = match document.get("НастройкаОбмена") {
            Some(settings) if !settings.is_null() => ExchangeSettings::from_json(settings)?,
            _ => self.known_settings(&code)?,
        };
        if self.side.reaches(&settings) { Ok(settings) } else { Err(self.out_of_reach(&code)) }
    }

    fn delete_one(
        &self,
        document: &Value,
        settings: &ExchangeSettings,
        client: &crate::http::HttpClient,
        operation: &mut Operation<'_>,
    ) -> Result<()> {
        operation.check()?;
        let (listed, _) = read_line(document)?;
        let code = organisation_code(document.get("КодФСРАР").unwrap_or(&Value::Null))?;
        let utm = Utm::new(client.clone(), settings.utm_address()?);
        let mut known = None;
        if self.store.is_some() {
            let hash = if listed.key.is_certain() {
                None
            } else {
                // The number may mean another document by now.
                match utm.get(&listed.key.path, operation)? {
                    Some(body) => Some(content_hash(&body)),
                    None => return Ok(()),
                }
            };
            let found = self.read(|session| kept(session, &code, &listed.key, hash.as_deref()))?;
            known = Some(found.ok_or_else(|| not_kept(&listed.key.path))?);
        } else if document.get("Сохранен").and_then(Value::as_bool) != Some(true) {
            return Err(not_kept(&listed.key.path));
        }
        utm.delete(&listed.key.path, operation)?;
        if let Some((incoming, event)) = known {
            self.commit(|ledger| note_removed(ledger, &incoming, event.as_ref()))?;
        }
        Ok(())
    }
}

/// A line of a list as a structure.
fn line(code: &str, listed: &Listed) -> Value {
    json!({
        "КодФСРАР": code,
        "АдресURL": listed.key.path,
        "ТипДокумента": listed.doc_type,
        "ИдентификаторЗапроса": listed.key.reply_id,
        "ИдентификаторФайла": listed.key.file_id,
        "ДатаУТМ": listed.key.timestamp,
    })
}

/// A structure as a line of a list, with its text.
fn read_line(document: &Value) -> Result<(Listed, String)> {
    let text = |name: &str| document.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    let url = crate::egais::utm::ListedUrl {
        text: text("АдресURL"),
        reply_id: text("ИдентификаторЗапроса"),
        file_id: text("ИдентификаторФайла"),
        timestamp: text("ДатаУТМ"),
    };
    let listed = Listed::read(&url, "/opt/out").ok_or_else(|| {
        let address: String = url.text.chars().take(200).collect();
        Error::new(
            Code::Argument,
            bilingual!(
                "АдресURL «{address}» не адрес входящего документа УТМ вида /opt/out/Тип/Номер.",
                "\"{address}\" is not the address of an incoming document such as /opt/out/Type/Number."
            ),
        )
    })?;
    Ok((listed, text("XML")))
}

fn bad_documents() -> Error {
    Error::new(
        Code::Argument,
        bilingual!(
            "Нужны документы так, как их вернул метод ВходящиеСообщения: соответствие кода ФСРАР и массива структур.",
            "Documents are needed as IncomingMessages returned them: a map of FSRAR_ID and an array of structures."
        ),
    )
}

fn not_kept(path: &str) -> Error {
    Error::new(
        Code::Argument,
        bilingual!(
            "Документ {path} не сохранён в хранилище обмена: из УТМ удаляется только сохранённое.",
            "The document {path} is not kept in the exchange store: only what is kept is removed from UTM."
        ),
    )
    .with("path", path)
}
