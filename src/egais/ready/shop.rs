//! Transfers between the warehouse and the shop.

use super::fields::{FORM2, Fields, Head, Names, QUANTITY};
use super::{Ready, make};
use crate::error::Result;
use serde_json::{Value as Json, json};

const PRODUCT_CODE: Names = ("КодПродукции", "ProductCode");

/// `TransferToShop`: moves products from the warehouse to the shop. Data: `Номер`, `Дата`, `Примечание`, `Идентификатор`,
/// `Позиции` with `КодПродукции`, `Количество`, `Справка2`, `Идентификатор` (English: `Number`, `Date`, `Note`, `Identity`,
/// `Positions` with `ProductCode`, `Quantity`, `Form2`, `Identity`).
///
/// # Errors
/// `argument` for missing or unknown members, `egais_document` for values the schema refuses.
pub fn transfer_to_shop(owner: &str, data: &Json) -> Result<Ready> {
    transfer("TransferToShop", owner, data)
}

/// `TransferFromShop`: moves products back to the warehouse; data as for [`transfer_to_shop`].
///
/// # Errors
/// As [`transfer_to_shop`].
pub fn transfer_from_shop(owner: &str, data: &Json) -> Result<Ready> {
    transfer("TransferFromShop", owner, data)
}

fn transfer(type_name: &str, owner: &str, data: &Json) -> Result<Ready> {
    let fields = Fields::new(data, "")?;
    let head = Head::read(&fields)?;
    let positions = fields.content(|position| {
        Ok(json!({
            "ProductCode": position.required(PRODUCT_CODE)?,
            "Quantity": position.required(QUANTITY)?,
            "InformF2": { "F2RegId": position.required(FORM2)? },
        }))
    })?;
    fields.finish()?;
    let data = json!({
        "Identity": head.identity,
        "Header": { "TransferNumber": head.number, "TransferDate": head.date, "Note": head.note },
        "Content": { "Position": positions },
    });
    make(type_name, &data, owner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::egais::check::check_xml;

    #[test]
    fn products_go_to_the_shop_and_back() -> Result<()> {
        let data = json!({ "Номер": "5", "Дата": "31.01.2024", "Позиции":
            [{ "КодПродукции": "0150325000001194943", "Количество": 3, "Справка2": "FB-1" }] });
        for (ready, type_name) in [
            (transfer_to_shop("1", &data)?, "TransferToShop"),
            (transfer_from_shop("1", &data)?, "TransferFromShop"),
        ] {
            assert_eq!(ready.type_name, type_name);
            assert_eq!(check_xml(ready.xml.as_bytes()), []);
            assert!(ready.xml.contains("TransferDate>2024-01-31<"), "{}", ready.xml);
        }
        Ok(())
    }

    #[test]
    fn a_slip_in_a_name_is_told() {
        let data =
            json!({ "Номер": "5", "Позиции": [{ "КодПродукци": "1", "Количество": 3, "Справка2": "FB-1" }] });
        let error = transfer_to_shop("1", &data).err();
        assert!(error.is_some_and(|error| error.message().ru.contains("КодПродукции")));
    }
}
