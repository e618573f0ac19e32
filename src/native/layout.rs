//! Layout of the binary interface, checked when the library is compiled, for each of the four targets
//! (facts on the Native API, 1.2, 2.1, 2.2 and 3.1).

use super::abi::*;
use std::mem::{align_of, offset_of, size_of};

const POINTER: usize = size_of::<*const ()>();

/// Size of a variant, its alignment, the size of its union and of `tm`, the offset of a text's length.
struct Expected {
    size: usize,
    align: usize,
    union: usize,
    tm: usize,
    length: usize,
}

#[cfg(all(not(target_os = "windows"), target_pointer_width = "64"))]
const EXPECTED: Expected = Expected { size: 64, align: 8, union: 56, tm: 56, length: 8 };
#[cfg(all(not(target_os = "windows"), target_pointer_width = "32"))]
const EXPECTED: Expected = Expected { size: 52, align: 4, union: 44, tm: 44, length: 4 };
#[cfg(all(target_os = "windows", target_pointer_width = "64"))]
const EXPECTED: Expected = Expected { size: 48, align: 8, union: 40, tm: 36, length: 8 };
#[cfg(all(target_os = "windows", target_pointer_width = "32"))]
const EXPECTED: Expected = Expected { size: 48, align: 8, union: 40, tm: 36, length: 4 };

const _: () = {
    assert!(size_of::<Variant>() == EXPECTED.size);
    assert!(align_of::<Variant>() == EXPECTED.align);
    assert!(size_of::<VariantValue>() == EXPECTED.union);
    assert!(size_of::<tm>() == EXPECTED.tm);
    assert!(offset_of!(Variant, value) == 0);
    assert!(offset_of!(Variant, cbElements) == EXPECTED.union);
    assert!(offset_of!(Variant, vt) == EXPECTED.union + 4);
    assert!(offset_of!(VariantText, pwstrVal) == 0);
    assert!(offset_of!(VariantText, wstrLen) == EXPECTED.length);
    assert!(offset_of!(VariantBytes, strLen) == EXPECTED.length);
    assert!(offset_of!(VariantInterface, InterfaceID) == EXPECTED.length);
};

/// Number of destructor slots at the head of a vtable.
const DESTRUCTORS: usize = if cfg!(target_os = "windows") { 1 } else { 2 };

/// Offset of method `k` of a vtable with a destructor.
const fn method(k: usize) -> usize {
    (DESTRUCTORS + k) * POINTER
}

const _: () = {
    assert!(size_of::<DestructorSlots>() == DESTRUCTORS * POINTER);
    assert!(size_of::<IComponentBase>() == 4 * POINTER);
    assert!(offset_of!(IComponentBase, init_done) == 0);
    assert!(offset_of!(IComponentBase, language_extender) == POINTER);
    assert!(offset_of!(IComponentBase, locale) == 2 * POINTER);
    assert!(offset_of!(IComponentBase, user_language) == 3 * POINTER);
    assert!(offset_of!(IInitDoneBaseVTable, Init) == method(0));
    assert!(offset_of!(IInitDoneBaseVTable, Done) == method(3));
    assert!(offset_of!(ILanguageExtenderBaseVTable, RegisterExtensionAs) == method(0));
    assert!(offset_of!(ILanguageExtenderBaseVTable, GetPropVal) == method(4));
    assert!(offset_of!(ILanguageExtenderBaseVTable, FindMethod) == method(9));
    assert!(offset_of!(ILanguageExtenderBaseVTable, GetParamDefValue) == method(12));
    assert!(offset_of!(ILanguageExtenderBaseVTable, CallAsFunc) == method(15));
    assert!(size_of::<ILanguageExtenderBaseVTable>() == method(16));
    assert!(offset_of!(LocaleBaseVTable, SetLocale) == method(0));
    assert!(offset_of!(UserLanguageBaseVTable, SetUserInterfaceLanguageCode) == method(0));
    assert!(offset_of!(IMemoryManagerVTable, FreeMemory) == method(1));
    assert!(offset_of!(IAddInDefBaseVTable, AddError) == method(0));
    assert!(offset_of!(IAddInDefBaseVTable, ExternalEvent) == method(6));
    assert!(offset_of!(IAddInDefBaseVTable, ResetStatusLine) == method(9));
    assert!(offset_of!(IAddInDefBaseExVTable, GetInterface) == method(10));
    assert!(offset_of!(IMsgBoxVTable, Alert) == POINTER);
    assert!(size_of::<AppInfo>() == 3 * POINTER);
};
