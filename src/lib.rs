//! «Обмен» (Obmen): a native add-in for 1C:Enterprise 8.
//!
//! One shared library that 1C loads into its own process. It gives BSL code four classes: `ObmenSite` sends a
//! catalogue to a web site, `ObmenEgais` exchanges documents with EGAIS through UTM, `ObmenHttp` makes HTTP
//! requests, `ObmenJson` turns 1C values into JSON and back.
//!
//! # The rooms
//!
//! Imports run downwards only: the upper room knows the lower one.
//!
//! | room | what lives there |
//! | --- | --- |
//! | [`native`] | the 1C Native API: exports, vtables, variants; the only room with `unsafe` |
//! | [`addin`] | a safe frame: what a class is, arguments, results, events, help |
//! | [`classes`] | what BSL sees: one file per class, thin |
//! | [`site`], [`egais`] | the two subjects: catalogues and EGAIS |
//! | [`http`], [`value`], [`store`] | the tools: requests, 1C values, durable state |
//! | [`page`] | HTML pages for people |
//! | [`journal`], [`operation`], [`error`], [`nearest`] | the log, running operations, the one error type, guesses at names |

#![deny(unsafe_code)]
#![warn(missing_docs)]

pub mod addin;
pub mod classes;
pub mod egais;
pub mod error;
pub mod http;
pub mod journal;
pub mod native;
pub mod nearest;
pub mod operation;
pub mod page;
pub mod site;
pub mod store;
pub mod value;
