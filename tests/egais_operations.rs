//! The operations of the exchange one by one, against the UTM stand-in.

mod exchange_bench;
mod utm;

use exchange_bench::{Bench, OTHER, SHOP, SUPPLIER, run, settings, waybill_xml};
use obmen::egais::exchange::operations::{Exchange, Side};
use obmen::error::Code;
use obmen::operation::{CancelToken, Operation, Silent};
use serde_json::{Value, json};
use std::time::{Duration, Instant};
use utm::world::{Answer, Config, FaultKind, Partner, Verdict};
use utm::xml::{element, leaf};
use utm::{papers, transport::FOR_EVER};

fn query_xml(name: &str) -> String {
    papers::envelope(SHOP, element("WB_DOC_SINGLE_01", name))
}

fn act_xml(number: &str) -> String {
    let ns = "ActWriteOff_v3";
    let header = element(ns, "Header")
        .field("ActNumber", number)
        .field("ActDate", "2024-06-03")
        .field("TypeWriteOff", "Порча");
    let form = element(ns, "InformF1F2").with(element(ns, "InformF2").with(leaf(
        "ProductRef_v2",
        "F2RegId",
        "FB-000000000000001",
    )));
    let position = element(ns, "Position").field("Identity", "1").field("Quantity", "1").with(form);
    let act = element("WB_DOC_SINGLE_01", ns)
        .with(leaf(ns, "Identity", uuid::Uuid::new_v4().to_string()))
        .with(header)
        .with(element(ns, "Content").with(position));
    papers::envelope(SHOP, act)
}

// --- settings and schedule

#[test]
fn settings_are_given_by_side_and_the_missing_are_named() {
    let bench = Bench::new(Config::default(), &[SHOP]);
    bench
        .exchange
        .set_exchange_settings(&json!({ "КодФСРАР": OTHER, "ОбменНаСервере": false }))
        .expect("settings");
    let result = bench
        .exchange
        .exchange_settings(&json!([SHOP, OTHER, "000000000001"]), &Value::Null)
        .expect("settings");
    assert_eq!(result["ОбменНаСервере"][SHOP]["КодФСРАР"], SHOP);
    assert_eq!(result["ОбменНаКлиенте"][OTHER]["АдресУТМ"], "localhost");
    assert_eq!(result["БезНастроек"], json!(["000000000001"]));
    assert!(bench.exchange.delete_exchange_settings(OTHER).expect("deleted"));
    assert!(!bench.exchange.delete_exchange_settings(OTHER).expect("gone"));
}

#[test]
fn only_what_is_due_is_exchanged_by_schedule() {
    let bench = Bench::new(Config::default(), &[SHOP, SUPPLIER]);
    let mut shop = settings(bench.utm(SHOP));
    shop["РасписаниеСекунд"] = 3600.into();
    bench.exchange.set_exchange_settings(&shop).expect("settings");
    let exchange = |dates: Value| {
        run(|operation| bench.exchange.exchange(&Value::Null, &dates, Some("форма"), operation))
            .expect("a report")
    };
    let now = jiff::Zoned::now().strftime("%Y-%m-%dT%H:%M:%S").to_string();
    let requests =
        || (bench.utm(SHOP).with(|utm| utm.requests), bench.utm(SUPPLIER).with(|utm| utm.requests));
    let report = exchange(json!({ SHOP: now }));
    assert_eq!(report["ВыполнитьОбменПоРасписанию"], false);
    assert_eq!(requests(), (0, 0));
    let report = exchange(json!({ SHOP: "2020-01-01T00:00:00" }));
    assert_eq!(report["ВыполнитьОбменПоРасписанию"], true);
    assert_eq!(report["ИдентификаторВладельца"], "форма");
    assert!(requests().0 > 0 && requests().1 == 0, "the supplier has no schedule");
    let report = exchange(Value::Null);
    assert_eq!(report["ВыполнитьОбменПоРасписанию"], false);
    assert!(requests().1 > 0);
}

#[test]
fn without_a_store_the_call_says_what_to_set() {
    let exchange = Exchange::default();
    let error = run(|operation| exchange.exchange(&Value::Null, &Value::Null, None, operation))
        .expect_err("no store");
    assert_eq!(error.code(), Code::Argument);
    assert!(error.message().ru.contains("ФайлХранилища"), "{error}");
}

// --- queue

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
    let key = bench.only_incoming()["Ссылка"].as_str().expect("a key").to_owned();
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

// --- stock

#[test]
fn a_write_off_is_posted_and_repealed() {
    let bench = Bench::new(Config::default(), &[SHOP]);
    bench.prepare("act", SHOP, "ActWriteOff_v3", json!(act_xml("1")));
    bench.exchange_until_quiet();
    let document = bench.exchange.document("act").expect("a document");
    assert_eq!(document["Статус"], "ПроведенЕГАИС");
    assert!(document["РегистрационныйНомер"].as_str().is_some_and(|number| number.starts_with("WOF-")));
    bench.act("act", "ЗапроситеОтменуПроведения", json!({}));
    bench.exchange_until_quiet();
    assert_eq!(bench.status("act"), "ПроведениеОтменено");
    assert_eq!(bench.utm(SHOP).received()[1].url_type, "RequestRepealAWO");
}

#[test]
fn stock_comes_from_the_last_reply() {
    let bench = Bench::new(Config::default(), &[SHOP]);
    assert_eq!(bench.exchange.rests(SHOP, "1").expect_err("none yet").code(), Code::Argument);
    bench.prepare("q", SHOP, "QueryRests_v2", json!(query_xml("QueryRests_v2")));
    bench.exchange_until_quiet();
    assert_eq!(bench.exchange.rests(SHOP, "1").expect("stock")["ТипДокумента"], "ReplyRests_v2");
    assert!(bench.exchange.rests(SHOP, "3").is_err());
}

#[test]
fn a_utm_tells_how_it_feels_and_its_filter_judges_marks() {
    let bench = Bench::new(Config::default(), &[SHOP, SUPPLIER]);
    bench.utm(SUPPLIER).fault("", "/", FaultKind::Html500, None);
    let state = run(|operation| bench.exchange.check_utms(&Value::Null, operation)).expect("told");
    assert_eq!(state["УТМ"][SHOP]["Доступен"], true);
    assert_eq!(state["УТМ"][SHOP]["КодФСРАР"], SHOP);
    assert_eq!(state["УТМ"][SUPPLIER], json!({ "Доступен": false }));
    assert_eq!(state["Ошибки"][0]["КодФСРАР"], SUPPLIER);
    let mark = "101200077803571018001K4N3T2AMT6H46NXNLTR5Z3PFNIF24GSSQ2FVEKUXQV2X4I4YZKUUIDUCX5AZZGP7CJBF66UWWIVZ4G3JHP6PYA37RDA3OQUNVZZWLEPFT5CEYMPAKBVZBMDNQZ2DCYMNI";
    let judged =
        run(|operation| bench.exchange.check_marks(&json!(SHOP), &json!([mark]), operation)).expect("judged");
    assert_eq!((&judged["Пройдена"], &judged["НеПрошли"]), (&json!(true), &json!([])));
    let refused = run(|operation| bench.exchange.check_marks(&json!(SHOP), &json!([]), operation));
    assert_eq!(refused.expect_err("no marks").code(), Code::Argument);
}

// --- cheques

#[test]
fn a_cheque_gives_its_address_and_signature_or_the_words_of_utm() {
    let bench = Bench::new(Config::default(), &[SHOP]);
    let xml = json!(
        "<Cheque inn=\"7700000000\" kpp=\"770001001\" address=\"М\" name=\"М\" kassa=\"1\" shift=\"1\" number=\"3\" datetime=\"0306241200\"><Bottle barcode=\"1234567890123456789012345678901234567890\" ean=\"4600000000015\" price=\"1.00\" volume=\"0.5\"/></Cheque>"
    );
    let send = || run(|operation| bench.exchange.send_cheque(SHOP, &xml, "Cheque", operation));
    let sent = send().expect("sent");
    assert!(
        sent["АдресQR"].as_str().is_some_and(|url| url.starts_with("http://check.egais.ru?id=")),
        "{sent}"
    );
    assert_eq!(sent["Подпись"].as_str().map(str::len), Some(128));
    bench.egais.rule("Cheque", Verdict::Refuse, "Подпись предыдущего чека не завершена.", Some(1));
    let error = send().expect_err("temporary");
    assert_eq!((error.code(), error.category().as_str()), (Code::Utm, "temporary"));
    bench.egais.rule("Cheque", Verdict::Refuse, "Невалидные марки [1]", Some(1));
    let error = send().expect_err("refused");
    assert_eq!(error.category().as_str(), "permanent");
    assert!(error.message().ru.contains("Невалидные марки"), "{error}");
    bench.utm(SHOP).fault("POST", "/xml", FaultKind::LostReply, Some(1));
    let error = send().expect_err("unknown");
    assert!(error.message().ru.contains("неизвестен"), "{error}");
    assert_eq!(error.category().as_str(), "permanent", "a second sale is worse than none");
    let count = bench.utm(SHOP).received().len();
    bench.exchange_until_quiet();
    assert_eq!(bench.utm(SHOP).received().len(), count, "a cheque is never repeated by itself");
}

// --- incoming step by step

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

// --- many waybills

#[test]
fn unanswered_waybills_that_are_not_here_are_requested_again() {
    let bench = Bench::new(Config::default(), &[SHOP]);
    let mut quick = settings(bench.utm(SHOP));
    quick["Паузы"] = json!({ "QueryNATTN": 0, "QueryResendDoc": 0 });
    bench.exchange.set_exchange_settings(&quick).expect("settings");
    let known = bench.supply(4, "п1");
    bench.exchange_until_quiet();
    let lost = bench.supply(4, "п2");
    let half = bench.supply(4, "п3");
    bench.utm(SHOP).with(|utm| {
        // One waybill is gone altogether, of another only the waybill itself came.
        utm.out.retain(|_, document| document.url_type == "WayBill_v4" && document.xml.contains("п3"));
    });
    bench.exchange_until_quiet();
    let report = run(|operation| bench.exchange.reconcile_unanswered(SHOP, operation)).expect("a report");
    let numbers: Vec<&str> = report["Необработанные"]
        .as_array()
        .expect("an array")
        .iter()
        .filter_map(|line| line["РегистрационныйНомер"].as_str())
        .collect();
    assert_eq!(numbers, [known.as_str(), lost.as_str(), half.as_str()], "{report}");
    assert_eq!(report["Запрошены"].as_array().map(Vec::len), Some(2), "{report}");
    bench.exchange_until_quiet();
    let list = bench.exchange.documents(&json!({ "Вид": "ВходящаяНакладная" })).expect("documents");
    let list = list.as_array().expect("an array");
    assert_eq!(list.len(), 3, "copies make no new documents: {list:?}");
    assert!(list.iter().all(|document| document["Статус"] == "Получен"), "{list:?}");
    let report = run(|operation| bench.exchange.reconcile_unanswered(SHOP, operation)).expect("a report");
    assert_eq!(report["Запрошены"], json!([]));
}

#[test]
fn all_waybills_of_a_filter_are_accepted() {
    let bench = Bench::new(Config::default(), &[SHOP]);
    for number in ["п1", "п2", "п3"] {
        bench.supply(4, number);
    }
    bench.exchange_until_quiet();
    let report = run(|operation| bench.exchange.accept_all(&json!({ "КодФСРАР": SHOP }), None, operation))
        .expect("a report");
    assert_eq!(report["Изменения"].as_array().map(Vec::len), Some(3));
    bench.exchange_until_quiet();
    let left = bench.exchange.documents(&json!({ "Статус": "Получен" })).expect("documents");
    assert_eq!(left, json!([]));
    let report = run(|operation| bench.exchange.accept_all(&Value::Null, None, operation)).expect("a report");
    assert_eq!(report["Изменения"], json!([]));
}

// --- the store

#[test]
fn statuses_follow_from_the_protocol_alone() {
    let bench = Bench::new(Config { shuffle: true, seed: 3, ..Config::default() }, &[SUPPLIER, SHOP]);
    bench.egais.rule("ActWriteOff_v3", Verdict::RejectSecond, "нет остатка", Some(1));
    bench.prepare("wb", SUPPLIER, "WayBill_v4", json!(waybill_xml(4, SUPPLIER, SHOP, "1")));
    bench.prepare("act", SHOP, "ActWriteOff_v3", json!(act_xml("1")));
    bench.prepare("q", SHOP, "QueryRests_v2", json!(query_xml("QueryRests_v2")));
    bench.exchange_until_quiet();
    let key = bench.only_incoming()["Ссылка"].as_str().expect("a key").to_owned();
    bench.act(&key, "ПодтвердитеПолучение", json!({}));
    bench.exchange_until_quiet();
    bench.act(&key, "ЗапроситеОтменуПроведения", json!({}));
    bench.utm(SUPPLIER).fault("POST", "/opt/in", FaultKind::LostReply, Some(1));
    bench.prepare("lost", SUPPLIER, "WayBill_v4", json!(waybill_xml(4, SUPPLIER, OTHER, "2")));
    bench.exchange();
    bench.prepare("queued", SUPPLIER, "WayBill_v4", json!(waybill_xml(4, SUPPLIER, OTHER, "3")));

    let file = bench.folder.path().join("obmen.db");
    let rows = || {
        let connection = rusqlite::Connection::open(&file).expect("the file");
        let mut statement = connection.prepare("SELECT * FROM documents ORDER BY key").expect("a statement");
        let columns = statement.column_count();
        let rows = statement
            .query_map([], |row| {
                (0..columns)
                    .map(|index| row.get::<_, rusqlite::types::Value>(index))
                    .collect::<Result<Vec<_>, _>>()
            })
            .expect("rows");
        rows.collect::<Result<Vec<_>, _>>().expect("rows")
    };
    let before = rows();
    assert_eq!(before.len(), 6);
    let statuses: std::collections::BTreeSet<String> =
        before.iter().map(|row| format!("{:?}", row[4])).collect();
    assert!(statuses.len() >= 5, "many different statuses are compared: {statuses:?}");
    rusqlite::Connection::open(&file)
        .and_then(|file| file.execute("DELETE FROM documents", []))
        .expect("emptied");
    assert_eq!(bench.exchange.restore_all_statuses().expect("restored"), 6);
    assert_eq!(rows(), before);
    let one = bench.exchange.restore_status("act").expect("restored");
    assert_eq!(
        (one["СтатусДо"].as_str(), one["Статус"].as_str()),
        (Some("ОтклоненЕГАИС"), Some("ОтклоненЕГАИС"))
    );
    assert_eq!(bench.exchange.restore_status("нет").expect_err("unknown").code(), Code::Argument);
}

#[test]
fn maintenance_leaves_a_summary_from_which_the_document_lives_on() {
    let bench = Bench::new(Config::default(), &[SUPPLIER, SHOP]);
    bench.prepare("wb", SUPPLIER, "WayBill_v4", json!(waybill_xml(4, SUPPLIER, SHOP, "1")));
    bench.exchange_until_quiet();
    let key = bench.only_incoming()["Ссылка"].as_str().expect("a key").to_owned();
    bench.act(&key, "ПодтвердитеПолучение", json!({}));
    bench.exchange_until_quiet();
    let nothing = run(|operation| bench.exchange.maintain(30, operation)).expect("maintained");
    assert_eq!(nothing["Документов"], 0, "too young");
    let file = rusqlite::Connection::open(bench.folder.path().join("obmen.db")).expect("the file");
    file.execute_batch("UPDATE events SET time = 1600000000000; UPDATE documents SET changed = 1600000000000, created = 1600000000000;")
        .expect("aged");
    drop(file);
    bench.prepare("open", SUPPLIER, "WayBill_v4", json!(waybill_xml(4, SUPPLIER, OTHER, "9")));
    let done = run(|operation| bench.exchange.maintain(30, operation)).expect("maintained");
    assert_eq!(done["Документов"], 2);
    assert!(done["Событий"].as_u64().is_some_and(|count| count > 8), "{done}");
    let before = bench.exchange.document("wb").expect("a document");
    assert_eq!(
        (before["Статус"].as_str(), before["История"].as_array().map(Vec::len)),
        (Some("Подтвержден"), Some(1))
    );
    bench.exchange.restore_all_statuses().expect("restored");
    assert_eq!(bench.status("wb"), "Подтвержден");
    assert_eq!(run(|operation| bench.exchange.maintain(30, operation)).expect("maintained")["Документов"], 0);
    // Life goes on after the summary: the recipient asks to repeal.
    bench.act(&key, "ЗапроситеОтменуПроведения", json!({}));
    bench.exchange_until_quiet();
    assert_eq!(
        (bench.status(&key), bench.status("wb")),
        ("ЗапрошенаОтменаПроведения".into(), "ПолученЗапросОтмены".into())
    );
}

#[test]
fn the_state_of_the_exchange_is_told_by_organisation() {
    let bench = Bench::new(Config::default(), &[SHOP]);
    bench.supply(4, "п1");
    bench.exchange_until_quiet();
    bench.prepare("wb", SHOP, "WayBill_v4", json!(waybill_xml(4, SHOP, OTHER, "1")));
    let status = bench.exchange.status().expect("a status");
    let shop = &status["Организации"][SHOP];
    assert_eq!(shop["Документы"]["ВходящаяНакладная"]["Получен"], 1);
    assert_eq!(shop["Документы"]["ИсходящаяНакладная"]["КПередаче"], 1);
    assert!(shop["СтарейшееНеотправленное"].is_string() && shop["ПоследнийОбмен"].is_string(), "{shop}");
    assert!(shop["СтарейшаяНеобработаннаяНакладная"]["РегистрационныйНомер"].is_string());
    assert_eq!(shop["УТМ"]["Сертификаты"][0]["ДействуетДо"], "2030-01-10 10:00:00 +0300");
}

#[test]
fn the_protocol_tells_every_step_and_a_document_can_be_bound_to_another_key() {
    let bench = Bench::new(Config::default(), &[SHOP]);
    bench.supply(4, "п1");
    bench.exchange_until_quiet();
    let key = bench.only_incoming()["Ссылка"].as_str().expect("a key").to_owned();
    bench.exchange.bind_document(&key, "ссылка 1С").expect("bound");
    assert!(bench.exchange.document(&key).is_err());
    bench.act("ссылка 1С", "ПодтвердитеПолучение", json!({}));
    assert!(bench.exchange.bind_document("ссылка 1С", "ссылка 1С").is_ok());
    bench.prepare("wb", SHOP, "WayBill_v4", json!(waybill_xml(4, SHOP, OTHER, "1")));
    assert_eq!(bench.exchange.bind_document("wb", "ссылка 1С").expect_err("taken").code(), Code::Argument);
    bench.exchange_until_quiet();
    let protocol = bench.exchange.protocol(&json!({ "Ссылка": "ссылка 1С", "СXML": true })).expect("events");
    let names: Vec<&str> = protocol
        .as_array()
        .expect("an array")
        .iter()
        .rev()
        .filter_map(|event| event["Событие"].as_str())
        .collect();
    for wanted in ["Получено", "УдаленоИзУТМ", "СсылкаИзменена", "Подготовлено", "Передается", "Передано"]
    {
        assert!(names.contains(&wanted), "{wanted} is missing: {names:?}");
    }
    assert!(protocol.as_array().is_some_and(|list| {
        list.iter().any(|event| event["XML"].as_str().is_some_and(|xml| xml.contains("WayBill_v4")))
    }));
    let sent = bench.exchange.protocol(&json!({ "Событие": "Передано", "Количество": 1 })).expect("events");
    assert_eq!(sent.as_array().map(Vec::len), Some(1));
    assert!(bench.exchange.protocol(&json!({ "Событие": "Отправлено?" })).is_err());
    assert!(
        bench
            .exchange
            .protocol(&json!({ "Сылка": "x" }))
            .expect_err("unknown")
            .message()
            .ru
            .contains("Ссылка")
    );
}

// --- leases and many UTMs

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
        let codes: Vec<&str> = second["Ошибки"]
            .as_array()
            .expect("errors")
            .iter()
            .filter_map(|error| error["КодФСРАР"].as_str())
            .collect();
        assert!(codes.contains(&SHOP), "{second}");
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
    let failed: Vec<&str> = report["Ошибки"]
        .as_array()
        .expect("errors")
        .iter()
        .filter_map(|error| error["КодФСРАР"].as_str())
        .collect();
    assert_eq!(failed, [codes[0], codes[3], codes[6], codes[9]], "{report}");
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
