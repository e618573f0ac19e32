//! What a single answer means when its products are not known: for a file, and for answers got by other means.

use super::answer::SiteAnswer;
use super::delivery::Delivered;
use super::judge::{
    Answer, StatusKind, broken_answer, refused_token, rejected, site_text, status_kind, understood,
    unexpected_status,
};
use super::report::{BatchCounts, Report, ReportError, Status};
use crate::bilingual;
use crate::error::{Bilingual, Code, Error, Result};
use crate::http::Delivery;
use crate::journal::Redactor;

/// The report of one answer.
pub(super) fn interpret(answer: &Answer, redactor: &Redactor) -> Report {
    let status = answer.status;
    let mut report = Report { http_status: Some(status), ..Report::nothing() };
    let content = SiteAnswer::parse(&answer.body).unwrap_or_default();
    report.processed = content.processed.unwrap_or(0);
    (report.created, report.updated) = (content.created, content.updated);
    let entry = |error: &super::answer::SiteError| ReportError {
        sku: error.sku.clone(),
        row: None,
        message: site_text(&error.message, redactor),
        http_status: Some(status),
    };
    report.errors = content.errors.iter().map(entry).collect();
    report.error = match status_kind(status) {
        StatusKind::Success if understood(answer).is_none() => Some(broken_answer(answer, redactor)),
        StatusKind::Success if report.processed == 0 && (content.failed() || !content.errors.is_empty()) => {
            Some(nothing_taken(status, &content, redactor))
        }
        StatusKind::Success => None,
        StatusKind::Auth => Some(refused_token(answer, redactor)),
        StatusKind::Rejected => Some(rejected(answer, redactor)),
        StatusKind::Other => Some(unexpected_status(answer, redactor)),
    };
    report.status = match &report.error {
        Some(_) => Status::Error,
        None if report.errors.is_empty() => Status::Success,
        None => Status::Partial,
    };
    report.message = message(&report, &content, redactor);
    report
}

fn nothing_taken(status: u16, content: &SiteAnswer, redactor: &Redactor) -> Error {
    let said =
        content.message.as_deref().or_else(|| content.errors.first().map(|error| error.message.as_str()));
    let said = site_text(said.unwrap_or_default(), redactor).ru;
    let message = bilingual!(
        "Сайт ответил кодом {status}, но ничего не принял. {said}",
        "The site answered with status {status}, but took nothing. {said}"
    );
    Error::new(Code::HttpStatus, message).with("http_status", i64::from(status))
}

fn message(report: &Report, content: &SiteAnswer, redactor: &Redactor) -> Bilingual {
    if let Some(error) = &report.error {
        return error.message().clone();
    }
    let Report { processed, created, updated, .. } = *report;
    let errors = report.errors.len();
    let said = site_text(content.message.as_deref().unwrap_or_default(), redactor).ru;
    let sentence = bilingual!(
        "Обработано товаров: {processed}, создано: {created}, обновлено: {updated}, ошибок: {errors}. {said}",
        "Products processed: {processed}, created: {created}, updated: {updated}, errors: {errors}. {said}"
    );
    Bilingual { ru: sentence.ru.trim_end().to_owned(), en: sentence.en.trim_end().to_owned() }
}

/// The report of a request that is a whole send by itself.
///
/// # Errors
/// `file` if the file could not be opened: nothing was sent then.
pub(super) fn one_answer(delivered: Delivered, redactor: &Redactor) -> Result<Report> {
    let Delivered { outcome, attempts, maybe_seen, interrupted } = delivered;
    let mut report = match outcome {
        Ok(answer) => interpret(&answer, redactor),
        Err(failure) if failure.delivery == Delivery::NotSent && failure.error.code() == Code::File => {
            return Err(failure.error);
        }
        Err(failure) => {
            let mut message = failure.error.message().clone();
            if maybe_seen {
                message.ru += " Неизвестно, получил ли сайт файл.";
                message.en += " Whether the site got the file is unknown.";
            }
            let errors =
                vec![ReportError { sku: None, row: None, message: message.clone(), http_status: None }];
            let error = Some(interrupted.unwrap_or(failure.error));
            Report { status: Status::Error, message, error, errors, ..Report::nothing() }
        }
    };
    let failed = usize::from(report.status == Status::Error);
    report.batches = BatchCounts { total: 1, sent: 1 - failed, failed };
    report.attempts = attempts.into();
    Ok(report)
}
