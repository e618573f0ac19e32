//! A collection in batches of ready JSON.

use crate::bilingual;
use crate::error::{Code, Error, Result};
use crate::value::convert::rows::RowsAsStructures;
use crate::value::event::{Event, ReadEvents, WriteEvents};
use crate::value::fault;
use crate::value::json::{JsonSettings, JsonWriter, LineBreaks};
use crate::value::output::{Output, TextSink};

/// How large a batch may be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BatchSettings {
    /// Most elements of a batch, at least 1.
    pub elements: u64,
    /// Most bytes of a batch in UTF-8, 0 for any number.
    pub bytes: u64,
    /// How the elements are written; the layout is always compact.
    pub json: JsonSettings,
}

/// A part of a collection.
#[derive(Debug)]
pub struct Batch {
    /// Number of the batch, from 1.
    pub number: u64,
    /// Index of the first element in the whole collection, from 0.
    pub first: u64,
    /// How many elements the batch holds.
    pub elements: u64,
    /// A JSON array of the elements.
    pub json: Output,
}

/// Cuts the elements of an array, a list or a table into batches, one after another; a value that is no
/// collection is the only element of the only batch.
pub struct Batches<R> {
    reader: R,
    settings: BatchSettings,
    writer: RowsAsStructures<JsonWriter<String>>,
    state: State,
    /// Batches and elements so far.
    batches: u64,
    elements: u64,
    /// An element that did not fit the last batch.
    waiting: Option<String>,
}

#[derive(PartialEq, Eq)]
enum State {
    Start,
    Inside,
    Ended,
}

impl<R: ReadEvents> Batches<R> {
    /// Batches of the value that `reader` gives.
    pub fn new(reader: R, settings: BatchSettings) -> Self {
        let json = JsonSettings { line_breaks: LineBreaks::None, ..settings.json.clone() };
        Self {
            reader,
            settings,
            writer: RowsAsStructures::new(JsonWriter::new(String::new(), json)),
            state: State::Start,
            batches: 0,
            elements: 0,
            waiting: None,
        }
    }

    /// The next batch, `None` after the last one.
    ///
    /// # Errors
    /// Those of the reader and of the writer; `limit` if a single element is larger than a batch may be.
    pub fn next_batch(&mut self) -> Result<Option<Batch>> {
        let most = self.settings.elements.max(1);
        let first = self.elements;
        let (mut json, mut elements) = (Output::new(), 0);
        json.accept("[")?;
        while elements < most {
            let element = match self.waiting.take() {
                Some(element) => element,
                None => match self.next_element() {
                    Ok(Some(element)) => element,
                    Ok(None) => break,
                    Err(error) => {
                        self.state = State::Ended;
                        return Err(fault::at_reader(error, &self.reader));
                    }
                },
            };
            // Brackets and the comma count.
            let bytes = json.bytes() + element.len() as u64 + 1 + u64::from(elements > 0);
            if self.settings.bytes > 0 && bytes > self.settings.bytes {
                if elements == 0 {
                    self.state = State::Ended;
                    return Err(too_large(first, bytes, self.settings.bytes));
                }
                self.waiting = Some(element);
                break;
            }
            if elements > 0 {
                json.accept(",")?;
            }
            json.accept(&element)?;
            elements += 1;
        }
        if elements == 0 {
            return Ok(None);
        }
        json.accept("]")?;
        self.elements += elements;
        self.batches += 1;
        Ok(Some(Batch { number: self.batches, first, elements, json }))
    }

    /// The next element as JSON.
    fn next_element(&mut self) -> Result<Option<String>> {
        if self.state == State::Start {
            self.state = State::Inside;
            match self.reader.next_event()? {
                None => self.state = State::Ended,
                Some(Event::BeginArray(_) | Event::BeginList(_)) => {}
                Some(Event::BeginTable(table)) => {
                    let columns = table.columns.iter().map(|column| column.name.clone()).collect();
                    let json = JsonSettings { line_breaks: LineBreaks::None, ..self.settings.json.clone() };
                    self.writer =
                        RowsAsStructures::new(JsonWriter::new(String::new(), json)).with_columns(columns);
                }
                Some(event) => {
                    self.state = State::Ended;
                    let depth = event.depth_change();
                    self.writer.write_event(&event)?;
                    return self.rest_of_element(depth);
                }
            }
        }
        while self.state == State::Inside {
            let Some(event) = self.reader.next_event()? else {
                self.state = State::Ended;
                break;
            };
            match event {
                Event::EndArray | Event::EndList(_) | Event::EndTable(_) => {
                    // What follows may still be broken: the text is read to its end.
                    while self.reader.next_event()?.is_some() {}
                    self.state = State::Ended;
                }
                Event::Item(_) => {}
                event => {
                    let depth = event.depth_change();
                    self.writer.write_event(&event)?;
                    return self.rest_of_element(depth);
                }
            }
        }
        Ok(None)
    }

    /// Writes the rest of an element that has begun.
    fn rest_of_element(&mut self, mut depth: i32) -> Result<Option<String>> {
        while depth > 0 {
            let Some(event) = self.reader.next_event()? else { break };
            depth += event.depth_change();
            self.writer.write_event(&event)?;
        }
        self.writer.finish()?;
        Ok(Some(self.writer.inner_mut().next_value()))
    }
}

fn too_large(index: u64, bytes: u64, most: u64) -> Error {
    Error::new(
        Code::Limit,
        bilingual!(
            "Элемент [{index}] занимает в пакете {bytes} байт, задано не больше {most}. Увеличьте размер пакета в байтах.",
            "A batch with the element [{index}] alone has {bytes} bytes, at most {most} are allowed. Raise the batch size in bytes."
        ),
    )
    .with("path", format!("[{index}]"))
}
