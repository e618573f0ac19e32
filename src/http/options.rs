//! What makes two connections different: requests with equal [`ConnectionOptions`] share one client.

use super::identity::ClientIdentity;
use crate::bilingual;
use crate::error::{Code, Error, Result};
use crate::journal::Secret;
use std::path::PathBuf;
use std::time::Duration;

/// How servers are reached and trusted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConnectionOptions {
    /// How long connecting may take, TLS included; zero means no limit of its own.
    pub connect_timeout: Duration,
    /// Whether the server's certificate is checked. Off only on purpose: anybody can then read the traffic.
    pub verify_tls: bool,
    /// A PEM file with certificates of authorities to trust instead of the system's.
    pub ca_file: Option<PathBuf>,
    /// The client's own certificate, for servers that want one.
    pub identity: Option<ClientIdentity>,
    /// Which proxy is used.
    pub proxy: Proxy,
    /// Whether answers packed with gzip, deflate, brotli or zstd are asked for and unpacked.
    pub decompress: bool,
}

impl Default for ConnectionOptions {
    fn default() -> Self {
        Self {
            connect_timeout: Duration::from_secs(10),
            verify_tls: true,
            ca_file: None,
            identity: None,
            proxy: Proxy::System,
            decompress: true,
        }
    }
}

/// Which proxy is used.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Proxy {
    /// The one the system names: environment variables, on Windows the settings of the user.
    #[default]
    System,
    /// None.
    Direct,
    /// This one: a whole address, credentials included.
    Address(Secret),
}

impl Proxy {
    /// Reads a setting: empty means the system's, `нет`/`none`/`direct` none, else the address
    /// `[схема://][user:password@]host:port` with the scheme http (when left out), https, socks4, socks4a, socks5 or
    /// socks5h (names are resolved by the proxy).
    ///
    /// # Errors
    /// `argument` for anything else; the message does not show the address, which may hold a password.
    pub fn parse(text: &str) -> Result<Self> {
        let text = text.trim();
        match text.to_lowercase().as_str() {
            "" => return Ok(Self::System),
            "нет" | "none" | "direct" => return Ok(Self::Direct),
            _ => {}
        }
        let address = if text.contains("://") { text.to_owned() } else { format!("http://{text}") };
        let bad = || {
            Error::new(
                Code::Argument,
                bilingual!(
                    "Неверный адрес прокси. Нужен вид http://имя:пароль@сервер:порт (схемы http, https, socks4, \
                     socks4a, socks5, socks5h), пусто: прокси системы, «нет»: без прокси. Особые знаки пароля \
                     записываются как %40.",
                    "Bad proxy address. Write http://user:password@host:port (schemes http, https, socks4, socks4a, \
                     socks5, socks5h), nothing for the system's proxy, “none” for no proxy. Special characters of \
                     the password are written as %40."
                ),
            )
        };
        if address.chars().any(char::is_control) {
            return Err(bad());
        }
        let url = reqwest::Url::parse(&address).map_err(|_| bad())?;
        let known = ["http", "https", "socks4", "socks4a", "socks5", "socks5h"].contains(&url.scheme());
        if !known || url.host_str().is_none_or(str::is_empty) {
            return Err(bad());
        }
        Ok(Self::Address(Secret::new(url.as_str())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proxy_is_the_systems_none_or_an_address() {
        assert_eq!(Proxy::parse("").unwrap(), Proxy::System);
        assert_eq!(Proxy::parse("Нет").unwrap(), Proxy::Direct);
        for (text, expected) in [
            ("proxy:3128", "http://proxy:3128/"),
            ("user:p%40ss@proxy:3128", "http://user:p%40ss@proxy:3128/"),
            ("socks5h://proxy:1080", "socks5h://proxy:1080"),
        ] {
            assert_eq!(Proxy::parse(text).unwrap(), Proxy::Address(Secret::from(expected)));
        }
        for text in ["ftp://proxy:21", "http://", "proxy:port", "a\nb"] {
            assert!(Proxy::parse(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn debug_output_shows_no_proxy_password() {
        let options =
            ConnectionOptions { proxy: Proxy::parse("u:hidden@p:1").unwrap(), ..Default::default() };
        assert!(!format!("{options:?}").contains("hidden"));
    }
}
