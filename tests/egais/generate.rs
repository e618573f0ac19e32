//! Random valid documents from the descriptions.

use crate::random::Random;
use crate::tree::{Child, Node, in_envelope};
use crate::values;
use obmen::egais::model::{Complex, Document, Element, Group, Kind, Order, Particle};

/// How many elements a document has at most before optional parts are left out.
const SIZE: usize = 160;

/// A random valid document, in its envelope if it needs one.
pub fn document(document: &'static Document, random: &mut Random) -> Node {
    let mut generator = Generator { random, budget: SIZE };
    let node = generator.element(&document.element, 0);
    if document.is_root {
        return node;
    }
    let owner = random.text("0123456789", 12);
    let mut root = in_envelope(node, &owner);
    if random.chance(50) {
        root.attributes.push(("Version".to_owned(), "1.0".to_owned()));
    }
    root
}

struct Generator<'r> {
    random: &'r mut Random,
    budget: usize,
}

impl Generator<'_> {
    fn element(&mut self, element: &'static Element, depth: usize) -> Node {
        self.budget = self.budget.saturating_sub(1);
        let mut node = Node::of(element);
        if element.nillable && self.random.chance(30) {
            node.attributes.push(("xsi:nil".to_owned(), "true".to_owned()));
            return node;
        }
        let stays_empty = element.default.is_some() && self.random.chance(20);
        match element.kind {
            Kind::Complex(complex) => self.content(complex, &mut node, depth),
            Kind::Value(_) if stays_empty => {}
            Kind::Value(value) => node.set_text(&values::valid(value, self.random)),
            Kind::Any => {
                if let Some(fixed) = element.fixed.filter(|_| self.random.chance(70)) {
                    node.set_text(fixed);
                }
            }
        }
        node
    }

    fn content(&mut self, complex: &'static Complex, node: &mut Node, depth: usize) {
        for attribute in complex.attributes {
            if attribute.required || self.random.chance(50) {
                let value = values::valid(attribute.value, self.random);
                node.attributes.push((attribute.name.to_owned(), value));
            }
        }
        let mut children = Vec::new();
        self.group(&complex.group, complex, depth, &mut children);
        node.children = children.into_iter().map(Child::Node).collect();
    }

    fn group(
        &mut self,
        group: &'static Group,
        complex: &'static Complex,
        depth: usize,
        children: &mut Vec<Node>,
    ) {
        for _ in 0..self.times(group.min, group.max, depth) {
            match group.order {
                Order::Choice => {
                    let particle = self.random.pick(group.particles);
                    self.particle(particle, complex, depth, children);
                }
                Order::Sequence => {
                    for particle in group.particles {
                        self.particle(particle, complex, depth, children);
                    }
                }
                Order::All => {
                    let start = children.len();
                    for particle in group.particles {
                        self.particle(particle, complex, depth, children);
                    }
                    for place in (start + 1..children.len()).rev() {
                        let other = start + self.random.below(place - start + 1);
                        children.swap(place, other);
                    }
                }
            }
        }
    }

    fn particle(
        &mut self,
        particle: &'static Particle,
        complex: &'static Complex,
        depth: usize,
        children: &mut Vec<Node>,
    ) {
        match particle {
            Particle::Group(group) => self.group(group, complex, depth, children),
            Particle::Element(place) => {
                let element = &complex.elements[usize::from(*place)];
                for _ in 0..self.times(element.min, element.max, depth) {
                    children.push(self.element(element, depth + 1));
                }
            }
        }
    }

    fn times(&mut self, min: u32, max: u32, depth: usize) -> u32 {
        // Boxes in boxes must end somewhere, and documents should stay small.
        if self.budget == 0 || depth > 14 {
            return min;
        }
        let more = match max {
            0 | 1 => max,
            _ => min + 2,
        };
        min + u32::try_from(self.random.below((more - min + 1) as usize)).unwrap_or(0)
    }
}
