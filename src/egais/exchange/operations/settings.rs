//! Operation 1 and the keeping of settings.

use super::super::settings::ExchangeSettings;
use super::arguments::organisation_code;
use super::exchanging::due;
use super::{Exchange, settings_map};
use crate::error::Result;
use crate::store::{Moment, write};
use serde_json::{Value, json};

impl Exchange {
    /// Operation 1, `НастройкиОбменаЕГАИС`: settings of organisations (nothing for all) as
    /// {`ОбменНаСервере`, `ОбменНаКлиенте`: FSRAR_ID → settings, `БезНастроек`: array}. With dates of the last runs
    /// only organisations whose schedule is due.
    ///
    /// # Errors
    /// `argument`, `storage`.
    pub fn exchange_settings(&self, organisations: &Value, last_runs: &Value) -> Result<Value> {
        let organisations = self.organisations(organisations)?;
        let found = due(organisations.found, last_runs)?;
        let (server, client): (Vec<_>, Vec<_>) = found.into_iter().partition(|settings| settings.on_server);
        Ok(json!({
            "ОбменНаСервере": settings_map(&server),
            "ОбменНаКлиенте": settings_map(&client),
            "БезНастроек": organisations.missing,
        }))
    }

    /// `НоваяНастройкаОбменаЕГАИС`: the empty structure with its defaults.
    pub fn new_exchange_settings() -> Value {
        ExchangeSettings::default().to_json()
    }

    /// `ДобавитьНастройкуОбмена`: adds or replaces the settings of an organisation, or of several in an array.
    ///
    /// # Errors
    /// `argument`, `storage`.
    pub fn set_exchange_settings(&self, settings: &Value) -> Result<()> {
        let list = match settings {
            Value::Array(list) => list.iter().map(ExchangeSettings::from_json).collect::<Result<Vec<_>>>()?,
            one => vec![ExchangeSettings::from_json(one)?],
        };
        write(self.store()?, |session| {
            for settings in &list {
                session.put_settings(&settings.fsrar_id, &settings.to_json().to_string(), Moment::now())?;
            }
            Ok(())
        })
    }

    /// `УдалитьНастройкуОбмена`: false if there were none. Documents and protocol stay.
    ///
    /// # Errors
    /// `argument`, `storage`.
    pub fn delete_exchange_settings(&self, organisation: &str) -> Result<bool> {
        let code = organisation_code(&Value::String(organisation.to_owned()))?;
        write(self.store()?, |session| session.delete_settings(&code))
    }
}
