/* Windows, built by mingw-w64. */
#include <winsock2.h>
#include <windows.h>

#include "platform.h"
#include "utf.h"

#include <stdlib.h>
#include <tlhelp32.h>

void *platform_load(const char *path) {
    WCHAR_T *wide = utf16_from(path);
    HMODULE library = LoadLibraryW((const wchar_t *)wide);
    free(wide);
    if (!library) fprintf(stderr, "%s: error %lu\n", path, GetLastError());
    return library;
}

void *platform_symbol(void *library, const char *name) { return (void *)GetProcAddress(library, name); }

void platform_unload(void *library) { FreeLibrary(library); }

struct platform_mutex {
    CRITICAL_SECTION section;
};

platform_mutex *platform_mutex_new(void) {
    platform_mutex *mutex = malloc(sizeof *mutex);
    InitializeCriticalSection(&mutex->section);
    return mutex;
}

void platform_mutex_free(platform_mutex *mutex) {
    DeleteCriticalSection(&mutex->section);
    free(mutex);
}

void platform_lock(platform_mutex *mutex) { EnterCriticalSection(&mutex->section); }

void platform_unlock(platform_mutex *mutex) { LeaveCriticalSection(&mutex->section); }

struct platform_thread {
    HANDLE thread;
    void (*body)(void *);
    void *argument;
};

static DWORD WINAPI run_thread(void *given) {
    platform_thread *thread = given;
    thread->body(thread->argument);
    return 0;
}

platform_thread *platform_thread_start(void (*body)(void *), void *argument) {
    platform_thread *thread = malloc(sizeof *thread);
    thread->body = body;
    thread->argument = argument;
    thread->thread = CreateThread(NULL, 0, run_thread, thread, 0, NULL);
    if (!thread->thread) abort();
    return thread;
}

void platform_thread_join(platform_thread *thread) {
    WaitForSingleObject(thread->thread, INFINITE);
    CloseHandle(thread->thread);
    free(thread);
}

void platform_sleep(int milliseconds) { Sleep((DWORD)milliseconds); }

double platform_now(void) {
    LARGE_INTEGER count, frequency;
    QueryPerformanceCounter(&count);
    QueryPerformanceFrequency(&frequency);
    return (double)count.QuadPart * 1000 / (double)frequency.QuadPart;
}

static size_t page_size(void) {
    SYSTEM_INFO info;
    GetSystemInfo(&info);
    return info.dwPageSize;
}

static size_t whole_pages(size_t bytes) { return (bytes + page_size() - 1) / page_size() * page_size(); }

void *platform_guarded(size_t bytes) {
    size_t body = whole_pages(bytes);
    DWORD old;
    char *memory = VirtualAlloc(NULL, body + page_size(), MEM_COMMIT | MEM_RESERVE, PAGE_READWRITE);
    if (!memory || !VirtualProtect(memory + body, page_size(), PAGE_NOACCESS, &old)) abort();
    return memory + body - bytes;
}

void platform_guarded_free(void *memory, size_t bytes) {
    VirtualFree((char *)memory + bytes - whole_pages(bytes), 0, MEM_RELEASE);
}

int platform_silent_server(void) {
    WSADATA data;
    struct sockaddr_in address = {.sin_family = AF_INET};
    int length = sizeof address;
    if (WSAStartup(MAKEWORD(2, 2), &data) != 0) return 0;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    SOCKET listener = socket(AF_INET, SOCK_STREAM, 0);
    if (listener == INVALID_SOCKET || bind(listener, (struct sockaddr *)&address, length) != 0 ||
        listen(listener, 128) != 0 || getsockname(listener, (struct sockaddr *)&address, &length) != 0)
        return 0;
    return ntohs(address.sin_port);
}

int platform_thread_count(void) {
    HANDLE snapshot = CreateToolhelp32Snapshot(TH32CS_SNAPTHREAD, 0);
    THREADENTRY32 entry = {.dwSize = sizeof entry};
    int count = 0;
    if (snapshot == INVALID_HANDLE_VALUE) return -1;
    for (BOOL more = Thread32First(snapshot, &entry); more; more = Thread32Next(snapshot, &entry))
        if (entry.th32OwnerProcessID == GetCurrentProcessId()) count++;
    CloseHandle(snapshot);
    return count;
}

long platform_peak_memory(void) { return -1; }

void platform_utf8_console(void) { SetConsoleOutputCP(CP_UTF8); }

FILE *platform_open(const char *path) {
    WCHAR_T *wide = utf16_from(path);
    FILE *file = _wfopen((const wchar_t *)wide, L"rb");
    free(wide);
    return file;
}
