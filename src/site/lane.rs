//! The lanes of a send: each takes batch after batch and sends it, splitting what the site refuses.

use super::batch::{Next, Queue};
use super::catalogue::Catalogue;
use super::delivery::{Delivered, Label, Parcel, Transport, deliver};
use super::envelope::Envelope;
use super::judge::{Judgement, Processed, Verdict, VerdictCounts, judge};
use super::patience::{Patience, REFUSALS_IN_A_ROW};
use super::report::ReportError;
use crate::bilingual;
use crate::error::{Bilingual, Code, Detail, Error};
use crate::http::{Delivery, RetryPolicy};
use crate::journal::Redactor;
use crate::operation::Operation;
use std::collections::{BTreeMap, HashSet};
use std::ops::Range;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// How a send behaves.
pub(super) struct Rules {
    pub(super) policy: RetryPolicy,
    pub(super) batch_pause: Duration,
    pub(super) split_on_reject: bool,
}

/// What all lanes of a send share.
pub(super) struct Lanes<'a> {
    pub(super) catalogue: &'a Catalogue,
    /// The products of each batch.
    pub(super) batches: &'a [Range<usize>],
    pub(super) envelope: &'a Envelope,
    pub(super) rules: &'a Rules,
    pub(super) transport: &'a dyn Transport,
    pub(super) redactor: &'a Redactor,
    state: Mutex<State<'a>>,
    /// A batch is over.
    changed: Condvar,
}

struct State<'a> {
    queue: Queue<'a>,
    outcomes: BTreeMap<usize, BatchOutcome>,
    patience: Patience,
    stop: Option<Error>,
    /// Products accepted or refused so far.
    settled: u64,
    /// Lanes that wait for a batch of another: without them nobody needs to be told.
    waiting: usize,
}

/// What became of a batch that was tried.
#[derive(Debug, Default)]
pub(super) struct BatchOutcome {
    /// Its products.
    pub(super) products: Processed,
    /// Products not sent because of an earlier one with the same sku.
    pub(super) held: usize,
    /// Requests made.
    pub(super) attempts: u64,
    /// The last answer.
    pub(super) http_status: Option<u16>,
    /// The first failure of a whole request.
    pub(super) failure: Option<Error>,
}

impl BatchOutcome {
    /// True if every product was accepted or refused.
    pub(super) fn is_settled(&self) -> bool {
        self.products.counts().unsent == 0
    }
}

/// What all lanes have done together.
pub(super) struct Ended {
    /// By the number of the batch; batches that were not tried are missing.
    pub(super) outcomes: BTreeMap<usize, BatchOutcome>,
    /// Batches that were not sent because of an earlier one with the same sku.
    pub(super) held: Vec<usize>,
    /// What stopped the send.
    pub(super) stop: Option<Error>,
}

impl<'a> Lanes<'a> {
    pub(super) fn new(
        catalogue: &'a Catalogue,
        batches: &'a [Range<usize>],
        envelope: &'a Envelope,
        rules: &'a Rules,
        transport: &'a dyn Transport,
        redactor: &'a Redactor,
    ) -> Self {
        let state = State {
            queue: Queue::new(catalogue, batches),
            outcomes: BTreeMap::new(),
            patience: Patience::default(),
            stop: None,
            settled: 0,
            waiting: 0,
        };
        let (state, changed) = (Mutex::new(state), Condvar::new());
        Self { catalogue, batches, envelope, rules, transport, redactor, state, changed }
    }

    /// Sends batches until there are none left or the send must stop.
    pub(super) fn work(&self, operation: &mut Operation<'_>) {
        let mut paused = true;
        while let Some(number) = self.next_batch() {
            if !paused && let Err(reason) = operation.pause(self.rules.batch_pause) {
                self.stop(reason);
                self.finish(number, None);
                return;
            }
            paused = false;
            let outcome = self.send_batch(number, operation);
            let settled = self.finish(number, Some(outcome));
            let total = self.catalogue.len() as u64;
            let text =
                bilingual!("Отправлено товаров: {settled} из {total}", "Products sent: {settled} of {total}");
            operation.report(settled, total, &text);
        }
    }

    /// What the lanes have done.
    pub(super) fn end(self) -> Ended {
        let state = self.state.into_inner().unwrap_or_else(PoisonError::into_inner);
        Ended { held: state.queue.held().to_vec(), outcomes: state.outcomes, stop: state.stop }
    }

    /// Lets no further request begin; the first reason counts.
    pub(super) fn stop(&self, reason: Error) {
        let mut state = self.lock();
        state.queue.stop();
        state.stop.get_or_insert(reason);
        if state.waiting > 0 {
            self.changed.notify_all();
        }
    }

    fn lock(&self) -> MutexGuard<'_, State<'a>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn next_batch(&self) -> Option<usize> {
        let mut state = self.lock();
        loop {
            match state.queue.next() {
                Next::Batch(number) => return Some(number),
                Next::Done => return None,
                Next::Wait => {
                    state.waiting += 1;
                    state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
                    state.waiting -= 1;
                }
            }
        }
    }

    /// Keeps what became of a batch (`None`: it was not tried); tells how many products are settled now.
    fn finish(&self, number: usize, outcome: Option<BatchOutcome>) -> u64 {
        let mut state = self.lock();
        let mut is_settled = false;
        if let Some(outcome) = outcome {
            let VerdictCounts { unsent, accepted, refused } = outcome.products.counts();
            is_settled = unsent == 0;
            state.settled += accepted + refused;
            state.outcomes.insert(number, outcome);
        }
        state.queue.finish(number, is_settled);
        if state.waiting > 0 {
            self.changed.notify_all();
        }
        state.settled
    }

    fn is_stopped(&self) -> bool {
        self.lock().stop.is_some()
    }

    /// Sends one batch, in parts if the site refuses it.
    fn send_batch(&self, number: usize, operation: &mut Operation<'_>) -> BatchOutcome {
        let products = self.batches.get(number).cloned().unwrap_or_default();
        let mut run = BatchRun {
            lanes: self,
            number,
            first: products.start,
            outcome: BatchOutcome {
                products: Processed {
                    verdicts: vec![Verdict::Unsent; products.len()],
                    ..Processed::default()
                },
                ..BatchOutcome::default()
            },
        };
        // Parts still to be sent, the next one last: products go in their order.
        let mut parts = vec![products];
        while let Some(part) = parts.pop() {
            if let Err(reason) = operation.check() {
                self.stop(reason);
            }
            if self.is_stopped() {
                break;
            }
            if run.must_wait(&part) {
                run.outcome.held += part.len();
                continue;
            }
            if run.send_part(part.clone(), operation) == PartEnd::Refused {
                let middle = part.start + part.len() / 2;
                parts.push(middle..part.end);
                parts.push(part.start..middle);
            }
        }
        run.outcome
    }
}

/// How a request for a part of a batch ended.
#[derive(Debug, PartialEq, Eq)]
enum PartEnd {
    /// Nothing more to do for it.
    Over,
    /// Refused as a whole: its halves must be tried.
    Refused,
}

/// One batch under way.
struct BatchRun<'l, 'a> {
    lanes: &'l Lanes<'a>,
    number: usize,
    /// Index of the batch's first product.
    first: usize,
    outcome: BatchOutcome,
}

impl BatchRun<'_, '_> {
    /// True if a part holds a sku of an earlier product of the batch that was not settled: the site must get such
    /// products in their order.
    fn must_wait(&self, part: &Range<usize>) -> bool {
        let catalogue = self.lanes.catalogue;
        let unsettled: HashSet<&str> = (self.first..part.start)
            .zip(&self.outcome.products.verdicts)
            .filter(|(_, verdict)| **verdict == Verdict::Unsent)
            .map(|(product, _)| catalogue.sku_json(product))
            .collect();
        !unsettled.is_empty() && part.clone().any(|product| unsettled.contains(catalogue.sku_json(product)))
    }

    fn send_part(&mut self, part: Range<usize>, operation: &mut Operation<'_>) -> PartEnd {
        let Lanes { catalogue, envelope, rules, transport, redactor, .. } = *self.lanes;
        let body = envelope.around(catalogue.bytes_of(part.clone()));
        let mut parcel = Parcel::new(body, self.label(&part));
        let delivered = deliver(transport, &mut parcel, &rules.policy, operation);
        let Delivered { outcome, attempts, maybe_seen, interrupted } = delivered;
        self.outcome.attempts += u64::from(attempts);
        let answer = match outcome {
            Ok(answer) => answer,
            Err(failure) => {
                let delivery = if maybe_seen { Delivery::Unknown } else { failure.delivery };
                self.fail(&part, failure.error, delivery, interrupted);
                return PartEnd::Over;
            }
        };
        self.outcome.http_status = Some(answer.status);
        match judge(catalogue, part.clone(), &answer, redactor) {
            Judgement::Processed(processed) => self.accept(&part, processed),
            Judgement::Auth(error) => {
                self.note_failure(&part, &error, Delivery::NotSent);
                self.lanes.stop(error);
            }
            Judgement::Rejected(error) if part.len() == 1 => self.refuse(part.start, &error),
            Judgement::Rejected(_) if rules.split_on_reject => return PartEnd::Refused,
            Judgement::Rejected(error) => self.fail(&part, error, Delivery::NotSent, interrupted),
            Judgement::Failed(error) => {
                // A gateway that lost the answer, or an answer that says nothing: the site may have the products.
                let unknown = maybe_seen || matches!(answer.status, 200..=299 | 502 | 504);
                let delivery = if unknown { Delivery::Unknown } else { Delivery::NotSent };
                self.fail(&part, error, delivery, interrupted);
            }
        }
        PartEnd::Over
    }

    fn accept(&mut self, part: &Range<usize>, processed: Processed) {
        let some_accepted = processed.accepted > 0;
        self.outcome.products.add(part.start - self.first, processed);
        if some_accepted {
            self.lanes.lock().patience.accepted();
        }
    }

    fn refuse(&mut self, product: usize, error: &Error) {
        if let Some(verdict) = self.outcome.products.verdicts.get_mut(product - self.first) {
            *verdict = Verdict::Refused;
        }
        self.outcome.products.errors.push(ReportError {
            sku: Some(self.lanes.catalogue.sku(product)),
            row: Some(self.lanes.catalogue.row(product)),
            message: error.message().clone(),
            http_status: http_status(error),
        });
        if self.lanes.lock().patience.refused() {
            self.lanes.stop(site_refuses_everything(error));
        }
    }

    /// A request failed as a whole.
    fn fail(&mut self, part: &Range<usize>, error: Error, delivery: Delivery, interrupted: Option<Error>) {
        self.note_failure(part, &error, delivery);
        let stop = match interrupted {
            Some(reason) => Some(reason),
            None => self.lanes.lock().patience.failed(&error, delivery).then_some(error),
        };
        if let Some(reason) = stop {
            self.lanes.stop(reason);
        }
    }

    /// Keeps the failure of a whole request for the report.
    fn note_failure(&mut self, part: &Range<usize>, error: &Error, delivery: Delivery) {
        let number = self.number + 1;
        let (first, last) = self.rows(part);
        let Bilingual { ru, en } = error.message();
        let mut message = bilingual!(
            "Пакет {number} (строки {first}–{last}): {ru}",
            "Batch {number} (rows {first}–{last}): {en}"
        );
        if delivery == Delivery::Unknown {
            message.ru += " Неизвестно, получил ли сайт эти товары: они остаются в списке неотправленных.";
            message.en += " Whether the site got these products is unknown: they stay in the list as unsent.";
        }
        let http_status = http_status(error);
        self.outcome.products.errors.push(ReportError { sku: None, row: None, message, http_status });
        self.outcome.failure.get_or_insert_with(|| error.clone());
    }

    fn rows(&self, part: &Range<usize>) -> (u64, u64) {
        let catalogue = self.lanes.catalogue;
        (catalogue.row(part.start), catalogue.row(part.end.saturating_sub(1)))
    }

    /// What a request is, for the journal.
    fn label(&self, part: &Range<usize>) -> Label {
        Label::Batch {
            number: self.number + 1,
            total: self.lanes.batches.len(),
            products: part.len(),
            rows: self.rows(part),
        }
    }
}

fn http_status(error: &Error) -> Option<u16> {
    match error.detail("http_status") {
        Some(Detail::Number(status)) => u16::try_from(*status).ok(),
        _ => None,
    }
}

fn site_refuses_everything(last: &Error) -> Error {
    let Bilingual { ru, en } = last.message();
    let error = Error::new(
        Code::HttpStatus,
        bilingual!(
            "Сайт отклонил {REFUSALS_IN_A_ROW} товаров подряд и не принял ни одного: отправка остановлена. Последний \
             отказ: {ru}",
            "The site refused {REFUSALS_IN_A_ROW} products in a row and accepted none: the send was stopped. The last \
             refusal: {en}"
        ),
    );
    match http_status(last) {
        Some(status) => error.with("http_status", i64::from(status)),
        None => error,
    }
}
