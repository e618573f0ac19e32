//! Every text of the developers' collection of samples gives what the collection's index says, and a text that
//! the platform made comes out of our writer byte for byte.

use crate::value::input::Input;
use crate::value::internal::lexer::{Lexer, Token};
use crate::value::internal::{InternalReader, InternalWriter, StructuresAs};
use crate::value::json::{JsonGrammar, JsonReader};
use crate::value::limits::Limits;
use crate::value::open::open;
use crate::value::pump::pump;
use crate::value::storage::{Storage, StorageWriter};
use crate::value::testing::{shared, tree};
use crate::value::xdto::{XdtoReader, XdtoWriter};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::PathBuf;

struct Sample {
    file: String,
    path: PathBuf,
    expected: String,
}

/// The samples whose file names satisfy `wanted`; none where the collection is absent.
fn samples(wanted: impl Fn(&str) -> bool) -> Vec<Sample> {
    let Some(index) = shared("1c/value-samples/index.tsv") else { return Vec::new() };
    let table = std::fs::read_to_string(&index).expect("the index is a text");
    let mut samples = Vec::new();
    for line in table.lines().skip(1) {
        let fields: Vec<&str> = line.split('\t').collect();
        let (Some(file), Some(expected)) = (fields.first(), fields.last()) else { continue };
        if wanted(file) {
            let (file, expected) = ((*file).to_owned(), (*expected).to_owned());
            samples.push(Sample { path: index.with_file_name(&file), file, expected });
        }
    }
    assert!(!samples.is_empty(), "the index names no such sample");
    samples
}

impl Sample {
    fn text(&self) -> String {
        std::fs::read_to_string(&self.path).unwrap_or_else(|error| panic!("{}: {error}", self.file))
    }

    fn expected(&self) -> Value {
        let value =
            serde_json::from_str(&self.expected).unwrap_or_else(|error| panic!("{}: {error}", self.file));
        numbers_as_text(value)
    }
}

/// Every number becomes `{"$number":"…"}`, except ids, widths and the like, which are no 1C values.
fn numbers_as_text(value: Value) -> Value {
    const PLAIN: &[&str] = &["version", "id", "width", "x", "y", "last", "positions", "row_ids", "row_count"];
    match value {
        Value::Number(number) => json!({"$number": number.to_string()}),
        Value::Array(items) => items.into_iter().map(numbers_as_text).collect(),
        Value::Object(members) if members.contains_key("$number") => Value::Object(members),
        Value::Object(members) => Value::Object(
            members
                .into_iter()
                .map(|(name, value)| {
                    let value = if PLAIN.contains(&name.as_str()) { value } else { numbers_as_text(value) };
                    (name, value)
                })
                .collect(),
        ),
        other => other,
    }
}

fn is_internal(file: &str) -> bool {
    file.ends_with(".txt") && file != "excerpt-property-bag.txt"
}

#[test]
fn internal_texts_hold_what_the_index_says() {
    for sample in samples(is_internal) {
        let text = sample.text();
        let units: Vec<u16> = text.encode_utf16().collect();
        let given = tree(InternalReader::new(Input::units(units)));
        let given = given.unwrap_or_else(|error| panic!("{}: {error:?}", sample.file));
        let mut expected = sample.expected();
        let given = match expected.get_mut("$ValueTable summary") {
            None => given,
            Some(summary) => {
                let sum = summary.as_object_mut().and_then(|summary| summary.remove("rows_sha256"));
                let (summarised, found) = summary_of(&given);
                assert_eq!(Some(Value::String(found)), sum, "{}: rows", sample.file);
                summarised
            }
        };
        assert_eq!(given, expected, "{}", sample.file);
    }
}

/// The short form of a large table and the SHA-256 of its rows in compact JSON.
fn summary_of(value: &Value) -> (Value, String) {
    let table = &value["$ValueTable"];
    let rows = table["rows"].as_array().expect("rows");
    let ids: Vec<i64> = table["row_ids"].as_array().expect("ids").iter().filter_map(Value::as_i64).collect();
    assert!(ids.windows(2).all(|pair| pair[1] == pair[0] + 1), "row ids run on");
    let undefined =
        rows.iter().flat_map(|row| row.as_array().expect("cells")).filter(|cell| cell.get("$").is_some());
    let summary = json!({"$ValueTable summary": {
        "version": table["version"], "columns": table["columns"], "positions": table["positions"],
        "row_count": rows.len(), "first_rows": rows[..3], "last_rows": rows[rows.len() - 2..],
        "row_ids": format!("{}..{}", ids[0], ids[ids.len() - 1]), "x": table["x"], "y": table["y"],
        "undefined_cells": {"$number": undefined.count().to_string()},
    }});
    // The index counts numbers as JSON numbers.
    let text = Value::Array(rows.clone()).to_string();
    let text = text.replace("{\"$number\":\"", "").replace("\"},\"hex\"", ",\"hex\"");
    (summary, sha256(text.as_bytes()))
}

fn sha256(bytes: &[u8]) -> String {
    let sum = ring::digest::digest(&ring::digest::SHA256, bytes);
    sum.as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn internal_texts_are_written_as_the_platform_writes_them() {
    // Texts that somebody changed by hand.
    let by_hand = BTreeMap::from([
        ("valuelist-three-bom.txt", "holds a blank line"),
        ("table-v8-dense.txt", "was put on one line"),
    ]);
    for sample in samples(is_internal) {
        let text = sample.text();
        let mut writer = InternalWriter::new(StructuresAs::ByNames);
        let result = pump(&mut InternalReader::new(Input::text(text.as_str())), &mut writer);
        assert_eq!(result, Ok(()), "{}", sample.file);
        let written = writer.into_output().expect("a complete value").into_text();
        let original = text.trim_start_matches('\u{feff}').replace("\r\n", "\n");
        if by_hand.contains_key(sample.file.as_str()) {
            let plain = |text: &str| text.replace('\n', "");
            assert_eq!(plain(&written), plain(&original), "{}", sample.file);
        } else {
            assert_eq!(written, original, "{}", sample.file);
        }
    }
}

#[test]
fn json_texts_hold_what_their_values_are() {
    for sample in samples(|file| file.ends_with(".json")) {
        let given = tree(JsonReader::new(Input::text(sample.text()), JsonGrammar::Strict));
        let given = given.unwrap_or_else(|error| panic!("{}: {error:?}", sample.file));
        assert_eq!(objects(given), sample.expected(), "{}", sample.file);
    }
}

#[test]
fn xml_texts_hold_what_the_index_says() {
    let read = |sample: &Sample| {
        let given = tree(XdtoReader::new(Input::text(sample.text())));
        given.unwrap_or_else(|error| panic!("{}: {error:?}", sample.file))
    };
    for sample in samples(|file| file == "xdto-array-of-structures.xml") {
        let (given, expected) = (read(&sample), sample.expected());
        let items = given.as_array().expect("an array");
        assert_eq!(json!({"$number": items.len().to_string()}), expected["array_length"]);
        assert_eq!((&items[0], &items[items.len() - 1]), (&expected["first"], &expected["last"]));
    }
    for sample in samples(|file| file == "xdto-order.xml") {
        let (given, expected) = (read(&sample), sample.expected());
        assert_eq!(given.as_array().map(Vec::len), Some(1));
        let order = &given[0]["$Structure"];
        assert_eq!(order["СтандартныеРеквизиты"], expected["СтандартныеРеквизиты"]);
        assert_eq!(order["Реквизиты"]["$Structure"]["Статус"], expected["Статус"]);
        let (mut sums, mut taxes) = (Vec::new(), Vec::new());
        for (_, value) in order.as_object().expect("members") {
            for row in value.as_array().into_iter().flatten() {
                sums.extend(row["$Structure"].get("Сумма").cloned());
                taxes.extend(row["$Structure"].get("СуммаНДС").cloned());
            }
        }
        assert_eq!(Value::Array(sums), expected["Товары_sums"]);
        assert_eq!(Value::Array(taxes), expected["Товары_vat"]);
    }
    for sample in samples(|file| file == "xdto-structure-with-table.xml") {
        let given = read(&sample);
        let members = given["$Structure"].as_object().expect("members");
        assert_eq!(members.len(), 6);
        let table = &members["НайденныеОбъекты"]["$ValueTable"];
        let types: Vec<&Value> =
            table["columns"].as_array().expect("columns").iter().map(|it| &it["types"]).collect();
        assert_eq!(types.len(), 3);
        assert_eq!((types[0], types[2]), (&json!(["B"]), &json!(["S"])));
        let rows = table["rows"].as_array().expect("rows");
        let uuids: Vec<&str> = rows.iter().filter_map(|row| row[1]["$ref"][1].as_str()).collect();
        assert_eq!(uuids.join(" / "), between(&sample.expected, "UUID ", ","));
        assert!(rows.iter().all(|row| row[0] == json!(true) && row[2] == json!("")));
        let settings = members["НастройкиТекущейТаблицы"]["$Structure"].as_object().expect("members");
        let settings: Vec<&Value> = settings.values().collect();
        assert_eq!(settings, [&json!({"$opaque": "Settings"}), &json!([]), &json!("")]);
    }
    for sample in samples(|file| file == "xdto-valuelist-composite-column.xml") {
        let given = read(&sample);
        let members: Vec<&Value> = given["$Structure"].as_object().expect("members").values().collect();
        assert_eq!(
            (members.len(), members[0], members[1], members[3]),
            (5, &json!(true), &json!(false), &json!(true))
        );
        let list = &members[2]["$ValueList"];
        let ids: Vec<&Value> =
            list["items"].as_array().expect("items").iter().map(|item| &item["id"]).collect();
        assert_eq!(ids, [4, 0, 2, 3, 1]);
        assert_eq!(list["last"], 4);
        let table = &members[4]["$ValueTable"];
        let types: Vec<usize> = table["columns"]
            .as_array()
            .expect("columns")
            .iter()
            .filter_map(|it| it["types"].as_array().map(Vec::len))
            .collect();
        assert_eq!(types, [1, 1, 5, 1]);
        assert_eq!(table["columns"][1]["types"], json!(["S 300 1"]));
        let rows = table["rows"].as_array().expect("rows");
        assert_eq!(rows.len(), 5);
        assert_eq!(rows[0][2]["$ref"][0], json!("DocumentRef.КорректировкаЗаказаПоставщику"));
        assert_eq!(rows[4][2]["$ref"][0], json!("DocumentRef.РеализацияТоваровУслуг"));
    }
    for sample in samples(|file| file == "xdto-table-uuid.xml") {
        let given = read(&sample);
        let rows = given["$ValueTable"]["rows"].clone();
        let zero = json!({"$uuid": "00000000-0000-0000-0000-000000000000"});
        assert_eq!(rows, json!([[zero, false, "121312312312цуацуапеуца"], [zero, true, ""]]));
        assert_eq!(given["$ValueTable"]["columns"][0]["name"], json!("ID"));
    }
}

/// What stands between two marks of a text.
fn between<'t>(text: &'t str, before: &str, after: &str) -> &'t str {
    let rest = text.split_once(before).map_or("", |(_, rest)| rest);
    rest.split_once(after).map_or(rest, |(inner, _)| inner)
}

#[test]
fn xml_texts_are_written_as_the_platform_writes_them() {
    for sample in samples(|file| file.ends_with(".xml")) {
        // This one was re-indented by hand and names the types of its cells, which the platform leaves out.
        if sample.file == "xdto-table-uuid.xml" {
            continue;
        }
        let text = sample.text();
        let mut writer = XdtoWriter::new(String::new());
        assert_eq!(
            pump(&mut XdtoReader::new(Input::text(text.as_str())), &mut writer),
            Ok(()),
            "{}",
            sample.file
        );
        assert_eq!(writer.into_sink(), text.trim_end(), "{}", sample.file);
    }
}

#[test]
fn storages_hold_what_the_index_says() {
    for sample in samples(|file| file.ends_with(".b64")) {
        let storage = Storage::read(sample.text().into_bytes(), Limits::default());
        let storage = storage.unwrap_or_else(|error| panic!("{}: {error:?}", sample.file));
        let value = tree(open(Input::text(sample.text()), None).expect("a storage is recognised"));
        let value = value.unwrap_or_else(|error| panic!("{}: {error:?}", sample.file));
        let bytes = Storage::read(sample.text().into_bytes(), Limits::default());
        assert_eq!(bytes.as_ref(), Ok(&storage));
        let expected = sample.expected();
        if expected.get("$ValueTable").is_some() {
            assert_eq!(value, expected, "{}", sample.file);
            continue;
        }
        assert_eq!(json!(storage.deflated), expected["compressed"], "{}", sample.file);
        let text = String::from_utf8(storage.text).expect("UTF-8");
        let plain = text.trim_start_matches('\u{feff}').replace("\r\n", "\n");
        assert_eq!(json!(plain), expected["text"], "{}", sample.file);
        let blobs: Vec<Value> = storage
            .parts
            .iter()
            .map(|part| {
                numbers_as_text(json!({
                    "bytes": part.len(), "sha256": sha256(part),
                    "head": String::from_utf8_lossy(part).chars().take(24).collect::<String>(),
                }))
            })
            .collect();
        assert_eq!(Value::Array(blobs), expected["blobs"], "{}", sample.file);
        if let [part] = storage.parts.as_slice() {
            assert_eq!(value, json!({"$binary": part}), "{}", sample.file);
        }
    }
}

/// A deflated storage has no bytes of its own to compare: they depend on who packed it. What it holds is compared
/// above.
#[test]
fn plain_storages_are_written_as_the_platform_writes_them() {
    for sample in samples(|file| file.ends_with(".b64") && !file.contains("deflated")) {
        let text = sample.text();
        let mut writer = StorageWriter::new(StructuresAs::ByNames);
        let mut reader = open(Input::text(text.as_str()), None).expect("a storage is recognised");
        assert_eq!(pump(&mut reader, &mut writer), Ok(()), "{}", sample.file);
        let written = writer.into_bytes().expect("a complete value");
        let packed = text.replace(['\r', '\n'], "");
        assert_eq!(STANDARD.encode(written), packed.trim(), "{}", sample.file);
    }
}

/// Structures as plain objects, which is how the index shows values of JSON.
fn objects(value: Value) -> Value {
    match value {
        Value::Array(items) => items.into_iter().map(objects).collect(),
        Value::Object(mut members) => match members.remove("$Structure") {
            Some(Value::Object(inner)) => {
                Value::Object(inner.into_iter().map(|(name, value)| (name, objects(value))).collect())
            }
            _ => Value::Object(members),
        },
        other => other,
    }
}

/// The top-level lists of a text that is no value: each with the number of its own items and its source text.
fn lists(text: &str) -> Vec<(usize, String)> {
    let mut lexer = Lexer::new(Input::text(text));
    let (mut lists, mut depth, mut start, mut items) = (Vec::new(), 0, 0, 0);
    loop {
        let at = lexer.input.cursor();
        let token = lexer.token().unwrap_or_else(|_| panic!("the layer without types must take {text}"));
        match token {
            None => return lists,
            Some(Token::Open) => {
                if depth == 0 {
                    (start, items) = (at, 0);
                }
                items += usize::from(depth == 1);
                depth += 1;
            }
            Some(Token::Close) => {
                depth -= 1;
                if depth == 0 {
                    lists.push((items, lexer.input.slice(start, lexer.input.cursor()).trim().to_owned()));
                }
            }
            Some(Token::Comma) => {}
            Some(Token::Text(_) | Token::Atom(_)) => items += usize::from(depth == 1),
        }
    }
}

/// The typed values anywhere in a text: lists that begin with a quoted letter.
fn typed_values(text: &str) -> Vec<Value> {
    let starts = text.match_indices("{\"").filter(|(at, _)| text.as_bytes().get(at + 3) == Some(&b'"'));
    let whole = |at: usize| lists(text.get(at..).unwrap_or_default()).swap_remove(0).1;
    starts.filter_map(|(at, _)| tree(InternalReader::new(Input::text(whole(at)))).ok()).collect()
}

#[test]
fn a_fragment_of_a_configuration_is_read_by_its_values() {
    for sample in samples(|file| file == "excerpt-property-bag.txt") {
        let text = sample.text();
        let top = lists(&text);
        assert_eq!(top.first().map(|(items, _)| *items), Some(48), "items");
        assert_eq!(text.split(',').nth(1), Some("23"));
        // Atoms and values alternate after the two numbers; the values are the inner lists.
        let values: Vec<_> = top[0].1.strip_prefix('{').map(lists_inside).expect("a list");
        assert_eq!(values.len(), 23);
        for value in &values {
            let given = tree(InternalReader::new(Input::text(value.as_str()))).expect("each is a value");
            let opaque = value.starts_with("{\"#\"");
            assert_eq!(given.get("$opaque").is_some(), opaque, "{value}");
        }
    }
}

/// The lists directly inside the text of a list whose first brace is taken off.
fn lists_inside(text: &str) -> Vec<String> {
    let body = text.trim().strip_suffix('}').expect("the closing brace");
    lists(body).into_iter().map(|(_, text)| text).collect()
}

#[test]
fn the_event_log_is_taken_by_the_layer_without_types() {
    for sample in samples(|file| file.starts_with("eventlog")) {
        let text = sample.text();
        // Two heading lines stand before the records.
        let records = text.lines().skip(2).collect::<Vec<_>>().join("\n");
        let found = lists(&records);
        if sample.file.ends_with(".lgf") {
            assert_eq!(found.len(), 22, "{}", sample.file);
            continue;
        }
        assert_eq!(found.len(), 4, "{}", sample.file);
        assert!(found[3].1.contains("THIS IS COMMENT"));
        let data: Vec<Vec<Value>> = found.iter().map(|(_, record)| typed_values(record)).collect();
        assert_eq!(data[0], [json!("Редактирование")]);
        assert_eq!(data[1], [json!("Чтение"), json!({"$": "Undefined"})]);
        assert_eq!(data[2], data[1][1..]);
        assert_eq!(data[3], data[1]);
        // What is no value of a program is refused, not guessed.
        let record = found[0].1.as_str();
        assert!(tree(InternalReader::new(Input::text(record))).is_err());
    }
}
