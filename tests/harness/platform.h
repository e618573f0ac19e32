/* What the harness needs of the operating system: platform_posix.c or platform_windows.c. */
#ifndef HARNESS_PLATFORM_H
#define HARNESS_PLATFORM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* Loads a library as 1C does: all symbols at once, none of them shared. Null: failed, reason on stderr. */
void *platform_load(const char *path);
void *platform_symbol(void *library, const char *name);
void platform_unload(void *library);

typedef struct platform_mutex platform_mutex;
platform_mutex *platform_mutex_new(void);
void platform_mutex_free(platform_mutex *mutex);
void platform_lock(platform_mutex *mutex);
void platform_unlock(platform_mutex *mutex);

typedef struct platform_thread platform_thread;
platform_thread *platform_thread_start(void (*body)(void *), void *argument);
void platform_thread_join(platform_thread *thread);

void platform_sleep(int milliseconds);
/* Milliseconds of a clock that only goes forward. */
double platform_now(void);

/* `bytes` bytes that end exactly where a page begins that nobody may touch. */
void *platform_guarded(size_t bytes);
void platform_guarded_free(void *memory, size_t bytes);

/* A TCP server on 127.0.0.1 that accepts (in its backlog) and never answers. Returns its port, 0 on failure. */
int platform_silent_server(void);

/* How many threads this process has, -1 if the system does not say. */
int platform_thread_count(void);

/* The most memory that this process has had at once, in kilobytes; -1 if the system does not say. */
long platform_peak_memory(void);

/* Texts of the console are UTF-8. */
void platform_utf8_console(void);

/* Opens a file by its UTF-8 name for reading bytes. */
FILE *platform_open(const char *path);

#endif
