#include <math.h>
#include <stdlib.h>

#include "bank/farthest.h"
#include "bank/knn_index.h"
#include "bank/sampler.h"
#include "base/memory.h"
#include "base/rng.h"
#include "features/extract_each.h"
#include "patchcore/doubt.h"
#include "patchcore/standins.h"

/* Bytes that selection keeps for each row besides the row itself and, of greedy samplers, what those say: distance,
 * centre, order. */
enum { SELECTION_BYTES_PER_ROW = 48, GREEDY_BYTES_PER_ROW = 12 };
/* Libraries, decoded pictures and everything else that is small. */
static const uint64_t OTHER_BYTES = (uint64_t)64 << 20;

static int is_greedy(okng_sampler sampler)
{
    return sampler == OKNG_SAMPLER_GREEDY || sampler == OKNG_SAMPLER_APPROX_GREEDY;
}

/* Vitter's algorithm R over patch numbers: which of them a uniform reservoir holds when the stream has ended. The total
 * is known beforehand, so this runs before any picture is read and rows that will not stay are never stored. */
static okng_status fill_reservoir(okng_fitting *fitting, int64_t total, int64_t size, okng_error *error)
{
    fitting->kept = okng_alloc((size_t)size, sizeof *fitting->kept);
    if (!fitting->kept) return okng_fail_memory(error, (size_t)size * sizeof *fitting->kept);
    okng_rng rng = okng_rng_new(fitting->options->seed, OKNG_STREAM_RESERVOIR);
    for (int64_t i = 0; i < size; i++) fitting->kept[i] = i;
    for (int64_t i = size; i < total; i++) {
        uint64_t slot = okng_rng_below(&rng, (uint64_t)i + 1);
        if (slot < (uint64_t)size) fitting->kept[slot] = i;
    }
    return OKNG_OK;
}

static int by_number(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static okng_status choose_kept(okng_fitting *fitting, okng_error *error)
{
    int64_t total, size = fitting->options->reservoir_max;
    if (!okng_mul_i64(fitting->picture_count, fitting->patches, &total))
        return okng_fail(error, OKNG_ERROR_LIMIT, "too many patches to count");
    fitting->kept_count = total;
    if (size == 0 || size >= total) return OKNG_OK;
    OKNG_TRY(fill_reservoir(fitting, total, size, error));
    qsort(fitting->kept, (size_t)size, sizeof *fitting->kept, by_number); /* store rows in the order of the pictures */
    fitting->kept_count = size;
    return OKNG_OK;
}

/* Those that are here. */
static uint64_t own_rows(const okng_fitting *fitting)
{
    int64_t first, end;
    okng_fitting_own_rows(fitting, &first, &end);
    return (uint64_t)(end > first ? end - first : 1); /* a store has room for one, also of nothing */
}

static uint64_t selection_bytes(const okng_fitting *fitting)
{
    uint64_t rows = own_rows(fitting);
    if (fitting->options->sampler == OKNG_SAMPLER_KMEANS)
        return rows * sizeof(int64_t) + okng_kmeans_bytes(fitting->kept_count, fitting->dim, fitting->bank_count);
    if (!is_greedy(fitting->options->sampler)) return rows * SELECTION_BYTES_PER_ROW;
    const int64_t projection = fitting->options->projection, dim = projection > 0 ? projection : fitting->dim;
    return rows * ((uint64_t)projection * sizeof(float) + GREEDY_BYTES_PER_ROW) +
           okng_hunt_bytes((int64_t)rows, dim, fitting->bank_count);
}

/* Afterwards: the bank, what is derived from it for searching, what stands in for its rows, and the pixel scores kept
 * for the threshold. */
static uint64_t calibration_bytes(const okng_fitting *fitting)
{
    double q = fitting->options->pixel_pct;
    double pixels = (double)fitting->good->count * fitting->config->input_height * fitting->config->input_width;
    int64_t rows = fitting->bank_count + okng_fitting_base_count(fitting);
    uint64_t bank = (uint64_t)rows * (uint64_t)fitting->dim * sizeof(float);
    bool standins = fitting->options->calibration == OKNG_CALIBRATION_STAND_IN && rows < okng_fitting_seen(fitting);
    const okng_ledger_size ledger = okng_fitting_ledger_size(fitting, rows);
    return bank + okng_knn_index_bytes(rows, fitting->dim) + okng_doubter_bytes(fitting) + okng_ledger_bytes(&ledger) +
           (standins ? okng_standins_bytes(fitting) : 0) + (uint64_t)(2 * fmin(q, 1 - q) * pixels * sizeof(float));
}

static okng_status too_little(uint64_t limit, uint64_t need, okng_error *error)
{
    return okng_fail(
        error, OKNG_ERROR_LIMIT,
        "max-memory of %llu MiB is too little: about %llu MiB are needed; raise it, or use reservoir-max, a "
        "lower coreset, a lower projection or fewer threads",
        (unsigned long long)(limit >> 20), (unsigned long long)((need >> 20) + 1));
}

okng_status okng_fitting_open_projector(okng_fitting *fitting, okng_error *error)
{
    const okng_build_options *options = fitting->options;
    size_t row = (size_t)options->projection * sizeof(float);
    if (!is_greedy(options->sampler) || options->projection == 0 || fitting->bank_count == fitting->kept_count)
        return OKNG_OK;
    OKNG_TRY(okng_projector_new(&fitting->projector, options->projection_kind, fitting->dim, options->projection,
                                options->seed, error));
    fitting->projected = okng_alloc((size_t)own_rows(fitting), row);
    return fitting->projected ? OKNG_OK : okng_fail_memory(error, (size_t)own_rows(fitting) * row);
}

okng_ledger_size okng_fitting_ledger_size(const okng_fitting *fitting, int64_t rows)
{
    int64_t pictures = okng_fitting_number(fitting, (int64_t)fitting->good->count);
    okng_ledger_size size = {.count = pictures, .patches = fitting->patches, .dim = fitting->dim};
    size.kept = okng_ledger_kept_for(rows, &size);
    return size;
}

/* What the sampler keeps: of each place by itself, where that has rows of its own. */
static okng_status count_rows(okng_fitting *fitting, okng_error *error)
{
    const int32_t places = fitting->tile_places;
    fitting->bank_count = okng_sampler_count(fitting->options, fitting->kept_count);
    if (places == 0) return OKNG_OK;
    fitting->tile_first = okng_alloc_zero((size_t)places + 1, sizeof *fitting->tile_first);
    if (!fitting->tile_first) return okng_fail_memory(error, (size_t)places * sizeof *fitting->tile_first);
    for (int64_t picture = 0; picture < fitting->picture_count; picture++) {
        int64_t first, count;
        okng_fitting_rows_of(fitting, picture, &first, &count);
        fitting->tile_first[okng_fitting_place(fitting, picture) + 1] += count;
    }
    const okng_build_options options = okng_fitting_place_options(fitting);
    for (int32_t p = 0; p < places; p++) {
        const int64_t rows = fitting->tile_first[p + 1];
        if (rows == 0)
            return okng_fail(error, OKNG_ERROR_ARGUMENT,
                             "reservoir-max keeps no patch vector of tile %d; keep more, or use tile-banks one",
                             (int)p);
        fitting->tile_first[p + 1] = fitting->tile_first[p] + okng_sampler_count(&options, rows);
    }
    fitting->bank_count = fitting->tile_first[places];
    return OKNG_OK;
}

/* Several pictures at a time in the network, where all rows stay in memory beside that. */
static void choose_at_once(okng_fitting *fitting, uint64_t left)
{
    const int32_t wanted = okng_extract_at_once(fitting->extractor, fitting->pictures, fitting->threads);
    const uint64_t more =
        okng_extractor_session_bytes(fitting->extractor, wanted) - okng_extractor_session_bytes(fitting->extractor, 1);
    const uint64_t rows = own_rows(fitting) * (uint64_t)fitting->dim * sizeof(float);
    fitting->at_once = rows <= left && (uint64_t)fitting->threads * more <= left - rows ? wanted : 1;
}

okng_status okng_fitting_reserve(okng_fitting *fitting, okng_error *error)
{
    const okng_build_options *options = fitting->options;
    OKNG_TRY(choose_kept(fitting, error));
    OKNG_TRY(count_rows(fitting, error));
    int64_t bank_count = fitting->bank_count + okng_fitting_base_count(fitting);
    if (options->image_score == OKNG_SCORE_MEAN_K && options->neighbors > bank_count)
        return okng_fail(error, OKNG_ERROR_ARGUMENT, "neighbors %d is more than the %lld rows of the bank",
                         options->neighbors, (long long)bank_count);

    uint64_t limit = options->max_memory ? options->max_memory : okng_memory_total() / 2;
    uint64_t patch_rows = (uint64_t)fitting->patches * (uint64_t)fitting->dim * sizeof(float);
    uint64_t sessions = fitting->chooser ? 2 : 1;
    uint64_t masks = okng_extractor_foreground_bytes(fitting->extractor);
    uint64_t kept_masks = masks > 0 && !fitting->kept ? (uint64_t)fitting->good->count * (uint64_t)fitting->patches : 0;
    uint64_t fixed = okng_memory_resident() + OTHER_BYTES + kept_masks +
                     (uint64_t)fitting->threads *
                         (sessions * okng_extractor_session_bytes(fitting->extractor, 1) + patch_rows + masks);
    uint64_t selection = selection_bytes(fitting), calibration = calibration_bytes(fitting);
    uint64_t need = fixed + (selection > calibration ? selection : calibration);
    uint64_t rows = own_rows(fitting) * (uint64_t)fitting->dim * sizeof(float);
    if (need > limit) return too_little(limit, need, error);
    bool needs_rows_in_memory = is_greedy(options->sampler) && options->projection == 0;
    if (needs_rows_in_memory && rows > limit - need) return too_little(limit, need + rows, error);
    choose_at_once(fitting, limit - need);
    if (kept_masks > 0) {
        fitting->foreground = okng_alloc((size_t)kept_masks, 1);
        if (!fitting->foreground) return okng_fail_memory(error, (size_t)kept_masks);
    }
    int64_t first, end;
    okng_fitting_own_rows(fitting, &first, &end);
    OKNG_TRY(
        okng_store_new_part(&fitting->store, first, (int64_t)own_rows(fitting), fitting->dim, limit - need, error));
    return okng_fitting_open_projector(fitting, error);
}
