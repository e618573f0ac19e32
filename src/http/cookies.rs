//! Cookies of a session.

use super::response::Response;
use cookie_store::{CookieStore, RawCookie};
use reqwest::Url;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Cookies taken from one answer at most.
const PER_ANSWER: usize = 100;

/// One cookie as it may be shown to the caller.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cookie {
    /// Name.
    pub name: String,
    /// Value.
    pub value: String,
    /// Domain it was set for, when the server named one.
    pub domain: Option<String>,
    /// Path it was set for, when the server named one.
    pub path: Option<String>,
    /// Sent over https only.
    pub secure: bool,
    /// Not for scripts.
    pub http_only: bool,
}

/// The cookies that one answer sets, in order.
pub fn cookies_of(response: &Response) -> Vec<Cookie> {
    parsed(response)
        .map(|raw| Cookie {
            name: raw.name().to_owned(),
            value: raw.value().to_owned(),
            domain: raw.domain().map(ToOwned::to_owned),
            path: raw.path().map(ToOwned::to_owned),
            secure: raw.secure().unwrap_or(false),
            http_only: raw.http_only().unwrap_or(false),
        })
        .collect()
}

fn parsed(response: &Response) -> impl Iterator<Item = RawCookie<'static>> {
    let headers = response.headers().filter(|(name, _)| name.eq_ignore_ascii_case("set-cookie"));
    headers.take(PER_ANSWER).filter_map(|(_, value)| RawCookie::parse(value).ok())
}

/// Cookies kept between requests, by server and path (RFC 6265).
#[derive(Default)]
pub(super) struct Jar(Mutex<CookieStore>);

impl Jar {
    /// Keeps what `response`, which came from `url`, sets.
    pub(super) fn keep(&self, url: &Url, response: &Response) {
        self.lock().store_response_cookies(parsed(response), url);
    }

    /// The `Cookie` header for `url`: what is kept, and `given`, which wins by name.
    pub(super) fn header(&self, url: &Url, given: &[(String, String)], kept: bool) -> Option<String> {
        let mut pairs: Vec<(String, String)> = Vec::new();
        if kept {
            let store = self.lock();
            let values = store.get_request_values(url);
            pairs.extend(values.map(|(name, value)| (name.to_owned(), value.to_owned())));
        }
        pairs.retain(|(name, _)| !given.iter().any(|(other, _)| other == name));
        pairs.extend(given.iter().cloned());
        let pairs: Vec<String> = pairs.into_iter().map(|(name, value)| format!("{name}={value}")).collect();
        (!pairs.is_empty()).then(|| pairs.join("; "))
    }

    pub(super) fn clear(&self) {
        self.lock().clear();
    }

    fn lock(&self) -> MutexGuard<'_, CookieStore> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
