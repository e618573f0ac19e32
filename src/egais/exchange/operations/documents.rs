//! What the store knows: documents, their data, the protocol.

use super::super::changes::{document_fields, local_text};
use super::super::fields::Fields;
use super::super::history::{LocalFacts, ReceivedFacts, project, read_facts};
use super::super::machine::{Action, Kind, Status};
use super::super::papers;
use super::super::papers::text_of;
use super::Exchange;
use super::arguments::{document_key, no_document, organisation_code};
use crate::bilingual;
use crate::error::{Code, Error, Result};
use crate::store::{Document, DocumentFilter, Event, EventFilter, EventKind, Moment, NewEvent, Session};
use serde_json::{Value, json};

/// Documents and events listed in one call unless `Количество` says otherwise.
const LISTED: usize = 1000;

impl Exchange {
    /// `Документ`: status, allowed actions, history (`История`), the last message sent (`XMLИсходящий`) and those
    /// received (`XMLВходящие`).
    ///
    /// # Errors
    /// `argument` for an unknown document, `storage`.
    pub fn document(&self, document: &str) -> Result<Value> {
        let key = document_key(document)?;
        self.read(|session| {
            let events = session.events_of(&key)?;
            let projection = project(&key, &events).ok_or_else(|| no_document(&key))?;
            let mut value = document_fields(&projection.document, &projection.state.actions);
            let history: Vec<Value> = events.iter().map(|event| event_fields(event, self.language)).collect();
            let mut incoming = Vec::new();
            let mut outgoing = String::new();
            for event in events.iter().filter(|event| event.has_body) {
                let text =
                    session.body(event.id)?.map(|body| text_of(&body).into_owned()).unwrap_or_default();
                if event.kind == EventKind::Received {
                    incoming.push(json!({ "ТипДокумента": event.doc_type, "XML": text }));
                } else {
                    outgoing = text;
                }
            }
            if let Some(map) = value.as_object_mut() {
                map.insert("Вид".into(), projection.history.kind.ru().into());
                map.insert("СтатусДокумента".into(), projection.state.base.ru().into());
                map.insert("История".into(), history.into());
                map.insert("XMLИсходящий".into(), outgoing.into());
                map.insert("XMLВходящие".into(), incoming.into());
            }
            Ok(value)
        })
    }

    /// `Документы`: documents that a filter lets through, oldest first. `Отбор`: `КодФСРАР`, `Вид`, `ТипДокумента`, `Статус`
    /// (each a text or an array), `Завершен`, `ДатаС`, `ДатаПо`, `Количество`.
    ///
    /// # Errors
    /// `argument` for a filter that does not fit, `storage`.
    pub fn documents(&self, filter: &Value) -> Result<Value> {
        let filter = document_filter(filter)?;
        self.read(|session| {
            let list = session.documents(&filter)?;
            list.iter().map(|document| listed(session, document)).collect::<Result<Vec<_>>>().map(Value::from)
        })
    }

    /// `ДанныеДокумента`: the last reply with data as {`Ссылка`, `ТипДокумента`, `Дата`, `Данные`}; a type that nobody
    /// describes comes as `XML`.
    ///
    /// # Errors
    /// `argument` for an unknown document or one without a reply, `storage`.
    pub fn document_data(&self, document: &str) -> Result<Value> {
        let key = document_key(document)?;
        let found = self.read(|session| {
            let events = session.events_of(&key)?;
            if events.is_empty() {
                return Err(no_document(&key));
            }
            with_body(session, events.into_iter().rfind(is_reply))
        })?;
        let (event, body) = found.ok_or_else(|| {
            Error::new(
                Code::Argument,
                bilingual!(
                    "По документу «{key}» ответа с данными ещё нет.",
                    "The document \"{key}\" has no reply with data yet."
                ),
            )
        })?;
        let mut value = reply_data(&event, &body);
        if let Some(map) = value.as_object_mut() {
            map.shift_insert(0, "Ссылка".into(), key.into());
        }
        Ok(value)
    }

    /// `ПротоколОбмена`: events, newest first. `Отбор`: `КодФСРАР`, `Ссылка`, `Событие`, `ТипДокумента`, `БезДокумента`, `ДатаС`,
    /// `ДатаПо`, `ДоНомера`, `Количество`, `СXML`.
    ///
    /// # Errors
    /// `argument` for a filter that does not fit, `storage`.
    pub fn protocol(&self, filter: &Value) -> Result<Value> {
        let mut fields = Fields::of(filter, &bilingual!("Отбор протокола", "Protocol filter"))?;
        let kinds = texts(&mut fields, "Событие", "Event")?;
        let kinds = kinds.iter().map(|name| event_kind(&fields, name)).collect::<Result<Vec<_>>>()?;
        let wanted = EventFilter {
            organisations: organisations(&mut fields)?,
            document: fields.text("Ссылка", "Ref")?,
            kinds,
            types: texts(&mut fields, "ТипДокумента", "DocumentType")?,
            unmatched: fields.flag("БезДокумента", "WithoutDocument")?.unwrap_or(false),
            since: moment(&mut fields, "ДатаС", "DateFrom")?,
            until: moment(&mut fields, "ДатаПо", "DateTo")?,
            before: fields.number("ДоНомера", "BeforeNumber")?.and_then(|number| i64::try_from(number).ok()),
            after: None,
            limit: Some(limit(&mut fields)?),
        };
        let with_xml = fields.flag("СXML", "WithXml")?.unwrap_or(false);
        fields.finish()?;
        self.read(|session| {
            let events = session.protocol(&wanted)?;
            let mut list = Vec::with_capacity(events.len());
            for event in &events {
                let mut value = event_fields(event, self.language);
                if with_xml && let Some(map) = value.as_object_mut() {
                    let text =
                        session.body(event.id)?.map(|body| text_of(&body).into_owned()).unwrap_or_default();
                    map.insert("XML".into(), text.into());
                }
                list.push(value);
            }
            Ok(list.into())
        })
    }

    /// `СвязатьДокумент`: gives a document the key of an object of the infobase, such as one created for an incoming
    /// waybill.
    ///
    /// # Errors
    /// `argument` if the old key is unknown or the new one is taken, `storage`.
    pub fn bind_document(&self, document: &str, new_key: &str) -> Result<Value> {
        let (from, to) = (document_key(document)?, document_key(new_key)?);
        let (value, _) = self.commit(|ledger| {
            let Some(known) = ledger.session.document(&from)? else { return Err(no_document(&from)) };
            if from != to {
                if ledger.session.document(&to)?.is_some() || !ledger.session.events_of(&to)?.is_empty() {
                    return Err(Error::new(
                        Code::Argument,
                        bilingual!(
                            "Ссылка «{to}» уже занята другим документом обмена.",
                            "The key \"{to}\" belongs to another document of the exchange already."
                        ),
                    ));
                }
                ledger.session.rename_document(&from, &to)?;
                let facts = json!({ "from": from }).to_string();
                let bound = EventKind::Bound;
                ledger.session.append(&NewEvent {
                    document: Some(&to),
                    ..NewEvent::new(ledger.now, &known.organisation, bound, &known.doc_type, &facts)
                })?;
                ledger.refresh(&to)?;
            }
            let document = ledger.session.document(&to)?.ok_or_else(|| no_document(&to))?;
            listed(ledger.session, &document)
        })?;
        Ok(value)
    }

    /// `Остатки`: the last reply about stock; register 1 is the store, 2 the shop. Gives {`Дата`, `ТипДокумента`, `Данные`}.
    ///
    /// # Errors
    /// `argument` for another register or when there is no reply yet, `storage`.
    pub fn rests(&self, organisation: &str, register: &str) -> Result<Value> {
        let code = organisation_code(&Value::String(organisation.to_owned()))?;
        let types: &[&str] = match register.trim().to_lowercase().as_str() {
            "" | "1" | "склад" | "store" | "warehouse" => {
                &["ReplyRests_v3", "ReplyRests_v2", "ReplyRests"]
            }
            "2" | "торговыйзал" | "торговый зал" | "shop" => &["ReplyRestsShop_v2"],
            other => {
                return Err(Error::new(
                    Code::Argument,
                    bilingual!(
                        "Регистр остатков «{other}» не известен: 1 (склад) или 2 (торговый зал).",
                        "The register \"{other}\" is unknown: 1 (store) or 2 (shop)."
                    ),
                ));
            }
        };
        let found = self.read(|session| {
            let mut last: Option<Event> = None;
            for doc_type in types {
                let event = session.last_received(&code, doc_type)?;
                last = last.into_iter().chain(event).max_by_key(|event| event.id);
            }
            with_body(session, last)
        })?;
        let (event, body) = found.ok_or_else(|| {
            Error::new(
                Code::Argument,
                bilingual!(
                    "Остатков организации {code} ещё нет: отправьте запрос (QueryRests_v2, QueryRestsShop_v2) и выполните обмен.",
                    "There is no stock of the organisation {code} yet: send a query (QueryRests_v2, QueryRestsShop_v2) and exchange."
                ),
            )
        })?;
        Ok(reply_data(&event, &body))
    }
}

/// A message with its bytes.
fn with_body(session: &mut dyn Session, event: Option<Event>) -> Result<Option<(Event, Vec<u8>)>> {
    event
        .map(|event| {
            let body = session.body(event.id)?.unwrap_or_default();
            Ok((event, body))
        })
        .transpose()
}

/// True for a reply to a query of ours.
fn is_reply(event: &Event) -> bool {
    event.kind == EventKind::Received
        && event.attempt.is_some()
        && !read_facts::<ReceivedFacts>(event).facts.is("Ticket")
}

fn reply_data(event: &Event, body: &[u8]) -> Value {
    let mut value = json!({ "ТипДокумента": event.doc_type, "Дата": local_text(event.time) });
    if let Some(map) = value.as_object_mut() {
        match papers::data_of(body) {
            Ok(data) => map.insert("Данные".into(), data),
            Err(_) => map.insert("XML".into(), text_of(body).into()),
        };
    }
    value
}

/// A document of a list with its allowed actions.
pub(super) fn listed(session: &mut dyn Session, document: &Document) -> Result<Value> {
    let events = session.events_of(&document.key)?;
    let actions =
        project(&document.key, &events).map(|projection| projection.state.actions).unwrap_or_default();
    let mut value = document_fields(document, &actions);
    if let Some(map) = value.as_object_mut() {
        let kind = Kind::from_name(&document.kind).map_or("", Kind::ru);
        map.insert("Вид".into(), kind.into());
        map.insert("Завершен".into(), document.is_final.into());
    }
    Ok(value)
}

/// `Отбор` of documents.
pub(super) fn document_filter(filter: &Value) -> Result<DocumentFilter> {
    let mut fields = Fields::of(filter, &bilingual!("Отбор документов", "Document filter"))?;
    let english =
        |names: Vec<String>, find: fn(&str) -> Option<&'static str>, fields: &Fields, name: &str| {
            names
                .iter()
                .map(|text| find(text).map(ToOwned::to_owned).ok_or_else(|| fields.bad(name, text)))
                .collect::<Result<Vec<_>>>()
        };
    let statuses = texts(&mut fields, "Статус", "Status")?;
    let kinds = texts(&mut fields, "Вид", "Kind")?;
    let wanted = DocumentFilter {
        organisations: organisations(&mut fields)?,
        kinds: english(kinds, |name| Kind::from_name(name).map(Kind::en), &fields, "Вид")?,
        types: texts(&mut fields, "ТипДокумента", "DocumentType")?,
        statuses: english(statuses, |name| Status::from_name(name).map(Status::en), &fields, "Статус")?,
        is_final: fields.flag("Завершен", "IsFinal")?,
        since: moment(&mut fields, "ДатаС", "DateFrom")?,
        until: moment(&mut fields, "ДатаПо", "DateTo")?,
        limit: Some(limit(&mut fields)?),
    };
    fields.finish()?;
    Ok(wanted)
}

/// An event as a structure.
fn event_fields(event: &Event, language: crate::error::Language) -> Value {
    let (ru, en) = event_name(event.kind);
    let name = if language == crate::error::Language::English { en } else { ru };
    let local: LocalFacts = read_facts(event);
    let received: ReceivedFacts = read_facts(event);
    let text = match event.kind {
        EventKind::Received => {
            let stages = [&received.facts.first, &received.facts.second];
            stages
                .into_iter()
                .flatten()
                .map(|stage| stage.comment.clone())
                .find(|text| !text.is_empty())
                .unwrap_or_default()
        }
        _ => local.text,
    };
    let action = event_action(event).map_or("", Action::ru);
    let direction = match event.kind {
        EventKind::Received => "Входящее",
        EventKind::Bound
        | EventKind::Summary
        | EventKind::Superseded
        | EventKind::Undone
        | EventKind::Cancelled => "Внутреннее",
        _ => "Исходящее",
    };
    json!({
        "Номер": event.id,
        "Дата": local_text(event.time),
        "Событие": name,
        "Направление": direction,
        "КодФСРАР": event.organisation,
        "Ссылка": event.document,
        "ТипДокумента": event.doc_type,
        "Операция": action,
        "ИдентификаторЗапроса": event.reply_id.as_deref().unwrap_or_default(),
        "РегистрационныйНомер": event.registration.as_deref().unwrap_or_default(),
        "Identity": event.identity.as_deref().unwrap_or_default(),
        "Текст": text,
    })
}

fn event_action(event: &Event) -> Option<Action> {
    if event.kind != EventKind::Prepared {
        return None;
    }
    Action::from_name(&read_facts::<super::super::history::PreparedFacts>(event).action)
}

/// Names of events in both languages.
fn event_name(kind: EventKind) -> (&'static str, &'static str) {
    match kind {
        EventKind::Prepared => ("Подготовлено", "Prepared"),
        EventKind::Cancelled => ("ПередачаОтменена", "Cancelled"),
        EventKind::Sending => ("Передается", "Sending"),
        EventKind::NotSent => ("НеПередано", "NotSent"),
        EventKind::Sent => ("Передано", "Sent"),
        EventKind::Refused => ("ОтказУТМ", "RefusedByUtm"),
        EventKind::OutcomeUnknown => ("ИсходНеизвестен", "OutcomeUnknown"),
        EventKind::Undone => ("ОперацияОтменена", "Undone"),
        EventKind::Received => ("Получено", "Received"),
        EventKind::Deleted => ("УдаленоИзУТМ", "DeletedFromUtm"),
        EventKind::Superseded => ("ЗамененоНовойВерсией", "Superseded"),
        EventKind::Bound => ("СсылкаИзменена", "Bound"),
        EventKind::Summary => ("Итог", "Summary"),
    }
}

fn event_kind(fields: &Fields, name: &str) -> Result<EventKind> {
    let wanted = name.trim().to_lowercase();
    let same = |kind: &EventKind| {
        let (ru, en) = event_name(*kind);
        ru.to_lowercase() == wanted || en.to_lowercase() == wanted
    };
    EventKind::ALL.iter().copied().find(same).ok_or_else(|| fields.bad("Событие", name))
}

/// A text or an array of texts.
fn texts(fields: &mut Fields, ru: &'static str, en: &'static str) -> Result<Vec<String>> {
    match fields.take(ru, en) {
        None => Ok(Vec::new()),
        Some(Value::Array(list)) => list
            .iter()
            .map(|item| item.as_str().map(ToOwned::to_owned).ok_or_else(|| fields.bad(ru, &item.to_string())))
            .collect(),
        Some(Value::String(text)) if text.trim().is_empty() => Ok(Vec::new()),
        Some(Value::String(text)) => Ok(vec![text]),
        Some(Value::Number(number)) => Ok(vec![number.to_string()]),
        Some(other) => Err(fields.bad(ru, &other.to_string())),
    }
}

fn organisations(fields: &mut Fields) -> Result<Vec<String>> {
    texts(fields, "КодФСРАР", "FsrarId")?
        .into_iter()
        .map(|code| organisation_code(&Value::String(code)))
        .collect()
}

fn limit(fields: &mut Fields) -> Result<usize> {
    let given = fields.number("Количество", "Count")?;
    Ok(given.map_or(LISTED, |count| usize::try_from(count).unwrap_or(usize::MAX)))
}

/// A local date as 1C writes it.
fn moment(fields: &mut Fields, ru: &'static str, en: &'static str) -> Result<Option<Moment>> {
    let Some(text) = fields.text(ru, en)?.filter(|text| !text.is_empty()) else { return Ok(None) };
    let text = text.trim_end_matches('Z').to_owned();
    let parsed = text
        .parse::<jiff::civil::DateTime>()
        .ok()
        .and_then(|local| local.to_zoned(jiff::tz::TimeZone::system()).ok())
        .map(|zoned| Moment::from_millis(zoned.timestamp().as_millisecond()));
    parsed.map(Some).ok_or_else(|| fields.bad(ru, &text))
}
