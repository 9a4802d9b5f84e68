#include <stdlib.h>

#include "base/clock.h"
#include "base/memory.h"
#include "base/parallel.h"
#include "features/extract_each.h"
#include "method/learning.h"
#include "patch/moments.h"
#include "subspace/fitting.h"
#include "subspace/subspace_file.h"

/* Libraries, decoded pictures and everything else that is small. */
static const uint64_t OTHER_BYTES = (uint64_t)64 << 20;

/* ---- memory --------------------------------------------------------------------------------- */

static bool leaves_out(const okng_subspace_fitting *fitting)
{
    return fitting->options->calibration != OKNG_CALIBRATION_TRAIN;
}

static uint64_t thread_bytes(const okng_subspace_fitting *fitting)
{
    uint64_t summing = okng_products_bytes(fitting->patches, fitting->dim) +
                       (uint64_t)okng_sums_length(fitting->dim) * sizeof(okng_fixed);
    uint64_t calibrating = okng_subspace_calibration_bytes(fitting);
    return okng_extractor_session_bytes(fitting->extractor, 1) +
           (uint64_t)fitting->patches * (uint64_t)fitting->dim * sizeof(float) +
           (leaves_out(fitting) && calibrating > summing ? calibrating : summing);
}

/* As many threads as fit into the memory; the result does not depend on it. */
okng_status okng_subspace_fit_memory(okng_subspace_fitting *fitting, okng_error *error)
{
    uint64_t limit = fitting->options->max_memory ? fitting->options->max_memory : okng_memory_total() / 2;
    uint64_t fixed = okng_memory_resident() + OTHER_BYTES + okng_directions_bytes(fitting->dim) +
                     (uint64_t)okng_sums_length(fitting->dim) * sizeof(okng_fixed);
    uint64_t each = thread_bytes(fitting);
    if (fixed + each > limit)
        return okng_fail(error, OKNG_ERROR_LIMIT,
                         "max-memory of %llu MiB is too little: about %llu MiB are needed for patch vectors of %lld "
                         "dimensions; raise it, or use fewer layers",
                         (unsigned long long)(limit >> 20), (unsigned long long)((fixed + each) >> 20) + 1,
                         (long long)fitting->dim);
    uint64_t most = (limit - fixed) / each;
    if ((uint64_t)fitting->threads > most) fitting->threads = (int)most;
    const int32_t wanted = okng_extract_at_once(fitting->extractor, &fitting->pictures.list, fitting->threads);
    const uint64_t more =
        okng_extractor_session_bytes(fitting->extractor, wanted) - okng_extractor_session_bytes(fitting->extractor, 1);
    fitting->at_once = fixed + (uint64_t)fitting->threads * (each + more) <= limit ? wanted : 1;
    return OKNG_OK;
}

/* ---- sums ----------------------------------------------------------------------------------- */

/* What one thread owns. */
typedef struct worker {
    okng_sums sums; /* of one picture */
    double *work;
} worker;

typedef struct summing {
    okng_subspace_fitting *fitting;
    worker *workers;
} summing;

static okng_status add_picture(void *context, const okng_extracted *extracted, okng_error *error)
{
    const summing *s = context;
    okng_subspace_fitting *fitting = s->fitting;
    worker *own = &s->workers[extracted->thread];
    okng_status status = okng_sums_of_rows(&own->sums, extracted->rows, fitting->patches, own->work, error);
    if (status != OKNG_OK) {
        const char *name = okng_pictures_name(&fitting->pictures.list, (size_t)extracted->picture);
        return okng_error_context(error, status, "%s", name);
    }
    (void)pthread_mutex_lock(&fitting->mutex);
    status = okng_sums_add(&fitting->sums, &own->sums, error);
    (void)pthread_mutex_unlock(&fitting->mutex);
    return status;
}

static okng_status open_worker(const okng_subspace_fitting *fitting, worker *own, okng_error *error)
{
    size_t bytes = (size_t)okng_products_bytes(fitting->patches, fitting->dim);
    OKNG_TRY(okng_sums_new(&own->sums, fitting->dim, error));
    own->work = okng_alloc(bytes, 1);
    return own->work ? OKNG_OK : okng_fail_memory(error, bytes);
}

okng_status okng_subspace_sum_pictures(okng_subspace_fitting *fitting, okng_error *error)
{
    summing s = {fitting, calloc((size_t)fitting->threads, sizeof(worker))};
    okng_status status = s.workers ? OKNG_OK : okng_fail_memory(error, (size_t)fitting->threads * sizeof(worker));
    for (int t = 0; t < fitting->threads && status == OKNG_OK; t++) status = open_worker(fitting, &s.workers[t], error);
    if (status == OKNG_OK) {
        okng_ticker_stage(fitting->ticker, "features", fitting->pictures.list.count);
        status = okng_extract_each(fitting->extractor, &fitting->pictures.list, fitting->options->max_pixels, 0,
                                   fitting->threads, fitting->at_once, fitting->ticker, "the build", NULL, add_picture,
                                   &s, error);
    }
    for (int t = 0; t < fitting->threads && s.workers; t++) {
        okng_sums_free(&s.workers[t].sums);
        free(s.workers[t].work);
    }
    free(s.workers);
    return status;
}

/* ---- */

static okng_status open_fitting(okng_subspace_fitting *fitting, okng_bank_config *config, const okng_weights *weights,
                                const okng_pictures *pictures, okng_error *error)
{
    okng_turned_pictures_init(&fitting->pictures, pictures, (size_t)fitting->options->turns);
    OKNG_TRY(okng_groups_find(&fitting->groups, fitting->options->group, pictures, error));
    OKNG_TRY(okng_learning_open(&fitting->extractor, config, weights, pictures, fitting->threads, error));
    okng_extractor_grid(fitting->extractor, &fitting->grid_height, &fitting->grid_width);
    fitting->patches = okng_extractor_patches(fitting->extractor);
    fitting->looked_at = okng_extractor_looked_at(fitting->extractor);
    fitting->dim = okng_extractor_dim(fitting->extractor);
    config->patches *= fitting->pictures.turns;
    OKNG_TRY(okng_subspace_fit_memory(fitting, error));
    return okng_sums_new(&fitting->sums, fitting->dim, error);
}

static okng_status open_ledger(okng_subspace_fitting *fitting, okng_error *error)
{
    const okng_pictures *good = fitting->pictures.pictures;
    okng_ledger_size size = {.count = (int64_t)good->count, .patches = fitting->patches, .dim = fitting->dim};
    size.kept = okng_ledger_kept_for(fitting->dim, &size);
    okng_picture_names names;
    OKNG_TRY(okng_picture_names_of(&names, good, error));
    char *folder = okng_pictures_folder(good);
    okng_status status = folder
                             ? okng_ledger_new(&fitting->ledger, &size, okng_picture_names_get, &names, folder, error)
                             : okng_fail_memory(error, OKNG_PATH_MAX);
    free(folder);
    okng_picture_names_free(&names);
    return status;
}

static okng_status run_steps(okng_subspace_fitting *fitting, okng_tau *tau, okng_build_report *report,
                             okng_error *error)
{
    double since = okng_clock();
    OKNG_TRY(okng_subspace_sum_pictures(fitting, error));
    okng_report_stage(report, "features", &since);
    OKNG_TRY(okng_directions_find(&fitting->directions, &fitting->sums, fitting->options->variance, error));
    okng_report_stage(report, "directions", &since);
    if (!leaves_out(fitting)) return OKNG_OK; /* scored as any other picture, by whoever opens the bank */
    OKNG_TRY(open_ledger(fitting, error));
    OKNG_TRY(okng_subspace_calibrate(fitting, tau, error));
    okng_report_stage(report, "calibration", &since);
    return OKNG_OK;
}

void okng_subspace_fitting_close(okng_subspace_fitting *fitting)
{
    okng_groups_free(&fitting->groups);
    okng_extractor_free(&fitting->extractor);
    okng_sums_free(&fitting->sums);
    okng_directions_free(&fitting->directions);
    okng_looked_at_free(&fitting->own_looked_at);
    okng_ledger_free(&fitting->ledger);
    for (int32_t i = 0; i < fitting->part_count; i++) okng_residual_free(&fitting->parts[i].residual);
    (void)pthread_mutex_destroy(&fitting->mutex);
}

okng_status okng_subspace_hand_over(okng_subspace_fitting *fitting, okng_subspace **out, okng_bank_file *bank,
                                    const okng_weights *weights, okng_error *error)
{
    okng_bank_config *config = &bank->config;
    config->data_count = 1;
    config->data[0] =
        (okng_bank_data){.file = OKNG_SUBSPACE_FILE, .rows = fitting->directions.kept, .dim = fitting->directions.dim};
    OKNG_TRY(okng_subspace_new(out, bank, weights, &fitting->sums, &fitting->directions, error));
    if (!fitting->ledger || fitting->pictures.pictures->tiles) return OKNG_OK; /* banks of tiles do not grow */
    config->data[config->data_count++] = okng_ledger_data(fitting->ledger);
    okng_subspace_set_ledger(*out, fitting->ledger);
    fitting->ledger = NULL;
    return OKNG_OK;
}

okng_status okng_subspace_fit(okng_subspace **out, okng_bank_file *bank, const okng_weights *weights,
                              const okng_pictures *pictures, okng_ticker *ticker, okng_build_report *report,
                              okng_error *error)
{
    *out = NULL;
    okng_bank_config *config = &bank->config;
    okng_subspace_fitting fitting = {.config = config, .options = &config->options, .ticker = ticker};
    fitting.threads = okng_thread_count(config->options.threads);
    if ((size_t)fitting.threads > pictures->count) fitting.threads = (int)pictures->count;
    (void)pthread_mutex_init(&fitting.mutex, NULL);
    okng_status status = open_fitting(&fitting, config, weights, pictures, error);
    if (status == OKNG_OK) status = run_steps(&fitting, &bank->tau, report, error);
    if (status == OKNG_OK) status = okng_subspace_hand_over(&fitting, out, bank, weights, error);
    okng_subspace_fitting_close(&fitting);
    return status;
}
