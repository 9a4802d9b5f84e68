/* Thresholds tried on scores of good and of bad pictures. */
#ifndef OKNG_TUNE_LADDER_H
#define OKNG_TUNE_LADDER_H

#include <stdbool.h>

#include "base/error.h"
#include "okng/experimental.h"

/* Scores of pictures, ascending. */
typedef struct okng_tune_scores {
    const float *good, *bad;
    size_t good_count, bad_count;
} okng_tune_scores;

/* How many have a score above the threshold. */
size_t okng_tune_above(const float *scores, size_t count, float threshold);

/* Part of the good pictures that the rule OKNG_TUNE_BALANCED lets be false alarms. */
#define OKNG_TUNE_FALSE_ALARMS 0.05

/* The threshold that a rule takes. `computed`: the bank's own; NaN where it has none. Where several thresholds do
 * equally well it is that one if it is among them, else one of the nearest stretch of those between two scores: above
 * its lower end by half of what that end is above the median good score, at most its middle.
 * Errors: ARGUMENT where the rule needs good or bad pictures that are not there. */
okng_status okng_tune_propose(const okng_tune_scores *scores, okng_tune_rule rule, double rate, float computed,
                              float *threshold, okng_error *error);

/* A threshold and what it would do. */
typedef struct okng_rung {
    float threshold;
    size_t found, false_alarms; /* bad and good pictures above it */
    bool in_force, computed, proposed;
} okng_rung;
enum { OKNG_RUNGS_MAX = 24 };

/* Thresholds from the lowest to the highest: those that let a round part of the good pictures be false alarms, those
 * that find a round part of the bad ones, and the three that have a name (NaN: there is none). Of several that do the
 * same the first named one, else the highest, is listed. Returns how many. */
size_t okng_tune_ladder(const okng_tune_scores *scores, float in_force, float computed, float proposed,
                        okng_rung rungs[OKNG_RUNGS_MAX]);

#endif
