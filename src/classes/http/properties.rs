//! The properties of `ObmenHttp`: the settings of its session, and the last answer.

use super::HttpObject;
use super::answer::Answer;
use super::request::add_field;
use crate::addin::{Argument, Kind, Options, Property, Value, help};
use crate::bilingual;
use crate::error::{Code, Error, Language, Result};
use crate::http::{Authentication, Aws4, ClientIdentity, Proxy, StatusCodes, Timeout};
use crate::journal::Secret;
use serde_json::Value as Json;
use std::path::PathBuf;
use std::time::Duration;

const MOST_RETRIES: i64 = 100;
const MOST_REDIRECTS: i64 = 100;
const LARGEST_ANSWER: i64 = 1 << 31;
/// A time-out of zero means none; this is as good.
const NO_TIMEOUT: Duration = Duration::from_secs(86_400);

/// A property of the last answer; `$empty` before the first.
macro_rules! answered {
    ($ru:literal, $en:literal, $kind:expr, $help:expr, $empty:expr, $read:expr) => {
        Property::new($ru, $en, $kind, $help).get(|http: &HttpObject, _| match &http.answer {
            None => Ok($empty.into()),
            Some(answer) => {
                let read: fn(&Answer) -> Result<Value> = $read;
                read(answer)
            }
        })
    };
}

/// A property of the last answer that is structured; `$empty` before the first.
macro_rules! structured {
    ($ru:literal, $en:literal, $help:expr, $empty:literal, $read:expr) => {
        Property::new($ru, $en, Kind::Report, $help).get(|http: &HttpObject, frame| {
            let read: fn(&Answer, Language) -> Json = $read;
            let json = http.answer.as_ref().map(|answer| read(answer, frame.language()).to_string());
            frame.structured(json.unwrap_or_else(|| $empty.to_owned()), &[])
        })
    };
}

/// A property that is true or false.
macro_rules! flag_property {
    ($ru:literal, $en:literal, $default:literal, $($field:ident).+, $help:expr) => {
        Property::new($ru, $en, Kind::Boolean, $help)
            .default($default)
            .get(|http: &HttpObject, _| Ok(http.settings.$($field).+.into()))
            .set(|http, value| {
                http.settings.$($field).+ = value.boolean()?;
                Ok(())
            })
    };
}

/// A property that holds seconds.
macro_rules! seconds_property {
    ($ru:literal, $en:literal, $default:literal, $($field:ident).+, $help:expr) => {
        Property::new($ru, $en, Kind::Number, $help)
            .default($default)
            .get(|http: &HttpObject, _| Ok(http.settings.$($field).+.into()))
            .set(|http, value| {
                http.settings.$($field).+ = value.seconds()?;
                Ok(())
            })
    };
}

pub(super) static PROPERTIES: [Property<HttpObject>; 39] = [
    Property::new("Таймаут", "Timeout", Kind::Number, help("секунд на один запрос, 0 — без предела; для файлов — наибольшее молчание", "seconds for one request, 0 for no limit; for files the longest silence"))
        .default("30")
        .get(|http: &HttpObject, _| {
            let (Timeout::Whole(limit) | Timeout::Inactivity(limit)) = http.settings.timeout;
            Ok(if limit == NO_TIMEOUT { Value::Integer(0) } else { limit.into() })
        })
        .set(|http, value| {
            let seconds = value.seconds()?;
            http.settings.timeout = Timeout::Whole(if seconds.is_zero() { NO_TIMEOUT } else { seconds });
            Ok(())
        }),
    seconds_property!("ТаймаутСоединения", "ConnectTimeout", "10", connection.connect_timeout, help("секунд на соединение", "seconds to connect")),
    Property::new("ВремяНаОперацию", "TimeBudget", Kind::Number, help("секунд на вызов со всеми повторами, 0 — без предела", "seconds for a call with all its repeats, 0 for no limit"))
        .default("0")
        .get(|http: &HttpObject, _| Ok(http.time_budget.into()))
        .set(|http, value| { http.time_budget = value.seconds()?; Ok(()) }),
    Property::new("Заголовки", "Headers", Kind::Structure, help("заголовки каждого запроса, объект JSON", "headers of each request, a JSON object"))
        .get(|http: &HttpObject, _| Ok(pairs_text(&http.settings.headers)))
        .set(|http, value| { http.settings.headers = pairs(value)?; Ok(()) }),
    Property::new("ПараметрыЗапроса", "QueryParameters", Kind::Structure, help("параметры адреса каждого запроса; у имени может быть массив значений", "parameters of each address; a name may have an array of values"))
        .get(|http: &HttpObject, _| Ok(pairs_text(&http.settings.query)))
        .set(|http, value| { http.settings.query = pairs(value)?; Ok(()) }),
    Property::new("Cookies", "Cookies", Kind::Structure, help("cookies каждого запроса сверх сохранённых", "cookies of each request besides the kept ones"))
        .get(|http: &HttpObject, _| Ok(pairs_text(&http.settings.cookies)))
        .set(|http, value| { http.settings.cookies = pairs(value)?; Ok(()) }),
    flag_property!("ХранитьCookies", "KeepCookies", "Истина", keep_cookies, help("хранить cookies ответов и отправлять их снова", "keep cookies of answers and send them again")),
    Property::new("Аутентификация", "Authentication", Kind::Structure, help("объект: Пользователь и Пароль, Тип (Basic, Digest, Bearer, AWS4-HMAC-SHA256), Токен; прочитать нельзя", "an object: User and Password, Type (Basic, Digest, Bearer, AWS4-HMAC-SHA256), Token; cannot be read back"))
        .set(|http: &mut HttpObject, value| { http.settings.authentication = authentication(value)?; Ok(()) }),
    flag_property!("ПроверятьSSL", "VerifySsl", "Истина", connection.verify_tls, help("проверять сертификат сервера", "check the server's certificate")),
    Property::new("ФайлСертификатовУЦ", "CaFile", Kind::Text, help("файл PEM с сертификатами своих удостоверяющих центров", "PEM file with certificates of own authorities"))
        .get(|http: &HttpObject, _| Ok(http.settings.connection.ca_file.as_deref().map_or_else(String::new, |path| path.display().to_string()).into()))
        .set(|http, value| {
            let path = value.text()?;
            http.settings.connection.ca_file = (!path.trim().is_empty()).then(|| PathBuf::from(path.trim()));
            Ok(())
        }),
    Property::new("КлиентскийСертификатSSL", "ClientCertificate", Kind::Structure, help("объект: Файл (PEM или PKCS#12), Ключ, Пароль; прочитать нельзя", "an object: File (PEM or PKCS#12), Key, Password; cannot be read back"))
        .set(|http: &mut HttpObject, value| { http.settings.connection.identity = identity(value)?; Ok(()) }),
    Property::new("Прокси", "Proxy", Kind::Text, help("адрес прокси с логином и паролем; пусто — системный, «нет» — без прокси", "address of a proxy with user and password; empty: the system's, \"none\": no proxy"))
        .get(|http: &HttpObject, _| Ok(match &http.settings.connection.proxy {
            Proxy::System => "".into(),
            Proxy::Direct => "нет".into(),
            Proxy::Address(address) => address.expose().into(),
        }))
        .set(|http, value| { http.settings.connection.proxy = Proxy::parse(&value.text()?)?; Ok(()) }),
    Property::new("РазрешитьПеренаправление", "AllowRedirect", Kind::Boolean, help("идти по перенаправлениям", "follow redirects"))
        .default("Истина")
        .get(|http: &HttpObject, _| Ok((http.settings.redirects > 0).into()))
        .set(|http, value| {
            http.settings.redirects = match (value.boolean()?, http.settings.redirects) {
                (true, 0) => crate::http::Settings::default().redirects,
                (true, limit) => limit,
                (false, _) => 0,
            };
            Ok(())
        }),
    Property::new("МаксимумПеренаправлений", "MaxRedirects", Kind::Integer, help("наибольшее число перенаправлений", "redirects followed at most"))
        .default("30")
        .get(|http: &HttpObject, _| Ok(Value::count(http.settings.redirects.into())))
        .set(|http, value| { http.settings.redirects = count(value, 0, MOST_REDIRECTS)?; Ok(()) }),
    Property::new("МаксимальноеКоличествоПовторов", "MaxRetries", Kind::Integer, help("повторов сверх первой попытки", "repeats besides the first attempt"))
        .default("0")
        .get(|http: &HttpObject, _| Ok(Value::count(http.settings.retry.attempts.saturating_sub(1).into())))
        .set(|http, value| { http.settings.retry.attempts = count(value, 0, MOST_RETRIES)? + 1; Ok(()) }),
    seconds_property!("МаксимальноеВремяПовторов", "MaxRetryTime", "0", retry.budget, help("секунд на все попытки с паузами, 0 — без предела", "seconds for all attempts and pauses, 0 for no limit")),
    seconds_property!("КоэффициентЭкспоненциальнойЗадержки", "BackoffFactor", "1", retry.pause, help("секунд перед первым повтором, дальше вдвое больше", "seconds before the first repeat, twice as long before each next")),
    seconds_property!("ПределПаузы", "RetryPauseLimit", "60", retry.pause_limit, help("наибольшая пауза перед повтором в секундах", "longest pause before a repeat in seconds")),
    Property::new("ПовторятьДляКодовСостояний", "RetryStatuses", Kind::Text, help("коды состояния, после которых запрос повторяется", "statuses after which a request is repeated"))
        .default("408,425,429,500,502,503,504")
        .get(|http: &HttpObject, _| Ok(http.settings.retry.statuses.to_string().into()))
        .set(|http, value| { http.settings.retry.statuses = StatusCodes::parse(&value.text()?)?; Ok(()) }),
    flag_property!("ПовторятьЛюбыеМетоды", "RetryAnyMethod", "Ложь", retry.repeat_unsafe, help("повторять и POST, который мог дойти до сервера", "repeat even a POST that may have reached the server")),
    Property::new("ЗапросовВСекунду", "RequestsPerSecond", Kind::Number, help("не больше запросов в секунду, 0 — без предела", "requests per second at most, 0 for no limit"))
        .default("0")
        .get(|http: &HttpObject, _| Ok(Value::Real(http.settings.requests_per_second)))
        .set(|http, value| { http.settings.requests_per_second = rate(value)?; Ok(()) }),
    Property::new("СбоевДоРазмыкания", "BreakerFailures", Kind::Integer, help("сбоев сервера подряд, после которых он временно не вызывается, 0 — не размыкать", "failures of a server in a row after which it is left alone for a while, 0: never"))
        .default("0")
        .get(|http: &HttpObject, _| Ok(Value::count(http.settings.breaker.failures.into())))
        .set(|http, value| { http.settings.breaker.failures = count(value, 0, 1000)?; Ok(()) }),
    seconds_property!("ПаузаРазмыкания", "BreakerPause", "30", breaker.pause, help("секунд, на которые сбоящий сервер оставляют в покое", "seconds that a failing server is left alone")),
    Property::new("МаксимумБайтОтвета", "MaxAnswerBytes", Kind::Integer, help("наибольший ответ в памяти после распаковки", "largest answer in memory after decompression"))
        .default("268435456")
        .get(|http: &HttpObject, _| Ok(Value::count(http.settings.answer_limit)))
        .set(|http, value| { http.settings.answer_limit = value.integer(1..=LARGEST_ANSWER)?.unsigned_abs(); Ok(()) }),
    flag_property!("СжиматьТело", "Compress", "Ложь", gzip, help("сжимать тело запроса gzip", "compress bodies of requests with gzip")),
    Property::new("КодировкаОтвета", "ResponseEncoding", Kind::Text, help("кодировка текста ответа; пусто — как сказано в ответе", "encoding of the answer's text; empty: as the answer says"))
        .get(|http: &HttpObject, _| Ok(http.encoding.as_str().into()))
        .set(|http, value| { http.encoding = value.text()?; Ok(()) }),
    answered!("КодСостояния", "StatusCode", Kind::Integer, help("код состояния последнего ответа, 0 без ответа", "status of the last answer, 0 without one"), Value::Integer(0), |answer| Ok(Value::Integer(answer.status().into()))),
    answered!("Тело", "Body", Kind::Text, help("тело ответа как текст", "the body as text"), "", |answer| Ok(answer.text()?.into())),
    answered!("ТелоДвоичное", "BodyBinary", Kind::Binary, help("тело ответа как двоичные данные", "the body as binary data"), Value::Binary(Vec::new()), |answer| Ok(Value::Binary(answer.bytes()))),
    structured!("ЗаголовкиОтвета", "ResponseHeaders", help("заголовки ответа, объект", "headers of the answer, an object"), "{}", |answer, _| answer.headers()),
    answered!("Кодировка", "Encoding", Kind::Text, help("кодировка, в которой прочитан текст ответа", "encoding that the answer's text was in"), "", |answer| Ok(answer.encoding()?.into())),
    answered!("ИтоговыйURL", "FinalUrl", Kind::Text, help("адрес, который ответил", "the address that answered"), "", |answer| Ok(answer.url().into())),
    answered!("ВремяВыполнения", "Elapsed", Kind::Number, help("секунд на запрос со всеми попытками", "seconds for the request with all attempts"), Value::Integer(0), |answer| Ok(Value::Real(answer.seconds()))),
    answered!("Попыток", "AttemptCount", Kind::Integer, help("сделано попыток", "attempts made"), Value::Integer(0), |answer| Ok(Value::count(answer.attempts() as u64))),
    structured!("ИсторияПопыток", "AttemptHistory", help("все попытки, массив", "every attempt, an array"), "[]", Answer::attempt_history),
    structured!("ИсторияПеренаправлений", "RedirectHistory", help("пройденные перенаправления, массив", "redirects that were followed, an array"), "[]", |answer, _| answer.redirect_history()),
    answered!("ЭтоРедирект", "IsRedirect", Kind::Boolean, help("ответ — перенаправление, по которому не пошли", "the answer is a redirect that was not followed"), Value::Boolean(false), |answer| Ok(answer.is_redirect().into())),
    structured!("CookiesОтвета", "ResponseCookies", help("cookies, которые установил ответ, массив", "cookies that the answer sets, an array"), "[]", |answer, _| answer.cookies()),
    flag_property!("Распаковывать", "Decompress", "Истина", connection.decompress, help("принимать сжатые ответы и распаковывать их", "take compressed answers and unpack them")),
];

fn count(value: &Argument<'_>, low: i64, high: i64) -> Result<u32> {
    Ok(u32::try_from(value.integer(low..=high)?).unwrap_or_default())
}

fn rate(value: &Argument<'_>) -> Result<f64> {
    let text = value.decimal()?;
    match text.trim().replace(',', ".").parse::<f64>() {
        Ok(rate) if (0.0..=1e6).contains(&rate) => Ok(rate),
        _ => Err(Error::new(
            Code::Argument,
            bilingual!(
                "«{text}» — не число запросов в секунду.",
                "“{text}” is not a number of requests per second."
            ),
        )),
    }
}

/// A list given as text or as a JSON array.
fn pairs_text(pairs: &[(String, String)]) -> Value {
    let mut members = serde_json::Map::new();
    for (name, value) in pairs {
        match members.get_mut(name) {
            None => {
                members.insert(name.clone(), value.as_str().into());
            }
            Some(Json::Array(values)) => values.push(value.as_str().into()),
            Some(first) => *first = Json::Array(vec![first.take(), value.as_str().into()]),
        }
    }
    if members.is_empty() { "".into() } else { Json::Object(members).to_string().into() }
}

fn pairs(value: &Argument<'_>) -> Result<Vec<(String, String)>> {
    let mut pairs = Vec::new();
    for (name, value) in Options::read(value)?.into_members() {
        add_field(&mut pairs, name, &value)?;
    }
    Ok(pairs)
}

/// `Аутентификация`: user and password (Basic unless `Тип` says Digest), a token (Bearer), or the keys of AWS4.
fn authentication(value: &Argument<'_>) -> Result<Authentication> {
    let mut options = Options::read(value)?;
    let kind = options.take_text("Тип", "Type")?.unwrap_or_default().to_lowercase();
    let user = options.take_text("Пользователь", "User")?;
    let password = options.take_text("Пароль", "Password")?;
    let token = options.take_text("Токен", "Token")?;
    let access_key = options.take_text("ИдентификаторКлючаДоступа", "AccessKey")?;
    let secret_key = options.take_text("СекретныйКлюч", "SecretKey")?;
    let region = options.take_text("Регион", "Region")?;
    let service = options.take_text("Сервис", "Service")?;
    let session_token = options.take_text("ТокенСессии", "SessionToken")?;
    // «Коннектор» lets a call switch the use of the system's login on; there is none here.
    let _ = options.take_flag("ИспользоватьАутентификациюОС", "UseOsAuthentication")?;
    options.finish()?;
    let user_and_password =
        || (user.clone().unwrap_or_default(), Secret::new(password.clone().unwrap_or_default()));
    match kind.as_str() {
        "" if user.is_none() && token.is_none() && access_key.is_none() => Ok(Authentication::None),
        "bearer" => Ok(Authentication::Bearer(token.unwrap_or_default().into())),
        "" if token.is_some() => Ok(Authentication::Bearer(token.unwrap_or_default().into())),
        "digest" => {
            let (user, password) = user_and_password();
            Ok(Authentication::Digest { user, password })
        }
        "" | "basic" if access_key.is_none() => {
            let (user, password) = user_and_password();
            Ok(Authentication::Basic { user, password })
        }
        "" | "aws4-hmac-sha256" | "aws4" => Ok(Authentication::Aws4(Aws4 {
            access_key: access_key.unwrap_or_default(),
            secret_key: secret_key.unwrap_or_default().into(),
            region: region.unwrap_or_default(),
            service: service.unwrap_or_else(|| "s3".to_owned()),
            session_token: session_token.map(Secret::from),
        })),
        _ => Err(Error::new(
            Code::Argument,
            bilingual!(
                "вид аутентификации «{kind}» не известен, допустимы Basic, Digest, Bearer, AWS4-HMAC-SHA256.",
                "the kind of authentication “{kind}” is unknown, Basic, Digest, Bearer, AWS4-HMAC-SHA256 are allowed."
            ),
        )),
    }
}

/// `КлиентскийСертификатSSL`: a path, or an object.
fn identity(value: &Argument<'_>) -> Result<Option<ClientIdentity>> {
    let given = value.text().unwrap_or_default();
    if given.trim().is_empty() {
        return Ok(None);
    }
    if !given.trim_start().starts_with('{') {
        let certificate = PathBuf::from(given.trim());
        return Ok(Some(ClientIdentity { certificate, key: None, password: Secret::default() }));
    }
    let mut options = Options::read(value)?;
    let file = options.take_text("Файл", "File")?;
    let key = options.take_text("Ключ", "Key")?;
    let password = options.take_text("Пароль", "Password")?;
    options.finish()?;
    let Some(file) = file else {
        return Err(Error::new(
            Code::Argument,
            bilingual!("не задан Файл с сертификатом.", "File with the certificate is missing."),
        ));
    };
    Ok(Some(ClientIdentity {
        certificate: PathBuf::from(file.trim()),
        key: key.map(|key| PathBuf::from(key.trim())),
        password: password.unwrap_or_default().into(),
    }))
}
