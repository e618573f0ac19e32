//! The rows of the store as types. Texts such as statuses and types have no meaning here.

use super::moment::Moment;
use crate::bilingual;
use crate::error::{Code, Error};

/// Number of an event: grows with every event of a store, never used twice.
pub type EventId = i64;

/// An enumeration whose members have a name in the store, which never changes.
macro_rules! named {
    ($(#[$meta:meta])* $name:ident { $($(#[$doc:meta])* $member:ident = $text:literal;)+ }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum $name { $($(#[$doc])* $member,)+ }

        impl $name {
            /// All members.
            pub const ALL: &'static [Self] = &[$(Self::$member,)+];

            /// The name in the store.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$member => $text,)+ }
            }

            /// The member of this name.
            pub fn from_name(name: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|member| member.as_str() == name)
            }
        }
    };
}

named! {
    /// What happened.
    EventKind {
        /// A message was built, checked and queued; its event id names the attempt from here on.
        Prepared = "prepared";
        /// The attempt was taken out of the queue unsent.
        Cancelled = "cancelled";
        /// The attempt is about to be sent: durable before the first byte leaves.
        Sending = "sending";
        /// The attempt surely did not arrive; it is queued again.
        NotSent = "not_sent";
        /// The other side took the attempt and gave it a reply id.
        Sent = "sent";
        /// The other side answered the attempt with an error.
        Refused = "refused";
        /// Nobody knows whether the attempt arrived.
        OutcomeUnknown = "outcome_unknown";
        /// The user took an attempt back locally.
        Undone = "undone";
        /// A document came in.
        Received = "received";
        /// The other side was told to forget a document.
        Deleted = "deleted";
        /// A newer document takes the place of this one.
        Superseded = "superseded";
        /// The key of a document was changed.
        Bound = "bound";
        /// What was left of a document after its events were removed.
        Summary = "summary";
    }
}

impl EventKind {
    /// True for what came in from the other side, false for what we did.
    pub fn is_incoming(self) -> bool {
        matches!(self, Self::Received)
    }
}

/// An event to be appended.
#[derive(Debug, Clone, Copy)]
pub struct NewEvent<'a> {
    /// When it happened.
    pub time: Moment,
    /// FSRAR_ID.
    pub organisation: &'a str,
    /// Key of the document, if it is known.
    pub document: Option<&'a str>,
    /// The `Prepared` event this one speaks of, if it is known.
    pub attempt: Option<EventId>,
    /// What happened.
    pub kind: EventKind,
    /// Type of the message, such as `WayBill_v4` or `Ticket`.
    pub doc_type: &'a str,
    /// Identifier that ties answers to a request.
    pub reply_id: Option<&'a str>,
    /// Registration number in EGAIS.
    pub registration: Option<&'a str>,
    /// `Identity` of the message.
    pub identity: Option<&'a str>,
    /// Number, date and shipper as one text.
    pub pairing: Option<&'a str>,
    /// Everything else that statuses are computed from, as JSON.
    pub facts: &'a str,
    /// The message itself.
    pub body: Option<&'a [u8]>,
}

impl<'a> NewEvent<'a> {
    /// An event of which nothing else is known; what is known replaces it by `..`.
    pub fn new(
        time: Moment,
        organisation: &'a str,
        kind: EventKind,
        doc_type: &'a str,
        facts: &'a str,
    ) -> Self {
        Self {
            time,
            organisation,
            document: None,
            attempt: None,
            kind,
            doc_type,
            reply_id: None,
            registration: None,
            identity: None,
            pairing: None,
            facts,
            body: None,
        }
    }
}

/// An event as it is kept; its body is read by [`Session::body`](super::Session::body).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// Number of the event.
    pub id: EventId,
    /// When it happened.
    pub time: Moment,
    /// FSRAR_ID.
    pub organisation: String,
    /// Key of the document, if it is known.
    pub document: Option<String>,
    /// The `Prepared` event this one speaks of, if it is known.
    pub attempt: Option<EventId>,
    /// What happened.
    pub kind: EventKind,
    /// Type of the message.
    pub doc_type: String,
    /// Identifier that ties answers to a request.
    pub reply_id: Option<String>,
    /// Registration number in EGAIS.
    pub registration: Option<String>,
    /// `Identity` of the message.
    pub identity: Option<String>,
    /// Number, date and shipper as one text.
    pub pairing: Option<String>,
    /// Everything else, as JSON.
    pub facts: String,
    /// True if the event keeps bytes.
    pub has_body: bool,
}

/// A document as it follows from its events.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Document {
    /// The key chosen by the caller, or generated for a document nobody asked for.
    pub key: String,
    /// FSRAR_ID.
    pub organisation: String,
    /// Type of the document, such as `WayBill_v4`.
    pub doc_type: String,
    /// Kind of its state machine.
    pub kind: String,
    /// Status.
    pub status: String,
    /// True if nothing more is expected to happen to it.
    pub is_final: bool,
    /// Registration number in EGAIS.
    pub registration: Option<String>,
    /// `Identity`.
    pub identity: Option<String>,
    /// Number, date and shipper as one text.
    pub pairing: Option<String>,
    /// Reply id of the last attempt.
    pub reply_id: Option<String>,
    /// Last operation.
    pub operation: Option<String>,
    /// Text of the last failure that still stands.
    pub error: Option<String>,
    /// True if a reply with data is kept.
    pub has_data: bool,
    /// Whatever the caller gave to recognise messages by.
    pub owner: Option<String>,
    /// Time of the first event.
    pub created: Moment,
    /// Time of the last event.
    pub changed: Moment,
}

/// Which documents to list; empty lists and `None` let everything through.
#[derive(Debug, Clone, Default)]
pub struct DocumentFilter {
    /// Organisations.
    pub organisations: Vec<String>,
    /// Kinds of state machines.
    pub kinds: Vec<String>,
    /// Types of documents, without regard to case.
    pub types: Vec<String>,
    /// Statuses.
    pub statuses: Vec<String>,
    /// Only documents that wait for something, or only those that do not.
    pub is_final: Option<bool>,
    /// Changed at or after.
    pub since: Option<Moment>,
    /// Changed before.
    pub until: Option<Moment>,
    /// At most so many.
    pub limit: Option<usize>,
}

/// Which events to list; empty lists and `None` let everything through.
#[derive(Debug, Clone, Default)]
pub struct EventFilter {
    /// Organisations.
    pub organisations: Vec<String>,
    /// One document.
    pub document: Option<String>,
    /// Kinds of events.
    pub kinds: Vec<EventKind>,
    /// Types of messages, without regard to case.
    pub types: Vec<String>,
    /// Only events that no document is known for.
    pub unmatched: bool,
    /// At or after.
    pub since: Option<Moment>,
    /// Before.
    pub until: Option<Moment>,
    /// With a smaller number than this: for reading page by page.
    pub before: Option<EventId>,
    /// With a larger number than this: for looking at the newest ones only.
    pub after: Option<EventId>,
    /// At most so many.
    pub limit: Option<usize>,
}

/// Number of events of one kind in one stretch of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EventCount {
    /// Which stretch, from 0.
    pub stretch: usize,
    /// Kind.
    pub kind: EventKind,
    /// So many.
    pub count: u64,
}

/// Number of documents of one organisation in one status.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatusCount {
    /// FSRAR_ID.
    pub organisation: String,
    /// Kind of the state machine.
    pub kind: String,
    /// Status.
    pub status: String,
    /// So many.
    pub count: u64,
}

named! {
    /// Where an attempt of the queue stands.
    QueueState {
        /// Waits to be sent.
        Queued = "queued";
        /// Is being sent: by this machine or by a client that was given the message.
        Sending = "sending";
        /// Nobody knows whether it arrived; waits for evidence or a person's decision.
        Unknown = "unknown";
    }
}

/// An attempt in the outgoing queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueueItem {
    /// The `Prepared` event, which keeps the message.
    pub attempt: EventId,
    /// FSRAR_ID.
    pub organisation: String,
    /// Key of the document.
    pub document: String,
    /// Last part of the address the message is posted to.
    pub url_name: String,
    /// Kind of query whose pause holds, empty for none.
    pub pause_kind: String,
    /// Where it stands.
    pub state: QueueState,
    /// Higher goes first.
    pub priority: i64,
    /// Not to be sent earlier.
    pub not_before: Option<Moment>,
    /// Who is sending it.
    pub claim_owner: Option<String>,
    /// Until when that claim holds.
    pub claim_until: Option<Moment>,
    /// When it was queued.
    pub created: Moment,
}

/// What a listing says of an incoming document; empty texts for what it does not say.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct ListingKey {
    /// Path of the document, without host.
    pub path: String,
    /// `replyId`.
    pub reply_id: String,
    /// `fileId`.
    pub file_id: String,
    /// `timestamp`, as it was written.
    pub timestamp: String,
}

impl ListingKey {
    /// True if the place alone tells the document: numbers in paths restart, so without a file id or a time only the
    /// content does.
    pub fn is_certain(&self) -> bool {
        !self.file_id.is_empty() || !self.timestamp.is_empty()
    }
}

/// An incoming document to be kept.
#[derive(Debug, Clone, Copy)]
pub struct NewIncoming<'a> {
    /// FSRAR_ID.
    pub organisation: &'a str,
    /// Its place in the listing.
    pub key: &'a ListingKey,
    /// [`content_hash`] of its bytes.
    pub hash: &'a str,
    /// The `Received` event, which keeps the bytes.
    pub event: EventId,
}

/// An incoming document that is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Incoming {
    /// Number of the row.
    pub id: i64,
    /// [`content_hash`] of its bytes.
    pub hash: String,
    /// The `Received` event; `None` once it was pruned.
    pub event: Option<EventId>,
    /// True if the other side no longer keeps it.
    pub removed: bool,
}

/// The right to serve an organisation for a while.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lease {
    /// FSRAR_ID.
    pub organisation: String,
    /// Who holds it: unique to a process and an object in it.
    pub owner: String,
    /// Until when; afterwards anybody may take it.
    pub until: Moment,
}

/// Answer to a request for a lease.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Claim {
    /// It is ours.
    Granted,
    /// Somebody else holds it.
    Held(Lease),
}

/// SHA-256 of the bytes as lower-case hex: tells documents apart when numbers restart.
pub fn content_hash(bytes: &[u8]) -> String {
    let digest = ring::digest::digest(&ring::digest::SHA256, bytes);
    digest.as_ref().iter().fold(String::with_capacity(64), |mut text, byte| {
        for nibble in [byte >> 4, byte & 15] {
            text.push(char::from_digit(u32::from(nibble), 16).unwrap_or('0'));
        }
        text
    })
}

/// A store that reports success must have run the work it was given.
pub(super) fn work_not_run() -> Error {
    Error::new(
        Code::Internal,
        bilingual!(
            "Хранилище сообщило об успехе, не выполнив работу.",
            "The store reported success without running the work."
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_kinds_and_states_lead_back() {
        for kind in EventKind::ALL {
            assert_eq!(EventKind::from_name(kind.as_str()), Some(*kind));
        }
        for state in QueueState::ALL {
            assert_eq!(QueueState::from_name(state.as_str()), Some(*state));
        }
    }

    #[test]
    fn the_hash_is_sha_256() {
        // FIPS 180-4, the example of one block.
        assert_eq!(content_hash(b"abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }
}
