//! The engine as the rooms above see it, and what it does with files it did not expect.

use super::*;
use crate::store::{
    Claim, Document, DocumentFilter, EventFilter, EventKind, Lease, ListingKey, Moment, NewEvent,
    NewIncoming, QueueItem, QueueState, content_hash, read, write,
};
use std::sync::Arc;

const ORG: &str = "030000412451";

struct Place {
    folder: tempfile::TempDir,
}

impl Place {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().expect("a temporary folder") }
    }

    fn file(&self) -> PathBuf {
        self.folder.path().join("обмен.db")
    }

    fn store(&self) -> SqliteStore {
        SqliteStore::open(&self.file()).expect("a new store")
    }
}

type Damage = fn(&mut Vec<u8>);

fn event<'a>(kind: EventKind, document: Option<&'a str>, body: Option<&'a [u8]>) -> NewEvent<'a> {
    let time = Moment::from_millis(1_700_000_000_000);
    NewEvent { document, body, ..NewEvent::new(time, ORG, kind, "WayBill_v4", "{}") }
}

fn document(key: &str) -> Document {
    Document {
        key: key.into(),
        organisation: ORG.into(),
        doc_type: "WayBill_v4".into(),
        kind: "outgoing_waybill".into(),
        status: "КПередаче".into(),
        registration: Some("TTN-1".into()),
        error: Some("текст".into()),
        created: Moment::from_millis(5),
        changed: Moment::from_millis(7),
        ..Document::default()
    }
}

fn item(attempt: i64, priority: i64) -> QueueItem {
    QueueItem {
        attempt,
        organisation: ORG.into(),
        document: "d".into(),
        url_name: "WayBill_v4".into(),
        pause_kind: String::new(),
        state: QueueState::Queued,
        priority,
        not_before: None,
        claim_owner: None,
        claim_until: None,
        created: Moment::from_millis(attempt),
    }
}

#[test]
fn what_is_written_is_read_after_opening_anew() -> Result<()> {
    let place = Place::new();
    let body = "<wb:WayBill_v4/>".repeat(100);
    let id = write(&place.store(), |session| {
        session.put_document(&document("d"))?;
        let id = session.append(&event(EventKind::Prepared, Some("d"), Some(body.as_bytes())))?;
        session.enqueue(&item(id, 0))?;
        Ok(id)
    })?;
    read(&place.store(), |session| {
        assert_eq!(session.document("d")?, Some(document("d")));
        assert_eq!(session.body(id)?.as_deref(), Some(body.as_bytes()));
        assert_eq!(session.queue(ORG, QueueState::Queued)?, vec![item(id, 0)]);
        let event = session.event(id)?.expect("the event");
        assert!(event.has_body && event.kind == EventKind::Prepared);
        Ok(())
    })
}

#[test]
fn a_failed_savepoint_undoes_itself_and_nothing_else() -> Result<()> {
    let place = Place::new();
    let store = place.store();
    write(&store, |session| {
        session.put_document(&document("kept"))?;
        let outcome = session.savepoint(&mut |session| {
            session.put_document(&document("lost"))?;
            Err(no_store())
        });
        assert!(outcome.is_err());
        session.savepoint(&mut |session| session.put_document(&document("also kept")))
    })?;
    read(&store, |session| {
        let keys: Vec<_> =
            session.documents(&DocumentFilter::default())?.into_iter().map(|d| d.key).collect();
        assert_eq!(keys, ["kept", "also kept"]);
        Ok(())
    })
}

#[test]
fn a_failed_transaction_leaves_nothing() -> Result<()> {
    let place = Place::new();
    let store = place.store();
    let outcome = write(&store, |session| {
        session.put_document(&document("d"))?;
        Err::<(), _>(no_store())
    });
    assert!(outcome.is_err());
    read(&store, |session| {
        assert_eq!(session.document("d")?, None);
        Ok(())
    })
}

#[test]
fn the_queue_gives_urgent_first_then_oldest() -> Result<()> {
    let place = Place::new();
    write(&place.store(), |session| {
        for (attempt, priority) in [(1, 0), (2, 0), (3, 5)] {
            session.enqueue(&item(attempt, priority))?;
        }
        let order: Vec<_> = session.queue(ORG, QueueState::Queued)?.iter().map(|i| i.attempt).collect();
        assert_eq!(order, [3, 1, 2]);
        let next = |session: &mut dyn Session, now| {
            session.next_queued(ORG, Moment::from_millis(now)).map(|item| item.map(|item| item.attempt))
        };
        assert_eq!(next(session, 0)?, Some(3));
        session.requeue(&QueueItem { not_before: Some(Moment::from_millis(50)), ..item(3, 5) })?;
        assert_eq!((next(session, 49)?, next(session, 50)?), (Some(1), Some(3)));
        let mut sending = item(3, 5);
        sending.state = QueueState::Sending;
        sending.claim_owner = Some("me".into());
        sending.claim_until = Some(Moment::from_millis(9));
        session.requeue(&sending)?;
        assert_eq!(session.queue(ORG, QueueState::Sending)?, vec![sending]);
        assert_eq!(session.oldest_queued(ORG)?, Some(Moment::from_millis(1)));
        session.dequeue(1)?;
        assert_eq!(session.oldest_queued(ORG)?, Some(Moment::from_millis(2)));
        Ok(())
    })
}

#[test]
fn the_very_same_incoming_document_is_kept_once_and_a_reused_number_twice() -> Result<()> {
    let place = Place::new();
    let key = ListingKey { path: "/opt/out/Ticket/1".into(), ..ListingKey::default() };
    write(&place.store(), |session| {
        let id = session.append(&event(EventKind::Received, None, Some(b"<A/>")))?;
        let hash = content_hash(b"<A/>");
        let first = NewIncoming { organisation: ORG, key: &key, hash: &hash, event: id };
        assert!(session.put_incoming(&first)?);
        assert!(!session.put_incoming(&first)?);
        // The number restarted: another document under the same path.
        let other = content_hash(b"<B/>");
        assert!(session.put_incoming(&NewIncoming { hash: &other, ..first })?);
        let known = session.incoming(ORG, &key)?;
        assert_eq!(known.len(), 2);
        for incoming in &known {
            session.incoming_removed(incoming.id)?;
        }
        assert!(session.incoming(ORG, &key)?.iter().all(|incoming| incoming.removed));
        assert!(session.incoming("another", &key)?.is_empty());
        Ok(())
    })
}

#[test]
fn a_lease_is_held_by_one_until_it_expires() -> Result<()> {
    let place = Place::new();
    let (first, second) = (place.store(), place.store());
    let lease = |owner: &str, until| Lease {
        organisation: ORG.into(),
        owner: owner.into(),
        until: Moment::from_millis(until),
    };
    let claim = |store: &SqliteStore, lease: &Lease, now| {
        write(store, |session| session.acquire_lease(lease, Moment::from_millis(now)))
    };
    assert_eq!(claim(&first, &lease("a", 100), 0)?, Claim::Granted);
    assert_eq!(claim(&second, &lease("b", 150), 50)?, Claim::Held(lease("a", 100)));
    assert_eq!(claim(&first, &lease("a", 200), 90)?, Claim::Granted, "its holder may prolong it");
    assert_eq!(claim(&second, &lease("b", 300), 200)?, Claim::Granted, "an expired lease is free");
    write(&first, |session| session.release_lease(ORG, "a"))?;
    assert_eq!(
        claim(&first, &lease("a", 400), 250)?,
        Claim::Held(lease("b", 300)),
        "only its holder gives it back"
    );
    write(&second, |session| session.release_lease(ORG, "b"))?;
    assert_eq!(claim(&first, &lease("a", 400), 250)?, Claim::Granted);
    let absurd = lease("clock", i64::MAX / 2);
    write(&first, |session| session.release_lease(ORG, "a"))?;
    assert_eq!(claim(&first, &absurd, 0)?, Claim::Granted);
    assert_eq!(
        claim(&second, &lease("b", 10), 1)?,
        Claim::Granted,
        "a clock that was wrong does not lock for years"
    );
    Ok(())
}

#[test]
fn pruning_leaves_the_summary_and_spares_what_still_waits() -> Result<()> {
    let place = Place::new();
    write(&place.store(), |session| {
        let mut done = document("done");
        done.is_final = true;
        session.put_document(&done)?;
        session.put_document(&document("waiting"))?;
        let id = session.append(&event(EventKind::Prepared, Some("done"), Some(b"<A/>")))?;
        session.append(&event(EventKind::Sent, Some("done"), None))?;
        session.append(&event(EventKind::Prepared, Some("waiting"), None))?;
        assert_eq!(session.prunable(Moment::from_millis(100), 10)?, ["done"]);
        assert!(session.prunable(Moment::from_millis(7), 10)?.is_empty(), "not old enough");
        assert_eq!(session.prune("done", &event(EventKind::Summary, Some("done"), None))?, 2);
        let left: Vec<_> = session.events_of("done")?.iter().map(|event| event.kind).collect();
        assert_eq!(left, [EventKind::Summary]);
        assert_eq!(session.body(id)?, None);
        assert!(session.prunable(Moment::from_millis(100), 10)?.is_empty(), "nothing left to prune");
        assert_eq!(session.events_of("waiting")?.len(), 1);
        Ok(())
    })
}

#[test]
fn pruning_drops_old_messages_of_no_document_and_lets_them_come_again() -> Result<()> {
    let place = Place::new();
    write(&place.store(), |session| {
        let at = |time| NewEvent {
            time: Moment::from_millis(time),
            ..event(EventKind::Received, None, Some(b"<A/>"))
        };
        let (old, young) = (session.append(&at(10))?, session.append(&at(20))?);
        let known = session.append(&NewEvent { document: Some("d"), ..at(5) })?;
        let key =
            |number: i64| ListingKey { path: format!("/opt/out/Ticket/{number}"), ..ListingKey::default() };
        for event in [old, young, known] {
            let key = key(event);
            assert!(session.put_incoming(&NewIncoming { organisation: ORG, key: &key, hash: "h", event })?);
        }
        assert_eq!(session.prune_unmatched(Moment::from_millis(20), 10)?, 1);
        assert_eq!((session.event(old)?, session.body(old)?), (None, None));
        assert!(session.incoming(ORG, &key(old))?.is_empty(), "it counts as new again");
        for event in [young, known] {
            assert!(session.event(event)?.is_some() && session.body(event)?.is_some());
            assert_eq!(session.incoming(ORG, &key(event))?.len(), 1);
        }
        assert_eq!(session.prune_unmatched(Moment::from_millis(100), 10)?, 1);
        assert_eq!(session.prune_unmatched(Moment::from_millis(100), 10)?, 0, "nothing left to prune");
        Ok(())
    })
}

#[test]
fn filters_of_documents_and_events_let_through_what_they_name() -> Result<()> {
    let place = Place::new();
    write(&place.store(), |session| {
        session.put_document(&document("a"))?;
        session
            .put_document(&Document { status: "Проведен".into(), is_final: true, ..document("b") })?;
        let filter = DocumentFilter {
            organisations: vec![ORG.into()],
            types: vec!["waybill_V4".into()],
            is_final: Some(true),
            since: Some(Moment::from_millis(7)),
            until: Some(Moment::from_millis(8)),
            ..DocumentFilter::default()
        };
        assert_eq!(session.documents(&filter)?.len(), 1);
        session.append(&event(EventKind::Prepared, Some("a"), None))?;
        session.append(&event(EventKind::Received, None, None))?;
        let unmatched = EventFilter { unmatched: true, ..EventFilter::default() };
        assert_eq!(session.protocol(&unmatched)?.len(), 1);
        let newest = EventFilter { limit: Some(1), ..EventFilter::default() };
        assert_eq!(session.protocol(&newest)?[0].kind, EventKind::Received);
        assert_eq!(session.newest_event()?, 2);
        let after = EventFilter { after: Some(1), ..EventFilter::default() };
        assert_eq!(session.protocol(&after)?.len(), 1);
        assert_eq!(session.last_received(ORG, "WAYBILL_V4")?.map(|event| event.id), Some(2));
        Ok(())
    })
}

#[test]
fn events_are_counted_by_time_and_kind() -> Result<()> {
    let place = Place::new();
    write(&place.store(), |session| {
        for (time, kind) in [
            (50, EventKind::Sent),
            (100, EventKind::Sent),
            (109, EventKind::Sent),
            (110, EventKind::Received),
            (135, EventKind::Sent),
        ] {
            session.append(&NewEvent { time: Moment::from_millis(time), ..event(kind, None, None) })?;
        }
        let since = Moment::from_millis(100);
        let counts = session.event_counts(0, since, Duration::from_millis(10))?;
        let found: Vec<_> = counts.iter().map(|found| (found.stretch, found.kind, found.count)).collect();
        assert_eq!(found, [(0, EventKind::Sent, 2), (1, EventKind::Received, 1), (3, EventKind::Sent, 1)]);
        assert_eq!(session.event_counts(4, since, Duration::from_millis(10))?.len(), 1);
        Ok(())
    })
}

#[test]
fn a_new_key_takes_everything_along() -> Result<()> {
    let place = Place::new();
    write(&place.store(), |session| {
        session.put_document(&document("old"))?;
        let id = session.append(&event(EventKind::Prepared, Some("old"), None))?;
        session.enqueue(&QueueItem { document: "old".into(), ..item(id, 0) })?;
        session.rename_document("old", "new")?;
        assert_eq!(session.document("old")?, None);
        assert_eq!(session.document("new")?.map(|document| document.key), Some("new".into()));
        assert_eq!(session.events_of("new")?.len(), 1);
        assert_eq!(session.queue_of("new")?.len(), 1);
        Ok(())
    })
}

#[test]
fn several_threads_with_own_connections_lose_no_event() -> Result<()> {
    let place = Place::new();
    drop(place.store());
    let path = Arc::new(place.file());
    let threads: Vec<_> = (0..4)
        .map(|_| {
            let path = Arc::clone(&path);
            std::thread::spawn(move || -> Result<()> {
                let store = SqliteStore::open(&path)?;
                for _ in 0..25 {
                    write(&store, |session| {
                        session.append(&event(EventKind::Received, None, Some(b"<A/>")))
                    })?;
                }
                Ok(())
            })
        })
        .collect();
    for thread in threads {
        thread.join().expect("no panic")?;
    }
    read(&place.store(), |session| {
        assert_eq!(session.protocol(&EventFilter::default())?.len(), 100);
        Ok(())
    })
}

#[test]
fn a_file_of_a_newer_version_is_refused_and_stays_as_it_is() -> Result<()> {
    let place = Place::new();
    let newer: Vec<&str> = schema::MIGRATIONS.iter().copied().chain(["CREATE TABLE later (x)"]).collect();
    drop(SqliteStore::open_with(&place.file(), &newer)?);
    let error = SqliteStore::open(&place.file()).expect_err("a newer file");
    assert_eq!(error.code(), Code::Storage);
    assert!(error.message().en.contains("newer version"), "{error}");
    SqliteStore::open_with(&place.file(), &newer).map(drop)
}

#[test]
fn an_older_file_is_migrated_and_keeps_its_rows() -> Result<()> {
    let place = Place::new();
    write(&place.store(), |session| session.put_document(&document("d")))?;
    let newer: Vec<&str> =
        schema::MIGRATIONS.iter().copied().chain(["ALTER TABLE documents ADD COLUMN later TEXT"]).collect();
    let store = SqliteStore::open_with(&place.file(), &newer)?;
    read(&store, |session| {
        assert_eq!(session.document("d")?, Some(document("d")));
        Ok(())
    })
}

#[test]
fn a_migration_that_fails_leaves_the_older_file() -> Result<()> {
    let place = Place::new();
    write(&place.store(), |session| session.put_document(&document("d")))?;
    let broken: Vec<&str> = schema::MIGRATIONS
        .iter()
        .copied()
        .chain(["ALTER TABLE documents ADD COLUMN later TEXT; DROP TABLE no_such_table;"])
        .collect();
    assert!(SqliteStore::open_with(&place.file(), &broken).is_err());
    read(&place.store(), |session| {
        assert_eq!(session.document("d")?, Some(document("d")));
        Ok(())
    })
}

#[test]
fn a_file_of_another_program_is_refused() -> Result<()> {
    let place = Place::new();
    let other = Connection::open(place.file()).map_err(errors::from_sqlite)?;
    other.execute_batch("CREATE TABLE goods (name)").map_err(errors::from_sqlite)?;
    drop(other);
    let error = SqliteStore::open(&place.file()).expect_err("a foreign file");
    assert_eq!(error.code(), Code::Storage);
    assert!(error.message().en.contains("another program"), "{error}");
    Ok(())
}

#[test]
fn damaged_files_give_storage_with_advice_and_are_not_touched() -> Result<()> {
    let place = Place::new();
    write(&place.store(), |session| {
        for number in 0..300 {
            session.put_document(&document(&format!("document {number}")))?;
        }
        Ok(())
    })?;
    let whole = std::fs::read(place.file()).expect("the file");
    let damages: [(&str, Damage); 4] = [
        ("text instead of a header", |bytes| bytes[..100].fill(b'x')),
        ("a page of rubbish", |bytes| bytes[8192..12288].fill(0xA5)),
        ("half of the file", |bytes| bytes.truncate(bytes.len() / 2)),
        ("not a database at all", |bytes| *bytes = "Дата;Сумма\n".repeat(500).into_bytes()),
    ];
    for (what, damage) in damages {
        let mut bytes = whole.clone();
        damage(&mut bytes);
        std::fs::write(place.file(), &bytes).expect("written");
        let error = SqliteStore::open(&place.file()).expect_err(what);
        assert_eq!(error.code(), Code::Storage, "{what}: {error}");
        assert!(error.message().ru.contains("резервной копии"), "{what}: {error}");
        assert!(error.detail("path").is_some(), "{what}");
        assert_eq!(std::fs::read(place.file()).expect("the file"), bytes, "{what}");
    }
    Ok(())
}

#[cfg(unix)]
#[test]
fn a_file_deleted_under_an_open_store_is_noticed() {
    let place = Place::new();
    let store = place.store();
    std::fs::remove_file(place.file()).expect("removed");
    let error = write(&store, |session| session.put_document(&document("d"))).expect_err("no file");
    assert_eq!(error.code(), Code::Storage);
    drop(place.store());
    let error = write(&store, |session| session.put_document(&document("d"))).expect_err("another file");
    assert_eq!(error.code(), Code::Storage);
}

#[test]
fn a_store_held_too_long_gives_busy() -> Result<()> {
    let place = Place::new();
    let (first, second) = (place.store(), place.store());
    let connection = second.connection.lock().expect("not poisoned");
    connection.busy_timeout(Duration::from_millis(20)).map_err(errors::from_sqlite)?;
    drop(connection);
    let error = write(&first, |_| {
        Ok(write(&second, |session| session.put_document(&document("d"))).expect_err("held by the first"))
    })?;
    assert_eq!(error.code(), Code::Busy);
    Ok(())
}
