/* Where a bank lies and what okng puts beside it, all under hidden names of its own. A bank is replaced by an exchange
 * of two names. A file system that has none leaves a moment in which the old bank is at `old` and none at `folder`:
 * whoever opens or builds then, or after a kill in that moment, finds it and puts it back. */
#ifndef OKNG_BANK_PLACE_H
#define OKNG_BANK_PLACE_H

#include "base/file.h"

typedef struct okng_bank_place {
    char *folder;   /* the bank's own folder, not a link to it */
    char *building; /* .NAME.okng-building: one that is being written, or one that was replaced */
    char *old;      /* .NAME.okng-old: one that stepped aside while it is replaced */
    char *lock;     /* .NAME.okng-lock: its writer's */
} okng_bank_place;

/* `given`: as people name it, with slashes at the end or a link to it. NOT_FOUND where a link leads nowhere, LIMIT
 * where the name leaves no room for those beside. */
okng_status okng_bank_place_find(okng_bank_place *place, const char *given, okng_error *error);
void okng_bank_place_free(okng_bank_place *place); /* a zeroed one is fine */

/* With the lock held: puts a bank back that stepped aside for one that never came. */
okng_status okng_bank_place_recover(const okng_bank_place *place, okng_error *error);

/* Calls `read` with the bank's folder as it lies now, again where another bank came into its place meanwhile: `forget`
 * then undoes a read that succeeded. NOT_FOUND where there is no bank; BUSY where it never stays; else what `read`
 * returns. Needs no right to write. */
typedef okng_status okng_bank_read_fn(void *context, const char *folder, okng_error *error);
typedef void okng_bank_forget_fn(void *context);
okng_status okng_bank_read_settled(const char *given, okng_bank_read_fn *read, okng_bank_forget_fn *forget,
                                   void *context, okng_error *error);

#endif
