//! `ObmenJson` through the binary interface: every member in both languages, on a host written in C.

#[path = "../common/mod.rs"]
mod common;
mod reading;
mod rows;
mod writing;

use common::story::{Story, assert_every_member_is_used};

const JSON: &str = "ObmenJson";

/// `ЗначениеВСтрокуВнутр` of a table: Имя (any), Возраст (number); the texts are Russian on purpose.
const TABLE: &str = r##"{"#",acf6192e-81ca-46ef-93a6-5a6968b78663,
{9,
{2,
{0,"Имя",
{"Pattern"},"",0},
{1,"Возраст",
{"Pattern",
{"N"}
},"",0}
},
{2,2,0,0,1,1,
{1,2,
{2,0,2,
{"S","Аня"},
{"N",7},0},
{2,1,2,
{"S","Боря ""Бо"""},
{"N",9.5},0}
},1,1},
{0,0}
}
}"##;

const XDTO: &str = r#"<Array xmlns="http://v8.1c.ru/8.1/data/core" xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
	<Value xsi:type="xs:string">Ёж</Value>
	<Value xsi:type="xs:decimal">1.5</Value>
	<Value xsi:type="xs:dateTime">2024-05-06T07:08:09</Value>
</Array>"#;

fn stories() -> Vec<Story> {
    vec![
        writing::to_json(),
        writing::settings_of_json(),
        writing::types_without_a_form(),
        reading::from_json(),
        reading::deep_texts(),
        writing::plain_values_that_look_structured(),
        reading::tables_from_json(),
        reading::conversions(),
        reading::parts(),
        reading::checks_and_layout(),
        rows::rows(),
        rows::batches(),
        rows::new_names_of_fields(),
        writing::files(),
    ]
}

#[test]
fn any_form_of_a_value_becomes_json() {
    writing::to_json().tell();
}

#[test]
fn json_is_written_as_the_settings_say() {
    writing::settings_of_json().tell();
}

#[test]
fn a_type_without_a_form_is_told_or_replaced() {
    writing::types_without_a_form().tell();
}

#[test]
fn json_becomes_text_for_the_platform() {
    reading::from_json().tell();
}

#[test]
fn a_string_that_only_begins_like_data_is_a_string() {
    writing::plain_values_that_look_structured().tell();
}

#[test]
fn deep_texts_are_refused_and_harm_nobody() {
    reading::deep_texts().tell();
}

#[test]
fn an_array_of_objects_becomes_a_table() {
    reading::tables_from_json().tell();
}

#[test]
fn texts_are_converted_between_all_forms() {
    reading::conversions().tell();
}

#[test]
fn a_part_is_found_by_its_path() {
    reading::parts().tell();
}

#[test]
fn texts_are_checked_laid_out_and_minified() {
    reading::checks_and_layout().tell();
}

#[test]
fn rows_are_gathered_one_by_one() {
    rows::rows().tell();
}

#[test]
fn a_collection_is_cut_into_batches() {
    rows::batches().tell();
}

#[test]
fn fields_get_new_names_everywhere() {
    rows::new_names_of_fields().tell();
}

#[test]
fn a_file_becomes_a_file() {
    writing::files().tell();
}

#[test]
fn every_member_has_its_story() {
    assert_every_member_is_used(JSON, &stories());
}
