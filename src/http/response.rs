//! What came back.

use reqwest::Url;
use reqwest::header::{HeaderMap, HeaderValue};
use std::fmt;
use std::time::Duration;

/// An answer, whatever its status.
#[derive(Clone)]
pub struct Response {
    pub(super) status: u16,
    pub(super) headers: HeaderMap,
    pub(super) body: Vec<u8>,
    pub(super) url: Url,
    pub(super) elapsed: Duration,
}

impl Response {
    /// The status code.
    pub fn status(&self) -> u16 {
        self.status
    }

    /// True for 2xx.
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// The first header of that name, in any letter case.
    pub fn header(&self, name: &str) -> Option<String> {
        self.headers.get(name).map(header_text)
    }

    /// All headers in the order they came; a name may repeat.
    pub fn headers(&self) -> impl Iterator<Item = (&str, String)> {
        self.headers.iter().map(|(name, value)| (name.as_str(), header_text(value)))
    }

    /// The body after decompression.
    pub fn body(&self) -> &[u8] {
        &self.body
    }

    /// The body itself.
    pub fn into_body(self) -> Vec<u8> {
        self.body
    }

    /// The address that answered.
    pub fn url(&self) -> &Url {
        &self.url
    }

    /// From the beginning of the request to the last byte.
    pub fn elapsed(&self) -> Duration {
        self.elapsed
    }
}

impl fmt::Debug for Response {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Response({} {} bytes)", self.status, self.body.len())
    }
}

/// A header's value as text: UTF-8 where it is, else Latin-1, as RFC 9110 has it.
pub(super) fn header_text(value: &HeaderValue) -> String {
    let bytes = value.as_bytes();
    std::str::from_utf8(bytes)
        .map_or_else(|_| bytes.iter().map(|byte| char::from(*byte)).collect(), ToOwned::to_owned)
}
