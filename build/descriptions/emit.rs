//! Writes the static tables of `src/egais/model.rs` as Rust source.

use super::ast::*;
use super::automaton::{self, Model};
use super::parse::Caption;
use super::symbols::{Flat, Found, Symbols};
use std::collections::{BTreeSet, HashMap, HashSet};
use std::fmt::Write as _;

const BASE: &str = "http://fsrar.ru/WEGAIS/";
const ENVELOPE: &str = "WB_DOC_SINGLE_01";

/// Compiles sections (with the name of the file each comes from) and captions.
pub fn emit(sections: &[Namespace], families: &[String], captions: &[Caption]) -> Result<String, String> {
    let symbols = Symbols::collect(sections)?;
    let mut tails: Vec<&str> =
        sections.iter().map(|section| section.tail.as_str()).filter(|tail| !tail.is_empty()).collect();
    tails.sort_unstable();
    if let Some(pair) = tails.windows(2).find(|pair| pair[0] == pair[1]) {
        return Err(format!("namespace {} is declared twice", pair[0]));
    }
    let captions = captions.iter().map(|caption| (caption.name.as_str(), caption)).collect();
    let mut emitter = Emitter {
        sections,
        families,
        symbols,
        captions,
        namespaces: tails,
        out: String::new(),
        values: HashMap::new(),
        complexes: HashMap::new(),
        uses: Vec::new(),
        count: 0,
    };
    emitter.all()?;
    Ok(emitter.out)
}

/// What a complex type leads to directly.
#[derive(Default, Clone)]
struct Uses {
    namespaces: BTreeSet<usize>,
    complexes: Vec<usize>,
    nillable: bool,
}

pub struct Emitter<'a> {
    sections: &'a [Namespace],
    families: &'a [String],
    pub symbols: Symbols<'a>,
    captions: HashMap<&'a str, &'a Caption>,
    namespaces: Vec<&'a str>,
    out: String,
    /// Source of a value table → its number.
    values: HashMap<String, usize>,
    /// Named complex types already numbered.
    complexes: HashMap<(usize, &'a str), usize>,
    uses: Vec<Uses>,
    count: usize,
}

/// Elements of a type while it is written.
#[derive(Default)]
struct Members {
    /// Source of each element, but for the two facts known only at the end.
    elements: Vec<Member>,
    uses: Uses,
}

struct Member {
    name: String,
    source: String,
    repeated: bool,
}

impl<'a> Emitter<'a> {
    fn all(&mut self) -> Result<(), String> {
        let envelope = self.symbols.section(ENVELOPE).ok_or("no envelope")?;
        let documents = Reference { tail: None, name: "Documents".to_owned() };
        let root = self.complex_named(envelope, &documents, &Place::default())?;
        let mut list = String::new();
        let mut names = HashSet::new();
        for (section, document) in self.documents(false).into_iter().chain(self.documents(true)) {
            if !names.insert(document.name.as_str()) {
                return Err(format!("document {} is declared twice", document.name));
            }
            let source = self.document(section, document)?;
            let _ = writeln!(list, "    {source},");
        }
        for (_, document) in self.documents(false) {
            if let Some(answer) = document.answers.iter().find(|answer| !names.contains(answer.as_str())) {
                return Err(format!("{}: there is no document {answer}", document.name));
            }
        }
        let _ = writeln!(
            self.out,
            "/// All document types: those of the envelope in the order of its choice, then those without it."
        );
        let _ = writeln!(self.out, "pub static DOCUMENTS: &[Document] = &[\n{list}];");
        let _ = writeln!(self.out, "/// The type of `Documents`.\npub static ENVELOPE: &Complex = &C{root};");
        self.namespace_table();
        Ok(())
    }

    fn namespace_table(&mut self) {
        let _ = writeln!(self.out, "/// All namespaces, sorted by URI; the first is \"none\".");
        let _ = writeln!(self.out, "pub static NAMESPACES: &[Namespace] = &[");
        let _ = writeln!(self.out, "    Namespace {{ uri: \"\", prefix: \"\", also: None }},");
        for tail in &self.namespaces {
            let section = self.sections.iter().find(|section| section.tail == **tail);
            let prefix = section.map_or("", |section| section.prefix.as_str());
            let also = section.and_then(|section| section.also.as_ref()).map(|also| format!("{BASE}{also}"));
            let uri = format!("{BASE}{tail}");
            let _ =
                writeln!(self.out, "    Namespace {{ uri: {uri:?}, prefix: {prefix:?}, also: {also:?} }},");
        }
        let _ = writeln!(self.out, "];");
    }

    fn documents(&self, roots: bool) -> Vec<(usize, &'a Document)> {
        let sections = self.sections.iter().enumerate();
        let all = sections
            .flat_map(|(index, section)| section.documents.iter().map(move |document| (index, document)));
        all.filter(|(_, document)| document.is_root == roots).collect()
    }

    /// The tables' number of the namespace of local elements of a section.
    fn namespace_of(&self, section: usize) -> usize {
        let Some(section) = self.sections.get(section) else { return 0 };
        if section.unqualified {
            return 0;
        }
        self.namespaces.iter().position(|tail| *tail == section.tail).map_or(0, |index| index + 1)
    }

    fn document(&mut self, section: usize, document: &Document) -> Result<String, String> {
        let home = if document.is_root { section } else { self.symbols.section(ENVELOPE).unwrap_or(section) };
        let (member, uses) = self.document_element(home, section, document)?;
        let (namespaces, nillable) = self.closure(&uses);
        self.check_prefixes(&namespaces, document)?;
        let alternative = match &document.alternative {
            Some(name) => {
                let name = Reference { tail: None, name: name.clone() };
                format!("Some(&C{})", self.complex_named(section, &name, &document.place)?)
            }
            None => "None".to_owned(),
        };
        let urls = if document.urls.is_empty() { vec![document.name.clone()] } else { document.urls.clone() };
        let direction = match document.direction.as_str() {
            "in" => "In",
            "out" => "Out",
            _ => "Both",
        };
        Ok(format!(
            "Document {{ element: {}, ru: {:?}, en: {:?}, direction: Direction::{direction}, urls: &{urls:?}, answers: &{:?}, family: {:?}, is_root: {}, alternative: {alternative}, namespaces: &{:?}, nillable: {nillable} }}",
            member.finish(false, 0),
            document.ru,
            document.en,
            document.answers,
            self.families.get(section).map_or("", String::as_str),
            document.is_root,
            namespaces.iter().collect::<Vec<_>>(),
        ))
    }

    /// The element of a document: inside the envelope's choice, or the root itself.
    fn document_element(
        &mut self,
        home: usize,
        section: usize,
        document: &Document,
    ) -> Result<(Member, Uses), String> {
        let tail =
            self.sections.get(section).map(|section| section.tail.clone()).filter(|tail| !tail.is_empty());
        let element = Element {
            name: document.name.clone(),
            occurs: Occurs::default(),
            kind: TypeExpression::Named(
                Reference { tail, name: document.type_name.clone() },
                Facets::default(),
            ),
            nillable: false,
            default: None,
            fixed: None,
            unique: document.unique.clone(),
            place: document.place.clone(),
        };
        let scope = if document.is_root { section } else { home };
        let mut members = Members::default();
        self.element(scope, &element, false, &mut members)?;
        let member = members.elements.pop().ok_or("no element")?;
        Ok((member, members.uses))
    }

    fn check_prefixes(&self, namespaces: &BTreeSet<usize>, document: &Document) -> Result<(), String> {
        let mut seen = HashSet::new();
        for index in namespaces.iter().filter(|index| **index > 0) {
            let tail = self.namespaces.get(index - 1).copied().unwrap_or_default();
            let section = self.sections.iter().find(|section| section.tail == tail);
            let prefix = section.map_or("", |section| section.prefix.as_str());
            if prefix.is_empty() || !seen.insert(prefix) {
                return Err(format!("{}: prefix '{prefix}' of {tail} is empty or used twice", document.name));
            }
        }
        Ok(())
    }

    /// Everything a type leads to.
    fn closure(&self, uses: &Uses) -> (BTreeSet<usize>, bool) {
        let mut namespaces = uses.namespaces.clone();
        let mut nillable = uses.nillable;
        let mut todo = uses.complexes.clone();
        let mut seen = HashSet::new();
        while let Some(complex) = todo.pop() {
            if let Some(uses) = self.uses.get(complex).filter(|_| seen.insert(complex)) {
                namespaces.extend(&uses.namespaces);
                nillable |= uses.nillable;
                todo.extend(&uses.complexes);
            }
        }
        (namespaces, nillable)
    }

    fn complex_named(&mut self, section: usize, name: &Reference, place: &Place) -> Result<usize, String> {
        match self.symbols.find(section, name, place)? {
            Found::Complex(home, complex) => self.complex_once(home, complex),
            Found::Value(..) => Err(format!("{}:{}: {} has no children", place.file, place.line, name.name)),
        }
    }

    fn complex_once(&mut self, section: usize, complex: &'a Complex) -> Result<usize, String> {
        if let Some(number) = self.complexes.get(&(section, complex.name.as_str())) {
            return Ok(*number);
        }
        let number = self.number();
        self.complexes.insert((section, &complex.name), number);
        self.complex(section, complex, number)
    }

    fn number(&mut self) -> usize {
        self.uses.push(Uses::default());
        self.count += 1;
        self.count - 1
    }

    fn complex(&mut self, section: usize, complex: &Complex, number: usize) -> Result<usize, String> {
        let mut members = Members::default();
        let (group, model) = self.group(section, &complex.group, false, &mut members)?;
        let mut attributes = String::new();
        for attribute in &complex.attributes {
            let value = self.value(section, &attribute.value, &complex.place)?;
            let Attribute { name, required, default, .. } = attribute;
            let _ = write!(
                attributes,
                "Attribute {{ name: {name:?}, required: {required}, value: &V{value}, default: {default:?} }}, "
            );
        }
        let text = match &complex.text {
            Some(kind) => format!("Some(&V{})", self.value(section, kind, &complex.place)?),
            None => "None".to_owned(),
        };
        if names_of(&members).len() > 63 && !is_choice_of_documents(&complex.group) {
            return Err(format!("{}:{}: more than 63 elements", complex.place.file, complex.place.line));
        }
        let automaton = match complex.group.order {
            Order::All if complex.group.occurs == Occurs::default() => "None".to_owned(),
            _ => self.automaton(&model, &members, complex)?,
        };
        let tail = self.sections.get(section).map_or("", |section| section.tail.as_str());
        let name = match complex.name.as_str() {
            "" => String::new(),
            name if tail.is_empty() => name.to_owned(),
            name => format!("{tail}.{name}"),
        };
        let names: Vec<String> = members.elements.iter().map(|member| member.name.clone()).collect();
        let mut elements = String::new();
        for member in members.elements {
            let field = names.iter().position(|name| *name == member.name).unwrap_or_default();
            let twice = names.iter().filter(|name| **name == member.name).count() > 1;
            let _ = writeln!(elements, "        {},", member.finish(twice, field));
        }
        let _ = writeln!(
            self.out,
            "static C{number}: Complex = Complex {{\n    name: {name:?},\n    attributes: &[{attributes}],\n    text: {text},\n    elements: &[\n{elements}    ],\n    group: {group},\n    automaton: {automaton},\n}};"
        );
        if let Some(uses) = self.uses.get_mut(number) {
            *uses = members.uses;
        }
        Ok(number)
    }

    fn automaton(&self, model: &Model, members: &Members, complex: &Complex) -> Result<String, String> {
        let automaton = automaton::build(model, members.elements.len());
        let mut follow = String::new();
        for next in &automaton.follow {
            let names: Vec<&str> = next
                .iter()
                .filter_map(|index| members.elements.get(*index))
                .map(|member| member.name.as_str())
                .collect();
            let distinct: HashSet<&str> = names.iter().copied().collect();
            if distinct.len() != names.len() {
                let Place { file, line } = &complex.place;
                return Err(format!("{file}:{line}: a name leads to two places of the content model"));
            }
            let _ = write!(follow, "&{next:?}, ");
        }
        Ok(format!("Some(Automaton {{ follow: &[{follow}], accepting: &{:?} }})", automaton.accepting))
    }

    fn group(
        &mut self,
        section: usize,
        group: &Group,
        repeated: bool,
        members: &mut Members,
    ) -> Result<(String, Model), String> {
        let max = max_of(group.occurs);
        let inside = repeated || max > 1;
        let (mut source, mut parts) = (String::new(), Vec::new());
        for particle in &group.particles {
            match particle {
                Particle::Element(element) => {
                    let index = self.element(section, element, inside, members)?;
                    parts.push(leaf(index, element.occurs, &element.place)?);
                    let _ = write!(source, "Particle::Element({index}), ");
                }
                Particle::Group(nested) => {
                    let (text, model) = self.group(section, nested, inside, members)?;
                    let _ = write!(source, "Particle::Group({text}), ");
                    parts.push(model);
                }
                Particle::Documents => {
                    for (home, document) in self.documents(false) {
                        let (member, uses) = self.document_element(section, home, document)?;
                        let index = members.elements.len();
                        members.elements.push(member);
                        members.uses.complexes.extend(uses.complexes);
                        members.uses.namespaces.extend(uses.namespaces);
                        parts.push(leaf(index, Occurs::default(), &document.place)?);
                        let _ = write!(source, "Particle::Element({index}), ");
                    }
                }
            }
        }
        let Occurs { min, .. } = group.occurs;
        let order = format!("{:?}", group.order);
        let source = format!(
            "Group {{ order: Order::{order}, min: {min}, max: {}, particles: &[{source}] }}",
            show_max(max)
        );
        let model = Model::Group { order: group.order, optional: min == 0, repeated: max > 1, parts };
        Ok((source, model))
    }

    fn element(
        &mut self,
        section: usize,
        element: &Element,
        repeated: bool,
        members: &mut Members,
    ) -> Result<usize, String> {
        let mut nested = None;
        let kind = match &element.kind {
            TypeExpression::Any => "Kind::Any".to_owned(),
            TypeExpression::Complex(complex) => {
                let number = self.number();
                nested = Some(self.complex(section, complex, number)?);
                format!("Kind::Complex(&C{number})")
            }
            TypeExpression::Named(name, facets) if *facets == Facets::default() => {
                match self.symbols.find(section, name, &element.place)? {
                    Found::Complex(home, complex) => {
                        let number = self.complex_once(home, complex)?;
                        nested = Some(number);
                        format!("Kind::Complex(&C{number})")
                    }
                    Found::Value(..) => {
                        format!("Kind::Value(&V{})", self.value(section, &element.kind, &element.place)?)
                    }
                }
            }
            kind => format!("Kind::Value(&V{})", self.value(section, kind, &element.place)?),
        };
        let unique = self.unique_rules(section, element)?;
        let namespace = self.namespace_of(section);
        let prefix = match self.sections.get(section) {
            Some(section) if namespace > 0 => format!("{}:", section.prefix),
            _ => String::new(),
        };
        members.uses.namespaces.insert(namespace);
        members.uses.complexes.extend(nested);
        members.uses.nillable |= element.nillable;
        let max = max_of(element.occurs);
        let caption = self.captions.get(element.name.as_str());
        let caption = caption.map_or(("", ""), |caption| (caption.ru.as_str(), caption.en.as_str()));
        let source = format!(
            "Element {{ tags: {:?}, local: {}, namespace: {namespace}, min: {}, max: {}, kind: {kind}, nillable: {}, default: {:?}, fixed: {:?}, unique: &[{unique}], caption: {caption:?}",
            format!("<{prefix}{0}></{prefix}{0}>", element.name),
            prefix.len() + 1,
            element.occurs.min,
            show_max(max),
            element.nillable,
            element.default,
            element.fixed,
        );
        members.elements.push(Member { name: element.name.clone(), source, repeated: repeated || max > 1 });
        Ok(members.elements.len() - 1)
    }

    fn value(&mut self, section: usize, kind: &TypeExpression, place: &Place) -> Result<usize, String> {
        let flat = self.symbols.flatten(section, kind, place)?;
        let name = match kind {
            TypeExpression::Named(name, facets) if *facets == Facets::default() => {
                match self.symbols.find(section, name, place)? {
                    Found::Value(home, value) => {
                        match self.sections.get(home).map(|section| section.tail.as_str()) {
                            Some(tail) if !tail.is_empty() => format!("{tail}.{}", value.name),
                            _ => value.name.clone(),
                        }
                    }
                    Found::Complex(..) => String::new(),
                }
            }
            _ => String::new(),
        };
        let source = value_source(&name, &flat, place)?;
        if let Some(number) = self.values.get(&source) {
            return Ok(*number);
        }
        let number = self.values.len();
        let _ = writeln!(self.out, "static V{number}: Value = {source};");
        self.values.insert(source, number);
        Ok(number)
    }
}

impl Member {
    fn finish(&self, twice: bool, field: usize) -> String {
        format!("{}, list: {}, field: {field} }}", self.source, self.repeated || twice)
    }
}

fn names_of(members: &Members) -> HashSet<&str> {
    members.elements.iter().map(|member| member.name.as_str()).collect()
}

/// Only the envelope's choice is larger than what a word of bits can note.
fn is_choice_of_documents(group: &Group) -> bool {
    group.particles.iter().any(|particle| matches!(particle, Particle::Documents))
}

fn leaf(index: usize, occurs: Occurs, place: &Place) -> Result<Model, String> {
    if occurs.min > 1 || index > 250 {
        return Err(format!("{}:{}: the tables cannot express this", place.file, place.line));
    }
    Ok(Model::Element { index, optional: occurs.min == 0, repeated: max_of(occurs) > 1 })
}

fn max_of(occurs: Occurs) -> u32 {
    occurs.max.unwrap_or(u32::MAX)
}

fn show_max(max: u32) -> String {
    if max == u32::MAX { "UNBOUNDED".to_owned() } else { max.to_string() }
}

fn value_source(name: &str, flat: &Flat, place: &Place) -> Result<String, String> {
    let mut patterns = String::new();
    for pattern in &flat.patterns {
        let _ = write!(
            patterns,
            "{}, ",
            pattern_source(pattern)
                .ok_or_else(|| format!("{}:{}: pattern {pattern}", place.file, place.line))?
        );
    }
    let bound = |bound: &Option<(String, bool)>| match bound {
        Some((value, inclusive)) => format!("Some(Bound {{ value: {value:?}, inclusive: {inclusive} }})"),
        None => "None".to_owned(),
    };
    Ok(format!(
        "Value {{ name: {name:?}, primitive: Primitive::{:?}, min_length: {}, max_length: {}, patterns: &[{patterns}], enumeration: &{:?}, lower: {}, upper: {}, fraction_digits: {:?} }}",
        flat.primitive,
        flat.min_length,
        show_max(flat.max_length),
        flat.enumeration,
        bound(&flat.lower),
        bound(&flat.upper),
        flat.fraction_digits,
    ))
}

/// `non-empty` → `Pattern::NonEmpty`, `digits(18,26)` → `Pattern::Digits(&[18, 26])`.
fn pattern_source(word: &str) -> Option<String> {
    let (name, lengths) = match word.strip_suffix(')') {
        Some(open) => open.split_once('(').map(|(name, lengths)| (name, Some(lengths)))?,
        None => (word, None),
    };
    let mut variant = String::new();
    for part in name.split('-') {
        let mut letters = part.chars();
        variant.extend(letters.next()?.to_uppercase());
        variant.push_str(letters.as_str());
    }
    Some(match lengths {
        Some(lengths) => format!("Pattern::{variant}(&[{lengths}])"),
        None => format!("Pattern::{variant}"),
    })
}
