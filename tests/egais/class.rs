//! `ObmenEgais` as BSL uses it: through the binary interface, by the host in C.

use crate::common::host::{self, Run, quoted};
use crate::oracle::Oracle;
use crate::ready::{CONSIGNEE, marks, party, product, way_bill};
use obmen::egais::build::{BuildOptions, build, document_type};
use obmen::egais::check::check_xml;
use obmen::egais::parse::parse;
use obmen::egais::problem::Severity;
use obmen::error::Result;
use obmen::value::convert::{Target, transform};
use obmen::value::{Input, open};
use serde_json::{Value as Json, json};
use std::fmt::Write as _;
use tempfile::TempDir;

const OWNER: &str = "020000000001";

/// Statements for one `ObmenEgais`, with their long values in files.
struct Script {
    folder: TempDir,
    statements: String,
    files: usize,
}

impl Script {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        Self { folder, statements: format!("КодФСРАР = {OWNER:?}\n"), files: 0 }
    }

    fn file(&mut self, mark: &str, bytes: &[u8]) -> String {
        self.files += 1;
        let path = self.folder.path().join(self.files.to_string());
        std::fs::write(&path, bytes).expect("a writable folder");
        format!("{mark}{}", path.display())
    }

    /// A string of any length.
    fn text(&mut self, text: &str) -> String {
        self.file("@", text.as_bytes())
    }

    /// `ДвоичныеДанные`.
    fn bytes(&mut self, bytes: &[u8]) -> String {
        self.file("@@", bytes)
    }

    fn add(&mut self, statement: &str) -> &mut Self {
        writeln!(self.statements, "{statement}").expect("memory");
        self
    }

    fn run(&self) -> Option<Run> {
        host::script(&["--class", "ObmenEgais"], &self.statements)
    }
}

fn text_of(statement: &Json) -> &str {
    assert_eq!(statement["ok"], true, "{statement}");
    statement["value"].as_str().unwrap_or_else(|| panic!("no text: {statement}"))
}

fn act() -> Json {
    json!({
        "identity": "7f0c", "HEADER": { "ActNumber": 5, "ActDate": "31.01.2024", "TypeWriteOff": "Порча", "Note": " бой " },
        "Content": { "Position": { "Identity": "1", "Quantity": "1,5", "InformF1F2": { "InformF2": { "F2RegId": "FB-000000000000001" } } } },
    })
}

fn built(data: &Json) -> Result<String> {
    let text = data.to_string();
    build(
        document_type("ActWriteOff_v3")?,
        &mut open(Input::text(&text), None)?,
        OWNER,
        BuildOptions::default(),
    )
}

#[test]
fn a_document_is_built_from_every_form_of_data_checked_and_parsed() -> Result<()> {
    let json = act().to_string();
    let form = |target| {
        Result::Ok(
            transform(Input::text(&json), None, target, &Default::default(), &mut || Ok(()))?.into_text(),
        )
    };
    let mut script = Script::new();
    let xml = built(&act())?;
    for text in [json.clone(), form(Target::Internal)?, form(Target::Xdto)?] {
        let (string, binary) = (script.text(&text), script.bytes(text.as_bytes()));
        script.add(&format!("СформироватьXML(\"ActWriteOff_v3\", {string}, {})", quoted(OWNER)));
        // The owner of the object counts where the call names none.
        script.add(&format!("BuildXmlBytes(\"actwriteoff_V3\", {binary})"));
    }
    let Some(run) = script.run() else { return Ok(()) };
    for statement in &run.statements[1..] {
        assert_eq!(text_of(statement), xml);
    }

    let mut script = Script::new();
    let (string, binary) = (script.text(&xml), script.bytes(xml.as_bytes()));
    for argument in [&string, &binary] {
        script.add(&format!("ПроверитьXML({argument})"));
        script.add(&format!("РазобратьXML({argument})"));
    }
    let data = script.text(&json);
    script.add(&format!("ПроверитьДокумент(\"ActWriteOff_v3\", {data})"));
    script.add("ФорматРезультата = \"Внутр\"").add(&format!("ParseXml({string})"));
    let Some(run) = script.run() else { return Ok(()) };
    let parsed = parse(xml.as_bytes())?.into_json();
    let [_, first_check, first_parse, second_check, second_parse, data_check, _, internal] =
        run.statements.as_slice()
    else {
        panic!("{run:?}")
    };
    assert_eq!([first_check, second_check, data_check].map(text_of), ["[]"; 3]);
    assert_eq!([first_parse, second_parse].map(text_of), [parsed.as_str(); 2]);
    let back =
        transform(Input::text(text_of(internal)), None, Target::Json, &Default::default(), &mut || Ok(()))?;
    assert_eq!(back.into_text(), parsed);
    Ok(())
}

#[test]
fn all_problems_are_told_in_the_language_of_the_object() -> Result<()> {
    let wrong = json!({
        "Header": { "ActNumber": "5", "ActDate": "вчера", "TypeWriteOff": "Кража" },
        "Content": { "Position": [{ "Identity": "1", "Quantity": -1, "Informf1F2": {} }] }, "Extra": 1,
    });
    let mut script = Script::new();
    let data = script.text(&wrong.to_string());
    script.add(&format!("ПроверитьДокумент(\"ActWriteOff_v3\", {data}, \"нет\")"));
    script.add(&format!("ПроверитьДокумент(\"ActWriteOff_v3\", {data})"));
    script.add("ЯзыкСообщений = \"en\"");
    script.add(&format!("CheckDocument(\"ActWriteOff_v3\", {data})"));
    script.add(&format!("BuildXml(\"ActWriteOff_v3\", {data})")).add("LastError");
    script.add("CheckXml(\"<a>\")");
    let Some(run) = script.run() else { return Ok(()) };
    let [_, bad_owner, russian, _, english, refused, error, no_xml] = run.statements.as_slice() else {
        panic!("{run:?}")
    };
    assert_eq!((&bad_owner["ok"], &refused["ok"]), (&json!(false), &json!(false)));
    let problems = |statement| {
        let list: Json = serde_json::from_str(text_of(statement)).expect("JSON");
        list.as_array().cloned().expect("an array")
    };
    let (russian, english) = (problems(russian), problems(english));
    let places = |list: &[Json]| {
        list.iter().map(|item| (item["path"].clone(), item["rule"].clone())).collect::<Vec<_>>()
    };
    assert_eq!(places(&russian), places(&english));
    for place in [
        ("Header.ActDate", "xsd.dateTime"),
        ("Header.TypeWriteOff", "xsd.enumeration"),
        ("Content.Position[0].Quantity", "xsd.minExclusive"),
        ("Extra", "xsd.unknown"),
    ] {
        let path_only = |path: &str| places(&russian).iter().any(|(found, _)| found == path);
        assert!(path_only(place.0), "{place:?} in {russian:?}");
    }
    for (russian, english) in russian.iter().zip(&english) {
        assert!(russian["message"].as_str().is_some_and(|text| text.contains(|c| ('а'..='я').contains(&c))));
        assert_ne!(russian["message"], english["message"]);
        assert_eq!(russian["severity"], "error");
    }
    let error: Json = serde_json::from_str(text_of(error)).expect("JSON");
    assert_eq!(error["code"], "egais_document");
    assert_eq!(error["problems"], json!(russian.len()));
    let no_xml = problems(no_xml);
    assert_eq!((no_xml.len(), &no_xml[0]["rule"]), (1, &json!("xml")));
    Ok(())
}

#[test]
fn what_cannot_begin_is_an_error_that_names_the_parameter() {
    let mut script = Script::new();
    let calls = [
        ("СформироватьXML(\"ActWriteOf_v3\", \"{}\")", "argument", "ActWriteOff_v3"),
        ("СформироватьXML(\"ActWriteOff_v3\", \"{\")", "value_text", "Данные"),
        ("СформироватьXML(\"ActWriteOff_v3\", 5)", "argument", "Данные"),
        ("СформироватьXML(\"Ticket\", \"{}\", \"12a\")", "argument", "КодФСРАР"),
        ("СформироватьXML(\"Ticket\", \"{}\", , \"{\"\"Провереть\"\": true}\")", "argument", "Проверять"),
        ("РазобратьXML(\"просто текст\")", "value_text", "ТекстИлиДвоичные"),
        ("РазобратьXML(\"<!DOCTYPE a><a/>\")", "value_text", "DOCTYPE"),
        ("ТипыДокументов(\"вбок\")", "argument", "Направление"),
        ("АктСписания(\"\")", "argument", "структура"),
        ("АктСписания(\"{\"\"Номер\"\": 1}\", \"x\")", "argument", "КодФСРАР"),
        ("ЗапросКлассификатора(\"Погода\", \"ИНН\", \"1\")", "argument", "Операция"),
        ("ЗапросОстатков(\"Погреб\")", "argument", "Регистр"),
        ("АктПоНакладной(\"<a/>\", \"<a/>\", \"Может быть\", \"1\")", "argument", "Решение"),
        ("АктПоНакладной(\"<a/>\", \"<a/>\", \"Отказать\", \"1\")", "egais_document", "накладная"),
        ("ЗапросОтмены(\"Чек\", \"1\", \"2\")", "argument", "ВидДокумента"),
    ];
    for (call, _, _) in calls {
        script.add(call).add("ПоследняяОшибка").add("ОписаниеОшибки");
    }
    script.add("КодФСРАР = \"\"").add("ЗапросНеобработанныхТТН()").add("КодФСРАР = \"код\"");
    let Some(run) = script.run() else { return };
    for ((call, code, word), answers) in calls.iter().zip(run.statements[1..].chunks(3)) {
        let [result, error, text] = answers else { panic!("{answers:?}") };
        assert_eq!(result["ok"], false, "{call}: {result}");
        let error: Json = serde_json::from_str(text_of(error)).expect("JSON");
        assert_eq!(error["code"], *code, "{call}: {error}");
        assert!(text_of(text).contains(word), "{call}: {text}");
    }
    let [_, no_owner, bad_owner] = &run.statements[run.statements.len() - 3..] else { panic!("{run:?}") };
    assert_eq!((&no_owner["ok"], &bad_owner["ok"]), (&json!(false), &json!(false)));
    assert!(no_owner["errors"][0].as_str().is_some_and(|text| text.contains("КодФСРАР")), "{no_owner}");
}

#[test]
fn types_and_codes_are_described() {
    let mut script = Script::new();
    for statement in [
        "ТипыДокументов()",
        "ТипыДокументов(\"Исходящие\")",
        "ИмяВURL(\"ConfirmTicket\")",
        "ОписаниеДокумента(\"WayBill_v4\")",
        "ШаблонДокумента(\"WayBill_v4\")",
        "ПроверитьМарку(\"22N00001545RJN0891B37ZP41105005070468KTL2CMG4LPCZRJU3K4XIBTU7BUXXUPJ\")",
        "НовыйИдентификатор()",
        "NewIdentity()",
    ] {
        script.add(statement);
    }
    let Some(run) = script.run() else { return };
    assert_eq!(run.json("ТипыДокументов").as_array().map(|types| types.len() < 153), Some(true));
    let all: Json = serde_json::from_str(text_of(&run.statements[1])).expect("JSON");
    assert_eq!(all.as_array().map(Vec::len), Some(153));
    assert_eq!(run.value("ИмяВURL"), "WayBillTicket");
    assert!(run.json("ОписаниеДокумента")["fields"].is_array());
    let template = run.json("ШаблонДокумента");
    assert_eq!(run.json("ПроверитьМарку")["alc_code"], "0150325000001194943");
    assert_eq!(run.value("НовыйИдентификатор").as_str().map(str::len), Some(36));
    assert_ne!(run.value("НовыйИдентификатор"), run.value("NewIdentity"));

    let mut script = Script::new();
    let data = script.text(&template.to_string());
    script.add(&format!("СформироватьXML(\"WayBill_v4\", {data})"));
    let Some(run) = script.run() else { return };
    let problems = check_xml(text_of(&run.statements[1]).as_bytes());
    assert!(problems.iter().all(|problem| problem.severity == Severity::Warning), "{problems:?}");
}

/// Every method that makes a ready document, both names, with arguments that cover its kinds of documents.
#[test]
fn every_ready_document_is_valid_by_the_official_schemas() -> Result<()> {
    let mut script = Script::new();
    let mut expected: Vec<String> = Vec::new();
    let mut call = |script: &mut Script, ru: &str, en: &str, arguments: &str, document: &str| {
        for name in [ru, en] {
            script.add(&format!("{name}({arguments})"));
            expected.push(document.to_owned());
        }
    };
    for version in 1..=4 {
        let (bill, forms) = way_bill(version)?;
        let (bill, forms) = (script.text(&bill), script.bytes(forms.as_bytes()));
        let named = |name: &str| if version == 1 { name.to_owned() } else { format!("{name}_v{version}") };
        let differences = if version > 2 {
            json!([{ "Идентификатор": "pos-1", "НепринятыеМарки": [marks(1)[0]] }])
        } else {
            json!({ "Identity": "pos-1", "Quantity": "2" })
        };
        let differences = script.text(&differences.to_string());
        for arguments in [
            "\"Подтвердить\", 1",
            "\"Rejected\", \"1\", , \"Не то\"",
            &format!("\"Расхождения\", 1, {differences}"),
        ] {
            let arguments = format!("{bill}, {forms}, {arguments}");
            call(&mut script, "АктПоНакладной", "WayBillActFor", &arguments, &named("WayBillAct"));
        }
        for positions in ["Неопределено", &given_back(version)] {
            let positions =
                if positions.starts_with('[') { script.text(positions) } else { positions.to_owned() };
            let arguments = format!("{bill}, {forms}, {positions}, \"В-1\"");
            call(&mut script, "ВозвратПоставщику", "ReturnWayBillFor", &arguments, &named("WayBill"));
        }
    }
    let refused = build(
        document_type("WayBillAct_v4")?,
        &mut open(
            Input::text(
                r#"{"Header":{"IsAccept":"Rejected","ACTNUMBER":"1","ActDate":"2024-01-31","WBRegId":"TTN-7"}}"#,
            ),
            None,
        )?,
        CONSIGNEE,
        BuildOptions::default(),
    )?;
    let refused = script.bytes(refused.as_bytes());
    for (ru, en, arguments, document) in [
        (
            "ОтветНаАктРасхождений",
            "ConfirmDifferences",
            format!("{refused}, \"Подтвердить\", 5, \"да\""),
            "ConfirmTicket",
        ),
        (
            "ОтветНаАктРасхождений",
            "ConfirmDifferences",
            "\"TTN-1\", \"Отказать\", 5".to_owned(),
            "ConfirmTicket",
        ),
        (
            "ПодтверждениеОтмены",
            "ConfirmRepeal",
            "\"TTN-1\", \"Accepted\", \"5\"".to_owned(),
            "ConfirmRepealWB",
        ),
        (
            "ЗапросКлассификатора",
            "ClassifierQuery",
            "\"ЗапросДанныхОрганизации\", \"СИО\", \"020000000001\"".to_owned(),
            "QueryClients_v2",
        ),
        (
            "ЗапросКлассификатора",
            "ClassifierQuery",
            "\"ЗапросДанныхОрганизации\", \"ИНН\", 7701234567".to_owned(),
            "QueryClients_v2",
        ),
        (
            "ЗапросКлассификатора",
            "ClassifierQuery",
            "\"ЗапросАлкогольнойПродукции\", \"КОД\", \"0150325000001194943\"".to_owned(),
            "QueryAP_v2",
        ),
        (
            "ЗапросКлассификатора",
            "ClassifierQuery",
            "\"ЗапросАлкогольнойПродукции\", \"ИНН\", \"7701234567\"".to_owned(),
            "QueryAP_v2",
        ),
        ("ЗапросОстатков", "RestsQuery", String::new(), "QueryRests_v2"),
        ("ЗапросОстатков", "RestsQuery", "\"ТорговыйЗал\"".to_owned(), "QueryRestsShop_v2"),
        ("ЗапросОстатков", "RestsQuery", "\"Марки\", \"FB-1\", Истина".to_owned(), "QueryRestBCode"),
        ("ЗапросСправки", "FormQuery", "\"FA-1\"".to_owned(), "QueryFormF1"),
        ("ЗапросСправки", "FormQuery", "\"FB-1\"".to_owned(), "QueryFormF2"),
        ("ЗапросСправки", "FormQuery", "1, \"СправкаА\"".to_owned(), "QueryFormA"),
        ("ЗапросСправки", "FormQuery", "1, \"B\"".to_owned(), "QueryFormB"),
        ("ЗапросНеобработанныхТТН", "UnansweredQuery", "\"030000000001\"".to_owned(), "QueryNATTN"),
        ("ЗапросПовтораДокумента", "ResendQuery", "\"TTN-1\"".to_owned(), "QueryResendDoc"),
        ("ЗапросОтмены", "RepealRequest", "\"Накладная\", \"TTN-1\", 5".to_owned(), "RequestRepealWB"),
        ("ЗапросОтмены", "RepealRequest", "\"АктПостановки\", \"INV-1\", 5".to_owned(), "RequestRepealACO"),
        ("ЗапросОтмены", "RepealRequest", "\"АктСписания\", \"WOF-1\", 5".to_owned(), "RequestRepealAWO"),
        ("ВерсияФормата", "FormatVersion", String::new(), "InfoVersionTTN"),
        ("ВерсияФормата", "FormatVersion", "\"УПД\"".to_owned(), "InfoVersionTTN"),
    ] {
        call(&mut script, ru, en, &arguments, document);
    }
    let number = "1".repeat(40);
    let stock = |positions: Json| json!({ "Номер": 7, "Дата": "20240131", "Позиции": positions });
    let with = |mut data: Json, more: &Json| {
        let (Some(members), Some(more)) = (data.as_object_mut(), more.as_object()) else { return data };
        members.extend(more.clone());
        data
    };
    let form1 =
        json!({ "ДатаРозлива": "20.11.2023", "НомерНакладной": "Т-1", "ДатаНакладной": "2024-01-06" });
    let moved =
        stock(json!([{ "КодПродукции": "0150325000001194943", "Количество": "3,000", "Справка2": "FB-1" }]));
    let tied = stock(json!({ "Справка2": "FB-1", "Марки": [number] }));
    let line = json!({ "Касса": "K1", "Смена": 1, "Номер": 2, "Вид": "Возврат" });
    let bottle = json!({ "Марка": "22N00001545RJN0891B37ZP41105005070468KTL2CMG4LPCZRJU3K4XIBTU7BUXXUPJ", "Штрихкод": "4620006995702", "Цена": 81 });
    let seller = json!({ "ИНН": "7701234567", "КПП": "770101001", "Адрес": "Москва", "Наименование": "ООО" });
    let beer = json!({ "КодВида": "510", "Наименование": "Пиво", "Крепость": "4.5", "Объем": "0.5", "Цена": "81,5", "Количество": 2 });
    for (ru, en, data, format, document) in [
        (
            "АктСписания",
            "WriteOffAct",
            with(
                stock(
                    json!([{ "Справка2": "FB-1", "Количество": 1, "Марки": number }, { "Справка1": "FA-1", "Количество": 2 }]),
                ),
                &json!({ "Причина": "Порча" }),
            ),
            "",
            "ActWriteOff_v3",
        ),
        (
            "АктСписания",
            "WriteOffAct",
            with(
                stock(json!([{ "Справка2": "FB-1", "Объем": 50, "Сумма": "350.00" }])),
                &json!({ "Причина": "Реализация" }),
            ),
            "",
            "ActWriteOff_v4",
        ),
        (
            "АктСписания",
            "WriteOffAct",
            with(
                stock(json!([{ "Продукция": product(2), "Количество": 1 }])),
                &json!({ "Причина": "Недостача", "Регистр": "ТорговыйЗал" }),
            ),
            "",
            "ActWriteOffShop_v2",
        ),
        (
            "АктПостановки",
            "ChargeOnAct",
            with(
                stock(
                    json!([{ "Продукция": product(2), "Количество": 1, "Справка1": form1, "Марки": [number] }]),
                ),
                &json!({ "Причина": "Пересортица", "АктСписания": "WOF-1" }),
            ),
            "",
            "ActChargeOn_v2",
        ),
        (
            "АктПостановки",
            "ChargeOnAct",
            with(
                stock(json!([{ "Продукция": product(2), "Количество": 1 }])),
                &json!({ "Причина": "Излишки", "Регистр": 2 }),
            ),
            "",
            "ActChargeOnShop_v2",
        ),
        ("ПередачаВТорговыйЗал", "TransferToShop", moved.clone(), "", "TransferToShop"),
        ("ВозвратИзТорговогоЗала", "TransferFromShop", moved, "", "TransferFromShop"),
        ("АктФиксацииМарок", "FixBarCodeAct", tied.clone(), "", "ActFixBarCode"),
        ("ОтменаФиксацииМарок", "UnFixBarCodeAct", tied, "", "ActUnFixBarCode"),
        (
            "Чек",
            "Cheque",
            with(
                with(line.clone(), &seller),
                &json!({ "Позиции": with(bottle.clone(), &json!({ "Объем": "0.5000" })) }),
            ),
            ", \"Старый\"",
            "Cheque",
        ),
        (
            "Чек",
            "Cheque",
            with(with(line.clone(), &seller), &json!({ "Позиции": beer })),
            ", \"Old\"",
            "Cheque",
        ),
        ("Чек", "Cheque", with(line.clone(), &json!({ "Позиции": [bottle] })), ", \"V3\"", "ChequeV3"),
        (
            "Чек",
            "Cheque",
            with(
                line,
                &json!({ "Позиции": [bottle, { "Марка": number, "Цена": "350", "Объем": 50 }, { "Продукция": with(product(2), &json!({ "Producer": party(2, OWNER) })), "Количество": 1, "Цена": 70, "Штрихкод": "4620006995702" }] }),
            ),
            "",
            "ChequeV4",
        ),
    ] {
        let data = script.text(&data.to_string());
        call(&mut script, ru, en, &format!("{data}{format}"), document);
    }

    let Some(run) = script.run() else { return Ok(()) };
    let oracle = Oracle::find();
    assert_eq!(run.statements.len(), expected.len() + 1);
    for (statement, document) in run.statements[1..].iter().zip(&expected) {
        let xml = text_of(statement).to_owned();
        assert_eq!(parse(xml.as_bytes())?.type_name, *document, "{xml}");
        assert_eq!(check_xml(xml.as_bytes()), [], "{xml}");
        if let Some(oracle) = &oracle {
            assert_eq!(oracle.judge(document, std::slice::from_ref(&xml)), [Some(true)], "{xml}");
        }
    }
    Ok(())
}

/// A part of a waybill to give back.
fn given_back(version: u8) -> String {
    if version > 2 {
        json!([{ "Идентификатор": "pos-2", "Марки": [marks(2)[0]] }]).to_string()
    } else {
        json!([{ "Identity": "pos-2", "Quantity": 1 }]).to_string()
    }
}
