//! The C host (`tests/harness`): built with the machine's C compiler, then run on the library.

use super::{root, run, skip};
use serde_json::Value;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

/// The shared library under test: `OBMEN_LIBRARY`, else the one that was built with this test.
pub fn library() -> PathBuf {
    if let Some(path) = std::env::var_os("OBMEN_LIBRARY") {
        return path.into();
    }
    let test = std::env::current_exe().expect("the path of this test");
    let library = test.with_file_name("libobmen.so");
    assert!(library.exists(), "{} is missing", library.display());
    library
}

/// The programs of the harness.
pub struct Programs {
    /// All cases.
    pub tests: PathBuf,
    /// The driver that runs scripts.
    pub host: PathBuf,
}

/// Builds the harness into a folder of its own; `flags` go to the compiler. `None`, after `skip`, without one.
pub fn build(folder: &str, flags: &[&str]) -> Option<Programs> {
    let compiler = std::env::var("CC").unwrap_or_else(|_| "cc".to_owned());
    if Command::new(&compiler).arg("--version").output().is_err() {
        skip("no C compiler");
        return None;
    }
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(folder);
    std::fs::create_dir_all(&folder).expect("a folder");
    let programs = Programs { tests: folder.join("host_tests"), host: folder.join("obmen_host") };
    let cases = ["check", "layout", "cases_life", "cases_members", "cases_values", "cases_memory"];
    let cases = cases
        .into_iter()
        .chain(["cases_errors", "cases_threads", "cases_site", "cases_egais", "cases_http", "cases_json"])
        .collect();
    for (target, sources) in [(&programs.tests, cases), (&programs.host, vec!["driver"])] {
        // Built aside: another test may be running the program.
        let fresh = target.with_extension(std::process::id().to_string());
        let common = ["platform_posix", "utf", "memory_manager", "connection", "host"];
        let sources = common.into_iter().chain(sources);
        let sources = sources.map(|name| root().join("tests/harness").join(name).with_extension("c"));
        run(Command::new(&compiler)
            .args(["-std=gnu11", "-D_GNU_SOURCE", "-O1", "-g", "-Wall", "-Wextra", "-Werror", "-I"])
            .arg(root().join("include"))
            .args(flags)
            .args(sources)
            .arg("-o")
            .arg(&fresh)
            .args(["-ldl", "-lpthread"]));
        std::fs::rename(&fresh, target).expect("the program in its place");
    }
    Some(programs)
}

/// The harness without instruments, or with the compiler flags of `OBMEN_HOST_FLAGS`.
pub fn plain() -> Option<&'static Programs> {
    static PROGRAMS: OnceLock<Option<Programs>> = OnceLock::new();
    PROGRAMS
        .get_or_init(|| match std::env::var("OBMEN_HOST_FLAGS") {
            Ok(flags) => build("harness-own", &flags.split_whitespace().collect::<Vec<_>>()),
            Err(_) => build("harness", &[]),
        })
        .as_ref()
}

/// What a script of the driver did.
#[derive(Debug)]
pub struct Run {
    /// One for each statement: `name`, `ok`, `value`, `errors`.
    pub statements: Vec<Value>,
    /// Events of the add-in: `event`, `source`, `data`.
    pub events: Vec<Value>,
    /// The most memory that the host had at once.
    pub peak_kilobytes: i64,
    /// Everything that was written to standard error.
    pub complaints: String,
}

impl Run {
    /// The value of the last statement called `name`.
    pub fn value(&self, name: &str) -> &Value {
        let statement = self.statements.iter().rev().find(|statement| statement["name"] == name);
        &statement.unwrap_or_else(|| panic!("no statement {name} in {self:?}"))["value"]
    }

    /// The JSON in the text that the last statement called `name` gave.
    pub fn json(&self, name: &str) -> Value {
        let text = self.value(name).as_str().unwrap_or_else(|| panic!("{name} gave no text: {self:?}"));
        serde_json::from_str(text).unwrap_or_else(|error| panic!("{name}: {error}: {text}"))
    }
}

/// Runs statements on an object through the binary interface. The form of statements is told in `driver.c`.
/// Panics when the add-in breaks a rule of the host. `None`, after `skip`, without a C compiler.
pub fn script(options: &[&str], statements: &str) -> Option<Run> {
    let program = plain()?;
    let mut child = Command::new(&program.host)
        .args(options)
        .arg("--library")
        .arg(library())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the driver starts");
    child.stdin.take().expect("piped").write_all(statements.as_bytes()).expect("the script is taken");
    let output = child.wait_with_output().expect("the driver ends");
    let complaints = String::from_utf8_lossy(&output.stderr).into_owned();
    let mut run = Run { statements: Vec::new(), events: Vec::new(), peak_kilobytes: 0, complaints };
    let mut broken = None;
    for line in String::from_utf8_lossy(&output.stdout).lines() {
        let line: Value = serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
        match (&line["broken"], &line["event"]) {
            (Value::Null, Value::Null) => run.statements.push(line),
            (Value::Null, _) => run.events.push(line),
            (number, _) => {
                broken = number.as_u64();
                run.peak_kilobytes = line["peak_kilobytes"].as_i64().unwrap_or_default();
            }
        }
    }
    assert_eq!(broken, Some(0), "{} broke rules of the host: {run:#?}", output.status);
    Some(run)
}

/// A text as a value of the driver's scripts.
pub fn quoted(text: &str) -> String {
    assert!(!text.contains('\n'), "a statement is one line: use @file");
    format!("\"{}\"", text.replace('"', "\"\""))
}
