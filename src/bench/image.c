/* Pictures: file to RGB, RGB to the network's input, a map of patch scores back to the picture's size, and parts that
 * are looked for (find.c). */
#include <stdio.h>
#include <stdlib.h>

#include "base/file.h"
#include "base/memory.h"
#include "bench/bench.h"
#include "bench/made.h"
#include "features/anomaly_map.h"
#include "features/preprocess.h"
#include "image/image.h"

enum { MADE_SIDE = 1024, QUALITY = 92, GRID_STEP = 8 };

typedef struct picture {
    const okng_build_options *options;
    const char *path;
    okng_image rgb;
    okng_placement placement;
    float *tensor;                  /* [3, height, width] of the network's input */
    float *scores, *input, *placed; /* the map on the grid, at the input's size, at the picture's */
    int32_t grid_height, grid_width;
} picture;

static okng_status load(const picture *p, okng_image *rgb, okng_error *error)
{
    okng_decoding how = {.max_pixels = p->options->max_pixels, .bit_depth = okng_bits_of(p->options->bit_depth)};
    return okng_image_load_by(rgb, p->path, &how, error);
}

static okng_status decode(void *context, okng_error *error)
{
    const picture *p = context;
    okng_image rgb;
    OKNG_TRY(load(p, &rgb, error));
    okng_image_free(&rgb);
    return OKNG_OK;
}

static okng_status preprocess(void *context, okng_error *error)
{
    picture *p = context;
    return okng_preprocess_image(p->options, &p->placement, &p->rgb, p->tensor, error);
}

static okng_status make_map(void *context, okng_error *error)
{
    picture *p = context;
    okng_map_upsample(p->scores, p->grid_height, p->grid_width, p->input, p->placement.height, p->placement.width);
    OKNG_TRY(okng_map_smooth(p->input, p->placement.height, p->placement.width, p->options->smoothing, error));
    okng_map_place(p->input, &p->placement, p->placed);
    return OKNG_OK;
}

static okng_status open_picture(picture *p, okng_error *error)
{
    OKNG_TRY(load(p, &p->rgb, error));
    OKNG_TRY(okng_placement_of(p->options, p->rgb.width, p->rgb.height, &p->placement, error));
    size_t input = (size_t)p->placement.height * (size_t)p->placement.width;
    size_t pixels = (size_t)p->rgb.height * (size_t)p->rgb.width;
    p->grid_height = (p->placement.height - 1) / GRID_STEP + 1;
    p->grid_width = (p->placement.width - 1) / GRID_STEP + 1;
    size_t grid = (size_t)p->grid_height * (size_t)p->grid_width;
    p->tensor = okng_alloc(input, 3 * sizeof(float));
    p->input = okng_alloc(input, sizeof(float));
    p->placed = okng_alloc(pixels, sizeof(float));
    p->scores = okng_alloc(grid, sizeof(float));
    if (!p->tensor || !p->input || !p->placed || !p->scores) return okng_fail_memory(error, pixels * sizeof(float));
    for (size_t i = 0; i < grid; i++) p->scores[i] = (float)(i % 7);
    return OKNG_OK;
}

static okng_status measure(okng_bench_run *run, picture *p, okng_error *error)
{
    const okng_placement *at = &p->placement;
    double rgb = 3.0 * p->rgb.width * p->rgb.height, tensor = 12.0 * at->width * at->height;
    static const okng_bench_fn parts[] = {decode, preprocess, make_map};
    okng_bench_work works[] = {
        {.stage = "image", .part = "decode", .bytes = rgb, .items = 1, .threads = 1},
        {.stage = "image", .part = "resize", .bytes = rgb + tensor, .items = 1, .threads = 1},
        {.stage = "image", .part = "map", .bytes = rgb / 3 * 4 + tensor / 3, .items = 1, .threads = 1},
    };
    (void)snprintf(works[0].what, sizeof works[0].what, "file to RGB, %d x %d", p->rgb.width, p->rgb.height);
    (void)snprintf(works[1].what, sizeof works[1].what, "RGB to the input, %d x %d", at->width, at->height);
    (void)snprintf(works[2].what, sizeof works[2].what, "%d x %d scores to the picture's map", p->grid_width,
                   p->grid_height);
    for (size_t i = 0; i < sizeof works / sizeof *works; i++)
        OKNG_TRY(okng_bench_time(run, &works[i], parts[i], p, error));
    return OKNG_OK;
}

/* A part of the demo, enlarged, as JPEG. */
static okng_status make_picture(const okng_scratch *scratch, char **path, okng_error *error)
{
    char *good;
    okng_picture_list *list = NULL;
    okng_image small = {0}, large = {0};
    OKNG_TRY(okng_made_pictures(scratch, 1, &good, error));
    okng_status status = okng_picture_list_open(&list, good, error);
    free(good);
    if (status == OKNG_OK)
        status = okng_image_load(&small, okng_picture_list_path(list, 0), OKNG_MAX_PIXELS_DEFAULT, error);
    if (status == OKNG_OK) status = okng_image_resize(&small, MADE_SIDE, MADE_SIDE, OKNG_BICUBIC, &large, error);
    *path = status == OKNG_OK ? okng_path_join(scratch->path, "made.jpg") : NULL;
    if (status == OKNG_OK)
        status = *path ? okng_image_write_jpeg(&large, QUALITY, *path, error) : okng_fail_memory(error, OKNG_PATH_MAX);
    okng_picture_list_free(&list);
    okng_image_free(&small);
    okng_image_free(&large);
    return status;
}

okng_status okng_bench_image(okng_bench_run *run, okng_error *error)
{
    okng_scratch scratch = {0};
    char *made = NULL;
    okng_status status = OKNG_OK;
    if (!run->inputs.pictures) {
        OKNG_TRY(okng_scratch_new(&scratch, error));
        status = make_picture(&scratch, &made, error);
    }
    picture p = {.options = run->options, .path = made ? made : run->inputs.pictures};
    if (status == OKNG_OK) status = open_picture(&p, error);
    if (status == OKNG_OK) status = measure(run, &p, error);
    if (status == OKNG_OK) status = okng_bench_find(run, &p.rgb, error);
    okng_image_free(&p.rgb);
    free(p.tensor);
    free(p.input);
    free(p.placed);
    free(p.scores);
    free(made);
    okng_scratch_remove(&scratch);
    return status;
}
