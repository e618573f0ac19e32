//! Text that means harm or was damaged: an error, never a panic, never memory or time without a limit.

use obmen::egais::build::{BuildOptions, build, check_data, document_type};
use obmen::egais::check::check_xml;
use obmen::egais::parse::parse;
use obmen::egais::problem::MOST_PROBLEMS;
use obmen::error::{Code, Result};
use obmen::value::{Input, open};
use proptest::prelude::*;

const TICKET: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<ns:Documents xmlns:ns="http://fsrar.ru/WEGAIS/WB_DOC_SINGLE_01" xmlns:tc="http://fsrar.ru/WEGAIS/Ticket" Version="1.0">
<ns:Owner><ns:FSRAR_ID>3463047</ns:FSRAR_ID></ns:Owner><ns:Document><ns:Ticket><tc:DocId>1 &amp; &#x416;</tc:DocId>
<!-- note --><tc:TransportId><![CDATA[a<b]]></tc:TransportId><tc:RegID>TTN-0014396814</tc:RegID>
<tc:OperationResult><tc:OperationName>Confirm</tc:OperationName><tc:OperationResult>Accepted</tc:OperationResult>
<tc:OperationComment>Накладная «№1» подтверждена</tc:OperationComment></tc:OperationResult></ns:Ticket></ns:Document></ns:Documents>"#;

#[test]
fn a_document_cut_anywhere_is_one_xml_problem() {
    for end in 0..TICKET.len() {
        let problems = check_xml(&TICKET.as_bytes()[..end]);
        assert_eq!(problems.iter().map(|problem| problem.rule).collect::<Vec<_>>(), ["xml"], "cut at {end}");
        assert!(parse(&TICKET.as_bytes()[..end]).is_err(), "cut at {end}");
    }
    assert_eq!(check_xml(TICKET.as_bytes()), []);
}

#[test]
fn bytes_that_are_not_text_are_refused_wherever_they_stand() {
    for place in 0..TICKET.len() {
        let mut bytes = TICKET.as_bytes().to_vec();
        bytes[place] = 0xff;
        assert!(parse(&bytes).is_err(), "at {place}");
    }
}

#[test]
fn what_is_not_well_formed_is_refused() {
    let around = |inside: &str| TICKET.replace("<!-- note -->", inside);
    for text in [
        around("<x>"),
        around("<x></y>"),
        around("<1/>"),
        around("<a:x/>"),
        around("<x a='1' a='2'/>"),
        around("<x a=1/>"),
        around("<x a='<'/>"),
        around("<x a='&undefined;'/>"),
        around("<x a='1'b='2'/>"),
        around("<x xmlns:a=''/>"),
        around("<x a:b='1'/>"),
        around("&undefined;"),
        around("&#0;"),
        around("&#xD800;"),
        around("&#x110000;"),
        around("a ]]> b"),
        around("<!-- -- -->"),
        around("<?xml version='1.0'?>"),
        around("<![CDATA[ open"),
        around("<"),
        around("&"),
        format!("x{TICKET}"),
        format!("{TICKET}x"),
        format!("{TICKET}<y/>"),
        format!("<!DOCTYPE a [<!ENTITY b 'c'>]>{TICKET}"),
        TICKET.replace("?>\n<ns", "?><!DOCTYPE x SYSTEM 'file:///etc/passwd'>\n<ns"),
    ] {
        let error = parse(text.as_bytes()).err().map(|error| error.code());
        assert_eq!(error, Some(Code::ValueText), "{text}");
        assert_eq!(check_xml(text.as_bytes()).last().map(|problem| problem.rule), Some("xml"), "{text}");
    }
}

#[test]
fn forms_that_servers_write_are_accepted() -> Result<()> {
    let expected = parse(TICKET.as_bytes())?.into_json();
    for text in [
        format!("\u{feff}{TICKET}"),
        format!("\t\r\n {TICKET}"),
        TICKET.split_once("?>").map_or(String::new(), |(_, rest)| rest.to_owned()),
        TICKET.replace("UTF-8", "windows-1251"),
        TICKET.replace("UTF-8\"", "utf-8\" standalone=\"no\""),
        TICKET.replace("tc:", "x:").replace("xmlns:x:", "xmlns:x").replace(":tc=", ":x="),
        TICKET
            .replace("<tc:DocId>", "<tc:DocId xmlns:tc=\"http://fsrar.ru/WEGAIS/Ticket\" xmlns:c=\"urn:c\">"),
        TICKET.replace('\n', "\r\n"),
        format!("{TICKET}\n<!-- end --> <?done?>\n"),
    ] {
        assert_eq!(parse(text.as_bytes())?.into_json(), expected, "{text}");
    }
    let (cp1251, _, _) = encoding_rs::WINDOWS_1251.encode(TICKET);
    let declared = String::from_utf8_lossy(&cp1251).contains("UTF-8");
    assert!(declared && parse(&cp1251).is_err(), "bytes of another encoding than the declared one");
    let text = TICKET.replace("UTF-8", "windows-1251");
    let (cp1251, _, _) = encoding_rs::WINDOWS_1251.encode(&text);
    assert_eq!(parse(&cp1251)?.into_json(), expected);
    let mut utf16 = vec![0xff, 0xfe];
    utf16.extend(TICKET.encode_utf16().flat_map(u16::to_le_bytes));
    assert_eq!(parse(&utf16)?.into_json(), expected);
    Ok(())
}

#[test]
fn nesting_attributes_and_problems_have_limits() {
    let deep = "<a>".repeat(100_000);
    assert_eq!(parse(deep.as_bytes()).err().map(|error| error.code()), Some(Code::Limit));
    let attributes: String = (0..100_000).map(|number| format!(" a{number}='1'")).collect();
    assert_eq!(
        parse(format!("<a{attributes}/>").as_bytes()).err().map(|error| error.code()),
        Some(Code::Limit)
    );
    let giant = format!("<a b='{}'/>", "x".repeat(20_000_000));
    assert!(parse(giant.as_bytes()).is_ok());
    let wrong = TICKET.replace("<!-- note -->", &"<tc:New/>".repeat(50_000));
    assert_eq!(check_xml(wrong.as_bytes()).len(), MOST_PROBLEMS);
    assert!(parse(wrong.as_bytes()).is_ok_and(|parsed| parsed.unknown.len() == 50_000));
    let declared =
        |depth: usize| (0..100).map(|number| format!(" xmlns:a{depth}-{number}='urn:x'")).collect::<String>();
    let scopes: String = (0..20).map(|depth| format!("<a{}>", declared(depth))).collect();
    assert_eq!(parse(scopes.as_bytes()).err().map(|error| error.code()), Some(Code::Limit));
}

#[test]
fn unknown_content_without_end_is_kept_in_bounds() -> Result<()> {
    let many = TICKET.replace("<!-- note -->", &format!("<tc:New>{}</tc:New>", "<i/>".repeat(500_000)));
    let parsed = parse(many.as_bytes())?;
    assert!(parsed.json().len() < 10_000_000, "{}", parsed.json().len());
    assert!(parsed.json().contains("\"Пропущено\":300001"), "what was left out is counted");
    let lists = "<c:Bottle/><c:Nomark/>".repeat(100_000);
    let mixed = format!(
        r#"<n:Documents xmlns:n="http://fsrar.ru/WEGAIS/WB_DOC_SINGLE_01" xmlns:c="http://fsrar.ru/WEGAIS/ChequeV3"><n:Document>
           <n:ChequeV3><c:Content>{lists}</c:Content></n:ChequeV3></n:Document></n:Documents>"#
    );
    let tree = parse(mixed.as_bytes())?.data_tree();
    assert_eq!(tree["Content"]["Bottle"].as_array().map(Vec::len), Some(100_000));
    Ok(())
}

#[test]
fn characters_that_xml_cannot_carry_are_refused_when_building() -> Result<()> {
    let document = document_type("WayBillAct_v2")?;
    let json = r#"{"Header":{"IsAccept":"Accepted","ACTNUMBER":"1\u0001","ActDate":"2024-01-31","WBRegId":"TTN-1"}}"#;
    for check in [true, false] {
        let built = build(document, &mut open(Input::text(json), None)?, "1", BuildOptions { check });
        assert_eq!(built.err().map(|error| error.code()), Some(Code::EgaisDocument));
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, ..ProptestConfig::default() })]

    /// Any change of a few bytes: an answer of some kind, and the two ways to look agree on what is XML.
    #[test]
    fn damaged_documents_never_panic(changes in prop::collection::vec((0..TICKET.len(), any::<u8>()), 1..6)) {
        let mut bytes = TICKET.as_bytes().to_vec();
        for (place, byte) in changes {
            bytes[place] = byte;
        }
        let is_xml = parse(&bytes).is_ok();
        prop_assert_eq!(check_xml(&bytes).iter().all(|problem| problem.rule != "xml"), is_xml);
    }

    #[test]
    fn any_text_is_answered(text in "\\PC*") {
        let _ = parse(text.as_bytes());
        let _ = check_xml(text.as_bytes());
    }

    #[test]
    fn any_data_is_answered(text in r#"[\[\]{}",:a-zA-Z0-9 .]{0,60}"#) {
        let document = document_type("ChequeV4").map_err(|error| TestCaseError::fail(error.to_string()))?;
        if let Ok(mut data) = open(Input::text(&text), None) {
            let _ = check_data(document, &mut data, None);
        }
    }
}
