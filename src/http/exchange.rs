//! One request under way: the thread that performs it and the caller that waits for it.

use super::client::Shared;
use super::failure::{Failure, Phase, classify};
use super::in_flight::InFlightGuard;
use super::multipart;
use super::request::{Body, Request, Timeout};
use super::response::Response;
use crate::bilingual;
use crate::error::{Bilingual, Code, Error};
use crate::journal::Redactor;
use crate::operation::{self, Operation};
use reqwest::Method;
use reqwest::blocking as wire;
use std::io::{self, Read};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// How often a waiting caller looks whether it should stop.
const POLL: Duration = Duration::from_millis(100);
/// The longest any request may run.
pub(super) const CEILING: Duration = Duration::from_secs(24 * 3600);
/// How much later than its own time-out a request is given up.
const GRACE: Duration = Duration::from_secs(2);
/// What may still sit in the buffers of the system when the last byte of a body was handed over.
const SEND_BUFFERS: u64 = 4 * 1024 * 1024;
/// The longest wait for those buffers to empty.
const DRAIN_LIMIT: Duration = Duration::from_secs(600);
const CHUNK: usize = 16 * 1024;

type Outcome = std::result::Result<Response, Failure>;

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What the caller and the thread beside it share.
pub(super) struct Exchange {
    outcome: Mutex<Option<Outcome>>,
    finished: Condvar,
    /// Nobody waits any more: stop at the next byte.
    abandoned: AtomicBool,
    /// The client's runtime broke.
    broken: AtomicBool,
    /// Bytes of the request's body handed over, and how many there are.
    sent: AtomicU64,
    to_send: AtomicU64,
    /// Bytes of the answer's body, and how many were announced.
    received: AtomicU64,
    to_receive: AtomicU64,
    /// Why a file being sent could not be read to its end.
    unreadable: Mutex<Option<String>>,
    _guard: InFlightGuard,
}

impl Exchange {
    fn new(guard: InFlightGuard) -> Self {
        Self {
            outcome: Mutex::new(None),
            finished: Condvar::new(),
            abandoned: AtomicBool::new(false),
            broken: AtomicBool::new(false),
            sent: AtomicU64::new(0),
            to_send: AtomicU64::new(0),
            received: AtomicU64::new(0),
            to_receive: AtomicU64::new(0),
            unreadable: Mutex::new(None),
            _guard: guard,
        }
    }

    /// True if the client must not be used again.
    pub(super) fn is_broken(&self) -> bool {
        self.broken.load(Ordering::Relaxed)
    }

    /// `reader` counting what is read for `exchange`; fails when it has fewer than `length` bytes.
    pub(super) fn counted(exchange: &Arc<Self>, reader: Box<dyn Read + Send>, length: u64) -> Counted {
        Counted { reader, left: length, exchange: Arc::clone(exchange) }
    }

    fn finish(&self, outcome: Outcome) {
        let mut place = lock(&self.outcome);
        if place.is_none() {
            *place = Some(outcome);
        }
        drop(place);
        self.finished.notify_all();
    }

    /// Waits for the outcome, no longer than the operation and the request allow.
    pub(super) fn wait(
        &self,
        request: &Request,
        limit: Duration,
        operation: &mut Operation<'_>,
        redactor: &Redactor,
    ) -> Outcome {
        let mut watch = Watch::new(limit);
        loop {
            let (mut place, _) = self
                .finished
                .wait_timeout_while(lock(&self.outcome), POLL, |outcome| outcome.is_none())
                .unwrap_or_else(PoisonError::into_inner);
            if let Some(outcome) = place.take() {
                drop(place);
                return match outcome {
                    // The request was given no more time than the operation had.
                    Err(failure) if failure.error.code() == Code::HttpTimeout => {
                        operation.check().map_err(|error| failure.replaced(error))?;
                        Err(failure)
                    }
                    outcome => outcome,
                };
            }
            drop(place);
            let stop = operation.check().err().map(Failure::unknown).or_else(|| {
                let phase = watch.silent_phase(self, request.timeout)?;
                Some(Failure::timed_out(phase, request, redactor))
            });
            if let Some(failure) = stop {
                self.abandoned.store(true, Ordering::Relaxed);
                return Err(failure);
            }
            self.report(operation);
        }
    }

    fn report(&self, operation: &mut Operation<'_>) {
        let (sent, to_send) = (self.sent.load(Ordering::Relaxed), self.to_send.load(Ordering::Relaxed));
        let (received, to_receive) =
            (self.received.load(Ordering::Relaxed), self.to_receive.load(Ordering::Relaxed));
        if received > 0 {
            let shown = megabytes(received);
            operation.report(received, to_receive, &bilingual!("Получено {shown} МБ", "{shown} MB received"));
        } else if to_send > 0 {
            let (shown, all) = (megabytes(sent), megabytes(to_send));
            let text: Bilingual = bilingual!("Отправлено {shown} из {all} МБ", "{shown} of {all} MB sent");
            operation.report(sent, to_send, &text);
        }
    }
}

fn megabytes(bytes: u64) -> String {
    let tenths = bytes.saturating_mul(10) / (1024 * 1024);
    format!("{}.{}", tenths / 10, tenths % 10)
}

/// Watches a request from the caller's side.
struct Watch {
    started: Instant,
    limit: Duration,
    moved: u64,
    moved_at: Instant,
}

impl Watch {
    fn new(limit: Duration) -> Self {
        let now = Instant::now();
        Self { started: now, limit, moved: 0, moved_at: now }
    }

    /// In which phase the request has been silent for too long, if it has.
    fn silent_phase(&mut self, exchange: &Exchange, timeout: Timeout) -> Option<Phase> {
        let now = Instant::now();
        let received = exchange.received.load(Ordering::Relaxed);
        let sent = exchange.sent.load(Ordering::Relaxed);
        let moved = sent.saturating_add(received);
        if moved != self.moved {
            self.moved = moved;
            self.moved_at = now;
        }
        let phase = match (received, sent < exchange.to_send.load(Ordering::Relaxed)) {
            (0, true) => Phase::Sending,
            (0, false) => Phase::Waiting,
            _ => Phase::Reading,
        };
        if now.duration_since(self.started) > self.limit.saturating_add(GRACE) {
            return Some(phase);
        }
        match timeout {
            Timeout::Inactivity(limit) if !limit.is_zero() => {
                let drain = match phase {
                    Phase::Waiting => self.drain_time(sent),
                    _ => Duration::ZERO,
                };
                (now.duration_since(self.moved_at) > limit.saturating_add(drain)).then_some(phase)
            }
            _ => None,
        }
    }

    /// How long the buffers of the system may need to empty after the last byte was handed over, at the speed
    /// seen so far.
    fn drain_time(&self, sent: u64) -> Duration {
        let taken = self.moved_at.duration_since(self.started);
        let buffered = SEND_BUFFERS.min(sent);
        match sent {
            0 => Duration::ZERO,
            _ => taken.mul_f64(buffered as f64 / sent as f64).min(DRAIN_LIMIT),
        }
    }
}

/// A body that counts what was read of it and stops when nobody waits any more.
pub(super) struct Counted {
    reader: Box<dyn Read + Send>,
    left: u64,
    exchange: Arc<Exchange>,
}

impl Read for Counted {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.exchange.abandoned.load(Ordering::Relaxed) {
            return Err(io::Error::other("abandoned"));
        }
        let outcome = match self.reader.read(buffer) {
            // A file that grows meanwhile is sent as long as it was.
            Ok(count) => Ok(count.min(usize::try_from(self.left).unwrap_or(usize::MAX))),
            Err(error) => Err(error),
        };
        match outcome {
            Ok(0) if self.left > 0 && !buffer.is_empty() => {
                *lock(&self.exchange.unreadable) = Some("it became shorter while it was sent".to_owned());
                Err(io::Error::from(io::ErrorKind::UnexpectedEof))
            }
            Ok(count) => {
                self.left -= count as u64;
                self.exchange.sent.fetch_add(count as u64, Ordering::Relaxed);
                Ok(count)
            }
            Err(error) => {
                *lock(&self.exchange.unreadable) = Some(error.to_string());
                Err(error)
            }
        }
    }
}

/// What the thread beside the caller does.
pub(super) struct Job {
    request: Request,
    shared: Arc<Shared>,
    limit: Duration,
    redactor: Arc<Redactor>,
    exchange: Arc<Exchange>,
}

impl Job {
    pub(super) fn new(
        request: Request,
        shared: Arc<Shared>,
        limit: Duration,
        redactor: Arc<Redactor>,
        guard: InFlightGuard,
    ) -> Self {
        Self { request, shared, limit, redactor, exchange: Arc::new(Exchange::new(guard)) }
    }

    pub(super) fn exchange(&self) -> Arc<Exchange> {
        Arc::clone(&self.exchange)
    }

    /// Performs the request and tells the outcome.
    pub(super) fn run(self) {
        let outcome = self.perform();
        self.exchange.finish(outcome);
    }

    fn perform(&self) -> Outcome {
        let started = Instant::now();
        let request = self.wire_request()?;
        let Some(client) = self.shared.client() else { return Err(Failure::not_sent(broken())) };
        let response = client.execute(request).map_err(|error| self.failure(&error, Phase::Waiting, None))?;
        self.read(response, started)
    }

    fn wire_request(&self) -> std::result::Result<wire::Request, Failure> {
        let Some(client) = self.shared.client() else { return Err(Failure::not_sent(broken())) };
        let request = &self.request;
        let mut builder =
            client.request(request.method.clone(), request.url.clone()).headers(request.headers.clone());
        let (body, length) = match &request.body {
            // Servers expect `Content-Length: 0` of these methods.
            Body::Empty if matches!(request.method, Method::POST | Method::PUT | Method::PATCH) => {
                (Some(wire::Body::from(Vec::new())), 0)
            }
            Body::Empty => (None, 0),
            Body::Bytes(bytes) => (Some(wire::Body::from(bytes.clone())), bytes.len() as u64),
            Body::File(path) => {
                let (file, length) = multipart::open(path)?;
                let reader = Exchange::counted(&self.exchange, Box::new(file), length);
                (Some(wire::Body::sized(reader, length)), length)
            }
            Body::Multipart(parts) => {
                let (form, length) = multipart::form(parts, &self.exchange)?;
                builder = builder.multipart(form);
                (None, length)
            }
        };
        self.exchange.to_send.store(length, Ordering::Relaxed);
        if let Body::Bytes(_) = request.body {
            // Handed over as a whole.
            self.exchange.sent.store(length, Ordering::Relaxed);
        }
        if let Some(body) = body {
            builder = builder.body(body);
        }
        let silent_client =
            matches!((&request.timeout, &request.body), (Timeout::Inactivity(_), Body::Empty));
        if !silent_client {
            builder = builder.timeout(self.limit);
        }
        builder.build().map_err(|error| Failure::not_sent(self.failure(&error, Phase::Waiting, None).error))
    }

    fn read(&self, mut response: wire::Response, started: Instant) -> Outcome {
        let mut answer = Response {
            status: response.status().as_u16(),
            headers: std::mem::take(response.headers_mut()),
            body: Vec::new(),
            url: response.url().clone(),
            elapsed: Duration::ZERO,
        };
        let announced = response.content_length().unwrap_or(0);
        self.exchange.to_receive.store(announced, Ordering::Relaxed);
        let limit = self.request.answer_limit;
        if announced > limit {
            return Err(Failure::too_large(&self.request, limit, &self.redactor).with_answer(answer));
        }
        answer.body.reserve(usize::try_from(announced).unwrap_or(0).min(16 * CHUNK));
        let mut chunk = vec![0; CHUNK];
        loop {
            let count = match response.read(&mut chunk) {
                Ok(count) => count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(self.failure(&error, Phase::Reading, Some(answer))),
            };
            let Some(part) = chunk.get(..count).filter(|part| !part.is_empty()) else { break };
            self.exchange.received.fetch_add(count as u64, Ordering::Relaxed);
            if answer.body.len() as u64 + count as u64 > limit {
                return Err(Failure::too_large(&self.request, limit, &self.redactor).with_answer(answer));
            }
            answer.body.extend_from_slice(part);
            if self.exchange.abandoned.load(Ordering::Relaxed) {
                return Err(Failure::unknown(operation::cancelled()));
            }
        }
        answer.elapsed = started.elapsed();
        Ok(answer)
    }

    fn failure(
        &self,
        error: &(dyn std::error::Error + 'static),
        phase: Phase,
        answer: Option<Response>,
    ) -> Failure {
        if let Some(reason) = lock(&self.exchange.unreadable).take() {
            return Failure::unknown(Error::new(
                Code::File,
                bilingual!(
                    "Отправляемый файл не прочитан до конца: {reason}.",
                    "The file being sent could not be read to its end: {reason}."
                ),
            ));
        }
        let sent_all =
            self.exchange.sent.load(Ordering::Relaxed) >= self.exchange.to_send.load(Ordering::Relaxed);
        let phase = if matches!(phase, Phase::Waiting) && !sent_all { Phase::Sending } else { phase };
        let failure = classify(error).into_failure(phase, &self.request, &self.redactor);
        match answer {
            Some(answer) => failure.with_answer(answer),
            None => failure,
        }
    }
}

impl Drop for Job {
    fn drop(&mut self) {
        // Only a panic, ours or of the client's runtime, leaves no outcome.
        if std::thread::panicking() {
            self.exchange.broken.store(true, Ordering::Relaxed);
            self.exchange.finish(Err(Failure::unknown(broken())));
        }
    }
}

fn broken() -> Error {
    Error::new(
        Code::Internal,
        bilingual!(
            "Внутренняя ошибка HTTP-клиента. Повторите вызов; подробности в журнале.",
            "Internal error of the HTTP client. Repeat the call; the journal has details."
        ),
    )
}
