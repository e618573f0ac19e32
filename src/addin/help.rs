//! `Справка`: what a class can do, told from its declaration.

use super::class::{Class, Default, Help, Kind, Method, Parameter, Property};
use super::common;
use super::options::{same_name, unknown};
use crate::error::{Language, Result};
use std::fmt::Write as _;

/// The help of the whole class, or of the member called `member`.
pub(super) fn text<S>(class: &Class<S>, member: &str, language: Language) -> Result<String> {
    let properties = common::properties()
        .iter()
        .map(PropertyLine::from)
        .chain(class.properties.iter().map(PropertyLine::from))
        .collect::<Vec<_>>();
    let methods = common::methods()
        .iter()
        .map(MethodLine::from)
        .chain(class.methods.iter().map(MethodLine::from))
        .collect::<Vec<_>>();
    if member.trim().is_empty() {
        return Ok(overview(class, &properties, &methods, language));
    }
    let wanted = member.trim();
    let property = properties.iter().find(|line| same_name(wanted, line.ru) || same_name(wanted, line.en));
    let method = methods.iter().find(|line| same_name(wanted, line.ru) || same_name(wanted, line.en));
    match (property, method) {
        (Some(line), _) => Ok(line.text(language)),
        (None, Some(line)) => Ok(line.full_text(language)),
        (None, None) => Err(unknown(
            wanted,
            properties
                .iter()
                .flat_map(|line| [line.ru, line.en])
                .chain(methods.iter().flat_map(|line| [line.ru, line.en])),
        )),
    }
}

fn overview<S>(
    class: &Class<S>,
    properties: &[PropertyLine],
    methods: &[MethodLine],
    language: Language,
) -> String {
    let (properties_title, methods_title) = match language {
        Language::Russian => ("Свойства", "Методы"),
        Language::English => ("Properties", "Methods"),
    };
    let mut text = format!("{}: {}\n\n{properties_title}:\n", class.name, choose(class.help, language));
    for line in properties {
        let _ = writeln!(text, "  {}", line.text(language));
    }
    let _ = writeln!(text, "\n{methods_title}:");
    for line in methods {
        let _ = writeln!(text, "  {}", line.text(language));
    }
    text
}

fn choose(help: Help, language: Language) -> &'static str {
    match language {
        Language::Russian => help.ru,
        Language::English => help.en,
    }
}

fn name(ru: &'static str, en: &'static str, language: Language) -> &'static str {
    match language {
        Language::Russian => ru,
        Language::English => en,
    }
}

fn kind_name(kind: Kind, language: Language) -> &'static str {
    let (ru, en) = kind.names();
    name(ru, en, language)
}

struct PropertyLine {
    ru: &'static str,
    en: &'static str,
    kind: Kind,
    default: &'static str,
    help: Help,
    readable: bool,
    writable: bool,
}

impl<S> From<&Property<S>> for PropertyLine {
    fn from(property: &Property<S>) -> Self {
        let Property { ru, en, kind, default, help, get, set } = *property;
        Self { ru, en, kind, default, help, readable: get.is_some(), writable: set.is_some() }
    }
}

impl PropertyLine {
    fn text(&self, language: Language) -> String {
        let access = match (self.readable, self.writable, language) {
            (true, false, Language::Russian) => ", только чтение",
            (true, false, Language::English) => ", read only",
            (false, true, Language::Russian) => ", только запись",
            (false, true, Language::English) => ", write only",
            _ => "",
        };
        let default = if self.default.is_empty() { String::new() } else { format!(" = {}", self.default) };
        format!(
            "{} ({}{access}){default} — {}",
            name(self.ru, self.en, language),
            kind_name(self.kind, language),
            choose(self.help, language)
        )
    }
}

struct MethodLine {
    ru: &'static str,
    en: &'static str,
    parameters: &'static [Parameter],
    returns: Kind,
    help: Help,
}

impl<S> From<&Method<S>> for MethodLine {
    fn from(method: &Method<S>) -> Self {
        let Method { ru, en, parameters, returns, help, .. } = *method;
        Self { ru, en, parameters, returns, help }
    }
}

impl MethodLine {
    fn text(&self, language: Language) -> String {
        let parameters = self.parameters.iter().map(|parameter| signature(parameter, language));
        let result = match (self.returns, language) {
            (Kind::Nothing, _) => String::new(),
            (kind, Language::Russian) => format!(": {}", kind_name(kind, language)),
            (kind, Language::English) => format!(": {}", kind_name(kind, language)),
        };
        format!(
            "{}({}){result} — {}",
            name(self.ru, self.en, language),
            parameters.collect::<Vec<_>>().join(", "),
            choose(self.help, language)
        )
    }

    fn full_text(&self, language: Language) -> String {
        let mut text = self.text(language);
        for parameter in self.parameters {
            let _ = write!(
                text,
                "\n  {} — {}",
                signature(parameter, language),
                kind_name(parameter.kind, language)
            );
        }
        text
    }
}

/// A parameter as a declaration shows it: `ИмяПоля = "file"`.
fn signature(parameter: &Parameter, language: Language) -> String {
    let name = name(parameter.ru, parameter.en, language);
    match (parameter.default, language) {
        (Default::Required, _) => name.to_owned(),
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
