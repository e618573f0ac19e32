//! Addresses: only http and https, nothing smuggled in, Cyrillic encoded.

use crate::bilingual;
use crate::error::{Bilingual, Code, Error, Result};
use crate::journal::Secret;
use reqwest::Url;

/// Reads an address. Cyrillic hosts become punycode, Cyrillic paths and queries are percent-encoded, what is
/// encoded already stays.
///
/// # Errors
/// `argument`: control characters (the standard parser would drop a line break silently), another scheme, no
/// host, or not an address at all.
pub fn parse_url(text: &str) -> Result<Url> {
    let text = text.trim();
    if text.is_empty() {
        return Err(Error::new(
            Code::Argument,
            bilingual!("Адрес (URL) не задан.", "No address (URL) is given."),
        ));
    }
    if text.chars().any(char::is_control) {
        return Err(Error::new(
            Code::Argument,
            bilingual!(
                "В адресе (URL) есть перевод строки или другой управляющий знак: такой адрес не отправляется.",
                "The address (URL) holds a line break or another control character and is not sent."
            ),
        ));
    }
    let url = Url::parse(text).map_err(|error| match error {
        _ if !text.contains("://") => {
            bad(text, &bilingual!("нет схемы, например https://", "no scheme such as https://"))
        }
        other => bad(text, &malformed(&other.to_string())),
    })?;
    if !matches!(url.scheme(), "http" | "https") {
        let scheme = url.scheme();
        return Err(bad(
            text,
            &bilingual!(
                "схема «{scheme}» не поддерживается, только http и https",
                "the scheme “{scheme}” is not supported, only http and https"
            ),
        ));
    }
    if url.host_str().is_none_or(str::is_empty) {
        return Err(bad(text, &bilingual!("нет имени сервера", "no server name")));
    }
    Ok(url)
}

/// The standard parser's word on what is wrong, in both languages; it gives no other way to tell than its text.
fn malformed(reason: &str) -> Bilingual {
    let ru = match reason {
        "empty host" => "нет имени сервера",
        "invalid port number" => "неверный номер порта",
        "invalid IPv4 address" => "неверный адрес IPv4",
        "invalid IPv6 address" => "неверный адрес IPv6",
        "invalid international domain name" | "invalid domain character" => "недопустимое имя сервера",
        other => other,
    };
    bilingual!("{ru}", "{reason}")
}

/// `text` with `%XX` turned into bytes; a percent sign without two digits stays.
pub(super) fn percent_decoded(text: &str) -> Vec<u8> {
    let bytes = text.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while let Some((first, tail)) = rest.split_first() {
        let digits =
            tail.get(..2).filter(|_| *first == b'%').and_then(|digits| std::str::from_utf8(digits).ok());
        match digits.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            Some(byte) => {
                decoded.push(byte);
                rest = tail.get(2..).unwrap_or_default();
            }
            None => {
                decoded.push(*first);
                rest = tail;
            }
        }
    }
    decoded
}

/// The password of an address as the user wrote it.
pub fn password_of(url: &Url) -> Option<Secret> {
    let decoded = percent_decoded(url.password()?);
    Some(Secret::new(String::from_utf8_lossy(&decoded)))
}

fn bad(text: &str, reason: &crate::error::Bilingual) -> Error {
    let shown = crate::journal::Redactor::default().excerpt(text, 300);
    let (ru, en) = (&reason.ru, &reason.en);
    Error::new(
        Code::Argument,
        bilingual!("Неверный адрес (URL) «{shown}»: {ru}.", "Bad address (URL) “{shown}”: {en}."),
    )
    .with("url", shown)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cyrillic_is_encoded_and_encoded_text_stays() {
        for (text, expected) in [
            (
                "http://пример.рф/каталог",
                "http://xn--e1afmkfd.xn--p1ai/%D0%BA%D0%B0%D1%82%D0%B0%D0%BB%D0%BE%D0%B3",
            ),
            ("https://a.ru/x?q=тест&r=a b", "https://a.ru/x?q=%D1%82%D0%B5%D1%81%D1%82&r=a%20b"),
            ("https://a.ru/%D0%BA?q=%20", "https://a.ru/%D0%BA?q=%20"),
            ("  HTTP://A.RU  ", "http://a.ru/"),
        ] {
            assert_eq!(parse_url(text).unwrap().as_str(), expected);
        }
    }

    #[test]
    fn what_is_not_a_plain_web_address_is_refused() {
        for text in [
            "",
            "a.ru/x",
            "ftp://a.ru",
            "file:///etc/passwd",
            "http://",
            "http://a.ru/\r\nX: 1",
            "http://a b/",
            "localhost:80",
        ] {
            let error = parse_url(text).err();
            assert_eq!(error.map(|error| error.code()), Some(Code::Argument), "{text:?}");
        }
    }

    #[test]
    fn what_is_wrong_is_told_in_both_languages() {
        use crate::error::Language;
        for (text, ru, en) in [
            ("http://", "нет имени сервера", "empty host"),
            ("http://a.ru:99999/", "неверный номер порта", "invalid port number"),
            ("http://[::1/", "неверный адрес IPv6", "invalid IPv6 address"),
            ("http://1.2.3.999/", "неверный адрес IPv4", "invalid IPv4 address"),
            ("http://a b/", "недопустимое имя сервера", "invalid"),
            ("a.ru", "нет схемы", "no scheme"),
        ] {
            let error = parse_url(text).unwrap_err();
            assert!(error.text(Language::Russian).contains(ru), "{error:?}");
            assert!(error.text(Language::English).contains(en), "{error:?}");
        }
    }

    #[test]
    fn an_error_does_not_show_the_password() {
        let error = parse_url("ftp://user:hidden@a.ru").unwrap_err();
        assert!(!format!("{error:?}").contains("hidden"), "{error:?}");
    }
}
