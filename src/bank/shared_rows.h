/* Rows that are spread over several processes, each of which has neighbours: what bank/ does with them together. All
 * functions are called by every rank at once, with the same arguments but for the rows that are here. */
#ifndef OKNG_BANK_SHARED_ROWS_H
#define OKNG_BANK_SHARED_ROWS_H

#include "base/progress.h"
#include "base/ranks.h"

typedef struct okng_shared_rows {
    const okng_ranks *ranks;
    const float *data; /* [count, dim], those that are here; NULL where a sampler looks at none */
    int64_t first;     /* number of the first one among all */
    int64_t count, dim;
    int64_t total; /* on all ranks */
} okng_shared_rows;

/* Finds out `first` and `total` of rows of which `count` are here. Errors: those of the ranks. */
okng_status okng_shared_rows_open(okng_shared_rows *rows, const okng_ranks *ranks, const float *data, int64_t count,
                                  int64_t dim, okng_error *error);

/* Copies row `number`, one of those that are here. */
typedef okng_status (*okng_copy_row_fn)(const void *context, int64_t number, float *row, okng_error *error);
/* out[i] = row index[i], [count, dim], of whichever rank has it, of all of which `rows` says who has what; its data are
 * not looked at. Errors: those of `copy`; MEMORY. */
okng_status okng_shared_rows_gather(const okng_shared_rows *rows, const int64_t *index, int64_t count,
                                    okng_copy_row_fn copy, const void *context, float *out, okng_error *error);

/* An okng_copy_row_fn of an okng_shared_rows, out of its data. */
okng_status okng_shared_rows_copy(const void *rows, int64_t number, float *row, okng_error *error);

/* okng_sampler_pick over the rows of all ranks, whose numbers the picks are: those that one process would pick. The
 * greedy samplers exchange the best few rows of every rank for some hundred picks at a time. Errors: as there. */
okng_status okng_sampler_pick_shared(const okng_build_options *options, const okng_shared_rows *rows, int64_t count,
                                     okng_ticker *ticker, int64_t *picks, okng_error *error);

/* okng_pick_farthest over the rows of all ranks; ceiling [rows->count] or NULL. */
okng_status okng_pick_farthest_shared(const okng_shared_rows *rows, const float *ceiling, int64_t first, int64_t count,
                                      int threads, okng_ticker *ticker, int64_t *picks, okng_error *error);

#endif
