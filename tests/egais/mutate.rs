//! Single faults: one thing in a valid document is changed.

use crate::random::Random;
use crate::tree::{Child, Node};
use crate::values;
use obmen::egais::model::{DOCUMENTS, Kind, NAMESPACES, Value};
use std::collections::HashSet;

/// A changed document and what was done to it.
#[derive(Debug, Clone)]
pub struct Mutant {
    /// What was done, where.
    pub what: String,
    /// The document.
    pub root: Node,
    /// The value that was put in place of another, and its type.
    pub value: Option<(&'static Value, String)>,
}

/// Breaks every limit of every value of `root` whose type was not seen before.
pub fn values_of(root: &Node, seen: &mut HashSet<(usize, &'static str)>, random: &mut Random) -> Vec<Mutant> {
    let mut leaves = Vec::new();
    root.visit(&mut Vec::new(), &mut |node, way| {
        if let Some(kind) = node.value_type() {
            leaves.push((
                way.to_vec(),
                node.name.clone(),
                node.element.map_or(0, |element| std::ptr::from_ref(element) as usize),
                kind,
                node.text(),
            ));
        }
    });
    let mut mutants = Vec::new();
    for (way, name, element, kind, text) in leaves {
        for (what, value) in values::doubtful(kind, &text, random) {
            // Edges are many: one of a kind is enough in one document.
            if what != "edge" && what != "one sign of a code" && !seen.insert((element, what)) {
                continue;
            }
            if (what == "edge" || what == "one sign of a code") && !random.chance(4) {
                continue;
            }
            let mut root = root.clone();
            if let Some(node) = root.at(&way) {
                node.attributes.clear();
                node.set_text(&value);
            }
            mutants.push(Mutant {
                what: format!("{name}: {what} {value:?}"),
                root,
                value: Some((kind, value)),
            });
        }
    }
    mutants
}

/// One random fault.
pub fn random_fault(root: &Node, random: &mut Random) -> Option<Mutant> {
    let mut ways: Vec<Vec<usize>> = Vec::new();
    root.visit(&mut Vec::new(), &mut |_, way| ways.push(way.to_vec()));
    let way = random.pick(&ways).clone();
    let mut mutant = root.clone();
    let node = mutant.at(&way)?;
    let name = node.name.clone();
    let what = change(node, random)?;
    Some(Mutant { what: format!("{name}: {what}"), root: mutant, value: None })
}

fn change(node: &mut Node, random: &mut Random) -> Option<&'static str> {
    let is_leaf = node.element.is_some_and(|element| !matches!(element.kind, Kind::Complex(_)));
    let count = node.children.len();
    Some(match random.below(17) {
        0 | 1 if !is_leaf && count > 0 => {
            node.children.remove(random.below(count));
            "a child is missing"
        }
        2 if !is_leaf => {
            let extra = Node {
                name: "Extra".to_owned(),
                namespace: node.namespace.clone(),
                attributes: Vec::new(),
                children: Vec::new(),
                element: None,
            };
            node.children.insert(random.below(count + 1), Child::Node(extra));
            "an unknown child"
        }
        3 if !is_leaf && count > 0 => {
            let copy = node.children[random.below(count)].clone();
            node.children.insert(random.below(count + 1), copy);
            "a child stands twice"
        }
        4 | 5 if !is_leaf && count > 1 => {
            let place = random.below(count - 1);
            node.children.swap(place, place + 1);
            "two children have changed places"
        }
        6 => {
            node.namespace = match random.below(3) {
                0 => String::new(),
                1 => "urn:other".to_owned(),
                _ => random.pick(NAMESPACES).uri.to_owned(),
            };
            "another namespace"
        }
        7 => {
            node.attributes.push(("extra".to_owned(), "1".to_owned()));
            "an unknown attribute"
        }
        8 if !is_leaf => {
            node.children.insert(
                random.below(count + 1),
                Child::Text((*random.pick(&["x", " ", "\n\t", "\u{a0}"])).to_owned()),
            );
            "text between children"
        }
        9 if !node.attributes.iter().any(|(name, _)| name == "xsi:nil") => {
            node.attributes
                .push(("xsi:nil".to_owned(), (*random.pick(&["true", "1", "false", "x"])).to_owned()));
            if random.chance(50) {
                node.children.clear();
            }
            "xsi:nil"
        }
        10 => {
            node.name = match random.below(3) {
                0 => node.name.to_lowercase(),
                1 => format!("{}x", node.name),
                _ => node.name.to_uppercase(),
            };
            "another name"
        }
        11 => {
            node.children.clear();
            "emptied"
        }
        12 if is_leaf => {
            let inner = Node {
                name: "Inner".to_owned(),
                namespace: node.namespace.clone(),
                attributes: Vec::new(),
                children: Vec::new(),
                element: None,
            };
            node.children.push(Child::Node(inner));
            "a child inside a value"
        }
        13 => attribute(node, random)?,
        14 => sibling(node, random)?,
        15 | 16 => same_value(node, random)?,
        _ => return None,
    })
}

fn attribute(node: &mut Node, random: &mut Random) -> Option<&'static str> {
    let Some(Kind::Complex(complex)) = node.element.map(|element| element.kind) else { return None };
    let description =
        if complex.attributes.is_empty() { return None } else { random.pick(complex.attributes) };
    let place = node.attributes.iter().position(|(name, _)| name == description.name)?;
    if random.chance(30) {
        node.attributes.remove(place);
        return Some("an attribute is missing");
    }
    let good = node.attributes[place].1.clone();
    let doubtful = values::doubtful(description.value, &good, random);
    node.attributes[place].1 = random.pick(&doubtful).1.clone();
    Some("an attribute has another value")
}

/// A child that the type knows is added where it may not be: the other branch of a choice, one too many.
fn sibling(node: &mut Node, random: &mut Random) -> Option<&'static str> {
    let Some(Kind::Complex(complex)) = node.element.map(|element| element.kind) else { return None };
    // The choice of all documents is tried by its own type.
    if complex.elements.is_empty() || complex.elements.len() >= DOCUMENTS.len() - 2 {
        return None;
    }
    let element = random.pick(complex.elements);
    let mut added = Node::of(element);
    if let Kind::Value(value) = element.kind {
        added.set_text(&values::valid(value, random));
    }
    let place = random.below(node.children.len() + 1);
    node.children.insert(place, Child::Node(added));
    Some("another child of the type")
}

/// Two children of one name get the same values inside: what must be unique is repeated.
fn same_value(node: &mut Node, random: &mut Random) -> Option<&'static str> {
    let groups: Vec<usize> = (0..node.children.len())
        .filter(|place| match &node.children[*place] {
            Child::Node(child) => node.nodes().filter(|other| other.name == child.name).count() > 1,
            Child::Text(_) => false,
        })
        .collect();
    if groups.is_empty() {
        return None;
    }
    let from = *random.pick(&groups);
    let Child::Node(source) = node.children[from].clone() else { return None };
    let to = groups.into_iter().find(|place| {
        *place != from && matches!(&node.children[*place], Child::Node(other) if other.name == source.name)
    })?;
    let Child::Node(target) = &mut node.children[to] else { return None };
    for child in &mut target.children {
        if let Child::Node(leaf) = child
            && let Some(same) =
                source.nodes().find(|other| other.name == leaf.name && other.value_type().is_some())
        {
            leaf.children.clone_from(&same.children);
        }
    }
    Some("two of a name have the same values")
}
