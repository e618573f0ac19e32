//! Stacked bars as inline SVG.

use super::escape::{Escaped, grouped};
use crate::error::{Bilingual, Language};
use std::fmt::Write as _;

/// One part of every bar.
#[derive(Debug, Clone)]
pub struct Series {
    /// What it counts.
    pub name: Bilingual,
    /// `#rrggbb`.
    pub colour: &'static str,
}

/// One bar: a value for each series, from the bottom up.
#[derive(Debug, Clone)]
pub struct Bar {
    /// What it is about.
    pub label: String,
    /// As many as there are series.
    pub values: Vec<u64>,
}

/// Bars side by side.
#[derive(Debug)]
pub struct Chart {
    /// Stands above it, and is told to readers who hear the page.
    pub title: Bilingual,
    /// The parts of each bar.
    pub series: Vec<Series>,
    /// From left to right.
    pub bars: Vec<Bar>,
}

/// More bars than this are put together: a screen shows no more.
const MOST_BARS: usize = 96;
const WIDTH: f64 = 960.0;
const HEIGHT: f64 = 180.0;
const LEFT: f64 = 70.0;
const TOP: f64 = 8.0;
const BELOW: f64 = 24.0;

impl Chart {
    pub(super) fn is_empty(&self) -> bool {
        self.bars.is_empty() || self.series.is_empty()
    }

    pub(super) fn write(&self, html: &mut String, language: Language) {
        let bars = joined(&self.bars);
        html.push_str("<figure>\n<figcaption>");
        for series in &self.series {
            let _ = write!(
                html,
                "<span><i style=\"background:{}\"></i>{}</span> ",
                Escaped(series.colour),
                Escaped(series.name.in_language(language))
            );
        }
        let (width, height) = (LEFT + WIDTH, TOP + HEIGHT + BELOW);
        let _ = write!(
            html,
            "</figcaption>\n<svg viewBox=\"0 0 {width} {height}\" width=\"100%\" role=\"img\" aria-label=\"{}\">\n",
            Escaped(self.title.in_language(language))
        );
        let highest = bars.iter().map(|bar| total(&bar.values)).max().unwrap_or_default().max(1);
        scale(html, highest);
        let step = WIDTH / bars.len() as f64;
        for (number, bar) in bars.iter().enumerate() {
            let _ = write!(html, "<g><title>{}</title>", Escaped(&self.tip(bar, language)));
            self.bar(html, LEFT + step * number as f64, step, bar, highest);
            html.push_str("</g>\n");
        }
        let ends =
            [(bars.first(), LEFT, "start"), (bars.last().filter(|_| bars.len() > 1), LEFT + WIDTH, "end")];
        for (bar, x, anchor) in ends {
            if let Some(bar) = bar {
                let y = TOP + HEIGHT + 17.0;
                let _ = writeln!(
                    html,
                    "<text x=\"{x}\" y=\"{y}\" text-anchor=\"{anchor}\">{}</text>",
                    Escaped(&bar.label)
                );
            }
        }
        html.push_str("</svg>\n</figure>\n");
    }

    /// What a bar says when it is pointed at.
    fn tip(&self, bar: &Bar, language: Language) -> String {
        let mut tip = bar.label.clone();
        for (series, value) in self.series.iter().zip(&bar.values) {
            let _ = write!(tip, "\n{}: {}", series.name.in_language(language), grouped(*value));
        }
        tip
    }

    fn bar(&self, html: &mut String, x: f64, step: f64, bar: &Bar, highest: u64) {
        let (x, width) = (x + step * 0.1, (step * 0.8).min(48.0));
        let mut y = TOP + HEIGHT;
        for (series, value) in self.series.iter().zip(&bar.values).filter(|(_, value)| **value > 0) {
            // What is there at all can be seen.
            let height = (HEIGHT * (*value as f64) / (highest as f64)).max(1.5);
            y -= height;
            let colour = Escaped(series.colour);
            let _ = write!(
                html,
                "<rect x=\"{x:.1}\" y=\"{y:.1}\" width=\"{width:.1}\" height=\"{height:.1}\" fill=\"{colour}\"/>"
            );
        }
    }
}

/// Lines at nothing, half and all.
fn scale(html: &mut String, highest: u64) {
    let middle = if highest > 1 { Some(highest / 2) } else { None };
    for value in [Some(0), middle, Some(highest)].into_iter().flatten() {
        let y = TOP + HEIGHT - HEIGHT * (value as f64) / (highest as f64);
        let (right, below, before) = (LEFT + WIDTH, y + 4.0, LEFT - 8.0);
        let _ = writeln!(
            html,
            "<line x1=\"{LEFT}\" y1=\"{y:.1}\" x2=\"{right}\" y2=\"{y:.1}\"/>\
             <text x=\"{before}\" y=\"{below:.1}\" text-anchor=\"end\">{}</text>",
            grouped(value)
        );
    }
}

/// The bars, neighbours put together where there are too many.
fn joined(bars: &[Bar]) -> Vec<Bar> {
    let size = bars.len().div_ceil(MOST_BARS).max(1);
    if size == 1 {
        return bars.to_vec();
    }
    bars.chunks(size).map(join).collect()
}

fn join(bars: &[Bar]) -> Bar {
    let mut label = bars.first().map(|bar| bar.label.clone()).unwrap_or_default();
    if let [_, .., last] = bars {
        let _ = write!(label, " – {}", last.label);
    }
    let parts = bars.iter().map(|bar| bar.values.len()).max().unwrap_or_default();
    let value = |part: usize| {
        bars.iter()
            .filter_map(|bar| bar.values.get(part))
            .fold(0, |sum: u64, value| sum.saturating_add(*value))
    };
    Bar { label, values: (0..parts).map(value).collect() }
}

fn total(values: &[u64]) -> u64 {
    values.iter().fold(0, |sum, value| sum.saturating_add(*value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn too_many_bars_are_put_together_and_lose_nothing() {
        let bars: Vec<_> =
            (0..1000_u64).map(|number| Bar { label: number.to_string(), values: vec![1, number] }).collect();
        let joined = joined(&bars);
        assert!(joined.len() <= MOST_BARS);
        assert_eq!(
            joined.iter().map(|bar| total(&bar.values)).sum::<u64>(),
            bars.iter().map(|bar| total(&bar.values)).sum::<u64>()
        );
        assert_eq!(joined.first().map(|bar| bar.label.as_str()), Some("0 – 10"));
    }
}
