/* Banks and what is made with them lie apart. */
#ifndef OKNG_BANK_APART_H
#define OKNG_BANK_APART_H

#include "base/error.h"

/* ARGUMENT where a folder `out` that files shall be written to lies in a bank: in `bank` (NULL: none), in the ensemble
 * that it is a member of, or in the folder of any other bank or ensemble, or just below one. What lies there would be
 * in the way of the next build, or take the place of a file of the bank. Links, ".." and other names of the folder are
 * followed; what does not exist yet lies where it would be made. Errors: ARGUMENT, MEMORY, NOT_FOUND and IO (the
 * working folder cannot be told). */
okng_status okng_need_no_bank(const char *out, const char *bank, okng_error *error);

/* ARGUMENT where `folder`, which a bank shall be written to, lies in the folder of another bank or ensemble, however
 * deep: that could not be built anew then. Its own members an ensemble's writer makes itself. Only what okng described
 * counts, for other programs have files called ensemble.json too. Errors: those of okng_need_no_bank. */
okng_status okng_need_no_bank_around(const char *folder, okng_error *error);

#endif
