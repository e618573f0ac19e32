/* A host that loads the add-in and uses its objects as 1C does, or as OneScript does. */
#ifndef HARNESS_HOST_H
#define HARNESS_HOST_H

#include "connection.h"
#include "memory_manager.h"
#include "obmen.h"

typedef struct {
    void *handle;
    const WCHAR_T *(*GetClassNames)(void);
    long (*GetClassObject)(const WCHAR_T *, IComponentBase **);
    long (*DestroyObject)(IComponentBase **);
    AppCapabilities (*SetPlatformCapabilities)(AppCapabilities);
    AttachType (*GetAttachType)(void);
} library;

/* Loads the library and finds its exports. Exits with a message when it cannot. */
library library_open(const char *path);
/* As a platform before 8.3.21: nobody calls SetPlatformCapabilities and GetAttachType. */
library library_open_old(const char *path);
void library_close(library *library);

/* How an object comes into being and how it is used. Zeroed: as 1C on a server. */
typedef struct {
    bool init_first;         /* Init before setMemManager */
    bool onescript;          /* no language, no interfaces, false results ignored, freed by C++ delete */
    bool odd_addresses;      /* of the memory manager */
    int application;         /* APPLICATION_…; 0 is the thin client, see `client` */
    bool client;             /* take `application`, otherwise a server */
    const char *language;    /* for SetUserInterfaceLanguageCode; null: "ru" */
} object_options;

typedef struct {
    library *library;
    IComponentBase *component;
    memory_manager *memory;
    connection *connection;
    object_options options;
} object;

/* Makes an object of a class; exits with a message when it cannot. */
object *object_new(library *library, const char *class_name, object_options options);
/* Ends and frees it as its options say; returns the number of rules that the add-in broke. */
size_t object_free(object *object);
/* The same in two steps, so that a test may look between them. */
void object_done(object *object);
void object_destroy(object *object);
size_t object_close(object *object);

/* The bases of a component, for direct calls: `METHOD(LANGUAGE(o), GetNProps)`. */
#define INIT_DONE(o) (&(o)->component->init_done)
#define LANGUAGE(o) (&(o)->component->language_extender)
#define METHOD(base, name, ...) ((base)->vtable->name((base), ##__VA_ARGS__))

long object_find_property(object *object, const char *name);
long object_find_method(object *object, const char *name);

/* Arguments. A text is a block of the host's memory; variant_free frees it. */
tVariant variant_empty(void);
tVariant variant_integer(int32_t value);
tVariant variant_real(double value);
tVariant variant_boolean(bool value);
tVariant variant_text(object *object, const char *utf8);
tVariant variant_text_bytes(object *object, const char *utf8, size_t bytes);
tVariant variant_blob(object *object, const void *data, size_t bytes);
void variant_free(object *object, tVariant *variant);
/* UTF-8 of a text, to be freed with free(); null for anything else. */
char *variant_utf8(const tVariant *variant);

/* Reads and writes a property, calls a method, by name. Omitted trailing arguments get their defaults as in 1C;
   the arguments are freed. False: it failed, and why stands in the connection's errors. */
bool object_get(object *object, const char *name, tVariant *value);
bool object_set(object *object, const char *name, tVariant value);
bool object_call(object *object, const char *name, tVariant *result, int count, tVariant *arguments);

/* Shorter: the value as UTF-8, to be freed; null when it failed or is no text. */
char *object_get_text(object *object, const char *name);
bool object_set_text(object *object, const char *name, const char *value);

#endif
