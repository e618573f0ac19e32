//! A value from one format to another.

use crate::error::Result;
use crate::value::convert::dates::DateNames;
use crate::value::convert::rename::RenameFields;
use crate::value::event::{ReadEvents, WriteEvents};
use crate::value::input::Input;
use crate::value::internal::{InternalWriter, StructuresAs};
use crate::value::json::{JsonSettings, JsonWriter};
use crate::value::open::{Format, Reader, open};
use crate::value::output::Output;
use crate::value::pump::pump_checked;
use crate::value::xdto::XdtoWriter;
use crate::value::zone::Zone;
use std::collections::{HashMap, HashSet};

/// A format to write text in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Target {
    /// JSON.
    Json,
    /// 1C internal text, for `ЗначениеИзСтрокиВнутр`.
    Internal,
    /// XML for `СериализаторXDTO`.
    Xdto,
}

/// What happens to a value on its way.
#[derive(Debug, Clone, Default)]
pub struct TransformSettings {
    /// New names of fields by their old ones.
    pub fields: HashMap<String, String>,
    /// Names of members whose texts are dates.
    pub date_names: HashSet<String>,
    /// Where those dates are local.
    pub zone: Zone,
    /// How JSON is written.
    pub json: JsonSettings,
    /// What structures become in internal text.
    pub structures: StructuresAs,
}

/// Reads a text in `from`, or in the format its beginning tells, and writes it in `to`; `check` is asked now and
/// then whether to go on.
///
/// # Errors
/// `value_text` with the place for a broken source, `unsupported_type` for a value the target cannot express, and
/// the error of `check`.
pub fn transform(
    input: Input<'_>,
    from: Option<Format>,
    to: Target,
    settings: &TransformSettings,
    check: &mut dyn FnMut() -> Result<()>,
) -> Result<Output> {
    // The reader is told apart once, not at each event.
    match open(input, from)? {
        Reader::Json(mut reader) => write(&mut *reader, to, settings, check),
        Reader::Internal(mut reader) => write(&mut *reader, to, settings, check),
        Reader::Xdto(mut reader) => write(&mut *reader, to, settings, check),
        Reader::Text(mut reader) => write(&mut *reader, to, settings, check),
    }
}

fn write(
    reader: &mut impl ReadEvents,
    to: Target,
    settings: &TransformSettings,
    check: &mut dyn FnMut() -> Result<()>,
) -> Result<Output> {
    match to {
        Target::Json => {
            let mut writer = JsonWriter::new(Output::new(), settings.json.clone());
            filtered(reader, &mut writer, settings, check)?;
            Ok(writer.into_sink())
        }
        Target::Internal => {
            let mut writer = InternalWriter::new(settings.structures);
            filtered(reader, &mut writer, settings, check)?;
            writer.into_output()
        }
        Target::Xdto => {
            let mut writer = XdtoWriter::new(Output::new());
            filtered(reader, &mut writer, settings, check)?;
            Ok(writer.into_sink())
        }
    }
}

fn filtered(
    reader: &mut impl ReadEvents,
    writer: &mut impl WriteEvents,
    settings: &TransformSettings,
    check: &mut dyn FnMut() -> Result<()>,
) -> Result<()> {
    if settings.fields.is_empty() && settings.date_names.is_empty() {
        return pump_checked(reader, writer, check);
    }
    // Dates are told by the names of the source.
    let dates = DateNames::new(reader, settings.date_names.clone(), &settings.zone);
    pump_checked(&mut RenameFields::new(dates, settings.fields.clone()), writer, check)
}
