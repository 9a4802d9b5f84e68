#include <stdlib.h>

#include "base/memory.h"
#include "base/parallel.h"
#include "patchcore/fitting.h"

/* What one thread owns. */
typedef struct worker {
    okng_extractor_session *session, *chooser;
    float *rows; /* [patches, dim] */
} worker;

typedef struct extraction {
    okng_fitting *fitting;
    worker *workers;
} extraction;

/* Moves the rows that the reservoir keeps to the front. */
static void compact(const okng_fitting *fitting, int64_t picture, int64_t first, int64_t count, float *rows)
{
    if (!fitting->kept) return;
    size_t dim = (size_t)fitting->dim;
    for (int64_t i = 0; i < count; i++) {
        int64_t patch = fitting->kept[first + i] - picture * fitting->patches;
        if (patch == i) continue;
        for (size_t d = 0; d < dim; d++) rows[(size_t)i * dim + d] = rows[(size_t)patch * dim + d];
    }
}

/* The kept rows of a picture: `count` from store row `first`. */
typedef struct kept_rows {
    int64_t picture, first, count;
} kept_rows;

static okng_status run_on(const okng_fitting *fitting, okng_extractor_session *session, const okng_image *rgb,
                          const kept_rows *kept, float *rows, okng_error *error)
{
    okng_placement placement;
    okng_status status = okng_extractor_run(session, rgb, &placement, rows, NULL, error);
    if (status != OKNG_OK) return okng_error_context(error, status, "%s", fitting->pictures[kept->picture]);
    compact(fitting, kept->picture, kept->first, kept->count, rows);
    return OKNG_OK;
}

static okng_status extract_from(const okng_fitting *fitting, worker *own, const okng_image *rgb, const kept_rows *kept,
                                okng_error *error)
{
    OKNG_TRY(run_on(fitting, own->session, rgb, kept, own->rows, error));
    OKNG_TRY(okng_store_write(fitting->store, kept->first, kept->count, own->rows, error));
    if (!fitting->projected) return OKNG_OK;
    if (own->chooser) OKNG_TRY(run_on(fitting, own->chooser, rgb, kept, own->rows, error));
    okng_projector_run(fitting->projector, own->rows, kept->count,
                       fitting->projected + kept->first * fitting->options->projection, 1);
    return OKNG_OK;
}

static okng_status extract(const okng_fitting *fitting, worker *own, int64_t picture, okng_error *error)
{
    okng_image rgb;
    kept_rows kept = {.picture = picture};
    okng_fitting_rows_of(fitting, picture, &kept.first, &kept.count);
    OKNG_TRY(okng_image_load(&rgb, fitting->pictures[picture], fitting->options->max_pixels, error));
    okng_status status = extract_from(fitting, own, &rgb, &kept, error);
    okng_image_free(&rgb);
    return status;
}

static void extract_some(void *context, int64_t begin, int64_t end, int thread)
{
    extraction *e = context;
    okng_fitting *fitting = e->fitting;
    for (int64_t picture = begin; picture < end && picture < atomic_load(&fitting->end); picture++) {
        okng_error error = {0};
        okng_status status = extract(fitting, &e->workers[thread], picture, &error);
        if (status != OKNG_OK) okng_fitting_fail(fitting, picture, status, &error);
        okng_fitting_advance(fitting);
    }
}

okng_status okng_fitting_features(okng_fitting *fitting, okng_error *error)
{
    extraction e = {.fitting = fitting, .workers = calloc((size_t)fitting->threads, sizeof *e.workers)};
    okng_status status = e.workers ? OKNG_OK : okng_fail_memory(error, sizeof *e.workers);
    size_t floats = (size_t)(fitting->patches * fitting->dim);
    for (int t = 0; t < fitting->threads && status == OKNG_OK; t++) {
        status = okng_extractor_session_new(&e.workers[t].session, fitting->extractor, error);
        if (status == OKNG_OK && fitting->chooser)
            status = okng_extractor_session_new(&e.workers[t].chooser, fitting->chooser, error);
        e.workers[t].rows = okng_alloc(floats, sizeof(float));
        if (status == OKNG_OK && !e.workers[t].rows) status = okng_fail_memory(error, floats * sizeof(float));
    }
    if (status == OKNG_OK) {
        okng_ticker_stage(fitting->ticker, "features", (uint64_t)fitting->picture_count);
        okng_parallel_for(fitting->threads, fitting->picture_count, 1, extract_some, &e);
        status = okng_fitting_outcome(fitting, error);
    }
    for (int t = 0; t < fitting->threads && e.workers; t++) {
        okng_extractor_session_free(&e.workers[t].session);
        okng_extractor_session_free(&e.workers[t].chooser);
        free(e.workers[t].rows);
    }
    free(e.workers);
    okng_extractor_free(&fitting->chooser); /* done with */
    return status;
}
