//! Reading the arguments that operations share.

use super::super::settings::{ExchangeSettings, bad_code};
use super::{Exchange, Report, Side};
use crate::bilingual;
use crate::error::{Code, Error, Result};
use serde_json::Value;

/// Organisations as a call names them.
#[derive(Debug, Default)]
pub(super) struct Organisations {
    /// Those that have settings.
    pub found: Vec<ExchangeSettings>,
    /// Those that have none.
    pub missing: Vec<String>,
}

impl Exchange {
    /// Organisations by an argument: nothing for all that have settings, an FSRAR_ID, an array of them, a structure of
    /// settings, an array or a map (FSRAR_ID → settings) of such structures.
    pub(super) fn organisations(&self, argument: &Value) -> Result<Organisations> {
        let mut organisations = Organisations::default();
        match argument {
            Value::Null => organisations.found = self.all_settings()?,
            Value::String(text) if text.trim().is_empty() => organisations.found = self.all_settings()?,
            Value::Array(list) => {
                for item in list {
                    self.add(&mut organisations, item)?;
                }
            }
            Value::Object(map) if !is_settings(map) => {
                for (code, settings) in map {
                    match settings {
                        Value::Null => self.add(&mut organisations, &Value::String(code.clone()))?,
                        settings => self.add(&mut organisations, &with_code(settings, code))?,
                    }
                }
            }
            other => self.add(&mut organisations, other)?,
        }
        Ok(organisations)
    }

    fn add(&self, organisations: &mut Organisations, item: &Value) -> Result<()> {
        let settings = match item {
            Value::Object(_) => Some(ExchangeSettings::from_json(item)?.with_defaults(&self.defaults)),
            Value::String(_) | Value::Number(_) => {
                let code = organisation_code(item)?;
                let known = self.settings_of(&code)?;
                if known.is_none() && !organisations.missing.contains(&code) {
                    organisations.missing.push(code);
                }
                known
            }
            other => return Err(bad_code(&other.to_string())),
        };
        if let Some(settings) = settings
            && !organisations.found.iter().any(|known| known.fsrar_id == settings.fsrar_id)
        {
            organisations.found.push(settings);
        }
        Ok(())
    }

    /// Organisations whose UTM this side reaches, and a report with those that were named but cannot be served.
    pub(super) fn within_reach(&self, argument: &Value) -> Result<(Vec<ExchangeSettings>, Report)> {
        let Organisations { found, missing } = self.organisations(argument)?;
        let is_named = !argument.is_null();
        let (ours, others): (Vec<_>, Vec<_>) =
            found.into_iter().partition(|settings| self.side.reaches(settings));
        let mut report = Report::default();
        report.add_missing(missing);
        if is_named {
            report.errors.extend(
                others
                    .iter()
                    .map(|settings| (settings.fsrar_id.clone(), self.out_of_reach(&settings.fsrar_id))),
            );
        }
        Ok((ours, report))
    }

    /// The error of an organisation whose UTM only the other side reaches.
    pub(super) fn out_of_reach(&self, code: &str) -> Error {
        let error = match self.side {
            Side::Server => bilingual!(
                "УТМ организации {code} доступен только клиенту (ОбменНаСервере = Ложь): сервер к нему не обращается. Выполните метод на клиенте со СторонаОбмена = \"Клиент\".",
                "Only a client reaches the UTM of the organisation {code}: the server leaves it alone. Call the method on a client with ExchangeSide = \"Client\"."
            ),
            Side::Client => bilingual!(
                "УТМ организации {code} обслуживает сервер (ОбменНаСервере = Истина): клиент к нему не обращается.",
                "The server serves the UTM of the organisation {code}: a client leaves it alone."
            ),
        };
        Error::new(Code::Argument, error)
    }

    /// Settings of all organisations that the store knows.
    pub(super) fn all_settings(&self) -> Result<Vec<ExchangeSettings>> {
        let rows = self.read(|session| session.settings())?;
        rows.iter().map(|(_, text)| self.parse_settings(text)).collect()
    }

    /// Settings of one organisation.
    pub(super) fn settings_of(&self, code: &str) -> Result<Option<ExchangeSettings>> {
        let rows = self.read(|session| session.settings())?;
        rows.iter().find(|(known, _)| known == code).map(|(_, text)| self.parse_settings(text)).transpose()
    }

    fn parse_settings(&self, text: &str) -> Result<ExchangeSettings> {
        Ok(parse_settings(text)?.with_defaults(&self.defaults))
    }

    /// Settings of an organisation that must have them.
    pub(super) fn known_settings(&self, code: &str) -> Result<ExchangeSettings> {
        self.settings_of(code)?.ok_or_else(|| no_settings(code))
    }
}

/// An FSRAR_ID from text or number.
pub(super) fn organisation_code(value: &Value) -> Result<String> {
    let text = match value {
        Value::String(text) => text.trim().to_owned(),
        Value::Number(number) => number.to_string(),
        other => other.to_string(),
    };
    if text.is_empty() || text.len() > 50 || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(bad_code(&text));
    }
    Ok(text)
}

/// The error of an organisation without settings.
pub(super) fn no_settings(code: &str) -> Error {
    Error::new(
        Code::Argument,
        bilingual!(
            "Для организации {code} нет настройки обмена. Добавьте её методом ДобавитьНастройкуОбмена.",
            "The organisation {code} has no exchange settings. Add them with SetExchangeSettings."
        ),
    )
}

/// `ДокументСсылка`: a key of 1 to 200 characters.
pub(super) fn document_key(text: &str) -> Result<String> {
    let key = text.trim();
    if key.is_empty() || key.chars().count() > 200 || key.chars().any(char::is_control) {
        return Err(Error::new(
            Code::Argument,
            bilingual!(
                "Ссылка на документ пуста или не годится: нужен текст до 200 знаков, обычно УникальныйИдентификатор ссылки.",
                "The document key is empty or does not fit: a text of up to 200 characters is needed, usually the UUID of the reference."
            ),
        ));
    }
    Ok(key.to_owned())
}

/// The error of a document that the store does not know.
pub(super) fn no_document(key: &str) -> Error {
    Error::new(
        Code::Argument,
        bilingual!(
            "Документ «{key}» в хранилище обмена не найден.",
            "The document \"{key}\" is not in the exchange store."
        ),
    )
    .with("document", key)
}

fn is_settings(map: &serde_json::Map<String, Value>) -> bool {
    map.keys().any(|name| matches!(name.to_lowercase().as_str(), "кодфсрар" | "fsrarid"))
}

fn with_code(settings: &Value, code: &str) -> Value {
    let mut settings = settings.clone();
    if let Some(map) = settings.as_object_mut()
        && !is_settings(map)
    {
        map.insert("КодФСРАР".into(), code.into());
    }
    settings
}

fn parse_settings(text: &str) -> Result<ExchangeSettings> {
    let value: Value = serde_json::from_str(text).map_err(|error| {
        Error::new(
            Code::Storage,
            bilingual!(
                "Настройка обмена в хранилище не читается: {error}.",
                "Stored exchange settings cannot be read: {error}."
            ),
        )
    })?;
    ExchangeSettings::from_json(&value)
}
