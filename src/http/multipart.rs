//! `multipart/form-data` bodies: fields and files, streamed, with an exact Content-Length.
//!
//! The format itself is reqwest's; this file keeps the description of a form, so that it can be sent again.

use super::exchange::Moved;
use super::upload;
use crate::bilingual;
use crate::error::{Code, Error, Result};
use bytes::Bytes;
use reqwest::multipart as wire;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The value of a part.
#[derive(Clone, Debug)]
pub enum Content {
    /// A text field.
    Text(String),
    /// Bytes from memory.
    Bytes(Bytes),
    /// A file, read while it is sent.
    File(PathBuf),
}

/// One part of a form.
#[derive(Clone, Debug)]
pub struct Part {
    /// Name of the field.
    pub name: String,
    /// File name that the server sees; none for plain fields.
    pub file_name: Option<String>,
    /// MIME type; none leaves the header out.
    pub content_type: Option<String>,
    /// The value.
    pub content: Content,
}

impl Part {
    /// A text field.
    pub fn text(name: impl Into<String>, value: impl Into<String>) -> Self {
        let content = Content::Text(value.into());
        Self { name: name.into(), file_name: None, content_type: None, content }
    }

    /// A file under its own name; the MIME type follows from the extension (CSV, XML, JSON, else binary).
    pub fn file(name: impl Into<String>, path: impl Into<PathBuf>) -> Self {
        let path = path.into();
        let file_name = path.file_name().map(|name| name.to_string_lossy().into_owned());
        let content_type = Some(content_type_of(&path).to_owned());
        Self { name: name.into(), file_name, content_type, content: Content::File(path) }
    }
}

/// The MIME type of a file by its extension.
pub(super) fn content_type_of(path: &Path) -> &'static str {
    let extension = path.extension().map(|extension| extension.to_string_lossy().to_lowercase());
    match extension.as_deref() {
        Some("csv") => "text/csv",
        Some("xml") => "application/xml",
        Some("json") => "application/json",
        Some("txt") => "text/plain",
        Some("html" | "htm") => "text/html",
        Some("pdf") => "application/pdf",
        Some("zip") => "application/zip",
        Some("jpg" | "jpeg") => "image/jpeg",
        Some("png") => "image/png",
        _ => "application/octet-stream",
    }
}

/// Builds the form; bytes of its files are counted in `moved`.
pub(super) fn form(parts: &[Part], moved: &Arc<Moved>) -> Result<wire::Form> {
    // Names as browsers send them: plain UTF-8, which every server reads.
    let mut form = wire::Form::new().percent_encode_noop();
    for part in parts {
        let mut wire_part = match &part.content {
            Content::Text(text) => wire::Part::text(text.clone()),
            Content::Bytes(bytes) => wire::Part::stream(bytes.clone()),
            Content::File(path) => {
                let (body, length) = upload::file(path, moved)?;
                wire::Part::stream_with_length(body, length)
            }
        };
        if let Some(name) = &part.file_name {
            wire_part = wire_part.file_name(escaped(name));
        }
        if let Some(kind) = &part.content_type {
            wire_part = wire_part.mime_str(kind).map_err(|_| {
                Error::new(
                    Code::Argument,
                    bilingual!(
                        "«{kind}» не является типом содержимого (MIME).",
                        "“{kind}” is not a MIME type."
                    ),
                )
            })?;
        }
        form = form.part(escaped(&part.name), wire_part);
    }
    Ok(form)
}

/// A name as browsers write it (WHATWG HTML, multipart/form-data encoding), so that it cannot end the header.
fn escaped(name: &str) -> String {
    name.replace('"', "%22").replace('\r', "%0D").replace('\n', "%0A")
}
