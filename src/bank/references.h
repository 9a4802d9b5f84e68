/* Rows of length 1 that are remembered of good pictures, with the group of pictures that each is left out with: what
 * methods of CLIP hold the parts of a picture against. */
#ifndef OKNG_BANK_REFERENCES_H
#define OKNG_BANK_REFERENCES_H

#include "bank/knn_index.h"
#include "tensor/weights.h"

typedef struct okng_reference_rows {
    float *data; /* [count, dim] */
    int64_t count, dim;
    int32_t *origin; /* [count]: the group of pictures that a row is left out with */
    okng_knn_index *index;
} okng_reference_rows;

/* Room for the rows, of group 0. Errors: MEMORY; *rows is zeroed then. */
okng_status okng_references_new(okng_reference_rows *rows, int64_t count, int64_t dim, okng_error *error);
void okng_references_free(okng_reference_rows *rows); /* zeroed is fine; zeroes it */
/* Rows first .. first + count - 1 of that group, from data [count, dim] of length 1. */
void okng_references_put(okng_reference_rows *rows, const float *data, int64_t first, int64_t count, int32_t group);
/* Once all is put in: makes it searchable. Errors: MEMORY. */
okng_status okng_references_seal(okng_reference_rows *rows, int threads, okng_error *error);

/* distances [count]: 1/2 (1 - the largest cosine with any row), at least 0, of queries [count, dim] of length 1; rows
 * of the group `excluded` (-1: none) are passed over, and there are others. A quarter of the squared distance of two
 * such rows, so that what is the same is at 0 exactly. Errors: MEMORY. */
okng_status okng_references_distances(const okng_reference_rows *rows, const float *queries, int64_t count,
                                      int32_t excluded, int threads, float *distances, okng_error *error);

/* What so many rows take, with what searching them prepares, about. */
uint64_t okng_references_bytes(int64_t count, int64_t dim);
/* LIMIT where what that many good pictures leave takes more than options->max_memory: all of it is kept in memory. */
okng_status okng_references_room(const okng_build_options *options, size_t pictures, uint64_t bytes, okng_error *error);

/* Out of a bank's data file: the tensor of that name, float32 [count, dim]. Errors: those of okng_weights_get; FORMAT
 * where it has another shape or type. */
okng_status okng_references_find(const okng_weights *file, const char *name, int64_t count, int64_t dim,
                                 const okng_array **array, okng_error *error);
/* Copies it to `out`. Errors: also FORMAT where a row does not have length 1. */
okng_status okng_references_read(const okng_weights *file, const char *name, int64_t count, int64_t dim, float *out,
                                 okng_error *error);
/* For writing one: float32 rows [count, dim] as an array, which is read alone. */
okng_array okng_references_view(const float *data, int64_t count, int64_t dim);

#endif
