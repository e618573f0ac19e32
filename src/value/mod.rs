//! Values of 1C: one model of events, and its readers and writers.
//!
//! Knows formats, not the binary interface: everything here can be used and tested without a host. May use
//! `error` and `journal` only.

pub mod convert;
pub mod date;
pub mod event;
pub mod fault;
pub mod input;
pub mod internal;
pub mod json;
mod key;
pub mod limits;
mod named_maps;
mod number;
pub mod open;
pub mod output;
mod path;
mod piece;
mod progress;
pub mod pump;
pub(crate) mod scan;
pub mod storage;
pub mod text;
pub mod xdto;
pub mod zone;

pub use date::DateTime;
pub use event::{Event, Position, ReadEvents, WriteEvents};
pub use input::Input;
pub use internal::{InternalReader, InternalWriter, StructuresAs};
pub use json::{JsonGrammar, JsonReader, JsonSettings, JsonWriter};
pub use limits::Limits;
pub use named_maps::NamedMaps;
pub use open::{Format, Reader, detect, open};
pub use output::Output;
pub use path::is_identifier;
pub use pump::pump;
pub use storage::{Storage, StorageWriter};
pub use xdto::{XdtoReader, XdtoWriter};

#[cfg(test)]
mod node;
#[cfg(test)]
mod property_tests;
#[cfg(test)]
mod sample_tests;
#[cfg(test)]
mod testing;
