//! The client: one per distinct set of connection options in the whole process, and the sending of a request.

use super::exchange::{CEILING, Job};
use super::failure::Failure;
use super::in_flight::InFlight;
use super::options::{ConnectionOptions, Proxy};
use super::request::{Body, Request, Timeout};
use super::response::Response;
use super::{tls, worker};
use crate::bilingual;
use crate::error::{Code, Error, Result};
use crate::journal::Redactor;
use crate::operation::Operation;
use reqwest::blocking as wire;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

/// Sets of options kept at once; the one unused for longest makes room.
const CLIENTS_KEPT: usize = 16;
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A client of the process. Dropping it joins its runtime thread, which may wait for a name look-up: never
/// on a thread of the host.
pub(super) struct Shared(Option<wire::Client>);

impl Shared {
    pub(super) fn client(&self) -> Option<&wire::Client> {
        self.0.as_ref()
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        if let Some(client) = self.0.take() {
            let kept = Arc::new(Mutex::new(Some(client)));
            let moved = Arc::clone(&kept);
            if worker::run(move || drop(lock(&moved).take())).is_err() {
                // No thread to wait on: let the runtime live on, as it would in a static.
                std::mem::forget(lock(&kept).take());
            }
        }
    }
}

/// Options, and what the files named in them looked like: a renewed certificate makes a new client.
#[derive(PartialEq)]
struct Key {
    options: ConnectionOptions,
    /// The limit of silence of clients that download.
    silence: Option<Duration>,
    stamps: Vec<Option<(SystemTime, u64)>>,
}

impl Key {
    fn new(options: &ConnectionOptions, silence: Option<Duration>) -> Self {
        let files: Vec<&PathBuf> = options.ca_file.iter().collect();
        let stamp = |path: &PathBuf| {
            let metadata = std::fs::metadata(path).ok()?;
            Some((metadata.modified().ok()?, metadata.len()))
        };
        Self { options: options.clone(), silence, stamps: files.into_iter().map(stamp).collect() }
    }
}

/// Clients in use lately, the latest last.
static CLIENTS: Mutex<Vec<(Key, Arc<Shared>)>> = Mutex::new(Vec::new());

fn shared(key: Key) -> Result<Arc<Shared>> {
    let mut clients = lock(&CLIENTS);
    if let Some(position) = clients.iter().position(|(known, _)| *known == key) {
        let entry = clients.remove(position);
        let client = Arc::clone(&entry.1);
        clients.push(entry);
        return Ok(client);
    }
    let client = Arc::new(Shared(Some(build(&key)?)));
    clients.push((key, Arc::clone(&client)));
    let removed = (clients.len() > CLIENTS_KEPT).then(|| clients.remove(0));
    drop(clients);
    drop(removed);
    Ok(client)
}

/// Forgets a client whose runtime broke.
fn forget(client: &Arc<Shared>) {
    lock(&CLIENTS).retain(|(_, known)| !Arc::ptr_eq(known, client));
}

fn build(key: &Key) -> Result<wire::Client> {
    let options = &key.options;
    tls::build(options, || {
        let mut builder = wire::Client::builder()
            .user_agent(concat!("obmen/", env!("CARGO_PKG_VERSION")))
            .redirect(reqwest::redirect::Policy::none())
            .referer(false)
            .pool_max_idle_per_host(32)
            .timeout(key.silence);
        if !options.connect_timeout.is_zero() {
            builder = builder.connect_timeout(options.connect_timeout);
        }
        if !options.decompress {
            builder = builder.no_gzip().no_deflate().no_brotli().no_zstd();
        }
        match &options.proxy {
            Proxy::System => Ok(builder),
            Proxy::Direct => Ok(builder.no_proxy()),
            Proxy::Address(address) => match reqwest::Proxy::all(address.expose()) {
                Ok(proxy) => Ok(builder.proxy(proxy)),
                // The reason may quote the address with its password.
                Err(_) => Err(Error::new(
                    Code::Argument,
                    bilingual!("Неверный адрес прокси.", "Bad proxy address."),
                )),
            },
        }
    })
}

/// Sends requests for one owner: an object of a class, a session.
#[derive(Clone)]
pub struct HttpClient {
    options: ConnectionOptions,
    shared: Arc<Shared>,
    in_flight: InFlight,
    redactor: Arc<Redactor>,
}

impl HttpClient {
    /// A client for `options`, shared with everybody in the process who has the same.
    ///
    /// # Errors
    /// `argument`, `file` or `http_tls` when the options cannot be used.
    pub fn new(options: &ConnectionOptions, in_flight: InFlight, redactor: Arc<Redactor>) -> Result<Self> {
        let shared = shared(Key::new(options, None))?;
        Ok(Self { options: options.clone(), shared, in_flight, redactor })
    }

    /// What hides secrets in errors.
    pub fn redactor(&self) -> &Arc<Redactor> {
        &self.redactor
    }

    /// Sends `request` and waits for the answer, whatever its status.
    ///
    /// Returns within a second of a cancellation and never after the operation's deadline. A request given up
    /// ends by its own time-out, counted in the owner's [`InFlight`].
    ///
    /// # Errors
    /// `http_connect`, `http_tls`, `http_timeout`, `limit` (answer too large, or the time budget), `cancelled`,
    /// `file`, `argument`, `busy`; each tells whether the server may have seen the request.
    pub fn send(
        &self,
        request: &Request,
        operation: &mut Operation<'_>,
    ) -> std::result::Result<Response, Failure> {
        operation.check()?;
        let (shared, limit) = self.limits(request, operation)?;
        let client = Arc::clone(&shared);
        let job =
            Job::new(request.clone(), client, limit, Arc::clone(&self.redactor), self.in_flight.enter());
        let exchange = job.exchange();
        worker::run(move || job.run())?;
        let outcome = exchange.wait(request, limit, operation, &self.redactor);
        if exchange.is_broken() {
            forget(&shared);
        }
        outcome
    }

    /// The client to use and the limit to give to the request itself.
    fn limits(&self, request: &Request, operation: &Operation<'_>) -> Result<(Arc<Shared>, Duration)> {
        let or_ceiling = |limit: Duration| if limit.is_zero() { CEILING } else { limit.min(CEILING) };
        let left = operation.remaining().unwrap_or(CEILING);
        match request.timeout {
            Timeout::Whole(limit) => Ok((Arc::clone(&self.shared), or_ceiling(limit).min(left))),
            // A request without a body is silent only while the answer does not come: the client itself
            // can watch over that.
            Timeout::Inactivity(limit) if matches!(request.body, Body::Empty) => {
                let key = Key::new(&self.options, Some(or_ceiling(limit)));
                Ok((shared(key)?, CEILING))
            }
            Timeout::Inactivity(_) => Ok((Arc::clone(&self.shared), CEILING.min(left))),
        }
    }
}

impl std::fmt::Debug for HttpClient {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "HttpClient({:?}, {:?})", self.options, self.in_flight)
    }
}
