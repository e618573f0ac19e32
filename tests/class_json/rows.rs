//! Rows gathered one by one, batches, new names of fields.

use super::common::story::{Story, text};
use super::{JSON, TABLE};
use serde_json::{Value, json};

pub fn rows() -> Story {
    let mut story = Story::new(JSON);
    story.call("ДобавитьСтроку", "AddRow", &["1"]).fails("argument", "‹НоваяТаблица|NewTable›");
    story.call("НоваяТаблица", "NewTable", &[&text("Артикул, Цена, Активен, Ещё")]);
    story.call("ДобавитьСтроку", "AddRow", &[&text("А-1"), "10.25", "Истина"]);
    story.call("ДобавитьСтроку", "AddRow", &[&text("\"б\""), "", "Ложь", "-3"]);
    story.call("ДобавитьСтроку", "AddRow", &["1", "2", "3", "4", "5"]).fails("argument", "4");
    story.get("КоличествоСтрок", "RowCount").gives(2);
    story.call("ТаблицаВJSON", "TableToJson", &[]).gives(
        "[{\"Артикул\":\"А-1\",\"Цена\":10.25,\"Активен\":true,\"Ещё\":null},{\"Артикул\":\"\\\"б\\\"\",\"Цена\":null,\"Активен\":false,\"Ещё\":-3}]",
    );
    story.call("Очистить", "Clear", &[]);
    story.get("КоличествоСтрок", "RowCount").gives(0);
    story.call("ТаблицаВJSON", "TableToJson", &[]).gives("[]");
    // Clearing keeps the columns.
    story.call("ДобавитьСтроку", "AddRow", &["1"]);
    story.get("КоличествоСтрок", "RowCount").gives(1);
    story.call("НоваяТаблица", "NewTable", &[&text("[\"а\", \"б\"]")]);
    story.get("КоличествоСтрок", "RowCount").gives(0);
    story.call("НоваяТаблица", "NewTable", &[&text("а,,б")]).fails("argument", "16");
    story.call("НоваяТаблица", "NewTable", &[&text("а, б, а")]).fails("argument", "‹«а»|“а”›");
    story.call("НоваяТаблица", "NewTable", &[&text("Цена")]);
    story.set("СопоставлениеПолей", "FieldMap", &text("{\"Цена\": \"price\"}"));
    story.call("ДобавитьСтроку", "AddRow", &["5"]);
    story.call("ТаблицаВJSON", "TableToJson", &[]).gives("[{\"price\":5}]");
    story.set("СопоставлениеПолей", "FieldMap", &text(""));
    let sixteen: Vec<String> = (1..=16).map(|number| format!("К{number}")).collect();
    story.call("НоваяТаблица", "NewTable", &[&text(&sixteen.join(","))]);
    let cells: Vec<String> = (1..=16).map(|number| number.to_string()).collect();
    story.call("ДобавитьСтроку", "AddRow", &cells.iter().map(String::as_str).collect::<Vec<_>>());
    story.call("ТаблицаВJSON", "TableToJson", &[]).where_json(|rows| assert_eq!(rows[0]["К16"], 16));
    story
}

pub fn batches() -> Story {
    let mut story = Story::new(JSON);
    story.call("СледующийПакет", "NextBatch", &[]).gives(Value::Null);
    story.get("НомерПакета", "BatchNumber").gives(0);
    story.call("РазбитьНаПакеты", "Split", &[&text("[1,2,3,4,5]"), "2"]).gives(3);
    for (number, batch) in [(1, "[1,2]"), (2, "[3,4]"), (3, "[5]")] {
        story.call("СледующийПакет", "NextBatch", &[]).gives(batch);
        story.get("НомерПакета", "BatchNumber").gives(number);
    }
    story.call("СледующийПакет", "NextBatch", &[]).gives(Value::Null);
    // A table gives objects; the bytes are those of the batch in UTF-8.
    let table = story.file("table", TABLE);
    story.call("РазбитьНаПакеты", "Split", &[&table, "100", "53"]).gives(2);
    story.call("СледующийПакет", "NextBatch", &[]).gives("[{\"Имя\":\"Аня\",\"Возраст\":7}]");
    story.call("Очистить", "Clear", &[]);
    story.get("НомерПакета", "BatchNumber").gives(0);
    story.call("СледующийПакет", "NextBatch", &[]).gives(Value::Null);
    story.call("РазбитьНаПакеты", "Split", &[&text("[]"), "2"]).gives(0);
    story.call("РазбитьНаПакеты", "Split", &[&text("[1]"), "0"]).fails("argument", "1");
    story.call("РазбитьНаПакеты", "Split", &[&text("[1, 2, x]"), "1"]).fails("value_text", "");
    // One value is a batch of one.
    story.call("РазбитьНаПакеты", "Split", &[&text("{\"а\":1}"), "1"]).gives(1);
    story.call("СледующийПакет", "NextBatch", &[]).gives("[{\"а\":1}]");
    story
}

pub fn new_names_of_fields() -> Story {
    let mut story = Story::new(JSON);
    let names = "{\"Возраст\":\"age\",\"Имя\":\"name\"}";
    story.get("СопоставлениеПолей", "FieldMap").gives("");
    story.set("СопоставлениеПолей", "FieldMap", &text(names));
    story.get("СопоставлениеПолей", "FieldMap").gives(names);
    let table = story.file("table", TABLE);
    story
        .call("ВJSON", "ToJson", &[&table])
        .where_json(|rows| assert_eq!(rows[0], json!({"name": "Аня", "age": 7})));
    story.call("РазбитьНаПакеты", "Split", &[&table, "1"]).gives(2);
    story.call("СледующийПакет", "NextBatch", &[]).gives("[{\"name\":\"Аня\",\"age\":7}]");
    story.call("Получить", "Get", &[&table, &text("[0].name")]).gives("Аня");
    story
        .call("ТаблицаИзJSON", "TableFromJson", &[&text("[{\"Имя\":1}]")])
        .where_value(|table| assert!(table.as_str().is_some_and(|table| table.contains("{0,\"name\","))));
    story
        .call("ВJSON", "ToJson", &[&table, &text("{\"‹СопоставлениеПолей|FieldMap›\": {\"Имя\": \"n\"}}")])
        .where_json(|rows| assert_eq!(rows[0], json!({"n": "Аня", "Возраст": 7})));
    story.set("СопоставлениеПолей", "FieldMap", &text("{\"а\": 1}")).fails("argument", "‹«а»|“а”›");
    story.get("СопоставлениеПолей", "FieldMap").gives(names);
    story.set("СопоставлениеПолей", "FieldMap", &text(""));
    story.get("СопоставлениеПолей", "FieldMap").gives("");
    story
}
