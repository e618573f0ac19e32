//! The client against httpbin: methods, bodies, authentication, redirects, cookies, encodings.

mod common;
mod http_support;

use http_support::servers::httpbin;
use http_support::*;
use obmen::error::{Code, Language};
use obmen::http::{
    Authentication, Body, Call, Content, Method, Part, RetryPolicy, Session, Settings, StatusCodes, Timeout,
    cookies_of, decode,
};
use obmen::journal::{DEFAULT_PREFIX, Journal, Level};
use obmen::operation::{CancelToken, Operation, Silent};
use serde_json::json;
use std::time::Duration;

fn get(url: String) -> Call {
    Call::new(Method::GET, url)
}

fn with(authentication: Authentication) -> Settings {
    Settings { authentication, ..settings() }
}

#[test]
fn every_method_arrives_with_its_body() {
    let Some(url) = httpbin() else { return };
    for (method, path) in [
        (Method::GET, "get"),
        (Method::POST, "post"),
        (Method::PUT, "put"),
        (Method::PATCH, "patch"),
        (Method::DELETE, "delete"),
    ] {
        let call = Call::new(method.clone(), format!("{url}/{path}"));
        let call = match method {
            Method::GET => call,
            _ => call.with_body("application/json", r#"{"имя":"Ёж"}"#),
        };
        let answer = answer_of(&call, &settings());
        assert_eq!(answer.status(), 200, "{method}");
        if method != Method::GET {
            assert_eq!(json_of(&answer)["json"], json!({"имя": "Ёж"}), "{method}");
        }
    }
    assert_eq!(answer_of(&Call::new(Method::HEAD, format!("{url}/get")), &settings()).body(), b"");
    let answer = answer_of(&Call::new(Method::OPTIONS, format!("{url}/get")), &settings());
    assert!(answer.header("allow").unwrap().contains("GET"));
}

#[test]
fn parameters_with_several_values_and_cyrillic_arrive() {
    let Some(url) = httpbin() else { return };
    let mut settings = settings();
    settings.query = [("тег", "красный и синий"), ("тег", "a&b=c"), ("пусто", "")]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into();
    let answer = json_of(&answer_of(&get(format!("{url}/get?было=1")), &settings));
    assert_eq!(answer["args"], json!({"было": "1", "тег": ["красный и синий", "a&b=c"], "пусто": ""}));
}

#[test]
fn a_form_and_a_multipart_form_arrive() {
    let Some(url) = httpbin() else { return };
    let fields = [("имя", "Ёж & Ко"), ("имя", "2")].map(|(name, value)| (name.to_owned(), value.to_owned()));
    let call = Call::new(Method::POST, format!("{url}/post")).with_form(&fields);
    assert_eq!(json_of(&answer_of(&call, &settings()))["form"], json!({"имя": ["Ёж & Ко", "2"]}));

    let file = tempfile::NamedTempFile::with_suffix(".csv").unwrap();
    std::fs::write(file.path(), "артикул;цена\n1;2").unwrap();
    let mut named = Part::file("файл", file.path());
    named.file_name = Some("прайс.csv".to_owned());
    let bytes = Part {
        name: "двоичные".to_owned(),
        file_name: Some("b.bin".to_owned()),
        content_type: None,
        content: Content::Bytes(b"\x00\xff".as_slice().into()),
    };
    let parts = vec![Part::text("поле", "значение"), named, bytes];
    let call = Call::new(Method::POST, format!("{url}/post")).with_stream(Body::Multipart(parts));
    let answer = json_of(&answer_of(&call, &settings()));
    assert_eq!(answer["form"], json!({"поле": "значение"}));
    assert_eq!(answer["files"]["файл"], "артикул;цена\n1;2");
    assert_eq!(answer["files"]["двоичные"], "data:application/octet-stream;base64,AP8=");
}

#[test]
fn a_compressed_request_arrives_compressed() {
    let Some(url) = httpbin() else { return };
    let settings = Settings { gzip: true, ..settings() };
    let call = Call::new(Method::POST, format!("{url}/post")).with_body("text/plain", "текст ".repeat(1000));
    let answer = json_of(&answer_of(&call, &settings));
    assert_eq!(answer["headers"]["Content-Encoding"], "gzip");
    assert!(answer["headers"]["Content-Length"].as_str().unwrap().parse::<usize>().unwrap() < 1000);
}

#[test]
fn packed_answers_are_unpacked() {
    let Some(url) = httpbin() else { return };
    for (path, mark) in [("gzip", "gzipped"), ("deflate", "deflated"), ("brotli", "brotli")] {
        let answer = answer_of(&get(format!("{url}/{path}")), &settings());
        assert_eq!(json_of(&answer)[mark], true, "{path}");
        assert_eq!(answer.header("content-encoding"), None, "{path}");
    }
}

#[test]
fn basic_and_bearer_credentials_are_taken() {
    let Some(url) = httpbin() else { return };
    let basic = |password: &str| {
        with(Authentication::Basic { user: "Вася".to_owned(), password: password.into() })
    };
    let address = format!("{url}/basic-auth/Вася/пароль:1");
    assert_eq!(answer_of(&get(address.clone()), &basic("пароль:1")).status(), 200);
    assert_eq!(answer_of(&get(address), &basic("не тот")).status(), 401);
    let answer = answer_of(&get(format!("{url}/bearer")), &with(Authentication::Bearer("t0ken".into())));
    assert_eq!(json_of(&answer)["token"], "t0ken");
}

#[test]
fn digest_credentials_are_taken_with_every_algorithm() {
    let Some(url) = httpbin() else { return };
    for algorithm in ["MD5", "SHA-256", "SHA-512"] {
        let digest = |password: &str| {
            with(Authentication::Digest { user: "user".to_owned(), password: password.into() })
        };
        let address = format!("{url}/digest-auth/auth/user/passwd/{algorithm}");
        // SHA-512 is none of the standard's algorithms: the answer is the refusal, not an error.
        let expected = if algorithm == "SHA-512" { 401 } else { 200 };
        assert_eq!(answer_of(&get(address.clone()), &digest("passwd")).status(), expected, "{algorithm}");
        assert_eq!(answer_of(&get(address), &digest("wrong")).status(), 401, "{algorithm}");
    }
}

#[test]
fn a_second_request_answers_the_challenge_unasked() {
    let Some(url) = httpbin() else { return };
    let settings = with(Authentication::Digest { user: "user".to_owned(), password: "passwd".into() });
    let session = Session::default();
    let call = get(format!("{url}/digest-auth/auth/user/passwd/MD5"));
    for _ in 0..3 {
        assert_eq!(execute(&session, &call, &settings).result.unwrap().status(), 200);
    }
}

#[test]
fn redirects_are_followed_told_and_limited() {
    let Some(url) = httpbin() else { return };
    let outcome = execute(&Session::default(), &get(format!("{url}/redirect/3")), &settings());
    let answer = outcome.result.unwrap();
    assert_eq!((answer.status(), answer.url().path()), (200, "/get"));
    let ways: Vec<u16> = outcome.redirects.iter().map(|redirect| redirect.status).collect();
    assert_eq!(ways, [302, 302, 302]);

    let few = Settings { redirects: 2, ..settings() };
    let failure = execute(&Session::default(), &get(format!("{url}/redirect/3")), &few).result.unwrap_err();
    assert_eq!(failure.error.code(), Code::Limit);

    let none = Settings { redirects: 0, ..settings() };
    assert_eq!(answer_of(&get(format!("{url}/redirect/3")), &none).status(), 302);

    let call = Call::new(Method::POST, format!("{url}/redirect-to?url=/post&status_code=307"))
        .with_body("text/plain", "тело");
    assert_eq!(json_of(&answer_of(&call, &settings()))["data"], "тело");
    let call = Call::new(Method::POST, format!("{url}/redirect-to?url=/get&status_code=303"))
        .with_body("text/plain", "тело");
    let answer = json_of(&answer_of(&call, &settings()));
    assert_eq!(answer["headers"].get("Content-Type"), None);
}

#[test]
fn cookies_belong_to_their_session() {
    let Some(url) = httpbin() else { return };
    let session = Session::default();
    let unfollowed = Settings { redirects: 0, ..settings() };
    let answer =
        execute(&session, &get(format!("{url}/cookies/set?сорт=1&b=2")), &unfollowed).result.unwrap();
    let names: Vec<String> = cookies_of(&answer).into_iter().map(|cookie| cookie.name).collect();
    assert_eq!(names.len(), 2);
    let cookies = |session: &Session, settings: &Settings| {
        json_of(&execute(session, &get(format!("{url}/cookies")), settings).result.unwrap())["cookies"]
            .clone()
    };
    assert_eq!(cookies(&session, &settings())["b"], "2");
    let given = Settings { cookies: vec![("b".to_owned(), "7".to_owned())], ..settings() };
    assert_eq!(cookies(&session, &given)["b"], "7");
    assert_eq!(cookies(&Session::default(), &settings()), json!({}));
    execute(&session, &get(format!("{url}/cookies/delete?b")), &settings()).result.unwrap();
    assert_eq!(cookies(&session, &settings()).get("b"), None);
    session.clear_cookies();
    assert_eq!(cookies(&session, &settings()), json!({}));
}

#[test]
fn any_status_is_an_answer() {
    let Some(url) = httpbin() else { return };
    for status in [204, 304, 400, 404, 418, 500] {
        assert_eq!(answer_of(&get(format!("{url}/status/{status}")), &settings()).status(), status);
    }
}

#[test]
fn statuses_worth_it_are_repeated_and_every_attempt_is_told() {
    let Some(url) = httpbin() else { return };
    let retry = RetryPolicy { attempts: 3, pause: Duration::from_millis(1), ..RetryPolicy::default() };
    let settings = Settings { retry, ..settings() };
    let outcome = execute(&Session::default(), &get(format!("{url}/status/503")), &settings);
    assert_eq!(outcome.result.unwrap().status(), 503);
    let statuses: Vec<_> = outcome.attempts.iter().map(|attempt| attempt.status).collect();
    assert_eq!(statuses, [Some(503); 3]);
    assert!(outcome.attempts[0].pause.is_some() && outcome.attempts[2].pause.is_none());

    let post = Call::new(Method::POST, format!("{url}/status/503"));
    assert_eq!(execute(&Session::default(), &post, &settings).attempts.len(), 1);
    let mut allowed = settings.clone();
    allowed.retry.repeat_unsafe = true;
    assert_eq!(execute(&Session::default(), &post, &allowed).attempts.len(), 3);
    let mut others = settings;
    others.retry.statuses = StatusCodes::parse("500").unwrap();
    assert_eq!(execute(&Session::default(), &get(format!("{url}/status/503")), &others).attempts.len(), 1);
}

#[test]
fn a_slow_answer_is_a_timeout() {
    let Some(url) = httpbin() else { return };
    let settings = Settings { timeout: Timeout::Whole(Duration::from_millis(300)), ..settings() };
    let outcome = execute(&Session::default(), &get(format!("{url}/delay/5")), &settings);
    assert_eq!(outcome.result.unwrap_err().error.code(), Code::HttpTimeout);
}

#[test]
fn a_chunked_answer_arrives_whole() {
    let Some(url) = httpbin() else { return };
    let answer = answer_of(&get(format!("{url}/stream/50")), &settings());
    assert_eq!(answer.body().split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).count(), 50);
    let answer = answer_of(&get(format!("{url}/stream-bytes/100000?chunk_size=777")), &settings());
    assert_eq!(answer.body().len(), 100_000);
}

#[test]
fn text_is_read_in_its_encoding() {
    let Some(url) = httpbin() else { return };
    let text = |path: &str| {
        let answer = answer_of(&get(format!("{url}/{path}")), &settings());
        let content_type = answer.header("content-type");
        decode(answer.body(), content_type.as_deref(), None).map(|(text, _)| text.into_owned()).unwrap()
    };
    assert!(text("encoding/utf8").contains("Зарегистрируйтесь"));
}

#[test]
fn many_requests_at_once_come_back_in_order() {
    let Some(url) = httpbin() else { return };
    let calls: Vec<_> = (0..40).map(|number| (get(format!("{url}/anything/{number}")), settings())).collect();
    let mut silent = Silent;
    let mut operation = Operation::new(CancelToken::new(), &mut silent);
    let outcomes = Session::default().execute_all(&calls, 8, &Journal::off(), &mut operation);
    let paths: Vec<String> =
        outcomes.into_iter().map(|outcome| outcome.result.unwrap().url().path().to_owned()).collect();
    let expected: Vec<String> = (0..40).map(|number| format!("/anything/{number}")).collect();
    assert_eq!(paths, expected);
}

#[test]
fn the_journal_tells_of_requests_without_their_secrets() {
    let Some(url) = httpbin() else { return };
    let directory = tempfile::tempdir().unwrap();
    let journal =
        Journal::open("ObmenHttp", directory.path().to_str().unwrap(), DEFAULT_PREFIX, Level::Debug).unwrap();
    let mut settings =
        with(Authentication::Basic { user: "user".to_owned(), password: "very-secret".into() });
    settings.headers.push(("X-Api-Key".to_owned(), "another-secret".to_owned()));
    // httpbin echoes every header in its answer.
    let call = get(format!("{url}/anything?token=third-secret"));
    let mut silent = Silent;
    let mut operation = Operation::new(CancelToken::new(), &mut silent);
    let outcome = Session::default().execute(&call, &settings, &journal, &mut operation);
    assert_eq!(outcome.result.unwrap().status(), 200);
    assert!(obmen::journal::flush(LONG));
    let file = std::fs::read_dir(directory.path()).unwrap().next().unwrap().unwrap();
    let text = std::fs::read_to_string(file.path()).unwrap();
    assert!(text.contains("/anything?token=*** → 200"), "{text}");
    for secret in ["very-secret", "another-secret", "dXNlcjp2ZXJ5LXNlY3JldA"] {
        assert!(!text.contains(secret), "{text}");
    }
}

#[test]
fn an_unreachable_server_tells_in_both_languages_how_often_it_was_tried() {
    let [port] = servers::free_ports();
    let retry = RetryPolicy { attempts: 2, pause: Duration::ZERO, ..RetryPolicy::default() };
    let outcome = execute(
        &Session::default(),
        &Call::new(Method::POST, format!("http://127.0.0.1:{port}/")),
        &Settings { retry, ..settings() },
    );
    // A POST is repeated here, because it never reached the server.
    assert_eq!(outcome.attempts.len(), 2);
    let error = outcome.result.unwrap_err().error;
    assert_eq!(error.to_json(Language::Russian)["attempts"], 2);
    assert_ne!(error.text(Language::Russian), error.text(Language::English));
}
