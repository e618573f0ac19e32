//! A send: the list in batches through the lanes, then the report.

use super::batch::{BatchLimits, plan};
use super::catalogue::{Catalogue, LeftOut};
use super::delivery::Transport;
use super::envelope::Envelope;
use super::fault::Refusal;
use super::judge::{Verdict, VerdictCounts};
use super::lane::{BatchOutcome, Ended, Lanes, Rules};
use super::report::{BatchCounts, BatchResult, Report, ReportError, Status};
use crate::bilingual;
use crate::error::{Bilingual, Code, Error};
use crate::journal::Redactor;
use crate::operation::{Operation, Progress};
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Sender, channel};
use std::time::Instant;

/// Everything about a send but the products and the network.
pub(super) struct SendOptions {
    pub(super) rules: Rules,
    pub(super) limits: BatchLimits,
    /// Lanes at once.
    pub(super) parallel: usize,
}

/// Sends the products of a list and takes those that were accepted or refused out of it.
pub(super) fn send(
    catalogue: &mut Catalogue,
    options: &SendOptions,
    envelope: &Envelope,
    transport: &dyn Transport,
    redactor: &Redactor,
    operation: &mut Operation<'_>,
) -> Report {
    let started = Instant::now();
    let (refusals, left_out) = catalogue.take_remarks();
    if catalogue.is_empty() && refusals.is_empty() {
        return Report::nothing();
    }
    let batches = plan(catalogue, options.limits);
    let lanes = Lanes::new(catalogue, &batches, envelope, &options.rules, transport, redactor);
    run(&lanes, options.parallel.min(batches.len()), operation);
    let Ended { outcomes, held, stop } = lanes.end();

    let mut verdicts = vec![Verdict::Unsent; catalogue.len()];
    for (number, outcome) in &outcomes {
        let start = batches.get(*number).map_or(0, |products| products.start);
        for (slot, verdict) in verdicts.iter_mut().skip(start).zip(&outcome.products.verdicts) {
            *slot = *verdict;
        }
    }
    let held = held.iter().filter_map(|number| batches.get(*number)).map(ExactSizeIterator::len);
    let held_products = held.sum::<usize>() + outcomes.values().map(|outcome| outcome.held).sum::<usize>();
    let total = batches.len();
    let results = batches.iter().enumerate();
    let results = results.map(|(number, products)| batch_result(catalogue, products, outcomes.get(&number)));
    let by_batch = results.collect();
    drop(batches);
    catalogue.retain(|index| verdicts.get(index).is_none_or(|verdict| *verdict == Verdict::Unsent));

    let summary = Summary { refusals, left_out, held_products, total, stop, unsent: catalogue.len() };
    let mut report = summary.report(outcomes.into_values());
    report.by_batch = by_batch;
    report.duration = started.elapsed();
    report
}

/// What became of a batch; without an outcome it was not tried.
fn batch_result(
    catalogue: &Catalogue,
    products: &Range<usize>,
    outcome: Option<&BatchOutcome>,
) -> BatchResult {
    let mut result = BatchResult {
        first_row: catalogue.row(products.start),
        last_row: catalogue.row(products.end.saturating_sub(1)),
        unsent: products.len() as u64,
        ..BatchResult::default()
    };
    if let Some(outcome) = outcome {
        let VerdictCounts { unsent, accepted, refused } = outcome.products.counts();
        (result.unsent, result.accepted, result.refused) = (unsent, accepted, refused);
        result.attempts = outcome.attempts;
        result.http_status = outcome.http_status;
    }
    result
}

/// Works in so many lanes; the caller's thread works itself if there is one, else it tells the progress.
fn run(lanes: &Lanes<'_>, parallel: usize, operation: &mut Operation<'_>) {
    if parallel <= 1 {
        return lanes.work(operation);
    }
    std::thread::scope(|scope| {
        let (sender, receiver) = channel();
        let mut running = false;
        for _ in 0..parallel {
            let mut relay = Relay(sender.clone());
            let (token, deadline) = (operation.cancel_token().clone(), operation.deadline());
            let work = move || {
                let mut operation = Operation::new(token, &mut relay).with_deadline(deadline);
                if catch_unwind(AssertUnwindSafe(|| lanes.work(&mut operation))).is_err() {
                    // Other lanes may wait for a batch of this one.
                    lanes.stop(defect());
                }
            };
            running |=
                std::thread::Builder::new().name("obmen-site".into()).spawn_scoped(scope, work).is_ok();
        }
        drop(sender);
        if !running {
            return lanes.work(operation);
        }
        while let Ok(Told { done, total, text }) = receiver.recv() {
            operation.report(done, total, &text);
        }
    });
}

/// Progress on its way from a lane to the caller's thread.
struct Told {
    done: u64,
    total: u64,
    text: Bilingual,
}

struct Relay(Sender<Told>);

impl Progress for Relay {
    fn report(&mut self, done: u64, total: u64, text: &Bilingual) {
        // The receiver outlives the lanes.
        let _ = self.0.send(Told { done, total, text: text.clone() });
    }
}

fn defect() -> Error {
    Error::new(
        Code::Internal,
        bilingual!(
            "Внутренняя ошибка отправки. Повторите вызов; подробности в журнале.",
            "Internal error of the send. Repeat the call; the journal has details."
        ),
    )
}

/// What a report is made of, beside the batches that were tried.
struct Summary {
    refusals: Vec<Refusal>,
    left_out: Vec<LeftOut>,
    held_products: usize,
    /// Batches planned.
    total: usize,
    stop: Option<Error>,
    unsent: usize,
}

impl Summary {
    fn report(self, outcomes: impl Iterator<Item = BatchOutcome>) -> Report {
        let mut report = Report::nothing();
        report.warnings = warnings(&self.left_out, self.held_products);
        report.errors = self.refusals.iter().map(refused_before_sending).collect();
        report.batches.total = self.total;
        report.unsent = self.unsent;
        let mut accepted = 0;
        let mut first_failure = None;
        for outcome in outcomes {
            let BatchCounts { sent, failed, .. } = &mut report.batches;
            *(if outcome.is_settled() { sent } else { failed }) += 1;
            accepted += outcome.products.accepted;
            report.processed = report.processed.saturating_add(outcome.products.processed);
            report.created = report.created.saturating_add(outcome.products.created);
            report.updated = report.updated.saturating_add(outcome.products.updated);
            report.attempts += outcome.attempts;
            report.http_status = outcome.http_status.or(report.http_status);
            report.errors.extend(in_order(outcome.products.errors));
            first_failure = first_failure.or(outcome.failure);
        }
        report.status = if report.errors.is_empty() && self.stop.is_none() && self.unsent == 0 {
            Status::Success
        } else if accepted > 0 {
            Status::Partial
        } else {
            Status::Error
        };
        report.error = self.stop.or(first_failure.filter(|_| report.status == Status::Error));
        report.message = message(&report, accepted);
        report
    }
}

/// Errors of a batch by row; those of no row come last.
fn in_order(mut errors: Vec<ReportError>) -> Vec<ReportError> {
    errors.sort_by_key(|error| error.row.unwrap_or(u64::MAX));
    errors
}

/// A refusal of before the send as the report tells it.
fn refused_before_sending(refusal: &Refusal) -> ReportError {
    ReportError {
        sku: refusal.sku.as_deref().map(str::to_owned),
        row: Some(refusal.row),
        message: refusal.message(),
        http_status: None,
    }
}

fn warnings(left_out: &[LeftOut], held_products: usize) -> Vec<Bilingual> {
    let mut warnings: Vec<Bilingual> = left_out.iter().map(LeftOut::warning).collect();
    if held_products > 0 {
        warnings.push(bilingual!(
            "Не отправлено товаров: {held_products}. Более ранний товар с тем же артикулом не доставлен, а порядок \
             таких товаров сохраняется.",
            "Products not sent: {held_products}. An earlier product with the same sku was not delivered, and such \
             products keep their order."
        ));
    }
    warnings
}

/// The outcome in one sentence.
fn message(report: &Report, accepted: u64) -> Bilingual {
    let Report { created, updated, unsent, .. } = *report;
    let errors = report.errors.len();
    match (report.status, &report.error) {
        (Status::Success, _) => bilingual!(
            "Отправлено товаров: {accepted}, создано: {created}, обновлено: {updated}.",
            "Products sent: {accepted}, created: {created}, updated: {updated}."
        ),
        (Status::Error, Some(error)) => error.message().clone(),
        (Status::Error, None) => bilingual!(
            "Ни один товар не принят: ошибок {errors}, не отправлено {unsent}.",
            "No product was accepted: {errors} errors, {unsent} unsent."
        ),
        (_, stop) => {
            let Bilingual { ru, en } = stop.as_ref().map(|error| error.message().clone()).unwrap_or_default();
            let sentence = bilingual!(
                "Отправлено товаров: {accepted}, создано: {created}, обновлено: {updated}, ошибок: {errors}, не \
                 отправлено: {unsent}. {ru}",
                "Products sent: {accepted}, created: {created}, updated: {updated}, errors: {errors}, unsent: \
                 {unsent}. {en}"
            );
            Bilingual { ru: sentence.ru.trim_end().to_owned(), en: sentence.en.trim_end().to_owned() }
        }
    }
}
