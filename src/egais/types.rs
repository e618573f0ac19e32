//! The document types as a catalogue: which there are, which way they travel, what UTM calls them.

use super::model::{DOCUMENTS, Direction, Document};
use crate::bilingual;
use crate::error::{Code, Error, Language, Result};
use serde_json::{Value as Json, json};
use uuid::Uuid;

impl Direction {
    /// The stable name that stands in JSON: `out`, `in`, `both`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Out => "out",
            Self::In => "in",
            Self::Both => "both",
        }
    }

    /// Reads a direction as a caller writes it; the empty text means any (`None`).
    ///
    /// # Errors
    /// `argument` for anything but `Исходящие`/`Out` and `Входящие`/`In`.
    pub fn read(text: &str) -> Result<Option<Self>> {
        match text.trim().to_lowercase().as_str() {
            "" => Ok(None),
            "исходящие" | "исходящий" | "out" | "outgoing" => Ok(Some(Self::Out)),
            "входящие" | "входящий" | "in" | "incoming" => Ok(Some(Self::In)),
            _ => Err(Error::new(
                Code::Argument,
                bilingual!(
                    "Направление «{text}» не известно: укажите Исходящие, Входящие или пустую строку.",
                    "The direction '{text}' is not known: give Out, In or an empty string."
                ),
            )),
        }
    }

    /// Whether documents of this direction travel in the direction `wanted`.
    pub fn is(self, wanted: Self) -> bool {
        self == wanted || self == Self::Both || wanted == Self::Both
    }
}

impl Document {
    /// What UTM calls the document in its URLs: the name to post to, `WayBillTicket` for `ConfirmTicket`. Cheques are
    /// posted to `/xml`: theirs are `xml`, `xml?type=ChequeV3`, `xml?type=ChequeV4`.
    pub fn url_name(&self) -> &'static str {
        self.urls.first().copied().unwrap_or_else(|| self.name())
    }

    /// Path and query to post the document to: `/opt/in/WayBill_v4`, `/xml?type=ChequeV4`.
    pub fn post_path(&self) -> String {
        match self.url_name() {
            name if name.starts_with("xml") => format!("/{name}"),
            name => format!("/opt/in/{name}"),
        }
    }

    /// One line about the document.
    pub fn title(&self, language: Language) -> &'static str {
        match language {
            Language::Russian => self.ru,
            Language::English => self.en,
        }
    }
}

/// Document types that UTM's URLs call `name`; letter case is free. `INVENTORYREGINFO` stands for two of them.
pub fn by_url_name(name: &str) -> impl Iterator<Item = &'static Document> {
    DOCUMENTS.iter().filter(move |document| document.urls.iter().any(|url| url.eq_ignore_ascii_case(name)))
}

/// All types of a direction (`None`: all) as a JSON array of objects: `type`, `title`, `direction`, `url`, `answers`,
/// `family`.
pub fn types(direction: Option<Direction>, language: Language) -> Json {
    let wanted = |document: &&Document| direction.is_none_or(|direction| document.direction.is(direction));
    DOCUMENTS.iter().filter(wanted).map(|document| summary(document, language)).collect()
}

/// What a catalogue says of one type.
pub(super) fn summary(document: &Document, language: Language) -> Json {
    json!({
        "type": document.name(),
        "title": document.title(language),
        "direction": document.direction.as_str(),
        "url": document.url_name(),
        "answers": document.answers,
        "family": document.family,
    })
}

/// A new identity of a document: a random UUID, by which its tickets are recognised later.
pub fn new_identity() -> String {
    Uuid::new_v4().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::egais::model::find;

    fn url(name: &str) -> Option<&'static str> {
        find(name).map(Document::url_name)
    }

    #[test]
    fn urls_follow_utm_where_it_differs_from_the_element() {
        for (name, expected) in [
            ("ConfirmTicket", "WayBillTicket"),
            ("QueryClients", "QueryPartner"),
            ("QueryFormBHistory", "QueryHistoryFormB"),
            ("TTNInformF2Reg", "FORM2REGINFO"),
            ("ReplyNoAnswerTTN", "ReplyNATTN"),
            ("WayBill_v4", "WayBill_v4"),
            ("ChequeV4", "xml?type=ChequeV4"),
        ] {
            assert_eq!(url(name), Some(expected));
        }
        assert_eq!(find("ChequeV3").map(Document::post_path).as_deref(), Some("/xml?type=ChequeV3"));
        assert_eq!(find("Cheque").map(Document::post_path).as_deref(), Some("/xml"));
    }

    #[test]
    fn a_url_may_stand_for_several_types() {
        let names = |url: &str| by_url_name(url).map(Document::name).collect::<Vec<_>>();
        assert_eq!(names("inventoryreginfo"), ["ActInventoryInformBReg", "ActInventoryInformF2Reg"]);
        assert_eq!(names("CryptoTicket"), ["Ticket"]);
        assert_eq!(names("waybill_V4"), ["WayBill_v4"]);
        assert_eq!(names("NotifyRest"), Vec::<&str>::new());
    }

    #[test]
    fn directions_divide_the_catalogue() -> Result<()> {
        let count = |text: &str| {
            Result::Ok(types(Direction::read(text)?, Language::Russian).as_array().map_or(0, Vec::len))
        };
        let both = DOCUMENTS.iter().filter(|document| document.direction == Direction::Both).count();
        assert_eq!(count("")?, 153);
        assert_eq!(count("Исходящие")? + count("in")?, 153 + both);
        assert!(count("вбок").is_err());
        Ok(())
    }
}
