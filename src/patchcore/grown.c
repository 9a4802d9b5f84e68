#include "patchcore/grown.h"

#include <stdlib.h>
#include <string.h>

#include "bank/coreset.h"
#include "bank/sampler.h"
#include "base/clock.h"
#include "base/memory.h"
#include "base/parallel.h"
#include "patchcore/fitting.h"
#include "patchcore/patchcore_file.h"

static const okng_pictures no_pictures = {0};

/* ---- what there is ----------------------------------------------------------------------------------------------- */

static okng_status refuse_sources(const char *what, okng_error *error)
{
    return okng_fail(error, OKNG_ERROR_FORMAT, "%s and %s are not of one bank (%s); build the bank anew",
                     OKNG_SOURCES_FILE, OKNG_LEDGER_FILE, what);
}

/* The rows of an opened bank, and where they came from. base->sources is the caller's to free. */
static okng_status open_base(okng_fitting_base *base, const okng_bank_file *bank, const okng_ledger *ledger,
                             okng_error *error)
{
    okng_sources *sources;
    OKNG_TRY(okng_patchcore_find_rows(bank, &base->rows, error));
    base->count = bank->config.data[0].rows;
    base->seen = (int64_t)bank->config.patches > base->count ? (int64_t)bank->config.patches : base->count;
    base->pictures = ledger->count;
    OKNG_TRY(okng_patchcore_find_sources(&sources, bank, error));
    base->sources = sources;
    if (ledger->dim != bank->config.data[0].dim) return refuse_sources("the length of patch vectors differs", error);
    if (!sources) return OKNG_OK;
    if (sources->pictures != ledger->count) return refuse_sources("the number of pictures differs", error);
    if (sources->grid[2] != bank->config.options.turns) return refuse_sources("the number of turns differs", error);
    if ((int64_t)sources->grid[0] * sources->grid[1] != ledger->patches && !bank->config.ignored)
        return refuse_sources("the number of patches differs", error);
    return OKNG_OK;
}

static void close_base(okng_fitting_base *base)
{
    okng_sources *sources = (okng_sources *)(uintptr_t)base->sources;
    okng_sources_free(&sources);
}

/* What every fitting of a bank that is there already begins with. Groups stay borrowed. */
static void begin(okng_fitting *fitting, okng_bank_file *bank, const okng_groups *groups, const okng_pictures *good,
                  okng_ticker *ticker)
{
    *fitting = (okng_fitting){.config = &bank->config,
                              .options = &bank->config.options,
                              .good = good,
                              .turns = bank->config.options.turns,
                              .groups = *groups,
                              .ticker = ticker,
                              .threads = okng_thread_count(bank->config.options.threads),
                              .dim = bank->config.data[0].dim};
    okng_turned_pictures_init(&fitting->turned, good, (size_t)fitting->turns);
    fitting->pictures = &fitting->turned.list;
    fitting->picture_count = (int64_t)fitting->pictures->count;
}

static void end(okng_fitting *fitting)
{
    fitting->groups = (okng_groups){0};
    okng_fitting_close(fitting);
}

/* A bank of no network has no grid but that of its sources; without those it is the one that its configuration says. */
static okng_status take_grid(okng_fitting *fitting, const okng_sources *sources, const okng_ledger *ledger,
                             okng_error *error)
{
    fitting->grid_height = sources ? sources->grid[0] : fitting->config->grid_height;
    fitting->grid_width = sources ? sources->grid[1] : fitting->config->grid_width;
    const okng_bank_config *config = fitting->config;
    OKNG_TRY(okng_looked_at_new(&fitting->own_looked_at, config->ignored, &config->options, config->input_height,
                                config->input_width, fitting->grid_height, fitting->grid_width, error));
    fitting->looked_at = fitting->own_looked_at;
    fitting->patches =
        fitting->looked_at ? fitting->looked_at->patches : (int64_t)fitting->grid_height * fitting->grid_width;
    if (fitting->patches == ledger->patches) return OKNG_OK;
    return refuse_sources("the number of patches differs", error);
}

/* ---- rows -------------------------------------------------------------------------------------------------------- */

/* Leaves `count` of the bank's rows, as a coreset of them. */
static okng_status trim(okng_fitting *fitting, int64_t count, okng_error *error)
{
    okng_build_options options = *fitting->options;
    size_t row = (size_t)fitting->dim * sizeof(float);
    if (count >= fitting->bank_count) return OKNG_OK;
    options.coreset_size = count;
    if (options.sampler == OKNG_SAMPLER_IDENTITY) options.sampler = OKNG_SAMPLER_GREEDY;
    if (options.start >= fitting->bank_count) options.start = 0;
    int64_t *picks = okng_alloc((size_t)count, sizeof *picks);
    float *rows = okng_alloc((size_t)count, row);
    okng_status status = picks && rows ? okng_coreset_pick(&options, fitting->bank, fitting->bank_count, fitting->dim,
                                                           fitting->ticker, picks, error)
                                       : okng_fail_memory(error, (size_t)count * row);
    if (status != OKNG_OK) {
        free(picks);
        free(rows);
        return status;
    }
    int32_t *origin = okng_alloc((size_t)count, sizeof *origin);
    int32_t *places = okng_alloc((size_t)count, 3 * sizeof *places);
    if (!origin || !places) status = okng_fail_memory(error, (size_t)count * 4 * sizeof *origin);
    for (int64_t i = 0; i < count && status == OKNG_OK; i++) {
        memcpy((char *)rows + (size_t)i * row, (const char *)fitting->bank + (size_t)picks[i] * row, row);
        origin[i] = fitting->origin[picks[i]];
        for (int d = 0; d < 3 && fitting->places; d++) places[3 * i + d] = fitting->places[3 * picks[i] + d];
    }
    free(picks);
    bool placed = fitting->places != NULL;
    free(fitting->bank);
    free(fitting->origin);
    free(fitting->places);
    fitting->bank = rows;
    fitting->origin = origin;
    fitting->places = places;
    fitting->bank_count = count;
    if (!placed) {
        free(places);
        fitting->places = NULL;
    }
    return status;
}

/* A bank of a fixed size keeps it. */
static okng_status keep_size(okng_fitting *fitting, okng_error *error)
{
    return fitting->options->coreset_size > 0 ? trim(fitting, fitting->options->coreset_size, error) : OKNG_OK;
}

/* ---- more pictures ----------------------------------------------------------------------------------------------- */

static okng_status open_network(okng_fitting *fitting, const okng_more *more, const okng_weights *weights,
                                okng_error *error)
{
    OKNG_TRY(okng_fitting_open_as(fitting, weights, error));
    const okng_sources *sources = fitting->base->sources;
    if (sources && (sources->grid[0] != fitting->grid_height || sources->grid[1] != fitting->grid_width))
        return refuse_sources("the grid is not that of the network", error);
    if (more->ledger->count > 0 && more->ledger->patches != fitting->patches) /* of no pictures it says nothing */
        return refuse_sources("the number of patches differs", error);
    return OKNG_OK;
}

/* sizes: of the pictures before, then those of the new ones. */
static okng_status join_sizes(okng_fitting *fitting, const okng_more *more, okng_error *error)
{
    size_t before = (size_t)more->ledger->count, count = fitting->good->count;
    int32_t *sizes = okng_alloc_zero(before + count, 2 * sizeof *sizes);
    if (!sizes) return okng_fail_memory(error, (before + count) * 2 * sizeof *sizes);
    if (fitting->base->sources) memcpy(sizes, fitting->base->sources->sizes, before * 2 * sizeof *sizes);
    memcpy(sizes + 2 * before, fitting->sizes, count * 2 * sizeof *sizes);
    free(fitting->sizes);
    fitting->sizes = sizes;
    return OKNG_OK;
}

static okng_status open_ledger(okng_fitting *fitting, const okng_more *more, okng_error *error)
{
    const okng_ledger_size size = okng_fitting_ledger_size(fitting, fitting->bank_count);
    OKNG_TRY(okng_ledger_new(&fitting->ledger, &size, okng_picture_names_get, more->names, more->folder, error));
    okng_ledger_copy(fitting->ledger, 0, more->ledger);
    return OKNG_OK;
}

static okng_status run_add(okng_fitting *fitting, const okng_more *more, okng_tau *tau, okng_build_report *report,
                           okng_error *error)
{
    OKNG_TRY(okng_fitting_reserve(fitting, error));
    double since = okng_clock();
    OKNG_TRY(okng_fitting_features(fitting, error));
    okng_report_stage(report, "features", &since);
    OKNG_TRY(okng_fitting_leave_out_noise(fitting, error));
    OKNG_TRY(okng_fitting_select(fitting, error));
    OKNG_TRY(okng_fitting_join_base(fitting, error));
    OKNG_TRY(keep_size(fitting, error));
    okng_report_stage(report, "coreset", &since);
    OKNG_TRY(join_sizes(fitting, more, error));
    OKNG_TRY(open_ledger(fitting, more, error));
    OKNG_TRY(okng_fitting_calibrate(fitting, false, tau, error));
    okng_report_stage(report, "calibration", &since);
    report->spilled = okng_store_spilled(fitting->store);
    return OKNG_OK;
}

static okng_status add(void **model, okng_bank_file *bank, const okng_more *more, const okng_weights *weights,
                       okng_ticker *ticker, okng_build_report *report, okng_error *error)
{
    okng_fitting fitting;
    okng_fitting_base base = {0};
    okng_patchcore *patchcore = NULL;
    begin(&fitting, bank, more->groups, more->more, ticker);
    fitting.base = &base;
    fitting.first_number = more->ledger->count;
    if (fitting.threads > fitting.picture_count) fitting.threads = (int)fitting.picture_count;
    okng_status status = open_base(&base, more->old, more->ledger, error);
    if (status == OKNG_OK) status = open_network(&fitting, more, weights, error);
    bank->config.grid_height = fitting.grid_height;
    bank->config.grid_width = fitting.grid_width;
    if (status == OKNG_OK) status = run_add(&fitting, more, &bank->tau, report, error);
    if (status == OKNG_OK) status = okng_fitting_hand_over(&fitting, &patchcore, bank, weights, error);
    end(&fitting);
    close_base(&base);
    *model = patchcore;
    return status;
}

/* ---- two banks --------------------------------------------------------------------------------------------------- */

/* The second bank's rows take the place of those that were selected. */
static okng_status take_second(okng_fitting *fitting, const okng_fitting_base *second, int64_t first_number,
                               okng_error *error)
{
    size_t rows = (size_t)second->count, bytes = (size_t)fitting->dim * sizeof(float);
    fitting->bank = okng_alloc(rows, bytes);
    fitting->origin = okng_alloc(rows, sizeof *fitting->origin);
    fitting->places = okng_alloc(rows, 3 * sizeof *fitting->places);
    if (!fitting->bank || !fitting->origin || !fitting->places) return okng_fail_memory(error, rows * bytes);
    fitting->bank_count = second->count;
    memcpy(fitting->bank, second->rows, rows * bytes);
    for (size_t i = 0; i < rows; i++) {
        const int32_t *place = second->sources ? second->sources->places + 3 * i : NULL;
        fitting->origin[i] = -1;
        if (!place) continue;
        fitting->origin[i] = okng_groups_of(&fitting->groups, (size_t)(first_number + place[0] / fitting->turns));
        memcpy(fitting->places + 3 * i, place, 3 * sizeof *place);
        fitting->places[3 * i] += (int32_t)(first_number * fitting->turns);
    }
    if (second->sources) return OKNG_OK;
    free(fitting->places);
    fitting->places = NULL;
    return OKNG_OK;
}

static okng_status take_pair(okng_fitting *fitting, const okng_pair *pair, const okng_fitting_base base[2],
                             okng_error *error)
{
    const okng_ledger *first = pair->ledger[0], *second = pair->ledger[1];
    size_t a = (size_t)first->count, b = (size_t)second->count;
    OKNG_TRY(take_grid(fitting, base[0].sources, first, error));
    if (first->patches != second->patches) return refuse_sources("the number of patches differs", error);
    OKNG_TRY(take_second(fitting, &base[1], first->count, error));
    OKNG_TRY(okng_fitting_join_base(fitting, error));
    OKNG_TRY(keep_size(fitting, error));
    fitting->sizes = okng_alloc_zero(a + b, 2 * sizeof *fitting->sizes);
    if (!fitting->sizes) return okng_fail_memory(error, (a + b) * 2 * sizeof *fitting->sizes);
    if (base[0].sources) memcpy(fitting->sizes, base[0].sources->sizes, a * 2 * sizeof *fitting->sizes);
    if (base[1].sources) memcpy(fitting->sizes + 2 * a, base[1].sources->sizes, b * 2 * sizeof *fitting->sizes);
    okng_ledger_size size = {.count = first->count + second->count, .patches = first->patches, .dim = fitting->dim};
    size.kept = okng_ledger_kept_for(fitting->bank_count, &size);
    OKNG_TRY(okng_ledger_new(&fitting->ledger, &size, okng_picture_names_get, pair->names, pair->folder, error));
    okng_ledger_copy(fitting->ledger, 0, first);
    okng_ledger_copy(fitting->ledger, first->count, second);
    return OKNG_OK;
}

static okng_status merge(void **model, okng_bank_file *bank, const okng_pair *pair, const okng_weights *weights,
                         okng_ticker *ticker, okng_build_report *report, okng_error *error)
{
    okng_fitting fitting;
    okng_fitting_base base[2] = {{0}, {0}};
    okng_patchcore *patchcore = NULL;
    double since = okng_clock();
    begin(&fitting, bank, pair->groups, &no_pictures, ticker);
    okng_status status = open_base(&base[0], pair->bank[0], pair->ledger[0], error);
    if (status == OKNG_OK) status = open_base(&base[1], pair->bank[1], pair->ledger[1], error);
    okng_fitting_base all = base[0];
    all.seen += base[1].seen;
    all.pictures += base[1].pictures;
    fitting.base = &all;
    if (status == OKNG_OK) status = take_pair(&fitting, pair, base, error);
    okng_report_stage(report, "rows", &since);
    if (status == OKNG_OK) status = okng_fitting_calibrate(&fitting, false, &bank->tau, error);
    okng_report_stage(report, "calibration", &since);
    if (status == OKNG_OK) status = okng_fitting_hand_over(&fitting, &patchcore, bank, weights, error);
    end(&fitting);
    for (int i = 0; i < 2; i++) close_base(&base[i]);
    *model = patchcore;
    return status;
}

/* ---- fewer rows -------------------------------------------------------------------------------------------------- */

/* A row of the bank and the patch that it is. */
typedef struct placed {
    int64_t patch, row;
} placed;

static int by_patch(const void *a, const void *b)
{
    const placed *x = a, *y = b;
    if (x->patch != y->patch) return (x->patch > y->patch) - (x->patch < y->patch);
    return (x->row > y->row) - (x->row < y->row);
}

/* The bank's rows as those that a reservoir kept of all patches: in the order of their pictures. */
static okng_status fill_store(okng_fitting *fitting, const okng_fitting_base *old, okng_error *error)
{
    size_t rows = (size_t)old->count;
    placed *order = okng_alloc(rows, sizeof *order);
    fitting->kept = okng_alloc(rows, sizeof *fitting->kept);
    fitting->kept_count = old->count;
    okng_status status = order && fitting->kept
                             ? okng_store_new(&fitting->store, old->count, fitting->dim, UINT64_MAX, error)
                             : okng_fail_memory(error, rows * sizeof *order);
    for (int64_t i = 0; i < old->count && status == OKNG_OK; i++) {
        const int32_t *place = old->sources->places + 3 * i;
        int64_t within = okng_patch_of_cell(fitting->looked_at, place[1] * fitting->grid_width + place[2]);
        if (within < 0) status = refuse_sources("a row is of a patch that is left out", error);
        order[i] = (placed){place[0] * fitting->patches + within, i};
    }
    if (status == OKNG_OK) qsort(order, rows, sizeof *order, by_patch);
    for (int64_t i = 0; i < old->count && status == OKNG_OK; i++) {
        fitting->kept[i] = order[i].patch;
        status = okng_store_write(fitting->store, i, 1, old->rows + order[i].row * fitting->dim, error);
    }
    free(order);
    return status;
}

static okng_status choose_fewer(okng_fitting *fitting, okng_error *error)
{
    const okng_build_options *options = fitting->options;
    OKNG_TRY(okng_fitting_open_projector(fitting, error));
    if (fitting->projector)
        okng_projector_run(fitting->projector, okng_store_memory(fitting->store), fitting->kept_count,
                           fitting->projected, fitting->threads);
    if (options->start >= fitting->kept_count)
        return okng_fail(error, OKNG_ERROR_ARGUMENT, "start is row %lld, expected one of the %lld rows of the bank",
                         (long long)options->start, (long long)fitting->kept_count);
    return okng_fitting_select(fitting, error);
}

static okng_status run_shrink(okng_fitting *fitting, const okng_fitting_base *old, const okng_ledger *ledger,
                              okng_tau *tau, okng_build_report *report, okng_error *error)
{
    double since = okng_clock();
    OKNG_TRY(take_grid(fitting, old->sources, ledger, error));
    OKNG_TRY(fill_store(fitting, old, error));
    OKNG_TRY(choose_fewer(fitting, error));
    okng_report_stage(report, "coreset", &since);
    size_t pictures = (size_t)ledger->count;
    fitting->sizes = okng_alloc(pictures, 2 * sizeof *fitting->sizes);
    if (!fitting->sizes) return okng_fail_memory(error, pictures * 2 * sizeof *fitting->sizes);
    memcpy(fitting->sizes, old->sources->sizes, pictures * 2 * sizeof *fitting->sizes);
    okng_ledger_size size = {.count = ledger->count, .patches = ledger->patches, .dim = ledger->dim};
    size.kept = okng_ledger_kept_for(fitting->bank_count, &size);
    OKNG_TRY(okng_ledger_new(&fitting->ledger, &size, okng_picture_names_get, &ledger->names, ledger->folder, error));
    okng_ledger_copy(fitting->ledger, 0, ledger);
    OKNG_TRY(okng_fitting_calibrate(fitting, true, tau, error));
    okng_report_stage(report, "calibration", &since);
    return OKNG_OK;
}

static okng_status shrink(void **model, okng_bank_file *bank, const okng_bank_file *old, const okng_ledger *ledger,
                          const okng_groups *groups, const okng_weights *weights, okng_ticker *ticker,
                          okng_build_report *report, okng_error *error)
{
    okng_fitting fitting;
    okng_fitting_base rows = {0}, before = {.pictures = ledger->count};
    okng_patchcore *patchcore = NULL;
    begin(&fitting, bank, groups, &no_pictures, ticker);
    fitting.picture_count = ledger->count * fitting.turns;
    fitting.base = &before; /* pictures that are not there any more; no rows that stay whatever is chosen */
    okng_status status = open_base(&rows, old, ledger, error);
    if (status == OKNG_OK && !rows.sources)
        status = okng_fail(error, OKNG_ERROR_UNSUPPORTED,
                           "the bank does not say which picture each row came from (its rows are centres of k-means, "
                           "or it was imported), so what its scores would be with fewer is not known; build it anew");
    fitting.bank_count = okng_sampler_count(fitting.options, rows.seen);
    const int64_t wanted = fitting.options->coreset_size; /* which may be more than there ever were */
    if (status == OKNG_OK && fitting.bank_count >= rows.count)
        status = okng_fail(error, OKNG_ERROR_ARGUMENT,
                           "the bank has %lld rows, and %lld are asked for; ask for fewer (of all %lld patch vectors)",
                           (long long)rows.count, (long long)(wanted > 0 ? wanted : fitting.bank_count),
                           (long long)rows.seen);
    if (status == OKNG_OK) status = run_shrink(&fitting, &rows, ledger, &bank->tau, report, error);
    if (status == OKNG_OK) status = okng_fitting_hand_over(&fitting, &patchcore, bank, weights, error);
    end(&fitting);
    close_base(&rows);
    *model = patchcore;
    return status;
}

const okng_growing okng_patchcore_growing = {.add = add, .merge = merge, .shrink = shrink};
