#include "subspace/grown.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/parallel.h"
#include "subspace/fitting.h"
#include "subspace/subspace_file.h"

static const okng_pictures no_pictures = {0};

static void begin(okng_subspace_fitting *fitting, okng_bank_file *bank, const okng_groups *groups,
                  const okng_pictures *good, okng_ticker *ticker)
{
    *fitting = (okng_subspace_fitting){.config = &bank->config,
                                       .options = &bank->config.options,
                                       .groups = *groups,
                                       .ticker = ticker,
                                       .threads = okng_thread_count(bank->config.options.threads),
                                       .dim = bank->config.data[0].dim};
    okng_turned_pictures_init(&fitting->pictures, good, (size_t)fitting->options->turns);
    (void)pthread_mutex_init(&fitting->mutex, NULL);
}

static void end(okng_subspace_fitting *fitting)
{
    fitting->groups = (okng_groups){0}; /* borrowed */
    okng_subspace_fitting_close(fitting);
}

/* Adds what a bank has learnt, whose pictures stand in the ledger behind those of the parts so far. */
static okng_status take_part(okng_subspace_fitting *fitting, const okng_bank_file *bank, const okng_ledger *ledger,
                             okng_error *error)
{
    okng_sums sums = {0};
    okng_directions directions = {0};
    okng_subspace_part *part = &fitting->parts[fitting->part_count];
    part->first = fitting->first_number;
    part->end = fitting->first_number += ledger->count;
    if (ledger->dim != fitting->dim || ledger->patches != fitting->patches)
        return okng_fail(error, OKNG_ERROR_FORMAT,
                         "%s is not of the bank (its patch vectors differ); build the bank anew", OKNG_LEDGER_FILE);
    OKNG_TRY(okng_subspace_file_directions(&directions, bank->data[0], fitting->dim, error));
    okng_status status = okng_residual_new(&part->residual, &directions, error);
    okng_directions_free(&directions);
    if (status != OKNG_OK) return status;
    fitting->part_count++;
    OKNG_TRY(okng_subspace_file_sums(&sums, bank->data[0], fitting->dim, error));
    status = okng_sums_add(&fitting->sums, &sums, error);
    okng_sums_free(&sums);
    return status;
}

static okng_status open_ledger(okng_subspace_fitting *fitting, const okng_picture_names *names, const char *folder,
                               const okng_ledger *const *parts, okng_error *error)
{
    okng_ledger_size size = {.count = names->count, .patches = fitting->patches, .dim = fitting->dim};
    size.kept = okng_ledger_kept_for(fitting->dim, &size);
    OKNG_TRY(okng_ledger_new(&fitting->ledger, &size, okng_picture_names_get, names, folder, error));
    for (int32_t i = 0; i < fitting->part_count; i++)
        okng_ledger_copy(fitting->ledger, fitting->parts[i].first, parts[i]);
    return OKNG_OK;
}

static okng_status conclude(okng_subspace_fitting *fitting, okng_tau *tau, okng_build_report *report, double *since,
                            okng_error *error)
{
    OKNG_TRY(okng_directions_find(&fitting->directions, &fitting->sums, fitting->options->variance, error));
    okng_report_stage(report, "directions", since);
    OKNG_TRY(okng_subspace_calibrate(fitting, tau, error));
    okng_report_stage(report, "calibration", since);
    return OKNG_OK;
}

/* ---- more pictures ----------------------------------------------------------------------------------------------- */

static okng_status open_network(okng_subspace_fitting *fitting, const okng_weights *weights, okng_error *error)
{
    const okng_bank_config *config = fitting->config;
    if ((size_t)fitting->threads > fitting->pictures.pictures->count)
        fitting->threads = (int)fitting->pictures.pictures->count;
    OKNG_TRY(okng_extractor_new(&fitting->extractor, fitting->options, weights,
                                (okng_ranges){config->ranges, config->range_count}, config->ignored,
                                config->input_height, config->input_width, 1, error));
    okng_extractor_grid(fitting->extractor, &fitting->grid_height, &fitting->grid_width);
    fitting->patches = okng_extractor_patches(fitting->extractor);
    fitting->looked_at = okng_extractor_looked_at(fitting->extractor);
    if (okng_extractor_dim(fitting->extractor) != fitting->dim)
        return okng_fail(error, OKNG_ERROR_FORMAT,
                         "the bank's rows have %lld dimensions, but its network and options give %lld; build it anew",
                         (long long)fitting->dim, (long long)okng_extractor_dim(fitting->extractor));
    OKNG_TRY(okng_subspace_fit_memory(fitting, error));
    return okng_sums_new(&fitting->sums, fitting->dim, error);
}

static okng_status run_add(okng_subspace_fitting *fitting, const okng_more *more, okng_tau *tau,
                           okng_build_report *report, okng_error *error)
{
    double since = okng_clock();
    OKNG_TRY(take_part(fitting, more->old, more->ledger, error));
    OKNG_TRY(okng_subspace_sum_pictures(fitting, error));
    okng_report_stage(report, "features", &since);
    OKNG_TRY(open_ledger(fitting, more->names, more->folder, &more->ledger, error));
    return conclude(fitting, tau, report, &since, error);
}

static okng_status add(void **model, okng_bank_file *bank, const okng_more *more, const okng_weights *weights,
                       okng_ticker *ticker, okng_build_report *report, okng_error *error)
{
    okng_subspace_fitting fitting;
    okng_subspace *subspace = NULL;
    begin(&fitting, bank, more->groups, more->more, ticker);
    okng_status status = open_network(&fitting, weights, error);
    if (status == OKNG_OK) status = run_add(&fitting, more, &bank->tau, report, error);
    if (status == OKNG_OK) status = okng_subspace_hand_over(&fitting, &subspace, bank, weights, error);
    end(&fitting);
    *model = subspace;
    return status;
}

/* ---- two banks --------------------------------------------------------------------------------------------------- */

static okng_status run_merge(okng_subspace_fitting *fitting, const okng_pair *pair, okng_tau *tau,
                             okng_build_report *report, okng_error *error)
{
    double since = okng_clock();
    OKNG_TRY(okng_sums_new(&fitting->sums, fitting->dim, error));
    for (int i = 0; i < 2; i++) OKNG_TRY(take_part(fitting, pair->bank[i], pair->ledger[i], error));
    OKNG_TRY(open_ledger(fitting, pair->names, pair->folder, pair->ledger, error));
    return conclude(fitting, tau, report, &since, error);
}

/* Without a network it is the one that the configuration says. */
static okng_status take_grid(okng_subspace_fitting *fitting, okng_error *error)
{
    const okng_bank_config *config = fitting->config;
    fitting->grid_height = config->grid_height;
    fitting->grid_width = config->grid_width;
    OKNG_TRY(okng_looked_at_new(&fitting->own_looked_at, config->ignored, fitting->options, config->input_height,
                                config->input_width, config->grid_height, config->grid_width, error));
    fitting->looked_at = fitting->own_looked_at;
    fitting->patches =
        fitting->looked_at ? fitting->looked_at->patches : (int64_t)fitting->grid_height * fitting->grid_width;
    return OKNG_OK;
}

static okng_status merge(void **model, okng_bank_file *bank, const okng_pair *pair, const okng_weights *weights,
                         okng_ticker *ticker, okng_build_report *report, okng_error *error)
{
    okng_subspace_fitting fitting;
    okng_subspace *subspace = NULL;
    begin(&fitting, bank, pair->groups, &no_pictures, ticker);
    okng_status status = take_grid(&fitting, error);
    if (status == OKNG_OK) status = run_merge(&fitting, pair, &bank->tau, report, error);
    if (status == OKNG_OK) status = okng_subspace_hand_over(&fitting, &subspace, bank, weights, error);
    end(&fitting);
    *model = subspace;
    return status;
}

const okng_growing okng_subspace_growing = {.add = add, .merge = merge};
