//! What several integration tests share: tools of the machine, the Django site, the fault proxy.

#![allow(dead_code)] // every test takes its own part

pub mod host;
pub mod proxy;
pub mod server;
pub mod site;
pub mod story;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

/// The package root.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A file of the developers' optional data folder, if it is there.
pub fn shared(path: &str) -> Option<PathBuf> {
    let folder = std::env::var_os("OBMEN_SHARED").map_or_else(|| root().join("../shared"), PathBuf::from);
    let file = folder.join(path);
    file.exists().then_some(file)
}

/// Says that a test cannot run here. Fails when `OBMEN_REQUIRE` is set, as the project's test command does.
pub fn skip(why: &str) {
    assert!(std::env::var_os("OBMEN_REQUIRE").is_none(), "cannot run: {why}");
    println!("skipped: {why}");
}

/// Says that a test cannot run without the developers' optional data folder, which users do not have.
pub fn skip_without_data(what: &str) {
    println!("skipped: {what} are in the developers' data folder (OBMEN_SHARED), which is not here");
}

/// A Python with Django and gunicorn; `None`, after `skip`, where none can be made.
pub fn python() -> Option<&'static Path> {
    static PYTHON: OnceLock<Option<PathBuf>> = OnceLock::new();
    PYTHON.get_or_init(|| python_with("tests/site/requirements.txt")).as_deref()
}

/// A Python with what a requirements file of the package names; `None`, after `skip`, where none can be made.
pub fn python_with(requirements: &str) -> Option<PathBuf> {
    let output = Command::new("sh")
        .arg(root().join("scripts/venv.sh"))
        .arg(root().join(requirements))
        .output()
        .expect("a shell");
    if output.status.success() {
        return Some(PathBuf::from(String::from_utf8_lossy(&output.stdout).trim()));
    }
    skip(&format!("no Python with {requirements}: {}", String::from_utf8_lossy(&output.stderr)));
    None
}

/// Runs a command and returns its output; panics with everything it said when it fails.
pub fn run(command: &mut Command) -> String {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let complained = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {}\n{said}\n{complained}", output.status);
    said
}
