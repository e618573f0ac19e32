//! Codes of marks and boxes: what kind they are and what they tell without a query.

use super::value::Pattern;
use crate::bilingual;
use crate::error::{Bilingual, Language};
use serde_json::{Map, Value as Json, json};

/// What a code is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MarkKind {
    /// A mark of 150 signs (since 2018).
    Mark150,
    /// A mark of 68 signs.
    Mark68,
    /// A mark of 40 digits.
    Mark40,
    /// Beer in waybills and acts: `01`, GTIN, `21`, 7 signs.
    Beer,
    /// Beer in cheques: `01`, GTIN with a leading zero, `21`, 13 signs.
    BeerOfCheque,
    /// The number of a box: 18 or 26 digits.
    Box,
    /// None of them.
    Unknown,
}

impl MarkKind {
    /// The stable name that stands in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Mark150 => "mark150",
            Self::Mark68 => "mark68",
            Self::Mark40 => "mark40",
            Self::Beer => "beer",
            Self::BeerOfCheque => "beer_of_cheque",
            Self::Box => "box",
            Self::Unknown => "unknown",
        }
    }

    fn title(self) -> Bilingual {
        match self {
            Self::Mark150 => bilingual!("Марка, 150 знаков", "Mark of 150 signs"),
            Self::Mark68 => bilingual!("Марка, 68 знаков", "Mark of 68 signs"),
            Self::Mark40 => bilingual!("Марка, 40 цифр", "Mark of 40 digits"),
            Self::Beer => bilingual!("Пиво: код для накладных и актов", "Beer: code for waybills and acts"),
            Self::BeerOfCheque => bilingual!("Пиво: код для чеков", "Beer: code for cheques"),
            Self::Box => bilingual!("Номер короба", "Number of a box"),
            Self::Unknown => bilingual!(
                "Это не марка ЕГАИС: у марки 68 или 150 знаков либо 40 цифр, у короба 18 или 26 цифр",
                "This is no EGAIS mark: a mark has 68 or 150 signs or 40 digits, a box has 18 or 26 digits"
            ),
        }
    }
}

/// A code that was looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mark {
    /// What it is.
    pub kind: MarkKind,
    /// What it tells: names and values, in the order of the code.
    pub facts: Vec<(&'static str, String)>,
}

impl Mark {
    /// The object that the class gives: `valid`, `kind`, `title` and the facts. `type`, `series`, `number`, `month`,
    /// `year`, `version` of a mark of 150 signs; `alc_code` of one of 68 signs; `gtin` and `serial` of beer; `sscc` of
    /// a box.
    pub fn to_json(&self, language: Language) -> Json {
        let mut object = Map::new();
        object.insert("valid".to_owned(), (self.kind != MarkKind::Unknown).into());
        object.insert("kind".to_owned(), self.kind.as_str().into());
        object.insert("title".to_owned(), self.kind.title().in_language(language).into());
        for (name, value) in &self.facts {
            object.insert((*name).to_owned(), json!(value));
        }
        object.into()
    }
}

/// Looks at a code; blanks and line breaks around it, which scanners add, mean nothing.
pub fn check_mark(code: &str) -> Mark {
    let code = code.trim();
    let part = |range: std::ops::Range<usize>| code.get(range).unwrap_or_default().to_owned();
    if Pattern::Mark.matches(code) {
        return match code.chars().count() {
            150 => Mark {
                kind: MarkKind::Mark150,
                facts: vec![
                    ("type", part(0..3)),
                    ("series", part(3..6)),
                    ("number", part(6..14)),
                    ("month", part(14..16)),
                    ("year", format!("20{}", part(16..18))),
                    ("version", part(18..21)),
                ],
            },
            68 => Mark {
                kind: MarkKind::Mark68,
                facts: alc_code(code).map(|code| ("alc_code", code)).into_iter().collect(),
            },
            _ => Mark { kind: MarkKind::Mark40, facts: Vec::new() },
        };
    }
    let beer = |kind| Mark {
        kind,
        facts: vec![("gtin", part(2..16)), ("serial", code.get(18..).unwrap_or_default().to_owned())],
    };
    if Pattern::Beer.matches(code) {
        beer(MarkKind::Beer)
    } else if Pattern::MarkOrBeer.matches(code) {
        beer(MarkKind::BeerOfCheque)
    } else if Pattern::Digits(&[18, 26]).matches(code) {
        Mark { kind: MarkKind::Box, facts: vec![("sscc", code.to_owned())] }
    } else {
        Mark { kind: MarkKind::Unknown, facts: Vec::new() }
    }
}

/// The product code inside a mark of 68 signs: 16 signs in base 36 behind the kind of mark (`22N`), 19 digits.
fn alc_code(code: &str) -> Option<String> {
    if code.get(2..3)? != "N" {
        return None;
    }
    let number = u128::from_str_radix(code.get(3..19)?, 36).ok()?;
    Some(format!("{number:019}")).filter(|code| code.len() == 19)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts(code: &str) -> (MarkKind, Vec<(&'static str, String)>) {
        let mark = check_mark(code);
        (mark.kind, mark.facts)
    }

    #[test]
    fn a_mark_of_68_signs_holds_the_product_code() {
        // The product code of this mark stands beside it in a printed charge-on act.
        let code = "22N00001545RJN0891B37ZP41105005070468KTL2CMG4LPCZRJU3K4XIBTU7BUXXUPJ";
        assert_eq!(facts(code), (MarkKind::Mark68, vec![("alc_code", "0150325000001194943".to_owned())]));
    }

    #[test]
    fn a_mark_of_150_signs_holds_its_type_series_and_number() {
        let code = format!("2462000699825610180014{}", "Z".repeat(128));
        let (kind, facts) = facts(&format!(" {code}\n"));
        assert_eq!(kind, MarkKind::Mark150);
        let values: Vec<&str> = facts.iter().map(|(_, value)| value.as_str()).collect();
        assert_eq!(values, ["246", "200", "06998256", "10", "2018", "001"]);
    }

    #[test]
    fn other_codes_are_told_apart() {
        for (code, kind) in [
            ("1".repeat(40), MarkKind::Mark40),
            ("0104600439931256215MAGFxz".to_owned(), MarkKind::Beer),
            ("010460043993125621JgXJ5.T112000".to_owned(), MarkKind::BeerOfCheque),
            ("1".repeat(18), MarkKind::Box),
            ("1".repeat(26), MarkKind::Box),
            ("1".repeat(41), MarkKind::Unknown),
            (String::new(), MarkKind::Unknown),
            ("Ж".repeat(150), MarkKind::Unknown),
        ] {
            assert_eq!(check_mark(&code).kind, kind, "{code}");
        }
    }
}
