/* Sizes, shapes and types as people read them. */
#include <stdio.h>

#include "cli.h"

const char *okng_cli_size_text(uint64_t bytes, char *text, size_t size)
{
    static const char *const units[] = {N_("bytes"), "KiB", "MiB", "GiB", "TiB"};
    double value = (double)bytes;
    size_t unit = 0;
    for (; value >= 1024 && unit < 4; unit++) value /= 1024;
    (void)snprintf(text, size, unit == 0 ? "%.0f %s" : "%.1f %s", value, okng_translate(units[unit]));
    return text;
}

const char *okng_cli_shape_text(int32_t dims, const int64_t *shape, char *text, size_t size)
{
    size_t used = 1;
    (void)snprintf(text, size, "[");
    for (int32_t i = 0; i < dims && used < size; i++) {
        int more = snprintf(text + used, size - used, "%s%lld", i > 0 ? ", " : "", (long long)shape[i]);
        used += more > 0 ? (size_t)more : 0;
    }
    if (used < size) (void)snprintf(text + used, size - used, "]");
    return text;
}

const char *okng_cli_dtype_name(okng_dtype dtype)
{
    static const char *const names[] = {"float32", "float64", "float16", "bfloat16", "int64",
                                        "int32",   "int16",   "int8",    "uint8",    "bool"};
    size_t index = (size_t)dtype;
    return index < sizeof names / sizeof names[0] ? names[index] : "?";
}
