//! Data of the caller: members with Russian and English names, in any letter case.

use super::wrong;
use crate::bilingual;
use crate::egais::mark::{MarkKind, check_mark};
use crate::error::{Code, Error, Result};
use crate::nearest::nearest;
use crate::value::{DateTime, Event, ReadEvents};
use serde_json::{Map, Value as Json};
use std::cell::RefCell;

/// Names of a member: Russian, English.
pub type Names = (&'static str, &'static str);

/// Reads structured data into a tree: structures, maps and rows become objects, arrays, lists and tables arrays, and
/// every other value text; what 1C leaves empty (`Неопределено`, `NULL`, the empty date) is left out.
///
/// # Errors
/// Those of `data`; `unsupported_type` for values without a text.
pub fn read_data<R: ReadEvents + ?Sized>(data: &mut R) -> Result<Json> {
    match data.next_event()? {
        None => Ok(Json::Null),
        Some(event) => match Begun::of(&event)? {
            Begun::Value(value) => Ok(value),
            begun => compound(data, begun),
        },
    }
}

enum Begun {
    Object,
    List,
    Table(Vec<String>),
    Value(Json),
}

impl Begun {
    fn of(event: &Event<'_>) -> Result<Self> {
        Ok(match event {
            Event::BeginStructure(_) | Event::BeginMap(_) => Self::Object,
            Event::BeginArray(_) | Event::BeginList(_) => Self::List,
            Event::BeginTable(table) => {
                Self::Table(table.columns.iter().map(|column| column.name.clone()).collect())
            }
            other => Self::Value(plain(other)?),
        })
    }
}

fn plain(event: &Event<'_>) -> Result<Json> {
    Ok(match event {
        Event::Undefined | Event::Null | Event::Date(DateTime::EMPTY) => Json::Null,
        Event::Text(text) | Event::Number(text) => text.trim().into(),
        Event::Boolean(value) => value.to_string().into(),
        Event::Date(date) => date.to_string().into(),
        Event::Uuid(uuid) => uuid.to_string().into(),
        Event::Reference(reference) => reference.uuid.to_string().into(),
        _ => {
            return Err(Error::new(
                Code::UnsupportedType,
                bilingual!(
                    "В данных документа ЕГАИС бывают только структуры, массивы, таблицы, строки, числа, даты и булево.",
                    "Data of an EGAIS document hold only structures, arrays, tables, strings, numbers, dates and booleans."
                ),
            ));
        }
    })
}

fn compound<R: ReadEvents + ?Sized>(data: &mut R, begun: Begun) -> Result<Json> {
    match begun {
        Begun::Value(value) => Ok(value),
        Begun::Object => object(data),
        Begun::List => {
            let mut list = Vec::new();
            loop {
                match data.next_event()? {
                    None | Some(Event::EndArray | Event::EndList(_)) => return Ok(list.into()),
                    Some(Event::Item(_)) => {}
                    Some(event) => {
                        let begun = Begun::of(&event)?;
                        list.push(compound(data, begun)?);
                    }
                }
            }
        }
        Begun::Table(columns) => {
            let mut rows = Vec::new();
            loop {
                match data.next_event()? {
                    None | Some(Event::EndTable(_)) => return Ok(rows.into()),
                    Some(_) => rows.push(row(data, &columns)?),
                }
            }
        }
    }
}

fn object<R: ReadEvents + ?Sized>(data: &mut R) -> Result<Json> {
    let mut members = Map::new();
    loop {
        let name = match data.next_event()? {
            None | Some(Event::EndStructure | Event::EndMap) => return Ok(members.into()),
            Some(Event::Name(name) | Event::Text(name)) => name.to_owned(),
            Some(_) => {
                return Err(wrong(bilingual!(
                    "Ключи соответствия должны быть строками.",
                    "Keys of a map must be strings."
                )));
            }
        };
        let Some(event) = data.next_event()? else { return Ok(members.into()) };
        let begun = Begun::of(&event)?;
        let value = compound(data, begun)?;
        if !value.is_null() {
            members.insert(name, value);
        }
    }
}

fn row<R: ReadEvents + ?Sized>(data: &mut R, columns: &[String]) -> Result<Json> {
    let mut members = Map::new();
    let mut columns = columns.iter();
    loop {
        match data.next_event()? {
            None | Some(Event::EndRow) => return Ok(members.into()),
            Some(event) => {
                let begun = Begun::of(&event)?;
                let value = compound(data, begun)?;
                if let Some(name) = columns.next().filter(|_| !value.is_null()) {
                    members.insert(name.clone(), value);
                }
            }
        }
    }
}

/// Members of an object that are taken one by one; what nobody took is an error.
pub struct Fields<'a> {
    members: Vec<(&'a String, &'a Json)>,
    taken: RefCell<Vec<bool>>,
    known: RefCell<Vec<&'static str>>,
    path: String,
}

impl<'a> Fields<'a> {
    /// The members of `data`, which stands at `path`.
    ///
    /// # Errors
    /// `argument` if it is no structure.
    pub fn new(data: &'a Json, path: &str) -> Result<Self> {
        let Json::Object(members) = data else {
            return Err(wrong(bilingual!(
                "Ожидается структура с данными.",
                "A structure with data is expected."
            ))
            .with("path", path));
        };
        Ok(Self {
            taken: RefCell::new(vec![false; members.len()]),
            members: members.iter().collect(),
            known: RefCell::default(),
            path: path.to_owned(),
        })
    }

    /// A member; `None` if it is absent or empty.
    pub fn value(&self, (ru, en): Names) -> Option<&'a Json> {
        self.known.borrow_mut().extend([ru, en]);
        let same = |name: &str| name.to_lowercase() == ru.to_lowercase() || name.eq_ignore_ascii_case(en);
        let place = self.members.iter().position(|(name, _)| same(name.trim()))?;
        if let Some(taken) = self.taken.borrow_mut().get_mut(place) {
            *taken = true;
        }
        let value = self.members.get(place).map(|(_, value)| *value)?;
        let empty = matches!(value, Json::Null) || value.as_str().is_some_and(str::is_empty);
        (!empty).then_some(value)
    }

    /// A member that is a plain value.
    ///
    /// # Errors
    /// `argument` if it is not plain.
    pub fn text(&self, names: Names) -> Result<Option<String>> {
        match self.value(names) {
            None => Ok(None),
            Some(Json::String(text)) => Ok(Some(text.clone())),
            Some(Json::Number(number)) => Ok(Some(number.to_string())),
            Some(Json::Bool(value)) => Ok(Some(value.to_string())),
            Some(_) => {
                let (ru, en) = names;
                Err(self.error(names, bilingual!("{ru} — простое значение.", "{en} is a plain value.")))
            }
        }
    }

    /// A member that must be there.
    ///
    /// # Errors
    /// `argument` if it is absent, empty or not plain.
    pub fn required(&self, names: Names) -> Result<String> {
        let (ru, en) = names;
        self.text(names)?.ok_or_else(|| {
            self.error(names, bilingual!("Не указано поле {ru}.", "The field {en} is not given."))
        })
    }

    /// Items of a member: an array, or one item.
    pub fn items(&self, names: Names) -> Vec<&'a Json> {
        match self.value(names) {
            None => Vec::new(),
            Some(Json::Array(list)) => list.iter().collect(),
            Some(single) => vec![single],
        }
    }

    /// Items that are structures, at least one.
    ///
    /// # Errors
    /// `argument` if there are none, or one is no structure.
    pub fn positions(&self, names: Names) -> Result<Vec<Fields<'a>>> {
        let (ru, en) = names;
        let items = self.items(names);
        if items.is_empty() {
            return Err(self.error(
                names,
                bilingual!("Не указано ни одной позиции ({ru}).", "No positions are given ({en})."),
            ));
        }
        items
            .into_iter()
            .enumerate()
            .map(|(index, item)| Fields::new(item, &format!("{}[{index}]", self.join(ru))))
            .collect()
    }

    /// The positions as a document has them: what `one` makes of each, with its identity, which is its number unless it is
    /// given.
    ///
    /// # Errors
    /// Those of [`Fields::positions`] and of `one`; `argument` for members that `one` does not know.
    pub fn content(&self, one: impl Fn(&Fields<'a>) -> Result<Json>) -> Result<Vec<Json>> {
        let positions = self.positions(POSITIONS)?;
        let numbered = (1..).zip(&positions).map(|(number, position): (usize, _)| {
            let mut made = one(position)?;
            let identity = position.text(IDENTITY)?.unwrap_or_else(|| number.to_string());
            if let Some(members) = made.as_object_mut() {
                members.insert("Identity".to_owned(), identity.into());
            }
            position.finish()?;
            Ok(made)
        });
        numbered.collect()
    }

    /// Codes of marks, split into those of bottles and those of beer, as `MarkInfo` of the schema. `None` without any.
    ///
    /// # Errors
    /// `argument` for a code that is no mark, and for both kinds at once.
    pub fn marks(&self, names: Names) -> Result<Option<Json>> {
        let mut codes: (Vec<Json>, Vec<Json>) = Default::default();
        for code in self.mark_codes(names)? {
            match check_mark(&code).kind {
                MarkKind::Beer => codes.1.push(code.into()),
                _ => codes.0.push(code.into()),
            }
        }
        match codes {
            (amc, ms) if amc.is_empty() && ms.is_empty() => Ok(None),
            (amc, ms) if ms.is_empty() => Ok(Some(serde_json::json!({ "amc": amc }))),
            (amc, ms) if amc.is_empty() => Ok(Some(serde_json::json!({ "ms": ms }))),
            _ => Err(self.error(
                names,
                bilingual!(
                    "В одной позиции бывают либо марки, либо коды пива.",
                    "A position has either marks or codes of beer."
                ),
            )),
        }
    }

    /// Codes of marks as texts.
    ///
    /// # Errors
    /// `argument` for something that is no mark.
    pub fn mark_codes(&self, names: Names) -> Result<Vec<String>> {
        let mut codes = Vec::new();
        for (index, item) in self.items(names).into_iter().enumerate() {
            let code = item.as_str().unwrap_or_default().trim();
            if matches!(check_mark(code).kind, MarkKind::Unknown | MarkKind::Box) {
                let (ru, en) = names;
                let message = bilingual!(
                    "{ru}[{index}]: «{code}» — не код марки.",
                    "{en}[{index}]: '{code}' is no code of a mark."
                );
                return Err(self.error(names, message));
            }
            codes.push(code.to_owned());
        }
        Ok(codes)
    }

    /// Nothing may be left that no document of this kind has.
    ///
    /// # Errors
    /// `argument` for a member that was not taken; the text suggests the nearest.
    pub fn finish(&self) -> Result<()> {
        let taken = self.taken.borrow();
        let left = self.members.iter().zip(taken.iter()).find(|(_, taken)| !**taken);
        let Some(((name, _), _)) = left else { return Ok(()) };
        let known = self.known.borrow();
        let message = match nearest(name, known.iter().copied()) {
            Some(near) => bilingual!(
                "Поле «{name}» не известно. Возможно, имелось в виду {near}.",
                "The field '{name}' is not known. Perhaps {near} was meant."
            ),
            None => bilingual!("Поле «{name}» не известно.", "The field '{name}' is not known."),
        };
        Err(wrong(message).with("path", self.join(name)))
    }

    /// The path of a member.
    pub fn join(&self, name: &str) -> String {
        if self.path.is_empty() { name.to_owned() } else { format!("{}.{name}", self.path) }
    }

    /// An error about a member.
    pub fn error(&self, (ru, _): Names, message: crate::error::Bilingual) -> Error {
        let path = self.join(ru);
        // A message of a position must say which.
        match self.path.as_str() {
            "" => wrong(message).with("path", path),
            place => wrong(message).prefixed(&bilingual!("{place}: ", "{place}: ")).with("path", path),
        }
    }
}

/// Members that most documents have.
pub struct Head {
    /// Number, required.
    pub number: String,
    /// Date, today if not given.
    pub date: String,
    /// Note, maybe empty.
    pub note: Option<String>,
    /// Own identity, new if not given.
    pub identity: String,
}

impl Head {
    /// Reads `Номер`, `Дата`, `Примечание`, `Идентификатор`.
    ///
    /// # Errors
    /// `argument` without a number.
    pub fn read(fields: &Fields<'_>) -> Result<Self> {
        Ok(Self {
            number: fields.required(NUMBER)?,
            date: fields.text(DATE)?.unwrap_or_else(super::today),
            note: fields.text(NOTE)?,
            identity: fields.text(IDENTITY)?.unwrap_or_else(crate::egais::types::new_identity),
        })
    }
}

/// Number of the document.
pub const NUMBER: Names = ("Номер", "Number");
/// Its date.
pub const DATE: Names = ("Дата", "Date");
/// A note.
pub const NOTE: Names = ("Примечание", "Note");
/// Own identity of the document or position.
pub const IDENTITY: Names = ("Идентификатор", "Identity");
/// Positions.
pub const POSITIONS: Names = ("Позиции", "Positions");
/// Quantity.
pub const QUANTITY: Names = ("Количество", "Quantity");
/// Codes of marks.
pub const MARKS: Names = ("Марки", "Marks");
/// F2 id.
pub const FORM2: Names = ("Справка2", "Form2");
/// Product with the schema's names.
pub const PRODUCT: Names = ("Продукция", "Product");
/// Register: warehouse or shop.
pub const REGISTER: Names = ("Регистр", "Register");

/// `Продукция`, with `UnitType` told by the capacity if it is missing: packed products have one.
pub fn product(fields: &Fields<'_>) -> Result<Json> {
    let Some(Json::Object(members)) = fields.value(PRODUCT) else {
        let (ru, en) = PRODUCT;
        return Err(fields
            .error(PRODUCT, bilingual!("Не указана структура {ru}.", "The structure {en} is not given.")));
    };
    let has = |wanted: &str| members.keys().any(|name| name.trim().eq_ignore_ascii_case(wanted));
    let mut product = members.clone();
    if !has("UnitType") {
        let unit = if has("Capacity") { "Packed" } else { "Unpacked" };
        product.insert("UnitType".to_owned(), unit.into());
    }
    Ok(product.into())
}

/// Adds a member if there is something to add.
pub fn put(object: &mut Map<String, Json>, name: &str, value: Option<impl Into<Json>>) {
    if let Some(value) = value {
        object.insert(name.to_owned(), value.into());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::convert::{TableColumns, table_from_rows};
    use crate::value::{Input, StructuresAs, open};
    use serde_json::json;

    #[test]
    fn rows_of_a_value_table_become_objects_without_what_is_empty() -> Result<()> {
        let rows = r#"[{"Справка2":"FB-1","Количество":1.5,"Марки":["1","2"]},{"Справка2":"FB-2","Количество":2,"Марки":null}]"#;
        let columns = TableColumns::parse("")?;
        let table = table_from_rows(&mut open(Input::text(rows), None)?, &columns, StructuresAs::default())?
            .into_text();
        let data = read_data(&mut open(Input::text(&table), None)?)?;
        assert_eq!(
            data,
            json!([{ "Справка2": "FB-1", "Количество": "1.5", "Марки": ["1", "2"] }, { "Справка2": "FB-2", "Количество": "2" }])
        );
        Ok(())
    }
}
