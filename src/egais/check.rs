//! Checks of documents: all problems, not only the first.

use super::problem::{Problem, Severity};
use super::walk::{Found, Nothing, walk};
use super::xml::{Fault, decode};

/// Checks an XML document, given as the bytes of a file or as the text of a string. An empty list means that the
/// document is valid and no rule has anything to say.
///
/// Text that is not XML gives one problem with the rule `xml`, after those found before it.
pub fn check_xml(bytes: &[u8]) -> Vec<Problem> {
    let mut found = Found::default();
    let text = match decode(bytes) {
        Ok(text) => text,
        Err(fault) => {
            not_xml(&mut found, &fault, "");
            return found.problems.into_list();
        }
    };
    if let Err(fault) = walk(&text, &mut Nothing, &mut found) {
        not_xml(&mut found, &fault, &text);
    }
    found.problems.into_list()
}

fn not_xml(found: &mut Found, fault: &Fault, text: &str) {
    found.problems.push(Severity::Error, String::new(), "xml", "", fault.placed(text));
}
