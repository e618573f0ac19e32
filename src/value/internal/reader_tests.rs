//! What the reader of internal text gives and refuses.

use super::InternalReader;
use crate::error::Code;
use crate::value::input::Input;
use crate::value::limits::Limits;
use crate::value::testing::events;

fn read(text: &str) -> String {
    match events(InternalReader::new(Input::text(text))) {
        Ok(events) => events.join(" "),
        Err(error) => format!("{error}"),
    }
}

#[test]
fn scalars_of_every_kind() {
    for (text, expected) in [
        (r###"{"S","а""б"}"###, "'а\"б'"),
        (r###"{"S",""}"###, "''"),
        ("{\"S\",\"a\r\nb\"}", "'a\r\nb'"),
        (r###"{"N",-42}"###, "-42"),
        (r###"{"N", 007 }"###, "7"),
        (r###"{"B",1}"###, "true"),
        (r###" { "B" , 0 } "###, "false"),
        (r###"{"U"}"###, "Undefined"),
        (r###"{"L"}"###, "Null"),
        (
            "\u{feff}{\"D\",\n20240506070809}\n",
            "Date(DateTime { year: 2024, month: 5, day: 6, hour: 7, minute: 8, second: 9 })",
        ),
    ] {
        assert_eq!(read(text), expected, "{text}");
    }
}

#[test]
fn characters_outside_the_first_plane_in_both_forms() {
    assert_eq!(read(r###"{"S","a"""\d83d"\de00b"}"###), "'a\"😀b'");
    assert_eq!(read(r###"{"S","😀"}"###), "'😀'");
    assert_eq!(read(r###"{"S",""\d83d!"}"###), "'\u{fffd}!'");
}

const TABLE: &str = r###"{"#",acf6192e-81ca-46ef-93a6-5a6968b78663,{9,{2,{6,"Б",{"Pattern"},"",0},{-2,"А",{"Pattern",{"N",10,2,1}},"т",15}},
{2,2,1,6,0,-2,{1,3,{2,5,2,{"N",1},{"S","x"},0},{2,3,0,0},{2,9,1,{"U"},0}},2,9},{0,0}}}"###;

#[test]
fn cells_follow_the_positions_of_columns() {
    let text = read(TABLE);
    assert!(text.contains(r###"columns: [Column { id: -2, name: "А""###), "{text}");
    assert!(
        text.contains(
            "BeginRow(Some(5)) 1 'x' EndRow BeginRow(Some(3)) EndRow BeginRow(Some(9)) Undefined EndRow"
        ),
        "{text}"
    );
}

#[test]
fn an_error_says_where_it_stands() {
    let text = TABLE.replace(r###"{"S","x"}"###, r###"{"Q","x"}"###);
    let error =
        events(InternalReader::new(Input::text(text.as_str()))).expect_err("the tag Q must be refused");
    assert_eq!(error.code(), Code::ValueText);
    assert_eq!(error.detail("path"), Some(&"[0].Б".into()));
    assert_eq!(error.detail("line"), Some(&2_i64.into()));
    assert_eq!(error.detail("column"), Some(&35_i64.into()));
}

#[test]
fn unknown_types_are_given_whole() {
    let text = r###"{"#",51e7a0d2-530b-11d4-b98a-008048da3034,{2,{"#",9cd510c7-abfc-11d4-9434-004095e12fc7,2,{3,1,{2}}},{"N",1}}}"###;
    let given = read(text);
    assert!(
        given.contains(r###"text: "{\"#\",9cd510c7-abfc-11d4-9434-004095e12fc7,2,{3,1,{2}}}""###),
        "{given}"
    );
    assert!(given.ends_with("1 EndArray"), "{given}");
}

#[test]
fn a_wrong_count_is_refused() {
    for text in [
        r###"{"#",51e7a0d2-530b-11d4-b98a-008048da3034,{2,{"N",1}}}"###,
        r###"{"#",51e7a0d2-530b-11d4-b98a-008048da3034,{0,{"N",1}}}"###,
        r###"{"#",51e7a0d2-530b-11d4-b98a-008048da3034,{18446744073709551615,{"N",1}}}"###,
        r###"{"#",51e7a0d2-530b-11d4-b98a-008048da3034,{-1}}"###,
    ] {
        assert!(read(text).starts_with("value_text"), "{text}");
    }
}

#[test]
fn depth_is_limited() {
    let open = r###"{"#",51e7a0d2-530b-11d4-b98a-008048da3034,{1,"###;
    let text = format!("{}{}{}", open.repeat(8), r###"{"U"}"###, "}}".repeat(8));
    let with = |depth| {
        let limits = Limits { depth, ..Limits::default() };
        events(InternalReader::new(Input::text(text.as_str()).with_limits(limits)))
    };
    assert!(with(8).is_ok());
    assert_eq!(with(7).err().map(|error| error.code()), Some(Code::Limit));
}

#[test]
fn the_window_may_end_anywhere() {
    struct Drip<'a>(&'a [u8]);
    impl std::io::Read for Drip<'_> {
        fn read(&mut self, room: &mut [u8]) -> std::io::Result<usize> {
            let (Some((first, rest)), Some(slot)) = (self.0.split_first(), room.first_mut()) else {
                return Ok(0);
            };
            *slot = *first;
            self.0 = rest;
            Ok(1)
        }
    }
    let whole = read(TABLE);
    let dripped = events(InternalReader::new(Input::reader(Drip(TABLE.as_bytes()))));
    assert_eq!(dripped.map(|events| events.join(" ")), Ok(whole.clone()));
    let units: Vec<u16> = TABLE.encode_utf16().collect();
    let given = events(InternalReader::new(Input::units(units)));
    assert_eq!(given.map(|events| events.join(" ")), Ok(whole));
}

#[test]
fn a_text_cut_anywhere_is_an_error() {
    let text = TABLE;
    for (at, _) in text.char_indices() {
        let cut = text.get(..at).unwrap_or_default();
        assert!(read(cut).starts_with("value_text"), "cut at {at}");
    }
}
