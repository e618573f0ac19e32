//! What of a waybill was really received: the caller's list against the waybill.

use super::fields::{Fields, IDENTITY, Names, QUANTITY};
use super::way_bill::{Position, WayBill};
use super::wrong;
use crate::bilingual;
use crate::egais::value::Decimal;
use crate::error::Result;
use serde_json::Value as Json;
use std::collections::{HashMap, HashSet};

const REFUSED: Names = ("НепринятыеМарки", "RefusedMarks");
const ACCEPTED: Names = ("ПринятыеМарки", "AcceptedMarks");

/// What was received of one position.
pub struct Received<'w> {
    /// The position of the waybill.
    pub position: &'w Position,
    /// The quantity received.
    pub quantity: String,
    /// Marks that were not.
    pub refused: Vec<String>,
}

/// Reads the list of differences: objects with `Идентификатор` of the position, `Количество` received, and `НепринятыеМарки`
/// or `ПринятыеМарки` where a part of a marked position was not received. Positions that are not in the list were received in
/// full.
///
/// # Errors
/// `argument` for positions the waybill does not have, for more than it has, and for marks that do not agree with the
/// quantity.
pub fn read<'w>(bill: &'w WayBill, differences: &Json) -> Result<Vec<Received<'w>>> {
    let items: Vec<&Json> = match differences {
        Json::Array(list) => list.iter().collect(),
        Json::Null => Vec::new(),
        single => vec![single],
    };
    let mut told: HashMap<String, Fields<'_>> = HashMap::new();
    for (index, item) in items.into_iter().enumerate() {
        let fields = Fields::new(item, &format!("Расхождения[{index}]"))?;
        let identity = fields.required(IDENTITY)?;
        if !bill.positions.iter().any(|position| position.identity == identity) {
            let message =
                bilingual!("В накладной нет позиции {identity}.", "The waybill has no position {identity}.");
            return Err(fields.error(IDENTITY, message));
        }
        if told.contains_key(&identity) {
            let message =
                bilingual!("Позиция {identity} указана дважды.", "The position {identity} is given twice.");
            return Err(fields.error(IDENTITY, message));
        }
        told.insert(identity, fields);
    }
    bill.positions
        .iter()
        .map(|position| match told.get(&position.identity) {
            Some(fields) => received(position, fields),
            None => Ok(Received { position, quantity: position.quantity.clone(), refused: Vec::new() }),
        })
        .collect()
}

fn received<'w>(position: &'w Position, fields: &Fields<'_>) -> Result<Received<'w>> {
    let identity = &position.identity;
    let shipped = position.quantity()?;
    let accepted = fields.mark_codes(ACCEPTED)?;
    let has_accepted = fields.value(ACCEPTED).is_some();
    let mut refused = fields.mark_codes(REFUSED)?;
    let given = fields.text(QUANTITY)?;
    fields.finish()?;
    let known: HashSet<&String> = position.codes().collect();
    if let Some(stranger) =
        accepted.iter().chain(&refused).find(|mark| !known.is_empty() && !known.contains(mark))
    {
        let message = bilingual!(
            "Марки {stranger} нет в позиции {identity} накладной.",
            "The mark {stranger} is not in the position {identity} of the waybill."
        );
        return Err(wrong(message));
    }
    if has_accepted && refused.is_empty() {
        refused = position.codes().filter(|mark| !accepted.contains(mark)).cloned().collect();
    }
    let quantity = match given {
        Some(quantity) => quantity.replace(',', "."),
        None if has_accepted => accepted.len().to_string(),
        None => less(shipped, refused.len()).ok_or_else(|| quantity_needed(identity))?,
    };
    let number = Decimal::read(&quantity).ok_or_else(|| quantity_needed(identity))?;
    if number > shipped {
        let shipped = &position.quantity;
        let message = bilingual!(
            "Позиция {identity}: принято {quantity}, а в накладной {shipped}. Принять больше, чем отгружено, нельзя.",
            "Position {identity}: {quantity} received, but the waybill has {shipped}. More than was shipped cannot be accepted."
        );
        return Err(wrong(message));
    }
    if number.is_zero() && refused.is_empty() {
        refused = position.codes().cloned().collect();
    }
    check_marks(position, number, &quantity, &refused)?;
    Ok(Received { position, quantity, refused })
}

/// In a marked position every piece that was not received has its mark refused.
fn check_marks(position: &Position, number: Decimal<'_>, quantity: &str, refused: &[String]) -> Result<()> {
    let (Some(shipped), Some(received)) = (position.quantity()?.to_count(), number.to_count()) else {
        return Ok(());
    };
    let marked = !refused.is_empty() || position.codes().next().is_some();
    let missing = shipped.saturating_sub(received);
    let count = refused.len() as u64;
    if marked && missing != count {
        let identity = &position.identity;
        let message = bilingual!(
            "Позиция {identity}: не принято {missing} шт. (принято {quantity} из {shipped}), а непринятых марок {count}. Укажите \
             НепринятыеМарки или ПринятыеМарки.",
            "Position {identity}: {missing} pieces are not received ({quantity} of {shipped} are), but {count} marks are refused. Give \
             RefusedMarks or AcceptedMarks."
        );
        return Err(wrong(message));
    }
    Ok(())
}

fn less(shipped: Decimal<'_>, refused: usize) -> Option<String> {
    let left = shipped.to_count()?.checked_sub(refused as u64)?;
    (refused > 0).then(|| left.to_string())
}

fn quantity_needed(identity: &str) -> crate::error::Error {
    wrong(bilingual!(
        "Позиция {identity}: укажите Количество, которое принято.",
        "Position {identity}: give the Quantity that was received."
    ))
}
