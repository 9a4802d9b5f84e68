/* What is known while thresholds are tuned. */
#ifndef OKNG_TUNE_TUNING_H
#define OKNG_TUNE_TUNING_H

#include <jansson.h>

#include "inspect/handles.h"
#include "inspect/targets.h"
#include "report/viewer.h"
#include "tune/ladder.h"

/* tune_words.c: what tune.js says, by its keys; ends with a NULL key. */
extern const okng_viewer_word okng_tune_words[];

/* A picture that was given. */
typedef struct okng_tuned {
    const okng_target *target;
    bool bad, inspected;
    float score, pixel; /* of the picture, of its highest pixel */
    double p_value;
    char *why; /* it could not be inspected; owned */
} okng_tuned;

/* Scores of one kind, and the thresholds among them. */
typedef struct okng_tuned_kind {
    float *good, *bad; /* ascending, owned */
    okng_tune_scores scores;
    float in_force, computed, proposed; /* NaN: there is none */
    bool chosen;
    okng_rung rungs[OKNG_RUNGS_MAX];
    size_t rung_count;
} okng_tuned_kind;

typedef struct okng_tuning {
    const char *folder; /* of the bank */
    okng_tune_options options;
    okng_bank bank;
    const okng_tau *tau; /* the bank's */
    okng_targets good, bad;
    okng_tuned *pictures; /* good, then bad */
    size_t count, skipped;
    okng_tuned_kind image, pixel;
    okng_viewer *viewer; /* NULL: no page is asked for */
} okng_tuning;

/* document.c: what was found, as okng_tune gives it; NULL where memory is out. */
json_t *okng_tuning_document(const okng_tuning *tuning, bool written);

/* page.c: tune.html and its pictures. Errors: IO, MEMORY. */
okng_status okng_tuning_page(const okng_tuning *tuning, okng_error *error);

#endif
