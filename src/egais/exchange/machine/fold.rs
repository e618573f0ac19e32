//! From the set of events to the status: the interpreter of the tables.
//!
//! The order of arrival of answers does not matter: answers belong to attempts, within an attempt verdicts are
//! taken by their own dates, and what came unasked is sorted by what the messages themselves say. Only our own
//! attempts have an order, the one in which they were made; what had come in before an attempt was made is applied
//! before it.

use super::names::{Action, Kind, Phase, SignalKind, Status};
use super::tables::{Completion, Table, Target, completion, table};
use crate::egais::exchange::facts::{Stage, registered_already};

/// What we ourselves know of an attempt.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Local {
    /// Waits in the queue; with the reason why the last try did not reach UTM.
    #[default]
    Queued,
    /// Could not be delivered yet, and waits again.
    NotSent(String),
    /// Is being sent.
    Sending,
    /// UTM took it.
    Sent,
    /// UTM refused it.
    Refused(String),
    /// Nobody knows; with the reason.
    Unknown(String),
    /// Was taken out of the queue.
    Cancelled,
    /// Was taken back by the user.
    Undone,
}

/// One sending of one message, with everything that answers it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Attempt {
    /// Number of its first event: the order of attempts.
    pub id: i64,
    /// The operation.
    pub action: Option<Action>,
    /// Type of the message.
    pub message: String,
    /// Hash of the content.
    pub hash: String,
    /// The attempt whose message this one repeats.
    pub resend_of: Option<i64>,
    /// What we know.
    pub local: Local,
    /// Verdicts of the first stage.
    pub first: Vec<Stage>,
    /// Verdicts of the second stage.
    pub second: Vec<Stage>,
    /// True if data came in reply.
    pub has_reply: bool,
    /// Registration number given in its answers.
    pub registration: Option<String>,
}

/// Something that came unasked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signal {
    /// What.
    pub kind: SignalKind,
    /// Where it stands among the others, by its own dates.
    pub order: i64,
    /// Decides between equals, and recognises copies.
    pub hash: String,
    /// Number of its event: only to tell what was known before an attempt was made.
    pub arrival: i64,
    /// Registration number it speaks of, empty for any.
    pub registration: String,
}

/// Everything that a status depends on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct History {
    /// Which machine.
    pub kind: Kind,
    /// Status to begin with: of a summary that stands for removed events.
    pub start: Option<Status>,
    /// Attempts, in any order.
    pub attempts: Vec<Attempt>,
    /// What came unasked, in any order.
    pub signals: Vec<Signal>,
    /// True if the pieces of an incoming waybill can be asked for again.
    pub may_request_resend: bool,
}

/// Where a document stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct State {
    /// The status to show: of the operation under way, else of the document.
    pub status: Status,
    /// The status of the document apart from an operation under way.
    pub base: Status,
    /// The operation under way.
    pub pending: Option<(Action, Phase)>,
    /// The last operation.
    pub operation: Option<Action>,
    /// What the user may do.
    pub actions: Vec<Action>,
    /// Text of a failure that still stands.
    pub error: Option<String>,
    /// Registration number of the document now in force.
    pub registration: Option<String>,
    /// True if nothing more is expected.
    pub is_final: bool,
}

/// What became of an operation.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Outcome {
    /// It never happened.
    Void,
    Waiting(Phase, Option<String>),
    Done(Option<String>),
    Refused(String),
}

/// Computes the status from everything that happened.
pub fn fold(history: &History) -> State {
    let mut run = Run::new(history);
    for group in groups(&history.attempts) {
        let (Some(first), Some(action)) = (group.first(), group.first().and_then(|attempt| attempt.action))
        else {
            continue;
        };
        let outcome = outcome_of(history.kind, action, &group);
        if outcome == Outcome::Void {
            continue;
        }
        run.take_signals(|signal| signal.arrival < first.id);
        run.operation(action, outcome);
    }
    run.take_signals(|_| true);
    run.finish(history)
}

/// Attempts in the order in which they were made, those that repeat a message beside the first of them.
fn groups(attempts: &[Attempt]) -> Vec<Vec<&Attempt>> {
    let mut sorted: Vec<&Attempt> = attempts.iter().collect();
    sorted.sort_by_key(|attempt| attempt.id);
    let mut groups: Vec<Vec<&Attempt>> = Vec::new();
    for attempt in sorted {
        let group = attempt
            .resend_of
            .and_then(|root| groups.iter_mut().find(|group| group.iter().any(|known| known.id == root)));
        match group {
            Some(group) => group.push(attempt),
            None => groups.push(vec![attempt]),
        }
    }
    groups
}

/// What became of a message that was sent once or several times.
fn outcome_of(kind: Kind, action: Action, group: &[&Attempt]) -> Outcome {
    let mut result = Outcome::Void;
    let mut unknown: Vec<&str> = Vec::new();
    for attempt in group {
        let outcome = outcome(completion(kind, action, &attempt.message), action, attempt);
        match &outcome {
            Outcome::Void => continue,
            Outcome::Done(_) => return outcome,
            // "Already registered": success only if it may have been our own message that got through.
            Outcome::Refused(text) if unknown.contains(&attempt.hash.as_str()) => {
                if let Some(registration) = registered_already(text) {
                    return Outcome::Done(Some(registration.to_owned()));
                }
            }
            Outcome::Waiting(Phase::OutcomeUnknown, _) => unknown.push(&attempt.hash),
            _ => {}
        }
        result = outcome;
    }
    result
}

/// What became of one attempt; what EGAIS says counts more than what we know.
fn outcome(completion: Completion, action: Action, attempt: &Attempt) -> Outcome {
    if attempt.local == Local::Cancelled {
        return Outcome::Void;
    }
    // A repeal is confirmed by undoing; of everything else the undoing comes later and is a signal of its own.
    let second =
        latest(attempt.second.iter().filter(|stage| action == Action::RequestRepeal || !is_undoing(stage)));
    let first = latest(attempt.first.iter());
    if let Some(stage) = second {
        return if stage.accepted {
            Outcome::Done(attempt.registration.clone())
        } else {
            refused(&attempt.local, &stage.comment)
        };
    }
    if attempt.has_reply && completion == Completion::Reply {
        return Outcome::Done(attempt.registration.clone());
    }
    match first {
        Some(stage) if !stage.accepted => return refused(&attempt.local, &stage.comment),
        Some(_) if completion == Completion::FirstStage => {
            return Outcome::Done(attempt.registration.clone());
        }
        Some(_) => return Outcome::Waiting(Phase::Accepted, None),
        None => {}
    }
    match &attempt.local {
        Local::Cancelled | Local::Undone => Outcome::Void,
        Local::Queued => Outcome::Waiting(Phase::Queued, None),
        Local::NotSent(reason) => Outcome::Waiting(Phase::Queued, Some(reason.clone())),
        Local::Sending => Outcome::Waiting(Phase::Sending, None),
        Local::Sent if completion == Completion::Receipt => Outcome::Done(None),
        Local::Sent => Outcome::Waiting(Phase::Sent, None),
        Local::Unknown(reason) => Outcome::Waiting(Phase::OutcomeUnknown, Some(reason.clone())),
        Local::Refused(text) => Outcome::Refused(text.clone()),
    }
}

fn refused(local: &Local, comment: &str) -> Outcome {
    // What the user took back is as if it had not been; only an acceptance by EGAIS overrules that.
    if *local == Local::Undone { Outcome::Void } else { Outcome::Refused(comment.to_owned()) }
}

/// True for the ticket that undoes a posting.
pub(crate) fn is_undoing(stage: &Stage) -> bool {
    stage.operation.eq_ignore_ascii_case("UnConfirm")
}

/// The verdict with the latest date; of equal dates the acceptance.
fn latest<'s>(stages: impl Iterator<Item = &'s Stage>) -> Option<&'s Stage> {
    stages.max_by(|left, right| {
        (&left.date, left.accepted, &left.comment).cmp(&(&right.date, right.accepted, &right.comment))
    })
}

/// The machine at work.
struct Run {
    table: &'static Table,
    base: Status,
    before: Status,
    pending: Option<(Action, Phase)>,
    /// A side question under way: it does not stop anything else.
    aside: Option<(Action, Phase)>,
    operation: Option<Action>,
    error: Option<String>,
    registration: Option<String>,
    signals: Vec<Signal>,
}

impl Run {
    fn new(history: &History) -> Self {
        let table = table(history.kind);
        let mut signals = history.signals.clone();
        let place = |signal: &Signal| {
            (signal.order, signal.hash.clone(), signal.kind.en(), signal.registration.clone())
        };
        signals.sort_by_cached_key(place);
        // Copies of one message count once; the earliest arrival stands for all.
        let mut unique: Vec<Signal> = Vec::with_capacity(signals.len());
        for signal in signals {
            let same = |known: &&mut Signal| {
                known.kind == signal.kind
                    && known.hash == signal.hash
                    && known.registration == signal.registration
            };
            match unique.iter_mut().find(same) {
                Some(known) => known.arrival = known.arrival.min(signal.arrival),
                None => unique.push(signal),
            }
        }
        let base = history.start.unwrap_or(table.initial);
        Self {
            table,
            base,
            before: base,
            pending: None,
            aside: None,
            operation: None,
            error: None,
            registration: None,
            signals: unique,
        }
    }

    fn enter(&mut self, target: Target) {
        let next = match target {
            Target::Stay => return,
            Target::Back => self.before,
            Target::To(status) => status,
        };
        self.before = std::mem::replace(&mut self.base, next);
    }

    /// Applies what came in and matters, again and again: one thing may make way for another.
    fn take_signals(&mut self, wanted: impl Fn(&Signal) -> bool) {
        while let Some(index) = self.signals.iter().position(|signal| wanted(signal) && self.matters(signal))
        {
            let signal = self.signals.remove(index);
            if let Some(done) = self.implied(&signal) {
                // An answer to our operation proves that it was done.
                self.enter(done);
                self.pending = None;
                self.error = None;
            }
            if let Some(target) = self.table.reaction(self.base, signal.kind) {
                self.enter(target);
            }
        }
    }

    fn matters(&self, signal: &Signal) -> bool {
        let speaks_of_us = signal.registration.is_empty()
            || self.registration.as_deref().is_none_or(|registration| registration == signal.registration);
        speaks_of_us
            && (self.table.reaction(self.base, signal.kind).is_some() || self.implied(signal).is_some())
    }

    /// Where the operation under way leads, if this can only have come after it was done.
    fn implied(&self, signal: &Signal) -> Option<Target> {
        let (action, phase) = self.pending?;
        if phase < Phase::Sending {
            return None;
        }
        let (done, _) = self.table.operation(self.base, action)?;
        let after = match done {
            Target::To(status) => status,
            Target::Stay => self.base,
            Target::Back => self.before,
        };
        self.table.reaction(after, signal.kind).map(|_| done)
    }

    fn operation(&mut self, action: Action, outcome: Outcome) {
        self.operation = Some(action);
        if action == Action::RequestResend {
            return self.side_question(action, outcome);
        }
        let Some((done, refused)) = self.table.operation(self.base, action) else {
            // Evidence that would lead here has not come yet, or was overtaken: only what is under way shows.
            if let Outcome::Waiting(phase, reason) = outcome {
                self.pending = Some((action, phase));
                self.error = reason;
            }
            return;
        };
        self.pending = None;
        match outcome {
            Outcome::Void => {}
            Outcome::Done(registration) => {
                self.error = None;
                if action == Action::Send {
                    self.registration = registration;
                }
                self.enter(done);
            }
            Outcome::Refused(text) => {
                self.error = Some(text);
                self.enter(refused);
            }
            Outcome::Waiting(phase, reason) => {
                self.error = reason;
                self.pending = Some((action, phase));
            }
        }
    }

    /// Asking for a copy changes no status and stands in nobody's way.
    fn side_question(&mut self, action: Action, outcome: Outcome) {
        self.aside = None;
        self.error = None;
        match outcome {
            Outcome::Waiting(phase, reason) => {
                self.aside = Some((action, phase));
                self.error = reason;
            }
            Outcome::Refused(text) => self.error = Some(text),
            Outcome::Done(_) | Outcome::Void => {}
        }
    }

    fn finish(self, history: &History) -> State {
        let actions = match self.pending {
            Some((_, Phase::OutcomeUnknown)) => vec![Action::Resend],
            Some(_) => Vec::new(),
            None => {
                let mut actions: Vec<Action> = self.table.actions(self.base).collect();
                let may_ask = history.may_request_resend && self.aside.is_none();
                actions.retain(|action| *action != Action::RequestResend || may_ask);
                if matches!(self.aside, Some((_, Phase::OutcomeUnknown))) {
                    actions.push(Action::Resend);
                }
                actions
            }
        };
        State {
            status: self.pending.map_or(self.base, |(_, phase)| phase.status()),
            base: self.base,
            pending: self.pending.or(self.aside),
            operation: self.operation,
            actions,
            error: self.error.filter(|text| !text.is_empty()),
            registration: self.registration,
            is_final: self.pending.is_none() && self.table.finals.contains(&self.base),
        }
    }
}
