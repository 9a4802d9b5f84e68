/* The choice of instruction sets for the whole process. */
#include <stddef.h>
#include <string.h>

#include "base/error.h"
#include "engine/engine.h"
#include "kernels/kernels.h"

okng_status okng_set_cpu(const char *name, okng_error *error)
{
    static const struct {
        const char *name;
        okng_cpu cpu;
    } variants[] = {{"c", OKNG_CPU_C}, {"avx2", OKNG_CPU_AVX2}, {"avx512", OKNG_CPU_AVX512}, {"neon", OKNG_CPU_NEON}};
    OKNG_TRY(okng_need(name, "the name of a CPU variant", error));
    if (strcmp(name, "auto") == 0) {
        if (!okng_kernels_forced()) return OKNG_OK;
        return okng_fail(error, OKNG_ERROR_ARGUMENT, "cpu auto: %s was chosen before", okng_kernels_forced());
    }
    size_t i = 0, count = sizeof variants / sizeof *variants;
    while (i < count && strcmp(variants[i].name, name) != 0) i++;
    if (i == count)
        return okng_fail(error, OKNG_ERROR_ARGUMENT, "cpu: found \"%s\", expected auto, c, avx2, avx512 or neon", name);
    if (!okng_kernels_variant(variants[i].cpu))
        return okng_fail(error, OKNG_ERROR_UNSUPPORTED, "cpu %s: this CPU or this build does not have it; use auto",
                         name);
    if (okng_kernels_force(variants[i].cpu) && okng_engine_limit_cpu(name)) return OKNG_OK;
    return okng_fail(error, OKNG_ERROR_ARGUMENT, "cpu %s: another variant is in use already; choose it first", name);
}
