#include "host.h"

#include "utf.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void fail(const char *what, const char *which) {
    fprintf(stderr, "%s: %s\n", what, which);
    exit(2);
}

library library_open_old(const char *path) {
    library library = {.handle = platform_load(path)};
    if (!library.handle) fail("cannot load", path);
    *(void **)&library.GetClassNames = platform_symbol(library.handle, "GetClassNames");
    *(void **)&library.GetClassObject = platform_symbol(library.handle, "GetClassObject");
    *(void **)&library.DestroyObject = platform_symbol(library.handle, "DestroyObject");
    if (!library.GetClassNames || !library.GetClassObject || !library.DestroyObject) fail("no exports in", path);
    return library;
}

library library_open(const char *path) {
    library library = library_open_old(path);
    *(void **)&library.SetPlatformCapabilities = platform_symbol(library.handle, "SetPlatformCapabilities");
    *(void **)&library.GetAttachType = platform_symbol(library.handle, "GetAttachType");
    if (!library.SetPlatformCapabilities || !library.GetAttachType) fail("no optional exports in", path);
    library.SetPlatformCapabilities(APP_CAPABILITIES_LAST);
    return library;
}

void library_close(library *library) {
    platform_unload(library->handle);
    library->handle = NULL;
}

object *object_new(library *library, const char *class_name, object_options options) {
    object *made = calloc(1, sizeof *made);
    made->library = library;
    made->options = options;
    made->memory = memory_manager_new();
    made->memory->odd_addresses = options.odd_addresses;
    made->connection = connection_new(made->memory);
    made->connection->gives_interfaces = !options.onescript;
    made->connection->application = options.client ? options.application : APPLICATION_SERVER;
    WCHAR_T *name = utf16_from(class_name);
    if (library->GetClassObject(name, &made->component) == 0 || !made->component) fail("no class", class_name);
    free(name);

    bool ready = true;
    if (options.init_first) ready &= METHOD(INIT_DONE(made), Init, made->connection);
    ready &= METHOD(INIT_DONE(made), setMemManager, made->memory);
    if (!options.init_first) ready &= METHOD(INIT_DONE(made), Init, made->connection);
    if (!ready && !options.onescript) fail("Init or setMemManager failed", class_name);
    if (!options.onescript && library->SetPlatformCapabilities) {
        WCHAR_T *locale = utf16_from("ru_RU"), *language = utf16_from(options.language ? options.language : "ru");
        METHOD(&made->component->locale, SetLocale, locale);
        METHOD(&made->component->user_language, SetUserInterfaceLanguageCode, language);
        free(locale);
        free(language);
    }
    return made;
}

void object_done(object *object) {
    METHOD(INIT_DONE(object), Done);
    object->connection->closed = true;
}

void object_destroy(object *object) {
    if (object->options.onescript) {
        /* C++ delete of an IComponentBase*: the deleting destructor of its first base. */
        const DestructorSlots *slots = &object->component->init_done.vtable->destructor;
#if defined(_WIN32)
        slots->deleting(object->component, 1);
#else
        slots->deleting(object->component);
#endif
        object->component = NULL;
    } else if (object->library->DestroyObject(&object->component) != 0 || object->component) {
        object->memory->violations++;
        fprintf(stderr, "DestroyObject failed\n");
    }
}

size_t object_close(object *object) {
    size_t broken = connection_free(object->connection) + memory_manager_free(object->memory);
    free(object);
    return broken;
}

size_t object_free(object *object) {
    object_done(object);
    object_destroy(object);
    return object_close(object);
}

long object_find_property(object *object, const char *name) {
    WCHAR_T *wide = utf16_from(name);
    long number = METHOD(LANGUAGE(object), FindProp, wide);
    free(wide);
    return number;
}

long object_find_method(object *object, const char *name) {
    WCHAR_T *wide = utf16_from(name);
    long number = METHOD(LANGUAGE(object), FindMethod, wide);
    free(wide);
    return number;
}

tVariant variant_empty(void) {
    tVariant variant;
    memset(&variant, 0, sizeof variant);
    return variant;
}

tVariant variant_integer(int32_t value) {
    tVariant variant = variant_empty();
    variant.vt = VTYPE_I4;
    variant.value.lVal = value;
    return variant;
}

tVariant variant_real(double value) {
    tVariant variant = variant_empty();
    variant.vt = VTYPE_R8;
    variant.value.dblVal = value;
    return variant;
}

tVariant variant_boolean(bool value) {
    tVariant variant = variant_empty();
    variant.vt = VTYPE_BOOL;
    variant.value.bVal = value;
    return variant;
}

tVariant variant_text_bytes(object *object, const char *utf8, size_t bytes) {
    tVariant variant = variant_empty();
    size_t units;
    WCHAR_T *wide = utf16_from_bytes(utf8, bytes, &units);
    variant.vt = VTYPE_PWSTR;
    variant.value.wstr.wstrLen = (uint32_t)units;
    /* Without a terminator: 1C does not promise one. */
    variant.value.wstr.pwstrVal = memory_allocate(object->memory, units ? units * 2 : 2);
    memcpy(variant.value.wstr.pwstrVal, wide, units * 2);
    free(wide);
    return variant;
}

tVariant variant_text(object *object, const char *utf8) { return variant_text_bytes(object, utf8, strlen(utf8)); }

tVariant variant_blob(object *object, const void *data, size_t bytes) {
    tVariant variant = variant_empty();
    variant.vt = VTYPE_BLOB;
    variant.value.str.strLen = (uint32_t)bytes;
    variant.value.str.pstrVal = memory_allocate(object->memory, bytes ? bytes : 1);
    memcpy(variant.value.str.pstrVal, data, bytes);
    return variant;
}

void variant_free(object *object, tVariant *variant) {
    if (variant->vt == VTYPE_PWSTR) memory_release(object->memory, variant->value.wstr.pwstrVal);
    if (variant->vt == VTYPE_BLOB || variant->vt == VTYPE_PSTR) memory_release(object->memory, variant->value.str.pstrVal);
    *variant = variant_empty();
}

char *variant_utf8(const tVariant *variant) {
    return variant->vt == VTYPE_PWSTR ? utf8_from(variant->value.wstr.pwstrVal, variant->value.wstr.wstrLen) : NULL;
}

/* Tells an error of the host itself where those of the add-in stand, as 1C's own exceptions do. */
static bool host_error(object *object, const char *what, const char *name) {
    char text[512];
    snprintf(text, sizeof text, "%s: %s", what, name);
    WCHAR_T *wide = utf16_from(text), *source = utf16_from("1C");
    METHOD((IAddInDefBase *)&object->connection->interface, AddError, ADDIN_E_FAIL, source, wide, 1);
    free(wide);
    free(source);
    return false;
}

bool object_get(object *object, const char *name, tVariant *value) {
    long number = object_find_property(object, name);
    *value = variant_empty();
    if (number < 0) return host_error(object, "Поле объекта не обнаружено", name);
    if (!METHOD(LANGUAGE(object), IsPropReadable, number)) return host_error(object, "Поле объекта недоступно для чтения", name);
    bool success = METHOD(LANGUAGE(object), GetPropVal, number, value);
    return success || object->options.onescript;
}

bool object_set(object *object, const char *name, tVariant value) {
    long number = object_find_property(object, name);
    bool success = false;
    if (number < 0)
        host_error(object, "Поле объекта не обнаружено", name);
    else if (!METHOD(LANGUAGE(object), IsPropWritable, number))
        host_error(object, "Поле объекта недоступно для записи", name);
    else
        success = METHOD(LANGUAGE(object), SetPropVal, number, &value) || object->options.onescript;
    variant_free(object, &value);
    return success;
}

bool object_call(object *object, const char *name, tVariant *result, int count, tVariant *given) {
    enum { MOST = 32 };
    tVariant arguments[MOST];
    long method = object_find_method(object, name), wanted = 0;
    bool success = true;
    if (result) *result = variant_empty();
    if (method < 0) {
        success = host_error(object, "Метод объекта не обнаружен", name);
    } else {
        wanted = METHOD(LANGUAGE(object), GetNParams, method);
        if (count > wanted || wanted > MOST) success = host_error(object, "Слишком много фактических параметров", name);
    }
    if (!success) wanted = 0;
    for (long i = 0; i < wanted; i++) {
        arguments[i] = i < count ? given[i] : variant_empty();
        /* A skipped argument in the middle is EMPTY too, and gets the default. */
        if (arguments[i].vt != VTYPE_EMPTY) continue;
        bool has_default = METHOD(LANGUAGE(object), GetParamDefValue, method, i, &arguments[i]);
        if (object->options.onescript) has_default = has_default && arguments[i].vt != VTYPE_EMPTY;
        if (!has_default && i >= count) success = host_error(object, "Недостаточно фактических параметров", name);
    }
    if (success) {
        bool function = METHOD(LANGUAGE(object), HasRetVal, method);
        if (function) {
            tVariant dropped = variant_empty();
            success = METHOD(LANGUAGE(object), CallAsFunc, method, result ? result : &dropped, arguments, wanted);
            variant_free(object, &dropped);
        } else {
            success = METHOD(LANGUAGE(object), CallAsProc, method, arguments, wanted);
        }
    }
    for (long i = 0; i < wanted; i++) variant_free(object, &arguments[i]);
    for (int i = (int)wanted; i < count; i++) variant_free(object, &given[i]);
    return success || object->options.onescript;
}

char *object_get_text(object *object, const char *name) {
    tVariant value;
    char *text = object_get(object, name, &value) ? variant_utf8(&value) : NULL;
    variant_free(object, &value);
    return text;
}

bool object_set_text(object *object, const char *name, const char *value) {
    return object_set(object, name, variant_text(object, value));
}
