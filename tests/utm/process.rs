//! What EGAIS does first with a document that a UTM took: it judges it, hands it on by its type, and writes tickets.

use super::papers::{self, TicketHead};
use super::world::{Effect, InDocument, Received, Verdict, World, document_moment};
use super::xml::Element;

/// Names in addresses whose element is called otherwise.
const OTHER_NAMES: &[(&str, &str)] = &[
    ("WayBillTicket", "ConfirmTicket"),
    ("QueryPartner", "QueryClients"),
    ("QueryHistoryFormB", "QueryFormBHistory"),
];

/// The content of an envelope.
pub fn content_of(document: &Element) -> Option<&Element> {
    let body = document.child("Document")?;
    if body.children.len() == 1 { body.children.first() } else { None }
}

/// The number of a document, whatever its tag.
pub fn number_of(content: &Element) -> String {
    const TAGS: &[&str] = &[
        "NUMBER",
        "ACTNUMBER",
        "ActNumber",
        "Number",
        "TransferNumber",
        "TicketNumber",
        "ConfirmNumber",
        "RequestNumber",
    ];
    let header = content.child("Header").unwrap_or(content);
    TAGS.iter().map(|tag| header.at(tag)).find(|number| !number.is_empty()).unwrap_or_default()
}

/// A document on its way through EGAIS.
pub(super) struct Case {
    pub(super) fsrar: String,
    pub(super) url_type: String,
    pub(super) reply_id: String,
    pub(super) content: Element,
    pub(super) head: TicketHead,
}

impl World {
    /// Takes a document from `POST /opt/in/…`; gives the reply id.
    pub fn submit(&mut self, fsrar: &str, url_type: &str, xml: &str) -> Result<String, String> {
        let document = Element::parse(xml).map_err(|error| format!("Ошибка разбора: {error}"))?;
        let content = content_of(&document).ok_or("Ошибка поиска модели")?.clone();
        let expected = OTHER_NAMES
            .iter()
            .find(|(url, _)| url.eq_ignore_ascii_case(url_type))
            .map_or(url_type, |(_, element)| element);
        if !content.name.eq_ignore_ascii_case(expected) {
            return Err("Ошибка поиска модели".into());
        }
        let owner = document.at("Owner/FSRAR_ID");
        if owner != fsrar {
            return Err(format!(
                "FSRAR_ID {owner} не соответствует FSRAR_ID первичной инициализации {fsrar}"
            ));
        }
        if let Some(rule) = self.rule(url_type, &[Verdict::Refuse]) {
            return Err(rule.text);
        }
        let reply_id = uuid::Uuid::new_v4().to_string();
        let identity = content.at("Identity");
        let received = Received {
            url_type: url_type.into(),
            reply_id: reply_id.clone(),
            identity: identity.clone(),
            number: number_of(&content),
            xml: xml.into(),
        };
        let transport = self.transports.get_mut(fsrar).ok_or("УТМ не настроен")?;
        transport.received.push(received);
        transport.next += 1;
        let number = transport.next;
        let submitted = InDocument {
            url_type: url_type.into(),
            reply_id: reply_id.clone(),
            timestamp: document_moment(),
            xml: xml.into(),
        };
        transport.input.insert(number, submitted);
        let head = TicketHead {
            identity,
            doc_id: uuid::Uuid::new_v4().to_string().to_uppercase(),
            transport_id: reply_id.clone(),
            reg_id: String::new(),
            doc_type: content.name.clone(),
            date: document_moment(),
        };
        let case = Case {
            fsrar: fsrar.into(),
            url_type: url_type.into(),
            reply_id: reply_id.clone(),
            content,
            head,
        };
        self.process(case);
        Ok(reply_id)
    }

    fn process(&mut self, case: Case) {
        if self.rule(&case.url_type, &[Verdict::Silence]).is_some() {
            return;
        }
        if let Some(rule) = self.rule(&case.url_type, &[Verdict::RejectFirst]) {
            return self.first(&case, false, &rule.text);
        }
        let name = case.content.name.clone();
        if name.starts_with("Query") {
            return self.query(case);
        }
        if let Some(rule) = self.rule(&case.url_type, &[Verdict::RejectSecond]) {
            self.first(&case, true, "");
            return self.second(&case, "Confirm", false, &rule.text);
        }
        match name.split("_v").next().unwrap_or_default() {
            "WayBill" => self.waybill(case),
            "WayBillAct" => self.waybill_act(case),
            "ConfirmTicket" => self.confirm_ticket(case),
            "RequestRepealWB" => self.request_repeal(case),
            "ConfirmRepealWB" => self.confirm_repeal(case),
            "ActWriteOff" | "ActChargeOn" | "TransferToShop" | "TransferFromShop" => self.stock_act(case),
            "RequestRepealACO" | "RequestRepealAWO" => self.repeal_act(case),
            "InfoVersionTTN" => self.first(&case, true, "Версия установлена"),
            _ => {
                self.first(&case, true, "");
                self.second(&case, "Confirm", true, "Документ проведён");
            }
        }
    }

    // --- tickets

    pub(super) fn first(&mut self, case: &Case, accepted: bool, comment: &str) {
        let content = papers::ticket_1(&case.head, accepted, comment);
        self.ticket(case, content, self.config.stage_1);
    }

    pub(super) fn second(&mut self, case: &Case, operation: &str, accepted: bool, comment: &str) {
        let content = papers::ticket_2(&case.head, operation, accepted, comment);
        self.ticket(case, content, self.config.stage_2);
    }

    fn ticket(&mut self, case: &Case, content: Element, delay: std::time::Duration) {
        let xml = papers::envelope(papers::SERVER, content);
        let effect = Effect::Deliver {
            to: case.fsrar.clone(),
            url_type: "Ticket".into(),
            reply_id: Some(case.reply_id.clone()),
            xml,
        };
        self.later(delay, effect);
    }

    pub(super) fn answer(&mut self, case: &Case, url_type: &str, content: Element) {
        let effect = Effect::Deliver {
            to: case.fsrar.clone(),
            url_type: url_type.into(),
            reply_id: Some(case.reply_id.clone()),
            xml: papers::envelope(papers::SERVER, content),
        };
        self.later(self.config.form, effect);
    }

    /// Forwards a document to the other side of a waybill, without a reply id.
    pub(super) fn forward(&mut self, to: &str, owner: &str, url_type: &str, content: Element) {
        let xml = papers::envelope(owner, content);
        let effect = Effect::Deliver { to: to.into(), url_type: url_type.into(), reply_id: None, xml };
        self.later(self.config.stage_2, effect);
    }
}
