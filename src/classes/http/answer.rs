//! The answer of a request as BSL reads it.

use crate::error::{Code, Error, Language, Result};
use crate::http::{Outcome, Response, cookies_of, decode};
use crate::{bilingual, error::Detail};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value as Json, json};

/// What a request came to.
pub(super) struct Answer {
    outcome: Outcome,
    /// The encoding that the caller wants its text read in; empty: as the answer says.
    encoding: String,
}

impl Answer {
    pub(super) fn new(outcome: Outcome, encoding: String) -> Self {
        Self { outcome, encoding }
    }

    fn response(&self) -> Option<&Response> {
        self.outcome.result.as_ref().ok()
    }

    /// The status, 0 without an answer.
    pub(super) fn status(&self) -> u16 {
        self.response().map_or(0, Response::status)
    }

    /// The status, or why there is no answer.
    pub(super) fn status_or_error(&self) -> Result<u16> {
        match &self.outcome.result {
            Ok(response) => Ok(response.status()),
            Err(failure) => Err(failure.error.clone().with("attempts", self.outcome.attempts.len())),
        }
    }

    /// The body as text.
    pub(super) fn text(&self) -> Result<String> {
        Ok(self.decoded()?.0)
    }

    /// The name of the encoding that the text was in.
    pub(super) fn encoding(&self) -> Result<&'static str> {
        Ok(self.decoded()?.1)
    }

    fn decoded(&self) -> Result<(String, &'static str)> {
        let Some(response) = self.response() else { return Ok((String::new(), "")) };
        let content_type = response.header("content-type");
        let (text, encoding) = decode(response.body(), content_type.as_deref(), Some(&self.encoding))?;
        Ok((text.into_owned(), encoding))
    }

    /// The body as bytes.
    pub(super) fn bytes(&self) -> Vec<u8> {
        self.response().map(|response| response.body().to_vec()).unwrap_or_default()
    }

    /// The body of a `…Json` method: JSON, or empty for an empty body.
    pub(super) fn json_body(&self) -> Result<String> {
        let text = self.text()?;
        if text.trim().is_empty() {
            return Ok("null".to_owned());
        }
        match serde_json::from_str::<serde::de::IgnoredAny>(&text) {
            Ok(_) => Ok(text),
            Err(_) => Err(self.not_json()),
        }
    }

    fn not_json(&self) -> Error {
        let status = self.status();
        let url = self.url();
        Error::new(
            Code::ValueText,
            bilingual!(
                "Ответ сервера (код {status}) — не JSON. Посмотрите свойство Тело.",
                "The server's answer (status {status}) is not JSON. See the property Body."
            ),
        )
        .with("http_status", i64::from(status))
        .with("url", url)
    }

    /// A header of the answer.
    pub(super) fn header(&self, name: &str) -> Option<String> {
        self.response()?.header(name.trim())
    }

    /// All headers: an object; a name that repeats has an array.
    pub(super) fn headers(&self) -> Json {
        let mut headers = serde_json::Map::new();
        for (name, value) in self.response().into_iter().flat_map(Response::headers) {
            match headers.get_mut(name) {
                None => {
                    headers.insert(name.to_owned(), value.into());
                }
                Some(Json::Array(values)) => values.push(value.into()),
                Some(first) => *first = json!([first.take(), value]),
            }
        }
        headers.into()
    }

    /// The cookies that the answer sets.
    pub(super) fn cookies(&self) -> Json {
        let cookies = self.response().map(cookies_of).unwrap_or_default();
        let cookies = cookies.into_iter().map(|cookie| {
            json!({
                "name": cookie.name, "value": cookie.value, "domain": cookie.domain, "path": cookie.path,
                "secure": cookie.secure, "http_only": cookie.http_only
            })
        });
        Json::Array(cookies.collect())
    }

    /// The address that answered, with its secrets replaced.
    pub(super) fn url(&self) -> String {
        match (&self.outcome.result, self.outcome.redirects.last()) {
            (Ok(response), _) => response.url().to_string(),
            (Err(_), Some(redirect)) => redirect.to.clone(),
            (Err(failure), None) => match failure.error.detail("url") {
                Some(Detail::Text(url)) => url.clone(),
                _ => String::new(),
            },
        }
    }

    /// True for a redirect that was not followed.
    pub(super) fn is_redirect(&self) -> bool {
        matches!(self.status(), 301 | 302 | 303 | 307 | 308) && self.header("location").is_some()
    }

    /// Seconds from the first attempt to the end of the last.
    pub(super) fn seconds(&self) -> f64 {
        let attempts = self.outcome.attempts.iter();
        attempts
            .map(|attempt| attempt.elapsed + attempt.pause.unwrap_or_default())
            .sum::<std::time::Duration>()
            .as_secs_f64()
    }

    /// Number of attempts.
    pub(super) fn attempts(&self) -> usize {
        self.outcome.attempts.len()
    }

    /// Every attempt: status or error, seconds, pause before the next.
    pub(super) fn attempt_history(&self, language: Language) -> Json {
        let attempts = self.outcome.attempts.iter().map(|attempt| {
            json!({
                "http_status": attempt.status,
                "error": attempt.error.as_ref().map(|error| error.to_json(language)),
                "seconds": attempt.elapsed.as_secs_f64(),
                "pause": attempt.pause.map(|pause| pause.as_secs_f64()),
            })
        });
        Json::Array(attempts.collect())
    }

    /// Every redirect that was followed.
    pub(super) fn redirect_history(&self) -> Json {
        let redirects = self.outcome.redirects.iter().map(
            |redirect| json!({"http_status": redirect.status, "from": redirect.from, "to": redirect.to}),
        );
        Json::Array(redirects.collect())
    }

    /// The whole answer for `ВыполнитьПараллельно`; a body that is no text comes as base64.
    pub(super) fn to_json(&self, language: Language) -> Json {
        let error = self.outcome.result.as_ref().err().map(|failure| failure.error.to_json(language));
        let binary = self.header("content-type").is_some_and(|kind| is_binary(&kind));
        let mut json = json!({
            "http_status": self.status(), "url": self.url(), "headers": self.headers(), "error": error,
            "attempts": self.attempt_history(language), "seconds": self.seconds(),
        });
        if let Some(members) = json.as_object_mut() {
            match (binary, self.text()) {
                (false, Ok(text)) => members.insert("body".into(), text.into()),
                _ => members.insert("body_base64".into(), STANDARD.encode(self.bytes()).into()),
            };
        }
        json
    }
}

/// True for media types whose content is not text.
fn is_binary(content_type: &str) -> bool {
    let kind = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let textual =
        ["text/", "application/json", "application/xml", "application/javascript", "application/x-www-form"];
    !(kind.is_empty()
        || textual.iter().any(|prefix| kind.starts_with(prefix))
        || kind.ends_with("+json")
        || kind.ends_with("+xml"))
}
