#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "features/extract_each.h"
#include "patchcore/fitting.h"

typedef struct extraction {
    const okng_fitting *fitting;
    okng_pictures own; /* of this rank */
    int64_t first;     /* of them, among all; their first row, likewise */
    int64_t first_row;
    _Atomic int64_t done;
    okng_extractor_session **choosers; /* [threads], NULL where the fitting has no chooser */
} extraction;

/* The kept rows of a picture: `count` from store row `first`. */
typedef struct kept_rows {
    int64_t picture, first, count;
} kept_rows;

/* ---- this rank's pictures, as a list ---- */

static const char *own_name(const void *context, size_t i)
{
    const extraction *e = context;
    return okng_pictures_name(e->fitting->pictures, (size_t)e->first + i);
}

static okng_status own_load(const void *context, size_t i, okng_decoding *how, okng_image *rgb, okng_error *error)
{
    const extraction *e = context;
    return okng_pictures_load(e->fitting->pictures, (size_t)e->first + i, how->max_pixels, rgb, error);
}

static void take_own(extraction *e)
{
    int64_t end, end_row;
    const int64_t turns = e->fitting->turns;
    okng_fitting_own_pictures(e->fitting->picture_count / turns, &e->first, &end);
    okng_fitting_own_rows(e->fitting, &e->first_row, &end_row);
    e->own =
        (okng_pictures){.count = (size_t)((end - e->first) * turns), .context = e, .name = own_name, .load = own_load};
    e->first *= turns;
}

/* ---- one picture ---- */

/* Moves the rows that the reservoir keeps to the front. */
static void compact(const okng_fitting *fitting, const kept_rows *kept, float *rows)
{
    if (!fitting->kept) return;
    size_t dim = (size_t)fitting->dim;
    for (int64_t i = 0; i < kept->count; i++) {
        int64_t patch = fitting->kept[kept->first + i] - kept->picture * fitting->patches;
        if (patch == i) continue;
        for (size_t d = 0; d < dim; d++) rows[(size_t)i * dim + d] = rows[(size_t)patch * dim + d];
    }
}

/* The same rows again, in full precision, in place of those that are stored. */
static okng_status choose_by(const okng_fitting *fitting, okng_extractor_session *chooser, const okng_image *rgb,
                             const kept_rows *kept, float *rows, okng_error *error)
{
    okng_placement placement;
    okng_status status = okng_extractor_run(chooser, rgb, &placement, rows, NULL, NULL, error);
    if (status != OKNG_OK)
        return okng_error_context(error, status, "%s", okng_pictures_name(fitting->pictures, (size_t)kept->picture));
    compact(fitting, kept, rows);
    return OKNG_OK;
}

/* In the store itself, where all rows of a picture go there as they are. */
static float *room_of(void *context, int64_t picture)
{
    const extraction *e = context;
    const okng_fitting *fitting = e->fitting;
    int64_t first, count;
    if (fitting->kept || fitting->looked_at || e->choosers) return NULL;
    okng_fitting_rows_of(fitting, e->first + picture, &first, &count);
    return okng_store_place(fitting->store, first, count);
}

static okng_status keep(void *context, const okng_extracted *extracted, okng_error *error)
{
    extraction *e = context;
    const okng_fitting *fitting = e->fitting;
    kept_rows kept = {.picture = e->first + extracted->picture};
    okng_fitting_tell_others(fitting, atomic_fetch_add(&e->done, 1), (int64_t)e->own.count, fitting->picture_count);
    if (kept.picture % fitting->turns == 0) { /* turned copies are as large */
        int32_t *size = fitting->sizes + 2 * (kept.picture / fitting->turns);
        size[0] = extracted->rgb->width;
        size[1] = extracted->rgb->height;
    }
    okng_fitting_rows_of(fitting, kept.picture, &kept.first, &kept.count);
    if (extracted->foreground)
        memcpy(fitting->foreground + kept.picture / fitting->turns * fitting->patches, extracted->foreground,
               (size_t)fitting->patches);
    compact(fitting, &kept, extracted->rows);
    OKNG_TRY(okng_store_write(fitting->store, kept.first, kept.count, extracted->rows, error));
    if (!fitting->projected) return OKNG_OK;
    if (e->choosers)
        OKNG_TRY(choose_by(fitting, e->choosers[extracted->thread], extracted->rgb, &kept, extracted->rows, error));
    okng_projector_run(fitting->projector, extracted->rows, kept.count,
                       fitting->projected + (kept.first - e->first_row) * fitting->options->projection, 1);
    return OKNG_OK;
}

static okng_status open_choosers(extraction *e, okng_error *error)
{
    const okng_fitting *fitting = e->fitting;
    if (!fitting->chooser) return OKNG_OK;
    e->choosers = calloc((size_t)fitting->threads, sizeof *e->choosers);
    if (!e->choosers) return okng_fail_memory(error, (size_t)fitting->threads * sizeof *e->choosers);
    for (int t = 0; t < fitting->threads; t++)
        OKNG_TRY(okng_extractor_session_new(&e->choosers[t], fitting->chooser, 1, error));
    return OKNG_OK;
}

/* What is kept of every picture besides its rows. */
static okng_status gather(const okng_fitting *fitting, okng_error *error)
{
    const int64_t pictures = (int64_t)fitting->good->count;
    OKNG_TRY(okng_fitting_gather(fitting->sizes, 2 * sizeof *fitting->sizes, pictures, error));
    if (!fitting->foreground) return OKNG_OK;
    return okng_fitting_gather(fitting->foreground, (size_t)fitting->patches, pictures, error);
}

okng_status okng_fitting_features(okng_fitting *fitting, okng_error *error)
{
    extraction e = {.fitting = fitting};
    take_own(&e);
    fitting->sizes = okng_alloc_zero(fitting->good->count, 2 * sizeof *fitting->sizes);
    okng_status status = fitting->sizes ? open_choosers(&e, error)
                                        : okng_fail_memory(error, fitting->good->count * 2 * sizeof *fitting->sizes);
    if (status == OKNG_OK) {
        okng_ticker_stage(fitting->ticker, "features", (uint64_t)fitting->picture_count);
        status = okng_extract_each(fitting->extractor, &e.own, fitting->options->max_pixels,
                                   fitting->foreground ? fitting->turns : 0, fitting->threads, fitting->at_once,
                                   fitting->ticker, "the build", room_of, keep, &e, error);
    }
    for (int t = 0; t < fitting->threads && e.choosers; t++) okng_extractor_session_free(&e.choosers[t]);
    free(e.choosers);
    okng_extractor_free(&fitting->chooser); /* done with */
    OKNG_TRY(okng_fitting_agree(status, error));
    return gather(fitting, error);
}
