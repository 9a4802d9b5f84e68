/* A coreset of rows in memory, as the options of building say. */
#ifndef OKNG_BANK_CORESET_H
#define OKNG_BANK_CORESET_H

#include "base/error.h"
#include "base/progress.h"

/* picks [okng_sampler_count]: which of rows [n, dim] are kept, in the order picked. The greedy samplers work in a
 * random projection where options->projection asks for one; of k-means' centres it is the row nearest to each. The
 * result does not depend on options->threads. Errors: those of okng_sampler_pick, okng_kmeans, okng_projector_new;
 * MEMORY. */
okng_status okng_coreset_pick(const okng_build_options *options, const float *rows, int64_t n, int64_t dim,
                              okng_ticker *ticker, int64_t *picks, okng_error *error);

#endif
