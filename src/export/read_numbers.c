#include "export/read_numbers.h"

bool okng_read_small(const int64_t *values, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (values[i] < 0 || values[i] > INT32_MAX) return false;
    return true;
}

bool okng_read_axis(const okng_program *p, okng_program_value x, int64_t axis, int32_t *out)
{
    const int32_t rank = okng_program_rank(p, x);
    if (axis < 0) axis += rank;
    *out = (int32_t)axis;
    return axis >= 0 && axis < rank;
}
