#include "patchcore/fitting.h"

#include <stdlib.h>

/* Which rows are kept is sensitive to the last bit of every row: chosen from float32, they are the same places of the
 * same pictures in every precision, and scores differ by what the precision costs alone. */
static okng_status open_chooser(okng_fitting *fitting, const okng_weights *weights, okng_error *error)
{
    okng_build_options full = *fitting->options;
    bool greedy = full.sampler == OKNG_SAMPLER_GREEDY || full.sampler == OKNG_SAMPLER_APPROX_GREEDY;
    if (full.precision == OKNG_PRECISION_FP32 || !greedy || full.projection == 0) return OKNG_OK;
    full.precision = OKNG_PRECISION_FP32;
    return okng_extractor_new(&fitting->chooser, &full, weights, (okng_ranges){NULL, 0}, fitting->input_height,
                              fitting->input_width, 1, error);
}

static okng_status input_size_of_first(okng_fitting *fitting, okng_error *error)
{
    okng_image first;
    okng_placement placement;
    OKNG_TRY(okng_image_load(&first, fitting->pictures[0], fitting->options->max_pixels, error));
    okng_status status = okng_placement_of(fitting->options, first.width, first.height, &placement, error);
    okng_image_free(&first);
    if (status != OKNG_OK) return okng_error_context(error, status, "%s", fitting->pictures[0]);
    fitting->input_height = placement.height;
    fitting->input_width = placement.width;
    return OKNG_OK;
}

okng_status okng_fitting_open(okng_fitting *fitting, const okng_weights *weights, okng_error *error)
{
    (void)pthread_mutex_init(&fitting->mutex, NULL);
    atomic_init(&fitting->end, INT64_MAX);
    OKNG_TRY(input_size_of_first(fitting, error));
    /* Threads share the pictures out among them, so one picture stays with one thread. */
    OKNG_TRY(okng_ranges_of_pictures(&fitting->ranges, fitting->options, weights, fitting->pictures,
                                     fitting->picture_count, fitting->input_height, fitting->input_width,
                                     fitting->threads, error));
    OKNG_TRY(okng_extractor_new(&fitting->extractor, fitting->options, weights,
                                (okng_ranges){fitting->ranges.values, fitting->ranges.count}, fitting->input_height,
                                fitting->input_width, 1, error));
    OKNG_TRY(open_chooser(fitting, weights, error));
    okng_extractor_grid(fitting->extractor, &fitting->grid_height, &fitting->grid_width);
    fitting->patches = (int64_t)fitting->grid_height * fitting->grid_width;
    fitting->dim = okng_extractor_dim(fitting->extractor);
    return OKNG_OK;
}

void okng_fitting_close(okng_fitting *fitting)
{
    okng_extractor_free(&fitting->extractor);
    okng_extractor_free(&fitting->chooser);
    okng_store_free(&fitting->store);
    okng_projector_free(&fitting->projector);
    free(fitting->kept);
    free(fitting->projected);
    free(fitting->bank);
    free(fitting->origin);
    (void)pthread_mutex_destroy(&fitting->mutex);
}

static int64_t first_kept_from(const okng_fitting *fitting, int64_t patch)
{
    int64_t low = 0, high = fitting->kept_count;
    while (low < high) {
        int64_t middle = low + (high - low) / 2;
        if (fitting->kept[middle] < patch)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

void okng_fitting_rows_of(const okng_fitting *fitting, int64_t picture, int64_t *first, int64_t *count)
{
    int64_t begin = picture * fitting->patches, end = begin + fitting->patches;
    *first = fitting->kept ? first_kept_from(fitting, begin) : begin;
    *count = (fitting->kept ? first_kept_from(fitting, end) : end) - *first;
}

void okng_fitting_fail(okng_fitting *fitting, int64_t picture, okng_status status, const okng_error *error)
{
    (void)pthread_mutex_lock(&fitting->mutex);
    if (picture < atomic_load(&fitting->end)) {
        atomic_store(&fitting->end, picture);
        fitting->status = status;
        fitting->failure = *error;
    }
    (void)pthread_mutex_unlock(&fitting->mutex);
}

void okng_fitting_advance(okng_fitting *fitting)
{
    if (okng_ticker_advance(fitting->ticker, 1)) return;
    (void)pthread_mutex_lock(&fitting->mutex);
    atomic_store(&fitting->end, 0);
    (void)pthread_mutex_unlock(&fitting->mutex);
}

okng_status okng_fitting_outcome(const okng_fitting *fitting, okng_error *error)
{
    if (fitting->status != OKNG_OK) return okng_fail(error, fitting->status, "%s", fitting->failure.message);
    if (okng_ticker_cancelled(fitting->ticker))
        return okng_fail(error, OKNG_ERROR_CANCELLED, "stopped before the end; nothing was written");
    return OKNG_OK;
}
