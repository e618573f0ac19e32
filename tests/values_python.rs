//! JSON of this library in the eyes of Python: another program reads what we write and writes what we read.

use obmen::value::convert::{Target, TransformSettings, transform};
use obmen::value::output::Output;
use obmen::value::{Input, JsonSettings};
use std::io::Write;
use std::process::{Command, Stdio};

/// Runs a line of Python with `input`; `None`, and a word about it, where there is no Python.
fn python(program: &str, input: &str) -> Option<String> {
    let child = Command::new("python3")
        .args(["-c", program])
        .env("PYTHONIOENCODING", "utf-8")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn();
    let Ok(mut child) = child else {
        eprintln!("skipped: there is no python3 here");
        return None;
    };
    child.stdin.take()?.write_all(input.as_bytes()).ok()?;
    let output = child.wait_with_output().ok()?;
    assert!(output.status.success(), "Python refused {input}");
    String::from_utf8(output.stdout).ok()
}

fn go(text: &str, to: Target, json: JsonSettings) -> String {
    let settings = TransformSettings { json, ..TransformSettings::default() };
    let output = transform(Input::text(text), None, to, &settings, &mut || Ok(()));
    output.map(Output::into_text).unwrap_or_else(|error| panic!("{error:?}: {text}"))
}

/// A table with every difficult character and number, as 1C writes it.
fn table() -> String {
    let mut rows = String::new();
    let texts = [
        "",
        "\"\"кавычки\"\" и \\",
        "строка\r\nдве\tтри\u{1}\u{7f}",
        "\"\\d83d\"\\de00 😀 №",
        "\u{2028}<>&'/ё",
    ];
    let numbers =
        ["0", "-0.1", "1000000000000000000000000000000", "0.000000003725290298461914063", "75000000000.01"];
    for (row, (text, number)) in texts.iter().zip(numbers).enumerate() {
        rows.push_str(&format!(
            ",\n{{2,{row},4,\n{{\"S\",\"{text}\"}},\n{{\"N\",{number}}},\n{{\"B\",1}},\n{{\"D\",20240229235959}},0}}"
        ));
    }
    let columns: String = ["Текст", "Число", "Флаг", "Дата"]
        .iter()
        .enumerate()
        .map(|(id, name)| format!(",\n{{{id},\"{name}\",\n{{\"Pattern\"}},\"\",0}}"))
        .collect();
    format!(
        "{{\"#\",acf6192e-81ca-46ef-93a6-5a6968b78663,\n{{9,\n{{4{columns}\n}},\n{{2,4,0,0,1,1,2,2,3,3,\n{{1,5{rows}\n}},3,4}},\n{{0,0}}\n}}\n}}"
    )
}

#[test]
fn python_reads_what_we_write_and_we_read_what_python_writes() {
    let again = "import sys, json\n\
        value = json.load(sys.stdin, parse_float=lambda text: '#' + text)\n\
        json.dump(value, sys.stdout, ensure_ascii=True, indent=3)\n";
    let compact = go(&table(), Target::Json, JsonSettings::default());
    for settings in [JsonSettings::default(), JsonSettings::indented("\t")] {
        let Some(theirs) = python(again, &go(&table(), Target::Json, settings)) else { return };
        // Fractions came back as marked texts, because Python's own numbers would have lost digits.
        let ours = go(&theirs, Target::Json, JsonSettings::default());
        let unmarked = compact
            .replace("-0.1,", "\"#-0.1\",")
            .replace("0.000000003725290298461914063", "\"#0.000000003725290298461914063\"")
            .replace("75000000000.01", "\"#75000000000.01\"");
        assert_eq!(ours, unmarked);
    }
}

#[test]
fn python_finds_each_value_where_it_was() {
    let program = "import sys, json\n\
        rows = json.load(sys.stdin)\n\
        print(len(rows), rows[2]['Текст'] == 'строка\\r\\nдве\\tтри\\x01\\x7f', rows[3]['Текст'] == '\\U0001F600 \\U0001F600 №',\n\
              rows[1]['Текст'], rows[2]['Число'], rows[0]['Дата'], rows[0]['Флаг'])\n";
    let Some(seen) = python(program, &go(&table(), Target::Json, JsonSettings::default())) else { return };
    assert_eq!(
        seen.trim(),
        "5 True True \"кавычки\" и \\ 1000000000000000000000000000000 2024-02-29T23:59:59 True"
    );
}
