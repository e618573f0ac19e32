//! What a send did, for the caller: as values and as JSON.

use crate::bilingual;
use crate::error::{Bilingual, Error, Language};
use serde::Serialize;
use std::time::Duration;

/// The outcome of a send in one word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// Every product was accepted.
    Success,
    /// Some were.
    Partial,
    /// None was.
    Error,
    /// There was nothing to send.
    Nothing,
}

/// One thing that went wrong: with a product, or with a batch as a whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportError {
    /// The product, if it is known.
    pub sku: Option<String>,
    /// Its number among all given, from 1, if the product is known.
    pub row: Option<u64>,
    /// What happened.
    pub message: Bilingual,
    /// The status of the answer that told so; `None` for what was found before sending or got no answer.
    pub http_status: Option<u16>,
}

/// How many batches there were.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct BatchCounts {
    /// Planned.
    pub total: usize,
    /// Answered for every product: accepted or refused.
    pub sent: usize,
    /// Tried, but some of their products stay unsent.
    pub failed: usize,
}

/// What became of one batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct BatchResult {
    /// Number of its first product among all given, from 1.
    pub first_row: u64,
    /// Number of its last product.
    pub last_row: u64,
    /// Products that the site has.
    pub accepted: u64,
    /// Products that the site refused.
    pub refused: u64,
    /// Products that stay in the list.
    pub unsent: u64,
    /// Requests made for it.
    pub attempts: u64,
    /// Status of its last answer, `None` if there was none.
    pub http_status: Option<u16>,
}

/// What a send did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// The outcome in one word.
    pub status: Status,
    /// The outcome in one sentence.
    pub message: Bilingual,
    /// Products that the site says it processed.
    pub processed: u64,
    /// Products that the site says it created.
    pub created: u64,
    /// Products that the site says it updated.
    pub updated: u64,
    /// Refused products in the order of their rows, and failures of whole batches.
    pub errors: Vec<ReportError>,
    /// What stopped the send; if nothing stopped it but nothing was accepted either, the first failure of a batch.
    pub error: Option<Error>,
    /// How many batches there were.
    pub batches: BatchCounts,
    /// Every planned batch in order; empty for what is no send of products. For the page, not in JSON.
    pub by_batch: Vec<BatchResult>,
    /// Requests made, repeats included.
    pub attempts: u64,
    /// Products that stay in the list.
    pub unsent: usize,
    /// From the beginning to the end of the send.
    pub duration: Duration,
    /// What the user should know though nothing failed, such as fields that were left out.
    pub warnings: Vec<Bilingual>,
    /// Status of the last answer, `None` if there was none.
    pub http_status: Option<u16>,
}

impl Report {
    /// The report of a send that had nothing to do.
    pub(super) fn nothing() -> Self {
        Self {
            status: Status::Nothing,
            message: bilingual!(
                "Список товаров пуст: отправлять нечего.",
                "The list of products is empty: there is nothing to send."
            ),
            processed: 0,
            created: 0,
            updated: 0,
            errors: Vec::new(),
            error: None,
            batches: BatchCounts::default(),
            by_batch: Vec::new(),
            attempts: 0,
            unsent: 0,
            duration: Duration::ZERO,
            warnings: Vec::new(),
            http_status: None,
        }
    }

    /// The report as a JSON object with `status`, `message`, `processed`, `created`, `updated`, `errors`
    /// (`sku`, `row`, `message`, `http_status`), `error` (as [`Error::to_json`], or null), `batches` (`total`, `sent`,
    /// `failed`), `attempts`, `unsent`, `duration_ms`, `warnings`.
    pub fn to_json(&self, language: Language) -> String {
        let errors = self.errors.iter().map(|error| ErrorJson {
            sku: error.sku.as_deref(),
            row: error.row,
            message: error.message.in_language(language),
            http_status: error.http_status,
        });
        let json = ReportJson {
            status: self.status,
            message: self.message.in_language(language),
            processed: self.processed,
            created: self.created,
            updated: self.updated,
            errors: errors.collect(),
            error: self.error.as_ref().map(|error| error.to_json(language)),
            batches: self.batches,
            attempts: self.attempts,
            unsent: self.unsent,
            duration_ms: u64::try_from(self.duration.as_millis()).unwrap_or(u64::MAX),
            warnings: self.warnings.iter().map(|warning| warning.in_language(language)).collect(),
        };
        // Plain fields into memory: nothing here can fail.
        serde_json::to_string(&json).unwrap_or_default()
    }
}

#[derive(Serialize)]
struct ReportJson<'a> {
    status: Status,
    message: &'a str,
    processed: u64,
    created: u64,
    updated: u64,
    errors: Vec<ErrorJson<'a>>,
    error: Option<serde_json::Value>,
    batches: BatchCounts,
    attempts: u64,
    unsent: usize,
    duration_ms: u64,
    warnings: Vec<&'a str>,
}

#[derive(Serialize)]
struct ErrorJson<'a> {
    sku: Option<&'a str>,
    row: Option<u64>,
    message: &'a str,
    http_status: Option<u16>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Code;

    #[test]
    fn json_has_every_member_of_the_interface() {
        let mut report = Report::nothing();
        report.errors.push(ReportError {
            sku: Some("A\"1".into()),
            row: Some(2),
            message: bilingual!("плохо", "bad"),
            http_status: Some(400),
        });
        report.error = Some(Error::new(Code::Auth, bilingual!("нет", "no")));
        report.duration = Duration::from_millis(12);
        report.warnings.push(bilingual!("поле", "field"));
        assert_eq!(
            report.to_json(Language::English),
            concat!(
                r#"{"status":"nothing","message":"The list of products is empty: there is nothing to send.","#,
                r#""processed":0,"created":0,"updated":0,"#,
                r#""errors":[{"sku":"A\"1","row":2,"message":"bad","http_status":400}],"#,
                r#""error":{"code":"auth","category":"permanent","message":"no"},"#,
                r#""batches":{"total":0,"sent":0,"failed":0},"attempts":0,"unsent":0,"duration_ms":12,"#,
                r#""warnings":["field"]}"#
            )
        );
    }
}
