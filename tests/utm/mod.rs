//! A stand-in for UTM and EGAIS: the HTTP interface of UTM, two-stage tickets, registration forms, partners that
//! accept, refuse or dispute, stock, and every fault that UTMs in the field have shown.
//!
//! It shares no code with the library. Tests start it in their own process, several UTMs at once; it also runs
//! alone: `cargo run --example utm -- --help`.

// Each program that includes the stand-in uses a part of it.
#![allow(dead_code)]

pub mod control;
pub mod http;
pub mod papers;
pub mod partner;
pub mod process;
pub mod queries;
pub mod schemas;
pub mod stock;
pub mod transport;
pub mod waybills;
pub mod world;
pub mod xml;

use http::Server;
use papers::{Head, Line};
use std::sync::{Arc, Mutex, PoisonError};
use transport::{Shared, UtmHandler, lock, settle};
use world::{Config, Fault, FaultKind, Partner, Received, Rule, Transport, Verdict, World, line};

/// A waybill of two lines as a shipper sends it.
pub fn waybill_xml(version: u8, shipper: &str, consignee: &str, number: &str) -> String {
    let head = Head::new(version, number, shipper, consignee);
    papers::envelope(shipper, papers::waybill(&head, &[line(1, 10), line(2, 5)]))
}

/// EGAIS with all its UTMs. Clones share everything.
#[derive(Clone)]
pub struct Egais {
    world: Shared,
}

/// A running UTM; it stops when dropped.
pub struct Utm {
    world: Shared,
    fsrar: String,
    server: Server,
}

impl Egais {
    pub fn new(config: Config) -> Self {
        Self { world: Arc::new(Mutex::new(World::new(config))) }
    }

    /// Starts a UTM of an organisation on 127.0.0.1; port 0 takes a free one.
    pub fn utm_on(&self, fsrar: &str, port: u16) -> std::io::Result<Utm> {
        lock(&self.world).transports.entry(fsrar.to_owned()).or_default();
        let handler = Arc::new(UtmHandler {
            world: Arc::clone(&self.world),
            fsrar: fsrar.to_owned(),
            port: Mutex::new(port),
        });
        let server = Server::start(port, Arc::clone(&handler) as Arc<dyn http::Handler>)?;
        *handler.port.lock().unwrap_or_else(PoisonError::into_inner) = server.port();
        Ok(Utm { world: Arc::clone(&self.world), fsrar: fsrar.to_owned(), server })
    }

    /// Starts a UTM on a free port.
    pub fn utm(&self, fsrar: &str) -> Utm {
        self.utm_on(fsrar, 0).expect("a free port on 127.0.0.1")
    }

    /// How a partner without UTM behaves; `*` for all others.
    pub fn partner(&self, fsrar: &str, partner: Partner) {
        lock(&self.world).partners.insert(fsrar.to_owned(), partner);
    }

    /// What EGAIS does with documents of a type from now on.
    pub fn rule(&self, doc_type: &str, verdict: Verdict, text: &str, count: Option<u32>) {
        lock(&self.world).rules.push(Rule { doc_type: doc_type.into(), verdict, text: text.into(), count });
    }

    /// A partner without UTM sends a waybill; gives its registration number.
    pub fn supply(&self, head: &Head, lines: &[Line]) -> String {
        lock(&self.world).supply(head, lines)
    }

    /// Lets everything happen at once that waits for its time.
    pub fn settle(&self) {
        settle(&mut lock(&self.world), true);
    }

    /// Changes or reads anything of the imagined world.
    pub fn with<T>(&self, work: impl FnOnce(&mut World) -> T) -> T {
        work(&mut lock(&self.world))
    }
}

impl Utm {
    pub fn fsrar(&self) -> &str {
        &self.fsrar
    }

    pub fn port(&self) -> u16 {
        self.server.port()
    }

    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port())
    }

    /// Adds a fault for requests whose path begins with `path`.
    pub fn fault(&self, method: &str, path: &str, kind: FaultKind, count: Option<u32>) {
        self.with(|transport| {
            transport.faults.push(Fault { method: method.into(), path: path.into(), kind, count });
        });
    }

    pub fn clear_faults(&self) {
        self.with(|transport| transport.faults.clear());
    }

    /// What it accepted.
    pub fn received(&self) -> Vec<Received> {
        self.with(|transport| transport.received.clone())
    }

    /// Puts a document into its out list; gives its number there.
    pub fn inject(&self, url_type: &str, reply_id: Option<&str>, xml: &str) -> u64 {
        let mut world = lock(&self.world);
        world.deliver(&self.fsrar, url_type, reply_id.map(ToOwned::to_owned), xml.to_owned()).unwrap_or(0)
    }

    /// How many documents wait in its out list.
    pub fn waiting(&self) -> usize {
        self.with(|transport| transport.out.len())
    }

    pub fn with<T>(&self, work: impl FnOnce(&mut Transport) -> T) -> T {
        let mut world = lock(&self.world);
        work(world.transports.entry(self.fsrar.clone()).or_default())
    }
}
