//! How deep and how large a text may be before a reader refuses it.

/// Limits of a reader. They protect the host process from a text that was made to harm it, or by mistake.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// How many collections may stand inside each other.
    pub depth: usize,
    /// The longest text, in bytes of UTF-8.
    pub bytes: u64,
}

impl Default for Limits {
    /// 512 levels, 4 GiB.
    fn default() -> Self {
        Self { depth: 512, bytes: 4 << 30 }
    }
}
