//! Operations that put others together: unanswered waybills, accepting many, cheques.

use super::super::compose::{Message, document};
use super::super::facts::{Facts, pairing_key};
use super::super::history::{LocalFacts, ReceivedFacts, read_facts};
use super::super::machine::{Action, Kind, Status};
use super::super::outbox::{Outgoing, enqueue};
use super::super::service::Task;
use super::arguments::organisation_code;
use super::documents::document_filter;
use super::prepare::queue_new;
use super::{Answer, Exchange, Report};
use crate::bilingual;
use crate::egais::exchange::facts::Unanswered;
use crate::egais::ready::{ChequeFormat, cheque, resend_query, unanswered_query};
use crate::egais::utm::utm_error;
use crate::error::{Category, Code, Error, Result};
use crate::operation::Operation;
use crate::store::{DocumentFilter, EventKind, QueueState, Session};
use serde_json::{Value, json};

impl Exchange {
    /// `СверитьНеобработанные`: asks EGAIS for waybills that this place has not answered (QueryNATTN), exchanges, and
    /// requests again those that are not here in full. Gives {`Изменения`, `Необработанные`, `Запрошены`, `ОжидаетсяОтвет`,
    /// `ТекстОшибки`}.
    ///
    /// While an answer is awaited, a further call does not ask again.
    ///
    /// # Errors
    /// `argument`, `storage`.
    pub fn reconcile_unanswered(&self, organisation: &str, operation: &mut Operation<'_>) -> Result<Answer> {
        let code = organisation_code(&Value::String(organisation.to_owned()))?;
        let settings = self.known_settings(&code)?;
        let mut report = Report::default();
        if !self.is_asked(&code)? {
            let message = Message::from(unanswered_query(&code)?);
            let key = uuid::Uuid::new_v4().to_string();
            let (_, changes) =
                self.commit(|ledger| queue_new(ledger, &key, &code, "QueryNATTN", &message, None, 0))?;
            report.changes.absorb(changes);
        }
        let task = Task { send: true, receive: true, all_incoming: true, ..Task::default() };
        let first = self.run(vec![(settings.clone(), task.clone())], operation)?;
        report.changes.absorb(first.changes);
        report.errors.extend(first.errors);
        report.messages.extend(first.messages);
        let waits = self.is_asked(&code)?;
        let unanswered = self.last_list(&code)?;
        let mut requested = Vec::new();
        if !waits {
            let ((), changes) = self.commit(|ledger| {
                requested.clear();
                for line in &unanswered {
                    if let Some(key) = request_missing(ledger, &code, line)? {
                        requested.push(key);
                    }
                }
                Ok(())
            })?;
            report.changes.absorb(changes);
            if !requested.is_empty() {
                let second = self.run(vec![(settings.clone(), task.clone())], operation)?;
                report.changes.absorb(second.changes);
                report.errors.extend(second.errors);
                report.messages.extend(second.messages);
            }
        }
        let list: Vec<Value> = unanswered
            .iter()
            .map(|line| {
                json!({"РегистрационныйНомер": line.registration, "Номер": line.number, "Дата": line.date,
                       "Поставщик": line.shipper})
            })
            .collect();
        let mut answer = report.into_answer(None, false, self.language);
        if let Some(map) = answer.value.as_object_mut() {
            map.insert("Необработанные".into(), if waits { Value::Array(Vec::new()) } else { list.into() });
            map.insert("Запрошены".into(), requested.into());
            map.insert("ОжидаетсяОтвет".into(), waits.into());
        }
        Ok(answer)
    }

    /// True while a QueryNATTN of this organisation is under way.
    fn is_asked(&self, code: &str) -> Result<bool> {
        let filter = DocumentFilter {
            organisations: vec![code.to_owned()],
            types: vec!["QueryNATTN".to_owned()],
            is_final: Some(false),
            ..DocumentFilter::default()
        };
        self.read(|session| Ok(!session.documents(&filter)?.is_empty()))
    }

    fn last_list(&self, code: &str) -> Result<Vec<Unanswered>> {
        let event = self.read(|session| session.last_received(code, "ReplyNATTN"))?;
        Ok(event.map(|event| read_facts::<ReceivedFacts>(&event).facts.unanswered).unwrap_or_default())
    }

    /// `ПодтвердитьВсе`: accepts all incoming waybills that wait for an answer and that a filter (as of `Документы`) lets
    /// through; queues the acts.
    ///
    /// # Errors
    /// `argument` for a filter that does not fit, `storage`.
    pub fn accept_all(
        &self,
        filter: &Value,
        owner: Option<&str>,
        operation: &mut Operation<'_>,
    ) -> Result<Answer> {
        let mut filter = document_filter(filter)?;
        filter.kinds = vec![Kind::IncomingWaybill.en().to_owned()];
        filter.statuses = vec![Status::Received.en().to_owned()];
        let found = self.read(|session| session.documents(&filter))?;
        let keys: Vec<Value> = found.into_iter().map(|document| document.key.into()).collect();
        if keys.is_empty() {
            return Ok(Report::default().into_answer(owner, false, self.language));
        }
        self.prepare_to_send(&keys.into(), Action::Accept.ru(), &Value::Null, false, owner, operation)
    }

    /// `ОтправитьЧек`: sends a cheque (data as [`crate::egais::ready::cheque`] takes them with a format, or XML) and gives
    /// {`Ссылка`, `АдресQR`, `Подпись`}.
    ///
    /// # Errors
    /// `utm` if UTM refused it (temporary: try again in a moment) or its fate is unknown; `egais_document`, `argument`,
    /// `storage`, `busy`.
    pub fn send_cheque(
        &self,
        organisation: &str,
        data: &Value,
        format: &str,
        operation: &mut Operation<'_>,
    ) -> Result<Value> {
        let code = organisation_code(&Value::String(organisation.to_owned()))?;
        let settings = self.known_settings(&code)?;
        if !self.side().reaches(&settings) {
            return Err(self.out_of_reach(&code));
        }
        let message = cheque_message(data, format, &code)?;
        let doc_type = Facts::read(&message.xml)?.element;
        let key = uuid::Uuid::new_v4().to_string();
        let (attempt, _) =
            self.commit(|ledger| queue_new(ledger, &key, &code, &doc_type, &message, None, 10))?;
        let mut report = Report::default();
        self.send_now(&[(code.clone(), attempt)], &mut report, operation)?;
        let ((sent, failure), _) = self.commit(|ledger| {
            let events = ledger.session.events_of(&key)?;
            let of_kind = |kind: EventKind| {
                events.iter().rfind(|event| event.kind == kind).map(read_facts::<LocalFacts>)
            };
            if let Some(sent) = of_kind(EventKind::Sent) {
                return Ok((Some(sent), None));
            }
            // What did not leave must not leave later: the receipt is printed now or never.
            if let Some(item) = ledger.session.queued(attempt)?
                && item.state == QueueState::Queued
            {
                super::super::outbox::cancel(ledger, &item)?;
            }
            let failures = [EventKind::Refused, EventKind::OutcomeUnknown, EventKind::NotSent];
            Ok((None, failures.into_iter().find_map(|kind| Some((kind, of_kind(kind)?.text)))))
        })?;
        if let Some(sent) = sent {
            return Ok(json!({ "Ссылка": key, "АдресQR": sent.url, "Подпись": sent.sign }));
        }
        match failure {
            Some((EventKind::OutcomeUnknown, text)) => Err(Error::new(
                Code::Utm,
                bilingual!(
                    "Исход передачи чека неизвестен: {text}. Чек повторно не отправляется; проверьте его в УТМ.",
                    "The outcome of the cheque is unknown: {text}. It is not sent again; look it up in the UTM."
                ),
            )
            // Not to be repeated by whoever repeats what is temporary: it would be a second sale.
            .with_category(Category::Permanent)
            .with("document", key.as_str())),
            Some((_, text)) => Err(utm_error(&text).with("document", key.as_str())),
            None => Err(report.errors.into_iter().next().map_or_else(|| utm_error(""), |(_, error)| error)),
        }
    }
}

/// Requests a waybill that is not here in full; gives the key of its document.
fn request_missing(
    ledger: &mut super::super::changes::Ledger<'_>,
    code: &str,
    line: &Unanswered,
) -> Result<Option<String>> {
    if line.registration.is_empty() {
        return Ok(None);
    }
    let known = ledger.session.documents_by_registration(code, &line.registration)?;
    let is_partial = |status: &str| Status::from_name(status) == Some(Status::Partial);
    if known.iter().any(|document| !is_partial(&document.status)) {
        return Ok(None);
    }
    let pairing = pairing_key(&line.number, &line.date, &line.shipper);
    let key = match known.first() {
        Some(document) => document.key.clone(),
        // The waybill may be here without its form.
        None => match waiting_waybill(ledger.session, code, pairing.as_deref())? {
            Some(key) => key,
            None => uuid::Uuid::new_v4().to_string(),
        },
    };
    let is_asked = ledger.session.queue_of(&key)?.iter().any(|item| item.pause_kind == "QueryResendDoc");
    if is_asked {
        return Ok(None);
    }
    let message = Message::from(resend_query(code, &line.registration)?);
    let request = Outgoing {
        registration: Some(&line.registration),
        pairing: pairing.as_deref(),
        ..Outgoing::new(code, &key, Kind::IncomingWaybill, Action::RequestResend, "", &message)
    };
    enqueue(ledger, &request)?;
    ledger.refresh(&key)?;
    Ok(Some(key))
}

/// An incoming waybill of this number, date and shipper that has no registration number yet.
fn waiting_waybill(session: &mut dyn Session, code: &str, pairing: Option<&str>) -> Result<Option<String>> {
    let Some(pairing) = pairing else { return Ok(None) };
    let documents = session.documents_by_pairing(code, pairing)?;
    let waits = documents
        .into_iter()
        .find(|document| document.registration.is_none() && document.kind == Kind::IncomingWaybill.en());
    Ok(waits.map(|document| document.key))
}

/// A cheque as XML, or from little data in the format named.
fn cheque_message(data: &Value, format: &str, code: &str) -> Result<Message> {
    match data {
        Value::String(_) => document("", data, code, None),
        _ => Ok(cheque(ChequeFormat::read(format)?, code, data)?.into()),
    }
}
