//! The way through an XML document: the descriptions say what each element is, the sink takes what they recognise.
//!
//! One pass serves checking and parsing. The walk never stops at a problem with the schema; it notes it and goes on
//! with the next element. It stops only where the text is not XML.

mod content;
mod leaf;
mod start;
mod unique;
mod unknown;

pub use content::{Child, Content, Misplaced};
pub use messages::{
    empty_document, missing, missing_attribute, order, too_many, unknown, unknown_document, value,
};
pub use unique::Scopes;
pub use unknown::{Kept, Unknown};

use super::messages;
use super::model::{Complex, DOCUMENTS, Document, Element};
use super::path;
use super::problem::Problems;
use super::rules::Rules;
use super::xml::{Fault, Reader, Start, Token};
use leaf::Leaf;
use std::borrow::Cow;
use unknown::Capture;

/// What a walk recognises in the content of a document, in the order of the text. Elements outside the document (the
/// envelope) are not told.
pub trait Sink {
    /// The document begins; `owner` is the FSRAR_ID of the envelope if it has come already.
    fn begin_document(&mut self, name: &str, owner: Option<&str>);
    /// The document is complete.
    fn end_document(&mut self);
    /// An element with children or attributes begins.
    fn begin(&mut self, element: &'static Element);
    /// It ends.
    fn end(&mut self);
    /// A plain value.
    fn value(&mut self, element: &'static Element, text: &str);
    /// A value that is `xsi:nil`.
    fn null(&mut self, element: &'static Element);
    /// An attribute of the element that began last.
    fn attribute(&mut self, name: &'static str, text: &str);
    /// The value of the element that began last, beside its attributes.
    fn text(&mut self, text: &str);
    /// The document is of a type without description: its content as JSON.
    fn unknown_content(&mut self, json: &str);
}

/// Takes nothing: for checks.
pub struct Nothing;

impl Sink for Nothing {
    fn begin_document(&mut self, _: &str, _: Option<&str>) {}
    fn end_document(&mut self) {}
    fn begin(&mut self, _: &'static Element) {}
    fn end(&mut self) {}
    fn value(&mut self, _: &'static Element, _: &str) {}
    fn null(&mut self, _: &'static Element) {}
    fn attribute(&mut self, _: &'static str, _: &str) {}
    fn text(&mut self, _: &str) {}
    fn unknown_content(&mut self, _: &str) {}
}

/// What a walk has found beside what it told the sink.
#[derive(Debug, Default)]
pub struct Found {
    /// Description of the document; `None` if its type is not known or there is none.
    pub document: Option<&'static Document>,
    /// Name of the document's element; empty if there is none.
    pub type_name: String,
    /// FSRAR_ID of the envelope; empty without one.
    pub owner: String,
    /// Elements and texts that no description knows.
    pub unknown: Kept,
    /// What breaks the schema or a rule.
    pub problems: Problems,
}

/// Walks through `text`.
///
/// # Errors
/// The text is not XML. What was found before is in `found` all the same.
pub fn walk<S: Sink>(text: &str, sink: &mut S, found: &mut Found) -> Result<(), Box<Fault>> {
    let mut walk = Walk {
        reader: Reader::new(text),
        text,
        sink,
        found,
        frames: Vec::new(),
        leaf: None,
        capture: None,
        unique: Scopes::default(),
        rules: Rules::default(),
        alias: None,
        document_depth: 0,
    };
    loop {
        match walk.reader.next_token()? {
            Token::Start(start) => walk.start(start)?,
            Token::End => walk.end(),
            Token::Text(piece) => walk.text(piece),
            Token::Eof => return Ok(()),
        }
    }
}

struct Walk<'a, 'o, S> {
    reader: Reader<'a>,
    sink: &'o mut S,
    found: &'o mut Found,
    /// Open elements with children.
    frames: Vec<Frame>,
    /// The open element with a value, if it is the innermost.
    leaf: Option<Leaf<'a>>,
    /// An element that no description knows, while it is open.
    capture: Option<Capture<'a>>,
    unique: Scopes,
    rules: Rules,
    /// A namespace that stands for another inside this document.
    alias: Option<(u8, u8)>,
    /// How many elements are open around the content of the document; 0 outside it.
    document_depth: usize,
    text: &'a str,
}

/// An open element with children.
#[derive(Debug)]
struct Frame {
    /// `None` for the root of the envelope.
    element: Option<&'static Element>,
    complex: &'static Complex,
    content: Content,
    /// Its place among those of its name.
    index: u32,
    /// Text between its children was already reported.
    text_reported: bool,
}

/// Which of the envelope's elements a frame is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Zone {
    /// Between the root and the document.
    Envelope,
    /// The document and everything in it.
    Document,
}

impl<'a, S: Sink> Walk<'a, '_, S> {
    /// The text speaks of `/opt/…`: an `A` in it is a list of documents, not the answer to a POST.
    fn is_list_of_documents(&self) -> bool {
        memchr::memmem::find(self.text.as_bytes(), b"/opt/").is_some()
    }

    fn zone(&self) -> Zone {
        if self.document_depth > 0 { Zone::Document } else { Zone::Envelope }
    }

    fn start(&mut self, start: Start<'a>) -> Result<(), Box<Fault>> {
        if let Some(capture) = &mut self.capture {
            capture.start(start, self.reader.attributes());
            return self.reader.check_name(&start);
        }
        if self.leaf.is_some() {
            return self.start_in_leaf(start);
        }
        match self.frames.last_mut() {
            None => self.start_root(start),
            Some(frame) => {
                let namespace = match self.alias {
                    Some((from, to)) if from == start.namespace => to,
                    _ => start.namespace,
                };
                let complex = frame.complex;
                match frame.content.step(complex, start.name, namespace) {
                    Child::Expected(place) => match complex.elements.get(usize::from(place)) {
                        Some(element) => {
                            self.enter(element, place, start);
                            Ok(())
                        }
                        None => Ok(()),
                    },
                    child => self.start_unexpected(child, start),
                }
            }
        }
    }

    fn end(&mut self) {
        if self.capture.is_some() {
            self.end_captured();
        } else if let Some(leaf) = self.leaf.take() {
            self.end_leaf(leaf);
        } else {
            self.end_frame();
        }
    }

    fn end_frame(&mut self) {
        let depth = self.frames.len();
        if !self.unique.is_empty()
            && let Some(rule) = self.unique.end(depth)
        {
            let path = self.path();
            self.found.problems.repeated(path, rule);
        }
        let Some(frame) = self.frames.last() else { return };
        if !frame.content.may_end(frame.complex) {
            self.report_missing_at_end();
        }
        if self.zone() == Zone::Document {
            for broken in self.rules.end(depth - self.document_depth) {
                let path = self.path();
                self.found.problems.warn(&path, broken);
            }
        }
        self.frames.pop();
        if self.zone() == Zone::Document {
            if depth == self.document_depth {
                self.document_depth = 0;
                self.alias = None;
                self.sink.end_document();
            } else {
                self.sink.end();
            }
        }
    }

    fn text(&mut self, piece: Cow<'a, str>) {
        if let Some(capture) = &mut self.capture {
            capture.text(piece);
        } else if let Some(leaf) = &mut self.leaf {
            leaf.push(piece);
        } else if !piece.bytes().all(|byte| matches!(byte, b' ' | b'\t' | b'\r' | b'\n'))
            || self.is_in_empty()
        {
            self.stray_text(&piece);
        }
    }

    /// Where a type has neither children nor text, XSD does not even allow blanks.
    fn is_in_empty(&self) -> bool {
        self.frames.last().is_some_and(|frame| frame.complex.elements.is_empty())
    }

    #[cold]
    fn stray_text(&mut self, piece: &str) {
        let path = self.path();
        let value = piece.trim();
        if let Some(frame) = self.frames.last_mut() {
            let name = frame.element.map_or("Documents", Element::name);
            if !std::mem::replace(&mut frame.text_reported, true) {
                self.found.problems.error(path.clone(), "xsd.text", value, messages::text(name));
            }
        }
        if !value.is_empty() {
            self.found.unknown.text(path, value);
        }
    }

    /// The path to the innermost open element that has children.
    #[cold]
    fn path(&self) -> String {
        let from = if self.document_depth > 0 { self.document_depth } else { 1 };
        let mut path = String::new();
        for frame in self.frames.iter().skip(from) {
            if let Some(element) = frame.element {
                path::push(&mut path, element, frame.index);
            }
        }
        path
    }

    /// The path to a child of the innermost open element.
    #[cold]
    fn path_to(&self, element: &Element, index: u32) -> String {
        let mut path = self.path();
        path::push(&mut path, element, index);
        path
    }

    #[cold]
    fn report_missing_at_end(&mut self) {
        let Some(frame) = self.frames.last() else { return };
        let complex = frame.complex;
        let is_envelope_choice =
            self.zone() == Zone::Envelope && complex.elements.len() == envelope_choice().len();
        if is_envelope_choice {
            let path = self.path();
            if self.found.type_name.is_empty() {
                self.found.problems.error(path, "rule.empty_document", "", messages::empty_document());
            }
            return;
        }
        let missing = frame.content.missing_at_end(complex);
        self.report_missing(complex, &missing);
    }

    /// Elements that must all come are reported one by one; of a choice, only the first is meant.
    fn report_missing(&mut self, complex: &'static Complex, missing: &[u8]) {
        for place in missing {
            if let Some(element) = complex.elements.get(usize::from(*place)) {
                let path = self.path_to(element, 0);
                let message = messages::missing(complex, std::slice::from_ref(place));
                self.found.problems.error(path, "xsd.required", "", message);
            }
        }
    }
}

/// Documents that travel in the envelope, in the order of its choice.
fn envelope_choice() -> &'static [Document] {
    let end = DOCUMENTS.iter().position(|document| document.is_root).unwrap_or(DOCUMENTS.len());
    DOCUMENTS.get(..end).unwrap_or_default()
}
