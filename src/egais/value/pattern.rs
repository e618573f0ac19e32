//! Recognisers of the XSD patterns of the schemas, written by hand.
//!
//! XSD expressions match the whole value. `\d` is any decimal digit of Unicode, `[0-9]` only ASCII; `\S` excludes
//! space, tab, CR and LF alone, so a no-break space is allowed; `.` excludes CR and LF.

use crate::bilingual;
use crate::egais::bytes::are_digits_and_capitals;
use crate::error::Bilingual;

/// A pattern by its recogniser. The comment of each gives the expression of the schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pattern {
    /// `\S+(.*\S+)*`
    NonEmpty,
    /// `[0-9]` so many times.
    Digits(&'static [u8]),
    /// `[0-9]+`
    SomeDigits,
    /// `([0-9])*`
    AnyDigits,
    /// `\d` so many times.
    UnicodeDigits(&'static [u8]),
    /// `[1-9][0-9]{0,9}`
    Counter,
    /// `[A-Za-z0-9]+`
    LatinOrDigits,
    /// `[А-Я0-9 -]+`
    Brand,
    /// `[a-zA-Z0-9_-]{1,128}`
    CashRegister,
    /// `[a-zA-Z0-9_-]+(.*[a-zA-Z0-9_-]+)*`
    AlcoholCode,
    /// `[-]?\d+\.\d{0,2}`
    ChequePrice,
    /// `(\d+\.?\d{0,4}|)`
    ChequeVolume,
    /// `YYYY-MM-DD`, year not 0000, month to 12, day to 31.
    LocalDate,
    /// `YYYY-MM-DDThh:mm:ss` and a fraction, no zone.
    LocalDatetime,
    /// `ddMMyyHHmm` and maybe a zone `+0300`: the last day of a month is checked, 29 February only in leap years.
    ChequeDatetime,
    /// 68 or 150 signs, or 40 digits: an excise or federal special mark.
    Mark,
    /// A mark, or `010`, 13 digits, `21`, 13 signs `\S`.
    MarkOrBeer,
    /// `01`, 14 digits `\d`, `21`, 7 signs of a set.
    Beer,
    /// UUID in hexadecimal digits, maybe as the address of a cheque.
    UtmReceipt,
    /// `[0-9A-F]{128}`
    UtmSignature,
}

impl Pattern {
    /// Whether the whole of `text` matches.
    pub fn matches(self, text: &str) -> bool {
        match self {
            Self::NonEmpty => non_empty(text),
            Self::Digits(lengths) => length_in(text.len(), lengths) && all_ascii_digits(text),
            Self::SomeDigits => !text.is_empty() && all_ascii_digits(text),
            Self::AnyDigits => all_ascii_digits(text),
            Self::UnicodeDigits(lengths) => unicode_digits(text, lengths),
            Self::Counter => {
                (1..=10).contains(&text.len()) && !text.starts_with('0') && all_ascii_digits(text)
            }
            Self::LatinOrDigits => !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric()),
            Self::Brand => {
                !text.is_empty() && text.chars().all(|sign| matches!(sign, 'А'..='Я' | '0'..='9' | ' ' | '-'))
            }
            Self::CashRegister => (1..=128).contains(&text.len()) && text.bytes().all(is_code_byte),
            Self::AlcoholCode => alcohol_code(text),
            Self::ChequePrice => cheque_price(text),
            Self::ChequeVolume => cheque_volume(text),
            Self::LocalDate => local_date(text.as_bytes()),
            Self::LocalDatetime => local_datetime(text.as_bytes()),
            Self::ChequeDatetime => cheque_datetime(text),
            Self::Mark => mark(text),
            Self::MarkOrBeer => mark(text) || beer_of_cheque(text),
            Self::Beer => beer(text),
            Self::UtmReceipt => utm_receipt(text),
            Self::UtmSignature => {
                text.len() == 128 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'A'..=b'F'))
            }
        }
    }

    /// What the pattern wants, for messages: "ожидается …".
    pub fn wanted(self) -> Bilingual {
        match self {
            Self::NonEmpty => bilingual!(
                "непустой текст в одну строку, без пробелов в начале и в конце",
                "a text that is not empty, in one line, without blanks at either end"
            ),
            Self::Digits(lengths) | Self::UnicodeDigits(lengths) => digits_wanted(lengths),
            Self::SomeDigits => bilingual!("одна или более цифр", "one or more digits"),
            Self::AnyDigits => bilingual!("только цифры", "digits only"),
            Self::Counter => bilingual!(
                "целое число от 1, не длиннее 10 цифр, без нулей впереди",
                "a whole number from 1, at most 10 digits, no leading zeros"
            ),
            Self::LatinOrDigits => bilingual!("латинские буквы и цифры", "Latin letters and digits"),
            Self::Brand => bilingual!(
                "заглавные русские буквы (кроме Ё), цифры, пробел и дефис",
                "capital Russian letters (but Ё), digits, blank and hyphen"
            ),
            Self::CashRegister => bilingual!(
                "от 1 до 128 латинских букв, цифр, знаков «_» и «-»",
                "1 to 128 Latin letters, digits, '_' and '-'"
            ),
            Self::AlcoholCode => bilingual!(
                "код, который начинается и кончается латинской буквой, цифрой, «_» или «-»",
                "a code that begins and ends with a Latin letter, a digit, '_' or '-'"
            ),
            Self::ChequePrice => bilingual!(
                "цена с точкой и не более чем двумя знаками после неё, например 81.00",
                "a price with a point and at most two digits after it, such as 81.00"
            ),
            Self::ChequeVolume => bilingual!(
                "число с точкой и не более чем четырьмя знаками после неё, например 0.5000, или пусто",
                "a number with a point and at most four digits after it, such as 0.5000, or nothing"
            ),
            Self::LocalDate => bilingual!("дата ГГГГ-ММ-ДД", "a date YYYY-MM-DD"),
            Self::LocalDatetime => bilingual!(
                "дата и время ГГГГ-ММ-ДДTчч:мм:сс без часового пояса",
                "a date and time YYYY-MM-DDThh:mm:ss without a zone"
            ),
            Self::ChequeDatetime => {
                bilingual!(
                    "дата и время ДДММГГччмм, например 3112241805",
                    "a date and time DDMMYYhhmm, such as 3112241805"
                )
            }
            Self::Mark => bilingual!(
                "код марки: 68 или 150 знаков либо 40 цифр",
                "the code of a mark: 68 or 150 signs, or 40 digits"
            ),
            Self::MarkOrBeer => bilingual!(
                "код марки (68 или 150 знаков либо 40 цифр) или код пива: 01, GTIN с нулём впереди, 21 и 13 знаков",
                "the code of a mark (68 or 150 signs, or 40 digits) or of beer: 01, a GTIN with a leading zero, 21 and 13 signs"
            ),
            Self::Beer => bilingual!(
                "код пива: 01, 14 цифр GTIN, 21 и 7 знаков серийного номера",
                "the code of beer: 01, 14 digits of the GTIN, 21 and 7 signs of the serial number"
            ),
            Self::UtmReceipt => bilingual!(
                "UUID строчными шестнадцатеричными цифрами или адрес чека http://check.egais.ru?id=…",
                "a UUID in lower-case hexadecimal digits or the address of a cheque http://check.egais.ru?id=…"
            ),
            Self::UtmSignature => {
                bilingual!(
                    "128 шестнадцатеричных цифр заглавными буквами",
                    "128 upper-case hexadecimal digits"
                )
            }
        }
    }
}

fn digits_wanted(lengths: &[u8]) -> Bilingual {
    let list = |or: &str| {
        let words: Vec<String> = lengths.iter().map(u8::to_string).collect();
        match words.split_last() {
            Some((last, rest)) if !rest.is_empty() => format!("{} {or} {last}", rest.join(", ")),
            _ => words.concat(),
        }
    };
    let (ru, en) = (list("или"), list("or"));
    bilingual!("только цифры, числом {ru}", "digits only, {en} of them")
}

fn length_in(length: usize, lengths: &[u8]) -> bool {
    lengths.iter().any(|allowed| usize::from(*allowed) == length)
}

fn all_ascii_digits(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_xml_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\r' | b'\n')
}

#[inline]
fn non_empty(text: &str) -> bool {
    let bytes = text.as_bytes();
    match (bytes.first(), bytes.last()) {
        (Some(first), Some(last)) => {
            !is_xml_blank(*first) && !is_xml_blank(*last) && memchr::memchr2(b'\n', b'\r', bytes).is_none()
        }
        _ => false,
    }
}

/// Zeros of the blocks of ten decimal digits of Unicode beyond ASCII.
const DIGIT_ZEROS: &[u32] = &[
    0x0660, 0x06F0, 0x07C0, 0x0966, 0x09E6, 0x0A66, 0x0AE6, 0x0B66, 0x0BE6, 0x0C66, 0x0CE6, 0x0D66, 0x0DE6,
    0x0E50, 0x0ED0, 0x0F20, 0x1040, 0x1090, 0x17E0, 0x1810, 0x1946, 0x19D0, 0x1A80, 0x1A90, 0x1B50, 0x1BB0,
    0x1C40, 0x1C50, 0xA620, 0xA8D0, 0xA900, 0xA9D0, 0xA9F0, 0xAA50, 0xABF0, 0xFF10, 0x104A0, 0x10D30,
    0x11066, 0x110F0, 0x11136, 0x111D0, 0x112F0, 0x11450, 0x114D0, 0x11650, 0x116C0, 0x11730, 0x118E0,
    0x11950, 0x11C50, 0x11D50, 0x11DA0, 0x11F50, 0x16A60, 0x16AC0, 0x16B50, 0x1D7CE, 0x1D7D8, 0x1D7E2,
    0x1D7EC, 0x1D7F6, 0x1E140, 0x1E2F0, 0x1E4F0, 0x1E950, 0x1FBF0,
];

/// The value of a decimal digit of any script: XSD's `\d`.
#[inline]
fn digit(sign: char) -> Option<u32> {
    if sign.is_ascii() {
        return sign.to_digit(10);
    }
    let code = u32::from(sign);
    let block = DIGIT_ZEROS.partition_point(|zero| *zero <= code).checked_sub(1)?;
    let value = code.checked_sub(*DIGIT_ZEROS.get(block)?)?;
    (value < 10).then_some(value)
}

fn unicode_digits(text: &str, lengths: &[u8]) -> bool {
    if all_ascii_digits(text) {
        return length_in(text.len(), lengths);
    }
    text.chars().all(|sign| digit(sign).is_some()) && length_in(text.chars().count(), lengths)
}

fn is_code_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-'
}

fn alcohol_code(text: &str) -> bool {
    let bytes = text.as_bytes();
    match (bytes.first(), bytes.last()) {
        (Some(first), Some(last)) => {
            is_code_byte(*first) && is_code_byte(*last) && memchr::memchr2(b'\n', b'\r', bytes).is_none()
        }
        _ => false,
    }
}

fn cheque_price(text: &str) -> bool {
    let text = text.strip_prefix('-').unwrap_or(text);
    let Some((whole, fraction)) = text.split_once('.') else { return false };
    !whole.is_empty()
        && all_unicode_digits(whole)
        && all_unicode_digits(fraction)
        && fraction.chars().count() <= 2
}

fn cheque_volume(text: &str) -> bool {
    // Without a point the digits after it join those before it.
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    if text.is_empty() {
        return true;
    }
    !whole.is_empty()
        && all_unicode_digits(whole)
        && all_unicode_digits(fraction)
        && fraction.chars().count() <= 4
}

fn all_unicode_digits(text: &str) -> bool {
    text.chars().all(|sign| digit(sign).is_some())
}

/// Two ASCII digits as a number.
fn two(bytes: &[u8]) -> Option<u32> {
    match bytes {
        [tens @ b'0'..=b'9', ones @ b'0'..=b'9'] => {
            Some(u32::from(tens - b'0') * 10 + u32::from(ones - b'0'))
        }
        _ => None,
    }
}

fn between(bytes: Option<&[u8]>, low: u32, high: u32) -> bool {
    bytes.and_then(two).is_some_and(|number| (low..=high).contains(&number))
}

#[inline]
fn local_date(bytes: &[u8]) -> bool {
    bytes.len() == 10
        && bytes.get(..4).is_some_and(|year| year.iter().all(u8::is_ascii_digit) && year != b"0000")
        && bytes.get(4) == Some(&b'-')
        && between(bytes.get(5..7), 1, 12)
        && bytes.get(7) == Some(&b'-')
        && between(bytes.get(8..10), 1, 31)
}

fn local_datetime(bytes: &[u8]) -> bool {
    let Some((date, time)) = bytes.split_at_checked(10) else { return false };
    let Some((time, fraction)) = time.split_at_checked(9) else { return false };
    local_date(date)
        && time.first() == Some(&b'T')
        && between(time.get(1..3), 0, 23)
        && time.get(3) == Some(&b':')
        && between(time.get(4..6), 0, 59)
        && time.get(6) == Some(&b':')
        && between(time.get(7..9), 0, 59)
        && match fraction {
            [] => true,
            [b'.', digits @ ..] => !digits.is_empty() && digits.iter().all(u8::is_ascii_digit),
            _ => false,
        }
}

/// The expression has `\d` in some places and ASCII sets in others; the second decides whether the first matter.
fn cheque_datetime(text: &str) -> bool {
    let signs: Vec<char> = text.chars().take(16).collect();
    let Some((date, rest)) = signs.split_at_checked(6) else { return false };
    let Some((time, zone)) = rest.split_at_checked(4) else { return false };
    let is_digit = |sign: &char| digit(*sign).is_some();
    let [hour_tens, hour_ones, minute_tens, minute_ones] = time else { return false };
    let hour = match hour_tens {
        '0' | '1' => is_digit(hour_ones),
        '2' => matches!(hour_ones, '0'..='3'),
        _ => false,
    };
    let zone = match zone {
        [] => true,
        ['+' | '-', digits @ ..] => digits.len() == 4 && digits.iter().all(is_digit),
        _ => false,
    };
    let [day_tens, day_ones, month_tens, month_ones, year @ ..] = date else { return false };
    let month = ascii_pair(*month_tens, *month_ones).filter(|month| (1..=12).contains(month));
    // `[1,3-9]` in the schema also admits a comma: the month "0,".
    let odd_month = (*month_tens, *month_ones) == ('0', ',');
    let years = year.iter().all(is_digit);
    let day = match (day_tens, day_ones) {
        ('3', '1') => matches!(month, Some(1 | 3 | 5 | 7 | 8 | 10 | 12)) && years,
        ('3', '0') => (odd_month || month.is_some_and(|month| month != 2)) && years,
        ('2', '9') => {
            let leap = match year {
                [tens, ones] => ascii_pair(*tens, *ones).is_some_and(|year| year % 4 == 0),
                _ => false,
            };
            ((odd_month || month.is_some_and(|month| month != 2)) && years) || (month == Some(2) && leap)
        }
        ('0', '1'..='9') | ('2', '0'..='8') => month.is_some() && years,
        ('1', ones) => is_digit(ones) && month.is_some() && years,
        _ => false,
    };
    day && hour && matches!(minute_tens, '0'..='5') && is_digit(minute_ones) && zone
}

fn ascii_pair(tens: char, ones: char) -> Option<u32> {
    if tens.is_ascii() && ones.is_ascii() { Some(tens.to_digit(10)? * 10 + ones.to_digit(10)?) } else { None }
}

#[inline]
fn mark(text: &str) -> bool {
    if text.is_ascii() {
        return match text.len() {
            150 => mark_150(text.as_bytes()),
            68 => mark_68(text.as_bytes()),
            40 => all_ascii_digits(text),
            _ => false,
        };
    }
    // Digits of other scripts stand where the expressions have `\d`: write them as ASCII where that is what `\d` sees.
    let mut plain = String::new();
    for (place, sign) in text.chars().enumerate() {
        if place >= 150 {
            return false;
        }
        match digit(sign) {
            Some(value) if !sign.is_ascii() => plain.extend(char::from_digit(value, 10)),
            _ => plain.push(sign),
        }
    }
    foreign_digits_in_place(text) && plain.is_ascii() && plain.len() != 40 && mark(&plain)
}

/// Whether non-ASCII digits stand only where the expressions of marks say `\d`.
fn foreign_digits_in_place(text: &str) -> bool {
    let long = text.chars().count() == 150;
    text.chars().enumerate().filter(|(_, sign)| !sign.is_ascii()).all(|(place, _)| {
        if long { foreign_allowed_150(text, place) } else { matches!(place, 0 | 1 | 23 | 25 | 27..=36) }
    })
}

/// In the long form each number must have a digit `[1-9]` somewhere; the others are `\d`.
fn foreign_allowed_150(text: &str, place: usize) -> bool {
    let groups = [(0_usize, 3_usize), (3, 6), (6, 14), (18, 21)];
    let Some((start, end)) = groups.into_iter().find(|(start, end)| (*start..*end).contains(&place)) else {
        return false;
    };
    text.chars().skip(start).take(end - start).any(|sign| matches!(sign, '1'..='9'))
}

fn not_all_zeros(bytes: Option<&[u8]>) -> bool {
    bytes.is_some_and(|bytes| bytes.iter().all(u8::is_ascii_digit) && bytes.iter().any(|byte| *byte != b'0'))
}

fn mark_150(bytes: &[u8]) -> bool {
    not_all_zeros(bytes.get(0..3))
        && not_all_zeros(bytes.get(3..6))
        && not_all_zeros(bytes.get(6..14))
        && between(bytes.get(14..16), 1, 12)
        && between(bytes.get(16..18), 18, 99)
        && not_all_zeros(bytes.get(18..21))
        && bytes.get(21..).is_some_and(are_digits_and_capitals)
}

fn mark_68(bytes: &[u8]) -> bool {
    let digits = |range: std::ops::Range<usize>| {
        bytes.get(range).is_some_and(|bytes| bytes.iter().all(u8::is_ascii_digit))
    };
    let letters = |range: std::ops::Range<usize>| {
        bytes.get(range).is_some_and(|bytes| bytes.iter().all(u8::is_ascii_alphanumeric))
    };
    digits(0..2)
        && letters(2..23)
        && digits(23..37)
        && matches!(bytes.get(24), Some(b'0' | b'1'))
        && matches!(bytes.get(26), Some(b'0'..=b'3'))
        && letters(37..68)
}

fn beer(text: &str) -> bool {
    let Some(rest) = text.strip_prefix("01") else { return false };
    let mut signs = rest.chars();
    let gtin = signs.by_ref().take(14).filter(|sign| digit(*sign).is_some()).count() == 14;
    let Some(serial) = signs.as_str().strip_prefix("21") else { return false };
    gtin && serial.len() == 7
        && serial.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"\"&<>'?_=!%.:;/()*+,-".contains(&byte))
}

fn beer_of_cheque(text: &str) -> bool {
    let Some((head, serial)) = text.split_at_checked(18) else { return false };
    head.starts_with("010")
        && head.ends_with("21")
        && all_ascii_digits(head)
        && serial.chars().count() == 13
        && !serial.bytes().any(is_xml_blank)
}

fn utm_receipt(text: &str) -> bool {
    let text = text.strip_prefix("http://check.egais.ru?id=").unwrap_or(text);
    let mut rest = text.as_bytes();
    for _ in 0..8 {
        let Some((digits, tail)) = rest.split_at_checked(4) else { return false };
        if !digits.iter().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')) {
            return false;
        }
        rest = tail.strip_prefix(b"-").unwrap_or(tail);
    }
    if rest.is_empty() {
        return true;
    }
    let Some(rest) = rest.strip_prefix(b"&dt=") else { return false };
    let Some((date, rest)) = rest.split_at_checked(10) else { return false };
    let Some(id) = rest.strip_prefix(b"&cn=") else { return false };
    date.iter().all(u8::is_ascii_digit) && id.len() == 12 && id.iter().all(u8::is_ascii_digit)
}
