//! EGAIS documents against what we did not write: the official schemas, real documents, other programs.

mod cases;
mod class;
#[path = "../common/mod.rs"]
mod common;
mod descriptions;
mod differential;
mod generate;
mod hostile;
mod identity;
mod mutate;
mod oracle;
mod patterns;
mod random;
mod ready;
mod recorded;
mod samples;
#[path = "../../examples/xsd/tool/mod.rs"]
mod tool;
mod tree;
mod values;

use std::path::PathBuf;

/// A file or folder of the developers' data folder, which is beside the checkout or where `OBMEN_SHARED` says; `None`,
/// and a word about it, where it is absent.
fn shared(path: &str) -> Option<PathBuf> {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let folder = std::env::var_os("OBMEN_SHARED").map_or_else(|| root.join("../shared"), PathBuf::from);
    let found = folder.join(path);
    if found.exists() {
        return Some(found);
    }
    eprintln!("skipped: {} is not here", found.display());
    None
}
