//! A catalogue on its way to a web site: products, batches, requests, answers, the report.
//!
//! May use `http`, `value`, `journal`, `operation` and `error`. Knows nothing of 1C's binary interface.

mod answer;
mod batch;
mod blame;
mod catalogue;
#[cfg(test)]
mod catalogue_tests;
mod characteristic;
mod decimal;
mod fault;
mod field;
mod json_text;
mod product;
mod reading;
#[cfg(test)]
mod test_events;

pub use catalogue::{Added, Catalogue, LeftOut};
pub use fault::{Fault, Refusal, TypeLabel};
pub use field::Field;
pub use reading::ExtraFields;
