//! Sending a request.

use super::clients::{self, Clients};
use super::exchange::{self, Sink};
use super::failure::Failure;
use super::in_flight::InFlight;
use super::options::ConnectionOptions;
use super::request::Request;
use super::response::Response;
use crate::error::Result;
use crate::journal::Redactor;
use crate::operation::Operation;
use std::sync::Arc;

/// Sends requests for one owner: an object of a class, a session. Clones share everything.
#[derive(Clone)]
pub struct HttpClient {
    options: ConnectionOptions,
    clients: Arc<Clients>,
    in_flight: InFlight,
    redactor: Arc<Redactor>,
}

impl HttpClient {
    /// A client for `options`, shared with everybody in the process who has the same.
    ///
    /// # Errors
    /// `argument`, `file` or `http_tls` when the options cannot be used.
    pub fn new(options: &ConnectionOptions, in_flight: InFlight, redactor: Arc<Redactor>) -> Result<Self> {
        Ok(Self { options: options.clone(), clients: clients::of(options)?, in_flight, redactor })
    }

    /// What hides secrets in errors.
    pub fn redactor(&self) -> &Arc<Redactor> {
        &self.redactor
    }

    /// Sends `request` and waits for the answer, whatever its status.
    ///
    /// Runs on this thread and shares nothing with other requests. Returns within a second of a cancellation and never after the operation's deadline;
    /// a request given up is dropped together with its connection. Several threads may send at once.
    ///
    /// # Errors
    /// `http_connect`, `http_tls`, `http_timeout`, `limit` (answer too large, or the time budget), `cancelled`,
    /// `file`, `argument`; each tells whether the server may have seen the request.
    pub fn send(
        &self,
        request: &Request,
        operation: &mut Operation<'_>,
    ) -> std::result::Result<Response, Failure> {
        self.send_to(request, None, operation)
    }

    /// As [`HttpClient::send`], but `sink` may take the body of the answer.
    pub(super) fn send_to(
        &self,
        request: &Request,
        sink: Option<&mut dyn Sink>,
        operation: &mut Operation<'_>,
    ) -> std::result::Result<Response, Failure> {
        operation.check()?;
        let _guard = self.in_flight.enter();
        let driver = self.clients.take()?;
        let outcome = driver.run(|client| exchange::run(client, request, sink, operation, &self.redactor))?;
        self.clients.put_back(driver);
        outcome
    }
}

impl std::fmt::Debug for HttpClient {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "HttpClient({:?}, {:?})", self.options, self.in_flight)
    }
}
