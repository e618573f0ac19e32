//! Where a UTM is.

use crate::bilingual;
use crate::error::{Code, Error, Result};
use crate::http::parse_url;

/// Port of a UTM unless its settings say otherwise.
const DEFAULT_PORT: u16 = 8080;

/// The base address of a UTM, such as `http://127.0.0.1:8080`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct UtmAddress(String);

impl UtmAddress {
    /// Reads the settings of an organisation: `host`, `host:port` or a whole URL, and a port (0 for none). An empty
    /// address is this machine.
    ///
    /// # Errors
    /// `argument` for what is not an address.
    pub fn new(address: &str, port: u16) -> Result<Self> {
        let address = address.trim();
        let address = if address.is_empty() { "127.0.0.1" } else { address };
        let text = if address.contains("://") { address.to_owned() } else { format!("http://{address}") };
        let mut url = parse_url(&text)?;
        let bad = || {
            Error::new(
                Code::Argument,
                bilingual!(
                    "Адрес УТМ «{address}» не подходит: нужен вид http://сервер:8080.",
                    "The UTM address \"{address}\" does not fit: write http://server:8080."
                ),
            )
        };
        if url.host_str().is_some_and(|host| host.eq_ignore_ascii_case("localhost")) {
            url.set_host(Some("127.0.0.1")).map_err(|_| bad())?;
        }
        // A port inside the address wins over the separate setting only where that one is not given.
        let port = match (port, url.port()) {
            (0, Some(port)) => Some(port),
            (0, None) if text.starts_with("https://") => None,
            (0, None) => Some(DEFAULT_PORT),
            (port, _) => Some(port),
        };
        url.set_port(port).map_err(|()| bad())?;
        url.set_query(None);
        url.set_fragment(None);
        Ok(Self(url.as_str().trim_end_matches('/').to_owned()))
    }

    /// The address of a path on this UTM; `path` begins with `/`.
    pub fn join(&self, path: &str) -> String {
        format!("{}{path}", self.0)
    }

    /// The address itself.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_usual_way_to_write_an_address_is_read() -> Result<()> {
        for (address, port, expected) in [
            ("", 0, "http://127.0.0.1:8080"),
            ("localhost", 0, "http://127.0.0.1:8080"),
            ("http://LOCALHOST:18082/", 0, "http://127.0.0.1:18082"),
            ("utm-01", 8081, "http://utm-01:8081"),
            ("10.0.0.5:8090", 0, "http://10.0.0.5:8090"),
            ("http://10.0.0.5:8090", 8080, "http://10.0.0.5:8080"),
            ("https://utm.firma.ru/utm1", 0, "https://utm.firma.ru/utm1"),
        ] {
            assert_eq!(UtmAddress::new(address, port)?.as_str(), expected, "{address} {port}");
        }
        Ok(())
    }

    #[test]
    fn what_is_not_an_address_is_refused() {
        for address in ["ftp://host", "http://", "a b"] {
            assert_eq!(
                UtmAddress::new(address, 0).err().map(|error| error.code()),
                Some(Code::Argument),
                "{address}"
            );
        }
    }
}
