//! Words of XSD that the compiler of the descriptions (`build/descriptions`) and the tables it writes have in common.

/// How the parts of a group go together.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Order {
    /// Any order, each at most once.
    #[default]
    All,
    /// In the order written.
    Sequence,
    /// One of them.
    Choice,
}

/// Built-in types of XSD that the documents use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Primitive {
    /// `xs:string`
    Text,
    /// `xs:decimal`
    Decimal,
    /// `xs:integer`
    Integer,
    /// `xs:positiveInteger`
    PositiveInteger,
    /// `xs:boolean`
    Boolean,
    /// `xs:date`
    Date,
    /// `xs:dateTime`
    DateTime,
    /// `xs:base64Binary`
    Base64,
}
