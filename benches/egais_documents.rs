//! EGAIS documents: data into checked XML, XML into checked data, beside bare loops of quick-xml over the same bytes and
//! beside Python's lxml.
//!
//! The waybill has 10,000 positions and 40,000 marks. `cargo bench --bench egais_documents` with a word (`build`,
//! `parse`, `memory`, `rests`) runs that part alone. Memory is measured in a process of its own.

use obmen::egais::build::{BuildOptions, build, check_data, document_type};
use obmen::egais::check::check_xml;
use obmen::egais::model::Document;
use obmen::egais::parse::parse;
use obmen::value::{Input, open};
use quick_xml::events::{BytesEnd, BytesStart, BytesText, Event};
use quick_xml::{Reader, Writer};
use std::error::Error;
use std::fmt::Write as _;
use std::hint::black_box;
use std::path::PathBuf;
use std::process::Command;
use std::time::Instant;

const POSITIONS: usize = 10_000;
const MARKS: usize = 4;
const OWNER: &str = "010000000011";
/// Least speeds, and the least share of the bare loop's.
const BUILD_LIMIT: f64 = 200.0;
const PARSE_LIMIT: f64 = 150.0;
const SHARE_LIMIT: f64 = 0.33;
/// Megabytes beyond input and output.
const EXTRA_MEMORY_LIMIT: f64 = 16.0;
/// Makes this program the measuring process.
const MEASURE_MEMORY: &str = "--measure-memory";

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let [flag, work, file] = arguments.as_slice()
        && flag == MEASURE_MEMORY
    {
        return memory_of(work, file);
    }
    let is_test = arguments.iter().any(|argument| argument == "--test");
    let part = arguments.iter().find(|argument| !argument.starts_with('-'));
    let wanted = |name: &str| part.is_none_or(|part| part == name);
    let (positions, rounds) = if is_test { (10, 1) } else { (POSITIONS, 15) };
    let document = document_type("WayBill_v4")?;
    let json = waybill(positions);
    let xml = built(document, &json)?;
    assert_eq!(check_xml(xml.as_bytes()), [], "the waybill must be valid");
    if wanted("build") {
        build_speed(document, &json, &xml, rounds)?;
    }
    if wanted("parse") {
        parse_speed(&xml, rounds)?;
    }
    if wanted("memory") {
        memory("build", &json)?;
        memory("parse", &xml)?;
    }
    if wanted("rests") {
        rests(rounds)?;
    }
    Ok(())
}

fn build_speed(
    document: &'static Document,
    json: &str,
    xml: &str,
    rounds: usize,
) -> Result<(), Box<dyn Error>> {
    let size = xml.len() as f64 / 1e6;
    let pieces = pieces(xml)?;
    let ours = best(rounds, || built(document, json).map(|xml| xml.len()))?;
    let bare = best(rounds, || bare_writer(&pieces, xml.len()))?;
    share("egais_build", size, ours, "a bare quick-xml Writer", bare, BUILD_LIMIT);
    let data =
        best(rounds, || Ok(check_data(document, &mut open(Input::text(json), None)?, Some(OWNER))?.len()))?;
    println!("egais_check_data {:.0} MB/s of output [no limit]", size / data);
    Ok(())
}

fn parse_speed(xml: &str, rounds: usize) -> Result<(), Box<dyn Error>> {
    let size = xml.len() as f64 / 1e6;
    let ours = best(rounds, || Ok(parse(xml.as_bytes())?.json().len()))?;
    let bare = best(rounds, || bare_reader(xml))?;
    share("egais_parse", size, ours, "a bare quick-xml Reader loop", bare, PARSE_LIMIT);
    let check = best(rounds, || Ok(check_xml(xml.as_bytes()).len()))?;
    println!("egais_check_xml {:.0} MB/s [no limit]", size / check);
    Ok(())
}

/// One line of a figure with a limit and a peer; sizes in MB, times in seconds.
fn share(name: &str, size: f64, ours: f64, peer: &str, theirs: f64, limit: f64) {
    println!(
        "{name} {:.0} MB/s [limit {limit:.0}; {:.2} of {peer}'s {:.0}, limit {SHARE_LIMIT}]",
        size / ours,
        theirs / ours,
        size / theirs
    );
}

fn built(document: &'static Document, json: &str) -> Result<String, Box<dyn Error>> {
    Ok(build(document, &mut open(Input::text(json), None)?, OWNER, BuildOptions::default())?)
}

/// The best time of some rounds, in seconds.
fn best<T>(
    rounds: usize,
    mut work: impl FnMut() -> Result<T, Box<dyn Error>>,
) -> Result<f64, Box<dyn Error>> {
    let mut best = f64::MAX;
    for _ in 0..rounds {
        let start = Instant::now();
        black_box(work()?);
        best = best.min(start.elapsed().as_secs_f64());
    }
    Ok(best)
}

/// The data of a waybill, as a configuration would give it.
fn waybill(positions: usize) -> String {
    let party = |id: &str| {
        format!(
            r#"{{"UL":{{"ClientRegId":"{id}","FullName":"Общество с ограниченной ответственностью \"Ромашка\"","ShortName":"ООО \"Ромашка\"","INN":"7701234567","KPP":"770101001","address":{{"Country":"643","RegionCode":"77","description":"Москва, ул. Вокзальная, дом 2"}}}}}}"#
        )
    };
    let (shipper, consignee, producer) = (party(OWNER), party("020000000022"), party("010000000467"));
    let mut json = format!(
        r#"{{"Identity":"fc58d5a1-e991-49f6-9c81-de3789f8d383","Header":{{"Type":"WBInvoiceFromMe","NUMBER":"00000003430","Date":"2022-06-08","ShippingDate":"2022-06-08","Shipper":{shipper},"Consignee":{consignee},"Base":"Договор 17"}},"Content":{{"Position":["#
    );
    for position in 0..positions {
        let comma = if position == 0 { "" } else { "," };
        let _ = write!(
            json,
            r#"{comma}{{"Product":{{"UnitType":"Packed","Type":"АП","FullName":"Водка \"Журавли\" особая","ShortName":"Водка","AlcCode":"0150325000001194943","Capacity":"0.5000","AlcVolume":"40.000","Producer":{producer},"ProductVCode":"200"}},"Quantity":"{MARKS}.000","Price":"250.10","Party":"П{position}","Identity":"{position}","EAN13":"4620006995702","FARegId":"FA-000000041717288","InformF2":{{"F2RegId":"FB-{position:015}","MarkInfo":{{"boxpos":[{{"boxnumber":"{:026}","amclist":{{"amc":["#,
            position + 1
        );
        for mark in 0..MARKS {
            let comma = if mark == 0 { "" } else { "," };
            let number = position * MARKS + mark + 1;
            let _ = write!(json, r#"{comma}"246200{number:08}0622001{:Z<129}""#, format!("{number}A"));
        }
        json.push_str("]}}]}}}");
    }
    json.push_str("]}}");
    json
}

/// An event of a document as a program has it at hand: names and texts.
enum Piece {
    Start(String),
    Text(String),
    End(String),
}

/// All pieces of a document, in their order.
fn pieces(xml: &str) -> Result<Vec<Piece>, Box<dyn Error>> {
    let mut reader = Reader::from_str(xml);
    let mut pieces = Vec::new();
    loop {
        match reader.read_event()? {
            Event::Eof => return Ok(pieces),
            Event::Start(start) => pieces.push(Piece::Start(start.to_string())),
            Event::End(end) => pieces.push(Piece::End(end.name().as_ref().to_owned())),
            Event::Text(text) => pieces.push(Piece::Text(text.to_string())),
            _ => {}
        }
    }
}

/// The events are made and written one after another, which escapes their texts.
fn bare_writer(pieces: &[Piece], size: usize) -> Result<usize, Box<dyn Error>> {
    let mut writer = Writer::new(Vec::with_capacity(size));
    for piece in pieces {
        writer.write_event(match piece {
            Piece::Start(tag) => {
                let name = tag.find(' ').unwrap_or(tag.len());
                Event::Start(BytesStart::from_content(tag.as_str(), name))
            }
            Piece::Text(text) => Event::Text(BytesText::new(text)),
            Piece::End(name) => Event::End(BytesEnd::new(name.as_str())),
        })?;
    }
    Ok(writer.into_inner().len())
}

fn bare_reader(xml: &str) -> Result<usize, Box<dyn Error>> {
    let mut reader = Reader::from_str(xml);
    let mut count = 0;
    loop {
        match reader.read_event()? {
            Event::Eof => return Ok(count),
            event => {
                black_box(&event);
                count += 1;
            }
        }
    }
}

/// Memory at the peak beyond input and output, as the kernel counts it, in a fresh process.
fn memory(work: &str, input: &str) -> Result<(), Box<dyn Error>> {
    let file = tempfile::NamedTempFile::new()?;
    std::fs::write(file.path(), input)?;
    let output =
        Command::new(std::env::current_exe()?).args([MEASURE_MEMORY, work]).arg(file.path()).output()?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into());
    }
    print!("{}", String::from_utf8_lossy(&output.stdout));
    Ok(())
}

/// The measuring process.
fn memory_of(work: &str, file: &str) -> Result<(), Box<dyn Error>> {
    let name = format!("egais_{work}_memory");
    let input = std::fs::read_to_string(file)?;
    let document = document_type("WayBill_v4")?;
    // Tables and the allocator's own room are there before the work that is measured.
    built(document, &waybill(10)).and_then(|xml| Ok(parse(xml.as_bytes())?.into_json().len()))?;
    // Writing 5 resets the peak; where that is not allowed there is no figure.
    if std::fs::write("/proc/self/clear_refs", "5").is_err() {
        println!("{name} skipped: /proc/self/clear_refs cannot be written");
        return Ok(());
    }
    let before = status("VmRSS:")?;
    let output = match work {
        "build" => built(document, &input)?.len(),
        _ => parse(input.as_bytes())?.into_json().len(),
    } as f64
        / 1e6;
    let extra = status("VmHWM:")? - before - output;
    println!(
        "{name} {extra:.1} MB beside {:.1} MB of input and {output:.1} MB of output [limit {EXTRA_MEMORY_LIMIT:.0}]",
        input.len() as f64 / 1e6
    );
    Ok(())
}

fn status(name: &str) -> Result<f64, Box<dyn Error>> {
    let text = std::fs::read_to_string("/proc/self/status")?;
    let line = text.lines().find_map(|line| line.strip_prefix(name)).ok_or("no such line")?;
    Ok(line.trim().trim_end_matches(" kB").parse::<f64>()? * 1024.0 / 1e6)
}

/// The real reply of rests, beside lxml parsing and validating it.
fn rests(rounds: usize) -> Result<(), Box<dyn Error>> {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let shared = std::env::var_os("OBMEN_SHARED").map_or_else(|| root.join("../shared"), PathBuf::from);
    let file = shared.join("egais/samples/ReplyRests_v2--kinzazu_UTM_Rest-B-Code--4fba2acd.xml");
    let Ok(xml) = std::fs::read(&file) else {
        println!("egais_rests skipped: {} is not here", file.display());
        return Ok(());
    };
    let ours = best(rounds, || Ok(parse(&xml)?.json().len()))?;
    let program = format!(
        "import time\nfrom lxml import etree\nschema = etree.XMLSchema(etree.parse({:?}))\ndata = open({:?}, 'rb').read()\nbest = 9.0\n\
         for _ in range({rounds}):\n    start = time.perf_counter()\n    assert schema.validate(etree.fromstring(data))\n    best = min(best, time.perf_counter() - start)\nprint(best)",
        shared.join("egais/xsd/WB_DOC_SINGLE_01.xsd"),
        file
    );
    let python = Command::new("sh")
        .arg(root.join("scripts/venv.sh"))
        .arg(root.join("tests/egais/requirements.txt"))
        .output()?;
    let python = String::from_utf8_lossy(&python.stdout).trim().to_owned();
    let size = xml.len() as f64 / 1e6;
    if python.is_empty() {
        println!("egais_rests {:.1} ms for {size:.1} MB [lxml could not be installed]", ours * 1e3);
        return Ok(());
    }
    let output = Command::new(python).args(["-c", &program]).output()?;
    let lxml: f64 = String::from_utf8_lossy(&output.stdout)
        .trim()
        .parse()
        .map_err(|_| String::from_utf8_lossy(&output.stderr).into_owned())?;
    println!(
        "egais_rests {:.1} ms for {size:.1} MB [{:.2} of the {:.1} ms of Python lxml, parse and validate]",
        ours * 1e3,
        ours / lxml,
        lxml * 1e3
    );
    Ok(())
}
