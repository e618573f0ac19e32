//! Members written in the order of the data, put into the order of the schema.

use super::super::model::Complex;
use super::super::walk::{Child, Content, Misplaced};

/// Members of one name that were written one after another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Run {
    /// Place of the first element of that name.
    pub field: u8,
    /// How many members.
    pub count: u32,
    /// Their text.
    pub start: usize,
    /// Byte behind their text.
    pub end: usize,
}

/// Whether the runs stand in the order of the schema, lists in one run each.
pub fn is_arranged(runs: &[Run]) -> bool {
    runs.is_sorted_by(|one, two| one.field < two.field)
}

/// Whether the schema allows the runs as they stand, mixed: a choice that may be repeated.
pub fn is_allowed(complex: &'static Complex, runs: &[Run]) -> bool {
    complex.automaton.is_some() && {
        let (content, problems) = check(complex, runs);
        problems.is_empty() && content.may_end(complex)
    }
}

/// Puts the text of `runs`, which cover the end of `out`, into the order of the schema; members of one name keep
/// theirs.
#[cold]
pub fn arrange(out: &mut String, runs: &mut [Run]) {
    let Some(start) = runs.first().map(|run| run.start) else { return };
    let mut order: Vec<Run> = runs.to_vec();
    order.sort_by_key(|run| run.field);
    if out.len() - start > IN_PLACE && runs.len() < 100 {
        rotate(out, start, runs, &order);
    } else {
        let old = out.split_off(start);
        for run in &order {
            out.push_str(old.get(run.start - start..run.end - start).unwrap_or_default());
        }
    }
    runs.copy_from_slice(&order);
}

/// Larger texts are turned around in place instead of being copied.
const IN_PLACE: usize = 1024 * 1024;

fn rotate(out: &mut String, start: usize, runs: &[Run], order: &[Run]) {
    let mut bytes = std::mem::take(out).into_bytes();
    let mut rest: Vec<Run> = runs.to_vec();
    let mut at = start;
    for wanted in order {
        let Some(found) = rest.iter().position(|run| run == wanted) else { continue };
        let before: usize = rest.iter().take(found).map(|run| run.end - run.start).sum();
        let length = wanted.end - wanted.start;
        if let Some(part) = bytes.get_mut(at..at + before + length) {
            part.rotate_left(before);
        }
        rest.remove(found);
        at += length;
    }
    // Whole members were moved, so the text is still text.
    *out = String::from_utf8(bytes).unwrap_or_default();
}

/// What the content model says of the runs, in their order: children that may not come, with the places meant.
pub fn check(complex: &'static Complex, runs: &[Run]) -> (Content, Vec<(u8, Misplaced, Vec<u8>)>) {
    let mut content = Content::default();
    let mut problems = Vec::new();
    for run in runs {
        let mut left = run.count;
        while left > 0 {
            left -= 1;
            let Some(element) = complex.elements.get(usize::from(run.field)) else { break };
            match content.step(complex, element.name(), element.namespace) {
                Child::Expected(place) => {
                    // The rest of a list goes the same way.
                    if complex.elements.get(usize::from(place)).is_some_and(|element| element.max > 1) {
                        if !content.again_many(complex, place, left) {
                            problems.push((place, Misplaced::TooMany, Vec::new()));
                        }
                        left = 0;
                    }
                }
                Child::Misplaced(place, why) => {
                    let skipped = content.take_skipped();
                    problems.push((place, why, skipped));
                    if why != Misplaced::Skipped {
                        left = 0;
                    }
                }
                Child::OtherNamespace(_) | Child::Unknown => break,
            }
        }
    }
    (content, problems)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn runs(parts: &[(u8, &str)]) -> (String, Vec<Run>) {
        let mut text = "head".to_owned();
        let mut runs = Vec::new();
        for (field, part) in parts {
            let start = text.len();
            text.push_str(part);
            runs.push(Run { field: *field, count: 1, start, end: text.len() });
        }
        (text, runs)
    }

    #[test]
    fn small_and_large_texts_are_arranged_alike() {
        let large = "Ж".repeat(IN_PLACE);
        for last in ["c", large.as_str()] {
            let (mut text, mut runs) = runs(&[(2, last), (0, "a"), (1, "b"), (0, "а")]);
            assert!(!is_arranged(&runs));
            arrange(&mut text, &mut runs);
            assert_eq!(text, format!("headaаb{last}"));
        }
    }
}
