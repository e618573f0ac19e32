//! The fields of a product: their names at both sides and how a source's names are recognised.

use crate::bilingual;
use crate::error::Bilingual;

/// A field of a product that the site knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Field {
    /// `Артикул` / `sku`, required.
    Sku,
    /// `Наименование` / `name`, required.
    Name,
    /// `Цена` / `price`, required.
    Price,
    /// `Описание` / `description`.
    Description,
    /// `СтараяЦена` / `old_price`.
    OldPrice,
    /// `Остаток` / `stock`.
    Stock,
    /// `Категория` / `category`.
    Category,
    /// `Активен` / `is_active`.
    IsActive,
    /// `Характеристики` / `characteristics`.
    Characteristics,
}

impl Field {
    /// Number of fields.
    pub const COUNT: usize = 9;

    /// All fields in the order in which a product's JSON lists them. Characteristics come last, so that one more
    /// can be appended to a finished product.
    pub const ALL: [Self; Self::COUNT] = [
        Self::Sku,
        Self::Name,
        Self::Price,
        Self::Description,
        Self::OldPrice,
        Self::Stock,
        Self::Category,
        Self::IsActive,
        Self::Characteristics,
    ];

    /// The member of the site's JSON.
    pub fn json_name(self) -> &'static str {
        match self {
            Self::Sku => "sku",
            Self::Name => "name",
            Self::Price => "price",
            Self::Description => "description",
            Self::OldPrice => "old_price",
            Self::Stock => "stock",
            Self::Category => "category",
            Self::IsActive => "is_active",
            Self::Characteristics => "characteristics",
        }
    }

    /// The name in 1C.
    pub fn russian_name(self) -> &'static str {
        match self {
            Self::Sku => "Артикул",
            Self::Name => "Наименование",
            Self::Price => "Цена",
            Self::Description => "Описание",
            Self::OldPrice => "СтараяЦена",
            Self::Stock => "Остаток",
            Self::Category => "Категория",
            Self::IsActive => "Активен",
            Self::Characteristics => "Характеристики",
        }
    }

    /// Both names for a message.
    pub(super) fn label(self) -> Bilingual {
        bilingual!("{ru} ({en})", "{en} ({ru})", ru = self.russian_name(), en = self.json_name())
    }

    /// The field that `name` means: Russian or English, any letter case, with or without underscores.
    pub fn named(name: &str) -> Option<Self> {
        let folded = fold(name);
        Self::ALL
            .into_iter()
            .find(|field| fold(field.russian_name()) == folded || fold(field.json_name()) == folded)
    }
}

/// The two members of a characteristic.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum CharacteristicField {
    /// `Название` / `name`.
    Name,
    /// `Значение` / `value`.
    Value,
}

impl CharacteristicField {
    pub(super) fn named(name: &str) -> Option<Self> {
        match fold(name).as_str() {
            "название" | "name" => Some(Self::Name),
            "значение" | "value" => Some(Self::Value),
            _ => None,
        }
    }
}

fn fold(name: &str) -> String {
    name.trim().chars().filter(|letter| *letter != '_').flat_map(char::to_lowercase).collect()
}

/// Recognises the names of members. Rows repeat the names of the row before in the same order, so the answer for
/// the name at the same place is tried first and folding is rare.
#[derive(Debug)]
pub(super) struct NameMemory<T> {
    recognise: fn(&str) -> T,
    seen: Vec<(Box<str>, T)>,
}

/// Rows wider than this are recognised without memory, so that odd data cannot make it grow.
const REMEMBERED_NAMES: usize = 256;

impl<T: Copy> NameMemory<T> {
    pub(super) fn new(recognise: fn(&str) -> T) -> Self {
        Self { recognise, seen: Vec::new() }
    }

    /// What `name`, standing at `place` in its row, means.
    pub(super) fn recognise(&mut self, place: usize, name: &str) -> T {
        match self.seen.get_mut(place) {
            Some((known, meaning)) if **known == *name => *meaning,
            Some(slot) => {
                *slot = (name.into(), (self.recognise)(name));
                slot.1
            }
            None => {
                let meaning = (self.recognise)(name);
                if place == self.seen.len() && place < REMEMBERED_NAMES {
                    self.seen.push((name.into(), meaning));
                }
                meaning
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_both_languages_and_any_case_are_known() {
        for (name, field) in [
            ("Артикул", Field::Sku),
            ("АРТИКУЛ", Field::Sku),
            ("SKU", Field::Sku),
            ("OldPrice", Field::OldPrice),
            ("old_price", Field::OldPrice),
            ("стараяцена", Field::OldPrice),
            ("isActive", Field::IsActive),
            ("Характеристики", Field::Characteristics),
        ] {
            assert_eq!(Field::named(name), Some(field), "{name}");
        }
        assert_eq!(Field::named("ЗакупочнаяЦена"), None);
    }

    #[test]
    fn memory_answers_as_without_memory_when_rows_differ() {
        let mut memory = NameMemory::new(Field::named);
        for names in [["sku", "name"], ["name", "sku"], ["Цена", "Код"]] {
            for (place, name) in names.into_iter().enumerate() {
                assert_eq!(memory.recognise(place, name), Field::named(name), "{name}");
            }
        }
        assert_eq!(memory.recognise(50, "Остаток"), Some(Field::Stock));
    }
}
