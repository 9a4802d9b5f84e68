/* A model and the file of numbers beside it, as both formats write them. Shared by export/ and deploy/. */
#ifndef OKNG_EXPORT_MODEL_FILES_H
#define OKNG_EXPORT_MODEL_FILES_H

#include <stdbool.h>
#include <stdint.h>

#include "base/file.h"
#include "tensor/array.h"

/* `count` elements as they are, at any alignment; with `half` float32 as float16. A failure stays in the stream. */
void okng_export_put_numbers(FILE *stream, const void *data, okng_dtype dtype, uint64_t count, bool half);

/* Whether all that was written has reached the file. */
bool okng_export_is_whole(FILE *stream);

/* Commits both, or aborts both. The numbers go to their place before the model that reads them. An old model goes first
 * of all, as with the new numbers it would be read and be none, but not before both new files are known to fit on the
 * disk. Errors: IO, those of okng_writer_commit. */
okng_status okng_export_commit_both(okng_writer *model, okng_writer *numbers, okng_error *error);

#endif
