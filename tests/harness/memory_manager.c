#include "memory_manager.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define GUARD 32
#define GUARD_BYTE 0xC3
#define FRESH_BYTE 0xA5
#define FREED_BYTE 0xDD

struct memory_block {
    memory_block *next;
    size_t bytes;
    size_t number;
    char *start; /* of the block as the add-in sees it; guards lie on both sides */
};

static size_t bucket(const void *start) { return ((size_t)start >> 1) * 2654435761u % 1024; }

static void violation(memory_manager *memory, const char *what, const void *block) {
    memory->violations++;
    fprintf(stderr, "memory: %s: %p\n", what, block);
}

static bool is_filled(const char *bytes, size_t count, unsigned char value) {
    for (size_t i = 0; i < count; i++)
        if ((unsigned char)bytes[i] != value) return false;
    return true;
}

static void check_guards(memory_manager *memory, const memory_block *block) {
    if (!is_filled(block->start - GUARD, GUARD, GUARD_BYTE)) violation(memory, "written before a block", block->start);
    if (!is_filled(block->start + block->bytes, GUARD, GUARD_BYTE))
        violation(memory, "written behind a block", block->start);
}

static void *allocate(memory_manager *memory, size_t bytes) {
    /* Room for the guards and for a start that is divisible by 2 and not by 4, when that is wanted. */
    char *raw = malloc(sizeof(memory_block) + bytes + 2 * GUARD + 2);
    if (!raw) return NULL;
    memory_block *block = (memory_block *)raw;
    block->start = raw + sizeof *block + GUARD + (memory->odd_addresses ? 2 : 0);
    block->bytes = bytes;
    block->number = ++memory->allocations;
    memset(block->start - GUARD, GUARD_BYTE, GUARD);
    memset(block->start, FRESH_BYTE, bytes);
    memset(block->start + bytes, GUARD_BYTE, GUARD);
    memory_block **list = &memory->buckets[bucket(block->start)];
    block->next = *list;
    *list = block;
    memory->live++;
    memory->live_bytes += bytes;
    return block->start;
}

static void forget(memory_manager *memory, memory_block *block) {
    if (!is_filled(block->start, block->bytes, FREED_BYTE)) violation(memory, "written after it was freed", block->start);
    check_guards(memory, block);
    free(block);
}

static void release(memory_manager *memory, void *start) {
    memory_block **link = &memory->buckets[bucket(start)];
    while (*link && (*link)->start != start) link = &(*link)->next;
    memory_block *block = *link;
    if (!block) {
        for (size_t i = 0; i < 256; i++)
            if (memory->freed[i] && memory->freed[i]->start == start) {
                violation(memory, "freed twice", start);
                return;
            }
        violation(memory, "freed, but never allocated here", start);
        return;
    }
    *link = block->next;
    check_guards(memory, block);
    memset(block->start, FREED_BYTE, block->bytes);
    memory->live--;
    memory->live_bytes -= block->bytes;
    memory->frees++;
    memory_block **place = &memory->freed[memory->freed_next++ % 256];
    if (*place) forget(memory, *place);
    *place = block;
}

static bool OBMEN_CALL AllocMemory(IMemoryManager *self, void **pointer, unsigned long bytes) {
    memory_manager *memory = (memory_manager *)self;
    bool success = true;
    platform_lock(memory->mutex);
    if (bytes == 0) violation(memory, "asked for a block of no bytes", pointer);
    if (memory->fail_after == 0 || bytes == 0) {
        success = memory->failure == FAIL_WITH_NULL && bytes != 0;
        if (memory->failure != FAIL_WITHOUT_A_WORD) *pointer = NULL;
    } else {
        if (memory->fail_after > 0) memory->fail_after--;
        *pointer = allocate(memory, bytes);
        success = *pointer != NULL;
    }
    platform_unlock(memory->mutex);
    return success;
}

static void OBMEN_CALL FreeMemory(IMemoryManager *self, void **pointer) {
    memory_manager *memory = (memory_manager *)self;
    platform_lock(memory->mutex);
    if (pointer && *pointer) release(memory, *pointer);
    if (pointer && !memory->keep_pointer) *pointer = NULL;
    platform_unlock(memory->mutex);
}

#if defined(_WIN32)
static void *OBMEN_THISCALL trap_destructor(void *self, uint32_t flags) {
    (void)flags;
    fprintf(stderr, "the add-in destroyed the host's interface %p\n", self);
    abort();
}
static const DestructorSlots traps = {.deleting = trap_destructor};
#else
static void trap_destructor(void *self) {
    fprintf(stderr, "the add-in destroyed the host's interface %p\n", self);
    abort();
}
static const DestructorSlots traps = {.complete = trap_destructor, .deleting = trap_destructor};
#endif

static IMemoryManagerVTable vtable;

memory_manager *memory_manager_new(void) {
    memory_manager *memory = calloc(1, sizeof *memory);
    vtable.destructor = traps;
    vtable.AllocMemory = AllocMemory;
    vtable.FreeMemory = FreeMemory;
    memory->interface.vtable = &vtable;
    memory->mutex = platform_mutex_new();
    memory->fail_after = -1;
    return memory;
}

size_t memory_manager_free(memory_manager *memory) {
    memory_check(memory);
    for (size_t i = 0; i < 1024; i++)
        while (memory->buckets[i]) {
            memory_block *block = memory->buckets[i];
            memory->buckets[i] = block->next;
            fprintf(stderr, "memory: allocation %zu of %zu bytes was never freed\n", block->number, block->bytes);
            memory->violations++;
            free(block);
        }
    for (size_t i = 0; i < 256; i++)
        if (memory->freed[i]) forget(memory, memory->freed[i]);
    size_t violations = memory->violations;
    platform_mutex_free(memory->mutex);
    free(memory);
    return violations;
}

void *memory_allocate(memory_manager *memory, size_t bytes) {
    platform_lock(memory->mutex);
    void *block = allocate(memory, bytes);
    platform_unlock(memory->mutex);
    return block;
}

void memory_release(memory_manager *memory, void *block) {
    if (!block) return;
    platform_lock(memory->mutex);
    release(memory, block);
    platform_unlock(memory->mutex);
}

size_t memory_size(memory_manager *memory, const void *start) {
    size_t bytes = 0;
    platform_lock(memory->mutex);
    for (memory_block *block = memory->buckets[bucket(start)]; block; block = block->next)
        if (block->start == start) bytes = block->bytes;
    platform_unlock(memory->mutex);
    return bytes;
}

void memory_check(memory_manager *memory) {
    platform_lock(memory->mutex);
    for (size_t i = 0; i < 1024; i++)
        for (memory_block *block = memory->buckets[i]; block; block = block->next) check_guards(memory, block);
    for (size_t i = 0; i < 256; i++)
        if (memory->freed[i] && !is_filled(memory->freed[i]->start, memory->freed[i]->bytes, FREED_BYTE))
            violation(memory, "written after it was freed", memory->freed[i]->start);
    platform_unlock(memory->mutex);
}
