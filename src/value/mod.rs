//! Values of 1C: one model of events, and its readers and writers.
//!
//! Knows formats, not the binary interface: everything here can be used and tested without a host. May use
//! `error` and `journal` only.

pub mod date;
pub mod event;

pub use date::DateTime;
pub use event::{Event, Position, ReadEvents, WriteEvents};
