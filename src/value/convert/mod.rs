//! What is done with values on the way from one format to another: names and dates changed, a part taken out,
//! batches cut, tables built. Readers are wrapped where one event stays one event, writers where it becomes several.

pub mod batches;
pub mod check;
pub mod dates;
pub mod file;
pub mod rename;
pub mod rows;
pub mod select;
pub mod table;
pub mod transform;

mod keys;

pub use batches::{Batch, BatchSettings, Batches};
pub use check::{Checked, check, reads, reformat};
pub use dates::DateNames;
pub use file::{FileSummary, file_to_json};
pub use rename::RenameFields;
pub use rows::RowsAsStructures;
pub use select::{Selected, Selector, select};
pub use table::{ColumnSource, TableColumns, table_from_rows};
pub use transform::{Target, TransformSettings, transform};

#[cfg(test)]
mod tests;
