//! When a send gives up: the site refuses everything, or is not there. Pure.

use crate::error::{Category, Code, Error};
use crate::http::Delivery;

/// Counts what went wrong in a row, over all lanes of a send.
#[derive(Debug, Default)]
pub(super) struct Patience {
    refusals: usize,
    failures: usize,
}

/// So many products refused one by one without an accepted one between them: the site refuses everything.
pub(super) const REFUSALS_IN_A_ROW: usize = 20;
/// So many requests in a row failed for a reason that may pass, each after all its repeats: the site is down.
const TEMPORARY_FAILURES_IN_A_ROW: usize = 5;
/// So many requests in a row failed for another reason.
const FAILURES_IN_A_ROW: usize = 20;

impl Patience {
    /// The site accepted something.
    pub(super) fn accepted(&mut self) {
        *self = Self::default();
    }

    /// The site refused one product by itself; true if the send must stop.
    pub(super) fn refused(&mut self) -> bool {
        // Whoever refuses a product is there.
        self.failures = 0;
        self.refusals += 1;
        self.refusals >= REFUSALS_IN_A_ROW
    }

    /// A request failed after all its repeats; true if the send must stop. A site that cannot be reached at all
    /// stops it at once: every further request would wait for nothing.
    pub(super) fn failed(&mut self, error: &Error, delivery: Delivery) -> bool {
        self.failures += 1;
        let unreachable =
            delivery == Delivery::NotSent && matches!(error.code(), Code::HttpConnect | Code::HttpTls);
        let limit = match error.category() {
            Category::Temporary => TEMPORARY_FAILURES_IN_A_ROW,
            _ => FAILURES_IN_A_ROW,
        };
        unreachable || self.failures >= limit
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bilingual;

    fn failures_until_stop(code: Code, category: Category, delivery: Delivery) -> usize {
        let error = Error::new(code, bilingual!("а", "a")).with_category(category);
        let mut patience = Patience::default();
        (1..100).find(|_| patience.failed(&error, delivery)).unwrap_or(0)
    }

    #[test]
    fn an_unreachable_site_stops_at_once_and_a_failing_one_after_some_tries() {
        let (temporary, permanent) = (Category::Temporary, Category::Permanent);
        assert_eq!(failures_until_stop(Code::HttpConnect, temporary, Delivery::NotSent), 1);
        assert_eq!(failures_until_stop(Code::HttpTls, permanent, Delivery::NotSent), 1);
        assert_eq!(failures_until_stop(Code::HttpConnect, temporary, Delivery::Unknown), 5);
        assert_eq!(failures_until_stop(Code::HttpTimeout, temporary, Delivery::NotSent), 5);
        assert_eq!(failures_until_stop(Code::HttpStatus, permanent, Delivery::Unknown), 20);
    }

    #[test]
    fn an_accepted_product_starts_the_count_of_refusals_anew() {
        let mut patience = Patience::default();
        assert!((0..REFUSALS_IN_A_ROW - 1).all(|_| !patience.refused()));
        patience.accepted();
        assert!((0..REFUSALS_IN_A_ROW - 1).all(|_| !patience.refused()));
        assert!(patience.refused());
    }
}
