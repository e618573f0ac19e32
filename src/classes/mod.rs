//! What BSL sees: one file per class, thin: reads arguments, calls the rooms below, writes results.

mod egais;
mod http;
mod json;
mod site;

use crate::addin::ClassInfo;
use crate::error::Code;

/// What reading structured data may fail with.
const DATA: [Code; 3] = [Code::ValueText, Code::UnsupportedType, Code::Limit];

/// What a request over HTTP may fail with.
const REQUEST: [Code; 8] = [
    Code::HttpConnect,
    Code::HttpTls,
    Code::HttpTimeout,
    Code::HttpStatus,
    Code::Auth,
    Code::Limit,
    Code::Cancelled,
    Code::File,
];

/// Every class that a host can create, in the order of `GetClassNames`.
pub fn all() -> &'static [&'static dyn ClassInfo] {
    static CLASSES: [&dyn ClassInfo; 4] = [&site::CLASS, &egais::CLASS, &http::CLASS, &json::CLASS];
    &CLASSES
}
