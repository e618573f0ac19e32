//! Rules beyond the schema: what it allows but EGAIS refuses, or nobody means (facts on UTM, section 4).
//!
//! They are warnings. They look at elements by name, because the names are the same in all versions of a document.

use super::model::{Document, Element, Kind};
use super::value::{Decimal, Pattern};
use crate::bilingual;
use crate::error::Bilingual;
use foldhash::fast::{FixedState, RandomState};
use std::collections::HashSet;
use std::hash::BuildHasher;

/// A rule that is broken; always a warning.
#[derive(Debug, Clone)]
pub struct Broken {
    /// `rule.…`
    pub rule: &'static str,
    /// What is wrong.
    pub value: String,
    /// Child of the element in question that is meant; empty for the element itself.
    pub step: &'static str,
    /// What is wrong, and what is right.
    pub message: Bilingual,
}

/// Looks at a document while it goes by. `depth` is the number of open elements inside the document's own.
#[derive(Debug, Default)]
pub struct Rules {
    /// What of the document is looked at; `None` switches everything off.
    scope: Option<Scope>,
    owner: String,
    hasher: RandomState,
    marks: HashSet<u64, FixedState>,
    forms: HashSet<String>,
    header: Header,
    party: Option<Party>,
    position: Option<Position>,
    positions: u64,
}

/// Which rules a document has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Scope {
    /// Marks are compared with one another.
    marks: bool,
    /// F2 ids are compared with one another.
    forms: bool,
    /// The number of marks of a position is its quantity.
    counts_marks: bool,
    /// Answers to a waybill, format 2 and later.
    is_act: bool,
    /// The element with FSRAR_ID of the sender.
    has_client_id: bool,
}

#[derive(Debug, Default)]
struct Header {
    accept: Option<&'static str>,
    is_regrading: bool,
    has_write_off: bool,
    is_internal: bool,
    is_from_me: bool,
    shipper: String,
    consignee: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Party {
    Shipper,
    Consignee,
}

#[derive(Debug, Default)]
struct Position {
    quantity: Option<String>,
    real_quantity: Option<String>,
    is_packed: Option<bool>,
    has_capacity: bool,
    marks: u64,
}

impl Rules {
    /// A document begins. `owner` is the FSRAR_ID of its envelope, empty if that is not known.
    pub fn begin_document(&mut self, document: &'static Document, owner: &str) {
        let name = document.name();
        let is_act = matches!(name, "WayBillAct_v2" | "WayBillAct_v3" | "WayBillAct_v4");
        let stock =
            matches!(document.family, "write_off" | "shop" | "charge_on") || name.ends_with("FixBarCode");
        let waybill = document.family == "waybills";
        let has_client_id = document.family == "repeals" || name == "InfoVersionTTN";
        self.scope = (is_act || stock || waybill || has_client_id).then_some(Scope {
            marks: is_act || stock || waybill,
            forms: stock,
            counts_marks: waybill
                || matches!(document.family, "write_off" | "charge_on")
                || name == "ActWriteOffShop_v2",
            is_act,
            has_client_id,
        });
        owner.clone_into(&mut self.owner);
    }

    /// An element with children begins.
    #[inline]
    pub fn begin(&mut self, element: &'static Element, depth: usize) {
        if self.scope.is_none() || depth != 2 {
            return;
        }
        match element.name() {
            "Position" => {
                self.position = Some(Position::default());
                self.positions += 1;
            }
            "Shipper" => self.party = Some(Party::Shipper),
            "Consignee" => self.party = Some(Party::Consignee),
            _ => {}
        }
    }

    /// A value arrives.
    #[inline]
    pub fn value(&mut self, element: &'static Element, text: &str, depth: usize) -> Option<Broken> {
        let scope = self.scope?;
        if scope.marks
            && let Kind::Value(kind) = element.kind
            && kind.patterns.first().is_some_and(|pattern| matches!(pattern, Pattern::Mark | Pattern::Beer))
        {
            return self.mark(text);
        }
        let Some(position) = &mut self.position else {
            return self.header_value(element.name(), text, depth, scope);
        };
        // Deeper down the same names speak of other things, such as the quantity of an F1 record.
        match element.name() {
            "Quantity" if depth <= 3 => position.quantity = Some(text.to_owned()),
            "RealQuantity" => position.real_quantity = Some(text.to_owned()),
            "UnitType" if depth == 3 => position.is_packed = Some(text == "Packed"),
            "Capacity" if depth == 3 => position.has_capacity = true,
            "F2RegId" | "Inform2RegId" | "BRegId" if scope.forms => return self.form(text),
            _ => {}
        }
        None
    }

    /// An element with children ends; `depth` as at its beginning.
    #[inline]
    pub fn end(&mut self, depth: usize) -> Vec<Broken> {
        let Some(scope) = self.scope.filter(|_| matches!(depth, 0 | 2)) else { return Vec::new() };
        if depth == 2 {
            self.party = None;
            return match self.position.take() {
                Some(position) => position.check(scope).into_iter().collect(),
                None => Vec::new(),
            };
        }
        self.check_document(scope)
    }

    fn mark(&mut self, text: &str) -> Option<Broken> {
        if let Some(position) = &mut self.position {
            position.marks += 1;
        }
        if self.marks.insert(self.hasher.hash_one(text)) {
            return None;
        }
        Some(broken(
            "rule.duplicate_mark",
            "",
            text,
            bilingual!("Марка встречается в документе дважды.", "The mark stands twice in the document."),
        ))
    }

    fn form(&mut self, text: &str) -> Option<Broken> {
        if self.forms.insert(text.to_owned()) {
            return None;
        }
        let message = bilingual!(
            "Справка 2 {text} встречается в документе дважды: объедините позиции.",
            "The F2 id {text} stands twice in the document: join the positions."
        );
        Some(broken("rule.duplicate_f2", "", text, message))
    }

    fn header_value(&mut self, name: &str, text: &str, depth: usize, scope: Scope) -> Option<Broken> {
        match (name, depth) {
            ("IsAccept", 1) => {
                self.header.accept =
                    ["Accepted", "Rejected", "Differences"].into_iter().find(|known| *known == text);
            }
            ("TypeChargeOn", 1) => self.header.is_regrading = text == "Пересортица",
            ("ActWriteOff", 1) => self.header.has_write_off = !text.is_empty(),
            ("Type", 1) => {
                self.header.is_internal = text == "WBInternal";
                self.header.is_from_me = matches!(text, "WBInvoiceFromMe" | "WBReturnFromMe");
            }
            ("ClientRegId", _) => match self.party {
                Some(Party::Shipper) => text.clone_into(&mut self.header.shipper),
                Some(Party::Consignee) => text.clone_into(&mut self.header.consignee),
                None => {}
            },
            ("ClientId", 0) if scope.has_client_id && self.is_not_owner(text) => {
                return Some(self.not_owner("", text));
            }
            _ => {}
        }
        None
    }

    fn is_not_owner(&self, id: &str) -> bool {
        !self.owner.is_empty() && !id.is_empty() && id != self.owner
    }

    fn not_owner(&self, step: &'static str, id: &str) -> Broken {
        let owner = &self.owner;
        let message = bilingual!(
            "Код ФСРАР {id} не совпадает с владельцем документа {owner}.",
            "The FSRAR_ID {id} differs from the owner of the document {owner}."
        );
        broken("rule.owner", step, id, message)
    }

    fn check_document(&self, scope: Scope) -> Vec<Broken> {
        let mut found = Vec::new();
        let Header { accept, is_regrading, has_write_off, is_internal, is_from_me, shipper, consignee } =
            &self.header;
        if scope.is_act {
            match accept {
                Some(accept @ ("Accepted" | "Rejected")) if self.positions > 0 => {
                    let message = bilingual!(
                        "Позиции в акте бывают только при IsAccept = Differences, а указано {accept}.",
                        "An act has positions only with IsAccept = Differences, not with {accept}."
                    );
                    found.push(broken("rule.accept_positions", "Content", accept, message));
                }
                Some("Differences") if self.positions == 0 => {
                    let message = bilingual!(
                        "В акте с расхождениями нет ни одной позиции.",
                        "An act with differences has no positions."
                    );
                    found.push(broken("rule.accept_positions", "Content", "Differences", message));
                }
                _ => {}
            }
        }
        if *is_regrading && !has_write_off {
            let message = bilingual!(
                "При постановке на баланс по пересортице нужен номер акта списания (ActWriteOff).",
                "A charge-on for regrading needs the number of the write-off act (ActWriteOff)."
            );
            found.push(broken("rule.regrading", "Header.ActWriteOff", "", message));
        }
        if *is_from_me && self.is_not_owner(shipper) {
            found.push(self.not_owner("Header.Shipper", shipper));
        }
        if !is_internal && !shipper.is_empty() && shipper == consignee {
            let message = bilingual!(
                "Отправитель и получатель совпадают.",
                "The shipper and the consignee are the same."
            );
            found.push(broken("rule.self_transfer", "Header.Consignee", consignee, message));
        }
        found
    }
}

impl Position {
    fn check(&self, scope: Scope) -> Option<Broken> {
        let quantity = self.quantity.as_deref().unwrap_or_default();
        let decimal = Decimal::read(quantity);
        let marks = self.marks;
        if let Some(real) = self.real_quantity.as_deref().filter(|_| marks > 0)
            && Decimal::read(real).is_some_and(|real| !real.is_whole())
        {
            let message = bilingual!(
                "У маркированной позиции дробное количество {real}.",
                "A position with marks has the fractional quantity {real}."
            );
            return Some(broken("rule.quantity_marks", "RealQuantity", real, message));
        }
        if scope.counts_marks && marks > 0 && decimal.is_some_and(|decimal| decimal.to_count() != Some(marks))
        {
            let message = bilingual!(
                "Количество {quantity} не равно числу марок {marks}.",
                "The quantity {quantity} differs from the number of marks {marks}."
            );
            return Some(broken("rule.quantity_marks", "Quantity", quantity, message));
        }
        match self.is_packed {
            Some(true) if decimal.is_some_and(|decimal| !decimal.is_whole()) => {
                let message = bilingual!(
                    "Фасованная продукция считается штуками, а количество {quantity} дробное.",
                    "Packed products are counted in pieces, but the quantity {quantity} is fractional."
                );
                Some(broken("rule.packed_quantity", "Quantity", quantity, message))
            }
            Some(true) if !self.has_capacity => {
                let message = bilingual!(
                    "У фасованной продукции нет объёма Capacity.",
                    "A packed product has no Capacity."
                );
                Some(broken("rule.capacity", "Product.Capacity", "", message))
            }
            Some(false) if self.has_capacity => {
                let message = bilingual!(
                    "Нефасованная продукция считается декалитрами: Capacity не указывают.",
                    "Unpacked products are counted in decalitres: Capacity is left out."
                );
                Some(broken("rule.capacity", "Product.Capacity", "", message))
            }
            _ => None,
        }
    }
}

#[cold]
fn broken(rule: &'static str, step: &'static str, value: &str, message: Bilingual) -> Broken {
    Broken { rule, value: value.to_owned(), step, message }
}
