//! The clients of the process: one set per distinct connection options, kept with its open connections.
//!
//! A request takes a client of its set for itself, drives it on its own thread and puts it back, so that no
//! caller waits for what another does. Nobody drives a client that lies idle: a housekeeper thread looks
//! after its connections for a while, closes those which their servers closed, then drops the client.

use super::options::{ConnectionOptions, Proxy};
use super::tls;
use crate::bilingual;
use crate::error::{Code, Error, Result};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime};
use tokio::runtime::{Builder, Handle, Runtime};
use tokio::task::yield_now;

/// Sets of options kept at once; the one unused for longest makes room.
const SETS_KEPT: usize = 16;
/// Idle clients of one set: as many as may send at once.
const IDLE_KEPT: usize = super::many::MOST_AT_ONCE;
/// How long an idle client keeps its connections and is kept itself.
const CONNECTION_IDLE: Duration = Duration::from_secs(50);
const CLIENT_IDLE: Duration = Duration::from_secs(60);
/// A client that ended a request so recently need not look after its connections before the next one.
const FRESH: Duration = Duration::from_millis(1);
/// How often the housekeeper looks.
const HOUSEKEEPING: Duration = Duration::from_secs(5);

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A client and what drives it.
pub(super) struct Driver {
    /// `Some` until dropped.
    runtime: Option<Runtime>,
    client: reqwest::Client,
    used: Instant,
}

impl Driver {
    /// Drives what `work` makes on this thread until it ends.
    ///
    /// # Errors
    /// `busy` when this thread already drives a request, as when a listener of its progress sends one.
    pub(super) fn run<'d, F: Future>(
        &'d self,
        work: impl FnOnce(&'d reqwest::Client) -> F,
    ) -> Result<F::Output> {
        match &self.runtime {
            Some(runtime) if Handle::try_current().is_err() => Ok(runtime.block_on(work(&self.client))),
            _ => Err(Error::new(
                Code::Busy,
                bilingual!(
                    "Запрос нельзя отправить изнутри другого запроса.",
                    "A request cannot be sent from inside another."
                ),
            )),
        }
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            // A name look-up may be under way on a thread of the runtime: do not wait for it.
            runtime.shutdown_background();
        }
    }
}

/// Lets tasks of the runtime see what happened to their sockets meanwhile: a connection that the server has
/// closed leaves the pool before a request is sent into it.
pub(super) async fn catch_up() {
    for _ in 0..3 {
        yield_now().await;
    }
}

/// The clients of one set of options.
pub(super) struct Clients {
    options: ConnectionOptions,
    tls: rustls::ClientConfig,
    /// The one used last is taken first: its connections are the freshest.
    idle: Mutex<Vec<Driver>>,
}

impl Clients {
    /// A client for one request.
    pub(super) fn take(&self) -> Result<Driver> {
        let idle = lock(&self.idle).pop();
        let Some(driver) = idle else { return self.build() };
        if driver.used.elapsed() > FRESH {
            driver.run(|_| catch_up())?;
        }
        Ok(driver)
    }

    /// Keeps a client for the next request.
    pub(super) fn put_back(&self, mut driver: Driver) {
        driver.used = Instant::now();
        let mut idle = lock(&self.idle);
        if idle.len() < IDLE_KEPT {
            idle.push(driver);
        }
        drop(idle);
        start_housekeeper();
    }

    /// Looks after the connections of idle clients; true if some are left.
    fn keep(&self) -> bool {
        // Taken out, so that a request meanwhile takes or builds another.
        let mut drivers = std::mem::take(&mut *lock(&self.idle));
        drivers.retain(|driver| driver.used.elapsed() < CLIENT_IDLE);
        for driver in &drivers {
            // Cannot fail: this thread drives nothing else.
            let _ = driver.run(|_| catch_up());
        }
        let mut idle = lock(&self.idle);
        // Those used meanwhile are fresher and stay on top.
        drivers.append(&mut idle);
        *idle = drivers;
        !idle.is_empty()
    }

    fn build(&self) -> Result<Driver> {
        let failed = |reason: &dyn std::fmt::Display| {
            Error::new(
                Code::Internal,
                bilingual!("HTTP-клиент не запущен: {reason}.", "The HTTP client did not start: {reason}."),
            )
        };
        let runtime = Builder::new_current_thread().enable_all().build().map_err(|error| failed(&error))?;
        let options = &self.options;
        let mut builder = reqwest::Client::builder()
            .tls_backend_preconfigured(self.tls.clone())
            .user_agent(concat!("obmen/", env!("CARGO_PKG_VERSION")))
            .redirect(reqwest::redirect::Policy::none())
            .referer(false)
            // What browsers forgive a server is no reason to lose its answer.
            .http1_allow_obsolete_multiline_headers_in_responses(true)
            .http1_allow_spaces_after_header_name_in_responses(true)
            .http1_ignore_invalid_headers_in_responses(true)
            .pool_idle_timeout(CONNECTION_IDLE);
        if !options.connect_timeout.is_zero() {
            builder = builder.connect_timeout(options.connect_timeout);
        }
        if !options.decompress {
            builder = builder.no_gzip().no_deflate().no_brotli().no_zstd();
        }
        builder = match &options.proxy {
            Proxy::System => builder,
            Proxy::Direct => builder.no_proxy(),
            Proxy::Address(address) => match reqwest::Proxy::all(address.expose()) {
                Ok(proxy) => builder.proxy(proxy),
                // The reason may quote the address with its password.
                Err(_) => {
                    return Err(Error::new(
                        Code::Argument,
                        bilingual!("Неверный адрес прокси.", "Bad proxy address."),
                    ));
                }
            },
        };
        let client = builder.build().map_err(|error| failed(&error))?;
        Ok(Driver { runtime: Some(runtime), client, used: Instant::now() })
    }
}

/// Options, and what the files named in them looked like: a renewed certificate makes new clients.
#[derive(PartialEq)]
struct Key {
    options: ConnectionOptions,
    stamps: Vec<Option<(SystemTime, u64)>>,
}

impl Key {
    fn new(options: &ConnectionOptions) -> Self {
        let stamp = |path: &PathBuf| {
            let metadata = std::fs::metadata(path).ok()?;
            Some((metadata.modified().ok()?, metadata.len()))
        };
        let identity = options.identity.iter();
        let files = identity.flat_map(|identity| identity.key.iter().chain([&identity.certificate]));
        Self { options: options.clone(), stamps: options.ca_file.iter().chain(files).map(stamp).collect() }
    }
}

/// All sets.
struct Sets {
    /// The latest used last.
    kept: Vec<(Key, Arc<Clients>)>,
    housekeeper: bool,
}

static SETS: Mutex<Sets> = Mutex::new(Sets { kept: Vec::new(), housekeeper: false });

/// The clients for `options`.
pub(super) fn of(options: &ConnectionOptions) -> Result<Arc<Clients>> {
    let key = Key::new(options);
    let mut sets = lock(&SETS);
    if let Some(position) = sets.kept.iter().position(|(known, _)| *known == key) {
        // Move to the end.
        sets.kept.get_mut(position..).unwrap_or_default().rotate_left(1);
        if let Some((_, clients)) = sets.kept.last() {
            return Ok(Arc::clone(clients));
        }
    }
    drop(sets);
    let tls = tls::config(options)?;
    let clients = Arc::new(Clients { options: options.clone(), tls, idle: Mutex::default() });
    // Wrong options are told now, not with the first request.
    let driver = clients.build()?;
    clients.put_back(driver);
    let mut sets = lock(&SETS);
    sets.kept.push((key, Arc::clone(&clients)));
    let removed = (sets.kept.len() > SETS_KEPT).then(|| sets.kept.remove(0));
    drop(sets);
    drop(removed);
    Ok(clients)
}

/// Makes sure that somebody looks after idle clients.
fn start_housekeeper() {
    let mut sets = lock(&SETS);
    if !sets.housekeeper {
        let thread = std::thread::Builder::new().name("obmen-http".into()).stack_size(512 * 1024);
        // Without a thread idle connections stay open until the next request, no more.
        sets.housekeeper = thread.spawn(keep_house).is_ok();
    }
}

fn keep_house() {
    loop {
        std::thread::sleep(HOUSEKEEPING);
        let kept: Vec<Arc<Clients>> =
            lock(&SETS).kept.iter().map(|(_, clients)| Arc::clone(clients)).collect();
        let busy = kept.iter().filter(|clients| clients.keep()).count();
        let mut sets = lock(&SETS);
        // A request that ends right now finds the flag and starts the next housekeeper.
        if busy == 0 && sets.kept.iter().all(|(_, clients)| lock(&clients.idle).is_empty()) {
            sets.housekeeper = false;
            return;
        }
    }
}
