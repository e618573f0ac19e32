//! Rows of SQLite into the types of the store, and bytes into compressed bytes.

use super::errors::{damaged, from_sqlite, unknown_name};
use crate::bilingual;
use crate::error::{Code, Error, Result};
use crate::store::{
    Document, DocumentFilter, Event, EventFilter, EventKind, Incoming, Moment, QueueItem, QueueState,
};
use flate2::read::ZlibDecoder;
use flate2::{Compress, Compression, FlushCompress, Status};
use rusqlite::types::Value;
use rusqlite::{Connection, Params, Row, ToSql};
use std::cell::RefCell;
use std::fmt::Write as _;
use std::io::Read;

/// Shorter bodies are kept as they are: compressing them gains nothing.
const PACKED_FROM: usize = 256;

/// Compresses a body; `None` if it is better kept as it is.
pub(super) fn pack(bytes: &[u8]) -> Option<Vec<u8>> {
    if bytes.len() < PACKED_FROM {
        return None;
    }
    thread_local! {
        // Making one takes longer than packing an ordinary document.
        static PACKER: RefCell<Compress> = RefCell::new(Compress::new(Compression::fast(), true));
    }
    PACKER.with_borrow_mut(|packer| {
        packer.reset();
        // What does not fit is better kept as it is.
        let mut packed = Vec::with_capacity(bytes.len() - 1);
        let status = packer.compress_vec(bytes, &mut packed, FlushCompress::Finish);
        matches!(status, Ok(Status::StreamEnd)).then_some(packed)
    })
}

/// Gives back a body of `size` bytes.
pub(super) fn unpack(bytes: Vec<u8>, packed: bool, size: usize) -> Result<Vec<u8>> {
    if !packed {
        return Ok(bytes);
    }
    // The recorded size bounds what a damaged row may unfold to.
    let mut unpacked = Vec::new();
    unpacked.try_reserve_exact(size).map_err(|_| {
        Error::new(
            Code::Memory,
            bilingual!(
                "Не хватает памяти для тела документа.",
                "Not enough memory for the body of a document."
            ),
        )
    })?;
    ZlibDecoder::new(bytes.as_slice())
        .take(size as u64 + 1)
        .read_to_end(&mut unpacked)
        .map_err(|error| damaged(&format!("zlib: {error}")))?;
    if unpacked.len() == size { Ok(unpacked) } else { Err(damaged("zlib: size")) }
}

/// Runs a statement that gives no rows; the number of rows changed.
pub(super) fn execute(connection: &Connection, sql: &str, params: impl Params) -> Result<usize> {
    connection.prepare_cached(sql).and_then(|mut statement| statement.execute(params)).map_err(from_sqlite)
}

/// Reads all rows of a statement.
pub(super) fn select<T>(
    connection: &Connection,
    sql: &str,
    params: impl Params,
    read: impl Fn(&Row<'_>) -> Result<T>,
) -> Result<Vec<T>> {
    let mut statement = connection.prepare_cached(sql).map_err(from_sqlite)?;
    let mut rows = statement.query(params).map_err(from_sqlite)?;
    let mut found = Vec::new();
    while let Some(row) = rows.next().map_err(from_sqlite)? {
        found.push(read(row)?);
    }
    Ok(found)
}

/// Reads the first row of a statement.
pub(super) fn select_one<T>(
    connection: &Connection,
    sql: &str,
    params: impl Params,
    read: impl Fn(&Row<'_>) -> Result<T>,
) -> Result<Option<T>> {
    let mut statement = connection.prepare_cached(sql).map_err(from_sqlite)?;
    let mut rows = statement.query(params).map_err(from_sqlite)?;
    rows.next().map_err(from_sqlite)?.map(read).transpose()
}

/// One column of a row.
pub(super) fn column<T: rusqlite::types::FromSql>(row: &Row<'_>, index: usize) -> Result<T> {
    row.get(index).map_err(from_sqlite)
}

fn moment(row: &Row<'_>, index: usize) -> Result<Moment> {
    column(row, index).map(Moment::from_millis)
}

fn optional_moment(row: &Row<'_>, index: usize) -> Result<Option<Moment>> {
    column::<Option<i64>>(row, index).map(|millis| millis.map(Moment::from_millis))
}

/// Columns that [`event`] reads, in its order.
pub(super) const EVENT: &str = "id, time, organisation, document, attempt, kind, type, reply_id, registration, \
     identity, pairing, facts, EXISTS (SELECT 1 FROM bodies WHERE bodies.event = events.id)";

pub(super) fn event(row: &Row<'_>) -> Result<Event> {
    let kind: String = column(row, 5)?;
    Ok(Event {
        id: column(row, 0)?,
        time: moment(row, 1)?,
        organisation: column(row, 2)?,
        document: column(row, 3)?,
        attempt: column(row, 4)?,
        kind: EventKind::from_name(&kind).ok_or_else(|| unknown_name("events.kind", &kind))?,
        doc_type: column(row, 6)?,
        reply_id: column(row, 7)?,
        registration: column(row, 8)?,
        identity: column(row, 9)?,
        pairing: column(row, 10)?,
        facts: column(row, 11)?,
        has_body: column(row, 12)?,
    })
}

/// Columns that [`document`] reads, in its order.
pub(super) const DOCUMENT: &str = "key, organisation, type, kind, status, is_final, registration, identity, pairing, \
     reply_id, operation, error, has_data, owner, created, changed";

pub(super) fn document(row: &Row<'_>) -> Result<Document> {
    Ok(Document {
        key: column(row, 0)?,
        organisation: column(row, 1)?,
        doc_type: column(row, 2)?,
        kind: column(row, 3)?,
        status: column(row, 4)?,
        is_final: column(row, 5)?,
        registration: column(row, 6)?,
        identity: column(row, 7)?,
        pairing: column(row, 8)?,
        reply_id: column(row, 9)?,
        operation: column(row, 10)?,
        error: column(row, 11)?,
        has_data: column(row, 12)?,
        owner: column(row, 13)?,
        created: moment(row, 14)?,
        changed: moment(row, 15)?,
    })
}

/// Columns that [`queue_item`] reads, in its order.
pub(super) const QUEUE: &str = "attempt, organisation, document, url_name, pause_kind, state, priority, not_before, \
     claim_owner, claim_until, created";

pub(super) fn queue_item(row: &Row<'_>) -> Result<QueueItem> {
    let state: String = column(row, 5)?;
    Ok(QueueItem {
        attempt: column(row, 0)?,
        organisation: column(row, 1)?,
        document: column(row, 2)?,
        url_name: column(row, 3)?,
        pause_kind: column(row, 4)?,
        state: QueueState::from_name(&state).ok_or_else(|| unknown_name("queue.state", &state))?,
        priority: column(row, 6)?,
        not_before: optional_moment(row, 7)?,
        claim_owner: column(row, 8)?,
        claim_until: optional_moment(row, 9)?,
        created: moment(row, 10)?,
    })
}

pub(super) fn incoming(row: &Row<'_>) -> Result<Incoming> {
    Ok(Incoming {
        id: column(row, 0)?,
        hash: column(row, 1)?,
        event: column(row, 2)?,
        removed: column(row, 3)?,
    })
}

/// A `WHERE` clause put together from the conditions that a filter really has.
#[derive(Default)]
pub(super) struct Conditions {
    sql: String,
    values: Vec<Value>,
}

impl Conditions {
    fn add(&mut self, condition: &str) {
        self.sql.push_str(if self.sql.is_empty() { " WHERE " } else { " AND " });
        self.sql.push_str(condition);
    }

    fn one(&mut self, condition: &str, value: impl Into<Value>) {
        self.add(condition);
        self.values.push(value.into());
    }

    fn any(&mut self, name: &str, values: impl Iterator<Item = String>) {
        let before = self.values.len();
        self.values.extend(values.map(Value::Text));
        let count = self.values.len() - before;
        if count > 0 {
            self.add(&format!("{name} IN ({})", vec!["?"; count].join(", ")));
        }
    }

    fn limit(&mut self, order: &str, limit: Option<usize>) {
        self.sql.push_str(order);
        if let Some(limit) = limit {
            // Writing into a String cannot fail.
            let _ = write!(self.sql, " LIMIT {limit}");
        }
    }

    pub(super) fn sql(&self) -> &str {
        &self.sql
    }

    pub(super) fn params(&self) -> Vec<&dyn ToSql> {
        self.values.iter().map(|value| value as &dyn ToSql).collect()
    }

    pub(super) fn for_documents(filter: &DocumentFilter) -> Self {
        let mut conditions = Self::default();
        conditions.any("organisation", filter.organisations.iter().cloned());
        conditions.any("kind", filter.kinds.iter().cloned());
        conditions.any("type", filter.types.iter().cloned());
        conditions.any("status", filter.statuses.iter().cloned());
        if let Some(is_final) = filter.is_final {
            conditions.one("is_final = ?", i64::from(is_final));
        }
        if let Some(since) = filter.since {
            conditions.one("changed >= ?", since.as_millis());
        }
        if let Some(until) = filter.until {
            conditions.one("changed < ?", until.as_millis());
        }
        conditions.limit(" ORDER BY created, rowid", filter.limit);
        conditions
    }

    pub(super) fn for_events(filter: &EventFilter) -> Self {
        let mut conditions = Self::default();
        conditions.any("organisation", filter.organisations.iter().cloned());
        conditions.any("kind", filter.kinds.iter().map(|kind| kind.as_str().to_owned()));
        conditions.any("type", filter.types.iter().cloned());
        if let Some(document) = &filter.document {
            conditions.one("document = ?", document.clone());
        }
        if filter.unmatched {
            conditions.add("document IS NULL");
        }
        if let Some(since) = filter.since {
            conditions.one("time >= ?", since.as_millis());
        }
        if let Some(until) = filter.until {
            conditions.one("time < ?", until.as_millis());
        }
        if let Some(after) = filter.after {
            conditions.one("id > ?", after);
        }
        if let Some(before) = filter.before {
            conditions.one("id < ?", before);
        }
        conditions.limit(" ORDER BY id DESC", filter.limit);
        conditions
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bodies_survive_packing() -> Result<()> {
        let body = "<oref:UL>Общество</oref:UL>".repeat(500).into_bytes();
        let packed = pack(&body).unwrap_or_default();
        assert!(!packed.is_empty() && packed.len() < body.len() / 10);
        assert_eq!(unpack(packed, true, body.len())?, body);
        assert_eq!(pack(b"<A/>"), None);
        Ok(())
    }

    #[test]
    fn a_damaged_body_never_unfolds_beyond_its_size() {
        let body = vec![b'x'; 1 << 20];
        let packed = pack(&body).unwrap_or_default();
        let error = unpack(packed, true, 1000).err();
        assert_eq!(error.map(|error| error.code()), Some(Code::Storage));
    }
}
