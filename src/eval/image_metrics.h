/* How well scores tell bad from good: exact figures over a list of scores. */
#ifndef OKNG_EVAL_IMAGE_METRICS_H
#define OKNG_EVAL_IMAGE_METRICS_H

#include "eval/curve.h"
#include "eval/evidence.h"

/* A score of NaN is left out. Where good or bad scores are missing there is no figure and the curve is empty. */
typedef struct okng_image_metrics {
    size_t good, bad, left_out;
    okng_evidence evidence; /* figures.h makes the figures of it */
    okng_curve roc;         /* every distinct score where there is room */
} okng_image_metrics;

/* bad[i] != 0: scores[i] belongs to a bad one. Errors: MEMORY. */
okng_status okng_image_metrics_compute(const double *scores, const uint8_t *bad, size_t count,
                                       okng_image_metrics *metrics, okng_error *error);

#endif
