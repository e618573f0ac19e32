//! Uniqueness rules: finds out which paths select anything at all, and writes them as plain names.

use super::ast::*;
use super::schema::Schemas;
use std::collections::BTreeMap;

/// Where a step of a path has arrived: the tail of the section and the type of the element.
type Stand<'a> = (String, &'a TypeExpression);

/// Replaces `{tail}name` steps by names and marks rules that never match.
pub fn settle(schemas: &mut Schemas) -> Result<(), String> {
    let known = schemas.sections.clone();
    for (tail, section) in &mut schemas.sections {
        for document in &mut section.documents {
            let name = Reference { tail: None, name: document.type_name.clone() };
            let kind = TypeExpression::Named(name, Facets::default());
            settle_rules(&known, tail, &kind, &mut document.unique)?;
        }
        for complex in &mut section.complexes {
            settle_group(&known, tail, &mut complex.group)?;
        }
    }
    Ok(())
}

fn settle_group(known: &BTreeMap<String, Namespace>, tail: &str, group: &mut Group) -> Result<(), String> {
    for particle in &mut group.particles {
        match particle {
            Particle::Documents => {}
            Particle::Group(group) => settle_group(known, tail, group)?,
            Particle::Element(element) => {
                settle_rules(known, tail, &element.kind.clone(), &mut element.unique)?;
                if let TypeExpression::Complex(complex) = &mut element.kind {
                    settle_group(known, tail, &mut complex.group)?;
                }
            }
        }
    }
    Ok(())
}

fn settle_rules(
    known: &BTreeMap<String, Namespace>,
    tail: &str,
    kind: &TypeExpression,
    rules: &mut [Unique],
) -> Result<(), String> {
    for rule in rules {
        let selected = follow(known, (tail.to_owned(), kind), &rule.selector);
        rule.never_matches = selected.is_none();
        for field in &rule.fields {
            if let Some(start) = &selected
                && !field.starts_with('@')
            {
                match follow(known, start.clone(), field) {
                    None => rule.never_matches = true,
                    Some((tail, TypeExpression::Complex(_))) => {
                        return Err(format!("{tail}: a field of a uniqueness rule has children"));
                    }
                    Some(_) => {}
                }
            }
        }
        rule.selector = plain(&rule.selector);
        rule.fields.iter_mut().for_each(|field| *field = plain(field));
    }
    Ok(())
}

fn follow<'a>(known: &'a BTreeMap<String, Namespace>, start: Stand<'a>, path: &str) -> Option<Stand<'a>> {
    path.split('/').try_fold(start, |(tail, kind), step| {
        if step == "." {
            return Some((tail, kind));
        }
        let (wanted, name) = step.strip_prefix('{')?.split_once('}')?;
        let (tail, complex) = complex_of(known, &tail, kind)?;
        let section = known.get(&tail)?;
        let namespace = if section.unqualified { "" } else { section.tail.as_str() };
        let child = child_of(&complex.group, name)?;
        (namespace == wanted).then(|| (tail.clone(), &child.kind))
    })
}

fn complex_of<'a>(
    known: &'a BTreeMap<String, Namespace>,
    tail: &str,
    kind: &'a TypeExpression,
) -> Option<(String, &'a Complex)> {
    match kind {
        TypeExpression::Complex(complex) => Some((tail.to_owned(), complex)),
        TypeExpression::Named(name, _) => {
            let tail = name.tail.clone().unwrap_or_else(|| tail.to_owned());
            let found = known.get(&tail)?.complexes.iter().find(|complex| complex.name == name.name)?;
            Some((tail, found))
        }
        _ => None,
    }
}

fn child_of<'a>(group: &'a Group, name: &str) -> Option<&'a Element> {
    group.particles.iter().find_map(|particle| match particle {
        Particle::Element(element) => (element.name == name).then_some(element.as_ref()),
        Particle::Group(group) => child_of(group, name),
        Particle::Documents => None,
    })
}

fn plain(path: &str) -> String {
    let local = |step: &str| step.rsplit('}').next().unwrap_or(step).to_owned();
    path.split('/').map(local).collect::<Vec<_>>().join("/")
}
