//! The declaration of a class: one static table from which everything else follows.

use super::{Argument, Call, Frame, Value, common};
use crate::addin::names::NameIndex;
use crate::error::{Code, Result};
use std::sync::OnceLock;

/// One line of help in both languages.
#[derive(Debug, Clone, Copy)]
pub struct Help {
    /// Russian.
    pub ru: &'static str,
    /// English.
    pub en: &'static str,
}

/// A line of help.
pub const fn help(ru: &'static str, en: &'static str) -> Help {
    Help { ru, en }
}

/// The kind of value that a member takes or gives, for checks and for the documentation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// No result.
    Nothing,
    /// `Строка`.
    Text,
    /// `Число`.
    Number,
    /// Whole `Число`.
    Integer,
    /// `Булево`.
    Boolean,
    /// `Дата`.
    Date,
    /// `ДвоичныеДанные`.
    Binary,
    /// Structured data: JSON, internal text or XDTO in a string, or the same as UTF-8 in `ДвоичныеДанные`.
    Structure,
    /// Structured data as a result, in the form that `ФорматРезультата` asks for.
    Report,
    /// Anything.
    Any,
}

impl Kind {
    /// The name in Russian and English, for help and messages.
    pub const fn names(self) -> (&'static str, &'static str) {
        match self {
            Self::Nothing => ("нет", "none"),
            Self::Text => ("Строка", "String"),
            Self::Number => ("Число", "Number"),
            Self::Integer => ("Целое число", "Integer"),
            Self::Boolean => ("Булево", "Boolean"),
            Self::Date => ("Дата", "Date"),
            Self::Binary => ("ДвоичныеДанные", "BinaryData"),
            Self::Structure => ("Строка или ДвоичныеДанные с данными", "String or BinaryData with data"),
            Self::Report => ("Строка с данными", "String with data"),
            Self::Any => ("Произвольный", "Any"),
        }
    }
}

/// What a parameter is when it is left out.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Default {
    /// The parameter is mandatory.
    Required,
    /// The parameter is mandatory, but `Неопределено` is a value like any other: the class judges it as data.
    RequiredValue,
    /// It arrives as [`Argument::Omitted`].
    Omitted,
    /// A text.
    Text(&'static str),
    /// A whole number.
    Integer(i32),
    /// A truth value.
    Boolean(bool),
}

/// A parameter of a method.
#[derive(Debug, Clone, Copy)]
pub struct Parameter {
    /// Russian name.
    pub ru: &'static str,
    /// English name.
    pub en: &'static str,
    /// What it takes.
    pub kind: Kind,
    /// Its default.
    pub default: Default,
}

impl Parameter {
    /// True if a call must give it.
    pub const fn is_required(&self) -> bool {
        matches!(self.default, Default::Required | Default::RequiredValue)
    }
}

/// A mandatory parameter.
pub const fn required(ru: &'static str, en: &'static str, kind: Kind) -> Parameter {
    Parameter { ru, en, kind, default: Default::Required }
}

/// A mandatory parameter that takes data, `Неопределено` included.
pub const fn value(ru: &'static str, en: &'static str, kind: Kind) -> Parameter {
    Parameter { ru, en, kind, default: Default::RequiredValue }
}

/// An optional parameter.
pub const fn optional(ru: &'static str, en: &'static str, kind: Kind, default: Default) -> Parameter {
    Parameter { ru, en, kind, default }
}

/// Reads a property.
pub type Getter<S> = fn(&S, &Frame) -> Result<Value>;
/// Writes a property.
pub type Setter<S> = fn(&mut S, &Argument<'_>) -> Result<()>;
/// Runs a method.
pub type Function<S> = fn(&mut S, &mut Call<'_>) -> Result<Value>;

/// What is said of a property, whatever its class.
#[derive(Clone, Copy)]
pub struct Declaration {
    /// Russian name.
    pub ru: &'static str,
    /// English name.
    pub en: &'static str,
    /// What it holds.
    pub kind: Kind,
    /// Its value in a new object, as the documentation shows it; empty if there is nothing to show.
    pub default: Help,
    /// What it means.
    pub help: Help,
}

/// A property of a class whose objects hold an `S`.
pub struct Property<S: 'static> {
    /// Names, kind, help.
    pub declaration: Declaration,
    /// How it is read; `None`: write only.
    pub get: Option<Getter<S>>,
    /// How it is written; `None`: read only.
    pub set: Option<Setter<S>>,
}

impl<S> Clone for Property<S> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<S> Copy for Property<S> {}

impl<S> Property<S> {
    /// A property with neither getter nor setter yet.
    pub const fn new(ru: &'static str, en: &'static str, kind: Kind, help: Help) -> Self {
        Self {
            declaration: Declaration { ru, en, kind, default: self::help("", ""), help },
            get: None,
            set: None,
        }
    }

    /// Says how it is read.
    #[must_use]
    pub const fn get(mut self, get: Getter<S>) -> Self {
        self.get = Some(get);
        self
    }

    /// Says how it is written.
    #[must_use]
    pub const fn set(mut self, set: Setter<S>) -> Self {
        self.set = Some(set);
        self
    }

    /// Says what a new object holds, for the documentation; a truth value is given in Russian.
    #[must_use]
    pub const fn default(self, default: &'static str) -> Self {
        self.default_words(default, default)
    }

    /// Says what a new object holds, where that is a word of one language.
    #[must_use]
    pub const fn default_words(mut self, ru: &'static str, en: &'static str) -> Self {
        self.declaration.default = help(ru, en);
        self
    }
}

/// What is said of a method, whatever its class.
#[derive(Clone, Copy)]
pub struct Signature {
    /// Russian name.
    pub ru: &'static str,
    /// English name.
    pub en: &'static str,
    /// Its parameters.
    pub parameters: &'static [Parameter],
    /// What it returns.
    pub returns: Kind,
    /// What it does.
    pub help: Help,
    /// Codes of errors that it may fail with or leave in `ПоследняяОшибка`, beside those of every call
    /// ([`Signature::ALWAYS`]); in groups, because methods share them.
    pub errors: &'static [&'static [Code]],
}

impl Signature {
    /// Codes of errors that every call may fail with.
    pub const ALWAYS: [Code; 4] = [Code::Argument, Code::Busy, Code::Memory, Code::Internal];

    /// True if an error of that code is declared.
    pub fn may_fail_with(&self, code: Code) -> bool {
        Self::ALWAYS.contains(&code) || self.errors.iter().any(|group| group.contains(&code))
    }
}

/// A method of a class whose objects hold an `S`.
pub struct Method<S: 'static> {
    /// Names, parameters, help.
    pub signature: Signature,
    /// How it runs.
    pub run: Function<S>,
}

impl<S> Clone for Method<S> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<S> Copy for Method<S> {}

impl<S> Method<S> {
    /// A method without parameters and result.
    pub const fn new(ru: &'static str, en: &'static str, run: Function<S>, help: Help) -> Self {
        Self {
            signature: Signature { ru, en, parameters: &[], returns: Kind::Nothing, help, errors: &[] },
            run,
        }
    }

    /// Names its parameters, those without a default first: in a static table the compiler sees to it.
    #[must_use]
    pub const fn takes(mut self, parameters: &'static [Parameter]) -> Self {
        let mut number = 1;
        while number < parameters.len() {
            assert!(
                !parameters[number].is_required() || parameters[number - 1].is_required(),
                "a required parameter follows an optional one"
            );
            number += 1;
        }
        self.signature.parameters = parameters;
        self
    }

    /// Says what it returns.
    #[must_use]
    pub const fn returns(mut self, kind: Kind) -> Self {
        self.signature.returns = kind;
        self
    }

    /// Says with which errors it may fail, beside those of every call.
    #[must_use]
    pub const fn fails(mut self, errors: &'static [&'static [Code]]) -> Self {
        self.signature.errors = errors;
        self
    }
}

/// How many members the tables of a class hold together, for [`joined`].
pub const fn total<T>(tables: &[&[T]]) -> usize {
    let (mut total, mut table) = (0, 0);
    while table < tables.len() {
        total += tables[table].len();
        table += 1;
    }
    total
}

/// One table from those of a class that is declared in several files; `N` is their [`total`]. Done by the compiler.
pub const fn joined<T: Copy, const N: usize>(tables: &[&[T]]) -> [T; N] {
    let mut joined = [tables[0][0]; N];
    let (mut table, mut at) = (0, 0);
    while table < tables.len() {
        let mut member = 0;
        while member < tables[table].len() {
            joined[at] = tables[table][member];
            at += 1;
            member += 1;
        }
        table += 1;
    }
    joined
}

/// A class that BSL can create.
pub struct Class<S: 'static> {
    /// The name, ASCII: in `GetClassNames` and from `RegisterExtensionAs`.
    pub name: &'static str,
    /// What it is for.
    pub help: Help,
    /// Makes the state of a new object.
    pub create: fn() -> S,
    /// Ends background work of an object; called once, before it is dropped.
    pub finish: fn(&mut S),
    /// Its own properties; the common ones come before them.
    pub properties: &'static [Property<S>],
    /// Its own methods; the common ones come before them.
    pub methods: &'static [Method<S>],
    names: OnceLock<Names>,
}

pub(super) struct Names {
    pub(super) properties: NameIndex,
    pub(super) methods: NameIndex,
}

impl<S> Class<S> {
    /// A class from its table.
    pub const fn new(
        name: &'static str,
        help: Help,
        create: fn() -> S,
        properties: &'static [Property<S>],
        methods: &'static [Method<S>],
    ) -> Self {
        Self { name, help, create, finish: |_| {}, properties, methods, names: OnceLock::new() }
    }

    /// Says how background work of an object is ended.
    #[must_use]
    pub const fn finish(mut self, finish: fn(&mut S)) -> Self {
        self.finish = finish;
        self
    }

    pub(super) fn names(&self) -> &Names {
        self.names.get_or_init(|| Names {
            properties: NameIndex::new(self.declarations().map(|property| [property.en, property.ru])),
            methods: NameIndex::new(self.signatures().map(|method| [method.en, method.ru])),
        })
    }

    /// What is said of every property, the common ones first: the order of their numbers.
    pub(super) fn declarations(&self) -> impl Iterator<Item = &'static Declaration> + use<S> {
        let own: &'static [Property<S>] = self.properties;
        let own = own.iter().map(|property| &property.declaration);
        common::properties().iter().map(|property| &property.declaration).chain(own)
    }

    /// What is said of every method, the common ones first: the order of their numbers.
    pub(super) fn signatures(&self) -> impl Iterator<Item = &'static Signature> + use<S> {
        let own: &'static [Method<S>] = self.methods;
        common::methods()
            .iter()
            .map(|method| &method.signature)
            .chain(own.iter().map(|method| &method.signature))
    }
}
