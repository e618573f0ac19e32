//! How important a line of the journal is.

/// Levels of the journal, the most important first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Level {
    /// Failures only.
    Error,
    /// And what work went on after.
    Warning,
    /// And what was done; the default.
    #[default]
    Info,
    /// And every detail.
    Debug,
}

impl Level {
    /// All levels with the names by which a setting may call them: English, Russian.
    pub const NAMES: &'static [(Level, &'static str, &'static str)] = &[
        (Self::Error, "error", "ошибка"),
        (Self::Warning, "warning", "предупреждение"),
        (Self::Info, "info", "информация"),
        (Self::Debug, "debug", "отладка"),
    ];

    /// Reads a name in either language, in any letter case.
    pub fn from_name(name: &str) -> Option<Self> {
        let name = name.trim().to_lowercase();
        Self::NAMES
            .iter()
            .find(|(_, english, russian)| *english == name || *russian == name)
            .map(|(level, _, _)| *level)
    }

    /// The name that a setting shows: `error`, `warning`, `info`, `debug`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Info => "info",
            Self::Debug => "debug",
        }
    }

    /// The word that stands in a line.
    pub(super) fn label(self) -> &'static str {
        match self {
            Self::Error => "ERROR",
            Self::Warning => "WARNING",
            Self::Info => "INFO",
            Self::Debug => "DEBUG",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_known_in_both_languages_and_any_case() {
        for (level, english, russian) in Level::NAMES {
            assert_eq!(Level::from_name(&english.to_uppercase()), Some(*level));
            assert_eq!(Level::from_name(&russian.to_uppercase()), Some(*level));
            assert_eq!(level.as_str(), *english);
        }
        assert_eq!(Level::from_name("verbose"), None);
    }
}
