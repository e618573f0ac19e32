//! The settings of organisations, and exchange by schedule.

use super::exchange_bench::{Bench, OTHER, SHOP, SUPPLIER, run, settings};
use super::utm::world::Config;
use obmen::egais::exchange::operations::Exchange;
use obmen::error::Code;
use serde_json::{Value, json};

#[test]
fn settings_are_given_by_side_and_the_missing_are_named() {
    let bench = Bench::new(Config::default(), &[SHOP]);
    bench
        .exchange
        .set_exchange_settings(&json!({ "КодФСРАР": OTHER, "ОбменНаСервере": false }))
        .expect("settings");
    let result = bench
        .exchange
        .exchange_settings(&json!([SHOP, OTHER, "000000000001"]), &Value::Null)
        .expect("settings");
    assert_eq!(result["ОбменНаСервере"][SHOP]["КодФСРАР"], SHOP);
    assert_eq!(result["ОбменНаКлиенте"][OTHER]["АдресУТМ"], "localhost");
    assert_eq!(result["БезНастроек"], json!(["000000000001"]));
    assert!(bench.exchange.delete_exchange_settings(OTHER).expect("deleted"));
    assert!(!bench.exchange.delete_exchange_settings(OTHER).expect("gone"));
}

#[test]
fn only_what_is_due_is_exchanged_by_schedule() {
    let bench = Bench::new(Config::default(), &[SHOP, SUPPLIER]);
    let mut shop = settings(bench.utm(SHOP));
    shop["РасписаниеСекунд"] = 3600.into();
    bench.exchange.set_exchange_settings(&shop).expect("settings");
    let exchange = |dates: Value| {
        run(|operation| bench.exchange.exchange(&Value::Null, &dates, Some("форма"), operation))
            .expect("a report")
    };
    let now = jiff::Zoned::now().strftime("%Y-%m-%dT%H:%M:%S").to_string();
    let requests =
        || (bench.utm(SHOP).with(|utm| utm.requests), bench.utm(SUPPLIER).with(|utm| utm.requests));
    let report = exchange(json!({ SHOP: now }));
    assert_eq!(report["ВыполнитьОбменПоРасписанию"], false);
    assert_eq!(requests(), (0, 0));
    let report = exchange(json!({ SHOP: "2020-01-01T00:00:00" }));
    assert_eq!(report["ВыполнитьОбменПоРасписанию"], true);
    assert_eq!(report["ИдентификаторВладельца"], "форма");
    assert!(requests().0 > 0 && requests().1 == 0, "the supplier has no schedule");
    let report = exchange(Value::Null);
    assert_eq!(report["ВыполнитьОбменПоРасписанию"], false);
    assert!(requests().1 > 0);
}

#[test]
fn without_a_store_the_call_says_what_to_set() {
    let exchange = Exchange::default();
    let error = run(|operation| exchange.exchange(&Value::Null, &Value::Null, None, operation))
        .expect_err("no store");
    assert_eq!(error.code(), Code::Argument);
    assert!(error.message().ru.contains("ФайлХранилища"), "{error}");
}
