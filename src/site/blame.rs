//! Which product of a batch an error of the site is about.

use std::collections::HashMap;

/// Finds products by what an error says. Made for the products of one request.
pub(super) struct Blame {
    /// The skus with the indices of their products in the request.
    skus: Vec<(String, Vec<usize>)>,
    by_sku: HashMap<String, usize>,
}

impl Blame {
    /// For products with these skus, in their order.
    pub(super) fn new(skus: impl Iterator<Item = String>) -> Self {
        let mut blame = Self { skus: Vec::new(), by_sku: HashMap::new() };
        for (index, sku) in skus.enumerate() {
            let place = *blame.by_sku.entry(sku.clone()).or_insert_with(|| {
                blame.skus.push((sku, Vec::new()));
                blame.skus.len() - 1
            });
            if let Some((_, products)) = blame.skus.get_mut(place) {
                products.push(index);
            }
        }
        blame
    }

    /// The next product with the sku that the error names in a field of its own.
    pub(super) fn named(&mut self, sku: &str) -> Option<usize> {
        let place = self.by_sku.get(sku).or_else(|| self.by_sku.get(sku.trim())).copied()?;
        self.next_product(place)
    }

    /// The next product whose sku stands in `text` as a whole token; of several the longest wins, then the
    /// first in the text. The second value is the sku.
    pub(super) fn mentioned(&mut self, text: &str) -> Option<(usize, String)> {
        let found = self.skus.iter().enumerate().filter_map(|(place, (sku, _))| {
            let at = token_position(text, sku)?;
            Some((sku.len(), std::cmp::Reverse(at), place))
        });
        let (_, _, place) = found.max()?;
        let sku = self.skus.get(place).map(|(sku, _)| sku.clone()).unwrap_or_default();
        Some((self.next_product(place)?, sku))
    }

    /// Products with the same sku are blamed one after another.
    fn next_product(&mut self, place: usize) -> Option<usize> {
        let (_, products) = self.skus.get_mut(place)?;
        if products.len() > 1 { Some(products.remove(0)) } else { products.first().copied() }
    }
}

/// Where `sku` first stands in `text` as a whole token.
fn token_position(text: &str, sku: &str) -> Option<usize> {
    if sku.trim().is_empty() {
        return None;
    }
    memchr::memmem::find_iter(text.as_bytes(), sku.as_bytes())
        .find(|start| ends_token(text, *start, false) && ends_token(text, start + sku.len(), true))
}

/// True if a token may end at this border of a found sku: letters and digits do not go on, directly or after a
/// joint such as the hyphen of `ART-1-B` or the point of `5.00`.
fn ends_token(text: &str, border: usize, forward: bool) -> bool {
    let (left, right) = (text.get(..border).unwrap_or_default(), text.get(border..).unwrap_or_default());
    let (mut outside, inside) = if forward {
        (Side::Forward(right.chars()), left.chars().next_back())
    } else {
        (Side::Backward(left.chars().rev()), right.chars().next())
    };
    let goes_on = |character: char| character.is_alphanumeric() || character == '_';
    match outside.next() {
        None => true,
        Some(character) if goes_on(character) => !inside.is_some_and(goes_on),
        Some('-' | '.' | '/' | '\\') => !(inside.is_some_and(goes_on) && outside.next().is_some_and(goes_on)),
        Some(',') => {
            let digit = |character: char| character.is_ascii_digit();
            !(inside.is_some_and(digit) && outside.next().is_some_and(digit))
        }
        Some(_) => true,
    }
}

/// Characters away from a border.
enum Side<'a> {
    Forward(std::str::Chars<'a>),
    Backward(std::iter::Rev<std::str::Chars<'a>>),
}

impl Iterator for Side<'_> {
    type Item = char;

    fn next(&mut self) -> Option<char> {
        match self {
            Self::Forward(characters) => characters.next(),
            Self::Backward(characters) => characters.next(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mentioned(skus: &[&str], text: &str) -> Option<String> {
        let mut blame = Blame::new(skus.iter().map(|sku| (*sku).to_owned()));
        blame.mentioned(text).map(|(_, sku)| sku)
    }

    #[test]
    fn a_sku_is_found_as_a_whole_token() {
        for text in
            ["ART1: нет цены", "Товар ART1", "sku='ART1'", "(ART1)", "ART1.", "Ошибка в ART1, цена", "[ART1]"]
        {
            assert_eq!(mentioned(&["ART1"], text).as_deref(), Some("ART1"), "{text}");
        }
        for text in ["ART10: bad", "XART1", "ART1-2: bad", "ART1/2", "АРТ1", "art1", "ART1_x", "", "2-ART1"]
        {
            assert_eq!(mentioned(&["ART1"], text), None, "{text}");
        }
        assert_eq!(mentioned(&["5"], "цена 5,00 и 5.5 неверны"), None);
        assert_eq!(mentioned(&["5"], "цена 5.5 товара 5 неверна").as_deref(), Some("5"));
    }

    #[test]
    fn the_longest_sku_wins() {
        let skus = ["ART", "ART 1", "ART 1 black", "1"];
        assert_eq!(mentioned(&skus, "ART 1 black: bad").as_deref(), Some("ART 1 black"));
        assert_eq!(mentioned(&skus, "ART 1: bad").as_deref(), Some("ART 1"));
        assert_eq!(mentioned(&["A1", "B2"], "B2 and A1").as_deref(), Some("B2"));
    }

    #[test]
    fn products_with_one_sku_are_blamed_in_turn() {
        let mut blame = Blame::new(["a", "b", "a"].into_iter().map(str::to_owned));
        assert_eq!([blame.named("a"), blame.named("a"), blame.named("a")], [Some(0), Some(2), Some(2)]);
        assert_eq!(blame.named("c"), None);
        assert_eq!(blame.mentioned("b is bad"), Some((1, "b".to_owned())));
    }
}
