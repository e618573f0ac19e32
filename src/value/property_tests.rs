//! Laws of the formats: what is written reads back as the same value, wherever the window ends; what is broken is
//! refused without harm.

use crate::error::Result;
use crate::value::convert::{Target, TransformSettings, transform};
use crate::value::date::DateTime;
use crate::value::event::{ReadEvents, WriteEvents};
use crate::value::input::Input;
use crate::value::internal::{InternalReader, InternalWriter, StructuresAs};
use crate::value::json::{EscapedCharacters, JsonGrammar, JsonReader, JsonSettings, JsonWriter, LineBreaks};
use crate::value::limits::Limits;
use crate::value::node::{Node, Reach, node};
use crate::value::open::{Format, open};
use crate::value::output::Output;
use crate::value::pump::pump;
use crate::value::storage::{Storage, StorageWriter};
use crate::value::xdto::{XdtoReader, XdtoWriter};
use proptest::prelude::*;
use std::io::Read;

fn internal(value: &Node) -> String {
    let mut writer = InternalWriter::new(StructuresAs::ByNames);
    value.write(&mut writer).expect("internal text holds every value");
    writer.into_output().expect("a complete value").into_text()
}

fn json(value: &Node, settings: JsonSettings) -> String {
    let mut writer = JsonWriter::new(String::new(), settings);
    value.write(&mut writer).and_then(|()| writer.finish()).expect("JSON holds this value");
    writer.into_sink()
}

fn xdto(value: &Node) -> String {
    let mut writer = XdtoWriter::new(String::new());
    value.write(&mut writer).and_then(|()| writer.finish()).expect("XDTO holds this value");
    writer.into_sink()
}

/// Gives its bytes in pieces of changing size.
struct Drip<'a> {
    rest: &'a [u8],
    step: usize,
}

impl Read for Drip<'_> {
    fn read(&mut self, room: &mut [u8]) -> std::io::Result<usize> {
        self.step = self.step * 7 % 23 + 1;
        let count = self.step.min(self.rest.len()).min(room.len());
        let (now, later) = self.rest.split_at(count);
        room[..count].copy_from_slice(now);
        self.rest = later;
        Ok(count)
    }
}

/// Ways to hand the same text over.
fn inputs(text: &str, seed: usize) -> Vec<Input<'_>> {
    let units: Vec<u16> = text.encode_utf16().collect();
    let wide: Vec<u8> =
        std::iter::once(0xFEFF).chain(units.iter().copied()).flat_map(u16::to_be_bytes).collect();
    vec![
        Input::text(text),
        Input::bytes(text.as_bytes()),
        Input::reader(Drip { rest: text.as_bytes(), step: seed }),
        Input::units(units),
        Input::bytes(wide),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn internal_text_reads_back(value in node(Reach::Internal), seed in 1_usize..23) {
        let text = internal(&value);
        // A big-endian file has a mark, and then 1C takes CR LF for a line feed: that input is for other texts.
        for input in inputs(&text, seed).into_iter().take(4) {
            prop_assert_eq!(&Node::read(&mut InternalReader::new(input)), &Ok(value.clone()), "{}", text);
        }
        // Written once more, it is the same text.
        prop_assert_eq!(internal(&value), text);
    }

    #[test]
    fn storages_read_back(value in node(Reach::Storage)) {
        let mut writer = StorageWriter::new(StructuresAs::ByNames);
        value.write(&mut writer).expect("a storage holds every value");
        let bytes = writer.into_bytes().expect("a complete value");
        let storage = Storage::read(bytes.clone(), Limits::default()).expect("our own bytes");
        prop_assert_eq!(&Node::read(&mut storage.into_reader(Limits::default())), &Ok(value.clone()));
        let mut reader = open(Input::bytes(bytes), None).expect("a storage is recognised");
        prop_assert_eq!(Node::read(&mut reader), Ok(value));
    }

    #[test]
    fn xml_reads_back(value in node(Reach::Xdto), seed in 1_usize..23) {
        let text = xdto(&value);
        for input in inputs(&text, seed) {
            prop_assert_eq!(&Node::read(&mut XdtoReader::new(input)), &Ok(value.clone()), "{}", text);
        }
    }

    #[test]
    fn json_reads_back(value in node(Reach::Json), seed in 1_usize..23, escape in 0_usize..3, layout in 0_usize..3) {
        let settings = JsonSettings {
            escape: [EscapedCharacters::None, EscapedCharacters::BeyondAscii, EscapedCharacters::BeyondBmp][escape],
            line_breaks: [LineBreaks::None, LineBreaks::Unix, LineBreaks::Windows][layout],
            indent: "\t".repeat(layout),
            escape_slash: layout == 1,
            escape_angle_brackets: layout == 2,
            ..JsonSettings::default()
        };
        let text = json(&value, settings);
        for input in inputs(&text, seed) {
            let read = Node::read(&mut JsonReader::new(input, JsonGrammar::Strict));
            prop_assert_eq!(&read, &Ok(value.clone()), "{}", text);
        }
        let theirs: serde_json::Value = serde_json::from_str(&text).expect("serde_json takes what we write");
        prop_assert_eq!(value.to_serde(), theirs);
    }

    #[test]
    fn json_survives_the_way_through_internal_text(value in node(Reach::Json)) {
        let text = json(&value, JsonSettings::default());
        let go = |text: &str, to| {
            transform(Input::text(text), None, to, &TransformSettings::default(), &mut || Ok(())).map(Output::into_text)
        };
        // A text that is one bare scalar says nothing of its format.
        prop_assume!(text.starts_with(['{', '[']));
        let there = go(&text, Target::Internal).expect("internal text holds every JSON");
        prop_assert_eq!(go(&there, Target::Json), Ok(text));
    }

    #[test]
    fn damaged_texts_are_refused_or_read_but_never_harm(
        own in node(Reach::Internal),
        plain in node(Reach::Json),
        named in node(Reach::Xdto),
        cuts in prop::collection::vec((any::<prop::sample::Index>(), "[{}\\[\\]\",:<>/#a0\\\\\u{1F600}]{0,3}"), 1..4),
        truncate in any::<prop::sample::Index>(),
    ) {
        let texts = [internal(&own), json(&plain, JsonSettings::default()), xdto(&named)];
        for (text, format) in texts.iter().zip([Format::Internal, Format::Json, Format::Xdto]) {
            let mut damaged: Vec<char> = text.chars().collect();
            for (at, insert) in &cuts {
                let at = at.index(damaged.len() + 1).min(damaged.len());
                damaged.splice(at..(at + 1).min(damaged.len()), insert.chars());
            }
            damaged.truncate(truncate.index(damaged.len() + 1));
            let damaged: String = damaged.into_iter().collect();
            drain(open(Input::text(damaged.as_str()), Some(format)).expect("opened"));
            let mut bytes = damaged.into_bytes();
            if let Some(byte) = bytes.last_mut() {
                *byte = 0xFF;
            }
            drain(open(Input::bytes(bytes), Some(format)).expect("opened"));
        }
    }

    #[test]
    fn garbage_is_refused_or_read_but_never_harms(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        for format in [None, Some(Format::Json), Some(Format::Internal), Some(Format::Xdto), Some(Format::Storage)] {
            if let Ok(reader) = open(Input::bytes(bytes.clone()), format) {
                drain(reader);
            }
            let units: Vec<u16> = bytes.chunks(2).map(|pair| pair.iter().fold(0, |unit, byte| unit << 8 | u16::from(*byte))).collect();
            if let Ok(reader) = open(Input::units(units), format) {
                drain(reader);
            }
        }
    }
}

/// Reads to the end or to the first error, after which nothing may come.
fn drain(mut reader: impl ReadEvents) {
    let mut depth = 0;
    loop {
        match reader.next_event() {
            Ok(Some(event)) => {
                depth += event.depth_change();
                assert!(depth >= 0, "an end without a beginning");
            }
            Ok(None) => return assert_eq!(depth, 0, "a beginning without an end"),
            Err(error) => {
                assert!(!error.message().ru.is_empty());
                assert_eq!(reader.next_event(), Ok(None), "nothing comes after an error");
                return;
            }
        }
    }
}

#[test]
fn texts_cut_anywhere_are_refused() {
    let date = DateTime::new(2024, 2, 29, 1, 2, 3).expect("a real date");
    let value = Node::example(date);
    let texts = [internal(&value), json(&value, JsonSettings::default()), xdto(&value)];
    for (text, format) in texts.iter().zip([Format::Internal, Format::Json, Format::Xdto]) {
        for (at, _) in text.char_indices() {
            let cut = text.get(..at).unwrap_or_default();
            let mut reader = open(Input::text(cut), Some(format)).expect("opened");
            assert!(Node::read(&mut reader).is_err(), "{format:?} cut at {at}");
        }
    }
    let mut writer = StorageWriter::new(StructuresAs::ByNames);
    value.write(&mut writer).expect("a storage holds every value");
    let bytes = writer.into_bytes().expect("a complete value");
    for at in 0..bytes.len() {
        let result =
            open(Input::bytes(&bytes[..at]), Some(Format::Storage)).and_then(|mut it| Node::read(&mut it));
        assert!(result.is_err(), "storage cut at {at}");
    }
}

/// A stream that repeats a text without end and counts what was taken.
struct Endless<'a> {
    text: &'a [u8],
    taken: &'a std::sync::atomic::AtomicUsize,
}

impl Read for Endless<'_> {
    fn read(&mut self, room: &mut [u8]) -> std::io::Result<usize> {
        for (slot, byte) in room.iter_mut().zip(self.text.iter().cycle()) {
            *slot = *byte;
        }
        let count = room.len() / self.text.len() * self.text.len();
        self.taken.fetch_add(count, std::sync::atomic::Ordering::Relaxed);
        Ok(count)
    }
}

#[test]
fn depth_without_end_is_refused_early() {
    for (text, format) in [
        ("[", Format::Json),
        ("{\"a\":", Format::Json),
        ("{\"#\",51e7a0d2-530b-11d4-b98a-008048da3034,{1,", Format::Internal),
        ("<Array xmlns=\"http://v8.1c.ru/8.1/data/core\">", Format::Xdto),
    ] {
        let taken = std::sync::atomic::AtomicUsize::new(0);
        let input = Input::reader(Endless { text: text.as_bytes(), taken: &taken });
        let error = open(input, Some(format)).and_then(|mut reader| Node::read(&mut reader));
        let code = error.err().map(|error| error.code());
        // An element of XDTO cannot hold itself: that is refused even earlier.
        assert!(
            matches!(code, Some(crate::error::Code::Limit | crate::error::Code::ValueText)),
            "{text}: {code:?}"
        );
        assert!(taken.into_inner() < 256 * 1024, "{text}");
    }
}

#[test]
fn counts_that_lie_take_no_memory() {
    for text in [
        "{\"#\",51e7a0d2-530b-11d4-b98a-008048da3034,{9999999999999999999,{\"U\"}}}",
        "{\"#\",51e7a0d2-530b-11d4-b98a-008048da3034,{4294967295}}",
        "{\"#\",acf6192e-81ca-46ef-93a6-5a6968b78663,{9,{4294967295,{0,\"a\",{\"Pattern\"},\"\",0}}}}",
        "{\"#\",acf6192e-81ca-46ef-93a6-5a6968b78663,{9,{0},{2,0,{1,18446744073709551615,{2,0,4000000000",
        "{\"#\",4772b3b4-f4a3-49c0-a1a5-8cb5961511a3,{6,0,0,0,{4294967295,",
    ] {
        let read = Node::read(&mut InternalReader::new(Input::text(text)));
        assert_eq!(read.err().map(|error| error.code()), Some(crate::error::Code::ValueText), "{text}");
    }
    let mut bytes = vec![1, 1];
    bytes.extend_from_slice(&u64::MAX.to_le_bytes());
    assert!(Storage::read(bytes, Limits::default()).is_err());
}

#[test]
fn a_writer_tells_the_place_of_what_it_cannot_write() -> Result<()> {
    let text = "{\"#\",51e7a0d2-530b-11d4-b98a-008048da3034,{1,{\"#\",190a7469-3325-4d33-b5ec-28a63ac83b06,96:a71b000c293a870e11ebac1aa1a9011a}}}";
    let mut writer = XdtoWriter::new(String::new());
    let error =
        pump(&mut open(Input::text(text), None)?, &mut writer).expect_err("the name of the type is unknown");
    assert_eq!(error.detail("path"), Some(&"[0]".into()));
    Ok(())
}
