/* Several banks that score a picture together, as patchcore-inspection's ensembles do: each member's scores and maps
 * are brought to 0..1 by their range over a set of pictures, then averaged. On disk an ensemble is a folder with
 * ensemble.json (the members in order, their ranges where they are known), tau.json and one bank folder per member.
 * okng_patchcore_open takes such a folder like any bank. */
#ifndef OKNG_PATCHCORE_ENSEMBLE_H
#define OKNG_PATCHCORE_ENSEMBLE_H

#include <stdbool.h>

#include "bank/ensemble_file.h"
#include "patchcore/patchcore.h"

/* Banks of an ensemble; 0 = a bank of its own. */
size_t okng_patchcore_member_count(const okng_patchcore *patchcore);

/* Whether pictures can be scored: always but for an ensemble that was imported without OK pictures, which has no ranges
 * until okng_patchcore_set_ranges_from. */
bool okng_patchcore_ready(const okng_patchcore *patchcore);

/* The members and their ranges; NULL for a bank of its own. */
const okng_ensemble_file *okng_patchcore_ensemble(const okng_patchcore *patchcore);

/* Takes the members' ranges over `pictures` (at least two, which must not all score alike), the maps' at the network's
 * input size: over the pictures of a test set exactly what patchcore-inspection normalises by. Replaces ranges that
 * were stored. Nothing for a bank of its own. Before any other thread scores with this handle. `ticker`: the stage
 * "ranges", may be NULL. Errors: those of scoring, ARGUMENT, CANCELLED. */
okng_status okng_patchcore_set_ranges_from(okng_patchcore *patchcore, const char *const *pictures, size_t count,
                                           int threads, okng_ticker *ticker, okng_error *error);

#endif
