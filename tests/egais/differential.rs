//! Our checks against xmllint with the official schemas, type by type.

use crate::cases::{self, Case};
use crate::oracle::Oracle;
use obmen::egais::check::check_xml;
use obmen::egais::model::{DOCUMENTS, Primitive, Value};
use obmen::egais::value::Pattern;
use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

/// A disagreement that stays.
struct Known {
    name: &'static str,
    /// Why we differ.
    #[allow(dead_code, reason = "for whoever reads this list")]
    reason: &'static str,
    is: fn(&Case) -> bool,
}

/// All of them.
const KNOWN: &[Known] = &[
    Known {
        name: "stray signs in base64",
        reason: "libxml2 skips signs that are not base64 and does not look at the padding; XSD refuses them",
        is: |case| case.value.as_ref().is_some_and(|(kind, _)| kind.primitive == Primitive::Base64),
    },
    Known {
        name: "blanks around a plain date",
        reason: "XSD drops blanks around every value but a string; libxml2 forgets it for xs:date and xs:dateTime \
                 without limits",
        is: |case| {
            let plain = |kind: &Value| {
                matches!(kind.primitive, Primitive::Date | Primitive::DateTime) && kind.patterns.is_empty()
            };
            case.value.as_ref().is_some_and(|(kind, value)| plain(kind) && value.trim_ascii() != value)
        },
    },
    Known {
        name: "a number of three to five digits",
        reason: r"libxml2 lets the branches of \d{3}|\d{4}|\d{5} run into one another and accepts more digits",
        is: |case| {
            let digits: &[Pattern] = &[Pattern::UnicodeDigits(&[3, 4, 5])];
            case.value
                .as_ref()
                .is_some_and(|(kind, value)| kind.patterns == digits && value.chars().count() > 5)
        },
    },
    Known {
        name: "a child in a fixed value",
        reason: "by XSD (cvc-elt.5.2.2.1) an element with a fixed value has no children; libxml2 lets them pass where \
                 the type is any",
        is: |case| {
            case.what.starts_with("NameDoc: a child inside")
                || case.what.starts_with("TypeClaim: a child inside")
        },
    },
];

/// Whether our check finds a breach of the schema; `rule.…` is beyond it, an empty `Document` included.
pub fn is_valid(text: &str) -> bool {
    !check_xml(text.as_bytes()).iter().any(|problem| problem.rule.starts_with('x'))
}

#[test]
fn every_type_gets_the_verdicts_of_the_official_schemas() {
    let Some(oracle) = Oracle::find() else { return };
    let count = cases::count();
    let next = AtomicUsize::new(0);
    let report = Mutex::new(Report::default());
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while let Some(document) = DOCUMENTS.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let cases = cases::of(document, count);
                    let texts: Vec<String> = cases.iter().map(|case| case.text.clone()).collect();
                    let verdicts = oracle.judge(document.name(), &texts);
                    let mut report = report.lock().expect("no thread has panicked");
                    for (case, verdict) in cases.iter().zip(verdicts) {
                        report.add(document.name(), case, verdict);
                    }
                }
            });
        }
    });
    let report = report.into_inner().expect("no thread has panicked");
    println!("{}", report.summary());
    assert!(report.wrong.is_empty(), "{} disagreements:\n{}", report.wrong.len(), report.shown());
}

/// What the comparison found.
#[derive(Default)]
struct Report {
    compared: usize,
    invalid: usize,
    without_verdict: usize,
    known: BTreeMap<&'static str, usize>,
    wrong: Vec<String>,
}

impl Report {
    fn add(&mut self, document: &str, case: &Case, verdict: Option<bool>) {
        let Some(verdict) = verdict else {
            self.without_verdict += 1;
            return;
        };
        self.compared += 1;
        self.invalid += usize::from(!verdict);
        let repeats_by_chance =
            || check_xml(case.text.as_bytes()).iter().all(|problem| problem.rule == "xsd.unique");
        if case.must_be_valid && !verdict && !is_valid(&case.text) && repeats_by_chance() {
            // Short random values meet now and then where they must differ: both verdicts say so.
            return;
        }
        if case.must_be_valid && !verdict {
            self.wrong.push(format!("{document}: a generated document is not valid\n{}", case.text));
        } else if is_valid(&case.text) != verdict {
            if let Some(known) = KNOWN.iter().find(|known| (known.is)(case)) {
                *self.known.entry(known.name).or_default() += 1;
                return;
            }
            let problems: Vec<String> = check_xml(case.text.as_bytes())
                .iter()
                .map(|problem| format!("{} {} {}", problem.path, problem.rule, problem.value))
                .collect();
            self.wrong.push(format!(
                "{document}: {}: schema {verdict}, ours {problems:?}\n{}",
                case.what, case.text
            ));
        }
    }

    fn summary(&self) -> String {
        let Self { compared, invalid, without_verdict, known, wrong } = self;
        format!(
            "{} types, {compared} documents compared, {invalid} of them not valid, {without_verdict} without a verdict, known disagreements: {known:?}, {} others",
            DOCUMENTS.len(),
            wrong.len()
        )
    }

    fn shown(&self) -> String {
        self.wrong
            .iter()
            .take(20)
            .map(|line| line.chars().take(30000).collect::<String>())
            .collect::<Vec<_>>()
            .join("\n")
    }
}
