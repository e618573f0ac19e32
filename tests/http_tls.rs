//! TLS against nginx: whom the client trusts, what it says of those it does not, its own certificate.

mod common;
mod http_support;

use http_support::servers::{Nginx, nginx, program};
use http_support::*;
use obmen::error::{Code, Language};
use obmen::http::{Call, ClientIdentity, ConnectionOptions, Delivery, Method, Session, Settings};
use obmen::journal::Secret;
use std::path::{Path, PathBuf};
use std::process::Command;

fn trusting(nginx: &Nginx) -> ConnectionOptions {
    ConnectionOptions { ca_file: Some(nginx.ca_file.clone()), ..direct() }
}

fn call(address: &str, options: &ConnectionOptions) -> Result<u16, obmen::http::Failure> {
    let settings = Settings { connection: options.clone(), ..settings() };
    let call = Call::new(Method::POST, format!("{address}/echo")).with_body("text/plain", "x");
    execute(&Session::default(), &call, &settings).result.map(|answer| answer.status())
}

#[test]
fn a_server_of_our_own_authority_is_trusted() {
    let Some(nginx) = nginx() else { return };
    assert_eq!(call(&nginx.trusted, &trusting(&nginx)).unwrap(), 200);
}

#[test]
fn untrustworthy_certificates_are_refused_in_words_a_person_understands() {
    let Some(nginx) = nginx() else { return };
    for (address, options, russian, english) in [
        (&nginx.expired, trusting(&nginx), "истёк 03.02.2021", "expired on 03.02.2021"),
        (&nginx.wrong_host, trusting(&nginx), "на другое имя (", "another name ("),
        (&nginx.self_signed, trusting(&nginx), "самоподписанный", "self-signed"),
        (&nginx.foreign, trusting(&nginx), "неизвестным удостоверяющим", "unknown authority"),
        (&nginx.trusted, direct(), "неизвестным удостоверяющим", "unknown authority"),
    ] {
        let failure = call(address, &options).unwrap_err();
        assert_eq!((failure.error.code(), failure.delivery), (Code::HttpTls, Delivery::NotSent), "{address}");
        assert!(failure.error.text(Language::Russian).contains(russian), "{:?}", failure.error);
        assert!(failure.error.text(Language::English).contains(english), "{:?}", failure.error);
    }
}

#[test]
fn the_wrong_name_is_told() {
    let Some(nginx) = nginx() else { return };
    let failure = call(&nginx.wrong_host, &trusting(&nginx)).unwrap_err();
    assert!(failure.error.text(Language::Russian).contains("shop.example"), "{:?}", failure.error);
}

#[test]
fn without_verification_any_certificate_serves() {
    let Some(nginx) = nginx() else { return };
    let options = ConnectionOptions { verify_tls: false, ..direct() };
    for address in [&nginx.expired, &nginx.wrong_host, &nginx.self_signed, &nginx.foreign] {
        assert_eq!(call(address, &options).unwrap(), 200);
    }
}

#[test]
fn a_renewed_authority_file_is_read_again() {
    let Some(nginx) = nginx() else { return };
    let file = nginx.daemon.path().join("changing.pem");
    std::fs::copy(nginx.daemon.path().join("self_signed.pem"), &file).unwrap();
    let options = ConnectionOptions { ca_file: Some(file.clone()), ..direct() };
    assert!(call(&nginx.trusted, &options).is_err());
    let mut bundle = std::fs::read_to_string(&file).unwrap();
    bundle += &std::fs::read_to_string(&nginx.ca_file).unwrap();
    std::fs::write(&file, bundle).unwrap();
    assert_eq!(call(&nginx.trusted, &options).unwrap(), 200);
}

/// Who nginx takes the client for.
fn name_seen(nginx: &Nginx, identity: ClientIdentity) -> String {
    let connection = ConnectionOptions { identity: Some(identity), ..trusting(nginx) };
    let settings = Settings { connection, ..settings() };
    let call = Call::new(Method::GET, format!("{}/echo", nginx.client_wanted));
    String::from_utf8(answer_of(&call, &settings).into_body()).unwrap()
}

fn identity(certificate: &Path, key: Option<&Path>, password: &str) -> ClientIdentity {
    ClientIdentity {
        certificate: certificate.to_owned(),
        key: key.map(Path::to_owned),
        password: Secret::from(password),
    }
}

/// A file that openssl makes of the client's certificate and key.
fn made(nginx: &Nginx, name: &str, arguments: &[&str]) -> Option<PathBuf> {
    let openssl = program("openssl")?;
    let path = nginx.daemon.path().join(name);
    let mut command = Command::new(openssl);
    common::run(command.current_dir(nginx.daemon.path()).args(arguments).arg("-out").arg(&path));
    Some(path)
}

#[test]
fn a_client_certificate_from_pem_is_accepted() {
    let Some(nginx) = nginx() else { return };
    let folder = nginx.daemon.path();
    assert_eq!(name_seen(&nginx, identity(&nginx.client_pem, None, "")), "CN=shop-42");
    let (certificate, key) = (folder.join("client.pem"), folder.join("client.key"));
    assert_eq!(name_seen(&nginx, identity(&certificate, Some(&key), "")), "CN=shop-42");
    let arguments = ["pkcs8", "-topk8", "-in", "client.key", "-passout", "pass:тайна"];
    let Some(key) = made(&nginx, "encrypted.key", &arguments) else { return };
    assert_eq!(name_seen(&nginx, identity(&certificate, Some(&key), "тайна")), "CN=shop-42");
}

#[test]
fn a_client_certificate_from_pkcs12_is_accepted() {
    let Some(nginx) = nginx() else { return };
    let export = ["pkcs12", "-export", "-in", "client.pem", "-inkey", "client.key", "-certfile", "ca.pem"];
    let modern = [&export[..], &["-passout", "pass:secret"]].concat();
    // What Windows and old programs write.
    let weak = ["-keypbe", "PBE-SHA1-3DES", "-certpbe", "PBE-SHA1-3DES", "-macalg", "sha1"];
    let old = [&export[..], &["-passout", "pass:secret"], &weak].concat();
    for (name, arguments) in [("modern.p12", modern), ("old.pfx", old)] {
        let Some(store) = made(&nginx, name, &arguments) else { return };
        assert_eq!(name_seen(&nginx, identity(&store, None, "secret")), "CN=shop-42", "{name}");
        let wrong = ConnectionOptions { identity: Some(identity(&store, None, "wrong")), ..trusting(&nginx) };
        let error = call(&nginx.client_wanted, &wrong).unwrap_err().error;
        assert_eq!(error.code(), Code::File);
        assert!(error.text(Language::Russian).contains("пароль"), "{error:?}");
    }
}

#[test]
fn a_missing_client_certificate_is_an_answer_of_the_server() {
    let Some(nginx) = nginx() else { return };
    // nginx lets the handshake pass and answers 400.
    assert_eq!(call(&nginx.client_wanted, &trusting(&nginx)).unwrap(), 400);
}

#[test]
fn what_is_no_certificate_is_told() {
    let Some(nginx) = nginx() else { return };
    for (certificate, key) in [
        (nginx.daemon.path().join("nginx.conf"), None),
        (nginx.daemon.path().join("client.pem"), None),
        (nginx.daemon.path().join("missing.pem"), None),
        (nginx.daemon.path().join("client.pem"), Some(nginx.daemon.path().join("nginx.conf"))),
    ] {
        let options = ConnectionOptions {
            identity: Some(identity(&certificate, key.as_deref(), "")),
            ..trusting(&nginx)
        };
        let error = call(&nginx.client_wanted, &options).unwrap_err().error;
        assert_eq!(error.code(), Code::File, "{certificate:?} {error:?}");
    }
}
