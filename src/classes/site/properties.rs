//! The properties of `ObmenSite`: its settings, and the numbers of the last send.

use super::MOST_ATTEMPTS;
use super::SiteObject;
use crate::addin::{Kind, Property, Value, help};
use crate::bilingual;
use crate::error::{Code, Error, Result};
use crate::http::{Proxy, StatusCodes};
use crate::journal::Secret;
use crate::site::{ExtraFields, Report, Settings, parse_headers};
use std::path::PathBuf;

/// A property that holds a text.
macro_rules! text {
    ($ru:literal, $en:literal, $default:literal, $field:ident, $help:expr) => {
        Property::new($ru, $en, Kind::Text, $help)
            .default($default)
            .get(|site: &SiteObject, _| Ok(site.settings.$field.as_str().into()))
            .set(|site, value| {
                site.settings.$field = value.text()?;
                Ok(())
            })
    };
}

/// A property that holds seconds.
macro_rules! seconds {
    ($ru:literal, $en:literal, $default:literal, $field:ident, $help:expr) => {
        Property::new($ru, $en, Kind::Number, $help)
            .default($default)
            .get(|site: &SiteObject, _| Ok(site.settings.$field.into()))
            .set(|site, value| {
                site.settings.$field = value.seconds()?;
                Ok(())
            })
    };
}

/// A property that holds a whole number within a range.
macro_rules! number {
    ($ru:literal, $en:literal, $default:literal, $field:ident, $range:expr, $help:expr) => {
        Property::new($ru, $en, Kind::Integer, $help)
            .default($default)
            .get(|site: &SiteObject, _| Ok(Value::count(site.settings.$field as u64)))
            .set(|site, value| {
                site.settings.$field = value.integer($range)?.try_into().unwrap_or_default();
                Ok(())
            })
    };
}

/// A property that holds a truth value.
macro_rules! flag {
    ($ru:literal, $en:literal, $default:literal, $field:ident, $help:expr) => {
        Property::new($ru, $en, Kind::Boolean, $help)
            .default($default)
            .get(|site: &SiteObject, _| Ok(site.settings.$field.into()))
            .set(|site, value| {
                site.settings.$field = value.boolean()?;
                Ok(())
            })
    };
}

/// A number of the last send's report, 0 before the first.
macro_rules! reported {
    ($ru:literal, $en:literal, $number:expr, $help:expr) => {
        Property::new($ru, $en, Kind::Integer, $help).get(|site: &SiteObject, _| {
            let number: fn(&Report) -> u64 = $number;
            Ok(Value::count(site.report.as_ref().map_or(0, number)))
        })
    };
}

const LARGEST_BATCH_BYTES: i64 = 1 << 30;

pub(super) static PROPERTIES: [Property<SiteObject>; 29] = [
    text!(
        "АдресСайта",
        "BaseUrl",
        "",
        base_url,
        help("адрес сайта, например https://site.ru", "address of the site, such as https://site.ru")
    ),
    text!(
        "ПутьСинхронизации",
        "SyncPath",
        "/api/1c/sync/",
        sync_path,
        help("путь для товаров", "path for products")
    ),
    text!(
        "ПутьЗагрузки",
        "UploadPath",
        "/api/1c/upload/",
        upload_path,
        help("путь для файлов", "path for files")
    ),
    Property::new(
        "ТокенАвторизации",
        "Token",
        Kind::Text,
        help(
            "токен из настроек сайта; прочитать его нельзя",
            "token from the site's settings; it cannot be read back",
        ),
    )
    .set(|site: &mut SiteObject, value| {
        site.settings.token = value.text()?.into();
        Ok(())
    }),
    seconds!(
        "Таймаут",
        "Timeout",
        "30",
        timeout,
        help(
            "секунд на один запрос; для файла — наибольшее молчание",
            "seconds for one request; for a file the longest silence"
        )
    ),
    seconds!(
        "ТаймаутСоединения",
        "ConnectTimeout",
        "10",
        connect_timeout,
        help("секунд на соединение", "seconds to connect")
    ),
    number!(
        "РазмерПакета",
        "BatchSize",
        "100",
        batch_size,
        1..=Settings::LARGEST_BATCH as i64,
        help("товаров в запросе, 1–1000", "products in a request, 1 to 1000")
    ),
    number!(
        "МаксимумБайтПакета",
        "BatchBytes",
        "0",
        batch_bytes,
        0..=LARGEST_BATCH_BYTES,
        help("наибольшее тело запроса в байтах, 0 — любое", "largest body of a request in bytes, 0 for any")
    ),
    number!(
        "КоличествоПопыток",
        "Attempts",
        "3",
        attempts,
        1..=MOST_ATTEMPTS,
        help("попыток на пакет, с первой", "attempts of a batch, the first included")
    ),
    seconds!(
        "ПаузаМеждуПопытками",
        "RetryPause",
        "5",
        retry_pause,
        help(
            "секунд перед первым повтором, дальше вдвое больше",
            "seconds before the first repeat, twice as long before each next"
        )
    ),
    seconds!(
        "ПределПаузы",
        "RetryPauseLimit",
        "60",
        retry_pause_limit,
        help("наибольшая пауза перед повтором в секундах", "longest pause before a repeat in seconds")
    ),
    Property::new(
        "КодыДляПовтора",
        "RetryStatuses",
        Kind::Text,
        help(
            "коды состояния, после которых запрос повторяется",
            "statuses after which a request is repeated",
        ),
    )
    .default("408,425,429,500,502,503,504")
    .get(|site: &SiteObject, _| Ok(site.settings.retry_statuses.to_string().into()))
    .set(|site, value| {
        site.settings.retry_statuses = StatusCodes::parse(&value.text()?)?;
        Ok(())
    }),
    seconds!(
        "ПаузаМеждуПакетами",
        "BatchPause",
        "1",
        batch_pause,
        help("секунд между пакетами", "seconds between batches")
    ),
    number!(
        "ПараллельныхОтправок",
        "Parallel",
        "1",
        parallel,
        1..=Settings::MOST_PARALLEL as i64,
        help("пакетов одновременно, 1–16", "batches at once, 1 to 16")
    ),
    seconds!(
        "ВремяНаОтправку",
        "TimeBudget",
        "0",
        time_budget,
        help("секунд на всю отправку, 0 — без предела", "seconds for the whole send, 0 for no limit")
    ),
    Property::new(
        "Заголовки",
        "Headers",
        Kind::Text,
        help("заголовки каждого запроса, объект JSON", "headers of each request, a JSON object"),
    )
    .get(|site: &SiteObject, _| Ok(headers_text(&site.settings.headers).into()))
    .set(|site, value| {
        site.settings.headers = parse_headers(&value.text()?)?;
        Ok(())
    }),
    flag!(
        "СжиматьТело",
        "Compress",
        "Ложь",
        compress,
        help("сжимать тело запроса gzip", "compress bodies of requests with gzip")
    ),
    flag!(
        "ПроверятьСертификат",
        "VerifyTls",
        "Истина",
        verify_tls,
        help("проверять сертификат сайта", "check the site's certificate")
    ),
    Property::new(
        "ФайлСертификатовУЦ",
        "CaFile",
        Kind::Text,
        help(
            "файл PEM с сертификатами своих удостоверяющих центров",
            "PEM file with certificates of own authorities",
        ),
    )
    .get(|site: &SiteObject, _| {
        Ok(site
            .settings
            .ca_file
            .as_deref()
            .map_or_else(String::new, |path| path.display().to_string())
            .into())
    })
    .set(|site, value| {
        let path = value.text()?;
        site.settings.ca_file = (!path.trim().is_empty()).then(|| PathBuf::from(path.trim()));
        Ok(())
    }),
    Property::new(
        "Прокси",
        "Proxy",
        Kind::Text,
        help(
            "адрес прокси с логином и паролем; пусто — системный, «нет» — без прокси",
            "address of a proxy with user and password; empty: the system's, \"none\": no proxy",
        ),
    )
    .get(|site: &SiteObject, _| {
        Ok(match &site.settings.proxy {
            Proxy::System => "".into(),
            Proxy::Direct => "нет".into(),
            Proxy::Address(address) => address.expose().into(),
        })
    })
    .set(|site, value| {
        site.settings.proxy = Proxy::parse(&value.text()?)?;
        Ok(())
    }),
    flag!(
        "РазделятьПакетПриОтказе",
        "SplitOnReject",
        "Истина",
        split_on_reject,
        help(
            "делить отвергнутый пакет, пока не найдутся плохие товары",
            "halve a refused batch until the bad products are found"
        )
    ),
    Property::new(
        "ДополнительныеПоля",
        "ExtraFields",
        Kind::Text,
        help(
            "поля, которых сайт не знает: пропускать или передавать",
            "fields that the site does not know: skip or pass",
        ),
    )
    .default_words("пропускать", "skip")
    .get(|site: &SiteObject, frame| {
        let name = match site.settings.extra_fields {
            ExtraFields::LeaveOut => bilingual!("пропускать", "skip"),
            ExtraFields::PassOn => bilingual!("передавать", "pass"),
        };
        Ok(name.in_language(frame.language()).into())
    })
    .set(|site, value| {
        site.settings.extra_fields = extra_fields(&value.text()?)?;
        Ok(())
    }),
    reported!(
        "Обработано",
        "Processed",
        |report| report.processed,
        help(
            "товаров обработано сайтом при последней отправке",
            "products that the site processed in the last send"
        )
    ),
    reported!(
        "Создано",
        "Created",
        |report| report.created,
        help("товаров создано сайтом", "products that the site created")
    ),
    reported!(
        "Обновлено",
        "Updated",
        |report| report.updated,
        help("товаров обновлено сайтом", "products that the site updated")
    ),
    reported!(
        "Ошибок",
        "ErrorCount",
        |report| report.errors.len() as u64,
        help("ошибок в отчёте последней отправки", "errors in the report of the last send")
    ),
    reported!(
        "Неотправлено",
        "Unsent",
        |report| report.unsent as u64,
        help("товаров осталось неотправленными", "products that stayed unsent")
    ),
    reported!(
        "КодСостояния",
        "StatusCode",
        |report| report.http_status.unwrap_or_default().into(),
        help("код последнего ответа сайта, 0 без ответа", "status of the site's last answer, 0 without one")
    ),
    Property::new(
        "КоличествоТоваров",
        "ProductCount",
        Kind::Integer,
        help("товаров в списке", "products in the list"),
    )
    .get(|site: &SiteObject, _| Ok(Value::count(site.catalogue.len() as u64))),
];

fn headers_text(headers: &[(String, Secret)]) -> String {
    if headers.is_empty() {
        return String::new();
    }
    let members = headers.iter().map(|(name, value)| (name.clone(), value.expose().into()));
    serde_json::Value::Object(members.collect()).to_string()
}

fn extra_fields(name: &str) -> Result<ExtraFields> {
    match name.trim().to_lowercase().as_str() {
        "пропускать" | "skip" => Ok(ExtraFields::LeaveOut),
        "передавать" | "pass" => Ok(ExtraFields::PassOn),
        _ => Err(Error::new(
            Code::Argument,
            bilingual!(
                "значение «{name}» не известно, допустимы «пропускать» и «передавать».",
                "the value “{name}” is unknown, skip and pass are allowed."
            ),
        )),
    }
}
