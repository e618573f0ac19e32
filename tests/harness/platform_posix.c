/* Linux and other POSIX systems. */
#include "platform.h"

#include <arpa/inet.h>
#include <dlfcn.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

void *platform_load(const char *path) {
    void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (!library) fprintf(stderr, "%s\n", dlerror());
    return library;
}

void *platform_symbol(void *library, const char *name) { return dlsym(library, name); }

void platform_unload(void *library) { dlclose(library); }

struct platform_mutex {
    pthread_mutex_t mutex;
};

platform_mutex *platform_mutex_new(void) {
    platform_mutex *mutex = malloc(sizeof *mutex);
    pthread_mutex_init(&mutex->mutex, NULL);
    return mutex;
}

void platform_mutex_free(platform_mutex *mutex) {
    pthread_mutex_destroy(&mutex->mutex);
    free(mutex);
}

void platform_lock(platform_mutex *mutex) { pthread_mutex_lock(&mutex->mutex); }

void platform_unlock(platform_mutex *mutex) { pthread_mutex_unlock(&mutex->mutex); }

struct platform_thread {
    pthread_t thread;
    void (*body)(void *);
    void *argument;
};

static void *run_thread(void *given) {
    platform_thread *thread = given;
    thread->body(thread->argument);
    return NULL;
}

platform_thread *platform_thread_start(void (*body)(void *), void *argument) {
    platform_thread *thread = malloc(sizeof *thread);
    *thread = (platform_thread){.body = body, .argument = argument};
    if (pthread_create(&thread->thread, NULL, run_thread, thread) != 0) abort();
    return thread;
}

void platform_thread_join(platform_thread *thread) {
    pthread_join(thread->thread, NULL);
    free(thread);
}

void platform_sleep(int milliseconds) {
    struct timespec time = {milliseconds / 1000, (long)(milliseconds % 1000) * 1000000};
    nanosleep(&time, NULL);
}

double platform_now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec * 1000 + (double)time.tv_nsec / 1e6;
}

static size_t whole_pages(size_t bytes) {
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    return (bytes + page - 1) / page * page;
}

void *platform_guarded(size_t bytes) {
    size_t page = (size_t)sysconf(_SC_PAGESIZE), body = whole_pages(bytes);
    char *memory = mmap(NULL, body + page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) abort();
    if (mprotect(memory + body, page, PROT_NONE) != 0) abort();
    return memory + body - bytes;
}

void platform_guarded_free(void *memory, size_t bytes) {
    size_t page = (size_t)sysconf(_SC_PAGESIZE), body = whole_pages(bytes);
    munmap((char *)memory + bytes - body, body + page);
}

int platform_silent_server(void) {
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;
    if (listener < 0 || bind(listener, (struct sockaddr *)&address, length) != 0 || listen(listener, 128) != 0 ||
        getsockname(listener, (struct sockaddr *)&address, &length) != 0)
        return 0;
    return ntohs(address.sin_port);
}

int platform_thread_count(void) {
    FILE *status = fopen("/proc/self/status", "r");
    char line[256];
    int count = -1;
    while (status && fgets(line, sizeof line, status))
        if (strncmp(line, "Threads:", 8) == 0) count = atoi(line + 8);
    if (status) fclose(status);
    return count;
}

long platform_peak_memory(void) {
    struct rusage usage;
    return getrusage(RUSAGE_SELF, &usage) == 0 ? usage.ru_maxrss : -1;
}

void platform_utf8_console(void) {}

FILE *platform_open(const char *path) { return fopen(path, "rb"); }
