//! The exchange with EGAIS, each figure beside its limit or its peer in the same run.

#[path = "../tests/utm/mod.rs"]
mod utm;

use obmen::egais::exchange::operations::Exchange;
use obmen::egais::utm::{Utm as Client, UtmAddress, http_client};
use obmen::http::InFlight;
use obmen::journal::Redactor;
use obmen::operation::{CancelToken, Operation, Silent};
use rusqlite::Connection;
use rusqlite::types::Value as Cell;
use serde_json::{Value, json};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};
use utm::papers::Head;
use utm::world::{Config, FaultKind, line};
use utm::{Egais, Utm};

const SHOP: &str = "030000412451";
const SUPPLIER: &str = "020000190211";

fn run<T>(call: impl FnOnce(&mut Operation<'_>) -> T) -> T {
    let mut silent = Silent;
    call(&mut Operation::new(CancelToken::new(), &mut silent))
}

fn settings(utm: &Utm, seconds: u64) -> Value {
    json!({ "КодФСРАР": utm.fsrar(), "АдресУТМ": "127.0.0.1", "ПортУТМ": utm.port(), "Таймаут": seconds })
}

fn open(path: &Path) -> Exchange {
    let mut exchange = Exchange::default();
    exchange.set_store_file(&path.to_string_lossy()).expect("a store");
    exchange
}

fn exchange(exchange: &Exchange) -> Value {
    run(|operation| exchange.exchange(&Value::Null, &Value::Null, None, operation)).expect("a report").value
}

fn main() {
    prepare();
    many_utms();
    incoming();
    long_protocol();
}

/// 10,000 write-off acts of three positions prepared and queued in one call, beside the same inserts alone.
fn prepare() {
    const COUNT: usize = 10_000;
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("obmen.db");
    let ours = open(&file);
    ours.set_exchange_settings(&json!({ "КодФСРАР": SHOP })).expect("settings");
    let positions: Vec<Value> = (1..=3)
        .map(|index| {
            json!({ "Identity": index.to_string(), "Quantity": index,
                    "InformF1F2": { "InformF2": { "F2RegId": format!("FB-{index:015}") } } })
        })
        .collect();
    let items: Vec<Value> = (0..COUNT)
        .map(|index| {
            let header = json!({ "ActNumber": index.to_string(), "ActDate": "2024-06-03", "TypeWriteOff": "Порча" });
            json!({ "Ссылка": format!("document-{index:06}"), "КодФСРАР": SHOP, "ТипДокумента": "ActWriteOff_v3",
                    "Данные": { "Header": header, "Content": { "Position": positions } } })
        })
        .collect();
    let items = Value::from(items);
    let begun = Instant::now();
    let report = run(|operation| {
        ours.prepare_to_send(&items, "ПередайтеДанные", &Value::Null, false, None, operation)
    })
    .expect("prepared");
    let seconds = begun.elapsed().as_secs_f64();
    assert_eq!(report["Изменения"].as_array().map(Vec::len), Some(COUNT));
    drop(ours);
    let bare = bare_inserts(&file, &folder.path().join("bare.db"), COUNT);
    println!("egais_prepare {:.0} documents/s (10,000 in {seconds:.2} s)", COUNT as f64 / seconds);
    println!(
        "egais_prepare_bare_sqlite {:.0} documents/s, the call takes {:.2} times as long",
        COUNT as f64 / bare,
        seconds / bare
    );
}

/// The same rows into a file with the same tables: one commit, a savepoint for each document.
fn bare_inserts(from: &Path, to: &Path, count: usize) -> f64 {
    let source = Connection::open(from).expect("the store");
    let mut schema = source
        .prepare("SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%' ORDER BY type DESC")
        .expect("a statement");
    let schema: Vec<String> =
        schema.query_map([], |row| row.get(0)).expect("rows").collect::<Result<_, _>>().expect("rows");
    let tables = ["events", "bodies", "queue", "documents"];
    let rows = tables.map(|table| {
        let mut statement =
            source.prepare(&format!("SELECT * FROM {table} ORDER BY rowid")).expect("a statement");
        let columns = statement.column_count();
        let rows = statement
            .query_map([], |row| (0..columns).map(|index| row.get(index)).collect::<Result<Vec<Cell>, _>>())
            .expect("rows");
        (columns, rows.collect::<Result<Vec<_>, _>>().expect("rows"))
    });
    let target = Connection::open(to).expect("a file");
    target.execute_batch("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;").expect("pragmas");
    target.execute_batch(&schema.join(";")).expect("tables");
    let begun = Instant::now();
    target.execute_batch("BEGIN IMMEDIATE").expect("begun");
    for index in 0..count {
        target.execute_batch("SAVEPOINT part").expect("a savepoint");
        for (table, (columns, rows)) in tables.iter().zip(&rows) {
            let places = vec!["?"; *columns].join(",");
            let mut statement = target
                .prepare_cached(&format!("INSERT INTO {table} VALUES ({places})"))
                .expect("a statement");
            statement.execute(rusqlite::params_from_iter(&rows[index])).expect("inserted");
        }
        target.execute_batch("RELEASE part").expect("released");
    }
    target.execute_batch("COMMIT").expect("committed");
    begun.elapsed().as_secs_f64()
}

/// 200 UTMs, of which 10 hang.
fn many_utms() {
    const BUDGET: u64 = 5;
    let folder = tempfile::tempdir().expect("a folder");
    let ours = open(&folder.path().join("obmen.db"));
    let egais = Egais::new(Config::default());
    let utms: Vec<Utm> = (0..200).map(|index| egais.utm(&format!("030000{index:06}"))).collect();
    let list: Vec<Value> = utms.iter().map(|utm| settings(utm, BUDGET)).collect();
    ours.set_exchange_settings(&list.into()).expect("settings");
    for (index, utm) in utms.iter().enumerate() {
        if index % 20 == 7 {
            utm.fault("", "/", FaultKind::Hang(Duration::from_secs(60)), None);
        }
        utm.inject("Ticket", None, "<A/>");
    }
    let begun = Instant::now();
    let report = exchange(&ours);
    let seconds = begun.elapsed().as_secs_f64();
    let failed = report["Ошибки"].as_array().map_or(0, Vec::len);
    println!(
        "egais_200_utms {seconds:.2} s, {failed} of them hang, limit {} s (budget {BUDGET} s + 3)",
        BUDGET + 3
    );
}

/// 5,000 incoming documents taken, stored, processed and removed, beside a bare loop of requests.
fn incoming() {
    const WAYBILLS: usize = 1667;
    let supply = || {
        let egais = Egais::new(Config::default());
        let utm = egais.utm(SHOP);
        for index in 0..WAYBILLS {
            let head = Head::new(4, &format!("{index}"), SUPPLIER, SHOP);
            egais.supply(&head, &[line(1, 10), line(2, 5)]);
        }
        egais.settle();
        (egais, utm)
    };
    let (_egais, utm) = supply();
    let count = utm.waiting();
    let folder = tempfile::tempdir().expect("a folder");
    let ours = open(&folder.path().join("obmen.db"));
    ours.set_exchange_settings(&settings(&utm, 600)).expect("settings");
    let begun = Instant::now();
    exchange(&ours);
    let seconds = begun.elapsed().as_secs_f64();
    assert_eq!(utm.waiting(), 0);

    let (_egais, utm) = supply();
    let client = http_client(InFlight::new(), Arc::new(Redactor::default())).expect("a client");
    let bare = Client::new(client, UtmAddress::new("127.0.0.1", utm.port()).expect("an address"));
    let begun = Instant::now();
    run(|operation| {
        for listed in bare.list_out(operation).expect("a list") {
            bare.get(&listed.key.path, operation).expect("read");
            bare.delete(&listed.key.path, operation).expect("removed");
        }
    });
    let loop_seconds = begun.elapsed().as_secs_f64();
    println!("egais_incoming {:.0} documents/s ({count} in {seconds:.2} s)", count as f64 / seconds);
    println!(
        "egais_incoming_bare_http {:.0} documents/s, the exchange takes {:.2} times as long",
        count as f64 / loop_seconds,
        seconds / loop_seconds
    );
}

/// The cost of an exchange call beside the length of the protocol, call about call, so that both meet the same machine.
fn long_protocol() {
    let (few, many) = (Filled::new(1_000), Filled::new(1_000_000));
    let (mut quick, mut slow) = (Vec::new(), Vec::new());
    for call in 0..44 {
        let (first, second) = (few.call(call), many.call(call));
        // The first calls fill caches.
        if call >= 4 {
            quick.push(first);
            slow.push(second);
        }
    }
    let (few, many) = (median(quick), median(slow));
    println!("egais_exchange_1000_rows {:.2} ms/call", few * 1e3);
    println!(
        "egais_exchange_1000000_rows {:.2} ms/call, {:.2} times as long, limit 1.2",
        many * 1e3,
        many / few
    );
}

fn median(mut calls: Vec<f64>) -> f64 {
    calls.sort_by(f64::total_cmp);
    calls[calls.len() / 2]
}

/// A store whose protocol has many rows already.
struct Filled {
    ours: Exchange,
    egais: Egais,
    _utm: Utm,
    _folder: tempfile::TempDir,
}

impl Filled {
    fn new(rows: usize) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("obmen.db");
        let ours = open(&file);
        let egais = Egais::new(Config::default());
        let utm = egais.utm(SHOP);
        ours.set_exchange_settings(&settings(&utm, 60)).expect("settings");
        fill(&file, rows);
        Self { ours, egais, _utm: utm, _folder: folder }
    }

    /// Seconds of an exchange that takes one new waybill.
    fn call(&self, call: usize) -> f64 {
        let head = Head::new(4, &format!("new-{call}"), SUPPLIER, SHOP);
        self.egais.supply(&head, &[line(1, 10), line(2, 5)]);
        self.egais.settle();
        let begun = Instant::now();
        let report = exchange(&self.ours);
        let seconds = begun.elapsed().as_secs_f64();
        assert_eq!(report["Изменения"].as_array().map(Vec::len), Some(1));
        seconds
    }
}

fn fill(file: &Path, rows: usize) {
    let filler = Connection::open(file).expect("the store");
    // Ten events a document, as a waybill leaves them.
    filler
        .execute_batch(&format!(
            "BEGIN;
             WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < {rows})
             INSERT INTO events (time, organisation, document, attempt, kind, type, reply_id, registration, identity, pairing, facts)
             SELECT 1700000000000 + i, '{SHOP}', 'old-' || (i / 10), NULL, CASE i % 10 WHEN 0 THEN 'prepared' ELSE 'received' END,
                    CASE i % 3 WHEN 0 THEN 'Ticket' ELSE 'WayBill_v4' END, 'reply-' || (i / 10), 'TTN-' || (i / 10),
                    'identity-' || (i / 10), 'pairing-' || (i / 10), '{{}}' FROM n;
             WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < {rows} / 10)
             INSERT INTO documents (key, organisation, type, kind, status, is_final, registration, identity, pairing, has_data, created, changed)
             SELECT 'old-' || i, '{SHOP}', 'WayBill_v4', 'OutgoingWaybill', 'Confirmed', 1, 'TTN-' || i, 'identity-' || i, 'pairing-' || i, 0,
                    1700000000000 + i, 1700000000000 + i FROM n;
             WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < {rows} / 2)
             INSERT INTO incoming (organisation, path, reply_id, file_id, timestamp, hash, event, removed)
             SELECT '{SHOP}', '/opt/out/Ticket/old' || i, '', 'file-' || i, '', 'hash', i + 1, 1 FROM n;
             COMMIT; PRAGMA wal_checkpoint(TRUNCATE);"
        ))
        .expect("filled");
}
