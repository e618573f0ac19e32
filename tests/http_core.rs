//! One request: what goes over the wire, and what happens when the other side misbehaves.

mod common;
mod http_support;

use http_support::*;
use obmen::error::{Code, Language};
use obmen::http::{Body, Content, Delivery, HttpClient, InFlight, Method, Part, Request, Timeout};
use obmen::journal::{Redactor, Secret};
use obmen::operation::{CancelToken, Operation, Silent};
use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::Arc;
use std::time::{Duration, Instant};

fn get(url: &str) -> Request {
    Request::new(Method::GET, url).unwrap()
}

#[test]
fn a_request_arrives_as_it_was_described_and_the_connection_is_kept() {
    let (address, seen) = answering(answer("207 Multi-Status", "X-Note: да\r\n", "тело".as_bytes()));
    let client = client(&direct());
    let url = format!("{address}/путь?q=а б");
    let request = Request::new(Method::POST, &url).unwrap().header("X-API-Key", "к").unwrap();
    let request = request.body("application/json", "{\"а\":1}").unwrap();
    for _ in 0..2 {
        let response = send(&client, &request).unwrap();
        assert_eq!((response.status(), response.body()), (207, "тело".as_bytes()));
        assert_eq!(response.header("x-note").as_deref(), Some("да"));
        let seen = seen.recv_timeout(LONG).unwrap();
        assert!(
            seen.head.starts_with("POST /%D0%BF%D1%83%D1%82%D1%8C?q=%D0%B0%20%D0%B1 HTTP/1.1\r\n"),
            "{}",
            seen.head
        );
        assert_eq!(seen.header("x-api-key"), Some("к"));
        assert_eq!(seen.header("content-type"), Some("application/json"));
        assert_eq!(seen.body, "{\"а\":1}".as_bytes());
    }
}

#[test]
fn one_connection_serves_one_request_after_another() {
    let (counter, connections) = std::sync::mpsc::channel();
    let counter = std::sync::Mutex::new(counter);
    let address = server(move |mut stream| {
        counter.lock().unwrap().send(()).unwrap();
        let mut reader = std::io::BufReader::new(stream.try_clone().unwrap());
        while read_request(&mut reader).is_some() {
            stream.write_all(&answer("200 OK", "", b"ok")).unwrap();
        }
    });
    // Options of its own: tests beside this one use the same process.
    let mut options = direct();
    options.connect_timeout = Duration::from_secs(1234);
    for _ in 0..20 {
        // A client made anew with the same options is the same client.
        send(&client(&options), &get(&address)).unwrap();
    }
    assert_eq!(connections.try_iter().count(), 1);
}

#[test]
fn a_refused_connection_is_told_and_nothing_was_sent() {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let failure = send(&client(&direct()), &get(&format!("http://127.0.0.1:{port}/x"))).unwrap_err();
    assert_eq!((failure.error.code(), failure.delivery), (Code::HttpConnect, Delivery::NotSent));
    assert!(failure.error.text(Language::Russian).contains("отклонено"), "{:?}", failure.error);
}

#[test]
fn an_unknown_server_name_is_told() {
    let failure = send(&client(&direct()), &get("http://no-such-host.invalid/")).unwrap_err();
    assert_eq!((failure.error.code(), failure.delivery), (Code::HttpConnect, Delivery::NotSent));
    assert!(failure.error.text(Language::English).contains("not found"), "{:?}", failure.error);
}

#[test]
fn a_connection_closed_without_an_answer_may_have_delivered_the_request() {
    let address = server(|stream| {
        let mut reader = std::io::BufReader::new(stream);
        read_request(&mut reader);
    });
    let request = Request::new(Method::POST, &address).unwrap().body("text/plain", "x").unwrap();
    let failure = send(&client(&direct()), &request).unwrap_err();
    assert_eq!((failure.error.code(), failure.delivery), (Code::HttpConnect, Delivery::Unknown));
}

#[test]
fn headers_that_break_the_rules_do_not_lose_the_answer() {
    let headers =
        "X-Folded: a\r\n  b\r\nX-Spaced : c\r\nX-\u{418}\u{43c}\u{44f}: d\r\nno colon\r\nX-Last: e\r\n";
    let (address, _seen) = answering(answer("200 OK", headers, b"body"));
    let answer = send(&client(&direct()), &get(&address)).unwrap();
    assert_eq!((answer.status(), answer.body()), (200, b"body".as_slice()));
    assert_eq!(
        (answer.header("x-spaced").as_deref(), answer.header("x-last").as_deref()),
        (Some("c"), Some("e"))
    );
}

#[test]
fn a_cut_answer_keeps_its_status_and_beginning() {
    let (address, _seen) =
        answering(b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 100\r\n\r\nbegin".to_vec());
    let address = address.replace("http://", "");
    let address = server(move |mut stream| {
        // Passes on what the other server says, then closes.
        let mut reader = std::io::BufReader::new(stream.try_clone().unwrap());
        read_request(&mut reader);
        let mut upstream = std::net::TcpStream::connect(&address).unwrap();
        upstream.write_all(b"GET / HTTP/1.1\r\n\r\n").unwrap();
        let mut bytes = vec![0; 1000];
        let count = upstream.read(&mut bytes).unwrap();
        stream.write_all(&bytes[..count]).unwrap();
    });
    let failure = send(&client(&direct()), &get(&address)).unwrap_err();
    assert_eq!((failure.error.code(), failure.delivery), (Code::HttpConnect, Delivery::Unknown));
    assert!(failure.error.text(Language::English).contains("incomplete"), "{:?}", failure.error);
    let answer = failure.answer.unwrap();
    assert_eq!((answer.status(), answer.body()), (200, b"begin".as_slice()));
}

#[test]
fn garbage_instead_of_http_is_told() {
    let (address, _seen) = answering(b"220 smtp ready\r\n\r\n".to_vec());
    let failure = send(&client(&direct()), &get(&address)).unwrap_err();
    assert_eq!(failure.error.code(), Code::HttpConnect);
    assert!(failure.error.text(Language::English).contains("not HTTP"), "{:?}", failure.error);
}

#[test]
fn a_server_that_does_not_speak_tls_is_told() {
    let address = server(|mut stream| {
        stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").unwrap();
        let _ = stream.read(&mut [0; 1000]);
    });
    let failure = send(&client(&direct()), &get(&address.replace("http", "https"))).unwrap_err();
    assert_eq!((failure.error.code(), failure.delivery), (Code::HttpTls, Delivery::NotSent));
    assert!(failure.error.text(Language::English).contains("does not speak TLS"), "{:?}", failure.error);
}

#[test]
fn a_connection_broken_in_the_handshake_delivered_nothing() {
    let address = server(|mut stream| {
        let _ = stream.read(&mut [0; 10]);
    });
    let failure = send(&client(&direct()), &get(&address.replace("http", "https"))).unwrap_err();
    assert_eq!((failure.error.code(), failure.delivery), (Code::HttpConnect, Delivery::NotSent));
}

/// A server that reads a request and never answers.
fn silent_server() -> String {
    server(|stream| {
        let mut reader = std::io::BufReader::new(stream.try_clone().unwrap());
        read_request(&mut reader);
        std::thread::sleep(LONG);
    })
}

#[test]
fn no_answer_in_time_is_a_timeout() {
    let request = get(&silent_server()).timeout(Timeout::Whole(Duration::from_millis(200)));
    let failure = send(&client(&direct()), &request).unwrap_err();
    assert_eq!((failure.error.code(), failure.delivery), (Code::HttpTimeout, Delivery::Unknown));
    assert!(failure.error.text(Language::Russian).contains("не ответил"), "{:?}", failure.error);
}

#[test]
fn silence_is_a_timeout_with_and_without_a_body() {
    let address = silent_server();
    let silence = Timeout::Inactivity(Duration::from_millis(200));
    let upload = Request::new(Method::POST, &address).unwrap().body("text/plain", "x").unwrap();
    for request in [get(&address), upload] {
        let failure = send(&client(&direct()), &request.timeout(silence)).unwrap_err();
        assert_eq!(failure.error.code(), Code::HttpTimeout);
    }
}

#[test]
fn a_slow_but_moving_answer_outlives_the_inactivity_limit() {
    let address = server(|mut stream| {
        let mut reader = std::io::BufReader::new(stream.try_clone().unwrap());
        read_request(&mut reader);
        stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n").unwrap();
        for _ in 0..10 {
            std::thread::sleep(Duration::from_millis(150));
            stream.write_all(b"x").unwrap();
        }
    });
    let request = get(&address).timeout(Timeout::Inactivity(Duration::from_millis(1000)));
    assert_eq!(send(&client(&direct()), &request).unwrap().body().len(), 10);
}

#[test]
fn a_used_up_budget_ends_the_request() {
    let mut silent = Silent;
    let mut operation =
        Operation::new(CancelToken::new(), &mut silent).with_budget(Duration::from_millis(200));
    let failure = client(&direct()).send(&get(&silent_server()), &mut operation).unwrap_err();
    assert_eq!(failure.error.code(), Code::Limit);
}

#[test]
fn a_cancelled_request_ends_and_its_connection_with_it() {
    let in_flight = InFlight::new();
    let client = HttpClient::new(&direct(), in_flight.clone(), Arc::default()).unwrap();
    let (closed, closing) = std::sync::mpsc::channel();
    let closed = std::sync::Mutex::new(closed);
    let address = server(move |mut stream| {
        let mut reader = std::io::BufReader::new(stream.try_clone().unwrap());
        read_request(&mut reader);
        // Ends when the other side closes.
        let _ = stream.read(&mut [0; 10]);
        closed.lock().unwrap().send(()).unwrap();
    });
    let request = get(&address).timeout(Timeout::Whole(LONG));
    let token = CancelToken::new();
    let other = token.clone();
    let canceller = std::thread::spawn(move || {
        std::thread::sleep(Duration::from_millis(100));
        other.cancel();
    });
    let mut silent = Silent;
    let failure = client.send(&request, &mut Operation::new(token, &mut silent)).unwrap_err();
    canceller.join().unwrap();
    assert_eq!(failure.error.code(), Code::Cancelled);
    assert_eq!(in_flight.count(), 0);
    closing.recv_timeout(LONG).unwrap();
}

#[test]
fn an_answer_over_the_limit_is_refused_even_when_it_is_packed() {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(&vec![0; 10_000_000]).unwrap();
    let packed = encoder.finish().unwrap();
    let (bomb, _seen) = answering(answer("200 OK", "Content-Encoding: gzip\r\n", &packed));
    let (plain, _seen) = answering(answer("200 OK", "", &vec![b'x'; 100_001]));
    for address in [bomb, plain] {
        let failure = send(&client(&direct()), &get(&address).answer_limit(100_000)).unwrap_err();
        assert_eq!(failure.error.code(), Code::Limit);
        assert_eq!(failure.answer.unwrap().status(), 200);
    }
}

#[test]
fn a_packed_answer_is_unpacked_and_a_damaged_one_is_told() {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all("ответ".repeat(100).as_bytes()).unwrap();
    let packed = encoder.finish().unwrap();
    let (address, _seen) = answering(answer("200 OK", "Content-Encoding: gzip\r\n", &packed));
    assert_eq!(send(&client(&direct()), &get(&address)).unwrap().body(), "ответ".repeat(100).as_bytes());
    let (address, _seen) =
        answering(answer("200 OK", "Content-Encoding: gzip\r\n", b"this is not gzip at all"));
    let failure = send(&client(&direct()), &get(&address)).unwrap_err();
    assert!(failure.error.text(Language::English).contains("unpacked"), "{:?}", failure.error);
}

#[test]
fn a_zstd_answer_is_unpacked() {
    // RFC 8878: magic, a frame of one segment of five bytes, one last raw block of five bytes.
    let frame = b"\x28\xb5\x2f\xfd\x20\x05\x29\x00\x00hello";
    let (address, seen) = answering(answer("200 OK", "Content-Encoding: zstd\r\n", frame));
    assert_eq!(send(&client(&direct()), &get(&address)).unwrap().body(), b"hello");
    let seen = seen.recv_timeout(LONG).unwrap();
    assert!(seen.header("accept-encoding").unwrap().contains("zstd"));
}

#[test]
fn a_file_is_streamed_with_its_length() {
    let (address, seen) = answering(answer("200 OK", "", b""));
    let file = tempfile::NamedTempFile::new().unwrap();
    let content: Vec<u8> = (0..3_000_000_u32).map(|number| (number % 251) as u8).collect();
    std::fs::write(file.path(), &content).unwrap();
    let request = Request::new(Method::PUT, &address)
        .unwrap()
        .stream(Body::File(file.path().to_owned()))
        .timeout(Timeout::Inactivity(LONG));
    send(&client(&direct()), &request).unwrap();
    let seen = seen.recv_timeout(LONG).unwrap();
    assert_eq!(seen.header("content-length"), Some("3000000"));
    assert_eq!(seen.header("transfer-encoding"), None);
    assert!(seen.body == content);
}

#[test]
fn a_missing_file_is_told_before_anything_is_sent() {
    let (address, seen) = answering(answer("200 OK", "", b""));
    let parts = vec![Part::file("file", "/no/such/file.csv")];
    for body in [Body::File("/no/such/file.csv".into()), Body::Multipart(parts)] {
        let request = Request::new(Method::POST, &address).unwrap().stream(body);
        let failure = send(&client(&direct()), &request).unwrap_err();
        assert_eq!((failure.error.code(), failure.delivery), (Code::File, Delivery::NotSent));
        assert!(failure.error.text(Language::Russian).contains("/no/such/file.csv"));
    }
    assert!(seen.try_recv().is_err());
}

#[test]
fn a_form_has_an_exact_length_and_its_names_cannot_break_out() {
    let (address, seen) = answering(answer("200 OK", "", b""));
    let mut part = Part::text("имя\"\r\nX-Evil: 1", "значение");
    part.file_name = Some("прайс \"1\".csv".to_owned());
    part.content_type = Some("text/csv".to_owned());
    part.content = Content::Bytes("a;b".into());
    let parts = vec![Part::text("поле", "текст"), part];
    let request = Request::new(Method::POST, &address).unwrap().stream(Body::Multipart(parts));
    send(&client(&direct()), &request).unwrap();
    let seen = seen.recv_timeout(LONG).unwrap();
    let body = String::from_utf8(seen.body.clone()).unwrap();
    let boundary = seen.header("content-type").unwrap().split_once("boundary=").unwrap().1;
    assert_eq!(seen.header("content-length"), Some(body.len().to_string().as_str()));
    assert!(body.ends_with(&format!("--{boundary}--\r\n")), "{body}");
    assert!(body.contains("name=\"поле\"\r\n\r\nтекст\r\n"), "{body}");
    assert!(
        body.contains("name=\"имя%22%0D%0AX-Evil: 1\"; filename=\"прайс %221%22.csv\"\r\nContent-Type: text/csv\r\n\r\na;b"),
        "{body}"
    );
}

#[test]
fn a_post_without_a_body_says_so() {
    let (address, seen) = answering(answer("204 No Content", "", b""));
    send(&client(&direct()), &Request::new(Method::POST, &address).unwrap()).unwrap();
    assert_eq!(seen.recv_timeout(LONG).unwrap().header("content-length"), Some("0"));
}

#[test]
fn secrets_of_the_address_do_not_reach_the_error() {
    let client = client_with(Redactor::new(&[Secret::from("top-secret")]));
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let url = format!("http://user:hidden@127.0.0.1:{port}/top-secret/x?token=abcdef");
    let failure = send(&client, &get(&url)).unwrap_err();
    let shown = format!(
        "{failure:?} {} {}",
        failure.error.text(Language::Russian),
        failure.error.to_json(Language::English)
    );
    for secret in ["top-secret", "hidden", "abcdef"] {
        assert!(!shown.contains(secret), "{shown}");
    }
}

#[test]
fn twenty_sets_of_options_do_not_disturb_each_other() {
    let (address, _seen) = answering(answer("200 OK", "", b"ok"));
    let clients: Vec<_> = (1..=20)
        .map(|seconds| {
            let mut options = direct();
            options.connect_timeout = Duration::from_secs(seconds);
            client(&options)
        })
        .collect();
    for client in &clients {
        assert_eq!(send(client, &get(&address)).unwrap().body(), b"ok");
    }
}

#[test]
fn many_callers_at_once_each_get_their_own_answer() {
    let address = server(|mut stream| {
        let mut reader = std::io::BufReader::new(stream.try_clone().unwrap());
        while let Some(seen) = read_request(&mut reader) {
            stream.write_all(&answer("200 OK", "", &seen.body)).unwrap();
        }
    });
    let client = client(&direct());
    std::thread::scope(|scope| {
        for caller in 0..16 {
            let (client, address) = (&client, &address);
            scope.spawn(move || {
                for number in 0..50 {
                    let body = format!("{caller}-{number}");
                    let request = Request::new(Method::POST, address)
                        .unwrap()
                        .body("text/plain", body.clone())
                        .unwrap();
                    assert_eq!(send(client, &request).unwrap().body(), body.as_bytes());
                }
            });
        }
    });
}

#[test]
fn a_connection_closed_by_the_server_meanwhile_is_not_used_again() {
    // Answers one request of a connection, then closes it without a word, as servers do after a while.
    let address = server(|mut stream| {
        let mut reader = std::io::BufReader::new(stream.try_clone().unwrap());
        read_request(&mut reader);
        stream.write_all(&answer("200 OK", "", b"ok")).unwrap();
    });
    let client = client(&direct());
    let request = Request::new(Method::POST, &address).unwrap().body("text/plain", "x").unwrap();
    for _ in 0..20 {
        assert_eq!(send(&client, &request).unwrap().body(), b"ok");
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn an_early_refusal_of_a_large_file_is_an_answer() {
    let address = server(|mut stream| {
        let mut head = vec![0; 300];
        let _ = stream.read(&mut head);
        stream.write_all(&answer("413 Content Too Large", "Connection: close\r\n", b"too large")).unwrap();
        stream.shutdown(std::net::Shutdown::Write).unwrap();
        // Goes on reading until the client stops, as nginx does: a reset would overtake the answer.
        let _ = std::io::copy(&mut stream, &mut std::io::sink());
    });
    let file = tempfile::NamedTempFile::new().unwrap();
    file.as_file().set_len(200_000_000).unwrap();
    let request = Request::new(Method::POST, &address).unwrap().stream(Body::File(file.path().to_owned()));
    assert_eq!(send(&client(&direct()), &request).unwrap().status(), 413);
}

#[test]
fn a_request_from_inside_another_is_refused() {
    struct Nosy(String, Vec<Code>);
    impl obmen::operation::Progress for Nosy {
        fn report(&mut self, _: u64, _: u64, _: &obmen::error::Bilingual) {
            let inner = send(&client(&direct()), &get(&self.0));
            self.1.extend(inner.err().map(|failure| failure.error.code()));
        }
    }
    let (inner, _seen) = answering(answer("200 OK", "", b""));
    let address = server(|mut stream| {
        read_request(&mut std::io::BufReader::new(stream.try_clone().unwrap()));
        std::thread::sleep(Duration::from_millis(500));
        stream.write_all(&answer("200 OK", "", b"ok")).unwrap();
    });
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), "x").unwrap();
    let mut nosy = Nosy(inner, Vec::new());
    let mut operation = Operation::new(CancelToken::new(), &mut nosy);
    let request = Request::new(Method::PUT, &address).unwrap().stream(Body::File(file.path().to_owned()));
    assert_eq!(client(&direct()).send(&request, &mut operation).unwrap().body(), b"ok");
    assert!(!nosy.1.is_empty() && nosy.1.iter().all(|code| *code == Code::Busy), "{:?}", nosy.1);
}

#[test]
fn dropping_the_last_client_does_not_wait_for_its_requests() {
    let mut options = direct();
    options.connect_timeout = Duration::from_millis(4321);
    let request = get(&silent_server()).timeout(Timeout::Whole(Duration::from_secs(5)));
    let client = client(&options);
    let mut silent = Silent;
    let mut operation =
        Operation::new(CancelToken::new(), &mut silent).with_budget(Duration::from_millis(50));
    let started = Instant::now();
    assert!(client.send(&request, &mut operation).is_err());
    drop(client);
    assert!(started.elapsed() < LONG);
}
