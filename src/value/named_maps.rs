//! Structures that are maps: what JSON cannot tell apart.

use crate::error::Result;
use crate::value::event::{Event, WriteEvents};

/// Passes events on; the members of these names are maps (`Соответствие`), whatever their keys are and also without any.
#[derive(Debug)]
pub struct NamedMaps<'n, W> {
    writer: W,
    names: &'n [&'n str],
    /// The value that comes next is a map.
    is_named: bool,
    /// Open structures: true for those that are maps.
    open: Vec<bool>,
}

impl<'n, W: WriteEvents> NamedMaps<'n, W> {
    /// A writer in front of another one.
    pub fn new(writer: W, names: &'n [&'n str]) -> Self {
        Self { writer, names, is_named: false, open: Vec::new() }
    }

    /// The writer behind.
    pub fn into_inner(self) -> W {
        self.writer
    }
}

impl<W: WriteEvents> WriteEvents for NamedMaps<'_, W> {
    fn write_event(&mut self, event: &Event<'_>) -> Result<()> {
        let is_named = std::mem::take(&mut self.is_named);
        match event {
            Event::Name(name) => {
                self.is_named = self.names.contains(name);
                match self.open.last() {
                    Some(true) => self.writer.write_event(&Event::Text(name)),
                    _ => self.writer.write_event(event),
                }
            }
            Event::BeginStructure(mutability) => {
                self.open.push(is_named);
                if is_named {
                    self.writer.write_event(&Event::BeginMap(*mutability))
                } else {
                    self.writer.write_event(event)
                }
            }
            Event::EndStructure => match self.open.pop() {
                Some(true) => self.writer.write_event(&Event::EndMap),
                _ => self.writer.write_event(event),
            },
            _ => self.writer.write_event(event),
        }
    }

    fn finish(&mut self) -> Result<()> {
        self.writer.finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::{Input, InternalWriter, JsonGrammar, JsonReader, StructuresAs, pump};

    #[test]
    fn an_empty_object_of_a_known_name_is_a_map() -> Result<()> {
        let json = r#"{"А":{},"Б":{"В":{"Г":1}}}"#;
        let mut writer = NamedMaps::new(InternalWriter::new(StructuresAs::ByNames), &["А", "В"]);
        pump(&mut JsonReader::new(Input::text(json), JsonGrammar::Strict), &mut writer)?;
        let text = writer.into_inner().into_output()?.into_text().replace('\n', "");
        let (structure, map) =
            ("4238019d-7e49-4fc9-91db-b6b951d5cf8e", "3d48feae-a9c6-4c5a-a099-9eb6477630c6");
        let inner = format!("{{\"#\",{map},{{1,{{{{\"S\",\"Г\"}},{{\"N\",1}}}}}}}}");
        let expected = format!(
            "{{\"#\",{structure},{{2,{{{{\"S\",\"А\"}},{{\"#\",{map},{{0}}}}}},{{{{\"S\",\"Б\"}},{{\"#\",{structure},{{1,{{{{\"S\",\"В\"}},{inner}}}}}}}}}}}}}"
        );
        assert_eq!(text, expected);
        Ok(())
    }
}
