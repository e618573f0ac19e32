//! The head of a value table and type patterns (facts on value formats, 2.2 and 2.4).

use crate::bilingual;
use crate::value::event::{Column, ColumnType, DateParts, Table};
use crate::value::fault::Lexed;
use crate::value::internal::lexer::Lexer;
use crate::value::internal::reader::guid;

/// More columns than this are a mistake in the text.
const MOST_COLUMNS: u64 = 65_536;

/// Reads `,{n,columns},{2,n,pairs,{1,rows` and gives the columns in the order of the cells.
pub(super) fn table(lexer: &mut Lexer<'_>, version: u8) -> Lexed<(Table, u64)> {
    lexer.comma()?;
    lexer.open()?;
    let count = column_count(lexer)?;
    let mut columns = Vec::new();
    for _ in 0..count {
        lexer.comma()?;
        columns.push(column(lexer)?);
    }
    lexer.close()?;
    lexer.comma()?;
    lexer.open()?;
    lexer.integer()?;
    lexer.comma()?;
    let columns = ordered(lexer, columns)?;
    lexer.comma()?;
    lexer.open()?;
    lexer.integer()?;
    lexer.comma()?;
    let rows = lexer.count()?;
    Ok((Table { columns, version, rows: Some(rows) }, rows))
}

fn column_count(lexer: &mut Lexer<'_>) -> Lexed<u64> {
    let count = lexer.count()?;
    if count > MOST_COLUMNS {
        return lexer.broken(bilingual!(
            "В таблице значений не может быть {count} колонок.",
            "A value table cannot have {count} columns."
        ));
    }
    Ok(count)
}

/// Reads `{id,"name",{"Pattern",…},"title",width}`.
fn column(lexer: &mut Lexer<'_>) -> Lexed<Column> {
    lexer.open()?;
    let id = lexer.integer()?;
    lexer.comma()?;
    let name = text(lexer)?;
    lexer.comma()?;
    let types = pattern(lexer)?;
    lexer.comma()?;
    let title = text(lexer)?;
    lexer.comma()?;
    let width = u32::try_from(lexer.integer()?).unwrap_or(0);
    lexer.skip_to_close()?;
    lexer.close()?;
    Ok(Column { id, name, types, title, width })
}

fn text(lexer: &mut Lexer<'_>) -> Lexed<String> {
    let piece = lexer.string()?;
    Ok(lexer.text(&piece).to_owned())
}

/// Reads `n,position,id,…` and sorts the columns by position.
fn ordered(lexer: &mut Lexer<'_>, columns: Vec<Column>) -> Lexed<Vec<Column>> {
    let count = column_count(lexer)?;
    let mut pairs = Vec::new();
    for _ in 0..count {
        lexer.comma()?;
        let position = lexer.integer()?;
        lexer.comma()?;
        pairs.push((position, lexer.integer()?));
    }
    pairs.sort_by_key(|(position, _)| *position);
    let mut rest: Vec<Option<Column>> = columns.into_iter().map(Some).collect();
    let mut sorted = Vec::with_capacity(rest.len());
    for (next, (_, id)) in pairs.iter().enumerate() {
        // Usually the order is the same: look there first.
        let same = |slot: &&mut Option<Column>| slot.as_ref().is_some_and(|column| column.id == *id);
        let found = match rest.get_mut(next).filter(same) {
            Some(slot) => slot.take(),
            None => rest.iter_mut().find(same).and_then(Option::take),
        };
        match found {
            Some(column) => sorted.push(column),
            None => {
                return lexer.broken(bilingual!(
                    "Порядок колонок таблицы называет колонку {id}, которой нет или которая уже названа.",
                    "The order of columns names column {id}, which is absent or named before."
                ));
            }
        }
    }
    // A column without a position has no cells: it comes last and stays empty.
    sorted.extend(rest.into_iter().flatten());
    Ok(sorted)
}

/// Reads `{"Pattern",…}`.
pub(super) fn pattern(lexer: &mut Lexer<'_>) -> Lexed<Vec<ColumnType>> {
    lexer.open()?;
    let head = lexer.string()?;
    if lexer.text(&head) != "Pattern" {
        return lexer.broken(bilingual!(
            "Ожидалось описание типов {{\"Pattern\",…}}.",
            "Expected a description of types {{\"Pattern\",…}}."
        ));
    }
    let mut types = Vec::new();
    while lexer.skip_blanks()? == Some(b',') {
        lexer.comma()?;
        types.push(column_type(lexer)?);
    }
    lexer.close()?;
    Ok(types)
}

fn column_type(lexer: &mut Lexer<'_>) -> Lexed<ColumnType> {
    lexer.open()?;
    let start = lexer.input.cursor();
    let tag = lexer.string()?;
    let tag = lexer.text(&tag).to_owned();
    let found = match tag.as_str() {
        "S" => {
            let [length, variable] = numbers(lexer, [0, 1])?;
            ColumnType::Text { length, fixed: length > 0 && variable == 0 }
        }
        "N" => {
            let [digits, fraction, nonnegative] = numbers(lexer, [0, 0, 0])?;
            ColumnType::Number { digits, fraction, nonnegative: nonnegative != 0 }
        }
        "D" => ColumnType::Date(date_parts(lexer)?),
        "B" => ColumnType::Boolean,
        "L" => ColumnType::Null,
        "R" => ColumnType::Binary,
        "#" => {
            lexer.comma()?;
            let range = lexer.atom()?;
            let id = lexer.input.slice(range.start, range.end);
            if guid(id).is_none() {
                return lexer
                    .broken_at(bilingual!("Ожидался идентификатор GUID.", "Expected a GUID."), range.start);
            }
            ColumnType::Other(id.to_owned())
        }
        _ => {
            return lexer.broken_at(
                bilingual!("Неизвестный тип в описании типов.", "Unknown type in a description of types."),
                start,
            );
        }
    };
    lexer.skip_to_close()?;
    lexer.close()?;
    Ok(found)
}

/// Reads up to `N` numbers that may be left out.
fn numbers<const N: usize>(lexer: &mut Lexer<'_>, absent: [u32; N]) -> Lexed<[u32; N]> {
    let mut values = absent;
    for value in &mut values {
        if lexer.skip_blanks()? != Some(b',') {
            break;
        }
        lexer.comma()?;
        *value = u32::try_from(lexer.integer()?).unwrap_or(0);
    }
    Ok(values)
}

fn date_parts(lexer: &mut Lexer<'_>) -> Lexed<DateParts> {
    if lexer.skip_blanks()? != Some(b',') {
        return Ok(DateParts::DateTime);
    }
    lexer.comma()?;
    let parts = lexer.string()?;
    match lexer.text(&parts) {
        "D" => Ok(DateParts::Date),
        "T" => Ok(DateParts::Time),
        _ => lexer.broken(bilingual!("Неизвестный состав даты.", "Unknown parts of a date.")),
    }
}
