/* winclip.safetensors: what a bank of the method winclip holds. Rows have length 1. Tensors, little endian:
 *   text       F32 [2, E]           prototypes of good and of bad parts
 *   windows<k> F32 [views * n, E]   of each scale k, n windows of each view of a good picture; where there are any
 *   patches    F32 [views * P, W]   P patches of each; where there are any */
#ifndef OKNG_WINCLIP_WINCLIP_FILE_H
#define OKNG_WINCLIP_WINCLIP_FILE_H

#include "tensor/weights.h"
#include "winclip/memory.h"

#define OKNG_WINCLIP_FILE "winclip.safetensors"

/* Same numbers, same bytes. prototypes: [2, E]. Errors: IO, MEMORY. */
okng_status okng_winclip_file_write(const char *path, const okng_view_plan *plan, const float *prototypes,
                                    const okng_winclip_memory *memory, okng_error *error);

/* Takes both out of an opened file, checked: shapes, types, rows of length 1. prototypes: [2, E] of the caller's;
 * `memory` is the caller's to free, and zeroed on failure; views: as many as the bank says. Errors: NOT_FOUND (a
 * tensor), FORMAT, MEMORY. */
okng_status okng_winclip_file_read(const okng_weights *file, const okng_view_plan *plan, int64_t views,
                                   float *prototypes, okng_winclip_memory *memory, okng_error *error);

#endif
