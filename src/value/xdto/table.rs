//! Parts of XDTO values that are read as a whole: heads of tables and lists, items, types, settings.

use crate::bilingual;
use crate::value::event::{Column, ColumnType, DateParts, List, Table};
use crate::value::fault::{self, Lexed};
use crate::value::xdto::names::{Name, column_type};
use crate::value::xdto::tokens::{Element, Text, Token, Tokens};

/// A table that is being read.
pub(super) struct OpenTable {
    pub table: Table,
    /// For each column its type, if it has exactly one: its cells then name none.
    pub only_types: Vec<Option<Name>>,
}

/// What a list item says of itself besides its value.
#[derive(Default)]
pub(super) struct Notes {
    pub presentation: String,
    pub check: bool,
    pub id: Option<i64>,
}

/// The types of a column.
#[derive(Default)]
pub(super) struct Types {
    pub types: Vec<ColumnType>,
    only: Option<Name>,
}

/// The text of an element without children, up to and with its end tag.
pub(super) fn content(tokens: &mut Tokens<'_>) -> Lexed<Text> {
    let mut content = Text::default();
    loop {
        match tokens.next()? {
            Token::Text(text) => content = text,
            Token::End => return Ok(content),
            Token::Eof => return tokens.broken(fault::cut_off()),
            Token::Start(element) => {
                return tokens.broken(bilingual!(
                    "Внутри простого значения стоит элемент «{}».",
                    "The element '{}' stands inside a simple value.",
                    element.name.local
                ));
            }
        }
    }
}

/// The next child element; `None` at the end tag.
fn child(tokens: &mut Tokens<'_>) -> Lexed<Option<Element>> {
    loop {
        match tokens.next()? {
            Token::Start(element) => return Ok(Some(element)),
            Token::End => return Ok(None),
            Token::Text(_) => {}
            Token::Eof => return tokens.broken(fault::cut_off()),
        }
    }
}

fn skip(tokens: &mut Tokens<'_>) -> Lexed<()> {
    while child(tokens)?.is_some() {
        // Children of children are few and known here; anything deeper is passed over the same way.
        let mut depth = 1_u64;
        while depth > 0 {
            match tokens.next()? {
                Token::Start(_) => depth += 1,
                Token::End => depth -= 1,
                Token::Text(_) => {}
                Token::Eof => return tokens.broken(fault::cut_off()),
            }
        }
    }
    Ok(())
}

/// Reads the columns of a table; what follows them stays.
pub(super) fn head(tokens: &mut Tokens<'_>) -> Lexed<OpenTable> {
    let mut open = OpenTable { table: Table { version: 9, ..Table::default() }, only_types: Vec::new() };
    loop {
        match tokens.next()? {
            Token::Start(element) if element.name.local == "column" => {
                let id = i64::try_from(open.table.columns.len()).unwrap_or(i64::MAX);
                let (column, only) = column(tokens, id)?;
                open.table.columns.push(column);
                open.only_types.push(only);
            }
            Token::Text(text) if text.text.trim().is_empty() => {}
            other => {
                tokens.put_back(vec![other]);
                return Ok(open);
            }
        }
    }
}

fn column(tokens: &mut Tokens<'_>, id: i64) -> Lexed<(Column, Option<Name>)> {
    let mut column = Column { id, ..Column::default() };
    let mut only = None;
    while let Some(element) = child(tokens)? {
        match element.name.local.as_str() {
            "Name" => column.name = content(tokens)?.text,
            "Title" => column.title = content(tokens)?.text,
            "Width" => column.width = number(&content(tokens)?),
            "ValueType" => {
                let found = types(tokens)?;
                (column.types, only) = (found.types, found.only);
            }
            _ => skip(tokens)?,
        }
    }
    Ok((column, only))
}

fn number(text: &Text) -> u32 {
    text.text.trim().parse().unwrap_or(0)
}

/// Reads `Type` elements and qualifiers up to and with the end tag around them.
pub(super) fn types(tokens: &mut Tokens<'_>) -> Lexed<Types> {
    let mut types = Types::default();
    while let Some(element) = child(tokens)? {
        match element.name.local.as_str() {
            "Type" => {
                let name = content(tokens)?.name.unwrap_or_default();
                types.types.push(column_type(&name));
                types.only = (types.types.len() == 1).then_some(name);
            }
            "StringQualifiers" | "NumberQualifiers" | "DateQualifiers" => {
                while let Some(element) = child(tokens)? {
                    let text = content(tokens)?;
                    types.types.iter_mut().for_each(|kind| qualify(kind, &element.name.local, &text));
                }
            }
            _ => skip(tokens)?,
        }
    }
    Ok(types)
}

fn qualify(kind: &mut ColumnType, qualifier: &str, text: &Text) {
    let word = text.text.trim();
    match (kind, qualifier) {
        (ColumnType::Text { length, .. }, "Length") => *length = number(text),
        (ColumnType::Text { fixed, .. }, "AllowedLength") => *fixed = word == "Fixed",
        (ColumnType::Number { digits, .. }, "Digits") => *digits = number(text),
        (ColumnType::Number { fraction, .. }, "FractionDigits") => *fraction = number(text),
        (ColumnType::Number { nonnegative, .. }, "AllowedSign") => *nonnegative = word == "Nonnegative",
        (ColumnType::Date(parts), "DateFractions") => {
            *parts = match word {
                "Date" => DateParts::Date,
                "Time" => DateParts::Time,
                _ => DateParts::DateTime,
            }
        }
        _ => {}
    }
}

/// Reads what stands before the items of a list; the first item stays.
pub(super) fn list_head(tokens: &mut Tokens<'_>) -> Lexed<List> {
    let mut list = List::default();
    loop {
        match tokens.next()? {
            Token::Start(element) if element.name.local == "valueType" => list.types = types(tokens)?.types,
            Token::Start(element) if element.name.local == "lastId" => {
                list.last_id = content(tokens)?.text.trim().parse().ok();
            }
            Token::Start(element) if element.name.local != "item" => skip(tokens)?,
            Token::Text(text) if text.text.trim().is_empty() => {}
            other => {
                tokens.put_back(vec![other]);
                return Ok(list);
            }
        }
    }
}

/// Reads an item to its end and gives all its tokens, the end tag included, and what it says besides its value.
pub(super) fn item(tokens: &mut Tokens<'_>) -> Lexed<(Vec<Token>, Notes)> {
    let (mut taken, mut notes) = (Vec::new(), Notes::default());
    let mut open: Vec<String> = Vec::new();
    loop {
        let token = tokens.next()?;
        match &token {
            Token::Start(element) => open.push(element.name.local.clone()),
            Token::Text(text) if open.len() == 1 => match open.first().map(String::as_str) {
                Some("presentation") => notes.presentation.clone_from(&text.text),
                Some("checkState") => notes.check = matches!(text.text.trim(), "1" | "true"),
                Some("id") => notes.id = text.text.trim().parse().ok(),
                _ => {}
            },
            Token::Text(_) => {}
            Token::End if open.pop().is_none() => {
                taken.push(token);
                return Ok((taken, notes));
            }
            Token::End => {}
            Token::Eof => return tokens.broken(fault::cut_off()),
        }
        taken.push(token);
    }
}

/// The source text of an element whose start tag was taken.
pub(super) fn capture(tokens: &mut Tokens<'_>, element: &Element) -> Lexed<String> {
    let mut text = format!("<{}", element.raw.trim_end());
    let mut open: Vec<String> = vec![tag(&element.raw)];
    // A start tag stays open until it is known whether anything stands inside.
    let mut tag_open = true;
    loop {
        let token = tokens.next()?;
        if tag_open && !matches!(token, Token::End) {
            text.push('>');
        }
        let starts = matches!(token, Token::Start(_));
        match token {
            Token::Start(element) => {
                text.push('<');
                text.push_str(element.raw.trim_end());
                open.push(tag(&element.raw));
            }
            Token::Text(inner) => text.push_str(&quick_xml::escape::partial_escape(inner.text.as_str())),
            Token::End => {
                let name = open.pop().unwrap_or_default();
                if tag_open {
                    text.push_str("/>");
                } else {
                    text.push_str("</");
                    text.push_str(&name);
                    text.push('>');
                }
                if open.is_empty() {
                    return Ok(text);
                }
            }
            Token::Eof => return tokens.broken(fault::cut_off()),
        }
        tag_open = starts;
    }
}

/// The name of the element as its tag has it.
fn tag(raw: &str) -> String {
    raw.split(|character: char| character.is_ascii_whitespace() || character == '/')
        .next()
        .unwrap_or_default()
        .to_owned()
}
