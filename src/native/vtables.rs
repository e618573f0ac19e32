//! The one static set of vtables: every class shares it, because the object itself knows its class.
//!
//! Each method gets the address of its own base: base `k` lies `k` pointers behind the beginning of the object.

use super::abi::*;
use super::guard::guard;
use super::object::Object;
use super::text::terminated;
use crate::error::Language;
use std::ffi::{c_long, c_void};

/// Version of the add-in technology.
const TECHNOLOGY: c_long = 2000;

const INIT_DONE: usize = 0;
const LANGUAGE_EXTENDER: usize = 1;
const LOCALE: usize = 2;
const USER_LANGUAGE: usize = 3;

/// A vtable with the words that stand before it: in the Itanium ABI the way back to the beginning of the object
/// and the type information, in the MSVC ABI the latter only. No type information is given.
#[repr(C)]
struct Prefixed<T> {
    #[cfg(not(target_os = "windows"))]
    offset_to_top: isize,
    type_information: usize,
    vtable: T,
}

impl<T> Prefixed<T> {
    const fn new<const BASE: usize>(vtable: T) -> Self {
        Self {
            #[cfg(not(target_os = "windows"))]
            offset_to_top: -((BASE * size_of::<*const ()>()) as isize),
            type_information: 0,
            vtable,
        }
    }
}

static INIT_DONE_VTABLE: Prefixed<IInitDoneBaseVTable> = Prefixed::new::<INIT_DONE>(IInitDoneBaseVTable {
    destructor: destructor::<INIT_DONE>(),
    Init: init,
    setMemManager: set_mem_manager,
    GetInfo: get_info,
    Done: done,
});

static LANGUAGE_EXTENDER_VTABLE: Prefixed<ILanguageExtenderBaseVTable> =
    Prefixed::new::<LANGUAGE_EXTENDER>(ILanguageExtenderBaseVTable {
        destructor: destructor::<LANGUAGE_EXTENDER>(),
        RegisterExtensionAs: register_extension_as,
        GetNProps: get_n_props,
        FindProp: find_prop,
        GetPropName: get_prop_name,
        GetPropVal: get_prop_val,
        SetPropVal: set_prop_val,
        IsPropReadable: is_prop_readable,
        IsPropWritable: is_prop_writable,
        GetNMethods: get_n_methods,
        FindMethod: find_method,
        GetMethodName: get_method_name,
        GetNParams: get_n_params,
        GetParamDefValue: get_param_def_value,
        HasRetVal: has_ret_val,
        CallAsProc: call_as_proc,
        CallAsFunc: call_as_func,
    });

static LOCALE_VTABLE: Prefixed<LocaleBaseVTable> =
    Prefixed::new::<LOCALE>(LocaleBaseVTable { destructor: destructor::<LOCALE>(), SetLocale: set_locale });

static USER_LANGUAGE_VTABLE: Prefixed<UserLanguageBaseVTable> =
    Prefixed::new::<USER_LANGUAGE>(UserLanguageBaseVTable {
        destructor: destructor::<USER_LANGUAGE>(),
        SetUserInterfaceLanguageCode: set_user_interface_language_code,
    });

/// The first four words of an object.
pub(super) fn bases() -> IComponentBase {
    IComponentBase {
        init_done: IInitDoneBase { vtable: &raw const INIT_DONE_VTABLE.vtable },
        language_extender: ILanguageExtenderBase { vtable: &raw const LANGUAGE_EXTENDER_VTABLE.vtable },
        locale: LocaleBase { vtable: &raw const LOCALE_VTABLE.vtable },
        user_language: UserLanguageBase { vtable: &raw const USER_LANGUAGE_VTABLE.vtable },
    }
}

const fn destructor<const BASE: usize>() -> DestructorSlots {
    DestructorSlots {
        #[cfg(not(target_os = "windows"))]
        complete: Some(complete::<BASE>),
        deleting: Some(deleting::<BASE>),
    }
}

/// The beginning of the object whose base number `BASE` is at `base`.
fn whole<const BASE: usize, B>(base: *mut B) -> *mut Object {
    base.cast::<*const ()>().wrapping_sub(BASE).cast()
}

/// Runs `body` with the object; null and a panic give `failure`.
///
/// # Safety
/// `base` is null or base number `BASE` of a live object.
#[inline(always)]
unsafe fn with<const BASE: usize, B, T>(base: *mut B, failure: T, body: impl FnOnce(&Object) -> T) -> T {
    if base.is_null() {
        return failure;
    }
    // SAFETY: the host passes a base of an object that it has not freed.
    let object = unsafe { &*whole::<BASE, B>(base) };
    guard(failure, move || body(object))
}

/// As [`with`], for calls of members: a panic becomes the object's last error, and `result` is `EMPTY`.
///
/// # Safety
/// As [`with`]; `result` is null or writable.
#[inline(always)]
unsafe fn access(
    base: *mut ILanguageExtenderBase,
    result: *mut Variant,
    body: impl FnOnce(&Object) -> bool,
) -> bool {
    // SAFETY: passed on.
    let outcome = unsafe { with::<LANGUAGE_EXTENDER, _, _>(base, None, move |object| Some(body(object))) };
    match outcome {
        Some(done) => done,
        // SAFETY: passed on.
        None => unsafe { with::<LANGUAGE_EXTENDER, _, _>(base, false, |object| object.refuse_panic(result)) },
    }
}

#[cfg(not(target_os = "windows"))]
unsafe extern "C" fn complete<const BASE: usize>(this: *mut c_void) {
    if !this.is_null() {
        // SAFETY: the host destroys the object and keeps its memory.
        unsafe { Object::release(whole::<BASE, _>(this), false) };
    }
}

#[cfg(not(target_os = "windows"))]
unsafe extern "C" fn deleting<const BASE: usize>(this: *mut c_void) {
    if !this.is_null() {
        // SAFETY: the host deletes the object.
        unsafe { Object::release(whole::<BASE, _>(this), true) };
    }
}

/// The body of the MSVC destructor: bit 0 of `flags` asks to free the memory.
#[cfg(target_os = "windows")]
unsafe fn scalar_deleting<const BASE: usize>(this: *mut c_void, flags: u32) -> *mut c_void {
    if !this.is_null() {
        // SAFETY: the host deletes the object.
        unsafe { Object::release(whole::<BASE, _>(this), flags & 1 == 1) };
    }
    this
}

#[cfg(all(target_os = "windows", not(target_arch = "x86")))]
unsafe extern "C" fn deleting<const BASE: usize>(this: *mut c_void, flags: u32) -> *mut c_void {
    // SAFETY: passed on.
    unsafe { scalar_deleting::<BASE>(this, flags) }
}

#[cfg(all(target_os = "windows", target_arch = "x86"))]
unsafe extern "thiscall" fn deleting<const BASE: usize>(this: *mut c_void, flags: u32) -> *mut c_void {
    // SAFETY: passed on.
    unsafe { scalar_deleting::<BASE>(this, flags) }
}

// Every method below is called by the host with a base of a live object and, for the rest, as `abi` documents.

unsafe extern "system" fn init(this: *mut IInitDoneBase, connection: *mut c_void) -> bool {
    // SAFETY: the host's promise; the connection lives until `Done`.
    unsafe { with::<INIT_DONE, _, _>(this, false, |object| object.init(connection)) }
}

unsafe extern "system" fn set_mem_manager(this: *mut IInitDoneBase, manager: *mut c_void) -> bool {
    // SAFETY: the host's promise; the manager lives as long as the object.
    unsafe { with::<INIT_DONE, _, _>(this, false, |object| object.set_memory(manager)) }
}

unsafe extern "system" fn get_info(_this: *mut IInitDoneBase) -> c_long {
    TECHNOLOGY
}

unsafe extern "system" fn done(this: *mut IInitDoneBase) {
    // SAFETY: the host's promise.
    unsafe { with::<INIT_DONE, _, _>(this, false, Object::end) };
}

unsafe extern "system" fn register_extension_as(
    this: *mut ILanguageExtenderBase,
    name: *mut *mut WCHAR_T,
) -> bool {
    let body = |object: &Object| {
        let text = object.host_text(Some(object.class().name()));
        if name.is_null() || text.is_null() {
            return false;
        }
        // SAFETY: not null, and the host gave a writable place.
        unsafe { name.write_unaligned(text) };
        true
    };
    // SAFETY: the host's promise.
    unsafe { with::<LANGUAGE_EXTENDER, _, _>(this, false, body) }
}

unsafe extern "system" fn get_n_props(this: *mut ILanguageExtenderBase) -> c_long {
    // SAFETY: the host's promise.
    unsafe {
        with::<LANGUAGE_EXTENDER, _, _>(this, 0, |object| number(Some(object.class().property_count())))
    }
}

unsafe extern "system" fn find_prop(this: *mut ILanguageExtenderBase, name: *const WCHAR_T) -> c_long {
    // SAFETY: the name is NUL-terminated.
    let body = |object: &Object| {
        number(unsafe { terminated(name) }.and_then(|name| object.class().find_property(&name)))
    };
    // SAFETY: the host's promise.
    unsafe { with::<LANGUAGE_EXTENDER, _, _>(this, -1, body) }
}

unsafe extern "system" fn get_prop_name(
    this: *mut ILanguageExtenderBase,
    property: c_long,
    alias: c_long,
) -> *const WCHAR_T {
    let body = |object: &Object| {
        let name = index(property).zip(language(alias));
        object
            .host_text(name.and_then(|(number, alias)| object.class().property_name(number, alias)))
            .cast_const()
    };
    // SAFETY: the host's promise.
    unsafe { with::<LANGUAGE_EXTENDER, _, _>(this, std::ptr::null(), body) }
}

unsafe extern "system" fn get_prop_val(
    this: *mut ILanguageExtenderBase,
    property: c_long,
    value: *mut Variant,
) -> bool {
    // SAFETY: the host's promise; `value` is writable.
    unsafe { access(this, value, |object| object.get(property, value)) }
}

unsafe extern "system" fn set_prop_val(
    this: *mut ILanguageExtenderBase,
    property: c_long,
    value: *mut Variant,
) -> bool {
    // SAFETY: the host's promise; `value` is readable.
    unsafe { access(this, std::ptr::null_mut(), |object| object.set(property, value)) }
}

unsafe extern "system" fn is_prop_readable(this: *mut ILanguageExtenderBase, property: c_long) -> bool {
    let body = |object: &Object| {
        index(property)
            .and_then(|number| object.class().property_access(number))
            .is_some_and(|(read, _)| read)
    };
    // SAFETY: the host's promise.
    unsafe { with::<LANGUAGE_EXTENDER, _, _>(this, false, body) }
}

unsafe extern "system" fn is_prop_writable(this: *mut ILanguageExtenderBase, property: c_long) -> bool {
    let body = |object: &Object| {
        index(property)
            .and_then(|number| object.class().property_access(number))
            .is_some_and(|(_, write)| write)
    };
    // SAFETY: the host's promise.
    unsafe { with::<LANGUAGE_EXTENDER, _, _>(this, false, body) }
}

unsafe extern "system" fn get_n_methods(this: *mut ILanguageExtenderBase) -> c_long {
    // SAFETY: the host's promise.
    unsafe { with::<LANGUAGE_EXTENDER, _, _>(this, 0, |object| number(Some(object.class().method_count()))) }
}

unsafe extern "system" fn find_method(this: *mut ILanguageExtenderBase, name: *const WCHAR_T) -> c_long {
    // SAFETY: the name is NUL-terminated.
    let body = |object: &Object| {
        number(unsafe { terminated(name) }.and_then(|name| object.class().find_method(&name)))
    };
    // SAFETY: the host's promise.
    unsafe { with::<LANGUAGE_EXTENDER, _, _>(this, -1, body) }
}

unsafe extern "system" fn get_method_name(
    this: *mut ILanguageExtenderBase,
    method: c_long,
    alias: c_long,
) -> *const WCHAR_T {
    let body = |object: &Object| {
        let name = index(method).zip(language(alias));
        object
            .host_text(name.and_then(|(number, alias)| object.class().method_name(number, alias)))
            .cast_const()
    };
    // SAFETY: the host's promise.
    unsafe { with::<LANGUAGE_EXTENDER, _, _>(this, std::ptr::null(), body) }
}

unsafe extern "system" fn get_n_params(this: *mut ILanguageExtenderBase, method: c_long) -> c_long {
    let body = |object: &Object| {
        let shape = index(method).and_then(|method| object.class().method_shape(method));
        shape.map_or(0, |shape| number(Some(shape.parameters)))
    };
    // SAFETY: the host's promise.
    unsafe { with::<LANGUAGE_EXTENDER, _, _>(this, 0, body) }
}

unsafe extern "system" fn get_param_def_value(
    this: *mut ILanguageExtenderBase,
    method: c_long,
    parameter: c_long,
    value: *mut Variant,
) -> bool {
    // SAFETY: the host's promise; `value` is writable.
    unsafe { with::<LANGUAGE_EXTENDER, _, _>(this, false, |object| object.default(method, parameter, value)) }
}

unsafe extern "system" fn has_ret_val(this: *mut ILanguageExtenderBase, method: c_long) -> bool {
    let body = |object: &Object| {
        index(method)
            .and_then(|method| object.class().method_shape(method))
            .is_some_and(|shape| shape.returns)
    };
    // SAFETY: the host's promise.
    unsafe { with::<LANGUAGE_EXTENDER, _, _>(this, false, body) }
}

unsafe extern "system" fn call_as_proc(
    this: *mut ILanguageExtenderBase,
    method: c_long,
    parameters: *mut Variant,
    count: c_long,
) -> bool {
    // SAFETY: the host's promise; `parameters` holds `count` variants.
    unsafe {
        access(this, std::ptr::null_mut(), |object| {
            object.call(method, std::ptr::null_mut(), parameters, count)
        })
    }
}

unsafe extern "system" fn call_as_func(
    this: *mut ILanguageExtenderBase,
    method: c_long,
    result: *mut Variant,
    parameters: *mut Variant,
    count: c_long,
) -> bool {
    // SAFETY: the host's promise; `result` is writable, `parameters` holds `count` variants.
    unsafe { access(this, result, move |object| object.call(method, result, parameters, count)) }
}

unsafe extern "system" fn set_locale(this: *mut LocaleBase, locale: *const WCHAR_T) {
    // SAFETY: the host's promise; the locale is NUL-terminated.
    unsafe { with::<LOCALE, _, _>(this, (), |object| object.suggest_language(locale)) }
}

unsafe extern "system" fn set_user_interface_language_code(
    this: *mut UserLanguageBase,
    code: *const WCHAR_T,
) {
    // SAFETY: the host's promise; the code is NUL-terminated.
    unsafe { with::<USER_LANGUAGE, _, _>(this, (), |object| object.suggest_language(code)) }
}

/// A number for the host, -1 for none.
fn number(value: Option<usize>) -> c_long {
    value.and_then(|value| c_long::try_from(value).ok()).unwrap_or(-1)
}

/// A number of the host.
fn index(value: c_long) -> Option<usize> {
    usize::try_from(value).ok()
}

/// Alias 0 is English, 1 is Russian.
fn language(alias: c_long) -> Option<Language> {
    match alias {
        0 => Some(Language::English),
        1 => Some(Language::Russian),
        _ => None,
    }
}
