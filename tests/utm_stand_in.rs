//! The UTM stand-in keeps to the facts: its interface, its answers (by the official schemas), its faults.

mod common;
mod utm;

use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::PathBuf;
use utm::papers::{Head, Line};
use utm::world::{Answer, Config, FaultKind, Partner, Verdict, line};
use utm::xml::{Element, element, leaf};
use utm::{Egais, Utm, papers, schemas, waybill_xml};

const SHOP: &str = "030000412451";
const SUPPLIER: &str = "010038062164";

/// Sends one request on a connection of its own; gives status and body.
fn call(utm: &Utm, method: &str, target: &str, content_type: &str, body: &[u8]) -> (u16, String) {
    let mut stream = TcpStream::connect(("127.0.0.1", utm.port())).expect("a connection");
    let head = format!(
        "{method} {target} HTTP/1.1\r\nHost: utm\r\nContent-Type: {content_type}\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    stream.write_all(&[head.as_bytes(), body].concat()).expect("written");
    stream.shutdown(std::net::Shutdown::Write).expect("half closed");
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).expect("read");
    let answer = String::from_utf8_lossy(&answer).into_owned();
    let status = answer.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0);
    (status, answer.split_once("\r\n\r\n").map(|(_, body)| body.to_owned()).unwrap_or_default())
}

fn get(utm: &Utm, target: &str) -> (u16, String) {
    call(utm, "GET", target, "", b"")
}

fn post(utm: &Utm, target: &str, xml: &str) -> Element {
    let body = format!(
        "--b\r\nContent-Disposition: form-data; name=\"xml_file\"; filename=\"client.xml\"\r\n\
         Content-Type: text/xml\r\n\r\n{xml}\r\n--b--\r\n"
    );
    let (_, answer) = call(utm, "POST", target, "multipart/form-data; boundary=b", body.as_bytes());
    Element::parse(&answer).expect("an XML answer")
}

/// (type, number, reply id) of everything in a list.
fn list(utm: &Utm, side: &str) -> Vec<(String, String, String)> {
    let (_, answer) = get(utm, &format!("/opt/{side}"));
    let list = Element::parse(&answer).expect("a list");
    list.all("url")
        .map(|url| {
            let mut path = url.text.rsplit('/');
            let number = path.next().unwrap_or_default().to_owned();
            let reply =
                url.attributes.iter().find(|(key, _)| key == "replyId").map(|(_, value)| value.clone());
            (path.next().unwrap_or_default().to_owned(), number, reply.unwrap_or_default())
        })
        .collect()
}

fn query(name: &str, parameters: &[(&str, &str)]) -> String {
    let ns = "QueryParameters";
    let list = parameters
        .iter()
        .map(|(key, value)| element(ns, "Parameter").field("Name", *key).field("Value", *value));
    let mut query = element("WB_DOC_SINGLE_01", name);
    if !parameters.is_empty() {
        query = query.with(element(ns, "Parameters").with_all(list));
    }
    papers::envelope(SHOP, query)
}

fn types(utm: &Utm) -> Vec<String> {
    let mut types: Vec<String> = list(utm, "out").into_iter().map(|(kind, ..)| kind).collect();
    types.sort();
    types
}

fn official_schemas() -> Option<PathBuf> {
    let Some(folder) = common::shared("egais/xsd") else {
        common::skip_without_data("the official schemas");
        return None;
    };
    if !schemas::available(&folder) {
        common::skip("xmllint is not installed (package libxml2-utils)");
        return None;
    }
    Some(folder)
}

#[test]
fn a_waybill_gets_two_tickets_and_a_form_and_reaches_its_consignee() {
    let egais = Egais::new(Config::default());
    let (shop, supplier) = (egais.utm(SHOP), egais.utm(SUPPLIER));
    let answer = post(&supplier, "/opt/in/WayBill_v4", &waybill_xml(4, SUPPLIER, SHOP, "1"));
    let reply_id = answer.at("url");
    assert_eq!(reply_id.len(), 36);
    assert_eq!(answer.at("sign").len(), 128);
    let out = list(&supplier, "out");
    assert!(out.iter().all(|(_, _, reply)| *reply == reply_id), "{out:?}");
    assert_eq!(types(&supplier), ["FORM2REGINFO", "Ticket", "Ticket"]);
    assert_eq!(types(&shop), ["FORM2REGINFO", "TTNHISTORYF2REG", "WayBill_v4"]);
    assert!(list(&shop, "out").iter().all(|(_, _, reply)| reply.is_empty()), "nobody asked for these");
    assert_eq!(list(&supplier, "in"), [("WayBill_v4".into(), "1".into(), reply_id)]);
}

#[test]
fn reading_does_not_consume_and_deleting_does() {
    let egais = Egais::new(Config::default());
    let utm = egais.utm(SHOP);
    let number = utm.inject("Ticket", None, "<A/>");
    let path = format!("/opt/out/ticket/{number}");
    assert_eq!(get(&utm, &path), (200, "<A/>".into()));
    assert_eq!(get(&utm, &path), (200, "<A/>".into()));
    assert_eq!(call(&utm, "DELETE", &path, "", b"").0, 200);
    assert_eq!(get(&utm, &path).0, 404);
    assert!(list(&utm, "out").is_empty());
}

#[test]
fn a_number_used_twice_is_refused_with_the_first_registration_number() {
    let egais = Egais::new(Config::default());
    let supplier = egais.utm(SUPPLIER);
    post(&supplier, "/opt/in/WayBill_v4", &waybill_xml(4, SUPPLIER, SHOP, "7"));
    let reply_id = post(&supplier, "/opt/in/WayBill_v4", &waybill_xml(4, SUPPLIER, SHOP, "7")).at("url");
    let (kind, number, _) =
        list(&supplier, "out").into_iter().find(|(_, _, reply)| *reply == reply_id).expect("a ticket");
    let (_, ticket) = get(&supplier, &format!("/opt/out/{kind}/{number}"));
    assert!(ticket.contains("Rejected") && ticket.contains("уже зарегистрирована"), "{ticket}");
    assert!(ticket.contains("TTN-0100000"), "{ticket}");
}

#[test]
fn errors_of_utm_come_as_a_document() {
    let egais = Egais::new(Config::default());
    let utm = egais.utm(SHOP);
    assert!(post(&utm, "/opt/in/NoSuchType", &query("QueryRests", &[])).at("error").contains("модели"));
    let foreign = waybill_xml(4, SUPPLIER, SHOP, "1");
    assert!(post(&utm, "/opt/in/WayBill_v4", &foreign).at("error").contains("FSRAR_ID"));
    egais.rule("QueryRests", Verdict::Refuse, "Настройки еще не обновлены", Some(1));
    assert_eq!(
        post(&utm, "/opt/in/QueryRests", &query("QueryRests", &[])).at("error"),
        "Настройки еще не обновлены"
    );
    assert!(!post(&utm, "/opt/in/QueryRests", &query("QueryRests", &[])).at("url").is_empty());
}

#[test]
fn faults_do_what_they_say() {
    let egais = Egais::new(Config::default());
    let utm = egais.utm(SHOP);
    utm.fault("GET", "/opt/out", FaultKind::Html500, Some(1));
    let (status, page) = get(&utm, "/opt/out");
    assert!(status == 500 && page.contains("<html>"));
    assert_eq!(get(&utm, "/opt/out").0, 200, "the fault was for one request");
    utm.fault("POST", "/opt/in", FaultKind::LostReply, Some(1));
    let body = "--b\r\nContent-Disposition: form-data; name=\"xml_file\"\r\n\r\n".to_owned()
        + &query("QueryRests", &[])
        + "\r\n--b--\r\n";
    let (status, _) =
        call(&utm, "POST", "/opt/in/QueryRests", "multipart/form-data; boundary=b", body.as_bytes());
    assert_eq!((status, utm.received().len()), (0, 1), "accepted, but the reply is lost");
    utm.with(|transport| {
        transport.shown = Some("000000000000".into());
        transport.host = Some("10.0.0.1:18080".into());
    });
    assert!(get(&utm, "/api/info/list").1.contains("\"ownerId\":\"000000000000\""));
    assert!(get(&utm, "/diagnosis").1.contains("<CN>000000000000</CN>"));
    assert!(get(&utm, "/opt/out").1.contains("http://10.0.0.1:18080/opt/out/ReplyRests_v2/"));
}

#[test]
fn the_control_interface_supplies_and_reports() {
    let egais = Egais::new(Config::default());
    let utm = egais.utm(SHOP);
    let (_, answer) =
        call(&utm, "POST", "/control/supply", "application/json", br#"{"number":"5","lines":3}"#);
    assert!(answer.contains("TTN-"), "{answer}");
    assert_eq!(types(&utm).len(), 3);
    assert!(get(&utm, "/control/received").1.contains("\"out\":3"));
}

#[test]
fn cheques_and_marks_are_answered_at_once() {
    let egais = Egais::new(Config::default());
    let utm = egais.utm(SHOP);
    let cheque = "<Cheque inn=\"7700000000\" kpp=\"770001001\" address=\"Москва\" name=\"Магазин\" kassa=\"1\" shift=\"1\" number=\"3\" datetime=\"0306241200\"/>";
    assert!(post(&utm, "/xml", cheque).at("url").contains("http://check.egais.ru?id="));
    let filter = element("WB_DOC_SINGLE_01", "QueryFilter").with(leaf("QueryFilter", "bc", "123"));
    let reply = post(&utm, "/opt/in/QueryFilter", &papers::envelope(SHOP, filter));
    assert_eq!(reply.at("Document/ReplyFilter/result"), "Штрихкод не найден");
}

#[test]
fn everything_it_writes_is_valid_by_the_official_schemas() {
    let Some(folder) = official_schemas() else { return };
    let egais = Egais::new(Config { schemas: Some(folder.clone()), ..Config::default() });
    let (shop, supplier) = (egais.utm(SHOP), egais.utm(SUPPLIER));
    let partner = Partner {
        on_waybill: Answer::Dispute,
        on_difference: Answer::Accept,
        on_repeal: Answer::Accept,
        asks_repeal: true,
    };
    egais.partner("*", partner);
    egais.partner("030000000099", Partner { on_waybill: Answer::Accept, ..partner });
    let mark = "1234567890123456789012345678901234567890";
    for version in 1..=4_u8 {
        let head = Head::new(version, &format!("П{version}"), "010000000001", SHOP);
        egais.supply(&head, &[Line { marks: vec![mark.into()], ..line(1, 1) }, line(2, 5)]);
        let tail = if version == 1 { String::new() } else { format!("_v{version}") };
        for consignee in ["030000000088", "030000000099"] {
            let xml = waybill_xml(version, SUPPLIER, consignee, &format!("{version}-{consignee}"));
            let answer = post(&supplier, &format!("/opt/in/WayBill{tail}"), &xml);
            assert_eq!(answer.at("error"), "", "version {version}");
        }
    }
    for (name, parameters) in [
        ("QueryRests_v2", vec![]),
        ("QueryRestsShop_v2", vec![]),
        ("QueryNATTN", vec![("КОД", SHOP)]),
        ("QueryRestBCode", vec![("ФОРМА2", "FB-1")]),
        ("QueryClients_v2", vec![("ИНН", "7700000000")]),
        ("QueryClients_v2", vec![("СИО", "030000000001")]),
        ("QueryAP_v2", vec![("КОД", "0000000000001000001")]),
        ("QueryResendDoc", vec![("WBREGID", "TTN-0100000001")]),
        ("QueryResendDoc", vec![("WBREGID", "TTN-0")]),
    ] {
        let answer = post(&shop, &format!("/opt/in/{name}"), &query(name, &parameters));
        assert_eq!(answer.at("error"), "", "{name}");
    }
    egais.settle();
    let mut kinds = std::collections::BTreeSet::new();
    for utm in [&shop, &supplier] {
        for (kind, number, _) in list(utm, "out") {
            let (_, xml) = get(utm, &format!("/opt/out/{kind}/{number}"));
            let refusal = schemas::refusal(&folder, "WB_DOC_SINGLE_01.xsd", xml.as_bytes());
            assert_eq!(refusal, None, "{kind}: {xml}");
            kinds.insert(kind);
        }
    }
    for kind in [
        "FORM2REGINFO",
        "FORMBREGINFO",
        "ReplyAP_v2",
        "ReplyClient_v2",
        "ReplyNATTN",
        "ReplyRestBCode",
        "ReplyRestsShop_v2",
        "ReplyRests_v2",
        "RequestRepealWB",
        "TTNHISTORYF2REG",
        "Ticket",
        "WayBill",
        "WayBillAct",
        "WayBillAct_v2",
        "WayBillAct_v3",
        "WayBillAct_v4",
        "WayBill_v2",
        "WayBill_v3",
        "WayBill_v4",
    ] {
        assert!(kinds.contains(kind), "{kind} did not come: {kinds:?}");
    }
    let invalid = query("QueryNATTN", &[("КОД", " ")]);
    let error = post(&shop, "/opt/in/QueryNATTN", &invalid).at("error");
    assert!(error.contains("Value"), "an invalid document is refused: {error}");
}

#[test]
fn disorder_and_old_listings_can_be_asked_for() {
    let numbers = |config: Config| {
        let egais = Egais::new(config);
        let utm = egais.utm(SHOP);
        for _ in 0..20 {
            utm.inject("Ticket", Some("a"), "<A/>");
        }
        let numbers: Vec<u64> =
            list(&utm, "out").iter().map(|(_, number, _)| number.parse().unwrap_or(0)).collect();
        (numbers, get(&utm, "/opt/out").1)
    };
    let (ordered, text) = numbers(Config::default());
    assert!(ordered.is_sorted() && text.contains("fileId=") && text.contains("timestamp="));
    let (shuffled, text) = numbers(Config { shuffle: true, old_listing: true, seed: 5, ..Config::default() });
    assert!(!shuffled.is_sorted() && shuffled.len() == 20);
    assert!(text.contains("replyId=") && !text.contains("fileId=") && !text.contains("timestamp="));
}
