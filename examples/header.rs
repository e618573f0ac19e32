//! Writes the C header of the binary interface from `src/native`: `cargo run --example header > include/obmen.h`.
//!
//! cbindgen knows no calling conventions, so a last step adds them: methods of interfaces are `OBMEN_CALL`
//! (`__stdcall` on Windows x86, nothing elsewhere), the MSVC destructor is `OBMEN_THISCALL`. It also renames
//! `this`, which C++ keeps for itself.

use std::error::Error;
use std::io::Write as _;
use std::path::Path;

/// Goes behind the includes.
const CONVENTIONS: &str = "
/* Calling conventions differ on Windows x86 only. Exports are plain C functions everywhere. */
#if defined(_WIN32) && (defined(_M_IX86) || defined(__i386__))
#define OBMEN_X86 1
#define OBMEN_CALL __stdcall
#define OBMEN_THISCALL __thiscall
#else
#define OBMEN_CALL
#define OBMEN_THISCALL
#endif
";

fn main() -> Result<(), Box<dyn Error>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut config = cbindgen::Config::from_file(root.join("cbindgen.toml"))?;
    config.after_includes = Some(CONVENTIONS.to_owned());
    let native = root.join("src/native");
    let bindings = cbindgen::Builder::new()
        .with_src(native.join("abi.rs"))
        .with_src(native.join("exports.rs"))
        .with_config(config)
        .generate()?;
    let mut header = Vec::new();
    bindings.write(&mut header);
    let header = with_forward_declarations(&with_conventions(&String::from_utf8(header)?));
    std::io::stdout().write_all(header.as_bytes())?;
    Ok(())
}

/// Names every struct before the first one that points to another: interfaces and their vtables point to each other.
fn with_forward_declarations(header: &str) -> String {
    let names = header.lines().filter_map(|line| line.strip_prefix("typedef struct ")?.strip_suffix(" {"));
    let declarations: String = names.map(|name| format!("struct {name};\n")).collect();
    header.replacen(CONVENTIONS, &format!("{CONVENTIONS}\n{declarations}"), 1)
}

/// Adds the conventions to the function pointers, which are all methods of interfaces.
fn with_conventions(header: &str) -> String {
    let mut result = String::with_capacity(header.len());
    for line in header.lines() {
        let convention =
            match (line.contains("(*deleting)") || line.contains("(*complete)"), line.contains("flags")) {
                (false, _) => "OBMEN_CALL *",
                (true, true) => "OBMEN_THISCALL *",
                (true, false) => "*",
            };
        let line = line.replacen("(*", &format!("({convention}"), 1);
        result.push_str(&line.replace("*this", "*self"));
        result.push('\n');
    }
    result
}
