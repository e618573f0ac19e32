//! Keeping the settings of the exchange, and the store itself.

use super::{STORED, served, stored, structure};
use crate::addin::{Default, Kind, Method, Value, help, optional, required};
use crate::classes::egais::EgaisObject;
use crate::egais::exchange::operations::{Answer, Exchange};

pub(super) const METHODS: &[Method<EgaisObject>] = &[
    Method::new(
        "НоваяНастройкаОбменаЕГАИС",
        "NewExchangeSettings",
        |_: &mut EgaisObject, call| call.report(Exchange::new_exchange_settings().to_string()),
        help("пустая настройка обмена организации", "empty exchange settings of an organisation"),
    )
    .returns(Kind::Report),
    Method::new(
        "ДобавитьНастройкуОбмена",
        "SetExchangeSettings",
        |egais: &mut EgaisObject, call| {
            let settings = structure(call, 0)?;
            egais.exchange.prepared(call).set_exchange_settings(&settings).map(Value::from)
        },
        help(
            "добавляет или заменяет настройку организации (или нескольких, в массиве)",
            "adds or replaces the settings of an organisation (or of several, in an array)",
        ),
    )
    .takes(&[required("Настройка", "Settings", Kind::Structure)])
    .fails(STORED),
    Method::new(
        "УдалитьНастройкуОбмена",
        "DeleteExchangeSettings",
        |egais: &mut EgaisObject, call| {
            let code = call.text(0)?;
            egais.exchange.prepared(call).delete_exchange_settings(&code).map(Value::from)
        },
        help(
            "удаляет настройку; документы и протокол остаются. Ложь, если её не было",
            "removes settings; documents and protocol stay. False if there were none",
        ),
    )
    .takes(&[required("КодФСРАР", "FsrarId", Kind::Text)])
    .returns(Kind::Boolean)
    .fails(STORED),
    stored(
        "Состояние",
        "Status",
        |egais: &mut EgaisObject, call| egais.exchange.local(call, |exchange| exchange.status()),
        help(
            "по организациям: документы по статусам, непереданное, последний обмен, сертификаты УТМ",
            "by organisation: documents by status, what is unsent, the last exchange, certificates of UTM",
        ),
    ),
    Method::new(
        "СтраницаСостояния",
        "StatusPage",
        |egais: &mut EgaisObject, call| egais.exchange.prepared(call).status_page().map(Value::from),
        help(
            "состояние обмена страницей HTML для ПолеHTMLДокумента",
            "how the exchange is, as an HTML page for an HTMLDocumentField",
        ),
    )
    .returns(Kind::Text)
    .fails(STORED),
    served(
        "Обслуживание",
        "Maintain",
        |egais: &mut EgaisObject, call| {
            let days = u64::try_from(call.integer(0, 1..=36_500)?).unwrap_or(1);
            egais.exchange.lasting(call, |exchange, operation| {
                exchange.maintain(days, operation).map(Answer::from)
            })
        },
        help(
            "оставляет итог от событий завершённых документов старше стольких дней, убирает старые ответы без документа",
            "leaves a summary of the events of documents finished so many days ago, drops old answers without a document",
        ),
    )
    .takes(&[optional("ХранитьДней", "KeepDays", Kind::Integer, Default::Integer(365))]),
];
