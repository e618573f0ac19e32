//! What a call changed: the array that every operation returns.

use super::facts::pairing_number;
use super::history::{Projection, refresh};
use super::machine::{Action, Status};
use crate::error::Result;
use crate::store::{Document, Moment, Session};
use serde_json::{Value, json};
use std::collections::HashMap;

/// One document that changed, from before the call to after it.
#[derive(Debug, Clone)]
pub struct Change {
    /// The document as it is now.
    pub document: Document,
    /// Its status before, `None` if it did not exist.
    pub before: Option<Status>,
    /// What the user may do now.
    pub actions: Vec<Action>,
    /// True if this is an incoming waybill that became complete.
    pub is_new: bool,
}

/// Changes of one call, one per document, in the order in which documents were first touched.
#[derive(Debug, Clone, Default)]
pub struct Changes {
    list: Vec<Change>,
    places: HashMap<String, usize>,
}

impl Changes {
    /// Adds what happened to one document; later news about it replaces earlier, its first status stays.
    pub fn note(&mut self, change: Change) {
        match self.places.get(&change.document.key).and_then(|place| self.list.get_mut(*place)) {
            Some(known) => {
                known.is_new |= change.is_new;
                known.document = change.document;
                known.actions = change.actions;
            }
            None => {
                self.places.insert(change.document.key.clone(), self.list.len());
                self.list.push(change);
            }
        }
    }

    /// Takes over what another call or a part of this one changed.
    pub fn absorb(&mut self, other: Self) {
        for change in other.list {
            self.note(change);
        }
    }

    /// The changes.
    pub fn iter(&self) -> impl Iterator<Item = &Change> {
        self.list.iter()
    }

    /// The array `Изменения`. `owner` is the ИдентификаторВладельца of the call, for documents that have none.
    pub fn to_json(&self, owner: Option<&str>) -> Value {
        self.list.iter().map(|change| change.to_json(owner)).collect::<Vec<_>>().into()
    }
}

impl Change {
    fn to_json(&self, owner: Option<&str>) -> Value {
        let document = &self.document;
        let mut value = document_fields(document, &self.actions);
        if let Some(map) = value.as_object_mut() {
            map.insert("СтатусДо".into(), self.before.map_or(Value::Null, |status| status.ru().into()));
            map.insert("НовыйДокумент".into(), self.is_new.into());
            let owner = document.owner.as_deref().or(owner);
            map.insert("ИдентификаторВладельца".into(), owner.map_or(Value::Null, Value::from));
        }
        value
    }
}

/// The fields of a document that changes and lists share.
pub fn document_fields(document: &Document, actions: &[Action]) -> Value {
    let text = |text: &Option<String>| text.as_deref().unwrap_or_default().to_owned();
    let operation = document.operation.as_deref().and_then(Action::from_name).map_or("", Action::ru);
    let status = Status::from_name(&document.status).map_or(document.status.as_str(), |status| status.ru());
    let actions: Vec<&str> = actions.iter().map(|action| action.ru()).collect();
    json!({
        "Ссылка": document.key,
        "КодФСРАР": document.organisation,
        "ТипДокумента": document.doc_type,
        "Операция": operation,
        "Статус": status,
        "ДальнейшиеДействия": actions,
        "ИдентификаторЗапроса": text(&document.reply_id),
        "РегистрационныйНомер": text(&document.registration),
        "Номер": document.pairing.as_deref().map(pairing_number).unwrap_or_default(),
        "ТекстОшибки": text(&document.error),
        "Дата": local_text(document.changed),
        "ЕстьДанные": document.has_data,
    })
}

/// A moment as 1C writes a local date: `2024-06-01T12:00:00`.
pub fn local_text(moment: Moment) -> String {
    jiff::Timestamp::from_millisecond(moment.as_millis())
        .map(|timestamp| {
            let local = timestamp.to_zoned(jiff::tz::TimeZone::system());
            local.strftime("%Y-%m-%dT%H:%M:%S").to_string()
        })
        .unwrap_or_default()
}

/// A session together with what it changed so far.
pub struct Ledger<'s> {
    /// Where rows are read and written.
    pub session: &'s mut dyn Session,
    /// What changed.
    pub changes: &'s mut Changes,
    /// The time that new events get.
    pub now: Moment,
}

impl<'s> Ledger<'s> {
    /// A ledger over a session.
    pub fn new(session: &'s mut dyn Session, changes: &'s mut Changes, now: Moment) -> Self {
        Self { session, changes, now }
    }

    /// Computes a document anew from its events and notes what changed.
    ///
    /// # Errors
    /// `storage`.
    pub fn refresh(&mut self, key: &str) -> Result<Option<Projection>> {
        let before = self.session.document(key)?;
        let projection = refresh(self.session, key)?;
        if let Some(projection) = &projection
            && before.as_ref().is_none_or(|before| is_news(before, &projection.document))
        {
            let before = before.and_then(|document| Status::from_name(&document.status));
            let is_new = before.is_none_or(|status| status == Status::Partial)
                && projection.state.base == Status::Received;
            self.changes.note(Change {
                document: projection.document.clone(),
                before,
                actions: projection.state.actions.clone(),
                is_new,
            });
        }
        Ok(projection)
    }
}

/// True if a user would notice the difference.
fn is_news(before: &Document, after: &Document) -> bool {
    before.status != after.status
        || before.registration != after.registration
        || before.error != after.error
        || before.has_data != after.has_data
        || before.operation != after.operation
        || before.reply_id != after.reply_id
}

#[cfg(test)]
mod tests {
    use super::*;

    fn change(key: &str, before: Option<Status>, now: Status) -> Change {
        let document = Document { key: key.into(), status: now.en().into(), ..Document::default() };
        Change { document, before, actions: vec![Action::Send], is_new: false }
    }

    #[test]
    fn one_document_gives_one_change_from_first_to_last() {
        let mut changes = Changes::default();
        changes.note(change("a", None, Status::Queued));
        changes.note(change("b", None, Status::Queued));
        changes.note(change("a", Some(Status::Queued), Status::Sent));
        let json = changes.to_json(Some("форма"));
        assert_eq!(json.as_array().map(Vec::len), Some(2));
        assert_eq!(json[0]["Ссылка"], "a");
        assert_eq!(json[0]["СтатусДо"], Value::Null);
        assert_eq!(json[0]["Статус"], "Передан");
        assert_eq!(json[0]["ДальнейшиеДействия"], json!(["ПередайтеДанные"]));
        assert_eq!(json[0]["ИдентификаторВладельца"], "форма");
    }
}
