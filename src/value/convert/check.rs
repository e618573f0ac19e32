//! Is a text well formed, and the same JSON in another layout.

use crate::error::{Code, Result};
use crate::value::event::ReadEvents;
use crate::value::input::Input;
use crate::value::json::{JsonGrammar, JsonReader, JsonSettings, JsonWriter};
use crate::value::open::{Format, detect, open};
use crate::value::output::Output;
use crate::value::pump::pump;

/// What a check has found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Checked {
    /// The format of the text.
    pub format: Format,
    /// How many values stand in it, collections included.
    pub values: u64,
}

/// Reads a text to its end. JSON has to follow RFC 8259 to the letter.
///
/// # Errors
/// `value_text` with the place for a text that breaks its format, or whose format cannot be told.
pub fn check(mut input: Input<'_>, format: Option<Format>) -> Result<Checked> {
    let format = match format {
        Some(format) => format,
        // Whatever begins like nothing else can only be a single JSON value.
        None => detect(&mut input)?.unwrap_or(Format::Json),
    };
    let values = match format {
        Format::Json => count(&mut JsonReader::new(input, JsonGrammar::Strict))?,
        other => count(&mut open(input, Some(other))?)?,
    };
    Ok(Checked { format, values })
}

/// Whether a text can be read in `format` at all, by the rules of a conversion.
pub fn reads(input: Input<'_>, format: Format) -> bool {
    let outcome = open(input, Some(format)).and_then(|mut reader| count(&mut reader));
    !outcome.is_err_and(|error| error.code() == Code::ValueText)
}

fn count(reader: &mut impl ReadEvents) -> Result<u64> {
    use crate::value::event::Event;
    let mut values = 0;
    while let Some(event) = reader.next_event()? {
        let is_value = event.depth_change() >= 0
            && !matches!(event, Event::Name(_) | Event::BeginRow(_) | Event::Item(_));
        values += u64::from(is_value);
    }
    Ok(values)
}

/// Writes JSON anew with the given layout: indented for people, compact for machines.
///
/// # Errors
/// `value_text` with the place for a text that is not JSON.
pub fn reformat(input: Input<'_>, settings: JsonSettings) -> Result<Output> {
    let mut writer = JsonWriter::new(Output::new(), settings);
    pump(&mut JsonReader::new(input, JsonGrammar::Platform), &mut writer)?;
    Ok(writer.into_sink())
}
