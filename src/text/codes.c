#include "text/codes.h"

#include <unistr.h>

size_t okng_utf8_code(const char *text, size_t size, uint32_t *code)
{
    if ((uint8_t)text[0] < 0x80) {
        *code = (uint8_t)text[0];
        return 1;
    }
    ucs4_t found;
    const int length = u8_mbtouc(&found, (const uint8_t *)text, size);
    *code = found;
    return (size_t)length;
}

void okng_utf8_add(okng_grown *grown, uint32_t code)
{
    uint8_t bytes[6];
    const int length = u8_uctomb(bytes, code, sizeof bytes);
    if (length > 0) (void)okng_grown_add(grown, bytes, (size_t)length);
}

bool okng_is_space(uint32_t code)
{
    return (code >= 0x09 && code <= 0x0d) || (code >= 0x1c && code <= 0x20) || code == 0x85 || code == 0xa0 ||
           code == 0x1680 || (code >= 0x2000 && code <= 0x200a) || code == 0x2028 || code == 0x2029 || code == 0x202f ||
           code == 0x205f || code == 0x3000;
}
