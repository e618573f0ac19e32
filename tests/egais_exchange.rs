//! The exchange against the UTM stand-in: every kind of document from its preparation to its end.

mod common;
mod exchange_bench;
mod utm;

use exchange_bench::{Bench, OTHER, SHOP, SUPPLIER, waybill_xml};
use serde_json::{Value, json};
use utm::papers::Head;
use utm::world::{Answer, Config, FaultKind, Partner, Verdict, line};

fn accepting() -> Partner {
    Partner {
        on_waybill: Answer::Accept,
        on_difference: Answer::Accept,
        on_repeal: Answer::Accept,
        asks_repeal: false,
    }
}

#[test]
fn an_outgoing_waybill_is_fixed_and_confirmed() {
    let bench = Bench::new(Config::default(), &[SUPPLIER]);
    bench.egais.partner("*", accepting());
    let prepared = bench.prepare("wb", SUPPLIER, "WayBill_v4", json!(waybill_xml(4, SUPPLIER, OTHER, "1")));
    assert_eq!(prepared["Изменения"][0]["Статус"], "КПередаче");
    assert_eq!(prepared["Изменения"][0]["СтатусДо"], Value::Null);
    let report = bench.exchange();
    assert_eq!(report["ТекстОшибки"], "");
    let change = bench.change(&report, "wb");
    assert_eq!(change["СтатусДо"], "КПередаче");
    bench.egais.settle();
    bench.exchange();
    let document = bench.exchange.document("wb").expect("a document");
    assert_eq!(document["Статус"], "Подтвержден");
    assert!(document["РегистрационныйНомер"].as_str().is_some_and(|number| number.starts_with("TTN-")));
    assert_eq!(bench.utm(SUPPLIER).waiting(), 0, "everything understood was removed");
    assert_eq!(bench.utm(SUPPLIER).received().len(), 1);
}

#[test]
fn a_rejected_waybill_can_be_corrected_and_sent_anew() {
    let bench = Bench::new(Config::default(), &[SUPPLIER]);
    bench.egais.rule("WayBill_v4", Verdict::RejectFirst, "Нет такой справки", Some(1));
    let xml = waybill_xml(4, SUPPLIER, OTHER, "1");
    bench.prepare("wb", SUPPLIER, "WayBill_v4", json!(xml));
    bench.exchange_until_quiet();
    let document = bench.exchange.document("wb").expect("a document");
    assert_eq!(
        (document["Статус"].as_str(), document["ТекстОшибки"].as_str()),
        (Some("ОтклоненЕГАИС"), Some("Нет такой справки"))
    );
    assert_eq!(document["ДальнейшиеДействия"], json!(["ПередайтеДанные"]));
    bench.prepare("wb", SUPPLIER, "WayBill_v4", json!(xml));
    bench.exchange_until_quiet();
    assert_eq!(bench.status("wb"), "ПроведенЕГАИС");
    let received = bench.utm(SUPPLIER).received();
    assert_eq!(received[0].xml, xml, "the first time as it was given");
    assert_ne!(received[0].identity, received[1].identity, "ready XML, too, gets a new Identity");
}

#[test]
fn an_unanswered_waybill_is_withdrawn_and_its_recipient_learns_of_it() {
    let bench = Bench::new(Config::default(), &[SUPPLIER, SHOP]);
    bench.prepare("wb", SUPPLIER, "WayBill_v4", json!(waybill_xml(4, SUPPLIER, SHOP, "1")));
    bench.exchange_until_quiet();
    assert_eq!(bench.status("wb"), "ПроведенЕГАИС");
    let incoming = bench.only_incoming();
    assert_eq!(incoming["Статус"], "Получен");
    bench.act("wb", "ОтзовитеНакладную", json!({}));
    bench.exchange_until_quiet();
    assert_eq!(bench.status("wb"), "Отозван");
    assert_eq!(bench.only_incoming()["Статус"], "ОтозванОтправителем");
}

#[test]
fn an_incoming_waybill_is_new_once_its_form_is_here_and_is_accepted() {
    let bench = Bench::new(Config { shuffle: true, seed: 7, ..Config::default() }, &[SHOP]);
    bench.supply(4, "п1");
    let report = bench.exchange();
    let new: Vec<&Value> = report["Изменения"]
        .as_array()
        .expect("changes")
        .iter()
        .filter(|change| change["НовыйДокумент"] == true)
        .collect();
    assert_eq!(new.len(), 1, "{report}");
    let key = new[0]["Ссылка"].as_str().expect("a key").to_owned();
    assert_eq!(
        new[0]["ДальнейшиеДействия"],
        json!(["ПодтвердитеПолучение", "ОткажитесьОтНакладной", "СообщитеОРасхождениях"])
    );
    bench.act(&key, "ПодтвердитеПолучение", json!({ "Номер": "А-1" }));
    bench.exchange_until_quiet();
    assert_eq!(bench.status(&key), "Подтвержден");
    assert_eq!(bench.utm(SHOP).received()[0].number, "А-1");
}

#[test]
fn an_incoming_waybill_of_every_version_is_refused() {
    for version in 1..=4 {
        let bench = Bench::new(Config::default(), &[SHOP]);
        bench.supply(version, "п1");
        bench.exchange_until_quiet();
        let key = bench.only_incoming_key();
        bench.act(&key, "ОткажитесьОтНакладной", json!({}));
        bench.exchange_until_quiet();
        assert_eq!(bench.status(&key), "ОтказОтНакладной", "version {version}");
    }
}

/// The stand-in refuses what the official schemas refuse, where they are here.
fn strict() -> Config {
    Config { schemas: common::shared("egais/xsd"), ..Config::default() }
}

#[test]
fn our_difference_act_of_every_version_is_agreed_with_or_void() {
    for version in 1..=4 {
        for (answer, status) in
            [(Answer::Accept, "РасхожденияПодтверждены"), (Answer::Reject, "РасхожденияОтклонены")]
        {
            let bench = Bench::new(strict(), &[SHOP]);
            bench.egais.partner("*", Partner { on_difference: answer, ..Partner::default() });
            bench.supply(version, "п1");
            bench.exchange_until_quiet();
            let key = bench.only_incoming_key();
            let less =
                json!({ "Номер": "Р-1", "Расхождения": [{ "Идентификатор": "1", "Количество": "9" }] });
            bench.act(&key, "СообщитеОРасхождениях", less);
            bench.exchange_until_quiet();
            assert_eq!(bench.status(&key), status, "version {version}");
            if answer == Answer::Reject {
                bench.act(&key, "ПодтвердитеПолучение", json!({}));
                bench.exchange_until_quiet();
                assert_eq!(bench.status(&key), "Подтвержден", "version {version}");
            }
        }
    }
}

#[test]
fn a_partners_difference_act_is_confirmed_or_declined() {
    let bench = Bench::new(strict(), &[SUPPLIER]);
    bench.egais.partner("*", Partner { on_waybill: Answer::Dispute, ..Partner::default() });
    for number in ["1", "2"] {
        bench.prepare(number, SUPPLIER, "WayBill_v4", json!(waybill_xml(4, SUPPLIER, OTHER, number)));
    }
    bench.exchange_until_quiet();
    assert_eq!(bench.status("1"), "ПолученАктРасхождений");
    bench.act("1", "ПодтвердитеАктРасхождений", json!({}));
    bench.exchange_until_quiet();
    assert_eq!(bench.status("1"), "РасхожденияПодтверждены");
    bench.egais.partner("*", Partner { on_waybill: Answer::Accept, ..Partner::default() });
    bench.act("2", "ОткажитесьОтАктаРасхождений", json!({ "Примечание": "отгружено полностью" }));
    bench.exchange_until_quiet();
    assert_eq!(bench.status("2"), "Подтвержден", "the partner answered anew");
    let urls: Vec<String> =
        bench.utm(SUPPLIER).received().into_iter().map(|document| document.url_type).collect();
    assert_eq!(urls, ["WayBill_v4", "WayBill_v4", "WayBillTicket", "WayBillTicket"]);
}

#[test]
fn a_document_is_built_from_data_with_a_new_identity_each_time() {
    let bench = Bench::new(strict(), &[SHOP]);
    bench.egais.rule("ActWriteOff_v3", Verdict::RejectSecond, "нет остатка", Some(1));
    let data = json!({
        "Header": { "ActNumber": "1", "ActDate": "2024-06-03", "TypeWriteOff": "Порча" },
        "Content": { "Position": { "Identity": "1", "Quantity": 1,
            "InformF1F2": { "InformF2": { "F2RegId": "FB-000000000000001" } } } },
    });
    bench.prepare("act", SHOP, "ActWriteOff_v3", data.clone());
    bench.exchange_until_quiet();
    assert_eq!(bench.status("act"), "ОтклоненЕГАИС");
    bench.prepare("act", SHOP, "ActWriteOff_v3", data);
    bench.exchange_until_quiet();
    assert_eq!(bench.status("act"), "ПроведенЕГАИС");
    let received = bench.utm(SHOP).received();
    assert!(!received[0].identity.is_empty() && received[0].identity != received[1].identity);
    let error =
        bench.try_prepare("bad", SHOP, "ActWriteOff_v3", json!({ "Header": {} })).expect_err("incomplete");
    assert_eq!(error.code().as_str(), "egais_document");
}

#[test]
fn a_wrong_action_names_the_status_and_what_it_allows() {
    let bench = Bench::new(Config::default(), &[SHOP]);
    bench.supply(4, "п1");
    bench.exchange_until_quiet();
    let key = bench.only_incoming_key();
    let error = bench.try_act(&key, "ЗапроситеОтменуПроведения", json!({})).expect_err("not allowed");
    assert!(
        error.message().ru.contains("Получен") && error.message().ru.contains("ПодтвердитеПолучение"),
        "{error:?}"
    );
    let error = bench.try_act(&key, "Подтвердите", json!({})).expect_err("unknown");
    assert!(error.message().ru.contains("ПодтвердитеПолучение"), "{error:?}");
}

#[test]
fn both_sides_repeal_an_accepted_waybill() {
    let bench = Bench::new(Config::default(), &[SUPPLIER, SHOP]);
    let key = bench.accepted_waybill();
    assert_eq!(bench.status("wb"), "Подтвержден");
    bench.act(&key, "ЗапроситеОтменуПроведения", json!({}));
    bench.exchange_until_quiet();
    assert_eq!(bench.status(&key), "ЗапрошенаОтменаПроведения");
    assert_eq!(bench.status("wb"), "ПолученЗапросОтмены");
    bench.act("wb", "ОткажитеВОтменеПроведения", json!({}));
    bench.exchange_until_quiet();
    assert_eq!((bench.status(&key), bench.status("wb")), ("Подтвержден".into(), "Подтвержден".into()));
    bench.act(&key, "ЗапроситеОтменуПроведения", json!({}));
    bench.exchange_until_quiet();
    bench.act("wb", "ПодтвердитеОтменуПроведения", json!({}));
    bench.exchange_until_quiet();
    assert_eq!(
        (bench.status(&key), bench.status("wb")),
        ("ПроведениеОтменено".into(), "ПроведениеОтменено".into())
    );
    bench.act(&key, "ОткажитесьОтНакладной", json!({}));
    bench.exchange_until_quiet();
    assert_eq!(
        (bench.status(&key), bench.status("wb")),
        ("ОтказОтНакладной".into(), "ОтказПолучателя".into())
    );
}

#[test]
fn a_lost_reply_leaves_the_outcome_unknown_and_the_next_exchange_finds_the_document() {
    let bench = Bench::new(Config::default(), &[SUPPLIER]);
    bench.utm(SUPPLIER).fault("POST", "/opt/in", FaultKind::LostReply, Some(1));
    bench.utm(SUPPLIER).fault("GET", "/opt/out", FaultKind::Html500, Some(1));
    bench.prepare("wb", SUPPLIER, "WayBill_v4", json!(waybill_xml(4, SUPPLIER, OTHER, "1")));
    let report = bench.exchange();
    assert_eq!(bench.change(&report, "wb")["Статус"], "ИсходНеизвестен");
    assert_eq!(bench.change(&report, "wb")["ДальнейшиеДействия"], json!(["ПередайтеПовторно"]));
    assert!(report["ТекстОшибки"].as_str().is_some_and(|text| text.contains(SUPPLIER)), "{report}");
    bench.exchange_until_quiet();
    assert_eq!(bench.status("wb"), "ПроведенЕГАИС");
    assert_eq!(bench.utm(SUPPLIER).received().len(), 1, "sent once only");
}

#[test]
fn a_person_may_send_again_and_a_duplicate_refusal_is_then_success() {
    let bench = Bench::new(Config::default(), &[SUPPLIER]);
    bench.utm(SUPPLIER).fault("POST", "/opt/in", FaultKind::LostReply, Some(1));
    bench.utm(SUPPLIER).fault("GET", "/opt/out", FaultKind::Html500, Some(1));
    bench.prepare("wb", SUPPLIER, "WayBill_v4", json!(waybill_xml(4, SUPPLIER, OTHER, "1")));
    bench.exchange();
    // The answers to the lost message never come, and UTM has forgotten it.
    bench.egais.settle();
    bench.utm(SUPPLIER).with(|transport| {
        transport.input.clear();
        transport.out.clear();
    });
    bench.exchange_until_quiet();
    assert_eq!(bench.status("wb"), "ИсходНеизвестен");
    bench.act("wb", "ПередайтеПовторно", json!({}));
    bench.exchange_until_quiet();
    assert_eq!(bench.status("wb"), "ПроведенЕГАИС");
    let document = bench.exchange.document("wb").expect("a document");
    assert!(document["РегистрационныйНомер"].as_str().is_some_and(|number| number.starts_with("TTN-")));
    // The same number in another document is a mistake, not a success.
    bench.prepare("other", SUPPLIER, "WayBill_v4", json!(waybill_xml(4, SUPPLIER, OTHER, "1")));
    bench.exchange_until_quiet();
    assert_eq!(bench.status("other"), "ОтклоненЕГАИС");
}

#[test]
fn a_page_of_html_leaves_the_outcome_unknown_and_an_error_of_utm_refuses() {
    let bench = Bench::new(Config::default(), &[SUPPLIER]);
    bench.utm(SUPPLIER).fault("POST", "/opt/in", FaultKind::Html500, Some(1));
    bench.prepare("wb", SUPPLIER, "WayBill_v4", json!(waybill_xml(4, SUPPLIER, OTHER, "1")));
    bench.exchange();
    assert_eq!(bench.status("wb"), "ИсходНеизвестен");
    bench.egais.rule("WayBill_v4", Verdict::Refuse, "Ошибка поиска модели", Some(1));
    bench.prepare("wb2", SUPPLIER, "WayBill_v4", json!(waybill_xml(4, SUPPLIER, OTHER, "2")));
    bench.exchange();
    let document = bench.exchange.document("wb2").expect("a document");
    assert_eq!(
        (document["Статус"].as_str(), document["ТекстОшибки"].as_str()),
        (Some("ОтклоненЕГАИС"), Some("Ошибка поиска модели"))
    );
}

#[test]
fn a_utm_of_another_organisation_stops_the_exchange_of_this_one_only() {
    let bench = Bench::new(Config::default(), &[SUPPLIER, SHOP]);
    bench.utm(SUPPLIER).with(|transport| transport.shown = Some("099999999999".into()));
    bench.prepare("a", SUPPLIER, "WayBill_v4", json!(waybill_xml(4, SUPPLIER, OTHER, "1")));
    bench.prepare("b", SHOP, "WayBill_v4", json!(waybill_xml(4, SHOP, OTHER, "1")));
    let report = bench.exchange();
    assert_eq!(report["Ошибки"].as_array().map(Vec::len), Some(1));
    assert_eq!(report["Ошибки"][0]["КодФСРАР"], SUPPLIER);
    assert!(report["ТекстОшибки"].as_str().is_some_and(|text| text.contains("099999999999")));
    assert!(bench.utm(SUPPLIER).received().is_empty());
    assert_eq!(bench.status("a"), "КПередаче");
    assert_ne!(bench.status("b"), "КПередаче");
}

#[test]
fn a_utm_that_does_not_tell_its_number_is_served_if_it_is_a_utm() {
    let bench = Bench::new(Config::default(), &[SHOP]);
    bench.utm(SHOP).with(|transport| transport.shown = Some(String::new()));
    bench.supply(4, "п1");
    bench.exchange_until_quiet();
    assert_eq!(bench.only_incoming()["Статус"], "Получен");
    bench.utm(SHOP).fault("GET", "/opt/out", FaultKind::Html500, None);
    bench.prepare("wb", SHOP, "WayBill_v4", json!(waybill_xml(4, SHOP, OTHER, "1")));
    assert_eq!(bench.exchange()["Ошибки"].as_array().map(Vec::len), Some(1));
    assert!(bench.utm(SHOP).received().is_empty(), "nothing is sent to what may be no UTM");
}

#[test]
fn a_supplied_copy_is_recognised_and_foreign_answers_stay_in_utm() {
    let bench = Bench::new(Config::default(), &[SHOP]);
    let ttn = bench.supply(4, "п1");
    bench.exchange_until_quiet();
    bench.egais.with(|world| world.send_to_consignee(&ttn));
    bench.egais.settle();
    bench.exchange_until_quiet();
    assert_eq!(bench.only_incoming()["РегистрационныйНомер"], ttn.as_str());
    bench.utm(SHOP).inject("Ticket", Some("11111111-1111-1111-1111-111111111111"), "<A/>");
    bench.utm(SHOP).inject("NotifyRest", None, "<NotifyRest/>");
    bench.exchange_until_quiet();
    assert_eq!(bench.utm(SHOP).waiting(), 2, "another program's answer and an unknown type stay");
}

#[test]
fn urls_with_a_foreign_host_are_read_from_our_own_utm() {
    let bench = Bench::new(Config { old_listing: true, ..Config::default() }, &[SHOP]);
    bench.utm(SHOP).with(|transport| transport.host = Some("10.255.255.1:1".into()));
    bench.supply(3, "п1");
    bench.exchange_until_quiet();
    assert_eq!(bench.only_incoming()["Статус"], "Получен");
    assert_eq!(bench.utm(SHOP).waiting(), 0);
}

#[test]
fn a_number_used_again_after_a_new_database_is_another_document() {
    let bench = Bench::new(Config { old_listing: true, ..Config::default() }, &[SHOP]);
    bench.supply(4, "п1");
    bench.exchange_until_quiet();
    bench.utm(SHOP).with(|transport| transport.next = 0);
    bench.supply(4, "п2");
    bench.exchange_until_quiet();
    let list = bench.exchange.documents(&json!({})).expect("documents");
    let received: Vec<&Value> = list
        .as_array()
        .expect("an array")
        .iter()
        .filter(|document| document["Статус"] == "Получен")
        .collect();
    assert_eq!(received.len(), 2, "{list}");
}

#[test]
fn the_newer_of_two_versions_takes_the_place_of_the_older() {
    let bench = Bench::new(Config::default(), &[SHOP]);
    let head = || Head::new(4, "н1", OTHER, SHOP);
    let first = bench.egais.supply(&head(), &[line(1, 10)]);
    let second = bench.egais.supply(&head(), &[line(1, 9)]);
    bench.egais.settle();
    bench.exchange_until_quiet();
    let list = bench.exchange.documents(&json!({})).expect("documents");
    let status = |ttn: &str| {
        let found = list
            .as_array()
            .and_then(|list| list.iter().find(|document| document["РегистрационныйНомер"] == ttn));
        found.map(|document| document["Статус"].clone()).unwrap_or_default()
    };
    assert_eq!((status(&first), status(&second)), (json!("ЗамененНовойВерсией"), json!("Получен")));
}
