//! JSON for every kind of value and every setting; the expected texts follow the facts on value formats, section 5.

use super::{DateForm, EscapedCharacters, JsonSettings, JsonWriter, LineBreaks, Unsupported};
use crate::error::{Code, Result};
use crate::value::input::Input;
use crate::value::open::open;
use crate::value::pump::pump;
use crate::value::zone::Zone;

fn json(text: &str, settings: JsonSettings) -> Result<String> {
    let mut writer = JsonWriter::new(String::new(), settings);
    pump(&mut open(Input::text(text), None)?, &mut writer)?;
    Ok(writer.into_sink())
}

fn compact(text: &str) -> String {
    json(text, JsonSettings::default()).unwrap_or_else(|error| error.to_string())
}

/// Internal text of an array of the given values.
fn array(values: &[&str]) -> String {
    let count = values.len();
    let values: String = values.iter().map(|value| format!(",{value}")).collect();
    format!("{{\"#\",51e7a0d2-530b-11d4-b98a-008048da3034,{{{count}{values}}}}}")
}

#[test]
fn each_kind_of_value_has_its_form() {
    for (text, expected) in [
        (r#"{"S","a""б"}"#.to_owned(), r#""a\"б""#),
        (r#"{"N",-0.10}"#.to_owned(), "-0.10"),
        (r#"{"B",1}"#.to_owned(), "true"),
        (r#"{"U"}"#.to_owned(), "null"),
        (r#"{"L"}"#.to_owned(), "null"),
        (r#"{"D",20240304050607}"#.to_owned(), r#""2024-03-04T05:06:07""#),
        (r#"{"T",9b6abf8b-0173-48e5-b0a0-83b21fcf63c5}"#.to_owned(), r#""Строка""#),
        (
            r##"{"#",fc01b5df-97fe-449b-83d4-218a090e681e,12345678-9abc-def0-1234-56789abcdef0}"##.to_owned(),
            r#""12345678-9abc-def0-1234-56789abcdef0""#,
        ),
        (
            r##"{"#",190a7469-3325-4d33-b5ec-28a63ac83b06,96:a71b000c293a870e11ebac1aa1a9011a}"##.to_owned(),
            r#""a1a9011a-ac1a-11eb-a71b-000c293a870e""#,
        ),
        (r##"{"#",87126200-3e98-44e0-b931-ccb1d7edc497,{1,{#base64:b2s=}}}"##.to_owned(), r#""b2s=""#),
        (
            r##"{"#",f5c65050-3bbb-11d5-b988-0050bae0a95d,{"Pattern",{"S"},{"N",10,2,1}}}"##.to_owned(),
            r#"["Строка","Число"]"#,
        ),
        (array(&[]), "[]"),
        (array(&[r#"{"N",1}"#, r#"{"S","x"}"#]), r#"[1,"x"]"#),
    ] {
        assert_eq!(compact(&text), expected, "{text}");
    }
}

const TABLE: &str = r##"{"#",acf6192e-81ca-46ef-93a6-5a6968b78663,{9,{2,{0,"Имя",{"Pattern"},"",0},{1,"Возраст",{"Pattern"},"",0}},
{2,2,0,0,1,1,{1,2,{2,0,2,{"S","Аня"},{"N",7},0},{2,1,0,0}},1,1},{0,0}}}"##;

#[test]
fn a_table_is_an_array_of_objects_with_all_columns() {
    assert_eq!(compact(TABLE), r#"[{"Имя":"Аня","Возраст":7},{"Имя":null,"Возраст":null}]"#);
}

#[test]
fn a_list_is_an_array_of_values() {
    let text = r##"{"#",4772b3b4-f4a3-49c0-a1a5-8cb5961511a3,{6,1e512aab-1b41-4ef6-9375-f0137be9dd91,0,0,
        {1,{1e512aab-1b41-4ef6-9375-f0137be9dd91,{"первый",0,{"N",1},{4,0,{0},"",-1,-1,0,0,""},0,0,""}}},{"Pattern"},0,0}}"##;
    assert_eq!(compact(text), "[1]");
}

#[test]
fn keys_of_a_map_become_text() {
    let pair = |key: &str| format!("{{{key},{{\"N\",1}}}}");
    let map = |keys: &[&str]| {
        let pairs: Vec<_> = keys.iter().map(|key| pair(key)).collect();
        format!("{{\"#\",3d48feae-a9c6-4c5a-a099-9eb6477630c6,{{{},{}}}}}", keys.len(), pairs.join(","))
    };
    let text = map(&[r#"{"S","а"}"#, r#"{"N",1.5}"#, r#"{"B",0}"#, r#"{"D",20240304050607}"#]);
    assert_eq!(compact(&text), r#"{"а":1,"1.5":1,"false":1,"2024-03-04T05:06:07":1}"#);
    let error = json(&map(&[r#"{"U"}"#]), JsonSettings::default()).err();
    assert_eq!(error.map(|error| error.code()), Some(Code::UnsupportedType));
    let error = json(&map(&[&array(&[])]), JsonSettings::default()).err();
    assert_eq!(error.map(|error| error.code()), Some(Code::UnsupportedType));
}

#[test]
fn an_opaque_value_is_an_error_null_or_text() {
    let period = r##"{"#",2fdc88ec-7c9b-43cd-8ba5-873f043bdd88,{0,1}}"##;
    let text = array(&["{\"N\",1}", period]);
    let error = json(&text, JsonSettings::default()).expect_err("must be refused");
    assert_eq!(error.code(), Code::UnsupportedType);
    assert_eq!(error.detail("path"), Some(&"[1]".into()));
    assert!(error.message().ru.contains("СтандартныйПериод"), "{}", error.message().ru);
    let with = |unsupported| json(&text, JsonSettings { unsupported, ..JsonSettings::default() });
    assert_eq!(with(Unsupported::Null), Ok("[1,null]".to_owned()));
    let quoted = period.replace('"', "\\\"");
    assert_eq!(with(Unsupported::Text), Ok(format!("[1,\"{quoted}\"]")));
}

#[test]
fn layout_follows_the_settings() {
    let text = r#"{"а":1,"б":[],"в":[true,{}]}"#;
    let with = |line_breaks, indent: &str| {
        json(text, JsonSettings { line_breaks, indent: indent.to_owned(), ..JsonSettings::default() })
    };
    assert_eq!(with(LineBreaks::None, "  "), Ok(text.to_owned()));
    let unindented = "{\n\"а\": 1,\n\"б\": [],\n\"в\": [\ntrue,\n{}\n]\n}";
    assert_eq!(with(LineBreaks::Unix, ""), Ok(unindented.to_owned()));
    let indented = "{\r\n \"а\": 1,\r\n \"б\": [],\r\n \"в\": [\r\n  true,\r\n  {}\r\n ]\r\n}";
    assert_eq!(with(LineBreaks::Windows, " "), Ok(indented.to_owned()));
    let table = "[\n\t{\n\t\t\"Имя\": \"Аня\",\n\t\t\"Возраст\": 7\n\t},\n\t{\n\t\t\"Имя\": null,\n\t\t\"Возраст\": null\n\t}\n]";
    assert_eq!(json(TABLE, JsonSettings::indented("\t")), Ok(table.to_owned()));
}

#[test]
fn escapes_follow_the_settings() {
    let text = r#"{"S","""\'/<>&	
Ё№—😀"}"#
        .replace('Ё', "\u{2028}Ё\u{7f}\u{1}");
    let default = JsonSettings::default();
    let with = |settings: JsonSettings| json(&text, settings).expect("a string is always written");
    assert_eq!(with(default.clone()), "\"\\\"\\\\'/<>&\\u0009\\n\\u2028Ё\u{7f}\\u0001№—😀\"");
    assert_eq!(
        with(JsonSettings { escape_line_separators: false, ..default.clone() }),
        "\"\\\"\\\\'/<>&\\u0009\\n\u{2028}Ё\u{7f}\\u0001№—😀\""
    );
    assert_eq!(
        with(JsonSettings {
            escape_angle_brackets: true,
            escape_ampersand: true,
            escape_single_quotes: true,
            escape_slash: true,
            ..default.clone()
        }),
        "\"\\\"\\\\\\u0027\\/\\u003C\\u003E\\u0026\\u0009\\n\\u2028Ё\u{7f}\\u0001№—😀\""
    );
    assert_eq!(
        with(JsonSettings { escape: EscapedCharacters::BeyondBmp, ..default.clone() }),
        "\"\\\"\\\\'/<>&\\u0009\\n\\u2028Ё\u{7f}\\u0001№—\\uD83D\\uDE00\""
    );
    assert_eq!(
        with(JsonSettings { escape: EscapedCharacters::BeyondAscii, ..default.clone() }),
        "\"\\\"\\\\'/<>&\\u0009\\n\\u2028\\u0401\u{7f}\\u0001\\u2116\\u2014\\uD83D\\uDE00\""
    );
    assert_eq!(
        with(JsonSettings { double_quotes: false, ..default }),
        "'\"\\\\\\u0027/<>&\\u0009\\n\\u2028Ё\u{7f}\\u0001№—😀'"
    );
}

#[test]
fn dates_follow_the_settings() {
    let text = array(&[r#"{"D",20140510131415}"#, r#"{"D",00010101000000}"#]);
    let with = |dates| {
        let zone = Zone::Fixed(4 * 3600);
        json(&text, JsonSettings { dates, zone, ..JsonSettings::default() })
            .expect("dates are always written")
    };
    assert_eq!(with(DateForm::Local), r#"["2014-05-10T13:14:15","0001-01-01T00:00:00"]"#);
    assert_eq!(
        with(DateForm::LocalWithOffset),
        r#"["2014-05-10T13:14:15+04:00","0001-01-01T00:00:00+00:00"]"#
    );
    assert_eq!(with(DateForm::Universal), r#"["2014-05-10T09:14:15Z","0001-01-01T00:00:00Z"]"#);
    assert_eq!(with(DateForm::Microsoft), r#"["/Date(1399713255000)/","/Date(-62135596800000)/"]"#);
    assert_eq!(with(DateForm::JavaScript), "[new Date(1399713255000),new Date(-62135596800000)]");
}

#[test]
fn arrays_may_become_objects() {
    let settings = JsonSettings { arrays_as_objects: true, ..JsonSettings::default() };
    assert_eq!(json("[1,[\"а\"],[]]", settings), Ok(r#"{"0":1,"1":{"0":"а"},"2":{}}"#.to_owned()));
}
