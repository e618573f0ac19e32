//! Queries to EGAIS and its replies.

use super::papers;
use super::process::Case;
use super::world::{Stage, World, document_moment};
use super::xml::Element;
use std::time::Instant;

impl World {
    pub(super) fn query(&mut self, case: Case) {
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

/// The value of a parameter of a query.
pub fn parameter(content: &Element, name: &str) -> String {
    content
        .all("Parameters")
        .flat_map(|parameters| parameters.all("Parameter"))
        .find(|parameter| parameter.at("Name").eq_ignore_ascii_case(name) || parameter.at("Name") == name)
        .map(|parameter| parameter.at("Value"))
        .unwrap_or_default()
}
