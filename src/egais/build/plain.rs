//! Plain values of the data: checked and written.

use super::object::{Member, Object};
use super::values::{Given, given, is_ready};
use super::{Builder, CHARACTER};
use crate::bilingual;
use crate::egais::messages;
use crate::egais::model::{Element, Kind, Value};
use crate::egais::path;
use crate::egais::value;
use crate::egais::xml::{forbidden, push_escaped, push_escaped_attribute};
use crate::value::Event;

impl Builder<'_> {
    /// A member whose value is plain.
    #[inline]
    pub(super) fn plain_member(&mut self, object: &mut Object, member: Member, event: &Event<'_>) {
        match member {
            Member::Element(element) => self.plain(object, element, event, false),
            Member::Attribute(..) | Member::Text => self.attribute_or_text(object, member, event),
            Member::Unknown => {}
        }
    }

    /// An item of a list that is plain.
    pub(super) fn plain_item(&mut self, object: &mut Object, element: &'static Element, event: &Event<'_>) {
        self.plain(object, element, event, true);
    }

    #[inline]
    fn plain(&mut self, object: &mut Object, element: &'static Element, event: &Event<'_>, is_item: bool) {
        let kind = match element.kind {
            Kind::Value(kind) => Some(kind),
            Kind::Any => None,
            Kind::Complex(_) => return self.plain_for_complex(object, element, event),
        };
        if let (Some(kind), Event::Text(text) | Event::Number(text)) = (kind, event)
            && is_ready(kind, text)
        {
            if let Some((start, index)) = self.begin_item(object, element) {
                self.ready_leaf(element, text, index);
                self.end_item(object, element, start);
            }
            return;
        }
        self.given_leaf(object, element, kind, event, is_item);
    }

    /// A value that has to be brought into form, or that breaks something.
    fn given_leaf(
        &mut self,
        object: &mut Object,
        element: &'static Element,
        kind: Option<&'static Value>,
        event: &Event<'_>,
        is_item: bool,
    ) {
        match given(kind, event) {
            Given::Text(text) => {
                let optional = element.min == 0 && !is_item && element.default.is_none();
                if text.is_empty() && optional && kind.is_some_and(|kind| value::check(kind, &text).is_err())
                {
                    // An empty text says the same as no member at all where it cannot be the value.
                    return;
                }
                if let Some((start, index)) = self.begin_item(object, element) {
                    self.leaf(element, kind, &text, index);
                    self.end_item(object, element, start);
                }
            }
            Given::Nothing if element.nillable => {
                if let Some((start, _)) = self.begin_item(object, element) {
                    self.out.push_str(element.start_tag().trim_end_matches('>'));
                    self.out.push_str(" xsi:nil=\"true\"/>");
                    self.end_item(object, element, start);
                }
            }
            Given::Nothing => {}
            Given::NotPlain => {
                let path = self.path_to(element, 0);
                self.not_plain(path, element.name());
            }
        }
    }

    /// An element with children for which a plain value was given.
    #[cold]
    fn plain_for_complex(&mut self, object: &mut Object, element: &'static Element, event: &Event<'_>) {
        let Kind::Complex(complex) = element.kind else { return };
        match given(None, event) {
            Given::Nothing => {}
            // An empty text for an object that may be left out, or whose members may all be missing.
            Given::Text(text) if text.is_empty() && element.min == 0 => {}
            Given::Text(text) if text.is_empty() || complex.text.is_some() => {
                if let Some((start, index)) = self.begin_item(object, element) {
                    let mut inner = self.open_object(element, complex, element.field, index);
                    if complex.text.is_some() {
                        self.attribute_or_text(&mut inner, Member::Text, event);
                    }
                    self.close_object(inner);
                    self.end_item(object, element, start);
                }
            }
            Given::Text(_) | Given::NotPlain => {
                let path = self.path_to(element, 0);
                let name = element.name();
                let message = bilingual!(
                    "{name} — структура, а передано простое значение.",
                    "{name} is a structure, but a plain value was given."
                );
                self.problems.error(path, "xsd.type", "", message);
            }
        }
    }

    /// Writes an element with its value.
    #[inline]
    fn leaf(&mut self, element: &'static Element, kind: Option<&'static Value>, text: &str, index: u32) {
        let effective = match element.default.or(element.fixed) {
            Some(default) if text.is_empty() => default,
            _ => text,
        };
        if let Some(kind) = kind
            && let Err(fault) = value::check(kind, effective)
        {
            let path = self.path_to(element, index);
            let message = messages::value(element.name(), text, &fault);
            self.problems.error(path, fault.rule, text, message);
        }
        if let Some(fixed) = element.fixed.filter(|fixed| *fixed != effective) {
            let path = self.path_to(element, index);
            self.problems.error(path, "xsd.fixed", text, messages::fixed(element.name(), fixed));
        }
        self.check_characters(element.name(), text);
        self.out.reserve(element.tags.len() + text.len());
        self.out.push_str(element.start_tag());
        push_escaped(&mut self.out, text);
        self.out.push_str(element.end_tag());
        self.note_value(element, effective, index);
    }

    /// Writes an element whose value is valid as it stands.
    #[inline]
    fn ready_leaf(&mut self, element: &'static Element, text: &str, index: u32) {
        if let Some(fixed) = element.fixed.filter(|fixed| *fixed != text) {
            let path = self.path_to(element, index);
            self.problems.error(path, "xsd.fixed", text, messages::fixed(element.name(), fixed));
        }
        self.out.reserve(element.tags.len() + text.len());
        self.out.push_str(element.start_tag());
        self.out.push_str(text);
        self.out.push_str(element.end_tag());
        self.note_value(element, text, index);
    }

    /// Tells the rules that look at several values.
    #[inline]
    fn note_value(&mut self, element: &'static Element, text: &str, index: u32) {
        let depth = self.frames.len();
        if !self.unique.is_empty()
            && let Some(rule) = self.unique.leaf(element.field, depth + 1, element.kind, text)
        {
            let path = self.path();
            self.problems.repeated(path, rule);
        }
        if let Some(broken) = self.rules.value(element, text, depth - 1) {
            let path = self.path_to(element, index);
            self.problems.warn(&path, broken);
        }
    }

    #[inline]
    fn check_characters(&mut self, name: &str, text: &str) {
        if let Some((_, sign)) = forbidden(text) {
            let code = u32::from(sign);
            let path = path::join(&self.path(), name);
            let message = bilingual!(
                "{name}: знак с кодом U+{code:04X} нельзя передать в XML.",
                "{name}: the character U+{code:04X} cannot be written in XML."
            );
            self.problems.error(path, CHARACTER, text, message);
        }
    }

    #[cold]
    fn attribute_or_text(&mut self, object: &mut Object, member: Member, event: &Event<'_>) {
        let (kind, name) = match member {
            Member::Attribute(attribute, _) => (Some(attribute.value), attribute.name),
            _ => (object.complex.text, object.element.name()),
        };
        let text = match given(kind, event) {
            Given::Text(text) => text,
            Given::Nothing => return,
            Given::NotPlain => {
                let path = path::join(&self.path(), name);
                return self.not_plain(path, name);
            }
        };
        let optional = matches!(member, Member::Attribute(attribute, _) if !attribute.required);
        let fault = kind.and_then(|kind| value::check(kind, &text).err());
        if text.is_empty() && optional && fault.is_some() {
            return;
        }
        if let Some(fault) = fault {
            let path = path::join(&self.path(), name);
            let message = messages::value(name, &text, &fault);
            self.problems.error(path, fault.rule, &text, message);
        }
        self.check_characters(name, &text);
        let Member::Attribute(attribute, place) = member else {
            return push_escaped(&mut self.out, &text);
        };
        let bit = 1_u32 << u32::from(place).min(31);
        if object.seen_attributes & bit != 0 {
            let path = path::join(&self.path(), name);
            let message = bilingual!("Атрибут {name} повторяется.", "The attribute {name} is repeated.");
            return self.problems.error(path, "xsd.maxOccurs", &text, message);
        }
        object.seen_attributes |= bit;
        let depth = self.frames.len();
        self.unique.attribute(place, depth, Kind::Value(attribute.value), &text);
        object.attributes.push(' ');
        object.attributes.push_str(name);
        object.attributes.push_str("=\"");
        push_escaped_attribute(&mut object.attributes, &text);
        object.attributes.push('"');
    }
}
