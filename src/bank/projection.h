/* Random projections for coreset selection: distances survive (Johnson-Lindenstrauss), bytes shrink. */
#ifndef OKNG_BANK_PROJECTION_H
#define OKNG_BANK_PROJECTION_H

#include "base/error.h"

/* Immutable; may be shared by threads. */
typedef struct okng_projector okng_projector;

/* `dim` to `target` dimensions. Gaussian: dense, entries normal with variance 1 / target. Sparse (Achlioptas; Li):
 * density 1 / sqrt(dim), entries +-sqrt(1 / (density * target)). The matrix depends on kind, sizes and seed alone. */
okng_status okng_projector_new(okng_projector **out, okng_projection kind, int64_t dim, int64_t target, uint64_t seed,
                               okng_error *error);
void okng_projector_free(okng_projector **projector);
/* rows [count, dim] to out [count, target]; each row's result depends on that row alone. */
void okng_projector_run(const okng_projector *projector, const float *rows, int64_t count, float *out, int threads);

#endif
