//! Values of 1C: one model of events, and its readers and writers.
//!
//! Knows formats, not the binary interface: everything here can be used and tested without a host. May use
//! `error` and `journal` only.

pub mod date;
pub mod event;
pub mod fault;
pub mod input;
pub mod internal;
pub mod json;
pub mod limits;
mod number;
pub mod open;
mod path;
pub mod text;

pub use date::DateTime;
pub use event::{Event, Position, ReadEvents, WriteEvents};
pub use input::Input;
pub use internal::InternalReader;
pub use json::{JsonGrammar, JsonReader};
pub use limits::Limits;
pub use open::{Format, Reader, detect, open};
pub use path::is_identifier;

#[cfg(test)]
mod testing;
