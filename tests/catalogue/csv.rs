//! CSV with a header line (RFC 4180): `sku,name,price,old_price,stock,category,description,is_active,characteristics`.

use super::Product;

/// Reads a catalogue. Columns are found by name; an empty cell is `None`; `characteristics` is a JSON array of
/// `{"name", "value"}`.
pub fn read(text: &str) -> Result<Vec<Product>, String> {
    let mut records = records(text.trim_start_matches('\u{feff}'))?.into_iter();
    let header = records.next().ok_or("the file is empty")?;
    let column = |name: &str| header.iter().position(|title| title == name);
    let columns: Vec<Option<usize>> = COLUMNS.iter().map(|name| column(name)).collect();
    for (name, found) in COLUMNS.iter().zip(&columns).take(3) {
        found.ok_or_else(|| format!("no column {name} in the first line"))?;
    }
    records
        .enumerate()
        .map(|(row, cells)| {
            let mut values = columns.iter().map(|index| {
                index.and_then(|index| cells.get(index)).filter(|cell| !cell.is_empty()).cloned()
            });
            let mut next = || values.next().flatten();
            Ok(Product {
                sku: next(),
                name: next(),
                price: next(),
                old_price: next(),
                stock: next(),
                category: next(),
                description: next(),
                is_active: next().map(|flag| flag == "1" || flag == "true"),
                characteristics: match next() {
                    Some(json) => pairs(&json).ok_or_else(|| format!("row {}: characteristics", row + 1))?,
                    None => Vec::new(),
                },
            })
        })
        .collect()
}

/// The titles, in the order in which they are written.
pub const COLUMNS: [&str; 9] =
    ["sku", "name", "price", "old_price", "stock", "category", "description", "is_active", "characteristics"];

fn records(text: &str) -> Result<Vec<Vec<String>>, String> {
    let mut records = Vec::new();
    let (mut record, mut cell, mut quoted) = (Vec::new(), String::new(), false);
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '"' if quoted && characters.peek() == Some(&'"') => {
                characters.next();
                cell.push('"');
            }
            '"' if quoted || cell.is_empty() => quoted = !quoted,
            ',' if !quoted => record.push(std::mem::take(&mut cell)),
            '\r' if !quoted && characters.peek() == Some(&'\n') => {}
            '\n' if !quoted => {
                record.push(std::mem::take(&mut cell));
                records.push(std::mem::take(&mut record));
            }
            other => cell.push(other),
        }
    }
    if quoted {
        return Err("a quoted cell has no end".to_owned());
    }
    if !cell.is_empty() || !record.is_empty() {
        record.push(cell);
        records.push(record);
    }
    Ok(records)
}

/// `[{"name": "…", "value": "…"}, …]`: texts alternate between names and values, so only texts are read.
fn pairs(json: &str) -> Option<Vec<(String, String)>> {
    let mut texts = Vec::new();
    let mut rest = json;
    while let Some(start) = rest.find('"') {
        let (text, end) = json_text(&rest[start + 1..])?;
        texts.push(text);
        rest = &rest[start + 1 + end..];
    }
    let mut pairs = Vec::new();
    for four in texts.chunks(4) {
        match four {
            [name_key, name, value_key, value] if name_key == "name" && value_key == "value" => {
                pairs.push((name.clone(), value.clone()));
            }
            _ => return None,
        }
    }
    Some(pairs)
}

/// A JSON text without its opening quote, and where what follows it begins.
fn json_text(source: &str) -> Option<(String, usize)> {
    let mut text: Vec<u16> = Vec::new();
    let mut characters = source.char_indices();
    while let Some((index, character)) = characters.next() {
        match character {
            '"' => return Some((String::from_utf16(&text).ok()?, index + 1)),
            '\\' => match characters.next()?.1 {
                'n' => text.push(10),
                'r' => text.push(13),
                't' => text.push(9),
                'b' => text.push(8),
                'f' => text.push(12),
                'u' => {
                    let digits: String = characters.by_ref().take(4).map(|(_, digit)| digit).collect();
                    text.push(u16::from_str_radix(&digits, 16).ok()?);
                }
                other => text.extend(other.encode_utf16(&mut [0; 2]).iter()),
            },
            other => text.extend(other.encode_utf16(&mut [0; 2]).iter()),
        }
    }
    None
}
