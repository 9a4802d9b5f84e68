#include "align/pyramid.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/parallel.h"

enum { SMALLEST_SIDE = 4, ROWS_AT_A_TIME = 32 };

typedef struct job {
    const okng_image *image;
    const okng_level *from;
    okng_level *to;
} job;

/* Pillow's convert("L"): in 16 bits below the point, rounded. */
static void grey_rows(void *context, int64_t begin, int64_t end, int thread)
{
    const job *j = context;
    const size_t width = (size_t)j->to->width;
    (void)thread;
    for (size_t y = (size_t)begin; y < (size_t)end; y++) {
        const uint8_t *in = j->image->pixels + y * width * (size_t)j->image->channels;
        uint8_t *out = j->to->pixels + y * width;
        if (j->image->channels == 1)
            memcpy(out, in, width);
        else
            for (size_t x = 0; x < width; x++, in += 3)
                out[x] = (uint8_t)((in[0] * 19595u + in[1] * 38470u + in[2] * 7471u + 0x8000u) >> 16);
    }
}

static void halve_rows(void *context, int64_t begin, int64_t end, int thread)
{
    const job *j = context;
    const size_t width = (size_t)j->to->width, stride = (size_t)j->from->width;
    (void)thread;
    for (size_t y = (size_t)begin; y < (size_t)end; y++) {
        const uint8_t *upper = j->from->pixels + 2 * y * stride, *lower = upper + stride;
        uint8_t *out = j->to->pixels + y * width;
        for (size_t x = 0; x < width; x++)
            out[x] = (uint8_t)((upper[2 * x] + upper[2 * x + 1] + lower[2 * x] + lower[2 * x + 1] + 2) >> 2);
    }
}

static okng_status add_level(okng_pyramid *out, int32_t width, int32_t height, okng_error *error)
{
    okng_level *level = &out->levels[out->count];
    const size_t bytes = (size_t)width * (size_t)height;
    level->pixels = okng_alloc(bytes, 1);
    if (!level->pixels) return okng_fail_memory(error, bytes);
    level->width = width;
    level->height = height;
    out->count++;
    return OKNG_OK;
}

okng_status okng_pyramid_build(okng_pyramid *out, const okng_image *image, int32_t levels, int threads,
                               okng_error *error)
{
    job j = {.image = image};
    *out = (okng_pyramid){0};
    OKNG_TRY(add_level(out, image->width, image->height, error));
    j.to = &out->levels[0];
    okng_parallel_for(threads, image->height, ROWS_AT_A_TIME, grey_rows, &j);
    while (out->count < levels && out->count < OKNG_PYRAMID_LEVELS) {
        j.from = &out->levels[out->count - 1];
        if (j.from->width < 2 * SMALLEST_SIDE || j.from->height < 2 * SMALLEST_SIDE) break;
        OKNG_TRY(add_level(out, j.from->width / 2, j.from->height / 2, error));
        j.to = &out->levels[out->count - 1];
        okng_parallel_for(threads, j.to->height, ROWS_AT_A_TIME, halve_rows, &j);
    }
    return OKNG_OK;
}

void okng_pyramid_free(okng_pyramid *pyramid)
{
    for (int32_t i = 0; i < pyramid->count; i++) free(pyramid->levels[i].pixels);
    *pyramid = (okng_pyramid){0};
}
