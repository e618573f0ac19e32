//! The static tables of document descriptions: what `build.rs` compiles from `descriptions/*.egais`.
//!
//! Everything is `'static` and ready when the library is loaded. The names follow XSD: an element has a type, a
//! type has a content model or is a value with facets.

use super::value::Pattern;
pub use super::xsd::{Order, Primitive};

/// How many times an unbounded element may occur.
pub const UNBOUNDED: u32 = u32::MAX;

/// The tables.
pub mod tables {
    use super::*;
    include!(concat!(env!("OUT_DIR"), "/descriptions.rs"));
}

pub use tables::{DOCUMENTS, ENVELOPE, NAMESPACES};

/// An XML namespace. Tables refer to it by its place in [`NAMESPACES`]; place 0 stands for "no namespace".
#[derive(Debug)]
pub struct Namespace {
    /// URI, empty for none.
    pub uri: &'static str,
    /// The prefix UTM itself uses.
    pub prefix: &'static str,
    /// URI of another namespace that real documents use instead.
    pub also: Option<&'static str>,
}

/// Which way a document travels, seen from the client of a UTM.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// Client to EGAIS.
    Out,
    /// EGAIS to client.
    In,
    /// Both ways.
    Both,
}

/// A document type.
#[derive(Debug)]
pub struct Document {
    /// Its element, such as `WayBill_v4`.
    pub element: Element,
    /// One line in Russian.
    pub ru: &'static str,
    /// One line in English.
    pub en: &'static str,
    /// Which way it travels.
    pub direction: Direction,
    /// Names in UTM's URLs; the first is the one to post to.
    pub urls: &'static [&'static str],
    /// Documents that answer it.
    pub answers: &'static [&'static str],
    /// Family: the description file.
    pub family: &'static str,
    /// Travels without the envelope `Documents`.
    pub is_root: bool,
    /// Another type that the same element may have (the list of `/opt/out` instead of the answer to a POST).
    pub alternative: Option<&'static Complex>,
    /// Namespaces of its elements.
    pub namespaces: &'static [u8],
    /// Some element inside may be `xsi:nil`.
    pub nillable: bool,
}

impl Document {
    /// Name of the element, which names the type: `WayBill_v4`.
    pub fn name(&self) -> &'static str {
        self.element.name()
    }
}

/// An element inside a type, or the root.
#[derive(Debug)]
pub struct Element {
    /// Both tags with UTM's prefix, `<wb:Header></wb:Header>`: what a writer needs, in one piece.
    pub tags: &'static str,
    /// Where the local name begins in `tags`.
    pub local: u8,
    /// Place in [`NAMESPACES`].
    pub namespace: u8,
    /// At least so often.
    pub min: u32,
    /// At most so often, [`UNBOUNDED`] for any number.
    pub max: u32,
    /// Its type.
    pub kind: Kind,
    /// `xsi:nil="true"` is allowed.
    pub nillable: bool,
    /// Value of an empty element.
    pub default: Option<&'static str>,
    /// The only value.
    pub fixed: Option<&'static str>,
    /// Uniqueness rules inside it.
    pub unique: &'static [Unique],
    /// Its values form a list: it, or its group, may be repeated, or its name stands twice in the type.
    pub list: bool,
    /// Place of the first element of the same name in the type.
    pub field: u8,
    /// What people call it, `("", "")` if nobody has said: Russian, English.
    pub caption: (&'static str, &'static str),
}

impl Element {
    /// The start tag: `<wb:Header>`.
    #[inline]
    pub fn start_tag(&self) -> &'static str {
        self.tags.get(..self.start_tag_length()).unwrap_or_default()
    }

    /// The end tag: `</wb:Header>`.
    #[inline]
    pub fn end_tag(&self) -> &'static str {
        self.tags.get(self.start_tag_length()..).unwrap_or_default()
    }

    /// The end tag has one sign more.
    #[inline]
    fn start_tag_length(&self) -> usize {
        self.tags.len() / 2
    }

    /// The local name: `Header`.
    #[inline]
    pub fn name(&self) -> &'static str {
        self.tags.get(usize::from(self.local)..self.start_tag_length() - 1).unwrap_or_default()
    }
}

/// The type of an element.
#[derive(Debug, Clone, Copy)]
pub enum Kind {
    /// Has children or attributes.
    Complex(&'static Complex),
    /// A plain value.
    Value(&'static Value),
    /// `xs:anyType`: anything goes.
    Any,
}

/// A type with children or attributes.
#[derive(Debug)]
pub struct Complex {
    /// `Namespace.Name`; empty for a type written in place.
    pub name: &'static str,
    /// Attributes.
    pub attributes: &'static [Attribute],
    /// The text of an element that has attributes and a value but no children.
    pub text: Option<&'static Value>,
    /// All elements, in the order of the schema.
    pub elements: &'static [Element],
    /// How they are grouped.
    pub group: Group,
    /// Which may follow which; `None` if the order is free.
    pub automaton: Option<Automaton>,
}

/// An attribute.
#[derive(Debug)]
pub struct Attribute {
    /// Name, no namespace.
    pub name: &'static str,
    /// Must be there.
    pub required: bool,
    /// Its value.
    pub value: &'static Value,
    /// Value if absent.
    pub default: Option<&'static str>,
}

/// A model group.
#[derive(Debug)]
pub struct Group {
    /// How its parts go together.
    pub order: Order,
    /// At least so often.
    pub min: u32,
    /// At most so often.
    pub max: u32,
    /// Its parts.
    pub particles: &'static [Particle],
}

/// A part of a group.
#[derive(Debug)]
pub enum Particle {
    /// An element: its place in [`Complex::elements`].
    Element(u8),
    /// A nested group.
    Group(Group),
}

/// A deterministic automaton. State 0 is the beginning, state n + 1 follows element n.
#[derive(Debug)]
pub struct Automaton {
    /// For each state, the elements that may follow.
    pub follow: &'static [&'static [u8]],
    /// For each state, whether the content may end.
    pub accepting: &'static [bool],
}

/// A uniqueness rule of an element.
#[derive(Debug)]
pub struct Unique {
    /// The rule in words of the description: `Position by Identity`.
    pub text: &'static str,
    /// Way to what is compared: places of elements in their types. Empty if the rule never matches.
    pub selector: &'static [u8],
    /// What is compared.
    pub fields: &'static [UniqueField],
}

/// A field of a uniqueness rule.
#[derive(Debug)]
pub enum UniqueField {
    /// Way from the selected element; empty for the element itself.
    Path(&'static [u8]),
    /// Place of an attribute of the selected element.
    Attribute(u8),
}

/// A value type: a primitive with limits.
#[derive(Debug)]
pub struct Value {
    /// `Namespace.Name`; empty for a type written in place.
    pub name: &'static str,
    /// What it narrows.
    pub primitive: Primitive,
    /// Least length in characters.
    pub min_length: u32,
    /// Greatest length in characters, [`UNBOUNDED`] for any.
    pub max_length: u32,
    /// Each must match.
    pub patterns: &'static [Pattern],
    /// Allowed values; empty for any.
    pub enumeration: &'static [&'static str],
    /// Lower bound.
    pub lower: Option<Bound>,
    /// Upper bound.
    pub upper: Option<Bound>,
    /// Greatest number of digits after the point.
    pub fraction_digits: Option<u8>,
}

/// A bound of numbers or dates.
#[derive(Debug)]
pub struct Bound {
    /// The bound as the schema writes it.
    pub value: &'static str,
    /// The bound itself is allowed.
    pub inclusive: bool,
}

/// Finds a document type by the name of its element; letter case is free.
pub fn find(name: &str) -> Option<&'static Document> {
    let exact = DOCUMENTS.iter().find(|document| document.name() == name);
    exact.or_else(|| DOCUMENTS.iter().find(|document| document.name().eq_ignore_ascii_case(name)))
}
