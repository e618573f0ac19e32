//! The frame of a class: a declaration table, and everything that follows from it.
//!
//! A class is one static [`Class`] table: names in both languages, parameters, defaults, help, functions. The
//! frame finds members by name, checks arguments, keeps the last error, gives help, runs long work and can stop
//! it. It knows nothing of the binary interface; `native` translates between the two.

mod argument;
mod call;
mod class;
mod common;
mod component;
mod frame;
mod help;
mod host;
mod names;
mod options;

pub use crate::nearest::nearest;
pub use argument::{Argument, Scalar, Value};
pub use call::Call;
pub use class::{
    Class, Declaration, Default, Function, Help, Kind, Method, Parameter, Property, Signature, help, joined,
    optional, required, total, value,
};
pub use component::{ClassInfo, Component, Failure, MethodShape};
pub use frame::{Frame, ResultFormat, Shared};
pub use help::{MethodInfo, PropertyInfo};
pub use host::{Host, Side};
pub use names::fold;
pub use options::Options;
