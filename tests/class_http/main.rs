//! `ObmenHttp` through the binary interface: every member in both languages, on a host written in C, against
//! servers that are not ours.

#[path = "../common/mod.rs"]
mod common;
#[path = "../http_support/mod.rs"]
mod http_support;
mod with_nginx;

use common::story::{Story, assert_every_member_is_used, text};
use http_support::servers::{self, httpbin};
use serde_json::{Value, json};
use with_nginx::{certificates, files};

const HTTP: &str = "ObmenHttp";

/// An object that no proxy setting of the machine can disturb.
fn story() -> Story {
    let mut story = Story::new(HTTP);
    story.set("Прокси", "Proxy", &text("‹нет|none›"));
    story
}

/// A text of `ЗначениеВСтрокуВнутр`: Структура with Имя.
const STRUCTURE: &str = r##"{"#",4238019d-7e49-4fc9-91db-b6b951d5cf8e,{1,{{"S","Имя"},{"S","Ёж & Ко"}}}}"##;

fn methods(url: &str) -> Story {
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

fn twins(url: &str) -> Story {
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

/// Every property that is a setting: what it takes, what it refuses.
fn settings() -> Story {
    let mut story = Story::new(HTTP);
    let mut keeps = |ru: &str, en: &str, first: Value, given: &str, kept: Value, wrong: &str| {
        story.get(ru, en).gives(first);
        story.set(ru, en, given);
        story.get(ru, en).gives(kept.clone());
        if !wrong.is_empty() {
            story.set(ru, en, wrong).fails("argument", "");
            story.get(ru, en).gives(kept);
        }
    };
    let [yes, no] = ["Истина", "Ложь"];
    keeps("Таймаут", "Timeout", json!(30), "2.5", json!(2.5), "-1");
    keeps("ТаймаутСоединения", "ConnectTimeout", json!(10), "3", json!(3), &text("скоро"));
    keeps("ВремяНаОперацию", "TimeBudget", json!(0), "60", json!(60), "-1");
    keeps(
        "Заголовки",
        "Headers",
        json!(""),
        &text("{\"X-А\": [\"1\", 2]}"),
        json!("{\"X-А\":[\"1\",\"2\"]}"),
        &text("[1]"),
    );
    keeps(
        "ПараметрыЗапроса",
        "QueryParameters",
        json!(""),
        &text("{\"а\": true}"),
        json!("{\"а\":\"true\"}"),
        &text("{\"а\": {}}"),
    );
    keeps("Cookies", "Cookies", json!(""), &text("{\"а\": \"б\"}"), json!("{\"а\":\"б\"}"), yes);
    keeps("ХранитьCookies", "KeepCookies", json!(true), no, json!(false), "7");
    keeps("ПроверятьSSL", "VerifySsl", json!(true), no, json!(false), &text("нет"));
    keeps("ФайлСертификатовУЦ", "CaFile", json!(""), &text("/etc/ca.pem"), json!("/etc/ca.pem"), yes);
    keeps("Прокси", "Proxy", json!(""), &text("proxy:3128"), json!("http://proxy:3128/"), &text("ftp://x"));
    keeps("РазрешитьПеренаправление", "AllowRedirect", json!(true), no, json!(false), "7");
    keeps("МаксимумПеренаправлений", "MaxRedirects", json!(0), "5", json!(5), "-1");
    keeps("МаксимальноеКоличествоПовторов", "MaxRetries", json!(0), "4", json!(4), "101");
    keeps("МаксимальноеВремяПовторов", "MaxRetryTime", json!(0), "600", json!(600), "-1");
    keeps("КоэффициентЭкспоненциальнойЗадержки", "BackoffFactor", json!(1), "0.5", json!(0.5), "-1");
    keeps("ПределПаузы", "RetryPauseLimit", json!(60), "5", json!(5), "-1");
    keeps(
        "ПовторятьДляКодовСостояний",
        "RetryStatuses",
        json!("408,425,429,500,502,503,504"),
        &text("[500, 502]"),
        json!("500,502"),
        &text("да"),
    );
    keeps("ПовторятьЛюбыеМетоды", "RetryAnyMethod", json!(false), yes, json!(true), "7");
    keeps("ЗапросовВСекунду", "RequestsPerSecond", json!(0), "2.5", json!(2.5), "-1");
    keeps("СбоевДоРазмыкания", "BreakerFailures", json!(0), "3", json!(3), "-1");
    keeps("ПаузаРазмыкания", "BreakerPause", json!(30), "7", json!(7), "-1");
    keeps("МаксимумБайтОтвета", "MaxAnswerBytes", json!(268_435_456), "1000", json!(1000), "0");
    keeps("СжиматьТело", "Compress", json!(false), yes, json!(true), "7");
    keeps("КодировкаОтвета", "ResponseEncoding", json!(""), &text("windows-1251"), json!("windows-1251"), "");
    keeps("Распаковывать", "Decompress", json!(true), no, json!(false), "7");
    // All at once, by their names in either language; one wrong one changes nothing.
    story.call(
        "Настроить",
        "Configure",
        &[&text("{\"‹Таймаут|Timeout›\": 9, \"‹СжиматьТело|Compress›\": false}")],
    );
    story.get("Таймаут", "Timeout").gives(9);
    story.get("СжиматьТело", "Compress").gives(false);
    story
        .call("Настроить", "Configure", &[&text("{\"‹Таймаут|Timeout›\": 8, \"‹Тайм-аут|Time-out›\": 7}")])
        .fails("argument", "‹«Таймаут»|“Timeout”›");
    story.get("Таймаут", "Timeout").gives(9);
    story
}

/// Options of one call change that call only.
fn options_of_a_call(url: &str) -> Story {
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

fn credentials(url: &str) -> Story {
    let mut story = story();
    let at = |path: &str| text(&format!("{url}/{path}"));
    let login = |kind: &str, password: &str| {
        text(&format!(
            "{{\"‹Тип|Type›\": \"{kind}\", \"‹Пользователь|User›\": \"user\", \"‹Пароль|Password›\": \"{password}\"}}"
        ))
    };
    // httpbin compares the addresses of Digest undecoded: there the password in the path must be plain.
    for (kind, password, path) in [
        ("Basic", "тайна", "basic-auth/user/тайна"),
        ("Digest", "secret", "digest-auth/auth/user/secret/MD5"),
        ("Digest", "secret", "digest-auth/auth/user/secret/SHA-256"),
    ] {
        story.set("Аутентификация", "Authentication", &login(kind, password));
        story.call("Получить", "Get", &[&at(path)]).gives(200);
        story.set("Аутентификация", "Authentication", &login(kind, "не та"));
        story.call("Получить", "Get", &[&at(path)]).gives(401);
    }
    story.set("Аутентификация", "Authentication", &text(""));
    story.call("Получить", "Get", &[&at("bearer")]).gives(401);
    let token = text(
        "{\"‹Аутентификация|Authentication›\": {\"‹Тип|Type›\": \"Bearer\", \"‹Токен|Token›\": \"t0ken\"}}",
    );
    story
        .call("ПолучитьJson", "GetJson", &[&at("bearer"), "", &token])
        .where_json(|answer| assert_eq!(answer["token"], "t0ken"));
    let keys = "\"‹ИдентификаторКлючаДоступа|AccessKey›\": \"AKID\", \"‹СекретныйКлюч|SecretKey›\": \"очень тайный ключ\", \"‹Регион|Region›\": \"ru-1\", \"‹Сервис|Service›\": \"s3\"";
    story.set(
        "Аутентификация",
        "Authentication",
        &text(&format!("{{\"‹Тип|Type›\": \"AWS4-HMAC-SHA256\", {keys}}}")),
    );
    story.call("ПолучитьJson", "GetJson", &[&at("get")]).where_json(|answer| {
        let sent = answer["headers"]["Authorization"].as_str().expect("signed");
        assert!(
            sent.starts_with("AWS4-HMAC-SHA256 Credential=AKID/") && sent.contains("/ru-1/s3/aws4_request"),
            "{sent}"
        );
    });
    story
        .set("Аутентификация", "Authentication", &login("NTLM", "x"))
        .fails("argument", "Basic, Digest, Bearer, AWS4-HMAC-SHA256");
    // What was given cannot be read back.
    story.call("Справка", "Help", &[&text("‹Аутентификация|Authentication›")]).where_value(|help| {
        assert!(!help.to_string().contains("тайный"));
    });
    story
}

fn redirects(url: &str) -> Story {
    let mut story = story();
    let at = |path: &str| text(&format!("{url}/{path}"));
    story.call("Получить", "Get", &[&at("redirect/2")]).gives(200);
    story.get("ИсторияПеренаправлений", "RedirectHistory").where_json(|ways| {
        assert_eq!(ways.as_array().map(Vec::len), Some(2));
        assert_eq!(ways[1]["http_status"], 302);
        assert!(ways[1]["to"].as_str().is_some_and(|to| to.ends_with("/get")));
    });
    let last = url.to_owned();
    story.get("ИтоговыйURL", "FinalUrl").where_value(move |found| assert_eq!(*found, format!("{last}/get")));
    story.set("МаксимумПеренаправлений", "MaxRedirects", "1");
    story.call("Получить", "Get", &[&at("redirect/2")]).fails("limit", "1");
    story.set("РазрешитьПеренаправление", "AllowRedirect", "Ложь");
    story.call("Получить", "Get", &[&at("redirect/2")]).gives(302);
    story.get("ЭтоРедирект", "IsRedirect").gives(true);
    story.get("ИсторияПеренаправлений", "RedirectHistory").gives("[]");
    story.call("ЗаголовокОтвета", "ResponseHeader", &[&text("location")]).gives("/relative-redirect/1");
    story
}

fn cookies(url: &str) -> Story {
    let mut story = story();
    let at = |path: &str| text(&format!("{url}/{path}"));
    let seen = |story: &mut Story, expected: Value| {
        story
            .call("ПолучитьJson", "GetJson", &[&at("cookies")])
            .where_json(move |answer| assert_eq!(answer["cookies"], expected));
    };
    let no_redirect = text("{\"‹РазрешитьПеренаправление|AllowRedirect›\": false}");
    story.call("Получить", "Get", &[&at("cookies/set?a=1&b=2"), "", &no_redirect]).gives(302);
    story.get("CookiesОтвета", "ResponseCookies").where_json(|cookies| {
        assert_eq!(
            (&cookies[0]["name"], &cookies[0]["value"], &cookies[0]["path"]),
            (&json!("a"), &json!("1"), &json!("/"))
        );
        assert_eq!(cookies[1]["name"], "b");
    });
    seen(&mut story, json!({"a": "1", "b": "2"}));
    story.set("Cookies", "Cookies", &text("{\"b\": \"7\", \"c\": 8}"));
    seen(&mut story, json!({"a": "1", "b": "7", "c": "8"}));
    story.call("ОчиститьCookies", "ClearCookies", &[]);
    story.set("Cookies", "Cookies", &text(""));
    seen(&mut story, json!({}));
    story.set("ХранитьCookies", "KeepCookies", "Ложь");
    story.call("Получить", "Get", &[&at("cookies/set?a=1")]).gives(200);
    seen(&mut story, json!({}));
    story
}

fn packed_answers(url: &str) -> Story {
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

fn repeats(url: &str) -> Story {
    let mut story = story();
    let at = |path: &str| text(&format!("{url}/{path}"));
    story.set("МаксимальноеКоличествоПовторов", "MaxRetries", "2");
    story.set("КоэффициентЭкспоненциальнойЗадержки", "BackoffFactor", "0.001");
    let made = |story: &mut Story, number: i32| {
        story.get("Попыток", "AttemptCount").gives(number);
    };
    story.call("Получить", "Get", &[&at("status/503")]).gives(503);
    made(&mut story, 3);
    story.get("ИсторияПопыток", "AttemptHistory").where_json(|attempts| {
        let attempts = attempts.as_array().expect("an array");
        assert!(attempts.iter().all(|attempt| attempt["http_status"] == 503));
        assert!(attempts[0]["pause"].is_number() && attempts[2]["pause"].is_null());
    });
    // The answer to a POST says that it arrived: it is repeated only when the caller allows it.
    story.call("Отправить", "Post", &[&at("status/503"), &text("x")]).gives(503);
    made(&mut story, 1);
    story
        .call(
            "Отправить",
            "Post",
            &[&at("status/503"), &text("x"), &text("{\"‹ПовторятьЛюбыеМетоды|RetryAnyMethod›\": true}")],
        )
        .gives(503);
    made(&mut story, 3);
    story
        .call(
            "Получить",
            "Get",
            &[&at("status/503"), "", &text("{\"‹ПовторятьДляКодовСостояний|RetryStatuses›\": [500]}")],
        )
        .gives(503);
    made(&mut story, 1);
    // A POST that never arrived is repeated.
    let [port] = servers::free_ports();
    story
        .call("Отправить", "Post", &[&text(&format!("http://127.0.0.1:{port}/")), &text("x")])
        .fails("http_connect", "127.0.0.1");
    made(&mut story, 3);
    story.get("КодСостояния", "StatusCode").gives(0);
    story
        .get("ИсторияПопыток", "AttemptHistory")
        .where_json(|attempts| assert_eq!(attempts[2]["error"]["code"], "http_connect"));
    story
}

fn limits(url: &str) -> Story {
    let mut story = story();
    let at = |path: &str| text(&format!("{url}/{path}"));
    story
        .call("Получить", "Get", &[&at("delay/5"), "", &text("{\"‹Таймаут|Timeout›\": 0.3}")])
        .fails("http_timeout", "");
    story
        .call("Получить", "Get", &[&at("delay/5"), "", &text("{\"‹ВремяНаОперацию|TimeBudget›\": 0.3}")])
        .fails("limit", "");
    let budget = "{\"‹МаксимальноеКоличествоПовторов|MaxRetries›\": 50, \"‹КоэффициентЭкспоненциальнойЗадержки|BackoffFactor›\": 0.2, \"‹МаксимальноеВремяПовторов|MaxRetryTime›\": 0.5}";
    story.call("Получить", "Get", &[&at("status/503"), "", &text(budget)]).gives(503);
    story
        .get("Попыток", "AttemptCount")
        .where_value(|made| assert!(made.as_i64().is_some_and(|made| made < 10)));
    // A server that fails is left alone, and the answer says so.
    let [port] = servers::free_ports();
    story.set("СбоевДоРазмыкания", "BreakerFailures", "2");
    let dead = text(&format!("http://127.0.0.1:{port}/"));
    for _ in 0..2 {
        story.call("Получить", "Get", &[&dead]).fails("http_connect", "");
    }
    story.call("Получить", "Get", &[&dead]).fails("http_connect", "‹приостановлены|suspended›");
    story.call("Получить", "Get", &[&at("get")]).gives(200);
    // A rate that the time does not suffice for.
    story.set("ЗапросовВСекунду", "RequestsPerSecond", "0.001");
    story.call("Получить", "Get", &[&at("get")]).gives(200);
    story
        .call("Получить", "Get", &[&at("get"), "", &text("{\"‹ВремяНаОперацию|TimeBudget›\": 1}")])
        .fails("limit", "");
    story
}

fn injections(url: &str) -> Story {
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

fn many_at_once(url: &str) -> Story {
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

#[test]
fn every_method_sends_what_it_is_given() {
    let Some(url) = httpbin() else { return };
    methods(url).tell();
}

#[test]
fn json_goes_and_comes() {
    let Some(url) = httpbin() else { return };
    twins(url).tell();
}

#[test]
fn settings_are_kept_and_wrong_ones_refused() {
    settings().tell();
}

#[test]
fn options_change_one_call_only() {
    let Some(url) = httpbin() else { return };
    options_of_a_call(url).tell();
}

#[test]
fn credentials_of_every_kind_are_taken() {
    let Some(url) = httpbin() else { return };
    credentials(url).tell();
}

#[test]
fn redirects_are_followed_limited_and_told() {
    let Some(url) = httpbin() else { return };
    redirects(url).tell();
}

#[test]
fn cookies_are_kept_given_and_forgotten() {
    let Some(url) = httpbin() else { return };
    cookies(url).tell();
}

#[test]
fn packed_answers_are_unpacked_within_the_limit() {
    let Some(url) = httpbin() else { return };
    packed_answers(url).tell();
}

#[test]
fn failures_are_repeated_as_the_settings_say() {
    let Some(url) = httpbin() else { return };
    repeats(url).tell();
}

#[test]
fn time_rate_and_failures_have_limits() {
    let Some(url) = httpbin() else { return };
    limits(url).tell();
}

#[test]
fn nothing_breaks_out_of_headers_and_addresses() {
    let Some(url) = httpbin() else { return };
    injections(url).tell();
}

#[test]
fn many_requests_give_their_answers_in_order() {
    let Some(url) = httpbin() else { return };
    many_at_once(url).tell();
}

#[test]
fn every_member_has_its_story() {
    let url = "http://127.0.0.1:9";
    let stories = [
        methods(url),
        twins(url),
        settings(),
        options_of_a_call(url),
        credentials(url),
        redirects(url),
        cookies(url),
        many_at_once(url),
        files(url, tempfile::tempdir().expect("a folder").path()),
        certificates(None),
    ];
    assert_every_member_is_used(HTTP, &stories);
}
