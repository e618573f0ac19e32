//! The stand-ins do what the other tests rely on: the Django site, the fault proxy (their own tests are in Python),
//! the generated catalogue.

#[path = "catalogue/mod.rs"]
mod catalogue;
mod common;

use common::{python, root, run};
use std::process::Command;

#[test]
fn the_site_answers_as_the_instruction_says() {
    let Some(python) = python() else { return };
    let directory = tempfile::tempdir().expect("a folder");
    run(Command::new(python)
        .args(["manage.py", "test", "catalogue"])
        .current_dir(root().join("tests/site"))
        .env("SITE_DIRECTORY", directory.path())
        .env("PYTHONDONTWRITEBYTECODE", "1"));
}

#[test]
fn the_proxy_breaks_exchanges_as_scripted() {
    let Some(python) = python() else { return };
    run(Command::new(python)
        .args(["-m", "unittest", "test_proxy"])
        .current_dir(root().join("tests/proxy"))
        .env("PYTHONDONTWRITEBYTECODE", "1"));
}

#[test]
fn the_site_starts_under_a_production_server_and_stops_with_its_parent() {
    let Some(site) = common::site::Site::start(&[]) else { return };
    let proxy = common::proxy::Proxy::start(site.address(), &serde_json::json!({}));
    let address = proxy.url.trim_start_matches("http://").to_owned();
    let mut stream = std::net::TcpStream::connect(&address).expect("the proxy listens");
    let body = format!(
        r#"{{"token":"{}","products":[{{"sku":"1","name":"Чайник","price":1.5}}]}}"#,
        common::site::TOKEN
    );
    let request = format!(
        "POST /api/1c/sync/ HTTP/1.1\r\nHost: x\r\nX-API-Key: {}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        common::site::TOKEN,
        body.len()
    );
    use std::io::{Read, Write};
    stream.write_all(request.as_bytes()).expect("sent");
    let mut answer = [0; 12];
    stream.read_exact(&mut answer).expect("an answer");
    assert_eq!(&answer, b"HTTP/1.1 200");
    assert_eq!((site.products(), site.created()), (1, 1));
    assert_eq!(proxy.log().len(), 1);
}

#[test]
fn a_seed_gives_the_same_catalogue_every_time_and_another_seed_another() {
    let products = catalogue::generate(500, 7);
    assert_eq!(products, catalogue::generate(500, 7));
    assert_ne!(products, catalogue::generate(500, 8));
}

#[test]
fn the_catalogue_survives_its_own_csv() {
    let products = catalogue::generate(3000, 1);
    let mut read = catalogue::csv::read(&catalogue::formats::csv(&products)).expect("CSV");
    // CSV knows no difference between an empty text and none.
    let mut written = products;
    for product in read.iter_mut().chain(&mut written) {
        product.sku.get_or_insert_default();
        product.category.get_or_insert_default();
    }
    assert_eq!(read, written);
}

#[test]
fn the_catalogue_holds_every_oddity() {
    let products = catalogue::generate(3000, 1);

    type Test = fn(&catalogue::Product) -> bool;
    let odd: [(&str, Test); 8] = [
        ("no sku", |product| product.sku.is_none()),
        ("no price", |product| product.price.is_none()),
        ("negative stock", |product| product.stock.as_deref().is_some_and(|stock| stock.starts_with('-'))),
        ("fractional stock", |product| product.stock.as_deref().is_some_and(|stock| stock.contains('.'))),
        ("line break", |product| product.name.as_deref().is_some_and(|name| name.contains('\n'))),
        ("HTML", |product| format!("{product:?}").contains("<ul>")),
        ("emoji", |product| format!("{product:?}").contains('😀')),
        ("long text", |product| product.description.as_deref().is_some_and(|text| text.len() > 20_000)),
    ];
    for (name, holds) in odd {
        assert!(products.iter().any(holds), "{name}");
    }
    let mut skus: Vec<_> = products.iter().filter_map(|product| product.sku.clone()).collect();
    let all = skus.len();
    skus.sort();
    skus.dedup();
    assert!(skus.len() < all, "duplicates");
}

/// The developers' data folder holds what a 1C platform wrote for such a table and such a structure.
#[test]
fn internal_text_breaks_lines_where_the_platform_does() {
    let Some(sample) = common::shared("1c/value-samples/table-two-cols.txt") else {
        return println!("skipped: no developers' data");
    };
    let sample = std::fs::read_to_string(sample).expect("the sample");
    let shape = |text: &str| -> Vec<String> {
        text.lines().map(|line| line.chars().filter(|c| "{}".contains(*c)).collect()).collect()
    };
    let product = |sku: &str| catalogue::Product {
        sku: Some(sku.to_owned()),
        name: Some("x".to_owned()),
        ..Default::default()
    };
    let ours = catalogue::formats::internal_table(&[product("1"), product("2")]);
    // Beyond the columns both are tables of two rows with two cells.
    let tail = |text: &str| {
        let lines = shape(text);
        lines[lines.len() - 13..].to_vec()
    };
    assert_eq!(tail(&ours), tail(&sample));
}
