//! Where a store file may lie: on a local disk, because WAL needs memory shared by all processes that use it.

use crate::bilingual;
use crate::error::{Code, Error, Result};
use std::path::{Component, Path, PathBuf, Prefix};

/// The absolute path of a store file, after the checks that need no file.
pub(super) fn resolve(path: &Path) -> Result<PathBuf> {
    if path.as_os_str().is_empty() {
        return Err(super::no_store());
    }
    refuse_network(path)?;
    let Some(name) = path.file_name() else {
        return Err(not_a_file(path));
    };
    if path.is_dir() {
        return Err(not_a_file(path));
    }
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    // Links and mapped drives show their real place only here.
    let folder = folder.canonicalize().map_err(|error| {
        Error::new(
            Code::Storage,
            bilingual!(
                "Папка файла хранилища недоступна ({error}). Создайте её и дайте права пользователю, под которым работает 1С.",
                "The folder of the store file is not available ({error}). Create it and give rights to the user 1C runs as."
            ),
        )
        .with("path", shown(folder))
    })?;
    refuse_network(&folder)?;
    let full = folder.join(name);
    let real = full.canonicalize().unwrap_or(full);
    refuse_network(&real)?;
    Ok(real)
}

/// A path for messages.
pub(super) fn shown(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

/// The error of a file system on which SQLite cannot use WAL.
pub(super) fn wal_refused() -> Error {
    Error::new(
        Code::Storage,
        bilingual!(
            "Файловая система не поддерживает журнал WAL. Поместите файл хранилища на локальный диск.",
            "The file system does not support WAL. Put the store file on a local disk."
        ),
    )
}

fn not_a_file(path: &Path) -> Error {
    let shown = shown(path);
    Error::new(
        Code::Argument,
        bilingual!(
            "Путь «{shown}» не может быть файлом хранилища: укажите имя файла.",
            "The path \"{shown}\" cannot be a store file: name a file."
        ),
    )
}

fn refuse_network(path: &Path) -> Result<()> {
    if is_network(path) {
        let shown = shown(path);
        return Err(Error::new(
            Code::Argument,
            bilingual!(
                "Путь «{shown}» сетевой. Хранилищу нужен локальный диск: журнал WAL по сети не работает.",
                "The path \"{shown}\" is on a network. The store needs a local disk: WAL does not work over a network."
            ),
        )
        .with("path", shown));
    }
    Ok(())
}

fn is_network(path: &Path) -> bool {
    let text = path.to_string_lossy();
    if text.starts_with(r"\\") && !text.starts_with(r"\\?\") && !text.starts_with(r"\\.\") {
        return true;
    }
    if text.to_ascii_uppercase().starts_with(r"\\?\UNC\") {
        return true;
    }
    if let Some(Component::Prefix(prefix)) = path.components().next()
        && matches!(prefix.kind(), Prefix::UNC(..) | Prefix::VerbatimUNC(..))
    {
        return true;
    }
    // `//server/share` means a share on Windows only.
    if cfg!(windows) && text.starts_with("//") {
        return true;
    }
    mounted_from_network(path)
}

#[cfg(target_os = "linux")]
fn mounted_from_network(path: &Path) -> bool {
    if !path.is_absolute() {
        return false;
    }
    // A system without /proc tells nothing; then SQLite's own refusal of WAL is what remains.
    std::fs::read_to_string("/proc/self/mountinfo")
        .is_ok_and(|table| file_system_of(path, &table).is_some_and(is_network_file_system))
}

#[cfg(not(target_os = "linux"))]
fn mounted_from_network(_path: &Path) -> bool {
    false
}

/// The type of the file system that holds `path`, by a table in the form of `/proc/self/mountinfo` (proc(5)).
#[cfg(any(target_os = "linux", test))]
fn file_system_of<'t>(path: &Path, table: &'t str) -> Option<&'t str> {
    let mut best: Option<(usize, &str)> = None;
    for line in table.lines() {
        let Some((left, right)) = line.split_once(" - ") else { continue };
        let (Some(point), Some(kind)) = (left.split(' ').nth(4), right.split(' ').next()) else { continue };
        let point = unescape(point);
        let depth = Path::new(&point).components().count();
        // Later mounts on the same point hide earlier ones.
        if path.starts_with(&point) && best.is_none_or(|(deepest, _)| depth >= deepest) {
            best = Some((depth, kind));
        }
    }
    best.map(|(_, kind)| kind)
}

#[cfg(any(target_os = "linux", test))]
fn unescape(text: &str) -> String {
    text.replace("\\040", " ").replace("\\011", "\t").replace("\\012", "\n").replace("\\134", "\\")
}

#[cfg(any(target_os = "linux", test))]
fn is_network_file_system(kind: &str) -> bool {
    const NETWORK: &[&str] = &[
        "nfs",
        "nfs3",
        "nfs4",
        "cifs",
        "smb3",
        "smbfs",
        "smb2",
        "ncpfs",
        "afs",
        "coda",
        "9p",
        "glusterfs",
        "ceph",
        "lustre",
        "davfs",
        "webdav",
        "gpfs",
        "beegfs",
        "ocfs2",
        "gfs2",
    ];
    let kind = kind.to_ascii_lowercase();
    NETWORK.contains(&kind.as_str())
        || [
            "fuse.sshfs",
            "fuse.davfs",
            "fuse.glusterfs",
            "fuse.ceph",
            "fuse.smb",
            "fuse.nfs",
            "fuse.curlftpfs",
        ]
        .iter()
        .any(|prefix| kind.starts_with(prefix))
}

/// Which file was opened: on Unix a deleted or replaced file stays open, and what is written to it would be lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct FileIdentity(Option<(u64, u64)>);

impl FileIdentity {
    pub(super) fn of(path: &Path) -> Result<Self> {
        std::fs::metadata(path).map(|metadata| Self(identity(&metadata))).map_err(|error| {
            Error::new(
                Code::Storage,
                bilingual!(
                    "Файл хранилища обмена недоступен: {error}.",
                    "The file of the exchange store is not available: {error}."
                ),
            )
        })
    }

    /// Fails if the path no longer leads to the file that was opened.
    pub(super) fn confirm(self, path: &Path) -> Result<()> {
        if Self::of(path)? == self {
            return Ok(());
        }
        Err(Error::new(
            Code::Storage,
            bilingual!(
                "Файл хранилища обмена заменён другим, пока он открыт. Создайте объект компоненты заново.",
                "The file of the exchange store was replaced while it is open. Create the object anew."
            ),
        ))
    }
}

#[cfg(unix)]
fn identity(metadata: &std::fs::Metadata) -> Option<(u64, u64)> {
    use std::os::unix::fs::MetadataExt;
    Some((metadata.dev(), metadata.ino()))
}

#[cfg(not(unix))]
fn identity(_metadata: &std::fs::Metadata) -> Option<(u64, u64)> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn network_paths_are_refused_before_anything_is_touched() {
        for path in [r"\\server\share\obmen.db", r"\\?\UNC\server\share\obmen.db"] {
            let error = resolve(Path::new(path)).err();
            assert_eq!(error.map(|error| error.code()), Some(Code::Argument), "{path}");
        }
    }

    #[test]
    fn the_deepest_mount_decides() {
        let table = "22 1 8:1 / / rw - ext4 /dev/sda1 rw\n\
                     30 22 0:40 / /mnt/share\\040one rw shared:1 - cifs //server/share rw\n\
                     31 30 8:2 / /mnt/share\\040one/local rw - xfs /dev/sdb1 rw\n";
        let kind = |path: &str| file_system_of(Path::new(path), table);
        assert_eq!(kind("/var/obmen.db"), Some("ext4"));
        assert_eq!(kind("/mnt/share one/obmen.db"), Some("cifs"));
        assert_eq!(kind("/mnt/share one/local/obmen.db"), Some("xfs"));
        assert_eq!(kind("/mnt/share oneself/obmen.db"), Some("ext4"));
        assert!(is_network_file_system("cifs") && is_network_file_system("fuse.sshfs"));
        assert!(!is_network_file_system("fuse.ntfs-3g"));
    }

    #[test]
    fn a_folder_or_a_missing_folder_is_refused() {
        let folder = std::env::temp_dir();
        assert_eq!(resolve(&folder).err().map(|error| error.code()), Some(Code::Argument));
        let missing = folder.join("obmen-no-such-folder").join("obmen.db");
        assert_eq!(resolve(&missing).err().map(|error| error.code()), Some(Code::Storage));
        assert_eq!(resolve(Path::new("")).err().map(|error| error.code()), Some(Code::Argument));
    }
}
