//! Batches: which products go together, and which batch must wait for which.
//!
//! Pure: what is sent when is decided here without a network, and tested so.

use super::catalogue::Catalogue;
use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::ops::Range;

/// How large a batch may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct BatchLimits {
    /// Products, at least one.
    pub(super) products: usize,
    /// Bytes of the whole body, 0 for any. A single product that is larger goes alone.
    pub(super) bytes: usize,
    /// Bytes of the body beside the products.
    pub(super) envelope: usize,
}

/// Some products of a list that go in one request, and the batches that must be over before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Batch {
    /// Indices of the products.
    pub(super) products: Range<usize>,
    /// Earlier batches that hold a product with the same sku: the site must get such products in their order.
    after: Vec<usize>,
}

/// Cuts a list into batches, in order.
pub(super) fn plan(catalogue: &Catalogue, limits: BatchLimits) -> Vec<Batch> {
    let mut ranges = Vec::new();
    let mut start = 0;
    let mut bytes = 0;
    for index in 0..catalogue.len() {
        let length = catalogue.json_of(index..index + 1).len();
        let longer = bytes + 1 + length;
        let full = index - start >= limits.products.max(1)
            || (limits.bytes > 0 && limits.envelope.saturating_add(longer) > limits.bytes);
        if index > start && full {
            ranges.push(start..index);
            start = index;
            bytes = length;
        } else {
            bytes = if index == start { length } else { longer };
        }
    }
    if start < catalogue.len() {
        ranges.push(start..catalogue.len());
    }
    with_order(catalogue, ranges)
}

fn with_order(catalogue: &Catalogue, ranges: Vec<Range<usize>>) -> Vec<Batch> {
    let hasher = RandomState::new();
    // Hashes instead of skus save memory; two skus with one hash only wait without need.
    let mut last_batch: HashMap<u64, usize> = HashMap::new();
    let alone = ranges.len() < 2;
    let batches = ranges.into_iter().enumerate().map(|(number, products)| {
        let mut after = Vec::new();
        for product in if alone { 0..0 } else { products.clone() } {
            let hash = hasher.hash_one(catalogue.sku_json(product));
            if let Some(earlier) = last_batch.insert(hash, number)
                && earlier != number
            {
                after.push(earlier);
            }
        }
        after.sort_unstable();
        after.dedup();
        Batch { products, after }
    });
    batches.collect()
}

/// What a lane gets when it asks for work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Next {
    /// The batch with this number.
    Batch(usize),
    /// Nothing until a running batch is over.
    Wait,
    /// Nothing any more.
    Done,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Waiting,
    Running,
    /// All its products were accepted or refused.
    Settled,
    /// Some of its products were not sent.
    Unsettled,
}

/// Hands batches out in order, to several lanes at once, but never two with the same sku: the second waits for the
/// first, and is not sent at all if the first was not settled, so that an old price cannot overtake a new one in a
/// later send.
#[derive(Debug)]
pub(super) struct Queue<'a> {
    batches: &'a [Batch],
    states: Vec<State>,
    /// Batches before this one are not waiting.
    first: usize,
    held: Vec<usize>,
    stopped: bool,
}

impl<'a> Queue<'a> {
    pub(super) fn new(batches: &'a [Batch]) -> Self {
        Self {
            batches,
            states: vec![State::Waiting; batches.len()],
            first: 0,
            held: Vec::new(),
            stopped: false,
        }
    }

    /// The next batch to send.
    pub(super) fn next(&mut self) -> Next {
        if self.stopped {
            return Next::Done;
        }
        let mut waiting = false;
        for number in self.first..self.batches.len() {
            if self.states.get(number) != Some(&State::Waiting) {
                continue;
            }
            match self.readiness(number) {
                Readiness::Ready => {
                    self.set(number, State::Running);
                    return Next::Batch(number);
                }
                Readiness::NotYet => waiting = true,
                Readiness::Never => {
                    self.set(number, State::Unsettled);
                    self.held.push(number);
                }
            }
        }
        if waiting { Next::Wait } else { Next::Done }
    }

    fn readiness(&self, number: usize) -> Readiness {
        let before = self.batches.get(number).map_or(&[][..], |batch| &batch.after);
        let mut readiness = Readiness::Ready;
        for earlier in before {
            match self.states.get(*earlier) {
                Some(State::Unsettled) => return Readiness::Never,
                Some(State::Waiting | State::Running) => readiness = Readiness::NotYet,
                _ => {}
            }
        }
        readiness
    }

    fn set(&mut self, number: usize, state: State) {
        if let Some(slot) = self.states.get_mut(number) {
            *slot = state;
        }
        while self.states.get(self.first).is_some_and(|state| *state != State::Waiting) {
            self.first += 1;
        }
    }

    /// A batch is over; `settled` if all its products were accepted or refused.
    pub(super) fn finish(&mut self, number: usize, settled: bool) {
        self.set(number, if settled { State::Settled } else { State::Unsettled });
    }

    /// No further batch is handed out.
    pub(super) fn stop(&mut self) {
        self.stopped = true;
    }

    /// Batches that were not sent because of an earlier one with the same sku.
    pub(super) fn held(&self) -> &[usize] {
        &self.held
    }
}

enum Readiness {
    Ready,
    NotYet,
    Never,
}
