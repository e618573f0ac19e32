//! `Справка`: what a class can do, told from its declaration.

use super::class::{Class, Declaration, Default, Help, Kind, Parameter, Property, Signature};
use super::common;
use super::options::{same_name, unknown};
use crate::error::{Language, Result};
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
struct PropertyLine {
    declaration: &'static Declaration,
    readable: bool,
    writable: bool,
}

fn properties<S>(class: &Class<S>) -> impl Iterator<Item = PropertyLine> {
    let own: &'static [Property<S>] = class.properties;
    common::properties().iter().map(PropertyLine::new).chain(own.iter().map(PropertyLine::new))
}

impl PropertyLine {
    fn new<S>(property: &'static Property<S>) -> Self {
        Self {
            declaration: &property.declaration,
            readable: property.get.is_some(),
            writable: property.set.is_some(),
        }
    }

    fn text(&self, language: Language) -> String {
        let Declaration { ru, en, kind, default, help } = self.declaration;
        let access = match (self.readable, self.writable, language) {
            (true, false, Language::Russian) => ", только чтение",
            (true, false, Language::English) => ", read only",
            (false, true, Language::Russian) => ", только запись",
            (false, true, Language::English) => ", write only",
            _ => "",
        };
        let default = if default.is_empty() { String::new() } else { format!(" = {default}") };
        format!(
            "{} ({}{access}){default} — {}",
            choose(ru, en, language),
            kind_name(*kind, language),
            help.in_language(language)
        )
    }
}

impl Help {
    fn in_language(self, language: Language) -> &'static str {
        choose(self.ru, self.en, language)
    }
}

fn choose(ru: &'static str, en: &'static str, language: Language) -> &'static str {
    match language {
        Language::Russian => ru,
        Language::English => en,
    }
}

fn kind_name(kind: Kind, language: Language) -> &'static str {
    let (ru, en) = kind.names();
    choose(ru, en, language)
}

fn one_line(method: &Signature, language: Language) -> String {
    let parameters = method.parameters.iter().map(|parameter| declared(parameter, language));
    let result = match method.returns {
        Kind::Nothing => String::new(),
        kind => format!(": {}", kind_name(kind, language)),
    };
    format!(
        "{}({}){result} — {}",
        choose(method.ru, method.en, language),
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
    let name = choose(parameter.ru, parameter.en, language);
    match (parameter.default, language) {
        (Default::Required | Default::RequiredValue, _) => name.to_owned(),
        (Default::Omitted, Language::Russian) => format!("{name} = Неопределено"),
        (Default::Omitted, Language::English) => format!("{name} = Undefined"),
        (Default::Text(text), _) => format!("{name} = \"{text}\""),
        (Default::Integer(number), _) => format!("{name} = {number}"),
        (Default::Boolean(true), Language::Russian) => format!("{name} = Истина"),
        (Default::Boolean(true), Language::English) => format!("{name} = True"),
        (Default::Boolean(false), Language::Russian) => format!("{name} = Ложь"),
        (Default::Boolean(false), Language::English) => format!("{name} = False"),
    }
}
