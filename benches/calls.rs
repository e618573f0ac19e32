//! What a call through the binary interface costs, beside a component in C that does nothing; load time and size.
//!
//! The library is the one that `OBMEN_LIBRARY` names (as shipped), else the one built with this benchmark.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::Command;

/// An empty call may cost so many times what it costs in the C component.
const CALL_LIMIT: f64 = 3.0;

fn main() -> Result<(), Box<dyn Error>> {
    if std::env::args().any(|argument| argument == "--test") {
        return Ok(());
    }
    let folder = tempfile::tempdir()?;
    let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/calls");
    let peer = folder.path().join("libnothing.so");
    let host = folder.path().join("host");
    compile(&["-shared", "-fPIC"], &sources.join("nothing.c"), &peer)?;
    compile(&[], &sources.join("host.c"), &host)?;

    let library = library()?;
    let output = Command::new(host).arg(&library).arg(peer).output()?;
    let text = String::from_utf8(output.stdout)?;
    let figures: Vec<f64> = text.split_whitespace().map(str::parse).collect::<Result<_, _>>()?;
    let [call, peer_call, find, peer_find, load] = figures[..] else {
        return Err(format!("the host failed: {}", String::from_utf8_lossy(&output.stderr)).into());
    };
    let ratio = call / peer_call;
    println!(
        "empty_call {call:.1} ns [{ratio:.2} of the C component's {peer_call:.1} ns, limit {CALL_LIMIT}]"
    );
    let ratio = find / peer_find;
    println!("find_method {find:.1} ns [{ratio:.2} of the C component's {peer_find:.1} ns, limit 1]");
    println!("library_load {:.2} ms", load / 1e6);
    println!("library_size {:.1} MB", std::fs::metadata(library)?.len() as f64 / 1e6);
    Ok(())
}

fn library() -> Result<PathBuf, Box<dyn Error>> {
    match std::env::var_os("OBMEN_LIBRARY") {
        Some(path) => Ok(path.into()),
        None => Ok(std::env::current_exe()?.with_file_name("libobmen.so")),
    }
}

fn compile(flags: &[&str], source: &Path, target: &Path) -> Result<(), Box<dyn Error>> {
    let compiler = std::env::var("CC").unwrap_or_else(|_| "cc".to_owned());
    let include = Path::new(env!("CARGO_MANIFEST_DIR")).join("include");
    let status = Command::new(compiler)
        .args(["-O2", "-Wall", "-Wextra", "-I"])
        .arg(include)
        .args(flags)
        .arg(source)
        .arg("-o")
        .arg(target)
        .arg("-ldl")
        .status()?;
    if status.success() { Ok(()) } else { Err(format!("{} does not compile", source.display()).into()) }
}
