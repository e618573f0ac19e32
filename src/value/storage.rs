//! Bytes of a `ХранилищеЗначения`: internal text in UTF-8 with its binary parts beside it, plain or deflated
//! (facts on value formats, 3.1).

use crate::bilingual;
use crate::error::{Bilingual, Code, Error, Result};
use crate::value::event::{Event, WriteEvents};
use crate::value::input::Input;
use crate::value::internal::binary::Parts;
use crate::value::internal::{InternalReader, InternalWriter, StructuresAs};
use crate::value::limits::Limits;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use flate2::read::DeflateDecoder;
use std::io::Read;

const PLAIN: &[u8] = &[1, 1];
const DEFLATED: &[u8] =
    &[2, 1, 0x53, 0x4b, 0x6f, 0xf4, 0x88, 0x8d, 0xc1, 0x4e, 0xa0, 0xd5, 0xeb, 0xb6, 0xbd, 0xa0, 0xa7, 0x0d];
const MARK: &[u8] = b"\xEF\xBB\xBF";
/// What deflated bytes may grow to in memory.
const MOST_INFLATED: u64 = 1 << 30;

/// The content of a `ХранилищеЗначения`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Storage {
    /// The value was stored with compression.
    pub deflated: bool,
    /// Internal text: UTF-8 with a byte order mark, lines end with CR LF.
    pub text: Vec<u8>,
    /// Binary parts of the value, in their order.
    pub parts: Vec<Vec<u8>>,
}

/// Whether bytes begin as those of a storage do.
pub(crate) fn is_storage(bytes: &[u8]) -> bool {
    // The length of the text follows; its highest bytes are zero, which no text has.
    bytes.starts_with(PLAIN) && bytes.get(7) == Some(&0)
        || bytes.starts_with(DEFLATED.get(..6).unwrap_or(DEFLATED))
}

/// Whether a text begins as the base64 of a storage does.
pub(crate) fn is_packed_storage(text: &[u8]) -> bool {
    let text = text.trim_ascii_start();
    matches!(text, [b'A', b'Q', b'E'..=b'H', ..]) || text.starts_with(b"AgFTS2/0")
}

impl Storage {
    /// Reads the bytes of a storage, or their base64.
    ///
    /// # Errors
    /// `value_text` if the bytes break the format, `limit` if they grow beyond the limits.
    pub fn read(bytes: Vec<u8>, limits: Limits) -> Result<Self> {
        let bytes = if is_storage(&bytes) { bytes } else { unpacked(&bytes)? };
        if let Some(deflated) = bytes.strip_prefix(DEFLATED) {
            return Self::parse(&inflated(deflated, limits)?, true);
        }
        match bytes.strip_prefix(PLAIN) {
            Some(plain) => Self::parse(plain, false),
            None => Err(broken(bilingual!("неизвестное начало", "unknown beginning"))),
        }
    }

    fn parse(bytes: &[u8], deflated: bool) -> Result<Self> {
        let (text, mut rest) = counted(bytes)?;
        let mut parts = Vec::new();
        while !rest.is_empty() {
            // A number that is zero in all known values stands before each part.
            let after = rest.get(4..).ok_or_else(cut_off)?;
            let (part, next) = counted(after)?;
            parts.push(part.to_vec());
            rest = next;
        }
        Ok(Self { deflated, text: text.to_vec(), parts })
    }

    /// A reader of the value.
    pub fn into_reader(self, limits: Limits) -> InternalReader<'static> {
        InternalReader::with_parts(Input::bytes(self.text).with_limits(limits), Parts::new(self.parts))
    }
}

/// Opens the storage that an input holds, as bytes or in base64.
///
/// # Errors
/// As [`Storage::read`].
pub fn open_storage(input: Input<'_>) -> Result<InternalReader<'static>> {
    let limits = input.limits();
    Ok(Storage::read(input.into_bytes()?, limits)?.into_reader(limits))
}

/// Splits `u64 length, bytes` off.
fn counted(bytes: &[u8]) -> Result<(&[u8], &[u8])> {
    let (length, rest) = bytes.split_first_chunk::<8>().ok_or_else(cut_off)?;
    let length = usize::try_from(u64::from_le_bytes(*length)).map_err(|_| cut_off())?;
    rest.split_at_checked(length).ok_or_else(cut_off)
}

fn unpacked(text: &[u8]) -> Result<Vec<u8>> {
    let packed: Vec<u8> = text.iter().copied().filter(|byte| !byte.is_ascii_whitespace()).collect();
    STANDARD.decode(packed).map_err(|_| broken(bilingual!("это не Base64", "it is not base64")))
}

fn inflated(deflated: &[u8], limits: Limits) -> Result<Vec<u8>> {
    let most = limits.bytes.min(MOST_INFLATED);
    let mut bytes = Vec::new();
    DeflateDecoder::new(deflated)
        .take(most + 1)
        .read_to_end(&mut bytes)
        .map_err(|_| broken(bilingual!("сжатые данные повреждены", "the deflated data is damaged")))?;
    if bytes.len() as u64 > most {
        return Err(Error::new(
            Code::Limit,
            bilingual!(
                "Хранилище значения при распаковке больше предела в {most} байт.",
                "The inflated value storage is larger than the limit of {most} bytes."
            ),
        ));
    }
    Ok(bytes)
}

fn cut_off() -> Error {
    broken(bilingual!("данные обрываются", "the data is cut off"))
}

fn broken(what: Bilingual) -> Error {
    let Bilingual { ru, en } = what;
    Error::new(
        Code::ValueText,
        bilingual!(
            "Данные хранилища значения нельзя прочитать: {ru}. Передайте Base64Значение(XMLСтрока(Хранилище)).",
            "The bytes of the value storage cannot be read: {en}. Hand over Base64Value(XMLString(Storage))."
        ),
    )
}

/// Writes one value as the bytes of a plain storage.
pub struct StorageWriter {
    inner: InternalWriter,
}

impl StorageWriter {
    /// A writer whose structures become what `structures` says.
    pub fn new(structures: StructuresAs) -> Self {
        Self { inner: InternalWriter::new(structures).with_outer_parts() }
    }

    /// The bytes, after the last event.
    ///
    /// # Errors
    /// `internal` if the value is not complete.
    pub fn into_bytes(mut self) -> Result<Vec<u8>> {
        let parts = self.inner.take_parts();
        let text = self.inner.into_output()?;
        let mut bytes = PLAIN.to_vec();
        bytes.extend_from_slice(&[0; 8]);
        bytes.extend_from_slice(MARK);
        for piece in text.pieces() {
            for line in piece.split_inclusive('\n') {
                match line.strip_suffix('\n') {
                    Some(line) => {
                        bytes.extend_from_slice(line.as_bytes());
                        bytes.extend_from_slice(b"\r\n");
                    }
                    None => bytes.extend_from_slice(line.as_bytes()),
                }
            }
        }
        let length = (bytes.len() - PLAIN.len() - 8) as u64;
        if let Some(room) = bytes.get_mut(PLAIN.len()..PLAIN.len() + 8) {
            room.copy_from_slice(&length.to_le_bytes());
        }
        for part in parts {
            bytes.extend_from_slice(&0_u32.to_le_bytes());
            bytes.extend_from_slice(&(part.len() as u64).to_le_bytes());
            bytes.extend_from_slice(&part);
        }
        Ok(bytes)
    }
}

impl WriteEvents for StorageWriter {
    fn write_event(&mut self, event: &Event<'_>) -> Result<()> {
        self.inner.write_event(event)
    }

    fn finish(&mut self) -> Result<()> {
        self.inner.finish()
    }
}
