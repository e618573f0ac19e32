//! The texts of problems with the schema.

use crate::bilingual;
use crate::egais::model::{Complex, Document, Element};
use crate::egais::value::Fault;
use crate::error::Bilingual;

/// A value that breaks a limit.
pub fn value(element: &str, text: &str, fault: &Fault) -> Bilingual {
    let Bilingual { ru, en } = &fault.wanted;
    if text.is_empty() {
        return bilingual!(
            "{element}: пустое значение, ожидается: {ru}.",
            "{element}: the value is empty, expected: {en}."
        );
    }
    let shown = short(text);
    bilingual!(
        "{element}: значение «{shown}» не подходит, ожидается: {ru}.",
        "{element}: the value '{shown}' does not fit, expected: {en}."
    )
}

/// Elements that are missing.
pub fn missing(complex: &Complex, places: &[u8]) -> Bilingual {
    let choices = alternatives(complex, places);
    if let [only] = choices.as_slice() {
        return bilingual!("Нет обязательного элемента {only}.", "The required element {only} is missing.");
    }
    let list = choices.join(", ");
    bilingual!("Нет одного из элементов: {list}.", "One of these elements is missing: {list}.")
}

/// The element and those that could stand in its place.
fn alternatives(complex: &Complex, places: &[u8]) -> Vec<&'static str> {
    let Some(first) = places.first() else { return Vec::new() };
    let together = complex.automaton.as_ref().and_then(|automaton| {
        automaton.follow.iter().filter(|follow| follow.contains(first)).min_by_key(|follow| follow.len())
    });
    let name = |place: &u8| complex.elements.get(usize::from(*place)).map(Element::name);
    let required =
        |place: &&u8| complex.elements.get(usize::from(**place)).is_some_and(|element| element.min > 0);
    match together {
        // A long list helps nobody: the choice of all documents.
        Some(follow) if follow.len() <= 12 => follow.iter().filter(required).filter_map(name).collect(),
        _ => name(first).into_iter().collect(),
    }
}

/// An element that came more often than it may.
pub fn too_many(element: &Element) -> Bilingual {
    let (name, max) = (element.name(), element.max);
    if max > 1 {
        return bilingual!("Элементов {name} больше {max}.", "There are more than {max} elements {name}.");
    }
    bilingual!(
        "Элемент {name} повторяется, а может быть только один.",
        "The element {name} is repeated, only one is allowed."
    )
}

/// An element in the wrong place.
pub fn order(element: &Element, complex: &Complex) -> Bilingual {
    let name = element.name();
    let names: Vec<&str> = complex.elements.iter().map(Element::name).collect();
    let list = names.join(", ");
    bilingual!(
        "Элемент {name} стоит не на своём месте или не сочетается с предыдущими. Порядок по схеме: {list}.",
        "The element {name} is out of place or does not go together with those before it. The order of the schema: {list}."
    )
}

/// An element that does not go together with another.
pub fn excluded(element: &Element, complex: &Complex) -> Bilingual {
    let name = element.name();
    let others: Vec<&str> =
        complex.elements.iter().map(Element::name).filter(|other| *other != name).collect();
    let list = others.join(", ");
    bilingual!(
        "Элемент {name} не сочетается с другими: из {name}, {list} выбирается одно.",
        "The element {name} does not go together with the others: one of {name}, {list} is chosen."
    )
}

/// An element of another namespace.
pub fn namespace(element: &Element, uri: &str) -> Bilingual {
    let name = element.name();
    if uri.is_empty() {
        return bilingual!(
            "Элемент {name} должен быть без пространства имён.",
            "The element {name} must have no namespace."
        );
    }
    bilingual!(
        "Элемент {name} должен быть в пространстве имён {uri}.",
        "The element {name} must be in the namespace {uri}."
    )
}

/// An element nobody knows.
pub fn unknown(name: &str, complex: &Complex) -> Bilingual {
    let names = complex.elements.iter().map(Element::name);
    match crate::nearest::nearest(name, names) {
        Some(near) => bilingual!(
            "Элемент {name} здесь не предусмотрен. Возможно, имелся в виду {near}.",
            "There is no element {name} here. Perhaps {near} was meant."
        ),
        None => bilingual!("Элемент {name} здесь не предусмотрен.", "There is no element {name} here."),
    }
}

/// An element inside a value.
pub fn child_of_value(name: &str, parent: &str) -> Bilingual {
    bilingual!(
        "Внутри {parent} вложенных элементов не бывает, а там {name}.",
        "{parent} has no elements inside, but there is {name}."
    )
}

/// An attribute nobody knows.
pub fn unknown_attribute(name: &str, element: &str) -> Bilingual {
    bilingual!("У элемента {element} нет атрибута {name}.", "The element {element} has no attribute {name}.")
}

/// A required attribute is missing.
pub fn missing_attribute(name: &str, element: &str) -> Bilingual {
    bilingual!(
        "У элемента {element} нет обязательного атрибута {name}.",
        "The element {element} lacks the required attribute {name}."
    )
}

/// Text between elements.
pub fn text(element: &str) -> Bilingual {
    bilingual!(
        "В элементе {element} между вложенными элементами стоит текст.",
        "There is text between the elements inside {element}."
    )
}

/// `xsi:nil` where it may not be.
pub fn nil(element: &str) -> Bilingual {
    bilingual!("Элемент {element} не может быть xsi:nil.", "The element {element} cannot be xsi:nil.")
}

/// `xsi:nil` with a value.
pub fn nil_with_content(element: &str) -> Bilingual {
    bilingual!(
        "Элемент {element} объявлен xsi:nil, но не пуст.",
        "The element {element} is xsi:nil but not empty."
    )
}

/// `xsi:type` of another type.
pub fn other_type(element: &str) -> Bilingual {
    bilingual!(
        "xsi:type элемента {element} называет не его тип.",
        "xsi:type of the element {element} names another type."
    )
}

/// Not the fixed value.
pub fn fixed(element: &str, fixed: &str) -> Bilingual {
    bilingual!(
        "Значение {element} может быть только «{fixed}».",
        "The value of {element} can only be '{fixed}'."
    )
}

/// A value that must differ is repeated.
pub fn repeated_value(fields: &str) -> Bilingual {
    bilingual!(
        "Значение {fields} повторяется, а должно быть неповторимым.",
        "The value of {fields} is repeated, but must be unique."
    )
}

/// No document starts with this root.
pub fn root(name: &str) -> Bilingual {
    bilingual!(
        "Корневой элемент {name} не является документом ЕГАИС: ожидается Documents, Cheque или A.",
        "The root element {name} is not an EGAIS document: expected Documents, Cheque or A."
    )
}

/// The envelope holds nothing.
pub fn empty_document() -> Bilingual {
    bilingual!(
        "Элемент Document пуст: в нём должен быть один документ.",
        "The element Document is empty: it must hold one document."
    )
}

/// The document is of a type that no description knows.
pub fn unknown_document(name: &str) -> Bilingual {
    let names = crate::egais::model::DOCUMENTS.iter().map(Document::name);
    match crate::nearest::nearest(name, names) {
        Some(near) => bilingual!(
            "Тип документа {name} неизвестен. Возможно, имелся в виду {near}.",
            "The document type {name} is not known. Perhaps {near} was meant."
        ),
        None => bilingual!("Тип документа {name} неизвестен.", "The document type {name} is not known."),
    }
}

/// A value cut for a message.
fn short(text: &str) -> String {
    const SHOWN: usize = 60;
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}
