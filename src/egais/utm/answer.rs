//! The root element `A` of UTM: replies to posts, errors and lists (facts on UTM, 1.2–1.4).

use super::text_of;
use crate::store::ListingKey;
use quick_xml::XmlVersion;
use quick_xml::events::{BytesStart, Event};
use quick_xml::reader::Reader;

/// Deeper nesting is not in the protocol.
const DEEPEST: usize = 16;

/// One `url` element.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ListedUrl {
    /// Its text.
    pub text: String,
    /// `replyId`.
    pub reply_id: String,
    /// `fileId`.
    pub file_id: String,
    /// `timestamp`.
    pub timestamp: String,
}

/// The content of an `A`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Answer {
    /// All `url` elements.
    pub urls: Vec<ListedUrl>,
    /// `sign`, if there is one.
    pub sign: Option<String>,
    /// `error`, if there is one.
    pub error: Option<String>,
}

/// What UTM gives for a document it took.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Receipt {
    /// Ties later answers to this document.
    pub reply_id: String,
    /// The `url` as it came: for a cheque the address that is printed as a QR code.
    pub url: String,
    /// The signature of UTM.
    pub sign: String,
}

impl Answer {
    /// Reads an `A`; `None` if the bytes are anything else, or end too early.
    pub fn read(bytes: &[u8]) -> Option<Self> {
        let text = text_of(bytes);
        let mut reader = Reader::from_str(text.trim_start_matches('\u{feff}').trim_start());
        let mut answer = Self::default();
        let mut path: Vec<String> = Vec::new();
        let mut content = String::new();
        loop {
            match reader.read_event().ok()? {
                Event::Start(start) => {
                    if path.len() >= DEEPEST {
                        return None;
                    }
                    answer.begin(&path, &start)?;
                    path.push(start.local_name().as_ref().to_owned());
                    content.clear();
                }
                Event::Empty(start) => {
                    answer.begin(&path, &start)?;
                    let is_root = path.is_empty();
                    path.push(start.local_name().as_ref().to_owned());
                    answer.end(&path, "");
                    path.pop();
                    if is_root {
                        return Some(answer);
                    }
                }
                Event::Text(text) => content.push_str(&text.xml_content(XmlVersion::Implicit1_0)),
                Event::CData(text) => content.push_str(&text.xml_content(XmlVersion::Implicit1_0)),
                Event::GeneralRef(reference) => match reference.resolve_char_ref().ok()? {
                    Some(character) => content.push(character),
                    None => {
                        let name: &str = &reference;
                        content.push_str(quick_xml::escape::resolve_predefined_entity(name)?);
                    }
                },
                Event::End(_) => {
                    answer.end(&path, content.trim());
                    content.clear();
                    path.pop();
                    if path.is_empty() {
                        return Some(answer);
                    }
                }
                Event::DocType(_) | Event::Eof => return None,
                Event::Comment(_) | Event::Decl(_) | Event::PI(_) => {}
            }
        }
    }

    fn begin(&mut self, path: &[String], start: &BytesStart<'_>) -> Option<()> {
        let name = start.local_name();
        if path.is_empty() && name.as_ref() != "A" {
            return None;
        }
        if path.len() == 1 && name.as_ref() == "url" {
            let mut url = ListedUrl::default();
            for attribute in start.attributes().with_checks(false) {
                let attribute = attribute.ok()?;
                let value = attribute.normalized_value(XmlVersion::Implicit1_0).ok()?.trim().to_owned();
                match attribute.key.as_ref() {
                    "replyId" => url.reply_id = value,
                    "fileId" => url.file_id = value,
                    "timestamp" => url.timestamp = value,
                    _ => {}
                }
            }
            self.urls.push(url);
        }
        Some(())
    }

    fn end(&mut self, path: &[String], content: &str) {
        if let [_, name] = path {
            match name.as_str() {
                "url" => {
                    if let Some(url) = self.urls.last_mut() {
                        content.clone_into(&mut url.text);
                    }
                }
                "sign" => self.sign = Some(content.to_owned()),
                "error" => self.error = Some(content.to_owned()),
                _ => {}
            }
        }
    }

    /// The receipt of a post: the `url` is a bare UUID or an address with `id=UUID`.
    pub fn receipt(&self) -> Option<Receipt> {
        let url = self.urls.iter().map(|url| url.text.as_str()).find(|text| !text.is_empty())?;
        let after = url.split_once("id=").map_or(url, |(_, after)| after);
        let reply_id = after.split('&').next().unwrap_or_default().trim();
        (!reply_id.is_empty()).then(|| Receipt {
            reply_id: reply_id.to_owned(),
            url: url.to_owned(),
            sign: self.sign.clone().unwrap_or_default(),
        })
    }
}

/// A line of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// Where the document is and what ties it to a request.
    pub key: ListingKey,
    /// Type as the path names it.
    pub doc_type: String,
    /// Number on this UTM.
    pub number: u64,
}

impl Listed {
    /// Reads a line. Only the path is believed: host and port are what UTM thinks they are. `None` for a line that
    /// is not `{list}/{type}/{number}`.
    pub fn read(url: &ListedUrl, list: &str) -> Option<Self> {
        let after_scheme = url.text.split_once("://").map_or(url.text.as_str(), |(_, after)| after);
        let path = after_scheme.get(after_scheme.find('/')?..)?;
        let path = path.split(['?', '#']).next().unwrap_or_default();
        // A UTM behind a proxy may show a prefix of its own.
        let start = path.to_ascii_lowercase().find(&format!("{list}/"))?;
        let rest = path.get(start + list.len() + 1..)?;
        let (doc_type, number) = rest.trim_end_matches('/').split_once('/')?;
        let is_name = |text: &str| {
            !text.is_empty()
                && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'))
        };
        if !is_name(doc_type) {
            return None;
        }
        let number = number.parse().ok()?;
        let key = ListingKey {
            path: format!("{list}/{doc_type}/{number}"),
            reply_id: url.reply_id.clone(),
            file_id: url.file_id.clone(),
            timestamp: url.timestamp.clone(),
        };
        Some(Self { key, doc_type: doc_type.to_owned(), number })
    }
}

/// True for errors that pass by themselves; whole sentences differ between versions, fragments do not.
pub fn is_temporary(text: &str) -> bool {
    const FRAGMENTS: &[&str] = &[
        "подпись предыдущего чека",
        "настройки еще не обновлены",
        "настройки ещё не обновлены",
        "keystore is not initialized",
    ];
    let text = text.to_lowercase();
    FRAGMENTS.iter().any(|fragment| text.contains(fragment))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<Answer> {
        Answer::read(text.as_bytes())
    }

    #[test]
    fn a_reply_to_a_post_gives_its_reply_id() {
        let answer = read(
            "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"no\"?>\n<A>\n    <url>4f564b2b-5f36-4ac0-9288-851b70aca12f</url>\n <sign>589560</sign>\n<ver>1</ver></A>",
        );
        let receipt = answer.and_then(|answer| answer.receipt()).unwrap_or_default();
        assert_eq!(receipt.reply_id, "4f564b2b-5f36-4ac0-9288-851b70aca12f");
        assert_eq!(receipt.sign, "589560");
    }

    #[test]
    fn a_reply_to_a_cheque_gives_its_address_too() {
        let url = "http://check.egais.ru?id=4f564b2b-5f36-4ac0-9288-851b70aca12f&amp;dt=0106241200&amp;cn=030000412451";
        let receipt = read(&format!("<A><url>{url}</url><sign>A</sign><ver>2</ver></A>"))
            .and_then(|answer| answer.receipt())
            .unwrap_or_default();
        assert_eq!(receipt.reply_id, "4f564b2b-5f36-4ac0-9288-851b70aca12f");
        assert!(receipt.url.ends_with("&dt=0106241200&cn=030000412451"));
    }

    #[test]
    fn an_error_is_found_and_a_missing_url_is_no_receipt() {
        let answer = read("<A><error>Ошибка поиска модели</error><ver>2</ver></A>").unwrap_or_default();
        assert_eq!(answer.error.as_deref(), Some("Ошибка поиска модели"));
        assert_eq!(answer.receipt(), None);
        assert_eq!(read("<A><ver>2</ver></A>").and_then(|answer| answer.receipt()), None);
        assert_eq!(read("<A/>"), Some(Answer::default()));
    }

    #[test]
    fn what_is_not_an_answer_is_none() {
        for text in [
            "",
            "null",
            "<html><body>500</body></html>",
            "<A><url>x",
            "<!DOCTYPE A><A/>",
            "<B><A/></B>",
            "{}",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn an_error_in_windows_1251_is_read() {
        let (bytes, ..) = encoding_rs::WINDOWS_1251.encode("<A><error>Ошибка</error></A>");
        assert_eq!(Answer::read(&bytes).and_then(|answer| answer.error).as_deref(), Some("Ошибка"));
    }

    #[test]
    fn only_the_path_of_a_line_is_believed() {
        let line =
            |text: &str| Listed::read(&ListedUrl { text: text.into(), ..ListedUrl::default() }, "/opt/out");
        let known =
            line("http://109.226.229.29:4545/opt/out/ReplyRestBCode/26152").map(|listed| listed.key.path);
        assert_eq!(known.as_deref(), Some("/opt/out/ReplyRestBCode/26152"));
        assert_eq!(line("/opt/out/Ticket/4").map(|listed| listed.number), Some(4));
        assert_eq!(
            line("http://$hostname/utm/OPT/OUT/WayBill_v4/7?x=1").map(|listed| listed.key.path).as_deref(),
            Some("/opt/out/WayBill_v4/7")
        );
        for text in [
            "",
            "http://host",
            "http://host/opt/out/Ticket",
            "http://host/opt/out/../secret/1",
            "http://host/opt/out/Ticket/1/2",
            "http://host/opt/in/Ticket/1",
            "4f564b2b-5f36-4ac0-9288-851b70aca12f",
        ] {
            assert_eq!(line(text), None, "{text}");
        }
    }

    #[test]
    fn attributes_of_a_line_are_kept_as_they_are() {
        let answer = read(
            "<A><url fileId=\"010xBB\" replyId=\"f189c6bd\" timestamp=\"2020-01-13T13:31:34.866+0700\">http://h/opt/out/Ticket/1</url><ver>2</ver></A>",
        )
        .unwrap_or_default();
        let listed = answer.urls.first().and_then(|url| Listed::read(url, "/opt/out")).expect("a line");
        assert_eq!(
            (listed.key.file_id.as_str(), listed.key.reply_id.as_str(), listed.key.timestamp.as_str()),
            ("010xBB", "f189c6bd", "2020-01-13T13:31:34.866+0700")
        );
    }
}
