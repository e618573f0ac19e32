/* The host's memory: it may run out at any allocation, and its blocks may lie anywhere. */
#include "check.h"
#include "utf.h"

/* With no memory, in each of the ways a host may say so. */
#define FOR_EACH_FAILURE(form) for (int form = FAIL_WITH_FALSE; form <= FAIL_WITHOUT_A_WORD; form++)

CASE(without_memory_names_are_null_and_calls_fail) {
    FOR_EACH_CLASS(lib, class)
        FOR_EACH_FAILURE(form) {
            object *object = object_new(lib, class, (object_options){0});
            ILanguageExtenderBase *language = LANGUAGE(object);
            long help = object_find_method(object, HELP), version = object_find_property(object, "Версия");
            object->memory->failure = (enum failure_form)form;
            object->memory->fail_after = 0;
            WCHAR_T *name = NULL;
            tVariant value;
            CHECK(!METHOD(language, RegisterExtensionAs, &name) && !name);
            CHECK(!METHOD(language, GetMethodName, help, 1) && !METHOD(language, GetPropName, version, 0));
            memset(&value, 0xAA, sizeof value);
            CHECK(!METHOD(language, GetPropVal, version, &value) && value.vt == VTYPE_EMPTY);
            memset(&value, 0xAA, sizeof value);
            CHECK(!METHOD(language, CallAsFunc, help, &value, NULL, 0) && value.vt == VTYPE_EMPTY);
            memset(&value, 0xAA, sizeof value);
            CHECK(!METHOD(language, GetParamDefValue, help, 0, &value) && value.vt == VTYPE_EMPTY);

            object->memory->fail_after = -1;
            char *error = object_get_text(object, "ПоследняяОшибка");
            CHECK(error && strstr(error, "\"memory\""), "%s: %s", class, error ? error : "(null)");
            free(error);
            CHECK(METHOD(language, CallAsFunc, help, &value, NULL, 0), "memory is back");
            variant_free(object, &value);
            CHECK_FREE(object);
        }
}

/* One round of calls that allocate; how many allocations it makes, or fails at. */
static size_t round_of_calls(object *object) {
    size_t before = object->memory->allocations;
    ILanguageExtenderBase *language = LANGUAGE(object);
    WCHAR_T *name = NULL;
    tVariant value;
    if (METHOD(language, RegisterExtensionAs, &name)) memory_release(object->memory, name);
    for (long number = 0; number < METHOD(language, GetNMethods); number++)
        memory_release(object->memory, (void *)METHOD(language, GetMethodName, number, number % 2));
    for (long number = 0; number < METHOD(language, GetNProps); number++) {
        METHOD(language, GetPropVal, number, &value);
        variant_free(object, &value);
    }
    for (long number = 0; number < METHOD(language, GetNMethods); number++)
        for (long parameter = 0; parameter < METHOD(language, GetNParams, number); parameter++) {
            METHOD(language, GetParamDefValue, number, parameter, &value);
            variant_free(object, &value);
        }
    METHOD(language, CallAsFunc, object_find_method(object, HELP), &value, NULL, 0);
    variant_free(object, &value);
    return object->memory->allocations - before;
}

CASE(memory_that_runs_out_at_any_point_leaves_nothing_behind) {
    FOR_EACH_CLASS(lib, class) {
        object *object = object_new(lib, class, (object_options){0});
        size_t allocations = round_of_calls(object);
        CHECK(allocations > 0);
        for (size_t allowed = 0; allowed < allocations; allowed++) {
            object->memory->failure = (enum failure_form)(allowed % 3);
            object->memory->fail_after = (long)allowed;
            round_of_calls(object);
            CHECK(object->memory->live == 0, "%s: %zu blocks after %zu allocations", class, object->memory->live, allowed);
        }
        object->memory->fail_after = -1;
        CHECK(round_of_calls(object) == allocations, "%s: everything works again", class);
        CHECK_FREE(object);
    }
}

CASE(blocks_may_lie_at_odd_addresses_and_keep_their_pointers) {
    FOR_EACH_CLASS(lib, class) {
        object *object = object_new(lib, class, (object_options){.odd_addresses = true});
        object->memory->keep_pointer = true;
        CHECK(round_of_calls(object) > 0);
        CHECK(object_set_text(object, "ПрефиксЖурнала", "нечётный_"));
        CHECK_TEXT(object_get_text(object, "LogPrefix"), "нечётный_");
        CHECK_FREE(object);
    }
}

CASE(empty_texts_come_with_a_block) {
    FOR_EACH_CLASS(lib, class) {
        object *object = object_new(lib, class, (object_options){0});
        tVariant value;
        CHECK(object_get(object, "ОписаниеОшибки", &value));
        CHECK(value.vt == VTYPE_PWSTR && value.value.wstr.wstrLen == 0 && value.value.wstr.pwstrVal);
        check_result(object, &value, "ОписаниеОшибки");
        variant_free(object, &value);
        CHECK_FREE(object);
    }
}
