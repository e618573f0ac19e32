//! A value table from an array of objects.

use crate::bilingual;
use crate::error::{Bilingual, Code, Error, Result};
use crate::value::convert::select::Selector;
use crate::value::event::{Column, Event, ReadEvents};
use crate::value::fault;
use crate::value::internal::{RowsWriter, StructuresAs};
use crate::value::output::Output;
use crate::value::path::is_identifier;
use crate::value::pump::skip;
use std::collections::{HashMap, HashSet};

/// More columns than this are a sign that the keys of the objects are data.
const MOST_COLUMNS: usize = 10_000;

/// Which columns a table has.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum TableColumns {
    /// One for each member, in the order in which the members first appear.
    #[default]
    ByAppearance,
    /// These only.
    Given(Vec<ColumnSource>),
}

/// A wanted column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ColumnSource {
    /// `Имя` of the column.
    pub name: String,
    /// Names of members from the object inwards; an index leads into an array.
    pub path: Vec<String>,
}

impl TableColumns {
    /// Reads a list such as `Артикул, Адрес.Город, Город = Адрес.Город, Первый = Товары[0].Код`, with commas or as
    /// a JSON array of texts. Without a name of its own, a column is named after its path. An empty text means all
    /// members.
    ///
    /// # Errors
    /// `argument` for a column without path, two columns of one name, or a path that goes through another.
    pub fn parse(text: &str) -> Result<Self> {
        let text = text.trim();
        if text.is_empty() {
            return Ok(Self::ByAppearance);
        }
        let parts: Vec<String> = if text.starts_with(['[', '{']) {
            serde_json::from_str(text).map_err(|_| malformed(text))?
        } else {
            text.split(',').map(str::to_owned).collect()
        };
        parts.iter().map(|part| ColumnSource::parse(part.trim())).collect::<Result<_>>().map(Self::Given)
    }
}

impl ColumnSource {
    fn parse(text: &str) -> Result<Self> {
        let (name, path) = match text.split_once('=') {
            Some((name, path)) => (name.trim().to_owned(), path.trim()),
            None => (column_name(text), text),
        };
        let path = Selector::parse(path).map_err(|_| malformed(text))?.into_names();
        if !is_identifier(&name) || path.is_empty() || path.iter().any(String::is_empty) {
            return Err(malformed(text));
        }
        Ok(Self { name, path })
    }
}

/// Reads an array of objects (structures, or the rows of a table) and writes a value table as internal text.
///
/// # Errors
/// `value_text` with the place if the value is no array of objects, `argument` for impossible columns, and those
/// of the reader.
pub fn table_from_rows(
    reader: &mut impl ReadEvents,
    columns: &TableColumns,
    structures: StructuresAs,
) -> Result<Output> {
    let mut table =
        Builder { rows: RowsWriter::new(structures)?, tree: Tree::new(columns)?, levels: Vec::new() };
    match table.read(reader) {
        Ok(()) => table.rows.finish(table.tree.columns),
        Err(error) => Err(fault::at_reader(error, reader)),
    }
}

struct Builder {
    rows: RowsWriter,
    tree: Tree,
    /// Collections that are open inside the row and lie on a path, the row first.
    levels: Vec<Level>,
}

/// Where a member leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Member {
    Unwanted,
    Column(usize),
    Inner(usize),
}

/// A collection inside a row that a path goes through.
struct Level {
    kind: Kind,
    node: usize,
    /// Where the value that comes next leads.
    next: Member,
    /// Members so far, for guessing the next one.
    seen: usize,
}

enum Kind {
    /// A structure: names stand before values.
    Names,
    /// A map: keys stand before values.
    Keys { at_key: bool },
    /// An array or a list.
    Indexes,
    /// A row of a table.
    Cells,
}

impl Builder {
    fn read(&mut self, reader: &mut impl ReadEvents) -> Result<()> {
        let mut names: Vec<String> = Vec::new();
        match reader.next_event()? {
            Some(Event::BeginArray(_)) => {}
            Some(Event::BeginTable(table)) => {
                names = table.columns.iter().map(|column| column.name.clone()).collect();
            }
            _ => return Err(no_rows()),
        }
        while let Some(event) = reader.next_event()? {
            let kind = match event {
                Event::BeginStructure(_) => Kind::Names,
                Event::BeginMap(_) => Kind::Keys { at_key: true },
                Event::BeginRow(_) => Kind::Cells,
                Event::EndArray | Event::EndTable(_) => continue,
                _ => return Err(no_rows()),
            };
            self.rows.begin_row()?;
            self.levels.push(Level { kind, node: 0, next: Member::Unwanted, seen: 0 });
            while !self.levels.is_empty() {
                self.step(reader, &names)?;
            }
            self.rows.end_row()?;
        }
        Ok(())
    }

    /// Takes the next value inside the row, or the name before it, or an end.
    fn step(&mut self, reader: &mut impl ReadEvents, columns: &[String]) -> Result<()> {
        let Some(event) = reader.next_event()? else {
            self.levels.clear();
            return Ok(());
        };
        if event.depth_change() < 0 {
            self.levels.pop();
            return Ok(());
        }
        let Some(level) = self.levels.last_mut() else { return Ok(()) };
        let (node, seen) = (level.node, level.seen);
        match (&mut level.kind, event) {
            (Kind::Names, Event::Name(name)) => {
                level.next = self.tree.member(node, seen, name)?;
                level.seen += 1;
                return Ok(());
            }
            (_, Event::Item(_)) => return Ok(()),
            (Kind::Keys { at_key }, event) if *at_key => {
                *at_key = false;
                level.seen += 1;
                level.next = match event {
                    Event::Text(name) => self.tree.member(node, seen, name)?,
                    _ => Member::Unwanted,
                };
                return if event.depth_change() > 0 { skip(reader) } else { Ok(()) };
            }
            (Kind::Keys { at_key }, _) => *at_key = true,
            (Kind::Names, _) => {}
            (Kind::Indexes, _) => {
                level.next = self.tree.element(node, seen);
                level.seen += 1;
            }
            (Kind::Cells, _) => {
                let name = columns.get(seen).map_or("", String::as_str);
                level.next = self.tree.member(node, seen, name)?;
                level.seen += 1;
            }
        }
        let next = level.next;
        match next {
            Member::Column(column) => {
                let mut depth = event.depth_change();
                self.rows.begin_cell(column)?;
                self.rows.write_event(&event)?;
                while depth > 0 {
                    let Some(event) = reader.next_event()? else { break };
                    depth += event.depth_change();
                    self.rows.write_event(&event)?;
                }
                self.rows.end_cell();
                Ok(())
            }
            Member::Inner(node) if event.depth_change() > 0 => {
                let kind = match event {
                    Event::BeginStructure(_) => Kind::Names,
                    Event::BeginMap(_) => Kind::Keys { at_key: true },
                    Event::BeginArray(_) | Event::BeginList(_) => Kind::Indexes,
                    _ => return skip(reader),
                };
                self.levels.push(Level { kind, node, next: Member::Unwanted, seen: 0 });
                Ok(())
            }
            _ if event.depth_change() > 0 => skip(reader),
            _ => Ok(()),
        }
    }
}

/// The paths of all columns, step by step; the root is node 0.
struct Tree {
    nodes: Vec<Node>,
    columns: Vec<Column>,
    /// Unknown members of the row become columns.
    grows: bool,
    /// Names of columns without regard to case, which 1C does not tell apart.
    taken: HashSet<String>,
}

#[derive(Default)]
struct Node {
    members: HashMap<String, Member>,
    /// The same members in their order, in which rows usually have them.
    order: Vec<(String, Member)>,
}

impl Node {
    fn add(&mut self, name: &str, member: Member) {
        self.members.insert(name.to_owned(), member);
        self.order.push((name.to_owned(), member));
    }
}

impl Tree {
    fn new(columns: &TableColumns) -> Result<Self> {
        let mut tree =
            Self { nodes: vec![Node::default()], columns: Vec::new(), grows: true, taken: HashSet::new() };
        if let TableColumns::Given(sources) = columns {
            tree.grows = false;
            for source in sources {
                tree.add_path(source)?;
            }
        }
        Ok(tree)
    }

    fn add_path(&mut self, source: &ColumnSource) -> Result<()> {
        if !self.taken.insert(source.name.to_lowercase()) {
            let name = &source.name;
            return Err(bad_columns(bilingual!(
                "колонка «{name}» названа дважды",
                "the column '{name}' is named twice"
            )));
        }
        let column = self.push_column(source.name.clone(), String::new());
        let Some((last, inner)) = source.path.split_last() else {
            return Err(bad_columns(bilingual!("у колонки нет пути", "a column has no path")));
        };
        let mut node = 0;
        for step in inner {
            node = match self.nodes.get(node).and_then(|node| node.members.get(step)) {
                Some(Member::Inner(next)) => *next,
                None => {
                    let next = self.nodes.len();
                    self.nodes.push(Node::default());
                    self.add(node, step, Member::Inner(next));
                    next
                }
                Some(_) => return Err(crossing(source)),
            };
        }
        if self.nodes.get(node).is_some_and(|node| node.members.contains_key(last)) {
            return Err(crossing(source));
        }
        self.add(node, last, Member::Column(column));
        Ok(())
    }

    fn add(&mut self, node: usize, name: &str, member: Member) {
        if let Some(node) = self.nodes.get_mut(node) {
            node.add(name, member);
        }
    }

    fn push_column(&mut self, name: String, title: String) -> usize {
        let index = self.columns.len();
        let id = i64::try_from(index).unwrap_or(i64::MAX);
        self.columns.push(Column { id, name, title, ..Column::default() });
        index
    }

    /// Where the member `name` of a node leads; `seen` members of the same collection came before it.
    fn member(&mut self, node: usize, seen: usize, name: &str) -> Result<Member> {
        let Some(members) = self.nodes.get(node) else { return Ok(Member::Unwanted) };
        if let Some((guess, member)) = members.order.get(seen)
            && guess == name
        {
            return Ok(*member);
        }
        match members.members.get(name) {
            Some(member) => Ok(*member),
            None if self.grows => self.new_column(name),
            None => Ok(Member::Unwanted),
        }
    }

    /// Where an element of an array leads.
    fn element(&self, node: usize, index: usize) -> Member {
        let members = self.nodes.get(node).map(|node| &node.members);
        members.and_then(|members| members.get(&index.to_string())).copied().unwrap_or(Member::Unwanted)
    }

    fn new_column(&mut self, member: &str) -> Result<Member> {
        if self.columns.len() >= MOST_COLUMNS {
            return Err(Error::new(
                Code::Limit,
                bilingual!(
                    "В объектах больше {MOST_COLUMNS} разных имён. Задайте нужные колонки.",
                    "The objects have more than {MOST_COLUMNS} different names. Give the columns that are needed."
                ),
            ));
        }
        let plain = column_name(member);
        let mut name = plain.clone();
        let mut number = 2;
        while !self.taken.insert(name.to_lowercase()) {
            name = format!("{plain}_{number}");
            number += 1;
        }
        let title = if name == member { String::new() } else { member.to_owned() };
        let column = Member::Column(self.push_column(name, title));
        self.add(0, member, column);
        Ok(column)
    }
}

/// A name that 1C takes for a column: what cannot stand in an identifier becomes `_`.
fn column_name(text: &str) -> String {
    let mut name: String = text
        .chars()
        .map(|character| if character == '_' || character.is_alphanumeric() { character } else { '_' })
        .collect();
    if !name.chars().next().is_some_and(|first| first == '_' || first.is_alphabetic()) {
        name.insert(0, '_');
    }
    name
}

fn no_rows() -> Error {
    Error::new(
        Code::ValueText,
        bilingual!(
            "Ожидался массив объектов: по одному объекту на строку таблицы.",
            "Expected an array of objects, one for each row of the table."
        ),
    )
}

fn crossing(source: &ColumnSource) -> Error {
    let path = source.path.join(".");
    bad_columns(bilingual!(
        "путь «{path}» проходит через другую колонку или повторяет её",
        "the path '{path}' goes through another column or repeats it"
    ))
}

fn malformed(column: &str) -> Error {
    bad_columns(bilingual!("колонка «{column}» записана неверно", "the column '{column}' is malformed"))
}

fn bad_columns(what: Bilingual) -> Error {
    let Bilingual { ru, en } = what;
    Error::new(
        Code::Argument,
        bilingual!(
            "Неверный список колонок: {ru}. Пример: Артикул, Город = Адрес.Город.",
            "Wrong list of columns: {en}. Example: sku, city = address.city."
        ),
    )
}
