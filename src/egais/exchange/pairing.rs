//! Incoming waybills and their forms: two messages that only together can be answered.
//!
//! A waybill carries no registration number; its form repeats its Identity, number, date and shipper. Which waybill
//! belongs to which form is decided for all messages of one number, date and shipper at once, by what the messages
//! themselves say: the order of arrival does not matter. What the user has already acted on stays as it is.

use super::changes::Ledger;
use super::history::{ReceivedFacts, is_form, is_waybill, read_facts};
use crate::error::Result;
use crate::store::{Event, EventKind, NewEvent};
use std::collections::BTreeMap;

/// A waybill that came in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waybill {
    /// Its event.
    pub event: i64,
    /// `Identity`.
    pub identity: String,
    /// Hash of the identities of its positions.
    pub positions: String,
    /// Place among others by its own dates.
    pub order: i64,
    /// Hash of its bytes.
    pub hash: String,
    /// The document it belongs to now.
    pub document: Option<String>,
}

/// A registration number, from forms or from a list of unanswered waybills.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Registration {
    /// The number.
    pub number: String,
    /// Events of its forms.
    pub events: Vec<i64>,
    /// `Identity`, empty if it is not known.
    pub identity: String,
    /// Hash of the identities of its positions, empty if it is not known.
    pub positions: String,
    /// The document it belongs to now.
    pub document: Option<String>,
    /// True if the user has acted on that document.
    pub is_frozen: bool,
}

/// One incoming waybill as it results.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Pair {
    /// Registration number, if it is known.
    pub registration: Option<String>,
    /// Events that belong to it: the waybill first, then copies of it, then forms.
    pub events: Vec<i64>,
    /// The document that has one of them already.
    pub document: Option<String>,
}

/// Puts waybills and registration numbers of one number, date and shipper together.
pub fn pair(mut waybills: Vec<Waybill>, mut registrations: Vec<Registration>) -> Vec<Pair> {
    waybills.sort_by(|left, right| {
        (left.order, &left.hash, left.event).cmp(&(right.order, &right.hash, right.event))
    });
    registrations.sort_by_key(|registration| sort_key(&registration.number));
    // What the user has acted on keeps its waybill.
    registrations.sort_by_key(|registration| !registration.is_frozen);
    let mut chosen: Vec<(Registration, Option<Waybill>)> = Vec::new();
    for registration in registrations {
        let kept = |waybill: &Waybill| {
            registration.is_frozen && waybill.document.is_some() && waybill.document == registration.document
        };
        let index = waybills
            .iter()
            .position(kept)
            .or_else(|| waybills.iter().position(|waybill| suits(waybill, &registration)));
        let waybill = index.map(|index| waybills.remove(index));
        chosen.push((registration, waybill));
    }
    let mut pairs: Vec<Pair> = chosen
        .iter()
        .map(|(registration, waybill)| Pair {
            registration: Some(registration.number.clone()),
            events: waybill
                .iter()
                .map(|waybill| waybill.event)
                .chain(registration.events.iter().copied())
                .collect(),
            document: registration.document.clone().or_else(|| waybill.as_ref()?.document.clone()),
        })
        .collect();
    // What is left: copies of waybills that have found their form, and waybills that wait for one.
    let mut waiting: Vec<(Waybill, usize)> = Vec::new();
    for waybill in waybills {
        let same =
            |known: &Waybill| known.identity == waybill.identity && known.positions == waybill.positions;
        let copy_of = chosen
            .iter()
            .position(|(_, known)| known.as_ref().is_some_and(same))
            .or_else(|| waiting.iter().find(|(known, _)| same(known)).map(|(_, place)| *place));
        match copy_of.and_then(|place| pairs.get_mut(place)) {
            Some(pair) => pair.events.push(waybill.event),
            None => {
                let pair = Pair {
                    registration: None,
                    events: vec![waybill.event],
                    document: waybill.document.clone(),
                };
                waiting.push((waybill, pairs.len()));
                pairs.push(pair);
            }
        }
    }
    pairs
}

/// Registration numbers in the order in which EGAIS gave them.
pub fn sort_key(number: &str) -> (u64, String) {
    let digits: String = number.chars().filter(char::is_ascii_digit).collect();
    (digits.parse().unwrap_or(u64::MAX), number.to_owned())
}

fn suits(waybill: &Waybill, registration: &Registration) -> bool {
    let equal_or_unknown = |left: &str, right: &str| left.is_empty() || right.is_empty() || left == right;
    equal_or_unknown(&waybill.identity, &registration.identity)
        && equal_or_unknown(&waybill.positions, &registration.positions)
}

/// Pairs all messages of one number, date and shipper anew, and tells documents that were replaced by a newer version.
///
/// # Errors
/// `storage`.
pub fn pair_up(ledger: &mut Ledger<'_>, organisation: &str, pairing: &str) -> Result<()> {
    let events = ledger.session.events_by_pairing(organisation, pairing)?;
    // Our own waybills have the same kind of key.
    let own = |event: &Event| event.kind == EventKind::Prepared && is_waybill(&event.doc_type);
    let own_documents: Vec<String> =
        events.iter().filter(|event| own(event)).filter_map(|event| event.document.clone()).collect();
    let is_ours = |event: &Event| {
        event.document.as_ref().is_some_and(|document| own_documents.contains(document))
            || event.attempt.is_some()
    };
    let mut waybills = Vec::new();
    let mut registrations: BTreeMap<String, Registration> = BTreeMap::new();
    for event in &events {
        let registration = event.registration.clone().unwrap_or_default();
        match event.kind {
            EventKind::Received if !is_ours(event) => {
                let ReceivedFacts { facts, order, hash } = read_facts(event);
                if is_waybill(&facts.element) {
                    waybills.push(Waybill {
                        event: event.id,
                        identity: facts.identity,
                        positions: facts.positions,
                        order,
                        hash,
                        document: event.document.clone(),
                    });
                } else if is_form(&facts.element) && !registration.is_empty() {
                    let known =
                        registrations.entry(registration.clone()).or_insert_with(|| blank(registration));
                    known.events.push(event.id);
                    known.identity = facts.identity;
                    known.positions = facts.positions;
                    if known.document.is_none() {
                        known.document.clone_from(&event.document);
                    }
                }
            }
            // A number we learned otherwise and asked EGAIS about, or acted on.
            EventKind::Prepared if !own(event) && !registration.is_empty() => {
                let known = registrations.entry(registration.clone()).or_insert_with(|| blank(registration));
                known.document.clone_from(&event.document);
                known.is_frozen |= event.doc_type != "QueryResendDoc";
            }
            EventKind::Summary if !registration.is_empty() => {
                let known = registrations.entry(registration.clone()).or_insert_with(|| blank(registration));
                known.document.clone_from(&event.document);
                known.is_frozen = true;
            }
            _ => {}
        }
    }
    let by_id: BTreeMap<i64, &Event> = events.iter().map(|event| (event.id, event)).collect();
    let mut documents: Vec<(Option<String>, String)> = Vec::new();
    let mut touched = Vec::new();
    for pair in pair(waybills, registrations.into_values().collect()) {
        let taken = |key: &String| documents.iter().any(|(_, known)| known == key);
        let key = pair.document.filter(|key| !taken(key)).unwrap_or_else(|| uuid::Uuid::new_v4().to_string());
        for id in pair.events {
            let Some(event) = by_id.get(&id) else { continue };
            if event.document.as_ref() != Some(&key) {
                ledger.session.assign(id, Some(&key), None)?;
                touched.extend(event.document.clone());
                touched.push(key.clone());
            }
        }
        documents.push((pair.registration, key));
    }
    touched.sort_unstable();
    touched.dedup();
    for key in &touched {
        ledger.refresh(key)?;
    }
    supersede(ledger, organisation, &documents)
}

fn blank(number: String) -> Registration {
    Registration {
        number,
        events: Vec::new(),
        identity: String::new(),
        positions: String::new(),
        document: None,
        is_frozen: false,
    }
}

/// Of several registration numbers of one waybill the latest is in force.
fn supersede(
    ledger: &mut Ledger<'_>,
    organisation: &str,
    documents: &[(Option<String>, String)],
) -> Result<()> {
    let registered: Vec<(&String, &String)> =
        documents.iter().filter_map(|(number, key)| Some((number.as_ref()?, key))).collect();
    let Some((newest, _)) = registered.iter().max_by_key(|(number, _)| sort_key(number)) else {
        return Ok(());
    };
    for (number, key) in &registered {
        if number == newest {
            continue;
        }
        let events = ledger.session.events_of(key)?;
        if events.iter().any(|event| event.kind == EventKind::Superseded) {
            continue;
        }
        let facts = serde_json::json!({ "by": newest }).to_string();
        ledger.session.append(&NewEvent {
            document: Some(key),
            registration: Some(number),
            ..NewEvent::new(ledger.now, organisation, EventKind::Superseded, "WayBill", &facts)
        })?;
        ledger.refresh(key)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn waybill(event: i64, identity: &str, order: i64) -> Waybill {
        Waybill {
            event,
            identity: identity.into(),
            positions: "p".into(),
            order,
            hash: format!("h{event}"),
            document: None,
        }
    }

    fn form(number: &str, event: i64, identity: &str) -> Registration {
        Registration {
            events: vec![event],
            identity: identity.into(),
            positions: "p".into(),
            ..blank(number.into())
        }
    }

    #[test]
    fn a_waybill_finds_its_form() {
        let pairs = pair(vec![waybill(1, "a", 5)], vec![form("TTN-1", 2, "a")]);
        assert_eq!(pairs.len(), 1);
        assert_eq!(
            (pairs[0].registration.as_deref(), pairs[0].events.as_slice()),
            (Some("TTN-1"), [1, 2].as_slice())
        );
    }

    #[test]
    fn another_identity_is_another_waybill() {
        let pairs = pair(vec![waybill(1, "a", 5)], vec![form("TTN-1", 2, "b")]);
        assert_eq!(pairs.len(), 2);
        assert_eq!(pairs[0].events, [2]);
        assert_eq!((pairs[1].registration.as_deref(), pairs[1].events.as_slice()), (None, [1].as_slice()));
    }

    #[test]
    fn a_copy_joins_its_original_and_a_second_form_takes_it() {
        let waybills = vec![waybill(1, "a", 5), waybill(2, "a", 9)];
        let one = pair(waybills.clone(), vec![form("TTN-1", 3, "a")]);
        assert_eq!((one.len(), one[0].events.clone()), (1, vec![1, 3, 2]));
        let two = pair(waybills, vec![form("TTN-2", 4, "a"), form("TTN-1", 3, "a")]);
        assert_eq!(two[0].events, [1, 3]);
        assert_eq!(
            (two[1].registration.as_deref(), two[1].events.as_slice()),
            (Some("TTN-2"), [2, 4].as_slice())
        );
    }

    #[test]
    fn what_the_user_acted_on_keeps_its_waybill() {
        let mut late = waybill(2, "a", 9);
        late.document = Some("d".into());
        let frozen = Registration { document: Some("d".into()), is_frozen: true, ..form("TTN-2", 4, "a") };
        let pairs = pair(vec![waybill(1, "a", 5), late], vec![form("TTN-1", 3, "a"), frozen]);
        let second = pairs.iter().find(|pair| pair.registration.as_deref() == Some("TTN-2"));
        assert_eq!(second.map(|pair| pair.events.clone()), Some(vec![2, 4]));
    }

    #[test]
    fn later_numbers_are_told_by_their_digits() {
        assert!(sort_key("TTN-0557371481") < sort_key("TTN-1000000000"));
        assert!(sort_key("TTN-9") < sort_key("TTN-10"));
    }

    proptest! {
        #[test]
        fn pairs_do_not_depend_on_the_order(
            kinds in proptest::collection::vec((0..3_u8, 0..4_i64), 0..6),
            numbers in proptest::collection::btree_set(0..6_u8, 0..4),
            seed in any::<u64>(),
        ) {
            let waybills: Vec<Waybill> = kinds
                .iter()
                .enumerate()
                .map(|(index, (identity, order))| waybill(index as i64, &identity.to_string(), *order))
                .collect();
            let forms: Vec<Registration> = numbers
                .iter()
                .map(|number| form(&format!("TTN-{number}"), 100 + i64::from(*number), &(number % 3).to_string()))
                .collect();
            let straight = pair(waybills.clone(), forms.clone());
            let (mut waybills, mut forms) = (waybills, forms);
            if !waybills.is_empty() {
                let middle = seed as usize % waybills.len();
                waybills.rotate_left(middle);
            }
            forms.reverse();
            prop_assert_eq!(pair(waybills, forms), straight);
        }
    }
}
