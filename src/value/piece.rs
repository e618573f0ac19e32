//! Memory of long texts, in pieces that go back to the system as soon as they are done with.

use crate::value::text::utf16_length;

/// Size of a piece of a long text: a huge page where the system has them.
const LARGE: usize = 2 * 1024 * 1024;

/// A part of a text.
#[derive(Debug)]
pub(in crate::value) struct Piece {
    memory: Memory,
    length: usize,
    units: u64,
}

#[derive(Debug)]
enum Memory {
    Heap(Vec<u8>),
    /// Pages of its own: huge ones cost far fewer page faults, and they leave no holes in the heap of the host.
    #[cfg(target_os = "linux")]
    Mapped(memmap2::MmapMut),
}

impl Piece {
    /// A large piece with room for at least `bytes`.
    pub fn large(bytes: usize) -> Self {
        Self { memory: Memory::large(bytes.next_multiple_of(LARGE)), length: 0, units: 0 }
    }

    /// A text becomes a piece as it is.
    pub fn from_text(text: String) -> Self {
        let (length, units) = (text.len(), utf16_length(&text) as u64);
        Self { memory: Memory::Heap(text.into_bytes()), length, units }
    }

    /// Appends a text of so many UTF-16 `units` if there is room for it.
    pub fn push(&mut self, text: &str, units: u64) -> bool {
        let end = self.length + text.len();
        match &mut self.memory {
            Memory::Heap(bytes) if end <= bytes.capacity() => bytes.extend_from_slice(text.as_bytes()),
            Memory::Heap(_) => return false,
            #[cfg(target_os = "linux")]
            Memory::Mapped(bytes) => match bytes.get_mut(self.length..end) {
                Some(room) => room.copy_from_slice(text.as_bytes()),
                None => return false,
            },
        }
        self.length = end;
        self.units += units;
        true
    }

    /// Its text as UTF-8.
    pub fn bytes(&self) -> &[u8] {
        let bytes = match &self.memory {
            Memory::Heap(bytes) => bytes.as_slice(),
            #[cfg(target_os = "linux")]
            Memory::Mapped(bytes) => bytes,
        };
        bytes.get(..self.length).unwrap_or_default()
    }

    /// Its text.
    pub fn text(&self) -> &str {
        // Only whole texts were put in.
        simdutf8::basic::from_utf8(self.bytes()).unwrap_or_default()
    }

    /// UTF-16 units of its text.
    pub fn units(&self) -> u64 {
        self.units
    }
}

impl Memory {
    #[cfg(target_os = "linux")]
    fn large(bytes: usize) -> Self {
        match memmap2::MmapMut::map_anon(bytes) {
            Ok(map) => {
                // A hint: a system without huge pages refuses it, and all works with small ones.
                let _ = map.advise(memmap2::Advice::HugePage);
                Self::Mapped(map)
            }
            Err(_) => Self::Heap(Vec::with_capacity(bytes)),
        }
    }

    #[cfg(not(target_os = "linux"))]
    fn large(bytes: usize) -> Self {
        Self::Heap(Vec::with_capacity(bytes))
    }
}
