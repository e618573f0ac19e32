//! Acts of stock and what is left in it.

use super::exchange_bench::{Bench, SHOP};
use super::utm::world::Config;
use super::{act_xml, query_xml};
use obmen::error::Code;
use serde_json::json;

#[test]
fn a_write_off_is_posted_and_repealed() {
    let bench = Bench::new(Config::default(), &[SHOP]);
    bench.prepare("act", SHOP, "ActWriteOff_v3", json!(act_xml("1")));
    bench.exchange_until_quiet();
    let document = bench.exchange.document("act").expect("a document");
    assert_eq!(document["Статус"], "ПроведенЕГАИС");
    assert!(document["РегистрационныйНомер"].as_str().is_some_and(|number| number.starts_with("WOF-")));
    bench.act("act", "ЗапроситеОтменуПроведения", json!({}));
    bench.exchange_until_quiet();
    assert_eq!(bench.status("act"), "ПроведениеОтменено");
    assert_eq!(bench.utm(SHOP).received()[1].url_type, "RequestRepealAWO");
}

#[test]
fn stock_comes_from_the_last_reply() {
    let bench = Bench::new(Config::default(), &[SHOP]);
    assert_eq!(bench.exchange.rests(SHOP, "1").expect_err("none yet").code(), Code::Argument);
    bench.prepare("q", SHOP, "QueryRests_v2", json!(query_xml("QueryRests_v2")));
    bench.exchange_until_quiet();
    assert_eq!(bench.exchange.rests(SHOP, "1").expect("stock")["ТипДокумента"], "ReplyRests_v2");
    assert!(bench.exchange.rests(SHOP, "3").is_err());
}
