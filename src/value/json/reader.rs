//! JSON to events: RFC 8259, and what 1C itself writes beyond it (facts on value formats, section 5).

use crate::bilingual;
use crate::error::{Bilingual, Result};
use crate::value::event::{Event, Mutability, Position, ReadEvents};
use crate::value::fault::{self, Broken, Lexed, Problem};
use crate::value::input::Input;
use crate::value::number::{Decimal, decimal};
use crate::value::path::Path;
use crate::value::progress::State;
use crate::value::scan;
use crate::value::text::push_unit;
use crate::value::zone::{Zone, ZoneRules};
use std::ops::Range;

/// Which texts a reader takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum JsonGrammar {
    /// RFC 8259 and what 1C can write beyond it: strings in single quotes, `new Date(1399713255000)`.
    #[default]
    Platform,
    /// RFC 8259 only.
    Strict,
}

/// Reads one JSON text. An object is a structure; repeated names are given as they come.
pub struct JsonReader<'a> {
    input: Input<'a>,
    grammar: JsonGrammar,
    frames: Vec<Frame>,
    path: Path,
    scratch: String,
    zone: Zone,
    /// Looked up when the first moment needs it.
    rules: Option<ZoneRules>,
    state: State,
    event_start: usize,
}

#[derive(Clone, Copy)]
enum Frame {
    Array { empty: bool },
    Object(Stage),
}

#[derive(Clone, Copy)]
enum Stage {
    First,
    Value,
    After,
}

/// An event whose texts are still offsets.
enum Raw {
    Ready(Event<'static>),
    Number(Range<usize>),
    RewrittenNumber,
    Text(Piece),
    Name(Piece),
}

enum Piece {
    Window(Range<usize>),
    Scratch,
}

impl<'a> JsonReader<'a> {
    /// A reader of the text that `input` holds.
    pub fn new(input: Input<'a>, grammar: JsonGrammar) -> Self {
        Self {
            input,
            grammar,
            frames: Vec::new(),
            path: Path::default(),
            scratch: String::new(),
            zone: Zone::System,
            rules: None,
            state: State::Start,
            event_start: 0,
        }
    }

    /// Sets the zone into which moments of `new Date(…)` are turned; without it, the system's.
    #[must_use]
    pub fn with_zone(mut self, zone: Zone) -> Self {
        self.zone = zone;
        self
    }

    #[inline]
    fn step(&mut self) -> Lexed<Option<Raw>> {
        self.input.begin()?;
        self.event_start = self.input.cursor();
        match self.frames.last_mut() {
            None => self.root(),
            Some(Frame::Array { empty: true }) => {
                if self.skip_blanks()? == Some(b']') {
                    return self.end(Event::EndArray);
                }
                self.element()
            }
            Some(Frame::Array { .. }) => match self.skip_blanks()? {
                Some(b',') => {
                    self.input.advance(1);
                    self.element()
                }
                Some(b']') => self.end(Event::EndArray),
                _ => self.unexpected(bilingual!("Ожидалась «,» или «]».", "Expected ',' or ']'.")),
            },
            Some(Frame::Object(Stage::Value)) => {
                self.set_stage(Stage::After);
                self.value().map(Some)
            }
            Some(Frame::Object(Stage::First)) => {
                if self.skip_blanks()? == Some(b'}') {
                    return self.end(Event::EndStructure);
                }
                self.name()
            }
            Some(Frame::Object(Stage::After)) => match self.skip_blanks()? {
                Some(b',') => {
                    self.input.advance(1);
                    self.name()
                }
                Some(b'}') => self.end(Event::EndStructure),
                _ => self.unexpected(bilingual!("Ожидалась «,» или «}}».", "Expected ',' or '}}'.")),
            },
        }
    }

    fn root(&mut self) -> Lexed<Option<Raw>> {
        if self.state == State::Start {
            self.state = State::Inside;
            return self.value().map(Some);
        }
        if self.skip_blanks()?.is_some() {
            return self.broken(bilingual!(
                "После конца значения стоит лишний текст.",
                "Text follows the end of the value."
            ));
        }
        self.state = State::Ended;
        Ok(None)
    }

    fn set_stage(&mut self, stage: Stage) {
        if let Some(frame) = self.frames.last_mut() {
            *frame = Frame::Object(stage);
        }
    }

    fn element(&mut self) -> Lexed<Option<Raw>> {
        if let Some(frame) = self.frames.last_mut() {
            *frame = Frame::Array { empty: false };
        }
        self.path.next();
        self.value().map(Some)
    }

    fn end(&mut self, event: Event<'static>) -> Lexed<Option<Raw>> {
        self.input.advance(1);
        self.frames.pop();
        self.path.leave();
        Ok(Some(Raw::Ready(event)))
    }

    /// Reads a name and its colon.
    fn name(&mut self) -> Lexed<Option<Raw>> {
        let quote = match self.skip_blanks()? {
            Some(b'"') => b'"',
            Some(b'\'') if self.grammar == JsonGrammar::Platform => b'\'',
            _ => {
                return self.unexpected(bilingual!(
                    "Ожидалось имя поля в кавычках.",
                    "Expected the name of a member in quotation marks."
                ));
            }
        };
        self.event_start = self.input.cursor();
        let piece = self.string(quote)?;
        if self.skip_blanks()? != Some(b':') {
            return self.unexpected(bilingual!("Ожидалось «:».", "Expected ':'."));
        }
        self.input.advance(1);
        self.path.name(text(&self.input, &self.scratch, &piece));
        self.set_stage(Stage::Value);
        Ok(Some(Raw::Name(piece)))
    }

    fn value(&mut self) -> Lexed<Raw> {
        let first = self.skip_blanks()?;
        self.event_start = self.input.cursor();
        match first {
            Some(b'"') => Ok(Raw::Text(self.string(b'"')?)),
            Some(b'{') => {
                self.open(Frame::Object(Stage::First))?;
                self.path.enter_names();
                Ok(Raw::Ready(Event::BeginStructure(Mutability::Ordinary)))
            }
            Some(b'[') => {
                self.open(Frame::Array { empty: true })?;
                self.path.enter_values();
                Ok(Raw::Ready(Event::BeginArray(Mutability::Ordinary)))
            }
            Some(b'-' | b'0'..=b'9') => self.number(),
            Some(b't') => self.word("true", Event::Boolean(true)),
            Some(b'f') => self.word("false", Event::Boolean(false)),
            Some(b'n') => match self.input.peek_at(1)? {
                Some(b'e') if self.grammar == JsonGrammar::Platform => self.javascript_date(),
                _ => self.word("null", Event::Undefined),
            },
            Some(b'\'') if self.grammar == JsonGrammar::Platform => Ok(Raw::Text(self.string(b'\'')?)),
            _ => self.unexpected(bilingual!("Ожидалось значение JSON.", "Expected a JSON value.")),
        }
    }

    fn open(&mut self, frame: Frame) -> Lexed<()> {
        let limit = self.input.limits().depth;
        if self.frames.len() >= limit {
            let position = self.input.position_at(self.event_start);
            return Err(Problem::Failed(fault::too_deep(limit, position, self.path.spell(&[]))));
        }
        self.input.advance(1);
        self.frames.push(frame);
        Ok(())
    }

    fn word(&mut self, word: &str, event: Event<'static>) -> Lexed<Raw> {
        for expected in word.bytes() {
            if self.input.peek()? != Some(expected) {
                return self.broken_at(
                    bilingual!("Ожидалось слово {word}.", "Expected the word {word}."),
                    self.event_start,
                );
            }
            self.input.advance(1);
        }
        Ok(Raw::Ready(event))
    }

    /// Reads `new Date(milliseconds)`.
    #[cold]
    fn javascript_date(&mut self) -> Lexed<Raw> {
        self.word("new Date(", Event::Undefined)?;
        let start = self.input.cursor();
        let mut at = start;
        while self.input.peek()?.is_some_and(|byte| byte == b'-' || byte.is_ascii_digit()) {
            self.input.advance(1);
            at += 1;
        }
        let milliseconds = self.input.slice(start, at).parse().ok();
        self.word(")", Event::Undefined)?;
        let rules = self.rules.get_or_insert_with(|| ZoneRules::new(&self.zone));
        match milliseconds.and_then(|milliseconds| rules.local(milliseconds)) {
            Some(date) => Ok(Raw::Ready(Event::Date(date))),
            None => self.broken_at(
                bilingual!(
                    "Ожидались миллисекунды от 1970 года в пределах дат 1С.",
                    "Expected milliseconds since 1970 within the dates of 1C."
                ),
                start,
            ),
        }
    }

    fn number(&mut self) -> Lexed<Raw> {
        let start = self.input.cursor();
        let mut at = start;
        let end = loop {
            let window = self.input.window().get(at..).unwrap_or_default();
            let other = |byte: &u8| !matches!(byte, b'0'..=b'9' | b'.' | b'-' | b'+' | b'e' | b'E');
            match window.iter().position(other) {
                Some(found) => break at + found,
                None => {
                    at += window.len();
                    if !self.input.more()? {
                        break at;
                    }
                }
            }
        };
        self.input.set_cursor(end);
        let digits = self.input.slice(start, end);
        if !is_json_number(digits.as_bytes()) {
            return self.broken_at(bilingual!("Неверная запись числа.", "Malformed number."), start);
        }
        match decimal(digits, &mut self.scratch) {
            Decimal::Canonical => Ok(Raw::Number(start..end)),
            Decimal::Rewritten => Ok(Raw::RewrittenNumber),
            Decimal::Not => self.broken_at(
                bilingual!(
                    "Показатель степени числа слишком велик.",
                    "The exponent of the number is too large."
                ),
                start,
            ),
        }
    }

    /// Reads a string whose opening quote stands at the cursor.
    #[inline]
    fn string(&mut self, quote: u8) -> Lexed<Piece> {
        self.input.advance(1);
        let start = self.input.cursor();
        match self.plain_run(start, quote)? {
            (end, mark) if mark == quote => Ok(Piece::Window(start..end)),
            (end, _) => self.escaped_string(start, end, quote),
        }
    }

    /// The end of the run of plain characters from `from` and the byte there, a quote or a backslash; the cursor
    /// moves behind it.
    #[inline]
    fn plain_run(&mut self, mut from: usize, quote: u8) -> Lexed<(usize, u8)> {
        loop {
            let window = self.input.window();
            let rest = window.get(from..).unwrap_or_default();
            if let Some(at) = scan::string_end(rest, quote) {
                let mark = rest.get(at).copied().unwrap_or_default();
                let end = from + at;
                if mark < 0x20 {
                    return self.broken_at(
                        bilingual!(
                            "Управляющий символ внутри строки: его записывают как \\u00XX.",
                            "A control character inside a string: it is written as \\u00XX."
                        ),
                        end,
                    );
                }
                self.input.set_cursor(end + 1);
                return Ok((end, mark));
            }
            from = window.len();
            if !self.input.more()? {
                self.input.set_cursor(from);
                return self.unexpected(Bilingual::default());
            }
        }
    }

    #[cold]
    fn escaped_string(&mut self, mut start: usize, mut end: usize, quote: u8) -> Lexed<Piece> {
        self.scratch.clear();
        let mut high: Option<u16> = None;
        loop {
            // The cursor stands behind a backslash.
            if end > start && high.take().is_some() {
                self.scratch.push(char::REPLACEMENT_CHARACTER);
            }
            self.scratch.push_str(self.input.slice(start, end));
            let unit = self.escape()?;
            push_unit(&mut self.scratch, &mut high, unit);
            start = self.input.cursor();
            let (next, mark) = self.plain_run(start, quote)?;
            end = next;
            if mark == quote {
                if high.is_some() {
                    self.scratch.push(char::REPLACEMENT_CHARACTER);
                }
                self.scratch.push_str(self.input.slice(start, end));
                return Ok(Piece::Scratch);
            }
        }
    }

    /// The UTF-16 unit that an escape stands for.
    fn escape(&mut self) -> Lexed<u16> {
        let start = self.input.cursor();
        let letter = self.input.peek()?;
        self.input.advance(1);
        let unit = match letter {
            Some(b'"') => b'"',
            Some(b'\\') => b'\\',
            Some(b'/') => b'/',
            Some(b'b') => 0x08,
            Some(b'f') => 0x0C,
            Some(b'n') => b'\n',
            Some(b'r') => b'\r',
            Some(b't') => b'\t',
            Some(b'\'') if self.grammar == JsonGrammar::Platform => b'\'',
            Some(b'u') => return self.hex_unit(),
            None => return self.unexpected(Bilingual::default()),
            Some(_) => {
                return self.broken_at(
                    bilingual!("Неизвестная последовательность после «\\».", "Unknown escape after '\\'."),
                    start,
                );
            }
        };
        Ok(unit.into())
    }

    fn hex_unit(&mut self) -> Lexed<u16> {
        match self.input.hex_unit()? {
            Some(unit) => Ok(unit),
            None => self.unexpected(bilingual!(
                "После «\\u» ожидались четыре шестнадцатеричные цифры.",
                "Expected four hexadecimal digits after '\\u'."
            )),
        }
    }

    #[inline]
    fn skip_blanks(&mut self) -> Lexed<Option<u8>> {
        loop {
            match self.input.peek()? {
                Some(b' ' | b'\t' | b'\r' | b'\n') => self.input.advance(1),
                other => return Ok(other),
            }
        }
    }

    /// A complaint about what stands at the cursor, or about a text that ends there.
    #[cold]
    fn unexpected<T>(&self, what: Bilingual) -> Lexed<T> {
        if self.input.rest().is_empty() {
            return self.broken(match self.frames.is_empty() && self.state == State::Inside {
                true if self.event_start == self.input.cursor() => {
                    bilingual!("Текст пуст.", "The text is empty.")
                }
                _ => fault::cut_off(),
            });
        }
        self.broken(what)
    }

    #[cold]
    fn broken<T>(&self, what: Bilingual) -> Lexed<T> {
        self.broken_at(what, self.input.cursor())
    }

    #[cold]
    fn broken_at<T>(&self, what: Bilingual, offset: usize) -> Lexed<T> {
        Err(Problem::Broken(Box::new(Broken { what, place: self.input.place_at(offset) })))
    }
}

fn text<'b>(input: &'b Input<'_>, scratch: &'b str, piece: &Piece) -> &'b str {
    match piece {
        Piece::Window(range) => input.slice(range.start, range.end),
        Piece::Scratch => scratch,
    }
}

/// `-?(0|[1-9][0-9]*)(.[0-9]+)?([eE][+-]?[0-9]+)?`
fn is_json_number(text: &[u8]) -> bool {
    let run = |bytes: &[u8]| bytes.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let unsigned = text.strip_prefix(b"-").unwrap_or(text);
    let whole = run(unsigned);
    if whole == 0 || whole > 1 && unsigned.first() == Some(&b'0') {
        return false;
    }
    let mut rest = unsigned.get(whole..).unwrap_or_default();
    if let [b'.', fraction @ ..] = rest {
        let digits = run(fraction);
        if digits == 0 {
            return false;
        }
        rest = fraction.get(digits..).unwrap_or_default();
    }
    match rest {
        [] => true,
        [b'e' | b'E', b'-' | b'+', exponent @ ..] | [b'e' | b'E', exponent @ ..] => {
            !exponent.is_empty() && run(exponent) == exponent.len()
        }
        _ => false,
    }
}

impl ReadEvents for JsonReader<'_> {
    #[inline]
    fn next_event(&mut self) -> Result<Option<Event<'_>>> {
        if self.state == State::Ended {
            return Ok(None);
        }
        match self.step() {
            Ok(raw) => Ok(raw.map(|raw| match raw {
                Raw::Ready(event) => event,
                Raw::Number(range) => Event::Number(self.input.slice(range.start, range.end)),
                Raw::RewrittenNumber => Event::Number(&self.scratch),
                Raw::Text(piece) => Event::Text(text(&self.input, &self.scratch, &piece)),
                Raw::Name(piece) => Event::Name(text(&self.input, &self.scratch, &piece)),
            })),
            Err(problem) => {
                self.state = State::Ended;
                Err(problem.into_error(|| self.path.spell(&[])))
            }
        }
    }

    fn position(&self) -> Position {
        self.input.position_at(self.event_start)
    }

    fn path(&self) -> String {
        self.path.spell(&[])
    }
}
