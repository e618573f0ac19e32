//! State machines: how a document's status follows from what was sent and what came in.
//!
//! [`tables`] says what each kind of document may go through: one row per step, readable as it stands and printed
//! into `docs/egais-states.md`. [`fold()`] is the only interpreter: a pure function of the set of events, so that the
//! order in which answers arrive never matters. Nothing here knows the store or the network.

mod fold;
mod names;
pub mod render;
pub mod tables;

pub use fold::{Attempt, History, Local, Signal, State, fold};
pub use names::{Action, Kind, Phase, SignalKind, Status};
pub use tables::{Completion, Step, Table, Target, table};

#[cfg(test)]
mod tests;
