/* Saturated per-region overlap (sPRO), by which MVTec LOCO AD measures whether defects are found where they are.
 *
 * Each mask of a picture is one defect, whatever its shape, and masks may overlap. A defect counts as found whole once
 * `saturation` of its pixels are found: overlap = min(pixels found, saturation) / saturation. The curve draws the mean
 * over the defects of a kind against the share of false alarms among all pixels that are in no mask, of the good
 * pictures and those of the kind; its area up to a limit is divided by the limit. Every distinct score is a threshold.
 */
#ifndef OKNG_EVAL_SPRO_H
#define OKNG_EVAL_SPRO_H

#include "eval/pixel_metrics.h"

enum { OKNG_SPRO_LIMITS = 5 };
/* Of the rate of false alarms; the last is all of it. */
static const double okng_spro_limits[OKNG_SPRO_LIMITS] = {0.01, 0.05, 0.1, 0.3, 1};

typedef struct okng_spro_defect {
    const uint8_t *mask; /* [height, width], not 0 where it is */
    uint64_t saturation; /* pixels of the picture, at least 1 */
} okng_spro_defect;

typedef struct okng_spro okng_spro;
okng_status okng_spro_new(okng_spro **out, okng_error *error);
void okng_spro_free(okng_spro **spro);

/* Adds the defects of a picture of kind 0..OKNG_PIXEL_KINDS - 1, whose map is added to the pixel metrics as one of that
 * kind (okng_pixel_metrics_add_kind). Pixels without a score (NaN) are never found. Any number of threads may add.
 * Errors: MEMORY. */
okng_status okng_spro_add(okng_spro *spro, int kind, const float *map, size_t pixels, const okng_spro_defect *defects,
                          size_t count, okng_error *error);

/* The areas of one kind, NaN where it has no defect or there is no pixel without one. `pixels` has not been finished:
 * its figures release what this reads. Errors: MEMORY. */
okng_status okng_spro_areas(const okng_spro *spro, const okng_pixel_metrics *pixels, int kind,
                            double areas[OKNG_SPRO_LIMITS], okng_error *error);

#endif
