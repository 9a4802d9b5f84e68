/* What the steps of fitting a subspace share; the steps themselves, in order. Private to subspace/. */
#ifndef OKNG_SUBSPACE_FITTING_H
#define OKNG_SUBSPACE_FITTING_H

#include <pthread.h>

#include "features/augment.h"
#include "features/extractor.h"
#include "method/groups.h"
#include "subspace/model.h"

typedef struct okng_subspace_fitting {
    const okng_bank_config *config;
    const okng_build_options *options; /* config's */
    okng_turned_pictures pictures;     /* `turns` copies of each good picture */
    okng_groups groups;                /* of the good pictures */
    okng_ticker *ticker;
    int threads;

    okng_extractor *extractor;
    int32_t grid_height, grid_width;
    int64_t patches, dim; /* of one picture */

    pthread_mutex_t mutex;
    okng_sums sums; /* of all pictures; under the mutex while they are summed */
    okng_directions directions;
} okng_subspace_fitting;

/* fit.c: all of it; see okng_method. */
okng_status okng_subspace_fit(okng_subspace **out, okng_bank_file *bank, const okng_weights *weights,
                              const okng_pictures *pictures, okng_ticker *ticker, okng_build_report *report,
                              okng_error *error);

/* calibration.c: thresholds from the good pictures, each scored by the subspace of the others: its sums, with those of
 * its turned copies, are taken out of all sums again, which is exact, and the directions are found anew. */
okng_status okng_subspace_calibrate(okng_subspace_fitting *fitting, okng_tau *tau, okng_error *error);
/* Bytes that one thread takes for that. */
uint64_t okng_subspace_calibration_bytes(const okng_subspace_fitting *fitting);

#endif
