//! What an object keeps between requests, and how it repeats and limits them.

use super::common::story::{Story, text};
use super::http_support::servers;
use super::{HTTP, story};
use serde_json::{Value, json};

/// Every property that is a setting: what it takes, what it refuses.
pub fn settings() -> Story {
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

pub fn credentials(url: &str) -> Story {
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

pub fn redirects(url: &str) -> Story {
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

pub fn cookies(url: &str) -> Story {
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

pub fn repeats(url: &str) -> Story {
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

pub fn limits(url: &str) -> Story {
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
