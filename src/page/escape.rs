//! Data inside HTML.

use std::fmt::{Display, Formatter, Result, Write as _};

/// A text as content of an element or value of a quoted attribute.
pub(super) struct Escaped<'a>(pub(super) &'a str);

impl Display for Escaped<'_> {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> Result {
        for letter in self.0.chars() {
            match letter {
                '&' => formatter.write_str("&amp;")?,
                '<' => formatter.write_str("&lt;")?,
                '>' => formatter.write_str("&gt;")?,
                '"' => formatter.write_str("&quot;")?,
                '\'' => formatter.write_str("&#39;")?,
                // Not allowed in HTML at all.
                letter if letter.is_control() && !matches!(letter, '\t' | '\n') => {
                    formatter.write_char(char::REPLACEMENT_CHARACTER)?;
                }
                // They would turn the text around them.
                '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => {
                    formatter.write_char(char::REPLACEMENT_CHARACTER)?;
                }
                letter => formatter.write_char(letter)?,
            }
        }
        Ok(())
    }
}

/// Digits in groups of three with spaces that do not break.
pub(super) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() * 2);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push('\u{a0}');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_html_takes_for_markup_is_written_as_text() {
        assert_eq!(
            Escaped("<a href=\"'&'\">\u{1b}\u{202e}").to_string(),
            "&lt;a href=&quot;&#39;&amp;&#39;&quot;&gt;\u{fffd}\u{fffd}"
        );
    }

    #[test]
    fn digits_are_grouped_from_the_right() {
        let grouped = [0, 999, 1000, 1_234_567].map(grouped);
        assert_eq!(grouped, ["0", "999", "1\u{a0}000", "1\u{a0}234\u{a0}567"]);
    }
}
