//! The recognisers against the expressions of the schemas, run by a regular expression engine.

use crate::random::Random;
use crate::tool::patterns::KNOWN;
use crate::values;
use obmen::egais::model::{Complex, DOCUMENTS, Kind, Value};
use obmen::egais::value::Pattern;
use regex::Regex;
use std::collections::HashSet;

/// An expression of XSD as the engine writes it: `\S`, `.` and the borders differ.
fn engine(expression: &str) -> Regex {
    let inside = expression.replace(r"\S", r"[^ \t\r\n]").replace(".*", r"[^\r\n]*");
    Regex::new(&format!(r"\A(?:{inside})\z")).expect("an expression of the schemas")
}

/// One value type for every pattern that some document uses.
fn used() -> Vec<(Pattern, &'static Value)> {
    let mut found = Vec::new();
    let mut seen = HashSet::new();
    let mut todo: Vec<&'static Complex> = Vec::new();
    let mut note = |value: &'static Value| {
        for pattern in value.patterns {
            if !found.iter().any(|(known, _)| known == pattern) {
                found.push((*pattern, value));
            }
        }
    };
    let visit =
        |kind: Kind, todo: &mut Vec<&'static Complex>, note: &mut dyn FnMut(&'static Value)| match kind {
            Kind::Complex(complex) => todo.push(complex),
            Kind::Value(value) => note(value),
            Kind::Any => {}
        };
    for document in DOCUMENTS {
        visit(document.element.kind, &mut todo, &mut note);
    }
    while let Some(complex) = todo.pop() {
        if seen.insert(std::ptr::from_ref(complex)) {
            complex.attributes.iter().for_each(|attribute| note(attribute.value));
            complex.elements.iter().for_each(|element| visit(element.kind, &mut todo, &mut note));
        }
    }
    found
}

fn plain(word: &str) -> String {
    word.chars().filter(|sign| sign.is_alphanumeric() || *sign == ',').collect::<String>().to_lowercase()
}

#[test]
fn every_recogniser_agrees_with_its_expression() {
    let mut compared = 0;
    for (pattern, value) in used() {
        let name = plain(&format!("{pattern:?}"));
        let expressions: Vec<_> = KNOWN.iter().filter(|(_, word)| plain(word) == name).collect();
        assert!(!expressions.is_empty(), "{pattern:?} stands for no expression");
        for (expression, _) in expressions {
            let engine = engine(expression);
            let mut random = Random::new(5, expression);
            for _ in 0..3000 {
                let text = changed(&values::valid(value, &mut random), &mut random);
                assert_eq!(pattern.matches(&text), engine.is_match(&text), "{pattern:?} {text:?}");
                compared += 1;
            }
        }
    }
    assert!(compared > 80_000, "{compared}");
}

/// None to three signs of a text replaced, removed, added or repeated.
fn changed(text: &str, random: &mut Random) -> String {
    let mut signs: Vec<char> = text.chars().collect();
    for _ in 0..random.below(4) {
        let place = random.below(signs.len() + 1);
        let sign = random.sign("0123456789abcfxyzAFNZжЖЁ _-+.,:;&?=/\t\n\r\u{a0}\u{661}\u{ff11}\u{1d7ce}");
        match random.below(3) {
            0 => signs.insert(place, sign),
            1 if place < signs.len() => {
                signs.remove(place);
            }
            _ if place < signs.len() => signs[place] = sign,
            _ => {}
        }
    }
    signs.into_iter().collect()
}
