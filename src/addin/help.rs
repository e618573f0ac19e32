//! `Справка`: what a class can do, told from its declaration, and what an error code means.

use super::class::{Class, Declaration, Default, Help, Kind, Parameter, Property, Signature};
use super::common;
use super::options::{same_name, unknown};
use crate::error::{Code, Language, Result};
use std::fmt::Write as _;

/// The help of the whole class, or of the member called `member`.
pub(super) fn text<S>(class: &Class<S>, member: &str, language: Language) -> Result<String> {
    let wanted = member.trim();
    if wanted.is_empty() {
        return Ok(overview(class, language));
    }
    let named = |ru: &str, en: &str| same_name(wanted, ru) || same_name(wanted, en);
    if let Some(line) = properties(class).find(|line| named(line.declaration.ru, line.declaration.en)) {
        return Ok(line.text(language));
    }
    if let Some(method) = class.signatures().find(|method| named(method.ru, method.en)) {
        return Ok(full_text(method, language));
    }
    if let Some(code) = Code::ALL.iter().find(|code| code.as_str() == wanted) {
        let (meaning, remedy) = (code.meaning(), code.remedy());
        return Ok(format!(
            "{wanted}: {} {}",
            language.choose(meaning.0, meaning.1),
            language.choose(remedy.0, remedy.1)
        ));
    }
    let properties = class.declarations().flat_map(|property| [property.ru, property.en]);
    Err(unknown(wanted, properties.chain(class.signatures().flat_map(|method| [method.ru, method.en]))))
}

fn overview<S>(class: &Class<S>, language: Language) -> String {
    let (properties_title, methods_title) = match language {
        Language::Russian => ("Свойства", "Методы"),
        Language::English => ("Properties", "Methods"),
    };
    let mut text = format!("{}: {}\n\n{properties_title}:\n", class.name, class.help.in_language(language));
    for line in properties(class) {
        let _ = writeln!(text, "  {}", line.text(language));
    }
    let _ = writeln!(text, "\n{methods_title}:");
    for method in class.signatures() {
        let _ = writeln!(text, "  {}", one_line(method, language));
    }
    text
}

/// A property, and what can be done with it.
pub struct PropertyInfo {
    /// Names, kind, help.
    pub declaration: &'static Declaration,
    /// BSL can read it.
    pub readable: bool,
    /// BSL can write it.
    pub writable: bool,
    /// Every class has it.
    pub common: bool,
}

/// A method, and whose it is.
pub struct MethodInfo {
    /// Names, parameters, help.
    pub signature: &'static Signature,
    /// Every class has it.
    pub common: bool,
}

/// The properties of a class, the common ones first.
pub(super) fn properties<S>(class: &Class<S>) -> impl Iterator<Item = PropertyInfo> {
    let own: &'static [Property<S>] = class.properties;
    let common = common::properties().iter().map(|property| PropertyInfo::new(property, true));
    common.chain(own.iter().map(|property| PropertyInfo::new(property, false)))
}

/// The methods of a class, the common ones first.
pub(super) fn methods<S>(class: &Class<S>) -> impl Iterator<Item = MethodInfo> {
    let common = common::methods().len();
    class
        .signatures()
        .enumerate()
        .map(move |(number, signature)| MethodInfo { signature, common: number < common })
}

impl PropertyInfo {
    fn new<S>(property: &'static Property<S>, common: bool) -> Self {
        Self {
            declaration: &property.declaration,
            readable: property.get.is_some(),
            writable: property.set.is_some(),
            common,
        }
    }

    fn text(&self, language: Language) -> String {
        let Declaration { ru, en, kind, help, .. } = self.declaration;
        let access = match (self.readable, self.writable, language) {
            (true, false, Language::Russian) => ", только чтение",
            (true, false, Language::English) => ", read only",
            (false, true, Language::Russian) => ", только запись",
            (false, true, Language::English) => ", write only",
            _ => "",
        };
        let default = self.declaration.default_text(language);
        let default = if default.is_empty() { String::new() } else { format!(" = {default}") };
        format!(
            "{} ({}{access}){default} — {}",
            language.choose(ru, en),
            kind_name(*kind, language),
            help.in_language(language)
        )
    }
}

impl Declaration {
    /// The value of a new object, empty if there is nothing to show.
    pub fn default_text(&self, language: Language) -> &'static str {
        match (self.default.in_language(language), language) {
            ("Истина", Language::English) => "True",
            ("Ложь", Language::English) => "False",
            (text, _) => text,
        }
    }
}

impl Help {
    /// The line in one language.
    pub fn in_language(self, language: Language) -> &'static str {
        language.choose(self.ru, self.en)
    }
}

fn kind_name(kind: Kind, language: Language) -> &'static str {
    let (ru, en) = kind.names();
    language.choose(ru, en)
}

impl Default {
    /// The default as BSL writes it; `None` for a mandatory parameter.
    pub fn text(self, language: Language) -> Option<String> {
        Some(match (self, language) {
            (Self::Required | Self::RequiredValue, _) => return None,
            (Self::Omitted, Language::Russian) => "Неопределено".to_owned(),
            (Self::Omitted, Language::English) => "Undefined".to_owned(),
            (Self::Text(text), _) => format!("\"{text}\""),
            (Self::Integer(number), _) => number.to_string(),
            (Self::Boolean(true), Language::Russian) => "Истина".to_owned(),
            (Self::Boolean(true), Language::English) => "True".to_owned(),
            (Self::Boolean(false), Language::Russian) => "Ложь".to_owned(),
            (Self::Boolean(false), Language::English) => "False".to_owned(),
        })
    }
}

fn one_line(method: &Signature, language: Language) -> String {
    let parameters = method.parameters.iter().map(|parameter| declared(parameter, language));
    let result = match method.returns {
        Kind::Nothing => String::new(),
        kind => format!(": {}", kind_name(kind, language)),
    };
    format!(
        "{}({}){result} — {}",
        language.choose(method.ru, method.en),
        parameters.collect::<Vec<_>>().join(", "),
        method.help.in_language(language)
    )
}

fn full_text(method: &Signature, language: Language) -> String {
    let mut text = one_line(method, language);
    for parameter in method.parameters {
        let _ =
            write!(text, "\n  {} — {}", declared(parameter, language), kind_name(parameter.kind, language));
    }
    text
}

/// A parameter as a declaration shows it: `ИмяПоля = "file"`.
fn declared(parameter: &Parameter, language: Language) -> String {
    let name = language.choose(parameter.ru, parameter.en);
    match parameter.default.text(language) {
        None => name.to_owned(),
        Some(default) => format!("{name} = {default}"),
    }
}
