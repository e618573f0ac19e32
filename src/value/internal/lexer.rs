//! The outer layer of internal text, which knows no types: lists, strings, atoms (facts on value formats, 1.1).

use crate::bilingual;
use crate::error::Bilingual;
use crate::value::fault::{self, Broken, Lexed, Problem};
use crate::value::input::Input;
use crate::value::text::push_unit;
use std::ops::Range;

/// Where the text of a token is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Piece {
    /// In the window, as it stands in the source.
    Window(Range<usize>),
    /// In the scratch buffer, because it was escaped.
    Scratch,
}

/// A token of the outer layer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Token {
    /// `{`
    Open,
    /// `}`
    Close,
    /// `,`
    Comma,
    /// A string.
    Text(Piece),
    /// Anything else.
    Atom(Range<usize>),
}

/// Reads the tokens of lists.
pub(crate) struct Lexer<'a> {
    pub input: Input<'a>,
    /// Holds a string that had escapes, until the next one.
    pub scratch: String,
}

fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\r' | b'\n')
}

impl<'a> Lexer<'a> {
    pub fn new(input: Input<'a>) -> Self {
        Self { input, scratch: String::new() }
    }

    /// A complaint about what stands at the cursor.
    #[cold]
    pub fn broken<T>(&self, what: Bilingual) -> Lexed<T> {
        self.broken_at(what, self.input.cursor())
    }

    /// A complaint about what stands at an offset of the window.
    #[cold]
    pub fn broken_at<T>(&self, what: Bilingual, offset: usize) -> Lexed<T> {
        Err(Problem::Broken(Box::new(Broken { what, place: self.input.place_at(offset) })))
    }

    #[cold]
    fn expected<T>(&self, what: char) -> Lexed<T> {
        if self.input.rest().is_empty() {
            return self.cut_off();
        }
        self.broken(bilingual!("Ожидался знак «{what}».", "Expected '{what}'."))
    }

    /// The complaint about a text that ends too early.
    #[cold]
    pub fn cut_off<T>(&self) -> Lexed<T> {
        self.broken(fault::cut_off())
    }

    /// Moves over blanks; gives the byte that follows.
    #[inline]
    pub fn skip_blanks(&mut self) -> Lexed<Option<u8>> {
        loop {
            match self.input.peek()? {
                Some(byte) if is_blank(byte) => self.input.advance(1),
                other => return Ok(other),
            }
        }
    }

    /// Takes a mark, with blanks before it allowed.
    #[inline]
    fn mark(&mut self, mark: u8) -> Lexed<()> {
        if self.input.peek()? == Some(mark) || self.skip_blanks()? == Some(mark) {
            self.input.advance(1);
            Ok(())
        } else {
            self.expected(char::from(mark))
        }
    }

    /// Takes `{`.
    #[inline]
    pub fn open(&mut self) -> Lexed<()> {
        self.mark(b'{')
    }

    /// Takes `}`.
    #[inline]
    pub fn close(&mut self) -> Lexed<()> {
        self.mark(b'}')
    }

    /// Takes `,`.
    #[inline]
    pub fn comma(&mut self) -> Lexed<()> {
        self.mark(b',')
    }

    /// Takes a string.
    #[inline]
    pub fn string(&mut self) -> Lexed<Piece> {
        self.mark(b'"')?;
        let start = self.input.cursor();
        let end = self.find_quote(start)?;
        let piece = match self.input.peek()? {
            Some(b'"' | b'\\') => self.escaped_string(start, end)?,
            _ => Piece::Window(start..end),
        };
        if self.input.marked() { Ok(self.with_line_feeds(piece)) } else { Ok(piece) }
    }

    /// In files 1C writes every line feed as CR LF, inside strings too, and takes that back when it reads.
    fn with_line_feeds(&mut self, piece: Piece) -> Piece {
        let text = self.text(&piece);
        if memchr::memchr(b'\r', text.as_bytes()).is_none() {
            return piece;
        }
        self.scratch = text.replace("\r\n", "\n");
        Piece::Scratch
    }

    /// The offset of the next quotation mark from `from`; the cursor moves behind it.
    #[inline]
    fn find_quote(&mut self, mut from: usize) -> Lexed<usize> {
        loop {
            let window = self.input.window();
            if let Some(at) = memchr::memchr(b'"', window.get(from..).unwrap_or_default()) {
                self.input.set_cursor(from + at + 1);
                return Ok(from + at);
            }
            from = window.len();
            if !self.input.more()? {
                return self.broken(bilingual!(
                    "Строка не закрыта кавычкой: текст обрывается.",
                    "A string is not closed: the text is cut off."
                ));
            }
        }
    }

    /// Goes on with a string in whose middle a quotation mark was met at `end`.
    fn escaped_string(&mut self, start: usize, end: usize) -> Lexed<Piece> {
        self.scratch.clear();
        let (mut start, mut end) = (start, end);
        let mut high: Option<u16> = None;
        loop {
            let part = self.input.slice(start, end);
            if !part.is_empty() && high.take().is_some() {
                self.scratch.push(char::REPLACEMENT_CHARACTER);
            }
            self.scratch.push_str(part);
            match self.input.peek()? {
                Some(b'"') => {
                    if high.take().is_some() {
                        self.scratch.push(char::REPLACEMENT_CHARACTER);
                    }
                    self.scratch.push('"');
                    self.input.advance(1);
                }
                Some(b'\\') => {
                    self.input.advance(1);
                    let unit = self.hex_unit()?;
                    push_unit(&mut self.scratch, &mut high, unit);
                }
                _ => {
                    if high.is_some() {
                        self.scratch.push(char::REPLACEMENT_CHARACTER);
                    }
                    return Ok(Piece::Scratch);
                }
            }
            start = self.input.cursor();
            end = self.find_quote(start)?;
        }
    }

    fn hex_unit(&mut self) -> Lexed<u16> {
        match self.input.hex_unit()? {
            Some(unit) => Ok(unit),
            None => self.broken(bilingual!(
                "После кавычки с обратной чертой ожидались четыре шестнадцатеричные цифры.",
                "Expected four hexadecimal digits after a quotation mark and a backslash."
            )),
        }
    }

    /// The text of a token.
    #[inline]
    pub fn text<'b>(&'b self, piece: &Piece) -> &'b str {
        match piece {
            Piece::Window(range) => self.input.slice(range.start, range.end),
            Piece::Scratch => &self.scratch,
        }
    }

    /// Takes an atom; blanks around it are left out.
    #[inline]
    pub fn atom(&mut self) -> Lexed<Range<usize>> {
        self.skip_blanks()?;
        let start = self.input.cursor();
        let mut at = start;
        let end = loop {
            let window = self.input.window().get(at..).unwrap_or_default();
            match window.iter().position(|byte| matches!(byte, b',' | b'{' | b'}' | b'"')) {
                Some(found) => break at + found,
                None => {
                    at += window.len();
                    if !self.input.more()? {
                        return self.cut_off();
                    }
                }
            }
        };
        self.input.set_cursor(end);
        let atom = self.input.window().get(start..end).unwrap_or_default();
        let blanks = atom.iter().rev().take_while(|byte| is_blank(**byte)).count();
        if atom.len() == blanks {
            return self.broken_at(bilingual!("Ожидалось значение.", "Expected a value."), start);
        }
        Ok(start..end - blanks)
    }

    /// Takes an atom that is a whole number.
    #[inline]
    pub fn integer(&mut self) -> Lexed<i64> {
        let range = self.atom()?;
        match self.input.slice(range.start, range.end).parse() {
            Ok(number) => Ok(number),
            Err(_) => {
                self.broken_at(bilingual!("Ожидалось целое число.", "Expected a whole number."), range.start)
            }
        }
    }

    /// Takes an atom that is a count.
    #[inline]
    pub fn count(&mut self) -> Lexed<u64> {
        let range = self.atom()?;
        match self.input.slice(range.start, range.end).parse() {
            Ok(number) => Ok(number),
            Err(_) => self.broken_at(
                bilingual!("Ожидалось количество элементов.", "Expected a number of items."),
                range.start,
            ),
        }
    }

    /// Takes the next token of any kind; `None` at the end of the text.
    pub fn token(&mut self) -> Lexed<Option<Token>> {
        let mark = match self.skip_blanks()? {
            Some(b'{') => Token::Open,
            Some(b'}') => Token::Close,
            Some(b',') => Token::Comma,
            Some(b'"') => return Ok(Some(Token::Text(self.string()?))),
            Some(_) => return Ok(Some(Token::Atom(self.atom()?))),
            None => return Ok(None),
        };
        self.input.advance(1);
        Ok(Some(mark))
    }

    /// Moves over an item of any kind: a list, a string or an atom.
    pub fn skip_item(&mut self) -> Lexed<()> {
        match self.skip_blanks()? {
            Some(b'{') => self.skip_list(),
            Some(b'"') => {
                self.input.advance(1);
                self.skip_string()
            }
            _ => self.atom().map(drop),
        }
    }

    /// Moves over what is left of a list up to its closing brace, which stays.
    pub fn skip_to_close(&mut self) -> Lexed<()> {
        while self.skip_blanks()? == Some(b',') {
            self.input.advance(1);
            self.skip_item()?;
        }
        Ok(())
    }

    /// Moves over a list without a stack: only braces outside strings count.
    fn skip_list(&mut self) -> Lexed<()> {
        let mut depth = 0_u64;
        loop {
            match memchr::memchr3(b'{', b'}', b'"', self.input.rest()) {
                Some(at) => {
                    self.input.advance(at);
                    let mark = self.input.peek()?;
                    self.input.advance(1);
                    match mark {
                        Some(b'{') => depth += 1,
                        Some(b'}') => {
                            depth -= 1;
                            if depth == 0 {
                                return Ok(());
                            }
                        }
                        _ => self.skip_string()?,
                    }
                }
                None => {
                    self.input.advance(self.input.rest().len());
                    if !self.input.more()? {
                        return self.cut_off();
                    }
                }
            }
        }
    }

    /// Moves over the rest of a string whose first quotation mark is taken.
    fn skip_string(&mut self) -> Lexed<()> {
        loop {
            let from = self.input.cursor();
            self.find_quote(from)?;
            match self.input.peek()? {
                Some(b'"' | b'\\') => self.input.advance(1),
                _ => return Ok(()),
            }
        }
    }

    /// Sees to it that nothing but blanks follows.
    pub fn end(&mut self) -> Lexed<()> {
        loop {
            match self.skip_blanks()? {
                // A text that was copied from a buffer of fixed size may carry its terminator.
                Some(0) => self.input.advance(1),
                None => return Ok(()),
                Some(_) => {
                    return self.broken(bilingual!(
                        "После конца значения стоит лишний текст.",
                        "Text follows the end of the value."
                    ));
                }
            }
        }
    }
}
