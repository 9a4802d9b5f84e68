#include "base/utf8.h"

#include <stdint.h>
#include <string.h>

size_t okng_utf8_length(const void *text, size_t size)
{
    const uint8_t *bytes = text;
    if (size == 0) return 0;
    if (bytes[0] < 0x80) return 1;
    if (bytes[0] < 0xc2 || bytes[0] > 0xf4) return 0;
    size_t length = bytes[0] >= 0xf0 ? 4 : bytes[0] >= 0xe0 ? 3 : 2;
    if (length > size) return 0;
    for (size_t i = 1; i < length; i++)
        if ((bytes[i] & 0xc0) != 0x80) return 0;
    /* Longer than need be, half of a UTF-16 pair, beyond the last character. */
    if (bytes[0] == 0xe0 && bytes[1] < 0xa0) return 0;
    if (bytes[0] == 0xed && bytes[1] > 0x9f) return 0;
    if (bytes[0] == 0xf0 && bytes[1] < 0x90) return 0;
    if (bytes[0] == 0xf4 && bytes[1] > 0x8f) return 0;
    return length;
}

bool okng_utf8_valid(const void *text, size_t size, size_t *at)
{
    for (size_t i = 0; i < size;) {
        size_t length = okng_utf8_length((const char *)text + i, size - i);
        if (length == 0 && at) *at = i;
        if (length == 0) return false;
        i += length;
    }
    return true;
}

int okng_utf8_cut(const char *text, int most)
{
    size_t size = strnlen(text, (size_t)most + 1);
    if (size <= (size_t)most) return (int)size;
    while (most > 0 && ((uint8_t)text[most] & 0xc0) == 0x80) most--;
    return most;
}
