//! The exchange in which a client reaches the UTM and a server has the store.

use super::{served, stored, structure};
use crate::addin::{Kind, Method, help, required};
use crate::classes::egais::EgaisObject;
use crate::egais::exchange::operations::Answer;

pub(super) const METHODS: &[Method<EgaisObject>] = &[
    served(
        "ПередатьСообщения",
        "SendMessages",
        |egais: &mut EgaisObject, call| {
            let (messages, settings) = (structure(call, 0)?, structure(call, 1)?);
            egais.exchange.lasting(call, |exchange, operation| {
                exchange.send_messages(&messages, &settings, operation).map(Answer::from)
            })
        },
        help(
            "передаёт в УТМ сообщения, полученные от сервера; хранилище не нужно. Результат — серверу",
            "sends to UTM messages that came from the server; needs no store. The result goes to the server",
        ),
    )
    .takes(&[
        required("Сообщения", "Messages", Kind::Structure),
        required("Настройки", "Settings", Kind::Structure),
    ]),
    stored(
        "ПринятьРезультатПередачи",
        "AcceptSendResults",
        |egais: &mut EgaisObject, call| {
            let results = structure(call, 0)?;
            egais.exchange.local(call, |exchange| exchange.accept_send_results(&results))
        },
        help(
            "записывает на сервере результат метода ПередатьСообщения",
            "keeps on the server what SendMessages returned",
        ),
    )
    .takes(&[required("Результаты", "Results", Kind::Structure)]),
];
