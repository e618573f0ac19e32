//! Random values of a type, and values that break one of its limits.

use crate::random::Random;
use obmen::egais::model::{Primitive, UNBOUNDED, Value};
use obmen::egais::value::Pattern;

const LETTERS: &str = "абвгдЖЗИКЛёЁabcXYZ0123456789";
const INSIDE: &str = "абвЖё aZ09 \u{a0}&<>\"'-.,№()«»";
const CODE: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-";
const UPPER: &str = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
const LATIN: &str = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
const DIGITS: &str = "0123456789";

/// A valid value.
pub fn valid(kind: &Value, random: &mut Random) -> String {
    let plain = plain(kind, random);
    // xmllint does not know this of plain dates.
    let is_plain_date =
        matches!(kind.primitive, Primitive::Date | Primitive::DateTime) && kind.patterns.is_empty();
    if kind.primitive != Primitive::Text && !is_plain_date && random.chance(5) {
        // Blanks around a value that is no string mean nothing.
        return format!(" {plain}\n");
    }
    plain
}

fn plain(kind: &Value, random: &mut Random) -> String {
    if !kind.enumeration.is_empty() {
        return (*random.pick(kind.enumeration)).to_owned();
    }
    match kind.primitive {
        Primitive::Text => text(kind, random),
        Primitive::Decimal => decimal(kind, random),
        Primitive::Integer if kind.patterns.contains(&Pattern::Counter) => counter(random),
        Primitive::Integer => integer(kind, random),
        Primitive::PositiveInteger => counter(random),
        Primitive::Boolean => (*random.pick(&["true", "false", "1", "0"])).to_owned(),
        Primitive::Date => date(kind, random),
        Primitive::DateTime => {
            let local = kind.patterns.contains(&Pattern::LocalDatetime);
            let fraction = *random.pick(&["", ".5", ".117", ".5833905", ".000"]);
            let zone = if local { "" } else { *random.pick(&["", "", "Z", "+03:00", "-11:30"]) };
            let time = format!("{:02}:{:02}:{:02}", random.below(24), random.below(60), random.below(60));
            format!("{}T{time}{fraction}{zone}", date_only(random))
        }
        Primitive::Base64 => {
            let groups = random.below(6);
            let end = *random.pick(&["", "QQ==", "QUI="]);
            format!("{}{end}", random.text("ABCDwxyz0189+/", groups * 4))
        }
    }
}

fn text(kind: &Value, random: &mut Random) -> String {
    if let Some(pattern) = kind.patterns.last() {
        return of_pattern(*pattern, kind, random);
    }
    let max = (kind.max_length.min(40)) as usize;
    let length = (kind.min_length as usize).max(random.below(max + 1));
    let length = if kind.max_length < 300 && random.chance(10) { kind.max_length as usize } else { length };
    random.text(INSIDE, length)
}

fn of_pattern(pattern: Pattern, kind: &Value, random: &mut Random) -> String {
    match pattern {
        Pattern::NonEmpty => non_empty(kind, random),
        Pattern::Digits(lengths) | Pattern::UnicodeDigits(lengths) => {
            let length = usize::from(*random.pick(lengths));
            let digits = random.text(DIGITS, length);
            match pattern {
                Pattern::UnicodeDigits(_) if random.chance(3) => digits.replace('3', "\u{663}"),
                _ => digits,
            }
        }
        Pattern::SomeDigits => {
            let most = if kind.max_length < 100 { kind.max_length as usize } else { 20 };
            let least = (kind.min_length as usize).max(1);
            let length = least + random.below(most - least + 1);
            random.text(DIGITS, length)
        }
        Pattern::AnyDigits => {
            let most = if kind.max_length < 100 { kind.max_length as usize } else { 20 };
            let least = kind.min_length as usize;
            let length = least + random.below(most - least + 1);
            random.text(DIGITS, length)
        }
        Pattern::Counter => counter(random),
        Pattern::LatinOrDigits => {
            let most = (kind.max_length as usize).min(40);
            let least = (kind.min_length as usize).max(1);
            let length = least + random.below(most - least + 1);
            random.text(LATIN, length)
        }
        Pattern::Brand => {
            let length = 1 + random.below(30);
            random.text("АБВГЯ09 -", length)
        }
        Pattern::CashRegister => {
            let length = 1 + random.below(128);
            random.text(CODE, length)
        }
        Pattern::AlcoholCode => {
            let length = random.below(20);
            format!("{}{}{}", random.sign(CODE), random.text("AZ09 жё.&", length), random.sign(CODE))
        }
        Pattern::ChequePrice => {
            let sign = *random.pick(&["", "", "-"]);
            let after = random.below(3);
            format!("{sign}{}.{}", random.below(10_000), random.text(DIGITS, after))
        }
        Pattern::ChequeVolume => match random.below(6) {
            0 => String::new(),
            1 => random.below(100).to_string(),
            2 => format!("{}.", random.below(10)),
            _ => {
                let after = 1 + random.below(4);
                format!("{}.{}", random.below(10), random.text(DIGITS, after))
            }
        },
        Pattern::LocalDate => date_only(random),
        Pattern::LocalDatetime => format!("{}T10:20:30", date_only(random)),
        Pattern::ChequeDatetime => cheque_datetime(random),
        Pattern::Mark => mark(random),
        Pattern::MarkOrBeer if random.chance(70) => mark(random),
        Pattern::MarkOrBeer => {
            format!("010{}21{}", random.text(DIGITS, 13), random.text("aZ9&<>\"'!\u{a0}ж", 13))
        }
        Pattern::Beer => {
            format!("01{}21{}", random.text(DIGITS, 14), random.text("aZ9&<>\"'?=!%.:;/()*+,-_", 7))
        }
        Pattern::UtmReceipt => {
            let hex = |random: &mut Random, length| random.text("0123456789abcdef", length);
            let uuid = format!(
                "{}-{}-{}-{}-{}",
                hex(random, 8),
                hex(random, 4),
                hex(random, 4),
                hex(random, 4),
                hex(random, 12)
            );
            match random.below(3) {
                0 => uuid,
                1 => uuid.replace('-', ""),
                _ => {
                    let (date, id) = (random.text(DIGITS, 10), random.text(DIGITS, 12));
                    format!("http://check.egais.ru?id={uuid}&dt={date}&cn={id}")
                }
            }
        }
        Pattern::UtmSignature => random.text("0123456789ABCDEF", 128),
    }
}

fn non_empty(kind: &Value, random: &mut Random) -> String {
    let max = (kind.max_length.min(60)) as usize;
    let length = 1 + random.below(max);
    // Most values carry a number, so that they differ from one another.
    let number = if max >= 20 && random.chance(95) { random.next().to_string() } else { String::new() };
    if length < 2 || number.chars().count() + 2 > max {
        return random.text("1234567890abcdЖЗ\u{a0}&", length.min(max).max(1)).chars().take(max).collect();
    }
    let inner = length.saturating_sub(number.len() + 2);
    let whole = format!(
        "{}{number}{}{}",
        random.sign(LETTERS),
        random.text(INSIDE, inner),
        random.sign("яZ9\u{a0}»")
    );
    if kind.max_length < 300 && random.chance(5) {
        let missing = kind.max_length as usize - whole.chars().count();
        return format!("{whole}{}", "Я".repeat(missing));
    }
    whole
}

fn decimal(kind: &Value, random: &mut Random) -> String {
    let upper: usize =
        kind.upper.as_ref().map_or(1_000_000, |bound| bound.value.parse().expect("a whole bound"));
    let whole = random.below(upper);
    let most = kind.fraction_digits.map_or(6, usize::from);
    let digits = random.below(most + 1);
    let fraction = random.text("123456789", digits);
    let is_zero_allowed = kind.lower.as_ref().is_none_or(|lower| lower.inclusive);
    let whole = if whole == 0 && fraction.is_empty() && !is_zero_allowed { 1 } else { whole };
    let negative = kind.lower.is_none() && random.chance(20);
    match random.below(10) {
        0 if negative => format!("-{whole}.{fraction}"),
        1 => format!("+00{whole}.{fraction}"),
        2 if !fraction.is_empty() => format!(".{fraction}"),
        3 if most > 6 || kind.fraction_digits.is_none() => format!("{whole}.{fraction}000"),
        4 if is_zero_allowed => "0.00".to_owned(),
        5 if kind.upper.as_ref().is_some_and(|upper| upper.inclusive) => format!("{upper}.0"),
        _ if fraction.is_empty() => whole.to_string(),
        _ => format!("{whole}.{fraction}"),
    }
}

fn integer(kind: &Value, random: &mut Random) -> String {
    let lower = kind.lower.as_ref().map_or(0, |bound| bound.value.parse::<usize>().expect("a whole bound"));
    let upper =
        kind.upper.as_ref().map_or(100_000_000, |bound| bound.value.parse::<usize>().expect("a whole bound"));
    let number = lower + random.below(upper - lower + 1);
    match random.below(8) {
        0 => format!("+{number}"),
        1 => format!("00{number}"),
        2 if kind.lower.is_none() => format!("-{number}"),
        _ => number.to_string(),
    }
}

fn counter(random: &mut Random) -> String {
    let length = random.below(9);
    format!("{}{}", random.sign("123456789"), random.text(DIGITS, length))
}

fn date_only(random: &mut Random) -> String {
    format!("{}-{:02}-{:02}", 2000 + random.below(101), 1 + random.below(12), 1 + random.below(28))
}

fn date(kind: &Value, random: &mut Random) -> String {
    let zone = if kind.patterns.is_empty() { *random.pick(&["", "", "", "Z", "+03:00"]) } else { "" };
    format!("{}{zone}", date_only(random))
}

fn cheque_datetime(random: &mut Random) -> String {
    let day = *random.pick(&["0102", "3112", "2902", "3004", "1511", "2801"]);
    let year =
        if day == "2902" { *random.pick(&["24", "00", "16"]) } else { *random.pick(&["24", "19", "23"]) };
    let zone = *random.pick(&["", "", "+0300", "-1100"]);
    format!("{day}{year}{:02}{:02}{zone}", random.below(24), random.below(60))
}

fn mark(random: &mut Random) -> String {
    match random.below(4) {
        0 => random.text(DIGITS, 40),
        1 => format!(
            "{}N{}{}1{}2{}{}",
            random.text(DIGITS, 2),
            random.text(LATIN, 20),
            random.text(DIGITS, 1),
            random.text(DIGITS, 1),
            random.text(DIGITS, 10),
            random.text(UPPER, 31)
        ),
        _ => {
            let type_and_rank = format!("{}{}", 100 + random.below(900), 100 + random.below(900));
            let number = format!("{:08}", 1 + random.below(99_999_998));
            let month = 1 + random.below(12);
            let year = 18 + random.below(82);
            format!(
                "{type_and_rank}{number}{month:02}{year:02}{:03}{}",
                1 + random.below(999),
                random.text(UPPER, 129)
            )
        }
    }
}

/// Values that break one limit each, or stand at its edge: the verdict is the oracle's. Each has the name of what was
/// done.
pub fn doubtful(kind: &Value, good: &str, random: &mut Random) -> Vec<(&'static str, String)> {
    let mut values = vec![
        ("empty", String::new()),
        ("blank", " ".to_owned()),
        ("blank before", format!(" {good}")),
        ("blank behind", format!("{good} ")),
        ("line break behind", format!("{good}\n")),
        ("carriage return behind", format!("{good}\r")),
        ("tab inside", insert(good, "\t")),
        ("line break inside", insert(good, "\n")),
        ("no-break space before", format!("\u{a0}{good}")),
        ("one sign less", good.chars().skip(1).collect()),
        ("one sign more", format!("{good}1")),
        ("letter inside", insert(good, "Ж")),
        ("lower case", good.to_lowercase()),
        ("upper case", good.to_uppercase()),
        ("first sign other", format!("%{}", good.chars().skip(1).collect::<String>())),
        (
            "last sign other",
            format!("{}%", good.chars().take(good.chars().count().saturating_sub(1)).collect::<String>()),
        ),
        ("zeros", good.chars().map(|sign| if sign.is_ascii_digit() { '0' } else { sign }).collect()),
        ("other digits", good.replace('1', "\u{661}").replace('2', "\u{662}")),
        ("full-width digits", good.replace('0', "\u{ff10}")),
    ];
    if kind.max_length != UNBOUNDED {
        let max = kind.max_length as usize;
        values.push(("longest", "7".repeat(max)));
        values.push(("longest in Cyrillic", "Ж".repeat(max)));
        values.push(("too long", "7".repeat(max + 1)));
        values.push(("too long in Cyrillic", "Ж".repeat(max + 1)));
        let length = good.chars().count();
        values.push(("padded too long", format!("{good}{}", "7".repeat((max + 1).saturating_sub(length)))));
    }
    if kind.min_length > 1 {
        values.push(("too short", "7".repeat(kind.min_length as usize - 1)));
    }
    if !kind.enumeration.is_empty() {
        values.push(("not in the list", "Прочее".to_owned()));
        values.push(("list value with a blank", format!("{} ", kind.enumeration[0])));
    }
    let fixed: &[&str] = match kind.primitive {
        Primitive::Decimal => &[
            "-1",
            "-0",
            "0",
            "+0.0",
            "0.000001",
            "-0.000001",
            "1e5",
            "1,5",
            "1 000",
            ".",
            "+",
            "-",
            "1.",
            ".5",
            "--1",
            "NaN",
            "INF",
            "0x10",
            "100",
            "100.000",
            "100.000001",
            "99.999",
            "99.9",
            "99.99",
            "1.2345",
            "1.23",
            "1.2",
            "1.20",
            "1.2340",
            "00012",
        ],
        Primitive::Integer | Primitive::PositiveInteger => &[
            "-1",
            "-0",
            "0",
            "1",
            "1.0",
            "+1",
            "01",
            "1.",
            "1e1",
            "2",
            "00",
            "9999999999",
            "10000000000",
            "12345678901",
        ],
        Primitive::Boolean => &["TRUE", "yes", "2", "true ", "01", "истина"],
        Primitive::Date => &[
            "1899-12-31",
            "1900-01-01",
            "1999-12-31",
            "2000-01-01",
            "2100-12-31",
            "2101-01-01",
            "2023-02-29",
            "2024-02-29",
            "2024-2-9",
            "24-01-01",
            "2024-13-01",
            "2024-00-10",
            "2024-01-32",
            "2024-01-01Z",
            "2024-01-01+03:00",
            "2024-01-01+14:00",
            "2024-01-01+14:01",
            "2024-01-01T00:00:00",
            "01.01.2024",
            "2024/01/01",
            "12024-01-01",
            "-2024-01-01",
            "2100-02-29",
        ],
        Primitive::DateTime => &[
            "1999-12-31T23:59:59",
            "1999-12-31T23:59:59.999",
            "2000-01-01T00:00:00",
            "2100-12-31T23:59:59.997",
            "2100-12-31T23:59:59.998",
            "2101-01-01T00:00:00",
            "2024-01-01",
            "2024-01-01T10:00",
            "2024-01-01 10:00:00",
            "2024-01-01T25:00:00",
            "2024-01-01T24:00:01",
            "2024-01-01T10:60:00",
            "2024-01-01T10:00:60",
            "2024-01-01T10:00:00Z",
            "2024-01-01T10:00:00+03:00",
            "2024-01-01T10:00:00+0300",
            "2024-01-01T10:00:00.",
            "2024-01-01T10:00:00.1234567890",
            "2023-02-29T10:00:00",
            "2024-02-29T10:00:00",
            "2024-01-01t10:00:00",
            "2024-01-01T10:00:00-14:00",
            "2024-01-01T10:00:00+15:00",
        ],
        Primitive::Base64 => {
            &["QQ==", "QQ=", "QQ", "QR==", "Q Q = =", "====", "QQ==QQ==", "ж", "QUJD!", "QUJD QUJD", "QU\nJD"]
        }
        Primitive::Text if kind.patterns.is_empty() => &["]]&", "x\u{fffd}"],
        Primitive::Text => &[
            "0",
            "-1",
            "12",
            "123",
            "1234",
            "12345",
            "123456789",
            "1234567890",
            "12345678",
            "1234567890123",
            "123456789012345",
            "1.2.3",
            "12.",
            "12.3",
            "12.34",
            "12.345",
            "-12.34",
            "0.12345",
            "12.34567",
            "a_-9",
            "010",
            "\u{661}\u{662}\u{663}",
            "31022412",
            "3102241200",
            "2902231200",
            "2902241200",
            "2902001200",
            "3112242400",
            "3112242360",
            "3112242359+030",
            "290,241200",
            "http://check.egais.ru?id=x",
            "АБВ Ё",
            "АБВ-09 Я",
            "АБВ\u{a0}",
        ],
    };
    values.extend(fixed.iter().map(|value| ("edge", (*value).to_owned())));
    if kind
        .patterns
        .iter()
        .any(|pattern| matches!(pattern, Pattern::Mark | Pattern::MarkOrBeer | Pattern::Beer))
    {
        values.extend(doubtful_marks(random));
    }
    values.retain(|(_, value)| value != good);
    values
}

/// One sign of a code changed, anywhere.
fn doubtful_marks(random: &mut Random) -> Vec<(&'static str, String)> {
    let beer = format!("01{}21{}", random.text(DIGITS, 14), random.text("aZ9&<>\"'?=!%.:;/()*+,-_", 7));
    let cheque_beer = format!("010{}21{}", random.text(DIGITS, 13), random.text("aZ9&<>!\u{a0}ж", 13));
    let mut values = vec![("beer", beer.clone()), ("beer of a cheque", cheque_beer.clone())];
    for _ in 0..6 {
        for code in [mark(random), beer.clone(), cheque_beer.clone()] {
            let mut signs: Vec<char> = code.chars().collect();
            let place = random.below(signs.len());
            signs[place] = random.sign("0123456789Azж\u{661} ");
            values.push(("one sign of a code", signs.into_iter().collect()));
        }
    }
    values
}

fn insert(text: &str, what: &str) -> String {
    let middle = text.chars().count() / 2;
    let (before, after): (String, String) =
        (text.chars().take(middle).collect(), text.chars().skip(middle).collect());
    format!("{before}{what}{after}")
}
