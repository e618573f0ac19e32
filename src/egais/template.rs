//! The smallest valid data of a document type: a skeleton to start from.

use super::model::{Complex, Document, Element, Group, Kind, Order, Particle, Primitive, Value};
use super::value::Pattern;
use serde_json::{Map, Value as Json};

/// Data from which the smallest valid document of the type can be built: only what is required, with values that are
/// valid and meant to be replaced.
pub fn template(document: &'static Document) -> Json {
    let Kind::Complex(complex) = document.element.kind else { return Json::Null };
    object(complex)
}

fn object(complex: &'static Complex) -> Json {
    let mut members = Map::new();
    for attribute in complex.attributes.iter().filter(|attribute| attribute.required) {
        members.insert(attribute.name.to_owned(), example(attribute.value).into());
    }
    group(&complex.group, complex, &mut members);
    Json::Object(members)
}

fn group(group: &'static Group, complex: &'static Complex, members: &mut Map<String, Json>) {
    if group.min == 0 {
        return;
    }
    match group.order {
        // The simplest branch comes first almost everywhere, and is the one meant almost always.
        Order::Choice => group.particles.iter().take(1).for_each(|part| particle(part, complex, members)),
        Order::All | Order::Sequence => {
            group.particles.iter().for_each(|part| particle(part, complex, members))
        }
    }
}

fn particle(part: &'static Particle, complex: &'static Complex, members: &mut Map<String, Json>) {
    match part {
        Particle::Group(nested) => group(nested, complex, members),
        Particle::Element(place) => {
            if let Some(element) = complex.elements.get(usize::from(*place)).filter(|element| element.min > 0)
            {
                let value = value(element);
                let value = if element.list { Json::Array(vec![value]) } else { value };
                members.insert(element.name().to_owned(), value);
            }
        }
    }
}

fn value(element: &'static Element) -> Json {
    match (element.default.or(element.fixed), element.kind) {
        (Some(text), _) => text.into(),
        (None, Kind::Complex(complex)) => object(complex),
        (None, Kind::Value(kind)) => example(kind).into(),
        (None, Kind::Any) => "".into(),
    }
}

/// A valid value of a type.
fn example(kind: &Value) -> String {
    if let Some(value) = kind.enumeration.first() {
        return (*value).to_owned();
    }
    match kind.primitive {
        Primitive::Text => text(kind),
        Primitive::Decimal | Primitive::Integer | Primitive::PositiveInteger => "1".to_owned(),
        Primitive::Boolean => "false".to_owned(),
        Primitive::Date => "2025-01-01".to_owned(),
        Primitive::DateTime => "2025-01-01T00:00:00".to_owned(),
        Primitive::Base64 => String::new(),
    }
}

fn text(kind: &Value) -> String {
    let least = usize::try_from(kind.min_length).unwrap_or(0);
    let digits =
        |lengths: &[u8]| "0".repeat(lengths.iter().copied().map(usize::from).find(|n| *n > 0).unwrap_or(0));
    match kind.patterns.last() {
        None => "?".repeat(least),
        Some(Pattern::Digits(lengths) | Pattern::UnicodeDigits(lengths)) => digits(lengths),
        Some(Pattern::SomeDigits | Pattern::AnyDigits) => "0".repeat(least.max(1)),
        Some(Pattern::Mark | Pattern::MarkOrBeer) => "0".repeat(40),
        Some(Pattern::Beer) => format!("01{}21{}", "0".repeat(14), "0".repeat(7)),
        Some(Pattern::ChequeDatetime) => "0101250000".to_owned(),
        Some(Pattern::ChequePrice) => "0.00".to_owned(),
        Some(Pattern::Brand) => "А".to_owned(),
        Some(Pattern::UtmReceipt) => "00000000-0000-0000-0000-000000000000".to_owned(),
        Some(Pattern::UtmSignature) => "0".repeat(128),
        Some(Pattern::LocalDate) => "2025-01-01".to_owned(),
        Some(Pattern::LocalDatetime) => "2025-01-01T00:00:00".to_owned(),
        Some(
            Pattern::NonEmpty
            | Pattern::Counter
            | Pattern::LatinOrDigits
            | Pattern::CashRegister
            | Pattern::AlcoholCode
            | Pattern::ChequeVolume,
        ) => "1".repeat(least.max(1)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::egais::build::{BuildOptions, build};
    use crate::egais::check::check_xml;
    use crate::egais::model::DOCUMENTS;
    use crate::egais::problem::Severity;
    use crate::error::Result;
    use crate::value::{Input, open};

    #[test]
    fn the_template_of_every_type_builds_a_valid_document() -> Result<()> {
        for document in DOCUMENTS {
            let json = template(document).to_string();
            let mut data = open(Input::text(&json), None)?;
            let text = build(document, &mut data, "000000000000", BuildOptions::default())
                .map_err(|error| error.with("near", json.as_str()))?;
            let problems = check_xml(text.as_bytes());
            assert!(problems.iter().all(|problem| problem.severity == Severity::Warning), "{problems:?}");
        }
        Ok(())
    }
}
