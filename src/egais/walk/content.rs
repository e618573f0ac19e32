//! The content model while children arrive: which element a child is, and what is missing at the end.

use crate::egais::model::{Complex, Element};

/// How far the children of one element have come.
#[derive(Debug, Clone, Default)]
pub struct Content {
    /// Automaton: 0 at the beginning, then one more than the place of the last element.
    state: u16,
    /// Which fields have come, by the place of their first element; places from 64 on share the last bit.
    seen: u64,
    /// How often the last element (or another of its name) has come without a break.
    run: u32,
    /// Lists whose run was broken: field and how many came.
    broken_runs: Vec<(u8, u32)>,
    /// What was missing before the last element, if it came as [`Misplaced::Skipped`].
    skipped: Vec<u8>,
}

/// What a child is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Child {
    /// The element at this place, where it may stand.
    Expected(u8),
    /// The element at this place, which may not stand here.
    Misplaced(u8, Misplaced),
    /// An element of this name, but of another namespace.
    OtherNamespace(u8),
    /// No element of this type.
    Unknown,
}

/// Why an element may not stand where it does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Misplaced {
    /// It came already as often as it may.
    TooMany,
    /// It comes too late, or excludes one that came.
    Order,
    /// Elements that must come before it are missing.
    Skipped,
}

impl Content {
    /// A child arrives.
    #[inline]
    pub fn step(&mut self, complex: &'static Complex, name: &str, namespace: u8) -> Child {
        let same = |element: &Element| element.namespace == namespace && element.name() == name;
        let Some(automaton) = &complex.automaton else {
            return self.step_any_order(complex, name, namespace);
        };
        let state = usize::from(self.state);
        if let Some(last) = state.checked_sub(1)
            && let Some(element) =
                complex.elements.get(last).filter(|element| element.max > 1 && same(element))
        {
            // The same list goes on: by far the most frequent case.
            return self.again(last, element);
        }
        for place in automaton.follow.get(state).copied().unwrap_or_default() {
            if let Some(element) = complex.elements.get(usize::from(*place)).filter(|element| same(element)) {
                self.advance(complex, *place, element);
                return Child::Expected(*place);
            }
        }
        self.unexpected(complex, name, namespace)
    }

    #[inline]
    fn again(&mut self, place: usize, element: &Element) -> Child {
        let place = u8::try_from(place).unwrap_or(u8::MAX);
        self.run += 1;
        if self.run > element.max {
            Child::Misplaced(place, Misplaced::TooMany)
        } else {
            Child::Expected(place)
        }
    }

    /// The list that has begun at `place` goes on with `more` elements; false if they are too many.
    pub fn again_many(&mut self, complex: &'static Complex, place: u8, more: u32) -> bool {
        self.run = self.run.saturating_add(more);
        complex.elements.get(usize::from(place)).is_none_or(|element| self.run <= element.max)
    }

    #[inline]
    fn step_any_order(&mut self, complex: &'static Complex, name: &str, namespace: u8) -> Child {
        let count = complex.elements.len();
        // Documents mostly keep the order of the schema: look from behind the last element on.
        let start = usize::from(self.state);
        let places = (start..count).chain(0..start.min(count));
        for place in places {
            let found = complex.elements.get(place);
            if found.is_some_and(|element| element.namespace == namespace && element.name() == name) {
                let place = u8::try_from(place).unwrap_or(u8::MAX);
                if self.has(place) {
                    return Child::Misplaced(place, Misplaced::TooMany);
                }
                self.seen |= bit(place);
                self.state = u16::from(place) + 1;
                return Child::Expected(place);
            }
        }
        other_namespace(complex, name)
    }

    fn advance(&mut self, complex: &'static Complex, place: u8, element: &Element) {
        let field = element.field;
        let last = usize::from(self.state).checked_sub(1).and_then(|last| complex.elements.get(last));
        match last {
            Some(last) if last.field == field => self.run += 1,
            last => {
                if let Some(last) = last.filter(|last| last.list) {
                    match self.broken_runs.iter_mut().find(|(known, _)| *known == last.field) {
                        Some((_, count)) => *count = self.run,
                        None => self.broken_runs.push((last.field, self.run)),
                    }
                }
                let earlier = self.broken_runs.iter().find(|(known, _)| *known == field);
                self.run = earlier.map_or(0, |(_, count)| *count) + 1;
            }
        }
        self.state = u16::from(place) + 1;
        self.seen |= bit(field);
    }

    /// Whether the field has come already.
    #[inline]
    pub fn has(&self, field: u8) -> bool {
        self.seen & bit(field) != 0
    }

    /// An element that came out of order is taken all the same.
    pub fn take_misplaced(&mut self, field: u8) {
        self.seen |= bit(field);
    }

    /// What was missing before the last element, which came as [`Misplaced::Skipped`].
    pub fn take_skipped(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.skipped)
    }

    #[cold]
    fn unexpected(&mut self, complex: &'static Complex, name: &str, namespace: u8) -> Child {
        let places = || complex.elements.iter().zip(0_u8..);
        let same = places().find(|(element, _)| element.namespace == namespace && element.name() == name);
        let Some((element, _)) = same else { return other_namespace(complex, name) };
        let way = places()
            .filter(|(other, _)| other.field == element.field)
            .find_map(|(_, place)| self.way(complex, |reached| reached == Some(place)));
        match way.as_ref().and_then(|way| way.split_last()) {
            Some((place, skipped)) => {
                self.skipped = skipped.to_vec();
                if let Some(element) = complex.elements.get(usize::from(*place)) {
                    self.advance(complex, *place, element);
                }
                Child::Misplaced(*place, Misplaced::Skipped)
            }
            None => {
                let last = usize::from(self.state).checked_sub(1).and_then(|last| complex.elements.get(last));
                let again = last.is_some_and(|last| last.field == element.field);
                Child::Misplaced(element.field, if again { Misplaced::TooMany } else { Misplaced::Order })
            }
        }
    }

    /// What is missing if the content ends here: places of elements.
    pub fn missing_at_end(&self, complex: &'static Complex) -> Vec<u8> {
        match &complex.automaton {
            Some(_) => self.way(complex, |reached| reached.is_none()).unwrap_or_default(),
            None => {
                let places = complex.elements.iter().zip(0_u8..);
                let missing =
                    places.filter(|(element, place)| element.min > 0 && self.seen & (1 << (place & 63)) == 0);
                missing.map(|(_, place)| place).collect()
            }
        }
    }

    /// True if nothing is missing; as [`Content::missing_at_end`], but quick.
    #[inline]
    pub fn may_end(&self, complex: &'static Complex) -> bool {
        match &complex.automaton {
            Some(automaton) => automaton.accepting.get(usize::from(self.state)).copied().unwrap_or(true),
            None => complex
                .elements
                .iter()
                .zip(0_u8..)
                .all(|(element, place)| element.min == 0 || self.has(place)),
        }
    }

    /// The shortest way from here to `goal` (a place, or `None` for the end), as the places on it.
    fn way(&self, complex: &'static Complex, goal: impl Fn(Option<u8>) -> bool) -> Option<Vec<u8>> {
        let automaton = complex.automaton.as_ref()?;
        let start = usize::from(self.state);
        let accepts = |state: usize| automaton.accepting.get(state).copied().unwrap_or(false) && goal(None);
        // For each place, the state it was first reached from.
        let mut from: Vec<Option<usize>> = vec![None; complex.elements.len()];
        let mut queue = std::collections::VecDeque::from([start]);
        let mut found = accepts(start).then_some(start);
        while let Some(state) = queue.pop_front().filter(|_| found.is_none()) {
            for place in automaton.follow.get(state).copied().unwrap_or_default() {
                let Some(origin) = from.get_mut(usize::from(*place)).filter(|origin| origin.is_none()) else {
                    continue;
                };
                *origin = Some(state);
                let next = usize::from(*place) + 1;
                if goal(Some(*place)) || accepts(next) {
                    found = Some(next);
                    break;
                }
                queue.push_back(next);
            }
        }
        let mut state = found?;
        let mut way = Vec::new();
        // The goal may be the element that came last, once more.
        while let Some(place) = state.checked_sub(1).filter(|_| state != start || way.is_empty()) {
            let Some(origin) = from.get(place).copied().flatten() else { break };
            way.push(u8::try_from(place).unwrap_or(u8::MAX));
            state = origin;
        }
        way.reverse();
        Some(way)
    }

    /// Index of the last child among those of its name, from 0.
    #[inline]
    pub fn index(&self) -> u32 {
        self.run.saturating_sub(1)
    }
}

#[inline]
fn bit(place: u8) -> u64 {
    1 << place.min(63)
}

#[cold]
fn other_namespace(complex: &'static Complex, name: &str) -> Child {
    match complex.elements.iter().find(|element| element.name() == name) {
        Some(element) => Child::OtherNamespace(element.field),
        None => Child::Unknown,
    }
}
