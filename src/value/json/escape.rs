//! Strings of JSON, escaped as 1C does it.

use crate::value::json::settings::{EscapedCharacters, JsonSettings};
use crate::value::scan;

const HEX: &[u8; 16] = b"0123456789ABCDEF";

/// Writes strings with the escapes that the settings ask for.
#[derive(Debug, Clone)]
pub(crate) struct Escaper {
    quote: char,
    /// Bytes at which a closer look is needed, if they are not only the usual ones.
    table: Option<Box<[bool; 256]>>,
    line_separators: bool,
    characters: EscapedCharacters,
    slash: bool,
}

impl Escaper {
    pub fn new(settings: &JsonSettings) -> Self {
        let quote = if settings.double_quotes { '"' } else { '\'' };
        let single = settings.escape_single_quotes || !settings.double_quotes;
        let extra = [
            (settings.escape_angle_brackets, b'<'),
            (settings.escape_angle_brackets, b'>'),
            (settings.escape_ampersand, b'&'),
            (single && settings.double_quotes, b'\''),
            (settings.escape_slash, b'/'),
        ];
        let usual = settings.escape == EscapedCharacters::None && !extra.iter().any(|(wanted, _)| *wanted);
        let table = (!usual).then(|| {
            let mut table = Box::new([false; 256]);
            for (byte, special) in (0..=u8::MAX).zip(table.iter_mut()) {
                *special = byte < 0x20
                    || byte == b'\\'
                    || char::from(byte) == quote
                    || byte == 0xE2 && settings.escape_line_separators
                    || extra.contains(&(true, byte))
                    || match settings.escape {
                        EscapedCharacters::None => false,
                        EscapedCharacters::BeyondAscii => byte >= 0xC0,
                        EscapedCharacters::BeyondBmp => byte >= 0xF0,
                    };
            }
            table
        });
        Self {
            quote,
            table,
            line_separators: settings.escape_line_separators,
            characters: settings.escape,
            slash: settings.escape_slash,
        }
    }

    /// The quotation mark of strings.
    pub fn quote(&self) -> char {
        self.quote
    }

    /// Appends `text` as a string with its quotation marks.
    #[inline]
    pub fn string(&self, target: &mut String, text: &str) {
        // A length known to the compiler makes this a single store.
        let quote = if self.quote == '"' { "\"" } else { "'" };
        target.reserve(text.len() + 2);
        target.push_str(quote);
        self.inside(target, text);
        target.push_str(quote);
    }

    /// Appends `text` as it stands between quotation marks.
    #[inline]
    pub fn inside(&self, target: &mut String, text: &str) {
        let mut rest = text;
        while let Some(at) = self.next_special(rest.as_bytes()) {
            let (plain, special) = rest.split_at(at);
            target.push_str(plain);
            let mut characters = special.chars();
            if let Some(character) = characters.next() {
                self.character(target, character);
            }
            rest = characters.as_str();
        }
        target.push_str(rest);
    }

    #[inline]
    fn next_special(&self, bytes: &[u8]) -> Option<usize> {
        match &self.table {
            None => scan::string_special(bytes, self.quote as u8, self.line_separators),
            Some(table) => bytes.iter().position(|byte| table.get(usize::from(*byte)) == Some(&true)),
        }
    }

    #[cold]
    fn character(&self, target: &mut String, character: char) {
        match character {
            '\\' => target.push_str("\\\\"),
            '"' if self.quote == '"' => target.push_str("\\\""),
            '\n' => target.push_str("\\n"),
            '\r' => target.push_str("\\r"),
            '/' if self.slash => target.push_str("\\/"),
            '\0'..='\x1F' | '<' | '>' | '&' | '\'' => unit(target, character as u16),
            '\u{2028}' | '\u{2029}' if self.line_separators => unit(target, character as u16),
            _ if self.is_escaped(character) => {
                character.encode_utf16(&mut [0; 2]).iter().for_each(|half| unit(target, *half));
            }
            _ => target.push(character),
        }
    }

    fn is_escaped(&self, character: char) -> bool {
        match self.characters {
            EscapedCharacters::None => false,
            EscapedCharacters::BeyondAscii => !character.is_ascii(),
            EscapedCharacters::BeyondBmp => character > '\u{ffff}',
        }
    }
}

/// Appends `\u` and four upper-case digits.
fn unit(target: &mut String, unit: u16) {
    target.push_str("\\u");
    for shift in [12, 8, 4, 0] {
        let digit = HEX.get(usize::from(unit >> shift & 0xF)).copied().unwrap_or(b'0');
        target.push(char::from(digit));
    }
}
