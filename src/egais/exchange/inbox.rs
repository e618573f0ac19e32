//! Taking in what EGAIS sends: every message is kept, tied to the document it speaks of, and makes its status.
//!
//! A message is tied by the strongest thing it says: the reply id of a request of ours, else the registration
//! number of a document, else Identity, number, date and shipper. What cannot be tied yet waits in the protocol and
//! is tied when its document learns the missing name.

use super::changes::Ledger;
use super::facts::{Facts, family_of};
use super::history::{LocalFacts, ReceivedFacts, is_form, is_waybill, read_facts, write_facts};
use super::pairing::pair_up;
use crate::error::Result;
use crate::store::{Event, EventKind, ListingKey, NewEvent, NewIncoming, QueueState, content_hash};

/// A message as it came from a list of UTM.
#[derive(Debug, Clone, Copy)]
pub struct Arrival<'a> {
    /// FSRAR_ID of the UTM it came from: that tells whose it is, not its Owner.
    pub organisation: &'a str,
    /// Its place in the list.
    pub key: &'a ListingKey,
    /// Type in its address.
    pub doc_type: &'a str,
    /// Number in its address.
    pub number: u64,
    /// Its bytes.
    pub bytes: &'a [u8],
}

/// A text, unless it is empty.
fn filled(text: &str) -> Option<&str> {
    Some(text).filter(|text| !text.is_empty())
}

/// Takes in one message; false if the very same was kept before.
///
/// # Errors
/// `storage`.
pub fn take(ledger: &mut Ledger<'_>, arrival: &Arrival<'_>) -> Result<bool> {
    let hash = content_hash(arrival.bytes);
    let organisation = arrival.organisation;
    if ledger.session.incoming(organisation, arrival.key)?.iter().any(|known| known.hash == hash) {
        return Ok(false);
    }
    // Unreadable is kept as it is: nothing that came may be lost.
    let facts = Facts::read(arrival.bytes).unwrap_or_default();
    let reply_id = filled(&arrival.key.reply_id).or(filled(&facts.transport_id)).map(ToOwned::to_owned);
    let order = order_of(arrival, &facts);
    let received = ReceivedFacts { facts, order, hash };
    let facts = &received.facts;
    let owner = owner_of(ledger, organisation, facts, reply_id.as_deref())?;
    let pairing = (is_waybill(&facts.element) || is_form(&facts.element)).then(|| facts.pairing()).flatten();
    let (document, attempt) = owner.map_or((None, None), |(document, attempt)| (Some(document), attempt));
    let event = ledger.session.append(&NewEvent {
        document: document.as_deref(),
        attempt,
        reply_id: reply_id.as_deref(),
        registration: filled(&facts.registration),
        identity: filled(&facts.identity),
        pairing: pairing.as_deref(),
        body: Some(arrival.bytes),
        ..NewEvent::new(
            ledger.now,
            organisation,
            EventKind::Received,
            arrival.doc_type,
            &write_facts(&received),
        )
    })?;
    let kept = NewIncoming { organisation, key: arrival.key, hash: &received.hash, event };
    ledger.session.put_incoming(&kept)?;
    if let (Some(document), Some(attempt)) = (&document, attempt) {
        adopt(ledger, organisation, document, attempt, reply_id.as_deref())?;
    }
    match (&document, &pairing) {
        (None, Some(pairing)) => pair_up(ledger, organisation, pairing)?,
        (Some(document), _) => drop(ledger.refresh(document)?),
        (None, None) => {}
    }
    let touched = match document {
        Some(document) => Some(document),
        None => ledger.session.event(event)?.and_then(|event| event.document),
    };
    if let Some(document) = touched {
        collect(ledger, organisation, &document)?;
    }
    Ok(true)
}

/// Place among other messages by their own dates, in milliseconds: the time of the list, else the day the message
/// names and its number within that day.
fn order_of(arrival: &Arrival<'_>, facts: &Facts) -> i64 {
    const DAY: i64 = 86_400_000;
    if let Some(moment) = listing_moment(&arrival.key.timestamp) {
        return moment;
    }
    let second = facts.second.as_ref().map(|stage| stage.date.as_str());
    let first = facts.first.as_ref().map(|stage| stage.date.as_str());
    let day = [second, first, Some(facts.date.as_str())]
        .into_iter()
        .flatten()
        .find_map(|text| text.get(..10)?.parse::<jiff::civil::Date>().ok())
        .and_then(|date| date.to_zoned(jiff::tz::TimeZone::UTC).ok())
        .map_or(0, |day| day.timestamp().as_millisecond());
    day + i64::try_from(arrival.number).unwrap_or(0).rem_euclid(DAY)
}

/// `2020-01-13T13:31:34.866+0700`: an offset without a colon.
fn listing_moment(text: &str) -> Option<i64> {
    if text.is_empty() {
        return None;
    }
    let parsed = jiff::Timestamp::strptime("%Y-%m-%dT%H:%M:%S%.f%z", text)
        .or_else(|_| text.parse::<jiff::Timestamp>())
        .ok()?;
    Some(parsed.as_millisecond())
}

/// The document, and if possible the attempt, that a message speaks of.
fn owner_of(
    ledger: &mut Ledger<'_>,
    organisation: &str,
    facts: &Facts,
    reply_id: Option<&str>,
) -> Result<Option<(String, Option<i64>)>> {
    let element = facts.element.as_str();
    if let Some(reply_id) = reply_id {
        let events = ledger.session.events_by_reply(organisation, reply_id)?;
        let sent = events.iter().find(|event| event.kind == EventKind::Sent);
        // A copy we asked for is a waybill or a form of its own, not the answer to a query.
        let is_piece =
            |event: &Event| (is_waybill(element) || is_form(element)) && !is_waybill(&event.doc_type);
        if let Some(event) = sent.filter(|event| !is_piece(event))
            && let Some(document) = &event.document
        {
            return Ok(Some((document.clone(), event.attempt)));
        }
    }
    if is_waybill(element) {
        return Ok(None);
    }
    if is_form(element) {
        // Ours, if its reply id was lost; everything else is paired with its waybill.
        return own_waybill(ledger, organisation, facts);
    }
    let is_register = element.starts_with("ActInventoryInform");
    if (facts.is("Ticket") || is_register)
        && let Some(owner) = by_identity(ledger, organisation, facts, reply_id)?
    {
        return Ok(Some(owner));
    }
    if !facts.registration.is_empty() {
        let mut documents = ledger.session.documents_by_registration(organisation, &facts.registration)?;
        return Ok(documents.pop().map(|document| (document.key, None)));
    }
    Ok(None)
}

/// The attempt that sent the waybill a form registers.
fn own_waybill(
    ledger: &mut Ledger<'_>,
    organisation: &str,
    facts: &Facts,
) -> Result<Option<(String, Option<i64>)>> {
    let Some(pairing) = facts.pairing().filter(|_| facts.shipper == organisation) else { return Ok(None) };
    let events = ledger.session.events_by_pairing(organisation, &pairing)?;
    let same_identity = |event: &&Event| {
        event.kind == EventKind::Prepared
            && is_waybill(&event.doc_type)
            && (facts.identity.is_empty() || event.identity.as_deref() == Some(facts.identity.as_str()))
    };
    let attempt = events.iter().rfind(same_identity);
    Ok(attempt.and_then(|event| Some((event.document.clone()?, Some(event.id)))))
}

/// The attempt whose `Identity` a ticket or a register of forms repeats, if its reply id is not known to be another one.
fn by_identity(
    ledger: &mut Ledger<'_>,
    organisation: &str,
    facts: &Facts,
    reply_id: Option<&str>,
) -> Result<Option<(String, Option<i64>)>> {
    if facts.identity.is_empty() {
        return Ok(None);
    }
    let events = ledger.session.events_by_identity(organisation, &facts.identity)?;
    let fits = |event: &&Event| {
        if !facts.is("Ticket") {
            return event.kind == EventKind::Prepared && family_of(&event.doc_type) == "ActChargeOn";
        }
        let posting = facts.doc_type.eq_ignore_ascii_case("WAYBILL")
            && matches!(family_of(&event.doc_type), "WayBill" | "WayBillAct");
        event.kind == EventKind::Prepared && (posting || facts.doc_type.eq_ignore_ascii_case(&event.doc_type))
    };
    for event in events.iter().filter(fits).rev() {
        let Some(document) = &event.document else { continue };
        let history = ledger.session.events_of(document)?;
        let sent =
            history.iter().rfind(|known| known.kind == EventKind::Sent && known.attempt == Some(event.id));
        match sent {
            // Its reply id is known, and this is not it: another program's, or a later event about the document.
            Some(sent) if sent.reply_id.as_deref() != reply_id => {
                if reply_id.is_none() {
                    return Ok(Some((document.clone(), None)));
                }
            }
            _ => return Ok(Some((document.clone(), Some(event.id)))),
        }
    }
    Ok(None)
}

/// An answer to an attempt whose outcome was unknown proves that it arrived.
fn adopt(
    ledger: &mut Ledger<'_>,
    organisation: &str,
    document: &str,
    attempt: i64,
    reply_id: Option<&str>,
) -> Result<()> {
    match ledger.session.queued(attempt)? {
        Some(item) if item.state == QueueState::Unknown => {}
        _ => return Ok(()),
    }
    let Some(prepared) = ledger.session.event(attempt)? else { return Ok(()) };
    let facts = write_facts(&LocalFacts { adopted: true, ..LocalFacts::default() });
    ledger.session.append(&NewEvent {
        document: Some(document),
        attempt: Some(attempt),
        reply_id,
        identity: prepared.identity.as_deref(),
        ..NewEvent::new(ledger.now, organisation, EventKind::Sent, &prepared.doc_type, &facts)
    })?;
    ledger.session.dequeue(attempt)
}

/// Notes that an attempt arrived under this reply id, found in the list of what was submitted.
///
/// # Errors
/// `storage`.
pub fn adopt_submitted(
    ledger: &mut Ledger<'_>,
    organisation: &str,
    attempt: i64,
    reply_id: &str,
) -> Result<bool> {
    let Some(document) = ledger.session.queued(attempt)?.map(|item| item.document) else { return Ok(false) };
    adopt(ledger, organisation, &document, attempt, Some(reply_id))?;
    collect_replies(ledger, organisation, &document, attempt, reply_id)?;
    ledger.refresh(&document)?;
    collect(ledger, organisation, &document)?;
    Ok(true)
}

/// Ties messages that waited for the reply id of an attempt.
///
/// # Errors
/// `storage`.
pub fn collect_replies(
    ledger: &mut Ledger<'_>,
    organisation: &str,
    document: &str,
    attempt: i64,
    reply_id: &str,
) -> Result<()> {
    let Some(prepared) = ledger.session.event(attempt)? else { return Ok(()) };
    for event in ledger.session.events_by_reply(organisation, reply_id)? {
        let element = read_facts::<ReceivedFacts>(&event).facts.element;
        let is_piece = (is_waybill(&element) || is_form(&element)) && !is_waybill(&prepared.doc_type);
        if event.kind == EventKind::Received && event.attempt != Some(attempt) && !is_piece {
            let former = event.document.clone().filter(|former| former != document);
            ledger.session.assign(event.id, Some(document), Some(attempt))?;
            if let Some(former) = former {
                ledger.refresh(&former)?;
            }
        }
    }
    Ok(())
}

/// Ties messages that waited for the registration number of a document.
///
/// # Errors
/// `storage`.
pub fn collect(ledger: &mut Ledger<'_>, organisation: &str, document: &str) -> Result<()> {
    let Some(known) = ledger.session.document(document)? else { return Ok(()) };
    let Some(registration) = known.registration else { return Ok(()) };
    let mut found = false;
    for event in ledger.session.events_by_registration(organisation, &registration)? {
        let element = read_facts::<ReceivedFacts>(&event).facts.element;
        let waits = event.kind == EventKind::Received && event.document.is_none();
        if waits && !is_form(&element) && !is_waybill(&element) {
            ledger.session.assign(event.id, Some(document), None)?;
            found = true;
        }
    }
    if found {
        ledger.refresh(document)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arrival<'a>(key: &'a ListingKey, number: u64) -> Arrival<'a> {
        Arrival { organisation: "1", key, doc_type: "Ticket", number, bytes: b"" }
    }

    #[test]
    fn the_time_of_the_list_gives_the_order() {
        let early = ListingKey { timestamp: "2020-01-13T13:31:34.866+0700".into(), ..ListingKey::default() };
        let late = ListingKey { timestamp: "2020-01-13T09:31:34.867+0300".into(), ..ListingKey::default() };
        let facts = Facts::default();
        assert!(order_of(&arrival(&early, 9), &facts) < order_of(&arrival(&late, 1), &facts));
        assert_eq!(listing_moment("2020-01-13T06:31:34.866Z"), listing_moment(&early.timestamp));
    }

    #[test]
    fn without_it_the_day_of_the_message_and_its_number_do() {
        let key = ListingKey::default();
        let on = |date: &str| Facts { date: date.into(), ..Facts::default() };
        let first = order_of(&arrival(&key, 500), &on("2016-03-17"));
        assert!(first < order_of(&arrival(&key, 501), &on("2016-03-17T14:53:04.41")));
        assert!(first < order_of(&arrival(&key, 3), &on("2016-03-18")));
    }
}
