//! EGAIS documents: data into checked XML, XML into checked data, beside bare loops of quick-xml over the same bytes and
//! beside Python's lxml.
//!
//! The waybill has 10,000 positions and 40,000 marks. `cargo bench --bench egais_documents`, `--profile fast` will do.

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
/// Memory beyond input and output.
const EXTRA_MEMORY_LIMIT: f64 = 16.0;

fn main() -> Result<(), Box<dyn Error>> {
    let is_test = std::env::args().any(|argument| argument == "--test");
    let (positions, rounds) = if is_test { (10, 1) } else { (POSITIONS, 9) };
    let document = document_type("WayBill_v4")?;
    let json = waybill(positions);
    let xml = built(document, &json)?;
    assert_eq!(check_xml(xml.as_bytes()).len(), 0, "the waybill must be valid");
    let size = xml.len() as f64 / 1e6;

    let ours = best(rounds, || built(document, &json).map(|xml| xml.len()))?;
    let events = events(&xml)?;
    let bare = best(rounds, || bare_writer(&events, xml.len()))?;
    share("egais_build", size / ours, "a bare quick-xml Writer", size / bare, BUILD_LIMIT);
    let data =
        best(rounds, || Ok(check_data(document, &mut open(Input::text(&json), None)?, Some(OWNER))?.len()))?;
    println!("egais_check_data {:.0} MB/s of output", size / data);

    let ours = best(rounds, || Ok(parse(xml.as_bytes())?.json().len()))?;
    let bare = best(rounds, || bare_reader(&xml))?;
    share("egais_parse", size / ours, "a bare quick-xml Reader loop", size / bare, PARSE_LIMIT);
    let check = best(rounds, || Ok(check_xml(xml.as_bytes()).len()))?;
    println!(
        "egais_check_xml {:.0} MB/s [{:.2} of a bare quick-xml Reader loop]",
        size / check,
        bare / check
    );

    if !is_test {
        memory(document, &json, &xml)?;
    }
    rests(rounds)
}

/// One line of a figure with a limit and a peer.
fn share(name: &str, ours: f64, peer: &str, theirs: f64, limit: f64) {
    let share = ours / theirs;
    println!(
        "{name} {ours:.0} MB/s [limit {limit:.0}; {share:.2} of {peer}'s {theirs:.0}, limit {SHARE_LIMIT}]"
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

/// All events of a document, ready to be written.
fn events(xml: &str) -> Result<Vec<Event<'static>>, Box<dyn Error>> {
    let mut reader = Reader::from_str(xml);
    let mut events = Vec::new();
    loop {
        match reader.read_event()? {
            Event::Eof => return Ok(events),
            Event::Start(start) => events
                .push(Event::Start(BytesStart::from_content(start.to_string(), start.name().as_ref().len()))),
            Event::End(end) => events.push(Event::End(BytesEnd::new(end.name().as_ref().to_owned()))),
            Event::Text(text) => {
                events.push(Event::Text(BytesText::from_escaped(text.into_inner().into_owned())))
            }
            other => events.push(other.into_owned()),
        }
    }
}

fn bare_writer(events: &[Event<'static>], size: usize) -> Result<usize, Box<dyn Error>> {
    let mut writer = Writer::new(Vec::with_capacity(size));
    for event in events {
        writer.write_event(event.borrow())?;
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

/// Memory at the peak beyond input and output, as the kernel counts it.
fn memory(document: &'static Document, json: &str, xml: &str) -> Result<(), Box<dyn Error>> {
    let ours = |name: &str,
                work: &mut dyn FnMut() -> Result<usize, Box<dyn Error>>|
     -> Result<(), Box<dyn Error>> {
        // Writing 5 resets the peak; where that is not allowed there is no figure.
        if std::fs::write("/proc/self/clear_refs", "5").is_err() {
            println!("{name} skipped: /proc/self/clear_refs cannot be written");
            return Ok(());
        }
        let before = status("VmRSS:")?;
        let output = work()? as f64 / 1e6;
        let extra = status("VmHWM:")? - before - output;
        println!("{name} {:.1} MB beside input and output [limit {EXTRA_MEMORY_LIMIT:.0}]", extra.max(0.0));
        Ok(())
    };
    ours("egais_build_memory", &mut || Ok(built(document, json)?.len()))?;
    ours("egais_parse_memory", &mut || Ok(parse(xml.as_bytes())?.into_json().len()))
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
    let output = Command::new("python3").args(["-c", &program]).output()?;
    let lxml: Option<f64> = String::from_utf8_lossy(&output.stdout).trim().parse().ok();
    let size = xml.len() as f64 / 1e6;
    match lxml {
        Some(lxml) => println!(
            "egais_rests {:.1} ms for {size:.1} MB [{:.2} of the {:.1} ms of Python lxml parse and validate]",
            ours * 1e3,
            ours / lxml,
            lxml * 1e3
        ),
        None => println!("egais_rests {:.1} ms for {size:.1} MB [lxml is not installed]", ours * 1e3),
    }
    Ok(())
}
