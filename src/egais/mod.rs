//! EGAIS: document descriptions, building, checking, parsing; UTM client; exchange operations.

pub mod exchange;
pub mod utm;
