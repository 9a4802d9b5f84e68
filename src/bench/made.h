/* Inputs for those who bring none: the same on every machine. */
#ifndef OKNG_BENCH_MADE_H
#define OKNG_BENCH_MADE_H

#include "base/progress.h"
#include "image/image.h"
#include "net/graph.h"

/* Float32 [count, dim] as features look: 64 clusters in a space of 24 dimensions, and a little noise in all; or
 * standard normal noise alone. Rows of different `part` follow the same distribution and are not the same. */
okng_status okng_made_rows(okng_array **rows, int64_t count, int64_t dim, bool noise, uint64_t part, okng_error *error);

/* Weights for a graph, drawn so that activations keep their size. *bytes (malloc'd) must outlive the weights. */
okng_status okng_made_weights(okng_weights **out, void **bytes, const okng_graph *graph, okng_error *error);

/* A folder of its own below $TMPDIR (else /tmp) for what a measurement writes; remove it with okng_scratch_remove,
 * which takes everything in it away. A zeroed one is fine. */
typedef struct okng_scratch {
    char path[OKNG_PATH_MAX];
} okng_scratch;
okng_status okng_scratch_new(okng_scratch *scratch, okng_error *error);
void okng_scratch_remove(okng_scratch *scratch);

/* Draws `count` good parts of a product of the demo, 256 x 256, as JPEG into `scratch`; *folder gets where, malloc'd.
 */
okng_status okng_made_pictures(const okng_scratch *scratch, int count, char **folder, okng_error *error);
enum { OKNG_MADE_PICTURES = 12 }; /* enough for a bank */

#endif
