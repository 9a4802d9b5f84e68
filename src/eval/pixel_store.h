/* What stands behind the public accumulator of anomaly maps. */
#ifndef OKNG_EVAL_PIXEL_STORE_H
#define OKNG_EVAL_PIXEL_STORE_H

#include <pthread.h>

#include "base/error.h"
#include "eval/score_bins.h"

struct okng_pixel_metrics {
    okng_pro_mode pro_mode;
    int32_t threads;

    pthread_mutex_t mutex; /* guards all below */
    okng_score_bins good, bad;
    uint64_t good_count, bad_count; /* in the bins */
    uint64_t seen;                  /* pixels of all maps, NaN among them */
    uint64_t maps, regions;
    float lowest, highest; /* of all scores; known where pro_mode is STEPS */
    bool finished;
    bool broken; /* memory ran out in the middle of a map */
};

#endif
