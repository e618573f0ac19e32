//! Pages for a `ПолеHTMLДокумента`: one HTML text without scripts and outside resources, light, printable.
//!
//! A [`Page`] is written from top to bottom. Every text given to it is data: it is escaped here and nowhere else, and a
//! content policy forbids scripts and requests besides. Old platforms show pages by the engine of Internet Explorer,
//! so the style keeps to what that knows.
//!
//! May use `error` only.

mod chart;
mod escape;

pub use chart::{Bar, Chart, Series};

use crate::bilingual;
use crate::error::{Bilingual, Language};
use escape::{Escaped, grouped};
use std::fmt::Write as _;

const STYLE: &str = include_str!("style.css");

/// How a number or a line is to be looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Mood {
    /// Neither.
    #[default]
    Plain,
    /// All is well.
    Good,
    /// Worth a look.
    Warning,
    /// Something must be done.
    Bad,
}

impl Mood {
    fn class(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::Good => "good",
            Self::Warning => "warning",
            Self::Bad => "bad",
        }
    }

    /// The mood of a count: nothing is neither good nor bad news.
    #[must_use]
    pub fn unless_zero(self, number: u64) -> Self {
        if number == 0 { Self::Plain } else { self }
    }
}

/// A cell of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cell {
    /// A text.
    Text(String),
    /// A count, to the right.
    Count(u64),
    /// A text to be looked at.
    Marked(String, Mood),
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Cell {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<u64> for Cell {
    fn from(count: u64) -> Self {
        Self::Count(count)
    }
}

/// A page under way.
#[derive(Debug)]
pub struct Page {
    html: String,
    language: Language,
}

impl Page {
    /// A page with a title and a line below it.
    pub fn new(title: &str, below: &str, language: Language) -> Self {
        let mut html = String::with_capacity(16 * 1024);
        let (code, title) = (language.code(), Escaped(title));
        let _ = write!(
            html,
            "<!DOCTYPE html>\n<html lang=\"{code}\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta http-equiv=\"X-UA-Compatible\" content=\"IE=edge\">\n\
             <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
             <title>{title}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n<h1>{title}</h1>\n"
        );
        let mut page = Self { html, language };
        page.note(below);
        page
    }

    /// The language of the page.
    pub fn language(&self) -> Language {
        self.language
    }

    /// Begins a part of the page.
    pub fn heading(&mut self, text: &Bilingual) {
        let _ = writeln!(self.html, "<h2>{}</h2>", Escaped(text.in_language(self.language)));
    }

    /// A line in small grey letters; an empty one is left out.
    pub fn note(&mut self, text: &str) {
        if !text.is_empty() {
            let _ = writeln!(self.html, "<p class=\"note\">{}</p>", Escaped(text));
        }
    }

    /// A sentence that stands out by its mood.
    pub fn message(&mut self, mood: Mood, text: &str) {
        let _ = writeln!(self.html, "<p class=\"message {}\">{}</p>", mood.class(), Escaped(text));
    }

    /// Numbers side by side: what, how much, mood.
    pub fn figures(&mut self, figures: impl IntoIterator<Item = (Bilingual, String, Mood)>) {
        self.html.push_str("<ul class=\"figures\">\n");
        for (label, value, mood) in figures {
            let label = Escaped(label.in_language(self.language));
            let (class, value) = (mood.class(), Escaped(&value));
            let _ = writeln!(self.html, "<li class=\"{class}\"><b>{value}</b><span>{label}</span></li>");
        }
        self.html.push_str("</ul>\n");
    }

    /// Sentences below each other; none are left out.
    pub fn list(&mut self, lines: impl IntoIterator<Item = impl AsRef<str>>) {
        let mut lines = lines.into_iter().peekable();
        if lines.peek().is_none() {
            return;
        }
        self.html.push_str("<ul>\n");
        for line in lines {
            let _ = writeln!(self.html, "<li>{}</li>", Escaped(line.as_ref()));
        }
        self.html.push_str("</ul>\n");
    }

    /// A table of at most `most` rows; a line below tells how many more there are.
    pub fn table(&mut self, head: &[Bilingual], rows: impl IntoIterator<Item = Vec<Cell>>, most: usize) {
        self.html.push_str("<table>\n<thead><tr>");
        for title in head {
            let _ = write!(self.html, "<th>{}</th>", Escaped(title.in_language(self.language)));
        }
        self.html.push_str("</tr></thead>\n<tbody>\n");
        let mut rows = rows.into_iter();
        for row in rows.by_ref().take(most) {
            self.row(&row);
        }
        self.html.push_str("</tbody>\n</table>\n");
        let more = rows.count();
        if more > 0 {
            let more = grouped(more as u64);
            self.note(bilingual!("… и ещё {more}", "… and {more} more").in_language(self.language));
        }
    }

    fn row(&mut self, cells: &[Cell]) {
        self.html.push_str("<tr>");
        for cell in cells {
            let _ = match cell {
                Cell::Text(text) => write!(self.html, "<td>{}</td>", Escaped(text)),
                Cell::Count(count) => write!(self.html, "<td class=\"count\">{}</td>", grouped(*count)),
                Cell::Marked(text, mood) => {
                    write!(self.html, "<td class=\"{}\">{}</td>", mood.class(), Escaped(text))
                }
            };
        }
        self.html.push_str("</tr>\n");
    }

    /// A chart of stacked bars below its title; without a single bar there is neither.
    pub fn chart(&mut self, chart: &Chart) {
        if !chart.is_empty() {
            self.heading(&chart.title);
            chart.write(&mut self.html, self.language);
        }
    }

    /// The whole text.
    pub fn finish(mut self) -> String {
        let version = env!("CARGO_PKG_VERSION");
        let _ = write!(self.html, "<footer>Obmen {version}</footer>\n</body>\n</html>\n");
        self.html
    }
}

/// A count with its digits in groups of three.
pub fn count(number: impl Into<u64>) -> String {
    grouped(number.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn data_cannot_become_markup_anywhere() {
        const EVIL: &str = "<script>alert(1)</script>\" onload='x' & \u{0}";
        let mut page = Page::new(EVIL, EVIL, Language::Russian);
        let evil = bilingual!("{EVIL}", "{EVIL}");
        page.heading(&evil);
        page.message(Mood::Bad, EVIL);
        page.figures([(evil.clone(), EVIL.to_owned(), Mood::Good)]);
        page.list([EVIL]);
        page.table(
            std::slice::from_ref(&evil),
            [vec![EVIL.into(), Cell::Marked(EVIL.to_owned(), Mood::Bad)]],
            5,
        );
        page.chart(&Chart {
            title: evil.clone(),
            series: vec![Series { name: evil, colour: "#000" }],
            bars: vec![Bar { label: EVIL.to_owned(), values: vec![1] }],
        });
        let html = page.finish();
        assert!(!html.contains("<script") && !html.contains("\u{0}"));
        assert!(!html.contains("onload='") && !html.contains("\" onload"));
    }

    #[test]
    fn a_long_table_is_cut_and_says_so() {
        let mut page = Page::new("", "", Language::English);
        page.table(&[bilingual!("№", "n")], (0..1500_u64).map(|number| vec![number.into()]), 10);
        let html = page.finish();
        assert_eq!(html.matches("<tr>").count(), 11);
        assert!(html.contains("… and 1\u{a0}490 more"));
    }

    #[test]
    fn an_empty_list_and_an_empty_chart_leave_nothing() {
        let mut page = Page::new("", "", Language::English);
        page.list([""; 0]);
        let series = vec![Series { name: Bilingual::default(), colour: "#000" }];
        page.chart(&Chart { title: bilingual!("Ничего", "Nothing"), series, bars: Vec::new() });
        let html = page.finish();
        assert!(!html.contains("<ul") && !html.contains("<h2") && !html.contains("<figure"));
    }
}
