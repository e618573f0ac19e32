//! Names of members without regard to case, Cyrillic included, found by a hash without allocation.

/// Folds the case of one UTF-16 unit: ASCII and the Cyrillic letters U+0400 to U+045F. Ё stays different from Е.
pub const fn fold(unit: u16) -> u16 {
    match unit {
        0x41..=0x5A | 0x410..=0x42F => unit + 0x20,
        0x400..=0x40F => unit + 0x50,
        _ => unit,
    }
}

/// Finds the number of a member by its name in either language.
pub struct NameIndex {
    slots: Box<[Slot]>,
    mask: usize,
    longest: usize,
}

#[derive(Clone, Default)]
struct Slot {
    hash: u32,
    /// Number of the member plus one; 0 for an empty slot.
    number: u32,
    folded: Box<[u16]>,
}

impl NameIndex {
    /// Builds the index of `names`; the position of a pair is the number that a search gives.
    pub fn new<'a>(names: impl Iterator<Item = [&'a str; 2]>) -> Self {
        let entries: Vec<(Box<[u16]>, u32)> = (1..)
            .zip(names)
            .flat_map(|(number, pair)| pair.map(|name| (name.encode_utf16().map(fold).collect(), number)))
            .collect();
        // At most a third full: most searches end at the first slot.
        let size = (entries.len() * 3).next_power_of_two();
        let mut index = Self { slots: vec![Slot::default(); size].into(), mask: size - 1, longest: 0 };
        for (folded, number) in entries {
            index.longest = index.longest.max(folded.len());
            index.insert(folded, number);
        }
        index
    }

    fn insert(&mut self, folded: Box<[u16]>, number: u32) {
        let hash = hash(&folded);
        for step in 0..self.slots.len() {
            let Some(slot) = self.slots.get_mut((hash as usize + step) & self.mask) else { return };
            if slot.number == 0 {
                *slot = Slot { hash, number, folded };
                return;
            }
        }
    }

    /// The number of the member called `name`.
    pub fn find(&self, name: &[u16]) -> Option<usize> {
        if name.len() > self.longest {
            return None;
        }
        let wanted = hash(name);
        for step in 0..self.slots.len() {
            let slot = self.slots.get((wanted as usize + step) & self.mask)?;
            if slot.number == 0 {
                return None;
            }
            if slot.hash == wanted && same(&slot.folded, name) {
                return Some(slot.number as usize - 1);
            }
        }
        None
    }
}

fn same(folded: &[u16], name: &[u16]) -> bool {
    folded.len() == name.len() && folded.iter().zip(name).all(|(known, unit)| *known == fold(*unit))
}

/// FNV-1a over folded units.
fn hash(name: &[u16]) -> u32 {
    name.iter().fold(0x811c_9dc5, |hash, unit| (hash ^ u32::from(fold(*unit))).wrapping_mul(0x0100_0193))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn units(text: &str) -> Vec<u16> {
        text.encode_utf16().collect()
    }

    #[test]
    fn both_languages_and_any_case_find_the_member() {
        let index =
            NameIndex::new([["Version", "Версия"], ["ProductCount", "КоличествоТоваров"]].into_iter());
        for name in ["КОЛИЧЕСТВОТОВАРОВ", "количествотоваров", "ProductCount", "PRODUCTCOUNT"]
        {
            assert_eq!(index.find(&units(name)), Some(1), "{name}");
        }
        assert_eq!(index.find(&units("ВЕРСИЯ")), Some(0));
    }

    #[test]
    fn unknown_names_are_not_found() {
        let index = NameIndex::new([["Count", "Счёт"]].into_iter());
        for name in ["", "Счет", "Cоunt", "CountCount", "Cou"] {
            assert_eq!(index.find(&units(name)), None, "{name}");
        }
        assert_eq!(index.find(&units("СЧЁТ")), Some(0));
    }

    #[test]
    fn folding_agrees_with_unicode_lower_case_in_its_range() {
        for unit in (0..0x80).chain(0x400..0x460) {
            let expected = char::from_u32(unit).map(|c| c.to_lowercase().collect::<String>());
            let folded = char::from_u32(u32::from(fold(unit as u16))).map(String::from);
            assert_eq!(folded, expected, "U+{unit:04X}");
        }
    }
}
