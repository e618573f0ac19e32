//! Bodies that are sent piece by piece and counted.

use super::aws4;
use super::exchange::Moved;
use crate::bilingual;
use crate::error::{Code, Error, Result};
use bytes::Bytes;
use http_body::{Frame, SizeHint};
use std::fs::File;
use std::future::Future;
use std::io::{self, Read};
use std::path::Path;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use tokio::task::{JoinHandle, spawn_blocking};

const CHUNK: usize = 128 * 1024;

/// A file as a body, and its length. A regular file is read while it is sent, beside the exchange, so that a
/// slow share does not hold up a cancellation.
///
/// # Errors
/// `file` when it cannot be opened or is not a file.
pub(super) fn file(path: &Path, moved: &Arc<Moved>) -> Result<(reqwest::Body, u64)> {
    let (file, length) = open(path)?;
    moved.announce_sending(length);
    let source = Source::File(file);
    Ok((reqwest::Body::wrap(Upload { source, left: length, moved: Arc::clone(moved) }), length))
}

/// The SHA-256 of a file, read in pieces.
///
/// # Errors
/// `file` when it cannot be read.
pub(super) fn hash(path: &Path) -> Result<String> {
    let (mut file, _) = open(path)?;
    let mut context = ring::digest::Context::new(&ring::digest::SHA256);
    let mut piece = vec![0; CHUNK];
    loop {
        match file.read(&mut piece).map_err(|error| unreadable(path, &error.to_string()))? {
            0 => return Ok(aws4::hex(context.finish().as_ref())),
            count => context.update(piece.get(..count).unwrap_or_default()),
        }
    }
}

fn open(path: &Path) -> Result<(File, u64)> {
    let file = File::open(path).map_err(|error| unreadable(path, &error.to_string()))?;
    let metadata = file.metadata().map_err(|error| unreadable(path, &error.to_string()))?;
    if !metadata.is_file() {
        return Err(unreadable(path, "not a file"));
    }
    Ok((file, metadata.len()))
}

fn unreadable(path: &Path, reason: &str) -> Error {
    let shown = path.display();
    Error::new(
        Code::File,
        bilingual!(
            "Файл «{shown}» не читается: {reason}. Проверьте путь и права пользователя, от имени которого \
             работает 1С.",
            "The file “{shown}” cannot be read: {reason}. Check the path and the rights of the user that 1C runs as."
        ),
    )
    .with("path", shown.to_string())
}

/// Bytes of memory as a body whose progress is counted.
pub(super) fn bytes(bytes: Bytes, moved: &Arc<Moved>) -> reqwest::Body {
    let length = bytes.len() as u64;
    moved.announce_sending(length);
    reqwest::Body::wrap(Upload { source: Source::Bytes(bytes), left: length, moved: Arc::clone(moved) })
}

/// Pieces of memory as one body whose progress is counted.
pub(super) fn pieces(mut pieces: Vec<Bytes>, moved: &Arc<Moved>) -> reqwest::Body {
    pieces.retain(|piece| !piece.is_empty());
    let length = pieces.iter().map(|piece| piece.len() as u64).sum();
    moved.announce_sending(length);
    let source = Source::Pieces(pieces.into_iter());
    reqwest::Body::wrap(Upload { source, left: length, moved: Arc::clone(moved) })
}

struct Upload {
    source: Source,
    left: u64,
    moved: Arc<Moved>,
}

enum Source {
    Bytes(Bytes),
    Pieces(std::vec::IntoIter<Bytes>),
    File(File),
    /// A piece of the file is being read on another thread.
    Reading(JoinHandle<io::Result<(File, Bytes)>>),
    Failed,
}

impl http_body::Body for Upload {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        if self.left == 0 {
            return Poll::Ready(None);
        }
        let wanted = usize::try_from(self.left).unwrap_or(usize::MAX).min(CHUNK);
        let piece = match std::mem::replace(&mut self.source, Source::Failed) {
            Source::Bytes(mut bytes) => {
                let piece = bytes.split_to(wanted.min(bytes.len()));
                self.source = Source::Bytes(bytes);
                Ok(piece)
            }
            Source::Pieces(mut pieces) => {
                let piece = pieces.next().unwrap_or_default();
                self.source = Source::Pieces(pieces);
                Ok(piece)
            }
            Source::File(file) => {
                self.source = Source::Reading(spawn_blocking(move || read_piece(file, wanted)));
                return self.poll_frame(context);
            }
            Source::Reading(mut handle) => match Pin::new(&mut handle).poll(context) {
                Poll::Pending => {
                    self.source = Source::Reading(handle);
                    return Poll::Pending;
                }
                Poll::Ready(outcome) => outcome.map_err(io::Error::other).flatten().map(|(file, piece)| {
                    self.source = Source::File(file);
                    piece
                }),
            },
            Source::Failed => Err(io::Error::other("read after a failure")),
        };
        let piece = match piece {
            Ok(piece) if piece.is_empty() => {
                Err(io::Error::new(io::ErrorKind::UnexpectedEof, "it became shorter while it was sent"))
            }
            other => other,
        };
        match piece {
            Ok(piece) => {
                self.left -= piece.len() as u64;
                self.moved.add_sent(piece.len() as u64);
                Poll::Ready(Some(Ok(Frame::data(piece))))
            }
            Err(error) => {
                self.moved.note_unreadable(&error);
                Poll::Ready(Some(Err(error)))
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.left == 0
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.left)
    }
}

/// Reads at most `wanted` bytes: a file that grows meanwhile is sent as long as it was.
fn read_piece(mut file: File, wanted: usize) -> io::Result<(File, Bytes)> {
    let mut buffer = Vec::with_capacity(wanted);
    (&mut file).take(wanted as u64).read_to_end(&mut buffer)?;
    Ok((file, Bytes::from(buffer)))
}
