//! The list of error codes, in both languages.

use obmen::error::{Category, Code};
use std::fmt::Write as _;

const INTRODUCTION: &str = "\
<!-- Written by `make reference` from src/error. -->

# Коды ошибок / Error codes

`ПоследняяОшибка` — объект JSON: `code` (см. ниже), `category`, `message` и то, что помогает найти причину (`url`, `http_status`, `path`, \
`row`, `attempts` …). Код не меняется от версии к версии: по нему можно ветвить программу. Тот же текст даёт `Справка(\"код\")`.

`LastError` is a JSON object: `code` (see below), `category`, `message` and what helps to find the cause (`url`, `http_status`, `path`, `row`, \
`attempts` …). A code never changes from version to version: programs can branch on it. `Help(\"code\")` gives the same text.

| category | что делать | what to do |
| --- | --- | --- |
";

const CATEGORIES: [(Category, &str, &str); 4] = [
    (Category::Caller, "исправить вызов или данные", "correct the call or the data"),
    (Category::Temporary, "повторить позже", "repeat later"),
    (
        Category::Permanent,
        "изменить что-то вне вызова: настройку, право, место на диске",
        "change something outside the call: a setting, a right, disk space",
    ),
    (Category::Internal, "сообщить разработчикам", "tell the developers"),
];

pub fn page() -> String {
    let mut page = INTRODUCTION.to_owned();
    for (category, ru, en) in CATEGORIES {
        let _ = writeln!(page, "| `{}` | {ru} | {en} |", category.as_str());
    }
    page.push_str("\nКатегория ошибки может отличаться от обычной для её кода, указанной ниже: `http_status` 503 временная.\n");
    page.push_str("The category of an error may differ from the usual one of its code, given below: `http_status` 503 is temporary.\n");
    for code in Code::ALL {
        let (meaning, remedy) = (code.meaning(), code.remedy());
        let _ = write!(
            page,
            "\n## {}\n\n`{}`\n\n- {} {}\n- {} {}\n",
            code.as_str(),
            code.category().as_str(),
            meaning.0,
            remedy.0,
            meaning.1,
            remedy.1
        );
    }
    page
}
