//! What a source gives and what the site gets of it.

use super::test_events::{Owned, Script, json_events, table_events};
use super::{Catalogue, ExtraFields, Fault, Field};
use crate::error::{Code, Error, Language};
use crate::value::Event;
use proptest::prelude::*;
use serde_json::{Value, json};

fn added(events: Vec<Owned>, extra_fields: ExtraFields) -> Catalogue {
    let mut catalogue = Catalogue::new();
    catalogue.add(&mut Script::new(events), extra_fields).unwrap();
    catalogue
}

fn from_json(value: &Value) -> Catalogue {
    added(json_events(value), ExtraFields::LeaveOut)
}

/// The products as another parser reads them.
fn products(catalogue: &Catalogue) -> Value {
    serde_json::from_str(&catalogue.to_json()).unwrap()
}

/// Rows and texts of what was refused.
fn refused(catalogue: &Catalogue) -> Vec<(u64, String)> {
    let text =
        |refusal: &super::Refusal| (refusal.row, refusal.message().in_language(Language::English).to_owned());
    catalogue.refusals().iter().map(text).collect()
}

#[test]
fn a_full_product_is_written_in_the_order_of_the_instruction() {
    let catalogue = from_json(&json!({
        "Характеристики": [{"Название": "Цвет", "Значение": "Красный"}, {"Значение": 5, "Название": "Вес"}],
        "Активен": true, "Категория": "Лампы", "Остаток": -2.5, "СтараяЦена": 120, "Описание": "Да \"нет\"\n",
        "Цена": 100.50, "Наименование": "Лампа", "Артикул": "A-1",
    }));
    assert_eq!(
        catalogue.to_json(),
        r#"[{"sku":"A-1","name":"Лампа","price":100.5,"description":"Да \"нет\"\n","old_price":120,"stock":-2.5,"category":"Лампы","is_active":true,"characteristics":[{"name":"Цвет","value":"Красный"},{"name":"Вес","value":5}]}]"#
    );
}

#[test]
fn optional_fields_are_left_out_as_the_instruction_does() {
    let catalogue = from_json(&json!([
        {"sku": "1", "name": "n", "price": 0, "description": "", "old_price": 0, "stock": null, "category": "",
         "is_active": null, "characteristics": []},
        {"sku": "2", "name": "n", "price": "0", "old_price": "-5", "stock": "", "is_active": " ", "characteristics": ""},
        {"sku": "3", "name": "n", "price": 1, "description": " ", "stock": 0, "is_active": false},
    ]));
    assert_eq!(
        products(&catalogue),
        json!([
            {"sku": "1", "name": "n", "price": 0},
            {"sku": "2", "name": "n", "price": 0},
            {"sku": "3", "name": "n", "price": 1, "description": " ", "stock": 0, "is_active": false},
        ])
    );
}

#[test]
fn null_is_an_absent_value() {
    let mut events = json_events(&json!({"sku": "1", "name": "n", "price": 1}));
    events.pop();
    events.extend([Owned::Name("Категория".into()), Owned::Null, Owned::EndStructure]);
    let catalogue = added(events, ExtraFields::LeaveOut);
    assert_eq!(products(&catalogue), json!([{"sku": "1", "name": "n", "price": 1}]));
}

#[test]
fn numbers_keep_their_decimal_text_and_numeric_skus_are_plain() {
    let number = |text: &str| Owned::Number(text.into());
    let names = ["sku", "name", "price", "stock"];
    let values = [number("1000000"), number("42"), number("12345678901234567890.10"), number("0.1")];
    let mut events = vec![Owned::BeginStructure];
    for (name, value) in names.into_iter().zip(values) {
        events.extend([Owned::Name(name.into()), value]);
    }
    events.push(Owned::EndStructure);
    assert_eq!(
        added(events, ExtraFields::LeaveOut).to_json(),
        r#"[{"sku":"1000000","name":"42","price":12345678901234567890.10,"stock":0.1}]"#
    );
}

#[test]
fn flags_come_as_booleans_numbers_and_words() {
    for (flag, expected) in [
        (json!(true), true),
        (json!(0), false),
        (json!("1"), true),
        (json!("Истина"), true),
        (json!("ЛОЖЬ"), false),
        (json!("no"), false),
    ] {
        let catalogue = from_json(&json!({"sku": "1", "name": "n", "price": 1, "is_active": flag}));
        assert_eq!(
            products(&catalogue),
            json!([{"sku": "1", "name": "n", "price": 1, "is_active": expected}])
        );
    }
}

#[test]
fn a_bad_product_is_told_with_its_row_and_the_others_go() {
    let catalogue = from_json(&json!([
        {"sku": "1", "name": "n", "price": 1},
        {"sku": "", "name": "  ", "price": null},
        {"sku": "3", "name": "n", "price": "дорого"},
        {"sku": "4", "name": "n", "price": -0.01},
        {"sku": "5", "name": "n", "price": 1, "is_active": 7},
        {"sku": "6", "name": "n", "price": 1, "stock": [1, [2]]},
        {"sku": "7", "name": "n", "price": 1, "characteristics": "[{}]"},
        {"sku": "8", "SKU": "9", "name": "n", "price": true},
        null, [[1]], "x",
        {"sku": "12", "name": "n", "price": "1 234,50"},
    ]));
    assert_eq!(
        catalogue.to_json(),
        r#"[{"sku":"1","name":"n","price":1},{"sku":"12","name":"n","price":1234.50}]"#
    );
    let faults: Vec<(u64, Vec<Fault>)> =
        catalogue.refusals().iter().map(|refusal| (refusal.row, refusal.faults.clone())).collect();
    let rows: Vec<u64> = faults.iter().map(|(row, _)| *row).collect();
    assert_eq!(rows, [2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
    assert_eq!(
        faults[0].1,
        [Fault::Missing(Field::Sku), Fault::Missing(Field::Name), Fault::Missing(Field::Price)]
    );
    assert_eq!(faults[1].1, [Fault::NotNumber(Field::Price, "дорого".into())]);
    assert_eq!(faults[2].1, [Fault::Negative(Field::Price, "-0.01".into())]);
    assert_eq!(faults[3].1, [Fault::NotBoolean(Field::IsActive, "7".into())]);
    let text = refused(&catalogue);
    assert_eq!(
        text[4].1,
        "The product was not sent: the field stock (Остаток): got an array, wanted a number."
    );
    assert!(text[6].1.contains("given twice"), "{}", text[6].1);
    assert_eq!(catalogue.refusals()[2].sku.as_deref(), Some("4"));
    assert_eq!(faults[9].1.len(), 1, "{:?}", faults[9].1);
}

#[test]
fn a_reference_is_an_error_only_where_it_would_be_sent() {
    let product = |name: &str| {
        let mut events = json_events(&json!({"sku": "1", "name": "n", "price": 1}));
        events.pop();
        events.extend([Owned::Name(name.into()), Owned::Reference, Owned::EndStructure]);
        events
    };
    assert_eq!(added(product("Категория"), ExtraFields::LeaveOut).refusals().len(), 1);
    assert_eq!(added(product("Ссылка"), ExtraFields::LeaveOut).refusals().len(), 0);
    let passed = added(product("Ссылка"), ExtraFields::PassOn);
    assert_eq!(passed.refusals()[0].faults, [Fault::Reference("Ссылка".into())]);
}

#[test]
fn rows_of_a_table_are_products() {
    let events = table_events(
        &["Цена", "НаименованиеПолное", "Артикул", "Наименование"],
        &[
            vec![json!(1), json!("x"), json!("a"), json!("n")],
            vec![json!(2)],
            vec![],
            vec![json!("3,5"), json!(null), json!("d"), json!("m")],
        ],
    );
    let catalogue = added(events, ExtraFields::LeaveOut);
    assert_eq!(
        products(&catalogue),
        json!([{"sku": "a", "name": "n", "price": 1}, {"sku": "d", "name": "m", "price": 3.5}])
    );
    assert_eq!(catalogue.refusals().iter().map(|refusal| refusal.row).collect::<Vec<_>>(), [2, 3]);
    assert_eq!(
        catalogue.left_out().iter().map(|field| &*field.name).collect::<Vec<_>>(),
        ["НаименованиеПолное"]
    );
}

#[test]
fn a_map_is_one_product_and_a_list_holds_products() {
    let text = |text: &str| Owned::Text(text.into());
    let product = || {
        vec![
            Owned::BeginMap,
            text("Артикул"),
            text("1"),
            Owned::Number("7".into()),
            Owned::BeginArray,
            Owned::EndArray,
            text("Наименование"),
            text("n"),
            text("Цена"),
            text("5"),
            Owned::EndMap,
        ]
    };
    let expected = json!({"sku": "1", "name": "n", "price": 5});
    assert_eq!(products(&added(product(), ExtraFields::LeaveOut)), json!([expected]));
    let mut list = vec![Owned::BeginList];
    for _ in 0..2 {
        list.push(Owned::Item(String::new()));
        list.extend(product());
    }
    list.push(Owned::EndList);
    assert_eq!(products(&added(list, ExtraFields::LeaveOut)), json!([expected, expected]));
}

/// The characteristics that a field's events become.
fn characteristics(field: Vec<Owned>) -> Result<Value, Vec<Fault>> {
    let mut events = json_events(&json!({"sku": "1", "name": "n", "price": 1}));
    events.pop();
    events.push(Owned::Name("Характеристики".into()));
    events.extend(field);
    events.push(Owned::EndStructure);
    let catalogue = added(events, ExtraFields::LeaveOut);
    match catalogue.refusals().first() {
        Some(refusal) => Err(refusal.faults.clone()),
        None => Ok(products(&catalogue)[0].get("characteristics").cloned().unwrap_or_default()),
    }
}

#[test]
fn characteristics_come_in_many_shapes() {
    let color = json!([{"name": "Цвет", "value": "Красный"}]);
    let two = json!([{"name": "Цвет", "value": "Красный"}, {"name": "Вес", "value": 1.5}]);
    let rows = [vec![json!("Красный"), json!(1), json!("Цвет")], vec![json!(1.5), json!(2), json!("Вес")]];
    let list =
        vec![Owned::BeginList, Owned::Item("Цвет".into()), Owned::Text("Красный".into()), Owned::EndList];
    for (field, expected) in [
        (json_events(&json!([{"name": "Цвет", "VALUE": "Красный"}])), &color),
        (json_events(&json!({"Название": "Цвет", "Значение": "Красный"})), &color),
        (json_events(&json!({"Цвет": "Красный"})), &color),
        (json_events(&json!({"Цвет": "Красный", "Вес": 1.5})), &two),
        (table_events(&["Значение", "Порядок", "Название"], &rows), &two),
        (list, &color),
        (
            json_events(&json!([{"name": "Цвет", "value": null}, {"name": null, "value": null}, {}])),
            &Value::Null,
        ),
        (json_events(&json!({})), &Value::Null),
        (table_events(&["name", "value"], &[]), &Value::Null),
    ] {
        assert_eq!(characteristics(field.clone()).as_ref(), Ok(expected), "{field:?}");
    }
}

#[test]
fn plain_values_of_characteristics_keep_their_types() {
    let date = crate::value::DateTime::new(2024, 5, 6, 7, 8, 9).unwrap();
    let values = [
        (Owned::Boolean(true), json!(true)),
        (Owned::Number("0.10".into()), serde_json::from_str("0.10").unwrap()),
        (Owned::Date(date), json!("2024-05-06T07:08:09")),
        (Owned::Uuid(uuid::Uuid::nil()), json!("00000000-0000-0000-0000-000000000000")),
        (Owned::Text(String::new()), json!("")),
    ];
    for (value, expected) in values {
        let field = vec![Owned::BeginStructure, Owned::Name("x".into()), value, Owned::EndStructure];
        assert_eq!(characteristics(field), Ok(json!([{"name": "x", "value": expected}])));
    }
}

#[test]
fn wrong_characteristics_are_told_by_number() {
    let number = |faults: &[Fault]| match faults {
        [Fault::NamelessCharacteristic(number) | Fault::WrongCharacteristic(number, _)] => *number,
        _ => 0,
    };
    for (field, expected) in [
        (json!([{"name": "a", "value": 1}, {"name": " ", "value": 1}]), 2),
        (json!([{"name": "a", "value": 1}, 5]), 2),
        (json!([{"name": "a", "value": [1, {"b": 2}]}]), 1),
        (json!([{"name": {"a": 1}, "value": 5}]), 1),
        (json!({"a": 1, "b": {"c": 1}}), 2),
    ] {
        let faults = characteristics(json_events(&field)).unwrap_err();
        assert_eq!(number(&faults), expected, "{field} {faults:?}");
    }
    let reference =
        vec![Owned::BeginStructure, Owned::Name("x".into()), Owned::Reference, Owned::EndStructure];
    assert_eq!(characteristics(reference), Err(vec![Fault::Reference("Характеристики[1]".into())]));
}

#[test]
fn unknown_fields_are_left_out_and_named_once() {
    let product = json!({"sku": "1", "name": "n", "price": 1, "ЗакупочнаяЦена": 5, "x": {"y": [1]},
                         "characteristics": [{"name": "a", "value": 1, "Единица": "кг"}]});
    let catalogue = from_json(&json!([product, product]));
    assert_eq!(catalogue.len(), 2);
    assert!(!catalogue.to_json().contains("Закупочная"));
    let names: Vec<(&str, u64)> =
        catalogue.left_out().iter().map(|field| (&*field.name, field.row)).collect();
    assert_eq!(names, [("ЗакупочнаяЦена", 1), ("x", 1), ("Характеристики.Единица", 1)]);
}

#[test]
fn unknown_fields_are_passed_on_when_asked() {
    let product = json!({"Вес": 1.5, "sku": "1", "name": "n", "price": 1, "Бренд \"X\"": "y", "пусто": null,
                         "Габариты": {"Длина": 1, "Теги": ["a", null, true]}, "characteristics": {"a": 1}});
    let catalogue = added(json_events(&product), ExtraFields::PassOn);
    assert_eq!(
        products(&catalogue),
        json!([{"sku": "1", "name": "n", "price": 1, "Вес": 1.5, "Бренд \"X\"": "y",
                "Габариты": {"Длина": 1, "Теги": ["a", null, true]}, "characteristics": [{"name": "a", "value": 1}]}])
    );
    assert!(catalogue.left_out().is_empty());
}

#[test]
fn a_scalar_is_no_catalogue_and_a_broken_source_changes_nothing() {
    let mut catalogue = from_json(&json!([{"sku": "1", "name": "n", "price": 1}, {"sku": "2"}]));
    let before = format!("{catalogue:?}");
    let error = catalogue.add(&mut Script::new(json_events(&json!(5))), ExtraFields::LeaveOut).unwrap_err();
    assert_eq!(error.code(), Code::Argument);
    let mut events = json_events(&json!([{"sku": "1", "name": "n", "price": 1, "zzz": 1}, {"sku": "2"}]));
    events.pop();
    events.push(Owned::Fail(Error::new(Code::ValueText, crate::bilingual!("обрыв", "cut"))));
    let error = catalogue.add(&mut Script::new(events), ExtraFields::LeaveOut).unwrap_err();
    assert_eq!(error.code(), Code::ValueText);
    assert_eq!(format!("{catalogue:?}"), before);
}

#[test]
fn products_can_be_added_one_by_one() {
    let mut catalogue = Catalogue::new();
    let fields = [
        (Field::Sku, Event::Text("A")),
        (Field::Name, Event::Text("n")),
        (Field::Price, Event::Number("10")),
        (Field::Stock, Event::Undefined),
    ];
    catalogue.add_product(&fields).unwrap();
    catalogue.add_characteristic(&Event::Text("Цвет"), &Event::Text("Красный")).unwrap();
    catalogue.add_characteristic(&Event::Text("Вес"), &Event::Number("2")).unwrap();
    catalogue.add_characteristic(&Event::Text("Нет"), &Event::Undefined).unwrap();
    assert_eq!(
        products(&catalogue),
        json!([{"sku": "A", "name": "n", "price": 10,
                "characteristics": [{"name": "Цвет", "value": "Красный"}, {"name": "Вес", "value": 2}]}])
    );
    let error = catalogue.add_product(&[(Field::Sku, Event::Text("B"))]).unwrap_err();
    assert_eq!(error.code(), Code::Validation);
    assert_eq!(catalogue.len(), 1);
    // The refused product must not hand its characteristics to the one before it.
    assert!(catalogue.add_characteristic(&Event::Text("x"), &Event::Text("y")).is_err());
}

#[test]
fn what_remains_after_a_send_is_whole_and_in_order() {
    let rows: Vec<Value> =
        (1..=6).map(|n| json!({"sku": n.to_string(), "name": "n".repeat(n), "price": n})).collect();
    let mut catalogue = from_json(&Value::Array(rows.clone()));
    catalogue.retain(|index| [1, 2, 5].contains(&index));
    let kept = json!([rows[1], rows[2], rows[5]]);
    assert_eq!(products(&catalogue), kept);
    assert_eq!((0..3).map(|index| catalogue.row(index)).collect::<Vec<_>>(), [2, 3, 6]);
    assert_eq!(catalogue.sku(1), "3");
    catalogue.add_characteristic(&Event::Text("x"), &Event::Text("y")).unwrap();
    catalogue.retain(|index| index == 0);
    assert!(catalogue.add_characteristic(&Event::Text("x"), &Event::Text("y")).is_err());
    catalogue.retain(|_| false);
    assert_eq!((catalogue.to_json().as_str(), catalogue.len()), ("[]", 0));
}

fn plain() -> impl Strategy<Value = Value> {
    prop_oneof![
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        "(?s).{0,40}".prop_map(Value::from),
    ]
}

prop_compose! {
    fn good_product()(
        sku in "[^\\s]{1,20}", name in "[а-яА-Я\"\\\\/ \n<>&\u{2028}]{0,30}я", price in 0_u64..10_000_000,
        description in proptest::option::of("(?s).{1,60}"), old_price in proptest::option::of(1_u32..1000),
        stock in proptest::option::of(-100_i64..100), is_active in proptest::option::of(any::<bool>()),
        characteristics in proptest::option::of(proptest::collection::vec(("[a-zа-я]{1,9}", plain()), 1..4)),
    ) -> Value {
        let mut product = json!({"sku": sku, "name": name, "price": price});
        let mut put = |name: &str, value: Option<Value>| {
            if let Some(value) = value {
                product[name] = value;
            }
        };
        put("description", description.map(Value::from));
        put("old_price", old_price.map(Value::from));
        put("stock", stock.map(Value::from));
        put("is_active", is_active.map(Value::from));
        let pair = |(name, value): (String, Value)| json!({"name": name, "value": value});
        put("characteristics", characteristics.map(|pairs| pairs.into_iter().map(pair).collect()));
        product
    }
}

proptest! {
    #[test]
    fn what_another_parser_reads_is_what_was_given(given in proptest::collection::vec(good_product(), 0..8)) {
        prop_assert_eq!(products(&from_json(&Value::Array(given.clone()))), Value::Array(given));
    }

    #[test]
    fn every_row_is_either_written_or_refused(
        rows in proptest::collection::vec(proptest::collection::vec(plain(), 0..6), 0..12)
    ) {
        let columns = ["sku", "name", "price", "stock", "is_active", "?"];
        let catalogue = added(table_events(&columns, &rows), ExtraFields::LeaveOut);
        prop_assert_eq!(catalogue.len() + catalogue.refusals().len(), rows.len());
        let written = products(&catalogue);
        for product in written.as_array().into_iter().flatten() {
            prop_assert!(product["sku"].as_str().is_some_and(|sku| !sku.trim().is_empty()));
            prop_assert!(product["price"].as_f64().is_some_and(|price| price >= 0.0));
        }
    }
}
