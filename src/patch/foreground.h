/* Which patches show the part: those that lie far along the first principal component of the picture's own patch
 * vectors. The rule of AnomalyDINO (Damm et al., WACV 2025) for DINOv2's tokens, whose scale its threshold is made for:
 * a patch is foreground where its coordinate is above 10; where of the central part of the grid (from 20 % to 80 % of
 * both sides) at most 35 % are foreground, the other end of the component is taken, below -10; then the mask is dilated
 * by a 3x3 square and closed by one. A component's sign is chosen so that its largest coordinate is positive. Where
 * nothing at all is foreground, everything is: a picture that is not looked at would be a silent OK. */
#ifndef OKNG_PATCH_FOREGROUND_H
#define OKNG_PATCH_FOREGROUND_H

#include "base/error.h"

/* rows: float32 [height * width, dim], not normalised. mask [height * width]: 1 foreground, 0 background. The bits do
 * not depend on threads. Errors: UNSUPPORTED without LAPACK, MISMATCH where the vectors are not finite, MEMORY. */
okng_status okng_foreground_find(const float *rows, int32_t height, int32_t width, int64_t dim, uint8_t *mask,
                                 okng_error *error);

/* About, of working memory, LAPACK's own among it. */
uint64_t okng_foreground_bytes(int64_t count, int64_t dim);

#endif
