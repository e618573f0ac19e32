//! JSON text as 1C itself writes it, appended to what is there.

use crate::value::JsonSettings;
use crate::value::json::Escaper;
use std::sync::LazyLock;

static ESCAPER: LazyLock<Escaper> = LazyLock::new(|| Escaper::new(&JsonSettings::default()));

/// Appends `text` as a JSON string with its quotation marks.
pub(super) fn append_string(out: &mut String, text: &str) {
    ESCAPER.string(out, text);
}
