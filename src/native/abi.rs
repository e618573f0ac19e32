//! The types of the binary interface, exactly as 1C lays them out (facts on the Native API, sections 1 to 3).
//!
//! `include/obmen.h` is made from this file and from `exports.rs`. Names are those of 1C's own headers, so that
//! a C programmer recognises them. A host implements [`IMemoryManager`] and [`IAddInDefBase`]; the add-in
//! implements [`IComponentBase`]. All texts are UTF-16.

// Calendar date of the C library. `tm_year` counts from 1900, so 1C's empty date has -1899.
pub use libc::tm;
use std::ffi::{c_int, c_long, c_ulong, c_ushort, c_void};

/// A UTF-16 code unit: 16 bits everywhere, unlike `wchar_t`.
pub type WCHAR_T = u16;

/// `SetPlatformCapabilities`: what the host and the add-in know. 3 is the newest.
pub type AppCapabilities = c_int;
/// `GetAttachType`: 1 only inside the host process, 2 only isolated, 3 any.
pub type AttachType = c_int;
/// Number of a host interface for `IAddInDefBaseEx::GetInterface`.
pub type Interfaces = c_int;
/// Code of a variant's type; comes from outside, so it is not an enumeration.
pub type TYPEVAR = c_ushort;

/// Newest level of capabilities: the add-in has all four bases.
pub const APP_CAPABILITIES_LAST: AppCapabilities = 3;
/// The add-in may be loaded inside the host process or isolated.
pub const ATTACH_TYPE_ANY: AttachType = 3;

/// `GetInterface`: dialogs.
pub const INTERFACE_MSG_BOX: Interfaces = 0;
/// `GetInterface`: version and kind of the host application.
pub const INTERFACE_PLATFORM_INFO: Interfaces = 1;
/// `GetInterface`: isolated or not.
pub const INTERFACE_ATTACHED_INFO: Interfaces = 2;

/// No value: `Неопределено`.
pub const VTYPE_EMPTY: TYPEVAR = 0;
/// `NULL`.
pub const VTYPE_NULL: TYPEVAR = 1;
/// 16-bit integer, `shortVal`.
pub const VTYPE_I2: TYPEVAR = 2;
/// 32-bit integer, `lVal`.
pub const VTYPE_I4: TYPEVAR = 3;
/// 32-bit float, `fltVal`.
pub const VTYPE_R4: TYPEVAR = 4;
/// 64-bit float, `dblVal`.
pub const VTYPE_R8: TYPEVAR = 5;
/// OLE automation date, `date`.
pub const VTYPE_DATE: TYPEVAR = 6;
/// Calendar date, `tmVal`.
pub const VTYPE_TM: TYPEVAR = 7;
/// 8-bit text, `str`.
pub const VTYPE_PSTR: TYPEVAR = 8;
/// Interface; never passed.
pub const VTYPE_INTERFACE: TYPEVAR = 9;
/// Error code, `errCode`.
pub const VTYPE_ERROR: TYPEVAR = 10;
/// Boolean, `bVal`.
pub const VTYPE_BOOL: TYPEVAR = 11;
/// Variant; never passed.
pub const VTYPE_VARIANT: TYPEVAR = 12;
/// 8-bit signed integer, `i8Val`.
pub const VTYPE_I1: TYPEVAR = 13;
/// 8-bit unsigned integer, `ui8Val`.
pub const VTYPE_UI1: TYPEVAR = 14;
/// 16-bit unsigned integer, `ushortVal`.
pub const VTYPE_UI2: TYPEVAR = 15;
/// 32-bit unsigned integer, `ulVal`.
pub const VTYPE_UI4: TYPEVAR = 16;
/// 64-bit signed integer, `llVal`.
pub const VTYPE_I8: TYPEVAR = 17;
/// 64-bit unsigned integer, `ullVal`.
pub const VTYPE_UI8: TYPEVAR = 18;
/// Machine integer, `intVal`.
pub const VTYPE_INT: TYPEVAR = 19;
/// Machine unsigned integer, `uintVal`.
pub const VTYPE_UINT: TYPEVAR = 20;
/// Result code, `hRes`.
pub const VTYPE_HRESULT: TYPEVAR = 21;
/// UTF-16 text, `wstr`.
pub const VTYPE_PWSTR: TYPEVAR = 22;
/// Bytes, `str`.
pub const VTYPE_BLOB: TYPEVAR = 23;
/// Class identifier; never passed.
pub const VTYPE_CLSID: TYPEVAR = 24;

/// `AddError`: no icon.
pub const ADDIN_E_NONE: c_ushort = 1000;
/// `AddError`: `>`.
pub const ADDIN_E_ORDINARY: c_ushort = 1001;
/// `AddError`: `!`.
pub const ADDIN_E_ATTENTION: c_ushort = 1002;
/// `AddError`: `!!`.
pub const ADDIN_E_IMPORTANT: c_ushort = 1003;
/// `AddError`: `!!!`.
pub const ADDIN_E_VERY_IMPORTANT: c_ushort = 1004;
/// `AddError`: information.
pub const ADDIN_E_INFO: c_ushort = 1005;
/// `AddError`: failure; the only code this add-in uses.
pub const ADDIN_E_FAIL: c_ushort = 1006;
/// `AddError`: dialog, attention.
pub const ADDIN_E_MSGBOX_ATTENTION: c_ushort = 1007;
/// `AddError`: dialog, information.
pub const ADDIN_E_MSGBOX_INFO: c_ushort = 1008;
/// `AddError`: dialog, failure.
pub const ADDIN_E_MSGBOX_FAIL: c_ushort = 1009;

/// `AppInfo::Application`: not known.
pub const APPLICATION_UNKNOWN: c_int = -1;
/// `AppInfo::Application`: thin client.
pub const APPLICATION_THIN_CLIENT: c_int = 0;
/// `AppInfo::Application`: thick client.
pub const APPLICATION_THICK_CLIENT: c_int = 1;
/// `AppInfo::Application`: web client.
pub const APPLICATION_WEB_CLIENT: c_int = 2;
/// `AppInfo::Application`: server.
pub const APPLICATION_SERVER: c_int = 3;
/// `AppInfo::Application`: external connection.
pub const APPLICATION_EXTERNAL_CONNECTION: c_int = 4;
/// `AppInfo::Application`: mobile client.
pub const APPLICATION_MOBILE_CLIENT: c_int = 5;
/// `AppInfo::Application`: mobile server.
pub const APPLICATION_MOBILE_SERVER: c_int = 6;

/// 8-bit text or bytes of a variant.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct VariantBytes {
    /// The bytes; allocated by `IMemoryManager` when they go out.
    pub pstrVal: *mut u8,
    /// Their number.
    pub strLen: u32,
}

/// UTF-16 text of a variant.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct VariantText {
    /// The units; not NUL-terminated when they come in; allocated by `IMemoryManager` when they go out.
    pub pwstrVal: *mut WCHAR_T,
    /// Their number without a terminator.
    pub wstrLen: u32,
}

/// Interface of a variant; never used by 1C.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct VariantInterface {
    /// The interface.
    pub pInterfaceVal: *mut c_void,
    /// Its identifier.
    pub InterfaceID: [u32; 4],
}

/// The value of a variant; `tVariant::vt` tells which member is meant.
#[repr(C)]
#[derive(Clone, Copy)]
pub union VariantValue {
    /// `VTYPE_I1`.
    pub i8Val: i8,
    /// `VTYPE_I2`.
    pub shortVal: i16,
    /// `VTYPE_I4`; results of all small integer types are read from here.
    pub lVal: i32,
    /// `VTYPE_INT`.
    pub intVal: c_int,
    /// `VTYPE_UINT`.
    pub uintVal: u32,
    /// `VTYPE_I8`.
    pub llVal: i64,
    /// `VTYPE_UI1`.
    pub ui8Val: u8,
    /// `VTYPE_UI2`.
    pub ushortVal: u16,
    /// `VTYPE_UI4`.
    pub ulVal: u32,
    /// `VTYPE_UI8`.
    pub ullVal: u64,
    /// `VTYPE_ERROR`.
    pub errCode: i32,
    /// `VTYPE_HRESULT`.
    pub hRes: c_long,
    /// `VTYPE_R4`.
    pub fltVal: f32,
    /// `VTYPE_R8`.
    pub dblVal: f64,
    /// `VTYPE_BOOL`, one byte; any value but 0 is true.
    pub bVal: u8,
    /// `VTYPE_DATE`.
    pub date: f64,
    /// `VTYPE_TM`.
    pub tmVal: tm,
    /// `VTYPE_PSTR`, `VTYPE_BLOB`.
    pub str: VariantBytes,
    /// `VTYPE_PWSTR`.
    pub wstr: VariantText,
    /// `VTYPE_INTERFACE`.
    pub object: VariantInterface,
}

/// The variant that carries every argument and result.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct Variant {
    /// The value.
    pub value: VariantValue,
    /// Number of elements of an array; not used.
    pub cbElements: u32,
    /// Type code, one of `VTYPE_…`.
    pub vt: TYPEVAR,
}

/// The leading slots of every vtable with a virtual destructor.
///
/// Itanium C++ ABI (Linux, macOS): two slots. MSVC (1C on Windows): one, called with flags, bit 0 = free memory.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct DestructorSlots {
    /// Complete destructor: destroys, does not free.
    #[cfg(not(target_os = "windows"))]
    pub complete: Option<unsafe extern "C" fn(this: *mut c_void)>,
    /// Deleting destructor: what C++ `delete` calls.
    #[cfg(not(target_os = "windows"))]
    pub deleting: Option<unsafe extern "C" fn(this: *mut c_void)>,
    /// Scalar deleting destructor: what C++ `delete` calls.
    #[cfg(all(target_os = "windows", not(target_arch = "x86")))]
    pub deleting: Option<unsafe extern "C" fn(this: *mut c_void, flags: u32) -> *mut c_void>,
    /// Scalar deleting destructor, `thiscall` on x86.
    #[cfg(all(target_os = "windows", target_arch = "x86"))]
    pub deleting: Option<unsafe extern "thiscall" fn(this: *mut c_void, flags: u32) -> *mut c_void>,
}

/// First base of a component: life cycle.
#[repr(C)]
pub struct IInitDoneBase {
    /// Methods.
    pub vtable: *const IInitDoneBaseVTable,
}

/// Methods of `IInitDoneBase`.
#[repr(C)]
pub struct IInitDoneBaseVTable {
    /// Virtual destructor.
    pub destructor: DestructorSlots,
    /// Takes the host's `IAddInDefBase`, valid until `Done`. False: the object cannot be used.
    pub Init: unsafe extern "system" fn(this: *mut IInitDoneBase, connection: *mut c_void) -> bool,
    /// Takes the host's `IMemoryManager`, valid as long as the object.
    pub setMemManager: unsafe extern "system" fn(this: *mut IInitDoneBase, manager: *mut c_void) -> bool,
    /// Version of the technology: 2000.
    pub GetInfo: unsafe extern "system" fn(this: *mut IInitDoneBase) -> c_long,
    /// Ends the object's work; afterwards the host's interfaces are not used any more.
    pub Done: unsafe extern "system" fn(this: *mut IInitDoneBase),
}

/// Second base of a component: properties and methods.
#[repr(C)]
pub struct ILanguageExtenderBase {
    /// Methods.
    pub vtable: *const ILanguageExtenderBaseVTable,
}

/// Methods of `ILanguageExtenderBase`. Texts that come out are freed by the host with `FreeMemory`.
#[repr(C)]
pub struct ILanguageExtenderBaseVTable {
    /// Virtual destructor.
    pub destructor: DestructorSlots,
    /// Gives the class name, allocated.
    pub RegisterExtensionAs:
        unsafe extern "system" fn(this: *mut ILanguageExtenderBase, name: *mut *mut WCHAR_T) -> bool,
    /// Number of properties.
    pub GetNProps: unsafe extern "system" fn(this: *mut ILanguageExtenderBase) -> c_long,
    /// Number of a property by its NUL-terminated name in either language and any case, -1 if unknown.
    pub FindProp: unsafe extern "system" fn(this: *mut ILanguageExtenderBase, name: *const WCHAR_T) -> c_long,
    /// Name of a property, allocated: alias 0 English, 1 Russian.
    pub GetPropName: unsafe extern "system" fn(
        this: *mut ILanguageExtenderBase,
        property: c_long,
        alias: c_long,
    ) -> *const WCHAR_T,
    /// Reads a property.
    pub GetPropVal: unsafe extern "system" fn(
        this: *mut ILanguageExtenderBase,
        property: c_long,
        value: *mut Variant,
    ) -> bool,
    /// Writes a property.
    pub SetPropVal: unsafe extern "system" fn(
        this: *mut ILanguageExtenderBase,
        property: c_long,
        value: *mut Variant,
    ) -> bool,
    /// True if the property can be read.
    pub IsPropReadable: unsafe extern "system" fn(this: *mut ILanguageExtenderBase, property: c_long) -> bool,
    /// True if the property can be written.
    pub IsPropWritable: unsafe extern "system" fn(this: *mut ILanguageExtenderBase, property: c_long) -> bool,
    /// Number of methods.
    pub GetNMethods: unsafe extern "system" fn(this: *mut ILanguageExtenderBase) -> c_long,
    /// Number of a method by its NUL-terminated name in either language and any case, -1 if unknown.
    pub FindMethod:
        unsafe extern "system" fn(this: *mut ILanguageExtenderBase, name: *const WCHAR_T) -> c_long,
    /// Name of a method, allocated: alias 0 English, 1 Russian.
    pub GetMethodName: unsafe extern "system" fn(
        this: *mut ILanguageExtenderBase,
        method: c_long,
        alias: c_long,
    ) -> *const WCHAR_T,
    /// Number of parameters of a method.
    pub GetNParams: unsafe extern "system" fn(this: *mut ILanguageExtenderBase, method: c_long) -> c_long,
    /// Default of a parameter; false: the parameter is mandatory.
    pub GetParamDefValue: unsafe extern "system" fn(
        this: *mut ILanguageExtenderBase,
        method: c_long,
        parameter: c_long,
        value: *mut Variant,
    ) -> bool,
    /// True if the method is a function.
    pub HasRetVal: unsafe extern "system" fn(this: *mut ILanguageExtenderBase, method: c_long) -> bool,
    /// Calls a method and drops its result.
    pub CallAsProc: unsafe extern "system" fn(
        this: *mut ILanguageExtenderBase,
        method: c_long,
        parameters: *mut Variant,
        count: c_long,
    ) -> bool,
    /// Calls a method.
    pub CallAsFunc: unsafe extern "system" fn(
        this: *mut ILanguageExtenderBase,
        method: c_long,
        result: *mut Variant,
        parameters: *mut Variant,
        count: c_long,
    ) -> bool,
}

/// Third base of a component: locale of the session, superseded by `UserLanguageBase`.
#[repr(C)]
pub struct LocaleBase {
    /// Methods.
    pub vtable: *const LocaleBaseVTable,
}

/// Methods of `LocaleBase`.
#[repr(C)]
pub struct LocaleBaseVTable {
    /// Virtual destructor.
    pub destructor: DestructorSlots,
    /// Takes a NUL-terminated locale: `rus_RUS`, `ru_RU`.
    pub SetLocale: unsafe extern "system" fn(this: *mut LocaleBase, locale: *const WCHAR_T),
}

/// Fourth base of a component: language of the user interface, since 8.3.21.
#[repr(C)]
pub struct UserLanguageBase {
    /// Methods.
    pub vtable: *const UserLanguageBaseVTable,
}

/// Methods of `UserLanguageBase`.
#[repr(C)]
pub struct UserLanguageBaseVTable {
    /// Virtual destructor.
    pub destructor: DestructorSlots,
    /// Takes a NUL-terminated language code: `ru`, `en`.
    pub SetUserInterfaceLanguageCode:
        unsafe extern "system" fn(this: *mut UserLanguageBase, code: *const WCHAR_T),
}

/// A component: four bases in a row. Each method gets the address of its own base, not of the component.
#[repr(C)]
pub struct IComponentBase {
    /// Life cycle.
    pub init_done: IInitDoneBase,
    /// Properties and methods.
    pub language_extender: ILanguageExtenderBase,
    /// Locale.
    pub locale: LocaleBase,
    /// Language of the user interface.
    pub user_language: UserLanguageBase,
}

/// The host's memory: whatever does not fit into a variant is allocated here.
#[repr(C)]
pub struct IMemoryManager {
    /// Methods.
    pub vtable: *const IMemoryManagerVTable,
}

/// Methods of `IMemoryManager`.
#[repr(C)]
pub struct IMemoryManagerVTable {
    /// Virtual destructor.
    pub destructor: DestructorSlots,
    /// Allocates; false or null: no memory.
    pub AllocMemory: unsafe extern "system" fn(
        this: *mut IMemoryManager,
        memory: *mut *mut c_void,
        bytes: c_ulong,
    ) -> bool,
    /// Frees what `AllocMemory` gave.
    pub FreeMemory: unsafe extern "system" fn(this: *mut IMemoryManager, memory: *mut *mut c_void),
}

/// The host as a component sees it; current hosts give [`IAddInDefBaseEx`], which begins with the same methods.
#[repr(C)]
pub struct IAddInDefBase {
    /// Methods.
    pub vtable: *const IAddInDefBaseVTable,
}

/// Methods of `IAddInDefBase`. Texts are NUL-terminated and copied during the call.
#[repr(C)]
pub struct IAddInDefBaseVTable {
    /// Virtual destructor.
    pub destructor: DestructorSlots,
    /// Reports an error: `ADDIN_E_…`, source, text, result code.
    pub AddError: unsafe extern "system" fn(
        this: *mut IAddInDefBase,
        wcode: c_ushort,
        source: *const WCHAR_T,
        description: *const WCHAR_T,
        scode: c_long,
    ) -> bool,
    /// Reads a saved parameter.
    pub Read: unsafe extern "system" fn(
        this: *mut IAddInDefBase,
        name: *mut WCHAR_T,
        value: *mut Variant,
        error: *mut c_long,
        text: *mut *mut WCHAR_T,
    ) -> bool,
    /// Saves a parameter.
    pub Write:
        unsafe extern "system" fn(this: *mut IAddInDefBase, name: *mut WCHAR_T, value: *mut Variant) -> bool,
    /// Sets the name of the saved parameters.
    pub RegisterProfileAs: unsafe extern "system" fn(this: *mut IAddInDefBase, name: *mut WCHAR_T) -> bool,
    /// Sets how many events may wait.
    pub SetEventBufferDepth: unsafe extern "system" fn(this: *mut IAddInDefBase, depth: c_long) -> bool,
    /// How many events may wait.
    pub GetEventBufferDepth: unsafe extern "system" fn(this: *mut IAddInDefBase) -> c_long,
    /// Sends an event to the application: source, message, data.
    pub ExternalEvent: unsafe extern "system" fn(
        this: *mut IAddInDefBase,
        source: *mut WCHAR_T,
        message: *mut WCHAR_T,
        data: *mut WCHAR_T,
    ) -> bool,
    /// Forgets waiting events.
    pub CleanEventBuffer: unsafe extern "system" fn(this: *mut IAddInDefBase),
    /// Shows a text in the status line.
    pub SetStatusLine: unsafe extern "system" fn(this: *mut IAddInDefBase, text: *mut WCHAR_T) -> bool,
    /// Clears the status line.
    pub ResetStatusLine: unsafe extern "system" fn(this: *mut IAddInDefBase),
}

/// The host with interfaces: given by every host that calls `SetPlatformCapabilities`.
#[repr(C)]
pub struct IAddInDefBaseEx {
    /// Methods.
    pub vtable: *const IAddInDefBaseExVTable,
}

/// Methods of `IAddInDefBaseEx`.
#[repr(C)]
pub struct IAddInDefBaseExVTable {
    /// The methods of `IAddInDefBase`.
    pub base: IAddInDefBaseVTable,
    /// Gives an interface by its number, or null.
    ///
    /// On Windows (MSVC) the pointer given lies one pointer behind the usable one, because it points to an empty
    /// base class: the caller subtracts the size of a pointer.
    pub GetInterface:
        unsafe extern "system" fn(this: *mut IAddInDefBaseEx, number: Interfaces) -> *mut c_void,
}

/// Dialogs of the host (client only).
#[repr(C)]
pub struct IMsgBox {
    /// Methods.
    pub vtable: *const IMsgBoxVTable,
}

/// Methods of `IMsgBox`; no destructor.
#[repr(C)]
pub struct IMsgBoxVTable {
    /// Asks; the answer goes into the variant.
    pub Confirm:
        unsafe extern "system" fn(this: *mut IMsgBox, text: *const WCHAR_T, answer: *mut Variant) -> bool,
    /// Shows a text.
    pub Alert: unsafe extern "system" fn(this: *mut IMsgBox, text: *const WCHAR_T) -> bool,
}

/// What the host says of itself.
#[repr(C)]
pub struct AppInfo {
    /// Version of the platform.
    pub AppVersion: *const WCHAR_T,
    /// Browser of a web client.
    pub UserAgentInformation: *const WCHAR_T,
    /// Kind of application, `APPLICATION_…`.
    pub Application: c_int,
}

/// Version and kind of the host.
#[repr(C)]
pub struct IPlatformInfo {
    /// Methods.
    pub vtable: *const IPlatformInfoVTable,
}

/// Methods of `IPlatformInfo`; no destructor.
#[repr(C)]
pub struct IPlatformInfoVTable {
    /// The description, owned by the host.
    pub GetPlatformInfo: unsafe extern "system" fn(this: *mut IPlatformInfo) -> *const AppInfo,
}

/// How the add-in was attached.
#[repr(C)]
pub struct IAttachedInfo {
    /// Methods.
    pub vtable: *const IAttachedInfoVTable,
}

/// Methods of `IAttachedInfo`; no destructor.
#[repr(C)]
pub struct IAttachedInfoVTable {
    /// 0 isolated, 1 not isolated.
    pub GetAttachedInfo: unsafe extern "system" fn(this: *mut IAttachedInfo) -> c_int,
}
