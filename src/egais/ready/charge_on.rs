//! Charge-on acts of the warehouse and of the shop.

use super::fields::{Fields, Head, MARKS, Names, QUANTITY, REGISTER, product, put};
use super::queries::Register;
use super::{Ready, make};
use crate::bilingual;
use crate::error::Result;
use serde_json::{Map, Value as Json, json};

const REASON: Names = ("Причина", "Reason");
const WRITE_OFF: Names = ("АктСписания", "WriteOffAct");
const FORM1: Names = ("Справка1", "Form1");

/// A charge-on act. Data: `Номер`, `Дата`, `Причина` (`Излишки`, `Пересортица`, `Продукция, полученная до 01.01.2016`,
/// `Производство_Сливы`), `АктСписания` (number in EGAIS of the write-off act, when regrading), `Примечание`,
/// `Идентификатор`, `Регистр` (`Склад` or `ТорговыйЗал`) and `Позиции` with `Продукция` (the schema's names),
/// `Количество`, `Идентификатор`; for the warehouse also `Справка1` (`Количество`, `ДатаРозлива`, `НомерНакладной`,
/// `ДатаНакладной`, `НомерФиксации`, `ДатаФиксации`) and `Марки`. The document is `ActChargeOn_v2` or `ActChargeOnShop_v2`.
///
/// English: `Number`, `Date`, `Reason`, `WriteOffAct`, `Note`, `Identity`, `Register`, `Positions`, `Product`, `Quantity`,
/// `Form1` (`Quantity`, `BottlingDate`, `TTNNumber`, `TTNDate`, `EGAISFixNumber`, `EGAISFixDate`), `Marks`.
///
/// # Errors
/// `argument` for missing or unknown members, `egais_document` for values the schema refuses.
pub fn charge_on_act(owner: &str, data: &Json) -> Result<Ready> {
    let fields = Fields::new(data, "")?;
    let head = Head::read(&fields)?;
    let reason = fields.required(REASON)?;
    let write_off = fields.text(WRITE_OFF)?;
    if reason == "Пересортица" && write_off.is_none() {
        let message = bilingual!(
            "При пересортице укажите АктСписания: номер акта списания в ЕГАИС.",
            "When regrading give WriteOffAct: the number of the write-off act in EGAIS."
        );
        return Err(fields.error(WRITE_OFF, message));
    }
    let is_shop = Register::read(&fields.text(REGISTER)?.unwrap_or_default())? == Register::Shop;
    let positions = fields.content(|position| {
        let mut object = Map::new();
        object.insert("Product".to_owned(), product(position)?);
        object.insert("Quantity".to_owned(), position.required(QUANTITY)?.into());
        if !is_shop {
            object.insert(
                "InformF1F2".to_owned(),
                json!({ "InformF1F2Reg": { "InformF1": form1(position)? } }),
            );
            let marks = position.mark_codes(MARKS)?;
            put(&mut object, "MarkCodeInfo", (!marks.is_empty()).then(|| json!({ "MarkCode": marks })));
        }
        Ok(object.into())
    })?;
    fields.finish()?;
    let data = json!({
        "Identity": head.identity,
        "Header": {
            "Number": head.number, "ActDate": head.date, "TypeChargeOn": reason, "ActWriteOff": write_off, "Note": head.note,
        },
        "Content": { "Position": positions },
    });
    make(if is_shop { "ActChargeOnShop_v2" } else { "ActChargeOn_v2" }, &data, owner)
}

fn form1(position: &Fields<'_>) -> Result<Json> {
    let data = position.value(FORM1).ok_or_else(|| {
        let message = bilingual!(
            "Не указана структура Справка1: откуда продукция и когда разлита.",
            "The structure Form1 is not given: where the product comes from and when it was bottled."
        );
        position.error(FORM1, message)
    })?;
    let fields = Fields::new(data, &position.join(FORM1.0))?;
    let form = json!({
        "Quantity": fields.text(QUANTITY)?.map_or_else(|| position.required(QUANTITY), Ok)?,
        "BottlingDate": fields.required(("ДатаРозлива", "BottlingDate"))?,
        "TTNNumber": fields.required(("НомерНакладной", "TTNNumber"))?,
        "TTNDate": fields.required(("ДатаНакладной", "TTNDate"))?,
        "EGAISFixNumber": fields.text(("НомерФиксации", "EGAISFixNumber"))?,
        "EGAISFixDate": fields.text(("ДатаФиксации", "EGAISFixDate"))?,
    });
    fields.finish()?;
    Ok(form)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::egais::check::check_xml;

    fn product() -> Json {
        let address = json!({ "Country": "643", "RegionCode": "50", "description": "Россия" });
        let producer = json!({ "UL": { "ClientRegId": "010000000467", "FullName": "Завод", "INN": "5038002790", "KPP": "503801001", "address": address } });
        json!({ "FullName": "Водка", "AlcCode": "0150325000001194943", "Capacity": "0.5", "ProductVCode": "200", "Producer": producer })
    }

    #[test]
    fn surplus_is_put_on_the_balance_of_both_registers() -> Result<()> {
        let form = json!({ "ДатаРозлива": "20.11.2023", "НомерНакладной": "Т-000430", "ДатаНакладной": "2024-01-06" });
        let position = json!({ "Продукция": product(), "Количество": 2, "Справка1": form, "Марки": ["1".repeat(40), "2".repeat(40)] });
        let data = json!({ "Номер": "7", "Дата": "2024-01-31", "Причина": "Излишки", "Позиции": [position] });
        let ready = charge_on_act("020000000001", &data)?;
        assert_eq!(ready.type_name, "ActChargeOn_v2");
        assert_eq!(check_xml(ready.xml.as_bytes()), []);
        let data = json!({ "Number": "7", "Reason": "Излишки", "Register": "Shop", "Positions": { "Product": product(), "Quantity": 2 } });
        let ready = charge_on_act("020000000001", &data)?;
        assert_eq!(ready.type_name, "ActChargeOnShop_v2");
        assert_eq!(check_xml(ready.xml.as_bytes()), []);
        Ok(())
    }

    #[test]
    fn regrading_needs_the_write_off_act() {
        let data = json!({ "Номер": "7", "Причина": "Пересортица", "Регистр": "2", "Позиции": { "Продукция": product(), "Количество": 2 } });
        let error = charge_on_act("020000000001", &data).err();
        assert!(error.is_some_and(|error| error.message().ru.contains("АктСписания")));
    }
}
