//! The name a person may have meant.

/// Names longer than this are nobody's typing error, and comparing them would take long.
const LONGEST: usize = 100;

/// The known name nearest to `name`, if one is near enough to be meant.
pub fn nearest<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    if name.len() > LONGEST * 4 || name.chars().count() > LONGEST {
        return None;
    }
    let wanted = name.to_lowercase();
    known
        .map(|candidate| {
            (strsim::normalized_damerau_levenshtein(&wanted, &candidate.to_lowercase()), candidate)
        })
        .filter(|(likeness, _)| *likeness >= 0.6)
        .max_by(|left, right| left.0.total_cmp(&right.0))
        .map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_of_the_hand_is_forgiven_and_a_different_word_is_not() {
        let known = || ["Quantity", "Price", "Identity"].into_iter();
        assert_eq!(nearest("Qantity", known()), Some("Quantity"));
        assert_eq!(nearest("Сумма", known()), None);
        assert_eq!(nearest(&"Quantity".repeat(1000), known()), None);
    }
}
