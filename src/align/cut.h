/* A part that was found, cut out of its picture as the template lies, and what is known of it put back. */
#ifndef OKNG_ALIGN_CUT_H
#define OKNG_ALIGN_CUT_H

#include "align/find.h"

/* Of the part's own pixels, [height, width]. A part that is neither turned nor scaled is cut at whole pixels, the
 * nearest, so that its pixels stay what they are; others are sampled bilinearly, beyond the border the border's pixels.
 * Errors: MEMORY. */
okng_status okng_cut_out(const okng_image *picture, const okng_pose *pose, int32_t width, int32_t height,
                         okng_image *out, okng_error *error);

/* Puts scores [height, width] of the part back into those of the picture [picture_height, picture_width]; where that
 * has some already the larger stays, NaN counts as none. */
void okng_put_back(const float *part, int32_t width, int32_t height, const okng_pose *pose, float *picture,
                   int32_t picture_width, int32_t picture_height);

/* A place of the part, in pixels from its upper left corner, in the picture, as okng_cut_out cuts it; and back. */
void okng_place_in_picture(const okng_pose *pose, int32_t width, int32_t height, double i, double j, double *x,
                           double *y);
void okng_place_in_part(const okng_pose *pose, int32_t width, int32_t height, double x, double y, double *i, double *j);

#endif
