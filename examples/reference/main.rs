//! Writes the reference from the declaration tables: `cargo run --example reference -- FOLDER` makes
//! `reference.ru.md`, `reference.en.md` and `error-codes.md` there.
//!
//! What a table cannot say, such as the members of a JSON object or a longer example, stands in
//! `docs/members/CLASS.LANGUAGE.md` under the name of the member, and is put where it belongs.

mod classes;
mod codes;
mod notes;

use obmen::error::Language;
use std::error::Error;
use std::path::PathBuf;

fn main() -> Result<(), Box<dyn Error>> {
    let folder = PathBuf::from(std::env::args().nth(1).ok_or("the folder to write to is missing")?);
    std::fs::create_dir_all(&folder)?;
    for language in [Language::Russian, Language::English] {
        let page = classes::page(language)?;
        std::fs::write(folder.join(format!("reference.{}.md", language.code())), page)?;
    }
    std::fs::write(folder.join("error-codes.md"), codes::page())?;
    Ok(())
}
