//! What the documents promise about the project itself: links lead somewhere, every dependency has its reason.

mod common;

use common::root;
use obmen::error::{Code, Language};
use std::path::{Path, PathBuf};

fn documents() -> Vec<PathBuf> {
    let folders = [".", "docs", "docs/members", "1c-samples", "tests/harness", "src/egais/descriptions"];
    let mut documents = Vec::new();
    for folder in folders {
        for entry in std::fs::read_dir(root().join(folder)).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.extension().is_some_and(|extension| extension == "md") {
                documents.push(path);
            }
        }
    }
    documents
}

/// Targets of `[text](target)`, without those that lead out of the project.
fn links(text: &str) -> Vec<String> {
    let mut inside_code = false;
    let mut links = Vec::new();
    for line in text.lines() {
        inside_code ^= line.starts_with("```");
        if inside_code {
            continue;
        }
        for after in line.split("](").skip(1) {
            let target = after.split(')').next().unwrap_or_default();
            if !target.contains("://") {
                links.push(target.to_owned());
            }
        }
    }
    links
}

#[test]
fn every_link_leads_somewhere() {
    let mut seen = 0;
    for document in documents() {
        // What stands in docs/members is shown on a page in docs.
        let base = if document.parent().is_some_and(|folder| folder.ends_with("members")) {
            root().join("docs")
        } else {
            document.parent().map(Path::to_path_buf).unwrap_or_default()
        };
        for link in links(&std::fs::read_to_string(&document).expect("a document")) {
            let file = link.split('#').next().unwrap_or_default();
            assert!(file.is_empty() || base.join(file).exists(), "{}: {link}", document.display());
            seen += 1;
        }
    }
    assert!(seen >= 20, "{seen}");
}

#[test]
fn every_dependency_has_its_reason() {
    let manifest = std::fs::read_to_string(root().join("Cargo.toml")).expect("the manifest");
    let reasons = std::fs::read_to_string(root().join("docs/architecture.md")).expect("the document");
    let reasons = reasons.split("## Dependencies").nth(1).expect("a section about dependencies");
    let words: Vec<&str> =
        reasons.split(|letter: char| !(letter.is_alphanumeric() || "-_".contains(letter))).collect();
    let mut section = "";
    let mut seen = 0;
    for line in manifest.lines() {
        if line.starts_with('[') {
            section = line;
        } else if section.ends_with("dependencies]")
            && let Some((name, _)) = line.split_once(" = ")
        {
            assert!(words.contains(&name), "{name} has no reason in docs/architecture.md");
            seen += 1;
        }
    }
    assert!(seen >= 30, "{seen}");
}

#[test]
fn help_tells_what_every_error_code_means_in_both_languages() {
    for class in obmen::classes::all() {
        for code in Code::ALL {
            let [ru, en] = [Language::Russian, Language::English]
                .map(|language| class.help(code.as_str(), language).expect("help on a code"));
            assert!(ru.starts_with(code.as_str()) && ru.ends_with('.') && en.ends_with('.'), "{ru} {en}");
            assert!(ru.contains(|letter| ('а'..='я').contains(&letter)), "{ru}");
            assert!(!en.contains(|letter| ('а'..='я').contains(&letter)), "{en}");
        }
    }
}
