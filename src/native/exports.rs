//! The five functions by which a host finds this library.

use super::abi::{
    APP_CAPABILITIES_LAST, ATTACH_TYPE_ANY, AppCapabilities, AttachType, IComponentBase, WCHAR_T,
};
use super::guard::guard;
use super::object::Object;
use super::text::terminated;
use super::{host, pin};
use crate::addin::fold;
use crate::classes;
use crate::journal::install_quiet_panic_hook;
use std::ffi::c_long;
use std::ptr;
use std::sync::OnceLock;

/// What every first entry does: keep the library loaded, keep panics quiet.
fn prepare() {
    pin::pin();
    install_quiet_panic_hook();
}

/// Names of the classes, separated by `|`; static, never freed by the host.
#[unsafe(no_mangle)]
pub extern "C" fn GetClassNames() -> *const WCHAR_T {
    static NAMES: OnceLock<Vec<u16>> = OnceLock::new();
    guard(ptr::null(), || {
        prepare();
        let names = NAMES.get_or_init(|| {
            let names: Vec<_> = classes::all().iter().map(|class| class.name()).collect();
            names.join("|").encode_utf16().chain([0]).collect()
        });
        names.as_ptr()
    })
}

/// Makes an object of class `name` (NUL-terminated) and puts it into `*object`. 1: made, 0: no such class.
/// `DestroyObject` or the object's virtual destructor frees it.
///
/// # Safety
/// `name` is null or NUL-terminated, `object` is null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn GetClassObject(name: *const WCHAR_T, object: *mut *mut IComponentBase) -> c_long {
    guard(0, || {
        prepare();
        // SAFETY: the caller's promise.
        let Some(name) = (unsafe { terminated(name) }) else { return 0 };
        let wanted = |class: &&&'static dyn crate::addin::ClassInfo| {
            class.name().encode_utf16().map(fold).eq(name.iter().copied().map(fold))
        };
        match classes::all().iter().find(wanted) {
            Some(class) if !object.is_null() => {
                // SAFETY: not null, and the caller promises that it is writable. An object begins with its bases.
                unsafe { object.write_unaligned(Object::create(*class).cast()) };
                1
            }
            _ => 0,
        }
    })
}

/// Ends and frees `*object` and sets it to null. 0: done, -1: there is no object, or a call of it would not end.
///
/// # Safety
/// `object` is null or points to null or to an object from `GetClassObject` that was not freed yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn DestroyObject(object: *mut *mut IComponentBase) -> c_long {
    if object.is_null() {
        return -1;
    }
    // SAFETY: the caller's promise.
    unsafe {
        let bases = object.read_unaligned();
        if bases.is_null() {
            return -1;
        }
        object.write_unaligned(ptr::null_mut());
        if Object::release(bases.cast(), true) { 0 } else { -1 }
    }
}

/// Takes the host's capabilities and gives those of this library.
#[unsafe(no_mangle)]
pub extern "C" fn SetPlatformCapabilities(capabilities: AppCapabilities) -> AppCapabilities {
    guard((), || {
        prepare();
        host::note_capabilities(capabilities);
    });
    APP_CAPABILITIES_LAST
}

/// How the library may be attached: any way.
#[unsafe(no_mangle)]
pub extern "C" fn GetAttachType() -> AttachType {
    ATTACH_TYPE_ANY
}
