//! The operations of the exchange one by one, against the UTM stand-in.

mod concurrency;
#[path = "../exchange_bench/mod.rs"]
mod exchange_bench;
mod queue;
mod settings;
mod sides;
mod stock;
mod store;
mod synchronous;
#[path = "../utm/mod.rs"]
mod utm;
mod waybills;

use exchange_bench::SHOP;
use utm::papers;
use utm::xml::{element, leaf};

fn query_xml(name: &str) -> String {
    papers::envelope(SHOP, element("WB_DOC_SINGLE_01", name))
}

fn act_xml(number: &str) -> String {
    let ns = "ActWriteOff_v3";
    let header = element(ns, "Header")
        .field("ActNumber", number)
        .field("ActDate", "2024-06-03")
        .field("TypeWriteOff", "Порча");
    let form = element(ns, "InformF1F2").with(element(ns, "InformF2").with(leaf(
        "ProductRef_v2",
        "F2RegId",
        "FB-000000000000001",
    )));
    let position = element(ns, "Position").field("Identity", "1").field("Quantity", "1").with(form);
    let act = element("WB_DOC_SINGLE_01", ns)
        .with(leaf(ns, "Identity", uuid::Uuid::new_v4().to_string()))
        .with(header)
        .with(element(ns, "Content").with(position));
    papers::envelope(SHOP, act)
}
