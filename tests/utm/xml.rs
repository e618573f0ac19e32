//! A small tree of XML for the stand-in: reads by namespace, writes with the prefixes EGAIS itself uses.

use quick_xml::XmlVersion;
use quick_xml::escape::escape;
use quick_xml::events::Event;
use quick_xml::name::ResolveResult;
use quick_xml::reader::NsReader;

/// What all namespaces of EGAIS begin with.
const BASE: &str = "http://fsrar.ru/WEGAIS/";

/// An element. `namespace` is the tail after the common beginning, empty for none.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Element {
    pub namespace: String,
    pub name: String,
    pub attributes: Vec<(String, String)>,
    pub children: Vec<Element>,
    pub text: String,
}

/// An element without content.
pub fn element(namespace: &str, name: &str) -> Element {
    Element { namespace: namespace.into(), name: name.into(), ..Element::default() }
}

/// An element with text.
pub fn leaf(namespace: &str, name: &str, text: impl Into<String>) -> Element {
    Element { text: text.into(), ..element(namespace, name) }
}

impl Element {
    pub fn with(mut self, child: Element) -> Self {
        self.children.push(child);
        self
    }

    pub fn with_all(mut self, children: impl IntoIterator<Item = Element>) -> Self {
        self.children.extend(children);
        self
    }

    /// Adds a leaf in the namespace of this element.
    pub fn field(self, name: &str, text: impl Into<String>) -> Self {
        let namespace = self.namespace.clone();
        self.with(leaf(&namespace, name, text))
    }

    pub fn child(&self, name: &str) -> Option<&Element> {
        self.children.iter().find(|child| child.name == name)
    }

    /// Follows local names separated by `/`.
    pub fn find(&self, path: &str) -> Option<&Element> {
        path.split('/').try_fold(self, |element, name| element.child(name))
    }

    /// The text at a path, empty if there is none.
    pub fn at(&self, path: &str) -> String {
        self.find(path).map(|element| element.text.trim().to_owned()).unwrap_or_default()
    }

    pub fn all<'e>(&'e self, name: &'e str) -> impl Iterator<Item = &'e Element> {
        self.children.iter().filter(move |child| child.name == name)
    }

    /// The first element of that name anywhere below.
    pub fn descendant(&self, name: &str) -> Option<&Element> {
        self.children
            .iter()
            .find_map(|child| if child.name == name { Some(child) } else { child.descendant(name) })
    }

    /// The same element under another name in another namespace; its children keep theirs.
    pub fn renamed(&self, namespace: &str, name: &str) -> Self {
        Self { namespace: namespace.into(), name: name.into(), ..self.clone() }
    }

    /// Reads a document.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut reader = NsReader::from_str(text.trim_start_matches('\u{feff}').trim_start());
        let mut open: Vec<Element> = Vec::new();
        loop {
            let (namespace, event) = reader.read_resolved_event().map_err(|error| error.to_string())?;
            let namespace = match namespace {
                ResolveResult::Bound(namespace) => {
                    namespace.0.strip_prefix(BASE).unwrap_or(namespace.0).to_owned()
                }
                ResolveResult::Unbound => String::new(),
                ResolveResult::Unknown(prefix) => return Err(format!("prefix {prefix} is not declared")),
            };
            let mut closed = None;
            match event {
                Event::Start(start) => open.push(begin(namespace, &start)?),
                Event::Empty(start) => closed = Some(begin(namespace, &start)?),
                Event::End(_) => closed = open.pop(),
                Event::Text(text) => append(&mut open, &text.xml_content(XmlVersion::Implicit1_0)),
                Event::CData(text) => append(&mut open, &text.xml_content(XmlVersion::Implicit1_0)),
                Event::GeneralRef(reference) => {
                    let text = match reference.resolve_char_ref().map_err(|error| error.to_string())? {
                        Some(character) => character.to_string(),
                        None => quick_xml::escape::unescape(&format!("&{};", &*reference))
                            .map_err(|error| error.to_string())?
                            .into_owned(),
                    };
                    append(&mut open, &text);
                }
                Event::Eof => return Err("the document ends too early".into()),
                Event::DocType(_) => return Err("a document type declaration is not allowed".into()),
                Event::Comment(_) | Event::Decl(_) | Event::PI(_) => {}
            }
            if let Some(element) = closed {
                match open.last_mut() {
                    Some(parent) => parent.children.push(element),
                    None => return Ok(element),
                }
            }
        }
    }

    /// Writes a document with a declaration.
    pub fn document(&self) -> String {
        let mut namespaces = Vec::new();
        self.collect(&mut namespaces);
        let mut prefixes: Vec<(String, String)> = Vec::new();
        for namespace in namespaces {
            let wanted = prefix(&namespace);
            let taken = prefixes.iter().any(|(_, prefix)| prefix == wanted);
            let name = if taken { format!("{wanted}{}", prefixes.len()) } else { wanted.to_owned() };
            prefixes.push((namespace, name));
        }
        let mut text = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>");
        self.write(&mut text, &prefixes, true);
        text
    }

    fn collect(&self, namespaces: &mut Vec<String>) {
        if !self.namespace.is_empty() && !namespaces.contains(&self.namespace) {
            namespaces.push(self.namespace.clone());
        }
        for child in &self.children {
            child.collect(namespaces);
        }
    }

    fn write(&self, text: &mut String, prefixes: &[(String, String)], is_root: bool) {
        let prefix = prefixes.iter().find(|(namespace, _)| *namespace == self.namespace);
        let name = prefix.map_or_else(|| self.name.clone(), |(_, prefix)| format!("{prefix}:{}", self.name));
        text.push('<');
        text.push_str(&name);
        if is_root {
            for (namespace, prefix) in prefixes {
                text.push_str(&format!(" xmlns:{prefix}=\"{BASE}{namespace}\""));
            }
        }
        for (key, value) in &self.attributes {
            text.push_str(&format!(" {key}=\"{}\"", escape(value.as_str())));
        }
        if self.children.is_empty() && self.text.is_empty() {
            text.push_str("/>");
            return;
        }
        text.push('>');
        if self.children.is_empty() {
            text.push_str(&escape(self.text.as_str()));
        }
        for child in &self.children {
            child.write(text, prefixes, false);
        }
        text.push_str(&format!("</{name}>"));
    }
}

fn begin(namespace: String, start: &quick_xml::events::BytesStart<'_>) -> Result<Element, String> {
    let mut element =
        Element { namespace, name: start.local_name().as_ref().to_owned(), ..Element::default() };
    for attribute in start.attributes() {
        let attribute = attribute.map_err(|error| error.to_string())?;
        let key = attribute.key.as_ref();
        if key != "xmlns" && !key.starts_with("xmlns:") {
            let value =
                attribute.normalized_value(XmlVersion::Implicit1_0).map_err(|error| error.to_string())?;
            element.attributes.push((key.to_owned(), value.into_owned()));
        }
    }
    Ok(element)
}

fn append(open: &mut [Element], text: &str) {
    if let Some(element) = open.last_mut() {
        element.text.push_str(text);
    }
}

fn prefix(namespace: &str) -> &'static str {
    match namespace {
        "WB_DOC_SINGLE_01" => "ns",
        "ClientRef" | "ClientRef_v2" => "oref",
        "ProductRef" | "ProductRef_v2" => "pref",
        "CommonV3" => "ce",
        "Ticket" => "tc",
        _ if namespace.starts_with("TTNInform") || namespace.starts_with("TTNHistory") => "wbr",
        _ if namespace.starts_with("TTNSingle") => "wb",
        _ if namespace.starts_with("ActTTNSingle") => "wa",
        _ if namespace.starts_with("ReplyRest") => "rst",
        _ => "qp",
    }
}
