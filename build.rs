//! Link arguments of the shared library.

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    if std::env::var("CARGO_CFG_TARGET_OS").as_deref() == Ok("linux") {
        // The library stays loaded: threads of the HTTP runtime may outlive the last object.
        println!("cargo:rustc-cdylib-link-arg=-Wl,-z,nodelete");
    }
}
