//! Sending: every step is durable before the next, so that a process killed anywhere loses nothing and sends
//! nothing twice.
//!
//! queued → *sending is durable* → the message leaves → its outcome is durable. Whoever finds "sending" after its
//! claim has run out does not know the outcome: the message is not sent again by itself, unless it is a query.

use super::changes::Ledger;
use super::compose::Message;
use super::facts::Facts;
use super::history::{LocalFacts, PreparedFacts, write_facts};
use super::inbox::{collect, collect_replies};
use super::machine::{Action, Kind};
use super::settings::{ExchangeSettings, pause_kind};
use crate::bilingual;
use crate::egais::utm::{Posted, Receipt};
use crate::error::{Code, Error, Language, Result};
use crate::store::{Event, EventId, EventKind, Moment, NewEvent, QueueItem, QueueState, content_hash};
use std::time::Duration;

/// A message to be queued.
#[derive(Debug, Clone)]
pub struct Outgoing<'a> {
    /// FSRAR_ID.
    pub organisation: &'a str,
    /// Key of the document.
    pub document: &'a str,
    /// Machine of the document.
    pub kind: Kind,
    /// What it does.
    pub action: Action,
    /// Type of the document.
    pub document_type: &'a str,
    /// Name in addresses.
    pub url_name: &'a str,
    /// The message.
    pub xml: &'a [u8],
    /// Registration number of the document it speaks of.
    pub registration: Option<&'a str>,
    /// Number, date and shipper of the document it speaks of.
    pub pairing: Option<&'a str>,
    /// The attempt whose message this repeats.
    pub resend_of: Option<EventId>,
    /// Recognises messages of the caller.
    pub owner: Option<&'a str>,
    /// Higher goes first.
    pub priority: i64,
}

impl<'a> Outgoing<'a> {
    /// A message that speaks of nothing else, repeats nothing and waits its turn; what is otherwise replaces it by
    /// `..`.
    pub fn new(
        organisation: &'a str,
        document: &'a str,
        kind: Kind,
        action: Action,
        document_type: &'a str,
        message: &'a Message,
    ) -> Self {
        Self {
            organisation,
            document,
            kind,
            action,
            document_type,
            url_name: &message.url_name,
            xml: &message.xml,
            registration: None,
            pairing: None,
            resend_of: None,
            owner: None,
            priority: 0,
        }
    }
}

/// Queues a message; gives the number of the attempt.
///
/// # Errors
/// `value_text` for a message that is not one, `storage`.
pub fn enqueue(ledger: &mut Ledger<'_>, message: &Outgoing<'_>) -> Result<EventId> {
    let facts = Facts::read(message.xml)?;
    let prepared = PreparedFacts {
        kind: message.kind.en().to_owned(),
        action: message.action.en().to_owned(),
        document_type: message.document_type.to_owned(),
        url: message.url_name.to_owned(),
        hash: content_hash(message.xml),
        resend_of: message.resend_of,
        owner: message.owner.map(ToOwned::to_owned),
    };
    let prepared = write_facts(&prepared);
    let own_pairing = facts.pairing();
    let attempt = ledger.session.append(&NewEvent {
        document: Some(message.document),
        registration: message.registration,
        identity: (!facts.identity.is_empty()).then_some(facts.identity.as_str()),
        pairing: message.pairing.or(own_pairing.as_deref()),
        body: Some(message.xml),
        ..NewEvent::new(ledger.now, message.organisation, EventKind::Prepared, &facts.element, &prepared)
    })?;
    ledger.session.enqueue(&QueueItem {
        attempt,
        organisation: message.organisation.to_owned(),
        document: message.document.to_owned(),
        url_name: message.url_name.to_owned(),
        pause_kind: pause_kind(&facts.element).to_owned(),
        state: QueueState::Queued,
        priority: message.priority,
        not_before: None,
        claim_owner: None,
        claim_until: None,
        created: ledger.now,
    })?;
    Ok(attempt)
}

/// A message taken from the queue to be sent now.
#[derive(Debug, Clone)]
pub struct Claimed {
    /// Its place in the queue.
    pub item: QueueItem,
    /// The event that keeps it.
    pub prepared: Event,
    /// Its bytes.
    pub xml: Vec<u8>,
}

/// Takes the next message that may be sent, and makes durable that it is being sent.
///
/// `only`, if not empty, names the attempts to choose from. A query whose pause holds stays, and says until when.
///
/// # Errors
/// `storage`.
pub fn claim(
    ledger: &mut Ledger<'_>,
    settings: &ExchangeSettings,
    owner: &str,
    until: Moment,
    only: &[EventId],
    language: Language,
) -> Result<Option<Claimed>> {
    let mut wanted = only.iter();
    loop {
        let next = if only.is_empty() {
            ledger.session.next_queued(&settings.fsrar_id, ledger.now)?
        } else {
            let Some(attempt) = wanted.next() else { return Ok(None) };
            let item = ledger.session.queued(*attempt)?.filter(|item| item.state == QueueState::Queued);
            match item {
                Some(item) if item.not_before.is_none_or(|moment| moment <= ledger.now) => Some(item),
                _ => continue,
            }
        };
        let Some(mut item) = next else { return Ok(None) };
        if let Some(free) = pause_until(ledger, settings, &item.pause_kind)? {
            hold_back(ledger, &mut item, free, language)?;
            continue;
        }
        let message = (ledger.session.event(item.attempt)?, ledger.session.body(item.attempt)?);
        let (Some(prepared), Some(xml)) = message else {
            return Err(lost_message(&item));
        };
        if !item.pause_kind.is_empty() {
            ledger.session.put_query(&item.organisation, &item.pause_kind, ledger.now)?;
        }
        item.state = QueueState::Sending;
        item.claim_owner = Some(owner.to_owned());
        item.claim_until = Some(until);
        ledger.session.requeue(&item)?;
        note(ledger, &item, &prepared, EventKind::Sending, None, &LocalFacts::default())?;
        ledger.refresh(&item.document)?;
        return Ok(Some(Claimed { item, prepared, xml }));
    }
}

/// The error of a queue that names a message which is not kept: only damage does that.
fn lost_message(item: &QueueItem) -> Error {
    let (attempt, document) = (item.attempt, &item.document);
    Error::new(
        Code::Storage,
        bilingual!(
            "В хранилище нет сообщения {attempt} документа {document}, стоящего в очереди: файл повреждён. Восстановите его из резервной копии.",
            "The store lacks the queued message {attempt} of the document {document}: the file is damaged. Restore it from a backup."
        ),
    )
}

/// Until when a query of this kind has to wait; `None` if it may go now.
fn pause_until(ledger: &mut Ledger<'_>, settings: &ExchangeSettings, kind: &str) -> Result<Option<Moment>> {
    if kind.is_empty() {
        return Ok(None);
    }
    // A query of the future was sent while the clock was wrong.
    let last = ledger.session.last_query(&settings.fsrar_id, kind)?.filter(|last| *last <= ledger.now);
    Ok(last.map(|last| last.plus(settings.pause(kind))).filter(|free| *free > ledger.now))
}

fn hold_back(ledger: &mut Ledger<'_>, item: &mut QueueItem, free: Moment, language: Language) -> Result<()> {
    item.not_before = Some(free);
    ledger.session.requeue(item)?;
    let at = super::changes::local_text(free);
    let text = bilingual!(
        "Запрос подождёт в очереди до {at}: между запросами этого вида нужна пауза.",
        "The query waits in the queue until {at}: queries of this kind need a pause between them."
    );
    put_back(ledger, item, text.in_language(language))
}

/// Keeps the reason why a message is still in the queue.
fn put_back(ledger: &mut Ledger<'_>, item: &QueueItem, text: &str) -> Result<()> {
    let Some(prepared) = ledger.session.event(item.attempt)? else { return Ok(()) };
    let facts = LocalFacts { text: text.to_owned(), ..LocalFacts::default() };
    note(ledger, item, &prepared, EventKind::NotSent, None, &facts)?;
    ledger.refresh(&item.document).map(drop)
}

/// How a message left, as far as it is known.
#[derive(Debug, Clone)]
pub enum Outcome {
    /// UTM took it.
    Accepted(Receipt),
    /// UTM refused it.
    Refused(String),
    /// It surely did not arrive and waits again; not before the moment.
    NotSent(String, Option<Moment>),
    /// Nobody knows.
    Unknown(String),
}

impl Outcome {
    /// What a post means for a message of this kind at this moment.
    pub fn of(posted: Posted, now: Moment, language: Language) -> Self {
        /// When a temporary refusal is tried again.
        const SOON: Duration = Duration::from_secs(60);
        match posted {
            Posted::Accepted(receipt) => Self::Accepted(receipt),
            Posted::Refused { text, is_temporary: true } => Self::NotSent(text, Some(now.plus(SOON))),
            Posted::Refused { text, is_temporary: false } => Self::Refused(text),
            Posted::NotSent(error) => Self::NotSent(error.text(language).to_owned(), None),
            Posted::Unknown(error) => Self::Unknown(error.text(language).to_owned()),
        }
    }
}

/// Makes durable how a message left. `repeat_after` is the pause after which a query of unknown outcome is repeated.
///
/// # Errors
/// `storage`.
pub fn record(
    ledger: &mut Ledger<'_>,
    item: &QueueItem,
    outcome: Outcome,
    repeat_after: Duration,
) -> Result<()> {
    // Somebody may have decided meanwhile: a late answer, or another process after the claim ran out.
    let Some(mut item) = ledger.session.queued(item.attempt)? else { return Ok(()) };
    let Some(prepared) = ledger.session.event(item.attempt)? else { return Ok(()) };
    let reason = |text: String| LocalFacts { text, ..LocalFacts::default() };
    match outcome {
        Outcome::Accepted(receipt) => {
            let facts = LocalFacts { url: receipt.url, sign: receipt.sign, ..LocalFacts::default() };
            note(ledger, &item, &prepared, EventKind::Sent, Some(&receipt.reply_id), &facts)?;
            ledger.session.dequeue(item.attempt)?;
            collect_replies(ledger, &item.organisation, &item.document, item.attempt, &receipt.reply_id)?;
            ledger.refresh(&item.document)?;
            return collect(ledger, &item.organisation, &item.document);
        }
        Outcome::Refused(text) => {
            note(ledger, &item, &prepared, EventKind::Refused, None, &reason(text))?;
            ledger.session.dequeue(item.attempt)?;
        }
        Outcome::NotSent(text, not_before) => {
            back_to_queue(ledger, &mut item, not_before)?;
            note(ledger, &item, &prepared, EventKind::NotSent, None, &reason(text))?;
        }
        // A query may be asked twice without harm.
        Outcome::Unknown(text) if !item.pause_kind.is_empty() => {
            let not_before = ledger.now.plus(repeat_after);
            // If it is this query that UTM chokes on, the others must not wait for it.
            item.priority -= 1;
            back_to_queue(ledger, &mut item, Some(not_before))?;
            note(ledger, &item, &prepared, EventKind::NotSent, None, &reason(text))?;
        }
        Outcome::Unknown(text) => {
            release(&mut item, QueueState::Unknown);
            ledger.session.requeue(&item)?;
            note(ledger, &item, &prepared, EventKind::OutcomeUnknown, None, &reason(text))?;
        }
    }
    ledger.refresh(&item.document).map(drop)
}

fn back_to_queue(ledger: &mut Ledger<'_>, item: &mut QueueItem, not_before: Option<Moment>) -> Result<()> {
    release(item, QueueState::Queued);
    item.not_before = not_before;
    ledger.session.requeue(item)
}

/// Ends the claim of an attempt.
fn release(item: &mut QueueItem, state: QueueState) {
    item.state = state;
    item.claim_owner = None;
    item.claim_until = None;
}

/// Takes over messages whose sender vanished: their claims have run out without an outcome.
///
/// # Errors
/// `storage`.
pub fn recover(ledger: &mut Ledger<'_>, settings: &ExchangeSettings, language: Language) -> Result<()> {
    for item in ledger.session.queue(&settings.fsrar_id, QueueState::Sending)? {
        if item.claim_until.is_some_and(|until| until > ledger.now) {
            continue;
        }
        let text = bilingual!(
            "Передача прервалась, исход неизвестен: процесс, который её вёл, не сообщил результата.",
            "Sending was interrupted, the outcome is unknown: the process that did it told no result."
        );
        let outcome = Outcome::Unknown(text.in_language(language).to_owned());
        record(ledger, &item, outcome, settings.pause(&item.pause_kind))?;
    }
    Ok(())
}

/// Takes an attempt that was not sent out of the queue.
///
/// # Errors
/// `storage`.
pub fn cancel(ledger: &mut Ledger<'_>, item: &QueueItem) -> Result<()> {
    let Some(prepared) = ledger.session.event(item.attempt)? else { return Ok(()) };
    note(ledger, item, &prepared, EventKind::Cancelled, None, &LocalFacts::default())?;
    ledger.session.dequeue(item.attempt)?;
    ledger.refresh(&item.document).map(drop)
}

/// Appends an event about an attempt.
fn note(
    ledger: &mut Ledger<'_>,
    item: &QueueItem,
    prepared: &Event,
    kind: EventKind,
    reply_id: Option<&str>,
    facts: &LocalFacts,
) -> Result<()> {
    let facts = write_facts(facts);
    let event = NewEvent {
        document: Some(&item.document),
        attempt: Some(item.attempt),
        reply_id,
        ..NewEvent::new(ledger.now, &item.organisation, kind, &prepared.doc_type, &facts)
    };
    ledger.session.append(&event).map(drop)
}
