/* What people choose in tau.json beside what was computed: thresholds in place of the computed ones, a review band, and
 * limits of the regions of a mask.
 * `image` and `pixel` are always the thresholds in force; `computed` keeps the bank's own beside what was `chosen`. */
#ifndef OKNG_BANK_TAU_CHOICE_H
#define OKNG_BANK_TAU_CHOICE_H

#include <jansson.h>

#include "bank/bank_file.h"

/* Fills tau->review, has_review, image_chosen, pixel_chosen, limits and what was computed from the document of `path`,
 * once its thresholds are read. Errors: FORMAT. */
okng_status okng_tau_read_choice(const json_t *document, const char *path, okng_tau *tau, okng_error *error);

/* A change of what is chosen. */
typedef struct okng_tau_change {
    bool reset;         /* first back to what was computed, without a band and limits */
    float image, pixel; /* thresholds; NaN = as it is */
    bool sets_review;   /* the band is `review`, or none where that is NaN */
    float review[2];
    const char *by;                                      /* who or what chose */
    const char *at;                                      /* when, as 2026-11-27T12:00:00Z */
    bool sets_min_area, sets_max_length, sets_max_count; /* those of `limits` hold from now on, or are taken away */
    okng_region_limits limits;                           /* a limit that it has not is taken away */
} okng_tau_change;

/* Changes the document, which is released and becomes NULL where memory is out, see base/json.h. */
void okng_tau_change_document(json_t **document, const okng_tau_change *change);
/* bank_writer.c: the same of the bank, the ensemble or the recipe at `folder`, under the lock of its writers; the file
 * appears whole or not at all. Errors: NOT_FOUND and FORMAT (no bank, a damaged one), BUSY, IO, MEMORY. */
okng_status okng_bank_change_tau(const char *folder, const okng_tau_change *change, okng_error *error);

#endif
