//! The text of `ЗначениеВСтрокуВнутр`: 1C's own exchange form, exact and fast.

pub(crate) mod binary;
mod composer;
mod fast;
mod header;
mod layout;
pub(crate) mod lexer;
mod names;
mod reader;
mod rows;
pub mod type_ids;
mod writer;

#[cfg(test)]
mod reader_tests;

pub use reader::InternalReader;
pub use rows::RowsWriter;
pub use writer::{InternalWriter, StructuresAs};
