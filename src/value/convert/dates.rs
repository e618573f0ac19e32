//! Dates in JSON: texts that become dates because of the names they stand under.

use crate::bilingual;
use crate::error::{Code, Error, Result};
use crate::value::date::DateTime;
use crate::value::event::{Event, Position, ReadEvents};
use crate::value::fault;
use crate::value::zone::{Zone, ZoneRules};
use std::collections::HashSet;

/// Turns texts into dates where the name of the member says so, as `ПрочитатьJSON` does with the names of date
/// properties: names are compared exactly, moments with a zone become local, a text that is no date is an error.
pub struct DateNames<R> {
    inner: R,
    names: HashSet<String>,
    zone: ZoneRules,
    /// The last event was one of the names.
    named: bool,
}

impl<R: ReadEvents> DateNames<R> {
    /// Wraps a reader; `zone` is where dates are local.
    pub fn new(inner: R, names: HashSet<String>, zone: &Zone) -> Self {
        let zone = if names.is_empty() { ZoneRules::new(&Zone::Fixed(0)) } else { ZoneRules::new(zone) };
        Self { inner, names, zone, named: false }
    }
}

impl<R: ReadEvents> ReadEvents for DateNames<R> {
    fn next_event(&mut self) -> Result<Option<Event<'_>>> {
        if self.names.is_empty() {
            return self.inner.next_event();
        }
        let named = self.named;
        let date = match self.inner.next_event()? {
            None => return Ok(None),
            Some(Event::Name(name)) => {
                self.named = self.names.contains(name);
                return Ok(Some(Event::Name(name)));
            }
            // Whoever drives this reader adds the place.
            Some(Event::Text(text)) if named => local_date(text, &self.zone).ok_or_else(|| no_date(text))?,
            Some(event) => {
                self.named = false;
                return Ok(Some(event));
            }
        };
        self.named = false;
        Ok(Some(Event::Date(date)))
    }

    fn position(&self) -> Position {
        self.inner.position()
    }

    fn path(&self) -> String {
        self.inner.path()
    }
}

/// Reads every form in which 1C writes a date: ISO with and without zone, `/Date(ms)/`, `new Date(ms)`.
fn local_date(text: &str, zone: &ZoneRules) -> Option<DateTime> {
    let text = text.trim();
    let milliseconds = text
        .strip_prefix("/Date(")
        .and_then(|rest| rest.strip_suffix(")/"))
        .or_else(|| text.strip_prefix("new Date(").and_then(|rest| rest.strip_suffix(')')));
    match milliseconds {
        None => zone.local_from_iso(text),
        Some(number) => {
            // An offset after the number names the writer's zone; the number itself is universal.
            let end = number.get(1..)?.find(['+', '-']).map_or(number.len(), |at| at + 1);
            let milliseconds = number.get(..end)?.parse().ok()?;
            if milliseconds == EMPTY_MILLISECONDS { Some(DateTime::EMPTY) } else { zone.local(milliseconds) }
        }
    }
}

/// The empty date, which no zone shifts.
const EMPTY_MILLISECONDS: i64 = -62_135_596_800_000;

fn no_date(text: &str) -> Error {
    let text = fault::snippet(text);
    Error::new(
        Code::ValueText,
        bilingual!(
            "Значение «{text}» должно быть датой вида 2014-05-10T13:14:15.",
            "The value '{text}' must be a date such as 2014-05-10T13:14:15."
        ),
    )
}
