//! Names of XDTO: namespaces, and what their types mean (facts on value formats, section 4).

use crate::value::event::{ColumnType, DateParts, Mutability};
use crate::value::internal::type_ids;
use uuid::Uuid;

/// 1C's own types.
pub(super) const CORE: &str = "http://v8.1c.ru/8.1/data/core";
/// Types of a configuration.
pub(super) const CONFIGURATION: &str = "http://v8.1c.ru/8.1/data/enterprise/current-config";
/// Simple types.
pub(super) const SCHEMA: &str = "http://www.w3.org/2001/XMLSchema";
/// `xsi:type`, `xsi:nil`.
pub(super) const INSTANCE: &str = "http://www.w3.org/2001/XMLSchema-instance";

/// A namespace, as far as it matters here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Space {
    Core,
    Configuration,
    Schema,
    Instance,
    /// Any other, or none.
    #[default]
    Other,
}

impl Space {
    pub fn of(uri: &str) -> Self {
        match uri {
            CORE => Self::Core,
            CONFIGURATION => Self::Configuration,
            SCHEMA => Self::Schema,
            INSTANCE => Self::Instance,
            _ => Self::Other,
        }
    }
}

/// A resolved name.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Name {
    pub space: Space,
    pub local: String,
}

impl Name {
    pub fn is_core(&self, local: &str) -> bool {
        self.space == Space::Core && self.local == local
    }
}

/// How a value of some type is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Text,
    Number,
    Boolean,
    Date,
    Binary,
    Uuid,
    Type,
    Null,
    TypeDescription,
    Array(Mutability),
    Structure(Mutability),
    Map(Mutability),
    Table,
    List,
    Reference,
    Enumeration,
    Opaque,
}

impl Kind {
    pub fn of(name: &Name) -> Self {
        match (name.space, name.local.as_str()) {
            (Space::Schema, "string" | "anyURI" | "QName" | "token" | "normalizedString") => Self::Text,
            (
                Space::Schema,
                "decimal" | "integer" | "int" | "long" | "short" | "byte" | "double" | "float"
                | "nonNegativeInteger" | "positiveInteger" | "unsignedInt" | "unsignedLong" | "unsignedShort"
                | "unsignedByte",
            ) => Self::Number,
            (Space::Schema, "boolean") => Self::Boolean,
            (Space::Schema, "dateTime" | "date" | "time") => Self::Date,
            (Space::Schema, "base64Binary") => Self::Binary,
            (Space::Core, "UUID") => Self::Uuid,
            (Space::Core, "Type") => Self::Type,
            (Space::Core, "Null") => Self::Null,
            (Space::Core, "TypeDescription") => Self::TypeDescription,
            (Space::Core, "Array") => Self::Array(Mutability::Ordinary),
            (Space::Core, "FixedArray") => Self::Array(Mutability::Fixed),
            (Space::Core, "Structure") => Self::Structure(Mutability::Ordinary),
            (Space::Core, "FixedStructure") => Self::Structure(Mutability::Fixed),
            (Space::Core, "Map") => Self::Map(Mutability::Ordinary),
            (Space::Core, "FixedMap") => Self::Map(Mutability::Fixed),
            (Space::Core, "ValueTable") => Self::Table,
            (Space::Core, "ValueListType" | "ValueList") => Self::List,
            (Space::Configuration, local) if local.starts_with("EnumRef.") => Self::Enumeration,
            (Space::Configuration, local) if is_reference(local) => Self::Reference,
            _ => Self::Opaque,
        }
    }
}

/// `CatalogRef.Товары`, `DocumentRef.Заказ`, …
pub(super) fn is_reference(local: &str) -> bool {
    local.split_once('.').is_some_and(|(class, _)| class.ends_with("Ref"))
}

/// The type of a column; qualifiers come later.
pub(super) fn column_type(name: &Name) -> ColumnType {
    match (Kind::of(name), name.local.as_str()) {
        (Kind::Text, _) => ColumnType::Text { length: 0, fixed: false },
        (Kind::Number, _) => ColumnType::Number { digits: 0, fraction: 0, nonnegative: false },
        (Kind::Date, "date") => ColumnType::Date(DateParts::Date),
        (Kind::Date, "time") => ColumnType::Date(DateParts::Time),
        (Kind::Date, _) => ColumnType::Date(DateParts::DateTime),
        (Kind::Boolean, _) => ColumnType::Boolean,
        (Kind::Null, _) => ColumnType::Null,
        (Kind::Binary, _) => ColumnType::Binary,
        _ => ColumnType::Other(name.local.clone()),
    }
}

/// The platform type that a name stands for; `None` for a type of a configuration.
pub(super) fn platform_type(name: &Name) -> Option<Uuid> {
    match (name.space, Kind::of(name)) {
        (Space::Schema, Kind::Text) => Some(type_ids::STRING),
        (Space::Schema, Kind::Number) => Some(type_ids::NUMBER),
        (Space::Schema, Kind::Date) => Some(type_ids::DATE),
        (Space::Schema, Kind::Boolean) => Some(type_ids::BOOLEAN),
        (Space::Schema, Kind::Binary) => Some(type_ids::BINARY_DATA),
        (Space::Core, Kind::List) => Some(type_ids::VALUE_LIST),
        (Space::Core, _) => type_ids::type_by_name(&name.local),
        _ => None,
    }
}
