//! One source of text for all readers: a window of UTF-8 that moves over UTF-16 units, UTF-8 or a stream.
//!
//! A reader looks at the window, moves its cursor, and asks for more when a token is cut off. The window only
//! moves in [`Input::begin`], so offsets stay true while one event is read, whatever its length. UTF-16 is
//! transcoded in pieces that stay in the processor's cache; a whole UTF-8 copy of the text never exists.

use crate::bilingual;
use crate::error::{Code, Error, Result};
use crate::value::event::Position;
use crate::value::fault::{self, Place};
use crate::value::limits::Limits;
use crate::value::storage;
use crate::value::text::utf16_length;
use encoding_rs::{Decoder, UTF_16BE, UTF_16LE};
use std::borrow::Cow;
use std::io::Read;

/// Units or bytes taken from the source at once.
const CHUNK: usize = 16 * 1024;
/// What a window should hold before an event is read.
const LOW_WATER: usize = 1024;
/// A window that grew beyond this for one long value gives its memory back.
const LARGE_WINDOW: usize = 1024 * 1024;
/// Room for transcoded text: two bytes a unit, which is enough for Cyrillic; what does not fit comes next time.
const ZEROS: &str = match std::str::from_utf8(&[0; 2 * CHUNK]) {
    Ok(zeros) => zeros,
    Err(_) => "",
};

/// A text to read, from whatever holds it.
pub struct Input<'a> {
    source: Source<'a>,
    /// The window; text before `cursor` is read.
    window: String,
    cursor: usize,
    /// No text follows the window.
    ended: bool,
    /// Bytes of UTF-8 that the window has received so far.
    received: u64,
    limits: Limits,
    /// What stood before the window.
    before: Counted,
    /// The text began with a byte order mark.
    marked: bool,
}

enum Source<'a> {
    Text { text: Cow<'a, str>, at: usize },
    Units { units: Cow<'a, [u16]>, at: usize },
    Stream(Stream<'a>),
}

/// UTF-8 or UTF-16 from a reader of bytes.
struct Stream<'a> {
    reader: Box<dyn Read + Send + 'a>,
    /// Bytes read and not yet decoded.
    pending: Vec<u8>,
    encoding: StreamEncoding,
    exhausted: bool,
    /// A byte order mark was found.
    marked: bool,
}

enum StreamEncoding {
    /// The first bytes have not come yet.
    Unknown,
    Utf8,
    Utf16(Decoder),
}

/// Characters and lines of a piece of text.
#[derive(Clone, Copy, Default)]
struct Counted {
    characters: u64,
    lines: u64,
    /// Characters after the last line break.
    column: u64,
}

impl Counted {
    fn and(self, text: &str) -> Self {
        let characters = utf16_length(text) as u64;
        let bytes = text.as_bytes();
        let column = match memchr::memrchr(b'\n', bytes) {
            Some(at) => utf16_length(text.get(at + 1..).unwrap_or_default()) as u64,
            None => self.column + characters,
        };
        let lines = self.lines + memchr::memchr_iter(b'\n', bytes).count() as u64;
        Self { characters: self.characters + characters, lines, column }
    }
}

impl<'a> Input<'a> {
    /// A text in UTF-8; a byte order mark at its beginning is skipped.
    pub fn text(text: impl Into<Cow<'a, str>>) -> Self {
        let text = text.into();
        let marked = text.starts_with('\u{feff}');
        let at = if marked { '\u{feff}'.len_utf8() } else { 0 };
        Self { marked, ..Self::new(Source::Text { text, at }) }
    }

    /// UTF-16 units, as 1C hands strings over. Lone surrogates become U+FFFD; a byte order mark is skipped.
    pub fn units(units: impl Into<Cow<'a, [u16]>>) -> Self {
        let units = units.into();
        let marked = units.first() == Some(&0xFEFF);
        Self { marked, ..Self::new(Source::Units { units, at: usize::from(marked) }) }
    }

    /// Bytes of UTF-8, or of UTF-16 with a byte order mark.
    pub fn bytes(bytes: impl Into<Cow<'a, [u8]>>) -> Self {
        match bytes.into() {
            Cow::Borrowed(bytes) => Self::reader(bytes),
            Cow::Owned(bytes) => Self::reader(std::io::Cursor::new(bytes)),
        }
    }

    /// A stream of UTF-8, or of UTF-16 with a byte order mark, such as a file.
    pub fn reader(reader: impl Read + Send + 'a) -> Self {
        Self::new(Source::Stream(Stream {
            reader: Box::new(reader),
            pending: Vec::new(),
            encoding: StreamEncoding::Unknown,
            exhausted: false,
            marked: false,
        }))
    }

    fn new(source: Source<'a>) -> Self {
        Self {
            source,
            window: String::new(),
            cursor: 0,
            ended: false,
            received: 0,
            limits: Limits::default(),
            before: Counted::default(),
            marked: false,
        }
    }

    /// Replaces the limits.
    #[must_use]
    pub fn with_limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// The limits a reader of this text keeps to.
    pub fn limits(&self) -> Limits {
        self.limits
    }

    /// Whether the text began with a byte order mark, which strings of 1C never have and its files always.
    #[inline]
    pub(crate) fn marked(&self) -> bool {
        self.marked
    }

    /// Whether the source holds the bytes of a `ХранилищеЗначения`, or those bytes in base64.
    pub(crate) fn is_storage(&mut self) -> Result<bool> {
        if let Source::Stream(stream) = &mut self.source {
            while matches!(stream.encoding, StreamEncoding::Unknown)
                && stream.pending.len() < 8
                && !stream.exhausted
            {
                stream.read_chunk().map_err(|error| unreadable(&error))?;
            }
            if matches!(stream.encoding, StreamEncoding::Unknown) && storage::is_storage(&stream.pending) {
                return Ok(true);
            }
        }
        self.begin()?;
        Ok(storage::is_packed_storage(self.rest()))
    }

    /// All bytes that are not read yet, as the source has them; those of a text in UTF-8.
    pub(crate) fn into_bytes(mut self) -> Result<Vec<u8>> {
        if let Source::Stream(stream) = &mut self.source
            && matches!(stream.encoding, StreamEncoding::Unknown)
        {
            let mut bytes = std::mem::take(&mut stream.pending);
            let most = self.limits.bytes.saturating_add(1);
            let read = (&mut stream.reader).take(most).read_to_end(&mut bytes);
            read.map_err(|error| unreadable(&error))?;
            return if bytes.len() as u64 >= most { Err(too_long(self.limits.bytes)) } else { Ok(bytes) };
        }
        while self.more()? {}
        let mut bytes = self.window.into_bytes();
        bytes.drain(..self.cursor);
        Ok(bytes)
    }

    /// The whole window as bytes.
    #[inline]
    pub(crate) fn window(&self) -> &[u8] {
        self.window.as_bytes()
    }

    /// Where the next unread byte stands in the window.
    #[inline]
    pub(crate) fn cursor(&self) -> usize {
        self.cursor
    }

    /// Moves the cursor; an offset beyond the window is cut.
    #[inline]
    pub(crate) fn set_cursor(&mut self, cursor: usize) {
        self.cursor = cursor.min(self.window.len());
    }

    /// Moves the cursor over `count` bytes that were seen in the window.
    #[inline]
    pub(crate) fn advance(&mut self, count: usize) {
        self.set_cursor(self.cursor + count);
    }

    /// A piece of the window; empty if the offsets are not on characters of it.
    #[inline]
    pub(crate) fn slice(&self, start: usize, end: usize) -> &str {
        self.window.get(start..end).unwrap_or_default()
    }

    /// The unread part of the window.
    #[inline]
    pub(crate) fn rest(&self) -> &[u8] {
        self.window.as_bytes().get(self.cursor..).unwrap_or_default()
    }

    /// The next byte, reading on if the window ends here; `None` at the end of the text.
    #[inline]
    pub(crate) fn peek(&mut self) -> Result<Option<u8>> {
        match self.window.as_bytes().get(self.cursor) {
            Some(byte) => Ok(Some(*byte)),
            None => self.peek_further(0),
        }
    }

    /// The byte `ahead` of the cursor.
    #[inline]
    pub(crate) fn peek_at(&mut self, ahead: usize) -> Result<Option<u8>> {
        match self.window.as_bytes().get(self.cursor + ahead) {
            Some(byte) => Ok(Some(*byte)),
            None => self.peek_further(ahead),
        }
    }

    #[cold]
    fn peek_further(&mut self, ahead: usize) -> Result<Option<u8>> {
        loop {
            if let Some(byte) = self.window.as_bytes().get(self.cursor + ahead) {
                return Ok(Some(*byte));
            }
            if !self.more()? {
                return Ok(None);
            }
        }
    }

    /// Takes four hexadecimal digits as a UTF-16 unit; `None`, with the cursor before it, at what is no digit.
    pub(crate) fn hex_unit(&mut self) -> Result<Option<u16>> {
        let mut unit = 0;
        for _ in 0..4 {
            let Some(digit) = self.peek()?.and_then(|byte| char::from(byte).to_digit(16)) else {
                return Ok(None);
            };
            unit = unit << 4 | digit as u16;
            self.advance(1);
        }
        Ok(Some(unit))
    }

    /// Forgets what is read and sees to it that a usual event fits the window. Offsets into the window are
    /// void after this call.
    #[inline]
    pub(crate) fn begin(&mut self) -> Result<()> {
        if self.window.len() - self.cursor < LOW_WATER && !self.ended {
            self.slide()?;
        }
        Ok(())
    }

    #[cold]
    fn slide(&mut self) -> Result<()> {
        self.before = self.before.and(self.window.get(..self.cursor).unwrap_or_default());
        self.window.drain(..self.cursor);
        self.cursor = 0;
        if self.window.capacity() > LARGE_WINDOW {
            self.window.shrink_to(LARGE_WINDOW / 4);
        }
        while self.window.len() < LOW_WATER && self.more()? {}
        Ok(())
    }

    /// Appends text to the window without moving it; false when nothing follows.
    #[cold]
    pub(crate) fn more(&mut self) -> Result<bool> {
        if self.ended {
            return Ok(false);
        }
        let length = self.window.len();
        while self.window.len() == length && !self.ended {
            match self.source.append(&mut self.window) {
                Ok(more) => {
                    self.ended = !more;
                    self.marked |= matches!(&self.source, Source::Stream(stream) if stream.marked);
                }
                Err(Trouble::Io(error)) => return Err(unreadable(&error)),
                Err(Trouble::NotText) => {
                    let place = Place { position: self.position_at(self.window.len()), near: String::new() };
                    return Err(fault::value_text(
                        bilingual!("Текст не в кодировке UTF-8.", "The text is not UTF-8."),
                        &place,
                        String::new(),
                    ));
                }
            }
        }
        self.received += (self.window.len() - length) as u64;
        if self.received > self.limits.bytes {
            return Err(too_long(self.limits.bytes));
        }
        Ok(self.window.len() > length)
    }

    /// The position of an offset in the window. Counts from the beginning of the window: for messages only.
    pub(crate) fn position_at(&self, offset: usize) -> Position {
        let text = self.window.get(..offset).unwrap_or(&self.window);
        let counted = self.before.and(text);
        Position { character: counted.characters + 1, line: counted.lines + 1, column: counted.column + 1 }
    }

    /// The position of an offset and the text that begins there.
    pub(crate) fn place_at(&self, offset: usize) -> Place {
        Place {
            position: self.position_at(offset),
            near: fault::snippet(self.window.get(offset..).unwrap_or_default()),
        }
    }
}

/// The text as bytes of UTF-8, for readers that take a stream. Errors of this library pass through as the inner
/// error.
impl std::io::BufRead for Input<'_> {
    fn fill_buf(&mut self) -> std::io::Result<&[u8]> {
        self.begin().map_err(std::io::Error::other)?;
        Ok(self.rest())
    }

    fn consume(&mut self, amount: usize) {
        self.advance(amount);
    }
}

impl Read for Input<'_> {
    fn read(&mut self, room: &mut [u8]) -> std::io::Result<usize> {
        let rest = std::io::BufRead::fill_buf(self)?;
        let count = rest.len().min(room.len());
        if let (Some(room), Some(rest)) = (room.get_mut(..count), rest.get(..count)) {
            room.copy_from_slice(rest);
        }
        self.advance(count);
        Ok(count)
    }
}

enum Trouble {
    Io(std::io::Error),
    NotText,
}

impl Source<'_> {
    /// Appends a chunk to the window; false when the source is exhausted.
    fn append(&mut self, window: &mut String) -> std::result::Result<bool, Trouble> {
        match self {
            Self::Text { text, at } => {
                let mut end = (*at + CHUNK).min(text.len());
                while !text.is_char_boundary(end) {
                    end += 1;
                }
                window.push_str(text.get(*at..end).unwrap_or_default());
                *at = end;
                Ok(end < text.len())
            }
            Self::Units { units, at } => {
                *at = append_units(units, *at, window);
                Ok(*at < units.len())
            }
            Self::Stream(stream) => stream.append(window),
        }
    }
}

/// Transcodes a chunk of units from `at`; returns where the next one begins.
fn append_units(units: &[u16], at: usize, window: &mut String) -> usize {
    let mut end = (at + CHUNK).min(units.len());
    let splits_a_pair = end < units.len()
        && end > at + 1
        && units.get(end - 1).is_some_and(|unit| (0xD800..0xDC00).contains(unit));
    if splits_a_pair {
        end -= 1;
    }
    let chunk = units.get(at..end).unwrap_or_default();
    let length = window.len();
    window.push_str(ZEROS);
    let written = match window.get_mut(length..) {
        Some(room) => encoding_rs::mem::convert_utf16_to_str_partial(chunk, room),
        None => (chunk.len(), 0),
    };
    window.truncate(length + written.1);
    at + written.0
}

impl Stream<'_> {
    fn append(&mut self, window: &mut String) -> std::result::Result<bool, Trouble> {
        self.read_chunk().map_err(Trouble::Io)?;
        if matches!(self.encoding, StreamEncoding::Unknown) {
            self.recognise();
        }
        match &mut self.encoding {
            StreamEncoding::Utf16(decoder) => {
                let mut taken = 0;
                while taken < self.pending.len() || self.exhausted {
                    let from = window.len();
                    window.push_str(ZEROS);
                    let Some(room) = window.get_mut(from..) else { break };
                    let bytes = self.pending.get(taken..).unwrap_or_default();
                    let (result, read, written, _) = decoder.decode_to_str(bytes, room, self.exhausted);
                    taken += read;
                    window.truncate(from + written);
                    if result == encoding_rs::CoderResult::InputEmpty {
                        break;
                    }
                }
                self.pending.clear();
                Ok(!self.exhausted)
            }
            StreamEncoding::Unknown => Ok(true),
            StreamEncoding::Utf8 => {
                let (valid, broken) = match simdutf8::compat::from_utf8(&self.pending) {
                    Ok(text) => (text, false),
                    Err(error) => {
                        let valid = self.pending.get(..error.valid_up_to()).unwrap_or_default();
                        let cut_off = error.error_len().is_none() && !self.exhausted;
                        (std::str::from_utf8(valid).unwrap_or_default(), !cut_off)
                    }
                };
                let length = valid.len();
                window.push_str(valid);
                if broken {
                    return Err(Trouble::NotText);
                }
                self.pending.drain(..length);
                Ok(!self.exhausted)
            }
        }
    }

    fn read_chunk(&mut self) -> std::io::Result<()> {
        let kept = self.pending.len();
        self.pending.resize(kept + CHUNK, 0);
        let room = self.pending.get_mut(kept..).unwrap_or_default();
        let read = loop {
            match self.reader.read(room) {
                Ok(read) => break read,
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                Err(error) => {
                    self.pending.truncate(kept);
                    return Err(error);
                }
            }
        };
        self.pending.truncate(kept + read);
        self.exhausted = read == 0;
        Ok(())
    }

    /// Decides the encoding by the first bytes, once there are enough of them.
    fn recognise(&mut self) {
        if self.pending.len() < 3 && !self.exhausted {
            return;
        }
        let (encoding, mark) = match self.pending.as_slice() {
            [0xEF, 0xBB, 0xBF, ..] => (StreamEncoding::Utf8, 3),
            [0xFF, 0xFE, ..] => (StreamEncoding::Utf16(UTF_16LE.new_decoder_without_bom_handling()), 2),
            [0xFE, 0xFF, ..] => (StreamEncoding::Utf16(UTF_16BE.new_decoder_without_bom_handling()), 2),
            _ => (StreamEncoding::Utf8, 0),
        };
        self.encoding = encoding;
        self.marked = mark > 0;
        self.pending.drain(..mark);
    }
}

fn too_long(limit: u64) -> Error {
    Error::new(
        Code::Limit,
        bilingual!(
            "Текст длиннее предела в {limit} байт. Передайте данные частями.",
            "The text is longer than the limit of {limit} bytes. Hand the data over in parts."
        ),
    )
}

fn unreadable(error: &std::io::Error) -> Error {
    Error::new(
        Code::File,
        bilingual!("Не удалось прочитать данные: {error}.", "The data cannot be read: {error}."),
    )
}
