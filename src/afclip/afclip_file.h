/* afclip.safetensors: what a bank of the methods afclip and miniclip holds, so that it stands alone. Tensors, little
 * endian:
 *   what was learnt, under the names of a checkpoint (learnt.h), F32
 *   text  F32 [2, E]  prototypes of good and of bad parts, of length 1: what the text tower made of the learnt prompt
 */
#ifndef OKNG_AFCLIP_AFCLIP_FILE_H
#define OKNG_AFCLIP_AFCLIP_FILE_H

#include "afclip/learnt.h"
#include "afclip/plan.h"

/* Same numbers, same bytes. prototypes: [2, E]. Errors: IO, MEMORY. */
okng_status okng_afclip_file_write(const char *path, const okng_afclip_plan *plan, const okng_afclip_learnt *learnt,
                                   const float *prototypes, okng_error *error);
/* prototypes [2, E] of an opened file, checked. Errors: NOT_FOUND, FORMAT. (What was learnt: okng_afclip_learnt_read.)
 */
okng_status okng_afclip_file_read(const okng_weights *file, const okng_afclip_plan *plan, float *prototypes,
                                  okng_error *error);

#endif
