//! Sessions when servers misbehave: repeats, credentials on redirects, circuits, rates, cancellation.

mod common;
mod http_support;

use http_support::*;
use obmen::error::{Code, Language};
use obmen::http::{
    Authentication, Aws4, BreakerSettings, Call, Delivery, Method, RetryPolicy, Session, Settings, Timeout,
};
use obmen::journal::Journal;
use obmen::operation::{CancelToken, Operation, Silent};
use std::io::{BufReader, Write};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

fn quick(attempts: u32) -> RetryPolicy {
    RetryPolicy { attempts, pause: Duration::from_millis(1), ..RetryPolicy::default() }
}

fn retrying(attempts: u32) -> Settings {
    Settings { retry: quick(attempts), ..settings() }
}

/// A server that gives the n-th request of all its connections to `reply`; no reply closes the connection.
fn counting(
    reply: impl Fn(usize, &Seen) -> Option<Vec<u8>> + Send + Sync + 'static,
) -> (String, Arc<AtomicUsize>) {
    let count = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&count);
    let address = server(move |mut stream| {
        let mut reader = BufReader::new(stream.try_clone().unwrap());
        while let Some(seen) = read_request(&mut reader) {
            let number = counter.fetch_add(1, Ordering::SeqCst);
            match reply(number, &seen) {
                Some(answer) => stream.write_all(&answer).unwrap(),
                None => return,
            }
        }
    });
    (address, count)
}

fn ok(body: &str) -> Vec<u8> {
    answer("200 OK", "", body.as_bytes())
}

#[test]
fn a_broken_exchange_is_repeated_only_where_that_is_safe() {
    let post = |address: &str| Call::new(Method::POST, address).with_body("text/plain", "x");
    let (address, count) = counting(|number, _| (number > 0).then(|| ok("done")));
    let outcome = execute(&Session::default(), &Call::new(Method::GET, &address), &retrying(3));
    assert_eq!((outcome.result.unwrap().body(), count.load(Ordering::SeqCst)), (b"done".as_slice(), 2));

    let (address, count) = counting(|number, _| (number > 0).then(|| ok("done")));
    let failure = execute(&Session::default(), &post(&address), &retrying(3)).result.unwrap_err();
    assert_eq!((failure.delivery, count.load(Ordering::SeqCst)), (Delivery::Unknown, 1));

    let (address, count) = counting(|number, _| (number > 0).then(|| ok("done")));
    let mut keyed = retrying(3);
    keyed.headers.push(("Idempotency-Key".to_owned(), "1".to_owned()));
    assert_eq!(execute(&Session::default(), &post(&address), &keyed).result.unwrap().body(), b"done");
    assert_eq!(count.load(Ordering::SeqCst), 2);
}

#[test]
fn a_retry_after_header_is_obeyed() {
    let (address, _) = counting(|number, _| {
        Some(if number == 0 { answer("503 Busy", "Retry-After: 0\r\n", b"") } else { ok("done") })
    });
    let mut settings = retrying(2);
    settings.retry.pause = LONG;
    let outcome = execute(&Session::default(), &Call::new(Method::GET, &address), &settings);
    assert_eq!(outcome.result.unwrap().body(), b"done");
    assert_eq!(outcome.attempts[0].pause, Some(Duration::ZERO));
}

#[test]
fn the_budget_over_all_attempts_ends_them() {
    let (address, count) = counting(|_, _| Some(answer("503 Busy", "", b"")));
    let mut settings = retrying(100);
    settings.retry.pause = Duration::from_millis(40);
    settings.retry.budget = Duration::from_millis(200);
    let outcome = execute(&Session::default(), &Call::new(Method::GET, &address), &settings);
    assert_eq!(outcome.result.unwrap().status(), 503);
    assert!(count.load(Ordering::SeqCst) < 20);
}

#[test]
fn credentials_do_not_follow_to_another_server() {
    let (other, seen) = answering(ok("other"));
    let (address, _) = counting(move |_, seen| {
        assert!(seen.header("authorization").is_some());
        Some(answer("302 Found", &format!("Location: {other}/landing\r\n"), b""))
    });
    let mut settings = settings();
    settings.authentication = Authentication::Basic { user: "user".to_owned(), password: "secret".into() };
    settings.headers = [("X-Api-Key", "key-secret"), ("X-Shop", "listed-secret"), ("X-Note", "plain")]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into();
    settings.secrets = vec!["listed-secret".into()];
    settings.cookies = vec![("session".to_owned(), "cookie-secret".to_owned())];
    let outcome = execute(&Session::default(), &Call::new(Method::GET, &address), &settings);
    assert_eq!(outcome.result.unwrap().body(), b"other");
    let seen = seen.recv_timeout(LONG).unwrap();
    assert_eq!(seen.header("x-note"), Some("plain"));
    for name in ["authorization", "x-api-key", "x-shop", "cookie"] {
        assert_eq!(seen.header(name), None, "{name}");
    }
}

#[test]
fn a_redirect_to_something_else_than_the_web_is_refused() {
    let (address, _) = counting(|_, _| Some(answer("302 Found", "Location: file:///etc/passwd\r\n", b"")));
    let failure =
        execute(&Session::default(), &Call::new(Method::GET, &address), &settings()).result.unwrap_err();
    assert_eq!(failure.error.code(), Code::Argument);
}

#[test]
fn a_signature_covers_the_request() {
    let (address, seen) = answering(ok(""));
    let mut settings = settings();
    settings.authentication = Authentication::Aws4(Aws4 {
        access_key: "AKID".to_owned(),
        secret_key: "aws-secret".into(),
        region: "ru-central1".to_owned(),
        service: "s3".to_owned(),
        session_token: Some("temporary".into()),
    });
    let call = Call::new(Method::PUT, format!("{address}/bucket/ключ")).with_body("text/plain", "x");
    answer_of(&call, &settings);
    let seen = seen.recv_timeout(LONG).unwrap();
    let authorization = seen.header("authorization").unwrap();
    assert!(authorization.starts_with("AWS4-HMAC-SHA256 Credential=AKID/"), "{authorization}");
    let covered = "SignedHeaders=content-type;host;x-amz-content-sha256;x-amz-date;x-amz-security-token,";
    assert!(authorization.contains(covered), "{authorization}");
    let sha256_of_x = "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881";
    assert_eq!(seen.header("x-amz-content-sha256"), Some(sha256_of_x));
}

#[test]
fn a_failing_server_is_left_alone_and_others_are_not() {
    let [dead] = servers::free_ports();
    let (alive, count) = counting(|_, _| Some(ok("alive")));
    let breaker = BreakerSettings { failures: 2, pause: LONG };
    let settings = Settings { breaker, ..settings() };
    let session = Session::default();
    let call = Call::new(Method::GET, format!("http://127.0.0.1:{dead}/"));
    for expected in ["refused", "refused", "suspended", "suspended"] {
        let error = execute(&session, &call, &settings).result.unwrap_err().error;
        assert_eq!(error.code(), Code::HttpConnect);
        assert!(error.text(Language::English).contains(expected), "{expected}: {error:?}");
    }
    assert!(execute(&session, &Call::new(Method::GET, &alive), &settings).result.is_ok());
    assert_eq!(count.load(Ordering::SeqCst), 1);
}

#[test]
fn a_rate_limit_that_outlasts_the_budget_is_an_error_at_once() {
    let (address, count) = counting(|_, _| Some(ok("")));
    let settings = Settings { requests_per_second: 0.001, ..settings() };
    let session = Session::default();
    let call = Call::new(Method::GET, &address);
    assert!(execute(&session, &call, &settings).result.is_ok());
    let mut silent = Silent;
    let mut operation = Operation::new(CancelToken::new(), &mut silent).with_budget(LONG);
    let failure = session.execute(&call, &settings, &Journal::off(), &mut operation).result.unwrap_err();
    assert_eq!(failure.error.code(), Code::Limit);
    assert_eq!(count.load(Ordering::SeqCst), 1);
}

#[test]
fn cancelling_many_requests_ends_them_all_in_order() {
    let token = CancelToken::new();
    let canceller = Mutex::new(token.clone());
    let (address, _) = counting(move |number, _| {
        if number < 5 {
            return Some(ok("answered"));
        }
        canceller.lock().unwrap().cancel();
        std::thread::sleep(LONG);
        None
    });
    let settings = Settings { timeout: Timeout::Whole(LONG * 10), ..settings() };
    let calls: Vec<_> = (0..30).map(|_| (Call::new(Method::GET, &address), settings.clone())).collect();
    let mut silent = Silent;
    let mut operation = Operation::new(token, &mut silent);
    let outcomes = Session::default().execute_all(&calls, 4, &Journal::off(), &mut operation);
    assert_eq!(outcomes.len(), 30);
    assert!(outcomes.iter().filter(|outcome| outcome.result.is_ok()).count() >= 5);
    let last = outcomes.last().unwrap().result.as_ref().unwrap_err();
    assert_eq!(last.error.code(), Code::Cancelled);
}

#[test]
fn a_cookie_header_of_the_caller_goes_with_the_kept_cookies() {
    let (address, seen) = answering(answer("200 OK", "Set-Cookie: id=7; Path=/\r\n", b""));
    let session = Session::default();
    let mut settings = settings();
    settings.headers.push(("Cookie".to_owned(), "own=1".to_owned()));
    for expected in ["own=1", "own=1; id=7"] {
        execute(&session, &Call::new(Method::GET, &address), &settings).result.unwrap();
        assert_eq!(seen.recv_timeout(LONG).unwrap().header("cookie"), Some(expected));
    }
}

#[test]
fn no_calls_are_no_outcomes() {
    let mut silent = Silent;
    let mut operation = Operation::new(CancelToken::new(), &mut silent);
    assert!(Session::default().execute_all(&[], 8, &Journal::off(), &mut operation).is_empty());
}

#[test]
fn cookies_of_one_server_are_not_shown_to_another() {
    // Different names of one machine are different servers.
    let (address, seen) = answering(answer("200 OK", "Set-Cookie: id=7; Path=/\r\n", b""));
    let session = Session::default();
    let port = address.rsplit_once(':').unwrap().1.to_owned();
    for host in ["127.0.0.1", "localhost", "127.0.0.1"] {
        let call = Call::new(Method::GET, format!("http://{host}:{port}/"));
        execute(&session, &call, &settings()).result.unwrap();
    }
    let cookies: Vec<Option<String>> =
        seen.try_iter().map(|seen| seen.header("cookie").map(ToOwned::to_owned)).collect();
    assert_eq!(cookies, [None, None, Some("id=7".to_owned())]);
}
