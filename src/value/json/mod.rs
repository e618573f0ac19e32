//! JSON as 1C reads and writes it.

mod reader;
mod scan;

#[cfg(test)]
mod reader_tests;

pub use reader::{JsonGrammar, JsonReader};
