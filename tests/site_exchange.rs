//! Catalogues go from a C host through the library to a real Django site. What counts is what lands in its database.

#[path = "catalogue/mod.rs"]
mod catalogue;
mod common;
#[path = "site_exchange/exchange.rs"]
mod exchange;
#[path = "site_exchange/expected.rs"]
mod expected;
#[path = "site_exchange/faults.rs"]
mod faults;
#[path = "site_exchange/files.rs"]
mod files;
#[path = "site_exchange/refusals.rs"]
mod refusals;

use catalogue::Product;
use catalogue::formats::{self, Names};
use common::proxy::Proxy;
use common::shared;
use common::site::{Site, TOKEN};
use exchange::{Exchange, SYNC};
use expected::{assert_stored, incomplete_rows};
use serde_json::{Value, json};

/// `count` products that every site takes, each sku once.
fn plain_products(count: usize) -> Vec<Product> {
    (1..=count)
        .map(|number| Product {
            sku: Some(format!("P-{number:05}")),
            name: Some(format!("Товар {number}")),
            price: Some(format!("{number}.5")),
            stock: Some(number.to_string()),
            ..Product::default()
        })
        .collect()
}

fn numbers(report: &Value, keys: &[&str]) -> Vec<u64> {
    keys.iter().map(|key| report[key].as_u64().unwrap_or_else(|| panic!("{key} in {report}"))).collect()
}

/// Rows that the report names, in its order.
fn reported_rows(report: &Value) -> Vec<u64> {
    let errors = report["errors"].as_array().unwrap_or_else(|| panic!("{report}"));
    errors.iter().map(|error| error["row"].as_u64().unwrap_or_else(|| panic!("{error}"))).collect()
}

#[test]
fn a_catalogue_in_any_form_lands_in_the_database_as_it_was() {
    let products = catalogue::generate(700, 11);
    let forms: [(&str, String); 4] = [
        ("JSON, Russian names", formats::json(&products, Names::Russian)),
        ("JSON, English names", formats::json(&products, Names::English)),
        ("value table", formats::internal_table(&products)),
        ("array of structures", formats::internal_array(&products)),
    ];
    for (form, text) in forms {
        let Some(site) = Site::start(&[]) else { return };
        let Some(report) = Exchange::with(&site.url).sync(&text) else { return };
        assert_stored(&site, &products);
        let bad = incomplete_rows(&products);
        assert!(!bad.is_empty());
        assert_eq!(reported_rows(&report), bad, "{form}");
        assert_eq!(report["status"], "partial", "{form}: {report}");
        let taken = (products.len() - bad.len()) as u64;
        assert_eq!(numbers(&report, &["processed", "unsent"]), [taken, 0], "{form}");
        assert_eq!(numbers(&report, &["created"]), [site.products() as u64], "{form}");
        assert_eq!(numbers(&report, &["updated"]), [taken - site.products() as u64], "{form}");
    }
}

#[test]
fn twenty_seven_thousand_real_rows_go_through() {
    let Some(file) = shared("data/products.csv") else { return println!("skipped: no developers' data") };
    let products = catalogue::csv::read(&std::fs::read_to_string(file).expect("the file")).expect("CSV");
    assert_eq!(products.len(), 27_093);
    let Some(site) = Site::start(&[]) else { return };
    let mut exchange = Exchange::with(&site.url);
    let Some(report) = exchange.set("РазмерПакета", "500").sync(&formats::internal_table(&products))
    else {
        return;
    };
    assert_stored(&site, &products);
    assert_eq!(reported_rows(&report), incomplete_rows(&products));
    assert_eq!(numbers(&report, &["created", "unsent"]), [site.products() as u64, 0]);
}

#[test]
fn parallel_batches_land_like_single_ones() {
    let products = plain_products(1500);
    let Some(site) = Site::start(&[]) else { return };
    let mut exchange = Exchange::with(&site.url);
    exchange.set("ПараллельныхОтправок", "8").set("РазмерПакета", "50");
    let Some(report) = exchange.sync(&formats::json(&products, Names::Russian)) else { return };
    assert_stored(&site, &products);
    assert_eq!(
        (&report["status"], &report["batches"]),
        (&json!("success"), &json!({"total": 30, "sent": 30, "failed": 0}))
    );
}

#[test]
fn products_added_one_by_one_are_sent_and_leave_the_list() {
    let Some(site) = Site::start(&[]) else { return };
    let mut exchange = Exchange::with(&site.url);
    exchange
        .line("ДобавитьТовар(\"00042\", \"Чайник \"\"Вихрь\"\"\", 1000.5, 10, \"Кухня\", \"Строка\", 1200, Истина)")
        .line("ДобавитьХарактеристику(\"Цвет\", \"Красный\")")
        .line("ДобавитьХарактеристику(\"Вес\", 1.25)")
        .line("ДобавитьТовар(\"2\", \"Второй\", 7)")
        .line("ОтправитьТоварыНаСайт()")
        .line("КоличествоТоваров")
        .line("Создано")
        .line("КодСостояния");
    let Some(run) = exchange.run() else { return };
    assert_eq!(run.json("ОтправитьТоварыНаСайт")["status"], "success", "{run:?}");
    let counts = ["КоличествоТоваров", "Создано", "КодСостояния"].map(|name| run.value(name).clone());
    assert_eq!(counts, [json!(0), json!(2), json!(200)]);
    let first = Product {
        sku: Some("00042".to_owned()),
        name: Some("Чайник \"Вихрь\"".to_owned()),
        price: Some("1000.5".to_owned()),
        old_price: Some("1200".to_owned()),
        stock: Some("10".to_owned()),
        category: Some("Кухня".to_owned()),
        description: Some("Строка".to_owned()),
        is_active: Some(true),
        characteristics: vec![
            ("Цвет".to_owned(), "Красный".to_owned()),
            ("Вес".to_owned(), "1.25".to_owned()),
        ],
    };
    let [sku, name, price] = ["2", "Второй", "7"].map(|text| Some(text.to_owned()));
    assert_stored(&site, &[first, Product { sku, name, price, ..Product::default() }]);
}

#[test]
fn hosts_of_every_kind_can_send() {
    for options in [&["--onescript"][..], &["--client"], &["--odd"], &["--language", "en"]] {
        let products = plain_products(30);
        let Some(site) = Site::start(&[]) else { return };
        let mut exchange = Exchange::with(&site.url);
        for option in options {
            exchange.option(option);
        }
        let Some(report) = exchange.sync(&formats::internal_array(&products)) else { return };
        assert_eq!(report["status"], "success", "{options:?}: {report}");
        assert_stored(&site, &products);
    }
}

#[test]
fn a_client_hears_of_progress_and_a_server_does_not() {
    let products = formats::json(&plain_products(400), Names::Russian);
    let Some(site) = Site::start(&[]) else { return };
    let mut exchange = Exchange::with(&site.url);
    exchange.set("РазмерПакета", "10").call(SYNC, &products);
    let Some(server) = exchange.run() else { return };
    assert!(server.events.is_empty(), "{:?}", server.events);
    let Some(client) = exchange.option("--client").run() else { return };
    assert!(!client.events.is_empty());
    let mut last = 0;
    for event in &client.events {
        assert_eq!((&event["event"], &event["source"]), (&json!("Прогресс"), &json!("ObmenSite")));
        let data: Value = serde_json::from_str(event["data"].as_str().expect("a text")).expect("JSON");
        let done = data["done"].as_u64().expect("a count");
        assert!(last <= done && done <= 400 && data["total"] == 400, "{data}");
        assert!(data["object_id"].is_string() && data["text"].is_string(), "{data}");
        last = done;
    }
}

#[test]
fn an_empty_list_is_nothing() {
    let Some(run) = Exchange::with("http://127.0.0.1:9").line("ОтправитьТоварыНаСайт()").run()
    else {
        return;
    };
    let report = run.json("ОтправитьТоварыНаСайт");
    assert_eq!(report["status"], "nothing", "{report}");
}

#[test]
fn a_request_carries_what_the_instruction_asks_for() {
    let Some(site) = Site::start(&[]) else { return };
    let proxy = Proxy::start(site.address(), &json!({}));
    let mut exchange = Exchange::with(&proxy.url);
    exchange.set("Заголовки", "\"{\"\"X-Shop\"\": \"\"7\"\"}\"").set("СжиматьТело", "Истина");
    let products = plain_products(250);
    let Some(report) = exchange.sync(&formats::json(&products, Names::English)) else { return };
    assert_eq!(report["status"], "success", "{report}");
    assert_stored(&site, &products);
    let log = proxy.log();
    assert_eq!(log.len(), 3);
    for request in &log {
        let headers = &request["headers"];
        assert_eq!((&request["method"], &request["path"]), (&json!("POST"), &json!("/api/1c/sync/")));
        assert_eq!((&headers["x-api-key"], &headers["x-shop"]), (&json!(TOKEN), &json!("7")));
        assert_eq!(headers["content-encoding"], "gzip");
        assert!(headers["content-type"].as_str().expect("a type").starts_with("application/json"));
    }
    let keys: std::collections::HashSet<_> =
        log.iter().map(|request| request["headers"]["idempotency-key"].as_str()).collect();
    assert!(keys.len() == 3 && !keys.contains(&None), "{keys:?}");
}

#[test]
fn the_connection_is_checked_without_sending_products() {
    let Some(site) = Site::start(&[]) else { return };
    let check = "ПроверитьСоединение";
    let Some(run) = Exchange::with(&site.url).line("ПроверитьСоединение()").run() else {
        return;
    };
    assert_eq!(run.json(check)["status"], "success", "{run:?}");
    let Some(run) = Exchange::with(&site.url).set("Token", "\"wrong\"").line("ПроверитьСоединение()").run()
    else {
        return;
    };
    assert_eq!(run.json(check)["error"]["code"], "auth", "{run:?}");
    let Some(run) = Exchange::with("http://127.0.0.1:9").line("ПроверитьСоединение()").run()
    else {
        return;
    };
    assert_eq!(run.json(check)["error"]["code"], "http_connect", "{run:?}");
    assert_eq!(site.products(), 0);
}
