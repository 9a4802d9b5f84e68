#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/memory.h"
#include "base/parallel.h"
#include "engine/engine.h"
#include "features/provenance.h"
#include "net/graph.h"
#include "patchcore/fitting.h"
#include "patchcore/patchcore.h"

/* The three slow steps, timed. */
static okng_status run_steps(okng_fitting *fitting, okng_tau *tau, okng_build_report *report, okng_error *error)
{
    OKNG_TRY(okng_fitting_reserve(fitting, error));
    double start = okng_clock();
    OKNG_TRY(okng_fitting_features(fitting, error));
    double extracted = okng_clock();
    OKNG_TRY(okng_fitting_select(fitting, error));
    double selected = okng_clock();
    OKNG_TRY(okng_fitting_calibrate(fitting, tau, error));
    report->seconds_features = extracted - start;
    report->seconds_coreset = selected - extracted;
    report->seconds_calibration = okng_clock() - selected;
    return OKNG_OK;
}

static void describe_fitting(const okng_fitting *fitting, okng_bank_config *config)
{
    config->pictures = (uint64_t)fitting->picture_count;
    config->patches = (uint64_t)(fitting->picture_count * fitting->patches);
    config->input_height = fitting->input_height;
    config->input_width = fitting->input_width;
    config->rows = fitting->bank_count;
    config->dim = fitting->dim;
    _Static_assert((int)OKNG_MEASURED_RANGES_MAX <= (int)OKNG_MAX_RANGES, "what is measured has room in a bank");
    config->range_count = fitting->ranges.count;
    memcpy(config->ranges, fitting->ranges.values, sizeof fitting->ranges.values);
    (void)snprintf(config->engine, sizeof config->engine, "%s", okng_engine_version(""));
}

static void fill_report(const okng_fitting *fitting, const okng_tau *tau, okng_build_report *report)
{
    report->pictures = (uint64_t)fitting->picture_count;
    report->patches = (uint64_t)(fitting->picture_count * fitting->patches);
    report->rows = (uint64_t)fitting->bank_count;
    report->dim = (int32_t)fitting->dim;
    report->spilled = okng_store_spilled(fitting->store);
    report->pixel_tau = tau->pixel;
    report->image_tau = tau->image;
}

okng_status okng_patchcore_build(const char *const *pictures, size_t count, const char *bank_dir,
                                 const okng_build_options *options, okng_ticker *ticker, okng_build_report *report,
                                 okng_error *error)
{
    okng_bank_writer writer;
    OKNG_TRY(okng_bank_writer_open(&writer, bank_dir, error));
    okng_fitting fitting = {
        .options = options, .pictures = pictures, .picture_count = (int64_t)count, .ticker = ticker};
    fitting.threads = okng_thread_count(options->threads);
    if ((size_t)fitting.threads > count) fitting.threads = (int)count;
    okng_weights *weights = NULL;
    okng_tau tau = {0};
    okng_bank_config config = {0};
    okng_status status = okng_graph_weights(&weights, options->backbone, options->weights, error);
    if (status == OKNG_OK)
        status = okng_provenance_of_weights(options, weights, &config.options, config.weights_sha256, error);
    if (status == OKNG_OK) {
        status = okng_fitting_open(&fitting, weights, error);
        if (status == OKNG_OK) status = run_steps(&fitting, &tau, report, error);
        if (status == OKNG_OK) describe_fitting(&fitting, &config);
        if (status == OKNG_OK) status = okng_bank_writer_commit(&writer, &config, &tau, fitting.bank, error);
        if (status == OKNG_OK) fill_report(&fitting, &tau, report);
        okng_fitting_close(&fitting);
    }
    okng_tau_free(&tau);
    okng_weights_close(&weights);
    okng_bank_writer_close(&writer);
    return status;
}
