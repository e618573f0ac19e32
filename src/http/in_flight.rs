//! How many requests of one owner run now.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Counts the requests of one owner, on whichever threads they run; clones share the count. Before the owner
/// goes it cancels them and waits with [`InFlight::wait_idle`].
#[derive(Clone, Default)]
pub struct InFlight(Arc<Counter>);

#[derive(Default)]
struct Counter {
    count: Mutex<usize>,
    changed: Condvar,
}

impl InFlight {
    /// Nothing under way.
    pub fn new() -> Self {
        Self::default()
    }

    /// How many requests are under way.
    pub fn count(&self) -> usize {
        *self.lock()
    }

    /// Waits until no request is under way, at most `limit`; true if so.
    pub fn wait_idle(&self, limit: Duration) -> bool {
        let (count, _) = self
            .0
            .changed
            .wait_timeout_while(self.lock(), limit, |count| *count > 0)
            .unwrap_or_else(PoisonError::into_inner);
        *count == 0
    }

    /// One more, until the result is dropped.
    pub(super) fn enter(&self) -> InFlightGuard {
        *self.lock() += 1;
        InFlightGuard(self.clone())
    }

    fn lock(&self) -> MutexGuard<'_, usize> {
        self.0.count.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl std::fmt::Debug for InFlight {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "InFlight({})", self.count())
    }
}

/// One request under way.
pub(super) struct InFlightGuard(InFlight);

impl Drop for InFlightGuard {
    fn drop(&mut self) {
        let mut count = self.0.lock();
        *count = count.saturating_sub(1);
        drop(count);
        self.0.0.changed.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waiting_ends_when_the_last_request_does() {
        let requests = InFlight::new();
        let guards = [requests.enter(), requests.enter()];
        assert!(!requests.wait_idle(Duration::from_millis(1)));
        let thread = std::thread::spawn(move || drop(guards));
        assert!(requests.wait_idle(Duration::from_secs(60)));
        thread.join().unwrap();
        assert_eq!(requests.count(), 0);
    }
}
