//! Values of every form become JSON.

use super::common::story::{Story, text};
use super::{JSON, TABLE, XDTO};
use serde_json::json;

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

pub fn to_json() -> Story {
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

pub fn settings_of_json() -> Story {
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

pub fn types_without_a_form() -> Story {
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

/// Strings that only begin like structured ones, and bytes that are no text.
pub fn plain_values_that_look_structured() -> Story {
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

pub fn files() -> Story {
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
