/* What the verbs that read a data set share. */
#include "cli.h"

int okng_cli_dataset_options(const okng_cli_args *args, okng_dataset_options *options)
{
    static const char *const names[] = {"category",    "k-shot",   "validation", "max-test-samples", "normal",
                                        "normal-test", "abnormal", "masks",      "test-ratio",       "csv"};
    okng_dataset_options_init(options);
    options->seed = args->build.seed;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        const char *value = okng_cli_value(args, names[i]);
        okng_error error;
        if (value && okng_dataset_options_set(options, names[i], value, &error) != OKNG_OK)
            return okng_cli_usage(args->verb, "%s", error.message);
    }
    return EXIT_OKAY;
}
