/* Test cases: each registers itself, gets the loaded library, and counts what is wrong instead of stopping. */
#ifndef HARNESS_CHECK_H
#define HARNESS_CHECK_H

#include "host.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct test_case {
    const char *name;
    void (*body)(library *);
    bool alone; /* needs a process of its own: runs only when asked for by name */
    struct test_case *next;
} test_case;

void register_case(test_case *test);
/* Counts a failure; prints where and what. */
#if defined(_WIN32)
#define LIKE_PRINTF __attribute__((format(gnu_printf, 3, 4)))
#else
#define LIKE_PRINTF __attribute__((format(printf, 3, 4)))
#endif
void report_failure(const char *file, int line, const char *format, ...) LIKE_PRINTF;
/* The library under test, for cases that load it again. */
extern const char *library_path;
/* How often cases that look for rare trouble repeat: HARNESS_REPEAT, else `usual`. */
int repeat(int usual);

#define CASE_(title, is_alone)                                                    \
    static void title(library *lib);                                              \
    static test_case title##_case = {#title, title, is_alone, NULL};              \
    __attribute__((constructor)) static void register_##title(void) {             \
        register_case(&title##_case);                                             \
    }                                                                             \
    static void title(__attribute__((unused)) library *lib)
#define CASE(title) CASE_(title, false)
#define CASE_ALONE(title) CASE_(title, true)

#define CHECK(condition, ...)                                                     \
    do {                                                                          \
        if (!(condition)) report_failure(__FILE__, __LINE__, #condition " " __VA_ARGS__); \
    } while (0)
/* Compares texts and frees the first. */
#define CHECK_TEXT(text, expected)                                                \
    do {                                                                          \
        char *text_ = (text);                                                     \
        if (!text_ || strcmp(text_, (expected)) != 0)                             \
            report_failure(__FILE__, __LINE__, "%s is \"%s\", not \"%s\"", #text, text_ ? text_ : "(null)", (expected)); \
        free(text_);                                                              \
    } while (0)
/* Ends the object and checks that the add-in broke no rule of memory or of the connection. */
#define CHECK_FREE(object) CHECK(object_free(object) == 0, "rules of the host were broken")

/* The names of all classes, to be freed with free_names. */
char **class_names(library *lib);
void free_names(char **names);
#define FOR_EACH_CLASS(lib, class)                                                \
    for (char **class##_all = class_names(lib), **class##_at = class##_all, *class;  \
         (class = *class##_at) || (free_names(class##_all), 0); class##_at++)

/* A text that the add-in allocated: UTF-8 to be freed; checks the block and frees it. Null stays null. */
char *take_text(object *object, const WCHAR_T *text);
/* Checks that a result is one that 1C takes, wholly written, its block allocated by the manager. */
void check_result(object *object, const tVariant *result, const char *what);

/* Texts and types at hand in most classes: the common members. */
#define PAUSE "Пауза"
#define HELP "Справка"

#endif
