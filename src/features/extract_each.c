#include "features/extract_each.h"

#include <stdlib.h>

#include "base/each.h"
#include "base/memory.h"

/* What one thread owns. */
typedef struct worker {
    okng_extractor_session *session;
    float *rows; /* [grid height * grid width, dim] */
} worker;

typedef struct extraction {
    const okng_extractor *extractor;
    const okng_pictures *pictures;
    uint64_t max_pixels;
    int64_t masked;
    okng_extracted_fn visit;
    void *context;
    worker *workers;
} extraction;

static okng_status open_worker(const okng_extractor *extractor, worker *own, okng_error *error)
{
    int32_t height, width;
    okng_extractor_grid(extractor, &height, &width);
    size_t patches = (size_t)height * (size_t)width, row = (size_t)okng_extractor_dim(extractor) * sizeof *own->rows;
    OKNG_TRY(okng_extractor_session_new(&own->session, extractor, error));
    own->rows = okng_alloc(patches, row);
    return own->rows ? OKNG_OK : okng_fail_memory(error, patches * row);
}

static okng_status extract(void *context, int64_t i, int thread, okng_error *error)
{
    const extraction *e = context;
    worker *own = &e->workers[thread];
    okng_image rgb;
    okng_placement placement;
    OKNG_TRY(okng_pictures_load(e->pictures, (size_t)i, e->max_pixels, &rgb, error));
    const uint8_t *foreground = NULL;
    bool masked = e->masked > 0 && i % e->masked == 0;
    okng_status status =
        okng_extractor_run(own->session, &rgb, &placement, own->rows, masked ? &foreground : NULL, NULL, error);
    if (status != OKNG_OK)
        (void)okng_error_context(error, status, "%s", okng_pictures_name(e->pictures, (size_t)i));
    else
        status = e->visit(e->context, &(okng_extracted){i, thread, &rgb, own->rows, foreground}, error);
    okng_image_free(&rgb);
    return status;
}

okng_status okng_extract_each(const okng_extractor *extractor, const okng_pictures *pictures, uint64_t max_pixels,
                              int64_t masked, int threads, okng_ticker *ticker, const char *what,
                              okng_extracted_fn visit, void *context, okng_error *error)
{
    extraction e = {extractor, pictures, max_pixels, masked, visit, context, calloc((size_t)threads, sizeof(worker))};
    okng_status status = e.workers ? OKNG_OK : okng_fail_memory(error, (size_t)threads * sizeof(worker));
    for (int t = 0; t < threads && status == OKNG_OK; t++) status = open_worker(extractor, &e.workers[t], error);
    if (status == OKNG_OK) status = okng_each(threads, (int64_t)pictures->count, extract, &e, ticker, what, error);
    for (int t = 0; t < threads && e.workers; t++) {
        okng_extractor_session_free(&e.workers[t].session);
        free(e.workers[t].rows);
    }
    free(e.workers);
    return status;
}
