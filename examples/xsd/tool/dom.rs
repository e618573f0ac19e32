//! A small tree of an XML file: enough to read schemas.

use quick_xml::Reader;
use quick_xml::events::Event;
use std::collections::HashMap;
use std::path::Path;

/// An element of a schema file.
#[derive(Debug, Default, Clone)]
pub struct Node {
    /// Local name.
    pub name: String,
    /// Attributes by raw name.
    pub attributes: HashMap<String, String>,
    /// Child elements.
    pub children: Vec<Node>,
}

impl Node {
    /// Value of an attribute.
    pub fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.get(name).map(String::as_str)
    }

    /// Children of one kind.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Node> {
        self.children.iter().filter(move |child| child.name == name)
    }

    /// The first child of one kind.
    pub fn first(&self, name: &str) -> Option<&Node> {
        self.children.iter().find(|child| child.name == name)
    }
}

/// Reads a file. Errors are texts: this is a developer's tool.
pub fn read(path: &Path) -> Result<Node, String> {
    let bytes = std::fs::read(path).map_err(|error| format!("{}: {error}", path.display()))?;
    let text = String::from_utf8(bytes).map_err(|error| format!("{}: {error}", path.display()))?;
    parse(text.trim_start_matches('\u{feff}')).map_err(|error| format!("{}: {error}", path.display()))
}

fn parse(text: &str) -> Result<Node, String> {
    let mut reader = Reader::from_str(text);
    let mut stack = vec![Node::default()];
    loop {
        match reader.read_event().map_err(|error| error.to_string())? {
            Event::Start(start) => stack.push(node(&start)?),
            Event::Empty(start) => {
                let child = node(&start)?;
                stack.last_mut().ok_or("no root")?.children.push(child);
            }
            Event::End(_) => {
                let child = stack.pop().ok_or("unbalanced")?;
                stack.last_mut().ok_or("unbalanced")?.children.push(child);
            }
            Event::Eof => break,
            _ => {}
        }
    }
    stack.pop().and_then(|mut root| root.children.pop()).ok_or_else(|| "empty file".to_owned())
}

fn node(start: &quick_xml::events::BytesStart<'_>) -> Result<Node, String> {
    let mut attributes = HashMap::new();
    for attribute in start.attributes() {
        let attribute = attribute.map_err(|error| error.to_string())?;
        let key = attribute.key.as_ref().to_owned();
        let value = attribute
            .normalized_value(quick_xml::XmlVersion::Implicit1_0)
            .map_err(|error| error.to_string())?
            .into_owned();
        attributes.insert(key, value);
    }
    let name = start.local_name().as_ref().to_owned();
    Ok(Node { name, attributes, children: Vec::new() })
}
