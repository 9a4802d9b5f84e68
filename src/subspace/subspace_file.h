/* subspace.safetensors: what a bank of the method subspace holds in place of memory_bank.pt. Tensors, little endian:
 *   sums        I64 [dim + dim (dim + 1) / 2, 2]  low and high half of each okng_fixed, see sums.h
 *   count       I64 [1]                           patch vectors that were summed
 *   kept        I64 [1]                           directions that span the subspace
 *   mean        F64 [dim]
 *   eigenvalues F64 [dim]                         variances along the directions, falling
 *   directions  F32 [dim, dim]                    one per row; the first `kept` span the subspace */
#ifndef OKNG_SUBSPACE_SUBSPACE_FILE_H
#define OKNG_SUBSPACE_SUBSPACE_FILE_H

#include "subspace/directions.h"
#include "tensor/weights.h"

#define OKNG_SUBSPACE_FILE "subspace.safetensors"

/* Same sums and directions, same bytes. Errors: IO, MEMORY. */
okng_status okng_subspace_file_write(const char *path, const okng_sums *sums, const okng_directions *directions,
                                     okng_error *error);

/* Takes the directions out of an opened file, checked: shapes, types, finite numbers, eigenvalues that fall and are not
 * negative, 1 <= kept < dim. `directions` is the caller's to free. Errors: NOT_FOUND (a tensor), FORMAT, MEMORY. */
okng_status okng_subspace_file_directions(okng_directions *directions, const okng_weights *file, int64_t dim,
                                          okng_error *error);
/* The sums, checked: shapes, types, a count of at least 2. `sums` is the caller's to free. Errors: NOT_FOUND,
 * FORMAT, LIMIT (dim), MEMORY. */
okng_status okng_subspace_file_sums(okng_sums *sums, const okng_weights *file, int64_t dim, okng_error *error);

#endif
