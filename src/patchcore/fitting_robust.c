/* The option noise-robust: patches that are outliers beside the same place of other pictures are not chosen from. */
#include <stdlib.h>
#include <string.h>

#include "bank/sampler.h"
#include "base/memory.h"
#include "patchcore/doubt.h"

/* In deviations, above a picture's own upper quartile: about a fiftieth of good patches, and most of a defect. */
static const float outlier = 1;

typedef struct measuring {
    const okng_fitting *fitting;
    okng_doubter *doubter;
    float **rows; /* of each thread, [patches, dim] */
} measuring;

static okng_status measure_one(void *context, int64_t picture, int thread, okng_error *error)
{
    const measuring *m = context;
    const okng_fitting *fitting = m->fitting;
    OKNG_TRY(okng_store_read(fitting->store, picture * fitting->patches, fitting->patches, m->rows[thread], error));
    return okng_doubter_measure(m->doubter, (size_t)picture, okng_fitting_origin(fitting, picture), m->rows[thread],
                                error);
}

static okng_status measure_all(measuring *m, okng_error *error)
{
    const okng_fitting *fitting = m->fitting;
    size_t bytes = (size_t)fitting->dim * sizeof(float), threads = (size_t)fitting->threads;
    m->rows = okng_alloc_zero(threads, sizeof *m->rows);
    okng_status status = m->rows ? OKNG_OK : okng_fail_memory(error, threads * sizeof *m->rows);
    for (size_t t = 0; t < threads && status == OKNG_OK; t++) {
        m->rows[t] = okng_alloc((size_t)fitting->patches, bytes);
        if (!m->rows[t]) status = okng_fail_memory(error, (size_t)fitting->patches * bytes);
    }
    status = okng_fitting_agree(status, error);
    if (status == OKNG_OK) status = okng_fitting_each(fitting, fitting->picture_count, 1, measure_one, m, error);
    int64_t first, end;
    okng_fitting_own_pictures(fitting->picture_count, &first, &end);
    if (status == OKNG_OK) status = okng_doubter_gather(m->doubter, end - first, error);
    for (size_t t = 0; t < threads && m->rows; t++) free(m->rows[t]);
    free(m->rows);
    return status;
}

/* Brings what is chosen from together at the front of the projections, in order. */
static void close_up(okng_fitting *fitting)
{
    int64_t first, end;
    size_t dim = (size_t)fitting->options->projection;
    okng_fitting_own_rows(fitting, &first, &end);
    for (int64_t i = 0; fitting->projected && i < fitting->live_count; i++)
        if (fitting->live[i] != first + i)
            memcpy(fitting->projected + (size_t)i * dim, fitting->projected + (size_t)(fitting->live[i] - first) * dim,
                   dim * sizeof *fitting->projected);
}

static okng_status take_live(okng_fitting *fitting, const okng_doubter *doubter, okng_error *error)
{
    size_t rows = (size_t)fitting->kept_count;
    uint8_t *out = okng_alloc(rows, 1);
    fitting->live = okng_alloc(rows, sizeof *fitting->live);
    okng_status status =
        out && fitting->live ? okng_doubter_mark(doubter, outlier, out, error) : okng_fail_memory(error, 9 * rows);
    int64_t first, end;
    okng_fitting_own_rows(fitting, &first, &end);
    fitting->live_count = fitting->live_total = 0;
    for (int64_t i = 0; i < (int64_t)rows && status == OKNG_OK; i++) {
        if (out[i]) continue;
        fitting->live_total++;
        if (i >= first && i < end) fitting->live[fitting->live_count++] = i;
    }
    free(out);
    return okng_fitting_agree(status, error);
}

okng_status okng_fitting_leave_out_noise(okng_fitting *fitting, okng_error *error)
{
    const okng_build_options *options = fitting->options;
    bool whole = options->sampler == OKNG_SAMPLER_GREEDY || options->sampler == OKNG_SAMPLER_APPROX_GREEDY;
    if (options->noise_robust == OKNG_OUTLIERS_LEARN) return OKNG_OK;
    if (options->tile_height > 0) return okng_fail(error, OKNG_ERROR_ARGUMENT, "noise-robust does not go with tile");
    if (fitting->kept || fitting->turns > 1 || options->sampler == OKNG_SAMPLER_KMEANS ||
        (whole && options->projection == 0))
        return okng_fail(error, OKNG_ERROR_ARGUMENT,
                         "noise-robust does not go with reservoir-max, augment, the sampler kmeans or projection none");
    measuring m = {.fitting = fitting};
    OKNG_TRY(okng_doubter_new(&m.doubter, fitting, (size_t)fitting->picture_count, error));
    if (!m.doubter) return OKNG_OK; /* too few pictures to tell */
    okng_status status = measure_all(&m, error);
    if (status == OKNG_OK) status = take_live(fitting, m.doubter, error);
    okng_doubter_free(&m.doubter);
    if (status != OKNG_OK) return status;
    close_up(fitting);
    int64_t count = okng_sampler_count(options, fitting->live_total);
    if (count < fitting->bank_count) fitting->bank_count = count;
    return OKNG_OK;
}
