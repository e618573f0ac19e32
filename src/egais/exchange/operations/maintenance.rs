//! Keeping the store small, and telling how the exchange is.

use super::super::changes::local_text;
use super::super::history::{SummaryFacts, write_facts};
use super::super::machine::{Kind, Status};
use super::Exchange;
use crate::bilingual;
use crate::error::{Code, Error, Result};
use crate::operation::Operation;
use crate::store::{Document, DocumentFilter, EventKind, Moment, NewEvent, write};
use serde_json::{Map, Value, json};
use std::time::Duration;

/// Documents pruned in one transaction.
const BATCH: usize = 200;
/// Unmatched events pruned in one transaction.
const UNMATCHED_BATCH: usize = 1000;

impl Exchange {
    /// `Обслуживание`: removes the events of documents in a final state that have not changed for so many days; a summary
    /// event stays, and so does the document. Removes also messages of that age that belong to no document. Gives
    /// {`Документов`, `Событий`}.
    ///
    /// # Errors
    /// `argument` for less than one day, `storage`.
    pub fn maintain(&self, keep_days: u64, operation: &mut Operation<'_>) -> Result<Value> {
        if !(1..=36_500).contains(&keep_days) {
            return Err(Error::new(
                Code::Argument,
                bilingual!(
                    "ХранитьДней: нужно число от 1 до 36500, а не {keep_days}.",
                    "Days to keep: a number from 1 to 36500 is needed, not {keep_days}."
                ),
            ));
        }
        let before = Moment::now().minus(Duration::from_secs(keep_days * 86_400));
        let (mut documents, mut events) = (0_u64, 0_u64);
        loop {
            operation.check()?;
            let (keys, removed) = write(self.store()?, |session| {
                let keys = session.prunable(before, BATCH)?;
                let mut removed = 0;
                for key in &keys {
                    if let Some(document) = session.document(key)? {
                        removed += session.prune(key, &summary(&document, &summary_facts(&document)))?;
                    }
                }
                Ok((keys.len(), removed))
            })?;
            documents += keys as u64;
            events += removed;
            let text = bilingual!("Обслужено документов: {documents}", "Documents maintained: {documents}");
            operation.report(documents, 0, &text);
            if keys < BATCH {
                break;
            }
        }
        loop {
            operation.check()?;
            let removed = write(self.store()?, |session| session.prune_unmatched(before, UNMATCHED_BATCH))?;
            events += removed;
            if removed < UNMATCHED_BATCH as u64 {
                return Ok(json!({ "Документов": documents, "Событий": events }));
            }
        }
    }

    /// `Состояние`: by organisation the number of documents in each status, the oldest unsent message, the last exchange, what
    /// the UTM told of itself with its certificates, the oldest unanswered waybill.
    ///
    /// # Errors
    /// `storage`.
    pub fn status(&self) -> Result<Value> {
        let settings = self.all_settings()?;
        self.read(|session| {
            let mut organisations: Map<String, Value> = Map::new();
            for settings in &settings {
                organisations.insert(settings.fsrar_id.clone(), json!({ "Наименование": settings.name }));
            }
            for count in session.status_counts()? {
                let organisation = organisations
                    .entry(count.organisation.clone())
                    .or_insert_with(|| json!({ "Наименование": "" }));
                let kind = Kind::from_name(&count.kind).map_or(count.kind.as_str(), |kind| kind.ru());
                let status =
                    Status::from_name(&count.status).map_or(count.status.as_str(), |status| status.ru());
                if let Some(counts) = organisation.as_object_mut() {
                    let counts = counts.entry("Документы").or_insert_with(|| json!({}));
                    if let Some(counts) = counts.as_object_mut() {
                        let counts = counts.entry(kind.to_owned()).or_insert_with(|| json!({}));
                        if let Some(counts) = counts.as_object_mut() {
                            counts.insert(status.to_owned(), count.count.into());
                        }
                    }
                }
            }
            for (code, value) in &mut organisations {
                let Some(map) = value.as_object_mut() else { continue };
                let text = |moment: Option<Moment>| moment.map(local_text).map_or(Value::Null, Value::from);
                let exchange = session.mark(code, "exchange")?.map(|(_, moment)| moment);
                let utm = session.mark(code, "utm")?;
                let utm = utm.and_then(|(value, _)| serde_json::from_str::<Value>(&value).ok());
                let waiting = DocumentFilter {
                    organisations: vec![code.clone()],
                    kinds: vec![Kind::IncomingWaybill.en().to_owned()],
                    statuses: vec![Status::Received.en().to_owned()],
                    limit: Some(1),
                    ..DocumentFilter::default()
                };
                let oldest = session.documents(&waiting)?.pop();
                map.entry("Документы").or_insert_with(|| json!({}));
                map.insert("СтарейшееНеотправленное".into(), text(session.oldest_queued(code)?));
                map.insert("ПоследнийОбмен".into(), text(exchange));
                map.insert("УТМ".into(), utm.unwrap_or(Value::Null));
                map.insert(
                    "СтарейшаяНеобработаннаяНакладная".into(),
                    oldest.map_or(Value::Null, |document| {
                        json!({ "Ссылка": document.key, "Дата": local_text(document.created),
                            "РегистрационныйНомер": document.registration })
                    }),
                );
            }
            Ok(json!({ "Организации": organisations }))
        })
    }
}

fn summary_facts(document: &Document) -> String {
    write_facts(&SummaryFacts {
        kind: document.kind.clone(),
        status: document.status.clone(),
        document_type: document.doc_type.clone(),
        operation: document.operation.clone(),
        reply_id: document.reply_id.clone(),
        owner: document.owner.clone(),
        has_data: document.has_data,
        created: document.created.as_millis(),
    })
}

fn summary<'a>(document: &'a Document, facts: &'a str) -> NewEvent<'a> {
    NewEvent {
        // The document has not changed: only its events are gone.
        time: document.changed,
        organisation: &document.organisation,
        document: Some(&document.key),
        attempt: None,
        kind: EventKind::Summary,
        doc_type: &document.doc_type,
        reply_id: None,
        registration: document.registration.as_deref(),
        identity: document.identity.as_deref(),
        pairing: document.pairing.as_deref(),
        facts,
        body: None,
    }
}
