//! Names of types: who means what.

use super::ast::*;
use std::collections::HashMap;

/// Namespaces whose types may be named without their tail.
const COMMON: [&str; 3] = ["Common", "CommonEnum", "CommonV3"];

/// All types of all files.
pub struct Symbols<'a> {
    sections: &'a [Namespace],
    complexes: HashMap<(usize, &'a str), &'a Complex>,
    values: HashMap<(usize, &'a str), &'a Value>,
}

/// What a name stands for: the section it belongs to and the type.
pub enum Found<'a> {
    /// A type with children.
    Complex(usize, &'a Complex),
    /// A value.
    Value(usize, &'a Value),
}

/// A value type with all steps of its narrowing joined.
#[derive(Debug, Clone)]
pub struct Flat {
    /// The built-in type at the end of the chain.
    pub primitive: Primitive,
    /// Least length.
    pub min_length: u32,
    /// Greatest length, `u32::MAX` for none.
    pub max_length: u32,
    /// Patterns, each of which must match.
    pub patterns: Vec<String>,
    /// Allowed values, empty for any.
    pub enumeration: Vec<String>,
    /// Lower bound and whether it is allowed itself.
    pub lower: Option<(String, bool)>,
    /// Upper bound and whether it is allowed itself.
    pub upper: Option<(String, bool)>,
    /// Greatest number of digits after the point.
    pub fraction_digits: Option<u32>,
}

impl<'a> Symbols<'a> {
    /// Collects the types; a name declared twice in a namespace is an error.
    pub fn collect(sections: &'a [Namespace]) -> Result<Self, String> {
        let mut symbols = Self { sections, complexes: HashMap::new(), values: HashMap::new() };
        for (index, section) in sections.iter().enumerate() {
            for complex in &section.complexes {
                let old = symbols.complexes.insert((index, &complex.name), complex);
                twice(old.is_some(), &complex.name, &complex.place)?;
            }
            for value in &section.values {
                let old = symbols.values.insert((index, &value.name), value);
                let clash = symbols.complexes.contains_key(&(index, value.name.as_str()));
                twice(old.is_some() || clash, &value.name, &value.place)?;
            }
        }
        Ok(symbols)
    }

    /// Finds a type from inside `section`.
    pub fn find(&self, section: usize, name: &Reference, place: &Place) -> Result<Found<'a>, String> {
        let wrong = |what: &str| format!("{}:{}: {what} {}", place.file, place.line, name.name);
        let candidates: Vec<usize> = match &name.tail {
            Some(tail) => vec![self.section(tail).ok_or_else(|| wrong("no namespace of"))?],
            None => {
                std::iter::once(section).chain(COMMON.iter().filter_map(|tail| self.section(tail))).collect()
            }
        };
        for section in candidates {
            let key = (section, name.name.as_str());
            if let Some(complex) = self.complexes.get(&key) {
                return Ok(Found::Complex(section, complex));
            }
            if let Some(value) = self.values.get(&key) {
                return Ok(Found::Value(section, value));
            }
        }
        Err(wrong("no type"))
    }

    /// Joins the steps of a value type.
    pub fn flatten(&self, section: usize, kind: &TypeExpression, place: &Place) -> Result<Flat, String> {
        let (mut flat, facets) = match kind {
            TypeExpression::Primitive(primitive, facets) => (Flat::new(*primitive), facets),
            TypeExpression::Named(name, facets) => match self.find(section, name, place)? {
                Found::Value(home, value) => (self.flatten(home, &value.base, &value.place)?, facets),
                Found::Complex(..) => {
                    return Err(format!("{}:{}: {} has children", place.file, place.line, name.name));
                }
            },
            TypeExpression::Complex(_) | TypeExpression::Any => {
                return Err(format!("{}:{}: not a value type", place.file, place.line));
            }
        };
        flat.narrow(facets);
        Ok(flat)
    }

    /// Index of the section of a namespace.
    pub fn section(&self, tail: &str) -> Option<usize> {
        self.sections.iter().position(|section| section.tail == tail)
    }
}

impl Flat {
    fn new(primitive: Primitive) -> Self {
        Self {
            primitive,
            min_length: 0,
            max_length: u32::MAX,
            patterns: Vec::new(),
            enumeration: Vec::new(),
            lower: None,
            upper: None,
            fraction_digits: None,
        }
    }

    fn narrow(&mut self, facets: &Facets) {
        if let Some(length) = facets.length {
            (self.min_length, self.max_length) = (length, length);
        }
        self.min_length = self.min_length.max(facets.min_length.unwrap_or(0));
        self.max_length = self.max_length.min(facets.max_length.unwrap_or(u32::MAX));
        self.patterns.extend(facets.pattern.clone());
        if !facets.enumeration.is_empty() {
            self.enumeration.clone_from(&facets.enumeration);
        }
        self.lower = facets.lower.clone().or(self.lower.take());
        self.upper = facets.upper.clone().or(self.upper.take());
        self.fraction_digits = facets.fraction_digits.or(self.fraction_digits);
    }
}

fn twice(is: bool, name: &str, place: &Place) -> Result<(), String> {
    if is { Err(format!("{}:{}: {name} is declared twice", place.file, place.line)) } else { Ok(()) }
}
