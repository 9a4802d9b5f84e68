#include <stdio.h>
#include <string.h>

#include "program/node.h"

static const int64_t max_elements = (int64_t)1 << 36;

int64_t okng_program_elements(const okng_program_type *type)
{
    int64_t elements = 1;
    for (int32_t i = 0; i < type->rank; i++) {
        const int64_t extent = type->dims[i] == OKNG_ANY ? 1 : type->dims[i];
        if (extent < 1 || extent > max_elements / elements) return -1;
        elements *= extent;
    }
    return elements;
}

const char *okng_program_type_text(const okng_program_type *type, char *text, size_t size)
{
    size_t used = 0;
    if (size == 0) return text;
    text[0] = '\0';
    for (int32_t i = -1; i <= type->rank && used < size; i++) {
        const int64_t extent = i >= 0 && i < type->rank ? type->dims[i] : 0;
        int wrote;
        if (i < 0)
            wrote = snprintf(text, size, "%s [", okng_dtype_name(type->dtype));
        else if (i == type->rank)
            wrote = snprintf(text + used, size - used, "]");
        else if (extent == OKNG_ANY)
            wrote = snprintf(text + used, size - used, "%s?", i ? ", " : "");
        else
            wrote = snprintf(text + used, size - used, "%s%lld", i ? ", " : "", (long long)extent);
        used += wrote > 0 ? (size_t)wrote : 0;
    }
    return text;
}

bool okng_program_type_equal(const okng_program_type *a, const okng_program_type *b)
{
    return a->dtype == b->dtype && a->rank == b->rank &&
           memcmp(a->dims, b->dims, (size_t)a->rank * sizeof *a->dims) == 0;
}

bool okng_program_broadcast(const okng_program_type *a, const okng_program_type *b, okng_program_type *result)
{
    const int32_t rank = a->rank > b->rank ? a->rank : b->rank;
    int64_t dims[OKNG_PROGRAM_RANK_MAX] = {0};
    for (int32_t i = 1; i <= rank; i++) {
        const int64_t x = i <= a->rank ? a->dims[a->rank - i] : 1, y = i <= b->rank ? b->dims[b->rank - i] : 1;
        if (x != y && x != 1 && y != 1) return false;
        dims[rank - i] = x == 1 ? y : x;
    }
    result->rank = rank;
    memcpy(result->dims, dims, sizeof dims);
    return true;
}
