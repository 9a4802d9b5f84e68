#include "engine/onednn/pool.h"

#include <math.h>
#include <stdbool.h>

#include "base/parts.h"

int64_t okng_pool_lines(const okng_pool_map *map)
{
    return map->pictures * map->out_height;
}

/* out = max(out, from), NaN where one is NaN. */
static void take_larger(const float *restrict from, float *restrict out, int64_t count)
{
    for (int64_t i = 0; i < count; i++) {
        const float x = from[i], most = out[i];
        const bool keeps = (most >= x) | (most != most); /* without a branch */
        out[i] = keeps ? most : x;
    }
}

void okng_pool_line(const okng_pool_map *map, int64_t index, const float *src, float *out)
{
    const int64_t channels = map->channels, top = index % map->out_height * map->stride[0] - map->padding[0];
    const float *picture = src + index / map->out_height * map->height * map->width * channels;
    out += index * map->out_width * channels;
    for (int64_t ox = 0; ox < map->out_width; ox++, out += channels) {
        const int64_t left = ox * map->stride[1] - map->padding[1];
        const int64_t below = okng_smaller(top + map->kernel[0], map->height),
                      right = okng_smaller(left + map->kernel[1], map->width);
        for (int64_t c = 0; c < channels; c++) out[c] = -INFINITY;
        for (int64_t y = okng_larger(top, 0); y < below; y++)
            for (int64_t x = okng_larger(left, 0); x < right; x++)
                take_larger(picture + (y * map->width + x) * channels, out, channels);
    }
}
