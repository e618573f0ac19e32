//! Link arguments of the shared library, and the tables of EGAIS documents.

#[path = "build/descriptions/mod.rs"]
mod descriptions;

use std::path::Path;

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-env-changed=OBMEN_WINDOWS_RESOURCE");
    if std::env::var("CARGO_CFG_TARGET_OS").as_deref() == Ok("linux") {
        // The library stays loaded: threads of the HTTP runtime may outlive the last object.
        println!("cargo:rustc-cdylib-link-arg=-Wl,-z,nodelete");
    }
    // The version resource, an object file that the bundle scripts compile; builds for developers go without.
    if let Ok(object) = std::env::var("OBMEN_WINDOWS_RESOURCE") {
        println!("cargo:rerun-if-changed={object}");
        println!("cargo:rustc-cdylib-link-arg={object}");
    }
    compile_descriptions();
}

fn compile_descriptions() {
    println!("cargo:rerun-if-changed=build");
    println!("cargo:rerun-if-changed=src/egais/descriptions");
    let target = std::env::var_os("OUT_DIR").unwrap_or_default();
    let target = Path::new(&target).join("descriptions.rs");
    if let Err(message) = descriptions::compile(Path::new("src/egais/descriptions"), &target) {
        eprintln!("{message}");
        std::process::exit(1);
    }
}
