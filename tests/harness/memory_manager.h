/* The host's memory manager, which watches how an add-in treats it. */
#ifndef HARNESS_MEMORY_MANAGER_H
#define HARNESS_MEMORY_MANAGER_H

#include "obmen.h"
#include "platform.h"

enum failure_form {
    FAIL_WITH_FALSE,     /* false, the pointer set to null */
    FAIL_WITH_NULL,      /* true, but the pointer is null */
    FAIL_WITHOUT_A_WORD, /* false, the pointer left as it was */
};

typedef struct memory_block memory_block;

typedef struct memory_manager {
    IMemoryManager interface; /* first: this is what the add-in gets */
    platform_mutex *mutex;
    memory_block *buckets[1024];  /* live blocks by address */
    memory_block *freed[256];     /* the last freed blocks, kept filled to see late writes and second frees */
    size_t freed_next;
    size_t live, live_bytes, allocations, frees;
    long fail_after;              /* so many allocations succeed, the others fail; negative: all succeed */
    enum failure_form failure;
    bool odd_addresses;           /* blocks at addresses divisible by 2 and not by 4 */
    bool keep_pointer;            /* FreeMemory does not set the pointer to null */
    size_t violations;            /* of the rules; each is told on stderr */
} memory_manager;

memory_manager *memory_manager_new(void);
/* Checks all guards once more, counts what was not freed as a violation, and frees everything. Returns the number
   of violations. */
size_t memory_manager_free(memory_manager *memory);

/* Allocates as the host itself does for texts that it passes in. */
void *memory_allocate(memory_manager *memory, size_t bytes);
/* Frees what the add-in allocated. */
void memory_release(memory_manager *memory, void *block);
/* Size of a live block, 0 if it is not one. */
size_t memory_size(memory_manager *memory, const void *block);
/* Looks at the guards of all live and recently freed blocks. */
void memory_check(memory_manager *memory);

#endif
