//! The Django site under gunicorn, and what landed in its database.

use super::server::Server;
use super::{python, root};
use rusqlite::types::FromSql;
use std::process::Command;
use tempfile::TempDir;

/// The token that the site expects.
pub const TOKEN: &str = "s3cret-token-42";

pub struct Site {
    server: Server,
    pub url: String,
    _directory: TempDir,
}

impl Site {
    /// Starts a site with an empty database on a free port. `options` are those of `tests/site/serve.py`.
    /// `None`, after `skip`, where Django cannot be had.
    pub fn start(options: &[&str]) -> Option<Self> {
        let python = python()?;
        let directory = TempDir::new().expect("a folder");
        let server = Server::start(
            Command::new(python)
                .arg(root().join("tests/site/serve.py"))
                .arg("--directory")
                .arg(directory.path())
                .args(["--token", TOKEN])
                .args(options),
        );
        Some(Self { url: server.text("url"), server, _directory: directory })
    }

    /// `host:port`.
    pub fn address(&self) -> &str {
        self.url.trim_start_matches("http://")
    }

    pub fn database(&self) -> rusqlite::Connection {
        rusqlite::Connection::open(self.server.text("database")).expect("the site's database")
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
