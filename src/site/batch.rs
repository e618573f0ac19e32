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

/// Cuts a list into batches, in order; each is a range of indices of products.
pub(super) fn plan(catalogue: &Catalogue, limits: BatchLimits) -> Vec<Range<usize>> {
    let mut batches = Vec::new();
    let mut start = 0;
    let mut bytes = 0;
    for index in 0..catalogue.len() {
        let length = catalogue.json_of(index..index + 1).len();
        let longer = bytes + 1 + length;
        let full = index - start >= limits.products.max(1)
            || (limits.bytes > 0 && limits.envelope.saturating_add(longer) > limits.bytes);
        if index > start && full {
            batches.push(start..index);
            start = index;
            bytes = length;
        } else {
            bytes = if index == start { length } else { longer };
        }
    }
    if start < catalogue.len() {
        batches.push(start..catalogue.len());
    }
    batches
}

/// For each batch the earlier ones that hold a product with the same sku: the site must get such products in their
/// order. Of several such batches the last is enough, it waits for the others itself.
fn forerunners(catalogue: &Catalogue, batches: &[Range<usize>]) -> Vec<Vec<usize>> {
    let hasher = RandomState::new();
    // Hashes instead of skus save memory; two skus with one hash only wait without need.
    let mut last_batch: HashMap<u64, usize> = HashMap::with_capacity(catalogue.len());
    let forerunners = batches.iter().enumerate().map(|(number, products)| {
        let mut earlier: Vec<usize> = products
            .clone()
            .filter_map(|product| last_batch.insert(hasher.hash_one(catalogue.sku_json(product)), number))
            .filter(|earlier| *earlier != number)
            .collect();
        earlier.sort_unstable();
        earlier.dedup();
        earlier
    });
    forerunners.collect()
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
pub(super) struct Queue<'a> {
    catalogue: &'a Catalogue,
    batches: &'a [Range<usize>],
    /// Looked up when the first batch could overtake another one: most sends never need it.
    forerunners: Option<Vec<Vec<usize>>>,
    states: Vec<State>,
    /// Batches before this one are not waiting.
    first: usize,
    running: usize,
    held: Vec<usize>,
    stopped: bool,
}

impl<'a> Queue<'a> {
    pub(super) fn new(catalogue: &'a Catalogue, batches: &'a [Range<usize>]) -> Self {
        let states = vec![State::Waiting; batches.len()];
        let (first, running) = (0, 0);
        Self {
            catalogue,
            batches,
            forerunners: None,
            states,
            first,
            running,
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
                    self.running += 1;
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

    fn readiness(&mut self, number: usize) -> Readiness {
        if self.running == 0 && self.forerunners.is_none() {
            return Readiness::Ready;
        }
        let forerunners = self.forerunners.get_or_insert_with(|| forerunners(self.catalogue, self.batches));
        let mut readiness = Readiness::Ready;
        for earlier in forerunners.get(number).into_iter().flatten() {
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

    /// A batch that was handed out is over; `settled` if all its products were accepted or refused.
    pub(super) fn finish(&mut self, number: usize, settled: bool) {
        self.running = self.running.saturating_sub(1);
        self.set(number, if settled { State::Settled } else { State::Unsettled });
        if !settled && !self.stopped && self.first < self.batches.len() {
            self.forerunners.get_or_insert_with(|| forerunners(self.catalogue, self.batches));
        }
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
