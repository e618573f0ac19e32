//! Partners without a UTM: they answer as they were told to.

use super::papers;
use super::world::{About, Answer, Stage, World, document_moment, today};

impl World {
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
                    self.ask_repeal(ttn);
                    let wish = papers::request_repeal(&waybill.consignee, &number, &document_moment(), ttn);
                    self.forward(&waybill.shipper, &waybill.consignee, "RequestRepealWB", wish);
                }
            }
            About::Difference if waybill.stage == Stage::Disputed => {
                let Some(accepted) = yes_or_no(self.partner(&waybill.shipper).on_difference) else { return };
                self.set_stage(ttn, if accepted { Stage::Accepted } else { Stage::Unanswered });
                let answer = papers::confirm_ticket(accepted, &number, &today(), ttn);
                self.forward(&waybill.consignee, &waybill.shipper, "WayBillTicket", answer);
            }
            About::Repeal if waybill.repeal_asked => {
                let Some(accepted) = yes_or_no(self.partner(&waybill.shipper).on_repeal) else { return };
                let answer = papers::confirm_repeal(accepted, &number, &today(), ttn);
                self.forward(&waybill.consignee, &waybill.shipper, "ConfirmRepealWB", answer);
                self.repeal_answered(ttn, accepted);
            }
            _ => {}
        }
    }
}

/// What a partner says to a question, if anything.
fn yes_or_no(answer: Answer) -> Option<bool> {
    match answer {
        Answer::Accept => Some(true),
        Answer::Reject => Some(false),
        Answer::Dispute | Answer::Silent => None,
    }
}
