//! What people wrote about the members of a class.

use obmen::error::Language;
use std::collections::HashMap;
use std::path::Path;

/// Notes by the name of a member; those on the class itself stand under the name of the class.
pub struct Notes {
    file: String,
    by_name: HashMap<String, String>,
}

impl Notes {
    /// Reads `docs/members/CLASS.LANGUAGE.md`; a class without such a file has no notes.
    pub fn read(class: &str, language: Language) -> std::io::Result<Self> {
        let file = format!("docs/members/{class}.{}.md", language.code());
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(&file);
        let text = if path.exists() { std::fs::read_to_string(path)? } else { String::new() };
        let mut by_name = HashMap::new();
        for section in format!("\n{text}").split("\n# ").skip(1) {
            let (name, note) = section.split_once('\n').unwrap_or((section, ""));
            by_name.insert(name.trim().to_owned(), note.trim().to_owned());
        }
        Ok(Self { file, by_name })
    }

    /// Takes the note on a member.
    pub fn take(&mut self, name: &str) -> Option<String> {
        self.by_name.remove(name)
    }

    /// Fails when a note is about nothing.
    pub fn finish(self) -> Result<(), String> {
        match self.by_name.into_keys().min() {
            None => Ok(()),
            Some(name) => Err(format!("{}: the class has no member {name}", self.file)),
        }
    }
}
