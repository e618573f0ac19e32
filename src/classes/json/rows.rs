//! A table that BSL fills row by row, kept as ready JSON.

use crate::addin::{Argument, Call};
use crate::bilingual;
use crate::error::{Code, Error, Result};
use crate::value::{Event, JsonSettings, JsonWriter, WriteEvents};
use serde_json::Value as Json;
use std::collections::{HashMap, HashSet};

/// `ДобавитьСтроку` has so many parameters.
const MOST_COLUMNS: usize = 16;

/// Columns, and rows as JSON objects with commas between.
#[derive(Default)]
pub(super) struct Rows {
    columns: Vec<String>,
    json: String,
    count: u64,
}

impl Rows {
    /// An empty table whose columns are a list with commas, or an array of JSON.
    pub(super) fn new(columns: &Argument<'_>) -> Result<Self> {
        let text = columns.text()?;
        let columns: Vec<String> = if text.trim_start().starts_with('[') {
            match serde_json::from_str::<Json>(&text) {
                Ok(Json::Array(names)) => {
                    names.iter().map(|name| name.as_str().unwrap_or_default().trim().to_owned()).collect()
                }
                _ => Vec::new(),
            }
        } else {
            text.split(',').map(|name| name.trim().to_owned()).collect()
        };
        if columns.is_empty() || columns.len() > MOST_COLUMNS || columns.iter().any(String::is_empty) {
            return Err(Error::new(
                Code::Argument,
                bilingual!(
                    "нужны непустые имена колонок через запятую или массивом JSON, не больше {MOST_COLUMNS}.",
                    "names of columns are wanted, with commas or as a JSON array, {MOST_COLUMNS} at most."
                ),
            ));
        }
        let mut seen = HashSet::new();
        if let Some(name) = columns.iter().find(|name| !seen.insert(name.as_str())) {
            return Err(Error::new(
                Code::Argument,
                bilingual!("колонка «{name}» названа дважды.", "the column “{name}” is named twice."),
            ));
        }
        Ok(Self { columns, json: String::new(), count: 0 })
    }

    /// Adds a row from the arguments of a call; what is left out is `null`. `fields` are the new names of columns.
    pub(super) fn add(&mut self, call: &Call<'_>, fields: &HashMap<String, String>) -> Result<()> {
        if self.columns.is_empty() {
            return Err(Error::new(
                Code::Argument,
                bilingual!(
                    "Таблица не начата: сначала вызовите НоваяТаблица(Колонки).",
                    "There is no table: call NewTable(Columns) first."
                ),
            ));
        }
        if let Some(extra) = (self.columns.len()..MOST_COLUMNS).find(|number| !call.is_omitted(*number)) {
            let known = self.columns.len();
            let error = Error::new(
                Code::Argument,
                bilingual!("в таблице колонок {known}, значение лишнее.", "the table has {known} columns."),
            );
            return Err(call.in_parameter(extra, error));
        }
        let mut writer = JsonWriter::new(String::new(), JsonSettings::default());
        writer.write_event(&Event::BeginStructure(Default::default()))?;
        for (number, column) in self.columns.iter().enumerate() {
            writer.write_event(&Event::Name(fields.get(column).unwrap_or(column)))?;
            writer.write_event(&call.scalar(number)?.event())?;
        }
        writer.write_event(&Event::EndStructure)?;
        writer.finish()?;
        if self.count > 0 {
            self.json.push(',');
        }
        self.json.push_str(&writer.into_sink());
        self.count += 1;
        Ok(())
    }

    /// Number of rows.
    pub(super) fn len(&self) -> u64 {
        self.count
    }

    /// All rows as an array of objects.
    pub(super) fn to_json(&self) -> String {
        format!("[{}]", self.json)
    }

    /// Removes the rows; the columns stay.
    pub(super) fn clear(&mut self) {
        self.json = String::new();
        self.count = 0;
    }
}
