//! What the tests of HTTP share: clients, operations, a server that misbehaves as told, and servers that are not
//! ours. A test that includes this includes `common` too.

#![allow(dead_code, reason = "each test program uses a part")]

pub mod certificates;
pub mod servers;

use obmen::http::{
    Call, ConnectionOptions, Failure, HttpClient, InFlight, Outcome, Proxy, Request, Response, Session,
    Settings,
};
use obmen::journal::Journal;
use obmen::journal::Redactor;
use obmen::operation::{CancelToken, Operation, Silent};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

/// Options that no proxy setting of the machine can disturb.
pub fn direct() -> ConnectionOptions {
    ConnectionOptions { proxy: Proxy::Direct, ..ConnectionOptions::default() }
}

pub fn client(options: &ConnectionOptions) -> HttpClient {
    HttpClient::new(options, InFlight::new(), Arc::default()).unwrap()
}

pub fn client_with(redactor: Redactor) -> HttpClient {
    HttpClient::new(&direct(), InFlight::new(), Arc::new(redactor)).unwrap()
}

/// Sends without a budget.
pub fn send(client: &HttpClient, request: &Request) -> Result<Response, Failure> {
    let mut silent = Silent;
    client.send(request, &mut Operation::new(CancelToken::new(), &mut silent))
}

/// Settings that no proxy setting of the machine can disturb.
pub fn settings() -> Settings {
    Settings { connection: direct(), ..Settings::default() }
}

/// Executes a call in a session without a journal and a budget.
pub fn execute(session: &Session, call: &Call, settings: &Settings) -> Outcome {
    let mut silent = Silent;
    session.execute(call, settings, &Journal::off(), &mut Operation::new(CancelToken::new(), &mut silent))
}

/// The answer of a call in a session of its own.
pub fn answer_of(call: &Call, settings: &Settings) -> Response {
    execute(&Session::default(), call, settings).result.unwrap()
}

/// The body of an answer as JSON.
pub fn json_of(response: &Response) -> serde_json::Value {
    serde_json::from_slice(response.body())
        .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(response.body())))
}

/// What a server saw: the head and the body of one request.
pub struct Seen {
    pub head: String,
    pub body: Vec<u8>,
}

impl Seen {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| {
            let (key, value) = line.split_once(':')?;
            key.eq_ignore_ascii_case(name).then(|| value.trim())
        })
    }
}

/// A server on a free port that hands each connection to `serve` on a thread of its own and ends with the
/// test's process.
pub fn server(serve: impl Fn(TcpStream) + Send + Sync + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let serve = Arc::new(serve);
    std::thread::spawn(move || {
        for stream in listener.incoming().take(10_000).flatten() {
            let serve = Arc::clone(&serve);
            std::thread::spawn(move || serve(stream));
        }
    });
    address
}

/// A server that answers every request of a connection with `answer` and tells what it saw.
pub fn answering(answer: impl Into<Vec<u8>>) -> (String, Receiver<Seen>) {
    let answer = answer.into();
    let (sender, receiver) = channel();
    let sender = std::sync::Mutex::new(sender);
    let address = server(move |stream| {
        let sender: Sender<Seen> = sender.lock().unwrap().clone();
        let mut reader = BufReader::new(stream.try_clone().unwrap());
        let mut stream = stream;
        while let Some(seen) = read_request(&mut reader) {
            let _ = sender.send(seen);
            if stream.write_all(&answer).is_err() {
                break;
            }
        }
    });
    (address, receiver)
}

/// Reads one request with a Content-Length, or none when the client closed.
pub fn read_request(reader: &mut impl BufRead) -> Option<Seen> {
    let mut head = String::new();
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).ok()? == 0 {
            return None;
        }
        if line == "\r\n" {
            break;
        }
        head.push_str(&line);
    }
    let mut seen = Seen { head, body: Vec::new() };
    let length = seen.header("content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
    reader.take(length).read_to_end(&mut seen.body).ok()?;
    Some(seen)
}

/// An answer with the given status line, headers and body, Content-Length added.
pub fn answer(status: &str, headers: &str, body: &[u8]) -> Vec<u8> {
    let mut answer =
        format!("HTTP/1.1 {status}\r\n{headers}Content-Length: {}\r\n\r\n", body.len()).into_bytes();
    answer.extend_from_slice(body);
    answer
}

pub const LONG: Duration = Duration::from_secs(60);
