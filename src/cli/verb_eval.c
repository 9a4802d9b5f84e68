#include <stdlib.h>
#include <string.h>

#include "cli.h"

/* A whole number 0..1000000, or the word for -1. */
static int take_count(const okng_cli_args *args, const char *name, const char *word, int32_t none, int32_t *out)
{
    const char *value = okng_cli_value(args, name);
    if (!value) return EXIT_OKAY;
    char *end;
    long number = strtol(value, &end, 10);
    if (word && strcmp(value, word) == 0)
        *out = -1;
    else if (*end || end == value || number < 0 || number > 1000000)
        return okng_cli_usage(args->verb, "--%s: found \"%s\", expected a whole number 0..1000000%s%s", name, value,
                              word ? " or " : "", word ? word : "");
    else
        *out = number == 0 ? none : (int32_t)number;
    return EXIT_OKAY;
}

static int run(okng_cli_args *args)
{
    const char *pro_mode = okng_cli_value(args, "pro-mode");
    okng_experiment_setup setup = {.struct_size = sizeof setup,
                                   .name = okng_cli_value(args, "name"),
                                   .output_root = okng_cli_value(args, "out"),
                                   .dataset = okng_cli_value(args, "dataset"),
                                   .root = okng_cli_value(args, "root"),
                                   .data = &args->data,
                                   .build = &args->build,
                                   .pretrained = okng_cli_value(args, "pretrained"),
                                   .submission = okng_cli_value(args, "submission"),
                                   .save_maps = okng_cli_value(args, "save-maps") != NULL,
                                   .pro_mode =
                                       pro_mode && strcmp(pro_mode, "steps") == 0 ? OKNG_PRO_STEPS : OKNG_PRO_EXACT};
    int code = okng_cli_need_network(args);
    if (code == EXIT_OKAY) code = take_count(args, "latency-runs", NULL, -1, &setup.latency_runs);
    if (code == EXIT_OKAY) code = take_count(args, "examples", "all", -2, &setup.examples);
    if (code != EXIT_OKAY) return code;
    okng_error error;
    okng_experiment *experiment;
    if (okng_experiment_new(&experiment, &setup, &error) != OKNG_OK) return okng_cli_fail(&error);
    code = okng_cli_experiment(args, &experiment, 0);
    if (code == EXIT_OKAY && setup.submission && !args->json && !args->quiet)
        (void)printf(_("submission: %s.tar.gz, read back and found in order\n"), setup.submission);
    return code;
}

static const okng_cli_option options[] = {
    OKNG_CLI_DATASET_ROWS,
    {"out", "DIR", "results go to DIR/DATASET/METHOD/NAME; results unless given", false},
    {"name", "NAME", "of the experiment; default unless given", false},
    {"pretrained", "DIR", "models that patchcore-inspection saved, or a checkpoint of anomalib, in place of learning",
     false},
    {"pro-mode", "exact|steps",
     "AU-PRO over every distinct score, or over 200 steps as papers on CLIP do; exact unless given", false},
    {"latency-runs", "N", "pictures that are timed one by one; 0 for none", false},
    {"examples", "N|all", "test pictures of a category that are drawn as overlays", false},
    {"save-maps", NULL, "save the anomaly maps of those too, as .npy and .png", false},
    {"submission", "DIR",
     "of mvtec-ad2: inspect its private pictures too and write DIR and DIR.tar.gz, what its server takes", false},
    {"force", NULL, "replace what another configuration left in the experiment's folder", false},
    {"keep-going", NULL, "go on with the other categories when one fails", false},
    {"published", NULL, "report.html with what others published for this data set beside it", false},
    {0},
};

const okng_cli_verb okng_cli_eval = {
    .name = "eval",
    .usage = "--root DIR [--dataset NAME] [--category NAMES] [--out DIR] [options]",
    .summary = "learns, inspects and measures the categories of a data set",
    .about = "Of each category the good pictures are learnt, the test pictures inspected, and the scores and maps held "
             "against what is known: AUROC, average precision, F1 of pictures and pixels, AU-PRO, latency, memory. "
             "DIR/DATASET/METHOD/NAME gets metrics and scores of each category, a summary and report.html; "
             "docs/experiments.md says what is what.\n"
             "A run that was stopped or killed goes on where it was when it is started again with the same options.",
    .examples = "  okng eval --dataset mvtec --root MVTEC --category all --backbone wide_resnet50_2\n"
                "  okng eval --root MVTEC --category bottle,cable --preset paper --out results --name paper\n"
                "  okng eval --dataset folder --root PARTS --normal good --abnormal bad --validation 0.2\n",
    .options = options,
    .shares = true,
    .stops = true,
    .run = run,
};
