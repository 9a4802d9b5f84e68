/* What differs between two banks. Private to grow/. */
#ifndef OKNG_GROW_ALIKE_H
#define OKNG_GROW_ALIKE_H

#include "bank/bank_file.h"

/* An option that two banks have differently. */
typedef struct okng_option_difference {
    const char *name;
    char value[2][4200]; /* of the first and of the second, as text */
} okng_option_difference;

/* The next one from row *row of the table of building on, which becomes the row behind it; false when there is none.
 * Only options that banks record, but for the path of the weights; of those that only some methods read, where both
 * banks' method is one of them. `names`: the options that this method reads. */
bool okng_option_difference_next(const okng_bank_config *first, const okng_bank_config *second,
                                 const char *const *names, size_t *row, okng_option_difference *difference);

/* MISMATCH, naming what differs first, where the banks' networks, inputs or options do, so that their patch vectors or
 * scores are not of one kind. `folders` are for errors. */
okng_status okng_need_alike(const okng_bank_config *first, const okng_bank_config *second, const char *const *names,
                            const char *const folders[2], okng_error *error);

#endif
