//! What a request says and what its answer tells.

use super::common::story::{Story, text};
use super::http_support::servers;
use super::story;
use serde_json::{Value, json};

/// A text of `ЗначениеВСтрокуВнутр`: Структура with Имя.
const STRUCTURE: &str = r##"{"#",4238019d-7e49-4fc9-91db-b6b951d5cf8e,{1,{{"S","Имя"},{"S","Ёж & Ко"}}}}"##;

pub fn methods(url: &str) -> Story {
    let mut story = story();
    story.get("КодСостояния", "StatusCode").gives(0);
    story.get("Тело", "Body").gives("");
    story.get("ИсторияПопыток", "AttemptHistory").gives("[]");
    let at = |path: &str| text(&format!("{url}/{path}"));
    story
        .call(
            "Получить",
            "Get",
            &[
                &at("get?было=1"),
                &text("{\"тег\": [\"красный и синий\", \"a&b=c\"], \"н\": 5, \"нет\": null}"),
            ],
        )
        .gives(200);
    story.get("КодСостояния", "StatusCode").gives(200);
    story.get("Тело", "Body").where_json(|body| {
        assert_eq!(body["args"], json!({"было": "1", "тег": ["красный и синий", "a&b=c"], "н": "5"}));
    });
    story.get("ТелоДвоичное", "BodyBinary").where_json(|body| assert_eq!(body["args"]["было"], "1"));
    story.get("Кодировка", "Encoding").gives("UTF-8");
    let address = url.to_owned();
    story.get("ИтоговыйURL", "FinalUrl").where_value(move |found| {
        let query = "%D0%B1%D1%8B%D0%BB%D0%BE=1&%D1%82%D0%B5%D0%B3=%D0%BA%D1%80%D0%B0%D1%81%D0%BD%D1%8B%D0%B9+%D0%B8+%D1%81%D0%B8%D0%BD%D0%B8%D0%B9&%D1%82%D0%B5%D0%B3=a%26b%3Dc&%D0%BD=5";
        assert_eq!(*found, format!("{address}/get?{query}"));
    });
    story
        .get("ЗаголовкиОтвета", "ResponseHeaders")
        .where_json(|headers| assert_eq!(headers["content-type"], "application/json"));
    story.call("ЗаголовокОтвета", "ResponseHeader", &[&text("CONTENT-Type")]).gives("application/json");
    story.call("ЗаголовокОтвета", "ResponseHeader", &[&text("X-Нет")]).gives("");
    story
        .get("ВремяВыполнения", "Elapsed")
        .where_value(|seconds| assert!(seconds.as_f64().is_some_and(|seconds| seconds > 0.0)));
    story.get("Попыток", "AttemptCount").gives(1);
    story.get("ИсторияПопыток", "AttemptHistory").where_json(|attempts| {
        assert_eq!(
            (&attempts[0]["http_status"], &attempts[0]["error"], &attempts[0]["pause"]),
            (&json!(200), &Value::Null, &Value::Null)
        );
    });
    story.get("ЭтоРедирект", "IsRedirect").gives(false);

    // What a text is, is seen: JSON, internal text (a form), anything else.
    let sent = |story: &mut Story, body: Value, kind: &'static str| {
        story.get("Тело", "Body").where_json(move |answer| {
            let found = json!({"data": answer["data"], "form": answer["form"], "json": answer["json"]});
            assert_eq!(found, body);
            assert_eq!(answer["headers"].get("Content-Type").unwrap_or(&Value::Null), kind);
        });
    };
    story.call("Отправить", "Post", &[&at("post"), &text("{\"а\": 1.50}")]).gives(200);
    sent(
        &mut story,
        json!({"data": "{\"а\": 1.50}", "form": {}, "json": {"а": 1.5}}),
        "application/json; charset=utf-8",
    );
    story.call("Отправить", "Post", &[&at("post"), &text(STRUCTURE)]).gives(200);
    sent(
        &mut story,
        json!({"data": "", "form": {"Имя": "Ёж & Ко"}, "json": null}),
        "application/x-www-form-urlencoded",
    );
    story.call("Put", "Put", &[&at("put"), &text("просто текст")]).gives(200);
    sent(&mut story, json!({"data": "просто текст", "form": {}, "json": null}), "text/plain; charset=utf-8");
    let binary = story.binary("body.bin", b"\x00\xFF\xFE");
    story.call("Patch", "Patch", &[&at("patch"), &binary]).gives(200);
    sent(
        &mut story,
        json!({"data": "data:application/octet-stream;base64,AP/+", "form": {}, "json": null}),
        "application/octet-stream",
    );
    story.call("Удалить", "Delete", &[&at("delete")]).gives(200);
    story.call("Head", "Head", &[&at("get")]).gives(200);
    story.get("Тело", "Body").gives("");
    story.call("Options", "Options", &[&at("get")]).gives(200);
    story
        .call("ЗаголовокОтвета", "ResponseHeader", &[&text("Allow")])
        .where_value(|allowed| assert!(allowed.as_str().is_some_and(|allowed| allowed.contains("GET"))));
    story
        .call(
            "Запрос",
            "Request",
            &[
                &text("put"),
                &at("put"),
                &text("<x/>"),
                &text("{\"‹ТипСодержимого|ContentType›\": \"application/xml\"}"),
            ],
        )
        .gives(200);
    sent(&mut story, json!({"data": "<x/>", "form": {}, "json": null}), "application/xml");
    story
        .call("Запрос", "Request", &[&text("НЕ МЕТОД"), &at("get")])
        .fails("argument", "‹не метод HTTP|is not an HTTP method›");
    // Any status is an answer.
    story.call("Получить", "Get", &[&at("status/418")]).gives(418);
    story.get("КодСостояния", "StatusCode").gives(418);
    story
}

pub fn twins(url: &str) -> Story {
    let mut story = story();
    let at = |path: &str| text(&format!("{url}/{path}"));
    story
        .call("ПолучитьJson", "GetJson", &[&at("get"), &text("{\"а\": \"б\"}")])
        .where_json(|answer| assert_eq!(answer["args"], json!({"а": "б"})));
    for (ru, en, path) in [
        ("ОтправитьJson", "PostJson", "post"),
        ("PutJson", "PutJson", "put"),
        ("УдалитьJson", "DeleteJson", "delete"),
    ] {
        // Whatever the data is, JSON is sent.
        story
            .call(ru, en, &[&at(path), &text(STRUCTURE)])
            .where_json(|answer| assert_eq!(answer["json"], json!({"Имя": "Ёж & Ко"})));
        story.call(ru, en, &[&at(path), "12.5"]).where_json(|answer| assert_eq!(answer["json"], json!(12.5)));
    }
    story.set("ФорматРезультата", "ResultFormat", &text("‹Внутр|Internal›"));
    story.call("ПолучитьJson", "GetJson", &[&at("get")]).where_value(|answer| {
        // The members have names that are identifiers, so it is a structure.
        assert!(
            answer
                .as_str()
                .is_some_and(|text| text.starts_with("{\"#\",4238019d-7e49-4fc9-91db-b6b951d5cf8e,")),
            "{answer}"
        );
    });
    story.get("ЗаголовкиОтвета", "ResponseHeaders").where_value(|headers| {
        let text = headers.as_str().expect("a text");
        assert!(
            text.starts_with("{\"#\",3d48feae-a9c6-4c5a-a099-9eb6477630c6,")
                && text.contains("{\"S\",\"application/json\"}"),
            "{text}"
        );
    });
    story.call("ПолучитьJson", "GetJson", &[&at("html")]).fails("value_text", "‹не JSON|is not JSON›");
    story.get("КодСостояния", "StatusCode").gives(200);
    story.call("ПолучитьJson", "GetJson", &[&at("status/204")]).gives("{\"U\"}");
    story
}

/// Options of one call change that call only.
pub fn options_of_a_call(url: &str) -> Story {
    let mut story = story();
    let at = |path: &str| text(&format!("{url}/{path}"));
    story.set("Заголовки", "Headers", &text("{\"X-Own\": \"one\"}"));
    let options = text(
        "{\"‹Заголовки|Headers›\": {\"X-Own\": \"два\"}, \"‹ПараметрыЗапроса|QueryParameters›\": {\"а\": [1, 2]}}",
    );
    story.call("ПолучитьJson", "GetJson", &[&at("get"), "", &options]).where_json(|answer| {
        assert_eq!(
            (&answer["headers"]["X-Own"], &answer["args"]),
            // The server reads headers as Latin-1.
            (&json!("Ð´Ð²Ð°"), &json!({"а": ["1", "2"]}))
        );
    });
    story.call("ПолучитьJson", "GetJson", &[&at("get")]).where_json(|answer| {
        assert_eq!((&answer["headers"]["X-Own"], &answer["args"]), (&json!("one"), &json!({})));
    });
    story
        .call("Получить", "Get", &[&at("get"), "", &text("{\"‹Заголовок|Header›\": {}}")])
        .fails("argument", "‹«Заголовки»|“Headers”›");
    // A form, fields with files, JSON: by option.
    story
        .call("Отправить", "Post", &[&at("post"), "", &text("{\"‹Данные|Data›\": {\"а\": [\"1\", \"Ё&\"]}}")])
        .gives(200);
    story.get("Тело", "Body").where_json(|answer| assert_eq!(answer["form"], json!({"а": ["1", "Ё&"]})));
    story.call("Отправить", "Post", &[&at("post"), "", &text("{\"Json\": {\"а\": 1}}")]).gives(200);
    story.get("Тело", "Body").where_json(|answer| assert_eq!(answer["json"], json!({"а": 1})));
    std::fs::write(story.path("прайс.csv"), "артикул;цена\n1;2").expect("a file");
    let path = story.path("прайс.csv").display().to_string();
    let files = format!(
        "{{\"‹Файлы|Files›\": [{{\"‹Имя|Name›\": \"f\", \"‹Путь|Path›\": \"{path}\", \"‹Тип|Type›\": \"text/csv\"}}, \
         {{\"‹Имя|Name›\": \"b\", \"‹Данные|Data›\": \"AP8=\", \"‹ИмяФайла|FileName›\": \"б.bin\"}}], \"‹Данные|Data›\": {{\"поле\": \"да\"}}}}"
    );
    story.call("Отправить", "Post", &[&at("post"), "", &text(&files)]).gives(200);
    story.get("Тело", "Body").where_json(|answer| {
        assert_eq!(answer["form"], json!({"поле": "да"}));
        assert_eq!(
            answer["files"],
            json!({"f": "артикул;цена\n1;2", "b": "data:application/octet-stream;base64,AP8="})
        );
    });
    story
        .call("Отправить", "Post", &[&at("post"), "", &text("{\"Json\": 1, \"‹Данные|Data›\": {}}")])
        .fails("argument", "Json");
    for second in ["{\"Json\": 1}", "{\"‹Данные|Data›\": \"б\"}"] {
        story
            .call("Отправить", "Post", &[&at("post"), &text("а"), &text(second)])
            .fails("argument", "‹одно тело|one body›");
    }
    story
        .call(
            "Отправить",
            "Post",
            &[&at("post"), "", &text("{\"‹Файлы|Files›\": {\"‹Путь|Path›\": \"/нет/файла\"}}")],
        )
        .fails("file", "/нет/файла");
    story
        .call(
            "Отправить",
            "Post",
            &[&at("post"), "", &text("{\"‹Файлы|Files›\": {\"‹Данные|Data›\": \"!\"}}")],
        )
        .fails("argument", "base64");
    // A packed body.
    let long = text(&"много текста ".repeat(200));
    story
        .call("Отправить", "Post", &[&at("post"), &long, &text("{\"‹СжиматьТело|Compress›\": true}")])
        .gives(200);
    story.get("Тело", "Body").where_json(|answer| assert_eq!(answer["headers"]["Content-Encoding"], "gzip"));
    story
}

pub fn packed_answers(url: &str) -> Story {
    let mut story = story();
    let at = |path: &str| text(&format!("{url}/{path}"));
    for (path, mark) in [("gzip", "gzipped"), ("deflate", "deflated"), ("brotli", "brotli")] {
        story
            .call("ПолучитьJson", "GetJson", &[&at(path)])
            .where_json(move |answer| assert_eq!(answer[mark], true));
    }
    story
        .call("Получить", "Get", &[&at("gzip"), "", &text("{\"‹Распаковывать|Decompress›\": false}")])
        .gives(200);
    story.call("ЗаголовокОтвета", "ResponseHeader", &[&text("Content-Encoding")]).gives("gzip");
    // The size is that of the unpacked answer.
    story.set("МаксимумБайтОтвета", "MaxAnswerBytes", "100");
    story.call("Получить", "Get", &[&at("gzip")]).fails("limit", "100");
    story.call("Получить", "Get", &[&at("bytes/100")]).gives(200);
    story.call("Получить", "Get", &[&at("bytes/101")]).fails("limit", "100");
    story
}

pub fn injections(url: &str) -> Story {
    let mut story = story();
    let at = |path: &str| text(&format!("{url}/{path}"));
    let headers = "{\"‹Заголовки|Headers›\": {\"X-A\": \"1\\r\\nX-B: 2\"}}";
    story.call("Получить", "Get", &[&at("get"), "", &text(headers)]).fails("argument", "X-A");
    story
        .call("Получить", "Get", &[&at("get"), "", &text("{\"‹Заголовки|Headers›\": {\"X A:\": \"1\"}}")])
        .fails("argument", "X A:");
    let address = story.file("url", &format!("{url}/get HTTP/1.1\r\nX-B: 2\r\n\r\n"));
    story.call("Получить", "Get", &[&address]).fails("argument", "");
    for scheme in ["ftp://127.0.0.1/", "file:///etc/passwd", "gopher://127.0.0.1/", "просто слово", ""]
    {
        story.call("Получить", "Get", &[&text(scheme)]).fails("argument", "");
    }
    // A query and a form take such characters as data.
    story
        .call("ПолучитьJson", "GetJson", &[&at("get"), &text("{\"а\\r\\nб\": \"в\\r\\nг\"}")])
        .where_json(|answer| assert_eq!(answer["args"], json!({"а\r\nб": "в\r\nг"})));
    // Without exceptions a failed call is Неопределено, and what was wrong is still to be read.
    story.set("ВызыватьИсключения", "RaiseErrors", "Ложь");
    story.call("Получить", "Get", &[&text("ftp://127.0.0.1/")]).gives(Value::Null);
    story.get("ОписаниеОшибки", "LastErrorText").where_value(|said| assert_ne!(*said, ""));
    story
}

pub fn many_at_once(url: &str) -> Story {
    let mut story = story();
    let [port] = servers::free_ports();
    let requests = format!(
        "[\"{url}/anything/1\", {{\"URL\": \"{url}/anything/2\", \"‹Метод|Method›\": \"POST\", \"Json\": {{\"а\": 1}}}}, \
         \"http://127.0.0.1:{port}/\", {{\"URL\": \"{url}/image/png\"}}, {{\"URL\": \"{url}/status/404\"}}]"
    );
    story.call("ВыполнитьПараллельно", "RequestMany", &[&text(&requests), "3"]).where_json(|answers| {
        let statuses: Vec<_> = answers
            .as_array()
            .expect("an array")
            .iter()
            .map(|answer| answer["http_status"].clone())
            .collect();
        assert_eq!(statuses, [200, 200, 0, 200, 404]);
        let second: Value = serde_json::from_str(answers[1]["body"].as_str().expect("a text")).expect("JSON");
        assert_eq!((&second["method"], &second["json"]), (&json!("POST"), &json!({"а": 1})));
        assert_eq!(answers[2]["error"]["code"], "http_connect");
        assert!(answers[3]["body_base64"].as_str().is_some_and(|picture| picture.starts_with("iVBORw0KGgo")));
        assert_eq!(answers[4]["attempts"].as_array().map(Vec::len), Some(1));
    });
    story.call("ВыполнитьПараллельно", "RequestMany", &[&text("[]")]).gives("[]");
    story.call("ВыполнитьПараллельно", "RequestMany", &[&text("{}")]).fails("argument", "");
    story
        .call(
            "ВыполнитьПараллельно",
            "RequestMany",
            &[&text("[\"http://127.0.0.1/\", {\"URL\": \"x\", \"Адрес\": 1}]")],
        )
        .fails("argument", "‹запрос 2|request 2›");
    story.call("ВыполнитьПараллельно", "RequestMany", &[&text("[]"), "0"]).fails("argument", "1");
    story
}
