//! Values of elements and attributes: is a text a value of its type, and if not, which limit does it break.

mod base64;
mod check;
pub mod decimal;
pub mod moment;
pub mod pattern;

pub use check::{Fault, check, collapse};
pub use decimal::Decimal;
pub use moment::Moment;
pub use pattern::Pattern;
