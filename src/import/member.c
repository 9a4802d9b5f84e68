#include "import/member.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bank/ensemble_file.h"
#include "bank/tau.h"
#include "base/parallel.h"
#include "engine/engine.h"
#include "features/extractor.h"
#include "model/methods.h"
#include "model/model.h"

okng_status okng_import_set(okng_build_options *options, const char *name, const char *value, const char *file,
                            okng_error *error)
{
    if (!value) return OKNG_OK;
    okng_status status = okng_build_options_set(options, name, value, error);
    return status == OKNG_OK ? OKNG_OK : okng_error_context(error, status, "%s", file);
}

static void add_note(okng_importing *importing, const char *format, va_list args)
{
    char *warning = importing->report.warning;
    size_t used = strlen(warning), size = sizeof importing->report.warning;
    if (used > 0) used += (size_t)snprintf(warning + used, size - used, "; ");
    if (used < size) (void)vsnprintf(warning + used, size - used, okng_translate_format(format), args);
}

void okng_import_note(okng_importing *importing, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    add_note(importing, format, args);
    va_end(args);
}

okng_status okng_import_warn(okng_importing *importing, okng_error *error, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    add_note(importing, format, args);
    va_end(args);
    if (!importing->options->strict) return OKNG_OK;
    return okng_fail(error, OKNG_ERROR_UNSUPPORTED, "%s (an error because the import is strict)",
                     importing->report.warning);
}

okng_status okng_import_check(okng_bank_config *config, int64_t dim, const okng_weights *weights, const char *file,
                              okng_error *error)
{
    okng_extractor *extractor = NULL;
    okng_status status = okng_extractor_new(&extractor, &config->options, weights, (okng_ranges){0}, NULL,
                                            config->input_height, config->input_width, 1, error);
    if (status == OKNG_OK && okng_extractor_dim(extractor) != dim)
        status = okng_fail(error, OKNG_ERROR_MISMATCH,
                           "%s gives patch vectors of %d dimensions, expected the %lld of the memory bank",
                           config->options.backbone, okng_extractor_dim(extractor), (long long)dim);
    okng_extractor_free(&extractor);
    if (status != OKNG_OK) return okng_error_context(error, status, "%s", file);
    (void)snprintf(config->engine, sizeof config->engine, "%s", okng_engine_version(config->options.device));
    return OKNG_OK;
}

/* ---- putting in place ---------------------------------------------------------------------------------------------
 */

static okng_status write_tau(const okng_importing *importing, const okng_build_options *options, const okng_tau *tau,
                             okng_error *error)
{
    char *path = okng_path_join(importing->writer.building, OKNG_BANK_TAU_FILE);
    if (!path) return okng_fail_memory(error, OKNG_PATH_MAX);
    okng_status status = okng_tau_write(tau, options, path, error);
    free(path);
    return status;
}

static okng_status calibrate_opened(okng_importing *importing, okng_model *model, okng_error *error)
{
    const okng_import_options *options = importing->options;
    okng_pictures pictures = okng_pictures_of_paths(options->ok_pictures, options->ok_count);
    pictures.bit_depth = okng_model_look(model).options->bit_depth;
    int threads = okng_thread_count(options->threads);
    bool changed;
    OKNG_TRY(okng_model_survey(model, &pictures, threads, importing->ticker, &changed, error));
    OKNG_TRY(okng_model_calibrate(model, &pictures, threads, importing->ticker, error));
    const okng_tau *tau = okng_model_look(model).tau;
    importing->report.image_tau = tau->image;
    importing->report.pixel_tau = tau->pixel;
    return OKNG_OK;
}

/* Thresholds from the bank as it was written, the way it will be used. */
static okng_status calibrate(okng_importing *importing, okng_error *error)
{
    okng_model *model;
    OKNG_TRY(okng_model_open(&model, importing->writer.building, NULL, error));
    okng_status status = calibrate_opened(importing, model, error);
    okng_model_close(&model);
    return status;
}

okng_status okng_import_finish(okng_importing *importing, size_t count, const okng_tau *tau, okng_error *error)
{
    okng_build_options options;
    okng_build_options_init(&options);
    importing->report.members = count;
    importing->report.image_tau = tau->image;
    importing->report.pixel_tau = tau->pixel;
    okng_ensemble_file ensemble = {.count = count};
    if (count > 1) OKNG_TRY(okng_ensemble_file_write(&ensemble, importing->writer.building, error));
    OKNG_TRY(write_tau(importing, &options, tau, error));
    if (importing->options->ok_count > 0) OKNG_TRY(calibrate(importing, error));
    return okng_bank_writer_finish(&importing->writer, error);
}
