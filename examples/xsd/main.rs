//! Developer's tool: keeps the descriptions of EGAIS documents in step with the official schemas.
//!
//! ```text
//! cargo run --example xsd -- import-xsd DIR OUT    drafts of description files, to be annotated by hand
//! cargo run --example xsd -- compare-xsd DIR       where the descriptions differ from the schemas; 1 if they do
//! ```

mod tool;

use std::path::Path;
use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let result = match words.as_slice() {
        ["import-xsd", folder, out] => import(Path::new(folder), Path::new(out)),
        ["compare-xsd", folder] => compare(Path::new(folder)),
        _ => Err("usage: xsd import-xsd DIR OUT | xsd compare-xsd DIR".to_owned()),
    };
    match result {
        Ok(code) => code,
        Err(message) => {
            eprintln!("{message}");
            ExitCode::from(2)
        }
    }
}

fn import(folder: &Path, out: &Path) -> Result<ExitCode, String> {
    let schemas = tool::load(folder)?;
    std::fs::create_dir_all(out).map_err(|error| format!("{}: {error}", out.display()))?;
    for (name, text) in tool::draft(&schemas)? {
        let path = out.join(format!("{name}.egais"));
        std::fs::write(&path, text).map_err(|error| format!("{}: {error}", path.display()))?;
    }
    Ok(ExitCode::SUCCESS)
}

fn compare(folder: &Path) -> Result<ExitCode, String> {
    let differences = tool::compare(&tool::load(folder)?)?;
    for difference in &differences {
        println!("{difference}");
    }
    println!(
        "{} documents compared, {} differences",
        obmen::egais::model::DOCUMENTS.len(),
        differences.len()
    );
    Ok(if differences.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(1) })
}
