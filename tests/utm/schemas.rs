//! Validation by xmllint with the official schemas, where both are present.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

/// Why a document is refused; `None` if it is valid or cannot be judged here.
pub fn refusal(folder: &Path, schema: &str, xml: &[u8]) -> Option<String> {
    let schema = folder.join(schema);
    if !schema.exists() {
        return None;
    }
    let mut child = Command::new("xmllint")
        .args(["--noout", "--nonet", "--schema"])
        .arg(&schema)
        .arg("-")
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .ok()?;
    let mut input = child.stdin.take()?;
    let bytes = xml.to_vec();
    let writer = std::thread::spawn(move || input.write_all(&bytes));
    let output = child.wait_with_output().ok()?;
    let _ = writer.join();
    // 0: valid, 3: not valid, 1: not well formed; the rest says nothing about the document.
    match output.status.code() {
        Some(1 | 3) => {
            let text = String::from_utf8_lossy(&output.stderr);
            Some(text.lines().next().unwrap_or("not valid").to_owned())
        }
        _ => None,
    }
}

/// True if documents can be validated with the schemas of this folder.
pub fn available(folder: &Path) -> bool {
    folder.join("WB_DOC_SINGLE_01.xsd").exists()
        && Command::new("xmllint")
            .arg("--version")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()
            .is_ok()
}
