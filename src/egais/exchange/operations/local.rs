//! Operations 7, 8 and 9: what needs no UTM.

use super::super::changes::Ledger;
use super::super::history::{LocalFacts, refresh, write_facts};
use super::super::machine::{Phase, Status};
use super::super::outbox::cancel;
use super::Exchange;
use super::arguments::{document_key, no_document};
use crate::bilingual;
use crate::error::{Bilingual, Code, Error, Result};
use crate::store::{EventKind, NewEvent, QueueItem, QueueState, write};
use serde_json::{Value, json};

/// Documents computed anew in one transaction.
const BATCH: usize = 500;

impl Exchange {
    /// Operation 7, `ОтменитьПередачу`: takes the unsent operation out of the queue; gives the array of changes.
    ///
    /// # Errors
    /// `argument` for an unknown document or when there is nothing to cancel, `busy` when it is being sent already.
    pub fn cancel_sending(&self, document: &str) -> Result<Value> {
        let key = document_key(document)?;
        let ((), changes) = self.commit(|ledger| {
            let items = ledger.session.queue_of(&key)?;
            if items.is_empty() && ledger.session.document(&key)?.is_none() {
                return Err(no_document(&key));
            }
            let busy = bilingual!(
                "Операция по документу «{key}» уже передаётся в УТМ: отменить передачу нельзя, дождитесь результата.",
                "The operation on the document \"{key}\" is already being sent to the UTM: it cannot be cancelled, wait for the result."
            );
            if cancel_queued(ledger, &items, busy)? {
                return Ok(());
            }
            Err(Error::new(
                Code::Argument,
                bilingual!(
                    "По документу «{key}» в очереди нет неотправленной операции.",
                    "The document \"{key}\" has no unsent operation in the queue."
                ),
            ))
        })?;
        Ok(changes.to_json(None))
    }

    /// Operation 8, `ОтменитьПоследнююОперацию`: forgets the last operation here, back to the status before it.
    ///
    /// # Errors
    /// `argument` for an unknown document, when there is no operation or EGAIS has accepted it; `busy` while it is
    /// being sent.
    pub fn cancel_last_operation(&self, document: &str) -> Result<Value> {
        let key = document_key(document)?;
        let ((), changes) = self.commit(|ledger| {
            let Some(before) = refresh(ledger.session, &key)? else { return Err(no_document(&key)) };
            let items = ledger.session.queue_of(&key)?;
            let busy = bilingual!(
                "Последняя операция по документу «{key}» сейчас передаётся. Дождитесь результата.",
                "The last operation on the document \"{key}\" is being sent now. Wait for the result."
            );
            if cancel_queued(ledger, &items, busy)? {
                return Ok(());
            }
            let status = before.state.status;
            let is_accepted = matches!(before.state.pending, Some((_, Phase::Accepted)))
                || (before.state.pending.is_none() && before.state.error.is_none() && status != Status::Rejected);
            let last = before.history.attempts.iter().max_by_key(|attempt| attempt.id);
            let Some(last) = last.filter(|_| !is_accepted) else {
                let status = status.ru();
                return Err(Error::new(
                    Code::Argument,
                    bilingual!(
                        "Последнюю операцию по документу «{key}» отменить нельзя: статус «{status}», ЕГАИС её приняла или отменять нечего.",
                        "The last operation on the document \"{key}\" cannot be undone: status \"{status}\", EGAIS accepted it or there is nothing to undo."
                    ),
                ));
            };
            let (organisation, facts) = (&before.document.organisation, write_facts(&LocalFacts::default()));
            ledger.session.append(&NewEvent {
                document: Some(&key),
                attempt: Some(last.id),
                ..NewEvent::new(ledger.now, organisation, EventKind::Undone, &last.message, &facts)
            })?;
            ledger.session.dequeue(last.id)?;
            ledger.refresh(&key).map(drop)
        })?;
        Ok(changes.to_json(None))
    }

    /// Operation 9, `ВосстановитьСтатусДокументаПоДаннымПротоколаОбмена`: the status computed anew from the events
    /// alone; gives {`Ссылка`, `СтатусДо`, `Статус`}.
    ///
    /// # Errors
    /// `argument` for a document that has no events, `storage`.
    pub fn restore_status(&self, document: &str) -> Result<Value> {
        let key = document_key(document)?;
        write(self.store()?, |session| {
            let before = session.document(&key)?.map(|document| document.status);
            let projection = refresh(session, &key)?.ok_or_else(|| no_document(&key))?;
            let before = before.as_deref().and_then(Status::from_name).map(Status::ru);
            Ok(json!({ "Ссылка": key, "СтатусДо": before, "Статус": projection.state.status.ru() }))
        })
    }

    /// `ВосстановитьВсеСтатусы`: every document computed anew; gives their number.
    ///
    /// # Errors
    /// `storage`.
    pub fn restore_all_statuses(&self) -> Result<u64> {
        let store = self.store()?;
        let (mut after, mut count) = (String::new(), 0);
        loop {
            let keys = write(store, |session| {
                let keys = session.event_documents(&after, BATCH)?;
                for key in &keys {
                    refresh(session, key)?;
                }
                Ok(keys)
            })?;
            count += keys.len() as u64;
            match keys.last() {
                Some(last) => after.clone_from(last),
                None => return Ok(count),
            }
        }
    }
}

/// Takes the unsent attempt of a document out of the queue; false if there is none. One that is being sent is refused as
/// `busy`.
fn cancel_queued(ledger: &mut Ledger<'_>, items: &[QueueItem], busy: Bilingual) -> Result<bool> {
    if let Some(item) = items.iter().find(|item| item.state == QueueState::Queued) {
        cancel(ledger, item)?;
        return Ok(true);
    }
    if items.iter().any(|item| item.state == QueueState::Sending) {
        return Err(Error::new(Code::Busy, busy));
    }
    Ok(false)
}
