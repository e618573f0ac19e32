//! `ObmenEgais`: documents of EGAIS and their exchange through UTM.
//!
//! Members stand in a file for each subject, which holds a table `METHODS` (and `PROPERTIES`) of its own; here the
//! tables become one, in the order of [`PROPERTY_TABLES`] and [`METHOD_TABLES`]. A new file adds a line to each list
//! and, if it keeps something between calls, a field to [`EgaisObject`].
//!
//! | file | members |
//! | --- | --- |
//! | `documents` | any document type: build, check, parse, describe; marks |
//! | `ready` | documents of every day from little data |
//! | `exchange` | the exchange through UTM: the operations, the store, the client side |

mod documents;
mod exchange;
mod input;
mod ready;

use crate::addin::{Class, Kind, Method, Property, help, joined, total};
use crate::bilingual;
use crate::error::{Code, Error, Result};
use std::time::Duration;

/// How long the end of an object waits for requests that a cancelled call left behind.
const LAST_REQUESTS_LIMIT: Duration = Duration::from_secs(5);

/// The state of an `ObmenEgais`.
#[derive(Default)]
pub struct EgaisObject {
    /// `КодФСРАР`: the organisation that a call means if it names none.
    fsrar_id: String,
    exchange: exchange::ExchangeObject,
}

const PROPERTY_TABLES: &[&[Property<EgaisObject>]] = &[OWN_PROPERTIES, exchange::PROPERTIES];
const METHOD_TABLES: &[&[Method<EgaisObject>]] = &[documents::METHODS, ready::METHODS, exchange::METHODS];

static PROPERTIES: [Property<EgaisObject>; total(PROPERTY_TABLES)] = joined(PROPERTY_TABLES);
static METHODS: [Method<EgaisObject>; total(METHOD_TABLES)] = joined(METHOD_TABLES);

/// The declaration of `ObmenEgais`.
pub static CLASS: Class<EgaisObject> = Class::new(
    "ObmenEgais",
    help("документы ЕГАИС и обмен ими через УТМ", "documents of EGAIS and their exchange through UTM"),
    EgaisObject::default,
    &PROPERTIES,
    &METHODS,
)
.finish(|egais| egais.exchange.finish(LAST_REQUESTS_LIMIT));

const OWN_PROPERTIES: &[Property<EgaisObject>] = &[Property::new(
    "КодФСРАР",
    "FsrarId",
    Kind::Text,
    help(
        "код организации в ФСРАР: владелец документов, если вызов не называет другого",
        "FSRAR_ID of the organisation: the owner of documents unless a call names another",
    ),
)
.get(|egais: &EgaisObject, _| Ok(egais.fsrar_id.as_str().into()))
.set(|egais, value| {
    egais.fsrar_id = fsrar_id(&value.text()?)?;
    Ok(())
})];

/// An FSRAR_ID, or nothing (XSD type `FSRAR_IDType`: digits, at most 50).
fn fsrar_id(text: &str) -> Result<String> {
    let id = text.trim();
    if id.len() <= 50 && id.bytes().all(|byte| byte.is_ascii_digit()) {
        return Ok(id.to_owned());
    }
    Err(Error::new(
        Code::Argument,
        bilingual!(
            "КодФСРАР состоит из цифр, их не больше 50, например 020000190211.",
            "An FSRAR_ID has digits only, at most 50, such as 020000190211."
        ),
    ))
}
