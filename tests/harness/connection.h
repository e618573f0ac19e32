/* The host as an add-in sees it: it records what it is told. */
#ifndef HARNESS_CONNECTION_H
#define HARNESS_CONNECTION_H

#include "memory_manager.h"
#include "obmen.h"
#include "platform.h"

typedef struct {
    int wcode;
    long scode;
    char *source, *text;
} told_error;

typedef struct {
    char *source, *message, *data;
} told_event;

typedef struct connection {
    IAddInDefBaseEx interface; /* first: this is what the add-in gets */
    platform_mutex *mutex;
    memory_manager *memory;
    int application;        /* what IPlatformInfo answers: APPLICATION_… */
    bool gives_interfaces;  /* false: GetInterface answers null, as OneScript does */
    bool closed;            /* after Done nobody may call */
    bool refuses_events;    /* ExternalEvent answers false: the queue is full */
    void (*on_event)(struct connection *, const told_event *);
    void *on_event_data;

    told_error *errors;
    told_event *events;
    char *status; /* the text of the status line, null when cleared */
    size_t error_count, event_count, status_count, interface_requests;
    long event_depth;
    size_t late_calls; /* calls after `closed`; each is told on stderr */
} connection;

connection *connection_new(memory_manager *memory);
/* Returns the number of late calls. */
size_t connection_free(connection *connection);
/* Forgets the errors told so far. */
void connection_forget_errors(connection *connection);

#endif
