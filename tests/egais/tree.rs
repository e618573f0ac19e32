//! Documents as trees that can be changed, and their XML.

use obmen::egais::model::{ENVELOPE, Element, Kind, NAMESPACES, Value};

/// An element.
#[derive(Debug, Clone)]
pub struct Node {
    /// Local name.
    pub name: String,
    /// URI, empty for none.
    pub namespace: String,
    /// Attributes: name as written and value.
    pub attributes: Vec<(String, String)>,
    /// Children and texts in order.
    pub children: Vec<Child>,
    /// Its description, if it has one.
    pub element: Option<&'static Element>,
}

/// What stands inside an element.
#[derive(Debug, Clone)]
pub enum Child {
    /// An element.
    Node(Node),
    /// A text.
    Text(String),
}

impl Node {
    /// An element of a description, still empty.
    pub fn of(element: &'static Element) -> Self {
        Self {
            name: element.name().to_owned(),
            namespace: uri(element.namespace).to_owned(),
            attributes: Vec::new(),
            children: Vec::new(),
            element: Some(element),
        }
    }

    /// The value type, if it is a plain value.
    pub fn value_type(&self) -> Option<&'static Value> {
        match self.element?.kind {
            Kind::Value(value) => Some(value),
            _ => None,
        }
    }

    /// Child elements.
    pub fn nodes(&self) -> impl Iterator<Item = &Node> {
        self.children.iter().filter_map(|child| match child {
            Child::Node(node) => Some(node),
            Child::Text(_) => None,
        })
    }

    /// The text.
    pub fn text(&self) -> String {
        self.children
            .iter()
            .map(|child| match child {
                Child::Text(text) => text.as_str(),
                Child::Node(_) => "",
            })
            .collect()
    }

    /// Sets the text.
    pub fn set_text(&mut self, text: &str) {
        self.children = vec![Child::Text(text.to_owned())];
    }

    /// Visits every element with the way to it (places among all children).
    pub fn visit(&self, way: &mut Vec<usize>, look: &mut dyn FnMut(&Node, &[usize])) {
        look(self, way);
        for (place, child) in self.children.iter().enumerate() {
            if let Child::Node(node) = child {
                way.push(place);
                node.visit(way, look);
                way.pop();
            }
        }
    }

    /// The element at the end of a way.
    pub fn at(&mut self, way: &[usize]) -> Option<&mut Node> {
        way.iter().try_fold(self, |node, place| match node.children.get_mut(*place)? {
            Child::Node(node) => Some(node),
            Child::Text(_) => None,
        })
    }
}

/// URI of a place in the table of namespaces.
pub fn uri(place: u8) -> &'static str {
    NAMESPACES[usize::from(place)].uri
}

/// The envelope around a document.
pub fn in_envelope(document: Node, owner: &str) -> Node {
    let [owner_element, body_element] = ENVELOPE.elements else {
        unreachable!("the envelope has two elements")
    };
    let Kind::Complex(sender) = owner_element.kind else { unreachable!("the owner has children") };
    let mut id = Node::of(&sender.elements[0]);
    id.set_text(owner);
    let mut sender = Node::of(owner_element);
    sender.children.push(Child::Node(id));
    let mut body = Node::of(body_element);
    body.children.push(Child::Node(document));
    Node {
        name: "Documents".to_owned(),
        namespace: uri(owner_element.namespace).to_owned(),
        attributes: Vec::new(),
        children: vec![Child::Node(sender), Child::Node(body)],
        element: None,
    }
}

/// How a tree is written; none of this matters to a reader of XML.
#[derive(Debug, Clone, Copy, Default)]
pub struct Style {
    /// Every element declares its own default namespace, and there are no prefixes.
    pub default_namespaces: bool,
    /// Line breaks and blanks between elements.
    pub indented: bool,
    /// Texts as CDATA sections where that is possible.
    pub sections: bool,
}

/// The XML of a tree.
pub fn write(root: &Node, style: Style) -> String {
    let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>");
    let mut uris: Vec<String> = Vec::new();
    root.visit(&mut Vec::new(), &mut |node, _| {
        if !node.namespace.is_empty() && !uris.contains(&node.namespace) {
            uris.push(node.namespace.clone());
        }
    });
    write_node(root, style, &uris, true, &mut out);
    out
}

fn write_node(node: &Node, style: Style, uris: &[String], is_root: bool, out: &mut String) {
    let prefix = uris.iter().position(|uri| *uri == node.namespace).filter(|_| !style.default_namespaces);
    let name = prefix.map_or_else(|| node.name.clone(), |number| format!("p{number}:{}", node.name));
    out.push_str(&format!("<{name}"));
    if style.default_namespaces {
        out.push_str(&format!(" xmlns=\"{}\"", node.namespace));
    } else if is_root {
        for (number, uri) in uris.iter().enumerate() {
            out.push_str(&format!(" xmlns:p{number}=\"{uri}\""));
        }
    }
    if is_root {
        out.push_str(" xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\"");
    }
    for (name, value) in &node.attributes {
        out.push_str(&format!(" {name}=\"{}\"", escape(value)));
    }
    if node.children.is_empty() {
        out.push_str("/>");
        return;
    }
    out.push('>');
    let between = style.indented && node.children.iter().all(|child| matches!(child, Child::Node(_)));
    for child in &node.children {
        if between {
            out.push_str("\n  ");
        }
        match child {
            Child::Node(node) => write_node(node, style, uris, false, out),
            // xmllint takes blanks in a section for text where only elements may stand.
            Child::Text(text)
                if style.sections
                    && !text.trim().is_empty()
                    && !text.contains("]]>")
                    && !text.contains('\r') =>
            {
                out.push_str(&format!("<![CDATA[{text}]]>"));
            }
            Child::Text(text) => out.push_str(&escape(text)),
        }
    }
    out.push_str(&format!("</{name}>"));
}

fn escape(text: &str) -> String {
    let mut out = String::new();
    for sign in text.chars() {
        match sign {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\r' => out.push_str("&#13;"),
            '\n' => out.push_str("&#10;"),
            '\t' => out.push_str("&#9;"),
            sign => out.push(sign),
        }
    }
    out
}
