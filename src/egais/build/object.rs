//! Objects of the data: which member is which element, lists, tables, what is missing at the end.

use super::arrange::{self, Run};
use super::{Builder, Frame, skip};
use crate::bilingual;
use crate::egais::messages;
use crate::egais::model::{Attribute, Complex, Element, Kind};
use crate::egais::path;
use crate::egais::walk::Misplaced;
use crate::error::Result;
use crate::value::{Event, ReadEvents};

/// What a member of an object is.
#[derive(Debug, Clone, Copy)]
pub(super) enum Member {
    /// A child element: the first of its name.
    Element(&'static Element),
    /// An attribute and its place.
    Attribute(&'static Attribute, u8),
    /// The text beside attributes.
    Text,
    /// Nothing of this type.
    Unknown,
}

/// An open object while its members arrive.
pub(super) struct Object {
    pub element: &'static Element,
    pub complex: &'static Complex,
    /// Its runs begin here.
    first_run: usize,
    /// Byte behind its start tag.
    content: usize,
    /// Attributes as they stand in the start tag.
    pub attributes: String,
    /// Which attributes came, by place.
    pub seen_attributes: u32,
    /// Where the search for the next name begins.
    next: usize,
    /// Members that came, by field; fields from 64 on do not occur.
    seen: u64,
    /// How many items each list has, by field.
    counts: Vec<(u8, u32)>,
}

/// What a value begins with.
pub(super) enum Begun {
    /// A structure or a map.
    Object,
    /// An array or a value list.
    List,
    /// A table, with the names of its columns.
    Table(Vec<String>),
    /// A plain value: complete.
    Plain,
}

pub(super) fn begun(event: &Event<'_>) -> Begun {
    match event {
        Event::BeginStructure(_) | Event::BeginMap(_) => Begun::Object,
        Event::BeginArray(_) | Event::BeginList(_) => Begun::List,
        Event::BeginTable(table) => {
            Begun::Table(table.columns.iter().map(|column| column.name.clone()).collect())
        }
        _ => Begun::Plain,
    }
}

impl Builder<'_> {
    /// The document's own object.
    pub(super) fn content<R: ReadEvents + ?Sized>(
        &mut self,
        data: &mut R,
        element: &'static Element,
        complex: &'static Complex,
    ) -> Result<()> {
        let begun = match data.next_event()? {
            Some(event) => begun(&event),
            None => Begun::Plain,
        };
        let object = self.open_object(element, complex, 0, 0);
        match begun {
            Begun::Object => return self.named_members(data, object),
            // A document without fields, such as a query for rests, may come with an empty text or array.
            Begun::Plain => {}
            Begun::List | Begun::Table(_) => {
                if !matches!(
                    data.next_event()?,
                    Some(Event::EndArray | Event::EndList(_) | Event::EndTable(_))
                ) {
                    let message = bilingual!(
                        "Данные документа должны быть структурой, а передан массив или таблица.",
                        "The data of a document must be a structure, not an array or a table."
                    );
                    self.problems.error(String::new(), "xsd.type", "", message);
                }
            }
        }
        self.close_object(object);
        Ok(())
    }

    pub(super) fn open_object(
        &mut self,
        element: &'static Element,
        complex: &'static Complex,
        place: u8,
        index: u32,
    ) -> Object {
        self.out.push_str(element.start_tag());
        self.frames.push(Frame { element, index });
        let depth = self.frames.len();
        if !self.unique.is_empty() {
            self.unique.begin(place, depth);
        }
        if !element.unique.is_empty() {
            self.unique.open(element.unique, depth);
        }
        self.rules.begin(element, depth - 1);
        Object {
            element,
            complex,
            first_run: self.runs.len(),
            content: self.out.len(),
            attributes: String::new(),
            seen_attributes: 0,
            next: 0,
            seen: 0,
            counts: Vec::new(),
        }
    }

    /// Members of a structure or a map whose beginning was read.
    pub(super) fn named_members<R: ReadEvents + ?Sized>(
        &mut self,
        data: &mut R,
        mut object: Object,
    ) -> Result<()> {
        self.members(data, &mut object)?;
        self.close_object(object);
        Ok(())
    }

    fn members<R: ReadEvents + ?Sized>(&mut self, data: &mut R, object: &mut Object) -> Result<()> {
        loop {
            let member = match data.next_event()? {
                None | Some(Event::EndStructure | Event::EndMap) => break,
                Some(Event::Name(name) | Event::Text(name)) => self.member(object, name),
                Some(key) => {
                    let change = key.depth_change();
                    skip(data, change)?;
                    let path = self.path();
                    let message = bilingual!(
                        "Ключи соответствия должны быть строками.",
                        "Keys of a map must be strings."
                    );
                    self.problems.error(path, "xsd.unknown", "", message);
                    Member::Unknown
                }
            };
            match data.next_event()? {
                None => break,
                Some(event) => match begun(&event) {
                    Begun::Plain => self.plain_member(object, member, &event),
                    begun => self.compound_member(data, object, member, begun)?,
                },
            }
        }
        Ok(())
    }

    /// Cells of a row whose beginning was read.
    pub(super) fn cells<R: ReadEvents + ?Sized>(
        &mut self,
        data: &mut R,
        mut object: Object,
        columns: &[String],
    ) -> Result<()> {
        let mut columns = columns.iter();
        loop {
            match data.next_event()? {
                None | Some(Event::EndRow) => break,
                Some(event) => {
                    let begun = begun(&event);
                    let name = columns.next().map_or("", String::as_str);
                    // An empty cell of a column that is not ours says nothing.
                    let member = match find(object.complex, name, &mut object.next) {
                        Member::Unknown if matches!(event, Event::Undefined | Event::Null) => continue,
                        Member::Unknown => self.member(&mut object, name),
                        member => member,
                    };
                    match begun {
                        Begun::Plain => self.plain_member(&mut object, member, &event),
                        begun => self.compound_member(data, &mut object, member, begun)?,
                    }
                }
            }
        }
        self.close_object(object);
        Ok(())
    }

    #[inline]
    fn member(&mut self, object: &mut Object, name: &str) -> Member {
        let member = find(object.complex, name, &mut object.next);
        if matches!(member, Member::Unknown) {
            let path = path::join(&self.path(), name);
            let message = messages::unknown(name, object.complex);
            self.problems.error(path, "xsd.unknown", "", message);
        }
        member
    }

    /// A member that is an object, a list or a table.
    fn compound_member<R: ReadEvents + ?Sized>(
        &mut self,
        data: &mut R,
        object: &mut Object,
        member: Member,
        begun: Begun,
    ) -> Result<()> {
        let Member::Element(element) = member else {
            if !matches!(member, Member::Unknown) {
                let path = self.path();
                self.not_plain(path, object.element.name());
            }
            return skip(data, 1);
        };
        match (begun, element.kind) {
            (Begun::Object, Kind::Complex(complex)) => {
                if let Some((start, index)) = self.begin_item(object, element) {
                    let inner = self.open_object(element, complex, element.field, index);
                    self.named_members(data, inner)?;
                    self.end_item(object, element, start);
                    return Ok(());
                }
                skip(data, 1)
            }
            (Begun::Object, _) => {
                skip(data, 1)?;
                let path = self.path_to(element, 0);
                self.not_plain(path, element.name());
                Ok(())
            }
            (Begun::Table(columns), Kind::Complex(complex)) => {
                self.rows(data, object, element, complex, &columns)
            }
            (Begun::Table(_), _) => {
                skip(data, 1)?;
                let path = self.path_to(element, 0);
                self.not_plain(path, element.name());
                Ok(())
            }
            (Begun::List, Kind::Complex(complex)) if !element.list && is_mixed(complex) => {
                match self.begin_item(object, element) {
                    Some((start, index)) => {
                        let inner = self.open_object(element, complex, element.field, index);
                        self.mixed_members(data, inner)?;
                        self.end_item(object, element, start);
                        Ok(())
                    }
                    None => skip(data, 1),
                }
            }
            (Begun::List, _) => self.items(data, object, element),
            (Begun::Plain, _) => Ok(()),
        }
    }

    /// Items of an array or a value list whose beginning was read.
    fn items<R: ReadEvents + ?Sized>(
        &mut self,
        data: &mut R,
        object: &mut Object,
        element: &'static Element,
    ) -> Result<()> {
        loop {
            match data.next_event()? {
                None | Some(Event::EndArray | Event::EndList(_)) => return Ok(()),
                Some(Event::Item(_)) => {}
                Some(event) => match begun(&event) {
                    Begun::Plain => self.plain_item(object, element, &event),
                    Begun::List => {
                        skip(data, 1)?;
                        let path = self.path_to(element, 0);
                        let message = bilingual!("Массив внутри массива.", "An array inside an array.");
                        self.problems.error(path, "xsd.type", "", message);
                    }
                    begun => self.compound_member(data, object, Member::Element(element), begun)?,
                },
            }
        }
    }

    /// Children that may come mixed, given in their order: `[{"Bottle": …}, {"Nomark": …}]`.
    fn mixed_members<R: ReadEvents + ?Sized>(&mut self, data: &mut R, mut object: Object) -> Result<()> {
        loop {
            match data.next_event()? {
                None | Some(Event::EndArray | Event::EndList(_)) => break,
                Some(Event::Item(_)) => {}
                Some(Event::BeginStructure(_) | Event::BeginMap(_)) => self.members(data, &mut object)?,
                Some(event) => {
                    let change = event.depth_change();
                    skip(data, change)?;
                    let path = self.path();
                    let name = object.element.name();
                    let message = bilingual!(
                        "Каждый элемент массива {name} — структура с одним полем: именем вложенного элемента.",
                        "Each item of the array {name} is a structure with one member: the name of the child."
                    );
                    self.problems.error(path, "xsd.type", "", message);
                }
            }
        }
        self.close_object(object);
        Ok(())
    }

    fn rows<R: ReadEvents + ?Sized>(
        &mut self,
        data: &mut R,
        object: &mut Object,
        element: &'static Element,
        complex: &'static Complex,
        columns: &[String],
    ) -> Result<()> {
        loop {
            match data.next_event()? {
                None | Some(Event::EndTable(_)) => return Ok(()),
                Some(_) => match self.begin_item(object, element) {
                    Some((start, index)) => {
                        let inner = self.open_object(element, complex, element.field, index);
                        self.cells(data, inner, columns)?;
                        self.end_item(object, element, start);
                    }
                    None => skip(data, 1)?,
                },
            }
        }
    }

    /// A child is about to be written: where its text begins, and its place among those of its name. `None` if it
    /// came already and may not be repeated.
    #[inline]
    pub(super) fn begin_item(
        &mut self,
        object: &mut Object,
        element: &'static Element,
    ) -> Option<(usize, u32)> {
        let bit = 1_u64 << element.field.min(63);
        if object.seen & bit == 0 {
            object.seen |= bit;
            if element.list {
                object.counts.push((element.field, 1));
            }
            return Some((self.out.len(), 0));
        }
        if !element.list {
            self.repeated(element);
            return None;
        }
        // The list that grows is mostly the last one.
        let (_, count) = object.counts.iter_mut().rev().find(|(field, _)| *field == element.field)?;
        *count += 1;
        Some((self.out.len(), *count - 1))
    }

    #[cold]
    fn repeated(&mut self, element: &'static Element) {
        let path = self.path_to(element, 0);
        self.problems.error(path, "xsd.maxOccurs", "", messages::too_many(element));
    }

    /// The child was written from byte `start` on.
    #[inline]
    pub(super) fn end_item(&mut self, object: &Object, element: &'static Element, start: usize) {
        let end = self.out.len();
        let own = self.runs.len() > object.first_run;
        match self.runs.last_mut() {
            Some(last) if own && last.field == element.field && last.end == start => {
                last.count += 1;
                last.end = end;
            }
            _ => self.runs.push(Run { field: element.field, count: 1, start, end }),
        }
    }

    pub(super) fn close_object(&mut self, mut object: Object) {
        if object.seen_attributes != 0 || !object.complex.attributes.is_empty() {
            self.close_attributes(&mut object);
        }
        let runs = self.runs.get_mut(object.first_run..).unwrap_or_default();
        if !arrange::is_arranged(runs) && !arrange::is_allowed(object.complex, runs) {
            arrange::arrange(&mut self.out, runs);
        }
        let depth = self.frames.len();
        if object.complex.text.is_none() {
            self.check_content(&object);
        }
        self.runs.truncate(object.first_run);
        if !self.unique.is_empty()
            && let Some(rule) = self.unique.end(depth)
        {
            let path = self.path();
            self.problems.repeated(path, rule);
        }
        let broken = self.rules.end(depth - 1);
        if !broken.is_empty() {
            let path = self.path();
            broken.into_iter().for_each(|broken| self.problems.warn(&path, broken));
        }
        self.frames.pop();
        self.out.push_str(object.element.end_tag());
    }

    #[inline]
    fn check_content(&mut self, object: &Object) {
        let complex = object.complex;
        if complex.automaton.is_none() {
            let is_missing = |(element, _): &(&Element, u8)| {
                element.min > 0 && object.seen & (1_u64 << element.field.min(63)) == 0
            };
            if complex.elements.iter().zip(0_u8..).any(|element| is_missing(&element)) {
                let missing = complex.elements.iter().zip(0_u8..).filter(is_missing);
                self.report_missing(complex, &missing.map(|(_, place)| place).collect::<Vec<u8>>());
            }
            return;
        }
        let runs = self.runs.get(object.first_run..).unwrap_or_default();
        let (content, problems) = arrange::check(complex, runs);
        if problems.is_empty() && content.may_end(complex) {
            return;
        }
        self.report_content(complex, problems);
        self.report_missing(complex, &content.missing_at_end(complex));
    }

    #[cold]
    fn report_content(&mut self, complex: &'static Complex, problems: Vec<(u8, Misplaced, Vec<u8>)>) {
        for (place, why, skipped) in problems {
            let Some(element) = complex.elements.get(usize::from(place)) else { continue };
            match why {
                Misplaced::Skipped => self.report_missing(complex, &skipped),
                Misplaced::TooMany => self.repeated(element),
                Misplaced::Order => {
                    let path = self.path_to(element, 0);
                    self.problems.error(path, "xsd.choice", "", messages::excluded(element, complex));
                }
            }
        }
    }

    #[cold]
    fn report_missing(&mut self, complex: &'static Complex, missing: &[u8]) {
        for place in missing {
            if let Some(element) = complex.elements.get(usize::from(*place)) {
                let path = self.path_to(element, 0);
                self.problems.error(
                    path,
                    "xsd.required",
                    "",
                    messages::missing(complex, std::slice::from_ref(place)),
                );
            }
        }
    }

    /// Attributes go into the start tag, which was written before they were known.
    #[cold]
    fn close_attributes(&mut self, object: &mut Object) {
        for (attribute, place) in object.complex.attributes.iter().zip(0_u32..) {
            if attribute.required && object.seen_attributes & (1 << place.min(31)) == 0 {
                let path = path::join(&self.path(), attribute.name);
                let message = messages::missing_attribute(attribute.name, object.element.name());
                self.problems.error(path, "xsd.attribute", "", message);
            }
        }
        if !object.attributes.is_empty() {
            let added = object.attributes.len();
            self.out.insert_str(object.content - 1, &object.attributes);
            for run in self.runs.get_mut(object.first_run..).unwrap_or_default() {
                run.start += added;
                run.end += added;
            }
        }
    }

    #[cold]
    pub(super) fn not_plain(&mut self, path: String, name: &str) {
        let message = bilingual!(
            "{name} — простое значение, а переданы вложенные данные.",
            "{name} is a plain value, but nested data were given."
        );
        self.problems.error(path, "xsd.type", "", message);
    }
}

/// Whether the children of a type may come mixed: a choice that may be repeated.
fn is_mixed(complex: &Complex) -> bool {
    complex.elements.len() > 1 && complex.elements.iter().all(|element| element.list && element.max == 1)
}

/// The member of a type that a name means; letter case is free. `next` is where members in the order of the schema
/// are found at once.
#[inline]
fn find(complex: &'static Complex, name: &str, next: &mut usize) -> Member {
    let elements = complex.elements;
    if let Some(element) = elements.get(*next).filter(|element| element.name() == name) {
        *next += 1;
        return Member::Element(element);
    }
    find_anywhere(complex, name, next)
}

fn find_anywhere(complex: &'static Complex, name: &str, next: &mut usize) -> Member {
    let exact = |element: &Element| element.name() == name;
    let name = name.trim();
    let folded = |candidate: &str| candidate.eq_ignore_ascii_case(name);
    let place = complex.elements.iter().position(exact);
    let place = place.or_else(|| complex.elements.iter().position(|element| folded(element.name())));
    if let Some((place, element)) = place.and_then(|place| Some((place, complex.elements.get(place)?))) {
        *next = place + 1;
        return Member::Element(element);
    }
    let attribute = complex.attributes.iter().zip(0_u8..).find(|(attribute, _)| folded(attribute.name));
    match attribute {
        Some((attribute, place)) => Member::Attribute(attribute, place),
        None if complex.text.is_some() && folded(TEXT) => Member::Text,
        None => Member::Unknown,
    }
}

/// Key of the text that stands beside attributes.
const TEXT: &str = "value";
