//! XML documents into JSON: by namespace, never by prefix; what nobody knows is kept and listed.

use super::json::JsonSink;
use super::model::Document;
use super::problem::Problem;
use super::walk::{Found, Unknown, walk};
use super::xml::decode;
use crate::error::Result;
use serde_json::Value as Json;

/// A document that was read.
#[derive(Debug)]
pub struct Parsed {
    /// Its description; `None` for a type that nobody has described yet.
    pub document: Option<&'static Document>,
    /// Name of its element: `WayBill_v4`; empty if the envelope is empty.
    pub type_name: String,
    /// FSRAR_ID of the envelope; empty for documents without one.
    pub owner: String,
    /// Elements, attributes and texts that its description does not know.
    pub unknown: Vec<Unknown>,
    /// What is wrong with it; a document that breaks its schema is read all the same.
    pub problems: Vec<Problem>,
    json: String,
    data: std::ops::Range<usize>,
}

impl Parsed {
    /// The whole result as JSON: `ТипДокумента`, `Владелец`, `Данные`, `НеизвестныеЭлементы`.
    pub fn json(&self) -> &str {
        &self.json
    }

    /// As [`Parsed::json`], without a copy.
    pub fn into_json(self) -> String {
        self.json
    }

    /// `Данные` alone, as JSON: an object whose keys are the schema's element names.
    pub fn data(&self) -> &str {
        self.json.get(self.data.clone()).unwrap_or("{}")
    }

    /// `Данные` as a tree, for code that takes a document apart.
    pub fn data_tree(&self) -> Json {
        serde_json::from_str(self.data()).unwrap_or_default()
    }
}

/// Reads a document, given as the bytes of a file or as the text of a string, and checks it on the way.
///
/// Accepted: byte order marks, leading blanks, a missing or wrong declaration of the encoding, any prefixes, repeated
/// namespace declarations, elements that the description does not know. Values stay as they are written.
///
/// # Errors
/// `value_text` for text that is not XML or has a DTD, `limit` for one that is too large or too deep.
pub fn parse(bytes: &[u8]) -> Result<Parsed> {
    let text = decode(bytes).map_err(|fault| {
        let readable = fault.readable(bytes);
        fault.into_error(readable)
    })?;
    let mut found = Found::default();
    let mut sink = JsonSink::default();
    walk(&text, &mut sink, &mut found).map_err(|fault| fault.into_error(&text))?;
    let unknown = found.unknown.into_list();
    let listed = Json::from(unknown.iter().map(Unknown::to_json).collect::<Vec<_>>()).to_string();
    let (json, data) = sink.finish(&found.owner, &listed);
    Ok(Parsed {
        document: found.document,
        type_name: found.type_name,
        owner: found.owner,
        unknown,
        problems: found.problems.into_list(),
        json,
        data,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const TICKET: &str = r#"<?xml version="1.0"?><a:Documents xmlns:a="http://fsrar.ru/WEGAIS/WB_DOC_SINGLE_01"
        xmlns="http://fsrar.ru/WEGAIS/Ticket"><a:Owner><a:FSRAR_ID>3463047</a:FSRAR_ID></a:Owner><a:Document><a:Ticket>
        <DocId>1 &amp; 2</DocId><New x="7"><i>1</i><i>2</i></New><TransportId><![CDATA[<t>]]></TransportId>
        <Result><Conclusion>Accepted</Conclusion><ConclusionDate>2019-01-01T00:00:00.12345</ConclusionDate>
        <Comments/></Result></a:Ticket></a:Document></a:Documents>"#;

    #[test]
    fn names_are_told_by_namespace_and_unknown_elements_are_kept() -> Result<()> {
        let parsed = parse(TICKET.as_bytes())?;
        assert_eq!(
            parsed.json(),
            concat!(
                r#"{"ТипДокумента":"Ticket","Владелец":"3463047","Данные":{"DocId":"1 & 2","TransportId":"<t>","#,
                r#""Result":{"Conclusion":"Accepted","ConclusionDate":"2019-01-01T00:00:00.12345","Comments":""}},"#,
                r#""НеизвестныеЭлементы":[{"Путь":"New","Значение":{"x":"7","i":["1","2"]}}]}"#
            )
        );
        assert_eq!(parsed.problems.iter().map(|problem| problem.rule).collect::<Vec<_>>(), ["xsd.unknown"]);
        Ok(())
    }

    #[test]
    fn a_type_that_nobody_described_is_read_by_its_own_names() -> Result<()> {
        let text = TICKET.replace("a:Ticket", "a:Ticket_v9");
        let parsed = parse(text.as_bytes())?;
        assert!(parsed.document.is_none());
        assert_eq!(parsed.type_name, "Ticket_v9");
        assert_eq!(parsed.data_tree()["Result"]["Conclusion"], "Accepted");
        Ok(())
    }

    #[test]
    fn elements_of_several_lists_that_are_mixed_become_one_array_each() -> Result<()> {
        let text = r#"<n:Documents xmlns:n="http://fsrar.ru/WEGAIS/WB_DOC_SINGLE_01" xmlns:c="http://fsrar.ru/WEGAIS/ChequeV3">
            <n:Owner><n:FSRAR_ID>1</n:FSRAR_ID></n:Owner><n:Document><n:ChequeV3><c:Content>
            <c:Bottle><c:Price>1</c:Price></c:Bottle><c:Nomark><c:Price>2</c:Price></c:Nomark><c:Bottle><c:Price>3</c:Price></c:Bottle>
            <c:Nomark><c:Price>4</c:Price></c:Nomark></c:Content></n:ChequeV3></n:Document></n:Documents>"#;
        assert_eq!(
            parse(text.as_bytes())?.data(),
            r#"{"Content":{"Bottle":[{"Price":"1"},{"Price":"3"}],"Nomark":[{"Price":"2"},{"Price":"4"}]}}"#
        );
        Ok(())
    }

    #[test]
    fn text_that_is_not_xml_is_an_error_with_a_place() {
        for text in [
            "",
            "просто текст",
            "<a>",
            "<a></b>",
            "<!DOCTYPE a><a/>",
            "<a/><b/>",
            "<a>&nbsp;</a>",
            "<a b='1' b='2'/>",
            "<x:a/>",
        ] {
            let error = parse(text.as_bytes()).err();
            assert_eq!(error.map(|error| error.code()), Some(crate::error::Code::ValueText), "{text}");
        }
    }

    #[test]
    fn a_document_nested_too_deep_is_refused() {
        let text = format!("{}{}", "<a>".repeat(10_000), "</a>".repeat(10_000));
        assert_eq!(parse(text.as_bytes()).err().map(|error| error.code()), Some(crate::error::Code::Limit));
    }
}
