/* ObmenHttp against a server that never answers: a request can be stopped, and an object can be freed, at any moment.
   What reaches a server that does answer is tested with real ones (tests/class_http.rs). */
#include "check.h"

typedef struct {
    object *object;
    const char *method;
    const char *second; /* the argument after the address; null: none */
    int port;
    bool success;
    char *result;
    volatile bool started;
} asking;

static object *new_http(library *lib, object_options options) {
    object *http = object_new(lib, "ObmenHttp", options);
    CHECK(object_set_text(http, "Прокси", "нет"));
    CHECK(object_set(http, "Таймаут", variant_integer(600)));
    return http;
}

static void ask(void *given) {
    asking *job = given;
    char text[256];
    bool many = strcmp(job->method, "ВыполнитьПараллельно") == 0;
    snprintf(text, sizeof text, many ? "[\"http://127.0.0.1:%d/1\",\"http://127.0.0.1:%d/2\"]" : "http://127.0.0.1:%d/", job->port, job->port);
    tVariant arguments[2] = {variant_text(job->object, text), variant_empty()}, result;
    if (job->second) arguments[1] = variant_text(job->object, job->second);
    job->started = true;
    job->success = object_call(job->object, job->method, &result, job->second ? 2 : 1, arguments);
    check_result(job->object, &result, job->method);
    job->result = variant_utf8(&result);
    variant_free(job->object, &result);
}

static platform_thread *start_asking(asking *job) {
    platform_thread *thread = platform_thread_start(ask, job);
    while (!job->started) platform_sleep(1);
    platform_sleep(300);
    return thread;
}

CASE(any_request_to_a_silent_server_is_stopped_from_another_thread) {
    static const char *calls[][2] = {
        {"Получить", NULL}, {"ОтправитьJson", "{\"а\":1}"}, {"СкачатьФайл", "never.bin"}};
    int port = platform_silent_server();
    CHECK(port > 0);
    object *http = new_http(lib, (object_options){0});
    for (size_t i = 0; i < sizeof calls / sizeof *calls; i++) {
        asking job = {.object = http, .method = calls[i][0], .second = calls[i][1], .port = port};
        double start = platform_now();
        platform_thread *thread = start_asking(&job);
        tVariant stopped;
        CHECK(object_call(http, "Прервать", &stopped, 0, NULL) && stopped.value.bVal, "%s", job.method);
        platform_thread_join(thread);
        CHECK(platform_now() - start < 30000, "the time-out of the request is ten minutes");
        CHECK(!job.success && !job.result, "%s gave %s", job.method, job.result);
        char *error = object_get_text(http, "ПоследняяОшибка");
        CHECK(error && strstr(error, "\"cancelled\""), "%s: %s", job.method, error);
        free(error);
    }
    CHECK_FREE(http);
}

CASE(many_requests_at_once_are_stopped_and_all_told) {
    asking job = {.object = new_http(lib, (object_options){0}), .method = "ВыполнитьПараллельно", .port = platform_silent_server()};
    platform_thread *thread = start_asking(&job);
    object *other = new_http(lib, (object_options){0});
    char *id = object_get_text(job.object, "ИдентификаторОбъекта");
    tVariant which = variant_text(other, id), result;
    CHECK(object_call(other, "Прервать", &result, 1, &which) && result.value.bVal);
    free(id);
    platform_thread_join(thread);
    CHECK(job.success && job.result, "work had begun, so there are answers");
    const char *first = job.result ? strstr(job.result, "\"cancelled\"") : NULL;
    CHECK(first && strstr(first + 1, "\"cancelled\""), "%s", job.result);
    free(job.result);
    CHECK_FREE(job.object);
    CHECK_FREE(other);
}

CASE(an_object_is_freed_while_it_asks) {
    int port = platform_silent_server();
    for (int onescript = 0; onescript < 2; onescript++) {
        asking job = {.object = new_http(lib, (object_options){.onescript = onescript}), .method = "Получить", .port = port};
        platform_thread *thread = start_asking(&job);
        double start = platform_now();
        METHOD(INIT_DONE(job.object), Done);
        platform_thread_join(thread);
        CHECK(platform_now() - start < 30000, "the time-out of the request is ten minutes");
        free(job.result);
        job.object->connection->closed = true;
        object_destroy(job.object);
        CHECK(object_close(job.object) == 0);
    }
}
