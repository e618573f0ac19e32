/* Threads: several objects at once, one object from several threads, an end while something runs. */
#include "check.h"
#include "utf.h"

typedef struct {
    library *lib;
    const char *class;
    object *object;
    const char *id;
    int count;
    bool result;
    volatile bool started, stop;
} job;

static void use_objects(void *given) {
    job *job = given;
    for (int i = 0; i < job->count; i++) {
        object *object = object_new(job->lib, job->class, (object_options){.onescript = i % 2});
        tVariant help, zero = variant_integer(0);
        CHECK(object_call(object, HELP, &help, 0, NULL));
        variant_free(object, &help);
        CHECK(object_call(object, PAUSE, NULL, 1, &zero));
        CHECK_FREE(object);
    }
}

CASE(objects_of_several_threads_do_not_meet) {
    FOR_EACH_CLASS(lib, class) {
        platform_thread *threads[8];
        job jobs[8];
        for (int i = 0; i < 8; i++) {
            jobs[i] = (job){.lib = lib, .class = class, .count = repeat(50)};
            threads[i] = platform_thread_start(use_objects, &jobs[i]);
        }
        for (int i = 0; i < 8; i++) platform_thread_join(threads[i]);
    }
}

static void free_object(void *given) {
    job *job = given;
    CHECK_FREE(job->object);
}

CASE(an_object_may_be_used_in_one_thread_and_freed_in_another) {
    FOR_EACH_CLASS(lib, class)
        for (int i = 0; i < repeat(50); i++) {
            object *object = object_new(lib, class, (object_options){.onescript = i % 2});
            CHECK_TEXT(object_get_text(object, "ПрефиксЖурнала"), "obmen_");
            job job = {.object = object};
            platform_thread_join(platform_thread_start(free_object, &job));
        }
}

/* Waits a minute unless somebody stops it; the longest that a test would hang. */
static void pause_long(void *given) {
    job *job = given;
    tVariant minute = variant_integer(60000);
    job->started = true;
    job->result = object_call(job->object, PAUSE, NULL, 1, &minute);
}

static void wait_until_started(job *job) {
    while (!job->started) platform_sleep(1);
    platform_sleep(20);
}

CASE(a_running_call_is_stopped_from_another_thread) {
    FOR_EACH_CLASS(lib, class) {
        object *object = object_new(lib, class, (object_options){0});
        job job = {.object = object};
        double start = platform_now();
        platform_thread *thread = platform_thread_start(pause_long, &job);
        wait_until_started(&job);
        tVariant result;
        CHECK(object_call(object, "Прервать", &result, 0, NULL) && result.vt == VTYPE_BOOL && result.value.bVal);
        platform_thread_join(thread);
        CHECK(!job.result && platform_now() - start < 30000);
        char *error = object_get_text(object, "ПоследняяОшибка");
        CHECK(error && strstr(error, "\"cancelled\""), "%s", error);
        free(error);
        CHECK_FREE(object);
    }
}

CASE(a_running_call_is_stopped_by_another_object) {
    FOR_EACH_CLASS(lib, class) {
        object *object = object_new(lib, class, (object_options){0}), *other = object_new(lib, class, (object_options){0});
        job job = {.object = object};
        platform_thread *thread = platform_thread_start(pause_long, &job);
        wait_until_started(&job);
        char *id = object_get_text(object, "ИдентификаторОбъекта"); /* readable while a call runs */
        tVariant which = variant_text(other, id ? id : ""), result;
        CHECK(object_call(other, "Cancel", &result, 1, &which) && result.value.bVal);
        platform_thread_join(thread);
        CHECK(!job.result);
        which = variant_text(other, "no such object");
        CHECK(object_call(other, "Cancel", &result, 1, &which) && !result.value.bVal);
        free(id);
        CHECK_FREE(object);
        CHECK_FREE(other);
    }
}

CASE(a_second_call_of_a_busy_object_is_refused) {
    FOR_EACH_CLASS(lib, class) {
        object *object = object_new(lib, class, (object_options){0});
        job job = {.object = object};
        platform_thread *thread = platform_thread_start(pause_long, &job);
        wait_until_started(&job);
        tVariant zero = variant_integer(0), value;
        CHECK(!object_call(object, PAUSE, NULL, 1, &zero));
        CHECK(!object_get(object, "ОписаниеОшибки", &value));
        CHECK(!object_set_text(object, "ЯзыкСообщений", "en"));
        CHECK(object_find_method(object, HELP) >= 0, "names are answered");
        object_call(object, "Прервать", NULL, 0, NULL);
        platform_thread_join(thread);
        zero = variant_integer(0);
        CHECK(object_call(object, PAUSE, NULL, 1, &zero), "free again");
        CHECK_FREE(object);
    }
}

CASE(an_object_freed_during_a_call_stops_it_first) {
    FOR_EACH_CLASS(lib, class)
        for (int onescript = 0; onescript < 2; onescript++) {
            object *object = object_new(lib, class, (object_options){.onescript = onescript});
            job job = {.object = object};
            double start = platform_now();
            platform_thread *thread = platform_thread_start(pause_long, &job);
            wait_until_started(&job);
            METHOD(INIT_DONE(object), Done);
            platform_thread_join(thread);
            CHECK(platform_now() - start < 30000);
            object->connection->closed = true;
            object_destroy(object);
            CHECK(object_close(object) == 0);
        }
}

static void cancel_often(void *given) {
    job *job = given;
    while (!job->stop) {
        tVariant result;
        object_call(job->object, "Прервать", &result, 0, NULL);
        variant_free(job->object, &result);
    }
}

CASE(stopping_again_and_again_harms_no_call) {
    char **names = class_names(lib);
    object *object = object_new(lib, names[0], (object_options){0});
    job job = {.object = object};
    platform_thread *thread = platform_thread_start(cancel_often, &job);
    for (int i = 0; i < repeat(2000); i++) {
        tVariant help;
        object_call(object, HELP, &help, 0, NULL);
        check_result(object, &help, HELP);
        variant_free(object, &help);
        object_set_text(object, "ПрефиксЖурнала", i % 2 ? "первый_" : "второй_и_длиннее_");
        free(object_get_text(object, "ПрефиксЖурнала"));
    }
    job.stop = true;
    platform_thread_join(thread);
    CHECK_FREE(object);
    free_names(names);
}

CASE(no_thread_is_left_behind_by_objects) {
    char **names = class_names(lib);
    int before = platform_thread_count();
    for (char **class = names; *class; class++) {
        object *object = object_new(lib, *class, (object_options){0});
        tVariant zero = variant_integer(0);
        CHECK(object_call(object, PAUSE, NULL, 1, &zero));
        CHECK_FREE(object);
    }
    CHECK(platform_thread_count() <= before, "%d threads before, %d now", before, platform_thread_count());
    free_names(names);
}

static void fail_often(void *given) {
    job *job = given;
    for (int i = 0; i < job->count; i++) {
        tVariant wrong = variant_text(job->object, i % 2 ? "НетТакого" : "НетИТакого"), result;
        object_call(job->object, HELP, &result, 1, &wrong);
        variant_free(job->object, &result);
        free(object_get_text(job->object, "ПоследняяОшибка"));
    }
}

/* 1C makes the calls of an object one after another; asynchronous ones and other hosts may not. */
CASE(two_calls_never_run_in_one_object_at_once) {
    char **names = class_names(lib);
    object *object = object_new(lib, names[0], (object_options){0});
    CHECK(object_set(object, "ВызыватьИсключения", variant_boolean(false)));
    job jobs[2];
    platform_thread *threads[2];
    for (int i = 0; i < 2; i++) {
        jobs[i] = (job){.object = object, .count = repeat(20000)};
        threads[i] = platform_thread_start(fail_often, &jobs[i]);
    }
    for (int i = 0; i < 2; i++) platform_thread_join(threads[i]);
    CHECK_FREE(object);
    free_names(names);
}
