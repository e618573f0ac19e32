//! `ДвоичныеДанные` in internal text: base64 inside it, or parts beside it (facts on value formats, 2.1 and 3.1).

use crate::bilingual;
use crate::value::fault::Lexed;
use crate::value::internal::lexer::Lexer;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use std::collections::VecDeque;

/// Binary parts that follow a text inside a `ХранилищеЗначения`, in the order of the values.
#[derive(Debug, Default)]
pub(crate) struct Parts(VecDeque<Vec<u8>>);

impl Parts {
    /// Parts in their order.
    pub fn new(parts: impl IntoIterator<Item = Vec<u8>>) -> Self {
        Self(parts.into_iter().collect())
    }

    /// Leaves out the part of a value that is not read.
    pub fn skip(&mut self) {
        self.0.pop_front();
    }
}

/// Reads the payload `{1,{#base64:…}}` or `{1,{0}}` into `bytes`.
pub(super) fn read(lexer: &mut Lexer<'_>, parts: &mut Parts, bytes: &mut Vec<u8>) -> Lexed<()> {
    lexer.open()?;
    lexer.integer()?;
    lexer.comma()?;
    lexer.open()?;
    let range = lexer.atom()?;
    let text = lexer.input.slice(range.start, range.end);
    bytes.clear();
    if let Some(encoded) = text.strip_prefix("#base64:") {
        // Long runs are wrapped at 64 characters.
        let unwrapped: Vec<u8> = encoded.bytes().filter(|byte| !byte.is_ascii_whitespace()).collect();
        if STANDARD.decode_vec(unwrapped, bytes).is_err() {
            return lexer.broken_at(
                bilingual!("Двоичные данные не в кодировке Base64.", "The binary data is not base64."),
                range.start,
            );
        }
    } else if text == "0" {
        let Some(part) = parts.0.pop_front() else {
            return lexer.broken_at(
                bilingual!(
                    "Двоичные данные значения стоят вне текста и не переданы.",
                    "The bytes of the binary data stand outside the text and were not given."
                ),
                range.start,
            );
        };
        *bytes = part;
    } else {
        return lexer.broken_at(
            bilingual!("Неизвестный вид двоичных данных.", "Unknown form of binary data."),
            range.start,
        );
    }
    lexer.close()?;
    lexer.close()
}
