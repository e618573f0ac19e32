//! Waybills in EGAIS: their registration, acts, withdrawals and repeals, and what goes to the other side.

use super::papers::{self, TicketHead};
use super::process::{Case, number_of};
use super::world::{About, Effect, Stage, Waybill, World, document_moment, today};
use super::xml::Element;
use std::collections::HashMap;

impl World {
    pub(super) fn waybill(&mut self, case: Case) {
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

    /// The waybill that a document speaks of; an unknown one is refused at the second stage.
    fn known_waybill(&mut self, case: &Case, ttn: &str) -> Option<Waybill> {
        let known = self.waybills.get(ttn).cloned();
        if known.is_none() {
            self.second(case, "Confirm", false, &format!("Накладная {ttn} не найдена"));
        }
        known
    }

    /// The consignee wishes to undo a waybill.
    pub(super) fn ask_repeal(&mut self, ttn: &str) {
        if let Some(waybill) = self.waybills.get_mut(ttn) {
            waybill.repeal_asked = true;
        }
    }

    pub(super) fn waybill_act(&mut self, mut case: Case) {
        let ttn = case.content.at("Header/WBRegId");
        self.first(&case, true, "");
        case.head.reg_id.clone_from(&ttn);
        case.head.doc_type = "WAYBILL".into();
        let Some(waybill) = self.known_waybill(&case, &ttn) else { return };
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
    pub(super) fn set_stage(&mut self, ttn: &str, stage: Stage) {
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

    pub(super) fn confirm_ticket(&mut self, mut case: Case) {
        let ttn = case.content.at("Header/WBRegId");
        self.first(&case, true, "");
        case.head.reg_id.clone_from(&ttn);
        let Some(waybill) = self.known_waybill(&case, &ttn) else { return };
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

    pub(super) fn request_repeal(&mut self, mut case: Case) {
        let ttn = case.content.at("WBRegId");
        self.first(&case, true, "");
        case.head.reg_id.clone_from(&ttn);
        let Some(waybill) = self.known_waybill(&case, &ttn) else { return };
        if waybill.stage != Stage::Accepted {
            return self.second(&case, "Confirm", false, "Накладная не подтверждена");
        }
        self.ask_repeal(&ttn);
        let shipper = waybill.shipper;
        self.second(&case, "Confirm", true, "Запрос отправлен поставщику");
        if self.transports.contains_key(&shipper) {
            self.forward(&shipper, &case.fsrar, "RequestRepealWB", case.content.clone());
        } else {
            let delay = self.config.stage_2 + self.config.partner;
            self.later(delay, Effect::Partner { ttn, about: About::Repeal });
        }
    }

    pub(super) fn confirm_repeal(&mut self, mut case: Case) {
        let ttn = case.content.at("Header/WBRegId");
        self.first(&case, true, "");
        case.head.reg_id.clone_from(&ttn);
        let Some(waybill) = self.known_waybill(&case, &ttn) else { return };
        if !waybill.repeal_asked {
            return self.second(&case, "Confirm", false, "Запроса отмены нет");
        }
        self.second(&case, "Confirm", true, "Ответ принят");
        self.forward(&waybill.consignee, &case.fsrar, "ConfirmRepealWB", case.content.clone());
        self.repeal_answered(&ttn, case.content.at("Header/IsConfirm") == "Accepted");
    }

    /// After the sender's answer to a wish to undo: both sides get a ticket if it agreed.
    pub(super) fn repeal_answered(&mut self, ttn: &str, accepted: bool) {
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
}

fn party(content: &Element, name: &str) -> String {
    content
        .find(&format!("Header/{name}"))
        .and_then(|party| party.descendant("ClientRegId"))
        .map(|id| id.text.trim().to_owned())
        .unwrap_or_default()
}
