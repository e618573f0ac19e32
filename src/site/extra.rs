//! Values of fields that the site's instruction does not know and that are passed on all the same.

use super::product::{Misfit, ProductBuilder, append_plain};
use super::reading::ended;
use crate::error::Result;
use crate::value::{Event, JsonSettings, JsonWriter, ReadEvents, WriteEvents};

/// The value of a field that is passed on, after its first event.
pub(super) enum ExtraValue {
    Plain(std::result::Result<(), Misfit>),
    Collection(Box<CollectionValue>),
}

/// A collection on its way to JSON, as far as it can be expressed.
pub(super) struct CollectionValue {
    writer: JsonWriter<String>,
    misfit: Option<Misfit>,
    open: i32,
}

impl CollectionValue {
    fn take(&mut self, event: &Event<'_>) {
        self.open += event.depth_change();
        let refused = match event {
            Event::Reference(_) => true,
            // Nothing to write any more, but the source must be read to the end of the value.
            _ if self.misfit.is_some() => return,
            _ => self.writer.write_event(event).is_err(),
        };
        if refused {
            self.misfit.get_or_insert(Misfit::of(event));
        }
    }
}

impl ExtraValue {
    /// Takes the first event.
    pub(super) fn begin(product: &mut ProductBuilder, event: &Event<'_>) -> Self {
        if event.depth_change() == 0 {
            return Self::Plain(append_plain(product.extra_value(), event));
        }
        let writer = JsonWriter::new(String::new(), JsonSettings::default());
        let mut value = Box::new(CollectionValue { writer, misfit: None, open: 0 });
        value.take(event);
        Self::Collection(value)
    }

    /// Reads the rest.
    ///
    /// # Errors
    /// Those of the source.
    pub(super) fn finish(self, product: &mut ProductBuilder, source: &mut dyn ReadEvents) -> Result<()> {
        let outcome = match self {
            Self::Plain(outcome) => outcome,
            Self::Collection(mut value) => {
                while value.open > 0 {
                    value.take(&source.next_event()?.ok_or_else(ended)?);
                }
                match value.misfit {
                    Some(misfit) => Err(misfit),
                    None => {
                        value.writer.finish()?;
                        product.extra_value().push_str(&value.writer.into_sink());
                        Ok(())
                    }
                }
            }
        };
        product.end_extra(outcome);
        Ok(())
    }
}
