//! JSON becomes text for the platform, tables and other forms.

use super::common::story::{Story, text};
use super::{JSON, TABLE, XDTO};
use serde_json::{Value, json};

pub fn from_json() -> Story {
    let mut story = Story::new(JSON);
    let structure = "{\"#\",4238019d-7e49-4fc9-91db-b6b951d5cf8e,\n{2,\n{\n{\"S\",\"Имя\"},\n{\"S\",\"Ёж\"}\n},\n{\n{\"S\",\"б\"},\n{\"#\",51e7a0d2-530b-11d4-b98a-008048da3034,\n{3,\n{\"N\",1.5},\n{\"B\",1},\n{\"U\"}\n}\n}\n}\n}\n}";
    story.call("ИзJSON", "FromJson", &[&text("{\"Имя\":\"Ёж\",\"б\":[1.50,true,null]}")]).gives(structure);
    // A name that is no identifier makes it a map; so does the option.
    let map =
        "{\"#\",3d48feae-a9c6-4c5a-a099-9eb6477630c6,\n{1,\n{\n{\"S\",\"два слова\"},\n{\"N\",1}\n}\n}\n}";
    story.call("ИзJSON", "FromJson", &[&text("{\"два слова\":1}")]).gives(map);
    story
        .call(
            "ИзJSON",
            "FromJson",
            &[&text("{\"слово\":1}"), &text("{\"‹ВсегдаСоответствие|AlwaysMap›\": true}")],
        )
        .gives(map.replace("два слова", "слово"));
    // The last of equal names wins.
    story
        .call("ИзJSON", "FromJson", &[&text("{\"а\":1,\"б\":2,\"а\":3}")])
        .where_value(|text| assert_eq!(text.as_str().expect("a text").matches("{\"N\",1}").count(), 0));
    for names in ["[\"дата\"]", "\"дата, другая\""] {
        let options = format!("{{\"‹ПоляДат|DateNames›\": {names}}}");
        story
            .call(
                "ИзJSON",
                "FromJson",
                &[
                    &text("{\"дата\":\"2024-05-06T07:08:09\",\"текст\":\"2024-05-06T07:08:09\"}"),
                    &text(&options),
                ],
            )
            .where_value(|text| {
                let text = text.as_str().expect("a text");
                assert!(
                    text.contains("{\"D\",20240506070809}")
                        && text.contains("{\"S\",\"2024-05-06T07:08:09\"}"),
                    "{text}"
                );
            });
    }
    story
        .call(
            "ИзJSON",
            "FromJson",
            &[&text("{\"дата\":\"вчера\"}"), &text("{\"‹ПоляДат|DateNames›\": \"дата\"}")],
        )
        .fails("value_text", "");
    story.call("ИзJSON", "FromJson", &[&text("{\"а\": [1, tru]}")]).fails("value_text", "");
    story.get("ПоследняяОшибка", "LastError").where_json(|error| {
        assert_eq!((&error["line"], &error["path"]), (&json!(1), &json!("а[1]")), "{error}");
    });
    story.call("ИзJSON", "FromJson", &["5"]).fails("argument", "");
    story.call("ИзJSON", "FromJson", &["Неопределено"]).fails("argument", "");
    story
}

pub fn deep_texts() -> Story {
    let mut story = Story::new(JSON);
    let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    story.call("Проверить", "Check", &[&text(&nested(512))]).gives(true);
    story.call("Сжать", "Minify", &[&text(&nested(513))]).fails("limit", "512");
    let internal = |depth: usize| {
        let open = "{\"#\",51e7a0d2-530b-11d4-b98a-008048da3034,{1,".repeat(depth);
        format!("{open}{{\"U\"}}{}", "}}".repeat(depth))
    };
    let json = nested(512).replace("[]", "[null]");
    story.call("ВJSON", "ToJson", &[&text(&internal(512))]).gives(json);
    story.call("ВJSON", "ToJson", &[&text(&internal(100_000))]).fails("limit", "512");
    story
}

pub fn tables_from_json() -> Story {
    let mut story = Story::new(JSON);
    let rows = text("[{\"б\":1,\"а\":\"x\"},{\"а\":{\"в\":[true]},\"г\":null}]");
    let column = |id: usize, name: &str| format!("{{{id},\"{name}\",\n{{\"Pattern\"}},\"\",0}}");
    let array = "{\"#\",51e7a0d2-530b-11d4-b98a-008048da3034,\n{1,\n{\"B\",1}\n}\n}";
    let inner = format!(
        "{{\"#\",4238019d-7e49-4fc9-91db-b6b951d5cf8e,\n{{1,\n{{\n{{\"S\",\"в\"}},\n{array}\n}}\n}}\n}}"
    );
    let expected = format!(
        "{{\"#\",acf6192e-81ca-46ef-93a6-5a6968b78663,\n{{9,\n{{3,\n{},\n{},\n{}\n}},\n{{2,3,0,0,1,1,2,2,\n{{1,2,\n{{2,0,2,\n{{\"N\",1}},\n{{\"S\",\"x\"}},0}},\n{{2,1,2,\n{{\"U\"}},\n{inner},0}}\n}},2,1}},\n{{0,0}}\n}}\n}}",
        column(0, "б"),
        column(1, "а"),
        column(2, "г")
    );
    story.call("ТаблицаИзJSON", "TableFromJson", &[&rows]).gives(expected);
    story.call("ТаблицаИзJSON", "TableFromJson", &[&rows, &text("г, а.в, нет")]).where_value(|text| {
        let text = text.as_str().expect("a text");
        // The name of a column is an identifier.
        assert!(text.contains("{3,\n{0,\"г\",") && text.contains("{1,\"а_в\","), "{text}");
        assert!(text.contains("{\"B\",1}") && !text.contains("{\"S\",\"x\"}"), "{text}");
    });
    story.call("ТаблицаИзJSON", "TableFromJson", &[&text("{\"а\":1}")]).fails("value_text", "");
    story.call("ТаблицаИзJSON", "TableFromJson", &[&text("[1]")]).fails("value_text", "");
    story
}

pub fn conversions() -> Story {
    let mut story = Story::new(JSON);
    let table = story.file("table", TABLE);
    let xdto = story.file("xdto", XDTO);
    let to = |to: &str| text(to);
    story
        .call("Преобразовать", "Convert", &[&table, &to("‹внутр|internal›"), &to("‹внутр|internal›")])
        .gives(TABLE);
    story.call("Преобразовать", "Convert", &[&table, &to("‹авто|auto›"), &to("json")]).where_json(|rows| {
        assert_eq!(rows[0], json!({"Имя": "Аня", "Возраст": 7}));
    });
    story.call("Преобразовать", "Convert", &[&xdto, &to("xdto"), &to("xdto")]).gives(XDTO);
    story.call("Преобразовать", "Convert", &[&text("[\"а\"]"), &to("json"), &to("xdto")]).where_value(
        |xml| {
            assert!(
                xml.as_str().is_some_and(|xml| xml.contains("<Value xsi:type=\"xs:string\">а</Value>")),
                "{xml}"
            );
        },
    );
    // A ValueStorage with Undefined, plain: 01 01, the length, a mark, the text (facts on value formats, 3.1).
    let storage = story.binary("storage", b"\x01\x01\x08\0\0\0\0\0\0\0\xEF\xBB\xBF{\"U\"}");
    story
        .call("Преобразовать", "Convert", &[&storage, &to("‹хранилище|storage›"), &to("json")])
        .gives("null");
    story
        .call("Преобразовать", "Convert", &[&text("да"), &to("‹текст|text›"), &to("json"), &text("")])
        .gives("\"да\"");
    story.call("Преобразовать", "Convert", &[&table, &to("yaml"), &to("json")]).fails("argument", "yaml");
    story.call("Преобразовать", "Convert", &[&table, &to("json"), &to("csv")]).fails("argument", "csv");
    story.call("Преобразовать", "Convert", &[&table, &to("xdto"), &to("json")]).fails("value_text", "");
    story
}

pub fn parts() -> Story {
    let mut story = Story::new(JSON);
    let data = text(
        "{\"Товары\":[{\"Цена\":10.5},{\"Цена\":12345678901234567890.25,\"а/б\":true}],\"д\":null,\"0\":\"ноль\"}",
    );
    let mut part = |path: &str, expected: Value| {
        story.call("Получить", "Get", &[&data, &text(path)]).gives(expected);
    };
    part("Товары[0].Цена", json!(10.5));
    part("Товары.0.Цена", json!(10.5));
    part("/Товары/1/а~1б", json!(true));
    part("Товары[1].Цена", json!("12345678901234567890.25"));
    part("Товары[0]", json!("{\"Цена\":10.5}"));
    part("Товары[7].Цена", json!(null));
    part("/д", json!(null));
    part("0", json!("ноль"));
    let table = story.file("table", TABLE);
    story.call("Получить", "Get", &[&table, &text("[1].Имя")]).gives("Боря \"Бо\"");
    story.call("Получить", "Get", &[&data, &text("Товары[")]).fails("argument", "Товары[");
    story.call("Получить", "Get", &[&text("{\"а\": "), &text("а")]).fails("value_text", "");
    story.set("ФорматРезультата", "ResultFormat", &text("‹Внутр|Internal›"));
    story
        .call("Получить", "Get", &[&text("{\"а\":[1]}"), &text("а")])
        .gives("{\"#\",51e7a0d2-530b-11d4-b98a-008048da3034,\n{1,\n{\"N\",1}\n}\n}");
    story
}

pub fn checks_and_layout() -> Story {
    let mut story = Story::new(JSON);
    story.call("Проверить", "Check", &[&text("{\"а\": [1, 2]}")]).gives(true);
    story.get("ОписаниеОшибки", "LastErrorText").gives("");
    let broken = story.file("broken.json", "{\n  \"а\": 1,\n  \"б\" 2\n}");
    story.call("Проверить", "Check", &[&broken]).gives(false);
    story
        .get("ОписаниеОшибки", "LastErrorText")
        .where_value(|said| assert!(said.as_str().is_some_and(|said| said.contains('3')), "{said}"));
    story.get("ПоследняяОшибка", "LastError").where_json(|error| {
        assert_eq!(
            (&error["code"], &error["line"], &error["column"]),
            (&json!("value_text"), &json!(3), &json!(7)),
            "{error}"
        );
    });
    let table = story.file("table", TABLE);
    story.call("Проверить", "Check", &[&table]).gives(true);
    story
        .call("Форматировать", "Format", &[&text("{\"а\":[1,{}]}")])
        .gives("{\n  \"а\": [\n    1,\n    {}\n  ]\n}");
    story.call("Форматировать", "Format", &[&text("[1]"), "0"]).gives("[\n1\n]");
    story.call("Форматировать", "Format", &[&text("[1]"), "-1"]).fails("argument", "16");
    let loose = story.file("loose.json", "{ \"а\" : [ 1 , 2 ] }\n");
    story.call("Сжать", "Minify", &[&loose]).gives("{\"а\":[1,2]}");
    story.call("Сжать", "Minify", &[&text("{\"а\"}")]).fails("value_text", "");
    story
}
