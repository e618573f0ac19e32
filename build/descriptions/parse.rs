//! Reads description files: indented lines, described in `src/egais/descriptions/README.md`.

use super::ast::*;

/// One file.
pub struct Source<'a> {
    /// Name for messages.
    pub file: &'a str,
    /// Its text.
    pub text: &'a str,
}

/// A caption of an element: one line in both languages.
#[derive(Debug, Clone)]
pub struct Caption {
    /// Name of the element.
    pub name: String,
    /// Russian.
    pub ru: String,
    /// English.
    pub en: String,
}

/// What a file holds.
#[derive(Debug, Default)]
pub struct Parsed {
    /// Its sections.
    pub namespaces: Vec<Namespace>,
    /// Its captions.
    pub captions: Vec<Caption>,
}

/// A line with the more indented lines below it.
#[derive(Debug)]
struct Line {
    words: Vec<Word>,
    text: String,
    place: Place,
    children: Vec<Line>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Word {
    Bare(String),
    Quoted(String),
}

/// Reads one file.
pub fn parse(source: &Source<'_>) -> Result<Parsed, String> {
    let lines = lines(source)?;
    let mut parsed = Parsed::default();
    for line in &lines {
        let section = parsed.namespaces.last_mut();
        match (line.bare(0)?, section) {
            ("namespace", _) => parsed.namespaces.push(namespace(line)?),
            ("caption", _) => parsed.captions.push(Caption {
                name: line.bare(1)?.to_owned(),
                ru: line.quoted(2)?.to_owned(),
                en: line.quoted(3)?.to_owned(),
            }),
            ("document" | "root", Some(section)) => section.documents.push(document(line)?),
            ("value", Some(section)) => {
                let (base, rest) = type_expression(line, 2)?;
                line.nothing_after(rest)?;
                section.values.push(Value {
                    name: line.bare(1)?.to_owned(),
                    base,
                    place: line.place.clone(),
                });
            }
            ("type", Some(section)) => {
                let (mut complex, unique) = complex(line, line.bare(2)?)?;
                if !unique.is_empty() {
                    return Err(line.wrong("a uniqueness rule belongs to an element or a document"));
                }
                complex.name = line.bare(1)?.to_owned();
                section.complexes.push(complex);
            }
            (word, _) => return Err(line.wrong(&format!("'{word}' is not expected here"))),
        }
    }
    Ok(parsed)
}

impl Line {
    fn wrong(&self, message: &str) -> String {
        format!("{}:{}: {message}: {}", self.place.file, self.place.line, self.text)
    }

    fn bare(&self, index: usize) -> Result<&str, String> {
        match self.words.get(index) {
            Some(Word::Bare(word)) => Ok(word),
            _ => Err(self.wrong(&format!("word {} is missing", index + 1))),
        }
    }

    fn quoted(&self, index: usize) -> Result<&str, String> {
        match self.words.get(index) {
            Some(Word::Quoted(text)) => Ok(text),
            _ => Err(self.wrong(&format!("word {} must be in quotes", index + 1))),
        }
    }

    fn nothing_after(&self, index: usize) -> Result<(), String> {
        if self.words.len() > index { Err(self.wrong("words left over")) } else { Ok(()) }
    }

    /// The text after the first word.
    fn rest(&self) -> String {
        self.text.trim().split_once(' ').map_or(String::new(), |(_, rest)| rest.trim().to_owned())
    }
}

fn lines(source: &Source<'_>) -> Result<Vec<Line>, String> {
    // The root of the tree is a line of its own, one level above the first.
    let mut stack = vec![(Vec::<Line>::new(), 0_usize)];
    for (index, raw) in source.text.lines().enumerate() {
        let place = Place { file: source.file.to_owned(), line: index + 1 };
        let trimmed = raw.trim();
        if trimmed.is_empty() || trimmed.starts_with('#') {
            continue;
        }
        let blanks = raw.len() - raw.trim_start_matches(' ').len();
        let level = blanks / 4;
        if blanks % 4 != 0 || level >= stack.len() {
            return Err(format!("{}:{}: wrong indentation", place.file, place.line));
        }
        close(&mut stack, level);
        let line =
            Line { words: words(trimmed, &place)?, text: trimmed.to_owned(), place, children: Vec::new() };
        if let Some((siblings, _)) = stack.last_mut() {
            siblings.push(line);
        }
        stack.push((Vec::new(), level + 1));
    }
    close(&mut stack, 0);
    Ok(stack.pop().map(|(lines, _)| lines).unwrap_or_default())
}

/// Hands finished children to their parents until `level` is open.
fn close(stack: &mut Vec<(Vec<Line>, usize)>, level: usize) {
    while stack.len() > level + 1 {
        if let Some((children, _)) = stack.pop()
            && let Some((siblings, _)) = stack.last_mut()
            && let Some(parent) = siblings.last_mut()
        {
            parent.children = children;
        }
    }
}

fn words(text: &str, place: &Place) -> Result<Vec<Word>, String> {
    let mut words = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        if let Some(quoted) = rest.strip_prefix('"') {
            let (word, after) = quoted
                .split_once('"')
                .ok_or_else(|| format!("{}:{}: a quote is not closed", place.file, place.line))?;
            words.push(Word::Quoted(word.to_owned()));
            rest = after.trim_start();
        } else {
            let (word, after) = rest.split_once(' ').unwrap_or((rest, ""));
            words.push(Word::Bare(word.to_owned()));
            rest = after.trim_start();
        }
    }
    Ok(words)
}

fn namespace(line: &Line) -> Result<Namespace, String> {
    let tail = line.bare(1)?;
    let mut section = Namespace::default();
    if tail != "none" {
        section.tail = tail.to_owned();
    }
    let mut index = 2;
    while index < line.words.len() {
        match line.bare(index)? {
            "prefix" => {
                section.prefix = line.bare(index + 1)?.to_owned();
                index += 1;
            }
            "also" => {
                section.also = Some(line.bare(index + 1)?.to_owned());
                index += 1;
            }
            "unqualified" => section.unqualified = true,
            _ => return Err(line.wrong("unknown word")),
        }
        index += 1;
    }
    section.unqualified |= section.tail.is_empty();
    Ok(section)
}

fn document(line: &Line) -> Result<Document, String> {
    let mut document = Document {
        name: line.bare(1)?.to_owned(),
        type_name: line.bare(2)?.to_owned(),
        is_root: line.bare(0)? == "root",
        place: line.place.clone(),
        ..Document::default()
    };
    line.nothing_after(3)?;
    for child in &line.children {
        let list = || child.rest().split_whitespace().map(str::to_owned).collect::<Vec<_>>();
        match child.bare(0)? {
            "ru" => document.ru = child.rest(),
            "en" => document.en = child.rest(),
            "way" => document.direction = child.rest(),
            "url" => document.urls = list(),
            "answers" => document.answers = list(),
            "or" => document.alternative = Some(child.bare(1)?.to_owned()),
            "unique" => document.unique.push(unique(child)?),
            _ => return Err(child.wrong("unknown line of a document")),
        }
    }
    if document.ru.is_empty() || document.en.is_empty() {
        return Err(line.wrong("a document needs a line in Russian and one in English"));
    }
    if !["in", "out", "both"].contains(&document.direction.as_str()) {
        return Err(line.wrong("way must be in, out or both"));
    }
    Ok(document)
}

/// A complex type whose order word is `order`; its children are those of `line`.
fn complex(line: &Line, order: &str) -> Result<(Complex, Vec<Unique>), String> {
    let (order, occurs) = order_of(order).ok_or_else(|| line.wrong("expected all, sequence or choice"))?;
    let mut complex = Complex { place: line.place.clone(), ..Complex::default() };
    complex.group = Group { order, occurs, particles: Vec::new() };
    let mut rules = Vec::new();
    for child in &line.children {
        match child.bare(0)? {
            "unique" => rules.push(unique(child)?),
            word if word.starts_with('@') => complex.attributes.push(attribute(child)?),
            _ => complex.group.particles.push(particle(child)?),
        }
    }
    Ok((complex, rules))
}

fn particle(line: &Line) -> Result<Particle, String> {
    if line.words.len() == 1 {
        if line.bare(0)? == "documents" {
            return Ok(Particle::Documents);
        }
        let (order, occurs) = order_of(line.bare(0)?).ok_or_else(|| line.wrong("an element needs a type"))?;
        let particles = line.children.iter().map(particle).collect::<Result<Vec<_>, _>>()?;
        return Ok(Particle::Group(Group { order, occurs, particles }));
    }
    element(line).map(|element| Particle::Element(Box::new(element)))
}

fn element(line: &Line) -> Result<Element, String> {
    let (name, occurs) = cardinality(line.bare(0)?).ok_or_else(|| line.wrong("wrong name"))?;
    let mut unique_rules = Vec::new();
    let (mut kind, mut index) = if order_of(line.bare(1)?).is_some() {
        let (complex, rules) = complex(line, line.bare(1)?)?;
        unique_rules = rules;
        (TypeExpression::Complex(Box::new(complex)), 2)
    } else {
        for child in line.children.iter().filter(|child| child.bare(0).is_ok_and(|word| word == "unique")) {
            unique_rules.push(unique(child)?);
        }
        type_expression(line, 1)?
    };
    let mut element = Element {
        name,
        occurs,
        kind: TypeExpression::Any,
        nillable: false,
        default: None,
        fixed: None,
        unique: unique_rules,
        place: line.place.clone(),
    };
    while index < line.words.len() {
        match line.bare(index)? {
            "nillable" => element.nillable = true,
            word @ ("default" | "fixed") => {
                index += 1;
                let value = Some(line.quoted(index)?.to_owned());
                *(if word == "default" { &mut element.default } else { &mut element.fixed }) = value;
            }
            _ => return Err(line.wrong("unknown word")),
        }
        index += 1;
    }
    if let TypeExpression::Primitive(..) | TypeExpression::Named(..) = kind {
        let attributes = line.children.iter().filter(|child| child.text.starts_with('@'));
        let attributes = attributes.map(attribute).collect::<Result<Vec<_>, _>>()?;
        if !attributes.is_empty() {
            let text = Some(Box::new(kind));
            kind = TypeExpression::Complex(Box::new(Complex { attributes, text, ..Complex::default() }));
        }
    }
    element.kind = kind;
    Ok(element)
}

fn attribute(line: &Line) -> Result<Attribute, String> {
    let (name, occurs) =
        cardinality(line.bare(0)?.trim_start_matches('@')).ok_or_else(|| line.wrong("wrong name"))?;
    let (value, index) = type_expression(line, 1)?;
    let default = match line.words.get(index) {
        Some(Word::Bare(word)) if word == "default" => Some(line.quoted(index + 1)?.to_owned()),
        None => None,
        _ => return Err(line.wrong("unknown word")),
    };
    Ok(Attribute { name, required: occurs.min == 1, value, default })
}

fn order_of(word: &str) -> Option<(Order, Occurs)> {
    let (name, occurs) = cardinality(word)?;
    match name.as_str() {
        "all" => Some((Order::All, occurs)),
        "sequence" => Some((Order::Sequence, occurs)),
        "choice" => Some((Order::Choice, occurs)),
        _ => None,
    }
}

/// `Name`, `Name?`, `Name*`, `Name+`, `Name{2,5}`.
fn cardinality(word: &str) -> Option<(String, Occurs)> {
    let one = |name: &str, min, max| Some((name.to_owned(), Occurs { min, max }));
    if let Some(name) = word.strip_suffix('?') {
        return one(name, 0, Some(1));
    }
    if let Some(name) = word.strip_suffix('*') {
        return one(name, 0, None);
    }
    if let Some(name) = word.strip_suffix('+') {
        return one(name, 1, None);
    }
    let Some(open) = word.strip_suffix('}') else { return one(word, 1, Some(1)) };
    let (name, range) = open.split_once('{')?;
    let (min, max) = range.split_once(',')?;
    one(name, min.parse().ok()?, if max.is_empty() { None } else { Some(max.parse().ok()?) })
}

/// A type from word `index` on; also gives the index of the first word after it.
fn type_expression(line: &Line, index: usize) -> Result<(TypeExpression, usize), String> {
    let word = line.bare(index)?;
    if word == "any" {
        return Ok((TypeExpression::Any, index + 1));
    }
    let (facets, next) = facets(line, index + 1)?;
    let primitive = Primitive::ALL.iter().find(|(_, known)| *known == word);
    let kind = match primitive {
        Some((primitive, _)) => TypeExpression::Primitive(*primitive, facets),
        None => {
            let (tail, name) = match word.split_once('.') {
                Some((tail, name)) => (Some(tail.to_owned()), name),
                None => (None, word),
            };
            TypeExpression::Named(Reference { tail, name: name.to_owned() }, facets)
        }
    };
    Ok((kind, next))
}

fn facets(line: &Line, mut index: usize) -> Result<(Facets, usize), String> {
    let mut facets = Facets::default();
    while let Some(Word::Bare(word)) = line.words.get(index) {
        let number = |text: &str| match text {
            "" => Ok(None),
            _ => text.parse::<u32>().map(Some).map_err(|_| line.wrong("not a number")),
        };
        if let Some(length) = word.strip_prefix('=') {
            facets.length = number(length)?;
        } else if let Some(bound) = word.strip_prefix(">=") {
            facets.lower = Some((bound.to_owned(), true));
        } else if let Some(bound) = word.strip_prefix('>') {
            facets.lower = Some((bound.to_owned(), false));
        } else if let Some(bound) = word.strip_prefix("<=") {
            facets.upper = Some((bound.to_owned(), true));
        } else if let Some(bound) = word.strip_prefix('<') {
            facets.upper = Some((bound.to_owned(), false));
        } else if let Some((min, max)) = word.split_once("..") {
            (facets.min_length, facets.max_length) = (number(min)?, number(max)?);
        } else if word == "fraction" {
            index += 1;
            facets.fraction_digits = number(line.bare(index)?)?;
        } else if word == "pattern" {
            index += 1;
            facets.pattern = Some(line.bare(index)?.to_owned());
        } else {
            break;
        }
        index += 1;
    }
    for child in &line.children {
        if let Some(Word::Quoted(value)) = child.words.first() {
            facets.enumeration.push(value.clone());
            child.nothing_after(1)?;
        }
    }
    Ok((facets, index))
}

/// `unique Selector/Path by Field, Field (never matches)`.
fn unique(line: &Line) -> Result<Unique, String> {
    let rest = line.rest();
    let (rest, never_matches) = match rest.strip_suffix("(never matches)") {
        Some(rest) => (rest.trim(), true),
        None => (rest.as_str(), false),
    };
    let (selector, fields) = rest.split_once(" by ").ok_or_else(|| line.wrong("expected 'by'"))?;
    let fields = fields.split(',').map(|field| field.trim().to_owned()).collect();
    Ok(Unique { selector: selector.trim().to_owned(), fields, never_matches })
}
