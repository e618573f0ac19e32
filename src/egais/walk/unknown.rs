//! Elements that no description knows: kept as they are, so that nothing is lost.

use crate::egais::xml::{Attribute, Start};
use serde_json::{Map, Value as Json};
use std::borrow::Cow;

/// Most unknown elements, attributes and texts kept of a document; the others are only counted.
const MOST_NODES: usize = 200_000;

/// What is kept of a document beside its description.
#[derive(Debug, Default)]
pub struct Kept {
    list: Vec<Unknown>,
    nodes: usize,
    left_out: usize,
}

impl Kept {
    /// Keeps a text in a place where none belongs, or an attribute.
    pub fn text(&mut self, path: String, text: &str) {
        self.nodes += 1;
        if self.nodes > MOST_NODES {
            self.left_out += 1;
        } else {
            self.list.push(Unknown { path, value: text.into() });
        }
    }

    /// Keeps an element with all that is in it.
    pub fn element(&mut self, capture: Capture<'_>) {
        self.left_out += capture.left_out;
        self.nodes += capture.nodes;
        self.list.extend(capture.finish());
    }

    /// What was kept, with a last entry that counts what was not.
    pub fn into_list(self) -> Vec<Unknown> {
        let mut list = self.list;
        if self.left_out > 0 {
            list.push(Unknown {
                path: String::new(),
                value: serde_json::json!({ "Пропущено": self.left_out }),
            });
        }
        list
    }
}

/// Something in a document that its description does not know.
#[derive(Debug, Clone, PartialEq)]
pub struct Unknown {
    /// Where: `Content.Position[0].NewField`.
    pub path: String,
    /// The value: a text, or an object of child elements by name; those that repeat are arrays.
    pub value: Json,
}

impl Unknown {
    /// The object that stands in the list: `Путь`, `Значение`.
    pub fn to_json(&self) -> Json {
        serde_json::json!({ "Путь": self.path, "Значение": self.value })
    }
}

/// An unknown element while it is open.
#[derive(Debug)]
pub struct Capture<'a> {
    path: String,
    /// It stands where the document should be.
    pub is_document: bool,
    open: Vec<Node<'a>>,
    done: Option<Node<'a>>,
    /// How many elements it has, and how many it may have.
    nodes: usize,
    most: usize,
    left_out: usize,
    skipping: usize,
}

#[derive(Debug)]
struct Node<'a> {
    name: &'a str,
    text: Cow<'a, str>,
    members: Map<String, Json>,
}

impl<'a> Capture<'a> {
    /// Begins with the next start; `kept` tells how much more may be kept.
    pub fn new(path: String, is_document: bool, kept: &Kept) -> Self {
        let most = MOST_NODES.saturating_sub(kept.nodes);
        Self { path, is_document, open: Vec::new(), done: None, nodes: 0, most, left_out: 0, skipping: 0 }
    }

    /// An element begins.
    pub fn start(&mut self, start: Start<'a>, attributes: &[Attribute<'a>]) {
        if self.nodes >= self.most {
            self.left_out += 1;
            self.skipping += 1;
            return;
        }
        self.nodes += 1;
        let mut members = Map::new();
        for attribute in attributes.iter().filter(|attribute| !attribute.is_instance) {
            members.insert(attribute.name.to_owned(), (*attribute.value).into());
        }
        self.open.push(Node { name: start.name, text: "".into(), members });
    }

    /// A piece of text.
    pub fn text(&mut self, piece: Cow<'a, str>) {
        if let Some(node) = self.open.last_mut().filter(|_| self.skipping == 0) {
            if node.text.is_empty() {
                node.text = piece;
            } else {
                node.text.to_mut().push_str(&piece);
            }
        }
    }

    /// The innermost element ends. True if it was the unknown element itself.
    pub fn end(&mut self) -> bool {
        if self.skipping > 0 {
            self.skipping -= 1;
            return self.skipping == 0 && self.open.is_empty();
        }
        let Some(node) = self.open.pop() else { return true };
        match self.open.last_mut() {
            Some(parent) => {
                let name = node.name;
                let value = node.into_json();
                match parent.members.get_mut(name) {
                    None => {
                        parent.members.insert(name.to_owned(), value);
                    }
                    Some(Json::Array(list)) => list.push(value),
                    Some(single) => *single = Json::Array(vec![single.take(), value]),
                }
                false
            }
            None => {
                self.done = Some(node);
                true
            }
        }
    }

    /// Name of the unknown element.
    pub fn name(&self) -> &'a str {
        self.done.as_ref().map_or("", |node| node.name)
    }

    /// Its content as a JSON object, without the braces.
    pub fn content_json(&self) -> String {
        let members = self.done.as_ref().map(|node| Json::Object(node.members.clone()).to_string());
        members.map_or_else(String::new, |text| text.get(1..text.len() - 1).unwrap_or_default().to_owned())
    }

    /// The finished element; `None` if it was left out.
    fn finish(self) -> Option<Unknown> {
        let node = self.done?;
        // The content of an unknown document stands in the data already.
        let value = if self.is_document { Json::String(node.name.to_owned()) } else { node.into_json() };
        Some(Unknown { path: self.path, value })
    }
}

impl Node<'_> {
    fn into_json(self) -> Json {
        let text = self.text.trim();
        if self.members.is_empty() {
            return text.into();
        }
        let mut members = self.members;
        if !text.is_empty() {
            members.insert("value".to_owned(), text.into());
        }
        Json::Object(members)
    }
}
