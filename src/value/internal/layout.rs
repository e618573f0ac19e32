//! How single values and heads are laid out in internal text.

use crate::error::Result;
use crate::value::date::DateTime;
use crate::value::event::{ColumnType, DateParts, Table};
use crate::value::fault::Lexed;
use crate::value::input::Input;
use crate::value::internal::lexer::{Lexer, Token};
use crate::value::internal::type_ids;
use crate::value::scan;
use std::fmt::Write;
use uuid::Uuid;

/// `{"S","text"}`
#[inline]
pub(super) fn text(target: &mut String, text: &str) {
    target.push_str("{\"S\",");
    string(target, text);
    target.push('}');
}

/// A string in its quotation marks. Characters outside the basic plane become escaped halves, as 1C has them.
#[inline]
pub(super) fn string(target: &mut String, text: &str) {
    target.push('"');
    let mut rest = text;
    while let Some(at) = scan::quote_or_wide(rest.as_bytes()) {
        let (plain, special) = rest.split_at(at);
        target.push_str(plain);
        let mut characters = special.chars();
        match characters.next() {
            Some(wide) if wide > '\u{ffff}' => {
                for half in wide.encode_utf16(&mut [0; 2]) {
                    let _ = write!(target, "\"\\{half:04x}");
                }
            }
            _ => target.push_str("\"\""),
        }
        rest = characters.as_str();
    }
    target.push_str(rest);
    target.push('"');
}

/// `{"N",1.5}`; 1C writes no zeros at the end of a fraction.
#[inline]
pub(super) fn number(target: &mut String, number: &str) {
    target.push_str("{\"N\",");
    target.push_str(match number.ends_with('0') && number.contains('.') {
        true => number.trim_end_matches('0').trim_end_matches('.'),
        false => number,
    });
    target.push('}');
}

/// `{"D",20240506070809}`
#[inline]
pub(super) fn date(target: &mut String, date: DateTime) {
    target.push_str("{\"D\",");
    target.extend(date.compact().map(char::from));
    target.push('}');
}

/// `{"#",type,NN:32 hex digits}` (facts on value formats, 2.5).
pub(super) fn reference(target: &mut String, type_id: Uuid, table: u32, uuid: Uuid) {
    let uuid = uuid.as_u128();
    // From the last parts to the first: the sixteen digits at the end come first.
    let stored = uuid << 64 | (uuid >> 64 & 0xFFFF) << 48 | (uuid >> 80 & 0xFFFF) << 32 | uuid >> 96;
    let _ = write!(target, "{{\"#\",{type_id},{table}:{stored:032x}}}");
}

/// `{"Pattern",…}`; types that only another source names become any type.
pub(super) fn pattern(target: &mut String, types: &[ColumnType]) {
    let ids: Option<Vec<(Uuid, &ColumnType)>> =
        types.iter().map(|kind| Some((type_id(kind)?, kind))).collect();
    let mut ids = ids.unwrap_or_default();
    // 1C orders types by their identifiers, whatever order they were given in.
    ids.sort_by_key(|(id, _)| *id);
    target.push_str("{\"Pattern\"");
    for (id, kind) in &ids {
        target.push_str(",\n{");
        let _ = match kind {
            ColumnType::Text { length: 0, .. } => write!(target, "\"S\""),
            ColumnType::Text { length, fixed } => write!(target, "\"S\",{length},{}", u8::from(!fixed)),
            ColumnType::Number { digits: 0, fraction: 0, nonnegative: false } => write!(target, "\"N\""),
            ColumnType::Number { digits, fraction, nonnegative } => {
                write!(target, "\"N\",{digits},{fraction},{}", u8::from(*nonnegative))
            }
            ColumnType::Date(DateParts::DateTime) => write!(target, "\"D\""),
            ColumnType::Date(DateParts::Date) => write!(target, "\"D\",\"D\""),
            ColumnType::Date(DateParts::Time) => write!(target, "\"D\",\"T\""),
            ColumnType::Boolean => write!(target, "\"B\""),
            ColumnType::Null => write!(target, "\"L\""),
            ColumnType::Binary => write!(target, "\"R\""),
            ColumnType::Other(_) => write!(target, "\"#\",{id}"),
        };
        target.push('}');
    }
    target.push_str(if ids.is_empty() { "}" } else { "\n}" });
}

fn type_id(kind: &ColumnType) -> Option<Uuid> {
    Some(match kind {
        ColumnType::Text { .. } => type_ids::STRING,
        ColumnType::Number { .. } => type_ids::NUMBER,
        ColumnType::Date(_) => type_ids::DATE,
        ColumnType::Boolean => type_ids::BOOLEAN,
        ColumnType::Null => type_ids::NULL,
        ColumnType::Binary => type_ids::BINARY_DATA,
        ColumnType::Other(name) => Uuid::try_parse(name).ok().or_else(|| type_ids::type_by_name(name))?,
    })
}

/// The head of a value table up to the place where the number of rows stands.
pub(super) fn table_head(target: &mut String, table: &Table) {
    let (id, version, count) = (type_ids::VALUE_TABLE, table.version, table.columns.len());
    let _ = write!(target, "{{\"#\",{id},\n{{{version},\n{{{count}");
    for column in &table.columns {
        let _ = write!(target, ",\n{{{},", column.id);
        string(target, &column.name);
        target.push_str(",\n");
        pattern(target, &column.types);
        target.push(',');
        string(target, &column.title);
        let _ = write!(target, ",{}}}", column.width);
    }
    target.push_str(if count > 0 { "\n}" } else { "}" });
    let _ = write!(target, ",\n{{2,{count},");
    for (position, column) in table.columns.iter().enumerate() {
        let _ = write!(target, "{position},{},", column.id);
    }
    target.push_str("\n{1,");
}

/// Copies a list with line breaks where 1C has them.
pub(super) fn relay(target: &mut String, list: &str) -> Result<()> {
    let mut lexer = Lexer::new(Input::text(list));
    relay_tokens(target, &mut lexer).map_err(|problem| problem.into_error(String::new))
}

fn relay_tokens(target: &mut String, lexer: &mut Lexer<'_>) -> Lexed<()> {
    // For each open list: was its last item a list?
    let mut open: Vec<bool> = Vec::new();
    while let Some(token) = lexer.token()? {
        let is_list = token == Token::Open;
        if let (Token::Open | Token::Text(_) | Token::Atom(_), Some(last)) = (&token, open.last_mut()) {
            *last = is_list;
        }
        match token {
            Token::Open => {
                target.push_str(if open.is_empty() { "{" } else { "\n{" });
                open.push(false);
            }
            Token::Close => target.push_str(if open.pop() == Some(true) { "\n}" } else { "}" }),
            Token::Comma => target.push(','),
            Token::Text(piece) => string(target, lexer.text(&piece)),
            Token::Atom(range) => target.push_str(lexer.input.slice(range.start, range.end)),
        }
    }
    Ok(())
}
