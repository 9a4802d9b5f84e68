/* A flat index that FAISS wrote: the vectors as they are. Format: faiss/impl/index_write.cpp of the FAISS library. */
#ifndef OKNG_IMPORT_FLAT_INDEX_H
#define OKNG_IMPORT_FLAT_INDEX_H

#include "base/error.h"

typedef struct okng_flat_index {
    int64_t count, dim; /* count >= 1; dim 1..65536 */
    float *rows;        /* [count, dim], all finite, malloc'd */
} okng_flat_index;
void okng_flat_index_free(okng_flat_index *index); /* zeroed is fine */

/* Reads the bytes of an index file; `name` is used in errors. UNSUPPORTED (naming it) for another kind of index or
 * metric than flat and L2; FORMAT where a size does not agree with the file's. */
okng_status okng_flat_index_parse(okng_flat_index *index, const uint8_t *data, size_t size, const char *name,
                                  okng_error *error);
okng_status okng_flat_index_read(okng_flat_index *index, const char *path, okng_error *error);

#endif
