//! The cases of one type: random valid documents and single faults, the same on every machine.

use crate::generate;
use crate::mutate;
use crate::random::Random;
use crate::tree::{Style, write};
use obmen::egais::model::{Document, Value};
use std::collections::HashSet;

/// A document to be judged.
#[derive(Debug, Clone)]
pub struct Case {
    /// Its XML.
    pub text: String,
    /// What was done to it.
    pub what: String,
    /// It was made by the description without a fault.
    pub must_be_valid: bool,
    /// The value that was put in place of another, and its type.
    pub value: Option<(&'static Value, String)>,
}

/// How many valid documents, and how many faulty ones at least, each type gets: a quick run by default,
/// `OBMEN_EGAIS_CASES` for a thorough one.
pub fn count() -> usize {
    std::env::var("OBMEN_EGAIS_CASES").ok().and_then(|count| count.parse().ok()).unwrap_or(10)
}

/// `count` valid documents and at least as many with one fault each.
pub fn of(document: &'static Document, count: usize) -> Vec<Case> {
    let mut random = Random::new(2024, document.name());
    let mut cases = Vec::new();
    let mut faults = Vec::new();
    let mut seen = HashSet::new();
    for number in 0..count {
        let root = generate::document(document, &mut random);
        let style = style(&mut random);
        cases.push(Case {
            text: write(&root, style),
            what: format!("valid {number}"),
            must_be_valid: true,
            value: None,
        });
        // Half of the faults are broken limits, each limit of each element once, the other half are of all kinds.
        let values = mutate::values_of(&root, &mut seen, &mut random);
        let others: Vec<_> =
            std::iter::repeat_with(|| mutate::random_fault(&root, &mut random)).take(4).flatten().collect();
        for mutant in values.into_iter().take(2).chain(others.into_iter().take(1)) {
            faults.push(Case {
                text: write(&mutant.root, style),
                what: mutant.what,
                must_be_valid: false,
                value: mutant.value,
            });
        }
    }
    cases.extend(faults);
    cases
}

fn style(random: &mut Random) -> Style {
    Style { default_namespaces: random.chance(20), indented: random.chance(30), sections: random.chance(10) }
}
