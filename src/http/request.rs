//! What is sent: method, address, headers, body, limits. A request can be sent again as it is.

use super::multipart::Part;
use super::url::parse_url;
use crate::bilingual;
use crate::error::{Code, Error, Result};
use bytes::Bytes;
use reqwest::header::{CONTENT_LENGTH, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, TRANSFER_ENCODING};
use reqwest::{Method, Url};
use std::fmt;
use std::io::Write as _;
use std::path::PathBuf;
use std::time::Duration;

/// The largest answer taken into memory unless a request says otherwise: 256 MB.
pub const DEFAULT_ANSWER_LIMIT: u64 = 256 * 1024 * 1024;

/// How long a request may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Timeout {
    /// From the beginning to the last byte of the answer.
    Whole(Duration),
    /// Without a byte moving in either direction: for files of any size.
    Inactivity(Duration),
}

/// The body of a request.
#[derive(Clone, Default)]
pub enum Body {
    /// No body.
    #[default]
    Empty,
    /// Ready bytes; a repeat does not copy them.
    Bytes(Bytes),
    /// Ready bytes in pieces, sent as one body without putting them together.
    Pieces(Vec<Bytes>),
    /// A file, streamed from disk with its exact Content-Length.
    File(PathBuf),
    /// A form with files, streamed with its exact Content-Length.
    Multipart(Vec<Part>),
}

impl fmt::Debug for Body {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => formatter.write_str("Empty"),
            Self::Bytes(bytes) => write!(formatter, "Bytes({})", bytes.len()),
            Self::Pieces(pieces) => {
                write!(formatter, "Pieces({})", pieces.iter().map(Bytes::len).sum::<usize>())
            }
            Self::File(path) => write!(formatter, "File({})", path.display()),
            Self::Multipart(parts) => write!(formatter, "Multipart({} parts)", parts.len()),
        }
    }
}

/// One request.
#[derive(Clone)]
pub struct Request {
    pub(super) method: Method,
    pub(super) url: Url,
    pub(super) headers: HeaderMap,
    pub(super) body: Body,
    pub(super) timeout: Timeout,
    pub(super) answer_limit: u64,
}

impl Request {
    /// A request without headers and body, 30 seconds at most.
    ///
    /// # Errors
    /// `argument`, see [`parse_url`].
    pub fn new(method: Method, url: &str) -> Result<Self> {
        Ok(Self::to(method, parse_url(url)?))
    }

    /// A request to an address that was read before.
    pub fn to(method: Method, url: Url) -> Self {
        Self {
            method,
            url,
            headers: HeaderMap::new(),
            body: Body::Empty,
            timeout: Timeout::Whole(Duration::from_secs(30)),
            answer_limit: DEFAULT_ANSWER_LIMIT,
        }
    }

    /// Sets a header, replacing one of the same name.
    ///
    /// # Errors
    /// `argument` for a name or value that cannot stand in a header (a line break above all), and for
    /// `Content-Length` and `Transfer-Encoding`, which follow from the body.
    pub fn header(mut self, name: &str, value: &str) -> Result<Self> {
        let header = HeaderName::from_bytes(name.as_bytes()).map_err(|_| bad_header_name(name))?;
        if header == CONTENT_LENGTH || header == TRANSFER_ENCODING {
            return Err(Error::new(
                Code::Argument,
                bilingual!(
                    "Заголовок «{name}» задаётся сам по телу запроса: уберите его.",
                    "The header “{name}” follows from the body of the request: leave it out."
                ),
            ));
        }
        // The value may be a secret: it never enters the message.
        let value = HeaderValue::from_bytes(value.trim_matches([' ', '\t']).as_bytes()).map_err(|_| {
            Error::new(
                Code::Argument,
                bilingual!(
                    "В значении заголовка «{name}» есть перевод строки или другой управляющий знак.",
                    "The value of the header “{name}” holds a line break or another control character."
                ),
            )
        })?;
        self.headers.insert(header, value);
        Ok(self)
    }

    /// Sets the body and its `Content-Type`.
    ///
    /// # Errors
    /// `argument` for a content type that cannot stand in a header.
    pub fn body(mut self, content_type: &str, body: impl Into<Bytes>) -> Result<Self> {
        self.body = Body::Bytes(body.into());
        if content_type.is_empty() { Ok(self) } else { self.header(CONTENT_TYPE.as_str(), content_type) }
    }

    /// Sets a body that is streamed.
    #[must_use]
    pub fn stream(mut self, body: Body) -> Self {
        self.body = body;
        self
    }

    /// Compresses a body of ready bytes with gzip; other bodies stay as they are, because their
    /// Content-Length must be known.
    #[must_use]
    pub fn gzip(mut self) -> Self {
        let pieces = match &self.body {
            Body::Bytes(bytes) => std::slice::from_ref(bytes),
            Body::Pieces(pieces) => pieces,
            _ => return self,
        };
        let length: usize = pieces.iter().map(Bytes::len).sum();
        let mut encoder =
            flate2::write::GzEncoder::new(Vec::with_capacity(length / 4), flate2::Compression::fast());
        let written = pieces.iter().try_for_each(|piece| encoder.write_all(piece));
        // Writing to memory cannot fail; should it, the body goes as it is.
        if let Ok(packed) = written.and_then(|()| encoder.finish()) {
            self.body = Body::Bytes(packed.into());
            self.headers.insert(reqwest::header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        }
        self
    }

    /// Sets how long the request may take.
    #[must_use]
    pub fn timeout(mut self, timeout: Timeout) -> Self {
        self.timeout = timeout;
        self
    }

    /// Sets the largest answer, in bytes after decompression.
    #[must_use]
    pub fn answer_limit(mut self, bytes: u64) -> Self {
        self.answer_limit = bytes;
        self
    }

    /// Where it goes.
    pub fn url(&self) -> &Url {
        &self.url
    }

    /// The method.
    pub fn method(&self) -> &Method {
        &self.method
    }
}

impl fmt::Debug for Request {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let host = self.url.host_str().unwrap_or_default();
        write!(formatter, "Request({} {host}{} {:?})", self.method, self.url.path(), self.body)
    }
}

fn bad_header_name(name: &str) -> Error {
    let shown: String = name.chars().filter(|character| !character.is_control()).take(100).collect();
    Error::new(
        Code::Argument,
        bilingual!(
            "«{shown}» не годится как имя заголовка: допустимы латинские буквы, цифры и дефис.",
            "“{shown}” cannot be the name of a header: use Latin letters, digits and hyphens."
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_cannot_bring_in_another() {
        for (name, value) in [
            ("X-A", "1\r\nX-B: 2"),
            ("X-A", "1\n"),
            ("X-A\r\nX-B", "1"),
            ("Имя", "1"),
            ("", "1"),
            ("Content-Length", "5"),
            ("transfer-encoding", "chunked"),
        ] {
            let request = Request::new(Method::GET, "http://a.ru").unwrap().header(name, value);
            assert!(request.is_err(), "{name:?} {value:?}");
        }
    }

    #[test]
    fn debug_output_shows_no_header_and_no_query() {
        let request = Request::new(Method::GET, "http://user:secret@a.ru/x?token=secret").unwrap();
        let request =
            request.header("Authorization", "secret").unwrap().body("text/plain", "secret").unwrap();
        assert_eq!(format!("{request:?}"), "Request(GET a.ru/x Bytes(6))");
    }

    #[test]
    fn a_compressed_body_unpacks_to_the_same() {
        let body = "тело ".repeat(1000);
        let request =
            Request::new(Method::POST, "http://a.ru").unwrap().body("text/plain", body.clone()).unwrap();
        let Body::Bytes(packed) = request.gzip().body else { panic!("no bytes") };
        let mut unpacked = String::new();
        std::io::Read::read_to_string(&mut flate2::read::GzDecoder::new(packed.as_ref()), &mut unpacked)
            .unwrap();
        assert_eq!(unpacked, body);
    }
}
