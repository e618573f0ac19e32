//! What every object has beside the state of its class: language, last error, identifier, cancellation.

use super::argument::Value;
use super::component::ClassInfo;
use super::host::Host;
use crate::bilingual;
use crate::error::{Code, Error, Language, Result};
use crate::journal::{DEFAULT_PREFIX, Journal, Level};
use crate::operation::CancelToken;
use crate::value::{Input, InternalWriter, JsonGrammar, JsonReader, NamedMaps, StructuresAs, pump};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError, Weak};

/// The form of structured results.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ResultFormat {
    /// JSON text.
    #[default]
    Json,
    /// Text for `ЗначениеИзСтрокиВнутр`.
    Internal,
}

/// The part of an object that other threads may touch while a call runs.
#[derive(Debug)]
pub struct Shared {
    id: String,
    cancel: CancelToken,
}

impl Shared {
    fn new() -> Arc<Self> {
        let id = uuid::Uuid::new_v4().to_string();
        let shared = Arc::new(Self { id: id.clone(), cancel: CancelToken::new() });
        registry().lock().unwrap_or_else(PoisonError::into_inner).insert(id, Arc::downgrade(&shared));
        shared
    }

    /// `ИдентификаторОбъекта`.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Stops the running operation of this object.
    pub fn cancel_token(&self) -> &CancelToken {
        &self.cancel
    }

    /// Stops the running operation of the object called `id` in this process, or of this one if `id` is empty.
    /// False if there is no such object.
    pub fn cancel_object(&self, id: &str) -> bool {
        if id.is_empty() || id == self.id {
            self.cancel.cancel();
            return true;
        }
        let other = registry().lock().unwrap_or_else(PoisonError::into_inner).get(id).and_then(Weak::upgrade);
        if let Some(other) = &other {
            other.cancel.cancel();
        }
        other.is_some()
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        registry().lock().unwrap_or_else(PoisonError::into_inner).remove(&self.id);
    }
}

/// All live objects of the process by their identifiers, so that one can stop another.
fn registry() -> &'static Mutex<HashMap<String, Weak<Shared>>> {
    static OBJECTS: OnceLock<Mutex<HashMap<String, Weak<Shared>>>> = OnceLock::new();
    OBJECTS.get_or_init(Mutex::default)
}

/// Where and how much an object logs.
#[derive(Debug, Clone)]
pub(super) struct LogSettings {
    pub(super) directory: String,
    pub(super) level: Level,
    pub(super) prefix: String,
}

/// The common state of an object.
pub struct Frame {
    pub(super) class: &'static dyn ClassInfo,
    pub(super) host: Arc<dyn Host>,
    pub(super) shared: Arc<Shared>,
    pub(super) language: Language,
    /// True once BSL chose the language itself: the host's language no longer matters.
    language_chosen: bool,
    pub(super) raise_errors: bool,
    pub(super) result_format: ResultFormat,
    pub(super) last_error: Option<Error>,
    pub(super) log: LogSettings,
    pub(super) journal: Journal,
}

impl Frame {
    pub(super) fn new(class: &'static dyn ClassInfo, host: Arc<dyn Host>) -> Self {
        let log = LogSettings {
            directory: String::new(),
            level: Level::default(),
            prefix: DEFAULT_PREFIX.to_owned(),
        };
        Self {
            class,
            host,
            shared: Shared::new(),
            language: Language::default(),
            language_chosen: false,
            raise_errors: true,
            result_format: ResultFormat::default(),
            last_error: None,
            log,
            journal: Journal::off(),
        }
    }

    /// The language of messages.
    pub fn language(&self) -> Language {
        self.language
    }

    /// A structured value, given as JSON, in the form that `ФорматРезультата` asks for. Members of the names in `maps`
    /// are maps (`Соответствие`) even if they are empty.
    ///
    /// # Errors
    /// Those of the conversion.
    pub fn structured(&self, json: String, maps: &[&str]) -> Result<Value> {
        match self.result_format {
            ResultFormat::Json => Ok(json.into()),
            ResultFormat::Internal => {
                let mut writer = NamedMaps::new(InternalWriter::new(StructuresAs::ByNames), maps);
                pump(&mut JsonReader::new(Input::text(json), JsonGrammar::Strict), &mut writer)?;
                Ok(Value::Output(Box::new(writer.into_inner().into_output()?)))
            }
        }
    }

    /// Takes the language that BSL chose.
    pub(super) fn choose_language(&mut self, code: &str) -> Result<()> {
        self.language = Language::from_code(code).ok_or_else(|| {
            Error::new(
                Code::Argument,
                bilingual!(
                    "язык «{code}» не известен, допустимы ru и en.",
                    "the language “{code}” is unknown, ru and en are allowed."
                ),
            )
        })?;
        self.language_chosen = true;
        Ok(())
    }

    /// Takes the language of the host, unless BSL has chosen one.
    pub(super) fn suggest_language(&mut self, code: &str) {
        if let (false, Some(language)) = (self.language_chosen, Language::from_code(code)) {
            self.language = language;
        }
    }

    /// Changes where the object logs; the old settings stay if the new ones cannot be used.
    pub(super) fn change_log(&mut self, change: impl FnOnce(&mut LogSettings)) -> Result<()> {
        let mut log = self.log.clone();
        change(&mut log);
        self.journal = Journal::open(self.class.name(), &log.directory, &log.prefix, log.level)?;
        self.log = log;
        Ok(())
    }
}
