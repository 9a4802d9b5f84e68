/* What a count says of a rate: exact intervals, that hold for any rate and any number, however small. */
#ifndef OKNG_EVAL_PROPORTION_H
#define OKNG_EVAL_PROPORTION_H

#include <stdint.h>

typedef struct okng_interval {
    double low, high;
} okng_interval;

/* The interval of Clopper and Pearson ("The use of confidence or fiducial limits", Biometrika 1934) for a rate, of
 * which `hits` of `count` were seen: it holds the true rate with a probability of at least `confidence` (0..1). Of
 * nothing seen at all it is 0..1. hits <= count. */
okng_interval okng_proportion_interval(uint64_t hits, uint64_t count, double confidence);

/* Regularised incomplete beta function I_x(a, b) of 0 <= x <= 1, a > 0, b > 0. */
double okng_incomplete_beta(double a, double b, double x);

#endif
