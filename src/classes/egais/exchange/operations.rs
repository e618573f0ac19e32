//! The thirteen operations, with the names and parameters of 1C's module `ОбменДаннымиЕГАИСВызовСервера`.

use super::{CALLER, DOCUMENT, ORGANISATIONS, caller, served, stored, structure, structure_or_text};
use crate::addin::{Default, Kind, Method, Parameter, help, optional, required};
use crate::classes::egais::EgaisObject;
use crate::egais::exchange::operations::Exchange;
use serde_json::Value as Json;

const LAST_RUNS: Parameter = optional("ДатыПоследнегоЗапуска", "LastRuns", Kind::Structure, Default::Omitted);
const MESSAGES: Parameter = optional("СообщенияXMLКПередаче", "Messages", Kind::Structure, Default::Omitted);
const AT_ONCE: Parameter = optional("Немедленно", "Immediately", Kind::Boolean, Default::Boolean(false));

pub(super) const METHODS: &[Method<EgaisObject>] = &[
    stored(
        "НастройкиОбменаЕГАИС",
        "ExchangeSettings",
        |egais: &mut EgaisObject, call| {
            let (organisations, last_runs) = (structure_or_text(call, 0)?, structure(call, 1)?);
            egais.exchange.local(call, |exchange| exchange.exchange_settings(&organisations, &last_runs))
        },
        help(
            "настройки организаций: ОбменНаСервере, ОбменНаКлиенте, БезНастроек",
            "settings of organisations: ОбменНаСервере, ОбменНаКлиенте, БезНастроек",
        ),
    )
    .takes(&[ORGANISATIONS, LAST_RUNS]),
    served(
        "ВыполнитьОбмен",
        "Exchange",
        |egais: &mut EgaisObject, call| {
            let (organisations, last_runs) = (structure_or_text(call, 0)?, structure(call, 1)?);
            let owner = caller(call, 2)?;
            egais.exchange.lasting(call, |exchange, operation| {
                exchange.exchange(&organisations, &last_runs, owner.as_deref(), operation)
            })
        },
        help(
            "передаёт очередь, получает новое, обрабатывает ответы; с датами — только по расписанию",
            "sends the queue, takes what is new, processes answers; with dates only by schedule",
        ),
    )
    .takes(&[ORGANISATIONS, LAST_RUNS, CALLER]),
    served(
        "ПодготовитьКПередаче",
        "PrepareToSend",
        |egais: &mut EgaisObject, call| {
            let (documents, action) = (structure_or_text(call, 0)?, call.text(1)?);
            let (extra, at_once, owner) = (structure(call, 2)?, call.boolean(3)?, caller(call, 4)?);
            let default = (!egais.fsrar_id.is_empty()).then(|| egais.fsrar_id.clone());
            egais.exchange.exchange.set_default_organisation(default);
            egais.exchange.lasting(call, |exchange, operation| {
                exchange.prepare_to_send(&documents, &action, &extra, at_once, owner.as_deref(), operation)
            })
        },
        help(
            "составляет, проверяет и ставит в очередь сообщения по документам {Ссылка, КодФСРАР, ТипДокумента, Данные}",
            "composes, checks and queues messages of documents {Ссылка, КодФСРАР, ТипДокумента, Данные}",
        ),
    )
    .takes(&[
        required("ВходящиеДанные", "Documents", Kind::Structure),
        required("ДальнейшееДействие", "Action", Kind::Text),
        optional("ДополнительныеПараметры", "Extra", Kind::Structure, Default::Omitted),
        AT_ONCE,
        CALLER,
    ]),
    served(
        "ПодготовитьЗапросДанныхКлассификатораКПередаче",
        "PrepareClassifierQuery",
        |egais: &mut EgaisObject, call| {
            let organisation = egais.owner(call, 0)?;
            let (query, name, value) = (call.text(1)?, call.text(2)?, call.text(3)?);
            let owner = caller(call, 4)?;
            egais.exchange.lasting(call, |exchange, operation| {
                exchange.prepare_classifier_query(
                    &organisation,
                    &query,
                    &name,
                    &value,
                    owner.as_deref(),
                    operation,
                )
            })
        },
        help(
            "запрос ЗапросАлкогольнойПродукции или ЗапросДанныхОрганизации по ИНН, КОД, СИО; передаётся сразу",
            "a query for products or for an organisation by ИНН, КОД, СИО; sent at once",
        ),
    )
    .takes(&[
        required("ОрганизацияЕГАИС", "Organisation", Kind::Text),
        required("Операция", "Query", Kind::Text),
        required("ИмяПараметра", "Parameter", Kind::Text),
        required("ЗначениеПараметра", "Value", Kind::Text),
        CALLER,
    ]),
    served(
        "ВходящиеСообщения",
        "IncomingMessages",
        |egais: &mut EgaisObject, call| {
            let organisations = structure_or_text(call, 0)?;
            egais.exchange.lasting(call, |exchange, operation| {
                exchange.incoming_messages(&organisations, operation)
            })
        },
        help(
            "новые сообщения УТМ с текстами; ничего не сохраняет, хранилище не нужно",
            "new messages of UTM with their texts; keeps nothing, needs no store",
        ),
    )
    .takes(&[ORGANISATIONS]),
    served(
        "ОбработатьОчередьПередачиДанных",
        "ProcessQueue",
        |egais: &mut EgaisObject, call| {
            let (settings, messages) = (structure_or_text(call, 0)?, structure(call, 1)?);
            call.boolean(2)?;
            egais.exchange.lasting(call, |exchange, operation| {
                exchange.process_queue(&settings, &messages, operation)
            })
        },
        help(
            "передаёт очередь организаций или только указанные сообщения; сразу, и без Немедленно тоже",
            "sends the queue of organisations, or only the messages given; at once, without Immediately too",
        ),
    )
    .takes(&[optional("НастройкиОбменаЕГАИС", "Settings", Kind::Structure, Default::Omitted), MESSAGES, AT_ONCE]),
    stored(
        "ОтменитьПередачу",
        "CancelSending",
        |egais: &mut EgaisObject, call| egais.exchange.of_document(call, Exchange::cancel_sending),
        help("убирает из очереди непереданную операцию", "takes an unsent operation out of the queue"),
    )
    .takes(&[DOCUMENT]),
    stored(
        "ОтменитьПоследнююОперацию",
        "CancelLastOperation",
        |egais: &mut EgaisObject, call| egais.exchange.of_document(call, Exchange::cancel_last_operation),
        help(
            "возвращает статус до последней операции, если ЕГАИС её не приняла",
            "goes back to the status before the last operation unless EGAIS has accepted it",
        ),
    )
    .takes(&[DOCUMENT]),
    stored(
        "ВосстановитьСтатусДокументаПоДаннымПротоколаОбмена",
        "RestoreStatus",
        |egais: &mut EgaisObject, call| egais.exchange.of_document(call, Exchange::restore_status),
        help(
            "вычисляет статус заново по событиям протокола",
            "computes the status anew from the events of the protocol",
        ),
    )
    .takes(&[DOCUMENT]),
    served(
        "УдалитьВходящиеДокументы",
        "DeleteIncoming",
        |egais: &mut EgaisObject, call| {
            let documents = structure(call, 0)?;
            egais
                .exchange
                .lasting(call, |exchange, operation| exchange.delete_incoming(&documents, operation))
        },
        help("удаляет из УТМ документы, которые сохранены", "removes from UTM documents that are kept"),
    )
    .takes(&[required("ДокументыКУдалению", "Documents", Kind::Structure)]),
    served(
        "ПроверитьВходящиеДокументы",
        "CheckIncoming",
        |egais: &mut EgaisObject, call| {
            let (organisations, owner) = (structure_or_text(call, 0)?, caller(call, 1)?);
            egais.exchange.lasting(call, |exchange, operation| {
                exchange.check_incoming(&organisations, owner.as_deref(), operation)
            })
        },
        help("адреса новых документов в УТМ", "addresses of new documents in UTM"),
    )
    .takes(&[ORGANISATIONS, CALLER]),
    served(
        "ПолучитьВходящиеДокументы",
        "FetchIncoming",
        |egais: &mut EgaisObject, call| {
            let settings = structure_or_text(call, 0)?;
            egais
                .exchange
                .lasting(call, |exchange, operation| exchange.fetch_incoming(&settings, operation))
        },
        help("загружает новые документы из УТМ", "takes new documents from UTM"),
    )
    .takes(&[required("НастройкиОбменаЕГАИС", "Settings", Kind::Structure)]),
    stored(
        "ОбработатьВходящиеДокументы",
        "ProcessIncoming",
        |egais: &mut EgaisObject, call| {
            let (documents, owner) = (structure(call, 0)?, caller(call, 1)?);
            egais.exchange.local(call, |exchange| exchange.process_incoming(&documents, owner.as_deref()))
        },
        help(
            "сохраняет и обрабатывает то, что вернул метод ВходящиеСообщения",
            "keeps and processes what IncomingMessages returned",
        ),
    )
    .takes(&[required("ДокументыКЗагрузке", "Documents", Kind::Structure), CALLER]),
    stored(
        "ВосстановитьВсеСтатусы",
        "RestoreAllStatuses",
        |egais: &mut EgaisObject, call| {
            egais.exchange.local(call, |exchange| exchange.restore_all_statuses().map(Json::from))
        },
        help(
            "вычисляет заново статусы всех документов; возвращает их число",
            "computes the statuses of all documents anew; gives their number",
        ),
    ),
];
