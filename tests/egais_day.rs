//! A day of a shop through the binary interface: a host in C calls `ObmenEgais`, each statement or two in a process
//! of its own, so that everything that lasts lasts in the store.

mod common;
mod exchange_bench;
mod utm;

use common::host::{Run, quoted, script};
use exchange_bench::{OTHER, SHOP, SUPPLIER, waybill_xml};
use serde_json::{Value, json};
use std::path::PathBuf;
use utm::papers::Head;
use utm::world::{Answer, Config, Partner, line};
use utm::{Egais, Utm};

/// A shop with its store and its UTM.
struct Shop {
    folder: tempfile::TempDir,
    egais: Egais,
    utm: Utm,
}

impl Shop {
    fn new() -> Self {
        let egais = Egais::new(Config::default());
        egais.partner(
            "*",
            Partner { on_waybill: Answer::Accept, on_difference: Answer::Accept, ..Partner::default() },
        );
        let utm = egais.utm(SHOP);
        Self { folder: tempfile::tempdir().expect("a folder"), egais, utm }
    }

    fn settings(&self) -> Value {
        json!({ "КодФСРАР": SHOP, "Наименование": "Магазин", "АдресУТМ": "127.0.0.1", "ПортУТМ": self.utm.port(),
                "Таймаут": 20, "РасписаниеСекунд": 300 })
    }

    fn store(&self) -> PathBuf {
        self.folder.path().join("obmen.db")
    }

    /// Runs statements on a new object that has the store.
    fn run(&self, statements: &[&str]) -> Run {
        let mut text = format!("ФайлХранилища = {}\n", quoted(&self.store().to_string_lossy()));
        text.push_str(&statements.join("\n"));
        script(&["--class", "ObmenEgais"], &text).expect("a C compiler was here a moment ago")
    }

    /// Calls a method and gives what it returned; it must succeed.
    fn call(&self, name: &str, arguments: &[&str]) -> Value {
        let run = self.run(&[&format!("{name}({})", arguments.join(", "))]);
        let value = run.value(name).clone();
        match value.as_str() {
            Some(text) => {
                serde_json::from_str(text).unwrap_or_else(|error| panic!("{name}: {error}: {run:?}"))
            }
            None => {
                let done = run.statements.last().is_some_and(|statement| statement["ok"] == true);
                assert!(done, "{name}: {run:?}");
                value
            }
        }
    }

    /// Exchanges until nothing changes any more; gives the changes.
    fn exchange(&self) -> Vec<Value> {
        let mut all = Vec::new();
        for _ in 0..8 {
            self.egais.settle();
            let report = self.call("ВыполнитьОбмен", &[]);
            assert_eq!(report["Ошибки"], json!([]), "{report}");
            let changes = report["Изменения"].as_array().expect("changes").clone();
            if changes.is_empty() {
                return all;
            }
            all.extend(changes);
        }
        panic!("the exchange does not come to rest: {all:?}");
    }

    fn status(&self, key: &str) -> String {
        self.call("Документ", &[&quoted(key)])["Статус"].as_str().unwrap_or_default().to_owned()
    }

    fn supply(&self, number: &str) -> String {
        let head = Head::new(4, number, OTHER, SHOP);
        self.egais.supply(&head, &[line(1, 10), line(2, 5)])
    }
}

fn structure(value: &Value) -> String {
    quoted(&value.to_string())
}

/// A shop whose settings are in the store; `None` without a C compiler.
fn open_shop() -> Option<Shop> {
    common::host::plain()?;
    let shop = Shop::new();
    shop.call("ДобавитьНастройкуОбмена", &[&structure(&shop.settings())]);
    Some(shop)
}

#[test]
fn a_day_of_a_shop() {
    let Some(shop) = open_shop() else { return };
    let found = shop.call("НастройкиОбменаЕГАИС", &[&structure(&json!([SHOP, "000000000001"]))]);
    assert_eq!(found["ОбменНаСервере"][SHOP]["ПортУТМ"], shop.utm.port());
    assert_eq!(found["БезНастроек"], json!(["000000000001"]));

    // A query for an organisation is sent at once; its reply comes with an exchange.
    let asked = shop.call(
        "ПодготовитьЗапросДанныхКлассификатораКПередаче",
        &[&quoted(SHOP), "\"ЗапросДанныхОрганизации\"", "\"СИО\"", &quoted(OTHER), "\"форма\""],
    );
    let query = asked["Изменения"][0]["Ссылка"].as_str().expect("a key").to_owned();
    assert_eq!(
        (&asked["Изменения"][0]["Статус"], &asked["ИдентификаторВладельца"]),
        (&json!("Передан"), &json!("форма"))
    );
    shop.exchange();
    assert_eq!(shop.status(&query), "ОтветПолучен");
    assert!(shop.call("ДанныеДокумента", &[&quoted(&query)])["Данные"].is_object());

    // Two waybills come in: one is accepted, of the other less was received than the supplier says.
    let (first, second) = (shop.supply("п1"), shop.supply("п2"));
    let new: Vec<Value> =
        shop.exchange().into_iter().filter(|change| change["НовыйДокумент"] == true).collect();
    let key_of = |ttn: &str| {
        let change = new.iter().find(|change| change["РегистрационныйНомер"] == ttn).expect("a new waybill");
        change["Ссылка"].as_str().expect("a key").to_owned()
    };
    let (accepted, disputed) = (key_of(&first), key_of(&second));
    let own = uuid::Uuid::new_v4().to_string();
    shop.call("СвязатьДокумент", &[&quoted(&accepted), &quoted(&own)]);
    shop.call("ПодготовитьКПередаче", &[&quoted(&own), "\"ПодтвердитеПолучение\""]);
    let less = json!({ "Номер": "7", "Расхождения": [{ "Идентификатор": "1", "Количество": 9 }] });
    let prepared = shop.call(
        "ПодготовитьКПередаче",
        &[&structure(&json!([disputed])), "\"СообщитеОРасхождениях\"", &structure(&less), "Истина"],
    );
    assert_eq!(prepared["Изменения"][0]["Статус"], "Передан", "{prepared}");
    shop.exchange();
    assert_eq!(shop.status(&own), "Подтвержден");
    assert_eq!(shop.status(&disputed), "РасхожденияПодтверждены");

    // A write-off from data, and what is left.
    let act = json!({ "Ссылка": "списание", "КодФСРАР": SHOP, "ТипДокумента": "ActWriteOff_v3", "Данные": {
        "Header": { "ActNumber": "1", "ActDate": "2024-06-03", "TypeWriteOff": "Порча" },
        "Content": { "Position": { "Identity": "1", "Quantity": 1,
            "InformF1F2": { "InformF2": { "F2RegId": "FB-000000000000001" } } } } } });
    shop.call("ПодготовитьКПередаче", &[&structure(&act), "\"ПередайтеДанные\""]);
    let rests =
        json!({ "Ссылка": "остатки", "КодФСРАР": SHOP, "ТипДокумента": "QueryRests_v2", "Данные": {} });
    shop.call("ПодготовитьКПередаче", &[&structure(&rests), "\"ПередайтеДанные\""]);
    shop.exchange();
    assert_eq!(shop.status("списание"), "ПроведенЕГАИС");
    let stock = shop.call("Остатки", &[&quoted(SHOP), "\"1\""]);
    assert_eq!(stock["ТипДокумента"], "ReplyRests_v2");
    assert!(!stock["Данные"].is_null());

    // The protocol knows it all, and statuses follow from it alone.
    let events = shop.call("ПротоколОбмена", &[&structure(&json!({ "Ссылка": "списание" }))]);
    let names: Vec<&str> =
        events.as_array().expect("events").iter().filter_map(|event| event["Событие"].as_str()).collect();
    assert!(
        names.contains(&"Подготовлено") && names.contains(&"Передано") && names.contains(&"Получено"),
        "{names:?}"
    );
    let restored = shop.call("ВосстановитьСтатусДокументаПоДаннымПротоколаОбмена", &[&quoted(&own)]);
    assert_eq!((&restored["СтатусДо"], &restored["Статус"]), (&json!("Подтвержден"), &json!("Подтвержден")));
    assert_eq!(shop.call("ВосстановитьВсеСтатусы", &[]), json!(5));
    let state = shop.call("Состояние", &[]);
    assert_eq!(state["Организации"][SHOP]["УТМ"]["КодФСРАР"], SHOP);
    assert_eq!(shop.utm.waiting(), 0, "everything was stored, understood and removed");
}

#[test]
fn a_cancelled_operation_and_a_refused_one_are_told() {
    let Some(shop) = open_shop() else { return };
    let item = json!({ "Ссылка": "н1", "КодФСРАР": SHOP, "ТипДокумента": "WayBill_v4",
                       "Данные": waybill_xml(4, SHOP, OTHER, "1") });
    shop.call("ПодготовитьКПередаче", &[&structure(&item), "\"ПередайтеДанные\""]);
    let changes = shop.call("ОтменитьПередачу", &["\"н1\""]);
    assert_eq!(changes[0]["Статус"], "Черновик");
    let run = shop.run(&["ОтозватьНакладную = 1", "ОтменитьПоследнююОперацию(\"н1\")", "ПоследняяОшибка"]);
    assert_eq!(run.statements.last().map(|last| last["ok"].clone()), Some(json!(true)));
    assert_eq!(run.json("ПоследняяОшибка")["code"], "argument");
    let wrong = shop.run(&["ПодготовитьКПередаче(\"н1\", \"ПодтвердитеПолучение\")", "ОписаниеОшибки"]);
    let text = wrong.value("ОписаниеОшибки").as_str().unwrap_or_default().to_owned();
    assert!(text.contains("Черновик") && text.contains("ПередайтеДанные"), "{text}");
}

#[test]
fn what_fails_for_an_organisation_is_a_report_and_the_last_error() {
    let Some(shop) = open_shop() else { return };
    shop.utm.with(|transport| transport.shown = Some("099999999999".into()));
    let run = shop.run(&["ВыполнитьОбмен()", "ПоследняяОшибка"]);
    let report = run.json("ВыполнитьОбмен");
    assert_eq!(report["Ошибки"][0]["КодФСРАР"], SHOP);
    let error = run.json("ПоследняяОшибка");
    assert_eq!((&error["code"], &error["fsrar_id"]), (&json!("utm"), &json!(SHOP)));
    // A call that cannot begin is an exception.
    let without =
        script(&["--class", "ObmenEgais", "--language", "en"], "ВыполнитьОбмен()\n").expect("a compiler");
    assert_eq!(without.statements[0]["ok"], false);
    assert!(
        without.statements[0]["errors"][0].as_str().is_some_and(|text| text.contains("StoreFile")),
        "{without:?}"
    );
}

#[test]
fn structures_of_1c_come_in_and_go_out_as_internal_text() {
    let Some(shop) = open_shop() else { return };
    shop.supply("п1");
    shop.egais.settle();
    // A map {FSRAR_ID → date} as ЗначениеВСтрокуВнутр writes it.
    let dates = format!(
        "{{\"#\",3d48feae-a9c6-4c5a-a099-9eb6477630c6,{{1,{{{{\"S\",\"{SHOP}\"}},{{\"D\",20200101000000}}}}}}}}"
    );
    let run = shop
        .run(&["ФорматРезультата = \"Внутр\"", &format!("ВыполнитьОбмен(, {}, \"форма\")", quoted(&dates))]);
    let text = run.value("ВыполнитьОбмен").as_str().unwrap_or_default().replace('\n', "");
    assert!(
        text.starts_with("{\"#\",") && text.contains("{\"S\",\"ВыполнитьОбменПоРасписанию\"},{\"B\",1}"),
        "{text}"
    );
    assert!(text.contains("{\"S\",\"Получен\"}"), "{text}");
    let empty_map = "{\"S\",\"НастройкиОбменаЕГАИС\"},{\"#\",3d48feae-a9c6-4c5a-a099-9eb6477630c6,{0}}";
    assert!(text.contains(empty_map), "Соответствие, not Структура: {text}");
}

#[test]
fn a_client_reaches_the_utm_and_the_server_has_the_store() {
    let Some(shop) = open_shop() else { return };
    let mut settings = shop.settings();
    settings["ОбменНаСервере"] = json!(false);
    shop.call("ДобавитьНастройкуОбмена", &[&structure(&settings)]);
    let item = json!({ "Ссылка": "н1", "КодФСРАР": SHOP, "ТипДокумента": "WayBill_v4",
                       "Данные": waybill_xml(4, SHOP, SUPPLIER, "1") });
    let prepared =
        shop.call("ПодготовитьКПередаче", &[&structure(&item), "\"ПередайтеДанные\"", "", "Истина"]);
    assert_eq!(shop.utm.with(|utm| utm.requests), 0, "the server does not reach it");
    let (messages, remote) = (&prepared["СообщенияXMLКПередаче"], &prepared["НастройкиОбменаЕГАИС"]);
    let client = |name: &str, arguments: &[String]| {
        let statement = format!("СторонаОбмена = \"Клиент\"\n{name}({})\n", arguments.join(", "));
        script(&["--class", "ObmenEgais", "--client"], &statement).expect("a compiler").json(name)
    };
    let results = client("ПередатьСообщения", &[structure(messages), structure(remote)]);
    assert_eq!(results[0]["Исход"], "Передано");
    let accepted = shop.call("ПринятьРезультатПередачи", &[&structure(&results)]);
    assert_eq!(accepted["Изменения"][0]["Статус"], "Передан");
    shop.egais.settle();
    let incoming = client("ВходящиеСообщения", &[structure(remote)]);
    assert!(incoming["ДокументыКЗагрузке"][SHOP].as_array().is_some_and(|list| list.len() >= 3));
    let processed = shop.call("ОбработатьВходящиеДокументы", &[&structure(&incoming), "\"форма\""]);
    assert_eq!(shop.status("н1"), "Подтвержден");
    let removed = client("УдалитьВходящиеДокументы", &[structure(&processed["ДокументыКУдалению"])]);
    assert_eq!(removed["Ошибки"], json!([]));
    assert_eq!(shop.utm.waiting(), 0);
}
