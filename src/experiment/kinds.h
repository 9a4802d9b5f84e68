/* Figures of MVTec LOCO, of logical and structural anomalies each by itself, with all good pictures, and their mean:
 * sPRO and the AUROC of pictures. */
#ifndef OKNG_EXPERIMENT_KINDS_H
#define OKNG_EXPERIMENT_KINDS_H

#include "data/saturation.h"
#include "eval/pixel_metrics.h"
#include "experiment/category.h"

typedef struct okng_kinds okng_kinds;
/* `saturations` has to outlive it. */
okng_status okng_kinds_new(okng_kinds **out, const okng_saturations *saturations, okng_error *error);
void okng_kinds_free(okng_kinds **kinds);

/* 0 of logical anomalies and of good pictures, 1 of all others. */
int okng_kind_of(const okng_sample *sample);

/* Adds the defects of a bad picture, a mask each, beside its map [height, width] in full resolution. Any number of
 * threads may add. Errors: FORMAT (a mask of several values, or of one that the file of saturations does not know),
 * those of okng_sample_mask. */
okng_status okng_kinds_add_defects(okng_kinds *kinds, const okng_sample *sample, const float *map, int32_t width,
                                   int32_t height, okng_error *error);

/* The areas under sPRO into their places; before the figures of `pixels` are made. Errors: MEMORY. */
okng_status okng_kinds_pixel_figures(const okng_kinds *kinds, const okng_pixel_metrics *pixels,
                                     double values[OKNG_FIGURES], okng_error *error);
/* The AUROC of the pictures' scores. Errors: MEMORY. */
okng_status okng_kinds_image_figures(const okng_picture_result *pictures, size_t count, double values[OKNG_FIGURES],
                                     okng_error *error);

#endif
