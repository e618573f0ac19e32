//! One part of a value, found by its path without keeping the rest.

use crate::bilingual;
use crate::error::{Code, Error, Result};
use crate::value::convert::rows::RowsAsStructures;
use crate::value::date::DateTime;
use crate::value::event::{Event, ReadEvents, WriteEvents};
use crate::value::fault;
use crate::value::json::{JsonSettings, JsonWriter};
use crate::value::key::key_text;
use crate::value::output::Output;
use crate::value::pump::skip;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// A path inside a value: JSON Pointer (RFC 6901) or names with dots and indexes, `Товары[3].Цена`, `Товары.3.Цена`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Selector {
    steps: Vec<Step>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Step {
    name: String,
    index: Option<u64>,
}

impl Step {
    fn new(name: &str) -> Self {
        // RFC 6901: an index has no leading zeros.
        let plain = name == "0" || !name.starts_with('0') && name.bytes().all(|byte| byte.is_ascii_digit());
        Self { name: name.to_owned(), index: plain.then(|| name.parse().ok()).flatten() }
    }
}

impl Selector {
    /// Reads a path. An empty one means the whole value; one that begins with `/` is a JSON Pointer.
    ///
    /// # Errors
    /// `argument` for brackets that do not close and the like.
    pub fn parse(path: &str) -> Result<Self> {
        if let Some(pointer) = path.strip_prefix('/') {
            let steps = pointer.split('/').map(|part| Step::new(&part.replace("~1", "/").replace("~0", "~")));
            return Ok(Self { steps: steps.collect() });
        }
        let mut steps = Vec::new();
        let mut rest = path;
        while !rest.is_empty() {
            rest = match rest.strip_prefix('[') {
                Some(bracket) => in_brackets(bracket, &mut steps).ok_or_else(|| malformed(path))?,
                None => {
                    let end = rest.find(['.', '[']).unwrap_or(rest.len());
                    let (name, after) = rest.split_at(end);
                    if name.is_empty() {
                        return Err(malformed(path));
                    }
                    steps.push(Step::new(name));
                    after
                }
            };
            if let Some(after) = rest.strip_prefix('.') {
                if after.is_empty() || after.starts_with('[') {
                    return Err(malformed(path));
                }
                rest = after;
            }
        }
        Ok(Self { steps })
    }

    /// The names of the steps from the value inwards; an index as its digits.
    pub fn into_names(self) -> Vec<String> {
        self.steps.into_iter().map(|step| step.name).collect()
    }
}

/// Reads `3]` or `"name"]`; gives what follows.
fn in_brackets<'p>(text: &'p str, steps: &mut Vec<Step>) -> Option<&'p str> {
    if let Some(quoted) = text.strip_prefix('"') {
        let (name, after) = quoted.split_once("\"]")?;
        steps.push(Step { name: name.to_owned(), index: None });
        return Some(after);
    }
    let (index, after) = text.split_once(']')?;
    let step = Step::new(index.trim());
    step.index?;
    steps.push(step);
    Some(after)
}

fn malformed(path: &str) -> Error {
    Error::new(
        Code::Argument,
        bilingual!(
            "Путь «{path}» записан неверно. Примеры: Товары[3].Цена, Товары.3.Цена, /Товары/3/Цена.",
            "The path '{path}' is malformed. Examples: items[3].price, items.3.price, /items/3/price."
        ),
    )
    .with("path", path)
}

/// What was found.
#[derive(Debug)]
pub enum Selected {
    /// `Неопределено`, `NULL`, `null`.
    Empty,
    /// A boolean.
    Boolean(bool),
    /// A number as decimal text.
    Number(String),
    /// A text, or what has the form of a text: UUID, reference, binary data.
    Text(String),
    /// A date.
    Date(DateTime),
    /// A collection as JSON.
    Collection(Output),
}

/// A collection on the way to the part.
enum Level {
    /// An array or a list.
    Values {
        index: u64,
    },
    Structure {
        matches: bool,
    },
    Map {
        matches: bool,
        at_key: bool,
    },
    Rows {
        index: u64,
        columns: Vec<String>,
    },
    Row {
        cell: usize,
    },
}

/// What to do with a value.
enum Turn {
    Skip,
    Enter,
    Take,
}

/// Finds the part of a value that `selector` names; `None` if there is none. Of a repeated name the last counts.
/// The text is read to its end, so a broken text never passes for a whole one.
///
/// # Errors
/// Those of the reader; `unsupported_type` if the part cannot be JSON.
pub fn select(
    reader: &mut impl ReadEvents,
    selector: &Selector,
    settings: &JsonSettings,
) -> Result<Option<Selected>> {
    search(reader, selector.steps.as_slice(), settings).map_err(|error| fault::at_reader(error, reader))
}

fn search(reader: &mut impl ReadEvents, steps: &[Step], settings: &JsonSettings) -> Result<Option<Selected>> {
    let mut levels: Vec<Level> = Vec::new();
    let mut found = None;
    while let Some(event) = reader.next_event()? {
        if event.depth_change() < 0 {
            levels.pop();
            continue;
        }
        let Some(matches) = matches(&mut levels, steps, &event) else { continue };
        match turn(matches, levels.len(), steps.len()) {
            Turn::Enter => {
                // A path that leads into a scalar leads nowhere; an earlier find under the same name is void.
                found = None;
                levels.extend(level(&event));
            }
            Turn::Skip if event.depth_change() > 0 => skip(reader)?,
            Turn::Skip => {}
            Turn::Take => {
                found = match scalar(&event) {
                    Some(scalar) => Some(scalar),
                    None => {
                        let mut writer = capture(&levels, settings);
                        let opens = event.depth_change();
                        writer.write_event(&event)?;
                        Some(rest(reader, writer, opens)?)
                    }
                };
            }
        }
    }
    Ok(found)
}

fn turn(matches: bool, level: usize, steps: usize) -> Turn {
    match matches {
        false => Turn::Skip,
        true if level == steps => Turn::Take,
        true => Turn::Enter,
    }
}

/// Whether the value that `event` is or begins lies on the path; `None` if it is no value.
fn matches(levels: &mut [Level], steps: &[Step], event: &Event<'_>) -> Option<bool> {
    let Some(last) = levels.len().checked_sub(1) else { return Some(true) };
    let step = steps.get(last)?;
    let (outer, inner) = levels.split_at_mut(last);
    match (inner.first_mut()?, event) {
        (Level::Structure { matches }, Event::Name(name)) => {
            *matches = *name == step.name;
            None
        }
        (Level::Structure { matches }, _) => Some(*matches),
        (_, Event::Item(_)) => None,
        (Level::Values { index } | Level::Rows { index, .. }, _) => {
            *index += 1;
            Some(step.index.is_some_and(|wanted| wanted + 1 == *index))
        }
        (Level::Map { matches, at_key }, event) if *at_key => {
            *at_key = false;
            *matches = key_text(event, &mut String::new()) == Some(step.name.as_str());
            // A collection as a key is passed over; a scalar needs nothing more.
            (event.depth_change() > 0).then_some(false)
        }
        (Level::Map { matches, at_key }, _) => {
            *at_key = true;
            Some(*matches)
        }
        (Level::Row { cell }, _) => {
            let name = match outer.last() {
                Some(Level::Rows { columns, .. }) => columns.get(*cell),
                _ => None,
            };
            *cell += 1;
            Some(name == Some(&step.name))
        }
    }
}

/// The level that a collection opens; `None` for a scalar.
fn level(event: &Event<'_>) -> Option<Level> {
    Some(match event {
        Event::BeginArray(_) | Event::BeginList(_) => Level::Values { index: 0 },
        Event::BeginStructure(_) => Level::Structure { matches: false },
        Event::BeginMap(_) => Level::Map { matches: false, at_key: true },
        Event::BeginTable(table) => {
            let columns = table.columns.iter().map(|column| column.name.clone()).collect();
            Level::Rows { index: 0, columns }
        }
        Event::BeginRow(_) => Level::Row { cell: 0 },
        _ => return None,
    })
}

fn scalar(event: &Event<'_>) -> Option<Selected> {
    Some(match *event {
        Event::Undefined | Event::Null => Selected::Empty,
        Event::Boolean(value) => Selected::Boolean(value),
        Event::Number(number) => Selected::Number(number.to_owned()),
        Event::Text(text) => Selected::Text(text.to_owned()),
        Event::Date(date) => Selected::Date(date),
        Event::Binary(bytes) => Selected::Text(STANDARD.encode(bytes)),
        Event::Uuid(_) | Event::Reference(_) | Event::Type(_) => {
            Selected::Text(key_text(event, &mut String::new())?.to_owned())
        }
        _ => return None,
    })
}

type Capture = RowsAsStructures<JsonWriter<Output>>;

/// A writer for a part of the innermost level.
fn capture(levels: &[Level], settings: &JsonSettings) -> Capture {
    let writer = RowsAsStructures::new(JsonWriter::new(Output::new(), settings.clone()));
    match levels.last() {
        Some(Level::Rows { columns, .. }) => writer.with_columns(columns.clone()),
        _ => writer,
    }
}

/// Writes the rest of a part that has begun.
fn rest(reader: &mut impl ReadEvents, mut writer: Capture, mut depth: i32) -> Result<Selected> {
    while depth > 0 {
        let Some(event) = reader.next_event()? else { break };
        depth += event.depth_change();
        writer.write_event(&event)?;
    }
    writer.finish()?;
    Ok(Selected::Collection(writer.into_inner().into_sink()))
}
