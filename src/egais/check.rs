//! Checks of documents: all problems, not only the first.

use super::problem::{Problem, Severity};
use super::walk::{Found, Nothing, walk};
use super::xml::{Fault, decode};

/// Checks an XML document, given as the bytes of a file or as the text of a string. An empty list means that the
/// document is valid and no rule has anything to say. Text that is not XML gives one problem with the rule `xml`: what
/// it breaks of a schema means nothing then.
pub fn check_xml(bytes: &[u8]) -> Vec<Problem> {
    let text = match decode(bytes) {
        Ok(text) => text,
        Err(fault) => return not_xml(&fault, fault.readable(bytes)),
    };
    let mut found = Found::default();
    match walk(&text, &mut Nothing, &mut found) {
        Ok(()) => found.problems.into_list(),
        Err(fault) => not_xml(&fault, &text),
    }
}

fn not_xml(fault: &Fault, text: &str) -> Vec<Problem> {
    vec![Problem {
        path: String::new(),
        rule: "xml",
        value: String::new(),
        severity: Severity::Error,
        message: fault.placed(text),
    }]
}
