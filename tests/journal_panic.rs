//! The panic hook: a process of its own, because a hook is one for the whole process.

use obmen::journal::{DEFAULT_PREFIX, Journal, Level, Redactor, Secret, flush, install_quiet_panic_hook};
use std::sync::Arc;
use std::time::Duration;

#[test]
fn a_panic_goes_to_the_journal_without_secrets() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().to_str().unwrap();
    let redactor = Arc::new(Redactor::new(&[Secret::from("panic-secret")]));
    let journal = Journal::open("ObmenSite", path, DEFAULT_PREFIX, Level::Error).unwrap();
    let _journal = journal.with_redactor(Arc::clone(&redactor));
    install_quiet_panic_hook();

    let outcome = std::thread::spawn(|| panic!("bad panic-secret")).join();

    assert!(outcome.is_err());
    assert!(flush(Duration::from_secs(60)));
    let file = std::fs::read_dir(directory.path()).unwrap().next().unwrap().unwrap();
    let text = std::fs::read_to_string(file.path()).unwrap();
    assert!(text.contains(" ERROR Obmen panic: panic at tests/journal_panic.rs:"), "{text}");
    assert!(text.ends_with(": bad ***\n"), "{text}");
}
