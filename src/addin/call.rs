//! One call of a method: typed arguments, long work, errors that do not fail the call.

use super::argument::{Argument, Scalar, Value};
use super::class::{Class, Default, Signature};
use super::frame::{Frame, ResultFormat};
use super::host::HostProgress;
use super::options::{Options, structured};
use crate::bilingual;
use crate::error::{Code, Error, Language, Result};
use crate::journal::Journal;
use crate::operation::Operation;
use crate::value::{Output, Reader, open};
use std::ops::RangeInclusive;
use std::time::Duration;

/// A call in progress.
pub struct Call<'a> {
    frame: &'a mut Frame,
    signature: &'static Signature,
    arguments: &'a [Argument<'a>],
}

impl<'a> Call<'a> {
    pub(super) fn new(
        frame: &'a mut Frame,
        signature: &'static Signature,
        arguments: &'a [Argument<'a>],
    ) -> Self {
        Self { frame, signature, arguments }
    }

    /// Too many arguments, or a mandatory one left out, fail before the method begins.
    #[inline(always)]
    pub(super) fn check_arguments(&self) -> Result<()> {
        if self.arguments.is_empty() && self.signature.parameters.is_empty() {
            return Ok(());
        }
        self.check_each_argument()
    }

    #[inline(never)]
    fn check_each_argument(&self) -> Result<()> {
        let Signature { ru, en, parameters, .. } = self.signature;
        let (given, known) = (self.arguments.len(), parameters.len());
        if given > known {
            return Err(Error::new(
                Code::Argument,
                bilingual!(
                    "Метод {ru}: передано параметров {given}, а их {known}. Уберите лишние.",
                    "Method {en}: {given} arguments were given for {known} parameters. Remove the extra ones."
                ),
            ));
        }
        for (number, parameter) in parameters.iter().enumerate() {
            let missing = match self.arguments.get(number) {
                None => matches!(parameter.default, Default::Required | Default::RequiredValue),
                Some(Argument::Omitted) => parameter.default == Default::Required,
                Some(_) => false,
            };
            if missing {
                let missing =
                    bilingual!("обязательный параметр не задан.", "the mandatory parameter is missing.");
                return Err(self.in_parameter(number, Error::new(Code::Argument, missing)));
            }
        }
        Ok(())
    }

    /// The argument as it came; what was left out is [`Argument::Omitted`].
    pub fn argument(&self, number: usize) -> &'a Argument<'a> {
        self.arguments.get(number).unwrap_or(&Argument::Omitted)
    }

    /// True if the argument was left out.
    pub fn is_omitted(&self, number: usize) -> bool {
        matches!(self.argument(number), Argument::Omitted)
    }

    /// A text; a number is written as decimal text; left out gives the default of the declaration or "".
    ///
    /// # Errors
    /// `argument` for any other kind.
    pub fn text(&self, number: usize) -> Result<String> {
        match (self.argument(number), self.default(number)) {
            (Argument::Omitted, Default::Text(text)) => Ok(text.to_owned()),
            (Argument::Omitted, _) => Ok(String::new()),
            (argument, _) => argument.text().map_err(|error| self.in_parameter(number, error)),
        }
    }

    /// A whole number within `range`; a text that holds one is accepted; left out gives the default.
    ///
    /// # Errors
    /// `argument` for anything else.
    pub fn integer(&self, number: usize, range: RangeInclusive<i64>) -> Result<i64> {
        match (self.argument(number), self.default(number)) {
            (Argument::Omitted, Default::Integer(value)) => Ok(i64::from(value)),
            (argument, _) => argument.integer(range).map_err(|error| self.in_parameter(number, error)),
        }
    }

    /// A truth value; 0 and 1 are accepted; left out gives the default or false.
    ///
    /// # Errors
    /// `argument` for anything else.
    pub fn boolean(&self, number: usize) -> Result<bool> {
        match (self.argument(number), self.default(number)) {
            (Argument::Omitted, Default::Boolean(value)) => Ok(value),
            (Argument::Omitted, _) => Ok(false),
            (argument, _) => argument.boolean().map_err(|error| self.in_parameter(number, error)),
        }
    }

    /// A plain value for the model of 1C values.
    ///
    /// # Errors
    /// `argument` for what this interface does not carry.
    pub fn scalar(&self, number: usize) -> Result<Scalar<'a>> {
        self.argument(number).scalar().map_err(|error| self.in_parameter(number, error))
    }

    /// Structured data in any of its forms, told apart by its beginning.
    ///
    /// # Errors
    /// `argument` for a value that holds no text, `value_text` for a text in none of the forms.
    pub fn structure(&self, number: usize) -> Result<Reader<'a>> {
        let input = self.argument(number).input();
        input.and_then(|input| open(input, None)).map_err(|error| self.in_parameter(number, error))
    }

    /// Options from a parameter that holds JSON (or any structured form); left out gives none.
    ///
    /// # Errors
    /// `argument` if it is not an object of options, `value_text` if it cannot be read.
    pub fn options(&self, number: usize) -> Result<Options> {
        Options::read(self.argument(number)).map_err(|error| self.in_parameter(number, error))
    }

    /// Small structured data in any of its forms, as JSON.
    ///
    /// # Errors
    /// `argument` for a value that holds no text, `value_text` for a text that cannot be read.
    pub fn json(&self, number: usize) -> Result<serde_json::Value> {
        structured(self.argument(number)).map_err(|error| self.in_parameter(number, error))
    }

    /// The language of messages.
    pub fn language(&self) -> Language {
        self.frame.language
    }

    /// Where the object logs.
    pub fn journal(&self) -> &Journal {
        &self.frame.journal
    }

    /// The method's name in English, as the journal shows it.
    pub fn operation_name(&self) -> &'static str {
        self.signature.en
    }

    /// Runs work that can last: it can be cancelled, is limited by `budget` (zero: no limit) and tells progress.
    ///
    /// # Errors
    /// Those of `work`.
    pub fn run<T>(
        &mut self,
        budget: Duration,
        work: impl FnOnce(&mut Operation<'_>) -> Result<T>,
    ) -> Result<T> {
        let shared = &self.frame.shared;
        shared.cancel_token().reset();
        let mut progress =
            HostProgress::new(&*self.frame.host, self.frame.class.name(), shared.id(), self.frame.language);
        let mut operation = Operation::new(shared.cancel_token().clone(), &mut progress).with_budget(budget);
        work(&mut operation)
    }

    /// Sets properties of `class` and of the frame from options; the first wrong one ends it.
    ///
    /// # Errors
    /// `argument` for an unknown name, with the nearest known one, and for a wrong value.
    pub fn configure<S>(&mut self, class: &Class<S>, state: &mut S, options: Options) -> Result<()> {
        class.configure(self.frame, state, options)
    }

    /// A structured result in the form that `ФорматРезультата` asks for.
    ///
    /// # Errors
    /// Those of the conversion.
    pub fn report(&self, json: String) -> Result<Value> {
        self.report_with_maps(json, &[])
    }

    /// The same for a result that may be long.
    ///
    /// # Errors
    /// Those of the conversion.
    pub fn report_output(&self, json: Output) -> Result<Value> {
        match self.frame.result_format {
            ResultFormat::Json => Ok(Value::Output(Box::new(json))),
            ResultFormat::Internal => self.report(json.into_text()),
        }
    }

    /// As [`Call::report`]; members of these names are maps (`Соответствие`) even if they are empty.
    ///
    /// # Errors
    /// Those of the conversion.
    pub fn report_with_maps(&self, json: String, maps: &[&str]) -> Result<Value> {
        self.frame.structured(json, maps)
    }

    /// Keeps an error that stands in the report of a call that succeeds as a call.
    pub fn note_error(&mut self, error: Error) {
        self.frame.last_error = Some(error);
    }

    /// The frame of the object.
    pub fn frame(&mut self) -> &mut Frame {
        self.frame
    }

    fn default(&self, number: usize) -> Default {
        self.signature.parameters.get(number).map_or(Default::Omitted, |parameter| parameter.default)
    }

    fn parameter_name(&self, number: usize) -> (&'static str, &'static str) {
        self.signature.parameters.get(number).map_or(("?", "?"), |parameter| (parameter.ru, parameter.en))
    }

    /// Says of an error which parameter it is about.
    pub fn in_parameter(&self, number: usize, error: Error) -> Error {
        let Signature { ru, en, .. } = self.signature;
        let (name_ru, name_en) = self.parameter_name(number);
        let position = number + 1;
        error
            .prefixed(&bilingual!(
                "Метод {ru}, параметр {position} «{name_ru}»: ",
                "Method {en}, parameter {position} “{name_en}”: "
            ))
            .with("parameter", name_ru)
    }
}
