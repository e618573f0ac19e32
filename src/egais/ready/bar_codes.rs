//! Acts that tie marks to an F2 id and untie them.

use super::fields::{FORM2, Fields, Head, MARKS};
use super::{Ready, make};
use crate::bilingual;
use crate::error::Result;
use serde_json::{Value as Json, json};

/// `ActFixBarCode`: ties marks to F2 ids. Data: `Номер`, `Дата`, `Примечание`, `Идентификатор`, `Позиции` with `Справка2`,
/// `Марки`, `Идентификатор` (English: `Number`, `Date`, `Note`, `Identity`, `Positions` with `Form2`, `Marks`, `Identity`).
///
/// # Errors
/// `argument` for missing or unknown members and for codes that are no marks, `egais_document` for values the schema
/// refuses.
pub fn fix_bar_code_act(owner: &str, data: &Json) -> Result<Ready> {
    act("ActFixBarCode", owner, data)
}

/// `ActUnFixBarCode`: unties marks; data as for [`fix_bar_code_act`].
///
/// # Errors
/// As [`fix_bar_code_act`].
pub fn un_fix_bar_code_act(owner: &str, data: &Json) -> Result<Ready> {
    act("ActUnFixBarCode", owner, data)
}

fn act(type_name: &str, owner: &str, data: &Json) -> Result<Ready> {
    let fields = Fields::new(data, "")?;
    let head = Head::read(&fields)?;
    let positions = fields.content(|position| {
        let marks = position.marks(MARKS)?.ok_or_else(|| {
            position.error(MARKS, bilingual!("Не указано ни одной марки.", "No marks are given."))
        })?;
        Ok(json!({ "Inform2RegId": position.required(FORM2)?, "MarkInfo": [marks] }))
    })?;
    fields.finish()?;
    let data = json!({
        "Identity": head.identity,
        "Header": { "Number": head.number, "ActDate": head.date, "Note": head.note },
        "Content": { "Position": positions },
    });
    make(type_name, &data, owner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::egais::check::check_xml;

    #[test]
    fn marks_are_tied_and_untied() -> Result<()> {
        let data = json!({ "Number": "5", "Positions": { "Form2": "FB-1", "Marks": "1".repeat(40) } });
        let ready = fix_bar_code_act("1", &data)?;
        assert_eq!(check_xml(ready.xml.as_bytes()), []);
        assert!(ready.xml.contains("<ce:amc>1111"), "{}", ready.xml);
        assert_eq!(un_fix_bar_code_act("1", &data)?.type_name, "ActUnFixBarCode");
        Ok(())
    }

    #[test]
    fn what_is_no_mark_is_refused() {
        for marks in [json!([]), json!(["x"]), json!(["1".repeat(18)])] {
            let data = json!({ "Number": "5", "Positions": { "Form2": "FB-1", "Marks": marks } });
            assert!(fix_bar_code_act("1", &data).is_err(), "{marks}");
        }
    }
}
