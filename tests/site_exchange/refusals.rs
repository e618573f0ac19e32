//! Products, batches and senders that the site refuses.

use crate::catalogue::formats::{self, Names};
use crate::common::proxy::Proxy;
use crate::common::site::Site;
use crate::exchange::{Exchange, SYNC};
use crate::expected::assert_stored;
use crate::{numbers, plain_products, reported_rows};
use serde_json::json;

#[test]
fn a_wrong_token_stops_at_once_and_leaves_everything_unsent() {
    let products = formats::json(&plain_products(50), Names::Russian);
    let Some(site) = Site::start(&[]) else { return };
    let proxy = Proxy::start(site.address(), &json!({}));
    let mut exchange = Exchange::with(&proxy.url);
    exchange.set("ТокенАвторизации", "\"чужой\"").set("РазмерПакета", "10").line("ПоследняяОшибка");
    let Some(run) = exchange.call(SYNC, &products).line("ПоследняяОшибка").run() else {
        return;
    };
    // A token that is no ASCII cannot stand in a header: that is an error of the call. An ASCII one is refused.
    assert!(
        run.statements.iter().any(|statement| !statement["errors"].as_array().expect("errors").is_empty())
            || run.json(SYNC)["error"]["code"] == "auth"
    );

    let mut exchange = Exchange::with(&proxy.url);
    exchange.set("ТокенАвторизации", "\"wrong\"").set("РазмерПакета", "10");
    let Some(report) = exchange.sync(&products) else { return };
    assert_eq!((&report["status"], &report["error"]["code"]), (&json!("error"), &json!("auth")), "{report}");
    assert_eq!(numbers(&report, &["processed", "unsent"]), [0, 50]);
    let wrong = proxy.log().iter().filter(|request| request["headers"]["x-api-key"] == "wrong").count();
    assert_eq!(wrong, 1, "nothing else is sent after 401");
    assert_eq!(site.products(), 0);
}

#[test]
fn products_that_the_site_refuses_are_named_with_their_rows() {
    for form in ["strings", "objects"] {
        let mut products = plain_products(60);
        for row in [3, 17, 60] {
            products[row - 1].name = Some("я".repeat(501)); // longer than the site's column
        }
        let Some(site) = Site::start(&["--errors", form]) else { return };
        let mut exchange = Exchange::with(&site.url);
        let Some(report) = exchange.set("РазмерПакета", "25").sync(&formats::json(&products, Names::Russian))
        else {
            return;
        };
        assert_eq!(report["status"], "partial", "{form}: {report}");
        assert_eq!(numbers(&report, &["processed", "created", "unsent"]), [57, 57, 0], "{form}");
        assert_eq!(reported_rows(&report), [3, 17, 60], "{form}");
        assert_eq!(report["errors"][1]["sku"], "P-00017", "{form}");
        products.retain(|product| product.name.as_deref().is_some_and(|name| name.len() < 500));
        assert_stored(&site, &products);
    }
}

#[test]
fn a_batch_refused_as_a_whole_is_halved_until_the_bad_products_are_known() {
    let mut products = plain_products(64);
    products[40].description = Some("длинное описание ".repeat(2000));
    // The site takes bodies up to 20 KB: whole batches are refused for the sake of one product.
    let Some(site) = Site::start(&["--max-body", "20000"]) else { return };
    let mut exchange = Exchange::with(&site.url);
    let Some(report) = exchange.set("РазмерПакета", "32").sync(&formats::json(&products, Names::Russian))
    else {
        return;
    };
    assert_eq!(reported_rows(&report), [41], "{report}");
    assert_eq!(report["errors"][0]["http_status"], 413);
    assert_eq!(numbers(&report, &["processed", "unsent"]), [63, 0]);
    products.remove(40);
    assert_stored(&site, &products);
}

#[test]
fn without_splitting_a_refused_batch_fails_as_a_whole() {
    let mut products = plain_products(40);
    products[0].description = Some("длинное описание ".repeat(2000));
    let Some(site) = Site::start(&["--max-body", "20000"]) else { return };
    let mut exchange = Exchange::with(&site.url);
    exchange.set("РазмерПакета", "20").set("РазделятьПакетПриОтказе", "Ложь");
    let Some(report) = exchange.sync(&formats::json(&products, Names::Russian)) else { return };
    assert_eq!(report["batches"], json!({"total": 2, "sent": 1, "failed": 1}), "{report}");
    assert_stored(&site, &products[20..]);
}

#[test]
fn a_site_that_refuses_everything_is_not_asked_for_ever() {
    let products = plain_products(500);
    let Some(site) = Site::start(&[]) else { return };
    let refuse =
        json!({"do": "answer", "status": 400, "body": "{\"status\":\"error\",\"message\":\"не то\"}"});
    let steps: Vec<_> = std::iter::repeat_n(refuse, 5000).collect();
    let proxy = Proxy::start(site.address(), &json!({ "requests": steps }));
    let Some(report) = Exchange::with(&proxy.url).sync(&formats::json(&products, Names::Russian)) else {
        return;
    };
    assert_eq!(report["status"], "error", "{report}");
    assert!(proxy.log().len() < 100, "{} requests", proxy.log().len());
    let [processed, unsent] = numbers(&report, &["processed", "unsent"])[..] else { panic!("{report}") };
    let named = report["errors"].as_array().expect("errors").len() as u64;
    assert_eq!((processed, named + unsent), (0, 500), "each product is either named or unsent");
    assert!(named >= 20, "{report}");
}

#[test]
fn a_limit_of_bytes_holds_for_every_request() {
    let products = crate::catalogue::generate(300, 5);
    let Some(site) = Site::start(&[]) else { return };
    let proxy = Proxy::start(site.address(), &json!({}));
    let mut exchange = Exchange::with(&proxy.url);
    exchange.set("МаксимумБайтПакета", "60000");
    let Some(report) = exchange.sync(&formats::internal_array(&products)) else { return };
    assert_stored(&site, &products);
    for request in proxy.log() {
        assert!(request["body_bytes"].as_u64().expect("a size") <= 60_000, "{request}");
    }
    assert_eq!(numbers(&report, &["unsent"]), [0]);
}

#[test]
fn bad_data_fails_before_anything_is_sent() {
    let Some(site) = Site::start(&[]) else { return };
    for (statement, code) in [
        ("СинхронизироватьТоварыССайтом(\"[{\"\"sku\"\": \")", "value_text"),
        ("СинхронизироватьТоварыССайтом(\"не данные\")", "value_text"),
        ("ДобавитьТовар(\"\", \"Имя\", 1)", "validation"),
        ("ДобавитьТовар(\"1\", \"Имя\", -1)", "validation"),
        ("ДобавитьТовар(\"1\", \"Имя\", \"дорого\")", "validation"),
        ("Настроить(\"{\"\"Таймут\"\": 5}\")", "argument"),
    ] {
        let Some(run) = Exchange::with(&site.url).line(statement).line("ПоследняяОшибка").run()
        else {
            return;
        };
        assert_eq!(run.json("ПоследняяОшибка")["code"], code, "{statement}: {run:?}");
        let called = &run.statements[run.statements.len() - 2];
        assert_eq!(
            (&called["ok"], called["errors"].as_array().map(Vec::len)),
            (&json!(false), Some(1)),
            "{called}"
        );
    }
    assert_eq!(site.products(), 0);
}
