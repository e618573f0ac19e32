//! What a UTM tells of itself: its FSRAR_ID, version and certificates (facts on UTM, 1.8).

use super::text_of;
use serde_json::Value;

/// A certificate of a UTM.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Certificate {
    /// `RSA` or `GOST`.
    pub kind: String,
    /// Last moment of validity, as UTM writes it.
    pub expires: String,
    /// What UTM says of its validity; empty if nothing.
    pub validity: String,
}

/// What a UTM tells of itself.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct UtmState {
    /// FSRAR_ID it serves.
    pub fsrar_id: String,
    /// Version; empty if it does not tell.
    pub version: String,
    /// Trouble with the RSA key; empty for none.
    pub trouble: String,
    /// Certificates, as far as it tells.
    pub certificates: Vec<Certificate>,
}

impl UtmState {
    /// True unless it serves another organisation; a UTM that does not tell its FSRAR_ID cannot be compared.
    pub fn may_serve(&self, fsrar_id: &str) -> bool {
        self.fsrar_id.is_empty() || self.fsrar_id == fsrar_id
    }
}

/// Reads one of the pages.
type Read = fn(&[u8]) -> Option<UtmState>;

/// Pages that tell the FSRAR_ID, best first.
pub(super) const SOURCES: &[(&str, Read)] =
    &[("/api/info/list", info_list), ("/diagnosis", diagnosis), ("/", start_page)];

fn info_list(bytes: &[u8]) -> Option<UtmState> {
    let value: Value = serde_json::from_slice(bytes).ok()?;
    let text = |value: Option<&Value>| match value {
        Some(Value::String(text)) => text.trim().to_owned(),
        Some(Value::Number(number)) => number.to_string(),
        _ => String::new(),
    };
    let owner =
        [value.pointer("/db/ownerId"), value.get("ownerId")].into_iter().map(text).find(|id| is_id(id))?;
    let certificates = ["rsa", "gost"].into_iter().filter_map(|kind| {
        let certificate = value.get(kind).filter(|certificate| certificate.is_object())?;
        Some(Certificate {
            kind: kind.to_ascii_uppercase(),
            expires: text(certificate.get("expireDate")),
            validity: match certificate.get("isValid") {
                Some(Value::Bool(valid)) => valid.to_string(),
                other => text(other),
            },
        })
    });
    Some(UtmState {
        fsrar_id: owner,
        version: text(value.get("version")),
        trouble: text(value.get("rsaError")),
        certificates: certificates.collect(),
    })
}

fn diagnosis(bytes: &[u8]) -> Option<UtmState> {
    let text = text_of(bytes);
    let (_, after) = text.split_once("<CN>")?;
    let id = after.split('<').next().unwrap_or_default().trim();
    is_id(id).then(|| UtmState { fsrar_id: id.to_owned(), ..UtmState::default() })
}

fn start_page(bytes: &[u8]) -> Option<UtmState> {
    let text = text_of(bytes);
    let (_, after) = text.split_once("FSRAR-RSA-")?;
    let id: String = after.chars().take_while(char::is_ascii_digit).collect();
    is_id(&id).then(|| UtmState { fsrar_id: id, ..UtmState::default() })
}

fn is_id(text: &str) -> bool {
    !text.is_empty() && text.len() <= 50 && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn utm_4_tells_owner_and_certificates() {
        let state = info_list(
            r#"{"version":"4.2.0","ownerId":"1","db":{"ownerId":"030000412451","createDate":"x"},"rsaError":null,
                "rsa":{"certType":"RSA","expireDate":"2025-01-10 10:00:00 +0300","isValid":"valid"},"gost":null}"#
                .as_bytes(),
        )
        .expect("a state");
        assert_eq!((state.fsrar_id.as_str(), state.version.as_str()), ("030000412451", "4.2.0"));
        assert_eq!(state.certificates.len(), 1);
        assert_eq!(state.certificates[0].expires, "2025-01-10 10:00:00 +0300");
    }

    #[test]
    fn a_hung_utm_and_older_pages_are_told_apart() {
        assert_eq!(info_list(b"null"), None);
        assert_eq!(info_list(b""), None);
        let older = diagnosis(b"<diagnosis><CERTIFICATE><CN>020000190211</CN></CERTIFICATE></diagnosis>");
        assert_eq!(older.map(|state| state.fsrar_id).as_deref(), Some("020000190211"));
        let oldest = start_page(b"<html>FSRAR-RSA-010000000042</html>");
        assert_eq!(oldest.map(|state| state.fsrar_id).as_deref(), Some("010000000042"));
        assert_eq!(start_page(b"<html>404</html>"), None);
    }
}
