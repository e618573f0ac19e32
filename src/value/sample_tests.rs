//! Every text of the developers' collection of samples gives what the collection's index says, and a text that
//! the platform made comes out of our writer byte for byte.

use crate::value::input::Input;
use crate::value::internal::lexer::{Lexer, Token};
use crate::value::internal::{InternalReader, InternalWriter, StructuresAs};
use crate::value::json::{JsonGrammar, JsonReader};
use crate::value::pump::pump;
use crate::value::testing::{shared, tree};
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
    let sum = ring::digest::digest(&ring::digest::SHA256, text.as_bytes());
    (summary, sum.as_ref().iter().map(|byte| format!("{byte:02x}")).collect())
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
