//! Every fault between the library and the site: nothing is lost, nothing is created twice.

use crate::catalogue::formats::{self, Names};
use crate::common::proxy::Proxy;
use crate::common::site::Site;
use crate::exchange::{Exchange, SYNC};
use crate::expected::assert_stored;
use crate::{numbers, plain_products};
use serde_json::{Value, json};
use std::collections::HashMap;

/// One key is always sent with one body: the site refuses anything else, and a second creation would need it.
fn assert_keys_keep_their_bodies(log: &[Value]) {
    let mut bodies: HashMap<&str, &Value> = HashMap::new();
    for request in log.iter().filter(|request| request["step"] != "reset_in_body") {
        let Some(key) = request["headers"]["idempotency-key"].as_str() else { continue };
        assert_eq!(
            bodies.entry(key).or_insert(&request["body_sha256"]),
            &&request["body_sha256"],
            "key {key}"
        );
    }
}

/// The first request of every batch meets `fault`; everything arrives all the same, once.
fn survives(fault: Value) {
    let products = plain_products(120);
    for idempotency in [&[][..], &["--no-idempotency"]] {
        let Some(site) = Site::start(idempotency) else { return };
        let proxy = Proxy::start(site.address(), &json!({ "each_key": [fault] }));
        let mut exchange = Exchange::with(&proxy.url);
        exchange.set("РазмерПакета", "20").set("Таймаут", if fault["do"] == "slow" { "2" } else { "60" });
        let Some(report) = exchange.sync(&formats::json(&products, Names::Russian)) else { return };
        assert_eq!(report["status"], "success", "{fault}: {report}");
        assert_eq!(numbers(&report, &["processed", "unsent"]), [120, 0], "{fault}");
        assert_eq!(report["batches"], json!({"total": 6, "sent": 6, "failed": 0}), "{fault}");
        assert_eq!((site.products(), site.created()), (120, 120), "{fault}");
        if idempotency.is_empty() {
            assert_stored(&site, &products); // each product written exactly once
        }
        let log = proxy.log();
        let name = fault["do"].as_str().or(fault.as_str());
        assert_eq!(
            log.iter().filter(|request| request["step"].as_str() == name).count(),
            6,
            "{fault}: {log:?}"
        );
        assert_keys_keep_their_bodies(&log);
    }
}

#[test]
fn a_connection_reset_in_the_body_is_survived() {
    survives(json!("reset_in_body"));
}

#[test]
fn a_connection_reset_after_the_body_is_survived() {
    survives(json!("reset_after_body"));
}

#[test]
fn an_answer_lost_after_the_site_has_taken_the_request_is_survived() {
    survives(json!("lost_answer"));
}

/// A broken body under a good status is not repeated: nobody knows what the site did. Its products stay unsent, and
/// sending them again updates them.
#[test]
fn products_whose_answer_broke_off_stay_unsent_and_are_not_created_again() {
    let products = plain_products(60);
    let Some(site) = Site::start(&[]) else { return };
    let proxy = Proxy::start(site.address(), &json!({ "requests": ["pass", "cut_answer", "pass"] }));
    let mut exchange = Exchange::with(&proxy.url);
    exchange.set("РазмерПакета", "20").call(SYNC, &formats::json(&products, Names::Russian));
    let Some(run) = exchange.line("НеотправленныеТовары()").run() else { return };
    let report = run.json(SYNC);
    assert_eq!(report["status"], "partial", "{report}");
    assert_eq!(numbers(&report, &["processed", "unsent"]), [40, 20]);
    assert_eq!(proxy.log().len(), 3);
    let again = run.json("НеотправленныеТовары").to_string();
    let Some(report) = Exchange::with(&site.url).sync(&again) else { return };
    assert_eq!(numbers(&report, &["created", "updated"]), [0, 20]);
    assert_eq!((site.products(), site.created()), (60, 60));
}

#[test]
fn an_answer_cut_in_its_head_is_survived() {
    survives(json!("cut_head"));
}

#[test]
fn a_site_that_never_answers_in_time_is_survived() {
    survives(json!({"do": "slow", "ms": 3000}));
}

#[test]
fn answers_that_ask_to_come_later_are_survived() {
    for status in [408, 425, 429, 500, 502, 503, 504] {
        survives(json!({"do": "answer", "status": status, "headers": {"Retry-After": "0"}, "body": "busy"}));
    }
}

#[test]
fn an_error_told_after_the_site_has_taken_the_request_is_survived() {
    survives(json!({"do": "replace", "status": 502, "body": "<html>Bad gateway</html>"}));
}

#[test]
fn a_site_that_refuses_connections_for_a_while_is_survived() {
    let products = plain_products(60);
    let Some(site) = Site::start(&[]) else { return };
    let steps = json!([{"do": "refuse", "ms": 500}, "pass", {"do": "refuse", "ms": 500}]);
    let proxy = Proxy::start(site.address(), &json!({ "requests": steps }));
    let mut exchange = Exchange::with(&proxy.url);
    exchange.set("РазмерПакета", "20").set("КоличествоПопыток", "50").set("ПаузаМеждуПопытками", "0.1");
    let Some(report) = exchange.set("ПределПаузы", "0.2").sync(&formats::json(&products, Names::Russian))
    else {
        return;
    };
    assert_eq!(report["status"], "success", "{report}");
    assert_stored(&site, &products);
}

#[test]
fn an_idle_connection_that_the_site_has_closed_costs_nothing() {
    let products = plain_products(60);
    let Some(site) = Site::start(&[]) else { return };
    let proxy = Proxy::start(
        site.address(),
        &json!({ "requests": ["pass", "reset_at_once", "pass", "reset_at_once"] }),
    );
    let Some(report) =
        Exchange::with(&proxy.url).set("РазмерПакета", "20").sync(&formats::json(&products, Names::Russian))
    else {
        return;
    };
    assert_eq!(report["status"], "success", "{report}");
    assert_stored(&site, &products);
}

#[test]
fn faults_of_all_kinds_at_random_lose_and_double_nothing() {
    let products = plain_products(600);
    let Some(site) = Site::start(&[]) else { return };
    let steps = json!([
        "reset_in_body", "reset_after_body", "lost_answer", "cut_head",
        {"do": "answer", "status": 503, "headers": {"Retry-After": "0"}}, {"do": "replace", "status": 500, "body": ""},
        {"do": "answer", "status": 429}, {"do": "trickle", "ms": 1}, {"do": "slow", "ms": 100}
    ]);
    let proxy =
        Proxy::start(site.address(), &json!({ "random": {"seed": 20, "chance": 0.5, "steps": steps} }));
    let mut exchange = Exchange::with(&proxy.url);
    exchange.set("РазмерПакета", "10").set("ПараллельныхОтправок", "4").set("КоличествоПопыток", "30");
    let Some(report) = exchange.sync(&formats::internal_table(&products)) else { return };
    assert_eq!(report["status"], "success", "{report}");
    assert_eq!(numbers(&report, &["processed", "unsent"]), [600, 0]);
    assert_stored(&site, &products);
    assert_keys_keep_their_bodies(&proxy.log());
}

#[test]
fn garbage_instead_of_an_answer_is_an_error_and_not_repeated() {
    for body in ["", "<html>ok</html>", "{\"status\":\"success\",\"proces", "[1,2]", "null"] {
        let products = plain_products(20);
        let Some(site) = Site::start(&[]) else { return };
        let step = json!({"do": "answer", "status": 200, "body": body});
        let proxy = Proxy::start(site.address(), &json!({ "requests": [step] }));
        let mut exchange = Exchange::with(&proxy.url);
        let Some(report) = exchange.set("РазмерПакета", "10").sync(&formats::json(&products, Names::Russian))
        else {
            return;
        };
        assert_eq!(report["status"], "partial", "{body}: {report}");
        assert_eq!(report["batches"], json!({"total": 2, "sent": 1, "failed": 1}), "{body}: {report}");
        assert_eq!(proxy.log().len(), 2, "{body}");
        assert_eq!(site.products(), 10);
    }
}

#[test]
fn what_is_not_http_is_an_error_of_the_connection() {
    let products = formats::json(&plain_products(5), Names::Russian);
    let Some(site) = Site::start(&[]) else { return };
    let step = json!({"do": "raw", "text": "220 ready for mail\r\n"});
    let proxy = Proxy::start(site.address(), &json!({ "requests": [step, step, step] }));
    let Some(report) = Exchange::with(&proxy.url).sync(&products) else { return };
    assert_eq!(report["status"], "error", "{report}");
    assert_eq!(numbers(&report, &["processed", "unsent"]), [0, 5], "{report}");
}

#[test]
fn what_stays_unsent_can_be_sent_later() {
    let products = plain_products(100);
    let Some(site) = Site::start(&[]) else { return };
    let broken = json!({"do": "answer", "status": 503, "headers": {"Retry-After": "0"}});
    let mut steps = vec![json!("pass"), json!("pass")];
    steps.extend(std::iter::repeat_n(broken, 1000));
    let proxy = Proxy::start(site.address(), &json!({ "requests": steps }));
    let mut exchange = Exchange::with(&proxy.url);
    exchange
        .set("РазмерПакета", "20")
        .call("ДобавитьТовары", &formats::json(&products, Names::Russian))
        .line(&format!("{SYNC}()"))
        .line("НеотправленныеТовары()")
        .line("Неотправлено")
        .line("КоличествоТоваров");
    let Some(run) = exchange.run() else { return };
    let report = run.json(SYNC);
    assert_eq!(report["status"], "partial", "{report}");
    assert_eq!(numbers(&report, &["processed", "unsent"]), [40, 60]);
    let left = run.json("НеотправленныеТовары");
    let skus: Vec<_> =
        left.as_array().expect("an array").iter().map(|product| product["sku"].as_str()).collect();
    let expected: Vec<_> = products[40..].iter().map(|product| product.sku.as_deref()).collect();
    assert_eq!(skus, expected, "in the order in which they were given");
    assert_eq!([run.value("Неотправлено"), run.value("КоличествоТоваров")], [&json!(60), &json!(60)]);

    let Some(report) = Exchange::with(&site.url).sync(&left.to_string()) else { return };
    assert_eq!(report["status"], "success", "{report}");
    assert_stored(&site, &products);
}

#[test]
fn the_list_keeps_what_was_not_sent_and_sends_it_next_time() {
    let products = plain_products(100);
    let Some(site) = Site::start(&[]) else { return };
    let broken = json!({"do": "answer", "status": 503, "headers": {"Retry-After": "0"}});
    let steps: Vec<_> = [json!("pass")].into_iter().chain(std::iter::repeat_n(broken, 1000)).collect();
    let proxy = Proxy::start(site.address(), &json!({ "requests": steps }));
    let mut exchange = Exchange::with(&proxy.url);
    exchange
        .set("РазмерПакета", "30")
        .call("ДобавитьТовары", &formats::json(&products, Names::Russian))
        .line(&format!("{SYNC}()"))
        .set("АдресСайта", &format!("\"{}\"", site.url))
        .line(&format!("{SYNC}()"))
        .line("КоличествоТоваров");
    let Some(run) = exchange.run() else { return };
    assert_eq!(numbers(&run.json(SYNC), &["processed", "unsent"]), [70, 0]);
    assert_eq!(run.value("КоличествоТоваров"), &json!(0));
    assert_stored(&site, &products);
}

#[test]
fn the_journal_tells_every_attempt_and_never_the_token() {
    let products = formats::json(&plain_products(10), Names::Russian);
    let Some(site) = Site::start(&[]) else { return };
    let token = crate::common::site::TOKEN;
    let echo = json!({"do": "answer", "status": 503, "headers": {"Retry-After": "0"}, "body": format!("token {token}")});
    let proxy = Proxy::start(site.address(), &json!({ "requests": [echo] }));
    let mut exchange = Exchange::with(&proxy.url);
    let Some(run) = exchange.set("УровеньЖурнала", "\"debug\"").call(SYNC, &products).run()
    else {
        return;
    };
    let log = exchange.log();
    assert!(log.contains("503") && log.contains("200"), "{log}");
    assert!(!log.contains(token) && !format!("{run:?}").contains(token), "{log}");
}
