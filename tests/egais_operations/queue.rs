//! What is prepared, queued, cancelled and undone.

use super::exchange_bench::{Bench, OTHER, SHOP, SUPPLIER, run, settings, waybill_xml};
use super::query_xml;
use super::utm::papers;
use super::utm::world::{Config, Verdict};
use super::utm::xml::element;
use obmen::error::Code;
use serde_json::{Value, json};

#[test]
fn an_unsent_operation_is_cancelled_and_a_sent_one_is_not() {
    let bench = Bench::new(Config::default(), &[SUPPLIER]);
    bench.prepare("wb", SUPPLIER, "WayBill_v4", json!(waybill_xml(4, SUPPLIER, OTHER, "1")));
    let changes = bench.exchange.cancel_sending("wb").expect("cancelled");
    assert_eq!(
        (changes[0]["СтатусДо"].as_str(), changes[0]["Статус"].as_str()),
        (Some("КПередаче"), Some("Черновик"))
    );
    assert!(bench.exchange.cancel_sending("wb").is_err(), "nothing is queued any more");
    assert_eq!(bench.exchange.cancel_sending("нет").expect_err("unknown").code(), Code::Argument);
    bench.exchange();
    assert!(bench.utm(SUPPLIER).received().is_empty());
}

#[test]
fn the_last_operation_is_undone_until_egais_accepts_it() {
    let bench = Bench::new(Config::default(), &[SHOP]);
    bench.supply(4, "п1");
    bench.exchange_until_quiet();
    let key = bench.only_incoming_key();
    bench.egais.rule("WayBillAct_v4", Verdict::Silence, "", Some(1));
    bench.act(&key, "ПодтвердитеПолучение", json!({}));
    bench.exchange_until_quiet();
    assert_eq!(bench.status(&key), "Передан");
    let changes = bench.exchange.cancel_last_operation(&key).expect("undone");
    assert_eq!(
        (changes[0]["СтатусДо"].as_str(), changes[0]["Статус"].as_str()),
        (Some("Передан"), Some("Получен"))
    );
    bench.act(&key, "ПодтвердитеПолучение", json!({}));
    bench.exchange_until_quiet();
    assert_eq!(bench.status(&key), "Подтвержден");
    assert!(bench.exchange.cancel_last_operation(&key).is_err(), "EGAIS has accepted it");
}

#[test]
fn what_is_sent_at_once_overtakes_the_queue() {
    let bench = Bench::new(Config::default(), &[SUPPLIER]);
    bench.prepare("later", SUPPLIER, "WayBill_v4", json!(waybill_xml(4, SUPPLIER, OTHER, "1")));
    let item = json!({ "Ссылка": "now", "КодФСРАР": SUPPLIER, "ТипДокумента": "WayBill_v4",
                       "Данные": waybill_xml(4, SUPPLIER, OTHER, "2") });
    let report = run(|operation| {
        bench.exchange.prepare_to_send(&item, "ПередайтеДанные", &Value::Null, true, None, operation)
    })
    .expect("sent");
    assert_eq!(bench.change(&report, "now")["Статус"], "Передан");
    let numbers: Vec<String> =
        bench.utm(SUPPLIER).received().into_iter().map(|document| document.number).collect();
    assert_eq!(numbers, ["2"]);
    assert_eq!(bench.status("later"), "КПередаче");
}

#[test]
fn of_many_documents_the_good_are_queued_and_the_bad_are_named() {
    let bench = Bench::new(Config::default(), &[SUPPLIER]);
    let good = json!({ "Ссылка": "good", "КодФСРАР": SUPPLIER, "ТипДокумента": "WayBill_v4",
                       "Данные": waybill_xml(4, SUPPLIER, OTHER, "1") });
    let bad = json!({ "Ссылка": "bad", "КодФСРАР": SUPPLIER, "ТипДокумента": "WayBill_v4", "Данные": "<Documents>" });
    let foreign = json!({ "Ссылка": "foreign", "КодФСРАР": "000000000001", "ТипДокумента": "WayBill_v4",
                          "Данные": waybill_xml(4, SUPPLIER, OTHER, "3") });
    let report = run(|operation| {
        bench.exchange.prepare_to_send(
            &json!([good, bad, foreign]),
            "ПередайтеДанные",
            &Value::Null,
            false,
            None,
            operation,
        )
    })
    .expect("a report");
    assert_eq!(report["Изменения"].as_array().map(Vec::len), Some(1));
    assert_eq!(report["Ошибки"].as_array().map(Vec::len), Some(2));
    assert_eq!(
        (&report["Ошибки"][0]["КодФСРАР"], &report["Ошибки"][0]["Ссылка"]),
        (&json!(SUPPLIER), &json!("bad"))
    );
    assert!(bench.exchange.document("bad").is_err(), "nothing of it is kept");
    let alone = run(|operation| {
        bench.exchange.prepare_to_send(&bad, "ПередайтеДанные", &Value::Null, false, None, operation)
    });
    assert_eq!(alone.expect_err("refused").code(), Code::ValueText);
}

#[test]
fn a_waybill_without_a_version_goes_in_the_format_of_its_organisation() {
    let bench = Bench::new(Config::default(), &[SUPPLIER]);
    let mut older = settings(bench.utm(SUPPLIER));
    older["ФорматОбмена"] = "V3".into();
    bench.exchange.set_exchange_settings(&older).expect("settings");
    bench.prepare("wb", SUPPLIER, "Накладная", json!(waybill_xml(3, SUPPLIER, OTHER, "1")));
    bench.exchange_until_quiet();
    assert_eq!(bench.exchange.document("wb").expect("a document")["ТипДокумента"], "WayBill_v3");
    assert_eq!(bench.status("wb"), "ПроведенЕГАИС");
    assert!(bench.try_prepare("wb4", SUPPLIER, "ТТН", json!(waybill_xml(4, SUPPLIER, OTHER, "2"))).is_err());
}

#[test]
fn a_query_too_early_waits_and_says_until_when() {
    let bench = Bench::new(Config::default(), &[SHOP]);
    bench.prepare("q1", SHOP, "QueryRests_v2", json!(query_xml("QueryRests_v2")));
    bench.exchange_until_quiet();
    assert_eq!(bench.status("q1"), "ОтветПолучен");
    bench.prepare("q2", SHOP, "QueryRests_v2", json!(query_xml("QueryRests_v2")));
    bench.exchange_until_quiet();
    let waiting = bench.exchange.document("q2").expect("a document");
    assert_eq!(waiting["Статус"], "КПередаче");
    assert!(waiting["ТекстОшибки"].as_str().is_some_and(|text| text.contains("до 20")), "{waiting}");
    assert_eq!(bench.utm(SHOP).received().len(), 1);
    let mut quick = settings(bench.utm(SHOP));
    quick["Паузы"] = json!({ "QueryRests": 0 });
    bench.exchange.set_exchange_settings(&quick).expect("settings");
    bench.prepare("q3", SHOP, "QueryRests_v2", json!(query_xml("QueryRests_v2")));
    bench.exchange_until_quiet();
    assert_eq!(bench.status("q3"), "ОтветПолучен", "the pause is a setting");
}

#[test]
fn a_classifier_is_asked_at_once_by_allowed_parameters_only() {
    let bench = Bench::new(Config::default(), &[SHOP]);
    let ask = |query: &str, parameter: &str| {
        run(|operation| {
            bench.exchange.prepare_classifier_query(
                SHOP,
                query,
                parameter,
                "7700000000",
                Some("ф"),
                operation,
            )
        })
    };
    let report = ask("ЗапросДанныхОрганизации", "ИНН").expect("asked");
    let change = report["Изменения"][0].clone();
    assert_eq!(
        (change["Статус"].as_str(), change["ИдентификаторВладельца"].as_str()),
        (Some("Передан"), Some("ф"))
    );
    bench.exchange_until_quiet();
    let key = change["Ссылка"].as_str().expect("a key");
    let document = bench.exchange.document(key).expect("a document");
    assert_eq!(
        (document["Статус"].as_str(), document["ЕстьДанные"].as_bool()),
        (Some("ОтветПолучен"), Some(true))
    );
    let data = bench.exchange.document_data(key).expect("data");
    assert_eq!(data["ТипДокумента"], "ReplyClient_v2");
    for (query, parameter) in
        [("ЗапросДанныхОрганизации", "КОД"), ("ЗапросАлкогольнойПродукции", "СИО"), ("Накладная", "ИНН")]
    {
        assert_eq!(
            ask(query, parameter).expect_err("not allowed").code(),
            Code::Argument,
            "{query} {parameter}"
        );
    }
    assert!(ask("ЗапросАлкогольнойПродукции", "код").is_ok());
}

#[test]
fn without_a_utm_a_classifier_query_waits_in_the_queue() {
    let bench = Bench::new(Config::default(), &[SHOP]);
    bench
        .exchange
        .set_exchange_settings(
            &json!({ "КодФСРАР": SHOP, "АдресУТМ": "127.0.0.1", "ПортУТМ": 9, "Таймаут": 5 }),
        )
        .expect("settings");
    let report = run(|operation| {
        bench.exchange.prepare_classifier_query(
            SHOP,
            "ЗапросДанныхОрганизации",
            "СИО",
            OTHER,
            None,
            operation,
        )
    })
    .expect("a report");
    assert_eq!(report["Изменения"][0]["Статус"], "КПередаче");
    assert_eq!(report["Ошибки"][0]["Код"], "http_connect");
}

#[test]
fn xml_of_an_unknown_type_is_sent_and_its_reply_kept_raw() {
    let bench = Bench::new(Config::default(), &[SHOP]);
    let xml = query_xml("QueryRests_v3");
    let report = run(|operation| bench.exchange.send_xml(SHOP, "QueryRests_v3", xml.as_bytes(), operation))
        .expect("sent");
    let key = report["Изменения"][0]["Ссылка"].as_str().expect("a key").to_owned();
    let reply_id = bench.utm(SHOP).received()[0].reply_id.clone();
    bench.utm(SHOP).with(|utm| utm.out.clear());
    bench.egais.settle();
    bench.utm(SHOP).with(|utm| utm.out.clear());
    let reply = papers::envelope(papers::SERVER, element("WB_DOC_SINGLE_01", "ReplyRests_v3"));
    bench.utm(SHOP).inject("ReplyRests_v3", Some(&reply_id), &reply);
    bench.exchange_until_quiet();
    assert_eq!(bench.status(&key), "ОтветПолучен");
    let error = run(|operation| bench.exchange.send_xml(SHOP, "../x", xml.as_bytes(), operation))
        .expect_err("a bad name");
    assert_eq!(error.code(), Code::Argument);
}
