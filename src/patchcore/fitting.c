#include "patchcore/fitting.h"

#include <stdlib.h>

#include "method/learning.h"

/* Which rows are kept is sensitive to the last bit of every row: chosen from float32, they are the same places of the
 * same pictures in every precision, and scores differ by what the precision costs alone. */
static okng_status open_chooser(okng_fitting *fitting, const okng_weights *weights, okng_error *error)
{
    okng_build_options full = *fitting->options;
    bool greedy = full.sampler == OKNG_SAMPLER_GREEDY || full.sampler == OKNG_SAMPLER_APPROX_GREEDY;
    if (full.precision == OKNG_PRECISION_FP32 || !greedy || full.projection == 0) return OKNG_OK;
    full.precision = OKNG_PRECISION_FP32;
    return okng_extractor_new(&fitting->chooser, &full, weights, (okng_ranges){NULL, 0}, fitting->config->ignored,
                              fitting->config->input_height, fitting->config->input_width, 1, error);
}

static void look_at_grid(okng_fitting *fitting)
{
    okng_extractor_grid(fitting->extractor, &fitting->grid_height, &fitting->grid_width);
    fitting->patches = okng_extractor_patches(fitting->extractor);
    fitting->looked_at = okng_extractor_looked_at(fitting->extractor);
    fitting->dim = okng_extractor_dim(fitting->extractor);
}

okng_status okng_fitting_open(okng_fitting *fitting, okng_bank_config *config, const okng_weights *weights,
                              okng_error *error)
{
    OKNG_TRY(okng_groups_find(&fitting->groups, fitting->options->group, fitting->good, error));
    /* Threads share the pictures out among them, so one picture stays with one thread. */
    OKNG_TRY(okng_learning_open(&fitting->extractor, config, weights, fitting->good, fitting->threads, error));
    config->patches *= (uint64_t)fitting->turns;
    OKNG_TRY(open_chooser(fitting, weights, error));
    look_at_grid(fitting);
    const okng_tile *last = fitting->good->tiles ? &fitting->good->tiles[fitting->good->count - 1] : NULL;
    if (last && fitting->options->tile_banks == OKNG_TILE_BANKS_PLACE) fitting->tile_places = last->place + 1;
    return OKNG_OK;
}

okng_status okng_fitting_open_as(okng_fitting *fitting, const okng_weights *weights, okng_error *error)
{
    const okng_bank_config *config = fitting->config;
    OKNG_TRY(okng_extractor_new(&fitting->extractor, fitting->options, weights,
                                (okng_ranges){config->ranges, config->range_count}, config->ignored,
                                config->input_height, config->input_width, 1, error));
    OKNG_TRY(open_chooser(fitting, weights, error));
    int64_t dim = fitting->dim;
    look_at_grid(fitting);
    if (fitting->dim == dim) return OKNG_OK;
    return okng_fail(error, OKNG_ERROR_FORMAT,
                     "the bank's rows have %lld dimensions, but its network and options give %lld; build it anew",
                     (long long)dim, (long long)fitting->dim);
}

void okng_fitting_close(okng_fitting *fitting)
{
    okng_groups_free(&fitting->groups);
    okng_extractor_free(&fitting->extractor);
    okng_extractor_free(&fitting->chooser);
    okng_store_free(&fitting->store);
    okng_projector_free(&fitting->projector);
    free(fitting->kept);
    free(fitting->live);
    free(fitting->projected);
    free(fitting->bank);
    free(fitting->origin);
    free(fitting->places);
    free(fitting->tile_first);
    free(fitting->sizes);
    free(fitting->foreground);
    okng_looked_at_free(&fitting->own_looked_at);
    okng_ledger_free(&fitting->ledger);
}

int64_t okng_fitting_number(const okng_fitting *fitting, int64_t good)
{
    return fitting->first_number + good;
}

int32_t okng_fitting_origin(const okng_fitting *fitting, int64_t picture)
{
    return okng_groups_of(&fitting->groups, (size_t)okng_fitting_number(fitting, picture / fitting->turns));
}

int32_t okng_fitting_base_origin(const okng_fitting *fitting, int64_t row)
{
    const okng_sources *sources = fitting->base->sources;
    if (!sources) return -1;
    return okng_groups_of(&fitting->groups, (size_t)(sources->places[3 * row] / fitting->turns));
}

int64_t okng_fitting_base_count(const okng_fitting *fitting)
{
    return fitting->base ? fitting->base->count : 0;
}

int64_t okng_fitting_seen(const okng_fitting *fitting)
{
    return fitting->kept_count + (fitting->base ? fitting->base->seen : 0);
}

int32_t okng_fitting_origins(const okng_fitting *fitting)
{
    return fitting->groups.count;
}

int32_t okng_fitting_place(const okng_fitting *fitting, int64_t picture)
{
    return fitting->tile_places > 0 ? fitting->good->tiles[picture / fitting->turns].place : 0;
}

okng_rows okng_fitting_bank_of(const okng_fitting *fitting, int32_t place)
{
    const int64_t first = fitting->tile_places > 0 ? fitting->tile_first[place] : 0;
    const int64_t end = fitting->tile_places > 0 ? fitting->tile_first[place + 1] : fitting->bank_count;
    return (okng_rows){fitting->bank + first * fitting->dim, end - first, fitting->dim, fitting->origin + first};
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
