#include "net/clip.h"
#include "winclip/model.h"

/* Multiply-adds x 2 of the blocks for one row of `tokens` tokens: four linear maps of a token, W to 3 W, W to W, W to 4
 * W and back, and both products of attention. */
static double blocks_flops(const okng_clip_shape *shape, int32_t blocks, double tokens)
{
    const double width = shape->width;
    return blocks * (2 * tokens * 12 * width * width + 2 * 2 * tokens * tokens * width);
}

/* As a picture that is one tile: positions as they are in the file, whatever the input. */
okng_status okng_winclip_cost(const char *backbone, const okng_view_plan *plan, okng_network_cost *cost,
                              okng_error *error)
{
    okng_clip_shape shape;
    OKNG_TRY(okng_clip_shape_of(backbone, &shape, error));
    const int64_t width = shape.width, side = shape.side, embedding = shape.embedding;
    const int64_t pixels = 3 * (int64_t)shape.patch * shape.patch;
    const double patches = (double)plan->grid.rows * plan->grid.columns, readout = 2.0 * (double)(width * embedding);
    cost->parameters = pixels * width + width + (side * side + 1) * width + 4 * width +
                       shape.layers * (12 * width * width + 13 * width) + width * embedding;
    cost->flops = 2 * patches * (double)(pixels * width) + blocks_flops(&shape, shape.layers, 1 + patches) + readout;
    const int32_t blocks = plan->kind == OKNG_WINDOWS_MASKED ? 1 : shape.layers;
    for (int32_t s = 0; s < plan->scale_count; s++)
        cost->flops += (double)okng_windows_count(plan->grid, plan->scales[s]) *
                       (blocks_flops(&shape, blocks, 1 + (double)plan->scales[s] * plan->scales[s]) + readout);
    return OKNG_OK;
}
