//! Cheques: the old form, V3 and V4.

use super::fields::{DATE, Fields, IDENTITY, NUMBER, Names, POSITIONS, QUANTITY, product, put};
use super::{Ready, make, now, one_of, wrong};
use crate::bilingual;
use crate::egais::value::Decimal;
use crate::error::Result;
use serde_json::{Map, Value as Json, json};

const KIND: Names = ("Вид", "Kind");
const CASH_REGISTER: Names = ("Касса", "CashRegister");
const SHIFT: Names = ("Смена", "Shift");
const MARK: Names = ("Марка", "Mark");
const EAN: Names = ("Штрихкод", "EAN");
const PRICE: Names = ("Цена", "Price");
const VOLUME: Names = ("Объем", "Volume");
const ORDER: Names = ("ПодтверждениеЗаказа", "ConfirmOrder");
const BILL: Names = ("НомерСчета", "BillNumber");
const WAYBILL: Names = ("НомерНакладной", "WaybillNumber");

/// Which form a cheque has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChequeFormat {
    /// Root `Cheque`, posted to `/xml`.
    Old,
    /// `ChequeV3`.
    V3,
    /// `ChequeV4`: with sale by the glass.
    V4,
}

impl ChequeFormat {
    /// Reads `Старый`/`Old`, `V3`/`3`, `V4`/`4`; the empty text is V4.
    ///
    /// # Errors
    /// `argument` for other words.
    pub fn read(text: &str) -> Result<Self> {
        let table: [(Self, &[&str]); 3] = [
            (Self::Old, &["Старый", "Old", "Cheque", "1"]),
            (Self::V3, &["V3", "3", "ChequeV3"]),
            (Self::V4, &["V4", "4", "ChequeV4", ""]),
        ];
        one_of(text, &table, "Формат", "Format")
    }
}

/// A cheque. Data of all forms: `Касса`, `Смена`, `Номер`, `Дата` (now if not given), `Вид` (`Продажа` or `Возврат`, default
/// sale) and `Позиции`.
///
/// The old form also has `ИНН`, `КПП`, `Адрес`, `Наименование`; its positions have either `Марка`, `Штрихкод`, `Цена`, `Объем`
/// (litres) or, all of them, no mark but `КодВида`, `Наименование`, `Крепость`, `Объем`, `Цена`, `Количество`, `Штрихкод`,
/// `КодПродукции`. Prices of a return become negative.
///
/// V3 and V4: positions with `Марка`, `Штрихкод`, `Цена`; in V4 a position with `Объем` (ml) is a sale by the glass. Positions
/// without a mark have `Продукция` (the schema's names), `Количество`, `Штрихкод`, `Цена`. `ПодтверждениеЗаказа` is the number
/// of an online order. A sale without cash has `НомерСчета` and `НомерНакладной` instead of cash register, shift and number.
///
/// English: `CashRegister`, `Shift`, `Number`, `Date`, `Kind`, `Positions`, `INN`, `KPP`, `Address`, `Name`, `Mark`, `EAN`,
/// `Price`, `Volume`, `KindCode`, `Alcohol`, `Quantity`, `ProductCode`, `Product`, `ConfirmOrder`, `BillNumber`, `WaybillNumber`.
///
/// # Errors
/// `argument` for missing or unknown members and for a mixture the form does not allow, `egais_document` for values the
/// schema refuses.
pub fn cheque(format: ChequeFormat, owner: &str, data: &Json) -> Result<Ready> {
    let fields = Fields::new(data, "")?;
    let table: [(&str, &[&str]); 2] =
        [("Продажа", &["Продажа", "Sale", ""]), ("Возврат", &["Возврат", "Return"])];
    let kind = one_of(&fields.text(KIND)?.unwrap_or_default(), &table, "Вид", "Kind")?;
    match format {
        ChequeFormat::Old => old(&fields, kind == "Возврат"),
        ChequeFormat::V3 | ChequeFormat::V4 => new(format, owner, &fields, kind),
    }
}

fn old(fields: &Fields<'_>, is_return: bool) -> Result<Ready> {
    let mut object = Map::new();
    for (name, names) in [
        ("inn", ("ИНН", "INN")),
        ("address", ("Адрес", "Address")),
        ("name", ("Наименование", "Name")),
        ("kassa", CASH_REGISTER),
        ("shift", SHIFT),
        ("number", NUMBER),
    ] {
        object.insert(name.to_owned(), fields.required(names)?.into());
    }
    put(&mut object, "kpp", fields.text(("КПП", "KPP"))?);
    object.insert("datetime".to_owned(), fields.text(DATE)?.unwrap_or_else(now).into());
    let (mut bottles, mut others) = (Vec::new(), Vec::new());
    for position in fields.positions(POSITIONS)? {
        let mut item = Map::new();
        item.insert("price".to_owned(), price(&position, is_return)?.into());
        put(&mut item, "ean", position.text(EAN)?);
        if position.value(MARK).is_some() {
            put(&mut item, "barcode", position.mark_codes(MARK)?.into_iter().next());
            put(&mut item, "volume", position.text(VOLUME)?);
            bottles.push(Json::Object(item));
        } else {
            for (name, names) in [
                ("code", ("КодВида", "KindCode")),
                ("bname", ("Наименование", "Name")),
                ("alc", ("Крепость", "Alcohol")),
                ("volume", VOLUME),
                ("count", QUANTITY),
            ] {
                item.insert(name.to_owned(), position.required(names)?.into());
            }
            put(&mut item, "alccode", position.text(("КодПродукции", "ProductCode"))?);
            others.push(Json::Object(item));
        }
        position.finish()?;
    }
    if !bottles.is_empty() && !others.is_empty() {
        return Err(wrong(bilingual!(
            "В чеке старого формата бывают либо позиции с марками, либо без марок: разделите чек или возьмите формат V3, V4.",
            "A cheque of the old form has either positions with marks or without: split it, or use V3 or V4."
        )));
    }
    fields.finish()?;
    let (name, list) = if others.is_empty() { ("Bottle", bottles) } else { ("nopdf", others) };
    object.insert(name.to_owned(), list.into());
    make("Cheque", &object.into(), "")
}

/// The price with two digits; negative for a return.
fn price(position: &Fields<'_>, is_return: bool) -> Result<String> {
    let text = position.required(PRICE)?;
    let plain = text.replace(',', ".").replace([' ', '\u{a0}'], "");
    let digits = plain.trim_start_matches('-');
    Ok(match Decimal::read(digits) {
        Some(number) if is_return && !number.is_zero() => format!("-{digits}"),
        _ => plain,
    })
}

fn new(format: ChequeFormat, owner: &str, fields: &Fields<'_>, kind: &str) -> Result<Ready> {
    let mut object = Map::new();
    put(&mut object, "Identity", fields.text(IDENTITY)?);
    let date = fields.text(DATE)?.unwrap_or_else(now);
    if let Some(bill) = fields.text(BILL)? {
        let header =
            json!({ "Date": date, "BillNumber": bill, "TTNNumber": fields.required(WAYBILL)?, "Type": kind });
        object.insert("HeaderTTN".to_owned(), header);
    } else {
        let mut header = json!({
            "Date": date, "Kassa": fields.required(CASH_REGISTER)?, "Shift": fields.required(SHIFT)?,
            "Number": fields.required(NUMBER)?, "Type": kind,
        });
        if let Some(header) = header.as_object_mut() {
            put(header, "ConfirmOrder", fields.text(ORDER)?);
        }
        object.insert("Header".to_owned(), header);
    }
    let positions = fields.positions(POSITIONS)?;
    let content: Vec<Json> = positions
        .iter()
        .enumerate()
        .map(|(index, position)| {
            let item = item(format, position, index)?;
            position.finish()?;
            Ok(item)
        })
        .collect::<Result<_>>()?;
    fields.finish()?;
    object.insert("Content".to_owned(), content.into());
    make(if format == ChequeFormat::V3 { "ChequeV3" } else { "ChequeV4" }, &object.into(), owner)
}

fn item(format: ChequeFormat, position: &Fields<'_>, index: usize) -> Result<Json> {
    let price = position.required(PRICE)?;
    let ean = position.text(EAN)?;
    let Some(mark) = position.mark_codes(MARK)?.into_iter().next() else {
        return Ok(json!({ "Nomark": {
            "PosIdentity": position.text(IDENTITY)?.unwrap_or_else(|| (index + 1).to_string()),
            "Product": product(position)?, "Quantity": position.required(QUANTITY)?, "EAN": ean, "Price": price,
        } }));
    };
    match position.text(VOLUME)? {
        Some(volume) if format == ChequeFormat::V4 => {
            Ok(json!({ "Catering": { "Barcode": mark, "EAN": ean, "Price": price, "Volume": volume } }))
        }
        Some(_) => Err(position.error(
            VOLUME,
            bilingual!(
                "Продажа в розлив (Объем) есть только в формате V4.",
                "Only V4 has sale by the glass (Volume)."
            ),
        )),
        None => Ok(json!({ "Bottle": { "Barcode": mark, "EAN": ean, "Price": price } })),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::egais::check::check_xml;

    const MARK_68: &str = "22N00001545RJN0891B37ZP41105005070468KTL2CMG4LPCZRJU3K4XIBTU7BUXXUPJ";

    fn old_data(kind: &str, positions: &Json) -> Json {
        json!({ "ИНН": "7701234567", "КПП": "770101001", "Адрес": "Москва", "Наименование": "ООО", "Касса": "1", "Смена": 1,
            "Номер": 2, "Дата": "2024-12-31T18:05:00", "Вид": kind, "Позиции": positions })
    }

    #[test]
    fn the_old_form_has_bottles_or_beer() -> Result<()> {
        let bottle = json!({ "Марка": MARK_68, "Штрихкод": "4620006995702", "Цена": 81, "Объем": "0.5000" });
        let ready = cheque(ChequeFormat::Old, "", &old_data("Возврат", &json!([bottle])))?;
        assert_eq!(check_xml(ready.xml.as_bytes()), []);
        assert!(
            ready.xml.contains("price=\"-81.00\"") && ready.xml.contains("datetime=\"3112241805\""),
            "{}",
            ready.xml
        );
        let beer = json!({ "КодВида": "510", "Наименование": "Пиво", "Крепость": "4.5", "Объем": "0.5", "Цена": "81,5", "Количество": 2 });
        let ready = cheque(ChequeFormat::Old, "", &old_data("", &json!([beer])))?;
        assert_eq!(check_xml(ready.xml.as_bytes()), []);
        assert!(cheque(ChequeFormat::Old, "", &old_data("", &json!([bottle, beer]))).is_err());
        Ok(())
    }

    #[test]
    fn the_new_forms_mix_positions_in_their_order() -> Result<()> {
        let data = json!({ "Касса": "1", "Смена": 1, "Номер": 2, "Дата": "31.12.2024 18:05:00", "Позиции": [
            { "Марка": MARK_68, "Штрихкод": "4620006995702", "Цена": "81" },
            { "Марка": "1".repeat(40), "Цена": "350.00", "Объем": 50 },
        ] });
        let ready = cheque(ChequeFormat::read("")?, "020000000001", &data)?;
        assert_eq!((ready.type_name, check_xml(ready.xml.as_bytes())), ("ChequeV4", Vec::new()));
        assert!(cheque(ChequeFormat::V3, "020000000001", &data).is_err());
        Ok(())
    }
}
