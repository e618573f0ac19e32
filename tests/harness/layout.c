/* The layout of the binary interface, asserted when this file is compiled: facts about 1C's own headers, measured
   with gcc, mingw-w64 and the MSVC layout of clang. Nothing here runs. */
#include "obmen.h"

#include <stddef.h>

#if defined(_WIN32)
enum { VARIANT = 48, UNION = 40, ELEMENTS = 40, TYPE = 44, TIME = 36, LONG = 4, DESTRUCTORS = 1 };
enum { ALIGNMENT = 8 };
#elif defined(__LP64__)
enum { VARIANT = 64, UNION = 56, ELEMENTS = 56, TYPE = 60, TIME = 56, LONG = 8, DESTRUCTORS = 2 };
enum { ALIGNMENT = 8 };
#else
enum { VARIANT = 52, UNION = 44, ELEMENTS = 44, TYPE = 48, TIME = 44, LONG = 4, DESTRUCTORS = 2 };
enum { ALIGNMENT = 4 };
#endif
enum { POINTER = sizeof(void *) };

#define IS(what, size) _Static_assert((what) == (size), #what)
IS(sizeof(tVariant), VARIANT);
IS(_Alignof(tVariant), ALIGNMENT);
IS(sizeof(((tVariant *)0)->value), UNION);
IS(sizeof(struct tm), TIME);
IS(sizeof(long), LONG);
IS(sizeof(WCHAR_T), 2);
IS(sizeof(bool), 1);
IS(offsetof(tVariant, value), 0);
IS(offsetof(tVariant, value.lVal), 0);
IS(offsetof(tVariant, value.bVal), 0);
IS(offsetof(tVariant, value.dblVal), 0);
IS(offsetof(tVariant, value.tmVal), 0);
IS(offsetof(tVariant, value.str.pstrVal), 0);
IS(offsetof(tVariant, value.str.strLen), POINTER);
IS(offsetof(tVariant, value.wstr.pwstrVal), 0);
IS(offsetof(tVariant, value.wstr.wstrLen), POINTER);
IS(offsetof(tVariant, value.object.InterfaceID), POINTER);
IS(offsetof(tVariant, cbElements), ELEMENTS);
IS(offsetof(tVariant, vt), TYPE);
IS(sizeof(((tVariant *)0)->value.wstr.wstrLen), 4);
IS(sizeof(((tVariant *)0)->cbElements), 4);
IS(sizeof(((tVariant *)0)->vt), 2);

IS(sizeof(IComponentBase), 4 * POINTER);
IS(offsetof(IComponentBase, init_done), 0);
IS(offsetof(IComponentBase, language_extender), POINTER);
IS(offsetof(IComponentBase, locale), 2 * POINTER);
IS(offsetof(IComponentBase, user_language), 3 * POINTER);

/* Method k of an interface stands in slot DESTRUCTORS + k. */
#define SLOT(vtable, method, k) IS(offsetof(vtable, method), (DESTRUCTORS + (k)) * POINTER)
SLOT(IInitDoneBaseVTable, Init, 0);
SLOT(IInitDoneBaseVTable, setMemManager, 1);
SLOT(IInitDoneBaseVTable, GetInfo, 2);
SLOT(IInitDoneBaseVTable, Done, 3);
SLOT(ILanguageExtenderBaseVTable, RegisterExtensionAs, 0);
SLOT(ILanguageExtenderBaseVTable, GetNProps, 1);
SLOT(ILanguageExtenderBaseVTable, FindProp, 2);
SLOT(ILanguageExtenderBaseVTable, GetPropName, 3);
SLOT(ILanguageExtenderBaseVTable, GetPropVal, 4);
SLOT(ILanguageExtenderBaseVTable, SetPropVal, 5);
SLOT(ILanguageExtenderBaseVTable, IsPropReadable, 6);
SLOT(ILanguageExtenderBaseVTable, IsPropWritable, 7);
SLOT(ILanguageExtenderBaseVTable, GetNMethods, 8);
SLOT(ILanguageExtenderBaseVTable, FindMethod, 9);
SLOT(ILanguageExtenderBaseVTable, GetMethodName, 10);
SLOT(ILanguageExtenderBaseVTable, GetNParams, 11);
SLOT(ILanguageExtenderBaseVTable, GetParamDefValue, 12);
SLOT(ILanguageExtenderBaseVTable, HasRetVal, 13);
SLOT(ILanguageExtenderBaseVTable, CallAsProc, 14);
SLOT(ILanguageExtenderBaseVTable, CallAsFunc, 15);
SLOT(LocaleBaseVTable, SetLocale, 0);
SLOT(UserLanguageBaseVTable, SetUserInterfaceLanguageCode, 0);
SLOT(IMemoryManagerVTable, AllocMemory, 0);
SLOT(IMemoryManagerVTable, FreeMemory, 1);
SLOT(IAddInDefBaseExVTable, base.AddError, 0);
SLOT(IAddInDefBaseExVTable, base.Read, 1);
SLOT(IAddInDefBaseExVTable, base.Write, 2);
SLOT(IAddInDefBaseExVTable, base.RegisterProfileAs, 3);
SLOT(IAddInDefBaseExVTable, base.SetEventBufferDepth, 4);
SLOT(IAddInDefBaseExVTable, base.GetEventBufferDepth, 5);
SLOT(IAddInDefBaseExVTable, base.ExternalEvent, 6);
SLOT(IAddInDefBaseExVTable, base.CleanEventBuffer, 7);
SLOT(IAddInDefBaseExVTable, base.SetStatusLine, 8);
SLOT(IAddInDefBaseExVTable, base.ResetStatusLine, 9);
SLOT(IAddInDefBaseExVTable, GetInterface, 10);
/* Interfaces without a destructor begin with their first method. */
IS(offsetof(IMsgBoxVTable, Confirm), 0);
IS(offsetof(IMsgBoxVTable, Alert), POINTER);
IS(offsetof(IPlatformInfoVTable, GetPlatformInfo), 0);
IS(offsetof(IAttachedInfoVTable, GetAttachedInfo), 0);
IS(sizeof(AppInfo), POINTER == 8 ? 24 : 12);

/* Codes of types and errors. */
IS(VTYPE_EMPTY, 0);
IS(VTYPE_NULL, 1);
IS(VTYPE_I4, 3);
IS(VTYPE_R8, 5);
IS(VTYPE_TM, 7);
IS(VTYPE_BOOL, 11);
IS(VTYPE_UI8, 18);
IS(VTYPE_PWSTR, 22);
IS(VTYPE_BLOB, 23);
IS(VTYPE_CLSID, 24);
IS(ADDIN_E_NONE, 1000);
IS(ADDIN_E_FAIL, 1006);
IS(ADDIN_E_MSGBOX_FAIL, 1009);
