//! The host's memory: what goes out in a variant is allocated there and freed by the host.

use super::abi::{IMemoryManager, WCHAR_T};
use crate::value::Output;
use crate::value::text::utf16_length;
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
        let mut block = UnitBlock::allocate(self, utf16_length(text) as u64)?;
        let mut buffer = [0_u16; CHUNK];
        let (mut rest, mut at) = (text, 0);
        while !rest.is_empty() {
            let (chunk, tail) = rest.split_at(rest.floor_char_boundary(CHUNK));
            let written = encoding_rs::mem::convert_str_to_utf16(chunk, &mut buffer);
            block.copy(at, buffer.get(..written).unwrap_or_default());
            (rest, at) = (tail, at + written as u64);
        }
        Ok(block.finish())
    }

    /// A copy of `output` with a terminator; pieces of it are freed as they are copied.
    pub(super) fn output(self, output: Output) -> Result<(NonNull<WCHAR_T>, u32), OutOfMemory> {
        let mut block = UnitBlock::allocate(self, output.units())?;
        output.drain_utf16(|at, units| block.copy(at, units));
        Ok(block.finish())
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

/// A block of the host that is being filled with text, at any alignment.
struct UnitBlock {
    block: NonNull<c_void>,
    length: u32,
}

impl UnitBlock {
    /// Room for `length` units and a terminator.
    fn allocate(memory: HostMemory, length: u64) -> Result<Self, OutOfMemory> {
        let length = u32::try_from(length).map_err(|_| OutOfMemory)?;
        let bytes = usize::try_from((u64::from(length) + 1) * 2).map_err(|_| OutOfMemory)?;
        Ok(Self { block: memory.allocate(bytes)?, length })
    }

    /// Copies units to the place `at`; what would not fit is cut.
    fn copy(&mut self, at: u64, units: &[u16]) {
        let at = at.min(u64::from(self.length)) as usize;
        let count = units.len().min(self.length as usize - at);
        // SAFETY: `at + count` units lie inside the block; source and target do not overlap.
        unsafe {
            let target = self.block.cast::<u8>().as_ptr().add(at * 2);
            ptr::copy_nonoverlapping(units.as_ptr().cast::<u8>(), target, count * 2);
        }
    }

    /// Writes the terminator and hands the block over.
    fn finish(self) -> (NonNull<WCHAR_T>, u32) {
        let block = self.block.cast::<WCHAR_T>();
        // SAFETY: the block has one unit more than the text.
        unsafe { block.as_ptr().add(self.length as usize).write_unaligned(0) };
        (block, self.length)
    }
}
