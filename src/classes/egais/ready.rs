//! Methods that make the documents of every day from little data. Each gives the XML of a checked document.

use super::input::{DOCUMENT, NOTE, OWNER, data, xml};
use super::{EgaisObject, fsrar_id};
use crate::addin::{
    Call, Default, Function, Help, Kind, Method, Parameter, Value, help, optional, required, value,
};
use crate::egais::ready::{
    ActDecision, Asked, ChequeFormat, Decision, Ready, Register, Repealed, answer_recipient, charge_on_act,
    cheque, classifier_query, fix_bar_code_act, form_query, format_version, repeal_request, resend_query,
    rests_query, return_way_bill, transfer_from_shop, transfer_to_shop, un_fix_bar_code_act,
    unanswered_query, way_bill_act, write_off_act,
};
use crate::error::Result;
use serde_json::Value as Json;

const WAYBILL_XML: Parameter = required("НакладнаяXML", "WaybillXml", Kind::Structure);
const FORM2_XML: Parameter = required("Справка2XML", "Form2Xml", Kind::Structure);
const DECISION: Parameter = required("Решение", "Decision", Kind::Text);
const NUMBER: Parameter = required("Номер", "Number", Kind::Text);

/// A method that gives the XML of a document.
const fn document(
    ru: &'static str,
    en: &'static str,
    run: Function<EgaisObject>,
    help: Help,
) -> Method<EgaisObject> {
    Method::new(ru, en, run, help).returns(Kind::Text).fails(DOCUMENT)
}

/// A method that takes `Данные` with Russian or English names.
macro_rules! act {
    ($ru:literal, $en:literal, $make:expr, $help:expr) => {
        document(
            $ru,
            $en,
            |egais: &mut EgaisObject, call| {
                let make: fn(&str, &Json) -> Result<Ready> = $make;
                let owner = egais.owner(call, 1)?;
                Ok(made(make(&owner, &data(call, 0)?)?))
            },
            $help,
        )
        .takes(&[required("Данные", "Data", Kind::Structure), OWNER])
    };
}

pub(super) const METHODS: &[Method<EgaisObject>] = &[
    document(
        "АктПоНакладной",
        "WayBillActFor",
        act_for,
        help(
            "акт по входящей накладной; Решение: Подтвердить, Отказать, Расхождения",
            "the act on an incoming waybill; Decision: Accepted, Rejected, Differences",
        ),
    )
    .takes(&[
        WAYBILL_XML,
        FORM2_XML,
        DECISION,
        NUMBER,
        optional("Расхождения", "Differences", Kind::Structure, Default::Omitted),
        NOTE,
        OWNER,
    ]),
    document(
        "ВозвратПоставщику",
        "ReturnWayBillFor",
        return_for,
        help(
            "накладная на возврат по входящей; без Позиций возвращается всё",
            "a waybill that returns an incoming one; without Positions everything goes back",
        ),
    )
    .takes(&[
        WAYBILL_XML,
        FORM2_XML,
        value("Позиции", "Positions", Kind::Structure),
        NUMBER,
        NOTE,
        OWNER,
    ]),
    document(
        "ОтветНаАктРасхождений",
        "ConfirmDifferences",
        |egais: &mut EgaisObject, call| answer(egais, call, Asked::Differences),
        help(
            "ответ отправителя на акт с расхождениями: Подтвердить или Отказать",
            "the sender's answer to an act with differences: Accepted or Rejected",
        ),
    )
    .takes(&[
        required("АктИлиНомерТТН", "ActOrWaybillId", Kind::Structure),
        DECISION,
        NUMBER,
        NOTE,
        OWNER,
    ]),
    document(
        "ЗапросКлассификатора",
        "ClassifierQuery",
        |egais: &mut EgaisObject, call| {
            let (operation, name, value) = (call.text(0)?, call.text(1)?, call.text(2)?);
            Ok(made(classifier_query(&egais.owner(call, 3)?, &operation, &name, &value)?))
        },
        help(
            "запрос организации по ИНН или СИО, продукции — по ИНН или КОД",
            "asks for an organisation by ИНН (INN) or СИО (FSRAR_ID), for products by ИНН (INN) or КОД (code)",
        ),
    )
    .takes(&[
        required("Операция", "Operation", Kind::Text),
        required("ИмяПараметра", "ParameterName", Kind::Text),
        required("ЗначениеПараметра", "ParameterValue", Kind::Text),
        OWNER,
    ]),
    document(
        "ЗапросОстатков",
        "RestsQuery",
        |egais: &mut EgaisObject, call| {
            let register = Register::read(&call.text(0)?).map_err(|error| call.in_parameter(0, error))?;
            let (form2, catering) = (call.text(1)?, call.boolean(2)?);
            Ok(made(rests_query(&egais.owner(call, 3)?, register, &form2, catering)?))
        },
        help(
            "запрос остатков; Регистр: Склад, ТорговыйЗал или Марки (с номером Справки2)",
            "asks for rests; Register: Warehouse, Shop or Marks (with the id of Form2)",
        ),
    )
    .takes(&[
        optional("Регистр", "Register", Kind::Text, Default::Text("")),
        optional("Справка2", "Form2", Kind::Text, Default::Text("")),
        optional("Общепит", "Catering", Kind::Boolean, Default::Boolean(false)),
        OWNER,
    ]),
    document(
        "ЗапросСправки",
        "FormQuery",
        |egais: &mut EgaisObject, call| {
            let (id, kind) = (call.text(0)?, call.text(1)?);
            Ok(made(form_query(&egais.owner(call, 2)?, &id, &kind)?))
        },
        help(
            "запрос справки; вид ясен по номеру FA- или FB-, иначе ВидСправки",
            "asks for a form; its id FA- or FB- tells the kind, else FormKind does",
        ),
    )
    .takes(&[
        required("НомерСправки", "FormId", Kind::Text),
        optional("ВидСправки", "FormKind", Kind::Text, Default::Text("")),
        OWNER,
    ]),
    document(
        "ЗапросНеобработанныхТТН",
        "UnansweredQuery",
        |egais: &mut EgaisObject, call| Ok(made(unanswered_query(&egais.owner(call, 0)?)?)),
        help(
            "запрос накладных, на которые организация ещё не ответила",
            "asks for the waybills that the organisation has not answered yet",
        ),
    )
    .takes(&[OWNER]),
    document(
        "ЗапросПовтораДокумента",
        "ResendQuery",
        |egais: &mut EgaisObject, call| {
            let waybill = call.text(0)?;
            Ok(made(resend_query(&egais.owner(call, 1)?, &waybill)?))
        },
        help(
            "запрос накладной и её справки ещё раз, по номеру TTN-…",
            "asks for a waybill and its registration once more, by its id TTN-…",
        ),
    )
    .takes(&[required("НомерТТН", "WaybillId", Kind::Text), OWNER]),
    document(
        "ЗапросОтмены",
        "RepealRequest",
        |egais: &mut EgaisObject, call| {
            let repealed = Repealed::read(&call.text(0)?).map_err(|error| call.in_parameter(0, error))?;
            let (registration, number) = (call.text(1)?, call.text(2)?);
            Ok(made(repeal_request(&egais.owner(call, 3)?, repealed, &registration, &number)?))
        },
        help(
            "запрос отмены проведения; ВидДокумента: Накладная (просит получатель), АктПостановки, АктСписания",
            "asks to repeal; DocumentKind: WayBill (by its recipient), ActChargeOn, ActWriteOff",
        ),
    )
    .takes(&[
        required("ВидДокумента", "DocumentKind", Kind::Text),
        required("НомерВЕГАИС", "RegistrationId", Kind::Text),
        NUMBER,
        OWNER,
    ]),
    document(
        "ПодтверждениеОтмены",
        "ConfirmRepeal",
        |egais: &mut EgaisObject, call| answer(egais, call, Asked::Repeal),
        help(
            "ответ отправителя на запрос отмены накладной: Подтвердить или Отказать",
            "the sender's answer to a request to repeal a waybill: Accepted or Rejected",
        ),
    )
    .takes(&[
        required("ЗапросИлиНомерТТН", "RequestOrWaybillId", Kind::Structure),
        DECISION,
        NUMBER,
        NOTE,
        OWNER,
    ]),
    document(
        "ВерсияФормата",
        "FormatVersion",
        |egais: &mut EgaisObject, call| {
            let format = call.text(0)?;
            Ok(made(format_version(&egais.owner(call, 1)?, &format)?))
        },
        help(
            "сообщает ЕГАИС, в каком формате организация принимает накладные",
            "tells EGAIS in which format the organisation takes waybills",
        ),
    )
    .takes(&[optional("Формат", "Format", Kind::Text, Default::Text("WayBill_v4")), OWNER]),
    act!(
        "АктСписания",
        "WriteOffAct",
        write_off_act,
        help(
            "акт списания со склада или из торгового зала: Номер, Дата, Причина, Регистр, Позиции",
            "a write-off act of the warehouse or the shop: Number, Date, Reason, Register, Positions",
        )
    ),
    act!(
        "АктПостановки",
        "ChargeOnAct",
        charge_on_act,
        help(
            "акт постановки на баланс: Номер, Дата, Причина, Регистр, АктСписания, Позиции",
            "a charge-on act: Number, Date, Reason, Register, WriteOffAct, Positions",
        )
    ),
    act!(
        "ПередачаВТорговыйЗал",
        "TransferToShop",
        transfer_to_shop,
        help(
            "передача в торговый зал: Номер, Дата, Позиции с КодПродукции, Справка2, Количество",
            "a transfer to the shop: Number, Date, Positions with ProductCode, Form2, Quantity",
        )
    ),
    act!(
        "ВозвратИзТорговогоЗала",
        "TransferFromShop",
        transfer_from_shop,
        help(
            "возврат из торгового зала на склад: Номер, Дата, Позиции с КодПродукции, Справка2, Количество",
            "a transfer back from the shop: Number, Date, Positions with ProductCode, Form2, Quantity",
        )
    ),
    act!(
        "АктФиксацииМарок",
        "FixBarCodeAct",
        fix_bar_code_act,
        help(
            "акт, который закрепляет марки за справками 2: Номер, Дата, Позиции со Справка2, Марки",
            "an act that ties marks to F2 ids: Number, Date, Positions with Form2, Marks",
        )
    ),
    act!(
        "ОтменаФиксацииМарок",
        "UnFixBarCodeAct",
        un_fix_bar_code_act,
        help(
            "акт, который снимает закрепление марок: Номер, Дата, Позиции со Справка2, Марки",
            "an act that unties marks: Number, Date, Positions with Form2, Marks",
        )
    ),
    document(
        "Чек",
        "Cheque",
        |egais: &mut EgaisObject, call| {
            let format = ChequeFormat::read(&call.text(1)?).map_err(|error| call.in_parameter(1, error))?;
            let owner = match format {
                ChequeFormat::Old => String::new(),
                ChequeFormat::V3 | ChequeFormat::V4 => egais.owner(call, 2)?,
            };
            Ok(made(cheque(format, &owner, &data(call, 0)?)?))
        },
        help(
            "чек; Формат: Старый, V3 или V4 (по умолчанию)",
            "a cheque; Format: Old, V3 or V4 (the default)",
        ),
    )
    .takes(&[
        required("Данные", "Data", Kind::Structure),
        optional("Формат", "Format", Kind::Text, Default::Text("")),
        OWNER,
    ]),
];

fn made(ready: Ready) -> Value {
    ready.xml.into()
}

fn act_for(_: &mut EgaisObject, call: &mut Call<'_>) -> Result<Value> {
    let (waybill, form2) = (xml(call, 0)?, xml(call, 1)?);
    let decision = ActDecision::read(&call.text(2)?).map_err(|error| call.in_parameter(2, error))?;
    let (number, differences, note) = (call.text(3)?, data(call, 4)?, call.text(5)?);
    let owner = owner_of_answer(call, 6)?;
    Ok(made(way_bill_act(&owner, &waybill, &form2, decision, &number, &differences, &note)?))
}

fn return_for(_: &mut EgaisObject, call: &mut Call<'_>) -> Result<Value> {
    let (waybill, form2, positions) = (xml(call, 0)?, xml(call, 1)?, data(call, 2)?);
    let (number, note) = (call.text(3)?, call.text(4)?);
    let owner = owner_of_answer(call, 5)?;
    Ok(made(return_way_bill(&owner, &waybill, &form2, &positions, &number, &note)?))
}

/// The owner that the call names. Without one the consignee answers, whatever organisation the object is for; a sender
/// who withdraws a waybill by an act of its own names itself.
fn owner_of_answer(call: &Call<'_>, number: usize) -> Result<String> {
    fsrar_id(&call.text(number)?).map_err(|error| call.in_parameter(number, error))
}

/// Answers what a recipient asks: the document, or the number of its waybill, and a decision.
fn answer(egais: &mut EgaisObject, call: &mut Call<'_>, asked: Asked) -> Result<Value> {
    let source = xml(call, 0)?;
    let decision = Decision::read(&call.text(1)?).map_err(|error| call.in_parameter(1, error))?;
    let (number, note) = (call.text(2)?, call.text(3)?);
    let owner = egais.owner(call, 4)?;
    let source = String::from_utf8_lossy(&source);
    Ok(made(answer_recipient(asked, &owner, &source, decision, &number, &note)?))
}
