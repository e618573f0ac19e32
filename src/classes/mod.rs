//! What BSL sees: one file per class, thin: reads arguments, calls the rooms below, writes results.

mod egais;
mod http;
mod json;
mod site;

use crate::addin::ClassInfo;

/// Every class that a host can create, in the order of `GetClassNames`.
pub fn all() -> &'static [&'static dyn ClassInfo] {
    static CLASSES: [&dyn ClassInfo; 4] = [&site::CLASS, &egais::CLASS, &http::CLASS, &json::CLASS];
    &CLASSES
}
