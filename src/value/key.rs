//! Scalars as plain text, where a target knows only text: keys of JSON objects, names of parts.

use crate::value::event::{Event, Reference, ReferenceKind, TypeName};
use crate::value::internal::type_ids;
use std::fmt::Write;

/// The text of a scalar: a number in decimal form, `true` and `false`, an ISO date, a UUID; `None` for what has no
/// such form. `buffer` must be empty.
pub(crate) fn key_text<'b>(event: &Event<'b>, buffer: &'b mut String) -> Option<&'b str> {
    match *event {
        Event::Text(text) | Event::Number(text) => return Some(text),
        Event::Boolean(true) => return Some("true"),
        Event::Boolean(false) => return Some("false"),
        Event::Reference(Reference { kind: ReferenceKind::Enumeration { value, .. }, .. }) => {
            return Some(value);
        }
        Event::Date(date) => date.push_iso(buffer),
        Event::Uuid(uuid) | Event::Reference(Reference { uuid, .. }) => {
            let _ = write!(buffer, "{uuid}");
        }
        Event::Type(name) => return Some(type_text(name, buffer)),
        _ => return None,
    }
    Some(buffer)
}

/// The name of a type: a platform type in Russian, as `Строка(Тип)` gives it; others as the source has them.
pub(crate) fn type_text<'b>(name: TypeName<'b>, buffer: &'b mut String) -> &'b str {
    match name {
        TypeName::Named(name) => name,
        TypeName::Id(id) => match type_ids::type_name(id) {
            Some((russian, _)) => russian,
            None => {
                let _ = write!(buffer, "{id}");
                buffer
            }
        },
    }
}
