//! What happens to values on their way from format to format.

use super::*;
use crate::error::{Code, Error, Result};
use crate::value::input::Input;
use crate::value::internal::StructuresAs;
use crate::value::json::JsonSettings;
use crate::value::open::{Format, open};
use crate::value::output::Output;
use crate::value::testing::tree;
use crate::value::zone::Zone;
use serde_json::{Value, json};
use std::collections::{HashMap, HashSet};

fn go(text: &str, to: Target, settings: &TransformSettings) -> Result<String> {
    transform(Input::text(text), None, to, settings, &mut || Ok(())).map(Output::into_text)
}

/// JSON to internal text and back into a tree.
fn internal(text: &str, settings: &TransformSettings) -> Value {
    let text = go(text, Target::Internal, settings).expect("JSON must be written");
    tree(open(Input::text(text), None).expect("internal text")).expect("our own text must be readable")
}

fn plain() -> TransformSettings {
    TransformSettings::default()
}

#[test]
fn objects_become_structures_if_their_names_allow() {
    let number = |text: &str| json!({"$number": text});
    assert_eq!(
        internal(r#"{"Имя":"Аня","Вложение":{"не имя":1},"Пусто":{}}"#, &plain()),
        json!({"$Structure": {"Имя": "Аня", "Вложение": {"$Map": [["не имя", number("1")]]}, "Пусто": {"$Structure": {}}}})
    );
    // 1C's structures do not tell these names apart: one of the values would be lost.
    assert_eq!(
        internal(r#"{"имя":1,"Имя":2}"#, &plain()),
        json!({"$Map": [["имя", number("1")], ["Имя", number("2")]]})
    );
    let maps = TransformSettings { structures: StructuresAs::Maps, ..plain() };
    assert_eq!(internal(r#"{"а":null}"#, &maps), json!({"$Map": [["а", {"$": "Undefined"}]]}));
}

#[test]
fn the_last_of_repeated_names_stays() {
    let long = "x".repeat(200_000);
    for value in ["1", "[1,2,{\"в\":[]}]", &format!("[\"{long}\",{{\"г\":\"{long}\"}}]")] {
        let text = format!(r#"[{{"а":{value},"б":{value},"а":"да"}},{{"а":1,"б":2}}]"#);
        let given = internal(&text, &plain());
        assert_eq!(given[0]["$Structure"]["а"], json!("да"));
        assert_eq!(given[0]["$Structure"].as_object().map(serde_json::Map::len), Some(2));
        assert_eq!(given[1]["$Structure"]["б"], json!({"$number": "2"}));
    }
}

#[test]
fn named_texts_become_dates() {
    let date_names = HashSet::from(["д".to_owned()]);
    let settings = TransformSettings { date_names, zone: Zone::Fixed(4 * 3600), ..plain() };
    let local = json!({"$date": "2014-05-10T13:14:15"});
    for text in [
        "2014-05-10T13:14:15",
        "2014-05-10T09:14:15Z",
        "2014-05-10T12:14:15+03:00",
        "/Date(1399713255000)/",
        "/Date(1399713255000+0400)/",
        "new Date(1399713255000)",
    ] {
        let given = internal(&format!(r#"[{{"д":"{text}"}},{{"Д":"{text}"}}]"#), &settings);
        assert_eq!(given[0]["$Structure"]["д"], local, "{text}");
        assert_eq!(given[1]["$Structure"]["Д"], json!(text), "names are compared exactly");
    }
    let empty = json!({"$date": "0001-01-01T00:00:00"});
    for text in ["0001-01-01T00:00:00", "0001-01-01T00:00:00Z", "/Date(-62135596800000)/"] {
        assert_eq!(internal(&format!(r#"{{"д":"{text}"}}"#), &settings)["$Structure"]["д"], empty, "{text}");
    }
    assert_eq!(internal(r#"{"д":null}"#, &settings)["$Structure"]["д"], json!({"$": "Undefined"}));
    let error = go(r#"[{"д":"завтра"}]"#, Target::Internal, &settings).expect_err("no date");
    assert_eq!((error.code(), error.detail("path")), (Code::ValueText, Some(&"[0].д".into())));
}

#[test]
fn fields_get_new_names_everywhere() {
    let fields =
        HashMap::from([("Артикул".to_owned(), "sku".to_owned()), ("Цена".to_owned(), "price".to_owned())]);
    let settings = TransformSettings { fields, ..plain() };
    let table = table(r#"[{"Артикул":"1","Цена":2,"Имя":"Артикул"}]"#, "").expect("a table");
    assert_eq!(
        go(&table, Target::Json, &settings),
        Ok(r#"[{"sku":"1","price":2,"Имя":"Артикул"}]"#.to_owned())
    );
    let map = go(r#"{"Артикул":{"Цена":"Цена"},"не имя":1}"#, Target::Internal, &plain()).expect("a map");
    assert_eq!(go(&map, Target::Json, &settings), Ok(r#"{"sku":{"price":"Цена"},"не имя":1}"#.to_owned()));
}

fn table(text: &str, columns: &str) -> Result<String> {
    let columns = TableColumns::parse(columns)?;
    table_from_rows(&mut open(Input::text(text), None)?, &columns, StructuresAs::ByNames)
        .map(Output::into_text)
}

fn rows(text: &str, columns: &str) -> Value {
    let text = table(text, columns).unwrap_or_else(|error: Error| panic!("{error:?}"));
    let table =
        tree(open(Input::text(text), None).expect("internal text")).expect("our own text must be readable");
    let columns: Vec<_> = table["$ValueTable"]["columns"]
        .as_array()
        .expect("columns")
        .iter()
        .map(|column| column["name"].clone())
        .collect();
    json!([columns, table["$ValueTable"]["rows"]])
}

#[test]
fn columns_come_in_the_order_of_first_appearance() {
    let undefined = json!({"$": "Undefined"});
    assert_eq!(
        rows(r#"[{"а":"1","б":"2"},{"б":"4","а":"3"},{"в":["x"],"а":null},{},{"б":"5","б":"6"}]"#, ""),
        json!([
            ["а", "б", "в"],
            [
                ["1", "2", undefined],
                ["3", "4", undefined],
                [undefined, undefined, ["x"]],
                [undefined, undefined, undefined],
                [undefined, "6", undefined],
            ]
        ])
    );
    assert_eq!(rows("[]", ""), json!([[], []]));
}

#[test]
fn columns_may_be_given_with_paths_and_names() {
    let text = r#"[{"артикул":"1","адрес":{"город":"Омск","улица":{"имя":"Мира"}},"цены":["a","b"],"лишнее":{"x":[{}]}},
                  {"адрес":"нет","цены":{"1":"c"},"артикул":"2"}]"#;
    let undefined = json!({"$": "Undefined"});
    assert_eq!(
        rows(text, "адрес.город, Улица=адрес.улица.имя, артикул, Вторая = цены.1, нет"),
        json!([
            ["адрес_город", "Улица", "артикул", "Вторая", "нет"],
            [["Омск", "Мира", "1", "b", undefined], [undefined, undefined, "2", "c", undefined],]
        ])
    );
    assert_eq!(
        rows(text, r#"["артикул", "Вторая = цены[1]", "адрес.улица[\"имя\"]"]"#),
        rows(text, "артикул, Вторая = цены.1, адрес_улица__имя__ = адрес.улица.имя")
    );
    for bad in ["[1]", "[\"а\"", "{\"а\":1}", "а,,б", "а=", "=а", "1а=а", "а,а", "а,А=б", "а,а.б", "а.б,а"]
    {
        assert_eq!(table("[]", bad).err().map(|error| error.code()), Some(Code::Argument), "{bad}");
    }
}

#[test]
fn large_cells_in_any_order_stay_whole() {
    let long = format!("[\"{}\",[{}]]", "y".repeat(9000), vec!["[1,{\"а\":2}]"; 900].join(","));
    let text =
        format!(r#"[{{"а":{long},"б":{long}}},{{"б":{long},"а":{long}}},{{"б":1,"а":{long},"б":{long}}}]"#);
    let given = rows(&text, "");
    let first = &given[1][0];
    assert_eq!(first[0][1].as_array().map(Vec::len), Some(900));
    assert!(given[1].as_array().expect("rows").iter().all(|row| row == first));
}

#[test]
fn names_that_are_no_identifiers_become_columns_with_titles() {
    let text = table(r#"[{"имя товара":"1","имя-товара":"2","1":"3"}]"#, "").expect("a table");
    assert!(text.contains("{0,\"имя_товара\",\n{\"Pattern\"},\"имя товара\",0}"), "{text}");
    assert!(text.contains("{1,\"имя_товара_2\",\n{\"Pattern\"},\"имя-товара\",0}"), "{text}");
    assert!(text.contains("{2,\"_1\",\n{\"Pattern\"},\"1\",0}"), "{text}");
}

#[test]
fn what_is_no_array_of_objects_is_refused_with_its_place() {
    for text in ["{\"а\":1}", "\"x\"", "[1]", "[{},null]", "[[]]"] {
        let error = table_from_rows(
            &mut open(Input::text(text), Some(Format::Json)).expect("JSON"),
            &TableColumns::ByAppearance,
            StructuresAs::ByNames,
        )
        .expect_err("must be refused");
        assert_eq!(error.code(), Code::ValueText, "{text}");
        assert!(error.detail("line").is_some(), "{text}");
    }
}

fn part(text: &str, path: &str) -> Option<String> {
    let selector = Selector::parse(path).expect("a path");
    let found =
        select(&mut open(Input::text(text), None).expect("a text"), &selector, &JsonSettings::default());
    found.expect("a readable text").map(|found| match found {
        Selected::Empty => "empty".to_owned(),
        Selected::Boolean(value) => value.to_string(),
        Selected::Number(number) => number,
        Selected::Text(text) => format!("'{text}'"),
        Selected::Date(date) => date.to_string(),
        Selected::Collection(output) => output.into_text(),
    })
}

#[test]
fn parts_are_found_by_pointer_and_by_dots() {
    let text =
        r#"{"товары":[{"цена":1.50,"а/б":"x"},{"цена":2,"м~н":[true,null]}],"a.b":{"":"пусто"},"07":7}"#;
    for (path, expected) in [
        ("", Some(text)),
        ("/товары/1/цена", Some("2")),
        ("товары[1].цена", Some("2")),
        ("товары.1.цена", Some("2")),
        ("/товары/0/а~1б", Some("'x'")),
        ("/товары/1/м~0н/0", Some("true")),
        ("товары[1][\"м~н\"][1]", Some("empty")),
        ("товары[0]", Some(r#"{"цена":1.50,"а/б":"x"}"#)),
        ("[\"a.b\"]", Some(r#"{"":"пусто"}"#)),
        ("/a.b/", Some("'пусто'")),
        ("07", Some("7")),
        ("товары[2]", None),
        ("/товары/01", None),
        ("товары.цена", None),
        ("нет.такого", None),
        ("/07/x", None),
    ] {
        assert_eq!(part(text, path).as_deref(), expected, "{path}");
    }
    for bad in ["[", "[1", "a[]", "a[x]", "a..b", ".a", "a.", "a[\"x]"] {
        assert_eq!(Selector::parse(bad).err().map(|error| error.code()), Some(Code::Argument), "{bad}");
    }
}

#[test]
fn of_repeated_names_the_last_is_found() {
    assert_eq!(part(r#"{"а":{"б":1},"а":{"б":2}}"#, "а.б").as_deref(), Some("2"));
    assert_eq!(part(r#"{"а":{"б":1},"а":{"в":2}}"#, "а.б"), None);
    assert_eq!(part(r#"{"а":{"б":1},"а":5}"#, "а.б"), None);
}

#[test]
fn parts_of_tables_and_maps_are_found() {
    let text = table(r#"[{"Имя":"Аня","Дети":[{"Имя":"Боря"}]},{"Имя":"Вера"}]"#, "").expect("a table");
    assert_eq!(part(&text, "[1].Имя").as_deref(), Some("'Вера'"));
    assert_eq!(part(&text, "/0/Дети/0/Имя").as_deref(), Some("'Боря'"));
    assert_eq!(part(&text, "[1]").as_deref(), Some(r#"{"Имя":"Вера","Дети":null}"#));
    let map = go(r#"{"не имя":{"а":[1]},"x":2}"#, Target::Internal, &plain()).expect("a map");
    assert_eq!(part(&map, "[\"не имя\"].а").as_deref(), Some("[1]"));
}

#[test]
fn a_text_broken_behind_the_part_is_refused() {
    let selector = Selector::parse("а").expect("a path");
    let found = select(
        &mut open(Input::text(r#"{"а":1,"б":}"#), None).expect("a text"),
        &selector,
        &JsonSettings::default(),
    );
    assert_eq!(found.err().map(|error| error.code()), Some(Code::ValueText));
}

fn batches(text: &str, elements: u64, bytes: u64) -> Result<Vec<(u64, u64, u64, String)>> {
    let settings = BatchSettings { elements, bytes, json: JsonSettings::indented("  ") };
    let mut batches = Batches::new(open(Input::text(text), None)?, settings);
    let mut all = Vec::new();
    while let Some(batch) = batches.next_batch()? {
        assert_eq!(batch.json.bytes(), batch.json.pieces().map(str::len).sum::<usize>() as u64);
        all.push((batch.number, batch.first, batch.elements, batch.json.into_text()));
    }
    Ok(all)
}

#[test]
fn batches_hold_at_most_so_many_elements_and_bytes() {
    let text = r#"[{"а":1},[2],"три",null,5]"#;
    assert_eq!(
        batches(text, 2, 0),
        Ok(vec![
            (1, 0, 2, r#"[{"а":1},[2]]"#.to_owned()),
            (2, 2, 2, r#"["три",null]"#.to_owned()),
            (3, 4, 1, "[5]".to_owned()),
        ])
    );
    assert_eq!(
        batches(text, 100, 14),
        Ok(vec![
            (1, 0, 2, r#"[{"а":1},[2]]"#.to_owned()),
            (2, 2, 1, r#"["три"]"#.to_owned()),
            (3, 3, 2, "[null,5]".to_owned()),
        ])
    );
    let error = batches(r#"[1,"слишком длинно"]"#, 100, 20).expect_err("too large");
    assert_eq!((error.code(), error.detail("path")), (Code::Limit, Some(&"[1]".into())));
    assert_eq!(batches("[]", 5, 0), Ok(Vec::new()));
    assert_eq!(batches(r#"{"а":[1]}"#, 5, 0), Ok(vec![(1, 0, 1, r#"[{"а":[1]}]"#.to_owned())]));
    assert!(batches("[1,2", 1, 0).is_err());
}

#[test]
fn rows_of_tables_are_elements_of_batches() {
    let text = table(r#"[{"Имя":"Аня","Дети":[{"Имя":"Боря"}]},{"Имя":"Вера"}]"#, "").expect("a table");
    assert_eq!(
        batches(&text, 1, 0),
        Ok(vec![
            (1, 0, 1, r#"[{"Имя":"Аня","Дети":[{"Имя":"Боря"}]}]"#.to_owned()),
            (2, 1, 1, r#"[{"Имя":"Вера","Дети":null}]"#.to_owned()),
        ])
    );
}

#[test]
fn a_check_tells_format_and_size_or_the_place_of_the_fault() {
    assert_eq!(check(Input::text("[1,{\"а\":[]}]"), None), Ok(Checked { format: Format::Json, values: 4 }));
    assert_eq!(
        check(Input::text("{\"S\",\"x\"}"), None),
        Ok(Checked { format: Format::Internal, values: 1 })
    );
    assert_eq!(check(Input::text("12"), None), Ok(Checked { format: Format::Json, values: 1 }));
    for text in ["['а']", "[1,]", "текст", "", "{\"S\",}"] {
        assert_eq!(
            check(Input::text(text), None).err().map(|error| error.code()),
            Some(Code::ValueText),
            "{text}"
        );
    }
}

#[test]
fn layout_changes_and_values_stay() {
    let text = r#"{ "а" : [ 1.50 , 1e2, "x\/\u0041" ], "а": null }"#;
    let minified = reformat(Input::text(text), JsonSettings::default()).map(Output::into_text);
    assert_eq!(minified, Ok(r#"{"а":[1.50,100,"x/A"],"а":null}"#.to_owned()));
    let formatted = reformat(Input::text(text), JsonSettings::indented("  ")).map(Output::into_text);
    assert_eq!(
        formatted,
        Ok("{\n  \"а\": [\n    1.50,\n    100,\n    \"x/A\"\n  ],\n  \"а\": null\n}".to_owned())
    );
}

#[test]
fn a_file_becomes_json_or_leaves_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let (from, to) = (folder.path().join("таблица.txt"), folder.path().join("таблица.json"));
    let run = |check: &mut dyn FnMut() -> Result<()>| {
        file_to_json(&from, &to, None, HashMap::new(), JsonSettings::default(), check)
    };
    let error = run(&mut || Ok(())).expect_err("there is no source");
    assert_eq!(error.code(), Code::File);
    // As ЗначениеВФайл writes it: a byte order mark, CR LF everywhere.
    let rows: String = (0..20_000).map(|row| format!(",{{\"S\",\"строка\n{row}\"}}")).collect();
    let text =
        format!("{{\"#\",51e7a0d2-530b-11d4-b98a-008048da3034,{{20000{rows}}}}}").replace('\n', "\r\n");
    std::fs::write(&from, format!("\u{feff}{text}")).expect("a file");
    let stopped = run(&mut || Err(crate::operation::cancelled())).expect_err("it was cancelled");
    assert_eq!(stopped.code(), Code::Cancelled);
    assert_eq!(std::fs::read_dir(folder.path()).map(Iterator::count).ok(), Some(1), "nothing is left behind");
    let summary = run(&mut || Ok(())).expect("the file must be converted");
    let written = std::fs::read_to_string(&to).expect("the result");
    assert_eq!((summary.read, summary.written), (text.len() as u64 + 3, written.len() as u64));
    let expected: Vec<String> = (0..20_000).map(|row| format!("\"строка\\n{row}\"")).collect();
    assert_eq!(written, format!("[{}]", expected.join(",")));
    std::fs::write(&from, &text.as_bytes()[..text.len() / 2]).expect("a file");
    assert_eq!(run(&mut || Ok(())).err().map(|error| error.code()), Some(Code::ValueText));
    assert_eq!(std::fs::read_to_string(&to).ok(), Some(written), "the old result stays");
}
