//! Tokens of a document: elements with their namespaces, texts with references resolved.

use super::escape::is_allowed;
use super::names::{Bound, Scope, is_name};
use super::{FOREIGN, Fault, MAX_ATTRIBUTES, MAX_DECLARATIONS, MAX_DEPTH, NO_NAMESPACE};
use crate::bilingual;
use quick_xml::XmlVersion;
use quick_xml::events::{BytesRef, BytesStart, Event};
use std::borrow::Cow;

/// A reader of tokens. Holds nothing but the way down to where it stands.
pub struct Reader<'a> {
    text: &'a str,
    inner: quick_xml::Reader<&'a [u8]>,
    scope: Scope<'a>,
    attributes: Vec<Attribute<'a>>,
    /// An empty-element tag was given as its start; its end comes next.
    empty: bool,
    root_seen: bool,
    /// `]]>` occurs somewhere, so texts must be looked through for it.
    has_section_end: bool,
    /// A carriage return occurs somewhere, so line ends in texts must be made what XML sees.
    has_carriage_return: bool,
    /// Something but the declaration came already.
    begun: bool,
}

/// What comes next.
#[derive(Debug)]
pub enum Token<'a> {
    /// An element begins; its attributes are in [`Reader::attributes`].
    Start(Start<'a>),
    /// The innermost element ends.
    End,
    /// Text inside an element; one text may come in several pieces.
    Text(Cow<'a, str>),
    /// The document is complete.
    Eof,
}

/// The start of an element.
#[derive(Debug, Clone, Copy)]
pub struct Start<'a> {
    /// Name without prefix.
    pub name: &'a str,
    /// Place in the table of namespaces, or [`FOREIGN`].
    pub namespace: u8,
    /// The prefix has no declaration: the namespace is [`FOREIGN`], and the document is wrong.
    pub undeclared: bool,
}

/// An attribute that is not a namespace declaration.
#[derive(Debug, Clone)]
pub struct Attribute<'a> {
    /// Name without prefix.
    pub name: &'a str,
    /// `xsi:` attribute.
    pub is_instance: bool,
    /// Attribute of another namespace (`xml:` included), or of an undeclared one.
    pub is_foreign: bool,
    /// Its value.
    pub value: Cow<'a, str>,
}

type Read<T> = Result<T, Box<Fault>>;

impl<'a> Reader<'a> {
    /// Reads `text`, which [`super::decode`] has given.
    pub fn new(text: &'a str) -> Self {
        let mut inner = quick_xml::Reader::from_str(text);
        inner.config_mut().check_comments = true;
        Self {
            text,
            inner,
            scope: Scope::default(),
            attributes: Vec::new(),
            empty: false,
            root_seen: false,
            has_section_end: memchr::memmem::find(text.as_bytes(), b"]]>").is_some(),
            has_carriage_return: memchr::memchr(b'\r', text.as_bytes()).is_some(),
            begun: false,
        }
    }

    /// The next token.
    ///
    /// # Errors
    /// Text that is not well-formed XML, a DTD, a limit exceeded. The reader must not be used afterwards.
    #[inline]
    pub fn next_token(&mut self) -> Read<Token<'a>> {
        if self.empty {
            self.empty = false;
            self.scope.close();
            return Ok(Token::End);
        }
        loop {
            let event = self.inner.read_event();
            let first = !std::mem::replace(&mut self.begun, true);
            // Matched as it came: taking the event out of its result first would copy it.
            match event {
                Ok(Event::Start(start)) => return self.start(&start).map(Token::Start),
                Ok(Event::Empty(start)) => {
                    self.empty = true;
                    return self.start(&start).map(Token::Start);
                }
                Ok(Event::End(_)) => {
                    self.scope.close();
                    return Ok(Token::End);
                }
                Ok(Event::Text(text)) => {
                    let raw = self.own(&text);
                    if let Some(text) = self.text(raw)? {
                        return Ok(Token::Text(text));
                    }
                }
                Ok(Event::CData(text)) => {
                    let text = self.normalized(self.own(&text));
                    return self.inside(text).map(Token::Text);
                }
                Ok(Event::GeneralRef(reference)) => {
                    let text = self.reference(&reference)?;
                    return self.inside(text).map(Token::Text);
                }
                Ok(Event::Comment(_)) => {}
                Ok(Event::PI(instruction)) => {
                    if instruction.target().eq_ignore_ascii_case("xml") || !is_name(instruction.target()) {
                        return Err(self.fault(bilingual!(
                            "Неверная инструкция обработки.",
                            "A processing instruction is wrong."
                        )));
                    }
                }
                Ok(Event::Decl(_)) if first => {}
                Ok(Event::Decl(_)) => {
                    return Err(self.fault(bilingual!(
                        "Объявление XML стоит не в начале документа.",
                        "The XML declaration is not at the beginning."
                    )));
                }
                Ok(Event::DocType(_)) => {
                    return Err(self.fault(bilingual!(
                        "DOCTYPE не допускается: в документах ЕГАИС его не бывает.",
                        "DOCTYPE is not accepted: EGAIS documents never have it."
                    )));
                }
                Ok(Event::Eof) => return self.end(),
                Err(error) => return Err(self.broken(&error)),
            }
        }
    }

    /// Attributes of the element whose start was read last.
    #[inline]
    pub fn attributes(&self) -> &[Attribute<'a>] {
        &self.attributes
    }

    /// Checks the name of an element that no description knows.
    ///
    /// # Errors
    /// It is no name in XML, or its prefix is not declared.
    #[cold]
    pub fn check_name(&self, start: &Start<'a>) -> Read<()> {
        let name = start.name;
        if start.undeclared {
            return Err(self.fault(bilingual!(
                "Префикс элемента «{name}» не объявлен.",
                "The prefix of the element '{name}' is not declared."
            )));
        }
        if is_name(name) {
            return Ok(());
        }
        Err(self.fault(bilingual!("«{name}» — не имя элемента.", "'{name}' is not a name of an element.")))
    }

    /// What a prefix in a value (`xsi:type`) stands for: a place in the table of namespaces.
    pub fn namespace_of(&self, prefix: &str) -> Option<u8> {
        match self.scope.find(prefix)? {
            Bound::Namespace(place) => Some(place),
            Bound::Instance => Some(FOREIGN),
        }
    }

    /// Byte behind the last token.
    pub fn offset(&self) -> usize {
        usize::try_from(self.inner.buffer_position()).unwrap_or(usize::MAX).min(self.text.len())
    }

    #[inline]
    fn start(&mut self, start: &BytesStart<'_>) -> Read<Start<'a>> {
        if self.scope.depth() == 0 && std::mem::replace(&mut self.root_seen, true) {
            return Err(self.fault(bilingual!(
                "В документе больше одного корневого элемента.",
                "The document has more than one root element."
            )));
        }
        if self.scope.depth() >= MAX_DEPTH {
            let message = bilingual!(
                "Вложенность элементов больше {MAX_DEPTH}.",
                "Elements are nested deeper than {MAX_DEPTH}."
            );
            return Err(Fault::limit(self.offset(), message));
        }
        self.scope.open();
        self.attributes.clear();
        if !start.attributes_raw().trim_ascii().is_empty() {
            self.read_attributes(start)?;
        }
        let qualified = self.own(start.name().as_ref());
        let (prefix, name) = match memchr::memchr(b':', qualified.as_bytes()) {
            Some(colon) => {
                (qualified.get(..colon).unwrap_or_default(), qualified.get(colon + 1..).unwrap_or_default())
            }
            None => ("", qualified),
        };
        let (namespace, undeclared) = match self.scope.find_next(prefix) {
            Some(Bound::Namespace(place)) => (place, false),
            Some(Bound::Instance) => (FOREIGN, false),
            None => (FOREIGN, true),
        };
        Ok(Start { name, namespace, undeclared })
    }

    #[cold]
    fn read_attributes(&mut self, start: &BytesStart<'_>) -> Read<()> {
        let raw = self.own(start.attributes_raw());
        let mut found: Vec<(&'a str, Cow<'a, str>)> = Vec::new();
        for attribute in start.attributes().with_checks(false) {
            let attribute = attribute.map_err(|error| self.broken(&error.into()))?;
            if found.len() >= MAX_ATTRIBUTES {
                let message = bilingual!(
                    "У элемента больше {MAX_ATTRIBUTES} атрибутов.",
                    "An element has more than {MAX_ATTRIBUTES} attributes."
                );
                return Err(Fault::limit(self.offset(), message));
            }
            let key = self.own(attribute.key.as_ref());
            let value = self.attribute_value(&attribute.value)?;
            if key.is_empty() || !key.split(':').all(is_name) || found.iter().any(|(known, _)| *known == key)
            {
                return Err(self.fault(bilingual!(
                    "Атрибут «{key}» повторяется, или имя его неверно.",
                    "The attribute '{key}' is repeated, or its name is wrong."
                )));
            }
            found.push((key, value));
        }
        self.check_blanks_between(raw)?;
        if self.scope.len() + found.len() > MAX_DECLARATIONS {
            let message = bilingual!(
                "Одновременно действует больше {MAX_DECLARATIONS} объявлений пространств имён.",
                "More than {MAX_DECLARATIONS} namespace declarations are in scope."
            );
            return Err(Fault::limit(self.offset(), message));
        }
        for (key, value) in &found {
            match key.strip_prefix("xmlns") {
                Some("") => self.scope.declare("", value),
                Some(prefixed) if prefixed.starts_with(':') => {
                    let prefix = prefixed.get(1..).unwrap_or_default();
                    if value.is_empty() {
                        return Err(self.fault(bilingual!(
                            "Префикс «{prefix}» объявлен без пространства имён.",
                            "The prefix '{prefix}' is declared without a namespace."
                        )));
                    }
                    self.scope.declare(prefix, value);
                }
                _ => {}
            }
        }
        for (key, value) in found.into_iter().filter(|(key, _)| *key != "xmlns" && !key.starts_with("xmlns:"))
        {
            let (prefix, name) = key.split_once(':').unwrap_or(("", key));
            let bound = if prefix.is_empty() {
                Some(Bound::Namespace(NO_NAMESPACE))
            } else {
                self.scope.find(prefix)
            };
            let is_instance = bound == Some(Bound::Instance);
            let is_foreign = !is_instance && !prefix.is_empty();
            if prefix != "xml" && bound.is_none() {
                return Err(self.fault(bilingual!(
                    "Префикс «{prefix}» не объявлен.",
                    "The prefix '{prefix}' is not declared."
                )));
            }
            self.attributes.push(Attribute { name, is_instance, is_foreign, value });
        }
        Ok(())
    }

    /// XML wants a blank before every attribute; quick-xml does not.
    fn check_blanks_between(&self, raw: &str) -> Read<()> {
        let mut quote = None;
        let mut after_value = false;
        for byte in raw.bytes() {
            match quote {
                Some(open) if open == byte => (quote, after_value) = (None, true),
                Some(_) => {}
                None if after_value && !byte.is_ascii_whitespace() && byte != b'/' => {
                    return Err(self.fault(bilingual!(
                        "Между атрибутами нет пробела.",
                        "There is no blank between attributes."
                    )));
                }
                None => {
                    after_value = false;
                    if matches!(byte, b'"' | b'\'') {
                        quote = Some(byte);
                    }
                }
            }
        }
        Ok(())
    }

    fn attribute_value(&self, value: &str) -> Read<Cow<'a, str>> {
        if value.contains('<') {
            return Err(self.fault(bilingual!(
                "В значении атрибута стоит «<».",
                "There is '<' in the value of an attribute."
            )));
        }
        if !value.bytes().any(|byte| matches!(byte, b'&' | b'\t' | b'\r' | b'\n')) {
            return Ok(Cow::Borrowed(self.own(value)));
        }
        let attribute = quick_xml::events::attributes::Attribute::from(("v", ""));
        let attribute = quick_xml::events::attributes::Attribute { value: Cow::Borrowed(value), ..attribute };
        let value =
            attribute.normalized_value(XmlVersion::Implicit1_0).map_err(|error| self.broken(&error))?;
        match value.chars().all(is_allowed) {
            true => Ok(Cow::Owned(value.into_owned())),
            false => Err(self.forbidden_reference()),
        }
    }

    /// A text, or `None` if it is only blanks outside the root.
    #[inline]
    fn text(&self, raw: &'a str) -> Read<Option<Cow<'a, str>>> {
        if self.has_section_end && raw.contains("]]>") {
            return Err(self.fault(bilingual!("В тексте стоит «]]>».", "There is ']]>' in a text.")));
        }
        if self.scope.depth() == 0 && raw.bytes().all(|byte| matches!(byte, b' ' | b'\t' | b'\r' | b'\n')) {
            return Ok(None);
        }
        self.inside(self.normalized(raw)).map(Some)
    }

    /// Line ends as XML sees them.
    #[inline]
    fn normalized(&self, text: &'a str) -> Cow<'a, str> {
        if self.has_carriage_return && text.contains('\r') {
            return Cow::Owned(text.replace("\r\n", "\n").replace('\r', "\n"));
        }
        Cow::Borrowed(text)
    }

    #[inline]
    fn inside(&self, text: Cow<'a, str>) -> Read<Cow<'a, str>> {
        if self.scope.depth() > 0 {
            return Ok(text);
        }
        Err(self.fault(if self.root_seen {
            bilingual!("После конца документа стоит текст.", "There is text behind the end of the document.")
        } else {
            bilingual!("Документ начинается не с «<».", "The document does not begin with '<'.")
        }))
    }

    fn reference(&self, reference: &BytesRef<'_>) -> Read<Cow<'a, str>> {
        let plain = match &**reference {
            "amp" => "&",
            "lt" => "<",
            "gt" => ">",
            "quot" => "\"",
            "apos" => "'",
            _ => {
                return match reference.resolve_char_ref() {
                    Ok(Some(sign)) if is_allowed(sign) => Ok(Cow::Owned(sign.to_string())),
                    Ok(Some(_)) => Err(self.forbidden_reference()),
                    Ok(None) | Err(_) => {
                        let name = &**reference;
                        Err(self.fault(bilingual!(
                            "Неизвестная ссылка «&{name};».",
                            "Unknown reference '&{name};'."
                        )))
                    }
                };
            }
        };
        Ok(Cow::Borrowed(plain))
    }

    fn end(&self) -> Read<Token<'a>> {
        if self.root_seen && self.scope.depth() == 0 {
            return Ok(Token::Eof);
        }
        Err(self.fault(if self.root_seen {
            bilingual!(
                "Документ обрывается: не все элементы закрыты.",
                "The document is cut off: elements are not closed."
            )
        } else {
            bilingual!("Документ пуст.", "The document is empty.")
        }))
    }

    /// The same text with the lifetime of the document: events borrow from it anyway.
    #[inline]
    fn own(&self, part: &str) -> &'a str {
        let start = (part.as_ptr() as usize).wrapping_sub(self.text.as_ptr() as usize);
        self.text.get(start..start.wrapping_add(part.len())).unwrap_or_default()
    }

    fn forbidden_reference(&self) -> Box<Fault> {
        self.fault(bilingual!(
            "Ссылка на знак, который в XML запрещён.",
            "A reference to a character that is not allowed in XML."
        ))
    }

    #[cold]
    fn fault(&self, message: crate::error::Bilingual) -> Box<Fault> {
        Fault::new(self.offset(), message)
    }

    #[cold]
    fn broken(&self, error: &quick_xml::Error) -> Box<Fault> {
        let offset = usize::try_from(self.inner.error_position()).unwrap_or(usize::MAX);
        let message = bilingual!("Это не XML: {error}.", "This is not XML: {error}.");
        Fault::new(offset.min(self.text.len()), message)
    }
}
