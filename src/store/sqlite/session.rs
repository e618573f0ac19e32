//! The row operations on SQLite.

use super::errors::from_sqlite;
use super::rows::{self, Conditions, column, execute, select, select_one};
use crate::error::Result;
use crate::store::{
    Claim, Document, DocumentFilter, Event, EventCount, EventFilter, EventId, EventKind, Incoming, Lease,
    ListingKey, Moment, NewEvent, NewIncoming, QueueItem, QueueState, Session, StatusCount, Work,
};
use rusqlite::{Connection, params};
use std::time::Duration;

/// A lease that pretends to last longer than this was written by a clock that was wrong.
const LONGEST_LEASE: Duration = Duration::from_secs(24 * 60 * 60);

pub(super) struct SqliteSession<'c> {
    connection: &'c Connection,
}

impl<'c> SqliteSession<'c> {
    pub(super) fn new(connection: &'c Connection) -> Self {
        Self { connection }
    }

    fn events(&self, condition: &str, params: impl rusqlite::Params) -> Result<Vec<Event>> {
        let sql = format!("SELECT {} FROM events WHERE {condition}", rows::EVENT);
        select(self.connection, &sql, params, rows::event)
    }

    fn documents_where(&self, condition: &str, params: impl rusqlite::Params) -> Result<Vec<Document>> {
        let sql = format!("SELECT {} FROM documents WHERE {condition}", rows::DOCUMENT);
        select(self.connection, &sql, params, rows::document)
    }

    fn queue_where(&self, condition: &str, params: impl rusqlite::Params) -> Result<Vec<QueueItem>> {
        let sql = format!("SELECT {} FROM queue WHERE {condition}", rows::QUEUE);
        select(self.connection, &sql, params, rows::queue_item)
    }
}

impl Session for SqliteSession<'_> {
    fn savepoint(&mut self, work: &mut Work<'_>) -> Result<()> {
        let command = |sql: &str| self.connection.execute_batch(sql).map_err(from_sqlite);
        command("SAVEPOINT part")?;
        let outcome = work(&mut SqliteSession::new(self.connection));
        if outcome.is_err() {
            command("ROLLBACK TO part")?;
        }
        command("RELEASE part")?;
        outcome
    }

    fn settings(&mut self) -> Result<Vec<(String, String)>> {
        let sql = "SELECT organisation, body FROM settings ORDER BY organisation";
        select(self.connection, sql, [], |row| Ok((column(row, 0)?, column(row, 1)?)))
    }

    fn put_settings(&mut self, organisation: &str, json: &str, now: Moment) -> Result<()> {
        let sql = "INSERT INTO settings (organisation, body, changed) VALUES (?1, ?2, ?3)
                   ON CONFLICT (organisation) DO UPDATE SET body = excluded.body, changed = excluded.changed";
        execute(self.connection, sql, params![organisation, json, now.as_millis()]).map(drop)
    }

    fn delete_settings(&mut self, organisation: &str) -> Result<bool> {
        execute(self.connection, "DELETE FROM settings WHERE organisation = ?1", [organisation])
            .map(|count| count > 0)
    }

    fn mark(&mut self, organisation: &str, name: &str) -> Result<Option<(String, Moment)>> {
        let sql = "SELECT value, changed FROM marks WHERE organisation = ?1 AND name = ?2";
        select_one(self.connection, sql, [organisation, name], |row| {
            Ok((column(row, 0)?, Moment::from_millis(column(row, 1)?)))
        })
    }

    fn put_mark(&mut self, organisation: &str, name: &str, value: &str, now: Moment) -> Result<()> {
        let sql = "INSERT INTO marks (organisation, name, value, changed) VALUES (?1, ?2, ?3, ?4)
                   ON CONFLICT (organisation, name) DO UPDATE SET value = excluded.value, changed = excluded.changed";
        execute(self.connection, sql, params![organisation, name, value, now.as_millis()]).map(drop)
    }

    fn document(&mut self, key: &str) -> Result<Option<Document>> {
        Ok(self.documents_where("key = ?1", [key])?.pop())
    }

    fn put_document(&mut self, document: &Document) -> Result<()> {
        let sql = "INSERT INTO documents (key, organisation, type, kind, status, is_final, registration, identity,
                       pairing, reply_id, operation, error, has_data, owner, created, changed)
                   VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)
                   ON CONFLICT (key) DO UPDATE SET organisation = ?2, type = ?3, kind = ?4, status = ?5,
                       is_final = ?6, registration = ?7, identity = ?8, pairing = ?9, reply_id = ?10,
                       operation = ?11, error = ?12, has_data = ?13, owner = ?14, created = ?15, changed = ?16";
        let values = params![
            document.key,
            document.organisation,
            document.doc_type,
            document.kind,
            document.status,
            document.is_final,
            document.registration,
            document.identity,
            document.pairing,
            document.reply_id,
            document.operation,
            document.error,
            document.has_data,
            document.owner,
            document.created.as_millis(),
            document.changed.as_millis()
        ];
        execute(self.connection, sql, values).map(drop)
    }

    fn delete_document(&mut self, key: &str) -> Result<()> {
        execute(self.connection, "DELETE FROM documents WHERE key = ?1", [key]).map(drop)
    }

    fn documents_by_registration(&mut self, organisation: &str, registration: &str) -> Result<Vec<Document>> {
        self.documents_where(
            "organisation = ?1 AND registration = ?2 ORDER BY rowid",
            [organisation, registration],
        )
    }

    fn documents_by_pairing(&mut self, organisation: &str, pairing: &str) -> Result<Vec<Document>> {
        self.documents_where("organisation = ?1 AND pairing = ?2 ORDER BY rowid", [organisation, pairing])
    }

    fn documents(&mut self, filter: &DocumentFilter) -> Result<Vec<Document>> {
        let conditions = Conditions::for_documents(filter);
        let sql = format!("SELECT {} FROM documents{}", rows::DOCUMENT, conditions.sql());
        select(self.connection, &sql, conditions.params().as_slice(), rows::document)
    }

    fn status_counts(&mut self) -> Result<Vec<StatusCount>> {
        let sql = "SELECT organisation, kind, status, count(*) FROM documents
                   GROUP BY organisation, kind, status ORDER BY organisation, kind, status";
        select(self.connection, sql, [], |row| {
            Ok(StatusCount {
                organisation: column(row, 0)?,
                kind: column(row, 1)?,
                status: column(row, 2)?,
                count: column::<i64>(row, 3)?.unsigned_abs(),
            })
        })
    }

    fn append(&mut self, event: &NewEvent<'_>) -> Result<EventId> {
        let sql =
            "INSERT INTO events (time, organisation, document, attempt, kind, type, reply_id, registration,
                       identity, pairing, facts)
                   VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)";
        let values = params![
            event.time.as_millis(),
            event.organisation,
            event.document,
            event.attempt,
            event.kind.as_str(),
            event.doc_type,
            event.reply_id,
            event.registration,
            event.identity,
            event.pairing,
            event.facts
        ];
        execute(self.connection, sql, values)?;
        let id = self.connection.last_insert_rowid();
        if let Some(body) = event.body {
            let packed = rows::pack(body);
            let sql = "INSERT INTO bodies (event, packed, size, bytes) VALUES (?1, ?2, ?3, ?4)";
            let size = i64::try_from(body.len()).unwrap_or(i64::MAX);
            let bytes = packed.as_deref().unwrap_or(body);
            execute(self.connection, sql, params![id, packed.is_some(), size, bytes])?;
        }
        Ok(id)
    }

    fn event(&mut self, id: EventId) -> Result<Option<Event>> {
        Ok(self.events("id = ?1", [id])?.pop())
    }

    fn events_of(&mut self, document: &str) -> Result<Vec<Event>> {
        self.events("document = ?1 ORDER BY id", [document])
    }

    fn event_documents(&mut self, after: &str, limit: usize) -> Result<Vec<String>> {
        let sql = "SELECT DISTINCT document FROM events WHERE document IS NOT NULL AND document > ?1
                   ORDER BY document LIMIT ?2";
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        select(self.connection, sql, params![after, limit], |row| column(row, 0))
    }

    fn events_by_reply(&mut self, organisation: &str, reply_id: &str) -> Result<Vec<Event>> {
        self.events("organisation = ?1 AND reply_id = ?2 ORDER BY id", [organisation, reply_id])
    }

    fn events_by_registration(&mut self, organisation: &str, registration: &str) -> Result<Vec<Event>> {
        self.events("organisation = ?1 AND registration = ?2 ORDER BY id", [organisation, registration])
    }

    fn events_by_identity(&mut self, organisation: &str, identity: &str) -> Result<Vec<Event>> {
        self.events("organisation = ?1 AND identity = ?2 ORDER BY id", [organisation, identity])
    }

    fn events_by_pairing(&mut self, organisation: &str, pairing: &str) -> Result<Vec<Event>> {
        self.events("organisation = ?1 AND pairing = ?2 ORDER BY id", [organisation, pairing])
    }

    fn assign(&mut self, id: EventId, document: Option<&str>, attempt: Option<EventId>) -> Result<()> {
        let sql = "UPDATE events SET document = ?2, attempt = ?3 WHERE id = ?1";
        execute(self.connection, sql, params![id, document, attempt]).map(drop)
    }

    fn body(&mut self, id: EventId) -> Result<Option<Vec<u8>>> {
        let sql = "SELECT bytes, packed, size FROM bodies WHERE event = ?1";
        let row = select_one(self.connection, sql, [id], |row| {
            Ok((column::<Vec<u8>>(row, 0)?, column::<bool>(row, 1)?, column::<i64>(row, 2)?))
        })?;
        row.map(|(bytes, packed, size)| rows::unpack(bytes, packed, usize::try_from(size).unwrap_or(0)))
            .transpose()
    }

    fn protocol(&mut self, filter: &EventFilter) -> Result<Vec<Event>> {
        let conditions = Conditions::for_events(filter);
        let sql = format!("SELECT {} FROM events{}", rows::EVENT, conditions.sql());
        select(self.connection, &sql, conditions.params().as_slice(), rows::event)
    }

    fn newest_event(&mut self) -> Result<EventId> {
        let sql = "SELECT coalesce(max(id), 0) FROM events";
        Ok(select(self.connection, sql, [], |row| column(row, 0))?.pop().unwrap_or_default())
    }

    fn event_counts(&mut self, after: EventId, since: Moment, stretch: Duration) -> Result<Vec<EventCount>> {
        let sql = "SELECT (time - ?2) / ?3, kind, count(*) FROM events WHERE id > ?1 AND time >= ?2
                   GROUP BY 1, 2 ORDER BY 1, 2";
        let length = i64::try_from(stretch.as_millis()).unwrap_or(i64::MAX).max(1);
        let counts = select(self.connection, sql, params![after, since.as_millis(), length], |row| {
            let kind: String = column(row, 1)?;
            Ok((column::<i64>(row, 0)?, kind, column::<i64>(row, 2)?))
        })?;
        let known = counts.into_iter().filter_map(|(stretch, kind, count)| {
            let (stretch, kind) = (usize::try_from(stretch).ok()?, EventKind::from_name(&kind)?);
            Some(EventCount { stretch, kind, count: count.unsigned_abs() })
        });
        Ok(known.collect())
    }

    fn last_received(&mut self, organisation: &str, doc_type: &str) -> Result<Option<Event>> {
        let condition = "organisation = ?1 AND type = ?2 AND kind = 'received' ORDER BY id DESC LIMIT 1";
        Ok(self.events(condition, [organisation, doc_type])?.pop())
    }

    fn rename_document(&mut self, from: &str, to: &str) -> Result<()> {
        for sql in [
            "UPDATE documents SET key = ?2 WHERE key = ?1",
            "UPDATE events SET document = ?2 WHERE document = ?1",
            "UPDATE queue SET document = ?2 WHERE document = ?1",
        ] {
            execute(self.connection, sql, [from, to])?;
        }
        Ok(())
    }

    fn enqueue(&mut self, item: &QueueItem) -> Result<()> {
        let sql = "INSERT INTO queue (attempt, organisation, document, url_name, pause_kind, state, priority,
                       not_before, claim_owner, claim_until, created)
                   VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)";
        execute(self.connection, sql, queue_values(item)).map(drop)
    }

    fn queued(&mut self, attempt: EventId) -> Result<Option<QueueItem>> {
        Ok(self.queue_where("attempt = ?1", [attempt])?.pop())
    }

    fn next_queued(&mut self, organisation: &str, now: Moment) -> Result<Option<QueueItem>> {
        let condition = "organisation = ?1 AND state = 'queued' AND (not_before IS NULL OR not_before <= ?2)
                         ORDER BY priority DESC, attempt LIMIT 1";
        Ok(self.queue_where(condition, params![organisation, now.as_millis()])?.pop())
    }

    fn queue(&mut self, organisation: &str, state: QueueState) -> Result<Vec<QueueItem>> {
        self.queue_where(
            "organisation = ?1 AND state = ?2 ORDER BY priority DESC, attempt",
            [organisation, state.as_str()],
        )
    }

    fn queue_of(&mut self, document: &str) -> Result<Vec<QueueItem>> {
        self.queue_where("document = ?1 ORDER BY attempt", [document])
    }

    fn requeue(&mut self, item: &QueueItem) -> Result<()> {
        let sql =
            "UPDATE queue SET organisation = ?2, document = ?3, url_name = ?4, pause_kind = ?5, state = ?6,
                       priority = ?7, not_before = ?8, claim_owner = ?9, claim_until = ?10, created = ?11
                   WHERE attempt = ?1";
        execute(self.connection, sql, queue_values(item)).map(drop)
    }

    fn dequeue(&mut self, attempt: EventId) -> Result<()> {
        execute(self.connection, "DELETE FROM queue WHERE attempt = ?1", [attempt]).map(drop)
    }

    fn oldest_queued(&mut self, organisation: &str) -> Result<Option<Moment>> {
        let sql = "SELECT min(created) FROM queue WHERE organisation = ?1 AND state = 'queued'";
        let oldest = select_one(self.connection, sql, [organisation], |row| column::<Option<i64>>(row, 0))?;
        Ok(oldest.flatten().map(Moment::from_millis))
    }

    fn incoming(&mut self, organisation: &str, key: &ListingKey) -> Result<Vec<Incoming>> {
        let sql = "SELECT id, hash, event, removed FROM incoming WHERE organisation = ?1 AND path = ?2
                       AND reply_id = ?3 AND file_id = ?4 AND timestamp = ?5 ORDER BY id";
        let values = [organisation, &key.path, &key.reply_id, &key.file_id, &key.timestamp];
        select(self.connection, sql, values, rows::incoming)
    }

    fn put_incoming(&mut self, incoming: &NewIncoming<'_>) -> Result<bool> {
        let sql =
            "INSERT INTO incoming (organisation, path, reply_id, file_id, timestamp, hash, event, removed)
                   VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, 0) ON CONFLICT DO NOTHING";
        let key = incoming.key;
        let values = params![
            incoming.organisation,
            key.path,
            key.reply_id,
            key.file_id,
            key.timestamp,
            incoming.hash,
            incoming.event
        ];
        execute(self.connection, sql, values).map(|count| count > 0)
    }

    fn incoming_removed(&mut self, id: i64) -> Result<()> {
        execute(self.connection, "UPDATE incoming SET removed = 1 WHERE id = ?1", [id]).map(drop)
    }

    fn last_query(&mut self, organisation: &str, kind: &str) -> Result<Option<Moment>> {
        let sql = "SELECT sent FROM queries WHERE organisation = ?1 AND kind = ?2";
        select_one(self.connection, sql, [organisation, kind], |row| column(row, 0).map(Moment::from_millis))
    }

    fn put_query(&mut self, organisation: &str, kind: &str, now: Moment) -> Result<()> {
        let sql = "INSERT INTO queries (organisation, kind, sent) VALUES (?1, ?2, ?3)
                   ON CONFLICT (organisation, kind) DO UPDATE SET sent = excluded.sent";
        execute(self.connection, sql, params![organisation, kind, now.as_millis()]).map(drop)
    }

    fn acquire_lease(&mut self, lease: &Lease, now: Moment) -> Result<Claim> {
        let sql = "INSERT INTO leases (organisation, owner, until) VALUES (?1, ?2, ?3)
                   ON CONFLICT (organisation) DO UPDATE SET owner = excluded.owner, until = excluded.until
                   WHERE owner = excluded.owner OR until <= ?4 OR until > ?5";
        let implausible = now.plus(LONGEST_LEASE).as_millis();
        let values =
            params![lease.organisation, lease.owner, lease.until.as_millis(), now.as_millis(), implausible];
        if execute(self.connection, sql, values)? > 0 {
            return Ok(Claim::Granted);
        }
        let sql = "SELECT organisation, owner, until FROM leases WHERE organisation = ?1";
        let holder = select_one(self.connection, sql, [&lease.organisation], |row| {
            Ok(Lease {
                organisation: column(row, 0)?,
                owner: column(row, 1)?,
                until: Moment::from_millis(column(row, 2)?),
            })
        })?;
        Ok(holder.map_or(Claim::Granted, Claim::Held))
    }

    fn release_lease(&mut self, organisation: &str, owner: &str) -> Result<()> {
        let sql = "DELETE FROM leases WHERE organisation = ?1 AND owner = ?2";
        execute(self.connection, sql, [organisation, owner]).map(drop)
    }

    fn prunable(&mut self, before: Moment, limit: usize) -> Result<Vec<String>> {
        let sql = "SELECT key FROM documents WHERE is_final = 1 AND changed < ?1
                       AND EXISTS (SELECT 1 FROM events WHERE document = key AND kind <> 'summary')
                       AND NOT EXISTS (SELECT 1 FROM queue WHERE document = key)
                   ORDER BY changed LIMIT ?2";
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        select(self.connection, sql, params![before.as_millis(), limit], |row| column(row, 0))
    }

    fn prune(&mut self, document: &str, summary: &NewEvent<'_>) -> Result<u64> {
        for sql in [
            "DELETE FROM bodies WHERE event IN (SELECT id FROM events WHERE document = ?1)",
            "DELETE FROM incoming WHERE removed = 1 AND event IN (SELECT id FROM events WHERE document = ?1)",
            "UPDATE incoming SET event = NULL WHERE event IN (SELECT id FROM events WHERE document = ?1)",
        ] {
            execute(self.connection, sql, [document])?;
        }
        let removed = execute(self.connection, "DELETE FROM events WHERE document = ?1", [document])?;
        self.append(summary)?;
        Ok(removed as u64)
    }

    fn prune_unmatched(&mut self, before: Moment, limit: usize) -> Result<u64> {
        const UNMATCHED: &str =
            "(SELECT id FROM events WHERE document IS NULL AND time < ?1 ORDER BY time, id LIMIT ?2)";
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let mut removed = 0;
        for part in ["bodies WHERE event", "incoming WHERE event", "events WHERE id"] {
            let sql = format!("DELETE FROM {part} IN {UNMATCHED}");
            removed = execute(self.connection, &sql, params![before.as_millis(), limit])?;
        }
        Ok(removed as u64)
    }
}

/// Values in the order of [`rows::QUEUE`].
fn queue_values(item: &QueueItem) -> [rusqlite::types::Value; 11] {
    let millis = |moment: Option<Moment>| moment.map(Moment::as_millis).into();
    [
        item.attempt.into(),
        item.organisation.clone().into(),
        item.document.clone().into(),
        item.url_name.clone().into(),
        item.pause_kind.clone().into(),
        item.state.as_str().to_owned().into(),
        item.priority.into(),
        millis(item.not_before),
        item.claim_owner.clone().into(),
        millis(item.claim_until),
        item.created.as_millis().into(),
    ]
}
