//! The operations of the exchange, as `ObmenEgais` offers them: structures in, structures out, as JSON with the
//! Russian names that 1C's own module uses.
//!
//! A call that cannot begin fails; once organisations are being served, what went wrong stands in the result, per
//! organisation.

mod arguments;
mod client;
mod documents;
mod exchanging;
mod incoming;
mod local;
mod maintenance;
mod prepare;
mod services;
mod settings;
mod status_page;
mod utm;

use super::changes::{Changes, Ledger};
use super::named::named;
use super::parallel::for_each;
use super::service::{Served, Service, Task};
use super::settings::{ExchangeSettings, SettingsDefaults};
use crate::bilingual;
use crate::egais::utm::{Utm, http_client};
use crate::error::{Code, Detail, Error, Language, Result};
use crate::http::InFlight;
use crate::journal::{Journal, Redactor};
use crate::operation::Operation;
use crate::store::sqlite::{SqliteStore, no_store};
use crate::store::{Moment, Store, read, write};
use serde_json::{Value, json};
use std::ops::Deref;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

/// UTMs served at once unless set otherwise.
const PARALLEL: usize = 16;
/// How much longer than the budget of a UTM a lease lasts.
const LEASE_MARGIN: Duration = Duration::from_secs(15);

named! {
    /// `СторонаОбмена`: who this object is.
    #[derive(Default)]
    Side {
        /// It reaches the UTMs of organisations with `ОбменНаСервере`.
        #[default]
        Server = "Сервер", "Server";
        /// It reaches the others.
        Client = "Клиент", "Client";
    }
}

impl Side {
    fn reaches(self, settings: &ExchangeSettings) -> bool {
        settings.on_server == (self == Self::Server)
    }
}

/// The exchange of one object: its store, its side, its ways.
pub struct Exchange {
    store: Option<Arc<dyn Store>>,
    file: String,
    side: Side,
    parallel: usize,
    language: Language,
    redactor: Arc<Redactor>,
    in_flight: InFlight,
    owner: String,
    lease_margin: Duration,
    journal: Journal,
    defaults: SettingsDefaults,
    default_organisation: Option<String>,
}

impl Default for Exchange {
    fn default() -> Self {
        Self::new(InFlight::new(), Arc::new(Redactor::default()))
    }
}

impl Exchange {
    /// An exchange without a store, on the server's side.
    pub fn new(in_flight: InFlight, redactor: Arc<Redactor>) -> Self {
        let owner = format!("{}:{}", std::process::id(), uuid::Uuid::new_v4());
        Self {
            store: None,
            file: String::new(),
            side: Side::Server,
            parallel: PARALLEL,
            language: Language::Russian,
            redactor,
            in_flight,
            owner,
            lease_margin: LEASE_MARGIN,
            journal: Journal::off(),
            defaults: SettingsDefaults::default(),
            default_organisation: None,
        }
    }

    /// Where steps of the exchange are told.
    pub fn set_journal(&mut self, journal: Journal) {
        self.journal = journal;
    }

    /// `ФайлХранилища`: opens the store; an empty path closes it.
    ///
    /// # Errors
    /// As [`SqliteStore::open`].
    pub fn set_store_file(&mut self, path: &str) -> Result<()> {
        self.store = None;
        self.file.clear();
        if !path.trim().is_empty() {
            self.store = Some(Arc::new(SqliteStore::open(Path::new(path.trim()))?));
            path.trim().clone_into(&mut self.file);
        }
        Ok(())
    }

    /// The path that was set.
    pub fn store_file(&self) -> &str {
        &self.file
    }

    /// Takes a store of any engine.
    pub fn set_store(&mut self, store: Arc<dyn Store>) {
        self.store = Some(store);
    }

    /// `СторонаОбмена`.
    pub fn set_side(&mut self, side: Side) {
        self.side = side;
    }

    /// `СторонаОбмена`.
    pub fn side(&self) -> Side {
        self.side
    }

    /// `ОдновременноУТМ`: at least one, at most 256.
    pub fn set_parallel(&mut self, parallel: usize) {
        self.parallel = parallel.clamp(1, 256);
    }

    /// `ОдновременноУТМ`.
    pub fn parallel(&self) -> usize {
        self.parallel
    }

    /// What holds for organisations whose settings do not say otherwise.
    pub fn defaults(&self) -> &SettingsDefaults {
        &self.defaults
    }

    /// What holds for organisations whose settings do not say otherwise.
    pub fn defaults_mut(&mut self) -> &mut SettingsDefaults {
        &mut self.defaults
    }

    /// The organisation of new documents that name none.
    pub fn set_default_organisation(&mut self, code: Option<String>) {
        self.default_organisation = code;
    }

    /// Language of texts in results and in the protocol.
    pub fn set_language(&mut self, language: Language) {
        self.language = language;
    }

    /// How much longer than the budget of a UTM a lease lasts; for tests of vanished processes.
    pub fn set_lease_margin(&mut self, margin: Duration) {
        self.lease_margin = margin;
    }

    /// Requests that may still run.
    pub fn in_flight(&self) -> &InFlight {
        &self.in_flight
    }

    fn store(&self) -> Result<&dyn Store> {
        self.store.as_deref().ok_or_else(no_store)
    }

    /// Runs work in a durable transaction and gives its result with what changed.
    fn commit<T>(&self, mut work: impl FnMut(&mut Ledger<'_>) -> Result<T>) -> Result<(T, Changes)> {
        let mut changes = Changes::default();
        let result = write(self.store()?, |session| {
            changes = Changes::default();
            work(&mut Ledger::new(session, &mut changes, Moment::now()))
        })?;
        Ok((result, changes))
    }

    fn read<T>(&self, work: impl FnMut(&mut dyn crate::store::Session) -> Result<T>) -> Result<T> {
        read(self.store()?, work)
    }

    /// Serves organisations at once.
    fn serve_all(&self, jobs: &[(ExchangeSettings, Task)], operation: &mut Operation<'_>) -> Result<Report> {
        let store = self.store()?;
        let client = http_client(self.in_flight.clone(), Arc::clone(&self.redactor))?;
        let service = Service {
            store,
            owner: &self.owner,
            language: self.language,
            lease_margin: self.lease_margin,
            journal: &self.journal,
        };
        let served = for_each(
            jobs,
            self.parallel,
            operation,
            |(settings, _)| settings.timeout,
            |(settings, task), operation| match settings.utm_address() {
                Ok(address) => service.serve(settings, &Utm::new(client.clone(), address), task, operation),
                Err(error) => Served { error: Some(error), ..Served::default() },
            },
        );
        let mut report = Report::default();
        for ((settings, _), served) in jobs.iter().zip(served) {
            let served = served.unwrap_or_else(|| Served { error: Some(broken()), ..Served::default() });
            report.changes.absorb(served.changes);
            if let Some(error) = served.error {
                report.errors.push((settings.fsrar_id.clone(), error));
            }
        }
        Ok(report)
    }
}

/// What an operation gives: its structure, and the first of the errors that stand in it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Answer {
    /// The structure.
    pub value: Value,
    /// What went wrong first, in an operation that could begin.
    pub error: Option<Error>,
}

impl From<Value> for Answer {
    fn from(value: Value) -> Self {
        Self { value, error: None }
    }
}

impl Deref for Answer {
    type Target = Value;

    fn deref(&self) -> &Value {
        &self.value
    }
}

impl std::fmt::Display for Answer {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.value.fmt(formatter)
    }
}

/// What came of serving organisations.
#[derive(Debug, Default)]
struct Report {
    changes: Changes,
    /// What went wrong, by organisation or document.
    errors: Vec<(String, Error)>,
    /// Messages for the other side.
    messages: Vec<Value>,
    /// Settings the other side needs.
    settings: Vec<ExchangeSettings>,
}

impl Report {
    /// The structure that operations 2 to 4 return.
    fn into_answer(self, owner: Option<&str>, is_due: bool, language: Language) -> Answer {
        let value = json!({
            "Изменения": self.changes.to_json(owner),
            "СообщенияXMLКПередаче": self.messages,
            "НастройкиОбменаЕГАИС": settings_map(&self.settings),
            "ВыполнитьОбменПоРасписанию": is_due,
            "ИдентификаторВладельца": owner,
        });
        self.with_errors(value, language)
    }

    /// A structure that tells at its end what went wrong.
    fn with_errors(self, mut value: Value, language: Language) -> Answer {
        let (text, errors) = errors_json(&self.errors, language);
        if let Value::Object(members) = &mut value {
            members.insert("ТекстОшибки".into(), text.into());
            members.insert("Ошибки".into(), errors.into());
        }
        Answer { value, error: self.into_error() }
    }

    /// Notes organisations that have no settings.
    fn add_missing(&mut self, missing: Vec<String>) {
        self.errors.extend(missing.into_iter().map(|code| {
            let error = arguments::no_settings(&code);
            (code, error)
        }));
    }

    /// What went wrong first; it says whose it is.
    fn into_error(self) -> Option<Error> {
        let (whose, error) = self.errors.into_iter().next()?;
        let prefix = bilingual!("{whose}: ", "{whose}: ");
        Some(error.prefixed(&prefix).with("fsrar_id", whose))
    }
}

/// `ТекстОшибки` and `Ошибки`.
fn errors_json(errors: &[(String, Error)], language: Language) -> (String, Vec<Value>) {
    let mut lines = Vec::with_capacity(errors.len());
    let mut list = Vec::with_capacity(errors.len());
    for (code, error) in errors {
        let document = match error.detail("document") {
            Some(Detail::Text(key)) => key.as_str(),
            _ => "",
        };
        let text = error.text(language);
        lines.push(format!("{}: {text}", if document.is_empty() { code } else { document }));
        list.push(json!({
            "КодФСРАР": code,
            "Ссылка": document,
            "Код": error.code().as_str(),
            "Категория": error.category().as_str(),
            "ТекстОшибки": text,
        }));
    }
    (lines.join("\n"), list)
}

/// Settings by FSRAR_ID.
fn settings_map(settings: &[ExchangeSettings]) -> Value {
    settings
        .iter()
        .map(|settings| (settings.fsrar_id.clone(), settings.to_json()))
        .collect::<serde_json::Map<_, _>>()
        .into()
}

fn broken() -> Error {
    Error::new(
        Code::Internal,
        bilingual!(
            "Внутренняя ошибка при обмене с УТМ. Принятое сохранено, повторите вызов.",
            "Internal error during the exchange with a UTM. What was accepted is kept, repeat the call."
        ),
    )
}
