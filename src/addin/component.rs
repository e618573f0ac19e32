//! An object of a class as the binary interface sees it.

use super::argument::{Argument, Value};
use super::call::Call;
use super::class::{Class, Default, Help, Kind, Method, Property};
use super::common;
use super::frame::{Frame, Shared};
use super::help::{MethodInfo, PropertyInfo, methods, properties};
use super::host::Host;
use super::options::{Options, unknown};
use crate::bilingual;
use crate::error::{Code, Error, Language, Result};
use crate::journal;
use std::sync::Arc;
use std::time::Duration;

/// How long the end of an object waits for the journal to write what was told last.
const LAST_LINES_LIMIT: Duration = Duration::from_secs(2);

/// Number and kind of a method's parameters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MethodShape {
    /// Number of parameters.
    pub parameters: usize,
    /// True for a function.
    pub returns: bool,
}

/// How a failed call ends for the host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// True if BSL should get an exception.
    pub raise: bool,
    /// The text in the language of the object.
    pub text: String,
}

/// What can be asked of a class without an object: nothing here changes, so any thread may ask at any time.
pub trait ClassInfo: Sync {
    /// The class name.
    fn name(&self) -> &'static str;
    /// Number of properties, the common ones included.
    fn property_count(&self) -> usize;
    /// Number of methods, the common ones included.
    fn method_count(&self) -> usize;
    /// Number of the property called `name` in either language and any case.
    fn find_property(&self, name: &[u16]) -> Option<usize>;
    /// Number of the method called `name` in either language and any case.
    fn find_method(&self, name: &[u16]) -> Option<usize>;
    /// Name of a property.
    fn property_name(&self, property: usize, language: Language) -> Option<&'static str>;
    /// Name of a method.
    fn method_name(&self, method: usize, language: Language) -> Option<&'static str>;
    /// Whether a property can be read and written.
    fn property_access(&self, property: usize) -> Option<(bool, bool)>;
    /// The shape of a method.
    fn method_shape(&self, method: usize) -> Option<MethodShape>;
    /// The default of a parameter.
    fn parameter_default(&self, method: usize, parameter: usize) -> Option<Default>;
    /// The help of the class, or of the member called `member`.
    fn help(&self, member: &str, language: Language) -> Result<String>;
    /// What the class is for.
    fn purpose(&self) -> Help;
    /// Its properties for the documentation, the common ones first.
    fn properties(&self) -> Vec<PropertyInfo>;
    /// Its methods for the documentation, the common ones first.
    fn methods(&self) -> Vec<MethodInfo>;
    /// Makes an object for `host`.
    fn create(&'static self, host: Arc<dyn Host>) -> Box<dyn Component>;
    /// Answers what may be asked while another call of the same object runs; `None` if it may not.
    fn concurrent_call(&self, method: usize, shared: &Shared, arguments: &[Argument<'_>]) -> Option<Value>;
    /// Reads what may be read while another call of the same object runs; `None` if it may not.
    fn concurrent_get(&self, property: usize, shared: &Shared) -> Option<Value>;
}

/// An object. Calls come one after another, perhaps from different threads.
pub trait Component: Send {
    /// The part that other threads may touch.
    fn shared(&self) -> Arc<Shared>;
    /// Reads a property.
    fn get(&mut self, property: usize) -> Result<Value>;
    /// Writes a property.
    fn set(&mut self, property: usize, value: &Argument<'_>) -> Result<()>;
    /// Calls a method; missing arguments count as omitted.
    fn call(&mut self, method: usize, arguments: &[Argument<'_>]) -> Result<Value>;
    /// Takes the language of the host, unless BSL has chosen one.
    fn suggest_language(&mut self, code: &str);
    /// Keeps the error of a failed access as the last one and says how it ends for the host.
    fn note_failure(&mut self, error: Error) -> Failure;
    /// Ends background work.
    fn finish(&mut self);
}

/// A member is either common to all classes or the class's own.
enum Member<'a, C, O> {
    Common(&'a C),
    Own(&'a O),
}

impl<S> Class<S> {
    fn property(&self, number: usize) -> Option<Member<'static, Property<Frame>, Property<S>>> {
        let common = common::properties();
        match common.get(number) {
            Some(property) => Some(Member::Common(property)),
            None => self.properties.get(number - common.len()).map(Member::Own),
        }
    }

    fn method(&self, number: usize) -> Option<Member<'static, Method<()>, Method<S>>> {
        let common = common::methods();
        match common.get(number) {
            Some(method) => Some(Member::Common(method)),
            None => self.methods.get(number - common.len()).map(Member::Own),
        }
    }
}

impl<S> Class<S> {
    /// Sets properties, the common ones included, from options; the first wrong one ends it.
    pub(super) fn configure(&self, frame: &mut Frame, state: &mut S, options: Options) -> Result<()> {
        options.into_members().into_iter().try_for_each(|(name, value)| {
            let value = Argument::from(&value);
            match self.named_property(&name) {
                Some(Member::Common(Property { set: Some(set), .. })) => set(frame, &value),
                Some(Member::Own(Property { set: Some(set), .. })) => set(state, &value),
                _ => return Err(unknown(&name, self.settable_names())),
            }
            .map_err(|error| about_option(error, &name))
        })
    }

    /// Sets the class's own properties from options; the first wrong one ends it.
    ///
    /// # Errors
    /// `argument` for an unknown name, with the nearest known one, and for a wrong value.
    pub fn configure_own(&self, state: &mut S, options: Options) -> Result<()> {
        options.into_members().into_iter().try_for_each(|(name, value)| match self.named_property(&name) {
            Some(Member::Own(Property { set: Some(set), .. })) => {
                set(state, &Argument::from(&value)).map_err(|error| about_option(error, &name))
            }
            _ => Err(unknown(&name, self.settable_names())),
        })
    }

    fn named_property(&self, name: &str) -> Option<Member<'static, Property<Frame>, Property<S>>> {
        let units: Vec<u16> = name.encode_utf16().collect();
        self.property(self.names().properties.find(&units)?)
    }

    fn settable_names(&self) -> impl Iterator<Item = &'static str> {
        let own: &'static [Property<S>] = self.properties;
        let own = own.iter().filter(|property| property.set.is_some()).map(|property| &property.declaration);
        let common = common::properties().iter().filter(|property| property.set.is_some());
        let common = common.map(|property| &property.declaration);
        common.chain(own).flat_map(|property| [property.ru, property.en])
    }
}

fn about_option(error: Error, name: &str) -> Error {
    error.prefixed(&bilingual!("{name}: ", "{name}: ")).with("parameter", name)
}

impl<S: Send + 'static> ClassInfo for Class<S> {
    fn name(&self) -> &'static str {
        self.name
    }

    fn property_count(&self) -> usize {
        common::properties().len() + self.properties.len()
    }

    fn method_count(&self) -> usize {
        common::methods().len() + self.methods.len()
    }

    fn find_property(&self, name: &[u16]) -> Option<usize> {
        self.names().properties.find(name)
    }

    fn find_method(&self, name: &[u16]) -> Option<usize> {
        self.names().methods.find(name)
    }

    fn property_name(&self, property: usize, language: Language) -> Option<&'static str> {
        self.declarations().nth(property).map(|property| match language {
            Language::Russian => property.ru,
            Language::English => property.en,
        })
    }

    fn method_name(&self, method: usize, language: Language) -> Option<&'static str> {
        self.signatures().nth(method).map(|method| match language {
            Language::Russian => method.ru,
            Language::English => method.en,
        })
    }

    fn property_access(&self, property: usize) -> Option<(bool, bool)> {
        self.property(property).map(|property| match property {
            Member::Common(property) => (property.get.is_some(), property.set.is_some()),
            Member::Own(property) => (property.get.is_some(), property.set.is_some()),
        })
    }

    fn method_shape(&self, method: usize) -> Option<MethodShape> {
        let signature = self.signatures().nth(method)?;
        Some(MethodShape {
            parameters: signature.parameters.len(),
            returns: signature.returns != Kind::Nothing,
        })
    }

    fn parameter_default(&self, method: usize, parameter: usize) -> Option<Default> {
        self.signatures().nth(method)?.parameters.get(parameter).map(|parameter| parameter.default)
    }

    fn help(&self, member: &str, language: Language) -> Result<String> {
        super::help::text(self, member, language)
    }

    fn purpose(&self) -> Help {
        self.help
    }

    fn properties(&self) -> Vec<PropertyInfo> {
        properties(self).collect()
    }

    fn methods(&self) -> Vec<MethodInfo> {
        methods(self).collect()
    }

    fn create(&'static self, host: Arc<dyn Host>) -> Box<dyn Component> {
        let frame = Frame::new(self, host);
        Box::new(Object { class: self, frame, state: (self.create)(), finished: false })
    }

    fn concurrent_call(&self, method: usize, shared: &Shared, arguments: &[Argument<'_>]) -> Option<Value> {
        common::is_cancel(method).then(|| {
            let id = arguments.first().and_then(|id| id.text().ok()).unwrap_or_default();
            Value::Boolean(shared.cancel_object(&id))
        })
    }

    fn concurrent_get(&self, property: usize, shared: &Shared) -> Option<Value> {
        common::is_object_id(property).then(|| Value::Text(shared.id().to_owned()))
    }
}

struct Object<S: 'static> {
    class: &'static Class<S>,
    frame: Frame,
    state: S,
    finished: bool,
}

impl<S: Send + 'static> Object<S> {
    /// The reference shows which errors a method declares: tests find what is not declared.
    fn check_declared(&self, method: usize, error: Option<&Error>) {
        let told = error.or(self.frame.last_error.as_ref()).map(Error::code);
        let signature = self.class.signatures().nth(method).filter(|signature| !signature.errors.is_empty());
        if let (Some(signature), Some(code)) = (signature, told) {
            debug_assert!(
                signature.may_fail_with(code),
                "{} does not declare the error {code:?}",
                signature.en
            );
        }
    }

    /// Apart from the usual call, which stays short without it.
    #[cold]
    #[inline(never)]
    fn call_member(
        &mut self,
        member: Option<Member<'static, Method<()>, Method<S>>>,
        arguments: &[Argument<'_>],
    ) -> Result<Value> {
        self.frame.last_error = None;
        match member {
            Some(Member::Own(method)) => {
                run(method, &mut self.state, Call::new(&mut self.frame, &method.signature, arguments))
            }
            Some(Member::Common(method)) => {
                run(method, &mut (), Call::new(&mut self.frame, &method.signature, arguments))
            }
            None => Err(self.unknown_member()),
        }
    }

    #[cold]
    fn unknown_member(&self) -> Error {
        let class = self.class.name;
        Error::new(
            Code::Argument,
            bilingual!(
                "У класса {class} нет члена с таким номером, или он недоступен для этого действия.",
                "Class {class} has no member of that number, or it does not allow this access."
            ),
        )
    }
}

#[inline(always)]
fn run<S>(method: &Method<S>, state: &mut S, mut call: Call<'_>) -> Result<Value> {
    call.check_arguments()?;
    (method.run)(state, &mut call)
}

impl<S: Send + 'static> Component for Object<S> {
    fn shared(&self) -> Arc<Shared> {
        Arc::clone(&self.frame.shared)
    }

    fn get(&mut self, property: usize) -> Result<Value> {
        match self.class.property(property) {
            Some(Member::Common(Property { get: Some(get), .. })) => get(&self.frame, &self.frame),
            Some(Member::Own(Property { get: Some(get), .. })) => get(&self.state, &self.frame),
            _ => Err(self.unknown_member()),
        }
    }

    fn set(&mut self, property: usize, value: &Argument<'_>) -> Result<()> {
        let result = match self.class.property(property) {
            Some(Member::Common(Property { set: Some(set), .. })) => set(&mut self.frame, value),
            Some(Member::Own(Property { set: Some(set), .. })) => set(&mut self.state, value),
            _ => Err(self.unknown_member()),
        };
        match result {
            Ok(()) => {
                self.frame.last_error = None;
                Ok(())
            }
            Err(error) => {
                let name = |language| self.class.property_name(property, language).unwrap_or("?");
                let (ru, en) = (name(Language::Russian), name(Language::English));
                let prefix = bilingual!("Свойство {ru}: ", "Property {en}: ");
                Err(error.prefixed(&prefix).with("property", ru))
            }
        }
    }

    fn call(&mut self, method: usize, arguments: &[Argument<'_>]) -> Result<Value> {
        let outcome = match self.class.method(method) {
            Some(Member::Own(own)) if self.frame.last_error.is_none() => {
                run(own, &mut self.state, Call::new(&mut self.frame, &own.signature, arguments))
            }
            member => self.call_member(member, arguments),
        };
        if cfg!(debug_assertions) {
            self.check_declared(method, outcome.as_ref().err());
        }
        outcome
    }

    fn suggest_language(&mut self, code: &str) {
        self.frame.suggest_language(code);
    }

    #[cold]
    fn note_failure(&mut self, error: Error) -> Failure {
        let text = error.text(self.frame.language).to_owned();
        self.frame.journal.error("call", &error.to_string());
        self.frame.last_error = Some(error);
        Failure { raise: self.frame.raise_errors, text }
    }

    fn finish(&mut self) {
        self.end();
    }
}

impl<S: 'static> Object<S> {
    /// Stops what still runs and lets the journal write its last lines: the process may end right after this.
    fn end(&mut self) {
        if !self.finished {
            self.finished = true;
            self.frame.shared.cancel_token().cancel();
            (self.class.finish)(&mut self.state);
            journal::flush(LAST_LINES_LIMIT);
        }
    }
}

impl<S: 'static> Drop for Object<S> {
    fn drop(&mut self) {
        // A host may free an object without `Done`.
        self.end();
    }
}
