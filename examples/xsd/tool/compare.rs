//! Where the compiled descriptions differ from the schemas.

use super::ast::{self, TypeExpression};
use super::schema::{BASE, Schemas};
use super::symbols::{Flat, Found, Symbols};
use obmen::egais::model::{self, Kind, NAMESPACES, UNBOUNDED};
use std::collections::HashSet;

/// Documents of UTM itself that the envelope's schema does not list, with the namespace of their type.
const OUTSIDE_THE_CHOICE: [&str; 2] = ["QueryFilter", "ReplyFilter"];

const ENVELOPE: &str = "WB_DOC_SINGLE_01";

/// All differences, one line each; empty if there are none.
pub fn compare(schemas: &Schemas) -> Result<Vec<String>, String> {
    let sections: Vec<ast::Namespace> = schemas.sections.values().cloned().collect();
    let mut comparison = Comparison {
        symbols: Symbols::collect(&sections)?,
        sections: &sections,
        seen: HashSet::new(),
        found: Vec::new(),
    };
    comparison.envelope(schemas);
    comparison.documents(schemas);
    Ok(comparison.found)
}

struct Comparison<'a> {
    symbols: Symbols<'a>,
    sections: &'a [ast::Namespace],
    seen: HashSet<(*const ast::Complex, *const model::Complex)>,
    found: Vec<String>,
}

impl Comparison<'_> {
    fn differs<T: PartialEq + std::fmt::Debug>(&mut self, path: &str, what: &str, schema: T, ours: T) {
        if schema != ours {
            self.found.push(format!("{path}: {what}: schema {schema:?}, description {ours:?}"));
        }
    }

    fn documents(&mut self, schemas: &Schemas) {
        let mut expected: Vec<(String, String, String)> = schemas
            .choice
            .iter()
            .map(|(name, kind)| (name.clone(), kind.tail.clone().unwrap_or_default(), kind.name.clone()))
            .collect();
        for name in OUTSIDE_THE_CHOICE.iter().filter(|name| schemas.sections.contains_key(**name)) {
            expected.push(((*name).to_owned(), (*name).to_owned(), (*name).to_owned()));
        }
        for (tail, section) in &schemas.sections {
            for document in &section.documents {
                expected.push((document.name.clone(), tail.clone(), document.type_name.clone()));
            }
        }
        for document in model::DOCUMENTS {
            if !expected.iter().any(|(name, ..)| name == document.name()) {
                self.found.push(format!("{}: not in the schemas", document.name()));
            }
        }
        for (name, tail, kind) in &expected {
            let Some(document) = model::DOCUMENTS.iter().find(|document| document.name() == name) else {
                self.found.push(format!("{name}: no description"));
                continue;
            };
            let Some(section) = self.symbols.section(tail) else {
                self.found.push(format!("{name}: no schema for {tail}"));
                continue;
            };
            let reference = ast::Reference { tail: None, name: kind.clone() };
            self.kind(
                name,
                section,
                &TypeExpression::Named(reference, ast::Facets::default()),
                document.element.kind,
            );
            if document.is_root {
                let roots = self
                    .sections
                    .get(section)
                    .map(|section| section.documents.as_slice())
                    .unwrap_or_default();
                let unique = roots.iter().find(|root| root.name == *name).map(|root| root.unique.clone());
                self.unique(name, &unique.unwrap_or_default(), document.element.unique);
            }
        }
    }

    fn envelope(&mut self, schemas: &Schemas) {
        let complexes =
            schemas.sections.get(ENVELOPE).map(|section| section.complexes.as_slice()).unwrap_or_default();
        let documents = complexes.iter().find(|complex| complex.name == "Documents");
        match (documents, self.symbols.section(ENVELOPE)) {
            (Some(documents), Some(section)) => {
                self.complex("Documents", section, documents, model::ENVELOPE)
            }
            _ => self.found.push("no schema of the envelope".to_owned()),
        }
    }

    fn kind(&mut self, path: &str, section: usize, schema: &TypeExpression, ours: Kind) {
        let found = match schema {
            TypeExpression::Any => {
                if !matches!(ours, Kind::Any) {
                    self.found.push(format!("{path}: any type in the schema"));
                }
                return;
            }
            TypeExpression::Complex(complex) => Some((section, complex.as_ref())),
            TypeExpression::Named(name, _) => {
                match self.symbols.find(section, name, &ast::Place::default()) {
                    Ok(Found::Complex(home, complex)) => Some((home, complex)),
                    Ok(Found::Value(..)) => None,
                    Err(message) => return self.found.push(format!("{path}: {message}")),
                }
            }
            TypeExpression::Primitive(..) => None,
        };
        match (found, ours) {
            (Some((home, schema)), Kind::Complex(ours)) => self.complex(path, home, schema, ours),
            (None, Kind::Value(ours)) => self.value(path, section, schema, ours),
            _ => self.found.push(format!("{path}: children in one, a value in the other")),
        }
    }

    fn complex(&mut self, path: &str, section: usize, schema: &ast::Complex, ours: &model::Complex) {
        if !self.seen.insert((std::ptr::from_ref(schema), std::ptr::from_ref(ours))) {
            return;
        }
        let names = |required: bool| {
            move |(name, needed): (&str, bool)| (needed == required).then(|| name.to_owned())
        };
        for required in [true, false] {
            let schema: Vec<String> = schema
                .attributes
                .iter()
                .map(|it| (it.name.as_str(), it.required))
                .filter_map(names(required))
                .collect();
            let ours: Vec<String> =
                ours.attributes.iter().map(|it| (it.name, it.required)).filter_map(names(required)).collect();
            self.differs(path, "attributes", schema, ours);
        }
        for (attribute, our) in schema.attributes.iter().zip(ours.attributes) {
            let path = format!("{path}.@{}", attribute.name);
            self.differs(&path, "default", attribute.default.as_deref(), our.default);
            self.value(&path, section, &attribute.value, our.value);
        }
        self.differs(path, "text beside attributes", false, ours.text.is_some());
        self.group(path, section, &schema.group, &ours.group, ours);
    }

    fn group(
        &mut self,
        path: &str,
        section: usize,
        schema: &ast::Group,
        ours: &model::Group,
        owner: &model::Complex,
    ) {
        self.differs(path, "order", format!("{:?}", schema.order), format!("{:?}", ours.order));
        self.differs(path, "occurs", limits(schema.occurs), (ours.min, ours.max));
        if path == "Documents.Document" {
            // The choice of documents: `documents` looks at its members.
            return;
        }
        self.differs(path, "number of parts", schema.particles.len(), ours.particles.len());
        for (part, our) in schema.particles.iter().zip(ours.particles) {
            match (part, our) {
                (ast::Particle::Group(part), model::Particle::Group(our)) => {
                    self.group(path, section, part, our, owner)
                }
                (ast::Particle::Element(part), model::Particle::Element(our)) => {
                    if let Some(our) = owner.elements.get(usize::from(*our)) {
                        self.element(path, section, part, our);
                    }
                }
                _ => self.found.push(format!("{path}: a group in one, an element in the other")),
            }
        }
    }

    fn element(&mut self, path: &str, section: usize, schema: &ast::Element, ours: &model::Element) {
        let path = format!("{path}.{}", schema.name);
        self.differs(&path, "name", schema.name.as_str(), ours.name());
        let namespace = match self.sections.get(section) {
            Some(section) if !section.unqualified => format!("{BASE}{}", section.tail),
            _ => String::new(),
        };
        let our = NAMESPACES.get(usize::from(ours.namespace)).map_or("?", |namespace| namespace.uri);
        self.differs(&path, "namespace", namespace.as_str(), our);
        self.differs(&path, "occurs", limits(schema.occurs), (ours.min, ours.max));
        self.differs(&path, "nillable", schema.nillable, ours.nillable);
        self.differs(&path, "default", schema.default.as_deref(), ours.default);
        self.differs(&path, "fixed", schema.fixed.as_deref(), ours.fixed);
        self.unique(&path, &schema.unique, ours.unique);
        self.kind(&path, section, &schema.kind, ours.kind);
    }

    fn unique(&mut self, path: &str, schema: &[ast::Unique], ours: &[model::Unique]) {
        let show = |rule: &ast::Unique| format!("{} by {}", rule.selector, rule.fields.join(", "));
        let schema: Vec<(String, bool)> =
            schema.iter().map(|rule| (show(rule), rule.never_matches)).collect();
        let ours: Vec<(String, bool)> =
            ours.iter().map(|rule| (rule.text.to_owned(), rule.selector.is_empty())).collect();
        self.differs(path, "uniqueness", schema, ours);
    }

    fn value(&mut self, path: &str, section: usize, schema: &TypeExpression, ours: &model::Value) {
        let flat: Flat = match self.symbols.flatten(section, schema, &ast::Place::default()) {
            Ok(flat) => flat,
            Err(message) => return self.found.push(format!("{path}: {message}")),
        };
        self.differs(path, "type", format!("{:?}", flat.primitive), format!("{:?}", ours.primitive));
        self.differs(path, "length", (flat.min_length, flat.max_length), (ours.min_length, ours.max_length));
        let patterns = flat.patterns.iter().map(|word| plain(word)).collect::<Vec<_>>();
        let our = ours.patterns.iter().map(|pattern| plain(&format!("{pattern:?}"))).collect();
        self.differs(path, "patterns", patterns, our);
        let our: Vec<String> = ours.enumeration.iter().map(|value| (*value).to_owned()).collect();
        self.differs(path, "values", flat.enumeration, our);
        let bound = |bound: &Option<model::Bound>| {
            bound.as_ref().map(|bound| (bound.value.to_owned(), bound.inclusive))
        };
        self.differs(path, "lower bound", flat.lower, bound(&ours.lower));
        self.differs(path, "upper bound", flat.upper, bound(&ours.upper));
        self.differs(path, "fraction digits", flat.fraction_digits, ours.fraction_digits.map(u32::from));
    }
}

/// `non-empty` and `NonEmpty`, `digits(18,26)` and `Digits([18, 26])` become the same.
fn plain(pattern: &str) -> String {
    pattern.chars().filter(|sign| sign.is_alphanumeric() || *sign == ',').collect::<String>().to_lowercase()
}

fn limits(occurs: ast::Occurs) -> (u32, u32) {
    (occurs.min, occurs.max.unwrap_or(UNBOUNDED))
}
