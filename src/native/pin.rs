//! Keeps the library loaded.
//!
//! Threads of the HTTP runtime outlive objects, and really unloading exhausts thread-local slots of the process
//! after a thousand cycles. On Linux the linker flag `-z nodelete` does it; on Windows the module is pinned on
//! the first entry, because nothing may be done in `DllMain`.

#[cfg(target_os = "windows")]
pub(super) fn pin() {
    use std::ffi::c_void;
    use std::sync::Once;

    #[link(name = "kernel32")]
    unsafe extern "system" {
        fn GetModuleHandleExW(flags: u32, address: *const c_void, module: *mut *mut c_void) -> i32;
    }
    const PIN: u32 = 1;
    const FROM_ADDRESS: u32 = 4;
    static PINNED: Once = Once::new();

    PINNED.call_once(|| {
        let mut module = std::ptr::null_mut();
        // SAFETY: the address lies in this library, `module` is writable. A failure leaves the library
        // unpinned, which only matters to a host that unloads it.
        unsafe { GetModuleHandleExW(PIN | FROM_ADDRESS, pin as *const c_void, &raw mut module) };
    });
}

#[cfg(not(target_os = "windows"))]
pub(super) fn pin() {}
