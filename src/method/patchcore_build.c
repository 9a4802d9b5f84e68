#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/memory.h"
#include "base/parallel.h"
#include "base/sha256.h"
#include "engine/engine.h"
#include "method/fitting.h"
#include "method/patchcore.h"
#include "net/graph.h"
#include "tensor/names.h"

static double now(void)
{
    struct timespec time;
    (void)clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

/* The three slow steps, timed. */
static okng_status run_steps(okng_fitting *fitting, okng_tau *tau, okng_build_report *report, okng_error *error)
{
    OKNG_TRY(okng_fitting_reserve(fitting, error));
    double start = now();
    OKNG_TRY(okng_fitting_features(fitting, error));
    double extracted = now();
    OKNG_TRY(okng_fitting_select(fitting, error));
    double selected = now();
    OKNG_TRY(okng_fitting_calibrate(fitting, tau, error));
    report->seconds_features = extracted - start;
    report->seconds_coreset = selected - extracted;
    report->seconds_calibration = now() - selected;
    return OKNG_OK;
}

/* Before the work, which would be lost when the bank could not name its weights. */
static okng_status describe_weights(const okng_build_options *options, const okng_weights *weights,
                                    okng_bank_config *config, okng_error *error)
{
    config->options = *options;
    size_t size;
    const void *bytes = okng_weights_bytes(weights, &size);
    if (!options->weights[0]) return okng_sha256(bytes, size, config->weights_sha256, error); /* built in */
    char *absolute = realpath(options->weights, NULL);
    if (!absolute) return okng_fail_errno(error, "resolve", options->weights);
    size_t length = strlen(absolute);
    bool fits = length < sizeof config->options.weights, is_text = okng_name_valid(absolute, length);
    if (fits) memcpy(config->options.weights, absolute, length + 1);
    free(absolute);
    if (!fits) return okng_fail(error, OKNG_ERROR_LIMIT, "%s: its absolute path is too long", options->weights);
    if (!is_text)
        return okng_fail(error, OKNG_ERROR_ARGUMENT, "%s: its absolute path is not UTF-8 text; rename or move it",
                         options->weights);
    return okng_sha256(bytes, size, config->weights_sha256, error);
}

static void describe_fitting(const okng_fitting *fitting, okng_bank_config *config)
{
    config->pictures = (uint64_t)fitting->picture_count;
    config->patches = (uint64_t)(fitting->picture_count * fitting->patches);
    config->input_height = fitting->input_height;
    config->input_width = fitting->input_width;
    config->rows = fitting->bank_count;
    config->dim = fitting->dim;
    config->range_count = fitting->ranges.count;
    memcpy(config->ranges, fitting->ranges.values, sizeof config->ranges);
    (void)snprintf(config->engine, sizeof config->engine, "%s", okng_engine_version());
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
    if (status == OKNG_OK) status = describe_weights(options, weights, &config, error);
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
