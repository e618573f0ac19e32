//! A small pool of threads that run requests beside the caller. Idle threads wait a while for the next
//! request, then end; nothing is joined.

use crate::bilingual;
use crate::error::{Code, Error, Result};
use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// How long an idle thread waits for work before it ends.
const IDLE: Duration = Duration::from_secs(10);
/// More requests than this at once in one process means that something does not end.
const MOST_THREADS: usize = 512;
/// Certificate checks are the deepest thing that runs here.
const STACK_BYTES: usize = 1024 * 1024;

type Job = Box<dyn FnOnce() + Send>;

struct Pool {
    jobs: VecDeque<Job>,
    threads: usize,
    idle: usize,
}

static POOL: Mutex<Pool> = Mutex::new(Pool { jobs: VecDeque::new(), threads: 0, idle: 0 });
static WORK: Condvar = Condvar::new();

fn pool() -> MutexGuard<'static, Pool> {
    POOL.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Runs `job` on a thread of the pool.
///
/// # Errors
/// `busy` when too many requests are under way already or the system gives no thread; the job is dropped.
pub(super) fn run(job: impl FnOnce() + Send + 'static) -> Result<()> {
    let mut pool = pool();
    if pool.idle > pool.jobs.len() {
        pool.jobs.push_back(Box::new(job));
        drop(pool);
        WORK.notify_one();
        return Ok(());
    }
    if pool.threads >= MOST_THREADS {
        return Err(no_thread("limit"));
    }
    pool.threads += 1;
    drop(pool);
    let thread = std::thread::Builder::new().name("obmen-http".into()).stack_size(STACK_BYTES);
    let first: Job = Box::new(job);
    thread.spawn(move || work(first)).map_err(|error| {
        self::pool().threads -= 1;
        no_thread(&error.to_string())
    })?;
    Ok(())
}

fn work(first: Job) {
    let mut next = Some(first);
    while let Some(job) = next {
        // Whoever waits sees that its answer was dropped; the thread lives on.
        let _ = catch_unwind(AssertUnwindSafe(job));
        next = wait_for_job();
    }
}

fn wait_for_job() -> Option<Job> {
    let mut pool = pool();
    pool.idle += 1;
    let (mut pool, _) = WORK
        .wait_timeout_while(pool, IDLE, |pool| pool.jobs.is_empty())
        .unwrap_or_else(PoisonError::into_inner);
    pool.idle -= 1;
    let job = pool.jobs.pop_front();
    if job.is_none() {
        pool.threads -= 1;
    }
    job
}

fn no_thread(reason: &str) -> Error {
    Error::new(
        Code::Busy,
        bilingual!(
            "Слишком много одновременных запросов в этом процессе ({reason}). Дождитесь окончания прежних.",
            "Too many requests at once in this process ({reason}). Wait for earlier ones to end."
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc::channel;

    #[test]
    fn a_panicking_job_does_not_harm_the_next() {
        run(|| std::panic::resume_unwind(Box::new("boom"))).unwrap();
        let (sender, receiver) = channel();
        run(move || sender.send(1).unwrap()).unwrap();
        assert_eq!(receiver.recv_timeout(Duration::from_secs(60)), Ok(1));
    }

    #[test]
    fn many_jobs_at_once_all_run() {
        let (sender, receiver) = channel();
        for number in 0..50 {
            let sender = sender.clone();
            run(move || sender.send(number).unwrap()).unwrap();
        }
        drop(sender);
        let mut numbers: Vec<i32> = receiver.iter().collect();
        numbers.sort_unstable();
        assert_eq!(numbers, (0..50).collect::<Vec<_>>());
    }
}
