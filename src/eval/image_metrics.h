/* How well scores tell bad from good: exact figures over a list of scores. */
#ifndef OKNG_EVAL_IMAGE_METRICS_H
#define OKNG_EVAL_IMAGE_METRICS_H

#include "eval/curve.h"

/* A score of NaN is left out. Where good or bad scores are missing all figures are NaN and the curve is empty. */
typedef struct okng_image_metrics {
    size_t good, bad, left_out;
    double auroc;           /* P(bad scores higher than good), a tie counting half */
    double ap;              /* average precision: sum over the distinct scores of precision * recall gained */
    double f1max;           /* largest F1 over "bad is a score of at least t", t each distinct score */
    double f1max_threshold; /* that t; of several the highest */
    okng_curve roc;         /* every distinct score where there is room */
} okng_image_metrics;

/* bad[i] != 0: scores[i] belongs to a bad one. Errors: MEMORY. */
okng_status okng_image_metrics_compute(const double *scores, const uint8_t *bad, size_t count,
                                       okng_image_metrics *metrics, okng_error *error);

#endif
