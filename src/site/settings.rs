//! Settings of a site: where it is, how requests look, how patient a send is.

use super::batch::BatchLimits;
use super::envelope::Envelope;
use super::reading::ExtraFields;
use crate::bilingual;
use crate::error::{Code, Error, Result};
use crate::http::{ConnectionOptions, Proxy, RetryPolicy, StatusCodes, Url, parse_url, password_of};
use crate::journal::{Redactor, Secret, is_sensitive_header};
use serde_json::Value;
use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

/// Everything that can be set about a site. Defaults are those of the documentation.
#[derive(Clone, PartialEq)]
pub struct Settings {
    /// `АдресСайта`: scheme, host and perhaps a path that all others begin with.
    pub base_url: String,
    /// `ПутьСинхронизации`.
    pub sync_path: String,
    /// `ПутьЗагрузки`.
    pub upload_path: String,
    /// `ТокенАвторизации`.
    pub token: Secret,
    /// `Таймаут` of one request; for a file it is the longest silence. Zero: a day.
    pub timeout: Duration,
    /// `ТаймаутСоединения`.
    pub connect_timeout: Duration,
    /// `РазмерПакета`: products, 1 to [`Settings::LARGEST_BATCH`].
    pub batch_size: usize,
    /// `МаксимумБайтПакета`: of the whole body, 0 for any.
    pub batch_bytes: usize,
    /// `КоличествоПопыток`: the first included.
    pub attempts: u32,
    /// `ПаузаМеждуПопытками`: the first one; each further is twice as long.
    pub retry_pause: Duration,
    /// `ПределПаузы`.
    pub retry_pause_limit: Duration,
    /// `КодыДляПовтора`.
    pub retry_statuses: StatusCodes,
    /// `ПаузаМеждуПакетами`.
    pub batch_pause: Duration,
    /// `ПараллельныхОтправок`, 1 to [`Settings::MOST_PARALLEL`].
    pub parallel: usize,
    /// `ВремяНаОтправку`: zero for any. It limits the [`Operation`](crate::operation::Operation) of a send, which the
    /// caller makes.
    pub time_budget: Duration,
    /// `Заголовки`: added to each request. Any of them may carry a key.
    pub headers: Vec<(String, Secret)>,
    /// `СжиматьТело`.
    pub compress: bool,
    /// `ПроверятьСертификат`.
    pub verify_tls: bool,
    /// `ФайлСертификатовУЦ`.
    pub ca_file: Option<PathBuf>,
    /// `Прокси`.
    pub proxy: Proxy,
    /// `РазделятьПакетПриОтказе`.
    pub split_on_reject: bool,
    /// `ДополнительныеПоля`.
    pub extra_fields: ExtraFields,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            base_url: String::new(),
            sync_path: "/api/1c/sync/".to_owned(),
            upload_path: "/api/1c/upload/".to_owned(),
            token: Secret::default(),
            timeout: Duration::from_secs(30),
            connect_timeout: Duration::from_secs(10),
            batch_size: 100,
            batch_bytes: 0,
            attempts: 3,
            retry_pause: Duration::from_secs(5),
            retry_pause_limit: Duration::from_secs(60),
            retry_statuses: StatusCodes::default(),
            batch_pause: Duration::from_secs(1),
            parallel: 1,
            time_budget: Duration::ZERO,
            headers: Vec::new(),
            compress: false,
            verify_tls: true,
            ca_file: None,
            proxy: Proxy::System,
            split_on_reject: true,
            extra_fields: ExtraFields::LeaveOut,
        }
    }
}

impl fmt::Debug for Settings {
    /// Enough to tell two settings apart; an address may hold a password, which is hidden.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let base_url = Redactor::default().excerpt(&self.base_url, 300);
        formatter
            .debug_struct("Settings")
            .field("base_url", &base_url)
            .field("sync_path", &self.sync_path)
            .field("token", &self.token)
            .field("headers", &self.headers)
            .field("proxy", &self.proxy)
            .field("batch_size", &self.batch_size)
            .field("attempts", &self.attempts)
            .finish_non_exhaustive()
    }
}

impl Settings {
    /// The largest [`Settings::batch_size`].
    pub const LARGEST_BATCH: usize = 1000;
    /// The largest [`Settings::parallel`].
    pub const MOST_PARALLEL: usize = 16;

    /// The address of a path of the site.
    ///
    /// # Errors
    /// `argument` if [`Settings::base_url`] is missing or no plain address of a site.
    pub(super) fn address(&self, path: &str) -> Result<Url> {
        let base = self.base_url.trim();
        if base.is_empty() {
            return Err(missing("АдресСайта", "BaseUrl", "https://site.ru"));
        }
        let url = parse_url(base)?;
        if url.query().is_some() || url.fragment().is_some() {
            return Err(Error::new(
                Code::Argument,
                bilingual!(
                    "АдресСайта содержит «?» или «#»: укажите только схему, сервер и начало пути, например \
                     https://site.ru.",
                    "BaseUrl holds \"?\" or \"#\": give the scheme, the server and the beginning of the path only, \
                     such as https://site.ru."
                ),
            ));
        }
        parse_url(&format!("{}/{}", base.trim_end_matches('/'), path.trim().trim_start_matches('/')))
    }

    /// The token.
    ///
    /// # Errors
    /// `argument` if it is missing.
    pub(super) fn token(&self) -> Result<&Secret> {
        if self.token.expose().trim().is_empty() {
            return Err(missing("ТокенАвторизации", "Token", "токен из настроек сайта"));
        }
        Ok(&self.token)
    }

    /// How servers are reached and trusted.
    pub(super) fn connection(&self) -> ConnectionOptions {
        ConnectionOptions {
            connect_timeout: self.connect_timeout,
            verify_tls: self.verify_tls,
            ca_file: self.ca_file.clone(),
            proxy: self.proxy.clone(),
            ..ConnectionOptions::default()
        }
    }

    /// When a request is repeated if it may be made `attempts` times.
    pub(super) fn retry_policy(&self, attempts: u32) -> RetryPolicy {
        RetryPolicy {
            attempts,
            pause: self.retry_pause,
            pause_limit: self.retry_pause_limit,
            statuses: self.retry_statuses.clone(),
            ..RetryPolicy::default()
        }
    }

    /// How large a batch may be.
    pub(super) fn batch_limits(&self, envelope: &Envelope) -> BatchLimits {
        BatchLimits { products: self.batch_size, bytes: self.batch_bytes, envelope: envelope.len() }
    }

    /// What hides the secrets of these settings.
    pub(super) fn redactor(&self) -> Redactor {
        let mut secrets = vec![self.token.clone()];
        if let Proxy::Address(address) = &self.proxy {
            secrets.push(address.clone());
        }
        let sensitive = self.headers.iter().filter(|(name, _)| is_sensitive_header(name));
        secrets.extend(sensitive.map(|(_, value)| value.clone()));
        secrets.extend(parse_url(&self.base_url).ok().as_ref().and_then(password_of));
        Redactor::new(&secrets)
    }
}

fn missing(ru: &str, en: &str, example: &str) -> Error {
    Error::new(
        Code::Argument,
        bilingual!(
            "Не задано свойство {ru} ({en}): {example}.",
            "The property {en} ({ru}) is not set: {example}."
        ),
    )
    .with("parameter", en)
}

/// Reads `Заголовки`: a JSON object of names and plain values; an empty text means none.
///
/// # Errors
/// `argument` for anything else.
pub fn parse_headers(json: &str) -> Result<Vec<(String, Secret)>> {
    if json.trim().is_empty() {
        return Ok(Vec::new());
    }
    // The text may hold secrets: it never enters the message.
    let bad = || {
        Error::new(
            Code::Argument,
            bilingual!(
                "Заголовки: нужен объект JSON вида {{\"Имя\": \"значение\"}}.",
                "Headers: a JSON object such as {{\"Name\": \"value\"}} is wanted."
            ),
        )
    };
    let Ok(Value::Object(members)) = serde_json::from_str(json) else { return Err(bad()) };
    let text = |value: Value| match value {
        Value::String(text) => Ok(text),
        Value::Number(number) => Ok(number.to_string()),
        Value::Bool(flag) => Ok(flag.to_string()),
        _ => Err(bad()),
    };
    members.into_iter().map(|(name, value)| Ok((name, text(value)?.into()))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(base_url: &str, path: &str) -> Result<String> {
        let settings = Settings { base_url: base_url.to_owned(), ..Settings::default() };
        settings.address(path).map(|url| url.to_string())
    }

    #[test]
    fn addresses_join_base_and_path() {
        for (base, path, expected) in [
            ("https://site.ru", "/api/1c/sync/", "https://site.ru/api/1c/sync/"),
            ("https://site.ru/", "api/1c/sync", "https://site.ru/api/1c/sync"),
            (" http://127.0.0.1:8000/shop/ ", "/x/?a=1", "http://127.0.0.1:8000/shop/x/?a=1"),
            ("https://магазин.рф", "/", "https://xn--80aairftm.xn--p1ai/"),
        ] {
            assert_eq!(address(base, path).ok().as_deref(), Some(expected), "{base}");
        }
    }

    #[test]
    fn an_address_that_is_none_is_refused() {
        for base in ["", "  ", "site.ru", "ftp://site.ru", "https://site.ru/?x=1", "https://site.ru/#a"] {
            assert_eq!(address(base, "/x").err().map(|error| error.code()), Some(Code::Argument), "{base}");
        }
    }

    #[test]
    fn nothing_secret_is_shown() {
        let settings = Settings {
            base_url: "https://shop:pass-word@site.ru".to_owned(),
            token: "site-token".into(),
            headers: parse_headers(r#"{"X-Own":"own-key"}"#).unwrap_or_default(),
            ..Settings::default()
        };
        let shown = format!("{settings:?}") + &*settings.redactor().text("a pass-word b site-token c");
        for secret in ["pass-word", "site-token", "own-key"] {
            assert!(!shown.contains(secret), "{shown}");
        }
    }

    #[test]
    fn headers_are_an_object_of_plain_values() {
        let expected = vec![("X-A".to_owned(), "1".into()), ("X-B".to_owned(), "я".into())];
        assert_eq!(parse_headers(r#"{"X-A":1,"X-B":"я"}"#), Ok(expected));
        assert_eq!(parse_headers(" "), Ok(Vec::new()));
        for json in ["[]", "{", r#"{"a":{}}"#, r#"{"a":null}"#] {
            assert_eq!(parse_headers(json).err().map(|error| error.code()), Some(Code::Argument), "{json}");
        }
    }
}
