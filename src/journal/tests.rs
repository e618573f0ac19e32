use super::*;
use std::fs;

const LIMIT: Duration = Duration::from_secs(60);

fn only_file(directory: &Path) -> (String, String) {
    let mut files = fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path());
    let path = files.next().unwrap();
    assert!(files.next().is_none());
    (path.file_name().unwrap().to_string_lossy().into_owned(), fs::read_to_string(&path).unwrap())
}

#[test]
fn a_line_tells_time_level_class_operation_and_text() {
    let directory = tempfile::tempdir().unwrap();
    let journal =
        Journal::open("ObmenSite", directory.path().to_str().unwrap(), "1C_Sync_", Level::Info).unwrap();
    journal.info("SyncProducts", "код 200\nтело {}");
    journal.debug("SyncProducts", || "hidden".to_owned());
    assert!(flush(LIMIT));
    let (name, text) = only_file(directory.path());
    assert!(
        name.starts_with("1C_Sync_") && name.ends_with(".log") && name.len() == "1C_Sync_20260731.log".len()
    );
    let (time, rest) = text.trim_end().split_at("2026-07-31 12:34:56.789".len());
    assert!(jiff::civil::DateTime::strptime("%Y-%m-%d %H:%M:%S%.f", time).is_ok(), "{time}");
    assert_eq!(rest, " INFO ObmenSite SyncProducts: код 200\\nтело {}");
}

#[test]
fn secrets_do_not_reach_the_file() {
    let directory = tempfile::tempdir().unwrap();
    let redactor = Arc::new(Redactor::new(&[Secret::from("s3cr3t-token")]));
    let journal =
        Journal::open("ObmenSite", directory.path().to_str().unwrap(), DEFAULT_PREFIX, Level::Debug)
            .unwrap()
            .with_redactor(redactor);
    journal.info("SendProducts", r#"{"token":"s3cr3t-token"}"#);
    assert!(flush(LIMIT));
    assert!(only_file(directory.path()).1.ends_with("SendProducts: {\"token\":\"***\"}\n"));
}

#[test]
fn lines_of_many_threads_and_objects_all_arrive() {
    let directory = tempfile::tempdir().unwrap();
    let other = tempfile::tempdir().unwrap();
    std::thread::scope(|scope| {
        for directory in [&directory, &directory, &other, &other] {
            scope.spawn(|| {
                let path = directory.path().to_str().unwrap();
                let journal = Journal::open("ObmenHttp", path, DEFAULT_PREFIX, Level::Info).unwrap();
                for number in 0..2000 {
                    journal.info("Get", &format!("line {number}"));
                }
            });
        }
    });
    assert!(flush(LIMIT));
    for directory in [directory, other] {
        let (_, text) = only_file(directory.path());
        assert_eq!(text.lines().count(), 4000);
        assert!(text.lines().all(|line| line.contains(" INFO ObmenHttp Get: line ")));
    }
}

#[test]
fn an_unwritable_directory_is_a_clear_error() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("file");
    fs::write(&file, "x").unwrap();
    let error = Journal::open("ObmenSite", file.join("logs").to_str().unwrap(), DEFAULT_PREFIX, Level::Info)
        .err()
        .unwrap();
    assert_eq!(error.code(), Code::File);
    assert!(error.detail("path").is_some());
}

#[test]
fn a_later_failure_is_told_once_and_lost_lines_are_counted() {
    let parent = tempfile::tempdir().unwrap();
    let directory = parent.path().join("logs");
    let journal =
        Journal::open("ObmenSite", directory.to_str().unwrap(), DEFAULT_PREFIX, Level::Info).unwrap();
    fs::remove_dir_all(&directory).unwrap();
    fs::write(&directory, "in the way").unwrap();
    journal.info("Send", "one");
    assert!(flush(LIMIT));
    journal.info("Send", "two");
    assert!(flush(LIMIT));
    assert_eq!(journal.take_failure().map(|error| error.code()), Some(Code::File));
    assert_eq!(journal.take_failure(), None);
    fs::remove_file(&directory).unwrap();
    journal.info("Send", "three");
    assert!(flush(LIMIT));
    let (_, text) = only_file(&directory);
    assert!(text.contains("journal lines lost: 2"), "{text}");
    assert!(text.ends_with("Send: three\n"), "{text}");
}

#[test]
fn an_empty_directory_switches_the_journal_off() {
    let journal = Journal::open("ObmenSite", " ", DEFAULT_PREFIX, Level::Debug).unwrap();
    assert!(!journal.enabled(Level::Error));
    journal.error("Send", "nowhere");
}

#[test]
fn a_prefix_cannot_lead_out_of_the_directory() {
    let directory = tempfile::tempdir().unwrap();
    for prefix in ["../", "a/b", "c:\\", "a\nb"] {
        let opened = Journal::open("ObmenSite", directory.path().to_str().unwrap(), prefix, Level::Info);
        assert_eq!(opened.err().map(|error| error.code()), Some(Code::Argument), "{prefix:?}");
    }
}
