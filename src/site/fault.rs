//! What can be wrong with a product before it is sent, and what the user is told about it.

use super::field::Field;
use crate::bilingual;
use crate::error::Bilingual;
use crate::value::Event;

/// A type of a value as it is named to the user.
#[derive(Debug, PartialEq, Eq)]
pub struct TypeLabel {
    /// Russian.
    pub ru: &'static str,
    /// English, with its article.
    pub en: &'static str,
}

/// What the type of the value that begins with `event` is called.
pub(super) fn type_label(event: &Event<'_>) -> &'static TypeLabel {
    match event {
        Event::Undefined => &TypeLabel { ru: "Неопределено", en: "Undefined" },
        Event::Null => &TypeLabel { ru: "NULL", en: "NULL" },
        Event::Boolean(_) => &TypeLabel { ru: "булево", en: "a boolean" },
        Event::Number(_) => &TypeLabel { ru: "число", en: "a number" },
        Event::Text(_) => &TypeLabel { ru: "строка", en: "a string" },
        Event::Date(_) => &TypeLabel { ru: "дата", en: "a date" },
        Event::Uuid(_) => &TypeLabel { ru: "уникальный идентификатор", en: "a UUID" },
        Event::Reference(_) => &TypeLabel { ru: "ссылка 1С", en: "a 1C reference" },
        Event::Binary(_) => &TypeLabel { ru: "двоичные данные", en: "binary data" },
        Event::Type(_) => &TypeLabel { ru: "тип", en: "a type" },
        Event::BeginArray(_) => &TypeLabel { ru: "массив", en: "an array" },
        Event::BeginStructure(_) => &TypeLabel { ru: "структура", en: "a structure" },
        Event::BeginMap(_) => &TypeLabel { ru: "соответствие", en: "a map" },
        Event::BeginTable(_) => &TypeLabel { ru: "таблица значений", en: "a value table" },
        Event::BeginList(_) => &TypeLabel { ru: "список значений", en: "a value list" },
        _ => &TypeLabel {
            ru: "значение неизвестного типа", en: "a value of an unknown type"
        },
    }
}

/// One fault of a product.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fault {
    /// A required field is absent or empty.
    Missing(Field),
    /// A field stands in the row twice, for instance under its Russian and its English name.
    Twice(Field),
    /// The text of a field is no number; carries its beginning.
    NotNumber(Field, Box<str>),
    /// The number of a field is below zero.
    Negative(Field, Box<str>),
    /// The value of a field is neither true nor false; carries its beginning.
    NotBoolean(Field, Box<str>),
    /// The value of a field has a type that the field cannot have.
    WrongType(Field, &'static TypeLabel),
    /// A 1C reference stands in the named field.
    Reference(Box<str>),
    /// A field that is passed on has a type that JSON cannot express.
    WrongExtra(Box<str>, &'static TypeLabel),
    /// The item is no structure, map or row.
    NotProduct(&'static TypeLabel),
    /// The characteristic with this number (from 1) has a value but no name.
    NamelessCharacteristic(usize),
    /// The name or value of the characteristic with this number (from 1) has a type that it cannot have.
    WrongCharacteristic(usize, &'static TypeLabel),
}

impl Fault {
    /// The field at fault as the site names it (as the source names it, if the site does not know it); `None`
    /// where the whole item is wrong.
    pub fn field(&self) -> Option<&str> {
        match self {
            Self::Reference(name) | Self::WrongExtra(name, _) => Some(name),
            _ => self.known_field().map(Field::json_name),
        }
    }

    /// The field of the site at fault.
    fn known_field(&self) -> Option<Field> {
        match self {
            Self::Missing(field)
            | Self::Twice(field)
            | Self::NotNumber(field, _)
            | Self::Negative(field, _)
            | Self::NotBoolean(field, _)
            | Self::WrongType(field, _) => Some(*field),
            Self::NamelessCharacteristic(_) | Self::WrongCharacteristic(..) => Some(Field::Characteristics),
            Self::Reference(_) | Self::WrongExtra(..) | Self::NotProduct(_) => None,
        }
    }

    /// What is wrong and what to do, without a full stop.
    pub fn message(&self) -> Bilingual {
        let Bilingual { ru, en } = self.known_field().map(Field::label).unwrap_or_default();
        match self {
            Self::Missing(_) => {
                bilingual!("не заполнено обязательное поле {ru}", "the required field {en} is empty")
            }
            Self::Twice(_) => bilingual!(
                "поле {ru} задано дважды, оставьте одно значение",
                "the field {en} is given twice, leave one value"
            ),
            Self::NotNumber(_, text) => bilingual!(
                "поле {ru}: «{text}» не число; нужно число или текст вида 1234.50",
                "the field {en}: \"{text}\" is no number; give a number or a text such as 1234.50"
            ),
            Self::Negative(_, number) => {
                bilingual!("поле {ru} отрицательное: {number}", "the field {en} is negative: {number}")
            }
            Self::NotBoolean(_, text) => bilingual!(
                "поле {ru}: «{text}» не Истина и не Ложь",
                "the field {en}: \"{text}\" is neither true nor false"
            ),
            Self::WrongType(field, found) => {
                let TypeLabel { ru: wanted_ru, en: wanted_en } = wanted(*field);
                let TypeLabel { ru: found_ru, en: found_en } = found;
                bilingual!(
                    "поле {ru}: получено значение типа «{found_ru}», а нужно: {wanted_ru}",
                    "the field {en}: got {found_en}, wanted {wanted_en}"
                )
            }
            Self::Reference(name) => bilingual!(
                "поле {name}: ссылка 1С не имеет смысла вне базы; передайте Строка(Ссылка), код или \
                 Строка(Ссылка.УникальныйИдентификатор())",
                "the field {name}: a 1C reference means nothing outside its base; pass its presentation, code or \
                 the text of its UUID"
            ),
            Self::WrongExtra(name, found) => {
                let TypeLabel { ru, en } = found;
                bilingual!(
                    "дополнительное поле {name}: значение типа «{ru}» нельзя передать в JSON",
                    "the extra field {name}: {en} cannot be passed on in JSON"
                )
            }
            Self::NotProduct(found) => {
                let TypeLabel { ru, en } = found;
                bilingual!(
                    "вместо товара получено значение типа «{ru}»; нужна структура, соответствие или строка таблицы",
                    "got {en} in place of a product; a structure, a map or a table row is wanted"
                )
            }
            Self::NamelessCharacteristic(number) => bilingual!(
                "у характеристики {number} не заполнено Название (name)",
                "characteristic {number} has an empty name (Название)"
            ),
            Self::WrongCharacteristic(number, found) => {
                let TypeLabel { ru, en } = found;
                bilingual!(
                    "характеристика {number}: значение типа «{ru}» передать нельзя; нужна структура с полями \
                     Название и Значение простых типов",
                    "characteristic {number}: got {en}; a structure with a plain name and value is wanted"
                )
            }
        }
    }
}

/// What a field takes.
fn wanted(field: Field) -> &'static TypeLabel {
    match field {
        Field::Sku | Field::Name | Field::Description | Field::Category => {
            &TypeLabel { ru: "строка", en: "a string" }
        }
        Field::Price | Field::OldPrice | Field::Stock => &TypeLabel { ru: "число", en: "a number" },
        Field::IsActive => &TypeLabel { ru: "булево", en: "a boolean" },
        Field::Characteristics => &TypeLabel {
            ru: "массив структур или таблица с полями Название и Значение",
            en: "an array of structures or a table with the fields name and value",
        },
    }
}

/// A product that is not sent because of its data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// Number of the product among all given, from 1.
    pub row: u64,
    /// Its sku as far as it is known.
    pub sku: Option<Box<str>>,
    /// What is wrong; at least one.
    pub faults: Vec<Fault>,
}

impl Refusal {
    /// All faults in one sentence.
    pub fn message(&self) -> Bilingual {
        let messages: Vec<Bilingual> = self.faults.iter().map(Fault::message).collect();
        let joined =
            |language: fn(&Bilingual) -> &str| messages.iter().map(language).collect::<Vec<_>>().join("; ");
        let (ru, en) = (joined(|text| &text.ru), joined(|text| &text.en));
        bilingual!("Товар не отправлен: {ru}.", "The product was not sent: {en}.")
    }
}

/// The beginning of a text from the user's data, short enough for a message.
pub(super) fn excerpt(text: &str) -> Box<str> {
    const LIMIT: usize = 60;
    match text.char_indices().nth(LIMIT) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()).into(),
        None => text.into(),
    }
}
