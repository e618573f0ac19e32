//! What SQLite reports, in the words of this library.

use crate::bilingual;
use crate::error::{Category, Code, Error};
use rusqlite::ErrorCode;

/// Turns an error of SQLite into ours.
pub(super) fn from_sqlite(error: rusqlite::Error) -> Error {
    let text = error.to_string();
    match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Error::new(
            Code::Busy,
            bilingual!(
                "Хранилище обмена занято другим процессом дольше допустимого. Повторите вызов.",
                "Another process has held the exchange store for too long. Repeat the call."
            ),
        ),
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => damaged(&text),
        Some(ErrorCode::DiskFull) => Error::new(
            Code::Storage,
            bilingual!(
                "На диске хранилища обмена нет места ({text}). Освободите место и повторите вызов: принятое ранее сохранено.",
                "The disk of the exchange store is full ({text}). Free some space and repeat the call: what was accepted is kept."
            ),
        )
        .with_category(Category::Temporary),
        Some(ErrorCode::OutOfMemory) => Error::new(
            Code::Memory,
            bilingual!("Не хватает памяти для работы с хранилищем.", "Not enough memory for the store."),
        ),
        Some(ErrorCode::ReadOnly | ErrorCode::PermissionDenied | ErrorCode::CannotOpen) => Error::new(
            Code::Storage,
            bilingual!(
                "Файл хранилища обмена не открывается для записи ({text}). Проверьте путь, права пользователя, под которым работает 1С, и что папка существует.",
                "The file of the exchange store cannot be opened for writing ({text}). Check the path, the rights of the user 1C runs as, and that the folder exists."
            ),
        ),
        _ => Error::new(
            Code::Storage,
            bilingual!("Ошибка хранилища обмена: {text}.", "The exchange store failed: {text}."),
        ),
    }
}

/// The error of a file whose content is not what it should be.
pub(super) fn damaged(what: &str) -> Error {
    Error::new(
        Code::Storage,
        bilingual!(
            "Файл хранилища обмена повреждён или не является им ({what}). Файл не изменён. Остановите обмен, сохраните копию файла вместе с файлами -wal и -shm, восстановите его из резервной копии или средством sqlite3 (.recover) либо укажите новый файл.",
            "The file of the exchange store is damaged or is not one ({what}). It was not changed. Stop the exchange, copy the file together with its -wal and -shm files, restore it from a backup or by sqlite3 (.recover), or name a new file."
        ),
    )
}

/// A text in the store that this version does not know.
pub(super) fn unknown_name(column: &str, value: &str) -> Error {
    damaged(&format!("{column} = {value}"))
}
