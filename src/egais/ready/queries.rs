//! Queries: classifiers, rests, forms, unanswered waybills, waybills once more; and the notice of the accepted format.

use super::{Ready, make, one_of, required, wrong};
use crate::bilingual;
use crate::error::Result;
use serde_json::{Value as Json, json};

fn with_parameters(type_name: &str, owner: &str, parameters: &[(&str, &str)]) -> Result<Ready> {
    let list: Vec<Json> =
        parameters.iter().map(|(name, value)| json!({ "Name": name, "Value": value })).collect();
    let data = if list.is_empty() { json!({}) } else { json!({ "Parameters": { "Parameter": list } }) };
    make(type_name, &data, owner)
}

/// Asks a classifier: organisations by INN (`ИНН`) or FSRAR_ID (`СИО`) with `QueryClients_v2`, products by the INN of
/// their producer (`ИНН`) or by code (`КОД`) with `QueryAP_v2`.
///
/// # Errors
/// `argument` for any other pair of operation and parameter.
pub fn classifier_query(owner: &str, operation: &str, parameter: &str, value: &str) -> Result<Ready> {
    let clients: &[&str] = &[
        "ЗапросДанныхОрганизации",
        "Организация",
        "Организации",
        "QueryClients_v2",
        "QueryClients",
        "QueryPartner",
        "Organisation",
        "Organization",
    ];
    let products: &[&str] = &[
        "ЗапросАлкогольнойПродукции",
        "АлкогольнаяПродукция",
        "Продукция",
        "QueryAP_v2",
        "QueryAP",
        "Product",
    ];
    let table = [("QueryClients_v2", clients), ("QueryAP_v2", products)];
    let type_name = one_of(operation, &table, "Операция", "Operation")?;
    let names: [(&str, &[&str]); 3] =
        [("ИНН", &["ИНН", "INN"]), ("СИО", &["СИО", "FSRAR_ID"]), ("КОД", &["КОД", "CODE"])];
    let name = one_of(parameter, &names, "ИмяПараметра", "ParameterName")?;
    let value = required(value, "ЗначениеПараметра", "ParameterValue")?;
    match (type_name, name) {
        ("QueryClients_v2", "ИНН" | "СИО") | ("QueryAP_v2", "ИНН" | "КОД") => {
            with_parameters(type_name, owner, &[(name, value)])
        }
        _ => Err(wrong(bilingual!(
            "Параметр {name} не подходит к операции {operation}: организации ищут по ИНН или СИО, продукцию — по ИНН или КОД.",
            "The parameter {name} does not fit the operation {operation}: organisations are found by ИНН (INN) or СИО \
             (FSRAR_ID), products by ИНН (INN) or КОД (code)."
        ))
        .with("parameter", "ИмяПараметра")),
    }
}

/// Where products lie.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Register {
    /// Register 1: the warehouse.
    Warehouse,
    /// Register 2: the shop.
    Shop,
    /// Marks under an F2 id.
    Marks,
}

impl Register {
    /// Reads `Склад`/`Warehouse`/`1`, `ТорговыйЗал`/`Shop`/`2`, `Марки`/`Marks`; the empty text is the warehouse.
    ///
    /// # Errors
    /// `argument` for other words.
    pub fn read(text: &str) -> Result<Self> {
        let table: [(Self, &[&str]); 3] = [
            (Self::Warehouse, &["Склад", "Warehouse", "1", "Регистр1", ""]),
            (Self::Shop, &["ТорговыйЗал", "Shop", "2", "Регистр2", "Торговый зал"]),
            (Self::Marks, &["Марки", "Marks"]),
        ];
        one_of(text, &table, "Регистр", "Register")
    }
}

/// Asks for rests: of the warehouse, of the shop, or for the marks under the F2 id `form2`; `catering` asks for marks that
/// are sold by the glass.
///
/// # Errors
/// `argument` for marks without an F2 id, and for an F2 id without marks.
pub fn rests_query(owner: &str, register: Register, form2: &str, catering: bool) -> Result<Ready> {
    match register {
        Register::Marks => {
            let form2 = required(form2, "Справка2", "Form2")?;
            let parameters = [("ФОРМА2", form2), ("ОБЩЕПИТ", "true")];
            with_parameters(
                "QueryRestBCode",
                owner,
                parameters.get(..if catering { 2 } else { 1 }).unwrap_or_default(),
            )
        }
        _ if !form2.trim().is_empty() => Err(wrong(bilingual!(
            "Справка 2 указывается только для остатков марок.",
            "An F2 id is given only for rests of marks."
        ))),
        Register::Warehouse => with_parameters("QueryRests_v2", owner, &[]),
        Register::Shop => with_parameters("QueryRestsShop_v2", owner, &[]),
    }
}

/// Asks for a form: an F1 record (`FA-…`) or an F2 record (`FB-…`); the beginning of the id tells which, `kind` overrides
/// it (`Справка1`/`F1`, `Справка2`/`F2`, `СправкаА`/`A`, `СправкаБ`/`B`).
///
/// # Errors
/// `argument` for an id of another kind without `kind`.
pub fn form_query(owner: &str, id: &str, kind: &str) -> Result<Ready> {
    let id = required(id, "НомерСправки", "FormId")?;
    let table: [(&str, &[&str]); 4] = [
        ("QueryFormF1", &["Справка1", "F1", "1"]),
        ("QueryFormF2", &["Справка2", "F2", "2"]),
        ("QueryFormA", &["СправкаА", "A", "А"]),
        ("QueryFormB", &["СправкаБ", "B", "Б"]),
    ];
    let upper = id.to_uppercase();
    let type_name = match kind.trim() {
        "" if upper.starts_with("FA-") => "QueryFormF1",
        "" if upper.starts_with("FB-") => "QueryFormF2",
        "" => {
            return Err(wrong(bilingual!(
                "По номеру «{id}» не понять, какая это справка: номер справки 1 начинается с FA-, справки 2 — с FB-. Укажите вид.",
                "The id '{id}' does not tell the kind of form: F1 ids begin with FA-, F2 ids with FB-. Give the kind."
            )));
        }
        kind => one_of(kind, &table, "ВидСправки", "FormKind")?,
    };
    make(type_name, &json!({ "FormRegId": id }), owner)
}

/// `QueryNATTN`: asks for the waybills that the owner has not answered.
///
/// # Errors
/// `egais_document` for a wrong owner.
pub fn unanswered_query(owner: &str) -> Result<Ready> {
    with_parameters("QueryNATTN", owner, &[("КОД", required(owner, "КодФСРАР", "FsrarId")?)])
}

/// `QueryResendDoc`: asks for a waybill and its registration once more, by its number in EGAIS (`TTN-…`).
///
/// # Errors
/// `argument` without a number.
pub fn resend_query(owner: &str, waybill: &str) -> Result<Ready> {
    let waybill = required(waybill, "НомерТТН", "WaybillId")?;
    with_parameters("QueryResendDoc", owner, &[("WBREGID", waybill)])
}

/// `InfoVersionTTN`: tells EGAIS which format of waybills the owner wants; `WayBill_v4`, `v4` or `4`.
///
/// # Errors
/// `argument` for a format that EGAIS does not know.
pub fn format_version(owner: &str, format: &str) -> Result<Ready> {
    let owner = required(owner, "КодФСРАР", "FsrarId")?;
    let table: [(&str, &[&str]); 5] = [
        ("WayBill_v4", &["WayBill_v4", "v4", "4", "V4"]),
        ("WayBill_v3", &["WayBill_v3", "v3", "3"]),
        ("WayBill_v2", &["WayBill_v2", "v2", "2"]),
        ("WayBill", &["WayBill", "v1", "1"]),
        ("UniversalTransferDocument", &["UniversalTransferDocument", "УПД"]),
    ];
    let format = one_of(format, &table, "Формат", "Format")?;
    make("InfoVersionTTN", &json!({ "ClientId": owner, "WBTypeUsed": format }), owner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::egais::parse::parse;

    const OWNER: &str = "020000000001";

    fn is_argument(result: Result<Ready>) -> bool {
        result.err().map(|error| error.code()) == Some(crate::error::Code::Argument)
    }

    fn parameters(ready: &Ready) -> Result<(String, String)> {
        let parsed = parse(ready.xml.as_bytes())?;
        assert_eq!(parsed.problems, []);
        Ok((parsed.type_name.clone(), parsed.data().to_owned()))
    }

    #[test]
    fn classifiers_are_asked_by_the_parameters_they_know() -> Result<()> {
        let ready = classifier_query(OWNER, "ЗапросДанныхОрганизации", "инн", "7701234567")?;
        assert_eq!(
            parameters(&ready)?,
            (
                "QueryClients_v2".to_owned(),
                r#"{"Parameters":[{"Parameter":[{"Name":"ИНН","Value":"7701234567"}]}]}"#.to_owned()
            )
        );
        let ready = classifier_query(OWNER, "ЗапросАлкогольнойПродукции", "КОД", "0150325000001194943")?;
        assert_eq!(ready.type_name, "QueryAP_v2");
        for (operation, parameter) in [
            ("ЗапросДанныхОрганизации", "КОД"),
            ("ЗапросАлкогольнойПродукции", "СИО"),
            ("Погода", "ИНН"),
            ("QueryAP", "КПП"),
        ] {
            assert!(
                is_argument(classifier_query(OWNER, operation, parameter, "1")),
                "{operation} {parameter}"
            );
        }
        assert!(is_argument(classifier_query(OWNER, "QueryAP", "ИНН", " ")));
        Ok(())
    }

    #[test]
    fn rests_are_asked_of_both_registers_and_of_marks() -> Result<()> {
        let ready = rests_query(OWNER, Register::read("Склад")?, "", false)?;
        assert_eq!(parameters(&ready)?, ("QueryRests_v2".to_owned(), "{}".to_owned()));
        assert_eq!(rests_query(OWNER, Register::read("2")?, "", false)?.type_name, "QueryRestsShop_v2");
        let ready = rests_query(OWNER, Register::read("марки")?, "FB-1", true)?;
        assert_eq!(
            parameters(&ready)?.1,
            r#"{"Parameters":[{"Parameter":[{"Name":"ФОРМА2","Value":"FB-1"},{"Name":"ОБЩЕПИТ","Value":"true"}]}]}"#
        );
        assert!(is_argument(rests_query(OWNER, Register::Marks, "", false)));
        assert!(is_argument(rests_query(OWNER, Register::Shop, "FB-1", false)));
        Ok(())
    }

    #[test]
    fn the_id_of_a_form_tells_its_kind() -> Result<()> {
        assert_eq!(form_query(OWNER, "FA-000000041717288", "")?.type_name, "QueryFormF1");
        assert_eq!(form_query(OWNER, "FB-000002110489152", "")?.type_name, "QueryFormF2");
        assert_eq!(form_query(OWNER, "123", "СправкаБ")?.type_name, "QueryFormB");
        assert!(is_argument(form_query(OWNER, "123", "")));
        Ok(())
    }

    #[test]
    fn waybills_are_listed_sent_again_and_wanted_in_a_format() -> Result<()> {
        assert!(unanswered_query(OWNER)?.xml.contains("<qp:Value>020000000001</qp:Value>"));
        assert!(
            resend_query(OWNER, "TTN-1")?
                .xml
                .contains("<qp:Name>WBREGID</qp:Name><qp:Value>TTN-1</qp:Value>")
        );
        assert!(format_version(OWNER, "4")?.xml.contains("<wbfu:WBTypeUsed>WayBill_v4</wbfu:WBTypeUsed>"));
        assert!(is_argument(format_version(OWNER, "5")));
        Ok(())
    }
}
