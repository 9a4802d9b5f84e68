/* Max pooling of float32 maps with channels last, line by line of the result. */
#ifndef OKNG_ENGINE_ONEDNN_POOL_H
#define OKNG_ENGINE_ONEDNN_POOL_H

#include <stdint.h>

typedef struct okng_pool_map {
    int64_t pictures, height, width, channels; /* of the source, [pictures, height, width, channels] */
    int64_t out_height, out_width;             /* of the result, likewise */
    int64_t kernel[2], stride[2], padding[2];  /* height, width; what lies outside is not looked at */
} okng_pool_map;

/* Lines of results, and line number `index`: the largest number of each window, NaN where one is NaN. */
int64_t okng_pool_lines(const okng_pool_map *map);
void okng_pool_line(const okng_pool_map *map, int64_t index, const float *src, float *out);

#endif
