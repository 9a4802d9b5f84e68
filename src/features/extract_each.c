#include "features/extract_each.h"

#include <stdlib.h>

#include "base/each.h"
#include "base/memory.h"

/* What one thread owns. */
typedef struct worker {
    okng_extractor_session *session;
    float *rows; /* [grid height * grid width, dim] */
    okng_image rgb[OKNG_EXTRACTOR_AT_ONCE];
} worker;

typedef struct extraction {
    const okng_extractor *extractor;
    const okng_pictures *pictures;
    uint64_t max_pixels;
    int64_t masked;
    int32_t at_once;
    okng_extracted_room_fn room;
    okng_extracted_fn visit;
    void *context;
    worker *workers;
} extraction;

static okng_status open_worker(const extraction *e, worker *own, okng_error *error)
{
    int32_t height, width;
    okng_extractor_grid(e->extractor, &height, &width);
    size_t patches = (size_t)height * (size_t)width, row = (size_t)okng_extractor_dim(e->extractor) * sizeof *own->rows;
    OKNG_TRY(okng_extractor_session_new(&own->session, e->extractor, e->at_once, error));
    own->rows = okng_alloc(patches, row);
    return own->rows ? OKNG_OK : okng_fail_memory(error, patches * row);
}

static okng_status name_picture(const extraction *e, int64_t i, okng_status status, okng_error *error)
{
    return status == OKNG_OK ? OKNG_OK
                             : okng_error_context(error, status, "%s", okng_pictures_name(e->pictures, (size_t)i));
}

static okng_status put(const extraction *e, worker *own, int64_t i, int32_t place, okng_error *error)
{
    okng_placement placement;
    okng_image *rgb = &own->rgb[place];
    OKNG_TRY(okng_pictures_load(e->pictures, (size_t)i, e->max_pixels, rgb, error));
    okng_status status = okng_extractor_put(own->session, place, rgb, &placement, error);
    if (status != OKNG_OK) okng_image_free(rgb);
    return name_picture(e, i, status, error);
}

/* Reads on from picture `first` until `count` wait, or as many as go through the network together. *waiting: how many
 * do, also where one failed. */
static okng_status put_some(const extraction *e, worker *own, int64_t first, int64_t count, int32_t *waiting,
                            okng_error *error)
{
    const int32_t room = okng_extractor_session_pictures(own->session);
    int64_t pixels = 0;
    for (*waiting = 0; *waiting < count && *waiting < room && pixels < OKNG_WAITING_PIXELS; (*waiting)++) {
        OKNG_TRY(put(e, own, first + *waiting, *waiting, error));
        pixels += (int64_t)own->rgb[*waiting].width * own->rgb[*waiting].height;
    }
    return OKNG_OK;
}

static okng_status take(const extraction *e, worker *own, int64_t i, int32_t place, int thread, okng_error *error)
{
    const uint8_t *foreground = NULL;
    const bool masked = e->masked > 0 && i % e->masked == 0;
    float *room = e->room ? e->room(e->context, i) : NULL, *rows = room ? room : own->rows;
    okng_status status = okng_extractor_take(own->session, place, rows, masked ? &foreground : NULL, error);
    OKNG_TRY(name_picture(e, i, status, error));
    return e->visit(e->context, &(okng_extracted){i, thread, &own->rgb[place], rows, foreground}, error);
}

/* Those that wait, from picture `first` on. */
static okng_status take_all(const extraction *e, worker *own, int64_t first, int32_t waiting, int thread,
                            okng_error *error)
{
    okng_status status =
        waiting > 0 ? name_picture(e, first, okng_extractor_forward(own->session, waiting, error), error) : OKNG_OK;
    for (int32_t place = 0; place < waiting; place++) {
        if (status == OKNG_OK) status = take(e, own, first + place, place, thread, error);
        okng_image_free(&own->rgb[place]);
    }
    return status;
}

/* Where a picture fails, those before it are still visited, and theirs is the error if they fail too. */
static okng_status extract(void *context, int64_t first, int64_t count, int thread, okng_error *error)
{
    const extraction *e = context;
    worker *own = &e->workers[thread];
    while (count > 0) {
        int32_t waiting;
        okng_error why = {0};
        const okng_status put = put_some(e, own, first, count, &waiting, &why);
        OKNG_TRY(take_all(e, own, first, waiting, thread, error));
        if (put != OKNG_OK && error) *error = why;
        if (put != OKNG_OK) return put;
        first += waiting;
        count -= waiting;
    }
    return OKNG_OK;
}

int32_t okng_extract_at_once(const okng_extractor *extractor, const okng_pictures *pictures, int threads)
{
    int32_t height, width;
    okng_extractor_input(extractor, &height, &width);
    return (int32_t)okng_each_at_once((int64_t)pictures->count, threads, okng_extractor_at_once(height, width));
}

okng_status okng_extract_each(const okng_extractor *extractor, const okng_pictures *pictures, uint64_t max_pixels,
                              int64_t masked, int threads, int32_t at_once, okng_ticker *ticker, const char *what,
                              okng_extracted_room_fn room, okng_extracted_fn visit, void *context, okng_error *error)
{
    extraction e = {extractor, pictures, max_pixels,
                    masked,    at_once,  room,
                    visit,     context,  calloc((size_t)threads, sizeof(worker))};
    okng_status status = e.workers ? OKNG_OK : okng_fail_memory(error, (size_t)threads * sizeof(worker));
    for (int t = 0; t < threads && status == OKNG_OK; t++) status = open_worker(&e, &e.workers[t], error);
    if (status == OKNG_OK)
        status = okng_each_few(threads, (int64_t)pictures->count, at_once, extract, &e, ticker, what, error);
    for (int t = 0; t < threads && e.workers; t++) {
        okng_extractor_session_free(&e.workers[t].session);
        free(e.workers[t].rows);
    }
    free(e.workers);
    return status;
}
