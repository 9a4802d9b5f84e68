/* The areas that a bank leaves out, and their file: OKNG_BANK_IGNORED_FILE. */
#ifndef OKNG_METHOD_IGNORED_FILE_H
#define OKNG_METHOD_IGNORED_FILE_H

#include "bank/bank_file.h"
#include "features/ignored.h"

/* Those of an opened bank, which becomes bank->config.ignored and is the caller's to free after the bank; NULL where it
 * leaves nothing out. Errors: FORMAT where the file does not hold what okng_ignored_save writes; MEMORY. */
okng_status okng_ignored_of_bank(okng_ignored **out, okng_bank_file *bank, okng_error *error);
/* Of the file itself, with `count` runs. Errors: likewise. */
okng_status okng_ignored_read(okng_ignored **out, const okng_weights *file, int64_t count, okng_error *error);
/* Writes config->ignored into `folder` and puts the file into config->data; nothing where it is NULL. Tensors: "size"
 * int32 [2], height and width of the mask, and "runs" int32 [count, 3]. Errors: those of writing. */
okng_status okng_ignored_save(okng_bank_config *config, const char *folder, okng_error *error);

#endif
