//! Reads official schemas, drafts descriptions from them, and compares descriptions with them.

#[path = "../../../build/descriptions/ast.rs"]
#[allow(dead_code, reason = "shared with the compiler of descriptions, which needs more of it")]
mod ast;
mod compare;
mod dom;
mod draft;
pub mod patterns;
mod schema;
#[path = "../../../build/descriptions/symbols.rs"]
#[allow(dead_code, reason = "shared with the compiler of descriptions, which needs more of it")]
mod symbols;
mod unique;

pub use compare::compare;
pub use draft::draft;
pub use schema::load;
