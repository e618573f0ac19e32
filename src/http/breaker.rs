//! The circuit breaker: a server that keeps failing is left alone for a while.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Servers remembered at once; more than that are forgotten together.
const SERVERS: usize = 1000;

/// When a server counts as failing, and for how long it is left alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BreakerSettings {
    /// Failures in a row that open the circuit; 0 switches the breaker off.
    pub failures: u32,
    /// How long nothing is sent; then one request tries.
    pub pause: Duration,
}

impl Default for BreakerSettings {
    /// Off; thirty seconds once it is on.
    fn default() -> Self {
        Self { failures: 0, pause: Duration::from_secs(30) }
    }
}

#[derive(Clone, Copy, Default)]
struct Circuit {
    failures: u32,
    /// Open until then; afterwards one request tries while others still wait.
    closed_from: Option<Instant>,
}

/// What a breaker knows of each server. Time is given by the caller.
#[derive(Default)]
pub(super) struct Breaker(Mutex<HashMap<String, Circuit>>);

impl Breaker {
    /// Whether a request to `server` may be sent now.
    ///
    /// # Errors
    /// How long the circuit stays open.
    pub(super) fn admit(
        &self,
        server: &str,
        settings: BreakerSettings,
        now: Instant,
    ) -> Result<(), Duration> {
        if settings.failures == 0 {
            return Ok(());
        }
        let mut circuits = self.lock();
        let Some(circuit) = circuits.get_mut(server) else { return Ok(()) };
        match circuit.closed_from {
            Some(moment) if moment > now => Err(moment - now),
            Some(_) => {
                // This request tries; the next ones wait for what it finds.
                circuit.closed_from = now.checked_add(settings.pause);
                Ok(())
            }
            None => Ok(()),
        }
    }

    /// Tells what came of a request.
    pub(super) fn record(&self, server: &str, failed: bool, settings: BreakerSettings, now: Instant) {
        if settings.failures == 0 {
            return;
        }
        let mut circuits = self.lock();
        if !failed {
            circuits.remove(server);
            return;
        }
        if circuits.len() >= SERVERS && !circuits.contains_key(server) {
            circuits.clear();
        }
        let circuit = circuits.entry(server.to_owned()).or_default();
        circuit.failures = circuit.failures.saturating_add(1);
        if circuit.failures >= settings.failures {
            circuit.closed_from = now.checked_add(settings.pause);
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Circuit>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SETTINGS: BreakerSettings = BreakerSettings { failures: 3, pause: Duration::from_secs(30) };

    #[test]
    fn it_opens_after_failures_in_a_row_and_lets_one_request_try_later() {
        let breaker = Breaker::default();
        let start = Instant::now();
        let at = |seconds| start + Duration::from_secs(seconds);
        for _ in 0..3 {
            assert_eq!(breaker.admit("a", SETTINGS, start), Ok(()));
            breaker.record("a", true, SETTINGS, start);
        }
        assert_eq!(breaker.admit("a", SETTINGS, at(10)), Err(Duration::from_secs(20)));
        assert_eq!(breaker.admit("b", SETTINGS, at(10)), Ok(()));
        assert_eq!(breaker.admit("a", SETTINGS, at(30)), Ok(()));
        assert_eq!(breaker.admit("a", SETTINGS, at(31)), Err(Duration::from_secs(29)));
        breaker.record("a", false, SETTINGS, at(32));
        assert_eq!(breaker.admit("a", SETTINGS, at(32)), Ok(()));
    }

    #[test]
    fn a_failed_try_opens_it_again() {
        let breaker = Breaker::default();
        let start = Instant::now();
        for _ in 0..3 {
            breaker.record("a", true, SETTINGS, start);
        }
        let later = start + Duration::from_secs(60);
        assert_eq!(breaker.admit("a", SETTINGS, later), Ok(()));
        breaker.record("a", true, SETTINGS, later);
        assert_eq!(breaker.admit("a", SETTINGS, later), Err(Duration::from_secs(30)));
    }

    #[test]
    fn a_success_between_failures_starts_the_count_anew() {
        let breaker = Breaker::default();
        let now = Instant::now();
        for failed in [true, true, false, true, true] {
            breaker.record("a", failed, SETTINGS, now);
        }
        assert_eq!(breaker.admit("a", SETTINGS, now), Ok(()));
    }
}
