//! One request with its repeats.

use super::judge::Answer;
use crate::error::Error;
use crate::http::{Attempt, Decision, Delivery, Failure, RetryPolicy, random_part};
use crate::operation::Operation;
use bytes::Bytes;
use std::fmt;
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// How requests reach the site. The only thing of a send that touches the network.
pub(super) trait Transport: Sync {
    /// Makes one attempt.
    fn send(&self, parcel: &Parcel, operation: &mut Operation<'_>) -> Result<Received, Failure>;
}

/// A request: its body, and the key that tells the site that repeats are the same request.
pub(super) struct Parcel {
    /// In pieces that are sent one after another.
    pub(super) body: Vec<Bytes>,
    pub(super) idempotency_key: String,
    /// What it is.
    pub(super) label: Label,
    /// Number of the attempt, from 1, for the journal.
    pub(super) attempt: u32,
}

/// What a request carries, as the journal shows it.
pub(super) enum Label {
    /// A batch of a send, or a part of one.
    Batch {
        /// From 1.
        number: usize,
        /// Batches of the send.
        total: usize,
        /// Products in the request.
        products: usize,
        /// First and last.
        rows: (u64, u64),
    },
    /// A file.
    File(PathBuf),
    /// An empty list.
    NoProducts,
}

impl fmt::Display for Label {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Batch { number, total, products, rows: (first, last) } => {
                write!(formatter, "batch {number}/{total}, {products} products, rows {first}-{last}")
            }
            Self::File(path) => write!(formatter, "file {}", path.display()),
            Self::NoProducts => formatter.write_str("no products"),
        }
    }
}

impl Parcel {
    pub(super) fn new(body: Vec<Bytes>, label: Label) -> Self {
        let idempotency_key = uuid::Uuid::new_v4().hyphenated().to_string();
        Self { body, idempotency_key, label, attempt: 0 }
    }
}

/// An answer to one attempt.
#[derive(Debug, Clone, Default)]
pub(super) struct Received {
    pub(super) answer: Answer,
    /// The pause that the site asks for.
    pub(super) retry_after: Option<Duration>,
}

/// What all attempts came to.
pub(super) struct Delivered {
    /// The last attempt.
    pub(super) outcome: Result<Answer, Failure>,
    /// Requests made.
    pub(super) attempts: u32,
    /// Whether the site may have seen the request though the outcome is no answer.
    pub(super) maybe_seen: bool,
    /// Why no further attempt was made although one was due.
    pub(super) interrupted: Option<Error>,
}

/// Sends a parcel, again and again as `policy` says.
pub(super) fn deliver(
    transport: &dyn Transport,
    parcel: &mut Parcel,
    policy: &RetryPolicy,
    operation: &mut Operation<'_>,
) -> Delivered {
    let started = Instant::now();
    let mut maybe_seen = false;
    loop {
        parcel.attempt += 1;
        let received = transport.send(parcel, operation);
        let (attempt, outcome) = match received {
            Ok(Received { answer, retry_after }) => {
                (Attempt::Answered { status: answer.status, retry_after }, Ok(answer))
            }
            Err(failure) => {
                maybe_seen |= failure.delivery == Delivery::Unknown;
                (Attempt::Failed { code: failure.error.code(), delivery: failure.delivery }, Err(failure))
            }
        };
        // Sending twice does no harm: the key is the same, and products are written by sku.
        let decision = policy.decide(parcel.attempt, attempt, true, started.elapsed(), random_part);
        let interrupted = match decision {
            Decision::Stop if outcome.is_err() => operation.check().err(),
            Decision::Stop => None,
            Decision::RetryAfter(pause) => match operation.pause(pause) {
                Ok(()) => continue,
                Err(reason) => Some(reason),
            },
        };
        return Delivered { outcome, attempts: parcel.attempt, maybe_seen, interrupted };
    }
}
