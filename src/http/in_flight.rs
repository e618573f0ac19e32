//! How many requests of one owner run now.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Counts the requests of one owner, on whichever threads they run; clones share the count. Before the owner
/// goes it cancels them and waits with [`InFlight::wait_idle`].
#[derive(Clone, Default)]
pub struct InFlight(Arc<Counter>);

#[derive(Default)]
struct Counter {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    count: usize,
    /// Threads in [`InFlight::wait_idle`]: telling nobody would still cost a call of the system.
    waiting: usize,
}

impl InFlight {
    /// Nothing under way.
    pub fn new() -> Self {
        Self::default()
    }

    /// How many requests are under way.
    pub fn count(&self) -> usize {
        self.lock().count
    }

    /// Waits until no request is under way, at most `limit`; true if so.
    pub fn wait_idle(&self, limit: Duration) -> bool {
        let mut state = self.lock();
        state.waiting += 1;
        let (mut state, _) = self
            .0
            .changed
            .wait_timeout_while(state, limit, |state| state.count > 0)
            .unwrap_or_else(PoisonError::into_inner);
        state.waiting -= 1;
        state.count == 0
    }

    /// One more, until the result is dropped.
    pub(super) fn enter(&self) -> InFlightGuard {
        self.lock().count += 1;
        InFlightGuard(self.clone())
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
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
        let mut state = self.0.lock();
        state.count = state.count.saturating_sub(1);
        if state.waiting > 0 {
            self.0.0.changed.notify_all();
        }
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
