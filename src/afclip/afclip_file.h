/* afclip.safetensors: what a bank of the methods afclip and miniclip holds, so that it stands alone. Tensors, little
 * endian:
 *   what was learnt, under the names of a checkpoint (learnt.h), F32
 *   text  F32 [2, E]  prototypes of good and of bad parts, of length 1: what the text tower made of the learnt prompt
 *   patches.<block>.<side>  F32 [rows, W]  of good pictures, where there are any: what is remembered behind each block
 *         that is looked at (from 0), of neighbourhoods of 1, 3 and 5 patches to a side; of length 1
 */
#ifndef OKNG_AFCLIP_AFCLIP_FILE_H
#define OKNG_AFCLIP_AFCLIP_FILE_H

#include "afclip/learnt.h"
#include "afclip/memory.h"
#include "afclip/plan.h"

/* Same numbers, same bytes. prototypes: [2, E]. Errors: IO, MEMORY. */
okng_status okng_afclip_file_write(const char *path, const okng_afclip_plan *plan, const okng_afclip_learnt *learnt,
                                   const float *prototypes, const okng_afclip_memory *memory, okng_error *error);
/* Takes out of an opened file, checked: prototypes [2, E] of the caller's, and what is remembered of so many pictures
 * (0: nothing), `rows` rows in each stream; `memory` is the caller's to free, and zeroed on failure. Errors: NOT_FOUND
 * (a tensor), FORMAT, MEMORY. (What was learnt: okng_afclip_learnt_read.) */
okng_status okng_afclip_file_read(const okng_weights *file, const okng_afclip_plan *plan, int64_t pictures,
                                  int64_t rows, float *prototypes, okng_afclip_memory *memory, okng_error *error);

#endif
