/* What people look at: heat map, mask, overlay, side by side. */
#ifndef OKNG_REPORT_REPORT_H
#define OKNG_REPORT_REPORT_H

#include "image/image.h"

/* Scores to grey: `low` is drawn 0, `threshold` 128, all above in the same slope up to 255: two heat maps of one bank
 * can be compared. NaN is drawn as 64 (never seen). map [height, width]. */
okng_status okng_report_heat(const float *map, int32_t height, int32_t width, float low, float threshold,
                             okng_image *grey, okng_error *error);
/* The original with mask pixels tinted red and the outline of every region in full red; pixels that were never seen
 * (NaN in map) are dimmed with a hatch. */
okng_status okng_report_overlay(const okng_image *rgb, const okng_image *mask, const float *map, okng_image *out,
                                okng_error *error);
/* 2x2: reference (scaled to the test picture's size), test; mask, overlay; with a thin gap. */
okng_status okng_report_side_by_side(const okng_image *reference, const okng_image *test, const okng_image *mask,
                                     const okng_image *overlay, okng_image *out, okng_error *error);

#endif
