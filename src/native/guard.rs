//! Panics stop here: no unwinding ever reaches the host.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Runs `body`; a panic gives `failure` instead. The quiet hook has written it to the journal by then.
#[inline(always)]
pub(super) fn guard<T>(failure: T, body: impl FnOnce() -> T) -> T {
    match catch_unwind(AssertUnwindSafe(body)) {
        Ok(outcome) => outcome,
        Err(payload) => {
            discard(payload);
            failure
        }
    }
}

/// Apart, so that a usual call keeps no registers for it.
#[cold]
#[inline(never)]
fn discard(payload: Box<dyn Any + Send>) {
    drop(payload);
}
