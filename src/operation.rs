//! A running operation: how it is stopped, how long it may last, how it tells of its progress.
//!
//! Every call that can last takes an [`Operation`]. It is told to stop through a [`CancelToken`], which any
//! thread may hold; it never runs past its deadline; it reports progress to whoever listens.

use crate::bilingual;
use crate::error::{Bilingual, Code, Error, Result};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Stops an operation from another thread. Clones share one state.
#[derive(Clone, Default)]
pub struct CancelToken(Arc<Signal>);

#[derive(Default)]
struct Signal {
    cancelled: Mutex<bool>,
    changed: Condvar,
}

impl CancelToken {
    /// A token that nobody has cancelled.
    pub fn new() -> Self {
        Self::default()
    }

    /// Asks the operation to stop; wakes it if it sleeps.
    pub fn cancel(&self) {
        *self.0.cancelled.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.0.changed.notify_all();
    }

    /// Forgets an earlier request to stop: a new operation begins.
    pub fn reset(&self) {
        *self.0.cancelled.lock().unwrap_or_else(PoisonError::into_inner) = false;
    }

    /// True once [`CancelToken::cancel`] was called.
    pub fn is_cancelled(&self) -> bool {
        *self.0.cancelled.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sleeps for `duration` or until cancelled; true if it was cancelled.
    pub fn wait(&self, duration: Duration) -> bool {
        let guard = self.0.cancelled.lock().unwrap_or_else(PoisonError::into_inner);
        let (guard, _) = self
            .0
            .changed
            .wait_timeout_while(guard, duration, |cancelled| !*cancelled)
            .unwrap_or_else(PoisonError::into_inner);
        *guard
    }
}

impl std::fmt::Debug for CancelToken {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "CancelToken({})", self.is_cancelled())
    }
}

/// Who is told of progress: `done` of `total` steps (0 while unknown) and a short text.
///
/// Called as often as the work likes; the listener thins the calls out itself.
pub trait Progress {
    /// Tells how far the work is.
    fn report(&mut self, done: u64, total: u64, text: &Bilingual);
}

/// Nobody listens.
#[derive(Debug, Default)]
pub struct Silent;

impl Progress for Silent {
    fn report(&mut self, _done: u64, _total: u64, _text: &Bilingual) {}
}

/// What a long call carries down through the rooms.
pub struct Operation<'a> {
    cancel: CancelToken,
    deadline: Option<Instant>,
    progress: &'a mut (dyn Progress + 'a),
}

impl<'a> Operation<'a> {
    /// An operation without a time budget.
    pub fn new(cancel: CancelToken, progress: &'a mut (dyn Progress + 'a)) -> Self {
        Self { cancel, deadline: None, progress }
    }

    /// Limits the operation to `budget` from now; zero means no limit.
    #[must_use]
    pub fn with_budget(mut self, budget: Duration) -> Self {
        self.deadline = (!budget.is_zero()).then(|| Instant::now().checked_add(budget)).flatten();
        self
    }

    /// Limits the operation to the deadline of another one, whose part it is.
    #[must_use]
    pub fn with_deadline(mut self, deadline: Option<Instant>) -> Self {
        self.deadline = deadline;
        self
    }

    /// A part of this operation that may last for `budget`, but no longer than the whole; it tells of its progress
    /// to the same listener.
    pub fn part(&mut self, budget: Duration) -> Operation<'_> {
        let own = Instant::now().checked_add(budget);
        let deadline = [self.deadline, own].into_iter().flatten().min();
        Operation { cancel: self.cancel.clone(), deadline, progress: &mut *self.progress }
    }

    /// The token that stops this operation.
    pub fn cancel_token(&self) -> &CancelToken {
        &self.cancel
    }

    /// When the time budget ends, if there is one.
    pub fn deadline(&self) -> Option<Instant> {
        self.deadline
    }

    /// What is left of the time budget, `None` without one.
    pub fn remaining(&self) -> Option<Duration> {
        self.deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()))
    }

    /// Tells how far the work is.
    pub fn report(&mut self, done: u64, total: u64, text: &Bilingual) {
        self.progress.report(done, total, text);
    }

    /// Fails if the operation should stop now.
    ///
    /// # Errors
    /// `cancelled`, or `limit` when the time budget is used up.
    pub fn check(&self) -> Result<()> {
        if self.cancel.is_cancelled() {
            return Err(cancelled());
        }
        if self.remaining().is_some_and(|left| left.is_zero()) {
            return Err(out_of_time());
        }
        Ok(())
    }

    /// Sleeps, but not past the deadline and not after a cancellation.
    ///
    /// # Errors
    /// As [`Operation::check`]; a pause that would outlast the budget fails at once, without sleeping.
    pub fn pause(&self, duration: Duration) -> Result<()> {
        self.check()?;
        if self.remaining().is_some_and(|left| left < duration) {
            return Err(out_of_time());
        }
        if self.cancel.wait(duration) { Err(cancelled()) } else { Ok(()) }
    }
}

/// The error of an operation that was asked to stop.
pub fn cancelled() -> Error {
    Error::new(
        Code::Cancelled,
        bilingual!("Операция прервана пользователем.", "The operation was cancelled."),
    )
}

/// The error of an operation whose time budget is used up.
pub fn out_of_time() -> Error {
    Error::new(
        Code::Limit,
        bilingual!(
            "Время, отведённое на операцию, истекло. Увеличьте его или повторите вызов: начатое продолжится.",
            "The time budget of the operation is used up. Raise it or repeat the call to go on."
        ),
    )
    .with_category(crate::error::Category::Temporary)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cancelled_pause_ends_with_cancelled() {
        let token = CancelToken::new();
        let other = token.clone();
        let thread = std::thread::spawn(move || other.cancel());
        let mut silent = Silent;
        let operation = Operation::new(token, &mut silent);
        let error = operation.pause(Duration::from_secs(60)).err();
        assert_eq!(error.map(|error| error.code()), Some(Code::Cancelled));
        assert!(thread.join().is_ok());
    }

    #[test]
    fn a_pause_longer_than_the_budget_fails_without_sleeping() {
        let mut silent = Silent;
        let operation =
            Operation::new(CancelToken::new(), &mut silent).with_budget(Duration::from_millis(50));
        let error = operation.pause(Duration::from_secs(3600)).err();
        assert_eq!(error.map(|error| error.code()), Some(Code::Limit));
    }

    #[test]
    fn a_zero_budget_is_no_limit() {
        let mut silent = Silent;
        let operation = Operation::new(CancelToken::new(), &mut silent).with_budget(Duration::ZERO);
        assert!(operation.check().is_ok());
    }
}
