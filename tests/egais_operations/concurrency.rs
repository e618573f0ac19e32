//! Leases, and many UTMs at once.

use super::exchange_bench::{Bench, OTHER, SHOP, SUPPLIER, run, settings, waybill_xml};
use super::utm::transport::FOR_EVER;
use super::utm::world::{Config, FaultKind};
use obmen::egais::exchange::operations::Exchange;
use obmen::operation::{CancelToken, Operation, Silent};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

/// Organisations that a report names errors of.
fn failed(report: &Value) -> Vec<&str> {
    let errors = report["Ошибки"].as_array().expect("errors");
    errors.iter().filter_map(|error| error["КодФСРАР"].as_str()).collect()
}

#[test]
fn two_objects_do_not_serve_one_organisation_at_the_same_time() {
    let bench = Bench::new(Config::default(), &[SHOP, SUPPLIER]);
    bench.utm(SHOP).fault("GET", "/api/info/list", FaultKind::Hang(Duration::from_millis(1500)), Some(1));
    let mut other = Exchange::default();
    other.set_store_file(&bench.folder.path().join("obmen.db").to_string_lossy()).expect("the same store");
    std::thread::scope(|scope| {
        let first = scope.spawn(|| bench.exchange());
        let begun = Instant::now();
        while bench.utm(SHOP).with(|utm| utm.requests) == 0 {
            assert!(begun.elapsed() < Duration::from_secs(30), "the first exchange does not begin");
            std::thread::sleep(Duration::from_millis(5));
        }
        let second =
            run(|operation| other.exchange(&Value::Null, &Value::Null, None, operation)).expect("a report");
        assert!(failed(&second).contains(&SHOP), "{second}");
        assert_eq!(second["Ошибки"][0]["Код"], "busy");
        first.join().expect("no panic");
    });
    let third =
        run(|operation| other.exchange(&Value::Null, &Value::Null, None, operation)).expect("a report");
    assert_eq!(third["ТекстОшибки"], "", "the lease was given back");
}

#[test]
fn hung_utms_do_not_hold_up_the_others() {
    let codes: Vec<String> = (0..12).map(|index| format!("0300000001{index:02}")).collect();
    let codes: Vec<&str> = codes.iter().map(String::as_str).collect();
    let bench = Bench::new(Config::default(), &codes);
    for (index, utm) in bench.utms.iter().enumerate() {
        let mut short = settings(utm);
        short["Таймаут"] = 2.into();
        bench.exchange.set_exchange_settings(&short).expect("settings");
        if index % 3 == 0 {
            utm.fault("GET", "/", FaultKind::Hang(FOR_EVER), None);
        } else {
            utm.inject("Ticket", None, "<A/>");
        }
    }
    let report = bench.exchange();
    assert_eq!(failed(&report), [codes[0], codes[3], codes[6], codes[9]], "{report}");
    let kept = bench.exchange.protocol(&json!({ "Событие": "Получено" })).expect("events");
    assert_eq!(kept.as_array().map(Vec::len), Some(8), "all others were served");
}

#[test]
fn a_cancelled_exchange_reports_what_it_did() {
    let bench = Bench::new(Config::default(), &[SHOP, SUPPLIER]);
    let mut patient = settings(bench.utm(SHOP));
    patient["Таймаут"] = 86_400.into();
    bench.exchange.set_exchange_settings(&patient).expect("settings");
    bench.utm(SHOP).fault("", "/", FaultKind::Hang(FOR_EVER), None);
    bench.prepare("wb", SUPPLIER, "WayBill_v4", json!(waybill_xml(4, SUPPLIER, OTHER, "1")));
    let token = CancelToken::new();
    let (stop, utm) = (token.clone(), bench.utm(SUPPLIER));
    let report = std::thread::scope(|scope| {
        // The other UTM has been served when the user loses patience with the hung one.
        scope.spawn(move || {
            while utm.received().is_empty() {
                std::thread::sleep(Duration::from_millis(5));
            }
            std::thread::sleep(Duration::from_millis(300));
            stop.cancel();
        });
        let mut silent = Silent;
        let mut operation = Operation::new(token, &mut silent);
        bench.exchange.exchange(&Value::Null, &Value::Null, None, &mut operation).expect("a report")
    });
    assert_eq!(
        (&report["Ошибки"][0]["КодФСРАР"], &report["Ошибки"][0]["Код"]),
        (&json!(SHOP), &json!("cancelled"))
    );
    assert_eq!(bench.change(&report, "wb")["КодФСРАР"], SUPPLIER);
}

#[test]
fn a_utm_that_trickles_bytes_costs_its_budget_and_no_more() {
    let bench = Bench::new(Config::default(), &[SHOP]);
    let mut short = settings(bench.utm(SHOP));
    short["Таймаут"] = 1.into();
    bench.exchange.set_exchange_settings(&short).expect("settings");
    bench.utm(SHOP).fault("GET", "/opt/out", FaultKind::SlowBytes(Duration::from_millis(300)), None);
    let report = bench.exchange();
    assert_eq!(report["Ошибки"].as_array().map(Vec::len), Some(1), "{report}");
}
