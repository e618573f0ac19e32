//! Write-off acts of the warehouse and of the shop.

use super::fields::{FORM2, Fields, Head, MARKS, Names, POSITIONS, QUANTITY, REGISTER, product, put};
use super::queries::Register;
use super::{Ready, make};
use crate::bilingual;
use crate::error::Result;
use serde_json::{Map, Value as Json, json};

const REASON: Names = ("Причина", "Reason");
const SUM: Names = ("Сумма", "Sum");
const VOLUME: Names = ("Объем", "Volume");
const VERSION: Names = ("Версия", "Version");
const FORM1: Names = ("Справка1", "Form1");

/// A write-off act. Data: `Номер`, `Дата`, `Причина` (as EGAIS words it: `Недостача`, `Порча`, `Реализация`, …),
/// `Примечание`, `Идентификатор`, `Регистр` (`Склад` or `ТорговыйЗал`), `Версия` (3 or 4) and `Позиции`.
///
/// Positions of the warehouse: `Справка2` (or `Справка1`), `Количество` or `Объем` (ml, sale by the glass), `Сумма`, `Марки`,
/// `Идентификатор`; the document is `ActWriteOff_v3`, or `_v4` if some position has a volume or the version says so. Positions of
/// the shop: `Продукция` with the schema's names, `Количество`, `Сумма`, `Марки`; the document is `ActWriteOffShop_v2`.
///
/// English: `Number`, `Date`, `Reason`, `Note`, `Identity`, `Register`, `Version`, `Positions`, `Form2`, `Form1`, `Quantity`,
/// `Volume`, `Sum`, `Marks`, `Product`.
///
/// # Errors
/// `argument` for missing or unknown members and for codes that are no marks, `egais_document` for values the schema
/// refuses.
pub fn write_off_act(owner: &str, data: &Json) -> Result<Ready> {
    let fields = Fields::new(data, "")?;
    let head = Head::read(&fields)?;
    let reason = fields.required(REASON)?;
    let register = Register::read(&fields.text(REGISTER)?.unwrap_or_default())?;
    let version = fields.text(VERSION)?;
    let positions = fields.positions(POSITIONS)?;
    let type_name = match (register, version.as_deref()) {
        (Register::Shop, _) => "ActWriteOffShop_v2",
        (_, Some("3")) => "ActWriteOff_v3",
        (_, Some("4")) => "ActWriteOff_v4",
        (_, None) if positions.iter().any(|position| position.value(VOLUME).is_some()) => "ActWriteOff_v4",
        (_, None) => "ActWriteOff_v3",
        (_, Some(other)) => {
            let message = bilingual!(
                "Версия акта списания {other} не известна: 3 или 4.",
                "Version {other} of a write-off act is not known: 3 or 4."
            );
            return Err(fields.error(VERSION, message));
        }
    };
    let positions = fields.content(|position| {
        let mut object = match type_name {
            "ActWriteOffShop_v2" => of_shop(position)?,
            _ => of_warehouse(position, type_name == "ActWriteOff_v4")?,
        };
        put(&mut object, "SumSale", position.text(SUM)?);
        Ok(object.into())
    })?;
    fields.finish()?;
    let data = json!({
        "Identity": head.identity,
        "Header": { "ActNumber": head.number, "ActDate": head.date, "TypeWriteOff": reason, "Note": head.note },
        "Content": { "Position": positions },
    });
    make(type_name, &data, owner)
}

fn of_warehouse(position: &Fields<'_>, with_volume: bool) -> Result<Map<String, Json>> {
    let mut object = Map::new();
    match (position.text(QUANTITY)?, position.text(VOLUME)?) {
        (Some(quantity), None) if with_volume => {
            put(&mut object, "writeoffvolume", Some(json!({ "Quantity": quantity })))
        }
        (Some(quantity), None) => put(&mut object, "Quantity", Some(quantity)),
        (None, Some(volume)) if with_volume => {
            put(&mut object, "writeoffvolume", Some(json!({ "volume": volume })))
        }
        _ => {
            let message = bilingual!(
                "Укажите либо Количество, либо Объем в миллилитрах (версия 4).",
                "Give either Quantity or, in version 4, Volume in millilitres."
            );
            return Err(position.error(QUANTITY, message));
        }
    }
    let form = match (position.text(FORM2)?, position.text(FORM1)?) {
        (Some(form2), None) => json!({ "InformF2": { "F2RegId": form2 } }),
        (None, Some(form1)) => json!({ "InformF1": { "RegId": form1 } }),
        _ => {
            let message = bilingual!("Укажите Справка2 (или Справка1).", "Give Form2 (or Form1).");
            return Err(position.error(FORM2, message));
        }
    };
    object.insert("InformF1F2".to_owned(), form);
    put(&mut object, "MarkCodeInfo", position.marks(MARKS)?);
    Ok(object)
}

fn of_shop(position: &Fields<'_>) -> Result<Map<String, Json>> {
    let mut object = Map::new();
    object.insert("Product".to_owned(), product(position)?);
    object.insert("Quantity".to_owned(), position.required(QUANTITY)?.into());
    let marks = position.mark_codes(MARKS)?;
    put(&mut object, "MarkCodeInfo", (!marks.is_empty()).then(|| json!({ "MarkCode": marks })));
    Ok(object)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::egais::check::check_xml;

    #[test]
    fn the_warehouse_writes_off_by_f2() -> Result<()> {
        let data = json!({ "Номер": "7", "Дата": "2024-01-31", "Причина": "Порча", "Позиции":
            [{ "Справка2": "FB-1", "Количество": 1, "Марки": ["1".repeat(40)] }, { "Справка2": "FB-2", "Количество": "2.5" }] });
        let ready = write_off_act("020000000001", &data)?;
        assert_eq!(ready.type_name, "ActWriteOff_v3");
        assert_eq!(check_xml(ready.xml.as_bytes()), []);
        Ok(())
    }

    #[test]
    fn a_wrong_mark_is_told_with_its_position() {
        let data = json!({ "Номер": "7", "Причина": "Порча", "Позиции":
            [{ "Справка2": "FB-1", "Количество": 1 }, { "Справка2": "FB-2", "Количество": 1, "Марки": ["нет"] }] });
        let error = write_off_act("020000000001", &data).expect_err("no mark");
        assert!(error.message().ru.starts_with("Позиции[1]: "), "{error}");
    }

    #[test]
    fn part_of_a_bottle_needs_version_4() -> Result<()> {
        let data = json!({ "Number": "7", "Reason": "Реализация", "Positions":
            [{ "Form2": "FB-1", "Volume": 50, "Sum": "350.00" }, { "Form2": "FB-2", "Quantity": 1, "Sum": "100" }] });
        let ready = write_off_act("020000000001", &data)?;
        assert_eq!(ready.type_name, "ActWriteOff_v4");
        assert_eq!(check_xml(ready.xml.as_bytes()), []);
        assert!(ready.xml.contains("<awr:writeoffvolume><awr:volume>50</awr:volume></awr:writeoffvolume>"));
        Ok(())
    }

    #[test]
    fn the_shop_writes_off_products() -> Result<()> {
        let address = json!({ "Country": "643", "RegionCode": "50", "description": "Россия" });
        let producer = json!({ "UL": { "ClientRegId": "010000000467", "FullName": "Завод", "INN": "5038002790", "KPP": "503801001", "address": address } });
        let product = json!({ "FullName": "Водка", "AlcCode": "0150325000001194943", "Capacity": "0.5", "ProductVCode": "200", "Producer": producer });
        let data = json!({ "Номер": "7", "Причина": "Недостача", "Регистр": "ТорговыйЗал", "Позиции": { "Продукция": product, "Количество": 2 } });
        let ready = write_off_act("020000000001", &data)?;
        assert_eq!(ready.type_name, "ActWriteOffShop_v2");
        assert_eq!(check_xml(ready.xml.as_bytes()), []);
        Ok(())
    }

    #[test]
    fn what_is_missing_is_told_with_its_path() {
        for (data, path) in [
            (json!({ "Причина": "Порча", "Позиции": [] }), "Номер"),
            (json!({ "Номер": 1, "Причина": "Порча", "Позиции": [] }), "Позиции"),
            (
                json!({ "Номер": 1, "Причина": "Порча", "Позиции": [{ "Справка2": "FB-1" }] }),
                "Позиции[0].Количество",
            ),
            (
                json!({ "Номер": 1, "Причина": "Порча", "Позиции": [{ "Количество": 1 }] }),
                "Позиции[0].Справка2",
            ),
        ] {
            let error = write_off_act("1", &data).err();
            assert_eq!(error.and_then(|error| error.detail("path").cloned()), Some(path.into()), "{data}");
        }
    }
}
