#include "bank/finite.h"

#include <stdatomic.h>

#include "base/parallel.h"

enum { GRAIN = 1024 };

typedef struct job {
    const float *rows;
    int64_t dim;
    _Atomic int64_t bad; /* the lowest found */
} job;

static void find_bad(void *context, int64_t begin, int64_t end, int thread)
{
    (void)thread;
    job *j = context;
    for (int64_t r = begin; r < end; r++) {
        float sum = 0; /* 0 times what is not finite is NaN */
        for (int64_t d = 0; d < j->dim; d++) sum += 0 * j->rows[r * j->dim + d];
        if (sum == 0) continue;
        int64_t bad = atomic_load(&j->bad);
        while (r < bad && !atomic_compare_exchange_weak(&j->bad, &bad, r)) continue;
    }
}

okng_status okng_check_finite(const float *rows, int64_t count, int64_t dim, int64_t first, int threads,
                              okng_error *error)
{
    job j = {.rows = rows, .dim = dim, .bad = count};
    okng_parallel_for(threads, count, GRAIN, find_bad, &j);
    if (j.bad == count) return OKNG_OK;
    return okng_fail(error, OKNG_ERROR_ARGUMENT,
                     "row %lld of the vectors holds a value that is not finite; check the weights and the pictures",
                     (long long)(first + j.bad));
}
