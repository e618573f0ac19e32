//! How far a reader has come.

use crate::value::event::Table;

/// Where a reader stands in its text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::value) enum State {
    /// Before the value.
    Start,
    /// The value has begun.
    Inside,
    /// The value is complete, or its text is broken: no event follows.
    Ended,
}

/// Where a member of a structure or a map stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::value) enum Stage {
    /// Before a member.
    Between,
    /// The name or the key is given, the value follows.
    Value,
    /// The value is given, the member is not yet closed.
    After,
}

/// Stands for a table where none is open.
pub(in crate::value) static NO_TABLE: Table = Table { columns: Vec::new(), version: 9, rows: None };
