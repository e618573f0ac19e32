//! The official schemas as description trees: reads a folder of XSD files.

use super::ast::*;
use super::dom::{self, Node};
use super::patterns;
use super::unique;
use std::collections::{BTreeMap, HashMap};
use std::path::Path;

/// URIs of EGAIS namespaces begin with this.
pub const BASE: &str = "http://fsrar.ru/WEGAIS/";
const XSD: &str = "http://www.w3.org/2001/XMLSchema";

/// A folder of schemas, by namespace tail.
pub struct Schemas {
    /// Sections by tail, each with all types of its namespace.
    pub sections: BTreeMap<String, Namespace>,
    /// Members of the choice in `Document`, in its order: element, tail and name of its type.
    pub choice: Vec<(String, Reference)>,
}

/// Reads all schemas of `folder` and, if it is there, of its sub-folder with the documents of older UTMs.
pub fn load(folder: &Path) -> Result<Schemas, String> {
    let mut schemas = Schemas { sections: BTreeMap::new(), choice: Vec::new() };
    let mut files = Vec::new();
    for directory in [folder.to_owned(), folder.join("utm-3.0.8-extra")] {
        let Ok(entries) = std::fs::read_dir(&directory) else { continue };
        for entry in entries {
            let path = entry.map_err(|error| error.to_string())?.path();
            if path.extension().is_some_and(|extension| extension == "xsd") {
                files.push(path);
            }
        }
    }
    files.sort();
    if files.is_empty() {
        return Err(format!("{}: no .xsd files", folder.display()));
    }
    for path in files {
        let root = dom::read(&path)?;
        let stem = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default().to_owned();
        File::new(&root, &stem).read(&mut schemas)?;
    }
    unique::settle(&mut schemas)?;
    Ok(schemas)
}

struct File<'a> {
    root: &'a Node,
    stem: String,
    tail: String,
    prefixes: HashMap<String, String>,
}

impl<'a> File<'a> {
    fn new(root: &'a Node, stem: &str) -> Self {
        let mut prefixes = HashMap::new();
        for (name, value) in &root.attributes {
            if name == "xmlns" {
                prefixes.insert(String::new(), value.clone());
            } else if let Some(prefix) = name.strip_prefix("xmlns:") {
                prefixes.insert(prefix.to_owned(), value.clone());
            }
        }
        let tail = tail_of(root.attribute("targetNamespace").unwrap_or(""));
        Self { root, stem: stem.to_owned(), tail, prefixes }
    }

    fn read(&self, schemas: &mut Schemas) -> Result<(), String> {
        if self.tail == "WB_DOC_SINGLE_01" {
            self.read_choice(schemas)?;
        }
        let mut section = Namespace {
            tail: if self.tail.is_empty() { format!("-{}", self.stem) } else { self.tail.clone() },
            unqualified: self.root.attribute("elementFormDefault") != Some("qualified"),
            ..Namespace::default()
        };
        for child in &self.root.children {
            match child.name.as_str() {
                "import" => {}
                "complexType" => section.complexes.push(self.complex(child)?),
                "simpleType" => {
                    let name = name_of(child)?;
                    section.values.push(Value { base: self.simple(child)?, name, place: Place::default() });
                }
                // Only the documents without a namespace have global elements; they become types of the same name.
                "element" => {
                    let inline = child.first("complexType").ok_or("global element without a type")?;
                    let mut complex = self.complex(inline)?;
                    complex.name = name_of(child)?;
                    if complex.name == self.stem {
                        section.documents.push(Document {
                            name: complex.name.clone(),
                            type_name: complex.name.clone(),
                            is_root: true,
                            unique: self.unique(child)?,
                            ..Document::default()
                        });
                    }
                    section.complexes.push(complex);
                }
                other => return Err(format!("{}: unexpected {other}", self.stem)),
            }
        }
        if schemas.sections.insert(section.tail.clone(), section).is_some() {
            return Err(format!("{}: namespace declared twice", self.stem));
        }
        Ok(())
    }

    fn read_choice(&self, schemas: &mut Schemas) -> Result<(), String> {
        let choice = self
            .root
            .all("complexType")
            .find_map(|complex| complex.first("choice"))
            .ok_or("WB_DOC_SINGLE_01: no choice of documents")?;
        for element in choice.all("element") {
            let name = name_of(element)?;
            let kind = element.attribute("type").ok_or("document without a type")?;
            let (uri, local) = self.resolve(kind)?;
            schemas.choice.push((name, Reference { tail: Some(tail_of(&uri)), name: local }));
        }
        Ok(())
    }

    fn resolve(&self, name: &str) -> Result<(String, String), String> {
        let (prefix, local) = name.split_once(':').unwrap_or(("", name));
        let uri = match self.prefixes.get(prefix) {
            Some(uri) => uri.clone(),
            None if prefix.is_empty() => String::new(),
            None => return Err(format!("{}: prefix of {name} is not declared", self.stem)),
        };
        Ok((uri, local.to_owned()))
    }

    fn named(&self, name: &str, facets: Facets) -> Result<TypeExpression, String> {
        let (uri, local) = self.resolve(name)?;
        if uri == XSD {
            let primitive =
                primitive(&local).ok_or_else(|| format!("{}: xs:{local} is not known", self.stem))?;
            return Ok(TypeExpression::Primitive(primitive, facets));
        }
        let tail = tail_of(&uri);
        let tail = (tail != self.tail).then_some(tail);
        Ok(TypeExpression::Named(Reference { tail, name: local }, facets))
    }

    fn complex(&self, node: &Node) -> Result<Complex, String> {
        let mut complex =
            Complex { name: node.attribute("name").unwrap_or("").to_owned(), ..Complex::default() };
        for child in &node.children {
            match child.name.as_str() {
                "annotation" => {}
                "all" | "sequence" | "choice" => complex.group = self.group(child)?,
                "attribute" => complex.attributes.push(Attribute {
                    name: name_of(child)?,
                    required: child.attribute("use") == Some("required"),
                    value: self
                        .named(child.attribute("type").ok_or("untyped attribute")?, Facets::default())?,
                    default: child.attribute("default").map(str::to_owned),
                }),
                other => return Err(format!("{}: unexpected {other} in a complex type", self.stem)),
            }
        }
        Ok(complex)
    }

    fn group(&self, node: &Node) -> Result<Group, String> {
        let order = match node.name.as_str() {
            "all" => Order::All,
            "sequence" => Order::Sequence,
            _ => Order::Choice,
        };
        let mut group = Group { order, occurs: occurs(node)?, particles: Vec::new() };
        for child in &node.children {
            match child.name.as_str() {
                "annotation" => {}
                "element" => group.particles.push(Particle::Element(Box::new(self.element(child)?))),
                "sequence" | "choice" => group.particles.push(Particle::Group(self.group(child)?)),
                other => return Err(format!("{}: unexpected {other} in a group", self.stem)),
            }
        }
        Ok(group)
    }

    fn element(&self, node: &Node) -> Result<Element, String> {
        let (name, kind) = match node.attribute("ref") {
            Some(reference) => {
                let (_, local) = self.resolve(reference)?;
                (
                    local.clone(),
                    TypeExpression::Named(Reference { tail: None, name: local }, Facets::default()),
                )
            }
            None => (name_of(node)?, self.type_of(node)?),
        };
        Ok(Element {
            name,
            occurs: occurs(node)?,
            kind,
            nillable: node.attribute("nillable") == Some("true"),
            default: node.attribute("default").map(str::to_owned),
            fixed: node.attribute("fixed").map(str::to_owned),
            unique: self.unique(node)?,
            place: Place::default(),
        })
    }

    fn type_of(&self, node: &Node) -> Result<TypeExpression, String> {
        if let Some(name) = node.attribute("type") {
            self.named(name, Facets::default())
        } else if let Some(complex) = node.first("complexType") {
            Ok(TypeExpression::Complex(Box::new(self.complex(complex)?)))
        } else if let Some(simple) = node.first("simpleType") {
            self.simple(simple)
        } else {
            Ok(TypeExpression::Any)
        }
    }

    fn simple(&self, node: &Node) -> Result<TypeExpression, String> {
        let restriction =
            node.first("restriction").ok_or_else(|| format!("{}: not a restriction", self.stem))?;
        let facets = self.facets(restriction)?;
        match (restriction.attribute("base"), restriction.first("simpleType")) {
            (Some(base), _) => self.named(base, facets),
            (None, Some(inner)) => match self.simple(inner)? {
                TypeExpression::Primitive(primitive, inner) if inner == Facets::default() => {
                    Ok(TypeExpression::Primitive(primitive, facets))
                }
                _ => Err(format!("{}: nested simple type with limits", self.stem)),
            },
            (None, None) => Err(format!("{}: restriction of nothing", self.stem)),
        }
    }

    fn facets(&self, restriction: &Node) -> Result<Facets, String> {
        let mut facets = Facets::default();
        for child in &restriction.children {
            let value = child.attribute("value").unwrap_or("").to_owned();
            let number = || value.parse::<u32>().map_err(|error| format!("{}: {value}: {error}", self.stem));
            match child.name.as_str() {
                "annotation" | "simpleType" => {}
                "length" => facets.length = Some(number()?),
                "minLength" => facets.min_length = Some(number()?),
                "maxLength" => facets.max_length = Some(number()?),
                "fractionDigits" => facets.fraction_digits = Some(number()?),
                "enumeration" => facets.enumeration.push(value),
                "minInclusive" => facets.lower = Some((value, true)),
                "minExclusive" => facets.lower = Some((value, false)),
                "maxInclusive" => facets.upper = Some((value, true)),
                "maxExclusive" => facets.upper = Some((value, false)),
                "pattern" => {
                    if facets.pattern.is_some() {
                        return Err(format!("{}: two patterns in one step", self.stem));
                    }
                    facets.pattern = Some(patterns::recogniser(&value));
                }
                other => return Err(format!("{}: unexpected facet {other}", self.stem)),
            }
        }
        Ok(facets)
    }

    fn unique(&self, node: &Node) -> Result<Vec<Unique>, String> {
        let mut rules = Vec::new();
        for unique in node.all("unique") {
            let selector = unique.first("selector").and_then(|node| node.attribute("xpath"));
            let mut rule = Unique {
                selector: self.path(selector.ok_or("unique without selector")?)?,
                ..Unique::default()
            };
            for field in unique.all("field") {
                rule.fields.push(self.path(field.attribute("xpath").ok_or("field without xpath")?)?);
            }
            rules.push(rule);
        }
        Ok(rules)
    }

    /// An XPath with each step as `{tail}name`; `unique::settle` turns it into plain names. A name without prefix
    /// has no namespace here, whatever the default one is.
    fn path(&self, path: &str) -> Result<String, String> {
        let step = |step: &str| -> Result<String, String> {
            if step == "." || step.starts_with('@') {
                return Ok(step.to_owned());
            }
            let (uri, local) = match step.contains(':') {
                true => self.resolve(step)?,
                false => (String::new(), step.to_owned()),
            };
            Ok(format!("{{{}}}{local}", tail_of(&uri)))
        };
        Ok(path.split('/').map(step).collect::<Result<Vec<_>, _>>()?.join("/"))
    }
}

fn primitive(name: &str) -> Option<Primitive> {
    Some(match name {
        "string" => Primitive::Text,
        "decimal" => Primitive::Decimal,
        "integer" => Primitive::Integer,
        "positiveInteger" => Primitive::PositiveInteger,
        "boolean" => Primitive::Boolean,
        "date" => Primitive::Date,
        "dateTime" => Primitive::DateTime,
        "base64Binary" => Primitive::Base64,
        _ => return None,
    })
}

fn occurs(node: &Node) -> Result<Occurs, String> {
    let number = |text: &str| text.parse::<u32>().map_err(|error| format!("{text}: {error}"));
    let min = node.attribute("minOccurs").map_or(Ok(1), number)?;
    let max = match node.attribute("maxOccurs") {
        None => Some(1),
        Some("unbounded") => None,
        Some(text) => Some(number(text)?),
    };
    Ok(Occurs { min, max })
}

fn name_of(node: &Node) -> Result<String, String> {
    node.attribute("name").map(str::to_owned).ok_or_else(|| format!("{} without a name", node.name))
}

fn tail_of(uri: &str) -> String {
    uri.strip_prefix(BASE).unwrap_or(uri).to_owned()
}
