/* The peer of the call benchmark: a component in C that does nothing, with the names of a real class, found as most
 * components find them: one after another, folding the case of each letter. */

#include "obmen.h"
#include <stdlib.h>

static const WCHAR_T *const *method_names;
static long method_count;

/* Gives the component the names of the class that it stands beside: English and Russian in turn. */
void set_names(const WCHAR_T *const *names, long count) {
    method_names = names;
    method_count = count;
}

static WCHAR_T fold(WCHAR_T unit) {
    if ((unit >= 'A' && unit <= 'Z') || (unit >= 0x410 && unit <= 0x42F)) return unit + 0x20;
    if (unit >= 0x400 && unit <= 0x40F) return unit + 0x50;
    return unit;
}

static bool same(const WCHAR_T *left, const WCHAR_T *right) {
    while (*left && fold(*left) == fold(*right)) left++, right++;
    return *left == 0 && *right == 0;
}

static long OBMEN_CALL find_method(ILanguageExtenderBase *self, const WCHAR_T *name) {
    (void)self;
    for (long at = 0; at < method_count * 2; at++)
        if (same(method_names[at], name)) return at / 2;
    return -1;
}

static bool OBMEN_CALL call_as_func(ILanguageExtenderBase *self, long method, tVariant *result, tVariant *parameters,
                                    long count) {
    (void)self, (void)parameters, (void)count;
    if (method < 0 || method >= method_count) return false;
    if (result) result->vt = VTYPE_EMPTY;
    return true;
}

static bool OBMEN_CALL call_as_proc(ILanguageExtenderBase *self, long method, tVariant *parameters, long count) {
    return call_as_func(self, method, NULL, parameters, count);
}

static const ILanguageExtenderBaseVTable vtable = {
    .FindMethod = find_method,
    .CallAsProc = call_as_proc,
    .CallAsFunc = call_as_func,
};

long GetClassObject(const WCHAR_T *name, IComponentBase **object) {
    (void)name;
    *object = calloc(1, sizeof **object);
    if (!*object) return 0;
    (*object)->language_extender.vtable = &vtable;
    return 1;
}

long DestroyObject(IComponentBase **object) {
    free(*object);
    *object = NULL;
    return 0;
}
