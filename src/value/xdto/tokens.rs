//! XML as a row of tokens with resolved names. Tokenising and namespaces are quick-xml's work.

use crate::bilingual;
use crate::error::{Bilingual, Code, Error};
use crate::value::event::Position;
use crate::value::fault::{self, Broken, Lexed, Place, Problem};
use crate::value::input::Input;
use crate::value::xdto::names::{Name, Space};
use quick_xml::XmlVersion;
use quick_xml::events::{BytesStart, Event};
use quick_xml::name::{Namespace, QName, ResolveResult};
use quick_xml::reader::NsReader;
use std::collections::VecDeque;

/// A step of an XML text.
#[derive(Debug, Clone)]
pub(super) enum Token {
    Start(Element),
    /// Text between tags, with references resolved; never empty.
    Text(Text),
    End,
    Eof,
}

/// The beginning of an element.
#[derive(Debug, Clone, Default)]
pub(super) struct Element {
    pub name: Name,
    /// `xsi:type`.
    pub kind: Option<Name>,
    /// `xsi:nil`.
    pub nil: bool,
    /// The attribute `name`.
    pub member: Option<String>,
    /// The tag as it stands, without angle brackets.
    pub raw: String,
}

/// The text of an element.
#[derive(Debug, Clone, Default)]
pub(super) struct Text {
    pub text: String,
    /// The name that the text stands for, where an element holds a name of a type.
    pub name: Option<Name>,
}

/// Reads tokens.
pub(super) struct Tokens<'a> {
    reader: NsReader<Input<'a>>,
    buffer: Vec<u8>,
    text: String,
    /// The innermost element so far holds the name of a type.
    holds_name: bool,
    queue: VecDeque<Token>,
    open: usize,
}

impl<'a> Tokens<'a> {
    pub fn new(input: Input<'a>) -> Self {
        let mut reader = NsReader::from_reader(input);
        let config = reader.config_mut();
        config.expand_empty_elements = true;
        config.check_end_names = true;
        Self {
            reader,
            buffer: Vec::new(),
            text: String::new(),
            holds_name: false,
            queue: VecDeque::new(),
            open: 0,
        }
    }

    pub fn input(&self) -> &Input<'a> {
        self.reader.get_ref()
    }

    pub fn position(&self) -> Position {
        self.input().position_at(self.input().cursor())
    }

    /// Puts tokens back, the first first.
    pub fn put_back(&mut self, tokens: Vec<Token>) {
        for token in tokens.into_iter().rev() {
            self.queue.push_front(token);
        }
    }

    /// The next token.
    pub fn next(&mut self) -> Lexed<Token> {
        loop {
            if let Some(token) = self.queue.pop_front() {
                return Ok(token);
            }
            self.read()?;
        }
    }

    /// Reads on until at least one token is ready or a piece of text is taken.
    fn read(&mut self) -> Lexed<()> {
        self.buffer.clear();
        let event = match self.reader.read_event_into(&mut self.buffer) {
            Ok(event) => event,
            Err(error) => return Err(xml_problem(&error, self.reader.get_ref())),
        };
        let token = match event {
            Event::Text(text) => {
                self.text.push_str(&text.xml10_content());
                return Ok(());
            }
            Event::CData(text) => {
                self.text.push_str(&text.xml10_content());
                return Ok(());
            }
            Event::GeneralRef(reference) => {
                let character = match reference.resolve_char_ref() {
                    Ok(Some(character)) => Some(character),
                    Ok(None) => predefined(&reference.xml10_content()),
                    Err(_) => None,
                };
                let Some(character) = character else {
                    return self
                        .broken(bilingual!("Неизвестная ссылка на символ.", "Unknown character reference."));
                };
                self.text.push(character);
                return Ok(());
            }
            Event::Start(start) | Event::Empty(start) => {
                let element = match element(&self.reader, &start) {
                    Ok(element) => element,
                    Err(error) => return Err(xml_problem(&error, self.reader.get_ref())),
                };
                self.open += 1;
                self.holds_name = element.name.is_core("Type")
                    || element.kind.as_ref().is_some_and(|kind| kind.is_core("Type"));
                Token::Start(element)
            }
            Event::End(_) => {
                self.open = self.open.saturating_sub(1);
                Token::End
            }
            Event::Eof if self.open > 0 => return self.broken(fault::cut_off()),
            Event::Eof => Token::Eof,
            Event::DocType(_) => {
                return self.broken(bilingual!(
                    "Объявление типа документа (DOCTYPE) не допускается.",
                    "A document type declaration (DOCTYPE) is not allowed."
                ));
            }
            Event::Comment(_) | Event::Decl(_) | Event::PI(_) => return Ok(()),
        };
        if !self.text.is_empty() {
            let text = std::mem::take(&mut self.text);
            let ends = matches!(token, Token::End);
            // The prefixes of the element are still known at its end tag.
            let name = (ends && self.holds_name).then(|| resolve(&self.reader, text.trim()));
            self.queue.push_back(Token::Text(Text { text, name }));
        }
        if !matches!(token, Token::Start(_)) {
            self.holds_name = false;
        }
        self.queue.push_back(token);
        Ok(())
    }

    #[cold]
    pub fn broken<T>(&self, what: Bilingual) -> Lexed<T> {
        let place = Place { position: self.position(), near: String::new() };
        Err(Problem::Broken(Box::new(Broken { what, place })))
    }
}

fn predefined(name: &str) -> Option<char> {
    Some(match name {
        "lt" => '<',
        "gt" => '>',
        "amp" => '&',
        "quot" => '"',
        "apos" => '\'',
        _ => return None,
    })
}

fn space(resolved: &ResolveResult<'_>) -> Space {
    match resolved {
        ResolveResult::Bound(Namespace(uri)) => Space::of(uri),
        _ => Space::Other,
    }
}

/// A name in the content of an element or attribute; without prefix it belongs to the default namespace.
fn resolve(reader: &NsReader<Input<'_>>, text: &str) -> Name {
    let (resolved, local) = reader.resolver().resolve_element(QName(text));
    Name { space: space(&resolved), local: local.as_ref().to_owned() }
}

fn element(reader: &NsReader<Input<'_>>, start: &BytesStart<'_>) -> quick_xml::Result<Element> {
    let (resolved, local) = reader.resolver().resolve_element(start.name());
    let mut element = Element {
        name: Name { space: space(&resolved), local: local.as_ref().to_owned() },
        raw: (**start).to_owned(),
        ..Element::default()
    };
    for attribute in start.attributes() {
        let attribute = attribute?;
        let (resolved, local) = reader.resolver().resolve_attribute(attribute.key);
        let value = || attribute.normalized_value(XmlVersion::Implicit1_0);
        match (space(&resolved), local.as_ref()) {
            (Space::Instance, "type") => element.kind = Some(resolve(reader, value()?.trim())),
            (Space::Instance, "nil") => element.nil = matches!(value()?.trim(), "true" | "1"),
            (_, "name") if attribute.key.prefix().is_none() => element.member = Some(value()?.into_owned()),
            _ => {}
        }
    }
    Ok(element)
}

#[cold]
fn xml_problem(error: &quick_xml::Error, input: &Input<'_>) -> Problem {
    if let quick_xml::Error::Io(error) = error {
        let own = error.get_ref().and_then(|inner| inner.downcast_ref::<Error>());
        return Problem::Failed(own.cloned().unwrap_or_else(|| {
            Error::new(
                Code::File,
                bilingual!("Не удалось прочитать данные: {error}.", "The data cannot be read: {error}."),
            )
        }));
    }
    let place = Place { position: input.position_at(input.cursor()), near: String::new() };
    let what =
        bilingual!("Текст не является правильным XML: {error}.", "The text is not well-formed XML: {error}.");
    Problem::Broken(Box::new(Broken { what, place }))
}
