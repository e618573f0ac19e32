//! The 52 documents found in public repositories.

use obmen::egais::build::{BuildOptions, build};
use obmen::egais::check::check_xml;
use obmen::egais::parse::parse;
use obmen::egais::problem::Severity;
use obmen::error::{Error, Result};
use obmen::value::{Input, open};
use serde_json::Value as Json;
use std::path::PathBuf;

struct Sample {
    name: String,
    bytes: Vec<u8>,
    kind: String,
    is_valid: bool,
}

/// All samples with the verdicts of their index; the index speaks of the schemas of 2024 alone.
fn samples() -> Vec<Sample> {
    let Some(folder) = crate::shared("egais/samples") else { return Vec::new() };
    let index = std::fs::read_to_string(folder.join("index.tsv")).expect("the index");
    let samples: Vec<Sample> = index
        .lines()
        .skip(1)
        .map(|line| {
            let columns: Vec<&str> = line.split('\t').collect();
            let path: PathBuf = folder.join(columns[0]);
            // UTM's own documents are not in those schemas, and an empty envelope is no document.
            let is_valid = match columns[1] {
                "QueryFilter" | "ReplyFilter" | "A-list" => true,
                "empty-Document" => false,
                _ => columns[3] == "yes",
            };
            let bytes = std::fs::read(path).expect("a sample");
            Sample { name: columns[0].to_owned(), bytes, kind: columns[1].to_owned(), is_valid }
        })
        .collect();
    assert_eq!(samples.len(), 52);
    samples
}

#[test]
fn every_sample_gets_the_verdict_of_the_index() {
    for sample in samples() {
        let problems = check_xml(&sample.bytes);
        if sample.is_valid {
            // Not even a warning: nobody wants to be warned of documents that passed.
            assert_eq!(problems, [], "{}", sample.name);
        } else {
            assert!(problems.iter().any(|problem| problem.severity == Severity::Error), "{}", sample.name);
        }
    }
}

#[test]
fn what_was_read_builds_a_document_that_reads_the_same() -> Result<()> {
    for sample in samples().into_iter().filter(|sample| sample.is_valid) {
        let first = parse(&sample.bytes)?;
        assert!(first.unknown.is_empty(), "{}: {:?}", sample.name, first.unknown);
        // A list of `/opt/out` is only ever read.
        let (Some(document), false) = (first.document, sample.kind == "A-list") else { continue };
        let mut data = open(Input::text(first.data()), None)?;
        let text = build(document, &mut data, &first.owner, BuildOptions::default())
            .map_err(|error| error.with("file", sample.name.as_str()))?;
        let second = parse(text.as_bytes())?;
        assert_eq!(second.problems, [], "{}", sample.name);
        assert_eq!(second.data_tree(), first.data_tree(), "{}", sample.name);
        assert_eq!((&second.type_name, &second.owner), (&first.type_name, &first.owner));
    }
    Ok(())
}

#[test]
fn every_value_of_a_sample_stands_in_its_json() -> Result<()> {
    for sample in samples() {
        let parsed = parse(&sample.bytes)?;
        let mut values = Vec::new();
        collect(&parsed.data_tree(), &mut values);
        parsed.unknown.iter().for_each(|unknown| collect(&unknown.value, &mut values));
        values.push(parsed.owner.clone());
        for text in texts(&sample.bytes)? {
            assert!(values.contains(&text), "{}: {text:?} is lost", sample.name);
        }
    }
    Ok(())
}

fn collect(value: &Json, values: &mut Vec<String>) {
    match value {
        Json::String(text) => values.push(text.clone()),
        Json::Array(list) => list.iter().for_each(|value| collect(value, values)),
        Json::Object(members) => members.values().for_each(|value| collect(value, values)),
        _ => {}
    }
}

/// Texts of elements without children, as quick-xml alone sees them.
fn texts(bytes: &[u8]) -> Result<Vec<String>> {
    use quick_xml::events::Event;
    let text = String::from_utf8(bytes.to_vec()).map_err(not_text)?.replace("\r\n", "\n");
    let mut reader = quick_xml::Reader::from_str(text.trim_start_matches('\u{feff}'));
    let (mut texts, mut current, mut is_leaf) = (Vec::new(), String::new(), false);
    loop {
        match reader.read_event().map_err(not_text)? {
            Event::Start(_) => (current, is_leaf) = (String::new(), true),
            Event::Text(piece) => current.push_str(&piece),
            Event::GeneralRef(name) => match name.resolve_char_ref().map_err(not_text)? {
                Some(sign) => current.push(sign),
                None => current.push_str(match &*name {
                    "amp" => "&",
                    "lt" => "<",
                    "gt" => ">",
                    "quot" => "\"",
                    _ => "'",
                }),
            },
            Event::End(_) => {
                let was_leaf = std::mem::take(&mut is_leaf);
                texts.extend(
                    Some(std::mem::take(&mut current)).filter(|text| was_leaf && !text.trim().is_empty()),
                );
            }
            Event::Eof => return Ok(texts),
            _ => {}
        }
    }
}

fn not_text(error: impl std::fmt::Display) -> Error {
    Error::new(obmen::error::Code::ValueText, obmen::bilingual!("{error}", "{error}"))
}
