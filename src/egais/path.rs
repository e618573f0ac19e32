//! The way to an element as BSL would write it: `Content.Position[3].Quantity`, lists from 0.

use super::model::Element;
use std::fmt::Write as _;

/// Adds an element, which is the `index`th of its name if it forms a list.
pub fn push(path: &mut String, element: &Element, index: u32) {
    if !path.is_empty() {
        path.push('.');
    }
    path.push_str(element.name());
    if element.list {
        let _ = write!(path, "[{index}]");
    }
}

/// A path and one more step; either may be empty.
pub fn join(path: &str, name: &str) -> String {
    match (path, name) {
        ("", _) => name.to_owned(),
        (_, "") => path.to_owned(),
        _ => format!("{path}.{name}"),
    }
}
