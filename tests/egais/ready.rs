//! Ready documents: made from waybills of every version, judged by the official schemas where they are.

use crate::oracle::Oracle;
use obmen::egais::build::{BuildOptions, build, document_type};
use obmen::egais::check::check_xml;
use obmen::egais::parse::parse;
use obmen::egais::ready::{self, ActDecision, Ready};
use obmen::error::{Code, Result};
use obmen::value::{Input, open};
use serde_json::{Value as Json, json};

const SHIPPER: &str = "010000000011";
pub const CONSIGNEE: &str = "020000000022";

fn xml(type_name: &str, data: &Json, owner: &str) -> Result<String> {
    let text = data.to_string();
    build(document_type(type_name)?, &mut open(Input::text(&text), None)?, owner, BuildOptions::default())
}

/// Marks of a position of three bottles.
pub fn marks(position: usize) -> Vec<String> {
    (0..3).map(|number| format!("{position}{number}").repeat(20)).collect()
}

pub fn party(version: u8, id: &str) -> Json {
    let address = json!({ "Country": "643", "RegionCode": "77", "description": "Москва" });
    let mut party = json!({ "ClientRegId": id, "FullName": "ООО «Ромашка»", "INN": "7701234567", "KPP": "770101001", "address": address });
    if version == 1 {
        return party.take();
    }
    json!({ "UL": party })
}

pub fn product(version: u8) -> Json {
    let mut product = json!({ "FullName": "Водка «Журавли»", "AlcCode": "0150325000001194943", "Capacity": "0.5000", "AlcVolume": "40.0", "ProductVCode": "200" });
    if let (Some(product), true) = (product.as_object_mut(), version > 1) {
        product.insert("UnitType".to_owned(), "Packed".into());
        product.insert("Producer".to_owned(), party(2, "010000000467"));
    }
    product
}

/// A waybill and its registration. Three positions: two with three marked bottles each, one without marks.
pub fn way_bill(version: u8) -> Result<(String, String)> {
    let position = |number: usize| {
        let old = format!("FB-OLD-{number}");
        let mut position = json!({ "Identity": format!("pos-{number}"), "Product": product(version), "Quantity": "3.000", "Price": "250.10", "Party": "П1" });
        let Some(members) = position.as_object_mut() else { return position };
        let form = match version {
            1 => vec![
                ("InformA", json!({ "RegId": "FA-1" })),
                ("InformB", json!({ "InformBItem": { "BRegId": old } })),
            ],
            2 => vec![
                ("InformF1", json!({ "RegId": "FA-1" })),
                ("InformF2", json!({ "InformF2Item": { "F2RegId": old } })),
            ],
            _ if number == 3 => vec![("FARegId", json!("FA-1")), ("InformF2", json!({ "F2RegId": old }))],
            _ => vec![
                ("FARegId", json!("FA-1")),
                (
                    "InformF2",
                    json!({ "F2RegId": old, "MarkInfo": { "boxpos": [{ "boxnumber": "1".repeat(26), "amclist": { "amc": marks(number) } }] } }),
                ),
            ],
        };
        members.extend(form.into_iter().map(|(name, value)| (name.to_owned(), value)));
        position
    };
    let mut header = json!({ "Type": "WBInvoiceFromMe", "NUMBER": "А-17", "Date": "2024-01-31", "ShippingDate": "2024-01-31",
        "Shipper": party(version, SHIPPER), "Consignee": party(version, CONSIGNEE) });
    if let Some(header) = header.as_object_mut() {
        match version {
            1 => {
                header.insert("UnitType".to_owned(), "Packed".into());
                header.insert("Transport".to_owned(), json!({}));
            }
            4 => {
                let transport =
                    json!({ "ChangeOwnership": "IsChange", "TRAN_TYPE": "413", "TRANSPORT_TYPE": "car" });
                header.insert("Transport".to_owned(), transport);
            }
            _ => {}
        }
    }
    let (bill_type, forms_type, form) = match version {
        1 => ("WayBill".to_owned(), "TTNInformBReg", "InformBRegId"),
        version => (format!("WayBill_v{version}"), "TTNInformF2Reg", "InformF2RegId"),
    };
    let content: Vec<Json> = (1..4).map(position).collect();
    let bill = xml(
        &bill_type,
        &json!({ "Identity": "i", "Header": header, "Content": { "Position": content } }),
        SHIPPER,
    )?;
    // The registration lists positions in an order of its own.
    let forms: Vec<Json> = [3, 1, 2]
        .iter()
        .map(|number| json!({ "Identity": format!("pos-{number}"), form: format!("FB-{number}") }))
        .collect();
    let forms = json!({
        "Header": { "Identity": "i", "WBRegId": "TTN-0000000017", "WBNUMBER": "А-17", "WBDate": "2024-01-31",
            "Shipper": party(version, SHIPPER), "Consignee": party(version, CONSIGNEE) },
        "Content": { "Position": forms },
    });
    Ok((bill, xml(forms_type, &forms, "3463047")?))
}

fn judged(documents: &[Ready]) -> Result<()> {
    let oracle = Oracle::find();
    for ready in documents {
        assert_eq!(check_xml(ready.xml.as_bytes()), [], "{}", ready.xml);
        if let Some(oracle) = &oracle {
            assert_eq!(
                oracle.judge(ready.type_name, std::slice::from_ref(&ready.xml)),
                [Some(true)],
                "{}",
                ready.xml
            );
        }
    }
    Ok(())
}

fn act(version: u8, decision: ActDecision, differences: &Json) -> Result<Ready> {
    let (bill, forms) = way_bill(version)?;
    ready::way_bill_act("", bill.as_bytes(), forms.as_bytes(), decision, "5", differences, "")
}

#[test]
fn acts_answer_in_the_version_of_the_waybill() -> Result<()> {
    for version in 1..=4 {
        let accepted = act(version, ActDecision::Accepted, &Json::Null)?;
        let expected = if version == 1 { "WayBillAct".to_owned() } else { format!("WayBillAct_v{version}") };
        assert_eq!(accepted.type_name, expected);
        let data = parse(accepted.xml.as_bytes())?;
        assert_eq!(data.owner, CONSIGNEE);
        assert_eq!(data.data_tree()["Header"]["WBRegId"], "TTN-0000000017");
        judged(&[accepted, act(version, ActDecision::Rejected, &Json::Null)?])?;
    }
    Ok(())
}

#[test]
fn differences_are_told_for_every_position_under_the_new_forms() -> Result<()> {
    for version in 1..=4 {
        let received = if version > 2 {
            json!([{ "Идентификатор": "pos-1", "Количество": 1, "НепринятыеМарки": &marks(1)[1..] },
                   { "Идентификатор": "pos-2", "ПринятыеМарки": &marks(2)[..2] },
                   { "Идентификатор": "pos-3", "Количество": "0" }])
        } else {
            json!([{ "Identity": "pos-1", "Quantity": 1 }, { "Identity": "pos-2", "Quantity": "2" }, { "Identity": "pos-3", "Quantity": 0 }])
        };
        let ready = act(version, ActDecision::Differences, &received)?;
        let tree = parse(ready.xml.as_bytes())?.data_tree();
        assert_eq!(tree["Header"]["IsAccept"], if version == 1 { "Accepted" } else { "Differences" });
        let form = if version == 1 { "InformBRegId" } else { "InformF2RegId" };
        let positions: Vec<(&str, &str, &str)> = tree["Content"]["Position"]
            .as_array()
            .map(Vec::as_slice)
            .unwrap_or_default()
            .iter()
            .map(|position| {
                let text = |name: &str| position[name].as_str().unwrap_or_default();
                (text("Identity"), text(form), text("RealQuantity"))
            })
            .collect();
        assert_eq!(positions, [("pos-1", "FB-1", "1"), ("pos-2", "FB-2", "2"), ("pos-3", "FB-3", "0")]);
        if version > 2 {
            assert_eq!(tree["Content"]["Position"][0]["MarkInfo"]["amc"], json!(&marks(1)[1..]));
            assert_eq!(tree["Content"]["Position"][1]["MarkInfo"]["amc"], json!(&marks(2)[2..]));
        }
        judged(&[ready])?;
    }
    Ok(())
}

#[test]
fn differences_that_cannot_be_are_refused() {
    for (differences, what) in [
        (json!([]), "nothing"),
        (json!([{ "Идентификатор": "нет", "Количество": 1 }]), "a position that is not there"),
        (json!([{ "Идентификатор": "pos-3", "Количество": 4 }]), "more than was shipped"),
        (json!([{ "Идентификатор": "pos-3" }]), "no quantity"),
        (json!([{ "Идентификатор": "pos-1", "Количество": 2 }]), "a part of a marked position without marks"),
        (
            json!([{ "Идентификатор": "pos-1", "Количество": 2, "НепринятыеМарки": marks(2)[0] }]),
            "a mark of another position",
        ),
        (
            json!([{ "Идентификатор": "pos-3", "Количество": 1 }, { "Идентификатор": "pos-3", "Количество": 1 }]),
            "twice",
        ),
        (json!([{ "Идентификатор": "pos-3", "Количетво": 1 }]), "a slip in a name"),
    ] {
        let error = act(4, ActDecision::Differences, &differences).err();
        assert_eq!(error.map(|error| error.code()), Some(Code::Argument), "{what}");
    }
    let some = json!([{ "Идентификатор": "pos-3", "Количество": 1 }]);
    assert_eq!(act(4, ActDecision::Accepted, &some).err().map(|error| error.code()), Some(Code::Argument));
}

#[test]
fn documents_that_do_not_belong_together_are_refused() -> Result<()> {
    let (bill, forms) = way_bill(4)?;
    let act = |bill: &str, forms: &str| {
        ready::way_bill_act(
            "",
            bill.as_bytes(),
            forms.as_bytes(),
            ActDecision::Accepted,
            "5",
            &Json::Null,
            "",
        )
    };
    assert!(act(&bill, &forms).is_ok());
    for (bill, forms) in [
        (bill.clone(), forms.replace("А-17", "А-18")),
        (bill.clone(), forms.replace("2024-01-31", "2024-02-01")),
        (bill.clone(), forms.replace("pos-2", "pos-9")),
        (bill.clone(), bill.clone()),
        (forms.clone(), forms.clone()),
        (bill, way_bill(1)?.1),
    ] {
        assert_eq!(act(&bill, &forms).err().map(|error| error.code()), Some(Code::EgaisDocument), "{forms}");
    }
    Ok(())
}

#[test]
fn a_return_goes_back_under_the_new_forms() -> Result<()> {
    for version in 1..=4 {
        let (bill, forms) = way_bill(version)?;
        let all = ready::return_way_bill("", bill.as_bytes(), forms.as_bytes(), &Json::Null, "В-1", "брак")?;
        let part = if version > 2 {
            json!([{ "Идентификатор": "pos-2", "Марки": [marks(2)[0]] }, { "Идентификатор": "pos-3", "Количество": "1.5" }])
        } else {
            json!([{ "Identity": "pos-2", "Quantity": 1 }, { "Identity": "pos-3", "Quantity": "1" }])
        };
        let part = ready::return_way_bill("", bill.as_bytes(), forms.as_bytes(), &part, "В-2", "")?;
        let parsed = parse(all.xml.as_bytes())?;
        let tree = parsed.data_tree();
        assert_eq!(tree["Header"]["Type"], "WBReturnFromMe");
        let id = |party: &str| {
            let party = &tree["Header"][party];
            if version == 1 { party["ClientRegId"].clone() } else { party["UL"]["ClientRegId"].clone() }
        };
        assert_eq!(
            (parsed.owner.as_str(), id("Shipper"), id("Consignee")),
            (CONSIGNEE, json!(CONSIGNEE), json!(SHIPPER))
        );
        assert_eq!(tree["Content"]["Position"].as_array().map(Vec::len), Some(3));
        assert!(all.xml.contains("FB-2") && !all.xml.contains("FB-OLD"), "{}", all.xml);
        assert!(part.xml.contains("FB-2") && !part.xml.contains("FB-1<"), "{}", part.xml);
        // A fraction of a packed product is a warning of its own, so only errors count here.
        if let Some(oracle) = Oracle::find() {
            for ready in [&all, &part] {
                assert_eq!(
                    oracle.judge(ready.type_name, std::slice::from_ref(&ready.xml)),
                    [Some(true)],
                    "{}",
                    ready.xml
                );
            }
        }
        assert_eq!(check_xml(all.xml.as_bytes()), []);
    }
    Ok(())
}

#[test]
fn returns_of_more_than_came_are_refused() -> Result<()> {
    let (bill, forms) = way_bill(4)?;
    for positions in [
        json!([{ "Идентификатор": "pos-3", "Количество": 5 }]),
        json!([{ "Идентификатор": "pos-3", "Количество": 0 }]),
        json!([{ "Идентификатор": "pos-1", "Количество": 1 }]),
        json!([{ "Идентификатор": "pos-1", "Марки": marks(2) }]),
        json!([{ "Идентификатор": "нет", "Количество": 1 }]),
    ] {
        let error =
            ready::return_way_bill("", bill.as_bytes(), forms.as_bytes(), &positions, "В-1", "").err();
        assert_eq!(error.map(|error| error.code()), Some(Code::Argument), "{positions}");
    }
    Ok(())
}

#[test]
fn a_real_waybill_is_answered_and_a_strange_registration_is_not_its_own() -> Result<()> {
    let (Some(bill), Some(strange)) = (
        crate::shared("egais/samples/WayBill_v4--tfyr_kirsa-plugin--d0ef3791.xml"),
        crate::shared("egais/samples/TTNInformF2Reg--tfyr_kirsa-plugin--e2bb272f.xml"),
    ) else {
        return Ok(());
    };
    let (bill, strange) = (std::fs::read(bill).expect("a sample"), std::fs::read(strange).expect("a sample"));
    let act =
        |forms: &[u8]| ready::way_bill_act("", &bill, forms, ActDecision::Accepted, "1", &Json::Null, "");
    assert_eq!(act(&strange).err().map(|error| error.code()), Some(Code::EgaisDocument));
    let parsed = parse(&bill)?.data_tree();
    let header = &parsed["Header"];
    let forms: Vec<Json> = parsed["Content"]["Position"]
        .as_array()
        .map(Vec::as_slice)
        .unwrap_or_default()
        .iter()
        .enumerate()
        .map(|(number, position)| json!({ "Identity": position["Identity"], "InformF2RegId": format!("FB-{number}") }))
        .collect();
    assert!(forms.len() > 1);
    let forms = json!({
        "Header": { "Identity": parsed["Identity"], "WBRegId": "TTN-0557370828", "WBNUMBER": header["NUMBER"],
            "WBDate": header["Date"], "Shipper": header["Shipper"], "Consignee": header["Consignee"] },
        "Content": { "Position": forms },
    });
    let forms = xml("TTNInformF2Reg", &forms, "3463047")?;
    let accepted = act(forms.as_bytes())?;
    assert!(
        accepted.xml.contains("TTN-0557370828") && accepted.xml.contains("NotChange"),
        "{}",
        accepted.xml
    );
    let returned = ready::return_way_bill("", &bill, forms.as_bytes(), &Json::Null, "В-1", "")?;
    assert!(returned.xml.matches("<ce:amc>").count() > 10, "{}", returned.xml);
    judged(&[accepted, returned])
}
