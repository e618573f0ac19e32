/* How failures reach BSL: exceptions, the last error, languages; and hosts that do not listen. */
#include "check.h"
#include "utf.h"

static bool fail_a_call(object *object) {
    tVariant wrong = variant_text(object, "НетТакогоЧлена");
    return object_call(object, HELP, NULL, 1, &wrong);
}

CASE(a_failed_call_is_told_once_and_remembered) {
    FOR_EACH_CLASS(lib, class) {
        object *object = object_new(lib, class, (object_options){0});
        connection *connection = object->connection;
        CHECK(!fail_a_call(object));
        CHECK(connection->error_count == 1);
        if (connection->error_count == 1) {
            CHECK(connection->errors[0].wcode == ADDIN_E_FAIL && connection->errors[0].scode == 1);
            CHECK(strcmp(connection->errors[0].source, class) == 0);
            CHECK_TEXT(object_get_text(object, "ОписаниеОшибки"), connection->errors[0].text);
            CHECK_TEXT(object_get_text(object, "LastErrorText"), connection->errors[0].text);
        }
        char *json = object_get_text(object, "ПоследняяОшибка");
        CHECK(json && strstr(json, "\"code\":\"argument\"") && strstr(json, "\"category\":\"caller\""), "%s", json);
        free(json);
        tVariant zero = variant_integer(0);
        CHECK(object_call(object, PAUSE, NULL, 1, &zero));
        CHECK_TEXT(object_get_text(object, "ОписаниеОшибки"), "");
        CHECK_TEXT(object_get_text(object, "ПоследняяОшибка"), "");
        CHECK(connection->error_count == 1, "success is not told");
        CHECK_FREE(object);
    }
}

CASE(without_exceptions_a_failed_call_returns_undefined) {
    FOR_EACH_CLASS(lib, class) {
        object *object = object_new(lib, class, (object_options){0});
        CHECK(object_set(object, "ВызыватьИсключения", variant_boolean(false)));
        tVariant wrong = variant_text(object, "НетТакогоЧлена"), result;
        memset(&result, 0xAA, sizeof result);
        CHECK(object_call(object, HELP, &result, 1, &wrong));
        CHECK(result.vt == VTYPE_EMPTY);
        CHECK(object->connection->error_count == 0);
        char *text = object_get_text(object, "ОписаниеОшибки");
        CHECK(text && *text);
        free(text);
        CHECK_FREE(object);
    }
}

CASE(errors_speak_the_language_of_the_session_or_the_chosen_one) {
    FOR_EACH_CLASS(lib, class) {
        object *object = object_new(lib, class, (object_options){.language = "en"});
        fail_a_call(object);
        char *text = object_get_text(object, "ОписаниеОшибки");
        CHECK(text && (unsigned char)*text < 128, "%s", text);
        free(text);
        CHECK(object_set_text(object, "MessageLanguage", "ru"));
        fail_a_call(object);
        text = object_get_text(object, "ОписаниеОшибки");
        CHECK(text && (unsigned char)*text >= 128, "%s", text);
        free(text);
        CHECK(!object_set_text(object, "MessageLanguage", "xx"));
        CHECK_TEXT(object_get_text(object, "MessageLanguage"), "ru");
        CHECK_FREE(object);
    }
}

CASE(a_host_that_ignores_results_and_deletes_objects_is_served) {
    FOR_EACH_CLASS(lib, class) {
        object *object = object_new(lib, class, (object_options){.onescript = true});
        tVariant result;
        CHECK(object_call(object, HELP, &result, 0, NULL));
        CHECK(result.vt == VTYPE_PWSTR);
        variant_free(object, &result);
        fail_a_call(object);
        char *text = object_get_text(object, "ОписаниеОшибки");
        CHECK(text && *text, "the only way to learn of an error there");
        free(text);
        CHECK_FREE(object);
    }
}
