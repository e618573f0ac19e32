//! Panics stop here: no unwinding ever reaches the host.

use std::panic::{AssertUnwindSafe, catch_unwind};

/// Runs `body`; a panic gives `failure` instead. The quiet hook has written it to the journal by then.
#[inline(always)]
pub(super) fn guard<T>(failure: T, body: impl FnOnce() -> T) -> T {
    catch_unwind(AssertUnwindSafe(body)).unwrap_or(failure)
}
