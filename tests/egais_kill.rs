//! A process killed at any step of an exchange loses nothing that it accepted, and EGAIS gets no document twice.
//!
//! The victim is this very program, started again with a variable; it stops at a fault point and is killed there
//! (SIGKILL, TerminateProcess). Fault points exist in builds with debug assertions only.
#![cfg(debug_assertions)]

mod exchange_bench;
mod utm;

use exchange_bench::{OTHER, SHOP, run, waybill_xml};
use obmen::egais::exchange::operations::Exchange;
use obmen::store::fault::POINTS;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use utm::papers::Head;
use utm::world::{Answer, Config, Partner, line};
use utm::{Egais, Utm};

/// Documents that the victim sends, and waybills that wait for it.
const DOCUMENTS: usize = 3;
/// Scenarios run at once: they mostly wait for leases to run out.
const AT_ONCE: usize = 12;
/// Passages of a point that are tried, at most.
const PASSAGES: usize = 50;

fn open(path: &Path) -> Exchange {
    let mut exchange = Exchange::default();
    exchange.set_store_file(&path.to_string_lossy()).expect("the store opens");
    exchange.set_lease_margin(Duration::ZERO);
    exchange
}

/// What the killed process does: queues documents one by one, then exchanges twice.
#[test]
fn victim() {
    let Ok(path) = std::env::var("OBMEN_VICTIM") else { return };
    let exchange = open(Path::new(&path));
    for index in 0..DOCUMENTS {
        let key = format!("document {index}");
        let number = std::env::var("OBMEN_VICTIM_NUMBER").unwrap_or_default();
        let xml = waybill_xml(4, SHOP, OTHER, &format!("{number}-{index}"));
        let item = json!({ "Ссылка": key, "КодФСРАР": SHOP, "ТипДокумента": "WayBill_v4", "Данные": xml });
        run(|operation| {
            exchange.prepare_to_send(&item, "ПередайтеДанные", &Value::Null, false, None, operation)
        })
        .expect("prepared");
        println!("accepted {key}");
    }
    for _ in 0..2 {
        run(|operation| exchange.exchange(&Value::Null, &Value::Null, None, operation)).expect("a report");
    }
    println!("finished");
}

/// Runs the victim up to a fault point and kills it there; what it said it had accepted, `None` if it never got there.
fn kill_at(store: &Path, point: &str, passage: usize, number: &str) -> Option<Vec<String>> {
    let flag = store.with_extension("reached");
    let mut child = Command::new(std::env::current_exe().expect("this program"))
        .args(["--exact", "victim", "--nocapture", "--test-threads=1"])
        .env("OBMEN_VICTIM", store)
        .env("OBMEN_VICTIM_NUMBER", number)
        .env("OBMEN_FAULT_POINT", format!("{point}#{passage}"))
        .env("OBMEN_FAULT_FILE", &flag)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("the victim starts");
    let begun = Instant::now();
    let reached = loop {
        if flag.exists() {
            break true;
        }
        if let Some(status) = child.try_wait().expect("a status") {
            assert!(status.success(), "{point}#{passage}: the victim failed by itself");
            break false;
        }
        assert!(begun.elapsed() < Duration::from_secs(120), "{point}#{passage}: the victim hangs");
        std::thread::sleep(Duration::from_millis(2));
    };
    if reached {
        child.kill().expect("killed");
        child.wait().expect("gone");
    }
    let said = BufReader::new(child.stdout.take().expect("its output")).lines().map_while(Result::ok);
    let accepted = said.filter_map(|line| Some(line.split_once("accepted ")?.1.to_owned())).collect();
    reached.then_some(accepted)
}

/// A process that holds the lease, stopped in the middle of sending.
#[test]
fn another_process_waits_for_the_lease_of_a_dead_one_and_then_takes_over() {
    let egais = Egais::new(Config::default());
    let utm = egais.utm(SHOP);
    let folder = tempfile::tempdir().expect("a temporary folder");
    let store = folder.path().join("obmen.db");
    let exchange = open(&store);
    let mut settings = exchange_bench::settings(&utm);
    settings["Таймаут"] = 3.into();
    exchange.set_exchange_settings(&settings).expect("settings");
    kill_at(&store, "send:after-claim", 1, "lease").expect("the point is reached");
    let report =
        run(|operation| exchange.exchange(&Value::Null, &Value::Null, None, operation)).expect("a report");
    assert_eq!(report["Ошибки"][0]["Код"], "busy", "the dead process still holds its lease: {report}");
    let begun = Instant::now();
    loop {
        let report = run(|operation| exchange.exchange(&Value::Null, &Value::Null, None, operation))
            .expect("a report");
        if report["Ошибки"] == json!([]) {
            break;
        }
        assert!(begun.elapsed() < Duration::from_secs(60), "the lease never runs out: {report}");
        std::thread::sleep(Duration::from_millis(100));
    }
    let lost = exchange.documents(&json!({ "Статус": "ИсходНеизвестен" })).expect("documents");
    assert_eq!(lost.as_array().map(Vec::len), Some(1), "what was being sent is not sent again by itself");
    assert_eq!(utm.received().len(), DOCUMENTS - 1);
}

struct Scenario {
    point: &'static str,
    passage: usize,
    seed: u64,
}

/// One killing and what follows; false if the point was not reached so often.
fn survives(scenario: &Scenario) -> bool {
    let Scenario { point, passage, seed } = *scenario;
    let what = format!("{point}#{passage} seed {seed}");
    let egais = Egais::new(Config { shuffle: seed > 0, seed, ..Config::default() });
    egais.partner("*", Partner { on_waybill: Answer::Accept, ..Partner::default() });
    let utm = egais.utm(SHOP);
    for index in 0..DOCUMENTS {
        let head = Head::new(4, &format!("П{index}"), OTHER, SHOP);
        egais.supply(&head, &[line(1, 10)]);
    }
    egais.settle();
    let folder = tempfile::tempdir().expect("a temporary folder");
    let store = folder.path().join("obmen.db");
    let mut settings = exchange_bench::settings(&utm);
    settings["Таймаут"] = 2.into();
    let exchange = open(&store);
    exchange.set_exchange_settings(&settings).expect("settings");
    drop(exchange);
    let Some(accepted) = kill_at(&store, point, passage, &format!("{point}{passage}{seed}")) else {
        return false;
    };
    let exchange = open(&store);
    for key in &accepted {
        assert!(exchange.document(key).is_ok(), "{what}: {key} was accepted and is lost");
    }
    recover(&exchange, &egais, &utm, &what);
    for key in &accepted {
        let status = exchange.document(key).expect("still there")["Статус"].clone();
        assert_eq!(status, "Подтвержден", "{what}: {key}");
    }
    let mut times: BTreeMap<String, usize> = BTreeMap::new();
    for document in utm.received() {
        *times.entry(document.identity).or_default() += 1;
    }
    assert!(times.values().all(|count| *count == 1), "{what}: sent twice: {times:?}");
    let incoming =
        exchange.documents(&json!({ "Вид": "ВходящаяНакладная", "Статус": "Получен" })).expect("documents");
    assert_eq!(
        incoming.as_array().map(Vec::len),
        Some(DOCUMENTS),
        "{what}: incoming waybills are lost: {incoming}"
    );
    assert_eq!(utm.waiting(), 0, "{what}: not everything was taken from UTM");
    true
}

/// Another process takes over: it exchanges until nothing is open; a person decides where nobody can know.
fn recover(exchange: &Exchange, egais: &Egais, utm: &Utm, what: &str) {
    let begun = Instant::now();
    while begun.elapsed() < Duration::from_secs(120) {
        egais.settle();
        run(|operation| exchange.exchange(&Value::Null, &Value::Null, None, operation)).expect("a report");
        let open = exchange
            .documents(&json!({ "Завершен": false, "Вид": "ИсходящаяНакладная" }))
            .expect("documents");
        let open = open.as_array().cloned().unwrap_or_default();
        let is_quiet = open.iter().all(|document| document["Статус"] == "ИсходНеизвестен");
        if is_quiet && utm.waiting() == 0 {
            if open.is_empty() {
                return;
            }
            for document in open {
                let key = document["Ссылка"].as_str().expect("a key").to_owned();
                let xml = exchange.document(&key).expect("a document")["XMLИсходящий"].clone();
                let arrived = utm.received().iter().any(|received| xml == received.xml.as_str());
                assert!(
                    !arrived,
                    "{what}: {key} had arrived and was not found in the list of what was submitted"
                );
                // The person has looked it up: EGAIS does not have it.
                run(|operation| {
                    exchange.prepare_to_send(
                        &json!(key),
                        "ПередайтеПовторно",
                        &Value::Null,
                        false,
                        None,
                        operation,
                    )
                })
                .expect("allowed");
            }
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    panic!("{what}: the exchange does not come to rest");
}

#[test]
fn a_process_killed_at_any_step_loses_nothing_and_sends_nothing_twice() {
    // More with OBMEN_KILL_SEEDS; the first seed is without disorder.
    let seeds: u64 = std::env::var("OBMEN_KILL_SEEDS").ok().and_then(|seeds| seeds.parse().ok()).unwrap_or(7);
    let courses: Vec<(&'static str, u64)> =
        (0..seeds).flat_map(|seed| POINTS.iter().map(move |point| (*point, seed))).collect();
    let (next, reached) = (AtomicUsize::new(0), AtomicUsize::new(0));
    std::thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                while let Some((point, seed)) = courses.get(next.fetch_add(1, Ordering::SeqCst)) {
                    let killed = (1..=PASSAGES)
                        .take_while(|passage| survives(&Scenario { point, passage: *passage, seed: *seed }))
                        .count();
                    reached.fetch_add(killed, Ordering::SeqCst);
                }
            });
        }
    });
    let reached = reached.into_inner();
    println!("killed {reached} times");
    assert!(reached as u64 >= seeds * 25, "only {reached} killings: points are not reached");
}
