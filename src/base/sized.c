#include "base/sized.h"

#include <string.h>

static size_t size_of(const void *given)
{
    size_t size;
    memcpy(&size, given, sizeof size);
    return size;
}

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

okng_status okng_sized_check(const void *given, const char *what, okng_error *error)
{
    OKNG_TRY(okng_need(given, what, error));
    if (size_of(given) >= sizeof(size_t)) return OKNG_OK;
    return okng_fail(error, OKNG_ERROR_ARGUMENT, "%s: not initialised: struct_size is %zu; see okng_init", what,
                     size_of(given));
}

okng_status okng_sized_take(void *full, size_t size, const void *given, const char *what, okng_error *error)
{
    OKNG_TRY(okng_sized_check(given, what, error));
    memcpy(full, given, smaller(size, size_of(given)));
    memcpy(full, &size, sizeof size);
    return OKNG_OK;
}

okng_status okng_sized_give(void *given, const void *full, size_t size, const char *what, okng_error *error)
{
    OKNG_TRY(okng_sized_check(given, what, error));
    const size_t theirs = size_of(given);
    memset(given, 0, theirs);
    memcpy(given, full, smaller(size, theirs));
    memcpy(given, &theirs, sizeof theirs);
    return OKNG_OK;
}

void okng_init_sized(void *given, size_t size)
{
    if (!given || size < sizeof size) return;
    memset(given, 0, size);
    memcpy(given, &size, sizeof size);
}
