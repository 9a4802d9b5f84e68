/* What people look at: heat map, mask, overlay, side by side. */
#ifndef OKNG_REPORT_REPORT_H
#define OKNG_REPORT_REPORT_H

#include "image/image.h"

/* Scores to grey: `low` is drawn 0, `threshold` 128, all above in the same slope up to 255: two heat maps of one bank
 * can be compared. NaN is drawn as 64 (never seen). map [height, width]. */
okng_status okng_report_heat(const float *map, int32_t height, int32_t width, float low, float threshold,
                             okng_image *grey, okng_error *error);
/* The same in colours, a table whose lightness rises evenly: grey `g` of above is okng_report_heat_rgb(g). What was
 * never seen is grey. */
okng_status okng_report_heat_colour(const float *map, int32_t height, int32_t width, float low, float threshold,
                                    okng_image *rgb, okng_error *error);
void okng_report_heat_rgb(uint8_t grey, uint8_t rgb[3]);
/* NG is red, REVIEW and NOT_FOUND amber, what an OK picture has above the pixel threshold blue: three that are told
 * apart by every kind of colour vision. RGB. */
const uint8_t *okng_report_verdict_colour(okng_verdict verdict);
/* The original with mask pixels tinted (not by OUTLINE) and the outline of every region in full colour (not by FILL);
 * pixels that were never seen (NaN in map) are dimmed with a hatch. */
okng_status okng_report_overlay(const okng_image *rgb, const okng_image *mask, const float *map, okng_overlay look,
                                const uint8_t colour[3], okng_image *out, okng_error *error);
/* Text in a corner of a picture, white on a dark ground of the colour: the corner in which it hides least of the mask,
 * the top left of equals. Letters are those of verdicts and numbers; '=' is drawn as "at most". Left out where the
 * picture is too small for it. Errors: MEMORY. */
okng_status okng_report_label(okng_image *rgb, const okng_image *mask, const char *text, const uint8_t colour[3],
                              okng_error *error);
/* The outline of a mask of the truth, in green, over a picture of the same size. */
okng_status okng_report_truth(const okng_image *rgb, const okng_image *truth, okng_image *out, okng_error *error);
/* 2x2: reference (scaled to the test picture's size), test; mask, overlay; with a thin gap. */
okng_status okng_report_side_by_side(const okng_image *reference, const okng_image *test, const okng_image *mask,
                                     const okng_image *overlay, okng_image *out, okng_error *error);

#endif
