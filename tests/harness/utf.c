#include "utf.h"

#include <stdlib.h>
#include <string.h>

size_t utf16_length(const WCHAR_T *text) {
    size_t length = 0;
    while (text[length]) length++;
    return length;
}

WCHAR_T *utf16_from(const char *text) { return utf16_from_bytes(text, strlen(text), NULL); }

WCHAR_T *utf16_from_bytes(const char *text, size_t bytes, size_t *units) {
    const unsigned char *in = (const unsigned char *)text, *end = in + bytes;
    WCHAR_T *result = malloc((bytes + 1) * sizeof *result), *out = result;
    while (in < end) {
        uint32_t character = *in++;
        int more = character >= 0xF0 ? 3 : character >= 0xE0 ? 2 : character >= 0xC0 ? 1 : 0;
        if (more) character &= 0x3Fu >> more;
        while (more-- > 0 && in < end) character = character << 6 | (*in++ & 0x3F);
        if (character >= 0x10000) {
            character -= 0x10000;
            *out++ = (WCHAR_T)(0xD800 + (character >> 10));
            character = 0xDC00 + (character & 0x3FF);
        }
        *out++ = (WCHAR_T)character;
    }
    *out = 0;
    if (units) *units = (size_t)(out - result);
    return result;
}

char *utf8_from(const WCHAR_T *text, size_t units) {
    char *result = malloc(units * 3 + 1), *out = result;
    for (size_t i = 0; i < units; i++) {
        /* Bytewise: the block may lie at an odd address. */
        WCHAR_T unit, low;
        memcpy(&unit, (const char *)text + i * 2, 2);
        uint32_t character = unit;
        if (unit >= 0xD800 && unit < 0xE000) {
            character = 0xFFFD;
            if (unit < 0xDC00 && i + 1 < units) {
                memcpy(&low, (const char *)text + (i + 1) * 2, 2);
                if (low >= 0xDC00 && low < 0xE000) {
                    character = 0x10000 + ((uint32_t)(unit - 0xD800) << 10) + (low - 0xDC00u);
                    i++;
                }
            }
        }
        if (character < 0x80) {
            *out++ = (char)character;
        } else if (character < 0x800) {
            *out++ = (char)(0xC0 | character >> 6);
            *out++ = (char)(0x80 | (character & 0x3F));
        } else if (character < 0x10000) {
            *out++ = (char)(0xE0 | character >> 12);
            *out++ = (char)(0x80 | (character >> 6 & 0x3F));
            *out++ = (char)(0x80 | (character & 0x3F));
        } else {
            *out++ = (char)(0xF0 | character >> 18);
            *out++ = (char)(0x80 | (character >> 12 & 0x3F));
            *out++ = (char)(0x80 | (character >> 6 & 0x3F));
            *out++ = (char)(0x80 | (character & 0x3F));
        }
    }
    *out = 0;
    return result;
}
