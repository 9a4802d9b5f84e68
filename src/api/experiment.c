#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/json.h"
#include "base/sized.h"
#include "data/options.h"
#include "experiment/run.h"
#include "model/build.h"
#include "options/options.h"
#include "report/results.h"

struct okng_experiment {
    okng_experiment_config config;
    okng_run run;
};

static okng_status make(okng_experiment **out, okng_error *error)
{
    *out = calloc(1, sizeof **out);
    if (!*out) return okng_fail_memory(error, sizeof **out);
    okng_experiment_config_init(&(*out)->config);
    return OKNG_OK;
}

/* ---- configuring ---------------------------------------------------------------------------- */

static okng_status take_text(const char *what, const char *value, char *field, size_t size, okng_error *error)
{
    if (!value) return OKNG_OK;
    size_t length = strlen(value);
    if (length >= size)
        return okng_fail(error, OKNG_ERROR_ARGUMENT, "%s: %zu bytes, expected at most %zu", what, length, size - 1);
    memcpy(field, value, length + 1);
    return OKNG_OK;
}

static okng_status take_setup(okng_experiment_config *config, const okng_experiment_setup *setup, okng_error *error)
{
    OKNG_TRY(take_text("name", setup->name, config->name, sizeof config->name, error));
    OKNG_TRY(take_text("output_root", setup->output_root, config->output_root, sizeof config->output_root, error));
    OKNG_TRY(take_text("dataset", setup->dataset, config->dataset, sizeof config->dataset, error));
    OKNG_TRY(take_text("root", setup->root, config->root, sizeof config->root, error));
    OKNG_TRY(
        take_text("pretrained", setup->pretrained, config->pretrained_root, sizeof config->pretrained_root, error));
    OKNG_TRY(take_text("submission", setup->submission, config->submission, sizeof config->submission, error));
    if (setup->build) OKNG_TRY(okng_build_options_check(setup->build, &config->build, error));
    if (setup->data) OKNG_TRY(okng_dataset_options_check(setup->data, &config->data, error));
    config->data.seed = config->build.seed;
    if (setup->latency_runs != 0) config->latency_runs = setup->latency_runs > 0 ? setup->latency_runs : 0;
    if (setup->examples != 0) config->num_examples = setup->examples == -2 ? 0 : setup->examples;
    config->save_anomaly_map = setup->save_maps != 0;
    config->pro_mode = setup->pro_mode;
    return OKNG_OK;
}

okng_status okng_experiment_new(okng_experiment **out, const okng_experiment_setup *setup, okng_error *error)
{
    OKNG_TRY(okng_need(out, "the place for the experiment", error));
    *out = NULL;
    okng_experiment_setup full = {0};
    OKNG_TRY(okng_sized_take(&full, sizeof full, setup, "the setup", error));
    OKNG_TRY(make(out, error));
    okng_status status = take_setup(&(*out)->config, &full, error);
    if (status == OKNG_OK) status = okng_experiment_config_check(&(*out)->config, error);
    if (status != OKNG_OK) okng_experiment_free(out);
    return status;
}

okng_status okng_experiment_load(okng_experiment **out, const char *path, const char *const *settings,
                                 size_t setting_count, okng_error *error)
{
    OKNG_TRY(okng_need(out, "the place for the experiment", error));
    *out = NULL;
    OKNG_TRY(okng_need(path, "the path of the configuration", error));
    if (setting_count > 0) OKNG_TRY(okng_need(settings, "the settings", error));
    OKNG_TRY(make(out, error));
    okng_status status = okng_experiment_config_load(&(*out)->config, path, settings, setting_count, error);
    if (status != OKNG_OK) okng_experiment_free(out);
    return status;
}

void okng_experiment_free(okng_experiment **experiment)
{
    if (!experiment || !*experiment) return;
    okng_run_close(&(*experiment)->run);
    free(*experiment);
    *experiment = NULL;
}

okng_status okng_experiment_get_build(const okng_experiment *experiment, okng_build_options *build, okng_error *error)
{
    OKNG_TRY(okng_need(experiment, "the experiment", error));
    const okng_build_options *full = &experiment->config.build;
    return okng_sized_give(build, full, sizeof *full, "the place for the options", error);
}

okng_status okng_experiment_set_build(okng_experiment *experiment, const okng_build_options *build, okng_error *error)
{
    OKNG_TRY(okng_need(experiment, "the experiment", error));
    OKNG_TRY(okng_build_options_check(build, &experiment->config.build, error));
    experiment->config.data.seed = experiment->config.build.seed;
    return OKNG_OK;
}

okng_status okng_experiment_yaml(const okng_experiment *experiment, char **yaml, okng_error *error)
{
    OKNG_TRY(okng_need(yaml, "the place for the text", error));
    *yaml = NULL;
    OKNG_TRY(okng_need(experiment, "the experiment", error));
    return okng_experiment_config_yaml(&experiment->config, yaml, error);
}

/* ---- running -------------------------------------------------------------------------------- */

okng_status okng_experiment_run(okng_experiment *experiment, unsigned flags, okng_progress_fn progress,
                                okng_experiment_fn listener, void *user, okng_error *error)
{
    OKNG_TRY(okng_need(experiment, "the experiment", error));
    okng_build_options complete;
    OKNG_TRY(okng_build_options_check(&experiment->config.build, &complete, error));
    OKNG_TRY(okng_choose_network(&complete, error));
    OKNG_TRY(okng_model_check_engine(&complete, error));
    experiment->config.build = complete;
    char *versions = NULL;
    OKNG_TRY(okng_build_info(&versions, error));
    okng_ticker ticker;
    okng_ticker_init(&ticker, progress, user);
    okng_run_close(&experiment->run);
    experiment->run = (okng_run){.config = &experiment->config,
                                 .versions = versions,
                                 .flags = flags,
                                 .ticker = &ticker,
                                 .listener = listener,
                                 .user = user};
    okng_status status = okng_run_open(&experiment->run, error);
    if (status == OKNG_OK) status = okng_run_all(&experiment->run, error);
    okng_ticker_destroy(&ticker);
    okng_text_free(&versions);
    experiment->run.ticker = NULL;
    experiment->run.versions = NULL;
    return status;
}

const char *okng_experiment_folder(const okng_experiment *experiment)
{
    return experiment ? experiment->run.folder : NULL;
}

size_t okng_experiment_category_count(const okng_experiment *experiment)
{
    return experiment && experiment->run.categories ? experiment->run.count : 0;
}

okng_status okng_experiment_category(const okng_experiment *experiment, size_t i, okng_category_info *info,
                                     okng_error *error)
{
    OKNG_TRY(okng_need(experiment, "the experiment", error));
    OKNG_TRY(okng_sized_check(info, "the place for the figures", error));
    size_t count = okng_experiment_category_count(experiment);
    if (i >= count) return okng_fail(error, OKNG_ERROR_ARGUMENT, "category %zu of %zu that were run", i, count);
    okng_category_info full = okng_run_info(&experiment->run, i);
    return okng_sized_give(info, &full, sizeof full, "the place for the figures", error);
}

static const char *state_name(okng_category_state state)
{
    static const char *const names[] = {"waiting", "finished", "finished earlier", "failed"};
    return names[state];
}

/* Adds to the summary what only this run knows. */
static void put_run(json_t **document, const okng_run *run)
{
    char *report = okng_path_join(run->folder, "report.html");
    json_t *states = json_object();
    for (size_t i = 0; i < run->count; i++)
        okng_json_put(&states, run->categories[i].result.name, json_string(state_name(run->categories[i].state)));
    okng_json_put(document, "folder", okng_json_any_text(run->folder));
    okng_json_put(document, "report", okng_json_any_text(report));
    okng_json_put(document, "states", states);
    free(report);
}

/* Of all its categories, with every figure of each. */
static const okng_json_limits metrics_limits = {
    .bytes = 32 << 20, .items = OKNG_MAX_CATEGORIES * (2 * OKNG_FIGURES + 64), .text = 64 << 10, .depth = 16};

okng_status okng_experiment_json(const okng_experiment *experiment, char **json, okng_error *error)
{
    OKNG_TRY(okng_need(json, "the place for the text", error));
    *json = NULL;
    OKNG_TRY(okng_need(experiment, "the experiment", error));
    if (okng_experiment_category_count(experiment) == 0)
        return okng_fail(error, OKNG_ERROR_ARGUMENT, "the experiment has not been run");
    char *path = okng_path_join(experiment->run.folder, "metrics.json");
    json_t *document = NULL;
    okng_status status =
        path ? okng_json_read(&document, path, &metrics_limits, error) : okng_fail_memory(error, OKNG_PATH_MAX);
    free(path);
    if (status != OKNG_OK) return status;
    put_run(&document, &experiment->run);
    status = okng_json_text(document, OKNG_JSON_PRETTY, experiment->run.folder, json, NULL, error);
    json_decref(document);
    return status;
}
