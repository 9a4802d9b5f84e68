/* What lies in the folder of a bank, by name and kind: nothing else is ever removed with a bank. */
#ifndef OKNG_BANK_CONTENTS_H
#define OKNG_BANK_CONTENTS_H

#include <stdbool.h>

#include "base/error.h"

/* What is expected in a folder. */
typedef struct okng_bank_contents {
    const char *const *data; /* names that data files of a bank may have, NULL at the end */
    bool unfinished;         /* a bank that was being written or removed: any part of it */
} okng_bank_contents;

/* OK where the folder is missing, empty or holds the files of a bank, an ensemble or a bank with regions alone: regular
 * files of their names, in members' folders too, with a description by okng unless unfinished. What file managers leave
 * in every folder, and companions ._NAME of these files, may be there too and go with them. Else ARGUMENT, naming the
 * first that would be lost. A link in place of the folder is not followed. */
okng_status okng_bank_contents_check(const char *folder, okng_bank_contents expected, okng_error *error);

/* Removes what the check lets pass, descriptions first, so that what is left of a bank is never taken for a whole one.
 * A folder that is missing is fine. */
okng_status okng_bank_contents_remove(const char *folder, okng_bank_contents expected, okng_error *error);

/* IO where this process has no right to remove what the check lets pass, or to move the folder away, as in a bank of
 * another user's: says whose and what to do. What it does not find out the removal tells. */
okng_status okng_bank_contents_removable(const char *folder, okng_error *error);

/* Brings all files, folders of members and the folder itself to the disk. */
okng_status okng_bank_contents_flush(const char *folder, okng_error *error);

/* Whether it is a folder with the description of a bank or an ensemble. */
bool okng_bank_contents_whole(const char *folder);

/* Whether that description was written by okng; one that cannot be read was not. Errors: MEMORY. */
okng_status okng_bank_contents_described(const char *folder, bool *described, okng_error *error);

#endif
