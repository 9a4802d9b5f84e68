#include "base/parcel.h"

#include <stdint.h>
#include <string.h>

void okng_parcel_put(okng_grown *parcel, const void *value, size_t size)
{
    (void)okng_grown_add(parcel, value, size);
}

void okng_parcel_put_block(okng_grown *parcel, const void *bytes, size_t size)
{
    const uint64_t length = size;
    okng_parcel_put(parcel, &length, sizeof length);
    if (size > 0) okng_parcel_put(parcel, bytes, size);
}

void okng_parcel_put_text(okng_grown *parcel, const char *text)
{
    okng_parcel_put_block(parcel, text, text ? strlen(text) + 1 : 0);
}

okng_status okng_parcel_packed(const okng_grown *parcel, okng_error *error)
{
    return parcel->wanted == 0 ? OKNG_OK : okng_fail_memory(error, parcel->wanted);
}

void okng_parcel_take(okng_parcel *parcel, void *value, size_t size)
{
    if (parcel->broken || size > parcel->left) {
        parcel->broken = true;
        memset(value, 0, size);
        return;
    }
    memcpy(value, parcel->next, size);
    parcel->next += size;
    parcel->left -= size;
}

const void *okng_parcel_take_block(okng_parcel *parcel, size_t *size)
{
    uint64_t length;
    okng_parcel_take(parcel, &length, sizeof length);
    if (length > parcel->left) parcel->broken = true;
    *size = parcel->broken ? 0 : (size_t)length;
    const char *block = parcel->next;
    if (*size == 0) return NULL;
    parcel->next += *size;
    parcel->left -= *size;
    return block;
}

const char *okng_parcel_take_text(okng_parcel *parcel)
{
    size_t size;
    const char *text = okng_parcel_take_block(parcel, &size);
    if (text && text[size - 1] == '\0') return text;
    if (text) parcel->broken = true;
    return NULL;
}

okng_status okng_parcel_end(const okng_parcel *parcel, okng_error *error)
{
    if (!parcel->broken && parcel->left == 0) return OKNG_OK;
    return okng_fail(error, OKNG_ERROR_FORMAT, "a message from another rank is %s than expected",
                     parcel->broken ? "shorter" : "longer");
}
