//! The text of `ЗначениеВСтрокуВнутр`: 1C's own exchange form, exact and fast.

mod binary;
mod header;
pub(crate) mod lexer;
mod reader;
pub mod type_ids;

#[cfg(test)]
mod reader_tests;

pub use reader::InternalReader;
