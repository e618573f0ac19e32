//! From file to file in constant memory, for values too large for a string.

use crate::bilingual;
use crate::error::{Code, Error, Result};
use crate::value::convert::rename::RenameFields;
use crate::value::input::Input;
use crate::value::json::{JsonSettings, JsonWriter};
use crate::value::limits::Limits;
use crate::value::open::{Format, open};
use crate::value::output::Utf8Stream;
use crate::value::pump::pump_checked;
use std::collections::HashMap;
use std::fs::File;
use std::path::{Path, PathBuf};

/// What was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FileSummary {
    /// Bytes of the source.
    pub read: u64,
    /// Bytes of the result.
    pub written: u64,
}

/// Turns a file of `ЗначениеВФайл`, or of any other format, into a file with JSON in UTF-8. The result appears
/// under its name only when it is complete; `check` is asked now and then whether to go on.
///
/// # Errors
/// `file` with the path if a file cannot be read or written, `value_text` with the place for a broken source,
/// `unsupported_type` as the settings say, and the error of `check`.
pub fn file_to_json(
    from: &Path,
    to: &Path,
    format: Option<Format>,
    fields: HashMap<String, String>,
    settings: JsonSettings,
    check: &mut dyn FnMut() -> Result<()>,
) -> Result<FileSummary> {
    let source = File::open(from).map_err(|error| unreadable(from, &error))?;
    let read = source.metadata().map_err(|error| unreadable(from, &error))?.len();
    let limits = Limits { bytes: u64::MAX, ..Limits::default() };
    let part = part_of(to);
    let target = File::create(&part).map_err(|error| unwritable(to, &error))?;
    let result = (|| {
        let mut reader = RenameFields::new(open(Input::reader(source).with_limits(limits), format)?, fields);
        let mut writer = JsonWriter::new(Utf8Stream(&target), settings);
        pump_checked(&mut reader, &mut writer, check)?;
        target.sync_all().map_err(|error| unwritable(to, &error))?;
        let written = target.metadata().map_err(|error| unwritable(to, &error))?.len();
        std::fs::rename(&part, to).map_err(|error| unwritable(to, &error))?;
        Ok(FileSummary { read, written })
    })();
    result.map_err(|error: Error| {
        // What was written so far is of no use; that it may stay behind changes nothing in the error.
        let _ = std::fs::remove_file(&part);
        if error.code() == Code::File && error.detail("file").is_none() {
            error.with("file", to.display().to_string())
        } else {
            error
        }
    })
}

fn part_of(to: &Path) -> PathBuf {
    let mut name = to.file_name().unwrap_or_default().to_os_string();
    name.push(".obmen-part");
    to.with_file_name(name)
}

fn unreadable(path: &Path, error: &std::io::Error) -> Error {
    let name = path.display();
    Error::new(
        Code::File,
        bilingual!(
            "Не удалось прочитать файл «{name}»: {error}. Файл должен быть доступен тому компьютеру, где работает компонента.",
            "The file '{name}' cannot be read: {error}. It must be visible on the computer where the add-in runs."
        ),
    )
    .with("file", path.display().to_string())
}

fn unwritable(path: &Path, error: &std::io::Error) -> Error {
    let name = path.display();
    Error::new(
        Code::File,
        bilingual!(
            "Не удалось записать файл «{name}»: {error}.",
            "The file '{name}' cannot be written: {error}."
        ),
    )
    .with("file", path.display().to_string())
}
