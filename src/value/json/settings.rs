//! How JSON is written: the settings of 1C's `ПараметрыЗаписиJSON` and `НастройкиСериализацииJSON`
//! (facts on value formats, section 5).

use crate::value::zone::Zone;

/// Settings of a JSON writer. The default is compact JSON as 1C writes it with `ПереносСтрокJSON.Нет`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JsonSettings {
    /// `ПереносСтрок`.
    pub line_breaks: LineBreaks,
    /// `СимволыОтступа`, repeated for each level; without effect when there are no line breaks.
    pub indent: String,
    /// `ИспользоватьДвойныеКавычки`; false gives single quotes, which is not JSON any more.
    pub double_quotes: bool,
    /// `ЭкранированиеСимволов`.
    pub escape: EscapedCharacters,
    /// `ЭкранироватьУгловыеСкобки`: `<` and `>`.
    pub escape_angle_brackets: bool,
    /// `ЭкранироватьРазделителиСтрок`: U+2028 and U+2029.
    pub escape_line_separators: bool,
    /// `ЭкранироватьАмперсанд`.
    pub escape_ampersand: bool,
    /// `ЭкранироватьОдинарныеКавычки`; always so with single quotes.
    pub escape_single_quotes: bool,
    /// `ЭкранироватьСлеш`.
    pub escape_slash: bool,
    /// How dates are written.
    pub dates: DateForm,
    /// Where the dates of 1C are local.
    pub zone: Zone,
    /// `СериализовыватьМассивыКакОбъекты`: `{"0":…,"1":…}`.
    pub arrays_as_objects: bool,
    /// What becomes of values without a natural form.
    pub unsupported: Unsupported,
}

impl Default for JsonSettings {
    fn default() -> Self {
        Self {
            line_breaks: LineBreaks::None,
            indent: String::new(),
            double_quotes: true,
            escape: EscapedCharacters::None,
            escape_angle_brackets: false,
            escape_line_separators: true,
            escape_ampersand: false,
            escape_single_quotes: false,
            escape_slash: false,
            dates: DateForm::Local,
            zone: Zone::System,
            arrays_as_objects: false,
            unsupported: Unsupported::Error,
        }
    }
}

/// `ПереносСтрокJSON`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum LineBreaks {
    /// Everything on one line, no blanks.
    #[default]
    None,
    /// The line break of the system.
    System,
    /// LF.
    Unix,
    /// CR LF.
    Windows,
}

impl LineBreaks {
    /// The characters of a line break, `None` for no breaks.
    pub fn characters(self) -> Option<&'static str> {
        match self {
            Self::None => None,
            Self::Unix => Some("\n"),
            Self::Windows => Some("\r\n"),
            Self::System => Some(if cfg!(windows) { "\r\n" } else { "\n" }),
        }
    }
}

/// `ЭкранированиеСимволовJSON`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum EscapedCharacters {
    /// Only what JSON demands.
    #[default]
    None,
    /// `СимволыВнеASCII`.
    BeyondAscii,
    /// `СимволыВнеBMP`.
    BeyondBmp,
}

/// `ФорматДатыJSON` and `ВариантЗаписиДатыJSON`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum DateForm {
    /// `2014-05-10T13:14:15`.
    #[default]
    Local,
    /// `2014-05-10T13:14:15+04:00`.
    LocalWithOffset,
    /// `2014-05-10T09:14:15Z`.
    Universal,
    /// `/Date(1399713255000)/`.
    Microsoft,
    /// `new Date(1399713255000)`, which is not JSON.
    JavaScript,
}

/// `НеподдерживаемыеТипы`: what becomes of a value that JSON cannot express.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Unsupported {
    /// An error that names the type and the place.
    #[default]
    Error,
    /// `null`.
    Null,
    /// Its source text, as a string.
    Text,
}
