//! The page about the classes, in one language.

use crate::notes::Notes;
use obmen::addin::{ClassInfo, Kind, MethodInfo, Parameter, PropertyInfo, Signature};
use obmen::classes;
use obmen::error::{Code, Language};
use std::error::Error;
use std::fmt::Write as _;

/// The words of the page.
struct Words {
    introduction: &'static str,
    common: &'static str,
    properties: &'static str,
    methods: &'static str,
    property_head: &'static str,
    parameter_head: &'static str,
    access: [&'static str; 3],
    required: &'static str,
    returns: &'static str,
    errors: &'static str,
    result: &'static str,
}

const RUSSIAN: Words = Words {
    introduction: "\
<!-- Написано командой `make reference` по таблицам из src/classes и заметкам из docs/members. -->

# Справочник классов «Обмен»

In English: [reference.en.md](reference.en.md). Как установить и подключить: [руководство](guide.ru.md). Коды ошибок: \
[error-codes.md](error-codes.md). То же самое говорит сама компонента: метод `Справка`.

- Объект создаётся выражением `Новый(\"AddIn.Obmen.ObmenSite\")` после подключения компоненты.
- У каждого члена два имени, русское и английское; регистр букв не важен. Методы можно вызывать и асинхронно: к имени \
добавляется `Асинх`, параметры те же.
- Пропущенный необязательный параметр и `Неопределено` — одно и то же.
- «Строка или ДвоичныеДанные с данными» — это JSON, текст `ЗначениеВСтрокуВнутр` или XDTO (XML): вид узнаётся по содержимому. \
В `ДвоичныеДанные` — то же в UTF-8.
- «Строка с данными» — JSON или, если `ФорматРезультата` = \"Внутр\", текст для `ЗначениеИзСтрокиВнутр`.
- Каждый вызов может закончиться ошибками `argument`, `busy`, `memory`, `internal`; под методом названы остальные. Если работа с внешним \
миром началась, метод возвращает отчёт, а ошибка стоит в нём и в `ПоследняяОшибка`.
",
    common: "Что есть у каждого класса",
    properties: "Свойства",
    methods: "Методы",
    property_head: "| свойство | English | тип | в новом объекте | что это |",
    parameter_head: "| параметр | English | тип | по умолчанию |",
    access: ["", "; только чтение", "; только запись"],
    required: "обязателен",
    returns: "Возвращает",
    errors: "Ошибки",
    result: "Результат",
};

const ENGLISH: Words = Words {
    introduction: "\
<!-- Written by `make reference` from the tables in src/classes and the notes in docs/members. -->

# Reference of the classes of Obmen

По-русски: [reference.ru.md](reference.ru.md). Installation and use: [guide](guide.ru.md) (in Russian). Error codes: \
[error-codes.md](error-codes.md). The add-in itself tells the same: method `Help`.

- An object is made by `New(\"AddIn.Obmen.ObmenSite\")` once the add-in is attached.
- Every member has two names, English and Russian; letter case does not matter. Methods can be called asynchronously too: with \
`Async` behind the name and the same parameters.
- An optional parameter left out and `Undefined` are the same.
- \"String or BinaryData with data\" is JSON, text of `ValueToStringInternal` or XDTO (XML): told apart by content. \
In `BinaryData` the same in UTF-8.
- \"String with data\" is JSON or, with `ResultFormat` = \"Internal\", text for `ValueFromStringInternal`.
- Every call may fail with `argument`, `busy`, `memory`, `internal`; the others are named under the method. Once work on the outside world \
has begun, a method returns its report, and the error stands there and in `LastError`.
",
    common: "What every class has",
    properties: "Properties",
    methods: "Methods",
    property_head: "| property | по-русски | type | in a new object | what it is |",
    parameter_head: "| parameter | по-русски | type | default |",
    access: ["", "; read only", "; write only"],
    required: "mandatory",
    returns: "Returns",
    errors: "Errors",
    result: "Result",
};

/// How examples call the objects of each class; the samples use the same names.
pub const VARIABLES: [(&str, [&str; 2]); 4] = [
    ("ObmenSite", ["КомпонентаСайта", "SiteComponent"]),
    ("ObmenEgais", ["КомпонентаЕГАИС", "EgaisComponent"]),
    ("ObmenHttp", ["КомпонентаHTTP", "HttpComponent"]),
    ("ObmenJson", ["КомпонентаJSON", "JsonComponent"]),
];

struct Page {
    language: Language,
    words: &'static Words,
    text: String,
}

/// The whole page.
pub fn page(language: Language) -> Result<String, Box<dyn Error>> {
    let words = match language {
        Language::Russian => &RUSSIAN,
        Language::English => &ENGLISH,
    };
    let mut page = Page { language, words, text: words.introduction.to_owned() };
    let first = *classes::all().first().ok_or("there is no class")?;
    page.common(first)?;
    for class in classes::all() {
        page.class(*class)?;
    }
    Ok(page.text)
}

impl Page {
    fn common(&mut self, class: &dyn ClassInfo) -> Result<(), Box<dyn Error>> {
        let mut notes = Notes::read("Common", self.language)?;
        let _ = write!(self.text, "\n## {}\n", self.words.common);
        self.note(notes.take("Common"));
        self.members(class, true, &mut notes)?;
        Ok(notes.finish()?)
    }

    fn class(&mut self, class: &dyn ClassInfo) -> Result<(), Box<dyn Error>> {
        let mut notes = Notes::read(class.name(), self.language)?;
        let purpose = class.purpose().in_language(self.language);
        let _ = write!(self.text, "\n## {}\n\n{}\n", class.name(), sentence(purpose));
        let note = notes.take(class.name()).ok_or_else(|| format!("{} has no example", class.name()))?;
        self.note(Some(note));
        self.members(class, false, &mut notes)?;
        Ok(notes.finish()?)
    }

    fn members(
        &mut self,
        class: &dyn ClassInfo,
        common: bool,
        notes: &mut Notes,
    ) -> Result<(), Box<dyn Error>> {
        let _ = write!(
            self.text,
            "\n### {}\n\n{}\n| --- | --- | --- | --- | --- |\n",
            self.words.properties, self.words.property_head
        );
        let properties: Vec<_> =
            class.properties().into_iter().filter(|found| found.common == common).collect();
        for property in &properties {
            self.property(property);
        }
        for property in &properties {
            let (name, _) = self.names(property.declaration.ru, property.declaration.en);
            if let Some(note) = notes.take(name) {
                let _ = write!(self.text, "\n#### {name}\n");
                self.note(Some(note));
            }
        }
        let _ = write!(self.text, "\n### {}\n", self.words.methods);
        for method in class.methods().into_iter().filter(|found| found.common == common) {
            self.method(class.name(), &method, notes)?;
        }
        Ok(())
    }

    fn property(&mut self, property: &PropertyInfo) {
        let declaration = property.declaration;
        let (name, other) = self.names(declaration.ru, declaration.en);
        let access = match (property.readable, property.writable) {
            (_, false) => self.words.access[1],
            (false, true) => self.words.access[2],
            (true, true) => self.words.access[0],
        };
        let default = match declaration.default_text(self.language) {
            "" => String::new(),
            text => format!("`{text}`"),
        };
        let kind = self.kind(declaration.kind);
        let help = cell(declaration.help.in_language(self.language));
        let _ = writeln!(self.text, "| `{name}` | `{other}` | {kind} | {default} | {help}{access} |");
    }

    fn method(&mut self, class: &str, method: &MethodInfo, notes: &mut Notes) -> Result<(), Box<dyn Error>> {
        let signature = method.signature;
        let (name, other) = self.names(signature.ru, signature.en);
        let help = sentence(signature.help.in_language(self.language));
        let _ = write!(self.text, "\n#### {name} / {other}\n\n{help}\n");
        let note = notes.take(name);
        if !note.as_ref().is_some_and(|note| note.contains("```bsl")) {
            let call = self.call(class, signature)?;
            let _ = write!(self.text, "\n```bsl\n{call}\n```\n");
        }
        if !signature.parameters.is_empty() {
            let _ = write!(self.text, "\n{}\n| --- | --- | --- | --- |\n", self.words.parameter_head);
            for parameter in signature.parameters {
                self.parameter(parameter);
            }
        }
        self.note(note);
        if signature.returns != Kind::Nothing {
            let _ = write!(self.text, "\n{}: {}.\n", self.words.returns, self.kind(signature.returns));
        }
        let errors =
            Code::ALL.iter().filter(|code| signature.errors.iter().any(|group| group.contains(code)));
        let errors: Vec<_> =
            errors.map(|code| format!("[`{0}`](error-codes.md#{0})", code.as_str())).collect();
        if !errors.is_empty() {
            let _ = write!(self.text, "\n{}: {}.\n", self.words.errors, errors.join(", "));
        }
        Ok(())
    }

    fn parameter(&mut self, parameter: &Parameter) {
        let (name, other) = self.names(parameter.ru, parameter.en);
        let kind = self.kind(parameter.kind);
        let default = match parameter.default.text(self.language) {
            None => self.words.required.to_owned(),
            Some(text) => format!("`{text}`"),
        };
        let _ = writeln!(self.text, "| `{name}` | `{other}` | {kind} | {default} |");
    }

    /// A line that calls the method with all of its parameters.
    fn call(&self, class: &str, signature: &Signature) -> Result<String, String> {
        let variables = VARIABLES.iter().find(|(known, _)| *known == class).map(|(_, names)| names);
        let [ru, en] = variables.ok_or_else(|| format!("{class} has no variable for examples"))?;
        let (variable, _) = self.names(ru, en);
        let (name, _) = self.names(signature.ru, signature.en);
        let parameters =
            signature.parameters.iter().map(|parameter| self.names(parameter.ru, parameter.en).0);
        let call = format!("{variable}.{name}({});", parameters.collect::<Vec<_>>().join(", "));
        Ok(match signature.returns {
            Kind::Nothing => call,
            _ => format!("{} = {call}", self.words.result),
        })
    }

    fn note(&mut self, note: Option<String>) {
        if let Some(note) = note {
            let _ = write!(self.text, "\n{note}\n");
        }
    }

    /// The name in the language of the page, then the other one.
    fn names<'a>(&self, ru: &'a str, en: &'a str) -> (&'a str, &'a str) {
        match self.language {
            Language::Russian => (ru, en),
            Language::English => (en, ru),
        }
    }

    fn kind(&self, kind: Kind) -> &'static str {
        let (ru, en) = kind.names();
        self.names(ru, en).0
    }
}

/// A line of help as a sentence of its own.
fn sentence(line: &str) -> String {
    let mut letters = line.chars();
    let first = letters.next().map(|letter| letter.to_uppercase().to_string()).unwrap_or_default();
    format!("{first}{}.", letters.as_str().trim_end_matches('.'))
}

/// A text that cannot break out of a cell of a table.
fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}
