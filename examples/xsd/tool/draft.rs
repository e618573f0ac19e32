//! Writes drafts of description files from schemas; a person then adds what schemas do not know.

use super::ast::*;
use super::schema::Schemas;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

/// Drafts, by file name without extension: one file per first word of a namespace.
pub fn draft(schemas: &Schemas) -> Result<BTreeMap<String, String>, String> {
    let reachable = reachable(schemas)?;
    let mut files: BTreeMap<String, String> = BTreeMap::new();
    for (tail, section) in &schemas.sections {
        if !reachable.iter().any(|(used, _)| used == tail) {
            continue;
        }
        let text = files.entry(file_of(tail)).or_default();
        let shown = if tail.starts_with('-') { "-" } else { tail };
        let _ = write!(text, "\nnamespace {shown}");
        let _ = writeln!(text, "{}", if section.unqualified { " unqualified" } else { "" });
        for document in &section.documents {
            write_document(text, &document.name, &document.type_name, true);
            write_unique(text, 1, &document.unique);
        }
        for (name, kind) in schemas.choice.iter().filter(|(_, kind)| kind.tail.as_deref() == Some(tail)) {
            write_document(text, name, &kind.name, false);
        }
        for value in section.values.iter().filter(|value| used(&reachable, tail, &value.name)) {
            let _ = write!(text, "\nvalue {} ", value.name);
            write_type(text, 0, &value.base);
        }
        for complex in section.complexes.iter().filter(|complex| used(&reachable, tail, &complex.name)) {
            let _ = write!(text, "\ntype {} ", complex.name);
            write_complex(text, 0, complex);
        }
    }
    Ok(files)
}

fn file_of(tail: &str) -> String {
    tail.trim_start_matches('-').split('_').next().unwrap_or(tail).to_lowercase()
}

fn used(reachable: &BTreeSet<(String, String)>, tail: &str, name: &str) -> bool {
    reachable.contains(&(tail.to_owned(), name.to_owned()))
}

/// Types that some document needs; the schemas declare more.
fn reachable(schemas: &Schemas) -> Result<BTreeSet<(String, String)>, String> {
    let mut found = BTreeSet::new();
    let mut todo: Vec<(String, String)> = Vec::new();
    for (_, kind) in &schemas.choice {
        todo.push((kind.tail.clone().unwrap_or_default(), kind.name.clone()));
    }
    for tail in ["QueryFilter", "ReplyFilter"] {
        if schemas.sections.contains_key(tail) {
            todo.push((tail.to_owned(), tail.to_owned()));
        }
    }
    for (tail, section) in &schemas.sections {
        todo.extend(section.documents.iter().map(|document| (tail.clone(), document.type_name.clone())));
    }
    while let Some((tail, name)) = todo.pop() {
        if !found.insert((tail.clone(), name.clone())) {
            continue;
        }
        let section = schemas.sections.get(&tail).ok_or_else(|| format!("no namespace {tail}"))?;
        let mut names = Vec::new();
        if let Some(complex) = section.complexes.iter().find(|complex| complex.name == name) {
            complex_references(complex, &mut names);
        } else if let Some(value) = section.values.iter().find(|value| value.name == name) {
            type_references(&value.base, &mut names);
        } else {
            return Err(format!("{tail}: no type {name}"));
        }
        todo.extend(names.into_iter().map(|name| (name.tail.unwrap_or_else(|| tail.clone()), name.name)));
    }
    Ok(found)
}

fn complex_references(complex: &Complex, names: &mut Vec<Reference>) {
    complex.attributes.iter().for_each(|attribute| type_references(&attribute.value, names));
    group_references(&complex.group, names);
}

fn group_references(group: &Group, names: &mut Vec<Reference>) {
    for particle in &group.particles {
        match particle {
            Particle::Element(element) => type_references(&element.kind, names),
            Particle::Group(group) => group_references(group, names),
            Particle::Documents => {}
        }
    }
}

fn type_references(kind: &TypeExpression, names: &mut Vec<Reference>) {
    match kind {
        TypeExpression::Named(name, _) => names.push(name.clone()),
        TypeExpression::Complex(complex) => complex_references(complex, names),
        TypeExpression::Primitive(..) | TypeExpression::Any => {}
    }
}

fn write_document(text: &mut String, name: &str, kind: &str, root: bool) {
    let _ = writeln!(text, "\n{} {name} {kind}", if root { "root" } else { "document" });
    let _ = writeln!(text, "    ru ?\n    en ?\n    way ?");
}

fn write_complex(text: &mut String, level: usize, complex: &Complex) {
    let _ = writeln!(text, "{}{}", order_word(complex.group.order), cardinality(complex.group.occurs));
    for attribute in &complex.attributes {
        let name = format!("@{}{}", attribute.name, if attribute.required { "" } else { "?" });
        let _ = write!(text, "{}{name:<23} ", indent(level + 1));
        write_type(text, level + 1, &attribute.value);
    }
    write_particles(text, level + 1, &complex.group);
}

fn write_particles(text: &mut String, level: usize, group: &Group) {
    for particle in &group.particles {
        match particle {
            Particle::Documents => {}
            Particle::Group(group) => {
                let word = order_word(group.order);
                let _ = writeln!(text, "{}{word}{}", indent(level), cardinality(group.occurs));
                write_particles(text, level + 1, group);
            }
            Particle::Element(element) => {
                let name = format!("{}{}", element.name, cardinality(element.occurs));
                let _ = write!(text, "{}{name:<23} ", indent(level));
                let mut rest = String::new();
                write_type(&mut rest, level, &element.kind);
                let (first, more) = rest.split_once('\n').unwrap_or((&rest, ""));
                let _ = write!(text, "{first}");
                if element.nillable {
                    text.push_str(" nillable");
                }
                for (word, value) in [("default", &element.default), ("fixed", &element.fixed)] {
                    if let Some(value) = value {
                        let _ = write!(text, " {word} \"{value}\"");
                    }
                }
                let _ = write!(text, "\n{more}");
                write_unique(text, level + 1, &element.unique);
            }
        }
    }
}

fn write_unique(text: &mut String, level: usize, rules: &[Unique]) {
    for rule in rules {
        let never = if rule.never_matches { " (never matches)" } else { "" };
        let fields = rule.fields.join(", ");
        let _ = writeln!(text, "{}unique {} by {fields}{never}", indent(level), rule.selector);
    }
}

/// Ends with a line break.
fn write_type(text: &mut String, level: usize, kind: &TypeExpression) {
    match kind {
        TypeExpression::Complex(complex) => write_complex(text, level, complex),
        TypeExpression::Any => text.push_str("any\n"),
        TypeExpression::Primitive(primitive, facets) => {
            let known = Primitive::ALL.iter().find(|(known, _)| known == primitive);
            text.push_str(known.map_or("?", |(_, word)| word));
            write_facets(text, level, facets);
        }
        TypeExpression::Named(name, facets) => {
            match &name.tail {
                Some(tail) if !["Common", "CommonEnum", "CommonV3"].contains(&tail.as_str()) => {
                    let _ = write!(text, "{tail}.{}", name.name);
                }
                _ => text.push_str(&name.name),
            }
            write_facets(text, level, facets);
        }
    }
}

fn write_facets(text: &mut String, level: usize, facets: &Facets) {
    if let Some(length) = facets.length {
        let _ = write!(text, " ={length}");
    }
    match (facets.min_length, facets.max_length) {
        (None, None) => {}
        (min, max) => {
            let show = |limit: Option<u32>| limit.map_or(String::new(), |limit| limit.to_string());
            let _ = write!(text, " {}..{}", show(min), show(max));
        }
    }
    for (limit, open, closed) in [(&facets.lower, ">", ">="), (&facets.upper, "<", "<=")] {
        if let Some((value, inclusive)) = limit {
            let _ = write!(text, " {}{value}", if *inclusive { closed } else { open });
        }
    }
    if let Some(digits) = facets.fraction_digits {
        let _ = write!(text, " fraction {digits}");
    }
    if let Some(pattern) = &facets.pattern {
        let _ = write!(text, " pattern {pattern}");
    }
    text.push('\n');
    for value in &facets.enumeration {
        let _ = writeln!(text, "{}\"{value}\"", indent(level + 1));
    }
}

fn order_word(order: Order) -> &'static str {
    match order {
        Order::All => "all",
        Order::Sequence => "sequence",
        Order::Choice => "choice",
    }
}

fn cardinality(occurs: Occurs) -> String {
    match (occurs.min, occurs.max) {
        (1, Some(1)) => String::new(),
        (0, Some(1)) => "?".to_owned(),
        (0, None) => "*".to_owned(),
        (1, None) => "+".to_owned(),
        (min, max) => format!("{{{min},{}}}", max.map_or(String::new(), |max| max.to_string())),
    }
}

fn indent(level: usize) -> String {
    "    ".repeat(level)
}
