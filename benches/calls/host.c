/* Measures calls through the binary interface: an empty method, and the search for a name. Prints nanoseconds:
 * `host LIBRARY PEER` gives the best of several rounds for the library and for the do-nothing peer. */

#include "obmen.h"
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ROUNDS = 100, CALLS = 100000 };

typedef long get_class_object(const WCHAR_T *, IComponentBase **);
typedef void set_names(const WCHAR_T *const *, long);

static bool OBMEN_CALL allocate(IMemoryManager *self, void **memory, unsigned long bytes) {
    (void)self;
    return (*memory = malloc(bytes)) != NULL;
}

static void OBMEN_CALL release(IMemoryManager *self, void **memory) {
    (void)self;
    free(*memory);
    *memory = NULL;
}

static const IMemoryManagerVTable memory_vtable = {.AllocMemory = allocate, .FreeMemory = release};
static IMemoryManager memory = {&memory_vtable};

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1e9 + time.tv_nsec;
}

/* Other work on the machine only ever makes a round longer. */
static double shortest(const double *rounds) {
    double best = rounds[0];
    for (int round = 1; round < ROUNDS; round++)
        if (rounds[round] < best) best = rounds[round];
    return best;
}

static double time_call(ILanguageExtenderBase *object, long method) {
    double rounds[ROUNDS];
    for (int round = 0; round < ROUNDS; round++) {
        double start = now();
        for (int call = 0; call < CALLS; call++) {
            tVariant result;
            if (!object->vtable->CallAsFunc(object, method, &result, NULL, 0)) exit(3);
        }
        rounds[round] = (now() - start) / CALLS;
    }
    return shortest(rounds);
}

static double time_find(ILanguageExtenderBase *object, const WCHAR_T *name, long expected) {
    double rounds[ROUNDS];
    for (int round = 0; round < ROUNDS; round++) {
        double start = now();
        for (int call = 0; call < CALLS; call++)
            if (object->vtable->FindMethod(object, name) != expected) exit(4);
        rounds[round] = (now() - start) / CALLS;
    }
    return shortest(rounds);
}

static IComponentBase *create(void *library, const WCHAR_T *class_name) {
    get_class_object *make = (get_class_object *)dlsym(library, "GetClassObject");
    IComponentBase *object = NULL;
    if (!make || !make(class_name, &object)) exit(2);
    return object;
}

int main(int count, char **arguments) {
    if (count != 3) return 2;
    double start = now();
    void *library = dlopen(arguments[1], RTLD_NOW | RTLD_LOCAL);
    double loaded = now() - start;
    void *peer = dlopen(arguments[2], RTLD_NOW | RTLD_LOCAL);
    if (!library || !peer) return fprintf(stderr, "%s\n", dlerror()), 2;

    static const WCHAR_T class_name[] = {'O', 'b', 'm', 'e', 'n', 'S', 'i', 't', 'e', 0};
    /* ОЧИСТИТЬ */
    static const WCHAR_T name[] = {0x41E, 0x427, 0x418, 0x421, 0x422, 0x418, 0x422, 0x42C, 0};
    IComponentBase *ours = create(library, class_name), *theirs = create(peer, class_name);
    ours->init_done.vtable->setMemManager(&ours->init_done, &memory);

    ILanguageExtenderBase *extender = &ours->language_extender;
    long methods = extender->vtable->GetNMethods(extender);
    const WCHAR_T **names = calloc(methods * 2, sizeof *names);
    for (long at = 0; at < methods * 2; at++) names[at] = extender->vtable->GetMethodName(extender, at / 2, at % 2);
    ((set_names *)dlsym(peer, "set_names"))(names, methods);

    long method = extender->vtable->FindMethod(extender, name);
    if (method < 0) return 2;
    printf("%f %f %f %f %f\n", time_call(extender, method), time_call(&theirs->language_extender, method),
           time_find(extender, name, method), time_find(&theirs->language_extender, name, method), loaded);
    return 0;
}
