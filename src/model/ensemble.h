/* Several banks of any methods that score a picture together, as patchcore-inspection's ensembles do: each member's
 * scores and maps are brought to 0..1 by their range over a set of pictures, then averaged. On disk an ensemble is a
 * folder with ensemble.json (the members in order, their ranges where they are known), tau.json and one bank folder per
 * member. Private to model/; others see an okng_model. */
#ifndef OKNG_MODEL_ENSEMBLE_H
#define OKNG_MODEL_ENSEMBLE_H

#include "bank/ensemble_file.h"
#include "model/member.h"

typedef struct okng_ensemble {
    okng_ensemble_file file;
    okng_member *members[OKNG_ENSEMBLE_MAX]; /* [file.count] */
    okng_tau tau;
} okng_ensemble;

/* Of `overrides` weights are for the members whose they are. Errors: as okng_bank_open; FORMAT of an
 * ensemble inside an ensemble, MISMATCH where members look at different sizes. */
okng_status okng_ensemble_open(okng_ensemble **out, const okng_bank_source *from, const okng_overrides *overrides,
                               okng_error *error);
void okng_ensemble_close(okng_ensemble **ensemble);

/* An okng_inspect_fn; `ensemble` is an okng_ensemble. ARGUMENT where it has no ranges. */
okng_status okng_ensemble_inspect(void *ensemble, const okng_image *rgb, int threads, okng_scored *scored,
                                  okng_error *error);

/* As okng_method.express; `ensemble` is an okng_ensemble that has ranges. */
okng_status okng_ensemble_express(void *ensemble, okng_program *program, okng_program_value picture,
                                  okng_program_value *score, okng_program_value *map, okng_error *error);

/* Whether one resize serves all members. Errors: UNSUPPORTED where their interpolations differ. */
okng_status okng_ensemble_check_resize(const okng_ensemble *ensemble, okng_error *error);

/* Takes the members' ranges over `pictures` (at least two, which must not all score alike), the maps' at the network's
 * input size: over the pictures of a test set exactly what patchcore-inspection normalises by. Replaces ranges that
 * were stored. Before any other thread scores with this ensemble. `ticker`: the stage "ranges", may be NULL. Errors:
 * those of scoring, ARGUMENT, CANCELLED. */
okng_status okng_ensemble_set_ranges_from(okng_ensemble *ensemble, const okng_pictures *pictures, int threads,
                                          okng_ticker *ticker, okng_error *error);

#endif
