//! Which recogniser stands for which regular expression of the schemas.

/// Regular expressions found in the schemas and the recognisers written for them.
pub const KNOWN: &[(&str, &str)] = &[
    (r"\S+(.*\S+)*", "non-empty"),
    (r"[0-9]{10}", "digits(10)"),
    (r"[0-9]{9}", "digits(9)"),
    (r"[0-9]{12}", "digits(12)"),
    (r"[0-9]{3}", "digits(3)"),
    (r"[0-9][0-9][0-9]", "digits(3)"),
    (r"[0-9][0-9]", "digits(2)"),
    (r"[0-9]{26}|[0-9]{18}", "digits(18,26)"),
    (r"[0-9]+", "some-digits"),
    (r"([0-9])*", "any-digits"),
    (r"\d{1}", "unicode-digits(1)"),
    (r"\d{2}", "unicode-digits(2)"),
    (r"\d{3}", "unicode-digits(3)"),
    (r"\d{4}", "unicode-digits(4)"),
    (r"\d{10}", "unicode-digits(10)"),
    (r"\d{11}", "unicode-digits(11)"),
    (r"\d{20}", "unicode-digits(20)"),
    (r"\d{1,9}", "unicode-digits(1,2,3,4,5,6,7,8,9)"),
    (r"(\d{9}|)", "unicode-digits(0,9)"),
    (r"(\d{10}|\d{12})", "unicode-digits(10,12)"),
    (r"(\d{13}|\d{15})", "unicode-digits(13,15)"),
    (r"\d{3}|\d{4}|\d{5}", "unicode-digits(3,4,5)"),
    (r"(\d{8}|\d{13}|\d{12}|\d{14})", "unicode-digits(8,12,13,14)"),
    (r"[1-9][0-9]{0,9}", "counter"),
    (r"[A-Za-z0-9]+", "latin-or-digits"),
    (r"[А-Я0-9 -]+", "brand"),
    (r"[a-zA-Z0-9_-]{1,128}", "cash-register"),
    (r"[a-zA-Z0-9_-]+(.*[a-zA-Z0-9_-]+)*", "alcohol-code"),
    (r"[-]?\d+\.\d{0,2}", "cheque-price"),
    (r"(\d+\.?\d{0,4}|)", "cheque-volume"),
    (
        r"((000[1-9])|(00[1-9][0-9])|(0[1-9][0-9]{2})|([1-9][0-9]{3}))-((0[1-9])|(1[012]))-((0[1-9])|([12][0-9])|(3[01]))",
        "local-date",
    ),
    (
        r"((000[1-9])|(00[1-9][0-9])|(0[1-9][0-9]{2})|([1-9][0-9]{3}))-((0[1-9])|(1[012]))-((0[1-9])|([12][0-9])|(3[01]))T(([01][0-9])|(2[0-3]))(:[0-5][0-9]){2}(\.[0-9]+)?",
        "local-datetime",
    ),
    (
        r"(((31(0[13578]|1[02])|((29|30)(0[1,3-9]|1[0-2]))|((0[1-9]|1\d|2[0-8])(0[1-9]|1[0-2])))\d{2})|(2902(0[48]|[2468][048]|[13579][26]|00)))([01]\d|2[0-3])[0-5]\d((\+|-)\d{4})?",
        "cheque-datetime",
    ),
    (
        r"([1-9]\d{2}|\d([1-9]\d|\d[1-9])){2}([1-9]\d{7}|\d([1-9]\d{6}|\d([1-9]\d{5}|\d([1-9]\d{4}|\d([1-9]\d{3}|\d([1-9]\d{2}|\d([1-9]\d|\d[1-9])))))))(0[1-9]|1[0-2])(1[8-9]|[2-9][0-9])([1-9]\d{2}|\d([1-9]\d|\d[1-9]))[0-9A-Z]{129}|\d\d[a-zA-Z0-9]{21}\d[0-1]\d[0-3]\d{10}[a-zA-Z0-9]{31}|[0-9]{40}",
        "mark",
    ),
    (
        r"([1-9]\d{2}|\d([1-9]\d|\d[1-9])){2}([1-9]\d{7}|\d([1-9]\d{6}|\d([1-9]\d{5}|\d([1-9]\d{4}|\d([1-9]\d{3}|\d([1-9]\d{2}|\d([1-9]\d|\d[1-9])))))))(0[1-9]|1[0-2])(1[8-9]|[2-9][0-9])([1-9]\d{2}|\d([1-9]\d|\d[1-9]))[0-9A-Z]{129}|\d\d[a-zA-Z0-9]{21}\d[0-1]\d[0-3]\d{10}[a-zA-Z0-9]{31}|[0-9]{40}|010[0-9]{13}21\S{13}",
        "mark-or-beer",
    ),
    (r#"01\d{14}21["&<>'?0-9A-Z_a-z=!?%.:;/()*+,-]{7}"#, "beer"),
    (r"(http:\/\/check\.egais\.ru\?id=)?([0-9a-f]{4}-?){8}(&dt=[0-9]{10}&cn=[0-9]{12})?", "utm-receipt"),
    (r"[0-9A-F]{128}", "utm-signature"),
];

/// The word after `pattern` in a description; an unknown expression is shown for a person to deal with.
pub fn recogniser(expression: &str) -> String {
    match KNOWN.iter().find(|(known, _)| *known == expression) {
        Some((_, word)) => (*word).to_owned(),
        None => format!("UNKNOWN({expression})"),
    }
}
