//! Data into a checked document: events of any source into the complete `Documents` envelope, in one pass.
//!
//! Members are written as they come and put into the order of the schema when their object ends, so no tree of the
//! data is kept. Names are the schema's, in any letter case and order; a list may be given as one item.

mod arrange;
mod dates;
mod object;
mod plain;
mod values;

use super::messages;
use super::model::{Complex, Document, ENVELOPE, Element, Kind, NAMESPACES};
use super::path;
use super::problem::{Problem, Problems, Severity};
use super::rules::Rules;
use super::value;
use super::walk::Scopes;
use super::xml::push_escaped;
use crate::bilingual;
use crate::error::{Code, Error, Result};
use crate::value::ReadEvents;
use arrange::Run;
use std::fmt::Write as _;

/// How a document is built.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BuildOptions {
    /// Refuse a document that breaks its schema. Without it only what cannot be written at all is refused.
    pub check: bool,
}

impl Default for BuildOptions {
    fn default() -> Self {
        Self { check: true }
    }
}

/// Finds a document type by name, letter case free.
///
/// # Errors
/// `argument` for an unknown name; the text suggests the nearest.
pub fn document_type(name: &str) -> Result<&'static Document> {
    super::model::find(name.trim()).ok_or_else(|| {
        Error::new(Code::Argument, messages::unknown_document(name.trim())).with("parameter", name.trim())
    })
}

/// Builds a document from data.
///
/// `owner` is the FSRAR_ID of the envelope; documents without an envelope (the old cheque) do not use it.
///
/// # Errors
/// `egais_document` with `path`, `rule` and the number of problems if the data break the schema; the errors of
/// `data` themselves.
pub fn build<R>(
    document: &'static Document,
    data: &mut R,
    owner: &str,
    options: BuildOptions,
) -> Result<String>
where
    R: ReadEvents + ?Sized,
{
    let mut builder = Builder::new(document, Some(owner));
    builder.document(data)?;
    let refused = |problem: &&Problem| {
        problem.severity == Severity::Error && (options.check || problem.rule == CHARACTER)
    };
    if let Some(first) = builder.problems.list().iter().find(refused) {
        return Err(broken_document(document, first, builder.problems.errors()));
    }
    Ok(builder.out)
}

/// Checks data as [`build`] would read them. An empty list means that the document can be built and no rule has
/// anything to say. The owner is checked if it is given.
///
/// # Errors
/// Those of `data`.
pub fn check_data<R>(document: &'static Document, data: &mut R, owner: Option<&str>) -> Result<Vec<Problem>>
where
    R: ReadEvents + ?Sized,
{
    let mut builder = Builder::new(document, owner);
    builder.document(data)?;
    Ok(builder.problems.into_list())
}

/// The rule of characters that XML cannot carry.
const CHARACTER: &str = "xsd.character";

fn broken_document(document: &Document, first: &Problem, errors: usize) -> Error {
    let name = document.name();
    // The path ends with the name that the message about a value begins with.
    let field = first.path.rsplit('.').next().and_then(|step| step.split('[').next()).unwrap_or_default();
    let short = |text: &str| {
        text.strip_prefix(field).and_then(|text| text.strip_prefix(": ")).unwrap_or(text).to_owned()
    };
    let (ru, en) = (short(&first.message.ru), short(&first.message.en));
    let at =
        |word: &str| if first.path.is_empty() { String::new() } else { format!("{word} {}: ", first.path) };
    let (place_ru, place_en) = (at("поле"), at("field"));
    let message = match errors {
        0 | 1 => bilingual!("Документ {name}, {place_ru}{ru}", "Document {name}, {place_en}{en}"),
        _ => bilingual!(
            "Документ {name}, {place_ru}{ru} Всего ошибок: {errors}, все даёт ПроверитьДокумент.",
            "Document {name}, {place_en}{en} Errors in all: {errors}; CheckDocument gives them all."
        ),
    };
    Error::new(Code::EgaisDocument, message)
        .with("document_type", name)
        .with("path", first.path.as_str())
        .with("rule", first.rule)
        .with("problems", errors)
}

/// Writes one document.
struct Builder<'o> {
    document: &'static Document,
    owner: Option<&'o str>,
    out: String,
    frames: Vec<Frame>,
    /// Runs of members of all open objects.
    runs: Vec<Run>,
    problems: Problems,
    unique: Scopes,
    rules: Rules,
}

/// An open object.
#[derive(Debug)]
struct Frame {
    element: &'static Element,
    index: u32,
}

impl<'o> Builder<'o> {
    fn new(document: &'static Document, owner: Option<&'o str>) -> Self {
        Self {
            document,
            owner,
            out: String::new(),
            frames: Vec::new(),
            runs: Vec::new(),
            problems: Problems::default(),
            unique: Scopes::default(),
            rules: Rules::default(),
        }
    }

    fn document<R: ReadEvents + ?Sized>(&mut self, data: &mut R) -> Result<()> {
        let element = &self.document.element;
        let Kind::Complex(complex) = element.kind else { return Ok(()) };
        self.out.push_str("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
        if !self.document.is_root {
            self.open_envelope();
        }
        self.rules.begin_document(self.document, self.owner.unwrap_or_default());
        self.content(data, element, complex)?;
        if !self.document.is_root {
            self.close_envelope();
        }
        Ok(())
    }

    fn open_envelope(&mut self) {
        let [owner, body] = ENVELOPE.elements else { return };
        let prefix_of =
            |place: u8| NAMESPACES.get(usize::from(place)).map_or("", |namespace| namespace.prefix);
        let envelope = prefix_of(owner.namespace);
        let _ = write!(self.out, "<{envelope}:Documents Version=\"1.0\"");
        if self.document.nillable {
            let _ = write!(self.out, " xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\"");
        }
        let places = std::iter::once(owner.namespace).chain(self.document.namespaces.iter().copied());
        let mut declared = Vec::new();
        for place in places.filter(|place| *place != super::xml::NO_NAMESPACE) {
            if let Some(namespace) = NAMESPACES.get(usize::from(place)).filter(|_| !declared.contains(&place))
            {
                declared.push(place);
                let _ = write!(self.out, " xmlns:{}=\"{}\"", namespace.prefix, namespace.uri);
            }
        }
        self.out.push('>');
        let Kind::Complex(Complex { elements: [id, ..], .. }) = owner.kind else { return };
        self.out.push_str(owner.start_tag());
        self.out.push_str(id.start_tag());
        if let Some(text) = self.owner {
            if let Kind::Value(kind) = id.kind
                && let Err(fault) = value::check(kind, text)
            {
                let message = messages::value(id.name(), text, &fault);
                let path = format!("{}.{}", owner.name(), id.name());
                self.problems.error(path, fault.rule, text, message);
            }
            push_escaped(&mut self.out, text);
        }
        self.out.push_str(id.end_tag());
        self.out.push_str(owner.end_tag());
        self.out.push_str(body.start_tag());
    }

    fn close_envelope(&mut self) {
        let [owner, body] = ENVELOPE.elements else { return };
        self.out.push_str(body.end_tag());
        let prefix = NAMESPACES.get(usize::from(owner.namespace)).map_or("", |namespace| namespace.prefix);
        let _ = write!(self.out, "</{prefix}:Documents>");
    }

    /// The path to the innermost open object.
    #[cold]
    fn path(&self) -> String {
        let mut path = String::new();
        for frame in self.frames.iter().skip(1) {
            path::push(&mut path, frame.element, frame.index);
        }
        path
    }

    #[cold]
    fn path_to(&self, element: &Element, index: u32) -> String {
        let mut path = self.path();
        path::push(&mut path, element, index);
        path
    }
}

/// Reads past a value whose first event was `first`.
fn skip<R: ReadEvents + ?Sized>(data: &mut R, first_change: i32) -> Result<()> {
    let mut depth = first_change;
    while depth > 0 {
        match data.next_event()? {
            Some(event) => depth += event.depth_change(),
            None => return Ok(()),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::egais::parse::parse;
    use crate::value::{Input, open};

    fn xml(name: &str, json: &str) -> Result<String> {
        build(
            document_type(name)?,
            &mut open(Input::text(json), None)?,
            "020000000001",
            BuildOptions::default(),
        )
    }

    fn problems(name: &str, json: &str) -> Result<Vec<(String, &'static str)>> {
        let found = check_data(document_type(name)?, &mut open(Input::text(json), None)?, None)?;
        Ok(found.into_iter().map(|problem| (problem.path, problem.rule)).collect())
    }

    #[test]
    fn data_in_any_order_and_letter_case_become_the_document_of_the_schema() -> Result<()> {
        let text = xml(
            "waybillact_v4",
            r#"{"CONTENT":{"position":{"realquantity":"1 000,50","InformF2RegId":"FB-1","identity":1}},
                "Header":{"Note":" all\nright ","ActDate":"31.01.2024","WBREGID":"TTN-1","ACTNUMBER":7,"isAccept":"Differences"}}"#,
        )?;
        assert_eq!(
            text,
            concat!(
                "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n",
                r#"<ns:Documents Version="1.0" xmlns:ns="http://fsrar.ru/WEGAIS/WB_DOC_SINGLE_01" "#,
                r#"xmlns:wa="http://fsrar.ru/WEGAIS/ActTTNSingle_v4" xmlns:ce="http://fsrar.ru/WEGAIS/CommonV3">"#,
                "<ns:Owner><ns:FSRAR_ID>020000000001</ns:FSRAR_ID></ns:Owner><ns:Document><ns:WayBillAct_v4>",
                "<wa:Header><wa:IsAccept>Differences</wa:IsAccept><wa:ACTNUMBER>7</wa:ACTNUMBER>",
                "<wa:ActDate>2024-01-31</wa:ActDate><wa:WBRegId>TTN-1</wa:WBRegId><wa:Note> all\nright </wa:Note></wa:Header>",
                "<wa:Content><wa:Position><wa:Identity>1</wa:Identity><wa:InformF2RegId>FB-1</wa:InformF2RegId>",
                "<wa:RealQuantity>1000.50</wa:RealQuantity></wa:Position></wa:Content>",
                "</ns:WayBillAct_v4></ns:Document></ns:Documents>"
            )
        );
        Ok(())
    }

    #[test]
    fn every_problem_is_found_with_its_path() -> Result<()> {
        let found = problems(
            "WayBillAct_v4",
            r#"{"Header":{"ACTNUMBER":"","ActDate":"вчера","Nota":"x","IsAccept":"Yes"},
                "Content":{"Position":[{"Identity":"1","InformF2RegId":"FB","RealQuantity":"-1"},
                                       {"Identity":"1","InformF2RegId":"FC","RealQuantity":"1","MarkInfo":{"amc":"x","ms":"y"}}]}}"#,
        )?;
        let found: Vec<(&str, &str)> = found.iter().map(|(path, rule)| (path.as_str(), *rule)).collect();
        assert_eq!(
            found,
            [
                ("Header.ACTNUMBER", "xsd.minLength"),
                ("Header.ActDate", "xsd.type"),
                ("Header.Nota", "xsd.unknown"),
                ("Header.IsAccept", "xsd.enumeration"),
                ("Header.WBRegId", "xsd.required"),
                ("Content.Position[0].RealQuantity", "xsd.minInclusive"),
                ("Content.Position[1].MarkInfo.amc[0]", "xsd.pattern"),
                ("Content.Position[1].MarkInfo.ms[0]", "xsd.pattern"),
                ("Content.Position[1].MarkInfo.ms[0]", "xsd.choice"),
                ("Content.Position[1]", "xsd.unique"),
            ]
        );
        Ok(())
    }

    #[test]
    fn broken_data_are_refused_with_the_first_problem_and_their_number() -> Result<()> {
        let error = xml("QueryRests_v2", r#"{"Parametrs":[]}"#).err();
        let Some(error) = error else {
            return Err(Error::new(Code::Internal, bilingual!("построен", "built")));
        };
        assert_eq!(error.code(), Code::EgaisDocument);
        assert!(error.message().ru.contains("Возможно, имелся в виду Parameters"), "{error:?}");
        assert_eq!(error.detail("path"), Some(&"Parametrs".into()));
        Ok(())
    }

    #[test]
    fn the_box_tree_is_an_array_that_begins_with_its_own_number() -> Result<()> {
        let number = |digit: char| digit.to_string().repeat(18);
        let (own, one, two) = (number('1'), number('2'), number('3'));
        let tree = format!(r#"{{"boxnum":["{own}"],"bl":{{"boxnum":["{one}","{two}","{own}"]}}}}"#);
        let found = problems(
            "WayBill_v4",
            &format!(r#"{{"Content":{{"Position":{{"boxInfo":{{"boxtree":{tree}}}}}}}}}"#),
        )?;
        assert!(!found.iter().any(|(path, _)| path.contains("boxtree")), "{found:?}");
        Ok(())
    }

    #[test]
    fn attributes_of_the_old_cheque_are_members() -> Result<()> {
        let text = xml(
            "Cheque",
            r#"{"inn":"7701234567","address":"а \"б\"","name":"в","kassa":"1","shift":1,"number":"2","datetime":"2024-12-31T18:05:00",
                "nopdf":[{"code":"510","price":"81","bname":"п","alc":"4.5","volume":"0,5","count":2}]}"#,
        )?;
        assert_eq!(
            text.split_once('\n').map(|(_, rest)| rest),
            Some(concat!(
                r#"<Cheque inn="7701234567" address="а &quot;б&quot;" name="в" kassa="1" shift="1" number="2" datetime="3112241805">"#,
                r#"<nopdf code="510" price="81.00" bname="п" alc="4.5" volume="0.5" count="2"></nopdf></Cheque>"#
            ))
        );
        let parsed = parse(text.as_bytes())?;
        assert_eq!(parsed.data_tree()["nopdf"][0]["count"], "2");
        assert_eq!(parsed.problems, []);
        Ok(())
    }

    #[test]
    fn children_of_a_repeated_choice_may_be_given_in_their_order() -> Result<()> {
        let json = r#"{"Header":{"Date":"2024-01-31T10:00:00","Kassa":"1","Shift":"1","Number":"1","Type":"Продажа"},
            "Content":[{"Bottle":{"Barcode":"M","EAN":"12345678","Price":"1"}},
                       {"Catering":{"Barcode":"M","Price":"1","Volume":50}},
                       {"Bottle":{"Barcode":"M","EAN":"12345678","Price":"1"}}]}"#
            .replace("\"M\"", &format!("\"{}\"", "1".repeat(40)));
        let document = document_type("ChequeV4")?;
        let text = build(document, &mut open(Input::text(&json), None)?, "1", BuildOptions { check: false })?;
        let order: Vec<usize> = ["<ck:Bottle>", "<ck:Catering>", "<ck:Bottle>"]
            .iter()
            .scan(0, |from, tag| {
                let at = text.get(*from..)?.find(tag)? + *from;
                *from = at + 1;
                Some(at)
            })
            .collect();
        assert_eq!(order.len(), 3, "{text}");
        Ok(())
    }

    #[test]
    fn what_1c_leaves_empty_is_left_out() -> Result<()> {
        let text = xml(
            "TransferToShop",
            r#"{"Identity":"","Header":{"TransferNumber":"1","TransferDate":"2024-01-31"},"Content":{"Position":
                [{"Identity":"1","ProductCode":"0150","Quantity":2,"InformF2":{"F2RegId":"FB-1"}}]}}"#,
        )?;
        assert!(!text.contains("<tts:Identity></tts:Identity>"), "{text}");
        Ok(())
    }
}
