//! Incoming documents step by step, and the UTM on one side with the store on the other.

use super::exchange_bench::{Bench, OTHER, SHOP, run, settings, waybill_xml};
use super::utm::world::{Answer, Config, Partner};
use obmen::egais::exchange::operations::{Exchange, Side};
use serde_json::{Value, json};

#[test]
fn incoming_documents_are_checked_fetched_and_removed_step_by_step() {
    let bench = Bench::new(Config::default(), &[SHOP]);
    let mut none = settings(bench.utm(SHOP));
    none["УдалятьИзУТМ"] = "Ничего".into();
    none["ЗагружатьВходящие"] = false.into();
    bench.exchange.set_exchange_settings(&none).expect("settings");
    bench.supply(4, "п1");
    bench.exchange();
    let documents =
        || bench.exchange.documents(&json!({})).expect("documents").as_array().map_or(0, Vec::len);
    assert_eq!(documents(), 0, "the settings say not to load");
    let checked =
        run(|operation| bench.exchange.check_incoming(&json!(SHOP), None, operation)).expect("checked");
    assert_eq!(checked["АдресаURLВходящихДокументов"].as_array().map(Vec::len), Some(3));
    let list = checked["АдресаURLВходящихДокументов"].clone();
    let refused = run(|operation| bench.exchange.delete_incoming(&list, operation)).expect("a report");
    assert_eq!((refused["Удалено"].as_u64(), refused["Ошибки"].as_array().map(Vec::len)), (Some(0), Some(3)));
    let fetched =
        run(|operation| bench.exchange.fetch_incoming(&json!({ SHOP: none }), operation)).expect("fetched");
    assert_eq!(fetched["Изменения"][0]["Статус"], "Получен");
    assert_eq!(bench.utm(SHOP).waiting(), 3, "the settings say to remove nothing");
    let checked =
        run(|operation| bench.exchange.check_incoming(&json!(SHOP), None, operation)).expect("checked");
    assert_eq!(checked["АдресаURLВходящихДокументов"], json!([]), "all are kept");
    let removed = run(|operation| bench.exchange.delete_incoming(&list, operation)).expect("a report");
    assert_eq!(removed["Удалено"], 3);
    assert_eq!(bench.utm(SHOP).waiting(), 0);
}

#[test]
fn a_client_without_a_store_sends_and_fetches_for_a_server_without_a_utm() {
    let bench = Bench::new(Config::default(), &[SHOP]);
    bench.egais.partner("*", Partner { on_waybill: Answer::Accept, ..Partner::default() });
    let mut remote = settings(bench.utm(SHOP));
    remote["ОбменНаСервере"] = false.into();
    bench.exchange.set_exchange_settings(&remote).expect("settings");
    let server = &bench.exchange;
    let mut client = Exchange::default();
    client.set_side(Side::Client);
    bench.prepare("wb", SHOP, "WayBill_v4", json!(waybill_xml(4, SHOP, OTHER, "1")));
    bench.supply(4, "п1");

    let report = bench.exchange();
    assert_eq!(bench.utm(SHOP).with(|utm| utm.requests), 0, "the server does not reach it");
    let messages = report["СообщенияXMLКПередаче"].clone();
    assert_eq!(messages.as_array().map(Vec::len), Some(1));
    assert_eq!(bench.status("wb"), "Передается");
    assert_eq!(bench.exchange()["СообщенияXMLКПередаче"], json!([]), "leased, not given twice");

    let settings = report["НастройкиОбменаЕГАИС"].clone();
    let results = run(|operation| client.send_messages(&messages, &settings, operation)).expect("results");
    assert_eq!(results[0]["Исход"], "Передано");
    let accepted = server.accept_send_results(&results).expect("accepted");
    assert_eq!(accepted["Изменения"][0]["Статус"], "Передан");
    assert_eq!(server.accept_send_results(&results).expect("once more")["Изменения"], json!([]));

    bench.egais.settle();
    let incoming = run(|operation| client.incoming_messages(&settings, operation)).expect("messages");
    let processed = server.process_incoming(&incoming, None).expect("processed");
    assert_eq!(bench.status("wb"), "Подтвержден");
    assert_eq!(bench.only_incoming()["Статус"], "Получен");
    let removed = run(|operation| client.delete_incoming(&processed, operation)).expect("removed");
    assert_eq!(removed["Ошибки"], json!([]));
    assert_eq!(bench.utm(SHOP).waiting(), 0);
}

#[test]
fn a_utm_of_the_other_side_is_left_alone_by_every_operation() {
    let bench = Bench::new(Config::default(), &[SHOP]);
    let mut remote = settings(bench.utm(SHOP));
    remote["ОбменНаСервере"] = false.into();
    bench.exchange.set_exchange_settings(&remote).expect("settings");
    bench.supply(4, "п1");
    let exchange = &bench.exchange;
    for organisations in [json!(SHOP), Value::Null] {
        let looked = [
            run(|operation| exchange.incoming_messages(&organisations, operation)).expect("a report"),
            run(|operation| exchange.check_incoming(&organisations, None, operation)).expect("a report"),
            run(|operation| exchange.fetch_incoming(&organisations, operation)).expect("a report"),
            run(|operation| exchange.check_utms(&organisations, operation)).expect("a report"),
        ];
        for report in looked {
            let named = report["Ошибки"].as_array().map(Vec::len);
            assert_eq!(named, Some(usize::from(!organisations.is_null())), "{report}");
        }
    }
    assert_eq!(bench.utm(SHOP).with(|utm| utm.requests), 0);
    let unknown =
        run(|operation| exchange.check_incoming(&json!("000000000001"), None, operation)).expect("a report");
    assert_eq!(unknown["Ошибки"][0]["КодФСРАР"], "000000000001");
}

#[test]
fn a_message_whose_lease_has_run_out_is_not_sent() {
    let bench = Bench::new(Config::default(), &[SHOP]);
    let mut remote = settings(bench.utm(SHOP));
    remote["ОбменНаСервере"] = false.into();
    bench.exchange.set_exchange_settings(&remote).expect("settings");
    bench.prepare("wb", SHOP, "WayBill_v4", json!(waybill_xml(4, SHOP, OTHER, "1")));
    let report = bench.exchange();
    let mut messages = report["СообщенияXMLКПередаче"].clone();
    messages[0]["АрендаДо"] = "2020-01-01T00:00:00Z".into();
    let client = Exchange::default();
    let settings = report["НастройкиОбменаЕГАИС"].clone();
    let results = run(|operation| client.send_messages(&messages, &settings, operation)).expect("results");
    assert_eq!(results[0]["Исход"], "НеПередано");
    assert!(bench.utm(SHOP).received().is_empty());
    bench.exchange.accept_send_results(&results).expect("accepted");
    assert_eq!(bench.status("wb"), "КПередаче");
    let foreign = json!([{ "ИдентификаторСообщения": "1-0000000000000000", "Исход": "Передано", "ИдентификаторЗапроса": "x" }]);
    let refused = bench.exchange.accept_send_results(&foreign).expect("a report");
    assert_eq!(
        refused["Ошибки"].as_array().map(Vec::len),
        Some(1),
        "a result of another store changes nothing"
    );
    assert_eq!(bench.status("wb"), "КПередаче");
}
