//! One request under way, and the watch over it.

use super::clients::catch_up;
use super::failure::{Failure, Phase, classify};
use super::request::{Body, Request, Timeout};
use super::response::Response;
use super::{multipart, upload};
use crate::bilingual;
use crate::error::{Code, Error};
use crate::journal::Redactor;
use crate::operation::Operation;
use reqwest::Method;
use reqwest::header::CONTENT_LENGTH;
use std::io;
use std::pin::pin;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How often the watch looks whether the request should stop.
const POLL: Duration = Duration::from_millis(100);
/// The longest any request may run.
const CEILING: Duration = Duration::from_secs(24 * 3600);
/// What may still sit in the buffers of the system when the last byte of a body was handed over.
const SEND_BUFFERS: u64 = 4 * 1024 * 1024;
/// The longest wait for those buffers to empty.
const DRAIN_LIMIT: Duration = Duration::from_secs(600);
/// Memory reserved ahead for an answer, however large it is announced.
const RESERVE: u64 = 1024 * 1024;

type Outcome = std::result::Result<Response, Failure>;

/// Takes the body of an answer piece by piece instead of memory.
pub(super) trait Sink {
    /// Sees status and headers; true if it takes the body, false if the body should be kept in the answer.
    fn begin(&mut self, answer: &Response) -> crate::error::Result<bool>;

    /// Takes the next piece.
    fn write(&mut self, piece: &[u8]) -> crate::error::Result<()>;
}

/// Bytes of bodies that have moved.
#[derive(Default)]
pub(super) struct Moved {
    sent: AtomicU64,
    to_send: AtomicU64,
    received: AtomicU64,
    to_receive: AtomicU64,
    answered: AtomicBool,
    /// Why a file being sent could not be read to its end.
    unreadable: Mutex<Option<String>>,
}

impl Moved {
    pub(super) fn announce_sending(&self, length: u64) {
        self.to_send.fetch_add(length, Ordering::Relaxed);
    }

    pub(super) fn add_sent(&self, count: u64) {
        self.sent.fetch_add(count, Ordering::Relaxed);
    }

    pub(super) fn note_unreadable(&self, error: &io::Error) {
        *self.unreadable.lock().unwrap_or_else(PoisonError::into_inner) = Some(error.to_string());
    }

    fn take_unreadable(&self) -> Option<String> {
        self.unreadable.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    fn phase(&self) -> Phase {
        if self.answered.load(Ordering::Relaxed) {
            Phase::Reading
        } else if self.sent.load(Ordering::Relaxed) < self.to_send.load(Ordering::Relaxed) {
            Phase::Sending
        } else {
            Phase::Waiting
        }
    }

    fn total(&self) -> u64 {
        self.sent.load(Ordering::Relaxed).saturating_add(self.received.load(Ordering::Relaxed))
    }

    fn report(&self, operation: &mut Operation<'_>) {
        let received = self.received.load(Ordering::Relaxed);
        let to_send = self.to_send.load(Ordering::Relaxed);
        if received > 0 {
            let shown = megabytes(received);
            let all = self.to_receive.load(Ordering::Relaxed);
            operation.report(received, all, &bilingual!("Получено {shown} МБ", "{shown} MB received"));
        } else if to_send > 0 {
            let sent = self.sent.load(Ordering::Relaxed);
            let (shown, all) = (megabytes(sent), megabytes(to_send));
            let text = bilingual!("Отправлено {shown} из {all} МБ", "{shown} of {all} MB sent");
            operation.report(sent, to_send, &text);
        }
    }
}

fn megabytes(bytes: u64) -> String {
    let tenths = bytes.saturating_mul(10) / (1024 * 1024);
    format!("{}.{}", tenths / 10, tenths % 10)
}

/// Sends `request` and watches over it until there is an outcome.
pub(super) async fn run(
    client: &reqwest::Client,
    request: &Request,
    sink: Option<&mut dyn Sink>,
    operation: &mut Operation<'_>,
    redactor: &Redactor,
) -> Outcome {
    let moved = Arc::new(Moved::default());
    let outcome = {
        let mut work = pin!(perform(client, request, sink, redactor, &moved));
        let mut watch = Watch::new(request.timeout);
        loop {
            let look = watch.next_look(operation);
            if let Ok(outcome) = tokio::time::timeout(look, work.as_mut()).await {
                break outcome;
            }
            if let Err(error) = operation.check() {
                break Err(Failure::unknown(error));
            }
            if watch.is_over(&moved) {
                break Err(Failure::timed_out(moved.phase(), request, redactor));
            }
            moved.report(operation);
        }
    };
    if outcome.is_err() {
        // Lets the connection of a request that was dropped close.
        catch_up().await;
    }
    outcome
}

async fn perform(
    client: &reqwest::Client,
    request: &Request,
    mut sink: Option<&mut dyn Sink>,
    redactor: &Redactor,
    moved: &Arc<Moved>,
) -> Outcome {
    let started = Instant::now();
    let failed = |error: &(dyn std::error::Error + 'static)| match moved.take_unreadable() {
        Some(reason) => Failure::unknown(unreadable(&reason)),
        None => classify(error).into_failure(moved.phase(), request, redactor),
    };
    let wire_request = wire_request(client, request, moved)?
        .build()
        .map_err(|error| Failure::not_sent(failed(&error).error))?;
    let mut response = client.execute(wire_request).await.map_err(|error| failed(&error))?;
    moved.answered.store(true, Ordering::Relaxed);
    let mut answer = Response {
        status: response.status().as_u16(),
        headers: std::mem::take(response.headers_mut()),
        body: Vec::new(),
        url: response.url().clone(),
        elapsed: Duration::ZERO,
    };
    let announced = response.content_length().unwrap_or(0);
    moved.to_receive.store(announced, Ordering::Relaxed);
    let taken = match sink.as_deref_mut() {
        Some(sink) => sink.begin(&answer).map_err(Failure::unknown)?,
        None => false,
    };
    let mut sink = sink.filter(|_| taken);
    let limit = if sink.is_some() { u64::MAX } else { request.answer_limit };
    if announced > limit && request.method != Method::HEAD {
        return Err(Failure::too_large(request, limit, redactor).with_answer(answer));
    }
    if sink.is_none() {
        answer.body.reserve(usize::try_from(announced.min(RESERVE)).unwrap_or(0));
    }
    loop {
        match response.chunk().await {
            Ok(None) => break,
            Ok(Some(chunk)) => {
                let count = chunk.len() as u64;
                moved.received.fetch_add(count, Ordering::Relaxed);
                if let Some(sink) = &mut sink {
                    sink.write(&chunk).map_err(Failure::unknown)?;
                    continue;
                }
                if answer.body.len() as u64 + count > limit {
                    return Err(Failure::too_large(request, limit, redactor).with_answer(answer));
                }
                answer.body.extend_from_slice(&chunk);
            }
            Err(error) => return Err(failed(&error).with_answer(answer)),
        }
    }
    answer.elapsed = started.elapsed();
    Ok(answer)
}

fn wire_request(
    client: &reqwest::Client,
    request: &Request,
    moved: &Arc<Moved>,
) -> crate::error::Result<reqwest::RequestBuilder> {
    let builder =
        client.request(request.method.clone(), request.url.clone()).headers(request.headers.clone());
    Ok(match &request.body {
        // Servers expect `Content-Length: 0` of these methods.
        Body::Empty if matches!(request.method, Method::POST | Method::PUT | Method::PATCH) => {
            builder.header(CONTENT_LENGTH, 0)
        }
        Body::Empty => builder,
        Body::Bytes(bytes) => match request.timeout {
            Timeout::Whole(_) => builder.body(bytes.clone()),
            Timeout::Inactivity(_) => builder.body(upload::bytes(bytes.clone(), moved)),
        },
        Body::Pieces(pieces) => builder.body(upload::pieces(pieces.clone(), moved)),
        Body::File(path) => builder.body(upload::file(path, moved)?.0),
        Body::Multipart(parts) => builder.multipart(multipart::form(parts, moved)?),
    })
}

fn unreadable(reason: &str) -> Error {
    Error::new(
        Code::File,
        bilingual!(
            "Отправляемый файл не прочитан до конца: {reason}.",
            "The file being sent could not be read to its end: {reason}."
        ),
    )
}

/// When a request has lasted or been silent for too long.
struct Watch {
    timeout: Timeout,
    started: Instant,
    moved: u64,
    moved_at: Instant,
}

impl Watch {
    fn new(timeout: Timeout) -> Self {
        let now = Instant::now();
        Self { timeout, started: now, moved: 0, moved_at: now }
    }

    /// How long to wait before looking again.
    fn next_look(&self, operation: &Operation<'_>) -> Duration {
        let left = operation.remaining().unwrap_or(POLL);
        let whole = match self.timeout {
            Timeout::Whole(limit) if !limit.is_zero() => limit.saturating_sub(self.started.elapsed()),
            _ => POLL,
        };
        POLL.min(left).min(whole).max(Duration::from_millis(1))
    }

    fn is_over(&mut self, moved: &Moved) -> bool {
        let total = moved.total();
        if total != self.moved {
            self.moved = total;
            self.moved_at = Instant::now();
        }
        let lasted = self.started.elapsed();
        match self.timeout {
            _ if lasted > CEILING => true,
            Timeout::Whole(limit) => !limit.is_zero() && lasted >= limit,
            Timeout::Inactivity(limit) if limit.is_zero() => false,
            Timeout::Inactivity(limit) => {
                let drain = match moved.phase() {
                    Phase::Waiting => self.drain_time(moved.sent.load(Ordering::Relaxed)),
                    _ => Duration::ZERO,
                };
                self.moved_at.elapsed() >= limit.saturating_add(drain)
            }
        }
    }

    /// How long the buffers of the system may need to empty after the last byte was handed over, at the speed
    /// seen so far.
    fn drain_time(&self, sent: u64) -> Duration {
        let taken = self.moved_at.duration_since(self.started);
        match sent {
            0 => Duration::ZERO,
            _ => taken.mul_f64(SEND_BUFFERS.min(sent) as f64 / sent as f64).min(DRAIN_LIMIT),
        }
    }
}
