//! Requests of a send over HTTP.

use super::delivery::{Parcel, Received, Transport};
use super::envelope::joined;
use super::judge::Answer;
use crate::http::{Body, Failure, HttpClient, Request, Response, retry_after};
use crate::journal::{Journal, Level};
use crate::operation::{Operation, Silent};
use std::time::{Instant, SystemTime};

/// The largest answer taken: the site answers with counts and errors.
pub(super) const ANSWER_LIMIT: u64 = 16 * 1024 * 1024;
/// How much of a body stands in the journal.
const JOURNAL_BODY: usize = 4096;

/// Sends parcels to one address.
pub(super) struct HttpTransport<'a> {
    pub(super) client: &'a HttpClient,
    /// The request without its body.
    pub(super) template: Request,
    pub(super) compress: bool,
    pub(super) journal: &'a Journal,
    /// The method of the class, for the journal.
    pub(super) operation_name: &'static str,
}

impl HttpTransport<'_> {
    fn request(&self, parcel: &Parcel) -> Result<Request, Failure> {
        let request = self
            .template
            .clone()
            .header("Idempotency-Key", &parcel.idempotency_key)?
            .stream(Body::Pieces(parcel.body.clone()));
        Ok(if self.compress { request.gzip() } else { request })
    }
}

impl Transport for HttpTransport<'_> {
    fn send(&self, parcel: &Parcel, operation: &mut Operation<'_>) -> Result<Received, Failure> {
        let request = self.request(parcel)?;
        self.journal.debug(self.operation_name, || {
            let body = joined(&parcel.body);
            format!("{}: {}", parcel.label, self.journal.redactor().excerpt(&body, JOURNAL_BODY))
        });
        // The bytes of one request are no progress of the send.
        let mut silent = Silent;
        let mut quiet =
            Operation::new(operation.cancel_token().clone(), &mut silent).with_deadline(operation.deadline());
        let entry = Entry::begin(self.journal, self.operation_name, parcel);
        let outcome = self.client.send(&request, &mut quiet);
        entry.end(&request, &outcome);
        received(outcome)
    }
}

/// An answer as the send understands it. An answer that broke off is one all the same: its status is known.
pub(super) fn received(outcome: Result<Response, Failure>) -> Result<Received, Failure> {
    let (response, cut) = match outcome {
        Ok(response) => (response, false),
        Err(Failure { answer: Some(response), .. }) => (*response, true),
        Err(failure) => return Err(failure),
    };
    let asked = response.header("retry-after");
    let retry_after = asked.and_then(|header| retry_after(&header, SystemTime::now()));
    let location = response.header("location");
    let answer = Answer { status: response.status(), location, cut, body: response.into_body() };
    Ok(Received { answer, retry_after })
}

/// One request in the journal: what it was, the status, the time, the beginning of the answer.
pub(super) struct Entry<'a> {
    journal: &'a Journal,
    operation_name: &'static str,
    parcel: &'a Parcel,
    started: Instant,
}

impl<'a> Entry<'a> {
    pub(super) fn begin(journal: &'a Journal, operation_name: &'static str, parcel: &'a Parcel) -> Self {
        Self { journal, operation_name, parcel, started: Instant::now() }
    }

    pub(super) fn end(self, request: &Request, outcome: &Result<Response, Failure>) {
        let Self { journal, operation_name, parcel: Parcel { label, attempt, .. }, started } = self;
        let level = match outcome {
            Ok(response) if response.is_success() => Level::Info,
            _ => Level::Warning,
        };
        if !journal.enabled(level) {
            return;
        }
        let milliseconds = started.elapsed().as_millis();
        let (method, url) = (request.method(), request.url());
        let told = match outcome {
            Ok(response) => {
                let body = String::from_utf8_lossy(response.body());
                let shown = journal.redactor().excerpt(&body, JOURNAL_BODY);
                format!("{}, answer: {shown}", response.status())
            }
            Err(failure) => failure.error.to_string(),
        };
        let line = format!("{method} {url}: {label}, attempt {attempt}, {milliseconds} ms: {told}");
        journal.write(level, operation_name, &line);
    }
}
