/* UTF-8 for people, UTF-16 for 1C. Results are allocated with malloc. */
#ifndef HARNESS_UTF_H
#define HARNESS_UTF_H

#include "obmen.h"

#include <stddef.h>

/* Number of units of a NUL-terminated text. */
size_t utf16_length(const WCHAR_T *text);
/* NUL-terminated UTF-16 of a NUL-terminated UTF-8 text. */
WCHAR_T *utf16_from(const char *text);
/* The same of `bytes` bytes, which may hold NUL; `units` receives the number of units without the terminator. */
WCHAR_T *utf16_from_bytes(const char *text, size_t bytes, size_t *units);
/* NUL-terminated UTF-8 of `units` units; a lone surrogate becomes U+FFFD. */
char *utf8_from(const WCHAR_T *text, size_t units);

#endif
