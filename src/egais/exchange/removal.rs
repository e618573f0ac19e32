//! What is kept here of the lines of a UTM's list, and which of them the UTM may be told to forget.

use super::changes::Ledger;
use super::facts::family_of;
use super::history::{ReceivedFacts, is_form, is_waybill, read_facts};
use super::named::named;
use crate::egais::model;
use crate::egais::types::by_url_name;
use crate::error::Result;
use crate::store::{Event, EventKind, Incoming, ListingKey, NewEvent, Session};

named! {
    /// `УдалятьИзУТМ`: which of the kept messages are removed from UTM.
    #[derive(Default)]
    Removal {
        /// Only what answers requests of ours.
        Own = "Свои", "Own";
        /// What is stored and understood; unknown types and answers to other programs stay.
        #[default]
        Known = "Известные", "Known";
        /// Nothing.
        Nothing = "Ничего", "Nothing";
    }
}

impl Removal {
    /// Reads the setting; blank is the default.
    pub fn read(text: &str) -> Option<Self> {
        if text.trim().is_empty() { Some(Self::default()) } else { Self::from_name(text) }
    }

    /// True if a kept message may be removed from UTM. A message whose event was pruned was understood then.
    pub fn allows(self, event: Option<&Event>) -> bool {
        let Some(event) = event else { return self == Self::Known };
        let is_answer_to_us = event.attempt.is_some();
        let facts = read_facts::<ReceivedFacts>(event).facts;
        match self {
            Self::Own => is_answer_to_us,
            Self::Known => is_answer_to_us || (event.reply_id.is_none() && is_understood(&facts.element)),
            Self::Nothing => false,
        }
    }
}

/// True for types that come unasked and that the exchange understands.
fn is_understood(element: &str) -> bool {
    is_waybill(element)
        || is_form(element)
        || matches!(
            family_of(element),
            "Ticket"
                | "WayBillAct"
                | "ConfirmTicket"
                | "RequestRepealWB"
                | "ConfirmRepealWB"
                | "TTNHistoryF2Reg"
        )
}

/// The kept message that a line of a list means, with its event unless that was pruned; with a document of the same
/// place but other content none. `hash` is that of its content, if it was read.
///
/// # Errors
/// `storage`.
pub fn kept(
    session: &mut dyn Session,
    organisation: &str,
    key: &ListingKey,
    hash: Option<&str>,
) -> Result<Option<(Incoming, Option<Event>)>> {
    let mut known = session.incoming(organisation, key)?.into_iter();
    let found = known.find(|incoming| hash.is_none_or(|hash| incoming.hash == hash));
    found.map(|incoming| with_event(session, incoming)).transpose()
}

/// True if the message of a line was kept and need not be read again. What could not be read is asked for again.
///
/// # Errors
/// `storage`.
pub fn is_settled(session: &mut dyn Session, organisation: &str, key: &ListingKey) -> Result<bool> {
    if !key.is_certain() {
        return Ok(false);
    }
    for incoming in session.incoming(organisation, key)? {
        let (_, event) = with_event(session, incoming)?;
        if !event.as_ref().is_some_and(is_unreadable) {
            return Ok(true);
        }
    }
    Ok(false)
}

fn with_event(session: &mut dyn Session, incoming: Incoming) -> Result<(Incoming, Option<Event>)> {
    let event = incoming.event.map(|id| session.event(id)).transpose()?.flatten();
    Ok((incoming, event))
}

/// Notes that UTM has forgotten a kept message; the protocol tells it once.
///
/// # Errors
/// `storage`.
pub fn note_removed(ledger: &mut Ledger<'_>, incoming: &Incoming, event: Option<&Event>) -> Result<()> {
    ledger.session.incoming_removed(incoming.id)?;
    let Some(event) = event.filter(|_| !incoming.removed) else { return Ok(()) };
    let facts = serde_json::json!({ "event": event.id }).to_string();
    let deleted = NewEvent {
        document: event.document.as_deref(),
        attempt: event.attempt,
        ..NewEvent::new(ledger.now, &event.organisation, EventKind::Deleted, &event.doc_type, &facts)
    };
    ledger.session.append(&deleted).map(drop)
}

/// True for a kept message of a described type that is no document of EGAIS: an error page, half of it, nothing.
pub fn is_unreadable(event: &Event) -> bool {
    by_url_name(&event.doc_type).next().is_some()
        && model::find(&read_facts::<ReceivedFacts>(event).facts.element).is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_setting_is_read_in_both_languages() {
        for removal in Removal::ALL {
            assert_eq!(Removal::read(removal.ru()), Some(*removal));
            assert_eq!(Removal::read(&removal.en().to_uppercase()), Some(*removal));
        }
        assert_eq!(Removal::read(" "), Some(Removal::Known));
        assert_eq!(Removal::read("все"), None);
    }
}
