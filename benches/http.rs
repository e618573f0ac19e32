//! Speed and memory of `src/http`, each figure beside its peer in the same run.
//!
//! The server is nginx; the peers are curl and a client of ours that does nothing but what the wire demands.

#[path = "../tests/common/mod.rs"]
mod common;
#[path = "../tests/http_support/mod.rs"]
mod http_support;

use http_support::servers::{Nginx, nginx, program};
use http_support::{direct, settings};
use obmen::http::{
    Body, Call, ConnectionOptions, HttpClient, InFlight, Method, Outcome, Request, Session, Settings, Timeout,
};
use obmen::journal::Journal;
use obmen::operation::{CancelToken, Operation, Silent};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};

const REQUESTS: usize = 1000;
const AT_ONCE: usize = 16;
const LARGE: u64 = 2 * 1024 * 1024 * 1024;
/// A batch of a hundred products.
const BATCH: usize = 20_000;

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    match arguments.iter().position(|argument| argument == "transfer") {
        Some(place) => transfer(&arguments[place + 1..]),
        None => compare(),
    }
}

/// Times of our client and of its peer, taken in turns; the best of each.
fn in_turns(mut ours: impl FnMut(), mut peer: impl FnMut()) -> (f64, f64) {
    let time = |work: &mut dyn FnMut()| {
        let started = Instant::now();
        work();
        started.elapsed().as_secs_f64()
    };
    ours();
    peer();
    (0..7).fold((f64::MAX, f64::MAX), |(mine, its), _| (mine.min(time(&mut ours)), its.min(time(&mut peer))))
}

fn compare() {
    batches_to_a_sink();
    let Some(nginx) = nginx() else { return };
    std::fs::write(nginx.files.join("small.json"), r#"{"status":"ok"}"#).unwrap();
    one_after_another(&nginx);
    many_at_once(&nginx);
    large_files(&nginx);
}

/// Reads a message with a Content-Length; none at the end of the stream.
fn read_message(reader: &mut impl BufRead, line: &mut String) -> Option<()> {
    let mut length = 0;
    loop {
        line.clear();
        if reader.read_line(line).ok()? == 0 {
            return None;
        }
        if line == "\r\n" {
            break;
        }
        if let Some((name, value)) = line.split_once(':')
            && name.eq_ignore_ascii_case("content-length")
        {
            length = value.trim().parse().ok()?;
        }
    }
    std::io::copy(&mut reader.take(length), &mut std::io::sink()).ok().map(|_| ())
}

/// A server that answers every request with the same few bytes.
fn sink() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            std::thread::spawn(move || {
                stream.set_nodelay(true).unwrap();
                let mut reader = BufReader::new(stream.try_clone().unwrap());
                let mut line = String::new();
                while read_message(&mut reader, &mut line).is_some() {
                    stream
                        .write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 15\r\n\r\n{\"status\":\"ok\"}")
                        .unwrap();
                }
            });
        }
    });
    address
}

fn batches_to_a_sink() {
    let address = sink();
    let body = bytes::Bytes::from(vec![b'x'; BATCH]);
    let client = HttpClient::new(&direct(), InFlight::new(), Arc::default()).unwrap();
    let request = Request::new(Method::POST, &format!("http://{address}/")).unwrap();
    let request = request.body("application/json", body.clone()).unwrap();
    let mut silent = Silent;
    let mut operation = Operation::new(CancelToken::new(), &mut silent);
    let mut bare = TcpStream::connect(&address).unwrap();
    bare.set_nodelay(true).unwrap();
    let mut bare_reader = BufReader::new(bare.try_clone().unwrap());
    let mut line = String::new();
    let (mine, its) = in_turns(
        || {
            for _ in 0..REQUESTS {
                client.send(&request, &mut operation).unwrap();
            }
        },
        || {
            for _ in 0..REQUESTS {
                let mut message =
                    format!("POST / HTTP/1.1\r\nHost: sink\r\nContent-Length: {BATCH}\r\n\r\n").into_bytes();
                message.extend_from_slice(&body);
                bare.write_all(&message).unwrap();
                read_message(&mut bare_reader, &mut line).unwrap();
            }
        },
    );
    let rate = REQUESTS as f64 / mine;
    println!("http_post_20k_to_sink {rate:.0} requests/s [{:.2} of a bare socket, limit 0.60]", its / mine);
}

fn trusting(nginx: &Nginx) -> Settings {
    let connection = ConnectionOptions { ca_file: Some(nginx.ca_file.clone()), ..direct() };
    Settings { connection, ..settings() }
}

fn one_after_another(nginx: &Nginx) {
    let Some(curl) = program("curl") else { return };
    let url = format!("{}/small.json", nginx.trusted);
    let (session, settings) = (Session::default(), trusting(nginx));
    let call = Call::new(Method::GET, &url);
    let (mine, its) = in_turns(
        || {
            for _ in 0..REQUESTS {
                assert!(execute(&session, &call, &settings).result.is_ok());
            }
        },
        || {
            let mut command = Command::new(&curl);
            command
                .args(["-s", "--noproxy", "*", "--http1.1", "-o", "/dev/null", "--cacert"])
                .arg(&nginx.ca_file);
            assert!(command.arg(format!("{url}?[1-{REQUESTS}]")).status().unwrap().success());
        },
    );
    println!("http_1000_tls_requests {:.3} s [{:.2} of curl's time, limit 1.50]", mine, mine / its);
}

fn many_at_once(nginx: &Nginx) {
    let url = format!("{}/small.json", nginx.trusted);
    let (session, settings) = (Session::default(), trusting(nginx));
    let calls: Vec<_> = (0..REQUESTS).map(|_| (Call::new(Method::GET, &url), settings.clone())).collect();
    let address = nginx.trusted.replace("https://localhost", "127.0.0.1");
    let tls = Arc::new(minimal_tls(nginx));
    let mut silent = Silent;
    let mut operation = Operation::new(CancelToken::new(), &mut silent);
    let (mine, its) = in_turns(
        || {
            let outcomes = session.execute_all(&calls, AT_ONCE, &Journal::off(), &mut operation);
            assert!(outcomes.iter().all(|outcome| outcome.result.is_ok()));
        },
        || {
            std::thread::scope(|scope| {
                for lane in 0..AT_ONCE {
                    let share = (lane..REQUESTS).step_by(AT_ONCE).count();
                    let (tls, address) = (Arc::clone(&tls), &address);
                    scope.spawn(move || minimal_lane(address, tls, share));
                }
            });
        },
    );
    println!(
        "http_1000_tls_requests_16_at_once {:.3} s [{:.2} of a minimal client's time]",
        mine,
        mine / its
    );
}

fn minimal_tls(nginx: &Nginx) -> rustls::ClientConfig {
    use rustls::pki_types::CertificateDer;
    use rustls::pki_types::pem::PemObject;
    let mut roots = rustls::RootCertStore::empty();
    roots.add(CertificateDer::from_pem_file(&nginx.ca_file).unwrap()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth()
}

fn minimal_lane(address: &str, tls: Arc<rustls::ClientConfig>, requests: usize) {
    let connection = rustls::ClientConnection::new(tls, "localhost".try_into().unwrap()).unwrap();
    let stream = TcpStream::connect(address).unwrap();
    stream.set_nodelay(true).unwrap();
    let mut reader = BufReader::new(rustls::StreamOwned::new(connection, stream));
    let mut line = String::new();
    for _ in 0..requests {
        reader.get_mut().write_all(b"GET /small.json HTTP/1.1\r\nHost: localhost\r\n\r\n").unwrap();
        read_message(&mut reader, &mut line).unwrap();
    }
}

/// Transfers in a process of its own each, whose memory is then told.
fn large_files(nginx: &Nginx) {
    let source = nginx.files.join("large.bin");
    std::fs::File::create(&source).unwrap().set_len(LARGE).unwrap();
    let target = nginx.files.join("copy.bin");
    for (name, url) in [
        ("download", format!("{}/large.bin", nginx.plain)),
        // Nobody keeps the bytes: the figure is ours alone.
        ("upload", format!("http://{}/", sink())),
    ] {
        let started = Instant::now();
        let output = Command::new(std::env::current_exe().unwrap())
            .args(["transfer", name, &url])
            .args([if name == "upload" { &source } else { &target }])
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let extra: f64 = String::from_utf8_lossy(&output.stdout).trim().parse().unwrap();
        let speed = LARGE as f64 / 1e6 / started.elapsed().as_secs_f64();
        println!("http_2gb_{name}_extra_memory {extra:.1} MB [limit 40 MB; {speed:.0} MB/s]");
    }
}

/// One transfer; prints by how many megabytes the peak of memory exceeds what a small request had needed.
fn transfer(arguments: &[String]) {
    let [kind, url, path] = arguments else { panic!("transfer KIND URL FILE") };
    let settings = Settings { timeout: Timeout::Inactivity(Duration::from_secs(60)), ..settings() };
    let session = Session::default();
    let small = Call::new(Method::GET, format!("{url}?small")).with_body("text/plain", "x");
    let small = if kind == "download" { Call::new(Method::HEAD, url.clone()) } else { small };
    execute(&session, &small, &settings).result.unwrap();
    let before = memory("VmHWM:");
    if kind == "download" {
        let mut silent = Silent;
        let mut operation = Operation::new(CancelToken::new(), &mut silent);
        let call = Call::new(Method::GET, url.clone());
        let done = session.download(&call, &settings, path.as_ref(), false, &Journal::off(), &mut operation);
        assert_eq!(done.saved, Some(LARGE));
    } else {
        let call = Call::new(Method::POST, url.clone()).with_stream(Body::File(path.into()));
        assert!(execute(&session, &call, &settings).result.unwrap().is_success());
    }
    println!("{}", (memory("VmHWM:") - before) / 1024.0);
}

/// Kilobytes that the system tells of this process.
fn memory(key: &str) -> f64 {
    let text = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix(key)).unwrap_or_default();
    line.split_whitespace().next().and_then(|number| number.parse().ok()).unwrap_or(f64::NAN)
}

fn execute(session: &Session, call: &Call, settings: &Settings) -> Outcome {
    http_support::execute(session, call, settings)
}
