//! The journal: daily text files that tell what was done, with secrets replaced.
//!
//! An object of a class holds one [`Journal`]: where to write, how much, and which secrets to hide. Lines go
//! through a bounded queue to one background writer of the process ([`flush`] waits for it), so a slow disk
//! does not slow a call. [`Redactor`] and [`Secret`] keep secrets out of the files, of errors and of `Debug`.
//! Knows `error` only.

mod level;
mod panic;
mod redact;
mod secret;
mod writer;

pub use level::Level;
pub use panic::install_quiet_panic_hook;
pub use redact::{MASK, Redactor, is_sensitive_header};
pub use secret::Secret;
pub use writer::flush;

use crate::bilingual;
use crate::error::{Code, Error, Result};
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use writer::Target;

/// The beginning of the file names unless a setting says otherwise: `obmen_20260731.log`.
pub const DEFAULT_PREFIX: &str = "obmen_";

/// How long opening a journal may wait for a slow directory, such as a network share.
const OPEN_LIMIT: Duration = Duration::from_secs(5);

/// The journal of one object. Clones write to the same file and are cheap.
#[derive(Clone, Default)]
pub struct Journal {
    target: Option<Arc<Target>>,
    level: Level,
    class: &'static str,
    redactor: Arc<Redactor>,
}

impl Journal {
    /// A journal that writes nothing.
    pub fn off() -> Self {
        Self::default()
    }

    /// A journal of `class` in the files `{prefix}YYYYMMDD.log` of `directory`; off when `directory` is empty.
    ///
    /// The directory is created when it is missing, and a first write is tried, so that a wrong setting is told
    /// at once and not lost with the lines.
    ///
    /// # Errors
    /// `argument` for a prefix that cannot stand in a file name; `file` when the directory cannot be written
    /// or does not answer within five seconds.
    pub fn open(class: &'static str, directory: &str, prefix: &str, level: Level) -> Result<Self> {
        if directory.trim().is_empty() {
            return Ok(Self { class, level, ..Self::default() });
        }
        check_prefix(prefix)?;
        let directory = std::path::absolute(directory.trim())
            .map_err(|error| unwritable(Path::new(directory), &error.to_string()))?;
        let target = Arc::new(Target::new(directory, prefix.to_owned()));
        match writer::probe(&target, OPEN_LIMIT) {
            Some(Ok(())) => {}
            Some(Err(reason)) => return Err(unwritable(target.directory(), &reason)),
            None => {
                return Err(unwritable(
                    target.directory(),
                    &format!("no answer in {} s", OPEN_LIMIT.as_secs()),
                ));
            }
        }
        panic::remember(&target);
        Ok(Self { target: Some(target), level, class, redactor: Arc::default() })
    }

    /// The same journal hiding the secrets of `redactor`.
    #[must_use]
    pub fn with_redactor(mut self, redactor: Arc<Redactor>) -> Self {
        panic::remember_redactor(&redactor);
        self.redactor = redactor;
        self
    }

    /// The same journal with another level.
    #[must_use]
    pub fn with_level(mut self, level: Level) -> Self {
        self.level = level;
        self
    }

    /// What hides secrets here.
    pub fn redactor(&self) -> &Arc<Redactor> {
        &self.redactor
    }

    /// True if a line of `level` would be written: lets a caller skip building a costly text.
    pub fn enabled(&self, level: Level) -> bool {
        self.target.is_some() && level <= self.level
    }

    /// Writes one line: local time, level, class, operation, then `text`. Line breaks inside `text` are
    /// written as `\n`, so one event is one line and nobody can forge another. Never fails: see
    /// [`Journal::take_failure`].
    pub fn write(&self, level: Level, operation: &str, text: &str) {
        if !self.enabled(level) {
            return;
        }
        if let Some(target) = &self.target {
            let line = Line { level, class: self.class, operation, text: &self.redactor.text(text) };
            writer::push(target, &line);
        }
    }

    /// A failure: nothing more is done about it.
    pub fn error(&self, operation: &str, text: &str) {
        self.write(Level::Error, operation, text);
    }

    /// Something unexpected that work goes on after.
    pub fn warning(&self, operation: &str, text: &str) {
        self.write(Level::Warning, operation, text);
    }

    /// What was done.
    pub fn info(&self, operation: &str, text: &str) {
        self.write(Level::Info, operation, text);
    }

    /// Details for a search after a cause; built only when they are wanted.
    pub fn debug(&self, operation: &str, text: impl FnOnce() -> String) {
        if self.enabled(Level::Debug) {
            self.write(Level::Debug, operation, &text());
        }
    }

    /// Why lines could not be written, told once for each time writing begins to fail.
    pub fn take_failure(&self) -> Option<Error> {
        let target = self.target.as_ref()?;
        target.take_failure().map(|reason| unwritable(target.directory(), &reason))
    }
}

impl fmt::Debug for Journal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let directory = self.target.as_ref().map(|target| target.directory());
        write!(formatter, "Journal({} {:?} {:?})", self.class, directory, self.level)
    }
}

/// What stands in one line, beside the time.
struct Line<'a> {
    level: Level,
    class: &'a str,
    operation: &'a str,
    text: &'a str,
}

fn check_prefix(prefix: &str) -> Result<()> {
    let forbidden = |character: char| character.is_control() || r#"<>:"/\|?*"#.contains(character);
    if prefix.contains(forbidden) || prefix.chars().count() > 100 {
        return Err(Error::new(
            Code::Argument,
            bilingual!(
                "Префикс журнала «{prefix}» не годится для имени файла: уберите знаки < > : \" / \\ | ? * \
                 и сократите его до 100 знаков.",
                "The journal prefix “{prefix}” cannot stand in a file name: leave out < > : \" / \\ | ? * and keep it \
                 under 100 characters."
            ),
        ));
    }
    Ok(())
}

fn unwritable(directory: &Path, reason: &str) -> Error {
    let directory: PathBuf = directory.to_owned();
    let shown = directory.display();
    Error::new(
        Code::File,
        bilingual!(
            "Журнал не пишется в каталог «{shown}»: {reason}. Проверьте путь и права пользователя, от имени \
             которого работает 1С.",
            "The journal cannot be written to “{shown}”: {reason}. Check the path and the rights of the user that \
             1C runs as."
        ),
    )
    .with("path", shown.to_string())
}

#[cfg(test)]
mod tests;
