/* ObmenSite against a site that never answers: a send can be stopped, and an object can be freed, at any moment.
   What reaches a site that does answer is tested with a real one (tests/site_exchange.rs). */
#include "check.h"
#include "utf.h"

#define SYNC "СинхронизироватьТоварыССайтом"
#define PRODUCTS "[{\"sku\":\"1\",\"name\":\"Чайник\",\"price\":10},{\"sku\":\"2\",\"name\":\"Чашка\",\"price\":5}]"

/* An object whose site is at `port`, with time-outs far beyond what a test would wait. */
static object *new_site(library *lib, int port, object_options options) {
    object *site = object_new(lib, "ObmenSite", options);
    char address[64];
    snprintf(address, sizeof address, "http://127.0.0.1:%d", port);
    CHECK(object_set_text(site, "АдресСайта", address));
    CHECK(object_set_text(site, "ТокенАвторизации", "token"));
    CHECK(object_set_text(site, "Прокси", "нет"));
    CHECK(object_set(site, "Таймаут", variant_integer(600)));
    return site;
}

typedef struct {
    object *object;
    bool success;
    char *report;
    volatile bool started;
} sending;

static void send_products(void *given) {
    sending *job = given;
    tVariant products = variant_text(job->object, PRODUCTS), result;
    job->started = true;
    job->success = object_call(job->object, SYNC, &result, 1, &products);
    check_result(job->object, &result, SYNC);
    job->report = variant_utf8(&result);
    variant_free(job->object, &result);
}

static platform_thread *start_sending(sending *job) {
    platform_thread *thread = platform_thread_start(send_products, job);
    while (!job->started) platform_sleep(1);
    platform_sleep(300);
    return thread;
}

CASE(a_send_to_a_silent_site_is_stopped_and_reports) {
    int port = platform_silent_server();
    CHECK(port > 0);
    object *site = new_site(lib, port, (object_options){0});
    sending job = {.object = site};
    platform_thread *thread = start_sending(&job);
    double start = platform_now();
    object_call(site, "Прервать", NULL, 0, NULL);
    platform_thread_join(thread);
    CHECK(platform_now() - start < 30000, "the time-out of the request is ten minutes");
    CHECK(job.success, "work had begun, so there is a report");
    CHECK(job.report && strstr(job.report, "\"cancelled\"") && strstr(job.report, "\"unsent\":2"), "%s", job.report);
    free(job.report);
    CHECK_FREE(site);
}

CASE(an_object_is_freed_while_it_sends) {
    int port = platform_silent_server();
    for (int onescript = 0; onescript < 2; onescript++) {
        object *site = new_site(lib, port, (object_options){.onescript = onescript});
        sending job = {.object = site};
        platform_thread *thread = start_sending(&job);
        double start = platform_now();
        METHOD(INIT_DONE(site), Done);
        platform_thread_join(thread);
        CHECK(platform_now() - start < 30000, "the time-out of the request is ten minutes");
        site->connection->closed = true;
        free(job.report);
        object_destroy(site);
        CHECK(object_close(site) == 0);
    }
}

CASE(many_objects_send_at_once_and_are_all_stopped) {
    enum { MANY = 8 };
    int port = platform_silent_server();
    sending jobs[MANY];
    platform_thread *threads[MANY];
    for (int i = 0; i < MANY; i++) {
        jobs[i] = (sending){.object = new_site(lib, port, (object_options){0})};
        CHECK(object_set(jobs[i].object, "ПараллельныхОтправок", variant_integer(2)));
        CHECK(object_set(jobs[i].object, "РазмерПакета", variant_integer(1)));
        threads[i] = start_sending(&jobs[i]);
    }
    for (int i = 0; i < MANY; i++) {
        /* The first object stops all the others. */
        char *id = object_get_text(jobs[i].object, "ИдентификаторОбъекта");
        tVariant which = variant_text(jobs[0].object, id), result;
        CHECK(object_call(jobs[0].object, "Прервать", &result, 1, &which) && result.value.bVal);
        free(id);
    }
    for (int i = 0; i < MANY; i++) {
        platform_thread_join(threads[i]);
        CHECK(jobs[i].report && strstr(jobs[i].report, "\"cancelled\""), "%s", jobs[i].report);
        free(jobs[i].report);
        CHECK_FREE(jobs[i].object);
    }
}

CASE(a_report_without_memory_is_an_error_and_leaks_nothing) {
    object *site = new_site(lib, 9, (object_options){0});
    CHECK(object_set(site, "ПаузаМеждуПопытками", variant_integer(0)));
    tVariant products = variant_text(site, PRODUCTS), result;
    site->memory->fail_after = 0;
    memset(&result, 0xAA, sizeof result);
    CHECK(!METHOD(LANGUAGE(site), CallAsFunc, object_find_method(site, SYNC), &result, &products, 1));
    CHECK(result.vt == VTYPE_EMPTY);
    site->memory->fail_after = -1;
    char *error = object_get_text(site, "ПоследняяОшибка");
    CHECK(error && strstr(error, "\"memory\""), "%s", error);
    free(error);
    variant_free(site, &products);
    CHECK_FREE(site);
}

CASE(a_large_catalogue_at_the_end_of_a_page_is_read_whole) {
    enum { ROWS = 20000 };
    char *json = malloc(ROWS * 100), *at = json;
    for (int i = 0; i < ROWS; i++)
        at += sprintf(at, "%c{\"Артикул\":\"%d\",\"Наименование\":\"Чайник\",\"Цена\":%d.5}", i ? ',' : '[', i, i);
    at += sprintf(at, "]");
    size_t units;
    WCHAR_T *wide = utf16_from_bytes(json, (size_t)(at - json), &units);
    WCHAR_T *guarded = platform_guarded(units * 2);
    memcpy(guarded, wide, units * 2);
    object *site = object_new(lib, "ObmenSite", (object_options){0});
    tVariant products = variant_empty(), count;
    products.vt = VTYPE_PWSTR;
    products.value.wstr.pwstrVal = guarded;
    products.value.wstr.wstrLen = (uint32_t)units;
    CHECK(METHOD(LANGUAGE(site), CallAsProc, object_find_method(site, "ДобавитьТовары"), &products, 1));
    CHECK(object_get(site, "КоличествоТоваров", &count) && count.value.lVal == ROWS, "%d", count.value.lVal);

    /* The same as UTF-8 bytes. */
    char *bytes = platform_guarded((size_t)(at - json));
    memcpy(bytes, json, (size_t)(at - json));
    products = variant_empty();
    products.vt = VTYPE_BLOB;
    products.value.str.pstrVal = (uint8_t *)bytes;
    products.value.str.strLen = (uint32_t)(at - json);
    CHECK(METHOD(LANGUAGE(site), CallAsProc, object_find_method(site, "ДобавитьТовары"), &products, 1));
    CHECK(object_get(site, "КоличествоТоваров", &count) && count.value.lVal == 2 * ROWS, "%d", count.value.lVal);
    platform_guarded_free(bytes, (size_t)(at - json));
    platform_guarded_free(guarded, units * 2);
    free(wide);
    free(json);
    CHECK_FREE(site);
}

CASE(a_send_leaves_no_thread_behind) {
    int port = platform_silent_server(), before = platform_thread_count();
    object *site = new_site(lib, port, (object_options){0});
    CHECK(object_set(site, "Таймаут", variant_real(0.2)));
    CHECK(object_set(site, "КоличествоПопыток", variant_integer(1)));
    sending job = {.object = site};
    platform_thread_join(start_sending(&job));
    CHECK(job.report && strstr(job.report, "\"http_timeout\""), "%s", job.report);
    free(job.report);
    CHECK_FREE(site);
    /* One thread of the journal and one of HTTP may live on, however many objects there were. */
    CHECK(platform_thread_count() <= before + 2, "%d threads before, %d now", before, platform_thread_count());
}
