//! Downloads: streamed to a file, continued where they broke off, and put in place only when whole.
//!
//! The bytes gather in `{file}.part`; beside it `{file}.part.json` tells what they belong to. Both stay after a
//! failure, so that a later call goes on; both are gone after a success.

use super::aws4;
use super::exchange::Sink;
use super::response::Response;
use super::session::{Outcome, Receiver, Session};
use super::settings::{Call, Settings};
use crate::bilingual;
use crate::error::{Code, Error, Result};
use crate::journal::Journal;
use crate::operation::Operation;
use serde::{Deserialize, Serialize};
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

/// What a download came to.
#[derive(Debug, Clone)]
pub struct Downloaded {
    /// The answer; its body is empty when it went to the file.
    pub outcome: Outcome,
    /// The size of the file, if it is in place.
    pub saved: Option<u64>,
}

impl Session {
    /// Downloads the answer to `call` into `path`, replacing a file of that name when all has come. With `resume`
    /// a broken download goes on where it broke off, within this call and from an earlier one, when the server
    /// can do that and its file is still the same.
    ///
    /// Any status but success leaves the file alone and comes as an answer with its body. The body is not
    /// unpacked: what the server keeps is what lands in the file.
    pub fn download(
        &self,
        call: &Call,
        settings: &Settings,
        path: &Path,
        resume: bool,
        journal: &Journal,
        operation: &mut Operation<'_>,
    ) -> Downloaded {
        let mut settings = settings.clone();
        settings.connection.decompress = false;
        let mut receiver = match FileReceiver::new(path, &call.url, resume) {
            Ok(receiver) => receiver,
            Err(error) => return Downloaded { outcome: Outcome::refused(error), saved: None },
        };
        let mut outcome = self.receive(call, &settings, Some(&mut receiver), journal, operation);
        let saved = match &outcome.result {
            Ok(_) if receiver.took_all() => match receiver.put_in_place() {
                Ok(length) => Some(length),
                Err(error) => {
                    outcome.result = Err(error.into());
                    None
                }
            },
            _ => {
                receiver.leave();
                None
            }
        };
        Downloaded { outcome, saved }
    }
}

/// What a partial file belongs to.
#[derive(Serialize, Deserialize, PartialEq)]
struct Origin {
    /// Hash of the address, which itself may hold a secret.
    source: String,
    /// A strong validator: `ETag`, or else `Last-Modified`.
    validator: String,
}

struct FileReceiver {
    path: PathBuf,
    part: PathBuf,
    origin_path: PathBuf,
    url: String,
    resume: bool,
    file: File,
    length: u64,
    /// Length of the whole file, once a server told it.
    total: Option<u64>,
    /// The answer's body goes to the file.
    takes: bool,
    /// The file is complete although the answer had no body for it.
    complete: bool,
    /// The server did not like the range.
    start_over: bool,
}

impl FileReceiver {
    fn new(path: &Path, url: &str, resume: bool) -> Result<Self> {
        let beside = |suffix: &str| {
            let mut name = path.as_os_str().to_owned();
            name.push(suffix);
            PathBuf::from(name)
        };
        let part = beside(".part");
        let mut options = OpenOptions::new();
        options.create(true).read(true).write(true).truncate(false);
        let file = options.open(&part).map_err(|error| unwritable(&part, &error))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(in_use(path)),
            // A file system without locks: the usual care of one process at a time must do.
            Err(TryLockError::Error(_)) => {}
        }
        let length = file.metadata().map_err(|error| unwritable(&part, &error))?.len();
        Ok(Self {
            path: path.to_owned(),
            origin_path: beside(".part.json"),
            part,
            url: url.to_owned(),
            resume,
            file,
            length,
            total: None,
            takes: false,
            complete: false,
            start_over: false,
        })
    }

    /// What the partial file belongs to, if that is this download and can be continued.
    fn origin(&self) -> Option<Origin> {
        if !self.resume || self.length == 0 {
            return None;
        }
        let text = std::fs::read(&self.origin_path).ok()?;
        let origin: Origin = serde_json::from_slice(&text).ok()?;
        (origin.source == aws4::hash(self.url.as_bytes())).then_some(origin)
    }

    fn truncate(&mut self) -> Result<()> {
        self.file
            .set_len(0)
            .and_then(|()| self.file.seek(SeekFrom::Start(0)))
            .map_err(|error| unwritable(&self.part, &error))?;
        self.length = 0;
        Ok(())
    }

    fn remember_origin(&self, answer: &Response) -> Result<()> {
        let strong = answer.header("etag").filter(|tag| !tag.starts_with("W/"));
        match strong.or_else(|| answer.header("last-modified")) {
            Some(validator) => {
                let origin = Origin { source: aws4::hash(self.url.as_bytes()), validator };
                let text = serde_json::to_vec(&origin).unwrap_or_default();
                std::fs::write(&self.origin_path, text).map_err(|error| unwritable(&self.origin_path, &error))
            }
            None => remove(&self.origin_path),
        }
    }

    fn took_all(&self) -> bool {
        self.takes || self.complete
    }

    /// After a failure: keeps what a later call can go on with, removes the rest.
    fn leave(self) {
        if !self.resume || self.length == 0 || !self.origin_path.exists() {
            drop(self.file);
            // The failure itself is told; that its traces stay would only hide it.
            let _ = std::fs::remove_file(&self.part);
            let _ = std::fs::remove_file(&self.origin_path);
        }
    }

    fn put_in_place(self) -> Result<u64> {
        if let Some(total) = self.total
            && total != self.length
        {
            let (length, shown) = (self.length, self.path.display());
            return Err(Error::new(
                Code::HttpConnect,
                bilingual!(
                    "Файл «{shown}» получен не полностью: {length} из {total} байт. Повторите вызов: загрузка продолжится.",
                    "“{shown}” is incomplete: {length} of {total} bytes. Repeat the call to go on."
                ),
            ));
        }
        self.file.sync_all().map_err(|error| unwritable(&self.part, &error))?;
        // Windows renames no open file.
        drop(self.file);
        std::fs::rename(&self.part, &self.path).map_err(|error| unwritable(&self.path, &error))?;
        remove(&self.origin_path)?;
        Ok(self.length)
    }
}

impl Receiver for FileReceiver {
    fn headers(&mut self) -> Result<Vec<(&'static str, String)>> {
        let mut headers = vec![("accept-encoding", "identity".to_owned())];
        match self.origin() {
            Some(origin) => {
                headers.push(("range", format!("bytes={}-", self.length)));
                headers.push(("if-range", origin.validator));
            }
            None => self.truncate()?,
        }
        Ok(headers)
    }

    fn starts_over(&mut self) -> bool {
        std::mem::take(&mut self.start_over)
    }
}

impl Sink for FileReceiver {
    fn begin(&mut self, answer: &Response) -> Result<bool> {
        self.takes = false;
        self.total = None;
        let range = answer.header("content-range").and_then(|header| content_range(&header));
        match answer.status() {
            206 => match range {
                Some((Some(start), total)) if start == self.length => {
                    self.file.seek(SeekFrom::End(0)).map_err(|error| unwritable(&self.part, &error))?;
                    self.total = total;
                    self.takes = true;
                }
                _ if self.length == 0 => return Err(unasked(&self.url)),
                // Another part than asked for is of no use.
                _ => {
                    self.truncate()?;
                    self.start_over = true;
                }
            },
            status @ 200..=299 => {
                self.truncate()?;
                self.remember_origin(answer)?;
                let length = answer.header("content-length").and_then(|length| length.parse().ok());
                self.total = length.filter(|_| status == 200);
                self.takes = true;
            }
            416 if self.length > 0 => {
                // All came before the last call ended, or the server's file is another now.
                self.complete = matches!(range, Some((None, Some(total))) if total == self.length);
                if !self.complete {
                    self.truncate()?;
                    self.start_over = true;
                }
            }
            _ => {}
        }
        Ok(self.takes)
    }

    fn write(&mut self, piece: &[u8]) -> Result<()> {
        self.file.write_all(piece).map_err(|error| unwritable(&self.part, &error))?;
        self.length += piece.len() as u64;
        Ok(())
    }
}

/// Start and total of `bytes 5-9/10` or `bytes */10` (RFC 9110, 14.4).
fn content_range(header: &str) -> Option<(Option<u64>, Option<u64>)> {
    let (range, total) = header.trim().strip_prefix("bytes ")?.split_once('/')?;
    let start = range.split_once('-').and_then(|(start, _)| start.trim().parse().ok());
    Some((start, total.trim().parse().ok()))
}

fn remove(path: &Path) -> Result<()> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(unwritable(path, &error)),
        _ => Ok(()),
    }
}

fn unwritable(path: &Path, error: &std::io::Error) -> Error {
    let shown = path.display();
    Error::new(
        Code::File,
        bilingual!(
            "Файл «{shown}» не записывается: {error}. Проверьте путь, свободное место и права пользователя, от \
             имени которого работает 1С.",
            "The file “{shown}” cannot be written: {error}. Check the path, the free space and the rights of the \
             user that 1C runs as."
        ),
    )
    .with("path", shown.to_string())
}

fn unasked(url: &str) -> Error {
    let url = crate::journal::Redactor::default().text(url).into_owned();
    Error::new(
        Code::HttpStatus,
        bilingual!(
            "Сервер прислал часть файла, о которой его не просили. Адрес: {url}",
            "The server sent a part of the file that was not asked for. Address: {url}"
        ),
    )
    .with("url", url)
}

fn in_use(path: &Path) -> Error {
    let shown = path.display();
    Error::new(
        Code::Busy,
        bilingual!(
            "Файл «{shown}» уже скачивается. Дождитесь окончания.",
            "“{shown}” is being downloaded already. Wait for it to end."
        ),
    )
    .with("path", shown.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn content_ranges_are_read() {
        for (header, expected) in [
            ("bytes 5-9/10", Some((Some(5), Some(10)))),
            ("bytes 5-9/*", Some((Some(5), None))),
            ("bytes */10", Some((None, Some(10)))),
            ("items 5-9/10", None),
            ("bytes 5-9", None),
        ] {
            assert_eq!(content_range(header), expected, "{header}");
        }
    }
}
