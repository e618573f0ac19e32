//! Requests to repeal what EGAIS has posted.

use super::{Ready, make, now, one_of, required};
use crate::error::Result;
use serde_json::json;

/// What can be repealed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Repealed {
    /// A waybill, by its recipient; the sender decides.
    WayBill,
    /// A charge-on act (`ActChargeOn`, ACO).
    ChargeOn,
    /// A write-off act (`ActWriteOff`, AWO).
    WriteOff,
}

impl Repealed {
    /// Reads `Накладная`, `АктПостановки`, `АктСписания` and their English twins.
    ///
    /// # Errors
    /// `argument` for anything else: nothing else can be repealed.
    pub fn read(text: &str) -> Result<Self> {
        let table: [(Self, &[&str]); 3] = [
            (Self::WayBill, &["Накладная", "ТТН", "WayBill", "WB", "RequestRepealWB"]),
            (
                Self::ChargeOn,
                &[
                    "АктПостановки",
                    "АктПостановкиНаБаланс",
                    "ActChargeOn",
                    "ActChargeOn_v2",
                    "ACO",
                    "RequestRepealACO",
                ],
            ),
            (
                Self::WriteOff,
                &[
                    "АктСписания",
                    "ActWriteOff",
                    "ActWriteOff_v2",
                    "ActWriteOff_v3",
                    "ActWriteOff_v4",
                    "AWO",
                    "RequestRepealAWO",
                ],
            ),
        ];
        one_of(text, &table, "ВидДокумента", "DocumentKind")
    }
}

/// Asks to repeal a document by its number in EGAIS (`TTN-…`, `WOF-…`, …). `number` is the request's own.
///
/// # Errors
/// `argument` without one of the numbers.
pub fn repeal_request(owner: &str, repealed: Repealed, registration: &str, number: &str) -> Result<Ready> {
    let (type_name, element) = match repealed {
        Repealed::WayBill => ("RequestRepealWB", "WBRegId"),
        Repealed::ChargeOn => ("RequestRepealACO", "ACORegId"),
        Repealed::WriteOff => ("RequestRepealAWO", "AWORegId"),
    };
    let data = json!({
        "ClientId": required(owner, "КодФСРАР", "FsrarId")?,
        "RequestNumber": required(number, "Номер", "Number")?,
        "RequestDate": now(),
        element: required(registration, "НомерВЕГАИС", "RegistrationId")?,
    });
    make(type_name, &data, owner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::egais::check::check_xml;

    #[test]
    fn three_kinds_of_documents_can_be_repealed() -> Result<()> {
        for (word, type_name) in [
            ("накладная", "RequestRepealWB"),
            ("ActChargeOn_v2", "RequestRepealACO"),
            ("АктСписания", "RequestRepealAWO"),
        ] {
            let ready = repeal_request("020000000001", Repealed::read(word)?, "X-1", "5")?;
            assert_eq!(ready.type_name, type_name);
            assert_eq!(check_xml(ready.xml.as_bytes()), []);
        }
        assert!(Repealed::read("TransferToShop").is_err());
        Ok(())
    }
}
