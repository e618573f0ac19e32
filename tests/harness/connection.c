#include "connection.h"

#include "utf.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static connection *enter(void *self, const char *what) {
    connection *host = self;
    platform_lock(host->mutex);
    if (host->closed) {
        host->late_calls++;
        fprintf(stderr, "connection: %s after Done\n", what);
    }
    return host;
}

static char *text_of(const WCHAR_T *text) { return text ? utf8_from(text, utf16_length(text)) : strdup("(null)"); }

static bool OBMEN_CALL AddError(IAddInDefBase *self, unsigned short wcode, const WCHAR_T *source,
                                const WCHAR_T *text, long scode) {
    connection *host = enter(self, "AddError");
    host->errors = realloc(host->errors, (host->error_count + 1) * sizeof *host->errors);
    host->errors[host->error_count++] = (told_error){wcode, scode, text_of(source), text_of(text)};
    platform_unlock(host->mutex);
    return true;
}

static bool OBMEN_CALL Read(IAddInDefBase *self, WCHAR_T *name, struct tVariant *value, long *error, WCHAR_T **text) {
    (void)name, (void)value, (void)error, (void)text;
    platform_unlock(enter(self, "Read")->mutex);
    return false;
}

static bool OBMEN_CALL Write(IAddInDefBase *self, WCHAR_T *name, struct tVariant *value) {
    (void)name, (void)value;
    platform_unlock(enter(self, "Write")->mutex);
    return false;
}

static bool OBMEN_CALL RegisterProfileAs(IAddInDefBase *self, WCHAR_T *name) {
    (void)name;
    platform_unlock(enter(self, "RegisterProfileAs")->mutex);
    return false;
}

static bool OBMEN_CALL SetEventBufferDepth(IAddInDefBase *self, long depth) {
    connection *host = enter(self, "SetEventBufferDepth");
    host->event_depth = depth;
    platform_unlock(host->mutex);
    return true;
}

static long OBMEN_CALL GetEventBufferDepth(IAddInDefBase *self) {
    connection *host = enter(self, "GetEventBufferDepth");
    long depth = host->event_depth;
    platform_unlock(host->mutex);
    return depth;
}

static bool OBMEN_CALL ExternalEvent(IAddInDefBase *self, WCHAR_T *source, WCHAR_T *message, WCHAR_T *data) {
    connection *host = enter(self, "ExternalEvent");
    bool taken = !host->refuses_events;
    if (taken) {
        host->events = realloc(host->events, (host->event_count + 1) * sizeof *host->events);
        told_event *event = &host->events[host->event_count++];
        *event = (told_event){text_of(source), text_of(message), text_of(data)};
        if (host->on_event) host->on_event(host, event);
    }
    platform_unlock(host->mutex);
    return taken;
}

static void OBMEN_CALL CleanEventBuffer(IAddInDefBase *self) {
    platform_unlock(enter(self, "CleanEventBuffer")->mutex);
}

static bool OBMEN_CALL SetStatusLine(IAddInDefBase *self, WCHAR_T *text) {
    connection *host = enter(self, "SetStatusLine");
    free(host->status);
    host->status = text_of(text);
    host->status_count++;
    platform_unlock(host->mutex);
    return true;
}

static void OBMEN_CALL ResetStatusLine(IAddInDefBase *self) {
    connection *host = enter(self, "ResetStatusLine");
    free(host->status);
    host->status = NULL;
    platform_unlock(host->mutex);
}

/* Interfaces: each object is its vtable pointer. What a C++ host gives is a pointer to an empty base; by the MSVC
   ABI it lies one pointer behind. */
struct platform_info {
    IPlatformInfo interface;
    connection *host;
};

static const struct AppInfo *OBMEN_CALL GetPlatformInfo(IPlatformInfo *self);
static int OBMEN_CALL GetAttachedInfo(IAttachedInfo *self) {
    (void)self;
    return 1;
}
static bool OBMEN_CALL Confirm(IMsgBox *self, const WCHAR_T *text, struct tVariant *answer) {
    (void)self, (void)text, (void)answer;
    return false;
}
static bool OBMEN_CALL Alert(IMsgBox *self, const WCHAR_T *text) {
    (void)self, (void)text;
    return true;
}

static const IPlatformInfoVTable platform_info_vtable = {GetPlatformInfo};
static const IAttachedInfoVTable attached_info_vtable = {GetAttachedInfo};
static const IMsgBoxVTable message_box_vtable = {Confirm, Alert};
static WCHAR_T version[] = {'8', '.', '3', '.', '2', '7', '.', '1', 0};
static WCHAR_T nothing[] = {0};

static const struct AppInfo *OBMEN_CALL GetPlatformInfo(IPlatformInfo *self) {
    /* One for each kind of application, so that several hosts can differ. */
    static AppInfo infos[8];
    connection *host = ((struct platform_info *)self)->host;
    AppInfo *info = &infos[host->application + 1];
    *info = (AppInfo){version, nothing, host->application};
    return info;
}

static void *as_empty_base(void *interface) {
#if defined(_WIN32)
    return (char *)interface + sizeof(void *);
#else
    return interface;
#endif
}

static void *OBMEN_CALL GetInterface(IAddInDefBaseEx *self, Interfaces number) {
    static IAttachedInfo attached = {&attached_info_vtable};
    static IMsgBox message_box = {&message_box_vtable};
    connection *host = enter(self, "GetInterface");
    struct platform_info *info = (struct platform_info *)(host + 1);
    host->interface_requests++;
    bool gives = host->gives_interfaces;
    platform_unlock(host->mutex);
    if (!gives) return NULL;
    switch (number) {
    case INTERFACE_MSG_BOX: return as_empty_base(&message_box);
    case INTERFACE_PLATFORM_INFO: return as_empty_base(info);
    case INTERFACE_ATTACHED_INFO: return as_empty_base(&attached);
    default: return NULL;
    }
}

#if defined(_WIN32)
static void *OBMEN_THISCALL trap(void *self, uint32_t flags) {
    (void)self, (void)flags;
    abort();
}
#define TRAPS .destructor.deleting = trap
#else
static void trap(void *self) {
    (void)self;
    abort();
}
#define TRAPS .destructor.complete = trap, .destructor.deleting = trap
#endif

static const IAddInDefBaseExVTable vtable = {
    .base = {TRAPS, .AddError = AddError, .Read = Read, .Write = Write, .RegisterProfileAs = RegisterProfileAs,
             .SetEventBufferDepth = SetEventBufferDepth, .GetEventBufferDepth = GetEventBufferDepth,
             .ExternalEvent = ExternalEvent, .CleanEventBuffer = CleanEventBuffer, .SetStatusLine = SetStatusLine,
             .ResetStatusLine = ResetStatusLine},
    .GetInterface = GetInterface,
};

connection *connection_new(memory_manager *memory) {
    connection *host = calloc(1, sizeof *host + sizeof(struct platform_info));
    struct platform_info *info = (struct platform_info *)(host + 1);
    host->interface.vtable = &vtable;
    host->mutex = platform_mutex_new();
    host->memory = memory;
    host->application = APPLICATION_SERVER;
    host->gives_interfaces = true;
    host->event_depth = 1;
    info->interface.vtable = &platform_info_vtable;
    info->host = host;
    return host;
}

void connection_forget_errors(connection *host) {
    for (size_t i = 0; i < host->error_count; i++) {
        free(host->errors[i].source);
        free(host->errors[i].text);
    }
    host->error_count = 0;
}

size_t connection_free(connection *host) {
    size_t late = host->late_calls;
    connection_forget_errors(host);
    for (size_t i = 0; i < host->event_count; i++) {
        free(host->events[i].source);
        free(host->events[i].message);
        free(host->events[i].data);
    }
    free(host->errors);
    free(host->events);
    free(host->status);
    platform_mutex_free(host->mutex);
    free(host);
    return late;
}
