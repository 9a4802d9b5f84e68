/* The inside of an ensemble. Private to patchcore/; other modules see an okng_patchcore. */
#ifndef OKNG_PATCHCORE_ENSEMBLE_MODEL_H
#define OKNG_PATCHCORE_ENSEMBLE_MODEL_H

#include "patchcore/ensemble.h"

typedef struct okng_ensemble okng_ensemble;

/* Fills `file` with what the ensemble looks like from outside. *out is to be closed on failure too. */
okng_status okng_ensemble_open(okng_ensemble **out, const char *folder, const char *weights, okng_bank_file *file,
                               okng_error *error);
void okng_ensemble_close(okng_ensemble **ensemble);
const okng_ensemble_file *okng_ensemble_describe(const okng_ensemble *ensemble);
/* Rows, bytes, parameters and flops of all members; the rest is the first one's. */
okng_status okng_ensemble_info(okng_ensemble *ensemble, okng_model_info *info, okng_error *error);
okng_status okng_ensemble_score(okng_ensemble *ensemble, const okng_image *rgb, int threads, okng_scored *scored,
                                okng_error *error);
okng_status okng_ensemble_set_ranges_from(okng_ensemble *ensemble, const char *const *pictures, size_t count,
                                          int threads, okng_ticker *ticker, okng_error *error);

#endif
