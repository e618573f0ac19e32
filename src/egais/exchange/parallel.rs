//! Many UTMs at once: a hung one costs only its own budget.

use crate::bilingual;
use crate::operation::{Operation, Silent};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::time::Duration;

/// Runs `work` for every job on at most `limit` threads; results stand in the order of the jobs, `None` where the work
/// broke. `budget` tells how long a job may take at most; nothing outlives the operation.
pub fn for_each<J: Sync, T: Send>(
    jobs: &[J],
    limit: usize,
    operation: &mut Operation<'_>,
    budget: impl Fn(&J) -> Duration + Sync,
    work: impl Fn(&J, &mut Operation<'_>) -> T + Sync,
) -> Vec<Option<T>> {
    let mut results: Vec<Option<T>> = jobs.iter().map(|_| None).collect();
    let run = |job: &J, operation: &Operation<'_>| {
        let mut silent = Silent;
        let limit = budget(job).min(operation.remaining().unwrap_or(Duration::MAX));
        // A budget of zero would be none at all.
        let limit = limit.max(Duration::from_millis(1));
        let mut own = Operation::new(operation.cancel_token().clone(), &mut silent).with_budget(limit);
        work(job, &mut own)
    };
    if let [job] = jobs {
        // A budget of zero would be none at all.
        let mut own = operation.part(budget(job).max(Duration::from_millis(1)));
        return vec![Some(work(job, &mut own))];
    }
    let next = AtomicUsize::new(0);
    let total = jobs.len() as u64;
    let deadline = operation.remaining();
    let cancel = operation.cancel_token().clone();
    std::thread::scope(|scope| {
        let (sender, receiver) = mpsc::channel();
        let mut started = 0;
        for _ in 0..limit.clamp(1, jobs.len().max(1)) {
            let (sender, next, run, cancel) = (sender.clone(), &next, &run, cancel.clone());
            let worker = move || {
                let mut silent = Silent;
                let shared = Operation::new(cancel, &mut silent).with_budget(deadline.unwrap_or_default());
                loop {
                    let index = next.fetch_add(1, Ordering::SeqCst);
                    let Some(job) = jobs.get(index) else { break };
                    let result = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| run(job, &shared)));
                    // Nobody listens only after a panic of the caller.
                    if sender.send((index, result.ok())).is_err() {
                        break;
                    }
                }
            };
            if std::thread::Builder::new().name("obmen-utm".into()).spawn_scoped(scope, worker).is_ok() {
                started += 1;
            }
        }
        drop(sender);
        if started == 0 {
            // The system gives no thread: one after another, then.
            for (job, place) in jobs.iter().zip(&mut results) {
                *place = Some(run(job, operation));
            }
            return;
        }
        let mut done = 0;
        for (index, result) in receiver {
            if let Some(place) = results.get_mut(index) {
                *place = result;
            }
            done += 1;
            let text = bilingual!("Обмен с УТМ: {done} из {total}", "Exchange with UTMs: {done} of {total}");
            operation.report(done, total, &text);
        }
    });
    results
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::operation::CancelToken;

    fn run(
        jobs: &[u64],
        limit: usize,
        work: impl Fn(&u64, &mut Operation<'_>) -> u64 + Sync,
    ) -> Vec<Option<u64>> {
        let mut silent = Silent;
        let mut operation = Operation::new(CancelToken::new(), &mut silent);
        for_each(jobs, limit, &mut operation, |_| Duration::from_secs(60), work)
    }

    #[test]
    fn results_stand_in_the_order_of_the_jobs() {
        let jobs: Vec<u64> = (0..100).collect();
        let expected: Vec<_> = jobs.iter().map(|job| Some(job * 2)).collect();
        assert_eq!(run(&jobs, 16, |job, _| job * 2), expected);
        assert_eq!(run(&[], 16, |job, _| *job), Vec::new());
    }

    #[test]
    fn one_that_breaks_does_not_harm_the_others() {
        let result =
            run(
                &[1, 2, 3],
                2,
                |job, _| {
                    if *job == 2 { std::panic::resume_unwind(Box::new("boom")) } else { *job }
                },
            );
        assert_eq!(result, [Some(1), None, Some(3)]);
    }

    #[test]
    fn a_cancelled_operation_reaches_every_job() {
        let mut silent = Silent;
        let token = CancelToken::new();
        token.cancel();
        let mut operation = Operation::new(token, &mut silent);
        let results =
            for_each(&[1, 2], 2, &mut operation, |_| Duration::from_secs(60), |_, own| own.check().is_err());
        assert_eq!(results, [Some(true), Some(true)]);
    }
}
