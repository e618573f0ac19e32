//! Stock in EGAIS: acts that change it, and their repeal.

use super::papers;
use super::process::Case;
use super::world::{Act, World};
use super::xml::Element;

impl World {
    pub(super) fn stock_act(&mut self, mut case: Case) {
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

    pub(super) fn repeal_act(&mut self, mut case: Case) {
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
}
