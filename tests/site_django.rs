//! Sends to a real Django site, directly and through a proxy that breaks exchanges. What counts is what lands in the
//! site's database.

#[path = "catalogue/mod.rs"]
mod catalogue;
mod common;

use catalogue::Product;
use catalogue::formats;
use common::proxy::Proxy as FaultProxy;
use common::site::{Site as Django, TOKEN};
use obmen::error::{Code, Language};
use obmen::http::{InFlight, Proxy};
use obmen::journal::{self, Journal, Level};
use obmen::operation::{CancelToken, Operation, Silent};
use obmen::site::{Catalogue, ExtraFields, Report, Sending, Settings, Site, Status};
use obmen::value::{Input, open};
use serde_json::json;
use std::collections::BTreeSet;
use std::time::Duration;

fn settings(url: &str) -> Settings {
    Settings {
        base_url: url.to_owned(),
        token: TOKEN.into(),
        proxy: Proxy::Direct,
        batch_pause: Duration::ZERO,
        retry_pause: Duration::from_millis(10),
        ..Settings::default()
    }
}

fn list(products: &[Product]) -> Catalogue {
    let text = formats::internal_table(products);
    let mut catalogue = Catalogue::new();
    let mut reader = open(Input::text(text.as_str()), None).expect("internal text");
    catalogue.add(&mut reader, ExtraFields::LeaveOut).expect("a whole text");
    catalogue
}

fn with_site<T>(settings: &Settings, work: impl FnOnce(&Site<'_>, &mut Operation<'_>) -> T) -> T {
    let mut silent = Silent;
    let mut operation = Operation::new(CancelToken::new(), &mut silent);
    work(&Site::new(settings, InFlight::new(), &Journal::off()).expect("settings"), &mut operation)
}

fn sync(catalogue: &mut Catalogue, settings: &Settings) -> Report {
    with_site(settings, |site, operation| site.send(catalogue, Sending::Sync, operation).expect("settings"))
}

fn code(report: &Report) -> Option<Code> {
    report.error.as_ref().map(|error| error.code())
}

fn skus(products: &[Product]) -> BTreeSet<&str> {
    products
        .iter()
        .filter(|product| product.is_complete())
        .filter_map(|product| product.sku.as_deref())
        .collect()
}

/// So many products that a site takes, without repeated skus.
fn plain(count: usize) -> Vec<Product> {
    let product = |number: usize| Product {
        sku: Some(format!("A-{number}")),
        name: Some(format!("Товар {number}")),
        price: Some(format!("{number}.50")),
        ..Product::default()
    };
    (1..=count).map(product).collect()
}

#[test]
fn a_catalogue_lands_in_the_database_and_a_second_send_updates_it() {
    let Some(site) = Django::start(&[]) else { return };
    let mut products = catalogue::generate(2_000, 1);
    let incomplete = products.iter().filter(|product| !product.is_complete()).count();
    let settings = Settings { parallel: 4, compress: true, ..settings(&site.url) };
    let report = sync(&mut list(&products), &settings);
    let different = skus(&products).len() as i64;
    assert_eq!((report.status, report.errors.len()), (Status::Partial, incomplete), "{:?}", report.errors);
    assert_eq!((report.processed as usize, report.unsent), (2_000 - incomplete, 0));
    assert_eq!((site.products(), report.created as i64), (different, different));

    catalogue::change(&mut products, 5, 9);
    let report = sync(&mut list(&products), &settings);
    assert_eq!((report.created, report.updated as usize), (0, 2_000 - incomplete));
    assert_eq!(site.products(), different);
    // The last product of a sku is the one that stays.
    for product in products.iter().rev().filter(|product| product.is_complete()).take(200) {
        let sku = product.sku.as_deref().expect("complete");
        let last = products.iter().rev().find(|other| other.is_complete() && other.sku == product.sku);
        let stored: String = site
            .database()
            .query_row("SELECT name FROM catalogue_product WHERE sku = ?1", [sku], |row| row.get(0))
            .expect("the product");
        assert_eq!(Some(stored), last.and_then(|last| last.name.clone()), "{sku}");
    }
}

#[test]
fn a_lost_answer_makes_no_second_product() {
    let Some(site) = Django::start(&[]) else { return };
    let faults = [
        json!("lost_answer"),
        json!("reset_after_body"),
        json!("reset_in_body"),
        json!({"do": "answer", "status": 503, "headers": {"Retry-After": "0"}, "body": "busy"}),
        json!({"do": "answer", "status": 429, "body": ""}),
        json!("cut_head"),
    ];
    for fault in faults {
        let proxy = FaultProxy::start(site.address(), &json!({"each_key": [fault, "pass"]}));
        let before = site.created();
        site.database().execute("DELETE FROM catalogue_product", []).expect("emptied");
        let mut list = list(&plain(30));
        let report = sync(&mut list, &Settings { batch_size: 10, parallel: 2, ..settings(&proxy.url) });
        assert_eq!(
            (report.status, report.created, report.attempts),
            (Status::Success, 30, 6),
            "{fault} {:?}",
            report.errors
        );
        assert_eq!((site.products(), site.created() - before), (30, 30), "{fault}");
    }
}

#[test]
fn whatever_the_way_does_every_product_arrives_in_the_end() {
    let Some(site) = Django::start(&[]) else { return };
    let steps = json!(["lost_answer", "reset_after_body", "reset_in_body", "cut_answer", "cut_head",
                       {"do": "answer", "status": 500, "body": "oops"}, {"do": "replace", "status": 200, "body": "<p>"},
                       {"do": "raw", "text": "garbage\r\n\r\n"}]);
    let proxy =
        FaultProxy::start(site.address(), &json!({"random": {"seed": 5, "chance": 0.3, "steps": steps}}));
    let products = catalogue::generate(600, 4);
    let mut list = list(&products);
    let settings = Settings { batch_size: 20, parallel: 3, attempts: 2, ..settings(&proxy.url) };
    let mut rounds = 0;
    while !list.is_empty() {
        let report = sync(&mut list, &settings);
        assert_eq!(report.unsent, list.len());
        rounds += 1;
        assert!(rounds < 50, "{:?}", report.message);
    }
    let database = site.database();
    let mut query = database.prepare("SELECT sku FROM catalogue_product").expect("SQL");
    let stored: BTreeSet<String> =
        query.query_map([], |row| row.get(0)).expect("rows").map(|sku| sku.expect("a sku")).collect();
    assert_eq!(stored.iter().map(String::as_str).collect::<BTreeSet<_>>(), skus(&products));
}

#[test]
fn products_that_the_site_refuses_are_named_and_the_others_land() {
    for options in [&["--errors", "strings"], &["--errors", "objects"]] {
        let Some(site) = Django::start(options) else { return };
        let mut products = plain(50);
        products[7].price = Some("99999999999999".to_owned());
        products[31].name = Some("н".repeat(501));
        let report = sync(&mut list(&products), &settings(&site.url));
        let named: Vec<_> =
            report.errors.iter().map(|error| (error.sku.as_deref(), error.row, error.http_status)).collect();
        assert_eq!(named, [(Some("A-8"), Some(8), Some(207)), (Some("A-32"), Some(32), Some(207))]);
        assert_eq!((report.status, site.products()), (Status::Partial, 48));
    }
}

#[test]
fn a_body_that_is_too_large_for_the_site_is_split() {
    let Some(site) = Django::start(&["--max-body", "20000"]) else { return };
    let mut products = plain(60);
    products[20].description = Some("о".repeat(15_000));
    for product in &mut products[30..] {
        product.description = Some("о".repeat(1_000));
    }
    let report = sync(&mut list(&products), &settings(&site.url));
    let named: Vec<_> = report.errors.iter().map(|error| (error.sku.as_deref(), error.http_status)).collect();
    assert_eq!(named, [(Some("A-21"), Some(413))]);
    assert_eq!((site.products(), report.unsent), (59, 0));
}

#[test]
fn a_wrong_token_is_told_and_shown_nowhere() {
    let Some(site) = Django::start(&[]) else { return };
    let directory = tempfile::tempdir().expect("a folder");
    let journal = Journal::open("ObmenSite", &directory.path().to_string_lossy(), "t_", Level::Debug)
        .expect("a journal");
    let settings = Settings { token: "wrong-secret-77".into(), ..settings(&site.url) };
    let mut silent = Silent;
    let mut operation = Operation::new(CancelToken::new(), &mut silent);
    let mut list = list(&plain(250));
    let report = Site::new(&settings, InFlight::new(), &journal)
        .and_then(|site| site.send(&mut list, Sending::Sync, &mut operation))
        .expect("settings");
    assert_eq!((report.status, code(&report)), (Status::Error, Some(Code::Auth)));
    assert_eq!((report.attempts, list.len(), site.products()), (1, 250, 0));
    journal::flush(Duration::from_secs(30));
    let file = std::fs::read_dir(directory.path()).expect("the folder").flatten().next().expect("a log");
    let log = std::fs::read_to_string(file.path()).expect("the log");
    assert!(log.contains("401") && log.contains("batch 1/3, 100 products, rows 1-100, attempt 1"), "{log}");
    for text in [log, report.to_json(Language::Russian), format!("{report:?} {settings:?}")] {
        assert!(!text.contains("wrong-secret"), "{text}");
    }
}

#[test]
fn a_connection_is_checked_without_a_product() {
    let Some(site) = Django::start(&[]) else { return };
    let check = |settings: Settings| {
        let report =
            with_site(&settings, |site, operation| site.check_connection(operation).expect("settings"));
        (report.status, code(&report), report.http_status)
    };
    let right = settings(&site.url);
    assert_eq!(check(right.clone()), (Status::Success, None, Some(400)));
    let wrong = Settings { token: "no".into(), ..right.clone() };
    assert_eq!(check(wrong), (Status::Error, Some(Code::Auth), Some(401)));
    let lost = Settings { sync_path: "/nowhere/".into(), ..right.clone() };
    assert_eq!(check(lost), (Status::Error, Some(Code::HttpStatus), Some(404)));
    let elsewhere = Settings { base_url: "http://127.0.0.1:1".into(), ..right };
    assert_eq!(check(elsewhere), (Status::Error, Some(Code::HttpConnect), None));
    assert_eq!(site.products(), 0);
}

#[test]
fn files_are_uploaded_with_their_length() {
    let Some(site) = Django::start(&[]) else { return };
    let proxy = FaultProxy::start(site.address(), &json!({"each_key": ["lost_answer", "pass"]}));
    let directory = tempfile::tempdir().expect("a folder");
    let mut products = plain(300);
    products.iter_mut().for_each(|product| product.is_active = Some(true));
    let files = [
        ("каталог.csv", formats::csv(&products)),
        ("products.XML", formats::xml(&products)),
        ("products \"1\".json", formats::json(&products, formats::Names::English)),
    ];
    for (number, (name, text)) in files.iter().enumerate() {
        let path = directory.path().join(name);
        std::fs::write(&path, text).expect("the file");
        let settings = settings(&proxy.url);
        let report = with_site(&settings, |site, operation| {
            site.upload(&path, "file", operation).expect("the file is there")
        });
        assert_eq!(
            (report.status, report.processed, report.attempts),
            (Status::Success, 300, 2),
            "{name} {:?}",
            report.message
        );
        assert_eq!((report.created, report.updated), if number == 0 { (300, 0) } else { (0, 300) });
        let stored: i64 =
            site.ask(&format!("SELECT size FROM catalogue_upload ORDER BY id DESC LIMIT 1 OFFSET {}", 0));
        assert_eq!(stored as usize, text.len());
    }
    for request in proxy.log() {
        let headers = &request["headers"];
        assert!(headers["content-length"].is_string() && headers["transfer-encoding"].is_null(), "{headers}");
    }
    let report = with_site(&settings(&proxy.url), |site, operation| {
        let path = directory.path().join("broken.csv");
        std::fs::write(&path, "x,y\n1,2\n").expect("the file");
        site.upload(&path, "file", operation).expect("the file is there")
    });
    assert_eq!((report.status, report.http_status), (Status::Error, Some(400)));
    for missing in [directory.path().join("none.csv"), directory.path().to_path_buf()] {
        let error =
            with_site(&settings(&proxy.url), |site, operation| site.upload(&missing, "file", operation));
        assert_eq!(error.err().map(|error| error.code()), Some(Code::File));
    }
}
