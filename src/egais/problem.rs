//! What is wrong with a document: a list of problems, each with the place, the rule and what is allowed.

use super::model::Unique;
use super::rules::Broken;
use super::{messages, path};
use crate::error::{Bilingual, Language};

/// How bad a problem is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Severity {
    /// EGAIS or UTM refuses the document.
    Error,
    /// Allowed, but hardly meant.
    Warning,
}

impl Severity {
    /// The stable name that stands in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
        }
    }
}

/// One problem.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Where, from the document's content inwards, as BSL would write it: `Content.Position[3].Quantity`; lists
    /// count from 0. Empty for the document as a whole.
    pub path: String,
    /// `xsd.…` for the schema, `rule.…` for what the schema does not say, `xml` for text that is not XML.
    pub rule: &'static str,
    /// The value that is wrong, cut if long; empty if there is none.
    pub value: String,
    /// How bad it is.
    pub severity: Severity,
    /// What is wrong and what is allowed.
    pub message: Bilingual,
}

impl Problem {
    /// The object that stands in the list: `path`, `rule`, `value`, `severity`, `message`.
    pub fn to_json(&self, language: Language) -> serde_json::Value {
        serde_json::json!({
            "path": self.path,
            "rule": self.rule,
            "value": self.value,
            "severity": self.severity.as_str(),
            "message": self.message.in_language(language),
        })
    }
}

/// How many problems are kept: a document that is wrong everywhere must not fill the memory.
pub const MOST_PROBLEMS: usize = 10_000;

/// How many characters of a wrong value are shown.
const SHOWN: usize = 160;

/// A list of problems that stops growing at [`MOST_PROBLEMS`].
#[derive(Debug, Default)]
pub struct Problems {
    list: Vec<Problem>,
    errors: usize,
}

impl Problems {
    /// Adds what EGAIS or UTM refuses.
    #[cold]
    pub fn error(&mut self, path: String, rule: &'static str, value: &str, message: Bilingual) {
        self.push(Severity::Error, path, rule, value, message);
    }

    /// Adds what is hardly meant in the element at `path`, or in the child of it that the rule names.
    #[cold]
    pub fn warn(&mut self, path: &str, broken: Broken) {
        let path = path::join(path, broken.step);
        self.push(Severity::Warning, path, broken.rule, &broken.value, broken.message);
    }

    /// Adds that a value in the element at `path` is repeated against a rule of uniqueness.
    #[cold]
    pub fn repeated(&mut self, path: String, rule: &Unique) {
        let fields = rule.text.rsplit(" by ").next().unwrap_or(rule.text);
        self.error(path, "xsd.unique", "", messages::repeated_value(fields));
    }

    fn push(
        &mut self,
        severity: Severity,
        path: String,
        rule: &'static str,
        value: &str,
        message: Bilingual,
    ) {
        if severity == Severity::Error {
            self.errors += 1;
        }
        if self.list.len() < MOST_PROBLEMS {
            let value = match value.char_indices().nth(SHOWN) {
                Some((end, _)) => format!("{}…", value.get(..end).unwrap_or_default()),
                None => value.to_owned(),
            };
            self.list.push(Problem { path, rule, value, severity, message });
        }
    }

    /// True once no further problem is kept; they are still counted.
    pub fn is_full(&self) -> bool {
        self.list.len() >= MOST_PROBLEMS
    }

    /// How many of them are errors, kept or not.
    pub fn errors(&self) -> usize {
        self.errors
    }

    /// The list, in the order in which the problems were met.
    pub fn into_list(self) -> Vec<Problem> {
        self.list
    }

    /// The list so far.
    pub fn list(&self) -> &[Problem] {
        &self.list
    }
}

/// The JSON array of problems in one language.
pub fn to_json(problems: &[Problem], language: Language) -> String {
    let list: Vec<serde_json::Value> = problems.iter().map(|problem| problem.to_json(language)).collect();
    serde_json::Value::from(list).to_string()
}
