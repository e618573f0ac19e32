//! Files both ways against nginx: streamed, resumed, refused early, put in place only when whole.

mod common;
mod http_support;

use http_support::servers::{Nginx, nginx};
use http_support::*;
use obmen::error::{Bilingual, Code};
use obmen::http::{Body, Call, Method, RetryPolicy, Session, Settings, Timeout};
use obmen::journal::Journal;
use obmen::operation::{CancelToken, Operation, Progress, Silent};
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

fn patient(attempts: u32) -> Settings {
    let retry = RetryPolicy { attempts, pause: Duration::from_millis(1), ..RetryPolicy::default() };
    Settings { timeout: Timeout::Inactivity(LONG), retry, ..settings() }
}

fn content(length: usize) -> Vec<u8> {
    (0..length).map(|number| (number * 31 % 251) as u8).collect()
}

fn download(url: &str, path: &Path, resume: bool, settings: &Settings) -> obmen::http::Downloaded {
    let mut silent = Silent;
    let mut operation = Operation::new(CancelToken::new(), &mut silent);
    let call = Call::new(Method::GET, url);
    Session::default().download(&call, settings, path, resume, &Journal::off(), &mut operation)
}

/// A relay to nginx that breaks each of the first `cuts` connections after `bytes` of the answer.
fn relay(nginx: &Nginx, cuts: usize, bytes: u64) -> String {
    let upstream = nginx.plain.replace("http://", "");
    let count = AtomicUsize::new(0);
    server(move |mut client| {
        let mut site = TcpStream::connect(&upstream).unwrap();
        let limit = if count.fetch_add(1, Ordering::SeqCst) < cuts { bytes } else { u64::MAX };
        let (mut from_client, mut to_site) = (client.try_clone().unwrap(), site.try_clone().unwrap());
        std::thread::spawn(move || std::io::copy(&mut from_client, &mut to_site));
        let _ = std::io::copy(&mut (&mut site).take(limit), &mut client);
        let _ = client.flush();
        let _ = client.shutdown(std::net::Shutdown::Both);
        let _ = site.shutdown(std::net::Shutdown::Both);
    })
}

/// Names in a folder, sorted.
fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

#[test]
fn a_file_arrives_whole_and_leaves_nothing_else() {
    let Some(nginx) = nginx() else { return };
    let content = content(5_000_000);
    std::fs::write(nginx.files.join("прайс.zip"), &content).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("прайс.zip");
    std::fs::write(&path, "old").unwrap();
    let done = download(&format!("{}/прайс.zip", nginx.plain), &path, true, &patient(1));
    assert_eq!(done.outcome.result.unwrap().status(), 200);
    assert_eq!(done.saved, Some(5_000_000));
    assert!(std::fs::read(&path).unwrap() == content);
    assert_eq!(names(folder.path()), ["прайс.zip"]);
}

#[test]
fn a_broken_download_goes_on_within_one_call() {
    let Some(nginx) = nginx() else { return };
    let content = content(3_000_000);
    std::fs::write(nginx.files.join("a.bin"), &content).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.bin");
    let relay = relay(&nginx, 3, 800_000);
    let done = download(&format!("{relay}/a.bin"), &path, true, &patient(5));
    let statuses: Vec<_> = done.outcome.attempts.iter().map(|attempt| attempt.status).collect();
    assert_eq!(statuses, [Some(200), Some(206), Some(206), Some(206)]);
    assert_eq!(done.saved, Some(3_000_000));
    assert!(std::fs::read(&path).unwrap() == content);
}

#[test]
fn a_broken_download_goes_on_in_a_later_call_if_the_file_is_the_same() {
    let Some(nginx) = nginx() else { return };
    let folder = tempfile::tempdir().unwrap();
    for changes in [false, true] {
        let name = if changes { "changed.bin" } else { "same.bin" };
        let old = content(2_000_000);
        std::fs::write(nginx.files.join(name), &old).unwrap();
        let relay = relay(&nginx, 1, 700_000);
        let path = folder.path().join(name);
        let url = format!("{relay}/{name}");
        let broken = download(&url, &path, true, &patient(1));
        assert_eq!(broken.outcome.result.unwrap_err().error.code(), Code::HttpConnect);
        assert_eq!(broken.saved, None);
        assert!(!path.exists());
        let new = if changes { content(2_100_000).into_iter().rev().collect() } else { old };
        if changes {
            std::fs::write(nginx.files.join(name), &new).unwrap();
        }
        let done = download(&url, &path, true, &patient(1));
        let expected = if changes { 200 } else { 206 };
        assert_eq!(done.outcome.result.unwrap().status(), expected);
        assert!(std::fs::read(&path).unwrap() == new);
    }
    assert_eq!(names(folder.path()), ["changed.bin", "same.bin"]);
}

#[test]
fn a_download_that_was_complete_but_not_put_in_place_is_put_there() {
    let Some(nginx) = nginx() else { return };
    let content = content(1_000_000);
    std::fs::write(nginx.files.join("b.bin"), &content).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("b.bin");
    let relay = relay(&nginx, 1, 500_000);
    let url = format!("{relay}/b.bin");
    assert_eq!(download(&url, &path, true, &patient(1)).saved, None);
    // As if the process had been killed right after the last byte.
    std::fs::write(folder.path().join("b.bin.part"), &content).unwrap();
    assert_eq!(download(&url, &path, true, &patient(1)).saved, Some(1_000_000));
    assert!(std::fs::read(&path).unwrap() == content);
}

#[test]
fn a_refused_download_is_an_answer_and_touches_nothing() {
    let Some(nginx) = nginx() else { return };
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("c.bin");
    std::fs::write(&path, "old").unwrap();
    let done = download(&format!("{}/none", nginx.plain), &path, true, &patient(1));
    let answer = done.outcome.result.unwrap();
    assert_eq!((answer.status(), done.saved), (404, None));
    assert!(String::from_utf8_lossy(answer.body()).contains("404"));
    assert_eq!(std::fs::read(&path).unwrap(), b"old");
    assert_eq!(names(folder.path()), ["c.bin"]);
}

#[test]
fn a_folder_that_is_not_there_is_told_before_anything_is_asked() {
    let (address, seen) = answering(answer("200 OK", "", b"x"));
    let done = download(&address, Path::new("/no/such/folder/file"), true, &patient(1));
    assert_eq!(done.outcome.result.unwrap_err().error.code(), Code::File);
    assert!(seen.try_recv().is_err());
}

#[test]
fn a_packed_file_lands_as_it_is() {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(b"content").unwrap();
    let packed = encoder.finish().unwrap();
    let (address, _seen) = answering(answer("200 OK", "Content-Encoding: gzip\r\n", &packed));
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.gz");
    assert!(download(&address, &path, false, &patient(1)).saved.is_some());
    assert_eq!(std::fs::read(&path).unwrap(), packed);
}

#[test]
fn one_file_is_not_downloaded_twice_at_once() {
    let (release, released) = std::sync::mpsc::channel::<()>();
    let released = std::sync::Mutex::new(released);
    let (started, starting) = std::sync::mpsc::channel();
    let started = std::sync::Mutex::new(started);
    let address = server(move |mut stream| {
        let mut reader = std::io::BufReader::new(stream.try_clone().unwrap());
        read_request(&mut reader);
        started.lock().unwrap().send(()).unwrap();
        let _ = released.lock().unwrap().recv_timeout(LONG);
        stream.write_all(&answer("200 OK", "", b"done")).unwrap();
    });
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a");
    std::thread::scope(|scope| {
        let first = scope.spawn(|| download(&address, &path, true, &patient(1)));
        starting.recv_timeout(LONG).unwrap();
        let second = download(&address, &path, true, &patient(1));
        assert_eq!(second.outcome.result.unwrap_err().error.code(), Code::Busy);
        release.send(()).unwrap();
        assert_eq!(first.join().unwrap().saved, Some(4));
    });
}

/// Keeps what it was told.
#[derive(Default)]
struct Told(Vec<(u64, u64)>);

impl Progress for Told {
    fn report(&mut self, done: u64, total: u64, _text: &Bilingual) {
        self.0.push((done, total));
    }
}

#[test]
fn a_file_is_uploaded_whole_and_progress_is_told() {
    let Some(nginx) = nginx() else { return };
    let file = tempfile::NamedTempFile::new().unwrap();
    let content = content(40_000_000);
    std::fs::write(file.path(), &content).unwrap();
    let call = Call::new(Method::PUT, format!("{}/put/выгрузка.bin", nginx.plain))
        .with_stream(Body::File(file.path().to_owned()));
    let mut told = Told::default();
    let mut operation = Operation::new(CancelToken::new(), &mut told);
    let outcome = Session::default().execute(&call, &patient(1), &Journal::off(), &mut operation);
    assert_eq!(outcome.result.unwrap().status(), 201);
    assert!(std::fs::read(nginx.files.join("put/выгрузка.bin")).unwrap() == content);
    assert!(told.0.iter().all(|(done, total)| *total == 40_000_000 && done <= total));
}

#[test]
fn a_server_that_refuses_a_large_file_early_is_heard() {
    let Some(nginx) = nginx() else { return };
    let file = tempfile::NamedTempFile::new().unwrap();
    file.as_file().set_len(300_000_000).unwrap();
    for server in [&nginx.plain, &nginx.trusted] {
        let mut settings = patient(1);
        settings.connection.ca_file = Some(nginx.ca_file.clone());
        let call = Call::new(Method::POST, format!("{server}/small/x"))
            .with_stream(Body::File(file.path().to_owned()));
        assert_eq!(answer_of(&call, &settings).status(), 413);
    }
}

#[test]
fn a_stalled_upload_is_a_timeout_of_inactivity() {
    let address = server(|mut stream| {
        let _ = stream.read(&mut [0; 1000]);
        std::thread::sleep(LONG);
    });
    let file = tempfile::NamedTempFile::new().unwrap();
    file.as_file().set_len(100_000_000).unwrap();
    let call = Call::new(Method::POST, &address).with_stream(Body::File(file.path().to_owned()));
    let settings = Settings { timeout: Timeout::Inactivity(Duration::from_millis(500)), ..settings() };
    let failure = execute(&Session::default(), &call, &settings).result.unwrap_err();
    assert_eq!(failure.error.code(), Code::HttpTimeout);
}

#[test]
fn a_file_that_shrinks_while_it_is_sent_is_told() {
    let file = tempfile::NamedTempFile::new().unwrap();
    file.as_file().set_len(50_000_000).unwrap();
    let path = file.path().to_owned();
    let address = server(move |mut stream| {
        let _ = stream.read(&mut [0; 1000]);
        std::fs::OpenOptions::new().write(true).open(&path).unwrap().set_len(10_000_000).unwrap();
        let _ = std::io::copy(&mut stream, &mut std::io::sink());
    });
    let call = Call::new(Method::POST, &address).with_stream(Body::File(file.path().to_owned()));
    let failure = execute(&Session::default(), &call, &patient(1)).result.unwrap_err();
    assert_eq!(failure.error.code(), Code::File, "{:?}", failure.error);
}
