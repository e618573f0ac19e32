//! What the exchange must know of a message: a few fields of its head, read in one pass, whatever its type.
//!
//! Elements are told apart by their local names along the path, never by prefixes. A message that is not XML, ends
//! too early or has no content is an error; an unknown type is not.

use crate::bilingual;
use crate::egais::xml::decode;
use crate::error::{Code, Error, Result};
use crate::store::content_hash;
use quick_xml::XmlVersion;
use quick_xml::events::Event;
use quick_xml::reader::Reader;
use serde::{Deserialize, Serialize};

/// Deeper nesting is not in the schemas (box trees are the deepest, a few dozen levels).
const DEEPEST: usize = 200;

/// What an answer decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// `Accepted`.
    Accepted,
    /// `Rejected`.
    Rejected,
    /// `Differences`; in the first version an acceptance with positions.
    Differences,
}

/// The verdict of one stage of a ticket.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Stage {
    /// True for `Accepted`.
    pub accepted: bool,
    /// `OperationName` of the second stage, empty for the first.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub operation: String,
    /// Date as it was written.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub date: String,
    /// Comment as it was written.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub comment: String,
}

/// A line of the list of unanswered waybills.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Unanswered {
    /// Registration number.
    pub registration: String,
    /// Number.
    pub number: String,
    /// Date.
    pub date: String,
    /// FSRAR_ID of the shipper.
    pub shipper: String,
}

/// Fields of a message; empty texts and `None` where it has none.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Facts {
    /// Name of the element in `Document`, such as `WayBill_v4` or `Ticket`; for a cheque `Cheque`.
    pub element: String,
    /// FSRAR_ID of the owner.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub owner: String,
    /// `Identity`.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub identity: String,
    /// Number, whatever its tag.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub number: String,
    /// Date, whatever its tag.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub date: String,
    /// Registration number it speaks of.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub registration: String,
    /// FSRAR_ID of the shipper.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub shipper: String,
    /// FSRAR_ID of the consignee.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub consignee: String,
    /// `IsAccept` of an act, `IsConfirm` of an answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub verdict: Option<Verdict>,
    /// Of a ticket: `TransportId`.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub transport_id: String,
    /// Of a ticket: type of the document it speaks of.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub doc_type: String,
    /// Of a ticket: its first stage.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first: Option<Stage>,
    /// Of a ticket: its second stage.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub second: Option<Stage>,
    /// Hash of the identities of all positions, in any order: a waybill and its form have the same.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub positions: String,
    /// Of a list of unanswered waybills.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub unanswered: Vec<Unanswered>,
}

/// Separates the parts of a pairing key: cannot stand in XML.
const SEPARATOR: char = '\u{1f}';

impl Facts {
    /// Reads a message.
    ///
    /// # Errors
    /// `value_text` for what is not XML or has no content, with the position.
    pub fn read(bytes: &[u8]) -> Result<Self> {
        let text = decode(bytes).map_err(|_| unreadable("bytes", 0))?;
        let mut reader = Reader::from_str(text.trim_start_matches('\u{feff}').trim_start());
        let mut collector = Collector::default();
        loop {
            let position = reader.buffer_position();
            let event = reader.read_event().map_err(|error| unreadable(&error.to_string(), position))?;
            match event {
                Event::Start(start) => {
                    if collector.depth >= DEEPEST {
                        return Err(unreadable("nesting", position));
                    }
                    collector.begin(start.local_name().as_ref());
                }
                Event::Empty(start) => {
                    collector.begin(start.local_name().as_ref());
                    collector.end();
                }
                Event::End(_) => collector.end(),
                Event::Text(text) => collector.text(&text.xml_content(XmlVersion::Implicit1_0)),
                Event::CData(text) => collector.text(&text.xml_content(XmlVersion::Implicit1_0)),
                Event::GeneralRef(reference) => {
                    let bad = || unreadable(&format!("&{};", &*reference), position);
                    match reference.resolve_char_ref().map_err(|_| bad())? {
                        Some(character) => collector.text(character.encode_utf8(&mut [0; 4])),
                        None => collector
                            .text(quick_xml::escape::resolve_predefined_entity(&reference).ok_or_else(bad)?),
                    }
                }
                Event::DocType(_) => return Err(unreadable("DOCTYPE", position)),
                Event::Eof => break,
                Event::Comment(_) | Event::Decl(_) | Event::PI(_) => {}
            }
        }
        collector.finish().ok_or_else(|| unreadable("Document", reader.buffer_position()))
    }

    /// Number, date and shipper as one text, for tying a waybill to its form; `None` if one of them is missing.
    pub fn pairing(&self) -> Option<String> {
        pairing_key(&self.number, &self.date, &self.shipper)
    }

    /// True if the element is of this family: `WayBillAct` fits `WayBillAct` and `WayBillAct_v4`, not `WayBill`.
    pub fn is(&self, family: &str) -> bool {
        family_of(&self.element).eq_ignore_ascii_case(family)
    }
}

/// Number, date and shipper as one text; `None` if one of them is missing.
pub fn pairing_key(number: &str, date: &str, shipper: &str) -> Option<String> {
    if number.is_empty() || date.is_empty() || shipper.is_empty() {
        return None;
    }
    let day: String = date.chars().take(10).collect();
    Some(format!("{number}{SEPARATOR}{day}{SEPARATOR}{shipper}"))
}

/// The number in a pairing key.
pub fn pairing_number(pairing: &str) -> &str {
    pairing.split(SEPARATOR).next().unwrap_or_default()
}

/// A name of a type without its version: `WayBillAct_v4` → `WayBillAct`.
pub fn family_of(name: &str) -> &str {
    match name.rsplit_once("_v").or_else(|| name.rsplit_once("_V")) {
        Some((family, version))
            if !version.is_empty() && version.bytes().all(|byte| byte.is_ascii_digit()) =>
        {
            family
        }
        _ => name,
    }
}

/// The version at the end of a name of a type, 1 if there is none.
pub fn version_of(name: &str) -> u8 {
    let family = family_of(name);
    name.get(family.len() + 2..).and_then(|version| version.parse().ok()).unwrap_or(1)
}

/// The registration number in a refusal that says the document is there already: «уже зарегистрирована в системе.
/// Регистрационный номер TTN-…»; `None` for any other text.
pub fn registered_already(text: &str) -> Option<&str> {
    if !text.to_lowercase().contains("уже зарегистрирован") {
        return None;
    }
    let start = text.find("TTN-")?;
    let tail = text.get(start..)?;
    let digits = tail.get(4..)?.bytes().take_while(u8::is_ascii_digit).count();
    if digits == 0 { None } else { tail.get(..4 + digits) }
}

fn unreadable(what: &str, position: u64) -> Error {
    let what: String = what.chars().take(200).collect();
    Error::new(
        Code::ValueText,
        bilingual!(
            "Сообщение ЕГАИС не читается: {what} (байт {position}).",
            "The EGAIS message cannot be read: {what} (byte {position})."
        ),
    )
    .with("position", i64::try_from(position).unwrap_or(i64::MAX))
}

/// No field lies deeper.
const DEEPEST_FIELD: usize = 8;

/// Follows the path and picks up the fields.
#[derive(Default)]
struct Collector {
    facts: Facts,
    /// Names of the open elements; those deeper than any field are only counted.
    path: [String; DEEPEST_FIELD],
    depth: usize,
    text: String,
    identities: Vec<String>,
    closed: bool,
    has_positions: bool,
}

/// Names of the open elements, if a field can lie here.
fn names(path: &[String; DEEPEST_FIELD], depth: usize) -> Option<[&str; DEEPEST_FIELD]> {
    let mut names = [""; DEEPEST_FIELD];
    for (name, known) in names.iter_mut().zip(path.get(..depth)?) {
        *name = known;
    }
    Some(names)
}

impl Collector {
    fn begin(&mut self, name: &str) {
        if let Some(place) = self.path.get_mut(self.depth) {
            name.clone_into(place);
        }
        self.depth += 1;
        self.text.clear();
        let Some(names) = names(&self.path, self.depth) else { return };
        match names.get(..self.depth).unwrap_or_default() {
            [root] if *root != "Documents" => name.clone_into(&mut self.facts.element),
            [_, "Document", _] if self.facts.element.is_empty() => name.clone_into(&mut self.facts.element),
            [_, _, _, "ttnlist", "NoAnswer"] => self.facts.unanswered.push(Unanswered::default()),
            [_, _, _, "Content", "Position"] => self.has_positions = true,
            _ => {}
        }
    }

    fn text(&mut self, text: &str) {
        self.text.push_str(text);
    }

    fn end(&mut self) {
        let value = self.text.trim();
        if let Some(names) = names(&self.path, self.depth)
            && !value.is_empty()
        {
            match names.get(..self.depth).unwrap_or_default() {
                [_, "Owner", "FSRAR_ID"] => value.clone_into(&mut self.facts.owner),
                [_, "Document", _, inner @ ..] => field(&mut self.facts, &mut self.identities, inner, value),
                _ => {}
            }
        }
        self.text.clear();
        self.depth = self.depth.saturating_sub(1);
        self.closed |= self.depth == 0;
    }

    fn finish(mut self) -> Option<Facts> {
        if !self.closed || self.facts.element.is_empty() {
            return None;
        }
        if !self.identities.is_empty() {
            self.identities.sort_unstable();
            let mut hash = content_hash(self.identities.join("\n").as_bytes());
            hash.truncate(32);
            self.facts.positions = hash;
        }
        // The first version of an act has no value for differences: there it is an acceptance with positions.
        if self.facts.element == "WayBillAct" && self.facts.verdict != Some(Verdict::Rejected) {
            let differs = self.has_positions;
            self.facts.verdict = Some(if differs { Verdict::Differences } else { Verdict::Accepted });
        }
        Some(self.facts)
    }
}

/// Takes one field; `inner` is its path below the content element.
fn field(facts: &mut Facts, identities: &mut Vec<String>, inner: &[&str], text: &str) {
    let set = |place: &mut String| {
        if place.is_empty() {
            text.clone_into(place);
        }
    };
    match inner {
        ["Identity"] | ["Header", "Identity"] => set(&mut facts.identity),
        ["TransportId"] => set(&mut facts.transport_id),
        ["DocType"] => set(&mut facts.doc_type),
        ["RegID" | "WBRegId" | "ACORegId" | "AWORegId" | "FormRegId"]
        | ["Header", "WBRegId" | "ActRegId"] => set(&mut facts.registration),
        [
            "Header",
            "NUMBER" | "WBNUMBER" | "ACTNUMBER" | "ActNumber" | "Number" | "TransferNumber" | "TicketNumber"
            | "ConfirmNumber",
        ]
        | ["RequestNumber" | "QueryNumber"] => set(&mut facts.number),
        ["Header", "Date" | "WBDate" | "ActDate" | "TransferDate" | "TicketDate" | "ConfirmDate"]
        | ["RequestDate" | "TicketDate" | "ReplyDate" | "RestsDate"] => set(&mut facts.date),
        ["Header", "IsAccept" | "IsConfirm"] => {
            facts.verdict = match text {
                "Accepted" => Some(Verdict::Accepted),
                "Rejected" => Some(Verdict::Rejected),
                "Differences" => Some(Verdict::Differences),
                _ => None,
            };
        }
        ["Header", "Shipper", .., "ClientRegId"] => set(&mut facts.shipper),
        ["Header", "Consignee", .., "ClientRegId"] => set(&mut facts.consignee),
        ["Result", name] => stage(facts.first.get_or_insert_with(Stage::default), name, text),
        ["OperationResult", name] => stage(facts.second.get_or_insert_with(Stage::default), name, text),
        ["Content", "Position", "Identity"] => identities.push(text.to_owned()),
        ["ttnlist", "NoAnswer", name] => {
            if let Some(line) = facts.unanswered.last_mut() {
                let place = match *name {
                    "WbRegID" => &mut line.registration,
                    "ttnNumber" => &mut line.number,
                    "ttnDate" => &mut line.date,
                    "Shipper" => &mut line.shipper,
                    _ => return,
                };
                text.clone_into(place);
            }
        }
        _ => {}
    }
}

fn stage(stage: &mut Stage, name: &str, text: &str) {
    match name {
        "Conclusion" | "OperationResult" => stage.accepted = text == "Accepted",
        "ConclusionDate" | "OperationDate" => text.clone_into(&mut stage.date),
        "Comments" | "OperationComment" => text.clone_into(&mut stage.comment),
        "OperationName" => text.clone_into(&mut stage.operation),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WB: &str = "http://fsrar.ru/WEGAIS/WB_DOC_SINGLE_01";

    fn document(content: &str) -> String {
        format!(
            "<q:Documents xmlns:q=\"{WB}\"><q:Owner><q:FSRAR_ID>3463047</q:FSRAR_ID></q:Owner><q:Document>{content}</q:Document></q:Documents>"
        )
    }

    fn facts(content: &str) -> Facts {
        Facts::read(document(content).as_bytes()).expect("facts")
    }

    #[test]
    fn a_ticket_of_the_second_stage_tells_operation_and_registration() {
        let ticket = facts(
            "<x:Ticket xmlns:x='t'><x:TicketDate>2016-03-17T14:53:04.5833905</x:TicketDate><x:Identity>Л1</x:Identity>
             <x:DocId>2C14</x:DocId><x:TransportId>349a</x:TransportId><x:RegID>TTN-0014396814</x:RegID><x:DocHash/>
             <x:DocType>WAYBILL</x:DocType><x:OperationResult><x:OperationName>Confirm</x:OperationName>
             <x:OperationResult>Accepted</x:OperationResult><x:OperationDate>2016-03-17T14:53:04.41</x:OperationDate>
             <x:OperationComment>Накладная &#8470;Л1 &lt;подтверждена&gt;</x:OperationComment></x:OperationResult></x:Ticket>",
        );
        assert_eq!(ticket.element, "Ticket");
        assert_eq!((ticket.owner.as_str(), ticket.identity.as_str()), ("3463047", "Л1"));
        assert_eq!((ticket.transport_id.as_str(), ticket.registration.as_str()), ("349a", "TTN-0014396814"));
        assert_eq!(ticket.first, None);
        let second = ticket.second.expect("a second stage");
        assert!(second.accepted && second.operation == "Confirm");
        assert_eq!(second.comment, "Накладная №Л1 <подтверждена>");
    }

    #[test]
    fn a_waybill_and_its_form_give_the_same_key() {
        let waybill = facts(
            "<WayBill_v4><Identity>id</Identity><Header><NUMBER>7</NUMBER><Date>2022-06-08</Date><Shipper><UL>
             <ClientRegId>01</ClientRegId></UL></Shipper><Consignee><UL><ClientRegId>03</ClientRegId></UL></Consignee>
             </Header><Content><Position><Identity>2</Identity><Product><Producer><UL><ClientRegId>9</ClientRegId></UL>
             </Producer></Product></Position><Position><Identity>1</Identity></Position></Content></WayBill_v4>",
        );
        let form = facts(
            "<TTNInformF2Reg><Header><Identity>id</Identity><WBRegId>TTN-1</WBRegId><WBNUMBER>7</WBNUMBER>
             <WBDate>2022-06-08</WBDate><Shipper><UL><ClientRegId>01</ClientRegId></UL></Shipper></Header><Content>
             <Position><Identity>1</Identity></Position><Position><Identity>2</Identity></Position></Content></TTNInformF2Reg>",
        );
        assert_eq!(waybill.pairing(), form.pairing());
        assert!(waybill.pairing().is_some());
        assert_eq!(waybill.positions, form.positions);
        assert_eq!((waybill.consignee.as_str(), form.registration.as_str()), ("03", "TTN-1"));
    }

    #[test]
    fn verdicts_of_acts_follow_their_version() {
        let act = |name: &str, verdict: &str, content: &str| {
            facts(&format!(
                "<{name}><Header>{verdict}<WBRegId>TTN-1</WBRegId></Header><Content>{content}</Content></{name}>"
            ))
            .verdict
        };
        let accepted = "<IsAccept>Accepted</IsAccept>";
        let position = "<Position><Identity>1</Identity></Position>";
        assert_eq!(act("WayBillAct", accepted, ""), Some(Verdict::Accepted));
        assert_eq!(act("WayBillAct", accepted, position), Some(Verdict::Differences));
        assert_eq!(act("WayBillAct", "", position), Some(Verdict::Differences));
        assert_eq!(act("WayBillAct", "<IsAccept>Rejected</IsAccept>", ""), Some(Verdict::Rejected));
        assert_eq!(act("WayBillAct_v4", accepted, position), Some(Verdict::Accepted));
        assert_eq!(act("WayBillAct_v2", "<IsAccept>Differences</IsAccept>", ""), Some(Verdict::Differences));
    }

    #[test]
    fn the_list_of_unanswered_waybills_is_read() {
        let list = facts(
            "<ReplyNoAnswerTTN><Consignee>03</Consignee><ttnlist><NoAnswer><WbRegID>TTN-1</WbRegID><ttnNumber>5</ttnNumber>
             <ttnDate>2024-06-01</ttnDate><Shipper>01</Shipper></NoAnswer><NoAnswer><WbRegID>TTN-2</WbRegID></NoAnswer>
             </ttnlist></ReplyNoAnswerTTN>",
        );
        let numbers: Vec<_> = list.unanswered.iter().map(|line| line.registration.as_str()).collect();
        assert_eq!(numbers, ["TTN-1", "TTN-2"]);
        assert_eq!(list.unanswered[0].shipper, "01");
    }

    #[test]
    fn what_is_cut_off_empty_or_not_xml_is_an_error() {
        let whole = document("<Ticket><DocId>1</DocId></Ticket>");
        for end in 0..whole.len() {
            if whole.is_char_boundary(end) {
                let result = Facts::read(whole.as_bytes().get(..end).unwrap_or_default());
                assert!(result.is_err(), "cut at {end}");
            }
        }
        for text in ["", "null", "{}", "<!DOCTYPE a><a/>", &document(""), &"<a>".repeat(100_000)] {
            assert!(Facts::read(text.as_bytes()).is_err());
        }
    }

    #[test]
    fn texts_in_any_encoding_and_form_are_read() {
        let text = document("<Ticket><DocId>1</DocId><Identity>Б</Identity></Ticket>");
        let with_bom = [b"\xEF\xBB\xBF\r\n\t".as_slice(), text.as_bytes()].concat();
        assert_eq!(Facts::read(&with_bom).map(|facts| facts.identity), Ok("Б".to_owned()));
        let declared = format!("<?xml version=\"1.0\" encoding=\"windows-1251\"?>{text}");
        let (bytes, ..) = encoding_rs::WINDOWS_1251.encode(&declared);
        assert_eq!(Facts::read(&bytes).map(|facts| facts.identity), Ok("Б".to_owned()));
        assert_eq!(Facts::read(declared.as_bytes()).map(|facts| facts.identity), Ok("Б".to_owned()));
    }

    #[test]
    fn a_refusal_for_a_number_used_twice_gives_the_first_registration() {
        let text = "Накладная №1 от 03.06.2024 уже зарегистрирована в системе. Регистрационный номер TTN-0014396814.";
        assert_eq!(registered_already(text), Some("TTN-0014396814"));
        assert_eq!(registered_already("Накладная TTN-1 не найдена"), None);
        assert_eq!(registered_already("уже зарегистрирована TTN-"), None);
    }

    #[test]
    fn versions_are_the_ends_of_names() {
        for (name, family, version) in [
            ("WayBillAct_v4", "WayBillAct", 4),
            ("WAYBILLACT_V3", "WAYBILLACT", 3),
            ("WayBill", "WayBill", 1),
            ("Some_value", "Some_value", 1),
        ] {
            assert_eq!((family_of(name), version_of(name)), (family, version), "{name}");
        }
    }
}
