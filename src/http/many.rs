//! Many requests at once.

use super::session::{Outcome, Session};
use super::settings::{Call, Settings};
use crate::bilingual;
use crate::error::{Code, Error};
use crate::journal::Journal;
use crate::operation::{Operation, Silent};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Condvar, Mutex, PoisonError};
use std::time::Duration;

/// Requests under way at once at most.
pub const MOST_AT_ONCE: usize = 64;
/// How often progress is told.
const REPORT: Duration = Duration::from_millis(200);
const STACK_BYTES: usize = 1024 * 1024;

/// Outcomes by the place of their calls, and how many there are.
struct Board {
    outcomes: Mutex<(Vec<Option<Outcome>>, usize)>,
    changed: Condvar,
}

impl Session {
    /// Executes all `calls`, `at_once` (1 to [`MOST_AT_ONCE`]) at a time; outcomes come in the order of the calls.
    /// After a cancellation or at the end of the time budget those not begun fail with that error.
    pub fn execute_all(
        &self,
        calls: &[(Call, Settings)],
        at_once: usize,
        journal: &Journal,
        operation: &mut Operation<'_>,
    ) -> Vec<Outcome> {
        let next = AtomicUsize::new(0);
        let board = Board {
            outcomes: Mutex::new((calls.iter().map(|_| None).collect(), 0)),
            changed: Condvar::new(),
        };
        let token = operation.cancel_token().clone();
        let deadline = operation.remaining();
        std::thread::scope(|scope| {
            let lane = || {
                let mut silent = Silent;
                let mut operation = Operation::new(token.clone(), &mut silent);
                if let Some(left) = deadline {
                    // A budget of zero would mean none.
                    operation = operation.with_budget(left.max(Duration::from_millis(1)));
                }
                while let Some((place, (call, settings))) = take(&next, calls) {
                    board.put(place, self.execute(call, settings, journal, &mut operation));
                }
            };
            let lanes = at_once.clamp(1, MOST_AT_ONCE).min(calls.len());
            let started = (0..lanes)
                .filter(|_| {
                    let thread =
                        std::thread::Builder::new().name("obmen-http".into()).stack_size(STACK_BYTES);
                    thread.spawn_scoped(scope, lane).is_ok()
                })
                .count();
            if started == 0 {
                // The system gives no thread: one after another, here.
                lane();
            }
            board.watch(calls.len(), operation);
        });
        let (outcomes, _) = board.outcomes.into_inner().unwrap_or_else(PoisonError::into_inner);
        outcomes.into_iter().map(|outcome| outcome.unwrap_or_else(|| Outcome::refused(lost()))).collect()
    }
}

fn take<'c>(next: &AtomicUsize, calls: &'c [(Call, Settings)]) -> Option<(usize, &'c (Call, Settings))> {
    let place = next.fetch_add(1, Ordering::Relaxed);
    calls.get(place).map(|call| (place, call))
}

impl Board {
    fn put(&self, place: usize, outcome: Outcome) {
        let mut guard = self.outcomes.lock().unwrap_or_else(PoisonError::into_inner);
        let (outcomes, done) = &mut *guard;
        if let Some(slot) = outcomes.get_mut(place) {
            *slot = Some(outcome);
            *done += 1;
        }
        drop(guard);
        self.changed.notify_all();
    }

    /// Tells progress until everything is done. Lanes end by themselves: each looks at the same token and budget.
    fn watch(&self, total: usize, operation: &mut Operation<'_>) {
        loop {
            let guard = self.outcomes.lock().unwrap_or_else(PoisonError::into_inner);
            let (guard, _) = self
                .changed
                .wait_timeout_while(guard, REPORT, |(_, done)| *done < total)
                .unwrap_or_else(PoisonError::into_inner);
            let done = guard.1;
            drop(guard);
            operation.report(
                done as u64,
                total as u64,
                &bilingual!("Запросов выполнено: {done} из {total}", "{done} of {total} requests done"),
            );
            if done >= total {
                return;
            }
        }
    }
}

fn lost() -> Error {
    Error::new(Code::Internal, bilingual!("Запрос не выполнен.", "The request was not carried out."))
}
