//! Content models as automata: which child may follow which.
//!
//! Every element of a type is a state; XSD demands that a name never leads to two states ("unique particle
//! attribution"), so the automaton is deterministic as it stands. State 0 is the beginning, state n + 1 follows
//! element n.

use super::ast::Order;

/// A content model over numbered elements.
#[derive(Debug)]
pub enum Model {
    /// Element number; whether it may be missing; whether it may be repeated.
    Element { index: usize, optional: bool, repeated: bool },
    /// A group of models.
    Group { order: Order, optional: bool, repeated: bool, parts: Vec<Model> },
}

/// The automaton of a content model.
#[derive(Debug, Default)]
pub struct Automaton {
    /// For each state, the elements that may follow, ascending.
    pub follow: Vec<Vec<usize>>,
    /// For each state, whether the content may end there.
    pub accepting: Vec<bool>,
}

struct Part {
    nullable: bool,
    first: Vec<usize>,
    last: Vec<usize>,
}

/// Builds the automaton of `model` with `count` elements.
pub fn build(model: &Model, count: usize) -> Automaton {
    let mut automaton = Automaton { follow: vec![Vec::new(); count + 1], accepting: vec![false; count + 1] };
    let part = visit(model, &mut automaton);
    automaton.follow[0].extend(&part.first);
    automaton.accepting[0] = part.nullable;
    for last in part.last {
        automaton.accepting[last + 1] = true;
    }
    for follow in &mut automaton.follow {
        follow.sort_unstable();
        follow.dedup();
    }
    automaton
}

fn visit(model: &Model, automaton: &mut Automaton) -> Part {
    match model {
        Model::Element { index, optional, repeated } => {
            if *repeated {
                automaton.follow[index + 1].push(*index);
            }
            Part { nullable: *optional, first: vec![*index], last: vec![*index] }
        }
        Model::Group { order, optional, repeated, parts } => {
            let parts: Vec<Part> = parts.iter().map(|part| visit(part, automaton)).collect();
            let mut part = match order {
                Order::Choice => alternatives(parts),
                Order::All | Order::Sequence => chain(parts, automaton),
            };
            if *repeated {
                for last in &part.last {
                    automaton.follow[last + 1].extend(&part.first);
                }
            }
            part.nullable |= optional;
            part
        }
    }
}

fn alternatives(parts: Vec<Part>) -> Part {
    let mut sum = Part { nullable: false, first: Vec::new(), last: Vec::new() };
    for part in parts {
        sum.nullable |= part.nullable;
        sum.first.extend(part.first);
        sum.last.extend(part.last);
    }
    sum
}

fn chain(parts: Vec<Part>, automaton: &mut Automaton) -> Part {
    let mut sum = Part { nullable: true, first: Vec::new(), last: Vec::new() };
    for part in parts {
        for last in &sum.last {
            automaton.follow[last + 1].extend(&part.first);
        }
        if sum.nullable {
            sum.first.extend(&part.first);
        }
        if part.nullable {
            sum.last.extend(part.last);
        } else {
            sum.last = part.last;
        }
        sum.nullable &= part.nullable;
    }
    sum
}
