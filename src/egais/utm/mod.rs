//! The client of one UTM (universal transport module): plain HTTP, XML answers, no trust in host names it reports.
//!
//! Every call takes an [`Operation`] whose deadline is the budget of this UTM in this call: connecting is limited
//! to 2.5 seconds of it, and an answer that trickles in byte by byte ends with it. The system's proxy is never
//! used; `localhost` is taken as 127.0.0.1, because trying IPv6 first costs seconds.

mod address;
mod answer;
mod identity;

pub use address::UtmAddress;
pub use answer::{Answer, Listed, ListedUrl, Receipt};
pub use identity::{Certificate, UtmState};

use crate::bilingual;
use crate::error::{Category, Code, Error, Result};
use crate::http::{
    Body, ConnectionOptions, Content, Delivery, HttpClient, InFlight, Method, Part, Proxy, Request, Response,
    Timeout,
};
use crate::journal::Redactor;
use crate::operation::Operation;
use std::sync::Arc;
use std::time::Duration;

/// How long connecting to a UTM may take.
const CONNECT: Duration = Duration::from_millis(2500);
/// The largest answer: real ones are a few megabytes.
const LARGEST_ANSWER: u64 = 64 << 20;
/// How much of a text that is not in the protocol is kept for messages.
const EXCERPT: usize = 300;

/// What became of a document that was posted.
#[derive(Debug, Clone)]
pub enum Posted {
    /// UTM took it.
    Accepted(Receipt),
    /// UTM answered with an error; the document was not taken.
    Refused {
        /// Its own words.
        text: String,
        /// True if the same document may be taken later.
        is_temporary: bool,
    },
    /// The document surely did not arrive.
    NotSent(Error),
    /// Nobody knows: the reply was lost or is not in the protocol.
    Unknown(Error),
}

/// A client of one UTM.
#[derive(Debug, Clone)]
pub struct Utm {
    client: HttpClient,
    address: UtmAddress,
}

/// The HTTP client that all UTMs of one owner share.
///
/// # Errors
/// As [`HttpClient::new`].
pub fn http_client(in_flight: InFlight, redactor: Arc<Redactor>) -> Result<HttpClient> {
    let options =
        ConnectionOptions { connect_timeout: CONNECT, proxy: Proxy::Direct, ..ConnectionOptions::default() };
    HttpClient::new(&options, in_flight, redactor)
}

impl Utm {
    /// A client of the UTM at `address`.
    pub fn new(client: HttpClient, address: UtmAddress) -> Self {
        Self { client, address }
    }

    /// Where it is.
    pub fn address(&self) -> &UtmAddress {
        &self.address
    }

    /// Sends a document to `/opt/in/{url_name}`, a cheque (`xml`, `xml?type=ChequeV3`) to `/{url_name}`.
    pub fn post(&self, url_name: &str, xml: &[u8], operation: &mut Operation<'_>) -> Posted {
        let is_cheque = url_name == "xml" || url_name.starts_with("xml?");
        let path = if is_cheque { format!("/{url_name}") } else { format!("/opt/in/{url_name}") };
        self.post_to(&path, xml, operation)
    }

    /// Sends a `QueryFilter`; its answer, a `ReplyFilter`, comes at once.
    ///
    /// # Errors
    /// `utm` with the text of UTM's error; errors of the connection.
    pub fn query_filter(&self, xml: &[u8], operation: &mut Operation<'_>) -> Result<Vec<u8>> {
        let request = self.upload("/opt/in/QueryFilter", xml)?;
        let response = self.send(request, operation)?;
        if let Some(Answer { error: Some(text), .. }) = Answer::read(response.body()) {
            return Err(utm_error(&text));
        }
        if response.is_success() { Ok(response.into_body()) } else { Err(self.unexpected(&response)) }
    }

    /// The list of answers, `/opt/out`.
    ///
    /// # Errors
    /// `utm` for an answer that is not a list; errors of the connection.
    pub fn list_out(&self, operation: &mut Operation<'_>) -> Result<Vec<Listed>> {
        self.list("/opt/out", operation)
    }

    /// The list of what was submitted, `/opt/in`.
    ///
    /// # Errors
    /// As [`Utm::list_out`].
    pub fn list_in(&self, operation: &mut Operation<'_>) -> Result<Vec<Listed>> {
        self.list("/opt/in", operation)
    }

    /// A document of a list; `None` if it is no longer there. Reading does not consume it.
    ///
    /// # Errors
    /// `utm` for any other answer than the document; errors of the connection.
    pub fn get(&self, path: &str, operation: &mut Operation<'_>) -> Result<Option<Vec<u8>>> {
        let response = self.send(self.request(Method::GET, path)?, operation)?;
        match response.status() {
            404 | 410 => Ok(None),
            200 => match Answer::read(response.body()) {
                Some(Answer { error: Some(text), .. }) => Err(utm_error(&text)),
                _ => Ok(Some(response.into_body())),
            },
            _ => Err(self.unexpected(&response)),
        }
    }

    /// Removes a document of a list. To be called only after it was stored.
    ///
    /// # Errors
    /// `utm` if it was not removed; errors of the connection.
    pub fn delete(&self, path: &str, operation: &mut Operation<'_>) -> Result<()> {
        let response = self.send(self.request(Method::DELETE, path)?, operation)?;
        if response.is_success() || matches!(response.status(), 404 | 410) {
            Ok(())
        } else {
            Err(self.unexpected(&response))
        }
    }

    /// Whose UTM it is and how it feels: `/api/info/list` of UTM 4, else `/diagnosis`, else the start page. What has
    /// none of these, but the list of answers, is a UTM that does not tell its FSRAR_ID: that is empty then.
    ///
    /// # Errors
    /// `utm` if it fails or is no UTM; errors of the connection.
    pub fn state(&self, operation: &mut Operation<'_>) -> Result<UtmState> {
        let mut failure = None;
        for (path, read) in identity::SOURCES {
            let response = self.send(self.request(Method::GET, path)?, operation)?;
            match read(response.body()) {
                Some(mut state) if response.is_success() => {
                    if state.version.is_empty()
                        && let Ok(response) =
                            self.send(self.request(Method::GET, "/info/version")?, operation)
                        && response.is_success()
                    {
                        state.version = text_of(response.body()).trim().chars().take(100).collect();
                    }
                    return Ok(state);
                }
                _ if response.is_success() || response.status() == 404 => {}
                _ => failure = Some(self.unexpected(&response)),
            }
        }
        match failure {
            Some(failure) => Err(failure),
            None => self.list_out(operation).map(|_| UtmState::default()),
        }
    }

    fn list(&self, path: &str, operation: &mut Operation<'_>) -> Result<Vec<Listed>> {
        let response = self.send(self.request(Method::GET, path)?, operation)?;
        match Answer::read(response.body()) {
            Some(Answer { error: Some(text), .. }) => Err(utm_error(&text)),
            Some(answer) if response.is_success() => {
                Ok(answer.urls.iter().filter_map(|url| Listed::read(url, path)).collect())
            }
            _ => Err(self.unexpected(&response)),
        }
    }

    fn post_to(&self, path: &str, xml: &[u8], operation: &mut Operation<'_>) -> Posted {
        let request = match self.upload(path, xml) {
            Ok(request) => request,
            Err(error) => return Posted::NotSent(error),
        };
        let response = match self.client.send(&request, operation) {
            Ok(response) => response,
            Err(failure) => {
                return match failure.delivery {
                    Delivery::NotSent => Posted::NotSent(failure.error),
                    Delivery::Unknown => Posted::Unknown(failure.error),
                };
            }
        };
        // The body decides, whatever the status; a status alone only refuses, and only as the caller's fault.
        match Answer::read(response.body()) {
            Some(Answer { error: Some(text), .. }) => {
                let is_temporary = answer::is_temporary(&text);
                Posted::Refused { text, is_temporary }
            }
            Some(answer) => match answer.receipt() {
                Some(receipt) => Posted::Accepted(receipt),
                None => Posted::Unknown(self.unexpected(&response)),
            },
            None if (400..500).contains(&response.status()) && response.status() != 408 => {
                let text = self.unexpected(&response).message().ru.clone();
                Posted::Refused { text, is_temporary: false }
            }
            None => Posted::Unknown(self.unexpected(&response)),
        }
    }

    fn request(&self, method: Method, path: &str) -> Result<Request> {
        Ok(Request::new(method, &self.address.join(path))?.answer_limit(LARGEST_ANSWER))
    }

    fn upload(&self, path: &str, xml: &[u8]) -> Result<Request> {
        let part = Part {
            name: "xml_file".to_owned(),
            file_name: Some("client.xml".to_owned()),
            content_type: Some("text/xml".to_owned()),
            content: Content::Bytes(xml.to_vec().into()),
        };
        Ok(self.request(Method::POST, path)?.stream(Body::Multipart(vec![part])))
    }

    fn send(&self, request: Request, operation: &mut Operation<'_>) -> Result<Response> {
        // The operation's deadline is the limit of the whole request.
        let request = request.timeout(Timeout::Whole(Duration::ZERO));
        Ok(self.client.send(&request, operation)?)
    }

    /// The error of an answer that is not in UTM's protocol: an HTML page of its web server above all.
    fn unexpected(&self, response: &Response) -> Error {
        let status = response.status();
        let text = text_of(response.body());
        let shown = match plain(&text) {
            empty if empty.is_empty() => "–".to_owned(),
            text => self.client.redactor().excerpt(&text, EXCERPT),
        };
        let url = response.url().to_string();
        Error::new(
            Code::Utm,
            bilingual!(
                "УТМ ответил не по протоколу (код {status}): {shown}. Проверьте, что по адресу {url} работает УТМ и что он запустился полностью.",
                "UTM did not answer in its protocol (status {status}): {shown}. Check that {url} is a UTM and that it has fully started."
            ),
        )
        .with("url", url)
        .with("http_status", i64::from(status))
    }
}

/// The error that UTM itself reported.
pub fn utm_error(text: &str) -> Error {
    let category = if answer::is_temporary(text) { Category::Temporary } else { Category::Permanent };
    let text: String = text.chars().take(2000).collect();
    Error::new(Code::Utm, bilingual!("УТМ сообщил об ошибке: {text}", "UTM reported an error: {text}"))
        .with_category(category)
}

/// Bytes as text: UTF-8, else windows-1251, which Java on Windows falls back to.
fn text_of(bytes: &[u8]) -> std::borrow::Cow<'_, str> {
    match std::str::from_utf8(bytes) {
        Ok(text) => text.into(),
        Err(_) => encoding_rs::WINDOWS_1251.decode_without_bom_handling(bytes).0,
    }
}

/// A page without its tags, on one line.
fn plain(text: &str) -> String {
    let mut plain = String::new();
    let mut in_tag = false;
    for character in text.chars().take(20_000) {
        match character {
            '<' => in_tag = true,
            '>' => {
                in_tag = false;
                plain.push(' ');
            }
            _ if !in_tag => plain.push(character),
            _ => {}
        }
    }
    plain.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_shown_without_tags() {
        assert_eq!(plain("<html><body><h1>HTTP 500</h1>\n <p>Ошибка</p></body></html>"), "HTTP 500 Ошибка");
    }

    #[test]
    fn an_error_tells_whether_waiting_helps() {
        assert_eq!(utm_error("Настройки еще не обновлены").category(), Category::Temporary);
        assert_eq!(utm_error("Невалидные марки [..]").category(), Category::Permanent);
    }
}
