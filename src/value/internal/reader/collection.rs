//! Arrays, structures and maps, and what all collections have in common.

use super::{Frame, InternalReader, Raw};
use crate::bilingual;
use crate::value::event::{Event, Mutability};
use crate::value::fault::{self, Lexed, Problem};
use crate::value::progress::Stage;

impl InternalReader<'_> {
    /// Opens `,{n` of a collection.
    pub(super) fn begin_collection(&mut self) -> Lexed<u64> {
        let limit = self.lexer.input.limits().depth;
        if self.depth >= limit {
            let position = self.lexer.input.position_at(self.event_start);
            return Err(Problem::Failed(fault::too_deep(limit, position, self.path.spell(&self.tables))));
        }
        self.lexer.comma()?;
        self.lexer.open()?;
        let count = self.lexer.count()?;
        self.depth += 1;
        Ok(count)
    }

    pub(super) fn begin_array(&mut self, kind: Mutability) -> Lexed<Raw> {
        let left = self.begin_collection()?;
        self.frames.push(Frame::Array { left });
        self.path.enter_values();
        Ok(Raw::Ready(Event::BeginArray(kind)))
    }

    pub(super) fn begin_structure(&mut self, kind: Mutability) -> Lexed<Raw> {
        let left = self.begin_collection()?;
        self.frames.push(Frame::Structure { left, stage: Stage::Between });
        self.path.enter_names();
        Ok(Raw::Ready(Event::BeginStructure(kind)))
    }

    pub(super) fn begin_map(&mut self, kind: Mutability) -> Lexed<Raw> {
        let left = self.begin_collection()?;
        self.frames.push(Frame::Map { left, stage: Stage::Between });
        self.path.enter_keys();
        Ok(Raw::Ready(Event::BeginMap(kind)))
    }

    pub(super) fn end_collection(&mut self, event: Event<'static>) -> Lexed<Option<Raw>> {
        self.lexer.close()?;
        self.lexer.close()?;
        self.leave();
        Ok(Some(Raw::Ready(event)))
    }

    pub(super) fn leave(&mut self) {
        self.frames.pop();
        self.path.leave();
        self.depth = self.depth.saturating_sub(1);
    }

    /// The next step inside a structure or a map.
    pub(super) fn member(&mut self) -> Lexed<Option<Raw>> {
        let Some(Frame::Structure { stage, .. } | Frame::Map { stage, .. }) = self.frames.last_mut() else {
            return Ok(None);
        };
        match stage {
            Stage::Value => {
                *stage = Stage::After;
                self.lexer.comma()?;
                return self.value().map(Some);
            }
            Stage::After => {
                *stage = Stage::Between;
                self.lexer.close()?;
            }
            Stage::Between => {}
        }
        match self.frames.last_mut() {
            Some(Frame::Structure { left, stage }) if *left > 0 => {
                *left -= 1;
                *stage = Stage::Value;
                self.name().map(Some)
            }
            Some(Frame::Map { left, stage }) if *left > 0 => {
                *left -= 1;
                *stage = Stage::Value;
                self.path.next();
                self.lexer.comma()?;
                self.lexer.open()?;
                let raw = self.value()?;
                if let Raw::Text(piece) = &raw {
                    self.path.name(self.lexer.text(piece));
                }
                Ok(Some(raw))
            }
            Some(Frame::Map { .. }) => self.end_collection(Event::EndMap),
            _ => self.end_collection(Event::EndStructure),
        }
    }

    /// Reads `,{{"S","name"}` of a structure.
    fn name(&mut self) -> Lexed<Raw> {
        self.lexer.comma()?;
        self.lexer.open()?;
        match self.value()? {
            Raw::Text(piece) => {
                self.path.name(self.lexer.text(&piece));
                Ok(Raw::Name(piece))
            }
            _ => self.lexer.broken_at(
                bilingual!(
                    "Имя поля структуры должно быть строкой.",
                    "The name of a member must be a string."
                ),
                self.event_start,
            ),
        }
    }
}
