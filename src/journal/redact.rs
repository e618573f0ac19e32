//! Replaces secrets in texts by `***`: by value in every form it may take on the way, and by the name beside it.

use super::Secret;
use super::writer::split_at_boundary;
use aho_corasick::{AhoCorasick, MatchKind};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use std::borrow::Cow;
use std::fmt;
use std::fmt::Write as _;
use std::ops::Range;
use std::sync::LazyLock;

/// What stands in place of a secret.
pub const MASK: &str = "***";

/// A value shorter than this is replaced only where it stands as a whole word: a one-letter password would
/// otherwise blot out the text and show by that what it is.
const SHORT: usize = 4;
/// A part of a base64 text shorter than this would be found by chance.
const SHORT_BASE64: usize = 8;

/// Headers and fields whose value is never shown, in lower case.
const SENSITIVE_NAMES: &[&str] = &[
    "authorization",
    "proxy-authorization",
    "x-api-key",
    "api-key",
    "apikey",
    "x-auth-token",
    "x-access-token",
    "x-csrf-token",
    "x-csrftoken",
    "x-amz-security-token",
    "cookie",
    "set-cookie",
];

/// Parameters of a URL whose value is never shown, in lower case.
const SENSITIVE_PARAMETERS: &[&str] = &[
    "token",
    "access_token",
    "refresh_token",
    "api_key",
    "apikey",
    "key",
    "password",
    "passwd",
    "pwd",
    "secret",
    "client_secret",
    "signature",
    "x-amz-signature",
    "x-amz-credential",
    "x-amz-security-token",
];

static NAMES: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| {
    let builder = AhoCorasick::builder()
        .ascii_case_insensitive(true)
        .match_kind(MatchKind::LeftmostLongest)
        .build(SENSITIVE_NAMES);
    builder.ok()
});

/// True for a header whose value is a secret whatever it is, such as `Authorization` or `Cookie`.
pub fn is_sensitive_header(name: &str) -> bool {
    SENSITIVE_NAMES.iter().any(|known| known.eq_ignore_ascii_case(name))
}

/// How a found form of a secret is replaced.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    /// Wherever it stands.
    Anywhere,
    /// Only as a whole word.
    Word,
    /// Together with the base64 text around it.
    Base64,
}

/// Hides secrets. Built once per change of settings and shared; without values it still hides by name.
#[derive(Default)]
pub struct Redactor {
    values: Option<AhoCorasick>,
    forms: Vec<Form>,
    longest: usize,
    headers: Vec<String>,
}

impl Redactor {
    /// Hides `secrets` (empty ones are skipped) as they are and in the forms they take in URLs, forms, JSON,
    /// XML and base64.
    pub fn new<'a>(secrets: impl IntoIterator<Item = &'a Secret>) -> Self {
        let mut needles: Vec<(String, Form)> = Vec::new();
        for secret in secrets {
            add_forms(secret.expose(), &mut needles);
        }
        needles.sort_by(|left, right| left.0.cmp(&right.0));
        needles.dedup_by(|left, right| left.0 == right.0);
        let longest = needles.iter().map(|(needle, _)| needle.len()).max().unwrap_or(0);
        let values = (!needles.is_empty())
            .then(|| AhoCorasick::new(needles.iter().map(|(needle, _)| needle)).ok())
            .flatten();
        let forms = needles.into_iter().map(|(_, form)| form).collect();
        Self { values, forms, longest, headers: Vec::new() }
    }

    /// Hides the values of these headers too, in any letter case, besides the usual ones.
    #[must_use]
    pub fn with_headers(mut self, names: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.headers.extend(names.into_iter().map(|name| name.into().to_lowercase()));
        self
    }

    /// The value of header `name` as it may be shown.
    pub fn header<'t>(&self, name: &str, value: &'t str) -> Cow<'t, str> {
        if is_sensitive_header(name) || self.headers.iter().any(|known| known.eq_ignore_ascii_case(name)) {
            Cow::Borrowed(MASK)
        } else {
            self.text(value)
        }
    }

    /// `text` as it may be shown.
    pub fn text<'t>(&self, text: &'t str) -> Cow<'t, str> {
        let ranges = self.secret_ranges(text);
        if ranges.is_empty() { Cow::Borrowed(text) } else { Cow::Owned(mask(text, &ranges)) }
    }

    /// The beginning of `text` as it may be shown: at most `limit` bytes of it, and how much was left out.
    /// A secret across the cut is hidden as a whole.
    pub fn excerpt(&self, text: &str, limit: usize) -> String {
        let (shown, rest) = split_at_boundary(text, limit);
        if rest.is_empty() {
            return self.text(text).into_owned();
        }
        let (window, _) = split_at_boundary(text, limit.saturating_add(self.longest).saturating_add(4));
        let mut ranges = self.secret_ranges(window);
        ranges.retain(|range| range.start < shown.len());
        let end = ranges.last().map_or(shown.len(), |range| range.end.max(shown.len()));
        let (kept, left) = text.split_at(end);
        let mut result = mask(kept, &ranges);
        let left = left.len();
        let _ = write!(result, "… (+{left} B)");
        result
    }

    /// Both texts of a message as they may be shown.
    pub fn bilingual(&self, text: crate::error::Bilingual) -> crate::error::Bilingual {
        crate::error::Bilingual { ru: self.text(&text.ru).into_owned(), en: self.text(&text.en).into_owned() }
    }

    /// Where secrets stand, in order and not overlapping.
    fn secret_ranges(&self, text: &str) -> Vec<Range<usize>> {
        let mut ranges = Vec::new();
        if let Some(values) = &self.values {
            for found in values.find_overlapping_iter(text) {
                let range = found.start()..found.end();
                match self.forms.get(found.pattern().as_usize()) {
                    Some(Form::Word) if !is_word(text, &range) => {}
                    Some(Form::Base64) => ranges.push(base64_run(text, range)),
                    _ => ranges.push(range),
                }
            }
        }
        named_values(text, &mut ranges);
        for name in &self.headers {
            find_named(text, name, &mut ranges);
        }
        url_secrets(text, &mut ranges);
        ranges.sort_by_key(|range| (range.start, range.end));
        let mut merged: Vec<Range<usize>> = Vec::with_capacity(ranges.len());
        for range in ranges {
            match merged.last_mut() {
                Some(last) if range.start <= last.end => last.end = last.end.max(range.end),
                _ => merged.push(range),
            }
        }
        merged
    }
}

impl fmt::Debug for Redactor {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Redactor({} forms)", self.forms.len())
    }
}

fn mask(text: &str, ranges: &[Range<usize>]) -> String {
    let mut result = String::with_capacity(text.len());
    let mut from = 0;
    for range in ranges {
        result.push_str(text.get(from..range.start).unwrap_or_default());
        result.push_str(MASK);
        from = range.end;
    }
    result.push_str(text.get(from..).unwrap_or_default());
    result
}

/// The texts under which `value` may be met.
fn add_forms(value: &str, needles: &mut Vec<(String, Form)>) {
    if value.trim().is_empty() {
        return;
    }
    let plain = if value.chars().count() < SHORT { Form::Word } else { Form::Anywhere };
    let mut add = |text: String| needles.push((text, plain));
    add(value.to_owned());
    for keep in ["-_.~", "-_.!~*'()", "-_.!~*'();/?:@&=+$,#", "-_.*"] {
        for upper in [true, false] {
            add(percent_encoded(value, keep, upper));
            add(percent_encoded(value, keep, upper).replace("%20", "+"));
        }
    }
    for ascii in [false, true] {
        add(json_escaped(value, ascii, false));
        add(json_escaped(value, ascii, true));
    }
    add(value.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;"));
    // In base64 a value starts at one of three places of a group; the characters that depend on its
    // neighbours are left out, so it is found inside `user:password` too.
    for shift in 0..3_usize {
        let mut bytes = vec![0_u8; shift];
        bytes.extend_from_slice(value.as_bytes());
        let skip = [0, 2, 3].get(shift).copied().unwrap_or(0);
        let keep = bytes.len() * 8 / 6;
        for encoded in [STANDARD_NO_PAD.encode(&bytes), URL_SAFE_NO_PAD.encode(&bytes)] {
            match encoded.get(skip..keep) {
                Some(core) if core.len() >= SHORT_BASE64 => needles.push((core.to_owned(), Form::Base64)),
                _ => {}
            }
        }
    }
}

fn percent_encoded(value: &str, keep: &str, upper: bool) -> String {
    let mut result = String::with_capacity(value.len() * 3);
    for byte in value.bytes() {
        let character = char::from(byte);
        // Writing to a String cannot fail.
        let _ = match character.is_ascii_alphanumeric() || keep.contains(character) {
            true => result.write_char(character),
            false if upper => write!(result, "%{byte:02X}"),
            false => write!(result, "%{byte:02x}"),
        };
    }
    result
}

fn json_escaped(value: &str, ascii: bool, slash: bool) -> String {
    let mut result = String::with_capacity(value.len() + 8);
    for character in value.chars() {
        match character {
            '"' => result.push_str("\\\""),
            '\\' => result.push_str("\\\\"),
            '/' if slash => result.push_str("\\/"),
            '\n' => result.push_str("\\n"),
            '\r' => result.push_str("\\r"),
            '\t' => result.push_str("\\t"),
            other if other.is_control() || (ascii && !other.is_ascii()) => {
                for unit in other.encode_utf16(&mut [0; 2]) {
                    let _ = write!(result, "\\u{unit:04x}");
                }
            }
            other => result.push(other),
        }
    }
    result
}

fn is_word(text: &str, range: &Range<usize>) -> bool {
    let before = text.get(..range.start).and_then(|text| text.chars().next_back());
    let after = text.get(range.end..).and_then(|text| text.chars().next());
    let joins = |character: Option<char>| character.is_some_and(|character| character.is_alphanumeric());
    !joins(before) && !joins(after)
}

/// `range` with the base64 characters on both sides.
fn base64_run(text: &str, range: Range<usize>) -> Range<usize> {
    let inside = |byte: &u8| byte.is_ascii_alphanumeric() || b"+/-_=".contains(byte);
    let bytes = text.as_bytes();
    let before =
        bytes.get(..range.start).unwrap_or_default().iter().rev().take_while(|byte| inside(byte)).count();
    let after = bytes.get(range.end..).unwrap_or_default().iter().take_while(|byte| inside(byte)).count();
    range.start - before..range.end + after
}

/// Values beside the sensitive names: `Cookie: a=b`, `"x-api-key": "secret"`.
fn named_values(text: &str, ranges: &mut Vec<Range<usize>>) {
    let Some(names) = NAMES.as_ref() else { return };
    for found in names.find_iter(text) {
        push_value_after(text, found.start(), found.end(), ranges);
    }
}

fn find_named(text: &str, name: &str, ranges: &mut Vec<Range<usize>>) {
    if name.is_empty() {
        return;
    }
    for (start, window) in text.as_bytes().windows(name.len()).enumerate() {
        if window.eq_ignore_ascii_case(name.as_bytes()) {
            push_value_after(text, start, start + name.len(), ranges);
        }
    }
}

/// The value that follows a name at `start..end`, if a `:` or `=` stands between.
fn push_value_after(text: &str, start: usize, end: usize, ranges: &mut Vec<Range<usize>>) {
    let bytes = text.as_bytes();
    let joins = |byte: Option<&u8>| byte.is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'-');
    if start.checked_sub(1).is_some_and(|before| joins(bytes.get(before))) || joins(bytes.get(end)) {
        return;
    }
    let mut at = end;
    let skip_blank = |mut at: usize| {
        while matches!(bytes.get(at), Some(b' ' | b'\t')) {
            at += 1;
        }
        at
    };
    if matches!(bytes.get(at), Some(b'"' | b'\'')) {
        at += 1;
    }
    at = skip_blank(at);
    if !matches!(bytes.get(at), Some(b':' | b'=')) {
        return;
    }
    at = skip_blank(at + 1);
    let rest = bytes.get(at..).unwrap_or_default();
    let (from, length) = match rest.first() {
        Some(b'[') => (at, rest.iter().take_while(|byte| **byte != b']').count()),
        Some(quote @ (b'"' | b'\'')) => (at + 1, quoted_length(rest.get(1..).unwrap_or_default(), *quote)),
        _ => (at, rest.iter().take_while(|byte| !matches!(byte, b'\r' | b'\n')).count()),
    };
    if length > 0 {
        ranges.push(from..from + length);
    }
}

/// Bytes up to the closing quote, minding backslashes.
fn quoted_length(bytes: &[u8], quote: u8) -> usize {
    let mut escaped = false;
    for (length, byte) in bytes.iter().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            byte if *byte == quote => return length,
            _ => {}
        }
    }
    bytes.len()
}

/// User and password of a URL, and the values of its sensitive parameters.
fn url_secrets(text: &str, ranges: &mut Vec<Range<usize>>) {
    for (found, _) in text.match_indices("://") {
        let from = found + 3;
        let rest = text.get(from..).unwrap_or_default();
        let ends = |character: char| character.is_whitespace() || "/?#\"'<>\\".contains(character);
        let authority = rest.find(ends).map_or(rest, |end| rest.get(..end).unwrap_or_default());
        if let Some(length) = authority.rfind('@') {
            ranges.push(from..from + length);
        }
    }
    for (found, _) in text.match_indices(['?', '&']) {
        let rest = text.get(found + 1..).unwrap_or_default();
        let Some((name, value)) = rest.split_once('=') else { continue };
        if name.len() > 32 || !SENSITIVE_PARAMETERS.iter().any(|known| known.eq_ignore_ascii_case(name)) {
            continue;
        }
        let from = found + 1 + name.len() + 1;
        let ends = |character: char| character.is_whitespace() || "&#\"'<>\\".contains(character);
        let length = value.find(ends).unwrap_or(value.len());
        if length > 0 {
            ranges.push(from..from + length);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::engine::general_purpose::STANDARD;
    use proptest::prelude::*;

    fn redactor(secrets: &[&str]) -> Redactor {
        let secrets: Vec<Secret> = secrets.iter().map(|secret| Secret::from(*secret)).collect();
        Redactor::new(&secrets)
    }

    #[test]
    fn a_secret_is_hidden_in_every_form_it_travels_in() {
        let value = "п@ss/w+rd \"1\"&";
        let redactor = redactor(&[value]);
        let json = serde_json::to_string(value).unwrap();
        let forms = [
            value.to_owned(),
            json.trim_matches('"').to_owned(),
            json.replace('/', "\\/"),
            "%D0%BF%40ss%2Fw%2Brd%20%221%22%26".to_owned(),
            "%d0%bf%40ss%2fw%2brd+%221%22%26".to_owned(),
            "\\u043f@ss/w+rd \\\"1\\\"&".to_owned(),
            STANDARD.encode(value),
            STANDARD.encode(format!("user:{value}")),
            STANDARD.encode(format!("us:{value}!")),
            URL_SAFE_NO_PAD.encode(format!("u:{value}??")),
        ];
        for form in forms {
            let shown = redactor.text(&format!("before {form} after")).into_owned();
            assert!(shown.starts_with("before ") && shown.ends_with(" after"), "{form}: {shown}");
            assert!(!shown.contains(&form) && shown.contains(MASK), "{form}: {shown}");
        }
    }

    #[test]
    fn sensitive_headers_are_hidden_by_name_in_any_case() {
        let redactor = Redactor::default().with_headers(["X-Shop-Key"]);
        for (text, expected) in [
            ("AUTHORIZATION: Bearer abc\r\nAccept: */*", "AUTHORIZATION: ***\r\nAccept: */*"),
            (r#"{"x-api-key": "a\"b", "b": 1}"#, r#"{"x-api-key": "***", "b": 1}"#),
            (r#"{"set-cookie":["a=1","b=2"]}"#, r#"{"set-cookie":***]}"#),
            ("x-shop-key=12", "x-shop-key=***"),
            ("cookies: 5", "cookies: 5"),
            ("the cookie jar", "the cookie jar"),
        ] {
            assert_eq!(redactor.text(text), expected);
        }
        assert_eq!(redactor.header("Cookie", "a=1"), MASK);
        assert_eq!(redactor.header("Accept", "text/html"), "text/html");
    }

    #[test]
    fn credentials_of_a_url_are_hidden() {
        let redactor = Redactor::default();
        for (text, expected) in [
            ("GET https://user:p%40ss@shop.ru/a?b=1", "GET https://***@shop.ru/a?b=1"),
            ("http://shop.ru/a?x=1&access_token=abc&y=2", "http://shop.ru/a?x=1&access_token=***&y=2"),
            ("http://shop.ru/@me", "http://shop.ru/@me"),
        ] {
            assert_eq!(redactor.text(text), expected);
        }
    }

    #[test]
    fn a_short_secret_is_hidden_only_as_a_word() {
        assert_eq!(redactor(&["12"]).text("12 of 128"), "*** of 128");
    }

    #[test]
    fn overlapping_secrets_leave_nothing_over() {
        assert_eq!(redactor(&["abcdef", "defghi"]).text("<abcdefghi>"), "<***>");
    }

    #[test]
    fn an_excerpt_never_shows_half_a_secret() {
        let redactor = redactor(&["topsecret"]);
        assert_eq!(redactor.excerpt("aaaa topsecret bbbb", 8), "aaaa ***… (+5 B)");
        assert_eq!(redactor.excerpt("topsecret topsecret topsecret", 3), "***… (+20 B)");
        assert_eq!(redactor.excerpt("ббб", 3), "б… (+4 B)");
    }

    #[test]
    fn a_secret_shows_nowhere() {
        let secret = Secret::from("abc");
        assert_eq!(format!("{secret:?} {secret}"), "*** ***");
    }

    proptest! {
        #[test]
        fn no_text_shows_a_long_secret(
            secret in "[a-zA-Z0-9а-яё/+&\"\\\\ ]{4,20}".prop_filter("not blank", |text| !text.trim().is_empty()),
            before in ".{0,20}",
            after in ".{0,20}",
            limit in 0_usize..60,
        ) {
            let redactor = redactor(&[&secret]);
            let text = format!("{before}{secret}{after}");
            prop_assert!(!redactor.text(&text).contains(&secret));
            prop_assert!(!redactor.excerpt(&text, limit).contains(&secret));
        }

        #[test]
        fn text_without_secrets_is_untouched(text in "[a-zа-я ,.]{0,100}") {
            prop_assert_eq!(Redactor::default().text(&text), text.as_str());
        }
    }
}
