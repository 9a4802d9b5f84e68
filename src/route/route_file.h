/* What a router keeps in a bank: the embeddings of its good pictures. Private to route/. */
#ifndef OKNG_ROUTE_ROUTE_FILE_H
#define OKNG_ROUTE_ROUTE_FILE_H

#include "bank/bank_file.h"

enum { OKNG_ROUTE_PICTURES_MAX = 64 }; /* good pictures of a bank that are kept, evenly chosen */

/* Vectors of good pictures. Zeroed is none. */
typedef struct okng_route_vectors {
    int64_t count, dim;
    float *values; /* [count, dim], owned */
} okng_route_vectors;

/* Writes OKNG_BANK_ROUTE_FILE into a bank's folder, whole or not at all: tensor "embeddings" float32 [count, dim].
 * Errors: IO, MEMORY. */
okng_status okng_route_write(const okng_route_vectors *vectors, const char *folder, okng_error *error);
/* From a bank's folder or recipe. Errors: NOT_FOUND where it keeps none; FORMAT where it does not hold finite vectors
 * of `dim` dimensions, from 2 to OKNG_ROUTE_PICTURES_MAX; MEMORY. */
okng_status okng_route_read(okng_route_vectors *out, const okng_bank_source *from, int64_t dim, okng_error *error);

#endif
