//! JSON as 1C reads and writes it.

mod escape;
mod reader;
mod settings;
mod writer;

#[cfg(test)]
mod reader_tests;
#[cfg(test)]
mod writer_tests;

pub(crate) use escape::Escaper;
pub use reader::{JsonGrammar, JsonReader};
pub use settings::{DateForm, EscapedCharacters, JsonSettings, LineBreaks, Unsupported};
pub use writer::JsonWriter;
