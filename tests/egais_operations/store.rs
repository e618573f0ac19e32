//! What the store tells, restores and forgets.

use super::exchange_bench::{Bench, OTHER, SHOP, SUPPLIER, run, waybill_xml};
use super::utm::world::{Config, FaultKind, Verdict};
use super::{act_xml, query_xml};
use obmen::error::Code;
use serde_json::json;

#[test]
fn statuses_follow_from_the_protocol_alone() {
    let bench = Bench::new(Config { shuffle: true, seed: 3, ..Config::default() }, &[SUPPLIER, SHOP]);
    bench.egais.rule("ActWriteOff_v3", Verdict::RejectSecond, "нет остатка", Some(1));
    bench.prepare("wb", SUPPLIER, "WayBill_v4", json!(waybill_xml(4, SUPPLIER, SHOP, "1")));
    bench.prepare("act", SHOP, "ActWriteOff_v3", json!(act_xml("1")));
    bench.prepare("q", SHOP, "QueryRests_v2", json!(query_xml("QueryRests_v2")));
    bench.exchange_until_quiet();
    let key = bench.only_incoming_key();
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
    let key = bench.accepted_waybill();
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
fn maintenance_drops_old_answers_to_others_and_utm_may_bring_them_again() {
    let bench = Bench::new(Config::default(), &[SHOP]);
    let bring = || bench.utm(SHOP).inject("Ticket", Some("11111111-1111-1111-1111-111111111111"), "<A/>");
    bring();
    bench.exchange();
    let kept = || {
        let events = bench.exchange.protocol(&json!({ "Событие": "Получено" })).expect("events");
        events.as_array().map_or(0, Vec::len)
    };
    let maintain = || run(|operation| bench.exchange.maintain(30, operation)).expect("maintained");
    assert_eq!((maintain()["Событий"].as_u64(), kept()), (Some(0), 1), "too young");
    rusqlite::Connection::open(bench.folder.path().join("obmen.db"))
        .and_then(|file| file.execute("UPDATE events SET time = 1600000000000", []))
        .expect("aged");
    assert_eq!((maintain(), kept()), (json!({ "Документов": 0, "Событий": 1 }), 0));
    bench.exchange();
    assert_eq!(kept(), 1, "what UTM still has is there again");
    assert_eq!(bench.utm(SHOP).waiting(), 1, "it belongs to another program and stays");
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
    let key = bench.only_incoming_key();
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
