//! What EGAIS does with a document that a UTM took: tickets, forms, forwarding to the partner, stock.

use super::papers::{self, TicketHead};
use super::world::{
    About, Act, Answer, Effect, InDocument, Received, Stage, Verdict, Waybill, World, document_moment, today,
};
use super::xml::Element;
use std::collections::HashMap;
use std::time::Instant;

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
struct Case {
    fsrar: String,
    url_type: String,
    reply_id: String,
    content: Element,
    head: TicketHead,
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

    fn first(&mut self, case: &Case, accepted: bool, comment: &str) {
        let content = papers::ticket_1(&case.head, accepted, comment);
        self.ticket(case, content, self.config.stage_1);
    }

    fn second(&mut self, case: &Case, operation: &str, accepted: bool, comment: &str) {
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

    fn answer(&mut self, case: &Case, url_type: &str, content: Element) {
        let effect = Effect::Deliver {
            to: case.fsrar.clone(),
            url_type: url_type.into(),
            reply_id: Some(case.reply_id.clone()),
            xml: papers::envelope(papers::SERVER, content),
        };
        self.later(self.config.form, effect);
    }

    /// Forwards a document to the other side of a waybill, without a reply id.
    fn forward(&mut self, to: &str, owner: &str, url_type: &str, content: Element) {
        let xml = papers::envelope(owner, content);
        let effect = Effect::Deliver { to: to.into(), url_type: url_type.into(), reply_id: None, xml };
        self.later(self.config.stage_2, effect);
    }

    // --- waybills

    fn waybill(&mut self, case: Case) {
        let shipper = party(&case.content, "Shipper");
        let number = number_of(&case.content);
        let date = case.content.at("Header/Date");
        let key = (shipper.clone(), number.clone(), date.chars().take(4).collect::<String>());
        if let Some(ttn) = self.seen_numbers.get(&key) {
            let text = format!(
                "Накладная №{number} от {date} уже зарегистрирована в системе. Регистрационный номер {ttn}"
            );
            return self.first(&case, false, &text);
        }
        let version = papers::version(&case.content.name);
        let ttn = self.register(version, case.content.clone());
        self.seen_numbers.insert(key, ttn.clone());
        let mut case = case;
        self.first(&case, true, "");
        case.head.reg_id.clone_from(&ttn);
        case.head.doc_type = "WAYBILL".into();
        self.second(&case, "Confirm", true, &format!("Накладная №{number} подтверждена"));
        let Some(waybill) = self.waybills.get(&ttn).cloned() else { return };
        let (url, form) = papers::form(&case.content, version, &ttn, &today(), &waybill.batches());
        self.answer(&case, url, form);
        self.send_to_consignee(&ttn);
    }

    /// Registers a waybill under a new number.
    fn register(&mut self, version: u8, content: Element) -> String {
        let ttn = format!("TTN-{:010}", 100_000_000 + self.next());
        let mut lines = Vec::new();
        if let Some(list) = content.child("Content") {
            for position in list.all("Position") {
                let form2 = format!("FB-{:015}", 2_000_000_000 + self.next());
                lines.push((
                    position.at("Identity"),
                    form2,
                    position.at("Quantity").split('.').next().and_then(|n| n.parse().ok()).unwrap_or(0),
                    position.at("Product/AlcCode"),
                    position.at("Product/FullName"),
                ));
            }
        }
        let waybill = Waybill {
            version,
            shipper: party(&content, "Shipper"),
            consignee: party(&content, "Consignee"),
            number: number_of(&content),
            date: content.at("Header/Date"),
            content,
            lines,
            stage: Stage::Unanswered,
            repeal_asked: false,
            received: HashMap::new(),
        };
        self.waybills.insert(ttn.clone(), waybill);
        ttn
    }

    /// A waybill, its form and its history go to the consignee, or to a partner without UTM.
    pub fn send_to_consignee(&mut self, ttn: &str) {
        let Some(waybill) = self.waybills.get(ttn).cloned() else { return };
        if !self.transports.contains_key(&waybill.consignee) {
            let delay = self.config.stage_2 + self.config.partner;
            return self.later(delay, Effect::Partner { ttn: ttn.into(), about: About::Waybill });
        }
        let name = waybill.content.name.clone();
        let (to, shipper) = (waybill.consignee.clone(), waybill.shipper.clone());
        self.forward(&to, &shipper, &name, waybill.content.clone());
        let (url, form) = papers::form(&waybill.content, waybill.version, ttn, &today(), &waybill.batches());
        self.forward(&to, papers::SERVER, url, form);
        if waybill.version > 1 {
            let history = papers::history(ttn, &shipper, &to, &waybill.batches());
            self.forward(&to, papers::SERVER, "TTNHISTORYF2REG", history);
        }
    }

    /// A partner without UTM sends a waybill; gives its registration number.
    pub fn supply(&mut self, head: &papers::Head, lines: &[papers::Line]) -> String {
        let content = papers::waybill(head, lines);
        let ttn = self.register(head.version, content);
        self.send_to_consignee(&ttn);
        ttn
    }

    fn waybill_act(&mut self, mut case: Case) {
        let ttn = case.content.at("Header/WBRegId");
        self.first(&case, true, "");
        case.head.reg_id.clone_from(&ttn);
        case.head.doc_type = "WAYBILL".into();
        let Some(waybill) = self.waybills.get(&ttn).cloned() else {
            return self.second(&case, "Confirm", false, &format!("Накладная {ttn} не найдена"));
        };
        if waybill.stage != Stage::Unanswered {
            return self.second(&case, "Confirm", false, "По накладной уже есть акт");
        }
        let verdict = case.content.at("Header/IsAccept");
        let has_positions = case.content.find("Content/Position").is_some();
        let stage = match verdict.as_str() {
            "Rejected" if case.fsrar == waybill.shipper => Stage::Withdrawn,
            "Rejected" => Stage::Rejected,
            "Differences" => Stage::Disputed,
            _ if waybill.version == 1 && has_positions => Stage::Disputed,
            _ => Stage::Accepted,
        };
        if let (Stage::Disputed, Some(known)) = (stage, self.waybills.get_mut(&ttn)) {
            let positions =
                case.content.child("Content").map(|list| list.children.as_slice()).unwrap_or_default();
            let real = |position: &Element| position.at("RealQuantity").split('.').next()?.parse().ok();
            known.received = positions
                .iter()
                .filter_map(|position| Some((position.at("Identity"), real(position)?)))
                .collect();
        }
        self.set_stage(&ttn, stage);
        self.second(&case, "Confirm", true, &format!("Накладная {ttn} подтверждена"));
        let name = case.content.name.clone();
        let other = if case.fsrar == waybill.shipper { &waybill.consignee } else { &waybill.shipper };
        self.forward(other, &case.fsrar, &name, case.content.clone());
        if stage == Stage::Disputed && !self.transports.contains_key(&waybill.shipper) {
            let delay = self.config.stage_2 + self.config.partner;
            self.later(delay, Effect::Partner { ttn, about: About::Difference });
        }
    }

    /// Changes the stage of a waybill; an accepted one moves the goods.
    fn set_stage(&mut self, ttn: &str, stage: Stage) {
        let Some(waybill) = self.waybills.get_mut(ttn) else { return };
        let before = std::mem::replace(&mut waybill.stage, stage);
        if (before, stage) == (Stage::Disputed, Stage::Accepted) {
            for line in &mut waybill.lines {
                line.2 = waybill.received.get(&line.0).copied().unwrap_or(line.2);
            }
        }
        let waybill = waybill.clone();
        let sign = match (before == Stage::Accepted, stage == Stage::Accepted) {
            (false, true) => 1,
            (true, false) => -1,
            _ => 0,
        };
        if sign != 0 {
            for (_, form2, quantity, code, name) in &waybill.lines {
                self.stock_change(&waybill.consignee, form2, sign * quantity, Some((code, name)));
            }
        }
        if matches!(stage, Stage::Withdrawn | Stage::Rejected) {
            let year = waybill.date.chars().take(4).collect();
            self.seen_numbers.remove(&(waybill.shipper, waybill.number, year));
        }
    }

    fn confirm_ticket(&mut self, mut case: Case) {
        let ttn = case.content.at("Header/WBRegId");
        self.first(&case, true, "");
        case.head.reg_id.clone_from(&ttn);
        let Some(waybill) = self.waybills.get(&ttn).cloned() else {
            return self.second(&case, "Confirm", false, &format!("Накладная {ttn} не найдена"));
        };
        if waybill.stage != Stage::Disputed {
            return self.second(&case, "Confirm", false, "Акта расхождений нет");
        }
        let accepted = case.content.at("Header/IsConfirm") == "Accepted";
        self.set_stage(&ttn, if accepted { Stage::Accepted } else { Stage::Unanswered });
        self.second(&case, "Confirm", true, "Квитанция принята");
        self.forward(&waybill.consignee, &case.fsrar, "WayBillTicket", case.content.clone());
        if !accepted && !self.transports.contains_key(&waybill.consignee) {
            let delay = self.config.stage_2 + self.config.partner;
            self.later(delay, Effect::Partner { ttn, about: About::Waybill });
        }
    }

    fn request_repeal(&mut self, mut case: Case) {
        let ttn = case.content.at("WBRegId");
        self.first(&case, true, "");
        case.head.reg_id.clone_from(&ttn);
        let Some(waybill) = self.waybills.get_mut(&ttn) else {
            return self.second(&case, "Confirm", false, &format!("Накладная {ttn} не найдена"));
        };
        if waybill.stage != Stage::Accepted {
            return self.second(&case, "Confirm", false, "Накладная не подтверждена");
        }
        waybill.repeal_asked = true;
        let shipper = waybill.shipper.clone();
        self.second(&case, "Confirm", true, "Запрос отправлен поставщику");
        if self.transports.contains_key(&shipper) {
            self.forward(&shipper, &case.fsrar, "RequestRepealWB", case.content.clone());
        } else {
            let delay = self.config.stage_2 + self.config.partner;
            self.later(delay, Effect::Partner { ttn, about: About::Repeal });
        }
    }

    fn confirm_repeal(&mut self, mut case: Case) {
        let ttn = case.content.at("Header/WBRegId");
        self.first(&case, true, "");
        case.head.reg_id.clone_from(&ttn);
        let Some(waybill) = self.waybills.get(&ttn).cloned() else {
            return self.second(&case, "Confirm", false, &format!("Накладная {ttn} не найдена"));
        };
        if !waybill.repeal_asked {
            return self.second(&case, "Confirm", false, "Запроса отмены нет");
        }
        self.second(&case, "Confirm", true, "Ответ принят");
        self.forward(&waybill.consignee, &case.fsrar, "ConfirmRepealWB", case.content.clone());
        self.repeal_answered(&ttn, case.content.at("Header/IsConfirm") == "Accepted");
    }

    /// After the sender's answer to a wish to undo: both sides get a ticket if it agreed.
    fn repeal_answered(&mut self, ttn: &str, accepted: bool) {
        let Some(waybill) = self.waybills.get_mut(ttn) else { return };
        waybill.repeal_asked = false;
        let waybill = waybill.clone();
        if !accepted {
            return;
        }
        self.set_stage(ttn, Stage::Unanswered);
        for to in [waybill.shipper, waybill.consignee] {
            let head = TicketHead {
                identity: waybill.number.clone(),
                doc_id: uuid::Uuid::new_v4().to_string().to_uppercase(),
                transport_id: uuid::Uuid::new_v4().to_string(),
                reg_id: ttn.into(),
                doc_type: "WAYBILL".into(),
                date: document_moment(),
            };
            let ticket = papers::ticket_2(&head, "UnConfirm", true, &format!("Накладная {ttn} распроведена"));
            self.forward(&to, papers::SERVER, "Ticket", ticket);
        }
    }

    /// What a partner without UTM does when its time has come.
    pub fn partner_acts(&mut self, ttn: &str, about: About) {
        let Some(waybill) = self.waybills.get(ttn).cloned() else { return };
        let number = format!("P-{}", self.next());
        match about {
            About::Waybill if waybill.stage == Stage::Unanswered => {
                let partner = self.partner(&waybill.consignee);
                let (stage, verdict, positions) = match partner.on_waybill {
                    Answer::Silent => return,
                    Answer::Accept => (Stage::Accepted, "Accepted", Vec::new()),
                    Answer::Reject => (Stage::Rejected, "Rejected", Vec::new()),
                    Answer::Dispute => {
                        let less = |quantity: i64| (quantity - 1).max(0).to_string();
                        let positions =
                            waybill.lines.iter().map(|line| (line.0.clone(), line.1.clone(), less(line.2)));
                        (Stage::Disputed, "Differences", positions.collect())
                    }
                };
                self.set_stage(ttn, stage);
                let act = papers::act(waybill.version, verdict, &number, &today(), ttn, &positions);
                let name = act.name.clone();
                self.forward(&waybill.shipper, &waybill.consignee, &name, act);
                if stage == Stage::Accepted && partner.asks_repeal {
                    if let Some(waybill) = self.waybills.get_mut(ttn) {
                        waybill.repeal_asked = true;
                    }
                    let wish = papers::request_repeal(&waybill.consignee, &number, &document_moment(), ttn);
                    self.forward(&waybill.shipper, &waybill.consignee, "RequestRepealWB", wish);
                }
            }
            About::Difference if waybill.stage == Stage::Disputed => {
                let accepted = match self.partner(&waybill.shipper).on_difference {
                    Answer::Accept => true,
                    Answer::Reject => false,
                    _ => return,
                };
                self.set_stage(ttn, if accepted { Stage::Accepted } else { Stage::Unanswered });
                let answer = papers::confirm_ticket(accepted, &number, &today(), ttn);
                self.forward(&waybill.consignee, &waybill.shipper, "WayBillTicket", answer);
            }
            About::Repeal if waybill.repeal_asked => {
                let accepted = match self.partner(&waybill.shipper).on_repeal {
                    Answer::Accept => true,
                    Answer::Reject => false,
                    _ => return,
                };
                let answer = papers::confirm_repeal(accepted, &number, &today(), ttn);
                self.forward(&waybill.consignee, &waybill.shipper, "ConfirmRepealWB", answer);
                self.repeal_answered(ttn, accepted);
            }
            _ => {}
        }
    }

    // --- stock

    fn stock_act(&mut self, mut case: Case) {
        let name = case.content.name.clone();
        let is_charge = name.starts_with("ActChargeOn");
        let prefix = if is_charge {
            "INV"
        } else if name.starts_with("ActWriteOff") {
            "WOF"
        } else {
            "TRS"
        };
        let registration = format!("{prefix}-{:010}", self.next());
        self.first(&case, true, "");
        let mut changes = Vec::new();
        let mut batches = Vec::new();
        let positions: Vec<Element> =
            case.content.child("Content").map(|list| list.children.clone()).unwrap_or_default();
        for position in &positions {
            let quantity: i64 = ["Quantity", "writeoffvolume/Quantity"]
                .iter()
                .find_map(|path| position.at(path).split('.').next()?.parse().ok())
                .unwrap_or(0);
            if is_charge {
                let form2 = format!("FB-{:015}", 3_000_000_000 + self.next());
                let form1 = format!("FA-{}", form2.trim_start_matches("FB-"));
                batches.push((position.at("Identity"), form1, form2.clone()));
                let product = (position.at("Product/AlcCode"), position.at("Product/FullName"));
                self.stock_change(&case.fsrar, &form2, quantity, Some((&product.0, &product.1)));
                changes.push((form2, quantity));
            } else if let Some(form2) = position.descendant("F2RegId").map(|form2| form2.text.clone()) {
                let sign = if name == "TransferFromShop" { 1 } else { -1 };
                self.stock_change(&case.fsrar, &form2, sign * quantity, None);
                self.shop_change(&case.fsrar, &form2, position, -sign * quantity);
                changes.push((form2, sign * quantity));
            }
        }
        case.head.reg_id.clone_from(&registration);
        self.acts.insert(registration.clone(), Act { organisation: case.fsrar.clone(), changes });
        if is_charge && !name.contains("Shop") {
            let is_first = papers::version(&name) == 1;
            let form = papers::inventory_form(&case.content, is_first, &registration, &batches);
            self.answer(&case, "INVENTORYREGINFO", form);
        }
        self.second(&case, "Confirm", true, &format!("Документ {registration} проведён"));
    }

    fn shop_change(&mut self, organisation: &str, form2: &str, position: &Element, change: i64) {
        let code = position.at("ProductCode");
        if code.is_empty() {
            return;
        }
        let lines = self.stock.get(organisation);
        let name = lines
            .and_then(|lines| lines.iter().find(|line| line.form2 == form2))
            .map(|line| line.name.clone())
            .unwrap_or_default();
        self.shop.entry(organisation.into()).or_default().entry(code).or_insert((name, 0)).1 += change;
    }

    fn repeal_act(&mut self, mut case: Case) {
        let registration =
            ["ACORegId", "AWORegId"].iter().map(|tag| case.content.at(tag)).find(|id| !id.is_empty());
        self.first(&case, true, "");
        let registration = registration.unwrap_or_default();
        let Some(act) = self.acts.remove(&registration) else {
            return self.second(&case, "UnConfirm", false, &format!("Акт {registration} не найден"));
        };
        for (form2, change) in &act.changes {
            self.stock_change(&act.organisation, form2, -change, None);
        }
        case.head.reg_id.clone_from(&registration);
        self.second(&case, "UnConfirm", true, &format!("Акт {registration} распроведён"));
    }

    // --- queries

    fn query(&mut self, case: Case) {
        let name = case.content.name.clone();
        let key = (case.fsrar.clone(), name.clone());
        let now = Instant::now();
        if let Some(last) = self.queries.insert(key, now)
            && now.duration_since(last) < self.config.query_pause
        {
            return self.first(&case, false, "Слишком частый запрос");
        }
        let moment = document_moment();
        match name.as_str() {
            "QueryRests" | "QueryRests_v2" => {
                let lines = self.stock.get(&case.fsrar).cloned().unwrap_or_default();
                self.answer(&case, "ReplyRests_v2", papers::rests(&moment, &lines));
            }
            "QueryRestsShop_v2" => {
                let lines: Vec<_> = self
                    .shop
                    .get(&case.fsrar)
                    .into_iter()
                    .flatten()
                    .map(|(code, (name, quantity))| (code.clone(), name.clone(), *quantity))
                    .collect();
                self.answer(&case, "ReplyRestsShop_v2", papers::shop_rests(&moment, &lines));
            }
            "QueryRestBCode" => {
                let form2 = parameter(&case.content, "ФОРМА2");
                self.answer(&case, "ReplyRestBCode", papers::mark_rests(&moment, &form2, &[]));
            }
            "QueryClients" | "QueryClients_v2" => {
                let inn = parameter(&case.content, "ИНН");
                let fsrar = parameter(&case.content, "СИО");
                let line = if inn.is_empty() {
                    (fsrar, "7700000000".to_owned())
                } else {
                    ("030000000077".to_owned(), inn)
                };
                self.answer(&case, "ReplyClient_v2", papers::clients(&[line]));
            }
            "QueryAP" | "QueryAP_v2" | "QuerySP_v2" | "QuerySSP_v2" => {
                let code = parameter(&case.content, "КОД");
                let code = if code.is_empty() { "0000000000001000001".to_owned() } else { code };
                self.answer(&case, "ReplyAP_v2", papers::products(&[(code, "Водка \"Образец\"".into())]));
            }
            "QueryNATTN" => {
                let lines: Vec<_> = self
                    .waybills
                    .iter()
                    .filter(|(_, waybill)| {
                        waybill.consignee == case.fsrar && waybill.stage == Stage::Unanswered
                    })
                    .map(|(ttn, waybill)| {
                        (ttn.clone(), waybill.number.clone(), waybill.date.clone(), waybill.shipper.clone())
                    })
                    .collect();
                self.first(&case, true, "");
                self.answer(&case, "ReplyNATTN", papers::unanswered(&case.fsrar, &moment, &lines));
            }
            "QueryResendDoc" => {
                let ttn = parameter(&case.content, "WBREGID");
                if self.waybills.contains_key(&ttn) {
                    self.first(&case, true, "");
                    self.send_to_consignee(&ttn);
                } else {
                    self.first(&case, false, &format!("Документ {ttn} не найден"));
                }
            }
            _ => self.first(&case, false, "Запрос не поддерживается"),
        }
    }
}

fn party(content: &Element, name: &str) -> String {
    content
        .find(&format!("Header/{name}"))
        .and_then(|party| party.descendant("ClientRegId"))
        .map(|id| id.text.trim().to_owned())
        .unwrap_or_default()
}

/// The value of a parameter of a query.
pub fn parameter(content: &Element, name: &str) -> String {
    content
        .all("Parameters")
        .flat_map(|parameters| parameters.all("Parameter"))
        .find(|parameter| parameter.at("Name").eq_ignore_ascii_case(name) || parameter.at("Name") == name)
        .map(|parameter| parameter.at("Value"))
        .unwrap_or_default()
}
