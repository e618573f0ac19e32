//! What the site answered: counts, errors of products, or nothing that can be understood.

use crate::http::decode;
use serde::Deserialize;
use serde_json::{Map, Value};
use std::borrow::Cow;

/// The body of an answer that follows the site's instruction.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct SiteAnswer {
    /// `processed`, or the sum of the two below if the site leaves it out; `None` if it counts nothing.
    pub(super) processed: Option<u64>,
    pub(super) created: u64,
    pub(super) updated: u64,
    /// `errors`, in the order of the answer.
    pub(super) errors: Vec<SiteError>,
    /// The answer's own `status`.
    pub(super) status: Option<SiteStatus>,
    /// A text for the user, if the answer has one.
    pub(super) message: Option<String>,
}

/// What an answer says of itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum SiteStatus {
    Success,
    Partial,
    Error,
}

/// One entry of `errors`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct SiteError {
    /// The product, if the entry names it in a field of its own.
    pub(super) sku: Option<String>,
    pub(super) message: String,
}

/// Members of an error that name its product.
const SKU_NAMES: [&str; 4] = ["sku", "article", "артикул", "product_sku"];
/// Members that hold a text for people, the best first.
const MESSAGE_NAMES: [&str; 8] =
    ["message", "error", "detail", "errors", "reason", "msg", "description", "сообщение"];

impl SiteAnswer {
    /// Reads a body; `None` if it is not such an answer: no JSON object, or one without a count, a status and an error.
    pub(super) fn parse(body: &[u8]) -> Option<Self> {
        let body = body.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(body);
        if let Ok(plain) = serde_json::from_slice::<PlainAnswer<'_>>(body) {
            return Some(plain.into());
        }
        let Ok(Value::Object(answer)) = serde_json::from_slice(body) else { return None };
        let created = count(&answer, "created")?;
        let updated = count(&answer, "updated")?;
        let processed = count(&answer, "processed")?;
        let status = answer.get("status").and_then(Value::as_str).and_then(site_status);
        let errors = answer.get("errors").map(read_errors).unwrap_or_default();
        let counted = processed.or_else(|| {
            let parts = created.or(updated)?;
            Some(parts.saturating_add(if created.is_some() { updated.unwrap_or(0) } else { 0 }))
        });
        if counted.is_none() && status.is_none() && errors.is_empty() {
            return None;
        }
        let message = MESSAGE_NAMES.iter().filter(|name| **name != "errors").find_map(|name| {
            answer.get(*name).and_then(Value::as_str).filter(|text| !text.trim().is_empty())
        });
        Some(Self {
            processed: counted,
            created: created.unwrap_or(0),
            updated: updated.unwrap_or(0),
            errors,
            status,
            message: message.map(str::to_owned),
        })
    }
}

/// The answer of the instruction when all is well, which nearly every answer is: read without a tree.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PlainAnswer<'a> {
    status: &'a str,
    processed: u64,
    created: u64,
    updated: u64,
    errors: [(); 0],
}

impl From<PlainAnswer<'_>> for SiteAnswer {
    fn from(plain: PlainAnswer<'_>) -> Self {
        let PlainAnswer { status, processed, created, updated, errors: [] } = plain;
        let (processed, status) = (Some(processed), site_status(status));
        Self { processed, created, updated, errors: Vec::new(), status, message: None }
    }
}

fn site_status(text: &str) -> Option<SiteStatus> {
    match text.trim().to_lowercase().as_str() {
        "success" | "ok" | "done" | "accepted" => Some(SiteStatus::Success),
        "partial" | "partial_success" | "warning" => Some(SiteStatus::Partial),
        "error" | "fail" | "failed" | "failure" => Some(SiteStatus::Error),
        _ => None,
    }
}

/// A count; absent and null are `Some(None)`, what is no count makes the answer unreadable.
#[expect(clippy::option_option, reason = "absent and wrong are different answers")]
fn count(answer: &Map<String, Value>, name: &str) -> Option<Option<u64>> {
    match answer.get(name) {
        None | Some(Value::Null) => Some(None),
        Some(Value::Number(number)) => number.as_u64().map(Some),
        Some(Value::String(text)) => text.trim().parse().ok().map(Some),
        Some(_) => None,
    }
}

fn read_errors(errors: &Value) -> Vec<SiteError> {
    match errors {
        Value::Array(entries) => entries.iter().filter_map(read_error).collect(),
        // Errors by sku.
        Value::Object(entries) if !looks_like_one_error(entries) => entries
            .iter()
            .filter(|(_, error)| !error.is_null())
            .map(|(sku, error)| SiteError { sku: Some(sku.clone()), message: text_of(error) })
            .collect(),
        other => read_error(other).into_iter().collect(),
    }
}

fn looks_like_one_error(entry: &Map<String, Value>) -> bool {
    member(entry, &SKU_NAMES).is_some() || entry.contains_key("message")
}

fn read_error(entry: &Value) -> Option<SiteError> {
    match entry {
        Value::Null => None,
        Value::String(text) if text.trim().is_empty() => None,
        Value::Object(members) => {
            let sku = match member(members, &SKU_NAMES) {
                Some(Value::String(sku)) => Some(sku.clone()),
                Some(Value::Number(sku)) => Some(sku.to_string()),
                _ => None,
            };
            Some(SiteError { sku, message: text_of(entry) })
        }
        other => Some(SiteError { sku: None, message: text_of(other) }),
    }
}

fn member<'a>(members: &'a Map<String, Value>, names: &[&str]) -> Option<&'a Value> {
    let known = |name: &str| names.iter().any(|known| *known == name.to_lowercase());
    members.iter().find(|(name, _)| known(name)).map(|(_, value)| value)
}

/// A value from an answer as a text for people: a string as it is, an object by its message, else compact JSON.
fn text_of(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(values) => values.iter().map(text_of).collect::<Vec<_>>().join("; "),
        Value::Object(members) => MESSAGE_NAMES
            .iter()
            .find_map(|name| member(members, &[name]))
            .map_or_else(|| value.to_string(), text_of),
        other => other.to_string(),
    }
}

/// The text for people in the body of a refusal: a message out of its JSON, or the beginning of the body in one line.
pub(super) fn refusal_text(body: &[u8]) -> String {
    match serde_json::from_slice::<Value>(body.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(body)) {
        Ok(value @ (Value::Object(_) | Value::Array(_) | Value::String(_))) => one_line(&text_of(&value)),
        _ => one_line(&readable(body)),
    }
}

/// A body that is not what was expected as text, in whatever encoding it is; its end may be cut off.
pub(super) fn readable(body: &[u8]) -> Cow<'_, str> {
    match std::str::from_utf8(body) {
        Err(error) if error.error_len().is_some() => {
            decode(body, None, None).map_or_else(|_| String::from_utf8_lossy(body), |(text, _)| text)
        }
        _ => String::from_utf8_lossy(body),
    }
}

/// At most the first 500 characters with runs of blanks as one space.
pub(super) fn one_line(text: &str) -> String {
    const LIMIT: usize = 500;
    // A body may be megabytes of HTML: only its beginning is looked at.
    let mut line = String::new();
    let mut length = 0;
    for word in text.split_whitespace() {
        for character in line.chars().next().map(|_| ' ').into_iter().chain(word.chars()) {
            if length == LIMIT {
                line.push('…');
                return line;
            }
            line.push(character);
            length += 1;
        }
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    fn errors(body: &str) -> Vec<(Option<String>, String)> {
        let answer = SiteAnswer::parse(body.as_bytes()).unwrap_or_default();
        answer.errors.into_iter().map(|error| (error.sku, error.message)).collect()
    }

    #[test]
    fn counts_of_the_instruction_are_read() {
        let body = br#"{"status":"success","processed":3,"created":1,"updated":2,"errors":[]}"#;
        let expected = SiteAnswer {
            processed: Some(3),
            created: 1,
            updated: 2,
            status: Some(SiteStatus::Success),
            ..SiteAnswer::default()
        };
        assert_eq!(SiteAnswer::parse(body), Some(expected));
    }

    #[test]
    fn processed_is_the_sum_where_the_site_leaves_it_out() {
        let processed = |body: &str| SiteAnswer::parse(body.as_bytes()).and_then(|answer| answer.processed);
        assert_eq!(processed(r#"{"created":1,"updated":2}"#), Some(3));
        assert_eq!(processed(r#"{"updated":"2","processed":null}"#), Some(2));
        assert_eq!(processed("\u{feff}{\"processed\":7}"), Some(7));
    }

    #[test]
    fn bodies_that_are_no_answer_are_told_from_answers() {
        for body in [
            "",
            "<html>",
            "{",
            "[]",
            "null",
            "{}",
            r#"{"x":1}"#,
            r#"{"processed":-1}"#,
            r#"{"processed":1.5}"#,
        ] {
            assert_eq!(SiteAnswer::parse(body.as_bytes()), None, "{body}");
        }
    }

    #[test]
    fn errors_come_as_strings_as_objects_and_by_sku() {
        assert_eq!(errors(r#"{"errors":["a: bad",null,""]}"#), [(None, "a: bad".into())]);
        assert_eq!(
            errors(
                r#"{"errors":[{"sku":"A1","error":"bad"},{"sku":5,"errors":{"price":["low"]}},{"text":1}]}"#
            ),
            [
                (Some("A1".into()), "bad".into()),
                (Some("5".into()), r#"{"price":["low"]}"#.into()),
                (None, r#"{"text":1}"#.into()),
            ]
        );
        assert_eq!(
            errors(r#"{"errors":{"A1":["bad","worse"]}}"#),
            [(Some("A1".into()), "bad; worse".into())]
        );
        assert_eq!(errors(r#"{"status":"error","errors":"all bad"}"#), [(None, "all bad".into())]);
    }

    #[test]
    fn the_text_of_a_refusal_is_short() {
        assert_eq!(refusal_text(br#"{"error":"bad  price"}"#), "bad price");
        assert_eq!(refusal_text(b"<h1>Bad\n  Request</h1>"), "<h1>Bad Request</h1>");
        assert_eq!(refusal_text("я".repeat(2000).as_bytes()).chars().count(), 501);
        assert_eq!(refusal_text(b"\xCE\xF8\xE8\xE1\xEA\xE0"), "Ошибка");
        assert_eq!(refusal_text(b"\xD0\x96\xD0"), "Ж\u{fffd}");
    }
}
