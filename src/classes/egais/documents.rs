//! Methods for any document type: build, check, parse, describe; marks and identities.

use super::EgaisObject;
use super::input::{DOCUMENT, OWNER, xml};
use crate::addin::{Call, Default, Kind, Method, Parameter, Value, help, optional, required};
use crate::egais::build::{BuildOptions, build, check_data, document_type};
use crate::egais::check::check_xml;
use crate::egais::describe::describe;
use crate::egais::mark::check_mark;
use crate::egais::model::{Direction, Document};
use crate::egais::parse::parse;
use crate::egais::problem::{Problem, to_json};
use crate::egais::template::template;
use crate::egais::types::{new_identity, types};
use crate::error::Result;

const TYPE: Parameter = required("ТипДокумента", "DocumentType", Kind::Text);
const DATA: Parameter = required("Данные", "Data", Kind::Structure);
const OPTIONS: Parameter = optional("Параметры", "Options", Kind::Structure, Default::Omitted);

pub(super) const METHODS: &[Method<EgaisObject>] = &[
    Method::new(
        "СформироватьXML",
        "BuildXml",
        |egais: &mut EgaisObject, call| Ok(build_xml(egais, call)?.into()),
        help(
            "данные — в проверенный XML документа целиком; Параметры: Проверять (Истина)",
            "data to the checked XML of a whole document; Options: Check (true)",
        ),
    )
    .takes(&[TYPE, DATA, OWNER, OPTIONS])
    .returns(Kind::Text)
    .fails(DOCUMENT),
    Method::new(
        "СформироватьXMLДвоичные",
        "BuildXmlBytes",
        |egais: &mut EgaisObject, call| Ok(Value::Binary(build_xml(egais, call)?.into_bytes())),
        help(
            "то же, что СформироватьXML, но в ДвоичныеДанные: UTF-8 без BOM",
            "the same as BuildXml, but as BinaryData: UTF-8 without a byte order mark",
        ),
    )
    .takes(&[TYPE, DATA, OWNER, OPTIONS])
    .returns(Kind::Binary)
    .fails(DOCUMENT),
    Method::new(
        "ПроверитьДокумент",
        "CheckDocument",
        check_document,
        help(
            "все ошибки и предупреждения в данных документа; пустой массив, если их нет",
            "all errors and warnings in the data of a document; an empty array if there are none",
        ),
    )
    .takes(&[TYPE, DATA, OWNER])
    .returns(Kind::Report)
    .fails(DOCUMENT),
    Method::new(
        "ПроверитьXML",
        "CheckXml",
        |_: &mut EgaisObject, call| {
            let bytes = xml(call, 0)?;
            problems(call, &check_xml(&bytes))
        },
        help(
            "все ошибки и предупреждения в XML документа; пустой массив, если их нет",
            "all errors and warnings in the XML of a document; an empty array if there are none",
        ),
    )
    .takes(&[required("Текст", "Text", Kind::Structure)])
    .returns(Kind::Report),
    Method::new(
        "РазобратьXML",
        "ParseXml",
        |_: &mut EgaisObject, call| {
            let parsed = parse(&xml(call, 0)?).map_err(|error| call.in_parameter(0, error))?;
            call.report(parsed.into_json())
        },
        help(
            "XML документа — в данные: ТипДокумента, Владелец, Данные, НеизвестныеЭлементы",
            "the XML of a document to data: ТипДокумента, Владелец, Данные, НеизвестныеЭлементы",
        ),
    )
    .takes(&[required("ТекстИлиДвоичные", "TextOrBinary", Kind::Structure)])
    .returns(Kind::Report)
    .fails(DOCUMENT),
    Method::new(
        "ОписаниеДокумента",
        "DescribeDocument",
        |_: &mut EgaisObject, call| call.report(describe(document(call)?, call.language()).to_string()),
        help(
            "поля типа документа: виды, ограничения, обязательность, подсказки",
            "the fields of a document type: kinds, limits, whether required, hints",
        ),
    )
    .takes(&[TYPE])
    .returns(Kind::Report),
    Method::new(
        "ШаблонДокумента",
        "DocumentTemplate",
        |_: &mut EgaisObject, call| call.report(template(document(call)?).to_string()),
        help(
            "наименьшие верные данные для типа документа: заготовка для заполнения",
            "the smallest valid data of a document type: a skeleton to fill in",
        ),
    )
    .takes(&[TYPE])
    .returns(Kind::Report),
    Method::new(
        "ТипыДокументов",
        "DocumentTypes",
        |_: &mut EgaisObject, call| {
            let direction = Direction::read(&call.text(0)?).map_err(|error| call.in_parameter(0, error))?;
            call.report(types(direction, call.language()).to_string())
        },
        help(
            "известные типы документов; Направление: Исходящие, Входящие или пусто",
            "the known document types; Direction: Out, In or empty",
        ),
    )
    .takes(&[optional("Направление", "Direction", Kind::Text, Default::Text(""))])
    .returns(Kind::Report),
    Method::new(
        "ИмяВURL",
        "UrlName",
        |_: &mut EgaisObject, call| Ok(document(call)?.url_name().into()),
        help(
            "как тип документа называется в адресах УТМ",
            "what a document type is called in the addresses of UTM",
        ),
    )
    .takes(&[TYPE])
    .returns(Kind::Text),
    Method::new(
        "ПроверитьМарку",
        "CheckMark",
        |_: &mut EgaisObject, call| {
            call.report(check_mark(&call.text(0)?).to_json(call.language()).to_string())
        },
        help(
            "вид кода марки, пива или короба и то, что в нём записано",
            "the kind of a code of a mark, of beer or of a box, and what it tells",
        ),
    )
    .takes(&[required("Код", "Code", Kind::Text)])
    .returns(Kind::Report),
    Method::new(
        "НовыйИдентификатор",
        "NewIdentity",
        |_, _| Ok(new_identity().into()),
        help("новый UUID для документа или позиции", "a new UUID for a document or a position"),
    )
    .returns(Kind::Text),
];

fn document(call: &Call<'_>) -> Result<&'static Document> {
    document_type(&call.text(0)?).map_err(|error| call.in_parameter(0, error))
}

fn build_xml(egais: &mut EgaisObject, call: &mut Call<'_>) -> Result<String> {
    let document = document(call)?;
    let mut options = call.options(3)?;
    let check = options.take_flag("Проверять", "Check").map_err(|error| call.in_parameter(3, error))?;
    options.finish().map_err(|error| call.in_parameter(3, error))?;
    // Documents without an envelope, such as the old cheque, have no owner.
    let owner = if document.is_root { String::new() } else { egais.owner(call, 2)? };
    let options = BuildOptions { check: check.unwrap_or(true) };
    build(document, &mut call.structure(1)?, &owner, options)
}

fn check_document(egais: &mut EgaisObject, call: &mut Call<'_>) -> Result<Value> {
    let document = document(call)?;
    let owner = egais.owner_if_known(call, 2)?;
    let owner = (!owner.is_empty()).then_some(owner.as_str());
    let found = check_data(document, &mut call.structure(1)?, owner)?;
    problems(call, &found)
}

fn problems(call: &Call<'_>, problems: &[Problem]) -> Result<Value> {
    call.report(to_json(problems, call.language()))
}
