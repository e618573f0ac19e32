/* Names, numbers, shapes and defaults of members; every class is asked for everything it says of itself. */
#include "check.h"
#include "utf.h"

#include <limits.h>

/* Upper and lower case of a name in ASCII and Cyrillic. */
static void change_case(WCHAR_T *name, bool upper) {
    for (; *name; name++) {
        WCHAR_T unit = *name;
        if (upper && ((unit >= 'a' && unit <= 'z') || (unit >= 0x430 && unit <= 0x44F)))
            *name = unit - 0x20;
        else if (upper && unit >= 0x450 && unit <= 0x45F)
            *name = unit - 0x50;
        else if (!upper && ((unit >= 'A' && unit <= 'Z') || (unit >= 0x410 && unit <= 0x42F)))
            *name = unit + 0x20;
        else if (!upper && unit >= 0x400 && unit <= 0x40F)
            *name = unit + 0x50;
    }
}

static long find(object *object, bool method, const WCHAR_T *name) {
    return method ? METHOD(LANGUAGE(object), FindMethod, name) : METHOD(LANGUAGE(object), FindProp, name);
}

static char *name_of(object *object, bool method, long number, long alias) {
    return take_text(object, method ? METHOD(LANGUAGE(object), GetMethodName, number, alias)
                                    : METHOD(LANGUAGE(object), GetPropName, number, alias));
}

static bool begins(const char *text, const char *start) { return strncmp(text, start, strlen(start)) == 0; }

static bool ends(const char *text, const char *end) {
    return strlen(text) >= strlen(end) && strcmp(text + strlen(text) - strlen(end), end) == 0;
}

static long count_of(object *object, bool method) {
    return method ? METHOD(LANGUAGE(object), GetNMethods) : METHOD(LANGUAGE(object), GetNProps);
}

CASE(members_are_found_by_both_names_in_any_case) {
    FOR_EACH_CLASS(lib, class)
        for (int method = 0; method < 2; method++) {
            object *object = object_new(lib, class, (object_options){0});
            for (long number = 0; number < count_of(object, method); number++)
                for (long alias = 0; alias < 2; alias++) {
                    char *name = name_of(object, method, number, alias);
                    CHECK(name && *name, "%s: %ld has no name", class, number);
                    WCHAR_T *wide = utf16_from(name);
                    CHECK(find(object, method, wide) == number, "%s.%s", class, name);
                    change_case(wide, true);
                    CHECK(find(object, method, wide) == number, "%s.%s in upper case", class, name);
                    change_case(wide, false);
                    CHECK(find(object, method, wide) == number, "%s.%s in lower case", class, name);
                    free(wide);
                    free(name);
                }
            CHECK_FREE(object);
        }
}

CASE(names_keep_away_from_those_that_1c_makes) {
    FOR_EACH_CLASS(lib, class)
        for (int method = 0; method < 2; method++) {
            object *object = object_new(lib, class, (object_options){0});
            for (long number = 0; number < count_of(object, method); number++) {
                char *english = name_of(object, method, number, 0), *russian = name_of(object, method, number, 1);
                for (const char *at = english; *at; at++) CHECK((unsigned char)*at < 128, "%s", english);
                /* HTTP's own words, such as Put or Cookies, stay as they are in both languages. */
                CHECK((unsigned char)*russian >= 128 || !strcmp(russian, english) || begins(russian, "Cookies") ||
                          ends(russian, "Json"),
                      "%s is not Russian", russian);
                CHECK(!begins(english, "Begin") && !ends(english, "Async"), "%s", english);
                CHECK(!begins(russian, "Начать") && !ends(russian, "Асинх"), "%s", russian);
                free(english);
                free(russian);
            }
            CHECK_FREE(object);
        }
}

CASE(unknown_names_are_not_found) {
    static const char *unknown[] = {"", " ", "НетТакого", "Версия ", "Верси", "Версияя", "\xEF\xBF\xBF", "Вeрсия"};
    FOR_EACH_CLASS(lib, class) {
        object *object = object_new(lib, class, (object_options){0});
        for (size_t i = 0; i < sizeof unknown / sizeof *unknown; i++) {
            CHECK(object_find_property(object, unknown[i]) == -1, "%s", unknown[i]);
            CHECK(object_find_method(object, unknown[i]) == -1, "%s", unknown[i]);
        }
        enum { LONGEST = 1 << 20 };
        WCHAR_T *huge = calloc(LONGEST + 1, sizeof *huge);
        for (int i = 0; i < LONGEST; i++) huge[i] = 0x410;
        CHECK(find(object, true, huge) == -1 && find(object, false, huge) == -1);
        CHECK(find(object, true, NULL) == -1 && find(object, false, NULL) == -1);
        free(huge);
        CHECK_FREE(object);
    }
}

CASE(numbers_out_of_range_are_refused) {
    FOR_EACH_CLASS(lib, class) {
        object *object = object_new(lib, class, (object_options){0});
        ILanguageExtenderBase *language = LANGUAGE(object);
        long numbers[] = {-1, 0, LONG_MIN, LONG_MAX, INT_MAX};
        numbers[1] = METHOD(language, GetNMethods) + METHOD(language, GetNProps);
        for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
            long number = numbers[i];
            tVariant value;
            memset(&value, 0xAA, sizeof value);
            CHECK(!METHOD(language, GetMethodName, number, 0) && !METHOD(language, GetPropName, number, 1));
            CHECK(!METHOD(language, IsPropReadable, number) && !METHOD(language, IsPropWritable, number));
            CHECK(METHOD(language, GetNParams, number) == 0 && !METHOD(language, HasRetVal, number));
            CHECK(!METHOD(language, GetParamDefValue, number, 0, &value));
            CHECK(!METHOD(language, GetParamDefValue, 0, number, &value));
            CHECK(!METHOD(language, GetPropVal, number, &value) && value.vt == VTYPE_EMPTY);
            CHECK(!METHOD(language, SetPropVal, number, &value));
            CHECK(!METHOD(language, CallAsProc, number, NULL, 0));
            memset(&value, 0xAA, sizeof value);
            CHECK(!METHOD(language, CallAsFunc, number, &value, NULL, 0) && value.vt == VTYPE_EMPTY);
            CHECK(!METHOD(language, GetMethodName, 0, number > 1 ? number : 2), "an alias that is no language");
        }
        CHECK_FREE(object);
    }
}

CASE(a_new_object_reads_all_its_readable_properties) {
    FOR_EACH_CLASS(lib, class) {
        object *object = object_new(lib, class, (object_options){0});
        ILanguageExtenderBase *language = LANGUAGE(object);
        for (long number = 0; number < METHOD(language, GetNProps); number++) {
            char *name = name_of(object, false, number, 1);
            tVariant value;
            memset(&value, 0xAA, sizeof value);
            bool readable = METHOD(language, IsPropReadable, number);
            CHECK(readable || METHOD(language, IsPropWritable, number), "%s.%s is of no use", class, name);
            CHECK(METHOD(language, GetPropVal, number, &value) == readable, "%s.%s", class, name);
            check_result(object, &value, name);
            CHECK(readable || value.vt == VTYPE_EMPTY, "%s.%s", class, name);
            variant_free(object, &value);
            free(name);
        }
        CHECK_FREE(object);
    }
}

CASE(what_cannot_be_written_is_refused) {
    FOR_EACH_CLASS(lib, class) {
        object *object = object_new(lib, class, (object_options){0});
        ILanguageExtenderBase *language = LANGUAGE(object);
        for (long number = 0; number < METHOD(language, GetNProps); number++) {
            tVariant value = variant_integer(1);
            if (!METHOD(language, IsPropWritable, number))
                CHECK(!METHOD(language, SetPropVal, number, &value), "%s: property %ld", class, number);
        }
        CHECK_FREE(object);
    }
}

CASE(mandatory_parameters_have_no_default_and_optional_ones_have) {
    FOR_EACH_CLASS(lib, class) {
        object *object = object_new(lib, class, (object_options){0});
        ILanguageExtenderBase *language = LANGUAGE(object);
        for (long method = 0; method < METHOD(language, GetNMethods); method++) {
            char *name = name_of(object, true, method, 1);
            long parameters = METHOD(language, GetNParams, method);
            bool optional = false;
            CHECK(parameters >= 0 && parameters <= 32, "%s.%s", class, name);
            for (long parameter = 0; parameter <= parameters; parameter++) {
                tVariant value;
                memset(&value, 0xAA, sizeof value);
                bool has = METHOD(language, GetParamDefValue, method, parameter, &value);
                CHECK(!has || parameter < parameters, "%s.%s: a default of no parameter", class, name);
                CHECK(has || !optional || parameter == parameters, "%s.%s: mandatory after optional", class, name);
                CHECK(!has || value.vt != VTYPE_EMPTY, "%s.%s: hosts differ on EMPTY", class, name);
                CHECK(has || value.vt == VTYPE_EMPTY, "%s.%s", class, name);
                if (value.vt != VTYPE_NULL) check_result(object, &value, name);
                optional |= has;
                variant_free(object, &value);
            }
            free(name);
        }
        CHECK_FREE(object);
    }
}

CASE(a_function_may_be_called_as_a_procedure_and_the_other_way_round) {
    FOR_EACH_CLASS(lib, class) {
        object *object = object_new(lib, class, (object_options){0});
        ILanguageExtenderBase *language = LANGUAGE(object);
        tVariant zero = variant_integer(0), result;
        CHECK(METHOD(language, HasRetVal, object_find_method(object, HELP)));
        CHECK(METHOD(language, CallAsProc, object_find_method(object, HELP), NULL, 0));
        CHECK(METHOD(language, CallAsFunc, object_find_method(object, HELP), NULL, NULL, 0), "no place for a result");
        memset(&result, 0xAA, sizeof result);
        CHECK(!METHOD(language, HasRetVal, object_find_method(object, PAUSE)));
        CHECK(METHOD(language, CallAsFunc, object_find_method(object, PAUSE), &result, &zero, 1));
        check_result(object, &result, PAUSE);
        CHECK(result.vt == VTYPE_EMPTY);
        CHECK_FREE(object);
    }
}

CASE(wrong_numbers_of_arguments_are_errors_or_defaults) {
    FOR_EACH_CLASS(lib, class) {
        object *object = object_new(lib, class, (object_options){0});
        ILanguageExtenderBase *language = LANGUAGE(object);
        long pause = object_find_method(object, PAUSE), help = object_find_method(object, HELP);
        tVariant many[40], result = variant_empty();
        for (int i = 0; i < 40; i++) many[i] = variant_integer(0);
        CHECK(!METHOD(language, CallAsProc, pause, many, 0), "too few");
        CHECK(!METHOD(language, CallAsProc, pause, NULL, 0), "too few and null");
        CHECK(!METHOD(language, CallAsProc, pause, NULL, 5), "null");
        CHECK(!METHOD(language, CallAsProc, pause, many, -1), "a negative number");
        CHECK(!METHOD(language, CallAsProc, pause, many, 2), "too many");
        CHECK(!METHOD(language, CallAsProc, pause, many, 40), "far too many");
        CHECK(METHOD(language, CallAsFunc, help, &result, NULL, 0), "only optional ones");
        CHECK(result.vt == VTYPE_PWSTR);
        variant_free(object, &result);
        CHECK(object->connection->error_count == 6);
        CHECK_FREE(object);
    }
}

CASE(help_names_every_member_in_the_chosen_language) {
    FOR_EACH_CLASS(lib, class)
        for (long alias = 0; alias < 2; alias++) {
            object *object = object_new(lib, class, (object_options){.language = alias ? "ru" : "en"});
            tVariant result;
            CHECK(object_call(object, HELP, &result, 0, NULL));
            char *all = variant_utf8(&result);
            variant_free(object, &result);
            for (int method = 0; method < 2; method++)
                for (long number = 0; number < count_of(object, method); number++) {
                    char *shown = name_of(object, method, number, alias);
                    CHECK(all && strstr(all, shown), "%s: help does not name %s", class, shown);
                    for (long asked = 0; asked < 2; asked++) {
                        char *name = name_of(object, method, number, asked);
                        tVariant which = variant_text(object, name);
                        CHECK(object_call(object, HELP, &result, 1, &which), "%s.%s", class, name);
                        char *one = variant_utf8(&result);
                        CHECK(one && strstr(one, shown), "%s: help on %s", class, name);
                        free(one);
                        variant_free(object, &result);
                        free(name);
                    }
                    free(shown);
                }
            free(all);
            CHECK_FREE(object);
        }
}
