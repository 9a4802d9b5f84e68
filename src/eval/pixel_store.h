/* What stands behind the public accumulator of anomaly maps. */
#ifndef OKNG_EVAL_PIXEL_STORE_H
#define OKNG_EVAL_PIXEL_STORE_H

#include <pthread.h>
#include <stdatomic.h>

#include "base/error.h"
#include "eval/pixel_metrics.h"
#include "eval/score_bins.h"

/* A region of a mask, and a picture that has regions. */
typedef struct okng_scored_region {
    uint32_t area; /* pixels with a score */
    uint32_t picture;
} okng_scored_region;

typedef struct okng_bad_picture {
    uint64_t area;                 /* of its regions */
    _Atomic uint64_t found_weight; /* sum of the weights of AUPIMO over their pixels */
} okng_bad_picture;

struct okng_pixel_metrics {
    okng_pro_mode pro_mode;
    int32_t threads;

    pthread_mutex_t mutex;                  /* guards all below */
    okng_score_bins normal, bad;            /* pixels of good pictures, bad ones of bad pictures */
    okng_score_bins good[OKNG_PIXEL_KINDS]; /* good ones of bad pictures, by the picture's kind */
    uint64_t good_count, bad_count;         /* in the bins; good ones are of all pictures */
    uint64_t normal_count;                  /* good ones of good pictures */
    uint64_t normal_size;                   /* of each good picture; 0 = none yet */
    bool normal_differ;                     /* in that */
    okng_scored_region *regions;
    okng_bad_picture *pictures;
    size_t region_count, region_room, picture_count, picture_room;
    uint64_t seen; /* pixels of all maps, NaN among them */
    uint64_t maps, scored_regions;
    float lowest, highest; /* of all scores; known where pro_mode is STEPS */
    bool finished;
    bool broken; /* memory ran out in the middle of a map */
};

#endif
