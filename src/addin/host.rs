//! The host as a class sees it: where the code runs, and how to tell the user of progress.

use crate::bilingual;
use crate::error::{Bilingual, Language};
use crate::operation::Progress;
use std::time::{Duration, Instant};

/// Where the add-in runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// A client with a user in front of it.
    Client,
    /// A server, an external connection, or a host that does not say.
    Server,
}

/// What a class may ask of the host during a call.
pub trait Host: Send + Sync {
    /// Where the add-in runs.
    fn side(&self) -> Side;

    /// Sends an event to the application; false if the host did not take it.
    fn external_event(&self, source: &str, message: &str, data: &str) -> bool;

    /// Shows a text in the status line, or clears it.
    fn status_line(&self, text: Option<&str>);
}

/// Progress of an operation, told by `ВнешнееСобытие` and the status line of a client, five times a second at most.
pub(super) struct HostProgress<'a> {
    host: &'a dyn Host,
    source: &'static str,
    object_id: &'a str,
    language: Language,
    last: Option<Instant>,
    shown: bool,
}

const INTERVAL: Duration = Duration::from_millis(200);

impl<'a> HostProgress<'a> {
    pub(super) fn new(
        host: &'a dyn Host,
        source: &'static str,
        object_id: &'a str,
        language: Language,
    ) -> Self {
        Self { host, source, object_id, language, last: None, shown: false }
    }
}

impl Progress for HostProgress<'_> {
    fn report(&mut self, done: u64, total: u64, text: &Bilingual) {
        if self.host.side() == Side::Server || self.last.is_some_and(|last| last.elapsed() < INTERVAL) {
            return;
        }
        self.last = Some(Instant::now());
        self.shown = true;
        let text = text.in_language(self.language);
        let data = serde_json::json!({
            "object_id": self.object_id, "done": done, "total": total, "text": text
        });
        let message = bilingual!("Прогресс", "Progress");
        self.host.external_event(self.source, message.in_language(self.language), &data.to_string());
        self.host.status_line(Some(text));
    }
}

impl Drop for HostProgress<'_> {
    fn drop(&mut self) {
        if self.shown {
            self.host.status_line(None);
        }
    }
}
