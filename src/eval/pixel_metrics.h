/* Pixel metrics of a set of anomaly maps; the accumulator and its functions are public: okng/okng.h.
 *
 * A map's bytes are not kept: of a pixel's score, two bytes go into one of 65536 bins (the other two are the bin's
 * number), so what is held is half of the maps. A bin's scores are counted, not sorted, one bin at a time. */
#ifndef OKNG_EVAL_PIXEL_METRICS_H
#define OKNG_EVAL_PIXEL_METRICS_H

#include "eval/curve.h"
#include "eval/evidence.h"

/* Kinds of bad pictures that are told apart for sPRO (spro.h); all other figures are of all of them together. */
enum { OKNG_PIXEL_KINDS = 2 };

/* okng_pixel_metrics_add of a bad picture of a kind; okng_pixel_metrics_add has kind 0. */
okng_status okng_pixel_metrics_add_kind(okng_pixel_metrics *metrics, int kind, const float *map, const uint8_t *mask,
                                        int32_t height, int32_t width, okng_error *error);

/* Where pixels of one kind are missing there is no figure and the curves are empty. */
typedef struct okng_pixel_figures {
    uint64_t good, bad, left_out; /* pixels; left out: NaN */
    uint64_t regions;             /* 8-connected regions of the masks */
    okng_evidence evidence;       /* figures.h makes the figures of it */
    okng_curve roc;               /* x: false-positive rate, y: true-positive rate, of pixels */
    okng_curve pro;               /* x: false-positive rate of pixels, y: mean overlap of the regions */
} okng_pixel_figures;

/* Once, after the last map was added; nothing can be added then. Errors: MEMORY, LIMIT. */
okng_status okng_pixel_metrics_figures(okng_pixel_metrics *metrics, okng_pixel_figures *figures, okng_error *error);

#endif
