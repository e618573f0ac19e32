//! Elements with a value.

use super::{Sink, Walk, Zone};
use crate::egais::messages;
use crate::egais::model::{Complex, Element, Kind};
use crate::egais::value;
use std::borrow::Cow;

/// An open element with a value.
#[derive(Debug)]
pub struct Leaf<'a> {
    pub element: &'static Element,
    /// Its place in its type.
    pub place: u8,
    /// Its place among those of its name.
    pub index: u32,
    /// `xsi:nil="true"`.
    pub nil: bool,
    /// The type, if the value has attributes beside it.
    pub complex: Option<&'static Complex>,
    pub text: Cow<'a, str>,
}

impl<'a> Leaf<'a> {
    #[inline]
    pub fn push(&mut self, piece: Cow<'a, str>) {
        if self.text.is_empty() {
            self.text = piece;
        } else {
            self.text.to_mut().push_str(&piece);
        }
    }
}

impl<S: Sink> Walk<'_, '_, S> {
    #[inline]
    pub(super) fn end_leaf(&mut self, leaf: Leaf<'_>) {
        let element = leaf.element;
        let inside = self.zone() == Zone::Document;
        if leaf.nil {
            self.end_nil(&leaf);
            if inside {
                self.sink.null(element);
            }
            return;
        }
        let text = match element.default.or(element.fixed) {
            Some(default) if leaf.text.is_empty() => default,
            _ => &*leaf.text,
        };
        let kind = match leaf.complex.and_then(|complex| complex.text) {
            Some(value) => Kind::Value(value),
            None => element.kind,
        };
        if let Kind::Value(kind) = kind
            && let Err(fault) = value::check(kind, text)
        {
            let path = self.path_to(element, leaf.index);
            let message = messages::value(element.name(), text, &fault);
            self.found.problems.error(path, fault.rule, text, message);
        }
        if let Some(fixed) = element.fixed.filter(|fixed| *fixed != text) {
            let path = self.path_to(element, leaf.index);
            self.found.problems.error(path, "xsd.fixed", text, messages::fixed(element.name(), fixed));
        }
        if !inside {
            if element.name() == "FSRAR_ID" {
                text.clone_into(&mut self.found.owner);
            }
            return;
        }
        if !self.unique.is_empty()
            && let Some(rule) = self.unique.leaf(leaf.place, self.frames.len() + 1, kind, text)
        {
            let path = self.path();
            self.found.problems.repeated(path, rule);
        }
        let depth = self.frames.len() - self.document_depth;
        if let Some(broken) = self.rules.value(element, text, depth) {
            let path = self.path_to(element, leaf.index);
            self.found.problems.warn(&path, broken);
        }
        if leaf.complex.is_some() {
            self.sink.text(text);
            self.sink.end();
        } else {
            self.sink.value(element, text);
        }
    }

    #[cold]
    fn end_nil(&mut self, leaf: &Leaf<'_>) {
        if !leaf.text.is_empty() {
            let path = self.path_to(leaf.element, leaf.index);
            self.found.problems.error(
                path,
                "xsd.nil",
                &leaf.text,
                messages::nil_with_content(leaf.element.name()),
            );
        }
    }
}
