//! Speeds of sending a catalogue, each beside its limit or its peer in the same run.
//!
//! ```text
//! cargo bench --bench site [-- catalogue|send]
//! ```
//!
//! Lines are `name value unit [ratio to what, limit]`. The real catalogue of the developers' data folder is used
//! where it is present, else a made-up one of the same size.

#[path = "../tests/catalogue/mod.rs"]
mod catalogue;
#[path = "site/sink.rs"]
mod sink;

use catalogue::Product;
use obmen::http::InFlight;
use obmen::journal::Journal;
use obmen::operation::{CancelToken, Operation, Silent};
use obmen::site::{Catalogue, ExtraFields, Sending, Settings, Site, request_bodies};
use obmen::value::{Input, open};
use serde::Serialize;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

const ROWS: usize = 27_093;
const PRODUCTS: usize = 100_000;
const TOKEN: &str = "bench-token-0123456789";

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["memory", file] => print_extra_memory(Path::new(file)),
        ["sending", file] => print_send(Path::new(file)),
        ["catalogue"] => measure_catalogue(),
        ["send"] => measure_send(),
        _ => {
            measure_catalogue();
            measure_send();
        }
    }
}

/// The best of several runs: other work on the machine only ever makes a run longer.
fn best<T>(runs: usize, mut run: impl FnMut() -> T) -> Duration {
    let timed = |_| {
        let started = Instant::now();
        std::hint::black_box(run());
        started.elapsed()
    };
    (0..runs).map(timed).min().unwrap_or_default()
}

fn real_catalogue() -> Vec<Product> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folder = std::env::var_os("OBMEN_SHARED").map_or_else(|| root.join("../shared"), PathBuf::from);
    match std::fs::read_to_string(folder.join("data/products.csv")) {
        Ok(text) => catalogue::csv::read(&text).expect("the catalogue is CSV"),
        Err(_) => catalogue::generate(ROWS, 1),
    }
}

fn settings() -> Settings {
    Settings { token: TOKEN.into(), batch_pause: Duration::ZERO, ..Settings::default() }
}

fn read(units: &[u16]) -> Catalogue {
    let mut products = Catalogue::new();
    let mut reader = open(Input::units(units), None).expect("the text begins as internal text");
    products.add(&mut reader, ExtraFields::LeaveOut).expect("the text is whole");
    products
}

fn build_bodies(catalogue: &Catalogue) -> usize {
    request_bodies(&settings(), catalogue).expect("the token is set").map(|body| body.concat().len()).sum()
}

fn measure_catalogue() {
    let products = real_catalogue();
    let text = catalogue::formats::internal_table(&products);
    let units: Vec<u16> = text.encode_utf16().collect();
    let bytes = units.len() * 2;
    println!("catalogue_rows {} rows [{:.1} MB of UTF-16]", products.len(), bytes as f64 / 1e6);

    // First of all and in a process of its own: memory that was freed before would hide what is taken.
    run_again("memory", &text);

    let reading = best(15, || read(&units));
    let sent = read(&units);
    let ours = best(15, || build_bodies(&read(&units)));
    let rows: Vec<Row<'_>> = products.iter().filter_map(Row::of).collect();
    assert_eq!(rows.len(), sent.len());
    let peer = best(15, || write_with_serde(&rows));

    let speed = |time: Duration| bytes as f64 / 1e6 / time.as_secs_f64();
    println!("catalogue_reading {:.0} MB/s", speed(reading));
    println!("catalogue_to_bodies {:.0} MB/s [limit 450]", speed(ours));
    println!(
        "catalogue_to_bodies_time {:.1} ms [{:.2} of serde_json writing the same rows from structs in {:.1} ms, \
         limit 5]",
        ours.as_secs_f64() * 1e3,
        ours.as_secs_f64() / peer.as_secs_f64(),
        peer.as_secs_f64() * 1e3
    );
}

/// What the whole work takes beside its input, at its highest.
fn print_extra_memory(file: &Path) {
    let units = read_units(file);
    let bytes = units.len() as f64 * 2.0;
    // Linux only: 5 starts the highest resident size anew.
    if std::fs::write("/proc/self/clear_refs", "5").is_err() {
        return println!("catalogue_extra_memory skipped: not measured on this system");
    }
    let before = resident("VmRSS:");
    let products = read(&units);
    std::hint::black_box(build_bodies(&products));
    let extra = resident("VmHWM:") - before;
    println!("catalogue_extra_memory {:.1} MB [{:.2} of the input, limit 2]", extra / 1e6, extra / bytes);
}

/// A line of `/proc/self/status` in bytes.
fn resident(name: &str) -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default();
    line.split_whitespace().next().and_then(|number| number.parse::<f64>().ok()).unwrap_or_default() * 1024.0
}

/// A product as a Rust program would hold it.
#[derive(Serialize)]
struct Row<'a> {
    sku: &'a str,
    name: &'a str,
    price: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    old_price: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    stock: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    category: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    is_active: Option<bool>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    characteristics: Vec<Pair<'a>>,
}

#[derive(Serialize)]
struct Pair<'a> {
    name: &'a str,
    value: &'a str,
}

#[derive(Serialize)]
struct Body<'a> {
    token: &'a str,
    products: &'a [Row<'a>],
}

impl<'a> Row<'a> {
    fn of(product: &'a Product) -> Option<Self> {
        let number = |text: &Option<String>| text.as_deref().and_then(|text| text.parse::<f64>().ok());
        product.is_complete().then_some(())?;
        let pair = |(name, value): &'a (String, String)| Pair { name, value };
        Some(Self {
            sku: product.sku.as_deref()?,
            name: product.name.as_deref()?,
            price: number(&product.price)?,
            description: product.description.as_deref(),
            old_price: number(&product.old_price).filter(|price| *price > 0.0),
            stock: number(&product.stock),
            category: product.category.as_deref(),
            is_active: product.is_active,
            characteristics: product.characteristics.iter().map(pair).collect(),
        })
    }
}

fn write_with_serde(rows: &[Row<'_>]) -> usize {
    let mut total = 0;
    for products in rows.chunks(100) {
        let body = serde_json::to_vec(&Body { token: TOKEN, products }).expect("plain data");
        total += std::hint::black_box(body).len();
    }
    total
}

/// In a process of its own: the million small pieces that making the input frees would slow down every allocation.
fn measure_send() {
    let mut products = catalogue::generate(PRODUCTS + PRODUCTS / 10, 1);
    products.retain(Product::is_complete);
    products.truncate(PRODUCTS);
    run_again("sending", &catalogue::formats::internal_table(&products));
}

/// Runs this program again with a text of UTF-16.
fn run_again(what: &str, text: &str) {
    let file = tempfile::NamedTempFile::new().expect("a file");
    let raw: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    std::fs::write(file.path(), raw).expect("the file is written");
    let this = std::env::current_exe().expect("this program");
    let status = Command::new(this).arg(what).arg(file.path()).status().expect("this program runs");
    assert!(status.success());
}

fn read_units(file: &Path) -> Vec<u16> {
    let raw = std::fs::read(file).expect("the input");
    raw.chunks_exact(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]])).collect()
}

fn print_send(file: &Path) {
    let whole = read(&read_units(file));
    assert_eq!(whole.len(), PRODUCTS);
    let bodies: Vec<String> = request_bodies(&settings(), &whole)
        .expect("the token is set")
        .map(|body| String::from_utf8(body.concat()).expect("JSON is UTF-8"))
        .collect();
    let sink = sink::Sink::start();

    let send = |parallel: usize, list: &mut Catalogue| {
        let settings = Settings { base_url: sink.url(), parallel, ..settings() };
        let mut silent = Silent;
        let mut operation = Operation::new(CancelToken::new(), &mut silent);
        let started = Instant::now();
        let site = Site::new(&settings, InFlight::new(), &Journal::off()).expect("the settings are right");
        let report = site.send(list, Sending::Sync, &mut operation).expect("the settings are right");
        let time = started.elapsed();
        assert_eq!((report.processed, report.unsent), (PRODUCTS as u64, 0), "{:?}", report.message);
        time
    };
    // In turns, so that other work on the machine hits all alike; the best of each.
    let [mut bare, mut single, mut parallel] = [Duration::MAX; 3];
    for _ in 0..20 {
        bare = bare.min(best(1, || sink::drive(sink.address(), &bodies)));
        single = single.min(send(1, &mut whole.clone()));
        parallel = parallel.min(send(4, &mut whole.clone()));
    }
    let rate = |time: Duration| PRODUCTS as f64 / time.as_secs_f64();
    println!("send_bare_sink {:.0} products/s [minimal client, one connection]", rate(bare));
    println!(
        "send {:.0} products/s [{:.2} of the bare sink, limit 0.60]",
        rate(single),
        rate(single) / rate(bare)
    );
    println!(
        "send_parallel_4 {:.0} products/s [{:.2} of the bare sink]",
        rate(parallel),
        rate(parallel) / rate(bare)
    );
    match python_loop(&bodies, &sink.url()) {
        Some(python) => println!(
            "send_python {:.0} products/s [send is {:.1} times as fast, limit 5]",
            rate(python),
            rate(single) / rate(python)
        ),
        None => println!("send_python skipped: no python3 with requests"),
    }
}

/// What the site instruction's own code does: a connection for every batch, the JSON made from the values.
const PYTHON: &str = r#"
import json, sys, time
import requests
url, token = sys.argv[1], sys.argv[2]
batches = [json.loads(line)["products"] for line in sys.stdin]
started = time.perf_counter()
for products in batches:
    body = json.dumps({"token": token, "products": products}, ensure_ascii=False).encode("utf-8")
    headers = {"X-API-Key": token, "Content-Type": "application/json; charset=utf-8"}
    answer = requests.post(url, data=body, headers=headers, timeout=30)
    assert answer.status_code == 200 and answer.json()["processed"] == 100
print(time.perf_counter() - started)
"#;

fn python_loop(bodies: &[String], url: &str) -> Option<Duration> {
    let has_requests = Command::new("python3").args(["-c", "import requests"]).stderr(Stdio::null()).status();
    if !has_requests.is_ok_and(|status| status.success()) {
        return None;
    }
    let mut child = Command::new("python3")
        .args(["-c", PYTHON, &format!("{url}/api/1c/sync/"), TOKEN])
        .env("NO_PROXY", "*")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .ok()?;
    let mut input = child.stdin.take()?;
    for body in bodies {
        input.write_all(body.as_bytes()).ok()?;
        input.write_all(b"\n").ok()?;
    }
    drop(input);
    let output = child.wait_with_output().ok()?;
    let seconds: f64 = String::from_utf8_lossy(&output.stdout).trim().parse().ok()?;
    Some(Duration::from_secs_f64(seconds))
}
