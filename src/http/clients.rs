//! The clients of the process: one per distinct set of connection options, kept with its open connections.
//!
//! A client is driven by whichever thread sends through it; between requests nobody drives it. A housekeeper
//! thread looks after open connections for a while, so that those which a server closed are closed here too.

use super::identity::ClientIdentity;
use super::options::{ConnectionOptions, Proxy};
use super::tls;
use crate::bilingual;
use crate::error::{Code, Error, Result};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime};
use tokio::runtime::{Builder, Runtime};
use tokio::task::yield_now;

/// Sets of options kept at once; the one unused for longest makes room.
const CLIENTS_KEPT: usize = 16;
/// How long an unused connection stays open.
const CONNECTION_IDLE: Duration = Duration::from_secs(50);
/// How often the housekeeper looks, and how long after the last request it goes on.
const HOUSEKEEPING: Duration = Duration::from_secs(5);
const HOUSEKEEPING_AFTER: Duration = Duration::from_secs(70);
const CONNECTIONS_PER_HOST: usize = 64;

/// A client and what drives it.
pub(super) struct Shared {
    /// `Some` until dropped.
    runtime: Option<Runtime>,
    client: reqwest::Client,
    used: Mutex<Instant>,
}

impl Shared {
    pub(super) fn client(&self) -> &reqwest::Client {
        &self.client
    }

    /// Drives `future` on this thread until it ends. Several threads may do so at once.
    pub(super) fn block_on<F: Future>(&self, future: F) -> Result<F::Output> {
        *lock(&self.used) = Instant::now();
        let Some(runtime) = &self.runtime else { return Err(no_runtime("dropped")) };
        let output = runtime.block_on(future);
        *lock(&self.used) = Instant::now();
        Ok(output)
    }
}

impl Drop for Shared {
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

/// Options, and what the files named in them looked like: a renewed certificate makes a new client.
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

#[derive(Default)]
struct Clients {
    /// The latest used last.
    kept: Vec<(Key, Arc<Shared>)>,
    housekeeper: bool,
}

static CLIENTS: Mutex<Clients> = Mutex::new(Clients { kept: Vec::new(), housekeeper: false });

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The client for `options`.
pub(super) fn shared(options: &ConnectionOptions) -> Result<Arc<Shared>> {
    let key = Key::new(options);
    let mut clients = lock(&CLIENTS);
    if let Some(position) = clients.kept.iter().position(|(known, _)| *known == key) {
        let entry = clients.kept.remove(position);
        let client = Arc::clone(&entry.1);
        clients.kept.push(entry);
        return Ok(client);
    }
    let client = Arc::new(build(options)?);
    clients.kept.push((key, Arc::clone(&client)));
    let removed = (clients.kept.len() > CLIENTS_KEPT).then(|| clients.kept.remove(0));
    drop(clients);
    drop(removed);
    Ok(client)
}

/// Makes sure that somebody looks after open connections when nobody sends.
pub(super) fn start_housekeeper() {
    let mut clients = lock(&CLIENTS);
    if !clients.housekeeper {
        let thread = std::thread::Builder::new().name("obmen-http".into()).stack_size(512 * 1024);
        // Without a thread idle connections stay open until the next request, no more.
        clients.housekeeper = thread.spawn(keep_house).is_ok();
    }
}

fn keep_house() {
    loop {
        std::thread::sleep(HOUSEKEEPING);
        let mut clients = lock(&CLIENTS);
        let recent: Vec<Arc<Shared>> = clients
            .kept
            .iter()
            .filter(|(_, shared)| lock(&shared.used).elapsed() < HOUSEKEEPING_AFTER)
            .map(|(_, shared)| Arc::clone(shared))
            .collect();
        if recent.is_empty() {
            clients.housekeeper = false;
            return;
        }
        drop(clients);
        for shared in recent {
            if let Some(runtime) = &shared.runtime {
                runtime.block_on(catch_up());
            }
        }
    }
}

fn build(options: &ConnectionOptions) -> Result<Shared> {
    let runtime =
        Builder::new_current_thread().enable_all().build().map_err(|error| no_runtime(&error.to_string()))?;
    let identity = options.identity.as_ref().map(ClientIdentity::read).transpose()?;
    let client = tls::build(options, || {
        let mut builder = reqwest::Client::builder()
            .user_agent(concat!("obmen/", env!("CARGO_PKG_VERSION")))
            .redirect(reqwest::redirect::Policy::none())
            .referer(false)
            .pool_idle_timeout(CONNECTION_IDLE)
            .pool_max_idle_per_host(CONNECTIONS_PER_HOST);
        if let Some(identity) = &identity {
            builder = builder.identity(identity.clone());
        }
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
    })?;
    Ok(Shared { runtime: Some(runtime), client, used: Mutex::new(Instant::now()) })
}

fn no_runtime(reason: &str) -> Error {
    Error::new(
        Code::Internal,
        bilingual!("HTTP-клиент не запущен: {reason}.", "The HTTP client did not start: {reason}."),
    )
}
