//! Operations 3 and 4: building, checking and queueing messages; and sending XML as it is.

use super::super::changes::{Changes, Ledger};
use super::super::compose::{Message, Subject, Wishes, answer, document};
use super::super::facts::Facts;
use super::super::fields::Fields;
use super::super::history::{PreparedFacts, ReceivedFacts};
use super::super::history::{Projection, is_form, is_waybill, project, read_facts};
use super::super::machine::{Action, Kind, Local, Phase, Status, table};
use super::super::outbox::{Outgoing, enqueue};
use super::super::service::Task;
use super::super::settings::ExchangeSettings;
use super::arguments::{document_key, no_document, organisation_code};
use super::{Answer, Exchange, Report};
use crate::bilingual;
use crate::egais::ready::classifier_query;
use crate::error::{Code, Error, Result};
use crate::operation::Operation;
use crate::store::fault::point;
use crate::store::{Event, EventId, EventKind};
use serde_json::Value;

/// Priority of what is sent at once.
const AT_ONCE: i64 = 10;

/// One document of a call.
#[derive(Debug, Clone)]
struct Item {
    key: String,
    organisation: Option<String>,
    doc_type: String,
    data: Value,
}

/// What all documents of a call share.
pub(super) struct Order<'a> {
    pub action: Action,
    pub wishes: Wishes,
    pub owner: Option<&'a str>,
    pub priority: i64,
    pub default_organisation: Option<&'a str>,
}

impl<'a> Order<'a> {
    /// The message of one of its documents, to be queued.
    fn outgoing(
        &self,
        organisation: &'a str,
        key: &'a str,
        kind: Kind,
        doc_type: &'a str,
        message: &'a Message,
    ) -> Outgoing<'a> {
        let (owner, priority) = (self.owner, self.priority);
        Outgoing { owner, priority, ..Outgoing::new(organisation, key, kind, self.action, doc_type, message) }
    }
}

impl Exchange {
    /// Operation 3, `ПодготовитьКПередаче`: builds, checks and queues the messages of an operation for one document
    /// {`Ссылка`, `КодФСРАР`, `ТипДокумента`, `Данные`} or for many; `immediately` also sends them in this call.
    ///
    /// All or nothing for each document: what fails stands in `Ошибки`. If there is one document and it fails, so
    /// does the call.
    ///
    /// # Errors
    /// `argument`, among others for an operation that the status does not allow; `egais_document`; `storage`.
    pub fn prepare_to_send(
        &self,
        documents: &Value,
        action: &str,
        extra: &Value,
        immediately: bool,
        owner: Option<&str>,
        operation: &mut Operation<'_>,
    ) -> Result<Answer> {
        let action = Action::from_name(action).ok_or_else(|| unknown_action(action))?;
        let items = match documents {
            Value::Array(list) => list.iter().map(read_item).collect::<Result<Vec<_>>>()?,
            one => vec![read_item(one)?],
        };
        let priority = if immediately { AT_ONCE } else { 0 };
        let order = Order {
            action,
            wishes: read_wishes(extra)?,
            owner,
            priority,
            default_organisation: self.default_organisation.as_deref(),
        };
        let (mut report, attempts) = self.queue(&items, &order)?;
        if immediately {
            self.send_now(&attempts, &mut report, operation)?;
        }
        Ok(report.into_answer(owner, false, self.language))
    }

    /// Operation 4, `ПодготовитьЗапросДанныхКлассификатораКПередаче`: organisation by `ИНН` or `СИО`, product by `ИНН` or
    /// `КОД`; sent at once if the UTM answers, else it waits in the queue.
    ///
    /// # Errors
    /// `argument` for any other pair, `egais_document`, `storage`.
    pub fn prepare_classifier_query(
        &self,
        organisation: &str,
        query_kind: &str,
        parameter: &str,
        value: &str,
        owner: Option<&str>,
        operation: &mut Operation<'_>,
    ) -> Result<Answer> {
        let code = organisation_code(&Value::String(organisation.to_owned()))?;
        let query = classifier_query(&code, query_kind, parameter, value)?;
        let doc_type = query.type_name;
        self.send_new(&code, doc_type, &query.into(), owner, operation)
    }

    /// `ПередатьXML`: sends a document as it is, of types nobody describes yet too; replies are kept raw.
    ///
    /// # Errors
    /// `argument`, `value_text` for what is not an EGAIS message, `storage`.
    pub fn send_xml(
        &self,
        organisation: &str,
        url_name: &str,
        xml: &[u8],
        operation: &mut Operation<'_>,
    ) -> Result<Answer> {
        let code = organisation_code(&Value::String(organisation.to_owned()))?;
        let element = Facts::read(xml)?.element;
        let is_name = |text: &str| {
            !text.is_empty()
                && text.len() <= 60
                && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
        };
        let url_name = url_name.trim();
        let url_name = if url_name.is_empty() { super::super::papers::url_name(&element) } else { url_name };
        if !is_name(url_name) {
            return Err(Error::new(
                Code::Argument,
                bilingual!(
                    "ИмяВURL «{url_name}» не годится: нужны латинские буквы, цифры и подчёркивание, например QueryRests_v3.",
                    "\"{url_name}\" cannot stand in an address: use Latin letters, digits and underscores, such as QueryRests_v3."
                ),
            ));
        }
        let message = Message { url_name: url_name.to_owned(), xml: xml.to_vec() };
        self.send_new(&code, &element, &message, None, operation)
    }

    /// Queues a message under a generated key and sends it at once.
    pub(super) fn send_new(
        &self,
        code: &str,
        doc_type: &str,
        message: &Message,
        owner: Option<&str>,
        operation: &mut Operation<'_>,
    ) -> Result<Answer> {
        self.known_settings(code)?;
        let key = uuid::Uuid::new_v4().to_string();
        let (attempt, changes) =
            self.commit(|ledger| queue_new(ledger, &key, code, doc_type, message, owner, AT_ONCE))?;
        let mut report = Report { changes, ..Report::default() };
        self.send_now(&[(code.to_owned(), attempt)], &mut report, operation)?;
        Ok(report.into_answer(owner, false, self.language))
    }

    /// Queues the messages of all documents: one commit, a savepoint for each.
    fn queue(&self, items: &[Item], order: &Order<'_>) -> Result<(Report, Vec<(String, EventId)>)> {
        let settings = self.all_settings()?;
        let mut errors = Vec::new();
        let mut attempts = Vec::new();
        let is_single = items.len() == 1;
        let ((), changes) = self.commit(|ledger| {
            errors.clear();
            attempts.clear();
            for item in items {
                let mut attempt = None;
                let mut part = Changes::default();
                let now = ledger.now;
                let outcome = ledger.session.savepoint(&mut |session| {
                    let mut inner = Ledger::new(session, &mut part, now);
                    attempt = Some(prepare(&mut inner, item, &settings, order)?);
                    Ok(())
                });
                match (outcome, attempt) {
                    (Ok(()), Some(attempt)) => {
                        ledger.changes.absorb(part);
                        attempts.push(attempt);
                    }
                    (Err(error), _) if is_single || error.code() == Code::Storage => return Err(error),
                    (Err(error), _) => {
                        let code = item.organisation.as_deref().or(order.default_organisation);
                        let error = error.with("document", item.key.as_str());
                        errors.push((code.unwrap_or_default().to_owned(), error));
                    }
                    (Ok(()), None) => {}
                }
            }
            point("prepare:before-commit");
            Ok(())
        })?;
        point("prepare:after-commit");
        Ok((Report { changes, errors, ..Report::default() }, attempts))
    }

    /// Sends attempts in this call, each by the side that reaches its UTM.
    pub(super) fn send_now(
        &self,
        attempts: &[(String, EventId)],
        report: &mut Report,
        operation: &mut Operation<'_>,
    ) -> Result<()> {
        let mut jobs = Vec::new();
        for settings in self.all_settings()? {
            let only: Vec<EventId> = attempts
                .iter()
                .filter(|(code, _)| *code == settings.fsrar_id)
                .map(|(_, attempt)| *attempt)
                .collect();
            if !only.is_empty() {
                jobs.push((settings, Task { send: true, only, ..Task::default() }));
            }
        }
        let sent = self.run(jobs, operation)?;
        report.changes.absorb(sent.changes);
        report.errors.extend(sent.errors);
        report.messages.extend(sent.messages);
        report.settings.extend(sent.settings);
        Ok(())
    }
}

/// Queues a message that is a document of its own.
pub(super) fn queue_new(
    ledger: &mut Ledger<'_>,
    key: &str,
    organisation: &str,
    doc_type: &str,
    message: &Message,
    owner: Option<&str>,
    priority: i64,
) -> Result<EventId> {
    let kind = Kind::of_outgoing(doc_type);
    let outgoing = Outgoing::new(organisation, key, kind, Action::Send, doc_type, message);
    let attempt = enqueue(ledger, &Outgoing { owner, priority, ..outgoing })?;
    ledger.refresh(key)?;
    Ok(attempt)
}

/// Queues the operation on one document; gives the organisation and the attempt.
fn prepare(
    ledger: &mut Ledger<'_>,
    item: &Item,
    settings: &[ExchangeSettings],
    order: &Order<'_>,
) -> Result<(String, EventId)> {
    let events = ledger.session.events_of(&item.key)?;
    let known = project(&item.key, &events);
    if known.is_none() && order.action != Action::Send {
        return Err(no_document(&item.key));
    }
    let organisation = organisation_of(item, known.as_ref(), order.default_organisation)?;
    let Some(settings) = settings.iter().find(|settings| settings.fsrar_id == organisation) else {
        return Err(super::arguments::no_settings(&organisation));
    };
    let given_type = match item.doc_type.to_lowercase().as_str() {
        "накладная" | "ттн" => settings.waybill_type(),
        _ => item.doc_type.as_str(),
    };
    let kind = match &known {
        Some(known) => known.history.kind,
        None => Kind::of_outgoing(given_type),
    };
    let status = known.as_ref().map_or(table(kind).initial, |known| known.state.status);
    let allowed: Vec<Action> = match &known {
        Some(known) => known.state.actions.clone(),
        None => vec![Action::Send],
    };
    if !allowed.contains(&order.action) {
        return Err(not_allowed(order.action, &item.key, status, &allowed));
    }
    let attempt = match (&known, order.action) {
        (Some(known), Action::Resend) => resend(ledger, item, &organisation, known, &events, order)?,
        (_, Action::Send) => {
            let doc_type = if given_type.is_empty() {
                known.as_ref().map(|known| known.document.doc_type.clone()).unwrap_or_default()
            } else {
                given_type.to_owned()
            };
            let former = known.as_ref().map(|known| known.document.identity.as_deref().unwrap_or_default());
            let message = document(&doc_type, &item.data, &organisation, former)?;
            let doc_type = if doc_type.is_empty() { Facts::read(&message.xml)?.element } else { doc_type };
            enqueue(ledger, &order.outgoing(&organisation, &item.key, kind, &doc_type, &message))?
        }
        (Some(known), action) => {
            let subject = subject_of(ledger, known, &events)?;
            let message = answer(kind, action, &subject, &order.wishes)?;
            let doc_type = known.document.doc_type.clone();
            let outgoing = Outgoing {
                registration: known.document.registration.as_deref(),
                pairing: known.document.pairing.as_deref(),
                ..order.outgoing(&organisation, &item.key, kind, &doc_type, &message)
            };
            enqueue(ledger, &outgoing)?
        }
        (None, _) => return Err(no_document(&item.key)),
    };
    ledger.refresh(&item.key)?;
    Ok((organisation, attempt))
}

/// Sends the same bytes once more: a person has decided.
fn resend(
    ledger: &mut Ledger<'_>,
    item: &Item,
    organisation: &str,
    known: &Projection,
    events: &[Event],
    order: &Order<'_>,
) -> Result<EventId> {
    let lost = known.history.attempts.iter().filter(|attempt| matches!(attempt.local, Local::Unknown(_)));
    let lost = lost.max_by_key(|attempt| attempt.id).map(|attempt| attempt.id);
    let prepared = events.iter().find(|event| Some(event.id) == lost && event.kind == EventKind::Prepared);
    let Some(prepared) = prepared else {
        return Err(not_allowed(Action::Resend, &item.key, known.state.status, &known.state.actions));
    };
    let facts: PreparedFacts = read_facts(prepared);
    let xml = ledger.session.body(prepared.id)?.ok_or_else(|| no_document(&item.key))?;
    let message = Message { url_name: facts.url, xml };
    let action = Action::from_name(&facts.action).unwrap_or(Action::Send);
    let (kind, doc_type) = (known.history.kind, facts.document_type.as_str());
    let again = Outgoing {
        registration: prepared.registration.as_deref(),
        pairing: prepared.pairing.as_deref(),
        resend_of: Some(facts.resend_of.unwrap_or(prepared.id)),
        owner: order.owner.or(facts.owner.as_deref()),
        priority: order.priority,
        ..Outgoing::new(organisation, &item.key, kind, action, doc_type, &message)
    };
    let attempt = enqueue(ledger, &again)?;
    // Nobody waits for evidence about the lost one any more; if it comes, it still counts.
    ledger.session.dequeue(prepared.id)?;
    Ok(attempt)
}

/// What the store knows of a document that is to be answered.
fn subject_of(ledger: &mut Ledger<'_>, known: &Projection, events: &[Event]) -> Result<Subject> {
    let mut subject = Subject {
        organisation: known.document.organisation.clone(),
        document_type: known.document.doc_type.clone(),
        registration: known.document.registration.clone(),
        ..Subject::default()
    };
    if known.history.kind == Kind::IncomingWaybill {
        for event in events.iter().filter(|event| event.kind == EventKind::Received) {
            let element = read_facts::<ReceivedFacts>(event).facts.element;
            if is_waybill(&element) && subject.waybill.is_none() {
                subject.waybill = ledger.session.body(event.id)?;
            } else if is_form(&element) && subject.form.is_none() {
                subject.form = ledger.session.body(event.id)?;
            }
        }
    }
    Ok(subject)
}

fn organisation_of(item: &Item, known: Option<&Projection>, default: Option<&str>) -> Result<String> {
    let stored = known.map(|known| known.document.organisation.clone());
    match (&item.organisation, stored) {
        (Some(given), Some(stored)) if *given != stored => {
            let key = &item.key;
            Err(Error::new(
                Code::Argument,
                bilingual!(
                    "Документ «{key}» принадлежит организации {stored}, а не {given}.",
                    "The document \"{key}\" belongs to the organisation {stored}, not to {given}."
                ),
            ))
        }
        (Some(code), _) => Ok(code.clone()),
        (None, Some(code)) => Ok(code),
        (None, None) => default.map(ToOwned::to_owned).ok_or_else(|| super::super::settings::bad_code("")),
    }
}

fn read_item(value: &Value) -> Result<Item> {
    if let Value::String(key) = value {
        let key = document_key(key)?;
        return Ok(Item { key, organisation: None, doc_type: String::new(), data: Value::Null });
    }
    let mut fields = Fields::of(value, &bilingual!("Документ к передаче", "Document to send"))?;
    let key = document_key(&fields.text("Ссылка", "Ref")?.unwrap_or_default())?;
    let organisation = fields.take("КодФСРАР", "FsrarId").map(|code| organisation_code(&code)).transpose()?;
    let doc_type = fields.text("ТипДокумента", "DocumentType")?.unwrap_or_default();
    let data = fields.take("Данные", "Data").unwrap_or_default();
    fields.finish()?;
    Ok(Item { key, organisation, doc_type, data })
}

fn read_wishes(extra: &Value) -> Result<Wishes> {
    let mut fields = Fields::of(extra, &bilingual!("Дополнительные параметры", "Additional parameters"))?;
    let wishes = Wishes {
        number: fields.text("Номер", "Number")?.unwrap_or_default(),
        note: fields.text("Примечание", "Note")?.unwrap_or_default(),
        differences: fields.take("Расхождения", "Differences").unwrap_or_default(),
    };
    fields.finish()?;
    Ok(wishes)
}

fn unknown_action(name: &str) -> Error {
    let known: Vec<&str> = Action::ALL.iter().map(|action| action.ru()).collect();
    let near =
        super::super::fields::nearest(name, &known).map(|near| format!(" ({near}?)")).unwrap_or_default();
    let known = known.join(", ");
    let name: String = name.chars().take(60).collect();
    Error::new(
        Code::Argument,
        bilingual!(
            "Неизвестное действие «{name}»{near}. Известны: {known}.",
            "Unknown action \"{name}\"{near}. Known: {known}."
        ),
    )
}

/// The error of an operation that the status does not allow: names the status and what it allows.
fn not_allowed(action: Action, key: &str, status: Status, allowed: &[Action]) -> Error {
    let (action_ru, action_en) = (action.ru(), action.en());
    let (status_ru, status_en) = (status.ru(), status.en());
    let join = |name: fn(Action) -> &'static str| {
        allowed.iter().map(|action| name(*action)).collect::<Vec<_>>().join(", ")
    };
    let (list_ru, list_en) = if allowed.is_empty() {
        let waits = [Phase::Queued, Phase::Sending, Phase::Sent, Phase::Accepted]
            .iter()
            .any(|phase| phase.status() == status);
        if waits {
            ("никакое, дождитесь ответа".to_owned(), "none, wait for the answer".to_owned())
        } else {
            ("никакое".to_owned(), "none".to_owned())
        }
    } else {
        (join(Action::ru), join(Action::en))
    };
    Error::new(
        Code::Argument,
        bilingual!(
            "Действие {action_ru} недоступно: документ «{key}» в статусе «{status_ru}», в нём доступно: {list_ru}.",
            "The action {action_en} is not allowed: the document \"{key}\" is in the status \"{status_en}\", which allows: {list_en}."
        ),
    )
    .with("status", status_ru)
    .with("document", key)
}
