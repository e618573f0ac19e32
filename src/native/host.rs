//! The host's connection: errors, events, status line, and what kind of application it is.

use super::abi::*;
use super::text::to_terminated;
use crate::addin::{Host, Side};
use std::ffi::{c_long, c_void};
use std::ptr;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, AtomicPtr, Ordering};

/// True once the host has called `SetPlatformCapabilities`: only such a host is sure to give `IAddInDefBaseEx`.
static HOST_HAS_INTERFACES: AtomicBool = AtomicBool::new(false);

/// Keeps what the host said of its capabilities.
pub(super) fn note_capabilities(capabilities: AppCapabilities) {
    if capabilities > 0 {
        HOST_HAS_INTERFACES.store(true, Ordering::Relaxed);
    }
}

/// `AddError` with the only code and result code that this library uses: BSL gets an exception.
const SCODE: c_long = 1;

/// How many progress events may wait for a busy client.
const EVENT_BUFFER: c_long = 16;

/// What `Init` gave, until `Done`.
#[derive(Default)]
pub(super) struct Connection {
    base: AtomicPtr<IAddInDefBase>,
    side: OnceLock<Side>,
}

impl Connection {
    /// # Safety
    /// `base` is null or an `IAddInDefBase` that lives until [`Connection::close`].
    pub(super) unsafe fn open(&self, base: *mut c_void) -> bool {
        self.base.store(base.cast(), Ordering::Release);
        !base.is_null()
    }

    /// From now on the host is not called any more.
    pub(super) fn close(&self) {
        self.base.store(ptr::null_mut(), Ordering::Release);
    }

    fn base(&self) -> Option<(*mut IAddInDefBase, &IAddInDefBaseVTable)> {
        let base = self.base.load(Ordering::Acquire);
        // SAFETY: between `open` and `close` the pointer is a live connection with a complete vtable.
        (!base.is_null()).then(|| unsafe { (base, &*(*base).vtable) })
    }

    /// Reports an error of class `source`.
    pub(super) fn add_error(&self, source: &str, text: &str) {
        let Some((base, vtable)) = self.base() else { return };
        let (source, text) = (to_terminated(source), to_terminated(text));
        // SAFETY: a live connection; both texts are terminated and are copied during the call.
        unsafe { (vtable.AddError)(base, ADDIN_E_FAIL, source.as_ptr(), text.as_ptr(), SCODE) };
    }

    /// Asks `IPlatformInfo` what kind of application this is; without an answer it counts as a server.
    fn ask_side(&self) -> Side {
        let Some((base, _)) = self.base() else { return Side::Server };
        if !HOST_HAS_INTERFACES.load(Ordering::Relaxed) {
            return Side::Server;
        }
        let base: *mut IAddInDefBaseEx = base.cast();
        // SAFETY: a host with capabilities gives the extended class; see `HOST_HAS_INTERFACES`.
        let interface = unsafe { ((*(*base).vtable).GetInterface)(base, INTERFACE_PLATFORM_INFO) };
        if interface.is_null() {
            return Side::Server;
        }
        let info: *mut IPlatformInfo = from_empty_base(interface).cast();
        // SAFETY: the host gave a live interface of the asked number.
        let application = unsafe {
            let description = ((*(*info).vtable).GetPlatformInfo)(info);
            if description.is_null() { APPLICATION_UNKNOWN } else { (*description).Application }
        };
        match application {
            APPLICATION_THIN_CLIENT
            | APPLICATION_THICK_CLIENT
            | APPLICATION_WEB_CLIENT
            | APPLICATION_MOBILE_CLIENT => Side::Client,
            _ => Side::Server,
        }
    }
}

/// The usable pointer behind what `GetInterface` gives: in the MSVC ABI the empty base class lies one pointer
/// after the vtable pointer (facts on the Native API, 2.4).
fn from_empty_base(interface: *mut c_void) -> *mut c_void {
    if cfg!(target_os = "windows") {
        interface.wrapping_byte_sub(size_of::<*mut c_void>())
    } else {
        interface
    }
}

impl Host for Connection {
    fn side(&self) -> Side {
        *self.side.get_or_init(|| {
            let side = self.ask_side();
            if let (Side::Client, Some((base, vtable))) = (side, self.base()) {
                // SAFETY: a live connection. By default only one event may wait and newer ones are lost.
                unsafe { (vtable.SetEventBufferDepth)(base, EVENT_BUFFER) };
            }
            side
        })
    }

    fn external_event(&self, source: &str, message: &str, data: &str) -> bool {
        let Some((base, vtable)) = self.base() else { return false };
        let [mut source, mut message, mut data] = [source, message, data].map(to_terminated);
        // SAFETY: a live connection; the texts are terminated and are copied during the call.
        unsafe { (vtable.ExternalEvent)(base, source.as_mut_ptr(), message.as_mut_ptr(), data.as_mut_ptr()) }
    }

    fn status_line(&self, text: Option<&str>) {
        let Some((base, vtable)) = self.base() else { return };
        // SAFETY: a live connection; the text is terminated and is copied during the call.
        unsafe {
            match text {
                Some(text) => {
                    (vtable.SetStatusLine)(base, to_terminated(text).as_mut_ptr());
                }
                None => (vtable.ResetStatusLine)(base),
            }
        }
    }
}
