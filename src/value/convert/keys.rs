//! Whether an event is a key of a map.

use crate::value::event::Event;

/// Follows the events of a value.
#[derive(Debug, Default)]
pub(super) struct Keys {
    /// For each open collection: is it a map, and does it wait for a key?
    open: Vec<Option<bool>>,
}

impl Keys {
    /// True if `event`, the next one, is or begins a key.
    #[inline]
    pub fn next(&mut self, event: &Event<'_>) -> bool {
        let at_key = self.open.last() == Some(&Some(true)) && event.depth_change() >= 0;
        match event.depth_change() {
            1 => self.open.push(matches!(event, Event::BeginMap(_)).then_some(true)),
            -1 => {
                self.open.pop();
                self.value_ended();
            }
            _ => self.value_ended(),
        }
        at_key
    }

    #[inline]
    fn value_ended(&mut self) {
        if let Some(Some(waits)) = self.open.last_mut() {
            *waits = !*waits;
        }
    }
}
