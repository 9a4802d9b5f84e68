/* A category's bank: learnt, or taken from another program; its thresholds, where pictures are held out for them. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/memory.h"
#include "experiment/category.h"
#include "import/import.h"
#include "model/build.h"
#include "model/methods.h"

enum { FEW = 20 }; /* as okng build says it of its thresholds */

/* The method's own stages, each where the table of figures has a row for it: seconds_<stage>. */
static void take_seconds(const okng_build_report *report, double *values)
{
    char key[OKNG_NAME_MAX];
    for (int32_t i = 0; i < report->stage_count; i++) {
        (void)snprintf(key, sizeof key, "seconds_%s", report->stages[i].name);
        okng_figure_id figure = okng_figure_find(key);
        if (figure < OKNG_FIGURES) values[figure] = report->stages[i].seconds;
    }
}

/* What the part is called, where nobody said it: as the category is. */
static okng_status name_class(const okng_category_job *job, const okng_method *method, okng_build_options *options,
                              okng_error *error)
{
    if (!(method->needs & OKNG_NEEDS_CLASS_NAME) || *options->class_name) return OKNG_OK;
    okng_status status = okng_build_options_set(options, "class-name", job->name, error);
    if (status == OKNG_OK) return OKNG_OK;
    return okng_error_context(error, status, "the category's name as that of the part; give model.class_name");
}

static okng_status fit(okng_category_job *job, okng_error *error)
{
    okng_build_options options = job->config->build;
    okng_build_report report = {.struct_size = sizeof report};
    const okng_method *method;
    OKNG_TRY(okng_method_find(&method, options.method, error));
    OKNG_TRY(name_class(job, method, &options, error));
    bool leaves_out = options.calibration != OKNG_CALIBRATION_TRAIN && okng_method_reads(method, "calibration");
    if (job->train_count == 1 && leaves_out && (method->needs & OKNG_NEEDS_PICTURES)) {
        options.calibration = OKNG_CALIBRATION_TRAIN; /* nothing is left when the only picture is left out */
        if (job->validation_count == 0 && job->warn)
            job->warn(job->warn_user, "one picture is learnt, so the thresholds say nothing: every picture will be NG; "
                                      "hold pictures out for them with data.validation");
    }
    const okng_lesson lesson = {.pictures = okng_pictures_of_paths(job->train, job->train_count)};
    OKNG_TRY(okng_model_build(&lesson, job->bank, &options, job->ticker, &report, error));
    take_seconds(&report, job->result->values);
    return OKNG_OK;
}

static okng_status import(okng_category_job *job, okng_import_kind kind, const char *source, okng_error *error)
{
    const okng_experiment_config *config = job->config;
    okng_build_options build = config->build;
    okng_import_options options = {.struct_size = sizeof options,
                                   .prepend = config->pretrained_prepend[0] ? config->pretrained_prepend : NULL,
                                   .strict = config->pretrained_strict,
                                   .weights = build.weights[0] ? build.weights : NULL,
                                   .ok_pictures = job->train,
                                   .ok_count = job->train_count,
                                   .threads = build.threads};
    char resize[32];
    if (kind == OKNG_IMPORT_PATCHCORE_INSPECTION &&
        build.resize_mode == OKNG_RESIZE_SHORTER) { /* as the original's transform; its files do not say the size */
        OKNG_TRY(okng_build_options_get(&build, "resize", resize, sizeof resize, error));
        options.resize = resize;
    }
    okng_import_report report = {.struct_size = sizeof report};
    OKNG_TRY(okng_import_model(kind, source, job->bank, &options, job->ticker, &report, error));
    if (report.warning[0] && job->warn) job->warn(job->warn_user, report.warning);
    return OKNG_OK;
}

/* Where the pretrained model of this category is; *source is malloc'd. */
static okng_status find_pretrained(const okng_category_job *job, char **source, okng_import_kind *kind,
                                   okng_error *error)
{
    const okng_experiment_config *config = job->config;
    struct stat info;
    bool is_file = stat(config->pretrained_root, &info) == 0 && S_ISREG(info.st_mode);
    *kind = is_file ? OKNG_IMPORT_ANOMALIB : OKNG_IMPORT_PATCHCORE_INSPECTION;
    if (!is_file) return okng_import_find(config->pretrained_root, config->dataset, job->name, source, error);
    *source = strdup(config->pretrained_root);
    return *source ? OKNG_OK : okng_fail_memory(error, strlen(config->pretrained_root));
}

static okng_status fit_or_import(okng_category_job *job, okng_error *error)
{
    if (!job->config->pretrained_root[0]) return fit(job, error);
    char *source = NULL;
    okng_import_kind kind;
    okng_error why = {0};
    okng_status status = find_pretrained(job, &source, &kind, &why);
    if (status == OKNG_OK) {
        status = import(job, kind, source, error);
        free(source);
        return status;
    }
    if (status != OKNG_ERROR_NOT_FOUND || job->config->pretrained_strict) {
        if (error) *error = why;
        return status;
    }
    (void)okng_error_context(&why, status, "no pretrained model, so one is fitted");
    if (job->warn) job->warn(job->warn_user, why.message);
    return fit(job, error);
}

/* An ensemble's scores are normalised over all test pictures, as patchcore-inspection does; the thresholds then too. */
static okng_status survey(okng_category_job *job, bool *changed, okng_error *error)
{
    const char **paths = okng_alloc(job->test_count, sizeof *paths);
    if (!paths) return okng_fail_memory(error, job->test_count * sizeof *paths);
    for (size_t i = 0; i < job->test_count; i++) paths[i] = job->test[i]->path;
    okng_pictures pictures = okng_pictures_of_paths(paths, job->test_count);
    pictures.bit_depth = job->info.options->bit_depth;
    okng_status status = okng_model_survey(job->model, &pictures, job->threads, job->ticker, changed, error);
    free(paths);
    return status;
}

static okng_status calibrate(okng_category_job *job, const char *const *paths, size_t count, okng_error *error)
{
    okng_pictures pictures = okng_pictures_of_paths(paths, count);
    pictures.bit_depth = job->info.options->bit_depth;
    return okng_model_calibrate(job->model, &pictures, job->threads, job->ticker, error);
}

/* Where few pictures are meant (drawn, or beside words) and no others give thresholds: what those are worth. */
static okng_status warn_of_few(const okng_category_job *job, okng_error *error)
{
    const okng_method *method;
    char text[240];
    OKNG_TRY(okng_method_find(&method, job->info.options->method, error));
    const bool means_few = job->config->data.k_shot > 0 || !(method->needs & OKNG_NEEDS_PICTURES);
    const bool known = !isnan(job->info.tau->image);
    if (!job->warn || !means_few || job->validation_count > 0 || job->train_count >= FEW) return OKNG_OK;
    if (job->train_count > 1 && known)
        (void)snprintf(
            text, sizeof text,
            "thresholds are weak, as %zu good pictures say little of how new ones vary: go by AUROC and AP, or "
            "hold pictures out for thresholds with data.validation",
            job->train_count);
    else if (job->train_count == 1 && !known)
        (void)snprintf(
            text, sizeof text,
            "one good picture leaves none to hold it against, so there are no thresholds: go by AUROC and AP, or "
            "hold pictures out for thresholds with data.validation");
    else
        return OKNG_OK;
    job->warn(job->warn_user, text);
    return OKNG_OK;
}

okng_status okng_category_fit(okng_category_job *job, okng_error *error)
{
    bool changed;
    OKNG_TRY(fit_or_import(job, error));
    OKNG_TRY(okng_model_open(&job->model, job->bank, NULL, error));
    OKNG_TRY(okng_model_describe(job->model, &job->info, error));
    OKNG_TRY(survey(job, &changed, error));
    if (job->validation_count > 0)
        OKNG_TRY(calibrate(job, job->validation, job->validation_count, error));
    else if (changed)
        OKNG_TRY(calibrate(job, job->train, job->train_count, error));
    double *values = job->result->values;
    values[OKNG_FIGURE_THRESHOLD_IMAGE] = (double)job->info.tau->image;
    values[OKNG_FIGURE_THRESHOLD_PIXEL] = (double)job->info.tau->pixel;
    values[OKNG_FIGURE_BANK_ROWS] = (double)job->info.rows;
    values[OKNG_FIGURE_BANK_DIM] = (double)job->info.dim;
    values[OKNG_FIGURE_BANK_BYTES] = (double)job->info.bytes;
    values[OKNG_FIGURE_PARAMETERS] = (double)job->info.cost.parameters;
    values[OKNG_FIGURE_FLOPS] = job->info.cost.flops;
    (void)snprintf(job->result->backbone, sizeof job->result->backbone, "%s", job->info.options->backbone);
    return warn_of_few(job, error);
}
