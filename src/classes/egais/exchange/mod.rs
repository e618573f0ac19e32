//! The exchange of `ObmenEgais`: its properties, and how its methods read arguments and give results.

mod beside;
mod client;
mod operations;
mod settings;

use super::EgaisObject;
use super::input::is_blank;
use crate::addin::{
    Argument, Call, Default, Function, Help, Kind, Method, Parameter, Property, Value, help, optional,
    required, total,
};
use crate::bilingual;
use crate::classes::DATA;
use crate::egais::exchange::operations::{Answer, Exchange, Side};
use crate::egais::exchange::removal::Removal;
use crate::egais::exchange::settings::query_pauses;
use crate::error::{Code, Error, Result};
use crate::operation::Operation;
use serde_json::Value as Json;
use std::time::Duration;

/// Tables of methods, in the order of the documentation.
const TABLES: &[&[Method<EgaisObject>]] =
    &[operations::METHODS, settings::METHODS, client::METHODS, beside::METHODS];

const JOINED: [Method<EgaisObject>; total(TABLES)] = crate::addin::joined(TABLES);

/// All methods of the exchange.
pub(super) const METHODS: &[Method<EgaisObject>] = &JOINED;

/// Members of results that are maps of FSRAR_ID.
const MAPS: &[&str] =
    &["ОбменНаСервере", "ОбменНаКлиенте", "НастройкиОбменаЕГАИС", "ДокументыКЗагрузке", "Организации"];

/// The exchange of one object with what only calls need.
#[derive(Default)]
pub(super) struct ExchangeObject {
    exchange: Exchange,
    /// `ВремяНаОбмен`; zero: only the budgets of the UTMs.
    time_budget: Duration,
}

impl ExchangeObject {
    /// Waits for requests that a cancelled call left behind.
    pub(super) fn finish(&self, limit: Duration) {
        self.exchange.in_flight().wait_idle(limit);
    }

    /// The exchange as this call sees it: its language, its journal.
    fn prepared(&mut self, call: &Call<'_>) -> &mut Exchange {
        self.exchange.set_language(call.language());
        self.exchange.set_journal(call.journal().clone());
        &mut self.exchange
    }

    /// A call that needs no UTM.
    fn local(&mut self, call: &Call<'_>, work: impl FnOnce(&mut Exchange) -> Result<Json>) -> Result<Value> {
        let value = work(self.prepared(call))?;
        call.report_with_maps(value.to_string(), MAPS)
    }

    /// A call about one document that needs no UTM.
    fn of_document(
        &mut self,
        call: &Call<'_>,
        work: impl FnOnce(&Exchange, &str) -> Result<Json>,
    ) -> Result<Value> {
        let document = call.text(0)?;
        self.local(call, |exchange| work(exchange, &document))
    }

    /// A call that lasts: within the budget, with progress; what went wrong stands in its report and is the last
    /// error.
    fn lasting(
        &mut self,
        call: &mut Call<'_>,
        work: impl FnOnce(&Exchange, &mut Operation<'_>) -> Result<Answer>,
    ) -> Result<Value> {
        let budget = self.time_budget;
        let exchange = self.prepared(call);
        let answer = call.run(budget, |operation| work(exchange, operation))?;
        if let Some(error) = answer.error {
            call.note_error(error);
        }
        call.report_with_maps(answer.value.to_string(), MAPS)
    }
}

pub(super) const PROPERTIES: &[Property<EgaisObject>] = &[
    Property::new(
        "ФайлХранилища",
        "StoreFile",
        Kind::Text,
        help(
            "файл очереди, документов и протокола на локальном диске; нужен для обмена",
            "file of the queue, documents and protocol on a local disk; the exchange needs it",
        ),
    )
    .get(|egais: &EgaisObject, _| Ok(egais.exchange.exchange.store_file().into()))
    .set(|egais, value| egais.exchange.exchange.set_store_file(&value.text()?)),
    Property::new(
        "СторонаОбмена",
        "ExchangeSide",
        Kind::Text,
        help(
            "Сервер — обращаться к УТМ организаций с ОбменНаСервере = Истина, Клиент — к остальным",
            "Server: reach the UTMs of organisations with ОбменНаСервере, Client: the others",
        ),
    )
    .default_words("Сервер", "Server")
    .get(|egais: &EgaisObject, frame| Ok(egais.exchange.exchange.side().name(frame.language()).into()))
    .set(|egais, value| {
        let name = value.text()?;
        let side = Side::from_name(&name).ok_or_else(|| not_one_of(&name, "Сервер, Клиент", "Server, Client"))?;
        egais.exchange.exchange.set_side(side);
        Ok(())
    }),
    Property::new(
        "УдалятьИзУТМ",
        "DeleteFromUtm",
        Kind::Text,
        help(
            "что удалять из УТМ после сохранения: Свои, Известные, Ничего; настройка организации важнее",
            "what to remove from UTM once it is kept: Own, Known, Nothing; settings of an organisation prevail",
        ),
    )
    .default_words("Известные", "Known")
    .get(|egais: &EgaisObject, frame| {
        Ok(egais.exchange.exchange.defaults().removal.name(frame.language()).into())
    })
    .set(|egais, value| {
        let name = value.text()?;
        let removal = Removal::read(&name)
            .ok_or_else(|| not_one_of(&name, "Свои, Известные, Ничего", "Own, Known, Nothing"))?;
        egais.exchange.exchange.defaults_mut().removal = removal;
        Ok(())
    }),
    Property::new(
        "ПаузыЗапросов",
        "QueryPauses",
        Kind::Text,
        help(
            "секунд между запросами одного вида, объект JSON, например {\"QueryRests\": 600}; настройка организации важнее",
            "seconds between queries of a kind, a JSON object such as {\"QueryRests\": 600}; settings of an organisation prevail",
        ),
    )
    .get(|egais: &EgaisObject, _| {
        let pauses = &egais.exchange.exchange.defaults().pauses;
        Ok(if pauses.is_empty() { "".into() } else { Json::Object(pauses.clone()).to_string().into() })
    })
    .set(|egais, value| {
        let text = value.text()?;
        let pauses = match text.trim() {
            "" => Json::Null,
            text => serde_json::from_str(text)
                .map_err(|_| not_one_of(text, "{\"QueryRests\": 600}", "{\"QueryRests\": 600}"))?,
        };
        egais.exchange.exchange.defaults_mut().pauses = query_pauses(&pauses)?;
        Ok(())
    }),
    Property::new(
        "ОдновременноУТМ",
        "ParallelUtm",
        Kind::Integer,
        help("сколько УТМ обслуживать одновременно, 1–256", "how many UTMs are served at once, 1 to 256"),
    )
    .default("16")
    .get(|egais: &EgaisObject, _| Ok(Value::count(egais.exchange.exchange.parallel() as u64)))
    .set(|egais, value| {
        let parallel = value.integer(1..=256)?;
        egais.exchange.exchange.set_parallel(usize::try_from(parallel).unwrap_or(1));
        Ok(())
    }),
    Property::new(
        "ВремяНаОбмен",
        "TimeBudget",
        Kind::Number,
        help(
            "секунд на весь вызов, 0 — только Таймаут каждого УТМ",
            "seconds for a whole call, 0: only the time-out of each UTM",
        ),
    )
    .default("0")
    .get(|egais: &EgaisObject, _| Ok(egais.exchange.time_budget.into()))
    .set(|egais, value| {
        egais.exchange.time_budget = value.seconds()?;
        Ok(())
    }),
];

/// What a call that needs the store may fail with.
const STORED: &[&[Code]] = &[&DATA, &[Code::Storage]];
/// What a call that reaches UTMs may fail with, or tell in its report.
const SERVED: &[&[Code]] = &[
    &DATA,
    &[Code::Storage, Code::EgaisDocument, Code::Utm, Code::HttpConnect, Code::HttpTimeout, Code::Cancelled],
];

/// A method that needs the store and no UTM.
const fn stored(
    ru: &'static str,
    en: &'static str,
    run: Function<EgaisObject>,
    help: Help,
) -> Method<EgaisObject> {
    Method::new(ru, en, run, help).returns(Kind::Report).fails(STORED)
}

/// A method that reaches UTMs.
const fn served(
    ru: &'static str,
    en: &'static str,
    run: Function<EgaisObject>,
    help: Help,
) -> Method<EgaisObject> {
    Method::new(ru, en, run, help).returns(Kind::Report).fails(SERVED)
}

/// `ДокументСсылка`.
const DOCUMENT: Parameter = required("ДокументСсылка", "Document", Kind::Text);
/// `ИдентификаторВладельца` as the last parameter.
const CALLER: Parameter = optional("ИдентификаторВладельца", "OwnerId", Kind::Text, Default::Omitted);
/// `ОрганизацииЕГАИС`.
const ORGANISATIONS: Parameter =
    optional("ОрганизацииЕГАИС", "Organisations", Kind::Structure, Default::Omitted);

/// `ИдентификаторВладельца`; blank is none.
fn caller(call: &Call<'_>, number: usize) -> Result<Option<String>> {
    let text = call.text(number)?;
    Ok((!text.trim().is_empty()).then(|| text.trim().to_owned()))
}

/// Structured data as JSON; what is left out or blank is `null`.
fn structure(call: &Call<'_>, number: usize) -> Result<Json> {
    if is_blank(call, number) { Ok(Json::Null) } else { call.json(number) }
}

/// Structured data as JSON, or a plain text or number as it is: one key, one FSRAR_ID.
fn structure_or_text(call: &Call<'_>, number: usize) -> Result<Json> {
    if is_blank(call, number) {
        return Ok(Json::Null);
    }
    match call.argument(number) {
        Argument::Text(units) => {
            let text = String::from_utf16_lossy(units);
            match text.trim_start_matches('\u{feff}').trim_start().chars().next() {
                Some('{' | '[' | '<' | '"') => call.json(number),
                _ => Ok(text.trim().into()),
            }
        }
        Argument::Binary(_) => call.json(number),
        _ => Ok(call.text(number)?.into()),
    }
}

fn not_one_of(given: &str, ru: &str, en: &str) -> Error {
    let given: String = given.chars().take(60).collect();
    Error::new(
        Code::Argument,
        bilingual!(
            "значение «{given}» не подходит, нужно: {ru}.",
            "the value “{given}” does not fit, it must be: {en}."
        ),
    )
}
