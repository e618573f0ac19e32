//! What stands beside the operations: documents, their data, the protocol, and services put together of them.

use super::{CALLER, DOCUMENT, ORGANISATIONS, caller, served, stored, structure, structure_or_text};
use crate::addin::{Argument, Default, Kind, Method, Parameter, help, optional, required};
use crate::classes::egais::EgaisObject;
use crate::classes::egais::input::xml;
use crate::egais::exchange::operations::{Answer, Exchange};

const FILTER: Parameter = optional("Отбор", "Filter", Kind::Structure, Default::Omitted);
const ORGANISATION: Parameter = required("КодФСРАР", "FsrarId", Kind::Text);
/// The organisation may be the one of the object.
const ANY_ORGANISATION: Parameter = optional("КодФСРАР", "FsrarId", Kind::Text, Default::Text(""));

pub(super) const METHODS: &[Method<EgaisObject>] = &[
    stored(
        "Документ",
        "Document",
        |egais: &mut EgaisObject, call| egais.exchange.of_document(call, Exchange::document),
        help(
            "документ: статус, доступные действия, история, XML в обе стороны",
            "a document: status, allowed actions, history, XML both ways",
        ),
    )
    .takes(&[DOCUMENT]),
    stored(
        "Документы",
        "Documents",
        |egais: &mut EgaisObject, call| {
            let filter = structure(call, 0)?;
            egais.exchange.local(call, |exchange| exchange.documents(&filter))
        },
        help(
            "документы по отбору: КодФСРАР, Вид, ТипДокумента, Статус, Завершен, ДатаС, ДатаПо, Количество",
            "documents by a filter: КодФСРАР, Вид, ТипДокумента, Статус, Завершен, ДатаС, ДатаПо, Количество",
        ),
    )
    .takes(&[FILTER]),
    stored(
        "ДанныеДокумента",
        "DocumentData",
        |egais: &mut EgaisObject, call| egais.exchange.of_document(call, Exchange::document_data),
        help("последний ответ на запрос: данные", "the last reply to a query: its data"),
    )
    .takes(&[DOCUMENT]),
    stored(
        "ПротоколОбмена",
        "Protocol",
        |egais: &mut EgaisObject, call| {
            let filter = structure(call, 0)?;
            egais.exchange.local(call, |exchange| exchange.protocol(&filter))
        },
        help(
            "события по отбору, новые сначала: КодФСРАР, Ссылка, Событие, ТипДокумента, ДатаС, ДатаПо, СXML, Количество",
            "events by a filter, newest first: КодФСРАР, Ссылка, Событие, ТипДокумента, ДатаС, ДатаПо, СXML, Количество",
        ),
    )
    .takes(&[FILTER]),
    stored(
        "СвязатьДокумент",
        "BindDocument",
        |egais: &mut EgaisObject, call| {
            let (document, key) = (call.text(0)?, call.text(1)?);
            egais.exchange.local(call, |exchange| exchange.bind_document(&document, &key))
        },
        help(
            "даёт документу обмена ссылку созданного документа",
            "gives a document of the exchange the key of the document made for it",
        ),
    )
    .takes(&[required("Ссылка", "Document", Kind::Text), required("НоваяСсылка", "NewKey", Kind::Text)]),
    served(
        "ПередатьXML",
        "SendXml",
        |egais: &mut EgaisObject, call| {
            let (organisation, url_name) = (egais.owner(call, 0)?, call.text(1)?);
            let bytes = xml(call, 2)?;
            egais.exchange.lasting(call, |exchange, operation| {
                exchange.send_xml(&organisation, &url_name, &bytes, operation)
            })
        },
        help(
            "передаёт XML как есть, в том числе видов, которых ещё нет в описаниях; пустое ИмяВURL — по виду",
            "sends XML as it is, of types nobody describes yet too; an empty UrlName follows from the type",
        ),
    )
    .takes(&[
        ORGANISATION,
        required("ИмяВURL", "UrlName", Kind::Text),
        required("XML", "Xml", Kind::Structure),
    ]),
    served(
        "СверитьНеобработанные",
        "ReconcileUnanswered",
        |egais: &mut EgaisObject, call| {
            let organisation = egais.owner(call, 0)?;
            egais
                .exchange
                .lasting(call, |exchange, operation| exchange.reconcile_unanswered(&organisation, operation))
        },
        help(
            "запрашивает необработанные накладные (QueryNATTN) и повтор тех, которых нет",
            "asks for unanswered waybills (QueryNATTN) and again for those that are not here",
        ),
    )
    .takes(&[ANY_ORGANISATION]),
    served(
        "ПодтвердитьВсе",
        "AcceptAll",
        |egais: &mut EgaisObject, call| {
            let (filter, owner) = (structure(call, 0)?, caller(call, 1)?);
            egais.exchange.lasting(call, |exchange, operation| {
                exchange.accept_all(&filter, owner.as_deref(), operation)
            })
        },
        help(
            "ставит в очередь подтверждения всех полученных накладных отбора",
            "queues the acceptance of all received waybills of a filter",
        ),
    )
    .takes(&[FILTER, CALLER]),
    served(
        "ОтправитьЧек",
        "SendCheque",
        |egais: &mut EgaisObject, call| {
            let format = call.text(2)?;
            let organisation = egais.owner(call, 0)?;
            let is_xml = match call.argument(1) {
                Argument::Text(units) => String::from_utf16_lossy(units).trim_start().starts_with('<'),
                _ => false,
            };
            let data = if is_xml { call.text(1)?.into() } else { structure(call, 1)? };
            egais.exchange.lasting(call, |exchange, operation| {
                exchange.send_cheque(&organisation, &data, &format, operation).map(Answer::from)
            })
        },
        help(
            "передаёт чек (данные метода Чек или XML), возвращает АдресQR и Подпись",
            "sends a cheque (data of the method Cheque or XML), gives АдресQR and Подпись",
        ),
    )
    .takes(&[
        ORGANISATION,
        required("Данные", "Data", Kind::Structure),
        optional("Формат", "Format", Kind::Text, Default::Text("")),
    ]),
    served(
        "ПроверитьУТМ",
        "CheckUtm",
        |egais: &mut EgaisObject, call| {
            let organisations = structure_or_text(call, 0)?;
            egais
                .exchange
                .lasting(call, |exchange, operation| exchange.check_utms(&organisations, operation))
        },
        help(
            "доступность УТМ организаций, их версии и сертификаты",
            "whether the UTMs of organisations answer, their versions and certificates",
        ),
    )
    .takes(&[ORGANISATIONS]),
    served(
        "ПроверитьМаркиВУТМ",
        "CheckMarksInUtm",
        |egais: &mut EgaisObject, call| {
            let (organisation, marks) = (structure_or_text(call, 0)?, structure_or_text(call, 1)?);
            egais.exchange.lasting(call, |exchange, operation| {
                exchange.check_marks(&organisation, &marks, operation).map(Answer::from)
            })
        },
        help(
            "проверяет марки фильтром УТМ (QueryFilter): Пройдена, Результат, НеПрошли",
            "asks the filter of UTM about marks (QueryFilter): Пройдена, Результат, НеПрошли",
        ),
    )
    .takes(&[
        required("КодФСРАР", "FsrarId", Kind::Structure),
        required("Марки", "Marks", Kind::Structure),
    ]),
    stored(
        "Остатки",
        "Rests",
        |egais: &mut EgaisObject, call| {
            let (organisation, register) = (egais.owner(call, 0)?, call.text(1)?);
            egais.exchange.local(call, |exchange| exchange.rests(&organisation, &register))
        },
        help(
            "остатки из последнего ответа; Регистр: 1 — склад, 2 — торговый зал",
            "stock from the last reply; Register: 1 store, 2 shop",
        ),
    )
    .takes(&[ANY_ORGANISATION, optional("Регистр", "Register", Kind::Text, Default::Text("1"))]),
];
