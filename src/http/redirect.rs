//! Redirects: where the next request goes and what it may take along. Pure.

use super::url::parse_url;
use crate::error::Result;
use reqwest::{Method, Url};

/// The request that a redirect asks for.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Step {
    pub method: Method,
    pub url: Url,
    /// Whether the body goes along.
    pub keeps_body: bool,
    /// Whether credentials go along: only to the same server.
    pub keeps_credentials: bool,
}

/// True for the statuses that a client follows.
pub(super) fn is_redirect(status: u16) -> bool {
    matches!(status, 301 | 302 | 303 | 307 | 308)
}

/// What to send after a redirect with `status` and `location` (RFC 9110, 15.4).
///
/// # Errors
/// `argument` for a location that is not a web address.
pub(super) fn follow(method: &Method, from: &Url, status: u16, location: &str) -> Result<Step> {
    // The standard parser joins relative references; what it makes is checked like any address.
    let joined = from.join(location.trim()).map_or_else(|_| location.to_owned(), String::from);
    let mut url = parse_url(&joined)?;
    if url.fragment().is_none() {
        url.set_fragment(from.fragment());
    }
    let becomes_get = match status {
        303 => *method != Method::HEAD,
        // What every browser does, although the standard once said otherwise.
        301 | 302 => *method == Method::POST,
        _ => false,
    };
    let keeps_credentials = same_server(from, &url);
    Ok(Step {
        method: if becomes_get { Method::GET } else { method.clone() },
        keeps_body: !becomes_get,
        keeps_credentials,
        url,
    })
}

/// Same host, and the same port and scheme or the usual step from http to https.
fn same_server(from: &Url, to: &Url) -> bool {
    let upgrade = from.scheme() == "http"
        && to.scheme() == "https"
        && from.port_or_known_default() == Some(80)
        && to.port_or_known_default() == Some(443);
    let same = from.scheme() == to.scheme() && from.port_or_known_default() == to.port_or_known_default();
    from.host() == to.host() && (same || upgrade)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn methods_change_as_browsers_change_them() {
        let from = Url::parse("http://a.ru/x").unwrap();
        for (method, status, expected, body) in [
            (Method::POST, 301, Method::GET, false),
            (Method::POST, 302, Method::GET, false),
            (Method::POST, 303, Method::GET, false),
            (Method::POST, 307, Method::POST, true),
            (Method::POST, 308, Method::POST, true),
            (Method::PUT, 302, Method::PUT, true),
            (Method::PUT, 303, Method::GET, false),
            (Method::HEAD, 303, Method::HEAD, true),
            (Method::GET, 302, Method::GET, true),
        ] {
            let step = follow(&method, &from, status, "/y").unwrap();
            assert_eq!((step.method, step.keeps_body), (expected, body), "{method} {status}");
            assert_eq!(step.url.as_str(), "http://a.ru/y");
        }
    }

    #[test]
    fn credentials_stay_with_their_server() {
        for (from, location, kept) in [
            ("http://a.ru/x", "/y", true),
            ("http://a.ru/x", "//a.ru/y", true),
            ("http://a.ru/x", "https://a.ru/y", true),
            ("https://a.ru/x", "http://a.ru/y", false),
            ("http://a.ru/x", "http://b.ru/", false),
            ("http://a.ru/x", "http://sub.a.ru/", false),
            ("http://a.ru/x", "http://a.ru:8080/", false),
            ("http://a.ru:81/x", "https://a.ru/", false),
        ] {
            let step = follow(&Method::GET, &Url::parse(from).unwrap(), 302, location).unwrap();
            assert_eq!(step.keeps_credentials, kept, "{from} {location}");
        }
    }

    #[test]
    fn only_web_addresses_are_followed() {
        let from = Url::parse("http://a.ru/x").unwrap();
        for location in ["file:///etc/passwd", "ftp://a.ru/", "javascript:alert(1)", "http://"] {
            assert!(follow(&Method::GET, &from, 302, location).is_err(), "{location}");
        }
    }
}
