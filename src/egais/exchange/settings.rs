//! Settings of the exchange, one set for each organisation: the structure `НоваяНастройкаОбменаЕГАИС`.

use super::fields::Fields;
use super::removal::Removal;
use crate::bilingual;
use crate::egais::exchange::facts::family_of;
use crate::egais::utm::UtmAddress;
use crate::error::{Code, Error, Result};
use serde_json::{Map, Value, json};
use std::time::Duration;

/// Pause between two queries of the kinds that EGAIS answers slowly.
const SLOW_PAUSE: u64 = 600;
/// Families of those queries.
const SLOW: &[&str] = &[
    "QueryRests",
    "QueryRestsShop",
    "QueryRests_Mini",
    "QueryRestsShop_Mini",
    "QueryRestBCode",
    "QueryNATTN",
    "QueryResendDoc",
];

/// Settings of one organisation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExchangeSettings {
    /// `КодФСРАР`: FSRAR_ID.
    pub fsrar_id: String,
    /// `Наименование`.
    pub name: String,
    /// `АдресУТМ`: host or URL.
    pub address: String,
    /// `ПортУТМ`, 0 if the address names it.
    pub port: u16,
    /// `Таймаут`: the budget of this UTM in one call.
    pub timeout: Duration,
    /// `ОбменНаСервере`: false if only a client reaches the UTM.
    pub on_server: bool,
    /// `ФорматОбмена`: version of waybills that are sent as `Накладная`, from `V1` to `V4`.
    pub format: String,
    /// `РасписаниеСекунд`: how often an exchange by schedule is due, 0 for never.
    pub schedule: Duration,
    /// `ЗагружатьВходящие`.
    pub load_incoming: bool,
    /// `УдалятьИзУТМ`; `None` as the object says.
    pub removal: Option<Removal>,
    /// `Паузы`: seconds by query, where they differ from the usual.
    pub pauses: Map<String, Value>,
}

/// What holds for organisations whose settings do not say otherwise: properties of the object.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SettingsDefaults {
    /// `УдалятьИзУТМ`.
    pub removal: Removal,
    /// `ПаузыЗапросов`.
    pub pauses: Map<String, Value>,
}

impl Default for ExchangeSettings {
    fn default() -> Self {
        Self {
            fsrar_id: String::new(),
            name: String::new(),
            address: "localhost".to_owned(),
            port: 8080,
            timeout: Duration::from_secs(60),
            on_server: true,
            format: "V4".to_owned(),
            schedule: Duration::ZERO,
            load_incoming: true,
            removal: None,
            pauses: Map::new(),
        }
    }
}

impl ExchangeSettings {
    /// Reads a structure; what it does not name keeps its default.
    ///
    /// # Errors
    /// `argument` for an unknown name, a value that does not fit, a code that is not a number.
    pub fn from_json(value: &Value) -> Result<Self> {
        let mut fields = Fields::of(value, &bilingual!("Настройка обмена", "Exchange settings"))?;
        let mut settings = Self::default();
        if let Some(text) = fields.text("КодФСРАР", "FsrarId")? {
            settings.fsrar_id = text;
        }
        if let Some(text) = fields.text("Наименование", "Name")? {
            settings.name = text;
        }
        if let Some(text) = fields.text("АдресУТМ", "UtmAddress")? {
            settings.address = text;
        }
        if let Some(port) = fields.number("ПортУТМ", "UtmPort")? {
            settings.port = u16::try_from(port).map_err(|_| fields.bad("ПортУТМ", &port.to_string()))?;
        }
        if let Some(seconds) = fields.number("Таймаут", "Timeout")? {
            if !(1..=86_400).contains(&seconds) {
                return Err(fields.bad("Таймаут", &seconds.to_string()));
            }
            settings.timeout = Duration::from_secs(seconds);
        }
        if let Some(flag) = fields.flag("ОбменНаСервере", "ExchangeOnServer")? {
            settings.on_server = flag;
        }
        if let Some(text) = fields.text("ФорматОбмена", "ExchangeFormat")? {
            settings.format = format_name(&text).ok_or_else(|| fields.bad("ФорматОбмена", &text))?;
        }
        if let Some(seconds) = fields.number("РасписаниеСекунд", "ScheduleSeconds")? {
            settings.schedule = Duration::from_secs(seconds);
        }
        if let Some(flag) = fields.flag("ЗагружатьВходящие", "LoadIncoming")? {
            settings.load_incoming = flag;
        }
        if let Some(text) = fields.text("УдалятьИзУТМ", "DeleteFromUtm")? {
            settings.removal = match text.as_str() {
                "" => None,
                name => Some(Removal::read(name).ok_or_else(|| fields.bad("УдалятьИзУТМ", name))?),
            };
        }
        if let Some(pauses) = fields.take("Паузы", "QueryPauses") {
            settings.pauses = read_pauses(&fields, pauses)?;
        }
        fields.finish()?;
        let is_code = |text: &str| {
            !text.is_empty() && text.len() <= 50 && text.bytes().all(|byte| byte.is_ascii_digit())
        };
        if !is_code(&settings.fsrar_id) {
            return Err(bad_code(&settings.fsrar_id));
        }
        settings.utm_address()?;
        Ok(settings)
    }

    /// The structure with all its names.
    pub fn to_json(&self) -> Value {
        json!({
            "КодФСРАР": self.fsrar_id,
            "Наименование": self.name,
            "АдресУТМ": self.address,
            "ПортУТМ": self.port,
            "Таймаут": self.timeout.as_secs(),
            "ОбменНаСервере": self.on_server,
            "ФорматОбмена": self.format,
            "РасписаниеСекунд": self.schedule.as_secs(),
            "ЗагружатьВходящие": self.load_incoming,
            "УдалятьИзУТМ": self.removal.map_or("", Removal::ru),
            "Паузы": self.pauses,
        })
    }

    /// Takes from the object what these settings leave open.
    #[must_use]
    pub fn with_defaults(mut self, defaults: &SettingsDefaults) -> Self {
        self.removal = self.removal.or(Some(defaults.removal));
        for (name, seconds) in &defaults.pauses {
            if !self.pauses.keys().any(|known| known.eq_ignore_ascii_case(name)) {
                self.pauses.insert(name.clone(), seconds.clone());
            }
        }
        self
    }

    /// What may be removed from UTM.
    pub fn removal(&self) -> Removal {
        self.removal.unwrap_or_default()
    }

    /// The type of waybills in this format.
    pub fn waybill_type(&self) -> &'static str {
        match self.format.as_str() {
            "V1" => "WayBill",
            "V2" => "WayBill_v2",
            "V3" => "WayBill_v3",
            _ => "WayBill_v4",
        }
    }

    /// Where the UTM is.
    ///
    /// # Errors
    /// `argument`.
    pub fn utm_address(&self) -> Result<UtmAddress> {
        UtmAddress::new(&self.address, self.port)
    }

    /// Time that must pass between two queries of a kind.
    pub fn pause(&self, query: &str) -> Duration {
        let set = self.pauses.iter().find(|(name, _)| name.eq_ignore_ascii_case(query));
        match set.and_then(|(_, seconds)| seconds.as_u64()) {
            Some(seconds) => Duration::from_secs(seconds),
            None if SLOW.iter().any(|slow| slow.eq_ignore_ascii_case(query)) => {
                Duration::from_secs(SLOW_PAUSE)
            }
            None => Duration::ZERO,
        }
    }
}

/// `V4` from `V4`, `v4`, `4` or an empty text.
fn format_name(text: &str) -> Option<String> {
    let upper = text.trim().to_uppercase();
    let digit = upper.strip_prefix('V').unwrap_or(&upper);
    match digit {
        "" => Some("V4".to_owned()),
        "1" | "2" | "3" | "4" => Some(format!("V{digit}")),
        _ => None,
    }
}

/// The name under which the pause of a query is kept: its type without version. Empty for what is not a query.
pub fn pause_kind(doc_type: &str) -> &str {
    let family = family_of(doc_type);
    if family.get(..5).is_some_and(|start| start.eq_ignore_ascii_case("Query")) { family } else { "" }
}

/// The error of a code that is not a FSRAR_ID.
pub fn bad_code(code: &str) -> Error {
    let code: String = code.chars().take(60).collect();
    Error::new(
        Code::Argument,
        bilingual!(
            "«{code}» не код ФСРАР: нужны цифры, например 030000412451.",
            "\"{code}\" is not an FSRAR_ID: digits are needed, such as 030000412451."
        ),
    )
}

/// `ПаузыЗапросов`: a structure of query families and seconds.
///
/// # Errors
/// `argument` for anything else.
pub fn query_pauses(pauses: &Value) -> Result<Map<String, Value>> {
    let fields = Fields::of(pauses, &bilingual!("Паузы запросов", "Query pauses"))?;
    match pauses {
        Value::Null => Ok(Map::new()),
        pauses => read_pauses(&fields, pauses.clone()),
    }
}

/// Families of queries and seconds; a family is named with its version or without.
fn read_pauses(fields: &Fields, pauses: Value) -> Result<Map<String, Value>> {
    let Value::Object(pauses) = pauses else { return Err(fields.bad("Паузы", &pauses.to_string())) };
    let mut read = Map::new();
    for (name, seconds) in &pauses {
        let number = match seconds {
            Value::String(text) => text.trim().parse().ok(),
            other => other.as_u64(),
        };
        let number: u64 = number.ok_or_else(|| fields.bad(&format!("Паузы.{name}"), &seconds.to_string()))?;
        let family = pause_kind(name.trim());
        if family.is_empty() {
            return Err(fields.bad("Паузы", name));
        }
        read.insert(family.to_owned(), number.into());
    }
    Ok(read)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_survive_writing_and_reading() -> Result<()> {
        let settings = ExchangeSettings {
            fsrar_id: "030000412451".into(),
            name: "Магазин".into(),
            address: "utm".into(),
            port: 8081,
            timeout: Duration::from_secs(5),
            on_server: false,
            schedule: Duration::from_secs(300),
            removal: Some(Removal::Own),
            ..ExchangeSettings::default()
        };
        assert_eq!(ExchangeSettings::from_json(&settings.to_json())?, settings);
        Ok(())
    }

    #[test]
    fn names_are_russian_or_english_in_any_case_and_numbers_may_be_texts() -> Result<()> {
        let settings = ExchangeSettings::from_json(
            &json!({"кодфсрар": "030000412451", "UTMPORT": "8082", "exchangeOnServer": "Ложь", "Паузы": {"QueryRests": 5}}),
        )?;
        assert_eq!((settings.port, settings.on_server), (8082, false));
        assert_eq!(settings.pause("QueryRests"), Duration::from_secs(5));
        assert_eq!(settings.pause("QueryNATTN"), Duration::from_secs(600));
        assert_eq!(settings.pause("QueryAP"), Duration::ZERO);
        Ok(())
    }

    #[test]
    fn mistakes_are_named() {
        let error = |value: Value| {
            ExchangeSettings::from_json(&value)
                .err()
                .map(|error| error.message().ru.clone())
                .unwrap_or_default()
        };
        assert!(error(json!({"КодФСРАР": "1", "АдресУТN": "x"})).contains("АдресУТМ"), "the nearest name");
        assert!(error(json!({"КодФСРАР": "12a"})).contains("ФСРАР"));
        assert!(error(json!({"КодФСРАР": "1", "ПортУТМ": 70000})).contains("ПортУТМ"));
        assert!(error(json!({"КодФСРАР": "1", "УдалятьИзУТМ": "всё"})).contains("УдалятьИзУТМ"));
        assert!(error(json!({"КодФСРАР": "1", "ФорматОбмена": "V5"})).contains("ФорматОбмена"));
        assert!(error(json!([])).contains("Настройка обмена"));
    }

    #[test]
    fn pauses_belong_to_families_of_queries() {
        assert_eq!(pause_kind("QueryRests_v2"), "QueryRests");
        assert_eq!(pause_kind("QueryRestsShop_v2"), "QueryRestsShop");
        assert_eq!(pause_kind("WayBill_v4"), "");
    }
}
