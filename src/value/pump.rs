//! From a reader to a writer.

use crate::error::Result;
use crate::value::event::{ReadEvents, WriteEvents};
use crate::value::fault;

/// How many events pass between two looks at the caller's check.
const EVENTS: u32 = 16 * 1024;

/// Writes all that `reader` gives and finishes the writer. Errors of the writer tell where the reader stood.
///
/// # Errors
/// Those of the reader and of the writer.
pub fn pump(reader: &mut (impl ReadEvents + ?Sized), writer: &mut (impl WriteEvents + ?Sized)) -> Result<()> {
    pump_checked(reader, writer, &mut || Ok(()))
}

/// As [`pump`]; `check` is asked now and then whether to go on.
///
/// # Errors
/// Those of the reader, of the writer and of `check`.
pub fn pump_checked(
    reader: &mut (impl ReadEvents + ?Sized),
    writer: &mut (impl WriteEvents + ?Sized),
    check: &mut dyn FnMut() -> Result<()>,
) -> Result<()> {
    match pump_all(reader, writer, check) {
        Ok(()) => writer.finish(),
        Err(error) => Err(fault::at_reader(error, reader)),
    }
}

fn pump_all(
    reader: &mut (impl ReadEvents + ?Sized),
    writer: &mut (impl WriteEvents + ?Sized),
    check: &mut dyn FnMut() -> Result<()>,
) -> Result<()> {
    let mut left = EVENTS;
    while let Some(event) = reader.next_event()? {
        writer.write_event(&event)?;
        left -= 1;
        if left == 0 {
            check()?;
            left = EVENTS;
        }
    }
    Ok(())
}

/// Passes over what is left of a collection that has begun.
///
/// # Errors
/// Those of the reader.
pub(crate) fn skip(reader: &mut (impl ReadEvents + ?Sized)) -> Result<()> {
    let mut depth = 1;
    while depth > 0 {
        match reader.next_event()? {
            Some(event) => depth += event.depth_change(),
            None => return Ok(()),
        }
    }
    Ok(())
}
