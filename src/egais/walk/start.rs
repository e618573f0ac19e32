//! Elements begin: the root, the document, children expected and unexpected, their attributes.

use super::leaf::Leaf;
use super::unknown::Capture;
use super::{Child, Content, Frame, Misplaced, Sink, Walk, Zone, envelope_choice};
use crate::egais::messages;
use crate::egais::model::{Complex, DOCUMENTS, Document, ENVELOPE, Element, Kind, NAMESPACES};
use crate::egais::path::join;
use crate::egais::value;
use crate::egais::xml::{Attribute, Fault, NO_NAMESPACE, Start};

/// Local name of the root of the envelope.
const DOCUMENTS_ELEMENT: &str = "Documents";

impl<'a, S: Sink> Walk<'a, '_, S> {
    #[cold]
    pub(super) fn start_root(&mut self, start: Start<'a>) -> Result<(), Box<Fault>> {
        let envelope = ENVELOPE.elements.first().map_or(NO_NAMESPACE, |element| element.namespace);
        if start.name == DOCUMENTS_ELEMENT && start.namespace == envelope {
            self.frames.push(frame(None, ENVELOPE, 0));
            self.check_attributes(DOCUMENTS_ELEMENT, ENVELOPE, false);
            return Ok(());
        }
        let roots = DOCUMENTS.iter().filter(|document| document.is_root);
        let found = roots.clone().find(|root| root.name() == start.name && start.namespace == NO_NAMESPACE);
        match found {
            Some(document) => {
                self.start_document(document, 0, start);
                Ok(())
            }
            None => {
                self.found.problems.error(String::new(), "xsd.root", start.name, messages::root(start.name));
                self.capture(start, String::new())
            }
        }
    }

    /// The document itself begins, in the envelope's choice or as the root.
    #[cold]
    fn start_document(&mut self, document: &'static Document, place: u8, start: Start<'a>) {
        self.found.document = Some(document);
        document.name().clone_into(&mut self.found.type_name);
        self.alias = alias(document);
        let owner = Some(self.found.owner.as_str()).filter(|owner| !owner.is_empty() || document.is_root);
        self.sink.begin_document(document.name(), owner);
        self.document_depth = self.frames.len() + 1;
        self.rules.begin_document(document, &self.found.owner);
        match document.alternative.filter(|_| self.is_list_of_documents()) {
            Some(complex) => self.enter_complex(&document.element, complex, place),
            None => self.enter(&document.element, place, start),
        }
    }

    /// A child begins that may stand where it does, or is taken as if it did.
    #[inline]
    pub(super) fn enter(&mut self, element: &'static Element, place: u8, start: Start<'a>) {
        if self.document_depth == 0 && self.is_choice_of_documents() {
            if let Some(document) = envelope_choice().get(usize::from(place)) {
                self.start_document_in_envelope(document, place, start);
            }
            return;
        }
        match element.kind {
            Kind::Value(_) | Kind::Any => self.enter_leaf(element, place, None),
            Kind::Complex(complex) if complex.text.is_some() => {
                self.enter_leaf(element, place, Some(complex))
            }
            Kind::Complex(complex) => self.enter_complex(element, complex, place),
        }
    }

    #[cold]
    fn start_document_in_envelope(&mut self, document: &'static Document, place: u8, start: Start<'a>) {
        // `enter` must see that the choice is behind.
        self.start_document(document, place, start);
    }

    fn is_choice_of_documents(&self) -> bool {
        self.frames.last().is_some_and(|frame| frame.complex.elements.len() == envelope_choice().len())
    }

    #[inline]
    fn enter_leaf(&mut self, element: &'static Element, place: u8, complex: Option<&'static Complex>) {
        let index = self.frames.last().map_or(0, |frame| frame.content.index());
        let mut nil = false;
        if !self.reader.attributes().is_empty() {
            nil = self.leaf_attributes(element, index, complex);
        } else if let Some(complex) = complex {
            self.sink.begin(element);
            self.check_attributes(element.name(), complex, true);
        }
        self.leaf = Some(Leaf { element, place, index, nil, complex, text: "".into() });
    }

    #[cold]
    fn leaf_attributes(
        &mut self,
        element: &'static Element,
        index: u32,
        complex: Option<&'static Complex>,
    ) -> bool {
        if let Some(complex) = complex {
            self.sink.begin(element);
            return self.check_attributes(element.name(), complex, true);
        }
        let attributes = self.reader.attributes().to_vec();
        let path = self.path_to(element, index);
        let type_name = match element.kind {
            Kind::Value(value) => value.name,
            _ => "",
        };
        let mut nil = false;
        for attribute in &attributes {
            // Elements of any type may have any attributes.
            if attribute.is_instance || !matches!(element.kind, Kind::Any) {
                nil |= self.instance_attribute(attribute, element.name(), element.nillable, type_name, &path);
            }
        }
        nil
    }

    #[inline]
    fn enter_complex(&mut self, element: &'static Element, complex: &'static Complex, place: u8) {
        let index = self.frames.last().map_or(0, |frame| frame.content.index());
        let is_document = self.frames.len() + 1 == self.document_depth;
        self.frames.push(frame(Some(element), complex, index));
        let depth = self.frames.len();
        if !self.unique.is_empty() {
            self.unique.begin(place, depth);
        }
        if !element.unique.is_empty() {
            self.unique.open(element.unique, depth);
        }
        if self.zone() == Zone::Document {
            if !is_document {
                self.sink.begin(element);
            }
            self.rules.begin(element, depth - self.document_depth);
        }
        if !complex.attributes.is_empty() || !self.reader.attributes().is_empty() {
            self.check_attributes(element.name(), complex, true);
        }
    }

    /// Attributes of an element with children (or with a value and attributes). Gives whether it is `xsi:nil`.
    #[cold]
    fn check_attributes(&mut self, name: &str, complex: &'static Complex, tell: bool) -> bool {
        let attributes = self.reader.attributes().to_vec();
        let path = self.path();
        let mut nil = false;
        for attribute in &attributes {
            let known = complex.attributes.iter().zip(0_u8..);
            let known = known.filter(|_| !attribute.is_instance && !attribute.is_foreign);
            let Some((description, place)) =
                known.into_iter().find(|(known, _)| known.name == attribute.name)
            else {
                nil |= self.instance_attribute(attribute, name, false, complex.name, &path);
                continue;
            };
            if let Err(fault) = value::check(description.value, &attribute.value) {
                let path = join(&path, description.name);
                let message = messages::value(description.name, &attribute.value, &fault);
                self.found.problems.error(path, fault.rule, &attribute.value, message);
            }
            if tell && self.zone() == Zone::Document {
                self.unique.attribute(
                    place,
                    self.frames.len(),
                    Kind::Value(description.value),
                    &attribute.value,
                );
                self.sink.attribute(description.name, &attribute.value);
            }
        }
        for required in complex.attributes.iter().filter(|known| known.required) {
            let given = |attribute: &Attribute<'_>| {
                !attribute.is_instance && !attribute.is_foreign && attribute.name == required.name
            };
            if !attributes.iter().any(given) {
                let message = messages::missing_attribute(required.name, name);
                self.found.problems.error(join(&path, required.name), "xsd.attribute", "", message);
            }
        }
        nil
    }

    /// `xsi:` attributes, and those that no description knows. Gives whether it says `nil`.
    fn instance_attribute(
        &mut self,
        attribute: &Attribute<'_>,
        element: &str,
        nillable: bool,
        type_name: &str,
        path: &str,
    ) -> bool {
        let text = &*attribute.value;
        match attribute.name {
            "nil" if attribute.is_instance => {
                let said = value::collapse(text);
                let valid = matches!(&*said, "true" | "1" | "false" | "0");
                if !nillable || !valid {
                    self.found.problems.error(path.to_owned(), "xsd.nil", text, messages::nil(element));
                }
                return nillable && matches!(&*said, "true" | "1");
            }
            "schemaLocation" | "noNamespaceSchemaLocation" if attribute.is_instance => {}
            "type" if attribute.is_instance => {
                if !self.names_type(text, type_name) {
                    self.found.problems.error(
                        path.to_owned(),
                        "xsd.type",
                        text,
                        messages::other_type(element),
                    );
                }
            }
            name => {
                let message = messages::unknown_attribute(name, element);
                self.found.problems.error(join(path, name), "xsd.attribute", text, message);
                self.found.unknown.text(join(path, name), text);
            }
        }
        false
    }

    /// Whether the value of `xsi:type` names the type `Tail.Name`.
    fn names_type(&self, text: &str, type_name: &str) -> bool {
        let text = value::collapse(text);
        let (prefix, name) = text.split_once(':').unwrap_or(("", &text));
        let (tail, local) = type_name.rsplit_once('.').unwrap_or(("", type_name));
        let place = self.reader.namespace_of(prefix);
        let uri =
            place.and_then(|place| NAMESPACES.get(usize::from(place))).map_or("", |namespace| namespace.uri);
        !local.is_empty() && name == local && uri.rsplit('/').next() == Some(tail)
    }

    /// A child that may not stand where it does.
    #[cold]
    pub(super) fn start_unexpected(&mut self, child: Child, start: Start<'a>) -> Result<(), Box<Fault>> {
        let Some(frame) = self.frames.last_mut() else { return Ok(()) };
        let complex = frame.complex;
        let element_at = |place: u8| complex.elements.get(usize::from(place));
        match child {
            Child::Misplaced(place, why) => {
                let Some(element) = element_at(place) else { return Ok(()) };
                let taken = why == Misplaced::Skipped || element.list || !frame.content.has(element.field);
                if taken {
                    frame.content.take_misplaced(element.field);
                }
                let skipped = frame.content.take_skipped();
                let index = frame.content.index();
                match why {
                    Misplaced::Skipped => self.report_missing(complex, &skipped),
                    Misplaced::TooMany => {
                        let path = self.path_to(element, index);
                        self.found.problems.error(path, "xsd.maxOccurs", "", messages::too_many(element));
                    }
                    Misplaced::Order => {
                        let path = self.path_to(element, 0);
                        self.found.problems.error(path, "xsd.order", "", messages::order(element, complex));
                    }
                }
                if taken {
                    self.enter(element, place, start);
                    return Ok(());
                }
            }
            Child::OtherNamespace(place) => {
                if let Some(element) = element_at(place) {
                    let uri =
                        NAMESPACES.get(usize::from(element.namespace)).map_or("", |namespace| namespace.uri);
                    let path = self.path_to(element, 0);
                    self.found.problems.error(path, "xsd.namespace", "", messages::namespace(element, uri));
                }
            }
            Child::Unknown | Child::Expected(_) => {
                let path = join(&self.path(), start.name);
                // Guessing a name takes its time, and nobody reads the ten thousandth guess.
                let message = match self.is_choice_of_documents() {
                    _ if self.found.problems.is_full() => messages::text(start.name),
                    true => messages::unknown_document(start.name),
                    false => messages::unknown(start.name, complex),
                };
                self.found.problems.error(path, "xsd.unknown", "", message);
            }
        }
        let path = join(&self.path(), start.name);
        self.capture(start, path)
    }

    /// A child inside an element that has only a value.
    #[cold]
    pub(super) fn start_in_leaf(&mut self, start: Start<'a>) -> Result<(), Box<Fault>> {
        let Some(leaf) = &self.leaf else { return Ok(()) };
        let (element, index) = (leaf.element, leaf.index);
        let path = join(&self.path_to(element, index), start.name);
        self.found.problems.error(
            path.clone(),
            "xsd.unknown",
            "",
            messages::child_of_value(start.name, element.name()),
        );
        self.capture(start, path)
    }

    /// Keeps an element that no description knows, with everything in it.
    fn capture(&mut self, start: Start<'a>, path: String) -> Result<(), Box<Fault>> {
        self.reader.check_name(&start)?;
        let is_document =
            self.document_depth == 0 && self.is_choice_of_documents() && self.found.type_name.is_empty();
        let mut capture = Capture::new(path, is_document, &self.found.unknown);
        capture.start(start, self.reader.attributes());
        self.capture = Some(capture);
        Ok(())
    }

    /// The end of an element inside what is kept, or of the whole of it.
    #[cold]
    pub(super) fn end_captured(&mut self) {
        let Some(capture) = &mut self.capture else { return };
        if !capture.end() {
            return;
        }
        let Some(capture) = self.capture.take() else { return };
        if capture.is_document {
            let name = capture.name().to_owned();
            let owner = Some(self.found.owner.as_str()).filter(|owner| !owner.is_empty());
            self.sink.begin_document(&name, owner);
            self.sink.unknown_content(&capture.content_json());
            self.sink.end_document();
            self.found.type_name = name;
        }
        self.found.unknown.element(capture);
    }
}

fn frame(element: Option<&'static Element>, complex: &'static Complex, index: u32) -> Frame {
    Frame { element, complex, content: Content::default(), index, text_reported: false }
}

/// The namespace that real documents of this type use instead of their own.
fn alias(document: &'static Document) -> Option<(u8, u8)> {
    document.namespaces.iter().find_map(|place| {
        let also = NAMESPACES.get(usize::from(*place))?.also?;
        let from = NAMESPACES.iter().position(|known| known.uri == also)?;
        Some((u8::try_from(from).ok()?, *place))
    })
}
