//! Why there is no answer, in words a person understands, and whether the server may have seen the request.

use super::request::Request;
use super::response::Response;
use super::tls::calls_itself_authority;
use crate::bilingual;
use crate::error::{Bilingual, Category, Code, Error};
use crate::journal::Redactor;
use std::error::Error as StdError;
use std::io;

/// Whether the server may have acted on a request that failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Delivery {
    /// It never saw the request: sending it again repeats nothing.
    NotSent,
    /// It may have seen it.
    Unknown,
}

/// A request without a whole answer.
#[derive(Debug, Clone)]
pub struct Failure {
    /// What happened.
    pub error: Error,
    /// Whether the server may have acted on the request.
    pub delivery: Delivery,
    /// The status, headers and the beginning of the body, when the answer began but did not end.
    pub answer: Option<Box<Response>>,
}

impl Failure {
    pub(super) fn not_sent(error: Error) -> Self {
        Self { error, delivery: Delivery::NotSent, answer: None }
    }

    pub(super) fn unknown(error: Error) -> Self {
        Self { error, delivery: Delivery::Unknown, answer: None }
    }

    pub(super) fn with_answer(mut self, answer: Response) -> Self {
        self.error = self.error.with("http_status", i64::from(answer.status));
        self.answer = Some(Box::new(answer));
        self
    }

    pub(super) fn timed_out(phase: Phase, request: &Request, redactor: &Redactor) -> Self {
        Cause::Timeout { connecting: false }.into_failure(phase, request, redactor)
    }

    pub(super) fn too_large(request: &Request, limit: u64, redactor: &Redactor) -> Self {
        let url = redactor.text(request.url.as_str()).into_owned();
        Self::unknown(
            Error::new(
                Code::Limit,
                bilingual!(
                    "Ответ больше предела в {limit} байт (распакованный). Поднимите предел или скачайте ответ в \
                     файл. Адрес: {url}",
                    "The answer exceeds the limit of {limit} bytes (unpacked). Raise the limit or download it to \
                     a file. Address: {url}"
                ),
            )
            .with("url", url),
        )
    }
}

impl From<Failure> for Error {
    fn from(failure: Failure) -> Self {
        failure.error
    }
}

/// An error before anything was sent.
impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::not_sent(error)
    }
}

/// How far a request had come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Phase {
    /// The body was on its way.
    Sending,
    /// All was sent, no answer yet.
    Waiting,
    /// The answer had begun.
    Reading,
}

/// The reason behind an error of the client.
#[derive(Debug)]
pub(super) enum Cause {
    Timeout {
        connecting: bool,
    },
    Tls(TlsCause),
    NameNotFound,
    Refused,
    Unreachable {
        connecting: bool,
    },
    /// The connection broke.
    Reset,
    /// It broke before there was a connection to send on, in the TLS handshake for example.
    ResetOnConnect,
    /// The server closed the connection without an answer or in the middle of it.
    Closed,
    /// What came is not HTTP.
    NotHttp,
    ProxyAuth,
    Proxy(String),
    /// The answer cannot be unpacked.
    Decode,
    /// Not connected for some other reason.
    Connect(String),
    Other(String),
}

#[derive(Debug)]
pub(super) enum TlsCause {
    Expired(Option<String>),
    NotYetValid(Option<String>),
    WrongHost(Vec<String>),
    UnknownIssuer,
    Revoked,
    ClientCertificate,
    NotTls,
    Other(String),
}

/// Finds the reason in a chain of errors.
pub(super) fn classify(error: &(dyn StdError + 'static)) -> Cause {
    let chain = Chain::of(error);
    let request_error = chain.find::<reqwest::Error>();
    let connecting = chain.find_all::<reqwest::Error>().any(reqwest::Error::is_connect);
    if let Some(tls) = chain.find::<rustls::Error>() {
        return Cause::Tls(classify_tls(tls));
    }
    if chain.find_all::<reqwest::Error>().any(reqwest::Error::is_timeout)
        || chain.find_all::<io::Error>().any(|error| error.kind() == io::ErrorKind::TimedOut)
    {
        return Cause::Timeout { connecting };
    }
    let texts = chain.texts();
    if texts.iter().any(|text| text.starts_with("dns error")) {
        return Cause::NameNotFound;
    }
    if let Some(text) =
        texts.iter().find(|text| text.starts_with("tunnel error") || text.starts_with("SOCKS error"))
    {
        let auth =
            text.contains("authorization required") || texts.iter().any(|text| text.contains("credentials"));
        return if auth { Cause::ProxyAuth } else { Cause::Proxy((*text).clone()) };
    }
    for kind in chain.find_all::<io::Error>().map(io::Error::kind) {
        match kind {
            io::ErrorKind::ConnectionRefused => return Cause::Refused,
            io::ErrorKind::HostUnreachable
            | io::ErrorKind::NetworkUnreachable
            | io::ErrorKind::AddrNotAvailable => {
                return Cause::Unreachable { connecting };
            }
            io::ErrorKind::ConnectionReset
            | io::ErrorKind::ConnectionAborted
            | io::ErrorKind::BrokenPipe
            | io::ErrorKind::UnexpectedEof
                if connecting =>
            {
                return Cause::ResetOnConnect;
            }
            io::ErrorKind::ConnectionReset | io::ErrorKind::ConnectionAborted | io::ErrorKind::BrokenPipe => {
                return Cause::Reset;
            }
            io::ErrorKind::UnexpectedEof => return Cause::Closed,
            _ => {}
        }
    }
    if texts
        .iter()
        .any(|text| text.contains("connection closed before message") || text.contains("end of file before"))
    {
        return Cause::Closed;
    }
    if texts.iter().any(|text| text.contains("invalid HTTP") || text.contains("message head")) {
        return Cause::NotHttp;
    }
    let last = texts.last().cloned().unwrap_or_default();
    if connecting {
        return Cause::Connect(last);
    }
    match request_error {
        Some(error) if error.is_decode() || error.is_body() => Cause::Decode,
        _ => Cause::Other(last),
    }
}

fn classify_tls(error: &rustls::Error) -> TlsCause {
    use rustls::{AlertDescription, CertificateError};
    match error {
        rustls::Error::InvalidCertificate(certificate) => match certificate {
            CertificateError::Expired => TlsCause::Expired(None),
            CertificateError::ExpiredContext { not_after, .. } => TlsCause::Expired(day(not_after.as_secs())),
            CertificateError::NotValidYet => TlsCause::NotYetValid(None),
            CertificateError::NotValidYetContext { not_before, .. } => {
                TlsCause::NotYetValid(day(not_before.as_secs()))
            }
            CertificateError::NotValidForName => TlsCause::WrongHost(Vec::new()),
            CertificateError::NotValidForNameContext { presented, .. } => {
                TlsCause::WrongHost(presented.clone())
            }
            CertificateError::UnknownIssuer => TlsCause::UnknownIssuer,
            CertificateError::Revoked => TlsCause::Revoked,
            // How a certificate signed by its own key shows.
            _ if calls_itself_authority(error) => TlsCause::UnknownIssuer,
            other => TlsCause::Other(other.to_string()),
        },
        rustls::Error::AlertReceived(
            AlertDescription::CertificateRequired | AlertDescription::BadCertificate,
        ) => TlsCause::ClientCertificate,
        rustls::Error::InvalidMessage(_) => TlsCause::NotTls,
        other => TlsCause::Other(other.to_string()),
    }
}

fn day(seconds: u64) -> Option<String> {
    let time = jiff::Timestamp::from_second(i64::try_from(seconds).ok()?).ok()?;
    Some(time.strftime("%d.%m.%Y").to_string())
}

impl Cause {
    /// The error to show, and whether the request may have arrived.
    pub(super) fn into_failure(self, phase: Phase, request: &Request, redactor: &Redactor) -> Failure {
        let (code, delivery) = match &self {
            Self::Timeout { connecting: true } => (Code::HttpTimeout, Delivery::NotSent),
            Self::Timeout { .. } => (Code::HttpTimeout, Delivery::Unknown),
            Self::Tls(TlsCause::ClientCertificate) => (Code::HttpTls, Delivery::Unknown),
            Self::Tls(_) => (Code::HttpTls, Delivery::NotSent),
            Self::NameNotFound
            | Self::Refused
            | Self::ResetOnConnect
            | Self::ProxyAuth
            | Self::Proxy(_)
            | Self::Connect(_) => (Code::HttpConnect, Delivery::NotSent),
            Self::Unreachable { connecting: true } => (Code::HttpConnect, Delivery::NotSent),
            _ => (Code::HttpConnect, Delivery::Unknown),
        };
        let host = request.url.host_str().unwrap_or_default();
        let port = request.url.port_or_known_default().unwrap_or_default();
        let Bilingual { ru, en } = self.text(phase, &format!("{host}:{port}"));
        let url = redactor.text(request.url.as_str()).into_owned();
        let message = redactor.bilingual(bilingual!("{ru} Адрес: {url}", "{en} Address: {url}"));
        let mut error = Error::new(code, message).with("url", url);
        if matches!(self, Self::ProxyAuth) {
            error = error.with_category(Category::Permanent);
        }
        Failure { error, delivery, answer: None }
    }

    fn text(&self, phase: Phase, host: &str) -> Bilingual {
        match self {
            Self::Timeout { connecting: true } => bilingual!(
                "Время ожидания истекло при соединении с {host}: проверьте адрес, сеть и межсетевой экран.",
                "Timed out while connecting to {host}: check the address, the network and the firewall."
            ),
            Self::Timeout { .. } => match phase {
                Phase::Sending => bilingual!(
                    "Время ожидания истекло при отправке данных на {host}.",
                    "Timed out while sending data to {host}."
                ),
                Phase::Waiting => bilingual!(
                    "Сервер {host} не ответил за отведённое время. Запрос мог быть выполнен.",
                    "{host} did not answer in time. The request may have been carried out."
                ),
                Phase::Reading => bilingual!(
                    "Время ожидания истекло при получении ответа от {host}.",
                    "Timed out while receiving the answer of {host}."
                ),
            },
            Self::Tls(cause) => cause.text(host),
            Self::NameNotFound => bilingual!(
                "Имя сервера {host} не найдено: проверьте адрес и настройки DNS.",
                "The server name of {host} was not found: check the address and the DNS settings."
            ),
            Self::Refused => bilingual!(
                "Соединение с {host} отклонено: сервер не запущен, порт неверен или закрыт.",
                "The connection to {host} was refused: the server is not running or the port is wrong or closed."
            ),
            Self::Unreachable { .. } => bilingual!(
                "Сервер {host} недоступен: проверьте сеть, VPN и межсетевой экран.",
                "{host} is unreachable: check the network, VPN and the firewall."
            ),
            Self::Reset => bilingual!(
                "Соединение с {host} разорвано. Запрос мог быть выполнен.",
                "The connection to {host} was reset. The request may have been carried out."
            ),
            Self::ResetOnConnect => bilingual!(
                "Сервер {host} разорвал соединение, не установив его (рукопожатие TLS).",
                "{host} broke the connection before it was established (TLS handshake)."
            ),
            Self::Closed if phase == Phase::Reading => bilingual!(
                "Соединение с {host} закрыто посреди ответа: ответ получен не полностью.",
                "{host} closed the connection in the middle of its answer: the answer is incomplete."
            ),
            Self::Closed => bilingual!(
                "Сервер {host} закрыл соединение, не ответив. Запрос мог быть выполнен.",
                "{host} closed the connection without an answer. The request may have been carried out."
            ),
            Self::NotHttp => bilingual!(
                "Ответ {host} не похож на HTTP: проверьте порт и схему (http или https).",
                "The answer of {host} is not HTTP: check the port and the scheme (http or https)."
            ),
            Self::ProxyAuth => bilingual!(
                "Прокси требует имя и пароль или не принял их.",
                "The proxy wants a user name and password, or did not accept them."
            ),
            Self::Proxy(reason) => bilingual!(
                "Прокси не соединил с {host}: {reason}.",
                "The proxy did not connect to {host}: {reason}."
            ),
            Self::Decode => bilingual!(
                "Ответ {host} не распаковывается: данные повреждены или сжаты не так, как заявлено.",
                "The answer of {host} cannot be unpacked: it is damaged or not compressed as announced."
            ),
            Self::Connect(reason) => bilingual!(
                "Не удалось соединиться с {host}: {reason}.",
                "Could not connect to {host}: {reason}."
            ),
            Self::Other(reason) => bilingual!(
                "Обмен с {host} не удался: {reason}.",
                "The exchange with {host} failed: {reason}."
            ),
        }
    }
}

impl TlsCause {
    fn text(&self, host: &str) -> Bilingual {
        let until = |day: &Option<String>, word: &str| {
            day.as_ref().map(|day| format!(" {word}{day}")).unwrap_or_default()
        };
        match self {
            Self::Expired(day) => {
                let (ru, en) = (until(day, ""), until(day, "on "));
                bilingual!(
                    "Срок действия сертификата {host} истёк{ru}: его должен обновить владелец сервера. Проверьте \
                     и дату этого компьютера.",
                    "The certificate of {host} expired{en}: the owner of the server must renew it. Check the date \
                     of this computer too."
                )
            }
            Self::NotYetValid(day) => {
                let (ru, en) = (until(day, "до "), until(day, "before "));
                bilingual!(
                    "Сертификат {host} ещё не действует{ru}: проверьте дату этого компьютера.",
                    "The certificate of {host} is not valid yet{en}: check the date of this computer."
                )
            }
            Self::WrongHost(names) => {
                let names = names.join(", ");
                bilingual!(
                    "Сертификат {host} выдан на другое имя ({names}): проверьте адрес, возможна подмена сервера.",
                    "The certificate of {host} is for another name ({names}): check the address, the server may be \
                     an impostor."
                )
            }
            Self::UnknownIssuer => bilingual!(
                "Сертификату {host} нельзя доверять: он самоподписанный или выдан неизвестным удостоверяющим \
                 центром. Укажите файл сертификатов этого УЦ.",
                "The certificate of {host} is not trusted: it is self-signed or issued by an unknown authority. Give \
                 the CA file of that authority."
            ),
            Self::Revoked => {
                bilingual!("Сертификат {host} отозван.", "The certificate of {host} is revoked.")
            }
            Self::ClientCertificate => bilingual!(
                "Сервер {host} требует клиентский сертификат или не принял его.",
                "{host} wants a client certificate, or did not accept it."
            ),
            Self::NotTls => bilingual!(
                "Сервер {host} не отвечает по TLS: возможно, нужен адрес http:// или другой порт.",
                "{host} does not speak TLS: perhaps the address should be http:// or the port another."
            ),
            Self::Other(reason) => bilingual!(
                "Защищённое соединение (TLS) с {host} не установлено: {reason}.",
                "No secure (TLS) connection to {host}: {reason}."
            ),
        }
    }
}

/// An error with its sources, also those that `io::Error` hides.
struct Chain<'a>(Vec<&'a (dyn StdError + 'static)>);

impl<'a> Chain<'a> {
    fn of(error: &'a (dyn StdError + 'static)) -> Self {
        let mut chain = Vec::new();
        let mut next = Some(error);
        while let Some(error) = next {
            chain.push(error);
            // An io::Error tells the source of what it wraps, not the wrapped error itself.
            let wrapped = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
            next = match wrapped {
                Some(inner) => Some(inner),
                None => error.source(),
            };
        }
        Self(chain)
    }

    fn find_all<T: StdError + 'static>(&self) -> impl Iterator<Item = &'a T> {
        self.0.iter().filter_map(|error| error.downcast_ref::<T>())
    }

    fn find<T: StdError + 'static>(&self) -> Option<&'a T> {
        self.find_all::<T>().next()
    }

    fn texts(&self) -> Vec<String> {
        self.0.iter().map(ToString::to_string).collect()
    }
}
