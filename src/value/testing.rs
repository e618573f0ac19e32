//! What tests of this room share: values as trees, for comparing.

use crate::error::Result;
use crate::value::event::{Event, ReadEvents};

/// The events of a reader as text, one for each.
pub(crate) fn events(mut reader: impl ReadEvents) -> Result<Vec<String>> {
    let mut events = Vec::new();
    while let Some(event) = reader.next_event()? {
        events.push(match event {
            Event::Text(text) => format!("'{text}'"),
            Event::Number(text) => text.to_owned(),
            Event::Name(name) => format!("{name}:"),
            Event::Boolean(value) => value.to_string(),
            other => format!("{other:?}"),
        });
    }
    Ok(events)
}
