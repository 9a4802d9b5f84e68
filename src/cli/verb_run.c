#include "cli.h"

static int run(okng_cli_args *args)
{
    okng_error error;
    okng_experiment *experiment;
    if (okng_experiment_load(&experiment, okng_cli_value(args, "config"), args->repeated, args->repeated_count,
                             &error) != OKNG_OK)
        return okng_cli_fail(&error);
    okng_status status = okng_experiment_get_build(experiment, &args->build, &error);
    int code = status == OKNG_OK ? okng_cli_need_network(args) : okng_cli_fail(&error);
    if (code == EXIT_OKAY && okng_experiment_set_build(experiment, &args->build, &error) != OKNG_OK)
        code = okng_cli_fail(&error);
    if (code == EXIT_OKAY) code = okng_cli_experiment(args, &experiment, 0);
    okng_experiment_free(&experiment);
    return code;
}

static const okng_cli_option options[] = {
    {"config", "FILE", "the experiment, as YAML; docs/experiments.md has its keys", true},
    {"set", "KEY=VALUE", "a key of the file, on top of it: data.k_shot=4; may be given several times", false},
    {"force", NULL, "replace what another configuration left in the experiment's folder", false},
    {"keep-going", NULL, "go on with the other categories when one fails", false},
    {"published", NULL, "report.html with what others published for this data set beside it", false},
    {0},
};

const okng_cli_verb okng_cli_run = {
    .name = "run",
    .usage = "--config FILE [--set KEY=VALUE ...] [--force] [--keep-going]",
    .summary = "runs an experiment that a file describes",
    .about =
        "Learns, inspects and measures every category of a data set, as okng eval does, with everything fixed in a "
        "file that others can repeat. Results come into OUTPUT_ROOT/DATASET/METHOD/NAME: metrics and scores of each "
        "category, a summary, a report, the resolved configuration and the versions.\n"
        "A run that was stopped or killed goes on where it was when it is started again: categories that are "
        "finished are passed over.",
    .examples = "  okng run --config configs/mvtec_patchcore.yaml --set data.root=MVTEC\n"
                "  okng run --config my.yaml --set data.categories=[bottle,cable] --set model.sampler.ratio=0.01\n",
    .options = options,
    .repeats = "set",
    .shares = true,
    .stops = true,
    .run = run,
};
