//! Events of the protocol and the documents that follow from them.
//!
//! What we write into the `facts` of our own events, how the events of one document become the [`History`] of a
//! state machine, and how a document's row is projected from them. A row holds nothing that its events do not.

use super::facts::{Facts, Stage, Verdict, family_of, pairing_key};
use super::machine::{Action, Attempt, History, Kind, Local, Signal, SignalKind, State, Status, fold};
use crate::error::Result;
use crate::store::{Document, Event, EventKind, Session};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

/// Facts of a `Prepared` event.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct PreparedFacts {
    /// [`Kind`] of the document, English name.
    pub kind: String,
    /// [`Action`], English name.
    pub action: String,
    /// Type of the document (the message may be another, such as an act on a waybill).
    pub document_type: String,
    /// Name in addresses.
    pub url: String,
    /// Hash of the message.
    pub hash: String,
    /// The attempt whose message this repeats.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resend_of: Option<i64>,
    /// What the caller gave to recognise its messages by.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
}

/// Facts of `NotSent`, `Refused` and `OutcomeUnknown`: the reason; of `Sent`: what UTM gave.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct LocalFacts {
    /// The reason.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub text: String,
    /// Address of a cheque.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub url: String,
    /// Signature of a cheque.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub sign: String,
    /// True if the reply id was found later, not in the reply to the post.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub adopted: bool,
}

/// Facts of a `Received` event.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ReceivedFacts {
    /// The head of the message.
    #[serde(flatten)]
    pub facts: Facts,
    /// Place among other messages by its own dates.
    pub order: i64,
    /// Hash of the message.
    pub hash: String,
}

/// Facts of a `Summary` event: the row as it was.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct SummaryFacts {
    /// [`Kind`], English name.
    pub kind: String,
    /// [`Status`], English name.
    pub status: String,
    /// Type of the document.
    pub document_type: String,
    /// Last operation, English name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub operation: Option<String>,
    /// Reply id of the last attempt.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reply_id: Option<String>,
    /// Recognises messages of the caller.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
    /// True if a reply with data had come.
    pub has_data: bool,
    /// Time of the first event, in milliseconds.
    pub created: i64,
}

/// The facts of an event; what cannot be read counts as absent.
pub fn read_facts<T: DeserializeOwned + Default>(event: &Event) -> T {
    serde_json::from_str(&event.facts).unwrap_or_default()
}

/// Facts as the text of an event.
pub fn write_facts<T: Serialize>(facts: &T) -> String {
    // A structure of texts and numbers always has a JSON form.
    serde_json::to_string(facts).unwrap_or_else(|_| "{}".to_owned())
}

/// True for a form that registers a waybill.
pub fn is_form(element: &str) -> bool {
    matches!(element, "TTNInformBReg" | "TTNInformF2Reg")
}

/// True for a waybill of any version.
pub fn is_waybill(element: &str) -> bool {
    family_of(element) == "WayBill"
}

/// What follows from the events of one document.
#[derive(Debug, Clone)]
pub struct Projection {
    /// The row.
    pub document: Document,
    /// Its state.
    pub state: State,
    /// What the state was computed from.
    pub history: History,
}

/// Computes a document from its events.
pub fn project(key: &str, events: &[Event]) -> Option<Projection> {
    let first = events.iter().map(|event| event.time).min()?;
    // What UTM was told to forget changes nothing here.
    let own = events.iter().filter(|event| event.kind != EventKind::Deleted);
    let last = own.map(|event| event.time).max()?;
    let mut reading = Reading::default();
    let mut sorted: Vec<&Event> = events.iter().collect();
    sorted.sort_by_key(|event| event.id);
    for event in sorted {
        reading.take(event);
    }
    reading.attribute_tickets();
    let kind = reading.kind();
    let history = History {
        kind,
        start: reading.start,
        signals: reading.signals(kind),
        may_request_resend: reading.registration().is_some(),
        attempts: reading.attempts.iter().map(|known| known.attempt.clone()).collect(),
    };
    let state = fold(&history);
    let last_attempt = reading.attempts.iter().max_by_key(|known| known.attempt.id);
    let summary = reading.summary.clone().unwrap_or_default();
    let operation = state.operation.map(|action| action.en().to_owned()).or(summary.operation);
    let document = Document {
        key: key.to_owned(),
        organisation: events.first().map(|event| event.organisation.clone()).unwrap_or_default(),
        doc_type: reading.document_type(),
        kind: kind.en().to_owned(),
        status: state.status.en().to_owned(),
        is_final: state.is_final,
        registration: reading.registration().or_else(|| state.registration.clone()),
        identity: reading.identity.clone(),
        pairing: reading.pairing.clone(),
        reply_id: last_attempt.map_or(summary.reply_id, |known| known.reply_id.clone()),
        operation,
        error: state.error.clone(),
        has_data: summary.has_data || reading.attempts.iter().any(|known| known.attempt.has_reply),
        owner: reading.owner.clone().or(summary.owner),
        created: reading.created.unwrap_or(first),
        changed: last,
    };
    Some(Projection { document, state, history })
}

/// Reads the events of a document, computes it anew and keeps it; gives what follows from its events.
///
/// # Errors
/// `storage`.
pub fn refresh(session: &mut dyn Session, key: &str) -> Result<Option<Projection>> {
    let events = session.events_of(key)?;
    let projection = project(key, &events);
    match &projection {
        Some(projection) => session.put_document(&projection.document)?,
        None => session.delete_document(key)?,
    }
    Ok(projection)
}

/// An attempt with what only the projection needs.
#[derive(Debug, Clone, Default)]
struct KnownAttempt {
    attempt: Attempt,
    reply_id: Option<String>,
}

/// A message that came in, on its way into the history.
#[derive(Debug, Clone)]
struct Incoming {
    facts: Facts,
    order: i64,
    hash: String,
    arrival: i64,
    attempt: Option<i64>,
    reply_id: Option<String>,
}

/// Collects the events of one document.
#[derive(Debug, Default)]
struct Reading {
    kind: Option<Kind>,
    start: Option<Status>,
    summary: Option<SummaryFacts>,
    created: Option<crate::store::Moment>,
    document_type: String,
    attempts: Vec<KnownAttempt>,
    incoming: Vec<Incoming>,
    superseded: Option<i64>,
    identity: Option<String>,
    pairing: Option<String>,
    owner: Option<String>,
    own_registration: Option<String>,
}

impl Reading {
    fn take(&mut self, event: &Event) {
        match event.kind {
            EventKind::Prepared => self.prepared(event),
            EventKind::Cancelled => self.local(event, |_| Local::Cancelled),
            EventKind::Sending => self.local(event, |_| Local::Sending),
            EventKind::NotSent => self.local(event, |facts| Local::NotSent(facts.text)),
            EventKind::Refused => self.local(event, |facts| Local::Refused(facts.text)),
            EventKind::OutcomeUnknown => self.local(event, |facts| Local::Unknown(facts.text)),
            EventKind::Undone => self.local(event, |_| Local::Undone),
            EventKind::Sent => {
                self.local(event, |_| Local::Sent);
                if let Some(known) = self.attempt(event.attempt) {
                    known.reply_id.clone_from(&event.reply_id);
                }
            }
            EventKind::Received => {
                let ReceivedFacts { facts, order, hash } = read_facts(event);
                let reply_id = event.reply_id.clone();
                let (arrival, attempt) = (event.id, event.attempt);
                self.incoming.push(Incoming { facts, order, hash, arrival, attempt, reply_id });
            }
            EventKind::Superseded => self.superseded = Some(event.id),
            EventKind::Summary => self.summary(event),
            EventKind::Deleted | EventKind::Bound => {}
        }
    }

    fn prepared(&mut self, event: &Event) {
        let facts: PreparedFacts = read_facts(event);
        let action = Action::from_name(&facts.action);
        if self.kind.is_none() {
            self.kind = Kind::from_name(&facts.kind);
        }
        if action == Some(Action::Send) {
            self.document_type.clone_from(&facts.document_type);
            self.identity.clone_from(&event.identity);
            self.pairing.clone_from(&event.pairing);
        } else if event.registration.is_some() {
            self.own_registration.clone_from(&event.registration);
            if self.pairing.is_none() {
                self.pairing.clone_from(&event.pairing);
            }
        }
        if facts.owner.is_some() {
            self.owner.clone_from(&facts.owner);
        }
        let attempt = Attempt {
            id: event.id,
            action,
            message: event.doc_type.clone(),
            hash: facts.hash,
            resend_of: facts.resend_of,
            ..Attempt::default()
        };
        self.attempts.push(KnownAttempt { attempt, reply_id: None });
    }

    fn summary(&mut self, event: &Event) {
        let facts: SummaryFacts = read_facts(event);
        self.kind = Kind::from_name(&facts.kind);
        self.start = Status::from_name(&facts.status);
        self.document_type.clone_from(&facts.document_type);
        self.created = Some(crate::store::Moment::from_millis(facts.created));
        self.own_registration.clone_from(&event.registration);
        self.identity.clone_from(&event.identity);
        self.pairing.clone_from(&event.pairing);
        self.summary = Some(facts);
    }

    fn attempt(&mut self, id: Option<i64>) -> Option<&mut KnownAttempt> {
        let id = id?;
        self.attempts.iter_mut().find(|known| known.attempt.id == id)
    }

    fn local(&mut self, event: &Event, state: impl Fn(LocalFacts) -> Local) {
        let facts: LocalFacts = read_facts(event);
        if let Some(known) = self.attempt(event.attempt) {
            known.attempt.local = state(facts);
        }
    }

    /// Gives every answer to its attempt; tickets that name none to the attempt they fit.
    fn attribute_tickets(&mut self) {
        self.incoming.sort_by(|left, right| (left.order, &left.hash).cmp(&(right.order, &right.hash)));
        let incoming = self.incoming.clone();
        let (known, rest): (Vec<_>, Vec<_>) = incoming.iter().partition(|message| message.attempt.is_some());
        for message in known {
            if let Some(attempt) = self.attempt(message.attempt) {
                answer(&mut attempt.attempt, &message.facts);
            }
        }
        for message in rest.into_iter().filter(|message| message.facts.is("Ticket")) {
            if let Some(attempt) = self.attempts.iter_mut().find(|known| fits(known, message)) {
                answer(&mut attempt.attempt, &message.facts);
            }
        }
    }

    fn kind(&self) -> Kind {
        let has_piece = || {
            self.incoming
                .iter()
                .any(|message| is_waybill(&message.facts.element) || is_form(&message.facts.element))
        };
        self.kind.unwrap_or_else(|| if has_piece() { Kind::IncomingWaybill } else { Kind::Other })
    }

    fn pieces(&self, wanted: fn(&str) -> bool) -> impl Iterator<Item = &Incoming> {
        self.incoming.iter().filter(move |message| wanted(&message.facts.element))
    }

    fn document_type(&self) -> String {
        let piece = self.pieces(is_waybill).next().map(|message| message.facts.element.clone());
        let named = (!self.document_type.is_empty()).then(|| self.document_type.clone());
        named.or(piece).unwrap_or_else(|| {
            if self.kind() == Kind::IncomingWaybill { "WayBill".into() } else { String::new() }
        })
    }

    /// The number of the document that is in force.
    fn registration(&self) -> Option<String> {
        let sent = self
            .attempts
            .iter()
            .filter(|known| known.attempt.action == Some(Action::Send))
            .max_by_key(|known| known.attempt.id);
        match sent {
            Some(known) => known.attempt.registration.clone(),
            None => {
                let form = self.pieces(is_form).map(|message| message.facts.registration.clone()).next();
                form.or_else(|| self.own_registration.clone())
            }
        }
    }

    fn signals(&mut self, kind: Kind) -> Vec<Signal> {
        let mut signals: Vec<Signal> = self
            .incoming
            .iter()
            .filter_map(|message| {
                Some(Signal {
                    kind: signal_of(kind, &message.facts)?,
                    order: message.order,
                    hash: message.hash.clone(),
                    arrival: message.arrival,
                    registration: message.facts.registration.clone(),
                })
            })
            .collect();
        if kind == Kind::IncomingWaybill {
            let waybill = self
                .pieces(is_waybill)
                .map(|message| (message.arrival, message.facts.clone()))
                .min_by_key(|(arrival, _)| *arrival);
            let form = self
                .pieces(is_form)
                .map(|message| (message.arrival, message.facts.clone()))
                .min_by_key(|(arrival, _)| *arrival);
            if let (Some((first, _)), Some((second, _))) = (&waybill, &form) {
                signals.push(own_signal(SignalKind::Paired, i64::MIN, *first.max(second)));
            }
            if let Some((_, facts)) = waybill.or(form) {
                self.identity = (!facts.identity.is_empty()).then(|| facts.identity.clone());
                self.pairing = pairing_key(&facts.number, &facts.date, &facts.shipper);
            }
        }
        if let Some(arrival) = self.superseded {
            signals.push(own_signal(SignalKind::Superseded, i64::MAX, arrival));
        }
        signals
    }
}

fn own_signal(kind: SignalKind, order: i64, arrival: i64) -> Signal {
    Signal { kind, order, hash: String::new(), arrival, registration: String::new() }
}

/// Adds a message to what answers an attempt.
fn answer(attempt: &mut Attempt, facts: &Facts) {
    if facts.is("Ticket") {
        attempt.first.extend(facts.first.clone());
        attempt.second.extend(facts.second.clone());
    } else if !is_form(&facts.element)
        && !is_waybill(&facts.element)
        && !facts.element.starts_with("ActInventoryInform")
    {
        attempt.has_reply = true;
    }
    // A form names the document itself; a ticket of an act names the waybill, which is the same here.
    if !facts.registration.is_empty() && (is_form(&facts.element) || attempt.registration.is_none()) {
        attempt.registration = Some(facts.registration.clone());
    }
}

/// True if a ticket that names no known attempt speaks of this one.
fn fits(known: &KnownAttempt, message: &Incoming) -> bool {
    let attempt = &known.attempt;
    // A reply id that is not ours is another program's, unless ours was lost.
    let lost = matches!(attempt.local, Local::Unknown(_) | Local::Sending);
    let is_open = lost || (attempt.local == Local::Sent && message.reply_id.is_none());
    let facts = &message.facts;
    let same_type = facts.doc_type.eq_ignore_ascii_case(&attempt.message);
    let is_posting = facts.doc_type.eq_ignore_ascii_case("WAYBILL")
        && matches!(family_of(&attempt.message), "WayBill" | "WayBillAct");
    let vacant = |stage: &Option<Stage>, known: &[Stage]| stage.is_some() && known.is_empty();
    let wants = (vacant(&facts.first, &attempt.first) && same_type)
        || (vacant(&facts.second, &attempt.second) && (same_type || is_posting));
    is_open && wants
}

/// What a message means for a document of this kind when nobody asked for it.
fn signal_of(kind: Kind, facts: &Facts) -> Option<SignalKind> {
    let is_undone = facts
        .second
        .as_ref()
        .is_some_and(|stage| stage.accepted && stage.operation.eq_ignore_ascii_case("UnConfirm"));
    if facts.is("Ticket") {
        return is_undone.then_some(SignalKind::Unconfirmed);
    }
    let verdict = facts.verdict;
    match (kind, family_of(&facts.element)) {
        (Kind::OutgoingWaybill, "WayBillAct") => match verdict? {
            Verdict::Accepted => Some(SignalKind::ActAccepted),
            Verdict::Rejected => Some(SignalKind::ActRejected),
            Verdict::Differences => Some(SignalKind::ActDifferences),
        },
        // To the consignee only the sender's withdrawal comes as an act.
        (Kind::IncomingWaybill, "WayBillAct") => {
            (verdict? == Verdict::Rejected).then_some(SignalKind::ActRejected)
        }
        (Kind::OutgoingWaybill, "RequestRepealWB") => Some(SignalKind::RepealRequested),
        (Kind::IncomingWaybill, "ConfirmTicket") => Some(match verdict? {
            Verdict::Accepted => SignalKind::DifferencesConfirmed,
            _ => SignalKind::DifferencesDeclined,
        }),
        (Kind::IncomingWaybill, "ConfirmRepealWB") => Some(match verdict? {
            Verdict::Accepted => SignalKind::RepealConfirmed,
            _ => SignalKind::RepealDeclined,
        }),
        _ => None,
    }
}
