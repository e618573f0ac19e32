//! The compiler of document descriptions: `src/egais/descriptions/*.egais` → static tables in `OUT_DIR`.

mod ast;
mod automaton;
mod emit;
mod parse;
mod symbols;
mod unique;

use parse::{Caption, Source};

use std::path::Path;

/// Compiles all descriptions in `folder` into `target`.
pub fn compile(folder: &Path, target: &Path) -> Result<(), String> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(|error| format!("{}: {error}", folder.display()))? {
        let path = entry.map_err(|error| error.to_string())?.path();
        if path.extension().is_some_and(|extension| extension == "egais") {
            files.push(path);
        }
    }
    files.sort();
    let (mut sections, mut families, mut captions) = (Vec::new(), Vec::new(), Vec::<Caption>::new());
    for path in files {
        let text = std::fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
        let file = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let parsed = parse::parse(&Source { file, text: &text })?;
        let family = file.trim_end_matches(".egais").to_owned();
        families.extend(std::iter::repeat_n(family, parsed.namespaces.len()));
        sections.extend(parsed.namespaces);
        captions.extend(parsed.captions);
    }
    let source = emit::emit(&sections, &families, &captions)?;
    std::fs::write(target, source).map_err(|error| format!("{}: {error}", target.display()))
}
