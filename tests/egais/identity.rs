//! parse ∘ build = identity, for data of every type.

use crate::generate;
use crate::random::Random;
use crate::tree::{Style, write};
use obmen::egais::build::{BuildOptions, build, check_data};
use obmen::egais::model::DOCUMENTS;
use obmen::egais::parse::parse;
use obmen::error::{Error, Result};
use obmen::value::{Input, open};
use serde_json::Value as Json;

/// Reads a random valid document, builds one from what was read, reads that: nothing may have changed. Then the same
/// with all members shuffled, lists of one given as one item, and letter case changed.
#[test]
fn data_of_every_type_survive_building_and_reading() -> Result<()> {
    for document in DOCUMENTS {
        let mut random = Random::new(77, document.name());
        for _ in 0..20 {
            let root = generate::document(document, &mut random);
            let text = write(&root, Style::default());
            let told =
                |error: Error| error.with("document_type", document.name()).with("near", text.as_str());
            let first = parse(text.as_bytes()).map_err(told)?;
            let tree = first.data_tree();
            for data in [tree.clone(), reshaped(tree.clone(), &mut random)] {
                let json = data.to_string();
                let mut events = open(Input::text(&json), None)?;
                let problems = check_data(document, &mut events, Some(&first.owner))?;
                let problems: Vec<_> =
                    problems.iter().filter(|problem| problem.rule.starts_with('x')).collect();
                assert!(problems.is_empty(), "{}: {problems:?}\n{json}", document.name());
                let mut events = open(Input::text(&json), None)?;
                let built =
                    build(document, &mut events, &first.owner, BuildOptions::default()).map_err(told)?;
                let second = parse(built.as_bytes()).map_err(told)?;
                assert_eq!(plain(second.data_tree()), plain(tree.clone()), "{}", document.name());
            }
        }
    }
    Ok(())
}

/// Texts as building leaves them: blanks at the ends mean nothing.
fn plain(value: Json) -> Json {
    match value {
        Json::String(text) => text.trim_matches([' ', '\t', '\r', '\n']).into(),
        Json::Array(list) => list.into_iter().map(plain).collect(),
        Json::Object(members) => members.into_iter().map(|(name, value)| (name, plain(value))).collect(),
        other => other,
    }
}

fn reshaped(value: Json, random: &mut Random) -> Json {
    match value {
        Json::Object(members) => {
            let mut members: Vec<(String, Json)> = members.into_iter().collect();
            for place in (1..members.len()).rev() {
                members.swap(place, random.below(place + 1));
            }
            let name = |name: String, random: &mut Random| match random.below(3) {
                0 => name.to_lowercase(),
                1 => name.to_uppercase(),
                _ => name,
            };
            members.into_iter().map(|(key, value)| (name(key, random), reshaped(value, random))).collect()
        }
        Json::Array(mut list) if list.len() == 1 && random.chance(50) => reshaped(list.remove(0), random),
        Json::Array(list) => list.into_iter().map(|value| reshaped(value, random)).collect(),
        other => other,
    }
}
