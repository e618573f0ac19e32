//! Files that go to the site whole.

use crate::catalogue::{self, formats};
use crate::common::proxy::Proxy;
use crate::common::site::Site;
use crate::exchange::Exchange;
use crate::expected::assert_stored;
use serde_json::json;
use std::io::{Read, Write};
use std::net::TcpListener;

const UPLOAD: &str = "ОтправитьФайлНаСайт";

#[test]
fn files_of_every_kind_arrive_byte_for_byte_and_are_read() {
    let mut products = catalogue::generate(300, 3);
    // In a file an empty list of characteristics takes the old ones away, so each sku comes once.
    let mut seen = std::collections::HashSet::new();
    products.retain(|product| seen.insert(product.sku.clone()));
    for (name, content) in [
        ("каталог.csv", formats::csv(&products)),
        ("catalogue.xml", formats::xml(&products)),
        ("Каталог \"новый\".json", formats::json(&products, formats::Names::English)),
    ] {
        let Some(site) = Site::start(&[]) else { return };
        let proxy = Proxy::start(site.address(), &json!({}));
        let mut exchange = Exchange::with(&proxy.url);
        let file = exchange.file(name, &content).display().to_string().replace('"', "\"\"");
        let Some(run) = exchange.line(&format!("{UPLOAD}(\"{file}\")")).run() else { return };
        let report = run.json(UPLOAD);
        assert!(report["error"].is_null(), "{name}: {report}");
        assert_stored(&site, &products);
        assert_eq!(site.ask::<i64>("SELECT size FROM catalogue_upload"), content.len() as i64, "{name}");
        assert_eq!(site.ask::<String>("SELECT field FROM catalogue_upload"), "file");
        let headers = &proxy.log()[0]["headers"];
        assert!(headers["content-length"].is_string() && headers["transfer-encoding"].is_null(), "{headers}");
        assert!(
            headers["content-type"].as_str().expect("a type").starts_with("multipart/form-data"),
            "{headers}"
        );
    }
}

#[test]
fn the_name_of_the_form_field_can_be_chosen() {
    let Some(site) = Site::start(&[]) else { return };
    let mut exchange = Exchange::with(&site.url);
    let file = exchange.file("a.csv", "sku,name,price\n1,Имя,2\n");
    let Some(run) = exchange.line(&format!("{UPLOAD}(\"{}\", \"каталог\")", file.display())).run()
    else {
        return;
    };
    assert_eq!(run.json(UPLOAD)["status"], "success", "{run:?}");
    assert_eq!(site.ask::<String>("SELECT field FROM catalogue_upload"), "каталог");
}

#[test]
fn a_file_that_cannot_be_read_and_one_that_the_site_refuses_are_clear_errors() {
    let Some(site) = Site::start(&[]) else { return };
    let mut exchange = Exchange::with(&site.url);
    exchange.line(&format!("{UPLOAD}(\"/нет/такого.csv\")")).line("ПоследняяОшибка");
    let Some(run) = exchange.run() else { return };
    assert_eq!(run.json("ПоследняяОшибка")["code"], "file", "{run:?}");
    assert!(run.json("ПоследняяОшибка")["message"].as_str().is_some_and(|text| text.contains("такого.csv")));

    let mut exchange = Exchange::with(&site.url);
    let file = exchange.file("a.csv", "x;y\n1;2\n");
    let Some(run) = exchange.line(&format!("{UPLOAD}(\"{}\")", file.display())).run() else { return };
    let report = run.json(UPLOAD);
    assert_eq!(report["status"], "error", "{report}");
    assert!(report.to_string().contains("sku"), "what the site said: {report}");
}

/// A site that takes anything and throws it away. Serves one request.
fn sink() -> (String, std::thread::JoinHandle<u64>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    let served = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().expect("a client");
        let mut buffer = vec![0; 1 << 20];
        let mut head = Vec::new();
        let end = loop {
            let read = stream.read(&mut buffer).expect("the head");
            head.extend_from_slice(&buffer[..read]);
            if let Some(end) = head.windows(4).position(|four| four == b"\r\n\r\n") {
                break end + 4;
            }
        };
        let text = String::from_utf8_lossy(&head[..end]).to_lowercase();
        let length =
            text.split("content-length:").nth(1).and_then(|rest| rest.lines().next()).expect("a length");
        let length: u64 = length.trim().parse().expect("a number");
        let mut received = (head.len() - end) as u64;
        while received < length {
            received += stream.read(&mut buffer).expect("the body") as u64;
        }
        let body = r#"{"status":"success","processed":1,"created":1,"updated":0,"errors":[]}"#;
        let answer = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}", body.len());
        stream.write_all(answer.as_bytes()).expect("an answer");
        received
    });
    (url, served)
}

#[test]
fn a_file_of_two_gigabytes_is_streamed() {
    const SIZE: u64 = 2 << 30;
    let (url, served) = sink();
    let mut exchange = Exchange::with(&url);
    let path = exchange.file("huge.csv", "");
    std::fs::File::options()
        .write(true)
        .open(&path)
        .and_then(|file| file.set_len(SIZE))
        .expect("a sparse file");
    let Some(run) = exchange.line(&format!("{UPLOAD}(\"{}\")", path.display())).run() else { return };
    assert_eq!(run.json(UPLOAD)["status"], "success", "{run:?}");
    assert!(served.join().expect("the sink") > SIZE);
    assert!(run.peak_kilobytes < 200_000, "{} KB at most", run.peak_kilobytes);
}
