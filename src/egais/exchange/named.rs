//! Words of the exchange, each with its Russian and English name: one table serves both directions.

/// An enumeration whose members have a Russian and an English name.
macro_rules! named {
    ($(#[$meta:meta])* $name:ident { $($(#[$doc:meta])* $member:ident = $ru:literal, $en:literal;)+ }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum $name { $($(#[$doc])* $member,)+ }

        impl $name {
            /// All members, in the order of the documentation.
            pub const ALL: &'static [Self] = &[$(Self::$member,)+];

            /// The Russian name, which the operations use.
            pub fn ru(self) -> &'static str {
                match self { $(Self::$member => $ru,)+ }
            }

            /// The English name.
            pub fn en(self) -> &'static str {
                match self { $(Self::$member => $en,)+ }
            }

            /// The name in a language.
            pub fn name(self, language: $crate::error::Language) -> &'static str {
                language.choose(self.ru(), self.en())
            }

            /// The member of this name in either language, in any letter case.
            pub fn from_name(name: &str) -> Option<Self> {
                let name = name.trim().to_lowercase();
                Self::ALL.iter().copied().find(|member| {
                    member.ru().to_lowercase() == name || member.en().to_lowercase() == name
                })
            }
        }
    };
}

pub(super) use named;
