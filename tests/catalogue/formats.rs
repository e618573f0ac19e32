//! A catalogue as text: CSV and XML files, JSON, and the internal text of `ЗначениеВСтрокуВнутр`.

use super::Product;
use super::csv::COLUMNS;
use std::fmt::Write;

/// Names of the fields: as 1C programmers write them, or as the site's JSON has them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Names {
    Russian,
    English,
}

const RUSSIAN: [&str; 9] = [
    "Артикул",
    "Наименование",
    "Цена",
    "СтараяЦена",
    "Остаток",
    "Категория",
    "Описание",
    "Активен",
    "Характеристики",
];

impl Names {
    fn fields(self) -> [&'static str; 9] {
        match self {
            Self::Russian => RUSSIAN,
            Self::English => COLUMNS,
        }
    }

    fn pair(self) -> (&'static str, &'static str) {
        match self {
            Self::Russian => ("Название", "Значение"),
            Self::English => ("name", "value"),
        }
    }
}

/// CSV as `csv::read` takes it.
pub fn csv(products: &[Product]) -> String {
    let mut text = COLUMNS.join(",") + "\n";
    for product in products {
        let characteristics = match product.characteristics.as_slice() {
            [] => None,
            pairs => Some(json_pairs(pairs, Names::English)),
        };
        let flag = product.is_active.map(|active| if active { "1" } else { "0" }.to_owned());
        let cells =
            text_cells(product).chain([&flag, &characteristics]).map(|cell| csv_cell(cell.as_deref()));
        text += &cells.collect::<Vec<_>>().join(",");
        text.push('\n');
    }
    text
}

fn csv_cell(cell: Option<&str>) -> String {
    let cell = cell.unwrap_or("");
    if cell.contains(['"', ',', '\n', '\r']) {
        format!("\"{}\"", cell.replace('"', "\"\""))
    } else {
        cell.to_owned()
    }
}

/// A JSON array of objects; what is `None` stands as `null`, as 1C writes `Неопределено`.
pub fn json(products: &[Product], names: Names) -> String {
    let mut text = String::from("[");
    for (index, product) in products.iter().enumerate() {
        text.push_str(if index == 0 { "\n" } else { ",\n" });
        text.push('{');
        let fields = names.fields();
        for (position, (field, cell)) in fields.iter().zip(text_cells(product)).enumerate() {
            let value = match cell {
                None => "null".to_owned(),
                Some(number) if (2..=4).contains(&position) => number.clone(),
                Some(other) => json_text(other),
            };
            let _ = write!(text, "\"{field}\":{value},");
        }
        let active = product.is_active.map_or("null".to_owned(), |active| active.to_string());
        let pairs = json_pairs(&product.characteristics, names);
        let _ = write!(text, "\"{}\":{active},\"{}\":{pairs}}}", fields[7], fields[8]);
    }
    text + "\n]"
}

fn json_pairs(pairs: &[(String, String)], names: Names) -> String {
    let (name_key, value_key) = names.pair();
    let items: Vec<_> = pairs
        .iter()
        .map(|(name, value)| {
            format!("{{\"{name_key}\":{},\"{value_key}\":{}}}", json_text(name), json_text(value))
        })
        .collect();
    format!("[{}]", items.join(","))
}

fn json_text(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for character in text.chars() {
        match character {
            '"' => quoted += "\\\"",
            '\\' => quoted += "\\\\",
            '\n' => quoted += "\\n",
            '\r' => quoted += "\\r",
            control if control < ' ' => {
                let _ = write!(quoted, "\\u{:04X}", control as u32);
            }
            other => quoted.push(other),
        }
    }
    quoted + "\""
}

/// XML: `<products><product><sku>…</sku>…<characteristics><characteristic><name>…`.
pub fn xml(products: &[Product]) -> String {
    let mut text = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<products>\n");
    for product in products {
        text += "<product>";
        let flag = product.is_active.map(|active| active.to_string());
        for (title, cell) in COLUMNS.iter().zip(text_cells(product).chain([&flag])) {
            if let Some(cell) = cell {
                let _ = write!(text, "<{title}>{}</{title}>", xml_text(cell));
            }
        }
        if !product.characteristics.is_empty() {
            text += "<characteristics>";
            for (name, value) in &product.characteristics {
                let (name, value) = (xml_text(name), xml_text(value));
                let _ = write!(
                    text,
                    "<characteristic><name>{name}</name><value>{value}</value></characteristic>"
                );
            }
            text += "</characteristics>";
        }
        text += "</product>\n";
    }
    text + "</products>\n"
}

fn xml_text(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('\r', "&#13;")
}

/// Internal text of a `ТаблицаЗначений` with Russian columns; characteristics are a nested table.
pub fn internal_table(products: &[Product]) -> String {
    let rows = products.iter().map(|product| {
        let mut cells = value_cells(product);
        cells.push(match product.characteristics.as_slice() {
            [] => undefined(),
            pairs => {
                let rows = pairs.iter().map(|(name, value)| vec![string(name), string(value)]).collect();
                table(&["Название", "Значение"], rows)
            }
        });
        cells
    });
    table(&RUSSIAN, rows.collect()).write()
}

/// Internal text of a `Массив` of `Структура`; what is `None` is left out; characteristics are an array.
pub fn internal_array(products: &[Product]) -> String {
    let items = products.iter().map(|product| {
        let cells = RUSSIAN.iter().copied().zip(value_cells(product));
        let mut members: Vec<_> = cells.filter(|(_, cell)| *cell != undefined()).collect();
        if !product.characteristics.is_empty() {
            let pairs = product.characteristics.iter();
            let pairs = pairs.map(|(name, value)| {
                structure(vec![("Название", string(name)), ("Значение", string(value))])
            });
            members.push(("Характеристики", array(pairs.collect())));
        }
        structure(members)
    });
    array(items.collect()).write()
}

fn text_cells(product: &Product) -> impl Iterator<Item = &Option<String>> {
    [
        &product.sku,
        &product.name,
        &product.price,
        &product.old_price,
        &product.stock,
        &product.category,
        &product.description,
    ]
    .into_iter()
}

fn value_cells(product: &Product) -> Vec<Node> {
    let mut cells: Vec<Node> = text_cells(product)
        .enumerate()
        .map(|(position, cell)| match cell {
            None => undefined(),
            Some(number) if (2..=4).contains(&position) => typed("N", Node::Atom(number.clone())),
            Some(text) => string(text),
        })
        .collect();
    cells.push(
        product
            .is_active
            .map_or_else(undefined, |active| typed("B", Node::Atom(u8::from(active).to_string()))),
    );
    cells
}

/// An item of the internal text. A line break stands before each item that is a list, and before a closing brace
/// whose last item was a list.
#[derive(Debug, Clone, PartialEq)]
enum Node {
    Atom(String),
    Text(String),
    List(Vec<Node>),
}

impl Node {
    fn write(&self) -> String {
        let mut text = String::new();
        self.write_to(&mut text);
        text
    }

    fn write_to(&self, text: &mut String) {
        match self {
            Self::Atom(atom) => text.push_str(atom),
            Self::Text(string) => {
                text.push('"');
                for character in string.chars() {
                    match character {
                        '"' => text.push_str("\"\""),
                        // Outside the BMP each UTF-16 half is written as "\xxxx.
                        wide if wide > '\u{FFFF}' => {
                            for half in wide.encode_utf16(&mut [0; 2]) {
                                let _ = write!(text, "\"\\{half:04x}");
                            }
                        }
                        other => text.push(other),
                    }
                }
                text.push('"');
            }
            Self::List(items) => {
                text.push('{');
                for (index, item) in items.iter().enumerate() {
                    if index > 0 {
                        text.push(',');
                    }
                    if matches!(item, Self::List(_)) {
                        text.push('\n');
                    }
                    item.write_to(text);
                }
                if matches!(items.last(), Some(Self::List(_))) {
                    text.push('\n');
                }
                text.push('}');
            }
        }
    }
}

fn atom(value: impl ToString) -> Node {
    Node::Atom(value.to_string())
}

fn typed(tag: &str, value: Node) -> Node {
    Node::List(vec![Node::Text(tag.to_owned()), value])
}

fn string(text: &str) -> Node {
    typed("S", Node::Text(text.to_owned()))
}

fn undefined() -> Node {
    Node::List(vec![Node::Text("U".to_owned())])
}

fn object(guid: &str, payload: Vec<Node>) -> Node {
    Node::List(vec![Node::Text("#".to_owned()), atom(guid), Node::List(payload)])
}

fn counted(items: Vec<Node>) -> Vec<Node> {
    std::iter::once(atom(items.len())).chain(items).collect()
}

fn array(items: Vec<Node>) -> Node {
    object("51e7a0d2-530b-11d4-b98a-008048da3034", counted(items))
}

fn structure(members: Vec<(&str, Node)>) -> Node {
    let members = members.into_iter().map(|(name, value)| Node::List(vec![string(name), value])).collect();
    object("4238019d-7e49-4fc9-91db-b6b951d5cf8e", counted(members))
}

/// Version 9, columns of any type, trailing `Неопределено` of a row left out.
fn table(names: &[&str], rows: Vec<Vec<Node>>) -> Node {
    let columns = names.iter().enumerate().map(|(id, name)| {
        let pattern = Node::List(vec![Node::Text("Pattern".to_owned())]);
        Node::List(vec![
            atom(id),
            Node::Text((*name).to_owned()),
            pattern,
            Node::Text(String::new()),
            atom(0),
        ])
    });
    let columns = Node::List(counted(columns.collect()));
    let last_row = rows.len() as i64 - 1;
    let rows = rows.into_iter().enumerate().map(|(id, mut cells)| {
        while cells.last() == Some(&undefined()) {
            cells.pop();
        }
        let mut row = vec![atom(2), atom(id), atom(cells.len())];
        row.extend(cells);
        row.push(atom(0));
        Node::List(row)
    });
    let rows = counted(rows.collect());
    let mut body = vec![atom(2), atom(names.len())];
    body.extend((0..names.len()).flat_map(|id| [atom(id), atom(id)]));
    body.push(Node::List(std::iter::once(atom(1)).chain(rows).collect()));
    body.extend([atom(names.len() as i64 - 1), atom(last_row)]);
    let indexes = Node::List(vec![atom(0), atom(0)]);
    object("acf6192e-81ca-46ef-93a6-5a6968b78663", vec![atom(9), columns, Node::List(body), indexes])
}
