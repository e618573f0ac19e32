//! Fields of a structure at the boundary: Russian or English names, in any letter case, values as JSON or as text.

use crate::bilingual;
use crate::error::{Bilingual, Code, Error, Result};
use serde_json::{Map, Value};

/// The fields that were given. Each is taken by its two names; what nobody took is unknown.
#[derive(Debug)]
pub struct Fields {
    given: Map<String, Value>,
    known: Vec<&'static str>,
    what: Bilingual,
}

impl Fields {
    /// The fields of a structure; `what` names it in messages. Null gives none.
    ///
    /// # Errors
    /// `argument` for anything but a structure.
    pub fn of(value: &Value, what: &Bilingual) -> Result<Self> {
        let given = match value {
            Value::Object(map) => map.clone(),
            Value::Null => Map::new(),
            _ => {
                let Bilingual { ru, en } = what;
                return Err(Error::new(
                    Code::Argument,
                    bilingual!(
                        "{ru}: нужна структура (объект JSON).",
                        "{en}: a structure (JSON object) is needed."
                    ),
                ));
            }
        };
        Ok(Self { given, known: Vec::new(), what: what.clone() })
    }

    /// Takes the field of these names; null counts as left out.
    pub fn take(&mut self, ru: &'static str, en: &'static str) -> Option<Value> {
        self.known.extend([ru, en]);
        let same = |name: &str| name.to_lowercase() == ru.to_lowercase() || name.eq_ignore_ascii_case(en);
        let name = self.given.keys().find(|name| same(name))?.clone();
        self.given.shift_remove(&name).filter(|value| !value.is_null())
    }

    /// Takes a text; a number is taken as its digits.
    ///
    /// # Errors
    /// `argument` for another kind of value.
    pub fn text(&mut self, ru: &'static str, en: &'static str) -> Result<Option<String>> {
        match self.take(ru, en) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.trim().to_owned())),
            Some(Value::Number(number)) => Ok(Some(number.to_string())),
            Some(other) => Err(self.bad(ru, &other.to_string())),
        }
    }

    /// Takes a whole number that is not negative, also as text.
    ///
    /// # Errors
    /// `argument` for another kind of value.
    pub fn number(&mut self, ru: &'static str, en: &'static str) -> Result<Option<u64>> {
        let Some(value) = self.take(ru, en) else { return Ok(None) };
        let text = match &value {
            Value::String(text) => text.trim().to_owned(),
            Value::Number(number) => number.to_string(),
            _ => return Err(self.bad(ru, &value.to_string())),
        };
        // 1C may write a whole number as 5.0.
        let whole = text
            .split_once('.')
            .filter(|(_, zeros)| zeros.bytes().all(|byte| byte == b'0'))
            .map(|(whole, _)| whole);
        match whole.unwrap_or(&text).parse() {
            Ok(number) => Ok(Some(number)),
            Err(_) => Err(self.bad(ru, &text)),
        }
    }

    /// Takes a yes or no, also as text in either language.
    ///
    /// # Errors
    /// `argument` for another kind of value.
    pub fn flag(&mut self, ru: &'static str, en: &'static str) -> Result<Option<bool>> {
        let Some(value) = self.take(ru, en) else { return Ok(None) };
        let flag = match &value {
            Value::Bool(flag) => Some(*flag),
            Value::String(text) => match text.trim().to_lowercase().as_str() {
                "истина" | "true" | "да" | "1" => Some(true),
                "ложь" | "false" | "нет" | "0" => Some(false),
                _ => None,
            },
            Value::Number(number) => match number.to_string().as_str() {
                "1" => Some(true),
                "0" => Some(false),
                _ => None,
            },
            _ => None,
        };
        flag.map(Some).ok_or_else(|| self.bad(ru, &value.to_string()))
    }

    /// Says that all fields have been taken.
    ///
    /// # Errors
    /// `argument` for one that nobody took; the text suggests the nearest name.
    pub fn finish(self) -> Result<()> {
        let Some(name) = self.given.keys().next() else { return Ok(()) };
        let Bilingual { ru, en } = &self.what;
        let near = nearest(name, &self.known);
        let (near_ru, near_en) = match near {
            Some(near) => (format!(" Возможно, «{near}»?"), format!(" Did you mean \"{near}\"?")),
            None => (String::new(), String::new()),
        };
        Err(Error::new(
            Code::Argument,
            bilingual!(
                "{ru}: неизвестное поле «{name}».{near_ru}",
                "{en}: unknown field \"{name}\".{near_en}"
            ),
        )
        .with("parameter", name.as_str()))
    }

    /// The error of a value that does not fit a field.
    pub fn bad(&self, name: &str, value: &str) -> Error {
        let Bilingual { ru, en } = &self.what;
        let value: String = value.chars().take(200).collect();
        Error::new(
            Code::Argument,
            bilingual!(
                "{ru}: значение поля «{name}» не подходит: {value}.",
                "{en}: the value of the field \"{name}\" does not fit: {value}."
            ),
        )
        .with("parameter", name)
    }
}

/// The known name nearest to a wrong one, if one is near enough to be meant.
pub fn nearest<'a>(name: &str, known: &[&'a str]) -> Option<&'a str> {
    let wanted = name.to_lowercase();
    known
        .iter()
        .map(|known| (strsim::normalized_damerau_levenshtein(&wanted, &known.to_lowercase()), *known))
        .filter(|(likeness, _)| *likeness >= 0.6)
        .max_by(|left, right| left.0.total_cmp(&right.0))
        .map(|(_, known)| known)
}
