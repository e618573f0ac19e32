//! Generated cases with the verdicts that xmllint gave them, for machines without the schemas.
//!
//! `OBMEN_RECORD_VERDICTS=1 cargo test --test egais recorded` asks xmllint again and writes `recorded.gz`: lines of
//! JSON, first a valid document, then its faults as the changed middle between an unchanged head and tail.

use crate::differential::is_valid;
use crate::generate;
use crate::mutate;
use crate::oracle::Oracle;
use crate::random::Random;
use crate::tree::{Style, write};
use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use obmen::egais::model::{DOCUMENTS, Document};
use serde_json::{Value as Json, json};
use std::collections::HashSet;
use std::io::{Read as _, Write as _};
use std::path::PathBuf;

/// Valid documents kept of each type: the smallest of so many.
const KEPT: usize = 2;
const OF: usize = 12;
/// Faults of each of them.
const FAULTS: usize = 12;

fn file() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/egais/recorded.gz")
}

#[test]
fn recorded_cases_keep_their_verdicts() {
    if std::env::var_os("OBMEN_RECORD_VERDICTS").is_some() {
        record();
    }
    let packed = std::fs::read(file()).expect("the recorded cases");
    let mut text = String::new();
    GzDecoder::new(packed.as_slice()).read_to_string(&mut text).expect("whole recorded cases");
    let (mut base, mut kind, mut count, mut invalid) = (String::new(), String::new(), 0, 0);
    let mut types = HashSet::new();
    for line in text.lines() {
        let case: Json = serde_json::from_str(line).expect("a line of JSON");
        let (document, what) = if let Some(whole) = case["valid"].as_str() {
            whole.clone_into(&mut base);
            case["type"].as_str().unwrap_or_default().clone_into(&mut kind);
            types.insert(kind.clone());
            (base.clone(), "valid")
        } else {
            let place = |name: &str| case[name].as_u64().expect("a place") as usize;
            let middle = case["middle"].as_str().expect("the middle");
            let document =
                format!("{}{middle}{}", &base[..place("head")], &base[base.len() - place("tail")..]);
            (document, case["what"].as_str().unwrap_or_default())
        };
        let verdict = case["verdict"].as_bool().expect("a verdict");
        assert_eq!(is_valid(&document), verdict, "{kind}: {what}\n{document}");
        count += 1;
        invalid += usize::from(!verdict);
    }
    assert_eq!(types.len(), DOCUMENTS.len());
    assert!(count > 3000 && invalid > 1500, "{count} cases, {invalid} of them not valid");
}

fn record() {
    let oracle = Oracle::find().expect("the schemas and xmllint");
    let mut packer = GzEncoder::new(Vec::new(), Compression::best());
    for document in DOCUMENTS {
        for line in lines(document, &oracle) {
            writeln!(packer, "{line}").expect("memory");
        }
    }
    std::fs::write(file(), packer.finish().expect("memory")).expect("a writable folder");
}

fn lines(document: &'static Document, oracle: &Oracle) -> Vec<Json> {
    let mut random = Random::new(31, document.name());
    let mut bases: Vec<_> = (0..OF).map(|_| generate::document(document, &mut random)).collect();
    bases.sort_by_key(|base| write(base, Style::default()).len());
    let mut lines = Vec::new();
    let mut seen = HashSet::new();
    // Not the very smallest, which often have no optional part at all.
    for root in bases.into_iter().skip(OF / 4).take(KEPT) {
        let base = write(&root, Style::default());
        let mut faults = mutate::values_of(&root, &mut seen, &mut random);
        faults.truncate(FAULTS / 2);
        let others =
            std::iter::repeat_with(|| mutate::random_fault(&root, &mut random)).take(FAULTS * 4).flatten();
        faults.extend(others.take(FAULTS - faults.len()));
        let mut texts = vec![base.clone()];
        texts.extend(faults.iter().map(|fault| write(&fault.root, Style::default())));
        let verdicts = oracle.judge(document.name(), &texts);
        assert_eq!(verdicts.first(), Some(&Some(true)), "{}", document.name());
        lines.push(json!({ "type": document.name(), "valid": base, "verdict": true }));
        for ((fault, text), verdict) in faults.iter().zip(&texts[1..]).zip(&verdicts[1..]) {
            // Disagreements that the comparison lists by name are no cases.
            let Some(verdict) = verdict.filter(|verdict| *verdict == is_valid(text)) else {
                eprintln!("left out: {}: {}: {verdict:?}", document.name(), fault.what);
                continue;
            };
            let (head, tail) = common(&base, text);
            let middle = &text[head..text.len() - tail];
            lines.push(json!({ "what": fault.what, "head": head, "tail": tail, "middle": middle, "verdict": verdict }));
        }
    }
    lines
}

/// How many bytes two texts share at the beginning and, behind that, at the end.
fn common(one: &str, two: &str) -> (usize, usize) {
    let head = one.char_indices().zip(two.char_indices()).take_while(|(one, two)| one == two).last();
    let head = head.map_or(0, |((at, sign), _)| at + sign.len_utf8());
    let (one, two) = (&one[head..], &two[head..]);
    let tail: usize = one
        .chars()
        .rev()
        .zip(two.chars().rev())
        .take_while(|(one, two)| one == two)
        .map(|(sign, _)| sign.len_utf8())
        .sum();
    (head, tail)
}
