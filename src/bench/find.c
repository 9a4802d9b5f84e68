/* A part of a picture that is looked for in another, from RGB to its place. */
#include <stdio.h>

#include "align/find.h"
#include "bench/bench.h"

enum { WIDTH = 1600, HEIGHT = 1250, PART_WIDTH = 400, PART_HEIGHT = 300, SHIFT = 37 };

typedef struct looked_for {
    okng_image picture;
    okng_template part;
    okng_search search;
    int threads;
} looked_for;

static okng_status find(void *context, okng_error *error)
{
    const looked_for *l = context;
    okng_pyramid pyramid = {0};
    okng_match match;
    okng_status status = okng_pyramid_build(&pyramid, &l->picture, OKNG_PYRAMID_LEVELS, l->threads, error);
    if (status == OKNG_OK) status = okng_find(&l->part, &pyramid, &l->search, l->threads, &match, error);
    okng_pyramid_free(&pyramid);
    return status;
}

/* The template is cut a little off the middle of `picture`, enlarged to two megapixels. */
static okng_status prepare(looked_for *l, const okng_image *picture, okng_error *error)
{
    okng_image part = {0};
    OKNG_TRY(okng_image_resize(picture, WIDTH, HEIGHT, OKNG_BICUBIC, &l->picture, error));
    okng_status status = okng_image_crop(&l->picture, (WIDTH - PART_WIDTH) / 2 + SHIFT,
                                         (HEIGHT - PART_HEIGHT) / 2 - SHIFT, PART_WIDTH, PART_HEIGHT, &part, error);
    if (status == OKNG_OK) status = okng_template_make(&l->part, &part, l->threads, error);
    okng_image_free(&part);
    return status;
}

okng_status okng_bench_find(okng_bench_run *run, const okng_image *picture, okng_error *error)
{
    looked_for l = {.threads = run->threads};
    /* Each pixel of RGB is read once, each of the pyramid's, 4/3 of the picture's, written once. */
    okng_bench_work work = {.stage = "image", .bytes = (3 + 4.0 / 3) * WIDTH * HEIGHT, .items = 1};
    okng_status status = prepare(&l, picture, error);
    for (int turned = 0; turned < 2 && status == OKNG_OK; turned++) {
        l.search = (okng_search){.rotation = turned ? 10 : 0, .scale_low = 1, .scale_high = 1};
        work.part = turned ? "find turned" : "find";
        (void)snprintf(work.what, sizeof work.what, "%d x %d in %d x %d%s", PART_WIDTH, PART_HEIGHT, WIDTH, HEIGHT,
                       turned ? ", +-10 degrees" : "");
        status = okng_bench_time(run, &work, find, &l, error);
    }
    okng_template_free(&l.part);
    okng_image_free(&l.picture);
    return status;
}
