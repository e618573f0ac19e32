//! The content of a document as JSON text, written while the document goes by.
//!
//! Element names are keys, values are texts exactly as in the document, elements that may be repeated are arrays even
//! if there is one, `xsi:nil` is `null`, attributes are keys among the children, and the text of an element that has
//! attributes stands under `value`.

use super::model::Element;
use super::walk::Sink;
use crate::value::scan;

/// Writes JSON into one growing text.
#[derive(Debug, Default)]
pub struct JsonSink {
    out: String,
    levels: Vec<Level>,
    /// Runs of lists that are finished, of all open levels.
    runs: Vec<Run>,
    /// The owner came before the document.
    has_owner: bool,
    data: (usize, usize),
}

/// An open object.
#[derive(Debug)]
struct Level {
    /// Byte behind its brace.
    start: usize,
    empty: bool,
    /// The list that is open: its field, the byte where it begins (comma included) and the byte behind its bracket.
    list: Option<(u8, usize, usize)>,
    /// Its finished runs begin here in `runs`.
    first_run: usize,
    /// Lists that have begun, by field.
    begun: [u64; 4],
    /// Some list has more than one run: elements of several lists were mixed.
    mixed: bool,
}

/// A finished run of a list: `,"Name":[items]`.
#[derive(Debug, Clone, Copy)]
struct Run {
    field: u8,
    start: usize,
    items: usize,
    /// Byte of the closing bracket.
    end: usize,
}

impl Level {
    /// Notes that a list begins; false if it has begun before.
    fn begin(&mut self, field: u8) -> bool {
        let bit = 1_u64 << (field % 64);
        match self.begun.get_mut(usize::from(field / 64)) {
            Some(bits) if *bits & bit == 0 => {
                *bits |= bit;
                true
            }
            _ => false,
        }
    }
}

impl JsonSink {
    /// The whole result `{"ТипДокумента":…,"Владелец":…,"Данные":{…},"НеизвестныеЭлементы":[…]}` and where `Данные`
    /// stands in it. `owner` is the one of the envelope, `unknown` the list as JSON text.
    pub fn finish(mut self, owner: &str, unknown: &str) -> (String, std::ops::Range<usize>) {
        if self.out.is_empty() {
            self.begin_document("", None);
            self.end_document();
        }
        if !self.has_owner {
            self.out.push_str(",\"Владелец\":");
            push_string(&mut self.out, owner);
        }
        self.out.push_str(",\"НеизвестныеЭлементы\":");
        self.out.push_str(unknown);
        self.out.push('}');
        (self.out, self.data.0..self.data.1)
    }

    /// The next member begins: comma, name, and the bracket if it starts a list.
    #[inline]
    fn member(&mut self, element: &'static Element) {
        let Some(level) = self.levels.last_mut() else { return };
        if let Some((field, start, items)) = level.list {
            if element.list && field == element.field {
                self.out.push(',');
                return;
            }
            self.runs.push(Run { field, start, items, end: self.out.len() });
            self.out.push(']');
            level.list = None;
        }
        let start = self.out.len();
        if !std::mem::replace(&mut level.empty, false) {
            self.out.push(',');
        }
        self.out.push('"');
        self.out.push_str(element.name());
        self.out.push_str("\":");
        if element.list {
            self.out.push('[');
            level.list = Some((element.field, start, self.out.len()));
            level.mixed |= !level.begin(element.field);
        }
    }

    #[inline]
    fn open(&mut self) {
        self.out.push('{');
        let first_run = self.runs.len();
        self.levels.push(Level {
            start: self.out.len(),
            empty: true,
            list: None,
            first_run,
            begun: [0; 4],
            mixed: false,
        });
    }

    #[inline]
    fn close(&mut self) {
        let Some(level) = self.levels.pop() else { return };
        if let Some((field, start, items)) = level.list {
            if level.mixed {
                self.runs.push(Run { field, start, items, end: self.out.len() });
            }
            self.out.push(']');
        }
        if level.mixed {
            self.join_runs(&level);
        }
        self.runs.truncate(level.first_run);
        self.out.push('}');
    }

    /// Puts the items of later runs of a list behind those of its first run.
    #[cold]
    fn join_runs(&mut self, level: &Level) {
        let runs = self.runs.get(level.first_run..).unwrap_or_default();
        let old = self.out.split_off(level.start);
        let part = |from: usize, to: usize| old.get(from - level.start..to - level.start).unwrap_or_default();
        let mut by_field: Vec<Vec<Run>> = vec![Vec::new(); 256];
        for run in runs {
            if let Some(list) = by_field.get_mut(usize::from(run.field)) {
                list.push(*run);
            }
        }
        let mut from = level.start;
        for run in runs {
            let list = by_field.get_mut(usize::from(run.field)).map(std::mem::take).unwrap_or_default();
            if list.is_empty() {
                // A later run, whose items stand with the first already.
                self.out.push_str(part(from, run.start));
            } else {
                self.out.push_str(part(from, run.end));
                for later in list.iter().skip(1) {
                    self.out.push(',');
                    self.out.push_str(part(later.items, later.end));
                }
                self.out.push(']');
            }
            from = run.end + 1;
        }
        let end = level.start + old.len();
        self.out.push_str(part(from, end));
    }
}

impl Sink for JsonSink {
    fn begin_document(&mut self, name: &str, owner: Option<&str>) {
        self.out.push_str("{\"ТипДокумента\":");
        push_string(&mut self.out, name);
        if let Some(owner) = owner {
            self.has_owner = true;
            self.out.push_str(",\"Владелец\":");
            push_string(&mut self.out, owner);
        }
        self.out.push_str(",\"Данные\":");
        self.data.0 = self.out.len();
        self.open();
    }

    fn end_document(&mut self) {
        self.close();
        self.data.1 = self.out.len();
    }

    #[inline]
    fn begin(&mut self, element: &'static Element) {
        self.member(element);
        self.open();
    }

    #[inline]
    fn end(&mut self) {
        self.close();
    }

    #[inline]
    fn value(&mut self, element: &'static Element, text: &str) {
        self.member(element);
        push_string(&mut self.out, text);
    }

    fn null(&mut self, element: &'static Element) {
        self.member(element);
        self.out.push_str("null");
    }

    fn attribute(&mut self, name: &'static str, text: &str) {
        let Some(level) = self.levels.last_mut() else { return };
        if !std::mem::replace(&mut level.empty, false) {
            self.out.push(',');
        }
        push_string(&mut self.out, name);
        self.out.push(':');
        push_string(&mut self.out, text);
    }

    fn text(&mut self, text: &str) {
        self.attribute("value", text);
    }

    fn unknown_content(&mut self, json: &str) {
        self.out.push_str(json);
    }
}

/// Appends `text` as a JSON string.
#[inline]
fn push_string(out: &mut String, text: &str) {
    out.push('"');
    let mut rest = text;
    while let Some(place) = scan::string_end(rest.as_bytes(), b'"') {
        let (plain, from) = rest.split_at(place);
        out.push_str(plain);
        match from.as_bytes().first() {
            Some(b'"') => out.push_str("\\\""),
            Some(b'\\') => out.push_str("\\\\"),
            Some(b'\n') => out.push_str("\\n"),
            Some(b'\r') => out.push_str("\\r"),
            Some(b'\t') => out.push_str("\\t"),
            // XML has no other control characters.
            _ => out.push('\u{fffd}'),
        }
        rest = from.get(1..).unwrap_or_default();
    }
    out.push_str(rest);
    out.push('"');
}
