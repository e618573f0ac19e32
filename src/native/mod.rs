//! The 1C Native API: exports, vtables, variants, host interfaces. The only room with `unsafe` code.
//!
//! Every function reads the same way: convert, call, convert, behind one guard against panics. Facts and their
//! certainty stand in the documentation of the types. Uses `addin` and the list of `classes`.

#![allow(unsafe_code)]
// Names in this room are those of 1C's own headers.
#![allow(non_snake_case, non_camel_case_types, clippy::upper_case_acronyms)]

pub mod abi;
mod exports;
mod guard;
mod host;
mod layout;
mod memory;
mod object;
mod pin;
mod text;
mod variant;
mod vtables;

pub use exports::{DestroyObject, GetAttachType, GetClassNames, GetClassObject, SetPlatformCapabilities};
