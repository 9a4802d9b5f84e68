#include "cache/name.h"

#include <string.h>

#include "base/utf8.h"

bool okng_bank_name_is_good(const char *name)
{
    const size_t length = strnlen(name, OKNG_BANK_NAME_MAX + 1);
    if (length == 0 || length > OKNG_BANK_NAME_MAX || name[0] == '.' || name[0] == ' ' || name[length - 1] == ' ')
        return false;
    for (size_t i = 0; i < length; i++) {
        const unsigned char byte = (unsigned char)name[i];
        if (byte < 0x20 || byte == 0x7f || byte == '/' || byte == '\\') return false;
    }
    return okng_utf8_valid(name, length, NULL);
}
