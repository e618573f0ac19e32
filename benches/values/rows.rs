//! The rows that the measurements use, as structs and as the texts that 1C would make of them.

use serde::Serialize;
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;

/// One row: five texts, two numbers, a date and a flag, in the proportions of a catalogue.
#[derive(Serialize)]
pub struct Row {
    #[serde(rename = "Код")]
    code: String,
    #[serde(rename = "Наименование")]
    name: String,
    #[serde(rename = "Описание")]
    description: String,
    #[serde(rename = "Цена")]
    price: serde_json::Number,
    #[serde(rename = "Остаток")]
    stock: u32,
    #[serde(rename = "Дата")]
    date: String,
    #[serde(rename = "Категория")]
    category: String,
    #[serde(rename = "Активен")]
    active: bool,
}

const COLUMNS: [&str; 8] =
    ["Код", "Наименование", "Описание", "Цена", "Остаток", "Дата", "Категория", "Активен"];

impl Row {
    fn new(row: usize) -> Self {
        let price = format!("{}.{:02}", row % 90_000 + 100, row % 99 + 1);
        Self {
            code: format!("АРТ-{row:06}"),
            name: format!("Кресло рабочее \"Комфорт\" модель {row}, цвет тёмно-синий"),
            description: format!(
                "Бренд ЛЕСНАЯ МЕБЕЛЬ. Основание из массива бука, обивка из износостойкой ткани,\nширина {} см, \
                 высота {} см. Гарантия два года.",
                row % 90 + 40,
                row % 70 + 30
            ),
            price: price.parse().unwrap_or_else(|_| 0.into()),
            stock: (row % 500) as u32,
            date: format!("2024-05-{:02}T10:11:12", row % 28 + 1),
            category: "Мебель для дома и офиса".to_owned(),
            active: row % 2 == 1,
        }
    }

    fn push_internal(&self, text: &mut String, id: usize) {
        let string = |text: &str| text.replace('"', "\"\"");
        let digits: String = self.date.chars().filter(char::is_ascii_digit).collect();
        let _ = write!(
            text,
            ",\n{{2,{id},8,\n{{\"S\",\"{}\"}},\n{{\"S\",\"{}\"}},\n{{\"S\",\"{}\"}},\n{{\"N\",{}}},\n{{\"N\",{}}},\n{{\"D\",{digits}}},\n{{\"S\",\"{}\"}},\n{{\"B\",{}}},0}}",
            self.code,
            string(&self.name),
            string(&self.description),
            self.price,
            self.stock,
            self.category,
            u8::from(self.active),
        );
    }
}

/// All rows.
pub struct Rows {
    pub list: Vec<Row>,
}

fn head(rows: usize) -> String {
    let mut text = format!("{{\"#\",acf6192e-81ca-46ef-93a6-5a6968b78663,\n{{9,\n{{{}", COLUMNS.len());
    let mut pairs = String::new();
    for (id, name) in COLUMNS.iter().enumerate() {
        let _ = write!(text, ",\n{{{id},\"{name}\",\n{{\"Pattern\"}},\"\",0}}");
        let _ = write!(pairs, "{id},{id},");
    }
    let _ = write!(text, "\n}},\n{{2,{},{pairs}\n{{1,{rows}", COLUMNS.len());
    text
}

fn tail(rows: usize) -> String {
    format!("\n}},{},{}}},\n{{0,0}}\n}}\n}}", COLUMNS.len() - 1, rows as i64 - 1)
}

impl Rows {
    pub fn new(rows: usize) -> Self {
        Self { list: (0..rows).map(Row::new).collect() }
    }

    /// The table as `ЗначениеВСтрокуВнутр` gives it.
    pub fn internal_text(&self) -> String {
        let mut text = head(self.list.len());
        for (id, row) in self.list.iter().enumerate() {
            row.push_internal(&mut text, id);
        }
        text.push_str(&tail(self.list.len()));
        text
    }
}

/// Writes a table of about `size` bytes as `ЗначениеВФайл` does: UTF-8 with a mark, CR LF. Gives the size.
pub fn write_file(path: &Path, size: u64) -> std::io::Result<u64> {
    let mut row_text = String::new();
    Row::new(123_456).push_internal(&mut row_text, 123_456);
    let rows = (size / row_text.replace('\n', "\r\n").len() as u64) as usize;
    let mut file = std::io::BufWriter::new(std::fs::File::create(path)?);
    file.write_all("\u{feff}".as_bytes())?;
    file.write_all(head(rows).replace('\n', "\r\n").as_bytes())?;
    for id in 0..rows {
        row_text.clear();
        Row::new(id).push_internal(&mut row_text, id);
        file.write_all(row_text.replace('\n', "\r\n").as_bytes())?;
    }
    file.write_all(tail(rows).replace('\n', "\r\n").as_bytes())?;
    file.into_inner()?.sync_all()?;
    Ok(std::fs::metadata(path)?.len())
}
