//! A document type told as JSON, so that a form can be drawn from it.

use super::model::{
    Attribute, Bound, Complex, Document, Element, Group, Kind, Particle, Primitive, UNBOUNDED, Value,
};
use super::types::summary;
use crate::error::Language;
use serde_json::{Map, Value as Json, json};

/// The description: what [`super::types::types`] says of the type, and `fields`.
///
/// A field: `name`, `type` (`text`, `decimal`, `integer`, `boolean`, `date`, `datetime`, `base64`, `structure`, `any`),
/// `required`, `list`, `hint` and, where they apply, `nillable`, `attribute`, `default`, `fixed`, `choice` (fields of one
/// object with the same number exclude one another), `limits`, `unique`, `fields`. A structure inside itself (boxes in
/// boxes) has `recursive` instead of `fields`.
pub fn describe(document: &'static Document, language: Language) -> Json {
    let mut description = summary(document, language);
    let Kind::Complex(complex) = document.element.kind else { return description };
    let mut describer = Describer { language, open: Vec::new() };
    let fields = describer.fields(complex);
    if let Some(object) = description.as_object_mut() {
        object.insert("fields".to_owned(), fields);
        put_unique(object, &document.element);
    }
    description
}

struct Describer {
    language: Language,
    /// Types around the one that is told.
    open: Vec<*const Complex>,
}

impl Describer {
    fn fields(&mut self, complex: &'static Complex) -> Json {
        self.open.push(std::ptr::from_ref(complex));
        let mut fields: Vec<Json> =
            complex.attributes.iter().map(|attribute| self.attribute(attribute)).collect();
        if let Some(kind) = complex.text {
            fields.push(self.text(kind));
        }
        let mut choices = 0;
        self.group(&complex.group, complex, None, &mut choices, &mut fields);
        self.open.pop();
        fields.into()
    }

    fn group(
        &mut self,
        group: &'static Group,
        complex: &'static Complex,
        choice: Option<u32>,
        choices: &mut u32,
        fields: &mut Vec<Json>,
    ) {
        let choice = match group.order {
            // What may be repeated as a whole does not exclude anything.
            super::model::Order::Choice if group.max == 1 => {
                *choices += 1;
                Some(*choices)
            }
            _ => choice,
        };
        for particle in group.particles {
            match particle {
                Particle::Group(nested) => self.group(nested, complex, choice, choices, fields),
                Particle::Element(place) => {
                    let element = complex.elements.get(usize::from(*place));
                    // A name that stands twice is one field: a list.
                    if let Some(element) = element.filter(|element| element.field == *place) {
                        let required = group.min > 0 && element.min > 0;
                        let field = self.element(element, required, choice);
                        fields.push(field);
                    }
                }
            }
        }
    }

    fn element(&mut self, element: &'static Element, required: bool, choice: Option<u32>) -> Json {
        let (kind, limits) = match element.kind {
            Kind::Complex(_) => ("structure", None),
            Kind::Any => ("any", None),
            Kind::Value(value) => (type_name(value.primitive), self.limits(value)),
        };
        let mut field = Map::new();
        field.insert("name".to_owned(), element.name().into());
        field.insert("type".to_owned(), kind.into());
        field.insert("required".to_owned(), required.into());
        field.insert("list".to_owned(), element.list.into());
        field.insert("hint".to_owned(), self.hint(element).into());
        let mut put = |name: &str, value: Option<Json>| {
            if let Some(value) = value {
                field.insert(name.to_owned(), value);
            }
        };
        put("nillable", element.nillable.then_some(true.into()));
        put("default", element.default.map(Json::from));
        put("fixed", element.fixed.map(Json::from));
        put("choice", choice.map(Json::from));
        put("most", (element.max != UNBOUNDED && element.max > 1).then_some(element.max.into()));
        put("limits", limits);
        if let Kind::Complex(complex) = element.kind {
            if self.open.contains(&std::ptr::from_ref(complex)) {
                put("recursive", Some(true.into()));
            } else {
                put("fields", Some(self.fields(complex)));
            }
        }
        put_unique(&mut field, element);
        field.into()
    }

    fn attribute(&self, attribute: &'static Attribute) -> Json {
        json!({
            "name": attribute.name,
            "type": type_name(attribute.value.primitive),
            "required": attribute.required,
            "list": false,
            "attribute": true,
            "hint": self.wanted(attribute.value),
            "limits": self.limits(attribute.value).unwrap_or_default(),
        })
    }

    fn text(&self, kind: &'static Value) -> Json {
        json!({ "name": "value", "type": type_name(kind.primitive), "required": true, "list": false, "hint": self.wanted(kind) })
    }

    /// The caption, and what a value must look like.
    fn hint(&self, element: &'static Element) -> String {
        let caption = match self.language {
            Language::Russian => element.caption.0,
            Language::English => element.caption.1,
        };
        let wanted = match element.kind {
            Kind::Value(value) => self.wanted(value),
            _ => String::new(),
        };
        match (caption, wanted.as_str()) {
            (caption, "") => caption.to_owned(),
            ("", _) => wanted,
            _ => format!("{caption}: {wanted}"),
        }
    }

    fn wanted(&self, value: &Value) -> String {
        let pattern = value.patterns.last().map(|pattern| pattern.wanted());
        pattern.map_or_else(String::new, |wanted| wanted.in_language(self.language).to_owned())
    }

    fn limits(&self, value: &Value) -> Option<Json> {
        let mut limits = Map::new();
        let mut put = |name: &str, value: Option<Json>| {
            if let Some(value) = value {
                limits.insert(name.to_owned(), value);
            }
        };
        put("min_length", (value.min_length > 0).then_some(value.min_length.into()));
        put("max_length", (value.max_length != UNBOUNDED).then_some(value.max_length.into()));
        put("values", (!value.enumeration.is_empty()).then(|| json!(value.enumeration)));
        put("fraction_digits", value.fraction_digits.map(Json::from));
        put_bound(&mut put, value.lower.as_ref(), "min", "greater_than");
        put_bound(&mut put, value.upper.as_ref(), "max", "less_than");
        let wanted = self.wanted(value);
        put("pattern", (!wanted.is_empty()).then(|| wanted.into()));
        (!limits.is_empty()).then(|| limits.into())
    }
}

fn put_bound(
    put: &mut impl FnMut(&str, Option<Json>),
    bound: Option<&Bound>,
    inclusive: &str,
    exclusive: &str,
) {
    if let Some(bound) = bound {
        put(if bound.inclusive { inclusive } else { exclusive }, Some(bound.value.into()));
    }
}

fn put_unique(object: &mut Map<String, Json>, element: &Element) {
    let rules: Vec<&str> =
        element.unique.iter().filter(|rule| !rule.selector.is_empty()).map(|rule| rule.text).collect();
    if !rules.is_empty() {
        object.insert("unique".to_owned(), json!(rules));
    }
}

fn type_name(primitive: Primitive) -> &'static str {
    match primitive {
        Primitive::Text => "text",
        Primitive::Decimal => "decimal",
        Primitive::Integer | Primitive::PositiveInteger => "integer",
        Primitive::Boolean => "boolean",
        Primitive::Date => "date",
        Primitive::DateTime => "datetime",
        Primitive::Base64 => "base64",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::egais::build::document_type;
    use crate::egais::model::DOCUMENTS;
    use crate::error::Result;

    fn field<'j>(object: &'j Json, name: &str) -> &'j Json {
        let fields = object["fields"].as_array().map(Vec::as_slice).unwrap_or_default();
        fields.iter().find(|field| field["name"] == name).unwrap_or(&Json::Null)
    }

    #[test]
    fn a_form_can_be_drawn_from_the_description() -> Result<()> {
        let act = describe(document_type("WayBillAct_v4")?, Language::Russian);
        let header = field(&act, "Header");
        assert_eq!(
            field(header, "IsAccept"),
            &json!({ "name": "IsAccept", "type": "text", "required": true, "list": false, "hint": "Решение по накладной",
                     "limits": { "values": ["Accepted", "Rejected", "Differences"] } })
        );
        assert_eq!(field(header, "ACTNUMBER")["limits"]["max_length"], 50);
        let content = field(&act, "Content");
        assert_eq!(
            (&content["required"], &content["unique"][0]),
            (&json!(false), &json!("Position by Identity"))
        );
        let marks = field(field(content, "Position"), "MarkInfo");
        assert_eq!(field(marks, "amc")["choice"], field(marks, "ms")["choice"]);
        Ok(())
    }

    #[test]
    fn boxes_in_boxes_end_somewhere() -> Result<()> {
        let waybill = describe(document_type("WayBill_v4")?, Language::English);
        let position = field(field(&waybill, "Content"), "Position");
        let tree = field(field(position, "boxInfo"), "boxtree");
        assert_eq!(field(tree, "bl")["recursive"], true);
        assert_eq!(field(tree, "boxnum")["list"], true);
        Ok(())
    }

    #[test]
    fn every_type_can_be_described() {
        for document in DOCUMENTS {
            assert!(describe(document, Language::Russian)["fields"].is_array(), "{}", document.name());
        }
    }
}
