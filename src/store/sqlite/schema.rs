//! The tables, as a list of steps: step N turns a file of version N-1 into one of version N.

use super::errors::from_sqlite;
use crate::bilingual;
use crate::error::{Code, Error, Result};
use rusqlite::{Connection, TransactionBehavior};

/// Marks a file as a store of this library: `Obmn`.
const APPLICATION_ID: i64 = 0x4F62_6D6E;

/// Steps are only ever added: files in the field were made by the earlier ones.
pub(super) const MIGRATIONS: &[&str] = &[
    "
    CREATE TABLE settings (organisation TEXT PRIMARY KEY, body TEXT NOT NULL, changed INTEGER NOT NULL) STRICT;

    CREATE TABLE marks (
        organisation TEXT NOT NULL, name TEXT NOT NULL, value TEXT NOT NULL, changed INTEGER NOT NULL,
        PRIMARY KEY (organisation, name)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE documents (
        key TEXT NOT NULL UNIQUE,
        organisation TEXT NOT NULL,
        type TEXT NOT NULL COLLATE NOCASE,
        kind TEXT NOT NULL,
        status TEXT NOT NULL,
        is_final INTEGER NOT NULL,
        registration TEXT,
        identity TEXT,
        pairing TEXT,
        reply_id TEXT,
        operation TEXT,
        error TEXT,
        has_data INTEGER NOT NULL,
        owner TEXT,
        created INTEGER NOT NULL,
        changed INTEGER NOT NULL
    ) STRICT;
    CREATE INDEX documents_status ON documents (organisation, kind, status, created);
    CREATE INDEX documents_registration ON documents (organisation, registration) WHERE registration IS NOT NULL;
    CREATE INDEX documents_pairing ON documents (organisation, pairing) WHERE pairing IS NOT NULL;
    CREATE INDEX documents_final ON documents (is_final, changed);

    CREATE TABLE events (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        time INTEGER NOT NULL,
        organisation TEXT NOT NULL,
        document TEXT,
        attempt INTEGER,
        kind TEXT NOT NULL,
        type TEXT NOT NULL COLLATE NOCASE,
        reply_id TEXT,
        registration TEXT,
        identity TEXT,
        pairing TEXT,
        facts TEXT NOT NULL
    ) STRICT;
    CREATE INDEX events_document ON events (document) WHERE document IS NOT NULL;
    CREATE INDEX events_reply ON events (organisation, reply_id) WHERE reply_id IS NOT NULL;
    CREATE INDEX events_registration ON events (organisation, registration) WHERE registration IS NOT NULL;
    CREATE INDEX events_identity ON events (organisation, identity) WHERE identity IS NOT NULL;
    CREATE INDEX events_pairing ON events (organisation, pairing) WHERE pairing IS NOT NULL;
    CREATE INDEX events_received ON events (organisation, type) WHERE kind = 'received';

    CREATE TABLE bodies (
        event INTEGER PRIMARY KEY, packed INTEGER NOT NULL, size INTEGER NOT NULL, bytes BLOB NOT NULL
    ) STRICT;

    CREATE TABLE queue (
        attempt INTEGER PRIMARY KEY,
        organisation TEXT NOT NULL,
        document TEXT NOT NULL,
        url_name TEXT NOT NULL,
        pause_kind TEXT NOT NULL,
        state TEXT NOT NULL,
        priority INTEGER NOT NULL,
        not_before INTEGER,
        claim_owner TEXT,
        claim_until INTEGER,
        created INTEGER NOT NULL
    ) STRICT;
    CREATE INDEX queue_order ON queue (organisation, state, priority DESC, attempt);
    CREATE INDEX queue_document ON queue (document);

    CREATE TABLE incoming (
        id INTEGER PRIMARY KEY,
        organisation TEXT NOT NULL,
        path TEXT NOT NULL,
        reply_id TEXT NOT NULL,
        file_id TEXT NOT NULL,
        timestamp TEXT NOT NULL,
        hash TEXT NOT NULL,
        event INTEGER,
        removed INTEGER NOT NULL,
        UNIQUE (organisation, path, reply_id, file_id, timestamp, hash)
    ) STRICT;
    CREATE INDEX incoming_event ON incoming (event) WHERE event IS NOT NULL;

    CREATE TABLE queries (
        organisation TEXT NOT NULL, kind TEXT NOT NULL, sent INTEGER NOT NULL, PRIMARY KEY (organisation, kind)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE leases (
        organisation TEXT PRIMARY KEY, owner TEXT NOT NULL, until INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    ",
    // For maintenance: old answers that nothing matched.
    "CREATE INDEX events_unmatched ON events (time) WHERE document IS NULL;",
];

/// Refuses a file of another program and a file of a newer version. Changes nothing.
pub(super) fn inspect(connection: &Connection, migrations: &[&str]) -> Result<()> {
    let version = pragma(connection, "user_version")?;
    let application = pragma(connection, "application_id")?;
    let tables: i64 = connection
        .query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))
        .map_err(from_sqlite)?;
    let is_new = tables == 0 && version == 0 && application == 0;
    if !is_new && application != APPLICATION_ID {
        return Err(Error::new(
            Code::Storage,
            bilingual!(
                "Файл принадлежит другой программе, а не хранилищу обмена. Укажите другой файл.",
                "The file belongs to another program and is not an exchange store. Name another file."
            ),
        ));
    }
    let known = migrations.len() as i64;
    if version > known {
        return Err(Error::new(
            Code::Storage,
            bilingual!(
                "Файл хранилища создан более новой версией компоненты (версия хранилища {version}, известна {known}). Обновите компоненту или укажите другой файл.",
                "The store file was made by a newer version of the add-in (store version {version}, known {known}). Update the add-in or name another file."
            ),
        ));
    }
    Ok(())
}

/// Brings the file up to date in one transaction.
pub(super) fn migrate(connection: &mut Connection, migrations: &[&str]) -> Result<()> {
    if pragma(connection, "user_version")? == migrations.len() as i64 {
        return Ok(());
    }
    let transaction =
        connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(from_sqlite)?;
    // Another process may have come first, perhaps one of a newer version.
    inspect(&transaction, migrations)?;
    let version = usize::try_from(pragma(&transaction, "user_version")?).unwrap_or(0);
    for step in migrations.iter().skip(version) {
        transaction.execute_batch(step).map_err(from_sqlite)?;
    }
    transaction
        .execute_batch(&format!(
            "PRAGMA application_id={APPLICATION_ID}; PRAGMA user_version={};",
            migrations.len()
        ))
        .map_err(from_sqlite)?;
    transaction.commit().map_err(from_sqlite)
}

fn pragma(connection: &Connection, name: &str) -> Result<i64> {
    connection.query_row(&format!("PRAGMA {name}"), [], |row| row.get(0)).map_err(from_sqlite)
}
