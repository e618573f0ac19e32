//! `ObmenJson` through the binary interface: every member in both languages, on a host written in C.

mod common;

use common::story::{Story, assert_every_member_is_used, text};
use serde_json::{Value, json};

const JSON: &str = "ObmenJson";

/// `ЗначениеВСтрокуВнутр` of a table: Имя (any), Возраст (number); the texts are Russian on purpose.
const TABLE: &str = r##"{"#",acf6192e-81ca-46ef-93a6-5a6968b78663,
{9,
{2,
{0,"Имя",
{"Pattern"},"",0},
{1,"Возраст",
{"Pattern",
{"N"}
},"",0}
},
{2,2,0,0,1,1,
{1,2,
{2,0,2,
{"S","Аня"},
{"N",7},0},
{2,1,2,
{"S","Боря ""Бо"""},
{"N",9.5},0}
},1,1},
{0,0}
}
}"##;

/// A map with keys of several types and a value of a type that has no form in JSON.
const MAP: &str = r##"{"#",3d48feae-a9c6-4c5a-a099-9eb6477630c6,
{4,
{
{"N",9.5},
{"N",3}
},
{
{"B",1},
{"D",20240506070809}
},
{
{"D",20240506070809},
{"U"}
},
{
{"S","ключ"},
{"L"}
}
}
}"##;

/// A structure with a member Цвет of a type that the add-in does not know.
const OPAQUE: &str = r##"{"#",4238019d-7e49-4fc9-91db-b6b951d5cf8e,
{2,
{
{"S","Код"},
{"N",1}
},
{
{"S","Цвет"},
{"#",9cd510c7-abfc-11d4-9434-004095e12fc7,2,
{3,1,
{2}
}
}
}
}
}"##;

const XDTO: &str = r#"<Array xmlns="http://v8.1c.ru/8.1/data/core" xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
	<Value xsi:type="xs:string">Ёж</Value>
	<Value xsi:type="xs:decimal">1.5</Value>
	<Value xsi:type="xs:dateTime">2024-05-06T07:08:09</Value>
</Array>"#;

fn to_json() -> Story {
    let mut story = Story::new(JSON);
    let table = story.file("table", TABLE);
    story
        .call("ВJSON", "ToJson", &[&table])
        .gives(r#"[{"Имя":"Аня","Возраст":7},{"Имя":"Боря \"Бо\"","Возраст":9.5}]"#);
    let bytes = story.binary("table.bin", format!("\u{feff}{}", TABLE.replace('\n', "\r\n")).as_bytes());
    story.call("ВJSON", "ToJson", &[&bytes]).where_json(|value| assert_eq!(value[1]["Имя"], "Боря \"Бо\""));
    let map = story.file("map", MAP);
    story
        .call("ВJSON", "ToJson", &[&map])
        .gives(r#"{"9.5":3,"true":"2024-05-06T07:08:09","2024-05-06T07:08:09":null,"ключ":null}"#);
    let xdto = story.file("xdto", XDTO);
    story.call("ВJSON", "ToJson", &[&xdto]).gives(r#"["Ёж",1.5,"2024-05-06T07:08:09"]"#);
    // What is no structure is a value.
    story.call("ВJSON", "ToJson", &[&text("просто \"текст\" {")]).gives(r#""просто \"текст\" {""#);
    story.call("ВJSON", "ToJson", &["1.25"]).gives("1.25");
    story.call("ВJSON", "ToJson", &["Истина"]).gives("true");
    story.call("ВJSON", "ToJson", &["Неопределено"]).gives("null");
    let plain = story.file("plain.json", "[1, {\"a\" : \"\\/\"}]");
    story.call("ВJSON", "ToJson", &[&plain]).gives(r#"[1,{"a":"/"}]"#);
    // The option settles what a text is.
    story
        .call("ВJSON", "ToJson", &[&plain, &text("{\"‹Формат|Format›\": \"‹текст|text›\"}")])
        .gives(r#""[1, {\"a\" : \"\\/\"}]""#);
    for (name, source) in [("‹внутр|internal›", "{\"U\"}"), ("json", "null")] {
        let options = text(&format!("{{\"‹Формат|Format›\": \"{name}\"}}"));
        story.call("ВJSON", "ToJson", &[&text(source), &options]).gives("null");
    }
    story.call("ВJSON", "ToJson", &[&xdto, &text("{\"‹Формат|Format›\": \"xdto\"}")]).where_json(|_| {});
    story
        .call("ВJSON", "ToJson", &[&text("[1}"), &text("{\"‹Формат|Format›\": \"json\"}")])
        .fails("value_text", "‹Значение|Value›");
    story
        .call("ВJSON", "ToJson", &["1", &text("{\"‹Форма|Formt›\": \"json\"}")])
        .fails("argument", "‹«Формат»|“Format”›");
    story
}

fn settings_of_json() -> Story {
    let mut story = Story::new(JSON);
    let source = story.file("text", "{\"а\": \"<Ё & 'é' / 😀\u{2028}>\", \"б\": []}");
    let mut writes = |options: &str, expected: &str| {
        story.call("ВJSON", "ToJson", &[&source, &text(options)]).gives(expected);
    };
    writes("", "{\"а\":\"<Ё & 'é' / 😀\\u2028>\",\"б\":[]}");
    writes(
        "{\"‹ЭкранироватьРазделителиСтрок|EscapeLineSeparators›\": false}",
        "{\"а\":\"<Ё & 'é' / 😀\u{2028}>\",\"б\":[]}",
    );
    writes(
        "{\"‹ЭкранироватьУгловыеСкобки|EscapeAngleBrackets›\": true}",
        "{\"а\":\"\\u003CЁ & 'é' / 😀\\u2028\\u003E\",\"б\":[]}",
    );
    writes(
        "{\"‹ЭкранироватьАмперсанд|EscapeAmpersand›\": true}",
        "{\"а\":\"<Ё \\u0026 'é' / 😀\\u2028>\",\"б\":[]}",
    );
    writes(
        "{\"‹ЭкранироватьОдинарныеКавычки|EscapeSingleQuotes›\": true}",
        "{\"а\":\"<Ё & \\u0027é\\u0027 / 😀\\u2028>\",\"б\":[]}",
    );
    writes("{\"‹ЭкранироватьСлеш|EscapeSlash›\": true}", "{\"а\":\"<Ё & 'é' \\/ 😀\\u2028>\",\"б\":[]}");
    writes(
        "{\"‹ЭкранированиеСимволов|Escape›\": \"‹внеASCII|ascii›\"}",
        "{\"\\u0430\":\"<\\u0401 & '\\u00E9' / \\uD83D\\uDE00\\u2028>\",\"\\u0431\":[]}",
    );
    writes(
        "{\"‹ЭкранированиеСимволов|Escape›\": \"‹внеBMP|bmp›\"}",
        "{\"а\":\"<Ё & 'é' / \\uD83D\\uDE00\\u2028>\",\"б\":[]}",
    );
    writes("{\"‹Отступ|Indent›\": 2}", "{\n  \"а\": \"<Ё & 'é' / 😀\\u2028>\",\n  \"б\": []\n}");
    writes(
        "{\"‹Отступ|Indent›\": \"\\t\", \"‹ПереносСтрок|LineBreaks›\": \"windows\"}",
        "{\r\n\t\"а\": \"<Ё & 'é' / 😀\\u2028>\",\r\n\t\"б\": []\r\n}",
    );
    writes(
        "{\"‹МассивыКакОбъекты|ArraysAsObjects›\": true, \"‹ПереносСтрок|LineBreaks›\": \"‹нет|none›\"}",
        "{\"а\":\"<Ё & 'é' / 😀\\u2028>\",\"б\":{}}",
    );
    writes("{\"‹ДвойныеКавычки|DoubleQuotes›\": false}", "{'а':'<Ё & \\u0027é\\u0027 / 😀\\u2028>','б':[]}");
    let date = text("{\"D\",20240304050607}");
    for (form, expected) in [
        ("‹локальная|local›", "\"2024-03-04T05:06:07\""),
        ("‹смещение|offset›", "\"2024-03-04T05:06:07+03:00\""),
        ("‹универсальная|utc›", "\"2024-03-04T02:06:07Z\""),
        // 1709517967 is `date -u -d 2024-03-04T02:06:07 +%s`.
        ("microsoft", "\"/Date(1709517967000)/\""),
        ("javascript", "new Date(1709517967000)"),
    ] {
        let options =
            format!("{{\"‹ФорматДаты|DateFormat›\": \"{form}\", \"‹СмещениеПояса|ZoneOffset›\": 180}}");
        story.call("ВJSON", "ToJson", &[&date, &text(&options)]).gives(expected);
    }
    story
        .call("ВJSON", "ToJson", &[&date, &text("{\"‹ФорматДаты|DateFormat›\": \"iso\"}")])
        .fails("argument", "‹локальная|local›");
    story
}

fn types_without_a_form() -> Story {
    let mut story = Story::new(JSON);
    let opaque = story.file("opaque", OPAQUE);
    story.call("ВJSON", "ToJson", &[&opaque]).fails("unsupported_type", "‹«Цвет»|type Color›");
    story.get("ПоследняяОшибка", "LastError").where_json(|error| {
        assert_eq!(error["path"], "Цвет");
        assert_eq!(error["line"], 9);
    });
    let unknown = text("{\"#\",aaaaaaaa-0000-0000-0000-000000000001,1,{2}}");
    story
        .call("ВJSON", "ToJson", &[&unknown])
        .fails("unsupported_type", "aaaaaaaa-0000-0000-0000-000000000001");
    let option = |choice: &str| text(&format!("{{\"‹НеподдерживаемыеТипы|Unsupported›\": \"{choice}\"}}"));
    story.call("ВJSON", "ToJson", &[&opaque, &option("‹ошибка|error›")]).fails("unsupported_type", "");
    story.call("ВJSON", "ToJson", &[&opaque, &option("null")]).gives(r#"{"Код":1,"Цвет":null}"#);
    story.call("ВJSON", "ToJson", &[&opaque, &option("‹текст|text›")]).where_json(|value| {
        let text = value["Цвет"].as_str().expect("a text").replace('\n', "");
        assert_eq!(text, r##"{"#",9cd510c7-abfc-11d4-9434-004095e12fc7,2,{3,1,{2}}}"##);
    });
    story
}

fn from_json() -> Story {
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

/// Strings that only begin like structured ones, and bytes that are no text.
fn plain_values_that_look_structured() -> Story {
    let mut story = Story::new(JSON);
    for plain in ["[10 шт] Чай", "[new] чай", "{} чай", "[1, 2", "AQEH", "{'Чай", "<?xml version='1.0'?><a/>"]
    {
        story
            .call("ВJSON", "ToJson", &[&text(plain)])
            .where_json(move |value| assert_eq!(value, &json!(plain)));
        if plain.starts_with(['[', '{']) {
            let options = text("{\"‹Формат|Format›\": \"json\"}");
            story.call("ВJSON", "ToJson", &[&text(plain), &options]).fails("value_text", "");
        }
    }
    // What does read keeps its errors.
    let opaque = story.file("opaque", OPAQUE);
    story.call("ВJSON", "ToJson", &[&opaque]).fails("unsupported_type", "");
    let dates = text("{\"‹ПоляДат|DateNames›\": \"д\"}");
    story.call("ВJSON", "ToJson", &[&text("{\"д\": \"вчера\"}"), &dates]).fails("value_text", "");
    let cut = story.binary("cut.json", b"{\"a\": 1");
    story.call("ВJSON", "ToJson", &[&cut]).fails("value_text", "");
    let bytes = story.binary("picture", b"\x89PNG\xFF\0");
    story.call("ВJSON", "ToJson", &[&bytes]).gives("\"iVBOR/8A\"");
    story
}

fn deep_texts() -> Story {
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

fn tables_from_json() -> Story {
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

fn conversions() -> Story {
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

fn parts() -> Story {
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

fn checks_and_layout() -> Story {
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

fn rows() -> Story {
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

fn batches() -> Story {
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

fn new_names_of_fields() -> Story {
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

fn files() -> Story {
    let mut story = Story::new(JSON);
    // As `ЗначениеВФайл` writes: a mark, CR LF everywhere.
    let (from, to) = (story.path("откуда.txt"), story.path("куда.json"));
    std::fs::write(&from, format!("\u{feff}{}", TABLE.replace('\n', "\r\n"))).expect("a file");
    let (from, to) = (text(&from.display().to_string()), text(&to.display().to_string()));
    let size = std::fs::metadata(story.path("откуда.txt")).expect("a file").len();
    let written = r#"[{"Имя":"Аня","Возраст":7},{"Имя":"Боря \"Бо\"","Возраст":9.5}]"#;
    story
        .call("ФайлВJSON", "FileToJson", &[&from, &to])
        .gives_json(json!({"read": size, "written": written.len()}));
    let result = story.path("куда.json");
    story.get("ОписаниеОшибки", "LastErrorText").where_value(move |_| {
        assert_eq!(std::fs::read_to_string(&result).expect("the file is there"), written);
    });
    story.set("ФорматРезультата", "ResultFormat", &text("‹Внутр|Internal›"));
    story
        .call("ФайлВJSON", "FileToJson", &[&from, &to, &text("{\"‹Формат|Format›\": \"‹внутр|internal›\"}")])
        .where_value(|report| {
            assert!(
                report
                    .as_str()
                    .is_some_and(|report| report.starts_with("{\"#\",4238019d-7e49-4fc9-91db-b6b951d5cf8e,")),
                "{report}"
            );
        });
    story.call("ФайлВJSON", "FileToJson", &[&text("/нет/такого.txt"), &to]).fails("file", "/нет/такого.txt");
    // What fails leaves the earlier file alone.
    let broken = story.path("broken.txt");
    std::fs::write(&broken, "{\"#\",51e7a0d2-530b-11d4-b98a-008048da3034,{2,{\"N\",1}").expect("a file");
    story
        .call("ФайлВJSON", "FileToJson", &[&text(&broken.display().to_string()), &to])
        .fails("value_text", "");
    let result = story.path("куда.json");
    story.get("ОписаниеОшибки", "LastErrorText").where_value(move |_| {
        assert_eq!(std::fs::read_to_string(&result).expect("the file is there"), written);
    });
    story
}

fn stories() -> Vec<Story> {
    vec![
        to_json(),
        settings_of_json(),
        types_without_a_form(),
        from_json(),
        deep_texts(),
        plain_values_that_look_structured(),
        tables_from_json(),
        conversions(),
        parts(),
        checks_and_layout(),
        rows(),
        batches(),
        new_names_of_fields(),
        files(),
    ]
}

#[test]
fn any_form_of_a_value_becomes_json() {
    to_json().tell();
}

#[test]
fn json_is_written_as_the_settings_say() {
    settings_of_json().tell();
}

#[test]
fn a_type_without_a_form_is_told_or_replaced() {
    types_without_a_form().tell();
}

#[test]
fn json_becomes_text_for_the_platform() {
    from_json().tell();
}

#[test]
fn a_string_that_only_begins_like_data_is_a_string() {
    plain_values_that_look_structured().tell();
}

#[test]
fn deep_texts_are_refused_and_harm_nobody() {
    deep_texts().tell();
}

#[test]
fn an_array_of_objects_becomes_a_table() {
    tables_from_json().tell();
}

#[test]
fn texts_are_converted_between_all_forms() {
    conversions().tell();
}

#[test]
fn a_part_is_found_by_its_path() {
    parts().tell();
}

#[test]
fn texts_are_checked_laid_out_and_minified() {
    checks_and_layout().tell();
}

#[test]
fn rows_are_gathered_one_by_one() {
    rows().tell();
}

#[test]
fn a_collection_is_cut_into_batches() {
    batches().tell();
}

#[test]
fn fields_get_new_names_everywhere() {
    new_names_of_fields().tell();
}

#[test]
fn a_file_becomes_a_file() {
    files().tell();
}

#[test]
fn every_member_has_its_story() {
    assert_every_member_is_used(JSON, &stories());
}
