#include "experiment/config.h"

#include "data/options.h"
#include "options/options.h"

void okng_experiment_config_init(okng_experiment_config *config)
{
    okng_options_init(&okng_experiment_table, config, sizeof *config);
    okng_build_options_init(&config->build);
    okng_dataset_options_init(&config->data);
}

okng_status okng_experiment_config_check(const okng_experiment_config *config, okng_error *error)
{
    okng_build_options build;
    okng_dataset_options data;
    OKNG_TRY(okng_need(config, "the configuration", error));
    OKNG_TRY(okng_build_options_check(&config->build, &build, error));
    OKNG_TRY(okng_dataset_options_check(&config->data, &data, error));
    OKNG_TRY(okng_options_check(&okng_experiment_table, config, error));
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
