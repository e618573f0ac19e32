//! `ObmenJson`: JSON from 1C values and 1C values from JSON.

use crate::addin::{Class, Method, help};

/// The state of an `ObmenJson`.
#[derive(Default)]
pub struct Json {}

/// The declaration of `ObmenJson`.
pub static CLASS: Class<Json> = Class::new(
    "ObmenJson",
    help("JSON из значений 1С и значения 1С из JSON", "JSON from 1C values and 1C values from JSON"),
    Json::default,
    &[],
    &[Method::new("Очистить", "Clear", |_, _| Ok(().into()), help("удаляет строки", "removes the rows"))],
);
