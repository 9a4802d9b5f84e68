/* Patch scores to an anomaly map at the size of the original picture. */
#ifndef OKNG_FEATURES_ANOMALY_MAP_H
#define OKNG_FEATURES_ANOMALY_MAP_H

#include "features/placement.h"

/* Bilinear with half-pixel centres (torch's interpolate, align_corners off), float32 [h, w] to [out_h, out_w]. */
void okng_map_upsample(const float *in, int32_t h, int32_t w, float *out, int32_t out_h, int32_t out_w);

/* Gaussian of scipy.ndimage.gaussian_filter's defaults: cut at int(4 sigma + 0.5), border "reflect" (half-sample
 * symmetric), in place, float32 between the two passes and double inside each. sigma <= 0 changes nothing. */
okng_status okng_map_smooth(float *map, int32_t height, int32_t width, float sigma, okng_error *error);

/* Both steps along one axis as a matrix, out [size, cells]: the weight of each cell in each pixel of `size` that are
 * upsampled from `cells` and then smoothed by `sigma`. Since both steps are linear and separable, rows' matrix x cells
 * x columns' matrix transposed is the map, but for rounding. Summed in double. Errors: ARGUMENT of the sigma; MEMORY.
 */
okng_status okng_map_matrix(int32_t cells, int32_t size, float sigma, float *out, okng_error *error);

/* Undoes crop and resize: from the network's input size to the original's, bilinear with half-pixel centres. Pixels
 * whose centre lies outside the crop were never seen: NaN. */
void okng_map_place(const float *map, const okng_placement *placement, float *out);

#endif
