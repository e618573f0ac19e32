//! The store in one SQLite file: WAL, `synchronous=FULL`, shared by several processes of one machine.

mod errors;
mod place;
mod rows;
mod schema;
mod session;

use super::{Session, Store, Work};
use crate::bilingual;
use crate::error::{Code, Error, Result};
use rusqlite::{Connection, OpenFlags, Transaction, TransactionBehavior};
use session::SqliteSession;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// How long a transaction waits for another process before it fails with `busy`.
const BUSY_LIMIT: Duration = Duration::from_secs(15);

/// Files up to this size are checked for damage when they are opened; larger ones by [`SqliteStore::verify`].
const CHECKED_WHEN_OPENED: u64 = 8 << 20;

/// A store in one SQLite file.
pub struct SqliteStore {
    path: PathBuf,
    identity: place::FileIdentity,
    connection: Mutex<Connection>,
}

impl std::fmt::Debug for SqliteStore {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "SqliteStore({})", self.path.display())
    }
}

impl SqliteStore {
    /// Opens the file, creating it in an existing folder, and brings an older file up to date.
    ///
    /// # Errors
    /// `argument` for an empty or network path, `storage` for a file that is damaged, belongs to another
    /// program, was written by a newer version of the library, or cannot be opened; `busy`.
    pub fn open(path: &Path) -> Result<Self> {
        Self::open_with(path, schema::MIGRATIONS)
    }

    fn open_with(path: &Path, migrations: &[&str]) -> Result<Self> {
        let path = place::resolve(path)?;
        Self::open_resolved(&path, migrations).map_err(|error| error.with("path", place::shown(&path)))
    }

    fn open_resolved(path: &Path, migrations: &[&str]) -> Result<Self> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
            | OpenFlags::SQLITE_OPEN_CREATE
            | OpenFlags::SQLITE_OPEN_NO_MUTEX
            | OpenFlags::SQLITE_OPEN_EXRESCODE;
        let mut connection = Connection::open_with_flags(path, flags).map_err(errors::from_sqlite)?;
        connection.busy_timeout(BUSY_LIMIT).map_err(errors::from_sqlite)?;
        connection.set_prepared_statement_cache_capacity(64);
        // Refuse a foreign or newer file before anything is written to it.
        schema::inspect(&connection, migrations)?;
        let mode: String = connection
            .query_row("PRAGMA journal_mode=WAL", [], |row| row.get(0))
            .map_err(errors::from_sqlite)?;
        if !mode.eq_ignore_ascii_case("wal") {
            return Err(place::wal_refused());
        }
        connection
            .execute_batch(
                "PRAGMA synchronous=FULL; PRAGMA trusted_schema=OFF; PRAGMA cell_size_check=ON;
                 PRAGMA temp_store=MEMORY; PRAGMA journal_size_limit=67108864;",
            )
            .map_err(errors::from_sqlite)?;
        schema::migrate(&mut connection, migrations)?;
        let store = Self {
            identity: place::FileIdentity::of(path)?,
            path: path.to_owned(),
            connection: Mutex::new(connection),
        };
        if std::fs::metadata(path).is_ok_and(|file| file.len() <= CHECKED_WHEN_OPENED) {
            store.verify()?;
        }
        Ok(store)
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Reads the whole file and looks for damage.
    ///
    /// # Errors
    /// `storage` with the first damage found.
    pub fn verify(&self) -> Result<()> {
        let connection = self.connection.lock().unwrap_or_else(PoisonError::into_inner);
        let verdict: String = connection
            .query_row("PRAGMA quick_check(1)", [], |row| row.get(0))
            .map_err(errors::from_sqlite)
            .map_err(|error| self.located(error))?;
        if verdict == "ok" { Ok(()) } else { Err(self.located(errors::damaged(&verdict))) }
    }

    fn run(&self, behavior: TransactionBehavior, work: &mut Work<'_>) -> Result<()> {
        let connection = self.connection.lock().unwrap_or_else(PoisonError::into_inner);
        self.identity.confirm(&self.path)?;
        let commit = matches!(behavior, TransactionBehavior::Immediate);
        let transaction = Transaction::new_unchecked(&connection, behavior).map_err(errors::from_sqlite)?;
        // Dropping the transaction rolls it back: on an error, and on a panic inside `work`.
        work(&mut SqliteSession::new(&transaction) as &mut dyn Session)?;
        if commit {
            transaction.commit().map_err(errors::from_sqlite)?;
        }
        Ok(())
    }

    fn located(&self, error: Error) -> Error {
        if matches!(error.code(), Code::Storage | Code::Busy) && error.detail("path").is_none() {
            return error.with("path", place::shown(&self.path));
        }
        error
    }
}

impl Store for SqliteStore {
    fn transaction(&self, work: &mut Work<'_>) -> Result<()> {
        self.run(TransactionBehavior::Immediate, work).map_err(|error| self.located(error))
    }

    fn snapshot(&self, work: &mut Work<'_>) -> Result<()> {
        self.run(TransactionBehavior::Deferred, work).map_err(|error| self.located(error))
    }
}

/// The error of a property `ФайлХранилища` that was not set.
pub fn no_store() -> Error {
    Error::new(
        Code::Argument,
        bilingual!(
            "Не задано хранилище обмена: присвойте свойству ФайлХранилища путь к файлу на локальном диске.",
            "The exchange store is not set: give the property StoreFile a path on a local disk."
        ),
    )
}

#[cfg(test)]
mod tests;
