//! EGAIS: document descriptions, building, checking, parsing; UTM client; exchange operations.
//!
//! The documents' side: [`model`] holds the static tables compiled from `descriptions/*.egais`; [`build`] makes
//! XML from data, [`check`] finds all problems of either, [`parse`] makes JSON from XML; [`value`], [`walk`],
//! [`rules`] and [`xml`] are what they share. All of it works on texts alone: no network, no store.

pub mod build;
mod bytes;
pub mod check;
pub mod describe;
pub mod exchange;
pub mod json;
pub mod mark;
mod messages;
pub mod model;
pub mod parse;
mod path;
pub mod problem;
pub mod ready;
pub mod rules;
pub mod template;
pub mod types;
pub mod utm;
pub mod value;
pub mod walk;
pub mod xml;
mod xsd;
