/* Banks that change their name, go to the bin, come back, or go for good. The bin lies in the banks folder
 * (.okng-bin/ID), so that a bank comes and goes in one rename. */
#ifndef OKNG_SERVE_BANK_BIN_H
#define OKNG_SERVE_BANK_BIN_H

#include "base/json.h"
#include "cache/disk.h"
#include "serve/folders.h"

/* That `name` can be that of a new bank: no folder and no recipe bears it. ARGUMENT, MISMATCH. */
okng_status okng_bank_need_free(const char *folder, const char *name, okng_error *error);

/* All errors: ARGUMENT (names), NOT_FOUND, BUSY (somebody builds or changes the bank now), IO, MEMORY; MISMATCH where a
 * bank of the new name is there. `folder` is the real path of the banks folder. Leases stay as they are. */
okng_status okng_bank_rename(const char *folder, const char *name, const char *to, okng_error *error);
/* Into the bin; `id` gets what it is called there. `by`: who did so. */
okng_status okng_bank_discard(const char *folder, const char *name, const char *by, char id[OKNG_ID_TEXT],
                              okng_error *error);
/* Out of it, under the name that it had; `name` gets that. */
okng_status okng_bank_restore(const char *folder, const char *id, char name[OKNG_BANK_NAME_MAX + 1], okng_error *error);
/* For good; `name` gets what it was called. */
okng_status okng_bank_destroy(const char *folder, const char *id, char name[OKNG_BANK_NAME_MAX + 1], okng_error *error);
/* What is in it, the last first: [{"id", "name", "time", "by", "bytes"}]. */
okng_status okng_bank_bin_list(const char *folder, json_t **list, okng_error *error);

#endif
