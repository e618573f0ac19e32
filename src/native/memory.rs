//! The host's memory: what goes out in a variant is allocated there and freed by the host.

use super::abi::{IMemoryManager, WCHAR_T};
use super::text::utf16_length;
use std::ffi::{c_ulong, c_void};
use std::ptr::{self, NonNull};

/// The host has no memory to give.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct OutOfMemory;

/// The host's memory manager, valid as long as the object it was given to.
#[derive(Clone, Copy)]
pub(super) struct HostMemory(NonNull<IMemoryManager>);

impl HostMemory {
    /// # Safety
    /// `manager` is null or a memory manager that outlives this value.
    pub(super) unsafe fn new(manager: *mut c_void) -> Option<Self> {
        NonNull::new(manager.cast()).map(Self)
    }

    /// Allocates `bytes`, never 0 of them: hosts differ on that.
    fn allocate(self, bytes: usize) -> Result<NonNull<c_void>, OutOfMemory> {
        let bytes = c_ulong::try_from(bytes.max(1)).map_err(|_| OutOfMemory)?;
        let mut block: *mut c_void = ptr::null_mut();
        // SAFETY: the manager lives, its vtable is complete, `block` is writable.
        let given = unsafe {
            let manager = self.0.as_ptr();
            ((*(*manager).vtable).AllocMemory)(manager, &raw mut block, bytes)
        };
        match NonNull::new(block) {
            Some(block) if given => Ok(block),
            _ => Err(OutOfMemory),
        }
    }

    /// A copy of `text` with a terminator; gives the block and the number of units without it.
    pub(super) fn text(self, text: &str) -> Result<(NonNull<WCHAR_T>, u32), OutOfMemory> {
        let length = utf16_length(text);
        let reported = u32::try_from(length).map_err(|_| OutOfMemory)?;
        let block = self.allocate((length + 1).checked_mul(2).ok_or(OutOfMemory)?)?;
        let mut writer = UnitWriter { next: block.cast().as_ptr(), left: length };
        writer.convert(text);
        writer.terminate();
        Ok((block.cast(), reported))
    }

    /// A copy of `bytes`.
    pub(super) fn bytes(self, bytes: &[u8]) -> Result<(NonNull<u8>, u32), OutOfMemory> {
        let length = u32::try_from(bytes.len()).map_err(|_| OutOfMemory)?;
        let block = self.allocate(bytes.len())?.cast::<u8>();
        // SAFETY: the block has room for all bytes and cannot overlap them.
        unsafe { ptr::copy_nonoverlapping(bytes.as_ptr(), block.as_ptr(), bytes.len()) };
        Ok((block, length))
    }
}

/// Units converted at a time: the buffer stays in the first-level cache.
const CHUNK: usize = 4096;

/// Fills a block of the host, at any alignment.
struct UnitWriter {
    next: *mut u8,
    left: usize,
}

impl UnitWriter {
    fn convert(&mut self, mut text: &str) {
        let mut buffer = [0_u16; CHUNK];
        while !text.is_empty() {
            let (chunk, rest) = text.split_at(text.floor_char_boundary(CHUNK));
            let written = encoding_rs::mem::convert_str_to_utf16(chunk, &mut buffer);
            self.copy(buffer.get(..written).unwrap_or_default());
            text = rest;
        }
    }

    fn copy(&mut self, units: &[u16]) {
        let count = units.len().min(self.left);
        // SAFETY: at least `left` units of the block follow `next`; source and target do not overlap.
        unsafe {
            ptr::copy_nonoverlapping(units.as_ptr().cast::<u8>(), self.next, count * 2);
            self.next = self.next.add(count * 2);
        }
        self.left -= count;
    }

    fn terminate(self) {
        // SAFETY: the block has one unit more than the text, and `next` stands at it.
        unsafe { self.next.cast::<u16>().write_unaligned(0) };
    }
}
