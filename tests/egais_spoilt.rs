//! What UTM cannot give, take or forget holds up nothing behind it.

mod common;
mod exchange_bench;
mod utm;

use exchange_bench::{Bench, OTHER, SHOP, run, settings, waybill_xml};
use serde_json::{Value, json};
use std::time::Duration;
use utm::world::{Config, FaultKind};

/// Addresses in the list of the shop's UTM.
fn waiting(bench: &Bench) -> Vec<String> {
    let list =
        run(|operation| bench.exchange.check_incoming(&Value::Null, None, operation)).expect("a list").value;
    let list = list["АдресаURLВходящихДокументов"].as_array().expect("an array").clone();
    list.iter().map(|line| line["АдресURL"].as_str().unwrap_or_default().to_owned()).collect()
}

fn errors(report: &Value) -> usize {
    report["Ошибки"].as_array().map_or(0, Vec::len)
}

#[test]
fn an_answer_that_is_no_document_is_told_and_the_document_asked_for_again() {
    let page = FaultKind::Page("<html><body>УТМ запускается</body></html>".into());
    for fault in [FaultKind::Page(String::new()), page, FaultKind::Error("Документ не найден".into())]
    {
        let bench = Bench::new(Config::default(), &[SHOP]);
        bench.supply(4, "п1");
        bench.utm(SHOP).fault("GET", "/opt/out/", fault, Some(1));
        let report = bench.exchange();
        assert_eq!(errors(&report), 1, "{report}");
        assert_eq!(bench.utm(SHOP).waiting(), 1, "what was not read stays");
        assert_eq!(waiting(&bench).len(), 1, "it still counts as new");
        bench.exchange_until_quiet();
        assert_eq!(bench.only_incoming()["Статус"], "Получен");
        assert_eq!(bench.utm(SHOP).waiting(), 0);
    }
}

#[test]
fn a_document_utm_cannot_give_holds_up_no_other() {
    let bench = Bench::new(Config::default(), &[SHOP]);
    bench.utm(SHOP).inject("Ticket", None, "<A/>");
    let [broken] = waiting(&bench).try_into().expect("one document");
    bench.supply(4, "п1");
    bench.utm(SHOP).fault("GET", &broken, FaultKind::Html500, None);
    assert_eq!(errors(&bench.exchange()), 1);
    assert_eq!(bench.only_incoming()["Статус"], "Получен");
    assert_eq!(bench.utm(SHOP).waiting(), 1);
}

#[test]
fn a_document_utm_cannot_forget_holds_up_no_other() {
    let bench = Bench::new(Config::default(), &[SHOP]);
    bench.supply(4, "п1");
    let first = waiting(&bench).first().cloned().expect("a document");
    bench.utm(SHOP).fault("DELETE", &first, FaultKind::Html500, None);
    assert_eq!(errors(&bench.exchange()), 1);
    assert_eq!(waiting(&bench), Vec::<String>::new(), "all are kept");
    assert_eq!(bench.utm(SHOP).waiting(), 1, "all others are removed");
}

#[test]
fn a_document_utm_hangs_on_is_asked_for_last_the_next_time() {
    let bench = Bench::new(Config::default(), &[SHOP]);
    bench.utm(SHOP).inject("Ticket", None, "<A/>");
    let [hanging] = waiting(&bench).try_into().expect("one document");
    bench.supply(4, "п1");
    bench.utm(SHOP).fault("GET", &hanging, FaultKind::Hang(Duration::from_secs(60)), None);
    let mut hurried = settings(bench.utm(SHOP));
    hurried["Таймаут"] = 2.into();
    let exchange = || {
        run(|operation| bench.exchange.exchange(&json!([hurried]), &Value::Null, None, operation))
            .expect("a report")
            .value
    };
    assert_eq!(errors(&exchange()), 1, "it uses up the time");
    assert_eq!(errors(&exchange()), 1);
    assert_eq!(bench.only_incoming()["Статус"], "Получен", "what was behind it is taken");
}

#[test]
fn the_other_side_gets_what_could_be_read() {
    let bench = Bench::new(Config::default(), &[SHOP]);
    bench.supply(4, "п1");
    let addresses = waiting(&bench);
    bench.utm(SHOP).fault("GET", &addresses[0], FaultKind::Html500, None);
    let answer =
        run(|operation| bench.exchange.incoming_messages(&Value::Null, operation)).expect("a report").value;
    assert_eq!(errors(&answer), 1);
    let read = answer["ДокументыКЗагрузке"][SHOP].as_array().expect("documents");
    assert_eq!(read.len(), addresses.len() - 1);
}

#[test]
fn a_query_utm_chokes_on_holds_up_nothing() {
    let bench = Bench::new(Config::default(), &[SHOP]);
    bench.supply(4, "п1");
    let parameters = json!({ "Parameters": { "Parameter": { "Name": "КОД", "Value": "1" } } });
    bench.prepare("query", SHOP, "QueryAP_v2", parameters);
    bench.prepare("wb", SHOP, "WayBill_v4", json!(waybill_xml(4, SHOP, OTHER, "1")));
    bench.utm(SHOP).fault("POST", "/opt/in/QueryAP_v2", FaultKind::Html500, None);
    assert_eq!(errors(&bench.exchange()), 1);
    assert_eq!(bench.only_incoming()["Статус"], "Получен", "answers come all the same");
    bench.exchange();
    let sent: Vec<_> = bench.utm(SHOP).received().into_iter().map(|document| document.url_type).collect();
    assert_eq!(sent, ["WayBill_v4"], "the waybill overtakes the query");
    assert_eq!(bench.status("query"), "КПередаче");
}

#[test]
fn an_action_on_an_unknown_document_says_so() {
    let bench = Bench::new(Config::default(), &[SHOP]);
    let error = bench.try_act("нет-такого", "ПодтвердитеПолучение", json!({})).expect_err("unknown");
    assert!(error.message().ru.contains("нет-такого"), "{error}");
}
