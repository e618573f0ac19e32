//! What a description file says, as written: the tree between the text and the static tables.
//!
//! Shared by the compiler (`build.rs`) and by the developer tool that drafts descriptions from XSD.

#[path = "../../src/egais/xsd.rs"]
mod xsd;

pub use xsd::{Order, Primitive};

/// Where a line stands, for messages.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Place {
    /// File name without folder.
    pub file: String,
    /// Line, from 1.
    pub line: usize,
}

/// A section of a file: everything that belongs to one XML namespace.
#[derive(Debug, Clone, Default)]
pub struct Namespace {
    /// Last part of the URI after `http://fsrar.ru/WEGAIS/`; empty for documents without a namespace.
    pub tail: String,
    /// Prefix that UTM uses; empty for none.
    pub prefix: String,
    /// Local elements carry no namespace.
    pub unqualified: bool,
    /// Tail of another namespace that real documents use instead of this one.
    pub also: Option<String>,
    /// Documents whose content has this namespace.
    pub documents: Vec<Document>,
    /// Complex types.
    pub complexes: Vec<Complex>,
    /// Value types.
    pub values: Vec<Value>,
}

/// A document type.
#[derive(Debug, Clone, Default)]
pub struct Document {
    /// Name of its element.
    pub name: String,
    /// Type of its element.
    pub type_name: String,
    /// One line in Russian.
    pub ru: String,
    /// One line in English.
    pub en: String,
    /// `out`, `in`, `both` or `sync`: as the facts on UTM use these words.
    pub direction: String,
    /// Names in URLs, the first is the one to post to; empty means the name of the element.
    pub urls: Vec<String>,
    /// Documents that answer it.
    pub answers: Vec<String>,
    /// The element is the root itself, without the envelope `Documents`.
    pub is_root: bool,
    /// Another type that the same element may have.
    pub alternative: Option<String>,
    /// Uniqueness rules inside its element.
    pub unique: Vec<Unique>,
    /// Where it is declared.
    pub place: Place,
}

/// A type with child elements.
#[derive(Debug, Clone, Default)]
pub struct Complex {
    /// Name inside its namespace; empty for a type written in place.
    pub name: String,
    /// Attributes.
    pub attributes: Vec<Attribute>,
    /// Children.
    pub group: Group,
    /// Text instead of children.
    pub text: Option<Box<TypeExpression>>,
    /// Where it is declared.
    pub place: Place,
}

/// An attribute.
#[derive(Debug, Clone)]
pub struct Attribute {
    /// Name, no namespace.
    pub name: String,
    /// Must be there.
    pub required: bool,
    /// Type of its value.
    pub value: TypeExpression,
    /// Value if absent.
    pub default: Option<String>,
}

/// How often something may occur.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Occurs {
    /// At least.
    pub min: u32,
    /// At most; `None` is unbounded.
    pub max: Option<u32>,
}

impl Default for Occurs {
    fn default() -> Self {
        Self { min: 1, max: Some(1) }
    }
}

/// A model group.
#[derive(Debug, Clone, Default)]
pub struct Group {
    /// Order of the particles.
    pub order: Order,
    /// How often the whole group may occur.
    pub occurs: Occurs,
    /// Its parts.
    pub particles: Vec<Particle>,
}

/// A part of a model group.
#[derive(Debug, Clone)]
pub enum Particle {
    /// An element.
    Element(Box<Element>),
    /// A nested group.
    Group(Group),
    /// All documents that travel in the envelope.
    Documents,
}

/// An element inside a group.
#[derive(Debug, Clone)]
pub struct Element {
    /// Local name.
    pub name: String,
    /// How often it may occur.
    pub occurs: Occurs,
    /// Its type.
    pub kind: TypeExpression,
    /// `xsi:nil` is allowed.
    pub nillable: bool,
    /// Value of an empty element.
    pub default: Option<String>,
    /// The only allowed value.
    pub fixed: Option<String>,
    /// Uniqueness rules inside this element.
    pub unique: Vec<Unique>,
    /// Where it is declared.
    pub place: Place,
}

/// The type of an element or attribute as written.
#[derive(Debug, Clone)]
pub enum TypeExpression {
    /// Children written in place.
    Complex(Box<Complex>),
    /// A named type, maybe narrowed.
    Named(Reference, Facets),
    /// A primitive type, maybe narrowed.
    Primitive(Primitive, Facets),
    /// Any content.
    Any,
}

/// A name of a type: `Name` or `Tail.Name`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reference {
    /// Namespace tail, `None` to look in the own namespace and then in the common ones.
    pub tail: Option<String>,
    /// Name.
    pub name: String,
}

/// A named value type.
#[derive(Debug, Clone)]
pub struct Value {
    /// Name inside its namespace.
    pub name: String,
    /// What it narrows.
    pub base: TypeExpression,
    /// Where it is declared.
    pub place: Place,
}

impl Primitive {
    /// All of them with their words in description files.
    pub const ALL: [(Self, &'static str); 8] = [
        (Self::Text, "text"),
        (Self::Decimal, "decimal"),
        (Self::Integer, "integer"),
        (Self::PositiveInteger, "positive-integer"),
        (Self::Boolean, "boolean"),
        (Self::Date, "date"),
        (Self::DateTime, "datetime"),
        (Self::Base64, "base64"),
    ];
}

/// Limits of one step of narrowing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Facets {
    /// Exact length in characters.
    pub length: Option<u32>,
    /// Least length in characters.
    pub min_length: Option<u32>,
    /// Greatest length in characters.
    pub max_length: Option<u32>,
    /// A recogniser, as written after `pattern`.
    pub pattern: Option<String>,
    /// Allowed values.
    pub enumeration: Vec<String>,
    /// Lower bound: value and whether it is itself allowed.
    pub lower: Option<(String, bool)>,
    /// Upper bound: value and whether it is itself allowed.
    pub upper: Option<(String, bool)>,
    /// Greatest number of digits after the point.
    pub fraction_digits: Option<u32>,
}

/// A uniqueness rule.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Unique {
    /// Child elements that are compared.
    pub selector: String,
    /// Children (or `@attribute`) of the selected ones whose values together must differ.
    pub fields: Vec<String>,
    /// Names in the rule lack the namespace of the elements, so that XSD never selects anything.
    pub never_matches: bool,
}
