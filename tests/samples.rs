//! The BSL samples are what 1C programmers copy: they parse with a grammar of the language, their queries with the
//! grammar of the query language, and they use members that the classes really have.

mod common;

use common::{host, root};
use std::collections::BTreeSet;
use std::path::PathBuf;
use tree_sitter::{Language, Node, Parser, Tree};

/// How samples call the objects of each class.
const VARIABLES: [(&str, &str); 4] = [
    ("КомпонентаСайта", "ObmenSite"),
    ("КомпонентаЕГАИС", "ObmenEgais"),
    ("КомпонентаHTTP", "ObmenHttp"),
    ("КомпонентаJSON", "ObmenJson"),
];

/// Name and text of every sample: the modules, and the BSL in the documents.
fn samples() -> Vec<(String, String)> {
    let mut samples = Vec::new();
    for file in files("1c-samples", "bsl") {
        samples.push((file.display().to_string(), std::fs::read_to_string(&file).expect("a sample")));
    }
    for file in files(".", "md").into_iter().chain(files("docs", "md")) {
        let text = std::fs::read_to_string(&file).expect("a document");
        for (number, block) in text.split("```bsl\n").skip(1).enumerate() {
            let block = block.split("```").next().unwrap_or_default();
            samples.push((format!("{}, BSL {}", file.display(), number + 1), block.to_owned()));
        }
    }
    samples
}

fn files(folder: &str, extension: &str) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(root().join(folder)) else { return Vec::new() };
    let paths = entries.map(|entry| entry.expect("an entry").path());
    let mut files: Vec<_> =
        paths.filter(|path| path.extension().is_some_and(|found| found == extension)).collect();
    files.sort();
    files
}

fn parse(language: Language, text: &str) -> Tree {
    let mut parser = Parser::new();
    parser.set_language(&language).expect("the grammar");
    parser.parse(text, None).expect("a tree")
}

/// Visits every node.
fn walk<'tree>(node: Node<'tree>, visit: &mut impl FnMut(Node<'tree>)) {
    visit(node);
    let mut cursor = node.walk();
    for child in node.children(&mut cursor).collect::<Vec<_>>() {
        walk(child, visit);
    }
}

fn complaints(tree: &Tree, text: &str) -> Vec<String> {
    let mut complaints = Vec::new();
    walk(tree.root_node(), &mut |node| {
        if node.is_error() || node.is_missing() {
            let start = node.start_position();
            let line = text.lines().nth(start.row).unwrap_or_default();
            complaints.push(format!("line {}: {} in {line}", start.row + 1, node.kind()));
        }
    });
    complaints
}

#[test]
fn every_sample_parses() {
    let samples = samples();
    assert!(samples.len() >= 4, "{samples:?}");
    for (name, text) in samples {
        let tree = parse(tree_sitter_bsl::LANGUAGE.into(), &text);
        let complaints = complaints(&tree, &text);
        assert!(complaints.is_empty(), "{name}: {complaints:#?}");
    }
}

#[test]
fn every_query_in_a_sample_parses() {
    let mut queries = 0;
    for (name, text) in samples() {
        for literal in text.split('"').skip(1).step_by(2).filter(|literal| literal.starts_with("ВЫБРАТЬ"))
        {
            let query: Vec<_> =
                literal.lines().map(|line| line.trim_start().trim_start_matches('|')).collect();
            let query = query.join("\n");
            let tree = parse(tree_sitter_bsl::SDBL_LANGUAGE.into(), &query);
            let complaints = complaints(&tree, &query);
            assert!(complaints.is_empty(), "{name}: {complaints:#?}\n{query}");
            queries += 1;
        }
    }
    assert!(queries >= 3);
}

/// A use of a member of a class: name, and the number of arguments if it is a call.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Use {
    class: &'static str,
    member: String,
    arguments: Option<usize>,
}

fn uses(text: &str) -> BTreeSet<Use> {
    let tree = parse(tree_sitter_bsl::LANGUAGE.into(), text);
    let mut uses = BTreeSet::new();
    walk(tree.root_node(), &mut |node| {
        let (is_call, is_property) = (node.kind() == "method_call", node.kind() == "property");
        let Some(owner) = node.prev_named_sibling().filter(|_| is_call || is_property) else { return };
        let owner = &text[owner.byte_range()];
        let Some((_, class)) = VARIABLES.iter().find(|(variable, _)| *variable == owner) else { return };
        let mut member = text[node.byte_range()].to_owned();
        let mut arguments = None;
        if is_call {
            let name = node.named_child(0).expect("the name of a method");
            member = text[name.byte_range()].trim_end_matches("Асинх").to_owned();
            arguments = Some(node.named_child(1).map_or(0, |list| list.named_child_count()));
        }
        uses.insert(Use { class, member, arguments });
    });
    uses
}

#[test]
fn uses_of_members_are_found_in_every_position() {
    let text = "КомпонентаСайта.УровеньЖурнала = 1;\nА = Ждать КомпонентаСайта.НастроитьАсинх(1, , 2);\n\
                КомпонентаСайта.Прервать();\nСообщить(КомпонентаСайта.Неотправлено);\nПрочее.Член(1);";
    let found: Vec<_> = uses(text).into_iter().map(|used| (used.member, used.arguments)).collect();
    let expected =
        [("Настроить", Some(3)), ("Неотправлено", None), ("Прервать", Some(0)), ("УровеньЖурнала", None)];
    assert_eq!(found, expected.map(|(member, arguments)| (member.to_owned(), arguments)));
}

/// The add-in itself says what it has: its help on a method begins with `Имя(Параметр, Параметр = …)`.
#[test]
fn samples_use_members_that_the_classes_have() {
    let uses: BTreeSet<Use> = samples().iter().flat_map(|(_, text)| uses(text)).collect();
    assert!(uses.len() >= 10, "{uses:?}");
    for (_, class) in VARIABLES {
        let wanted: Vec<_> = uses.iter().filter(|used| used.class == class).collect();
        if wanted.is_empty() {
            continue;
        }
        let script: String = wanted.iter().map(|used| format!("Справка(\"{}\")\n", used.member)).collect();
        let Some(run) = host::script(&["--class", class], &script) else { return };
        for (used, answer) in wanted.iter().zip(&run.statements) {
            let help = answer["value"].as_str().unwrap_or_else(|| panic!("{used:?}: {answer}"));
            let declared = help.split([' ', '(']).next().unwrap_or_default();
            assert_eq!(declared, used.member, "letter case and all");
            let Some(given) = used.arguments else { continue };
            let list = help.split_once('(').and_then(|(_, rest)| rest.split_once(')')).expect("a method").0;
            let parameters = if list.is_empty() { 0 } else { list.split(", ").count() };
            assert!(given <= parameters, "{used:?} gives more than {list}");
        }
    }
}
