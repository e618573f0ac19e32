//! What the reader of JSON gives and refuses. Whether a text is JSON at all is decided by serde_json.

use super::{JsonGrammar, JsonReader};
use crate::error::Code;
use crate::value::input::Input;
use crate::value::limits::Limits;
use crate::value::testing::events;
use crate::value::zone::Zone;

fn read(text: &str) -> String {
    with_grammar(text, JsonGrammar::Strict)
}

fn with_grammar(text: &str, grammar: JsonGrammar) -> String {
    match events(JsonReader::new(Input::text(text), grammar)) {
        Ok(events) => events.join(" "),
        Err(error) => format!("{error}"),
    }
}

#[test]
fn values_become_events() {
    assert_eq!(
        read(
            "\u{feff}{\"а\" : [1, -2.50, 1e2, true, null],\"б\":{}, \"а\":\"x\\\"\\u0009\\ud83d\\ude00\"}\r\n"
        ),
        "BeginStructure(Ordinary) а: BeginArray(Ordinary) 1 -2.50 100 true Undefined EndArray \
         б: BeginStructure(Ordinary) EndStructure а: 'x\"\t😀' EndStructure"
    );
    assert_eq!(read(r#""\ud83d""#), "'\u{fffd}'");
    assert_eq!(read(r#""\/\b\f\n\r""#), "'/\u{8}\u{c}\n\r'");
    assert_eq!(read("[[],[[]]]").matches("BeginArray").count(), 4);
}

/// Texts in the manner of a public conformance suite: each breaks or stretches one rule.
const TEXTS: &[&str] = &[
    "",
    " ",
    "[",
    "]",
    "{",
    "}",
    "[1",
    "[1,",
    "[1,]",
    "[,1]",
    "[1,,2]",
    "[1 2]",
    "{\"a\"}",
    "{\"a\":}",
    "{\"a\":1,}",
    "{\"a\":1 \"b\":2}",
    "{a:1}",
    "{'a':1}",
    "['a']",
    "[\"a\"",
    "\"a",
    "\"a\nb\"",
    "\"a\tb\"",
    "\"\\x\"",
    "\"\\u12\"",
    "\"\\u12G4\"",
    "\"\\",
    "01",
    "-01",
    "-",
    "+1",
    ".5",
    "5.",
    "1e",
    "1e+",
    "1.e5",
    "0e1",
    "-0",
    "1E+2",
    "1.0",
    "0x1",
    "NaN",
    "Infinity",
    "tru",
    "True",
    "nul",
    "nulll",
    "truefalse",
    "1 2",
    "[] []",
    "{} x",
    "\u{a0}1",
    "\u{feff}1",
    "[1]\u{0}",
    "[\"\u{7f}\"]",
    "[\"\u{1f}\"]",
    "/* c */ 1",
    "[1] // c",
    "{\"a\":1,\"a\":2}",
    "\"\u{2028}\"",
    "[-]",
    "[--1]",
    "[1.2.3]",
    "[1e5e5]",
    "{1:2}",
    "{\"a\":1]",
    "[1}",
    "[\"a\":1]",
    "{\"a\",1}",
    "\r\n\t 1 \r\n",
];

#[test]
fn the_strict_grammar_takes_what_serde_takes() {
    for text in TEXTS {
        // serde_json does not skip a byte order mark; we must.
        let theirs = serde_json::from_str::<serde_json::Value>(text.trim_start_matches('\u{feff}'));
        let ours = events(JsonReader::new(Input::text(*text), JsonGrammar::Strict));
        assert_eq!(ours.is_ok(), theirs.is_ok(), "{text:?}: {ours:?}, serde: {theirs:?}");
    }
}

#[test]
fn what_1c_writes_with_single_quotes_is_read() {
    assert_eq!(
        with_grammar(r#"{'а':'б"'}"#, JsonGrammar::Platform),
        "BeginStructure(Ordinary) а: 'б\"' EndStructure"
    );
    assert!(read("['a']").starts_with("value_text"));
}

#[test]
fn what_1c_writes_for_javascript_is_a_date() {
    let read = |text: &str| {
        let reader = JsonReader::new(Input::text(text), JsonGrammar::Platform);
        events(reader.with_zone(Zone::Fixed(4 * 3600))).map(|events| events.join(" "))
    };
    let given = read("[new Date(1399713255000),null]").unwrap_or_default();
    assert!(given.contains("year: 2014, month: 5, day: 10, hour: 13, minute: 14, second: 15"), "{given}");
    assert!(given.ends_with("Undefined EndArray"), "{given}");
    for bad in ["new Date()", "new Date(1", "new Date(99999999999999999)", "new Day(1)", "ne"] {
        assert!(read(bad).is_err(), "{bad}");
    }
    assert!(with_grammar("new Date(0)", JsonGrammar::Strict).starts_with("value_text"));
}

#[test]
fn an_error_says_where_it_stands() {
    let text = "{\"товары\": [\n  {\"цена\": 1},\n  {\"цена\": 1,5}]}";
    let error = events(JsonReader::new(Input::text(text), JsonGrammar::Strict)).expect_err("must be refused");
    assert_eq!(error.code(), Code::ValueText);
    assert_eq!(error.detail("path"), Some(&"товары[1].цена".into()));
    assert_eq!(error.detail("line"), Some(&3_i64.into()));
    assert_eq!(error.detail("column"), Some(&14_i64.into()));
    assert_eq!(error.detail("near"), Some(&"5}]}".into()));
}

#[test]
fn depth_and_length_are_limited() {
    let text = format!("{}{}", "[".repeat(600), "]".repeat(600));
    let code = |text: &str, limits| {
        events(JsonReader::new(Input::text(text).with_limits(limits), JsonGrammar::Strict))
            .err()
            .map(|error| error.code())
    };
    assert_eq!(code(&text, Limits::default()), Some(Code::Limit));
    assert_eq!(code(&text, Limits { depth: 600, ..Limits::default() }), None);
    assert_eq!(code(&text, Limits { depth: 600, bytes: 1000 }), Some(Code::Limit));
}

#[test]
fn bytes_that_are_no_text_are_refused() {
    let error = events(JsonReader::new(Input::bytes(&b"[\"a\xFFb\"]"[..]), JsonGrammar::Strict));
    assert_eq!(error.err().map(|error| error.code()), Some(Code::ValueText));
    let wide: Vec<u8> =
        std::iter::once(0xFEFF).chain("[\"Ё\"]".encode_utf16()).flat_map(u16::to_le_bytes).collect();
    let given = events(JsonReader::new(Input::bytes(wide), JsonGrammar::Strict));
    assert_eq!(given.map(|events| events.join(" ")), Ok("BeginArray(Ordinary) 'Ё' EndArray".to_owned()));
}

#[test]
fn strings_longer_than_a_window_come_whole() {
    let long = "Ё😀\\n".repeat(40_000);
    let units: Vec<u16> = format!("[\"{long}\",\"{}\"]", "x".repeat(100_000)).encode_utf16().collect();
    let given = events(JsonReader::new(Input::units(units), JsonGrammar::Strict));
    let expected =
        format!("BeginArray(Ordinary) '{}' '{}' EndArray", long.replace("\\n", "\n"), "x".repeat(100_000));
    assert_eq!(given.map(|events| events.join(" ")), Ok(expected));
}
