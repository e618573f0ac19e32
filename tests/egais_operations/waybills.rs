//! Many incoming waybills in one call.

use super::exchange_bench::{Bench, SHOP, run, settings};
use super::utm::world::Config;
use serde_json::{Value, json};

#[test]
fn unanswered_waybills_that_are_not_here_are_requested_again() {
    let bench = Bench::new(Config::default(), &[SHOP]);
    let mut quick = settings(bench.utm(SHOP));
    quick["Паузы"] = json!({ "QueryNATTN": 0, "QueryResendDoc": 0 });
    bench.exchange.set_exchange_settings(&quick).expect("settings");
    let known = bench.supply(4, "п1");
    bench.exchange_until_quiet();
    let lost = bench.supply(4, "п2");
    let half = bench.supply(4, "п3");
    bench.utm(SHOP).with(|utm| {
        // One waybill is gone altogether, of another only the waybill itself came.
        utm.out.retain(|_, document| document.url_type == "WayBill_v4" && document.xml.contains("п3"));
    });
    bench.exchange_until_quiet();
    let report = run(|operation| bench.exchange.reconcile_unanswered(SHOP, operation)).expect("a report");
    let numbers: Vec<&str> = report["Необработанные"]
        .as_array()
        .expect("an array")
        .iter()
        .filter_map(|line| line["РегистрационныйНомер"].as_str())
        .collect();
    assert_eq!(numbers, [known.as_str(), lost.as_str(), half.as_str()], "{report}");
    assert_eq!(report["Запрошены"].as_array().map(Vec::len), Some(2), "{report}");
    bench.exchange_until_quiet();
    let list = bench.exchange.documents(&json!({ "Вид": "ВходящаяНакладная" })).expect("documents");
    let list = list.as_array().expect("an array");
    assert_eq!(list.len(), 3, "copies make no new documents: {list:?}");
    assert!(list.iter().all(|document| document["Статус"] == "Получен"), "{list:?}");
    let report = run(|operation| bench.exchange.reconcile_unanswered(SHOP, operation)).expect("a report");
    assert_eq!(report["Запрошены"], json!([]));
}

#[test]
fn all_waybills_of_a_filter_are_accepted() {
    let bench = Bench::new(Config::default(), &[SHOP]);
    for number in ["п1", "п2", "п3"] {
        bench.supply(4, number);
    }
    bench.exchange_until_quiet();
    let report = run(|operation| bench.exchange.accept_all(&json!({ "КодФСРАР": SHOP }), None, operation))
        .expect("a report");
    assert_eq!(report["Изменения"].as_array().map(Vec::len), Some(3));
    bench.exchange_until_quiet();
    let left = bench.exchange.documents(&json!({ "Статус": "Получен" })).expect("documents");
    assert_eq!(left, json!([]));
    let report = run(|operation| bench.exchange.accept_all(&Value::Null, None, operation)).expect("a report");
    assert_eq!(report["Изменения"], json!([]));
}
