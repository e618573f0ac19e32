//! The exchange with EGAIS: what was sent and came in, the statuses that follow, and the operations.

pub mod facts;
