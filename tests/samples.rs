//! The BSL samples are what 1C programmers copy: they parse with a grammar of the language, their queries with the
//! grammar of the query language, and they use members that the classes really have.

mod common;

use common::root;
use obmen::addin::{Default, Parameter};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use tree_sitter::{Language, Node, Parser, Tree};

/// How samples call the objects of each class.
const VARIABLES: [(&str, &str); 8] = [
    ("КомпонентаСайта", "ObmenSite"),
    ("КомпонентаЕГАИС", "ObmenEgais"),
    ("КомпонентаHTTP", "ObmenHttp"),
    ("КомпонентаJSON", "ObmenJson"),
    ("SiteComponent", "ObmenSite"),
    ("EgaisComponent", "ObmenEgais"),
    ("HttpComponent", "ObmenHttp"),
    ("JsonComponent", "ObmenJson"),
];

/// Name and text of every sample: the modules, and the BSL in the documents.
fn samples() -> Vec<(String, String)> {
    let mut samples = Vec::new();
    for file in modules(&root().join("1c-samples")) {
        samples.push((file.display().to_string(), std::fs::read_to_string(&file).expect("a sample")));
    }
    let documents = [".", "docs", "docs/members", "1c-samples"];
    for file in documents.into_iter().flat_map(|folder| files(folder, "md")) {
        let text = std::fs::read_to_string(&file).expect("a document");
        for (number, block) in text.split("```bsl\n").skip(1).enumerate() {
            let block = block.split("```").next().unwrap_or_default();
            samples.push((format!("{}, BSL {}", file.display(), number + 1), block.to_owned()));
        }
    }
    samples
}

/// The modules in a folder and the folders in it.
fn modules(folder: &Path) -> Vec<PathBuf> {
    let mut modules = Vec::new();
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            modules.append(&mut self::modules(&path));
        } else if path.extension().is_some_and(|found| found == "bsl") {
            modules.push(path);
        }
    }
    modules.sort();
    modules
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

/// A use of a member of a class: name, and if it is a call, whether each argument is given or left empty.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Use {
    class: &'static str,
    member: String,
    arguments: Option<Vec<bool>>,
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
            member = text[name.byte_range()].trim_end_matches("Асинх").trim_end_matches("Async").to_owned();
            arguments = Some(
                node.named_child(1).map_or_else(Vec::new, |list| arguments_of(&text[list.byte_range()])),
            );
        }
        uses.insert(Use { class, member, arguments });
    });
    uses
}

/// Whether each argument in `(1, , F(2, 3), "a, b")` is given.
fn arguments_of(list: &str) -> Vec<bool> {
    let (mut depth, mut quoted, mut arguments) = (0, false, vec![String::new()]);
    for letter in list.chars() {
        quoted ^= letter == '"';
        match letter {
            '(' | '[' if !quoted => depth += 1,
            ')' | ']' if !quoted => depth -= 1,
            ',' if !quoted && depth == 1 => arguments.push(String::new()),
            _ => {}
        }
        if let Some(last) =
            arguments.last_mut().filter(|_| !(depth <= 1 && "(),".contains(letter) && !quoted))
        {
            last.push(letter);
        }
    }
    let given: Vec<bool> = arguments.iter().map(|argument| !argument.trim().is_empty()).collect();
    if given == [false] { Vec::new() } else { given }
}

#[test]
fn uses_of_members_are_found_in_every_position() {
    let text = "КомпонентаСайта.УровеньЖурнала = 1;\nА = Ждать КомпонентаСайта.НастроитьАсинх(1, , 2);\n\
                КомпонентаСайта.Прервать();\nСообщить(КомпонентаСайта.Неотправлено);\nПрочее.Член(1);\n\
                SiteComponent.AddProducts(Ф(1, 2));";
    let found: Vec<_> = uses(text).into_iter().map(|used| (used.member, used.arguments)).collect();
    let expected = [
        ("AddProducts", Some(vec![true])),
        ("Настроить", Some(vec![true, false, true])),
        ("Неотправлено", None),
        ("Прервать", Some(vec![])),
        ("УровеньЖурнала", None),
    ];
    assert_eq!(found, expected.map(|(member, arguments)| (member.to_owned(), arguments)));
}

fn is_mandatory(parameter: &Parameter) -> bool {
    matches!(parameter.default, Default::Required | Default::RequiredValue)
}

/// What is wrong with a use of a member, by the declaration of its class.
fn wrong(used: &Use) -> Option<String> {
    let Some(class) = obmen::classes::all().iter().find(|class| class.name() == used.class) else {
        return Some("there is no such class".to_owned());
    };
    let Some(given) = &used.arguments else {
        let mut properties = class.properties().into_iter().map(|property| property.declaration);
        let known = properties.any(|property| [property.ru, property.en].contains(&used.member.as_str()));
        return (!known).then(|| "there is no such property, letter case and all".to_owned());
    };
    let mut methods = class.methods().into_iter().map(|method| method.signature);
    let Some(method) = methods.find(|method| [method.ru, method.en].contains(&used.member.as_str())) else {
        return Some("there is no such method, letter case and all".to_owned());
    };
    if given.len() > method.parameters.len() {
        return Some(format!("it takes {} arguments", method.parameters.len()));
    }
    let mut parameters = method.parameters.iter().enumerate();
    let missing = parameters.find(|(number, parameter)| {
        is_mandatory(parameter) && !given.get(*number).is_some_and(|given| *given)
    });
    missing.map(|(_, parameter)| format!("the mandatory {} is missing", parameter.ru))
}

#[test]
fn samples_use_members_that_the_classes_have() {
    let mut seen = 0;
    for (name, text) in samples() {
        for used in uses(&text) {
            assert_eq!(wrong(&used), None, "{name}: {used:?}");
            seen += 1;
        }
    }
    assert!(seen >= 50, "{seen}");
}

#[test]
fn a_wrong_use_of_a_member_is_noticed() {
    for (member, arguments) in [
        ("ДобавитьТовар", Some(vec![true, true])),
        ("ДобавитьТовар", Some(vec![true, false, true])),
        ("ДобавитьТовар", Some(vec![true; 9])),
        ("ДобавитьТовары", None),
        ("Добавить", Some(vec![true])),
        ("Таймаут", Some(vec![])),
    ] {
        let used = Use { class: "ObmenSite", member: member.to_owned(), arguments };
        assert!(wrong(&used).is_some(), "{used:?}");
    }
}
