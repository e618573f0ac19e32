//! Proxies of others: tinyproxy for HTTP, microsocks for SOCKS5; both want a password.

mod common;
mod http_support;

use http_support::servers::{microsocks, nginx, tinyproxy};
use http_support::*;
use obmen::error::{Code, Language};
use obmen::http::{Call, ConnectionOptions, Method, Proxy, Session, Settings};

fn through(proxy: &str, ca_file: &std::path::Path) -> Settings {
    let connection = ConnectionOptions {
        proxy: Proxy::parse(proxy).unwrap(),
        ca_file: Some(ca_file.to_owned()),
        ..ConnectionOptions::default()
    };
    Settings { connection, ..Settings::default() }
}

#[test]
fn an_http_proxy_carries_plain_and_secure_requests() {
    let (Some(nginx), Some((address, proxy))) = (nginx(), tinyproxy()) else { return };
    std::fs::write(nginx.files.join("a.txt"), "через прокси").unwrap();
    let settings = through(&format!("user:pass-word@{address}"), &nginx.ca_file);
    for server in [&nginx.plain, &nginx.trusted] {
        let answer = answer_of(&Call::new(Method::GET, format!("{server}/a.txt")), &settings);
        assert_eq!(answer.body(), "через прокси".as_bytes());
    }
    let log = std::fs::read_to_string(proxy.path().join("proxy.log")).unwrap();
    assert!(log.contains("CONNECT localhost:"), "{log}");
}

#[test]
fn an_http_proxy_without_the_password_says_so() {
    let (Some(nginx), Some((address, _proxy))) = (nginx(), tinyproxy()) else { return };
    let settings = through(&format!("user:wrong-one@{address}"), &nginx.ca_file);
    let secure = Call::new(Method::GET, format!("{}/a.txt", nginx.trusted));
    let error = execute(&Session::default(), &secure, &settings).result.unwrap_err().error;
    assert_eq!(error.code(), Code::HttpConnect);
    assert!(!format!("{error:?}").contains("wrong-one"));
    // For a plain request the proxy's own answer comes back.
    let plain = Call::new(Method::GET, format!("{}/a.txt", nginx.plain));
    assert!(matches!(answer_of(&plain, &settings).status(), 401 | 407));
}

#[test]
fn a_socks_proxy_carries_plain_and_secure_requests() {
    let (Some(nginx), Some((address, _proxy))) = (nginx(), microsocks()) else { return };
    std::fs::write(nginx.files.join("a.txt"), "через прокси").unwrap();
    for scheme in ["socks5", "socks5h"] {
        let settings = through(&format!("{scheme}://user:pass-word@{address}"), &nginx.ca_file);
        for server in [&nginx.plain, &nginx.trusted] {
            let answer = answer_of(&Call::new(Method::GET, format!("{server}/a.txt")), &settings);
            assert_eq!(answer.body(), "через прокси".as_bytes(), "{scheme}");
        }
    }
}

#[test]
fn a_socks_proxy_without_the_password_says_so() {
    let (Some(nginx), Some((address, _proxy))) = (nginx(), microsocks()) else { return };
    let settings = through(&format!("socks5://user:wrong-one@{address}"), &nginx.ca_file);
    let call = Call::new(Method::GET, format!("{}/a.txt", nginx.plain));
    let error = execute(&Session::default(), &call, &settings).result.unwrap_err().error;
    assert_eq!(error.code(), Code::HttpConnect);
    assert!(error.text(Language::Russian).contains("рокси"), "{error:?}");
}

#[test]
fn a_proxy_that_is_not_there_is_told() {
    let [port] = servers::free_ports();
    let settings = through(&format!("127.0.0.1:{port}"), std::path::Path::new("/nonexistent"));
    let settings =
        Settings { connection: ConnectionOptions { ca_file: None, ..settings.connection }, ..settings };
    for address in ["http://127.0.0.1:9/", "https://localhost:9/"] {
        let call = Call::new(Method::GET, address);
        let error = execute(&Session::default(), &call, &settings).result.unwrap_err().error;
        assert_eq!(error.code(), Code::HttpConnect, "{error:?}");
    }
}
