/* What a bank of patchcore holds, found in its files. Private to patchcore/. */
#ifndef OKNG_PATCHCORE_PATCHCORE_FILE_H
#define OKNG_PATCHCORE_PATCHCORE_FILE_H

#include "bank/bank_file.h"
#include "patchcore/sources.h"

/* Out of an opened bank. The rows are its own; the sources the caller's, NULL where it has none. Errors: FORMAT where a
 * file does not hold what its configuration says; MEMORY. */
okng_status okng_patchcore_find_rows(const okng_bank_file *bank, const float **out, okng_error *error);
okng_status okng_patchcore_find_sources(okng_sources **out, const okng_bank_file *bank, okng_error *error);

#endif
