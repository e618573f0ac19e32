//! Speeds and memory of 1C values on their way between formats, each beside its limit or its peer in the same run.
//!
//! ```text
//! cargo bench --bench values [-- speed|memory|file]
//! ```
//!
//! Lines are `name value unit [ratio to what] (limit)`. Speeds count the bytes of the source. The table is 100,000
//! rows of 8 columns with Cyrillic text, as `ЗначениеВСтрокуВнутр` gives it to the add-in: UTF-16.

#[path = "values/rows.rs"]
mod rows;

use obmen::value::convert::{
    TableColumns, Target, TransformSettings, file_to_json, table_from_rows, transform,
};
use obmen::value::output::Output;
use obmen::value::{Input, JsonSettings, ReadEvents, StructuresAs, open};
use rows::Rows;
use std::collections::HashMap;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

const ROWS: usize = 100_000;
/// Size of the file that is turned into JSON, in MB; the environment may ask for another.
const FILE_MEGABYTES: u64 = 1024;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["one", direction, file] => print_peak_of_one(direction, Path::new(file)),
        ["one-file", from, to] => print_peak_of_file(Path::new(from), Path::new(to)),
        ["speed"] => measure_speed(),
        ["memory"] => measure_memory(),
        ["file"] => measure_file(),
        _ => {
            measure_speed();
            measure_memory();
            measure_file();
        }
    }
}

/// The best of several runs: other work on the machine only ever makes a run longer.
fn best<T>(mut run: impl FnMut() -> T) -> Duration {
    let timed = |_| {
        let started = Instant::now();
        std::hint::black_box(run());
        started.elapsed()
    };
    (0..9).map(timed).min().unwrap_or_default()
}

fn megabytes_per_second(bytes: usize, time: Duration) -> f64 {
    bytes as f64 / 1e6 / time.as_secs_f64()
}

fn units(text: &str) -> Vec<u16> {
    text.encode_utf16().collect()
}

/// What the boundary to 1C does with an output: the units are copied into memory of the host.
fn to_host(output: Output) -> Vec<u16> {
    let mut host = vec![0; output.units() as usize];
    output.drain_utf16(|offset, units| {
        let offset = offset as usize;
        host[offset..offset + units.len()].copy_from_slice(units);
    });
    host
}

fn internal_to_json(units: &[u16]) -> Vec<u16> {
    let settings = TransformSettings::default();
    to_host(
        transform(Input::units(units), None, Target::Json, &settings, &mut || Ok(())).expect("a whole table"),
    )
}

fn json_to_table(units: &[u16]) -> Vec<u16> {
    let mut reader = open(Input::units(units), None).expect("JSON");
    let table = table_from_rows(&mut reader, &TableColumns::ByAppearance, StructuresAs::ByNames);
    to_host(table.expect("an array of objects"))
}

fn json_to_structures(units: &[u16]) -> Vec<u16> {
    let settings = TransformSettings::default();
    to_host(
        transform(Input::units(units), None, Target::Internal, &settings, &mut || Ok(()))
            .expect("whole JSON"),
    )
}

fn measure_speed() {
    let rows = Rows::new(ROWS);
    let internal = units(&rows.internal_text());
    let bytes = internal.len() * 2;

    let read = best(|| {
        let mut reader = open(Input::units(internal.as_slice()), None).expect("internal text");
        let mut events = 0_u64;
        while reader.next_event().expect("a whole table").is_some() {
            events += 1;
        }
        events
    });
    println!("values_internal_read {:.0} MB/s", megabytes_per_second(bytes, read));

    let to_json = best(|| internal_to_json(&internal));
    let speed = megabytes_per_second(bytes, to_json);
    println!(
        "values_internal_to_json {speed:.0} MB/s {:.2}x of the limit (limit: at least 350 MB/s)",
        speed / 350.0
    );

    let serde = best(|| units(&serde_json::to_string(&rows.list).expect("rows are plain")));
    println!(
        "values_serde_json_of_structs {:.0} MB/s {:.2}x its time is ours",
        megabytes_per_second(bytes, serde),
        to_json.as_secs_f64() / serde.as_secs_f64()
    );
    match python_dumps(&rows) {
        Some(python) => println!(
            "values_python_json_dumps {:.0} MB/s we are {:.1}x as fast",
            megabytes_per_second(bytes, python),
            python.as_secs_f64() / to_json.as_secs_f64()
        ),
        None => println!("values_python_json_dumps skipped: there is no python3"),
    }

    let json = units(&serde_json::to_string(&rows.list).expect("rows are plain"));
    let bytes = json.len() * 2;
    let speed = megabytes_per_second(bytes, best(|| json_to_table(&json)));
    println!(
        "values_json_to_table {speed:.0} MB/s {:.2}x of the limit (limit: at least 250 MB/s)",
        speed / 250.0
    );
    let speed = megabytes_per_second(bytes, best(|| json_to_structures(&json)));
    println!("values_json_to_structures {speed:.0} MB/s");
}

/// The best time in which Python's `json.dumps` writes the same rows.
fn python_dumps(rows: &Rows) -> Option<Duration> {
    const PROGRAM: &str = "import sys, json, time\n\
        rows = json.load(sys.stdin)\n\
        best = 1e9\n\
        for _ in range(3):\n\
        \x20   start = time.perf_counter(); json.dumps(rows, ensure_ascii=False); best = min(best, time.perf_counter() - start)\n\
        print(best)\n";
    let mut child = Command::new("python3")
        .args(["-c", PROGRAM])
        .env("PYTHONIOENCODING", "utf-8")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .ok()?;
    let text = serde_json::to_string(&rows.list).ok()?;
    child.stdin.take()?.write_all(text.as_bytes()).ok()?;
    let output = child.wait_with_output().ok()?;
    String::from_utf8(output.stdout).ok()?.trim().parse().ok().map(Duration::from_secs_f64)
}

/// A line of `/proc/self/status` in bytes; 0 where there is none.
fn status(line: &str) -> u64 {
    let text = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let found = text.lines().find_map(|candidate| candidate.strip_prefix(line));
    let kilobytes =
        found.and_then(|rest| rest.trim_start_matches(':').split_whitespace().next()?.parse::<u64>().ok());
    kilobytes.unwrap_or_default() * 1024
}

/// Runs this program anew, so that memory is measured in a process that did nothing else.
fn in_new_process(arguments: &[&str]) -> Option<Vec<u64>> {
    let program = std::env::current_exe().ok()?;
    let output = Command::new(program).args(arguments).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    text.split_whitespace().map(|word| word.parse().ok()).collect()
}

/// In its own process: prints the peak of memory above the start, then the sizes of input and output.
fn print_peak_of_one(direction: &str, file: &Path) {
    let bytes = std::fs::read(file).expect("the file of the measurement");
    let input: Vec<u16> = bytes.chunks_exact(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]])).collect();
    drop(bytes);
    let size = input.len() as u64 * 2;
    // What is resident now, the input aside, belongs to the program and not to the work.
    let start = status("VmRSS").saturating_sub(size);
    // Begins the peak anew: the file was read into the same memory.
    let _ = std::fs::write("/proc/self/clear_refs", "5");
    let output = if direction == "to-json" { internal_to_json(&input) } else { json_to_table(&input) };
    println!("{} {size} {}", status("VmHWM").saturating_sub(start), output.len() * 2);
}

fn measure_memory() {
    let rows = Rows::new(ROWS);
    let folder = std::env::temp_dir().join(format!("obmen-bench-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder for files");
    let json = serde_json::to_string(&rows.list).expect("rows are plain");
    for (direction, text) in [("to-json", rows.internal_text()), ("to-table", json)] {
        let file = folder.join(direction);
        let bytes: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        std::fs::write(&file, bytes).expect("a file of the measurement");
        let name = file.to_string_lossy().into_owned();
        let measured = in_new_process(&["one", direction, &name]).expect("the measuring process must answer");
        let [peak, input, output] = measured.as_slice() else { panic!("three numbers were asked for") };
        let extra = peak.saturating_sub(input + output) as f64 / 1e6;
        println!(
            "values_memory_{} {extra:.1} MB beside input and output ({:.0} + {:.0} MB) (limit: at most 16 MB)",
            direction.replace('-', "_"),
            *input as f64 / 1e6,
            *output as f64 / 1e6
        );
    }
    let _ = std::fs::remove_dir_all(&folder);
}

/// In its own process: turns a file into JSON and prints the peak of memory and the milliseconds it took.
fn print_peak_of_file(from: &Path, to: &Path) {
    let started = Instant::now();
    file_to_json(from, to, None, HashMap::new(), JsonSettings::default(), &mut || Ok(()))
        .expect("a whole file");
    println!("{} {}", status("VmHWM"), started.elapsed().as_millis());
}

fn measure_file() {
    let wanted = std::env::var("OBMEN_BENCH_FILE_MB").ok().and_then(|text| text.parse().ok());
    let wanted = wanted.unwrap_or(FILE_MEGABYTES) * 1_000_000;
    let folder = std::env::temp_dir().join(format!("obmen-bench-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder for files");
    let (from, to) = (folder.join("table.txt"), folder.join("table.json"));
    let size = rows::write_file(&from, wanted).expect("room for the file of the measurement");
    let names = [from.to_string_lossy().into_owned(), to.to_string_lossy().into_owned()];
    let measured =
        in_new_process(&["one-file", &names[0], &names[1]]).expect("the measuring process must answer");
    let [peak, milliseconds] = measured.as_slice() else { panic!("two numbers were asked for") };
    println!(
        "values_file_to_json_peak {:.1} MB for a file of {:.0} MB (limit: under 32 MB)",
        *peak as f64 / 1e6,
        size as f64 / 1e6
    );
    println!("values_file_to_json {:.0} MB/s", size as f64 / 1e3 / *milliseconds as f64);
    let _ = std::fs::remove_dir_all(&folder);
}
