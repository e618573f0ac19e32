#include "check.h"

#include "utf.h"

#include <stdarg.h>

const char *library_path;
static test_case *first_case;
static int failures;
static platform_mutex *mutex;

void register_case(test_case *test) {
    /* Behind the last one: cases run in the order of their files. */
    test_case **place = &first_case;
    while (*place) place = &(*place)->next;
    *place = test;
}

void report_failure(const char *file, int line, const char *format, ...) {
    va_list arguments;
    platform_lock(mutex);
    failures++;
    fprintf(stderr, "%s:%d: ", file, line);
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fputc('\n', stderr);
    platform_unlock(mutex);
}

int repeat(int usual) {
    const char *wanted = getenv("HARNESS_REPEAT");
    return wanted ? atoi(wanted) : usual;
}

char **class_names(library *lib) {
    const WCHAR_T *joined = lib->GetClassNames();
    char *text = utf8_from(joined, utf16_length(joined)), **names = calloc(64, sizeof *names);
    int count = 0;
    for (char *part = strtok(text, "|"); part && count < 63; part = strtok(NULL, "|")) names[count++] = strdup(part);
    free(text);
    return names;
}

void free_names(char **names) {
    for (char **name = names; *name; name++) free(*name);
    free(names);
}

char *take_text(object *object, const WCHAR_T *text) {
    if (!text) return NULL;
    size_t bytes = memory_size(object->memory, text);
    CHECK(bytes >= 2, "the text is no block of the manager");
    if (bytes < 2) return NULL;
    size_t units = 0;
    WCHAR_T unit;
    do {
        memcpy(&unit, (const char *)text + units++ * 2, 2);
    } while (unit && units * 2 < bytes);
    CHECK(unit == 0, "the text has no terminator");
    char *utf8 = utf8_from(text, units - 1);
    memory_release(object->memory, (void *)text);
    return utf8;
}

void check_result(object *object, const tVariant *result, const char *what) {
    CHECK(result->cbElements == 0, "%s: cbElements was not written", what);
    switch (result->vt) {
    case VTYPE_EMPTY:
    case VTYPE_I4:
    case VTYPE_R8:
    case VTYPE_TM: return;
    case VTYPE_BOOL: CHECK(result->value.bVal <= 1, "%s", what); return;
    case VTYPE_PWSTR: {
        WCHAR_T last = 1;
        size_t bytes = memory_size(object->memory, result->value.wstr.pwstrVal), units = result->value.wstr.wstrLen;
        CHECK(bytes >= (units + 1) * 2, "%s: a block of %zu bytes for %zu units", what, bytes, units);
        if (bytes >= (units + 1) * 2) memcpy(&last, (char *)result->value.wstr.pwstrVal + units * 2, 2);
        CHECK(last == 0, "%s: no terminator", what);
        return;
    }
    case VTYPE_BLOB: {
        size_t bytes = memory_size(object->memory, result->value.str.pstrVal);
        CHECK(bytes >= result->value.str.strLen && bytes > 0, "%s: a block of %zu bytes", what, bytes);
        return;
    }
    default: CHECK(false, "%s: 1C does not take a result of type %d", what, result->vt);
    }
}

static bool is_wanted(const test_case *test, int count, char **names) {
    if (count == 0) return !test->alone;
    for (int i = 0; i < count; i++)
        if (strcmp(names[i], test->name) == 0) return true;
    return false;
}

/* host_tests LIBRARY [CASE…]; host_tests --list prints the names of the cases that need their own process. */
int main(int count, char **arguments) {
    platform_utf8_console();
    mutex = platform_mutex_new();
    if (count < 2) {
        fprintf(stderr, "usage: host_tests LIBRARY [CASE...] | --list\n");
        return 2;
    }
    if (strcmp(arguments[1], "--list") == 0) {
        for (test_case *test = first_case; test; test = test->next)
            if (test->alone) printf("%s\n", test->name);
        return 0;
    }
    int run = 0, wrong = 0;
    library_path = arguments[1];
    library lib = {0};
    for (test_case *test = first_case; test; test = test->next) {
        if (!is_wanted(test, count - 2, arguments + 2)) continue;
        if (!lib.handle) lib = test->alone ? library_open_old(arguments[1]) : library_open(arguments[1]);
        int before = failures;
        printf("case %s\n", test->name);
        fflush(stdout);
        test->body(&lib);
        run++;
        if (failures > before) {
            printf("FAILED %s\n", test->name);
            wrong++;
        }
    }
    if (lib.handle) library_close(&lib);
    platform_mutex_free(mutex);
    printf("%d cases, %d failed\n", run, wrong);
    return run > 0 && wrong == 0 ? 0 : 1;
}
