//! The documents that EGAIS and partners write.

use super::xml::{Element, element, leaf};

/// FSRAR_ID of the EGAIS server itself.
pub const SERVER: &str = "3463047";

/// Puts content into the envelope.
pub fn envelope(owner: &str, content: Element) -> String {
    let ns = "WB_DOC_SINGLE_01";
    element(ns, "Documents")
        .with(element(ns, "Owner").with(leaf(ns, "FSRAR_ID", owner)))
        .with(element(ns, "Document").with(content))
        .document()
}

/// Content whose name stands in the namespace of the envelope.
fn content(name: &str) -> Element {
    element("WB_DOC_SINGLE_01", name)
}

/// Version of a waybill or act by the end of its name.
pub fn version(name: &str) -> u8 {
    match name.rsplit_once("_v") {
        Some((_, digit)) => digit.parse().unwrap_or(1),
        None => 1,
    }
}

fn tail(version: u8) -> String {
    if version == 1 { String::new() } else { format!("_v{version}") }
}

/// What a ticket says besides its verdict.
#[derive(Debug, Clone, Default)]
pub struct TicketHead {
    pub identity: String,
    pub doc_id: String,
    pub transport_id: String,
    pub reg_id: String,
    pub doc_type: String,
    pub date: String,
}

/// A ticket of the first stage.
pub fn ticket_1(head: &TicketHead, accepted: bool, comment: &str) -> Element {
    let ns = "Ticket";
    ticket(head).with(
        element(ns, "Result")
            .field("Conclusion", verdict(accepted))
            .field("ConclusionDate", &head.date)
            .field("Comments", comment),
    )
}

/// A ticket of the second stage.
pub fn ticket_2(head: &TicketHead, operation: &str, accepted: bool, comment: &str) -> Element {
    let ns = "Ticket";
    ticket(head).with(
        element(ns, "OperationResult")
            .field("OperationName", operation)
            .field("OperationResult", verdict(accepted))
            .field("OperationDate", &head.date)
            .field("OperationComment", comment),
    )
}

fn ticket(head: &TicketHead) -> Element {
    let field = |name: &str, text: &str| leaf("Ticket", name, text);
    let mut ticket = content("Ticket").with(field("TicketDate", &head.date));
    for (name, text) in
        [("Identity", &head.identity), ("DocId", &head.doc_id), ("TransportId", &head.transport_id)]
    {
        if name != "Identity" || !text.is_empty() {
            ticket.children.push(field(name, text));
        }
    }
    if !head.reg_id.is_empty() {
        ticket.children.push(field("RegID", &head.reg_id));
    }
    ticket.with(element("Ticket", "DocHash")).with(field("DocType", &head.doc_type))
}

fn verdict(accepted: bool) -> &'static str {
    if accepted { "Accepted" } else { "Rejected" }
}

/// FORM2REGINFO or, for the first version, FORMBREGINFO: its name in addresses and its content.
pub fn form(
    waybill: &Element,
    version: u8,
    ttn: &str,
    date: &str,
    batches: &[(String, String)],
) -> (&'static str, Element) {
    let (url, name, batch) = if version == 1 {
        ("FORMBREGINFO", "TTNInformBReg", "InformBRegId")
    } else {
        ("FORM2REGINFO", "TTNInformF2Reg", "InformF2RegId")
    };
    let mut header = element(name, "Header");
    let identity = waybill.at("Identity");
    if !identity.is_empty() {
        header = header.field("Identity", identity);
    }
    header = header
        .field("WBRegId", ttn)
        .field("EGAISFixNumber", format!("WBF-{}", ttn.trim_start_matches("TTN-")))
        .field("EGAISFixDate", date)
        .field("WBNUMBER", waybill.at("Header/NUMBER"))
        .field("WBDate", waybill.at("Header/Date"));
    for party in ["Shipper", "Consignee"] {
        if let Some(found) = waybill.find(&format!("Header/{party}")) {
            header.children.push(found.renamed(name, party));
        }
    }
    let positions = batches
        .iter()
        .map(|(identity, id)| element(name, "Position").field("Identity", identity).field(batch, id));
    (url, content(name).with(header).with(element(name, "Content").with_all(positions)))
}

/// TTNHISTORYF2REG of a waybill.
pub fn history(ttn: &str, shipper: &str, consignee: &str, batches: &[(String, String)]) -> Element {
    let ns = "TTNHistoryF2Reg";
    let positions = batches.iter().map(|(identity, id)| {
        let step = element(ns, "step")
            .field("lev", "1")
            .field("Form2", id)
            .field("parentForm2", "FB-000000000000001")
            .field("Shipper", shipper)
            .field("Consignee", consignee)
            .field("WBRegId", ttn)
            .field("amount", "1");
        element(ns, "Position").field("Identity", identity).with(element(ns, "HistF2").with(step))
    });
    content(ns)
        .with(element(ns, "Header").field("WBRegId", ttn))
        .with(element(ns, "Content").with_all(positions))
}

/// A partner's act on a waybill; `positions` are (identity, F2 id, real quantity).
pub fn act(
    version: u8,
    verdict: &str,
    number: &str,
    date: &str,
    ttn: &str,
    positions: &[(String, String, String)],
) -> Element {
    let ns = format!("ActTTNSingle{}", tail(version));
    let batch = if version == 1 { "InformBRegId" } else { "InformF2RegId" };
    // The first version knows no differences: there it is an acceptance with positions.
    let verdict = if version == 1 && verdict == "Differences" { "Accepted" } else { verdict };
    let header = element(&ns, "Header")
        .field("IsAccept", verdict)
        .field("ACTNUMBER", number)
        .field("ActDate", date)
        .field("WBRegId", ttn)
        .field("Note", "");
    let positions = positions.iter().map(|(identity, id, quantity)| {
        element(&ns, "Position").field("Identity", identity).field(batch, id).field("RealQuantity", quantity)
    });
    content(&format!("WayBillAct{}", tail(version)))
        .with(leaf(&ns, "Identity", number))
        .with(header)
        .with(element(&ns, "Content").with_all(positions))
}

/// A partner's answer to a difference act.
pub fn confirm_ticket(accepted: bool, number: &str, date: &str, ttn: &str) -> Element {
    confirmation("ConfirmTicket", "Ticket", accepted, number, date, ttn)
}

/// A partner's wish to undo a waybill.
pub fn request_repeal(client: &str, number: &str, moment: &str, ttn: &str) -> Element {
    let ns = "RequestRepealWB";
    let field = |name: &str, text: &str| leaf(ns, name, text);
    content(ns)
        .with(field("ClientId", client))
        .with(field("RequestNumber", number))
        .with(field("RequestDate", moment))
        .with(field("WBRegId", ttn))
}

/// A partner's answer to such a wish.
pub fn confirm_repeal(accepted: bool, number: &str, date: &str, ttn: &str) -> Element {
    confirmation("ConfirmRepealWB", "Confirm", accepted, number, date, ttn)
}

/// A yes or no; `own` begins the names of its own number and date.
fn confirmation(ns: &str, own: &str, accepted: bool, number: &str, date: &str, ttn: &str) -> Element {
    let header = element(ns, "Header")
        .field("IsConfirm", verdict(accepted))
        .field(&format!("{own}Number"), number)
        .field(&format!("{own}Date"), date)
        .field("WBRegId", ttn)
        .field("Note", "");
    content(ns).with(leaf(ns, "Identity", number)).with(header)
}

/// INVENTORYREGINFO of an act of putting on the balance.
pub fn inventory_form(
    act: &Element,
    is_first_version: bool,
    registration: &str,
    batches: &[(String, String, String)],
) -> Element {
    let (ns, first, list, item, batch) = if is_first_version {
        ("ActInventoryInformBReg", "InformARegId", "InformB", "InformBItem", "BRegId")
    } else {
        ("ActInventoryInformF2Reg", "InformF1RegId", "InformF2", "InformF2Item", "F2RegId")
    };
    let mut header = element(ns, "Header");
    if !act.at("Identity").is_empty() {
        header = header.field("Identity", act.at("Identity"));
    }
    let number =
        if act.at("Header/Number").is_empty() { act.at("Header/ActNumber") } else { act.at("Header/Number") };
    header = header.field("ActRegId", registration).field("Number", number);
    let positions = batches.iter().map(|(identity, form1, form2)| {
        let item = element(ns, item).field("Identity", "1").field(batch, form2);
        element(ns, "Position")
            .field("Identity", identity)
            .field(first, form1)
            .with(element(ns, list).with(item))
    });
    content(ns).with(header).with(element(ns, "Content").with_all(positions))
}

/// A line of a stock.
#[derive(Debug, Clone)]
pub struct Rest {
    pub alc_code: String,
    pub name: String,
    pub quantity: i64,
    pub form1: String,
    pub form2: String,
}

fn product(ns: &str, alc_code: &str, name: &str) -> Element {
    let product = element(ns, "Product");
    let field = |name: &str, text: &str| leaf("ProductRef_v2", name, text);
    product
        .with(field("UnitType", "Packed"))
        .with(field("Type", "АП"))
        .with(field("FullName", name))
        .with(field("AlcCode", alc_code))
        .with(field("Capacity", "0.5"))
        .with(field("AlcVolume", "40"))
        .with(field("ProductVCode", "200"))
}

/// ReplyRests_v2.
pub fn rests(moment: &str, lines: &[Rest]) -> Element {
    let ns = "ReplyRests_v2";
    let positions = lines.iter().map(|line| {
        element(ns, "StockPosition")
            .with(product(ns, &line.alc_code, &line.name))
            .field("Quantity", line.quantity.to_string())
            .field("InformF1RegId", &line.form1)
            .field("InformF2RegId", &line.form2)
    });
    content(ns).with(leaf(ns, "RestsDate", moment)).with(element(ns, "Products").with_all(positions))
}

/// ReplyRestsShop_v2; lines are (product code, name, quantity).
pub fn shop_rests(moment: &str, lines: &[(String, String, i64)]) -> Element {
    let ns = "ReplyRestsShop_v2";
    let positions = lines.iter().map(|(code, name, quantity)| {
        element(ns, "ShopPosition").with(product(ns, code, name)).field("Quantity", quantity.to_string())
    });
    content(ns).with(leaf(ns, "RestsDate", moment)).with(element(ns, "Products").with_all(positions))
}

/// ReplyRestBCode.
pub fn mark_rests(moment: &str, form2: &str, marks: &[String]) -> Element {
    let ns = "ReplyRestBCode";
    let mut reply = content(ns).with(leaf(ns, "RestsDate", moment)).with(leaf(ns, "Inform2RegId", form2));
    if !marks.is_empty() {
        let marks = marks.iter().map(|mark| leaf("CommonV3", "amc", mark));
        reply.children.push(element(ns, "MarkInfo").with_all(marks));
    }
    reply
}

/// ReplyNATTN; lines are (TTN, number, date, shipper).
pub fn unanswered(consignee: &str, moment: &str, lines: &[(String, String, String, String)]) -> Element {
    let ns = "ReplyNoAnswerTTN";
    let list = lines.iter().map(|(ttn, number, date, shipper)| {
        element(ns, "NoAnswer")
            .field("WbRegID", ttn)
            .field("ttnNumber", number)
            .field("ttnDate", date)
            .field("Shipper", shipper)
    });
    content(ns)
        .with(leaf(ns, "Consignee", consignee))
        .with(leaf(ns, "ReplyDate", moment))
        .with(element(ns, "ttnlist").with_all(list))
}

/// An organisation as the second version of the directory has it.
pub fn organisation(fsrar: &str, inn: &str) -> Element {
    let ns = "ClientRef_v2";
    let (tag, inn) = if inn.len() == 12 { ("FL", inn.to_owned()) } else { ("UL", format!("{inn:0>10}")) };
    let mut party = element(ns, tag)
        .field("ClientRegId", fsrar)
        .field("FullName", format!("Общество с ограниченной ответственностью \"Организация {fsrar}\""))
        .field("ShortName", format!("ООО \"Организация {fsrar}\""))
        .field("INN", inn);
    if tag == "UL" {
        party = party.field("KPP", "770101001");
    }
    let address = element(ns, "address")
        .field("Country", "643")
        .field("RegionCode", "77")
        .field("description", "Россия, Москва");
    party.with(address)
}

/// ReplyClient_v2.
pub fn clients(lines: &[(String, String)]) -> Element {
    let ns = "ReplyClient_v2";
    let list = lines.iter().map(|(fsrar, inn)| {
        element(ns, "Client")
            .with(element("ClientRef_v2", "OrgInfoV2").with(organisation(fsrar, inn)))
            .with(leaf("ClientRef_v2", "State", "Действующая"))
            .with(leaf("ClientRef_v2", "VersionWB", "WayBill_v4"))
    });
    content(ns).with(element(ns, "Clients").with_all(list))
}

/// ReplyAP_v2; lines are (product code, name).
pub fn products(lines: &[(String, String)]) -> Element {
    let ns = "ReplyAP_v2";
    let list = lines.iter().map(|(code, name)| product(ns, code, name));
    content(ns).with(element(ns, "Products").with_all(list))
}

/// A line of a waybill that a partner sends.
#[derive(Debug, Clone)]
pub struct Line {
    pub alc_code: String,
    pub name: String,
    pub quantity: i64,
    pub marks: Vec<String>,
}

/// Head of a waybill that a partner sends.
#[derive(Debug, Clone, Default)]
pub struct Head {
    pub version: u8,
    pub identity: String,
    pub number: String,
    pub date: String,
    pub shipper: String,
    pub consignee: String,
}

impl Head {
    /// A head with a new identity and a date that plays no part.
    pub fn new(version: u8, number: &str, shipper: &str, consignee: &str) -> Self {
        Self {
            version,
            identity: uuid::Uuid::new_v4().to_string(),
            number: number.into(),
            date: "2024-06-03".into(),
            shipper: shipper.into(),
            consignee: consignee.into(),
        }
    }
}

/// A waybill of any version.
pub fn waybill(head: &Head, lines: &[Line]) -> Element {
    let ns = format!("TTNSingle{}", tail(head.version));
    let is_first = head.version == 1;
    let party = |name: &str, fsrar: &str| {
        let organisation = organisation(fsrar, "7700000000");
        if is_first {
            // The first version has the fields flat, in its own namespace.
            let flat = organisation.children.iter().map(|child| in_namespace(child, "ClientRef"));
            element(&ns, name).with_all(flat)
        } else {
            element(&ns, name).with(organisation)
        }
    };
    let mut header = element(&ns, "Header").field("Type", "WBInvoiceFromMe");
    if is_first {
        header = header.field("UnitType", "Packed").with(element(&ns, "Transport"));
    }
    header = header
        .field("NUMBER", &head.number)
        .field("Date", &head.date)
        .field("ShippingDate", &head.date)
        .with(party("Shipper", &head.shipper))
        .with(party("Consignee", &head.consignee));
    let positions =
        lines.iter().enumerate().map(|(index, line)| position(&ns, head.version, index + 1, line));
    content(&format!("WayBill{}", tail(head.version)))
        .with(leaf(&ns, "Identity", &head.identity))
        .with(header)
        .with(element(&ns, "Content").with_all(positions))
}

fn position(ns: &str, version: u8, index: usize, line: &Line) -> Element {
    let producer = organisation("010000000001", "5000000001");
    let mut product = product(ns, &line.alc_code, &line.name);
    if version == 1 {
        product.children.retain(|child| child.name != "UnitType");
        product = Element {
            children: product.children.iter().map(|child| in_namespace(child, "ProductRef")).collect(),
            ..product
        };
    } else {
        product.children.push(element("ProductRef_v2", "Producer").with(producer));
    }
    let position = element(ns, "Position")
        .with(product)
        .field("Quantity", line.quantity.to_string())
        .field("Price", "350.50")
        .field("Identity", index.to_string());
    let (form1, form2) = (format!("FA-{index:015}"), format!("FB-{index:015}"));
    match version {
        1 => position.with(element(ns, "InformA").with(leaf("ProductRef", "RegId", form1))).with(
            element(ns, "InformB").with(element("ProductRef", "InformBItem").with(leaf(
                "ProductRef",
                "BRegId",
                form2,
            ))),
        ),
        2 => position.with(element(ns, "InformF1").with(leaf("ProductRef_v2", "RegId", form1))).with(
            element(ns, "InformF2").with(element("ProductRef_v2", "InformF2Item").with(leaf(
                "ProductRef_v2",
                "F2RegId",
                form2,
            ))),
        ),
        _ => {
            let mut form2 = element(ns, "InformF2").with(leaf("CommonV3", "F2RegId", form2));
            if !line.marks.is_empty() {
                let list = element("CommonV3", "amclist")
                    .with_all(line.marks.iter().map(|mark| leaf("CommonV3", "amc", mark)));
                form2
                    .children
                    .push(element("CommonV3", "MarkInfo").with(element("CommonV3", "boxpos").with(list)));
            }
            position.field("FARegId", form1).with(form2)
        }
    }
}

fn in_namespace(element: &Element, namespace: &str) -> Element {
    Element {
        namespace: namespace.into(),
        children: element.children.iter().map(|child| in_namespace(child, namespace)).collect(),
        ..element.clone()
    }
}
