//! Uniqueness rules: names of elements become places in their types.

use super::ast::*;
use super::emit::Emitter;
use super::symbols::Found;
use std::fmt::Write as _;

/// Where a step of a path has arrived: section and type of an element.
type Stand<'a> = (usize, &'a TypeExpression);

impl Emitter<'_> {
    /// Source of the rules of an element.
    pub fn unique_rules(&self, section: usize, element: &Element) -> Result<String, String> {
        let mut source = String::new();
        for rule in &element.unique {
            let text = format!("{} by {}", rule.selector, rule.fields.join(", "));
            let wrong = || {
                let Place { file, line } = &element.place;
                format!("{file}:{line}: nothing is found by 'unique {text}'")
            };
            if rule.never_matches {
                let _ = write!(source, "Unique {{ text: {text:?}, selector: &[], fields: &[] }}, ");
                continue;
            }
            let (selector, selected) =
                self.path((section, &element.kind), &rule.selector, element).ok_or_else(wrong)?;
            let mut fields = String::new();
            for field in &rule.fields {
                if let Some(name) = field.strip_prefix('@') {
                    let (_, complex) = self.complex_at(selected, element).ok_or_else(wrong)?;
                    let place = complex.attributes.iter().position(|attribute| attribute.name == name);
                    let _ = write!(fields, "UniqueField::Attribute({}), ", place.ok_or_else(wrong)?);
                } else {
                    let (path, _) = self.path(selected, field, element).ok_or_else(wrong)?;
                    let _ = write!(fields, "UniqueField::Path(&{path:?}), ");
                }
            }
            let _ =
                write!(source, "Unique {{ text: {text:?}, selector: &{selector:?}, fields: &[{fields}] }}, ");
        }
        Ok(source)
    }

    fn path<'b>(
        &'b self,
        start: Stand<'b>,
        path: &str,
        element: &Element,
    ) -> Option<(Vec<usize>, Stand<'b>)> {
        let mut places = Vec::new();
        let mut stand = start;
        for step in path.split('/').filter(|step| *step != ".") {
            let (section, complex) = self.complex_at(stand, element)?;
            let mut elements = Vec::new();
            collect(&complex.group, &mut elements);
            let place = elements.iter().position(|child| child.name == step)?;
            places.push(place);
            stand = (section, &elements.get(place)?.kind);
        }
        Some((places, stand))
    }

    fn complex_at<'b>(
        &'b self,
        (section, kind): Stand<'b>,
        element: &Element,
    ) -> Option<(usize, &'b Complex)> {
        match kind {
            TypeExpression::Complex(complex) => Some((section, complex)),
            TypeExpression::Named(name, _) => match self.symbols.find(section, name, &element.place).ok()? {
                Found::Complex(home, complex) => Some((home, complex)),
                Found::Value(..) => None,
            },
            TypeExpression::Primitive(..) | TypeExpression::Any => None,
        }
    }
}

fn collect<'a>(group: &'a Group, elements: &mut Vec<&'a Element>) {
    for particle in &group.particles {
        match particle {
            Particle::Element(element) => elements.push(element),
            Particle::Group(group) => collect(group, elements),
            Particle::Documents => {}
        }
    }
}
