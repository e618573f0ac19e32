//! The catalogue on the command line, for the demonstration and for shell scripts:
//!
//! ```text
//! catalogue [--rows 2000] [--seed 1] [--from file.csv] [--change PERCENT | --changed-only PERCENT]
//!           [--format json|table|array|csv|xml]
//! ```

#[path = "mod.rs"]
mod catalogue;

use catalogue::formats::{self, Names};
use std::io::Write;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let (mut rows, mut seed, mut percent, mut changed_only) = (2000, 1, 0, false);
    let (mut source, mut format) = (None, "json".to_owned());
    let mut arguments = std::env::args().skip(1);
    while let Some(name) = arguments.next() {
        let value = arguments.next().ok_or_else(|| format!("{name} needs a value"))?;
        match name.as_str() {
            "--rows" => rows = value.parse()?,
            "--seed" => seed = value.parse()?,
            "--change" => percent = value.parse()?,
            "--changed-only" => (percent, changed_only) = (value.parse()?, true),
            "--from" => source = Some(value),
            "--format" => format = value,
            _ => return Err(format!("unknown option {name}").into()),
        }
    }
    let mut products = match source {
        Some(path) => catalogue::csv::read(&std::fs::read_to_string(path)?)?,
        None => catalogue::generate(rows, seed),
    };
    let before = products.clone();
    catalogue::change(&mut products, percent, seed);
    if changed_only {
        products = products.into_iter().zip(before).filter(|(now, old)| now != old).map(|(now, _)| now).collect();
    }
    let text = match format.as_str() {
        "json" => formats::json(&products, Names::Russian),
        "table" => formats::internal_table(&products),
        "array" => formats::internal_array(&products),
        "csv" => formats::csv(&products),
        "xml" => formats::xml(&products),
        other => return Err(format!("unknown format {other}").into()),
    };
    std::io::stdout().write_all(text.as_bytes())?;
    Ok(())
}
