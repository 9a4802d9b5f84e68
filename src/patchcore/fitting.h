/* What the steps of fitting a memory bank share; the steps themselves, in order. Private to patchcore/. */
#ifndef OKNG_PATCHCORE_FITTING_H
#define OKNG_PATCHCORE_FITTING_H

#include <pthread.h>
#include <stdatomic.h>

#include "bank/bank_file.h"
#include "bank/knn.h"
#include "bank/projection.h"
#include "bank/store.h"
#include "base/progress.h"
#include "features/ranges.h"

typedef struct okng_fitting {
    const okng_build_options *options;
    const char *const *pictures;
    int64_t picture_count;
    okng_ticker *ticker;
    int threads;

    okng_measured_ranges ranges;
    okng_extractor *extractor;
    okng_extractor *chooser; /* in fp32, for the projections where the bank is of less; NULL where it is not */
    int32_t input_height, input_width, grid_height, grid_width;
    int64_t patches; /* of one picture */
    int64_t dim;

    int64_t *kept; /* [kept_count] patch numbers (picture * patches + patch) that the reservoir keeps; NULL = all */
    int64_t kept_count; /* rows of the store */
    okng_store *store;  /* [kept_count, dim] */
    okng_projector *projector;
    float *projected; /* [kept_count, options->projection] or NULL */

    int64_t bank_count;
    float *bank;     /* [bank_count, dim] */
    int32_t *origin; /* [bank_count] picture that a row came from, -1 = of several (k-means) */

    /* The first failing picture decides the error, whatever the number of threads: those before it are still done. */
    pthread_mutex_t mutex;
    _Atomic int64_t end; /* pictures from this one on need not be done any more */
    okng_status status;
    okng_error failure;
} okng_fitting;

okng_status okng_fitting_open(okng_fitting *fitting, const okng_weights *weights, okng_error *error);
void okng_fitting_close(okng_fitting *fitting);

/* fitting_memory.c: what must fit in --max-memory; makes the store and the room for projections. */
okng_status okng_fitting_reserve(okng_fitting *fitting, okng_error *error);
/* fitting_features.c: every picture through the network; kept rows to the store and the projections. */
okng_status okng_fitting_features(okng_fitting *fitting, okng_error *error);
/* fitting_select.c: the coreset, gathered. */
okng_status okng_fitting_select(okng_fitting *fitting, okng_error *error);
/* calibration.c: thresholds from the OK pictures. */
okng_status okng_fitting_calibrate(okng_fitting *fitting, okng_tau *tau, okng_error *error);

/* Kept rows of picture i: store rows first..first+count-1. */
void okng_fitting_rows_of(const okng_fitting *fitting, int64_t picture, int64_t *first, int64_t *count);
/* For loops over pictures in threads: records the failure of one picture and stops at it. */
void okng_fitting_fail(okng_fitting *fitting, int64_t picture, okng_status status, const okng_error *error);
/* Likewise: counts one picture more done and hears whether to go on with the rest. */
void okng_fitting_advance(okng_fitting *fitting);
/* After the loop: what happened. */
okng_status okng_fitting_outcome(const okng_fitting *fitting, okng_error *error);

#endif
