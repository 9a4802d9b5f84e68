/* Learned position embeddings at another grid than the one they were trained on, as PyTorch's bicubic and bilinear
 * interpolation give them. */
#ifndef OKNG_NET_POSITIONS_H
#define OKNG_NET_POSITIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "okng/experimental.h"

/* How the weights' home code resamples. Two kernels exist in torch.nn.functional.interpolate and they differ in more
 * than the antialias:
 *   antialias   Keys' cubic with a = -0.5, widened where the grid shrinks; what lies outside is left out;
 *   without     a = -0.75, never widened; the border is repeated.
 * timm (layers/pos_embed.py), open_clip and DINOv2 with registers: antialias, offset 0. DINOv2 without registers
 * (interpolate_offset in models/vision_transformer.py): no antialias, and samples lie as if the new grid had 0.1
 * patches more along each side. TinyCLIP: no antialias, corners aligned. AF-CLIP: bilinear, no antialias. */
typedef struct okng_position_rule {
    int32_t side; /* of the trained grid, which is a square */
    bool antialias;
    double offset;      /* added to the new grid's sides where samples are placed; 0 with antialias */
    bool align_corners; /* the outermost samples are the outermost of the trained grid; without antialias */
    bool bilinear;      /* without antialias */
} okng_position_rule;

/* table: float32 [side * side, width] -> out: float32 [grid_height * grid_width, width], both row by row of the grid.
 * The trained grid comes back as it is. The same bits for any number of threads. Fails with MEMORY alone. */
okng_status okng_positions_resample(const okng_position_rule *rule, const float *table, int64_t width,
                                    int64_t grid_height, int64_t grid_width, int threads, float *out,
                                    okng_error *error);

#endif
