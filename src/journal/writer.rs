//! The background writer: one bounded queue and one thread for all journals of the process.
//!
//! The thread starts with the first line and ends after [`IDLE`] without work. Files are opened for each
//! portion: they may be moved away or deleted at any time, and several processes may append to one.

use super::{Level, Line};
use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};
use std::collections::VecDeque;
use std::fmt::Write as _;
use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{SyncSender, sync_channel};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Bytes that may wait; the queue never holds more than this and one line.
const QUEUE_BYTES: usize = 4 * 1024 * 1024;
/// How long a caller waits for room in a full queue before its line is counted as lost.
const FULL_WAIT: Duration = Duration::from_millis(100);
/// After this long without work the thread ends.
const IDLE: Duration = Duration::from_secs(10);
/// The longest text of one line, in bytes.
const LINE_BYTES: usize = 256 * 1024;
/// Reading the system's time zone needs some hundreds of kilobytes, which a thread of the host may not have.
const STACK_BYTES: usize = 1024 * 1024;
const LINE_END: &str = if cfg!(windows) { "\r\n" } else { "\n" };

/// The files of one journal and what went wrong with them.
pub(super) struct Target {
    directory: PathBuf,
    prefix: String,
    lost: AtomicU64,
    failure: Mutex<Failure>,
}

/// Whether writing fails now, and the reason until somebody asked for it.
#[derive(Default)]
struct Failure {
    failing: bool,
    untold: Option<String>,
}

impl Target {
    pub(super) fn new(directory: PathBuf, prefix: String) -> Self {
        Self { directory, prefix, lost: AtomicU64::new(0), failure: Mutex::default() }
    }

    pub(super) fn directory(&self) -> &Path {
        &self.directory
    }

    pub(super) fn same_files(&self, other: &Self) -> bool {
        self.directory == other.directory && self.prefix == other.prefix
    }

    pub(super) fn take_failure(&self) -> Option<String> {
        lock(&self.failure).untold.take()
    }

    fn path(&self, day: &str) -> PathBuf {
        self.directory.join(format!("{}{day}.log", self.prefix))
    }

    fn append(&self, day: &str, text: &str) -> std::io::Result<()> {
        let path = self.path(day);
        let mut options = OpenOptions::new();
        options.append(true).create(true);
        let mut file = options.open(&path).or_else(|error| {
            if error.kind() != std::io::ErrorKind::NotFound {
                return Err(error);
            }
            std::fs::create_dir_all(&self.directory)?;
            options.open(&path)
        })?;
        // One write: lines of several processes do not mix.
        file.write_all(text.as_bytes())
    }

    fn note(&self, outcome: &std::io::Result<()>) {
        let mut failure = lock(&self.failure);
        match outcome {
            Ok(()) => failure.failing = false,
            Err(error) if !failure.failing => {
                *failure = Failure { failing: true, untold: Some(error.to_string()) };
            }
            Err(_) => {}
        }
    }
}

enum Job {
    Line { target: Arc<Target>, time: Timestamp, line: String },
    Probe { target: Arc<Target>, answer: SyncSender<std::result::Result<(), String>> },
}

impl Job {
    fn bytes(&self) -> usize {
        match self {
            Self::Line { line, .. } => line.len() + 128,
            Self::Probe { .. } => 128,
        }
    }
}

#[derive(Default)]
struct Queue {
    jobs: VecDeque<Job>,
    bytes: usize,
    /// A thread runs.
    running: bool,
    /// A caller waited in vain; others lose their lines at once until there is room again.
    stalled: bool,
    pushed: u64,
    done: u64,
}

static QUEUE: Mutex<Queue> =
    Mutex::new(Queue { jobs: VecDeque::new(), bytes: 0, running: false, stalled: false, pushed: 0, done: 0 });
/// Told when a job arrives.
static WORK: Condvar = Condvar::new();
/// Told when room appears or jobs are done.
static PROGRESS: Condvar = Condvar::new();

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Queues a line; when there is no room even after a short wait, counts it as lost.
pub(super) fn push(target: &Arc<Target>, line: &Line<'_>) {
    let job = Job::Line { target: Arc::clone(target), time: Timestamp::now(), line: format_line(line) };
    if !enqueue(job) {
        target.lost.fetch_add(1, Ordering::Relaxed);
    }
}

/// Lets the writer try to write to the files of `target`; `None` if it does not answer within `limit`.
pub(super) fn probe(target: &Arc<Target>, limit: Duration) -> Option<std::result::Result<(), String>> {
    let (answer, answered) = sync_channel(1);
    if !enqueue(Job::Probe { target: Arc::clone(target), answer }) {
        return None;
    }
    answered.recv_timeout(limit).ok()
}

/// Waits until everything queued so far is written, at most `limit`; true if it is.
pub fn flush(limit: Duration) -> bool {
    let queue = lock(&QUEUE);
    let goal = queue.pushed;
    let (queue, _) = PROGRESS
        .wait_timeout_while(queue, limit, |queue| queue.done < goal)
        .unwrap_or_else(PoisonError::into_inner);
    queue.done >= goal
}

fn enqueue(job: Job) -> bool {
    let mut queue = lock(&QUEUE);
    if queue.bytes >= QUEUE_BYTES && !queue.stalled {
        let (waited, _) = PROGRESS
            .wait_timeout_while(queue, FULL_WAIT, |queue| queue.bytes >= QUEUE_BYTES)
            .unwrap_or_else(PoisonError::into_inner);
        queue = waited;
    }
    if queue.bytes >= QUEUE_BYTES {
        queue.stalled = true;
        return false;
    }
    queue.bytes += job.bytes();
    queue.pushed += 1;
    queue.jobs.push_back(job);
    if !queue.running {
        queue.running = true;
        let thread = std::thread::Builder::new().name("obmen-journal".into()).stack_size(STACK_BYTES);
        if thread.spawn(run).is_err() {
            // No thread, no journal: the next line tries again.
            queue.running = false;
        }
    }
    drop(queue);
    WORK.notify_one();
    true
}

fn run() {
    loop {
        let queue = lock(&QUEUE);
        let (mut queue, _) = WORK
            .wait_timeout_while(queue, IDLE, |queue| queue.jobs.is_empty())
            .unwrap_or_else(PoisonError::into_inner);
        if queue.jobs.is_empty() {
            queue.running = false;
            return;
        }
        let jobs = std::mem::take(&mut queue.jobs);
        drop(queue);
        let count = jobs.len() as u64;
        let bytes: usize = jobs.iter().map(Job::bytes).sum();
        write_jobs(jobs);
        let mut queue = lock(&QUEUE);
        // Memory is free again only now: what is being written still counts.
        queue.bytes = queue.bytes.saturating_sub(bytes);
        queue.done += count;
        queue.stalled = false;
        drop(queue);
        PROGRESS.notify_all();
    }
}

/// Lines of one file, written together.
struct Portion {
    target: Arc<Target>,
    day: String,
    text: String,
    lines: u64,
}

fn write_jobs(jobs: VecDeque<Job>) {
    let zone = TimeZone::system();
    let mut portions: Vec<Portion> = Vec::new();
    for job in jobs {
        match job {
            Job::Line { target, time, line } => {
                let time = time.to_zoned(zone.clone());
                let day = day_of(&time);
                let same = |portion: &&mut Portion| portion.day == day && portion.target.same_files(&target);
                let text = stamped(&time, &line);
                match portions.iter_mut().find(same) {
                    Some(portion) => {
                        portion.text.push_str(&text);
                        portion.lines += 1;
                    }
                    None => portions.push(Portion { target, day, text, lines: 1 }),
                }
            }
            Job::Probe { target, answer } => {
                let outcome = target.append(&day_of(&Zoned::now()), "").map_err(|error| error.to_string());
                // Nobody listens any more if the caller ran out of time.
                let _ = answer.try_send(outcome);
            }
        }
    }
    for portion in portions {
        write_portion(portion);
    }
}

fn write_portion(mut portion: Portion) {
    let target = &portion.target;
    let lost = target.lost.swap(0, Ordering::Relaxed);
    if lost > 0 {
        let text = format!("потеряно строк журнала: {lost} / journal lines lost: {lost}");
        let line = Line { level: Level::Warning, class: "Obmen", operation: "journal", text: &text };
        portion.text.insert_str(0, &stamped(&Zoned::now(), &format_line(&line)));
    }
    let outcome = target.append(&portion.day, &portion.text);
    target.note(&outcome);
    if outcome.is_err() {
        target.lost.fetch_add(lost + portion.lines, Ordering::Relaxed);
    }
}

fn day_of(time: &Zoned) -> String {
    time.strftime("%Y%m%d").to_string()
}

fn stamped(time: &Zoned, line: &str) -> String {
    format!("{} {line}", time.strftime("%Y-%m-%d %H:%M:%S%.3f"))
}

/// Everything of a line but its time.
fn format_line(line: &Line<'_>) -> String {
    let mut text = String::with_capacity(line.text.len() + 80);
    let operation = if line.operation.is_empty() { "-" } else { line.operation };
    // Writing to a String cannot fail.
    let _ = write!(text, "{} {} {operation}: ", line.level.label(), line.class);
    let (shown, rest) = split_at_boundary(line.text, LINE_BYTES);
    for character in shown.chars() {
        match character {
            '\n' => text.push_str("\\n"),
            '\r' => text.push_str("\\r"),
            '\t' => text.push('\t'),
            '\u{2028}' | '\u{2029}' => text.push(' '),
            other if other.is_control() => {
                let _ = write!(text, "\\u{:04x}", u32::from(other));
            }
            other => text.push(other),
        }
    }
    if !rest.is_empty() {
        let _ = write!(text, "… (+{})", rest.len());
    }
    text.push_str(LINE_END);
    text
}

/// Splits `text` at the last character boundary that leaves at most `limit` bytes in front.
pub(super) fn split_at_boundary(text: &str, limit: usize) -> (&str, &str) {
    let mut cut = limit.min(text.len());
    while !text.is_char_boundary(cut) {
        cut -= 1;
    }
    text.split_at(cut)
}
