//! What tests of the exchange share: a store in a temporary folder, the stand-in, short calls.

#![allow(dead_code)]

use crate::utm::papers::Head;
pub use crate::utm::waybill_xml;
use crate::utm::world::{Config, line};
use crate::utm::{Egais, Utm};
use obmen::egais::exchange::operations::Exchange;
use obmen::error::Result;
use obmen::operation::{CancelToken, Operation, Silent};
use serde_json::{Value, json};
use std::time::Duration;

pub const SHOP: &str = "030000412451";
pub const SUPPLIER: &str = "010038062164";
/// A partner without a UTM.
pub const OTHER: &str = "020000190211";

/// A stand-in with UTMs, and an exchange with settings for each of them.
pub struct Bench {
    pub folder: tempfile::TempDir,
    pub egais: Egais,
    pub utms: Vec<Utm>,
    pub exchange: Exchange,
}

impl Bench {
    pub fn new(config: Config, organisations: &[&str]) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let egais = Egais::new(config);
        let utms: Vec<Utm> = organisations.iter().map(|code| egais.utm(code)).collect();
        let mut exchange = Exchange::default();
        exchange.set_store_file(&folder.path().join("obmen.db").to_string_lossy()).expect("a store");
        exchange.set_lease_margin(Duration::from_millis(200));
        for utm in &utms {
            exchange.set_exchange_settings(&settings(utm)).expect("settings");
        }
        Self { folder, egais, utms, exchange }
    }

    pub fn utm(&self, code: &str) -> &Utm {
        self.utms.iter().find(|utm| utm.fsrar() == code).expect("a UTM of this organisation")
    }

    pub fn try_prepare(&self, key: &str, code: &str, doc_type: &str, data: Value) -> Result<Value> {
        let item = json!({ "Ссылка": key, "КодФСРАР": code, "ТипДокумента": doc_type, "Данные": data });
        run(|operation| {
            self.exchange.prepare_to_send(&item, "ПередайтеДанные", &Value::Null, false, None, operation)
        })
        .map(|answer| answer.value)
    }

    /// Queues a document.
    pub fn prepare(&self, key: &str, code: &str, doc_type: &str, data: Value) -> Value {
        self.try_prepare(key, code, doc_type, data).expect("prepared")
    }

    pub fn try_act(&self, key: &str, action: &str, extra: Value) -> Result<Value> {
        run(|operation| self.exchange.prepare_to_send(&json!(key), action, &extra, false, None, operation))
            .map(|answer| answer.value)
    }

    /// Queues an operation on a known document.
    pub fn act(&self, key: &str, action: &str, extra: Value) -> Value {
        self.try_act(key, action, extra).expect("allowed")
    }

    pub fn exchange(&self) -> Value {
        run(|operation| self.exchange.exchange(&Value::Null, &Value::Null, None, operation))
            .expect("a report")
            .value
    }

    /// Exchanges until nothing changes any more.
    pub fn exchange_until_quiet(&self) {
        for _ in 0..10 {
            self.egais.settle();
            let report = self.exchange();
            if report["Изменения"].as_array().is_none_or(Vec::is_empty) {
                return;
            }
        }
        panic!("the exchange does not come to rest");
    }

    /// A partner without UTM sends a waybill to the shop; gives its registration number.
    pub fn supply(&self, version: u8, number: &str) -> String {
        let head = Head::new(version, number, OTHER, SHOP);
        let ttn = self.egais.supply(&head, &[line(1, 10), line(2, 5)]);
        self.egais.settle();
        ttn
    }

    pub fn change(&self, report: &Value, key: &str) -> Value {
        let changes = report["Изменения"].as_array().expect("changes");
        changes.iter().find(|change| change["Ссылка"] == key).cloned().expect("a change of this document")
    }

    pub fn status(&self, key: &str) -> String {
        self.exchange.document(key).expect("a document")["Статус"].as_str().unwrap_or_default().to_owned()
    }

    /// The only incoming waybill of the store.
    pub fn only_incoming(&self) -> Value {
        let list = self.exchange.documents(&json!({ "Вид": "ВходящаяНакладная" })).expect("documents");
        let list = list.as_array().expect("an array");
        assert_eq!(list.len(), 1, "{list:?}");
        list[0].clone()
    }

    /// Its key.
    pub fn only_incoming_key(&self) -> String {
        self.only_incoming()["Ссылка"].as_str().expect("a key").to_owned()
    }

    /// A waybill `wb` of the supplier that the shop has accepted; gives the shop's key of it.
    pub fn accepted_waybill(&self) -> String {
        self.prepare("wb", SUPPLIER, "WayBill_v4", json!(waybill_xml(4, SUPPLIER, SHOP, "1")));
        self.exchange_until_quiet();
        let key = self.only_incoming_key();
        self.act(&key, "ПодтвердитеПолучение", json!({}));
        self.exchange_until_quiet();
        key
    }
}

/// Runs a long call.
pub fn run<T>(call: impl FnOnce(&mut Operation<'_>) -> T) -> T {
    let mut silent = Silent;
    call(&mut Operation::new(CancelToken::new(), &mut silent))
}

/// Settings for a UTM of the stand-in.
pub fn settings(utm: &Utm) -> Value {
    json!({ "КодФСРАР": utm.fsrar(), "АдресУТМ": "127.0.0.1", "ПортУТМ": utm.port(), "Таймаут": 20 })
}
