//! Value lists.

use super::{Frame, InternalReader, Raw};
use crate::value::event::List;
use crate::value::fault::Lexed;
use crate::value::internal::header;

impl InternalReader<'_> {
    /// Reads `,{6,guid,0,0,{n` of a list.
    pub(super) fn begin_list(&mut self) -> Lexed<Raw> {
        self.begin_collection()?;
        for _ in 0..3 {
            self.lexer.comma()?;
            self.lexer.atom()?;
        }
        self.lexer.comma()?;
        self.lexer.open()?;
        let items = self.lexer.count()?;
        self.lists.push(List { items: Some(items), ..List::default() });
        self.frames.push(Frame::List { left: items });
        self.path.enter_values();
        Ok(Raw::BeginList)
    }

    pub(super) fn next_item(&mut self) -> Lexed<Option<Raw>> {
        match self.frames.last_mut() {
            Some(Frame::List { left }) if *left > 0 => {
                *left -= 1;
                self.path.next();
                self.begin_item()
            }
            _ => self.end_list(),
        }
    }

    /// Reads `,{guid,{"presentation",check` of an item, and its id, which stands behind the value.
    fn begin_item(&mut self) -> Lexed<Option<Raw>> {
        self.lexer.comma()?;
        self.event_start = self.lexer.input.cursor();
        self.lexer.open()?;
        self.lexer.atom()?;
        self.lexer.comma()?;
        self.lexer.open()?;
        let presentation = self.lexer.string()?;
        self.lexer.comma()?;
        let check = self.lexer.integer()? != 0;
        let value = self.lexer.input.cursor();
        for _ in 0..2 {
            self.lexer.comma()?;
            self.lexer.skip_item()?;
        }
        self.lexer.comma()?;
        let id = self.lexer.integer()?;
        self.lexer.input.set_cursor(value);
        self.frames.push(Frame::Item { given: false });
        Ok(Some(Raw::Item { presentation, check, id }))
    }

    /// Reads `,picture,id,0,""}}` after the value of an item, then goes on with the list.
    pub(super) fn end_item(&mut self) -> Lexed<Option<Raw>> {
        self.lexer.skip_to_close()?;
        self.lexer.close()?;
        self.lexer.close()?;
        self.frames.pop();
        self.next_item()
    }

    /// Reads `},{"Pattern"},0,last}}` after the items.
    fn end_list(&mut self) -> Lexed<Option<Raw>> {
        self.lexer.close()?;
        self.lexer.comma()?;
        let types = header::pattern(&mut self.lexer)?;
        self.lexer.comma()?;
        self.lexer.atom()?;
        self.lexer.comma()?;
        let last_id = self.lexer.integer()?;
        self.lexer.skip_to_close()?;
        self.lexer.close()?;
        self.lexer.close()?;
        self.leave();
        let list = self.lists.pop().unwrap_or_default();
        self.ended_list = List { types, last_id: Some(last_id), ..list };
        Ok(Some(Raw::EndList))
    }
}
