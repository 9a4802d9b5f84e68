#include "experiment/config.h"

#include <string.h>

#include "data/options.h"
#include "experiment/config_keys.h"
#include "options/options.h"

void okng_experiment_config_init(okng_experiment_config *config)
{
    memset(config, 0, sizeof *config);
    okng_build_options_init(&config->build);
    okng_dataset_options_init(&config->data);
    (void)strcpy(config->name, "default");
    (void)strcpy(config->output_root, "results");
    (void)strcpy(config->dataset, "mvtec");
    (void)strcpy(config->method, "patchcore");
    config->batch_size = 16;
    for (int i = 0; i < OKNG_FIGURES; i++) config->metrics[i] = okng_figures[i].help != NULL;
    config->latency_warmup = 5;
    config->latency_runs = 30;
    config->num_examples = 20;
    config->save_overlay = true;
}

/* Sets every key to the value that it has: what is out of range is refused as in a file. */
static okng_status check_keys(const okng_experiment_config *config, okng_error *error)
{
    static const okng_yaml nothing = {0};
    okng_experiment_config scratch = *config;
    for (int key = 0; key < (int)okng_experiment_key_count(); key++) {
        char text[OKNG_KEY_TEXT];
        if (!okng_key_is_written(key) || okng_key_option(key)) continue;
        okng_key_get(config, key, text, sizeof text);
        okng_status status = okng_key_set(&scratch, key, text, &nothing, error);
        if (status != OKNG_OK)
            return okng_error_context(error, status, "%s", okng_experiment_key_get((size_t)key).path);
    }
    return OKNG_OK;
}

okng_status okng_experiment_config_check(const okng_experiment_config *config, okng_error *error)
{
    okng_build_options build;
    okng_dataset_options data;
    OKNG_TRY(okng_need(config, "the configuration", error));
    OKNG_TRY(okng_build_options_check(&config->build, &build, error));
    OKNG_TRY(okng_dataset_options_check(&config->data, &data, error));
    OKNG_TRY(check_keys(config, error));
    if (config->data.seed != config->build.seed)
        return okng_fail(error, OKNG_ERROR_ARGUMENT, "the seeds of the data and of the model differ: %llu and %llu",
                         (unsigned long long)config->data.seed, (unsigned long long)config->build.seed);
    if (config->build.seed > INT64_MAX)
        return okng_fail(error, OKNG_ERROR_ARGUMENT,
                         "experiment.seed is %llu, expected at most %lld, which metrics.json can hold",
                         (unsigned long long)config->build.seed, (long long)INT64_MAX);
    if (!config->root[0])
        return okng_fail(error, OKNG_ERROR_ARGUMENT, "data.root is missing: where is the data set %s?",
                         config->dataset);
    if (config->pretrained_strict && !config->pretrained_root[0])
        return okng_fail(
            error, OKNG_ERROR_ARGUMENT,
            "model.pretrained.strict is true without a model.pretrained.root; name one or set it to false");
    return OKNG_OK;
}
