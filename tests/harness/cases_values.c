/* Texts and variants: everything that a host may hand over, right or wrong. */
#include "check.h"
#include "utf.h"

/* A property whose text comes back as it was given. */
#define TEXT_PROPERTY "ПрефиксЖурнала"

static bool set_units(object *object, const WCHAR_T *units, uint32_t count) {
    tVariant value = variant_empty();
    value.vt = VTYPE_PWSTR;
    value.value.wstr.pwstrVal = (WCHAR_T *)units;
    value.value.wstr.wstrLen = count;
    return METHOD(LANGUAGE(object), SetPropVal, object_find_property(object, TEXT_PROPERTY), &value);
}

/* Help on a member of that name: takes any text, fails without side effects. */
static bool help_on(object *object, const WCHAR_T *units, uint32_t count, tVariant *result) {
    tVariant value = variant_empty();
    value.vt = VTYPE_PWSTR;
    value.value.wstr.pwstrVal = (WCHAR_T *)units;
    value.value.wstr.wstrLen = count;
    return METHOD(LANGUAGE(object), CallAsFunc, object_find_method(object, HELP), result, &value, 1);
}

CASE(texts_end_where_their_length_says) {
    char **names = class_names(lib);
    object *object = object_new(lib, names[0], (object_options){0});
    WCHAR_T *text = utf16_from("журнал_");
    size_t bytes = utf16_length(text) * 2;
    /* The unit behind the last one lies on a page that nobody may read. */
    WCHAR_T *guarded = platform_guarded(bytes);
    memcpy(guarded, text, bytes);
    CHECK(set_units(object, guarded, (uint32_t)(bytes / 2)));
    CHECK_TEXT(object_get_text(object, TEXT_PROPERTY), "журнал_");
    tVariant result;
    CHECK(!help_on(object, guarded, (uint32_t)(bytes / 2), &result));
    platform_guarded_free(guarded, bytes);

    WCHAR_T *name = utf16_from(HELP);
    bytes = (utf16_length(name) + 1) * 2;
    guarded = platform_guarded(bytes);
    memcpy(guarded, name, bytes);
    CHECK(METHOD(LANGUAGE(object), FindMethod, guarded) >= 0, "the name is terminated at the end of a page");
    platform_guarded_free(guarded, bytes);
    free(name);
    free(text);
    CHECK_FREE(object);
    free_names(names);
}

CASE(texts_at_odd_addresses_are_read) {
    char **names = class_names(lib);
    object *object = object_new(lib, names[0], (object_options){0});
    WCHAR_T *text = utf16_from("x_журнал"), *name = utf16_from(HELP);
    char room[256];
    memcpy(room + 1, text, utf16_length(text) * 2);
    CHECK(set_units(object, (WCHAR_T *)(void *)(room + 1), (uint32_t)utf16_length(text)));
    CHECK_TEXT(object_get_text(object, TEXT_PROPERTY), "x_журнал");
    memcpy(room + 1, name, (utf16_length(name) + 1) * 2);
    CHECK(METHOD(LANGUAGE(object), FindMethod, (WCHAR_T *)(void *)(room + 1)) >= 0);
    free(text);
    free(name);
    CHECK_FREE(object);
    free_names(names);
}

CASE(every_kind_of_text_is_taken_or_refused_with_an_error) {
    static const WCHAR_T lone_high[] = {'a', 0xD83D, 'b'}, lone_low[] = {0xDE00}, zero[] = {'a', 0, 'b'};
    static const WCHAR_T pair[] = {0xD83D, 0xDE00}, cut_pair[] = {'a', 0xD83D}, last[] = {0xFFFF, 0xFEFF};
    static const struct {
        const WCHAR_T *units;
        uint32_t count;
    } texts[] = {{lone_high, 3}, {lone_low, 1}, {zero, 3}, {pair, 2}, {cut_pair, 2}, {last, 2}, {NULL, 0}, {zero, 0}};
    FOR_EACH_CLASS(lib, class) {
        object *object = object_new(lib, class, (object_options){0});
        for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
            tVariant result;
            memset(&result, 0xAA, sizeof result);
            bool success = help_on(object, texts[i].units, texts[i].count, &result);
            CHECK(success == (texts[i].count == 0), "%s: text %zu", class, i);
            check_result(object, &result, HELP);
            variant_free(object, &result);
            char *error = object_get_text(object, "ОписаниеОшибки");
            CHECK(error && (*error != 0) == !success, "%s: text %zu", class, i);
            free(error);
        }
        CHECK_FREE(object);
    }
}

CASE(a_text_of_fifty_megabytes_is_an_argument_like_any_other) {
    enum { UNITS = 25 * 1000 * 1000 };
    char **names = class_names(lib);
    object *object = object_new(lib, names[0], (object_options){0});
    WCHAR_T *text = malloc(UNITS * sizeof *text);
    for (size_t i = 0; i < UNITS; i++) text[i] = (WCHAR_T)(i % 7 ? 0x430 + i % 32 : ' ');
    tVariant result;
    CHECK(!help_on(object, text, UNITS, &result));
    char *error = object_get_text(object, "ОписаниеОшибки");
    CHECK(error && strlen(error) > 0 && strlen(error) < 10000, "an error does not repeat the whole text");
    free(error);
    free(text);
    CHECK_FREE(object);
    free_names(names);
}

/* Types that 1C knows, and codes that it does not. */
static const unsigned short types[] = {0,  1,  2,  3,  4,  5,  6,  7,  8,  9,      10,     11,     12,     13,    14,
                                       15, 16, 17, 18, 19, 20, 21, 22, 23, 24,     25,     0x0FFF, 0x1003, 0x2003, 0x4003,
                                       0x8000, 0xFFFF};
enum { TYPES = sizeof types / sizeof *types };

/* A variant of that type; `form` 0 all zeros, 1 a small value, 2 strange but allowed bits. */
static tVariant strange(object *object, unsigned short type, int form) {
    static const unsigned char blob[] = {'1', 0xFF, 0xFE, 0};
    tVariant variant = variant_empty();
    variant.vt = type;
    if (form == 0) return variant;
    switch (type) {
    case VTYPE_PWSTR: return variant_text(object, form == 1 ? "1" : "{\"\xF0\x9F\x98\x80\":[1,{}]}");
    case VTYPE_BLOB: return variant_blob(object, blob, form == 1 ? 1 : sizeof blob);
    case VTYPE_PSTR:
        variant = variant_blob(object, blob, form == 1 ? 1 : sizeof blob);
        variant.vt = VTYPE_PSTR;
        return variant;
    case VTYPE_R4: variant.value.fltVal = form == 1 ? 1 : (float)(0.0 / 0.0); return variant;
    case VTYPE_R8:
    case VTYPE_DATE: variant.value.dblVal = form == 1 ? 1 : 1e308; return variant;
    case VTYPE_BOOL: variant.value.bVal = form == 1 ? 1 : 2; return variant;
    case VTYPE_TM:
        variant.value.tmVal.tm_mday = form == 1 ? 1 : 40;
        variant.value.tmVal.tm_year = form == 1 ? -1899 : 100000;
        return variant;
    case VTYPE_UI2: variant.value.ushortVal = 1; return variant; /* the largest would be a pause of a minute */
    default:
        /* Small whatever width it is read in; -1 in the other form. */
        if (form == 1) variant.value.ullVal = 1;
        else variant.value.llVal = -1;
        return variant;
    }
}

CASE(every_type_is_taken_or_refused_by_every_property) {
    FOR_EACH_CLASS(lib, class) {
        object *object = object_new(lib, class, (object_options){0});
        ILanguageExtenderBase *language = LANGUAGE(object);
        for (long number = 0; number < METHOD(language, GetNProps); number++) {
            if (!METHOD(language, IsPropWritable, number)) continue;
            for (int i = 0; i < TYPES * 3; i++) {
                size_t errors = object->connection->error_count;
                tVariant value = strange(object, types[i / 3], i % 3);
                bool success = METHOD(language, SetPropVal, number, &value);
                bool told = object->connection->error_count > errors;
                variant_free(object, &value);
                /* A property may switch exceptions off; otherwise a failure is told and a success is not. */
                tVariant raises;
                CHECK(object_get(object, "ВызыватьИсключения", &raises));
                if (raises.value.bVal) CHECK(success == !told, "%s: property %ld, type %d", class, number, types[i / 3]);
            }
        }
        connection_forget_errors(object->connection);
        CHECK_FREE(object);
    }
}

CASE(every_type_is_taken_or_refused_by_every_parameter) {
    FOR_EACH_CLASS(lib, class) {
        object *object = object_new(lib, class, (object_options){0});
        ILanguageExtenderBase *language = LANGUAGE(object);
        for (long method = 0; method < METHOD(language, GetNMethods); method++) {
            long parameters = METHOD(language, GetNParams, method);
            for (long which = 0; which < parameters; which++)
                for (int i = 0; i < TYPES * 3; i++) {
                    tVariant arguments[32], result;
                    for (long parameter = 0; parameter < parameters; parameter++)
                        arguments[parameter] = variant_empty();
                    arguments[which] = strange(object, types[i / 3], i % 3);
                    size_t errors = object->connection->error_count;
                    memset(&result, 0xAA, sizeof result);
                    bool success = METHOD(language, CallAsFunc, method, &result, arguments, parameters);
                    check_result(object, &result, class);
                    CHECK(success || result.vt == VTYPE_EMPTY, "%s: method %ld", class, method);
                    CHECK(success == (object->connection->error_count == errors), "%s: method %ld, type %d", class,
                          method, types[i / 3]);
                    variant_free(object, &result);
                    for (long parameter = 0; parameter < parameters; parameter++)
                        variant_free(object, &arguments[parameter]);
                }
        }
        connection_forget_errors(object->connection);
        CHECK_FREE(object);
    }
}

CASE(any_numeric_type_is_a_number) {
    char **names = class_names(lib);
    object *object = object_new(lib, names[0], (object_options){0});
    static const unsigned short numeric[] = {VTYPE_I2, VTYPE_I4, VTYPE_R4, VTYPE_R8, VTYPE_ERROR, VTYPE_I1, VTYPE_UI1,
                                             VTYPE_UI2, VTYPE_UI4, VTYPE_I8, VTYPE_UI8, VTYPE_INT, VTYPE_UINT};
    for (size_t i = 0; i < sizeof numeric / sizeof *numeric; i++) {
        tVariant pause = strange(object, numeric[i], 1);
        CHECK(METHOD(LANGUAGE(object), CallAsProc, object_find_method(object, PAUSE), &pause, 1), "type %d", numeric[i]);
    }
    tVariant fraction = variant_real(1.5), minus = variant_integer(-1), huge = variant_real(1e300);
    CHECK(!METHOD(LANGUAGE(object), CallAsProc, object_find_method(object, PAUSE), &fraction, 1));
    CHECK(!METHOD(LANGUAGE(object), CallAsProc, object_find_method(object, PAUSE), &minus, 1));
    CHECK(!METHOD(LANGUAGE(object), CallAsProc, object_find_method(object, PAUSE), &huge, 1));
    CHECK_FREE(object);
    free_names(names);
}

CASE(arguments_are_left_as_they_were) {
    char **names = class_names(lib);
    object *object = object_new(lib, names[0], (object_options){0});
    tVariant name = variant_text(object, PAUSE), before = name, result;
    WCHAR_T *copy = malloc(name.value.wstr.wstrLen * 2u);
    memcpy(copy, name.value.wstr.pwstrVal, name.value.wstr.wstrLen * 2u);
    CHECK(METHOD(LANGUAGE(object), CallAsFunc, object_find_method(object, HELP), &result, &name, 1));
    CHECK(memcmp(&before, &name, sizeof name) == 0);
    CHECK(memcmp(copy, name.value.wstr.pwstrVal, name.value.wstr.wstrLen * 2u) == 0);
    free(copy);
    variant_free(object, &name);
    variant_free(object, &result);
    CHECK_FREE(object);
    free_names(names);
}
