/* ObmenJson and the memory of the host: long texts come and go whole, without memory nothing is half written, a
   conversion can be stopped. What the methods give is tested in tests/class_json.rs. */
#include "check.h"

/* A JSON array of so many numbers. */
static char *numbers(int count) {
    char *text = malloc((size_t)count * 2 + 2), *at = text;
    for (int i = 0; i < count; i++) {
        *at++ = i ? ',' : '[';
        *at++ = '7';
    }
    *at++ = ']';
    *at = 0;
    return text;
}

CASE(a_long_text_comes_back_whole) {
    enum { COUNT = 2000000 };
    object *json = object_new(lib, "ObmenJson", (object_options){.odd_addresses = true});
    char *text = numbers(COUNT);
    tVariant source = variant_text(json, text), result;
    CHECK(object_call(json, "ВJSON", &result, 1, &source));
    check_result(json, &result, "ВJSON");
    char *given = variant_utf8(&result);
    CHECK(given && strcmp(given, text) == 0, "the texts differ");
    free(given);
    free(text);
    variant_free(json, &result);
    CHECK_FREE(json);
}

CASE(a_result_without_memory_is_an_error_and_leaks_nothing) {
    object *json = object_new(lib, "ObmenJson", (object_options){0});
    char *text = numbers(100000);
    tVariant source = variant_text(json, text), result;
    free(text);
    for (int again = 0; again < 2; again++) {
        json->memory->fail_after = again ? -1 : 0;
        memset(&result, 0xAA, sizeof result);
        bool success = METHOD(LANGUAGE(json), CallAsFunc, object_find_method(json, "Сжать"), &result, &source, 1);
        CHECK(success == again, "with memory it works, without it fails");
        CHECK(result.vt == (again ? VTYPE_PWSTR : VTYPE_EMPTY));
        variant_free(json, &result);
        if (again) continue;
        json->memory->fail_after = -1;
        char *error = object_get_text(json, "ПоследняяОшибка");
        CHECK(error && strstr(error, "\"memory\""), "%s", error);
        free(error);
    }
    variant_free(json, &source);
    CHECK_FREE(json);
}

typedef struct {
    object *object;
    char *text;
    volatile bool done;
} converting;

/* Converts until somebody stops it. */
static void convert(void *given) {
    converting *job = given;
    bool success = true;
    for (int i = 0; success && i < 10000; i++) {
        tVariant source = variant_text(job->object, job->text), result;
        success = object_call(job->object, "ИзJSON", &result, 1, &source);
        variant_free(job->object, &result);
    }
    CHECK(!success, "nobody could stop it");
    job->done = true;
}

CASE(a_conversion_is_stopped_from_another_thread) {
    converting job = {.object = object_new(lib, "ObmenJson", (object_options){0}), .text = numbers(400000)};
    /* By another object: a call of its own that comes after the failed one would clear the last error. */
    object *other = object_new(lib, "ObmenJson", (object_options){0});
    char *id = object_get_text(job.object, "ИдентификаторОбъекта");
    platform_thread *thread = platform_thread_start(convert, &job);
    while (!job.done) {
        tVariant which = variant_text(other, id), result;
        CHECK(object_call(other, "Прервать", &result, 1, &which) && result.value.bVal);
        platform_sleep(7);
    }
    platform_thread_join(thread);
    char *error = object_get_text(job.object, "ПоследняяОшибка");
    CHECK(error && strstr(error, "\"cancelled\""), "%s", error);
    free(error);
    free(id);
    free(job.text);
    CHECK_FREE(other);
    CHECK_FREE(job.object);
}
