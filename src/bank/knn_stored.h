/* An index as tensors, so that what took a while to prepare can be kept beside the rows. */
#ifndef OKNG_BANK_KNN_STORED_H
#define OKNG_BANK_KNN_STORED_H

#include "bank/knn_index.h"
#include "tensor/weights.h"

enum { OKNG_KNN_ARRAYS = 8, OKNG_KNN_NUMBERS = 13 };

/* Its arrays under their names, which are borrowed from the index. */
typedef struct okng_knn_stored {
    okng_named_array arrays[OKNG_KNN_ARRAYS]; /* [count] */
    size_t count;                             /* 0: there is nothing worth keeping */
    okng_array views[OKNG_KNN_ARRAYS];
    double numbers[OKNG_KNN_NUMBERS];
} okng_knn_stored;

/* *stored must stay where it is. Nothing is kept of rows that are searched plainly, nor where some have no outline. */
void okng_knn_index_store(const okng_knn_index *index, okng_knn_stored *stored);

/* The index of the rows from such tensors, whose data is borrowed as the rows are. *out is NULL where they are of a
 * form that this machine does not use (kernels/screen.h): the index is to be made anew then.
 * Every number that a bound is made of is checked, so that no file can make the search read beyond its arrays; whether
 * the codes are those of the rows is not. Errors: FORMAT, NOT_FOUND; those of okng_weights_get; MEMORY. */
okng_status okng_knn_index_restore(okng_knn_index **out, const okng_rows *rows, const okng_weights *stored, int threads,
                                   okng_error *error);

#endif
