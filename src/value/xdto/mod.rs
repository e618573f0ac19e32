//! XML of `СериализаторXDTO`: large and slow, but every client has it, and references carry their type's name.

mod names;
mod reader;
mod table;
mod tokens;
mod writer;

pub use reader::XdtoReader;
pub use writer::XdtoWriter;
