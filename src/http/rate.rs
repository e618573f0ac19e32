//! The rate limit: at most so many requests per second.

use crate::error::Result;
use crate::operation::Operation;
use governor::clock::{Clock, MonotonicClock};
use governor::state::{InMemoryState, NotKeyed};
use governor::{Quota, RateLimiter};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

type Limiter = RateLimiter<NotKeyed, InMemoryState, MonotonicClock>;

/// Spaces the requests of a session evenly. The rate may change between requests.
#[derive(Default)]
pub(super) struct Rate(Mutex<Option<(f64, Arc<Limiter>)>>);

impl Rate {
    /// Waits until a request may be sent; `per_second` of zero or less means no limit.
    ///
    /// # Errors
    /// As [`Operation::pause`].
    pub(super) fn wait(&self, per_second: f64, operation: &Operation<'_>) -> Result<()> {
        let Some(limiter) = self.limiter(per_second) else { return Ok(()) };
        loop {
            match limiter.check() {
                Ok(()) => return Ok(()),
                Err(early) => operation.pause(early.wait_time_from(limiter.clock().now()))?,
            }
        }
    }

    fn limiter(&self, per_second: f64) -> Option<Arc<Limiter>> {
        let mut current = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((rate, limiter)) = &*current
            && *rate == per_second
        {
            return Some(Arc::clone(limiter));
        }
        *current = quota(per_second)
            .map(|quota| (per_second, Arc::new(Limiter::direct_with_clock(quota, MonotonicClock))));
        current.as_ref().map(|(_, limiter)| Arc::clone(limiter))
    }
}

fn quota(per_second: f64) -> Option<Quota> {
    if per_second.is_nan() || per_second <= 0.0 {
        return None;
    }
    Quota::with_period(Duration::try_from_secs_f64(per_second.recip()).ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::operation::{CancelToken, Silent};

    #[test]
    fn no_limit_never_waits() {
        let mut silent = Silent;
        let operation = Operation::new(CancelToken::new(), &mut silent);
        for rate in [0.0, -1.0, f64::NAN, f64::INFINITY] {
            for _ in 0..1000 {
                assert!(Rate::default().wait(rate, &operation).is_ok());
            }
        }
    }

    #[test]
    fn a_second_request_waits_its_turn_but_not_past_the_budget() {
        let mut silent = Silent;
        let operation = Operation::new(CancelToken::new(), &mut silent).with_budget(Duration::from_secs(60));
        let rate = Rate::default();
        assert!(rate.wait(0.01, &operation).is_ok());
        assert!(rate.wait(0.01, &operation).is_err());
    }
}
