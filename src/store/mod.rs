//! Durable state: settings, documents, the outgoing queue, incoming documents, the protocol, pauses and leases.
//!
//! Whatever was accepted survives a kill of the process at any instant. The rooms above speak to one narrow
//! interface: a [`Store`] runs work inside a transaction and hands it a [`Session`], whose methods are plain row
//! operations. It knows nothing of EGAIS: statuses, types and facts are texts to it. [`sqlite`] is the first
//! engine; an engine over a database server implements the same two traits.
//!
//! The protocol ([`Event`]) is the source of truth, only ever appended to; a [`Document`] is what follows from the
//! events of one key and can be computed anew at any time.

pub mod fault;
mod model;
mod moment;
pub mod sqlite;

pub use model::{
    Claim, Document, DocumentFilter, Event, EventCount, EventFilter, EventId, EventKind, Incoming, Lease,
    ListingKey, NewEvent, NewIncoming, QueueItem, QueueState, StatusCount, content_hash,
};
pub use moment::Moment;

use crate::error::Result;
use std::time::Duration;

/// Work that a transaction runs. It may be refused and rolled back as a whole, never half done.
pub type Work<'w> = dyn FnMut(&mut dyn Session) -> Result<()> + 'w;

/// A durable store that several threads and several processes may use at once.
pub trait Store: Send + Sync {
    /// Runs `work` and makes its changes durable before it returns; an error of `work` undoes all of them.
    ///
    /// # Errors
    /// What `work` returns; `busy` when another process holds the store too long; `storage` when it fails.
    fn transaction(&self, work: &mut Work<'_>) -> Result<()>;

    /// Runs `work` on one unchanging state. Changes it makes are dropped.
    ///
    /// # Errors
    /// As [`Store::transaction`].
    fn snapshot(&self, work: &mut Work<'_>) -> Result<()>;
}

/// Runs `work` in a durable transaction and gives its result.
///
/// # Errors
/// As [`Store::transaction`].
pub fn write<T>(store: &dyn Store, mut work: impl FnMut(&mut dyn Session) -> Result<T>) -> Result<T> {
    let mut result = None;
    store.transaction(&mut |session| {
        result = Some(work(session)?);
        Ok(())
    })?;
    result.ok_or_else(model::work_not_run)
}

/// Runs `work` on one unchanging state and gives its result.
///
/// # Errors
/// As [`Store::snapshot`].
pub fn read<T>(store: &dyn Store, mut work: impl FnMut(&mut dyn Session) -> Result<T>) -> Result<T> {
    let mut result = None;
    store.snapshot(&mut |session| {
        result = Some(work(session)?);
        Ok(())
    })?;
    result.ok_or_else(model::work_not_run)
}

/// Row operations inside a transaction. Every method fails with `storage` when the engine fails.
///
/// An organisation is its FSRAR_ID, a document is the key that the caller of the library chose.
pub trait Session {
    /// Runs `work`; if it fails, undoes what it did and nothing else, and returns its error.
    fn savepoint(&mut self, work: &mut Work<'_>) -> Result<()>;

    // --- settings and marks

    /// Settings of all organisations as (organisation, JSON), by organisation.
    fn settings(&mut self) -> Result<Vec<(String, String)>>;
    /// Adds or replaces the settings of an organisation.
    fn put_settings(&mut self, organisation: &str, json: &str, now: Moment) -> Result<()>;
    /// Removes the settings of an organisation; false if there were none.
    fn delete_settings(&mut self, organisation: &str) -> Result<bool>;
    /// A named fact about an organisation, such as the last exchange, with the time it was written.
    fn mark(&mut self, organisation: &str, name: &str) -> Result<Option<(String, Moment)>>;
    /// Adds or replaces a named fact.
    fn put_mark(&mut self, organisation: &str, name: &str, value: &str, now: Moment) -> Result<()>;

    // --- documents

    /// A document by its key.
    fn document(&mut self, key: &str) -> Result<Option<Document>>;
    /// Adds or replaces a document.
    fn put_document(&mut self, document: &Document) -> Result<()>;
    /// Removes a document, not its events.
    fn delete_document(&mut self, key: &str) -> Result<()>;
    /// Documents of an organisation with this registration number.
    fn documents_by_registration(&mut self, organisation: &str, registration: &str) -> Result<Vec<Document>>;
    /// Documents of an organisation with this number, date and shipper.
    fn documents_by_pairing(&mut self, organisation: &str, pairing: &str) -> Result<Vec<Document>>;
    /// Documents that a filter lets through, oldest first.
    fn documents(&mut self, filter: &DocumentFilter) -> Result<Vec<Document>>;
    /// Number of documents by organisation and status.
    fn status_counts(&mut self) -> Result<Vec<StatusCount>>;

    // --- the protocol

    /// Appends an event; its body is kept compressed.
    fn append(&mut self, event: &NewEvent<'_>) -> Result<EventId>;
    /// One event.
    fn event(&mut self, id: EventId) -> Result<Option<Event>>;
    /// Events of a document in the order of their ids.
    fn events_of(&mut self, document: &str) -> Result<Vec<Event>>;
    /// Keys of all documents that have events, in pages: keys after `after`, at most `limit`.
    fn event_documents(&mut self, after: &str, limit: usize) -> Result<Vec<String>>;
    /// Events of an organisation with this reply id.
    fn events_by_reply(&mut self, organisation: &str, reply_id: &str) -> Result<Vec<Event>>;
    /// Events of an organisation with this registration number.
    fn events_by_registration(&mut self, organisation: &str, registration: &str) -> Result<Vec<Event>>;
    /// Events of an organisation with this `Identity`.
    fn events_by_identity(&mut self, organisation: &str, identity: &str) -> Result<Vec<Event>>;
    /// Events of an organisation with this number, date and shipper.
    fn events_by_pairing(&mut self, organisation: &str, pairing: &str) -> Result<Vec<Event>>;
    /// Ties an event to a document and, if known, to the attempt it answers.
    fn assign(&mut self, id: EventId, document: Option<&str>, attempt: Option<EventId>) -> Result<()>;
    /// The bytes an event keeps.
    fn body(&mut self, id: EventId) -> Result<Option<Vec<u8>>>;
    /// Events that a filter lets through, newest first.
    fn protocol(&mut self, filter: &EventFilter) -> Result<Vec<Event>>;
    /// The number of the newest event, 0 without one.
    fn newest_event(&mut self) -> Result<EventId>;
    /// Events by kind in stretches of time of that length since a moment, of those with a number larger than `after`.
    fn event_counts(&mut self, after: EventId, since: Moment, stretch: Duration) -> Result<Vec<EventCount>>;
    /// The latest received event of a type (compared without regard to case), by arrival.
    fn last_received(&mut self, organisation: &str, doc_type: &str) -> Result<Option<Event>>;
    /// Gives events, documents, queue and all else of the key `from` to the key `to`.
    fn rename_document(&mut self, from: &str, to: &str) -> Result<()>;

    // --- the outgoing queue

    /// Adds an attempt to the queue.
    fn enqueue(&mut self, item: &QueueItem) -> Result<()>;
    /// One attempt of the queue.
    fn queued(&mut self, attempt: EventId) -> Result<Option<QueueItem>>;
    /// The attempt of an organisation that is to be sent next, of those that may be sent now.
    fn next_queued(&mut self, organisation: &str, now: Moment) -> Result<Option<QueueItem>>;
    /// Attempts of an organisation in a state, in the order in which they are to be sent.
    fn queue(&mut self, organisation: &str, state: QueueState) -> Result<Vec<QueueItem>>;
    /// Attempts of a document that are in the queue.
    fn queue_of(&mut self, document: &str) -> Result<Vec<QueueItem>>;
    /// Replaces what the queue says of an attempt.
    fn requeue(&mut self, item: &QueueItem) -> Result<()>;
    /// Takes an attempt out of the queue.
    fn dequeue(&mut self, attempt: EventId) -> Result<()>;
    /// The time of the oldest attempt of an organisation that is not sent yet.
    fn oldest_queued(&mut self, organisation: &str) -> Result<Option<Moment>>;

    // --- incoming documents

    /// Incoming documents known under this place in a listing.
    fn incoming(&mut self, organisation: &str, key: &ListingKey) -> Result<Vec<Incoming>>;
    /// Keeps an incoming document; false if the very same one is already kept.
    fn put_incoming(&mut self, incoming: &NewIncoming<'_>) -> Result<bool>;
    /// Says that the other side no longer keeps an incoming document.
    fn incoming_removed(&mut self, id: i64) -> Result<()>;

    // --- pauses and leases

    /// When a query of this kind was last sent for this organisation.
    fn last_query(&mut self, organisation: &str, kind: &str) -> Result<Option<Moment>>;
    /// Notes that a query of this kind is being sent.
    fn put_query(&mut self, organisation: &str, kind: &str, now: Moment) -> Result<()>;
    /// Takes or prolongs the lease of an organisation up to `until`; gives the other holder if it is taken.
    fn acquire_lease(&mut self, lease: &Lease, now: Moment) -> Result<Claim>;
    /// Gives a lease back, if it is still held by this owner.
    fn release_lease(&mut self, organisation: &str, owner: &str) -> Result<()>;

    // --- maintenance

    /// Keys of documents in a final state whose last event is older than `before`, at most `limit`.
    fn prunable(&mut self, before: Moment, limit: usize) -> Result<Vec<String>>;
    /// Removes the events of a document with their bodies and leaves `summary` in their place.
    fn prune(&mut self, document: &str, summary: &NewEvent<'_>) -> Result<u64>;
    /// Removes events older than `before` that no document is known for, with their bodies, at most `limit`; gives their
    /// number. A message among them that the other side still keeps counts as new again.
    fn prune_unmatched(&mut self, before: Moment, limit: usize) -> Result<u64>;
}
