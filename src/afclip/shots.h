/* Learning from good pictures: what is remembered of them, and thresholds. Private to afclip/. */
#ifndef OKNG_AFCLIP_SHOTS_H
#define OKNG_AFCLIP_SHOTS_H

#include "afclip/model.h"
#include "bank/tau.h"
#include "base/progress.h"
#include "features/pictures.h"

/* Looks at all pictures (one or more), which `afclip` remembers then, thinned where options->coreset or coreset-size
 * say so, and takes thresholds: each picture is judged by what is remembered of the others, without its own group; *tau
 * stays as it is with calibration train, and is none where all are one group. `report` gets stages. Errors: those of
 * okng_groups_find, okng_afclip_look and okng_thresholds_add, naming the picture; LIMIT (max-memory), CANCELLED,
 * MEMORY. */
okng_status okng_afclip_learn_pictures(okng_afclip *afclip, const okng_bank_config *config,
                                       const okng_pictures *pictures, int threads, okng_ticker *ticker, okng_tau *tau,
                                       okng_build_report *report, okng_error *error);

#endif
