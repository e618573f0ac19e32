//! The exchange with EGAIS: what was sent and came in, the statuses that follow, and the operations.

pub mod changes;
pub mod compose;
pub mod facts;
pub mod fields;
pub mod history;
pub mod inbox;
pub mod last_run;
pub mod machine;
mod named;
pub mod operations;
pub mod outbox;
pub mod pairing;
pub mod papers;
pub mod parallel;
mod receiving;
pub mod removal;
pub mod service;
pub mod settings;
pub mod spoilt;
