//! Fault points: places where a test stops the process dead, to prove that nothing accepted is lost.
//!
//! In builds without debug assertions, and so in the shipped library, [`point`] is empty. Otherwise the variable
//! `OBMEN_FAULT_POINT` names a point (`name`, or `name#3` for its third passage) and `OBMEN_FAULT_FILE` a file: when
//! the point is reached the file is created and the thread stops for good, so that whoever watches the file can
//! kill the process at exactly that instant. Without the variables nothing happens.

/// Every point, in the order in which an exchange passes them; tests go through all of them.
pub const POINTS: &[&str] = &[
    "prepare:before-commit",
    "prepare:after-commit",
    "send:before-claim",
    "send:after-claim",
    "send:after-post",
    "send:after-commit",
    "receive:before-store",
    "receive:after-store",
    "receive:after-delete",
    "receive:after-commit",
];

/// Marks a place where a test may stop the process. `name` is one of [`POINTS`].
#[cfg(not(debug_assertions))]
#[inline(always)]
pub fn point(_name: &str) {}

/// Marks a place where a test may stop the process. `name` is one of [`POINTS`].
#[cfg(debug_assertions)]
pub fn point(name: &str) {
    use std::sync::atomic::{AtomicU64, Ordering};
    static PASSAGES: AtomicU64 = AtomicU64::new(0);

    debug_assert!(POINTS.contains(&name), "{name} is not in the list of fault points");
    let Ok(wanted) = std::env::var("OBMEN_FAULT_POINT") else { return };
    let (wanted, passage) = match wanted.rsplit_once('#') {
        Some((wanted, passage)) => (wanted, passage.parse().unwrap_or(1)),
        None => (wanted.as_str(), 1),
    };
    if wanted != name || PASSAGES.fetch_add(1, Ordering::SeqCst) + 1 != passage {
        return;
    }
    if let Ok(file) = std::env::var("OBMEN_FAULT_FILE") {
        // A file that cannot be created leaves the watcher waiting: its own limit reports it.
        let _ = std::fs::write(file, name);
    }
    loop {
        std::thread::park();
    }
}
