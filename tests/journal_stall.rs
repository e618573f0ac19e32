//! A disk that does not answer: a process of its own, because the writer is one for the whole process.

#![cfg(unix)]

use obmen::journal::{DEFAULT_PREFIX, Journal, Level, flush};
use std::io::Read;
use std::process::Command;
use std::time::Duration;

#[test]
fn a_stalled_disk_holds_nobody_up_and_every_line_is_written_or_counted() {
    let directory = tempfile::tempdir().unwrap();
    let journal =
        Journal::open("ObmenSite", directory.path().to_str().unwrap(), DEFAULT_PREFIX, Level::Info).unwrap();
    let file = std::fs::read_dir(directory.path()).unwrap().next().unwrap().unwrap().path();
    // Opening a pipe that nobody reads does not return: so does a share whose server is gone.
    std::fs::remove_file(&file).unwrap();
    assert!(Command::new("mkfifo").arg(&file).status().unwrap().success());
    let total = 20_000;
    let text = "x".repeat(1000);
    for _ in 0..total {
        journal.info("Send", &text);
    }
    assert!(!flush(Duration::from_millis(50)));

    let mut pipe = std::fs::File::open(&file).unwrap();
    let reader = std::thread::spawn(move || {
        let mut written = String::new();
        pipe.read_to_string(&mut written).unwrap();
        written
    });
    // The next portion finds an ordinary file again.
    std::fs::remove_file(&file).unwrap();
    assert!(flush(Duration::from_secs(60)));
    journal.info("Send", "after");
    assert!(flush(Duration::from_secs(60)));

    let mut written = reader.join().unwrap();
    written += &std::fs::read_to_string(&file).unwrap();
    let lost = written.lines().filter_map(|line| line.rsplit_once("journal lines lost: "));
    let lost: usize = lost.map(|(_, count)| count.parse::<usize>().unwrap()).sum();
    let kept = written.lines().filter(|line| line.ends_with("xxx")).count();
    assert!(lost > 0);
    assert_eq!(kept + lost, total);
    assert!(written.ends_with("Send: after\n"));
}
