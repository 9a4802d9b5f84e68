/* Runs that write results into one folder at once: what each has claimed there. */
#ifndef OKNG_INSPECT_CLAIMS_H
#define OKNG_INSPECT_CLAIMS_H

#include "base/file.h"

/* A run has a lock of its own in the folder until it ends, .results.csv.okng-run-N, which lists what it claims: all, or
 * names of pictures and of folders of results. A killed run's lock is free, and so is what it claimed. Locks are looked
 * at and made under .results.csv.okng-lock, the gate, which is held for moments. */
typedef struct okng_claims {
    okng_lock gate, run;
    const char *out; /* borrowed, the folder */
} okng_claims;

/* Closes the gate; claims nothing yet. `alone`: BUSY where any other run is at work in the folder; else where one is
 * that must be alone. Removes what killed runs left. okng_claims_end must follow, on failure too. Errors: BUSY, which
 * says who; ARGUMENT, IO, MEMORY. */
okng_status okng_claims_begin(okng_claims *claims, const char *out, bool alone, okng_error *error);
/* Claims `names` [count] and opens the gate; all for 0. BUSY where another run has claimed one of them. */
okng_status okng_claims_take(okng_claims *claims, const char *const *names, size_t count, okng_error *error);
/* Closes the gate again, for the moment of writing what all share. BUSY where somebody removed the run's lock. */
okng_status okng_claims_return(okng_claims *claims, okng_error *error);
void okng_claims_end(okng_claims *claims); /* gives all back */

#endif
