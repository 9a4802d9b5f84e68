/* Thresholds from the scores of good pictures. */
#ifndef OKNG_METHOD_THRESHOLDS_H
#define OKNG_METHOD_THRESHOLDS_H

#include "bank/bank_file.h"
#include "base/progress.h"
#include "features/ignored.h"
#include "features/pictures.h"
#include "method/scored.h"

/* Gathers scores and maps. May be shared by threads. */
typedef struct okng_thresholds okng_thresholds;

/* `count` pictures of maps [height, width] will be added, of which what lies under `ignored` (NULL: nothing) does not
 * count. `options` says the quantiles; neither is kept. Errors: MEMORY, those of okng_quantile_new and
 * okng_ignored_unseen. */
okng_status okng_thresholds_new(okng_thresholds **out, const okng_build_options *options, const okng_ignored *ignored,
                                size_t count, int32_t height, int32_t width, okng_error *error);
void okng_thresholds_free(okng_thresholds **thresholds);

/* Picture i < count, once each, in any order: the result does not depend on it. `name` says which it was in the
 * thresholds' file (okng_pictures_relative) and lives until the conclusion; `map` is borrowed. Errors: MISMATCH where a
 * score is not finite. */
okng_status okng_thresholds_add(okng_thresholds *thresholds, size_t i, const char *name, float score, const float *map,
                                okng_error *error);
/* Every rank of those that fit together (okng_ranks_together), which has added `mine` pictures behind those of the
 * ranks before it: all are added everywhere. Errors: those of the ranks; MEMORY. */
okng_status okng_thresholds_gather(okng_thresholds *thresholds, int64_t mine, okng_error *error);
/* Every rank of those that fit together (okng_ranks_together), which has added `mine` pictures behind those of the
 * ranks before it: all are added everywhere, but for the names of those of other ranks, which okng_thresholds_name
 * tells. Errors: those of the ranks. */
okng_status okng_thresholds_gather(okng_thresholds *thresholds, int64_t mine, okng_error *error);
/* The name of picture i, which lives until the conclusion. */
void okng_thresholds_name(okng_thresholds *thresholds, size_t i, const char *name);
/* How odd picture i is beside the others, in a unit of the method's own; after it was added. Where a picture's is not
 * told or not finite, none is kept, and the scores say it. */
void okng_thresholds_doubt(okng_thresholds *thresholds, size_t i, float doubt);
/* Before picture i is added: it is one of the shots of part `group`, 0.. . Parts count once, by their highest shot. */
void okng_thresholds_group(okng_thresholds *thresholds, size_t i, int32_t group);
/* Once all are added: the thresholds, the mean pixel, and the pictures' scores in order with their names (of equal
 * scores the lower i first); *tau owns them. Once. Errors: MEMORY. */
okng_status okng_thresholds_conclude(okng_thresholds *thresholds, okng_tau_basis basis, okng_tau *tau,
                                     okng_error *error);

/* Thresholds from scoring `pictures` (at least one) as new ones are scored. */
typedef struct okng_calibrator {
    okng_inspect_fn inspect;
    void *model;
    const okng_build_options *options; /* of the model */
    const okng_ignored *ignored;       /* likewise; NULL = nothing */
    int32_t height, width;             /* of the network's input */
    int threads;
    okng_tau_basis basis;
} okng_calibrator;
/* `ticker` (may be NULL) hears the stage "calibration". Errors: those of decoding and of `inspect`, naming the picture;
 * MISMATCH, MEMORY, CANCELLED. */
okng_status okng_calibrate(const okng_calibrator *calibrator, const okng_pictures *pictures, okng_ticker *ticker,
                           okng_tau *tau, okng_error *error);

#endif
