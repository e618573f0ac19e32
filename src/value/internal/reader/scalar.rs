//! A value from its tag on: scalars, references, and which collection begins.

use super::{InternalReader, Raw};
use crate::bilingual;
use crate::value::date::DateTime;
use crate::value::event::{Event, Mutability, TypeName};
use crate::value::fault::Lexed;
use crate::value::internal::{binary, header, type_ids};
use crate::value::number::{Decimal, decimal};
use std::ops::Range;
use uuid::Uuid;

impl InternalReader<'_> {
    /// Reads `{"tag",…}`; the cursor stands before it.
    pub(super) fn value(&mut self) -> Lexed<Raw> {
        self.lexer.skip_blanks()?;
        self.event_start = self.lexer.input.cursor();
        let tag = match self.lexer.input.rest() {
            [b'{', b'"', tag, b'"', ..] => {
                let tag = *tag;
                self.lexer.input.advance(4);
                tag
            }
            _ => self.spaced_tag()?,
        };
        let raw = match tag {
            b'S' => {
                self.lexer.comma()?;
                Raw::Text(self.lexer.string()?)
            }
            b'N' => self.number()?,
            b'B' => Raw::Ready(Event::Boolean(self.boolean()?)),
            b'D' => Raw::Ready(Event::Date(self.date()?)),
            b'U' => Raw::Ready(Event::Undefined),
            b'L' => Raw::Ready(Event::Null),
            b'T' => {
                self.lexer.comma()?;
                let (id, _) = self.guid()?;
                Raw::Ready(Event::Type(TypeName::Id(id)))
            }
            b'#' => return self.typed(),
            _ => return self.unknown_tag(),
        };
        self.lexer.close()?;
        Ok(raw)
    }

    /// A tag with blanks around its parts.
    #[cold]
    fn spaced_tag(&mut self) -> Lexed<u8> {
        self.lexer.open()?;
        self.lexer.skip_blanks()?;
        match (self.lexer.input.peek_at(2)?, self.lexer.input.rest()) {
            (Some(b'"'), [b'"', tag, ..]) => {
                let tag = *tag;
                self.lexer.input.advance(3);
                Ok(tag)
            }
            (None, _) => self.lexer.cut_off(),
            _ => self.unknown_tag(),
        }
    }

    #[cold]
    fn unknown_tag<T>(&self) -> Lexed<T> {
        self.lexer.broken_at(
            bilingual!(
                "Ожидалось значение вида {{\"S\",…}}: буква типа S, N, B, D, U, L, T или # в кавычках.",
                "Expected a value such as {{\"S\",…}}: a type letter S, N, B, D, U, L, T or # in quotation marks."
            ),
            self.event_start,
        )
    }

    fn number(&mut self) -> Lexed<Raw> {
        self.lexer.comma()?;
        let range = self.lexer.atom()?;
        match decimal(self.lexer.input.slice(range.start, range.end), &mut self.number) {
            Decimal::Canonical => Ok(Raw::Number(range)),
            Decimal::Rewritten => Ok(Raw::RewrittenNumber),
            Decimal::Not => {
                self.lexer.broken_at(bilingual!("Ожидалось число.", "Expected a number."), range.start)
            }
        }
    }

    fn boolean(&mut self) -> Lexed<bool> {
        self.lexer.comma()?;
        let range = self.lexer.atom()?;
        // The platform writes digits; some foreign writers use words.
        match self.lexer.input.slice(range.start, range.end) {
            "1" | "true" => Ok(true),
            "0" | "false" => Ok(false),
            _ => self.lexer.broken_at(
                bilingual!("Ожидалось булево значение: 0 или 1.", "Expected a boolean: 0 or 1."),
                range.start,
            ),
        }
    }

    fn date(&mut self) -> Lexed<DateTime> {
        self.lexer.comma()?;
        let range = self.lexer.atom()?;
        match DateTime::from_compact(self.lexer.input.slice(range.start, range.end)) {
            Some(date) => Ok(date),
            None => self.lexer.broken_at(
                bilingual!(
                    "Ожидалась дата из 14 цифр: ГГГГММДДччммсс, год от 1 до 3999.",
                    "Expected a date of 14 digits: YYYYMMDDhhmmss, year 1 to 3999."
                ),
                range.start,
            ),
        }
    }

    fn guid(&mut self) -> Lexed<(Uuid, Range<usize>)> {
        let range = self.lexer.atom()?;
        match guid(self.lexer.input.slice(range.start, range.end)) {
            Some(id) => Ok((id, range)),
            None => self
                .lexer
                .broken_at(bilingual!("Ожидался идентификатор GUID.", "Expected a GUID."), range.start),
        }
    }

    /// Reads what follows `{"#"`.
    fn typed(&mut self) -> Lexed<Raw> {
        self.lexer.comma()?;
        let (id, id_range) = self.guid()?;
        match id {
            type_ids::ARRAY => self.begin_array(Mutability::Ordinary),
            type_ids::FIXED_ARRAY => self.begin_array(Mutability::Fixed),
            type_ids::STRUCTURE => self.begin_structure(Mutability::Ordinary),
            type_ids::FIXED_STRUCTURE => self.begin_structure(Mutability::Fixed),
            type_ids::MAP => self.begin_map(Mutability::Ordinary),
            type_ids::FIXED_MAP => self.begin_map(Mutability::Fixed),
            type_ids::VALUE_TABLE => self.begin_table(),
            type_ids::VALUE_LIST => self.begin_list(),
            type_ids::UUID => {
                self.lexer.comma()?;
                let (uuid, _) = self.guid()?;
                self.lexer.close()?;
                Ok(Raw::Ready(Event::Uuid(uuid)))
            }
            type_ids::BINARY_DATA => {
                self.lexer.comma()?;
                binary::read(&mut self.lexer, &mut self.parts, &mut self.bytes)?;
                self.lexer.close()?;
                Ok(Raw::Binary)
            }
            type_ids::TYPE_DESCRIPTION => {
                self.lexer.comma()?;
                self.types = header::pattern(&mut self.lexer)?;
                self.lexer.close()?;
                Ok(Raw::TypeDescription)
            }
            _ => self.reference_or_opaque(id, id_range),
        }
    }

    fn reference_or_opaque(&mut self, type_id: Uuid, id: Range<usize>) -> Lexed<Raw> {
        self.lexer.comma()?;
        if !matches!(self.lexer.skip_blanks()?, Some(b'{' | b'"')) {
            let range = self.lexer.atom()?;
            if let Some((table, uuid)) = reference(self.lexer.input.slice(range.start, range.end)) {
                self.lexer.close()?;
                return Ok(Raw::Reference { uuid, type_id, table });
            }
        } else {
            self.lexer.skip_item()?;
        }
        self.lexer.skip_to_close()?;
        self.lexer.close()?;
        if type_id == type_ids::COMPOSITION_SETTINGS {
            // Its XML stands among the binary parts.
            self.parts.skip();
        }
        Ok(Raw::Opaque { id, text: self.event_start..self.lexer.input.cursor() })
    }
}

/// Reads the 36 characters of a GUID.
pub(crate) fn guid(text: &str) -> Option<Uuid> {
    if text.len() == 36 { Uuid::try_parse_ascii(text.as_bytes()).ok() } else { None }
}

/// Reads `NN:32 hex digits`: the number of the table and the UUID (facts on value formats, 2.5).
fn reference(text: &str) -> Option<(u32, Uuid)> {
    let (table, hex) = text.split_once(':')?;
    if hex.len() != 32 {
        return None;
    }
    let stored = u128::from_str_radix(hex, 16).ok()?;
    // The database keeps the last parts of the UUID first: h[24:32] h[20:24] h[16:20] h[0:4] h[4:16].
    let part = |from: u32, length: u32| stored << (4 * from) >> (128 - 4 * length);
    let uuid = part(24, 8) << 96 | part(20, 4) << 80 | part(16, 4) << 64 | part(0, 16);
    Some((table.parse().ok()?, Uuid::from_u128(uuid)))
}
