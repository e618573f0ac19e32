//! The Django site under gunicorn, and what landed in its database.

use super::server::Server;
use super::{python, root};
use rusqlite::types::FromSql;
use std::collections::HashMap;
use std::process::Command;
use std::sync::{Mutex, PoisonError};
use tempfile::TempDir;

/// The token that the site expects.
pub const TOKEN: &str = "s3cret-token-42";

/// A site with an empty database, for one test at a time.
pub struct Site {
    running: Option<Running>,
    pub url: String,
    options: Vec<String>,
}

struct Running {
    server: Server,
    _directory: TempDir,
}

/// Sites that no test uses at the moment, by their options: starting one takes longer than most tests. They stop
/// with this process, which closes their standard input.
static IDLE: Mutex<Option<HashMap<Vec<String>, Vec<Running>>>> = Mutex::new(None);

impl Site {
    /// Gives a site with an empty database on a free port. `options` are those of `tests/site/serve.py`.
    /// `None`, after `skip`, where Django cannot be had.
    pub fn start(options: &[&str]) -> Option<Self> {
        let options: Vec<String> = options.iter().map(|&option| option.to_owned()).collect();
        let running = match take_idle(&options) {
            Some(running) => running,
            None => {
                let directory = TempDir::new().expect("a folder");
                let server = Server::start(
                    Command::new(python()?)
                        .arg(root().join("tests/site/serve.py"))
                        .arg("--directory")
                        .arg(directory.path())
                        .args(["--token", TOKEN])
                        .args(&options),
                );
                Running { server, _directory: directory }
            }
        };
        Some(Self { url: running.server.text("url"), running: Some(running), options })
    }

    /// `host:port`.
    pub fn address(&self) -> &str {
        self.url.trim_start_matches("http://")
    }

    pub fn database(&self) -> rusqlite::Connection {
        let running = self.running.as_ref().expect("the site runs until it is dropped");
        rusqlite::Connection::open(running.server.text("database")).expect("the site's database")
    }

    /// One value from the site's database.
    pub fn ask<T: FromSql>(&self, sql: &str) -> T {
        self.database().query_row(sql, [], |row| row.get(0)).unwrap_or_else(|error| panic!("{sql}: {error}"))
    }

    pub fn products(&self) -> i64 {
        self.ask("SELECT count(*) FROM catalogue_product")
    }

    /// How many products the answers of the site called new.
    pub fn created(&self) -> i64 {
        self.ask("SELECT coalesce(sum(created), 0) FROM catalogue_exchange")
    }

    pub fn updated(&self) -> i64 {
        self.ask("SELECT coalesce(sum(updated), 0) FROM catalogue_exchange")
    }
}

fn take_idle(options: &[String]) -> Option<Running> {
    IDLE.lock().unwrap_or_else(PoisonError::into_inner).as_mut()?.get_mut(options)?.pop()
}

impl Drop for Site {
    fn drop(&mut self) {
        // A failed test may have left requests under way: its site is not used again.
        if std::thread::panicking() {
            return;
        }
        let cleared = self.database().execute_batch(
            "PRAGMA busy_timeout = 10000; BEGIN IMMEDIATE; DELETE FROM catalogue_upload; \
             DELETE FROM catalogue_exchange; DELETE FROM catalogue_characteristic; DELETE FROM catalogue_product; COMMIT",
        );
        if let (Ok(()), Some(running)) = (cleared, self.running.take()) {
            let mut idle = IDLE.lock().unwrap_or_else(PoisonError::into_inner);
            let options = std::mem::take(&mut self.options);
            idle.get_or_insert_default().entry(options).or_default().push(running);
        }
    }
}
