/* Pictures of made-up products, and an experiment over them. */
#include <stdlib.h>

#include "cli.h"

static okng_status write_pictures(const okng_cli_args *args, const char *out, okng_error *error)
{
    okng_cli_progress progress = okng_cli_progress_new(args);
    okng_status status = okng_cli_make_folders(out, error);
    if (status == OKNG_OK)
        status = okng_demo_write(out, okng_cli_value(args, "category"), args->build.seed, args->build.threads,
                                 okng_cli_progress_step, &progress, error);
    okng_cli_progress_clear(&progress);
    return status;
}

/* Of every test picture an overlay and its heat map, for the report; a few timings, for somebody waits. */
static okng_status set_up(okng_cli_args *args, const char *out, const char *results, okng_experiment **experiment,
                          okng_error *error)
{
    const char *category = okng_cli_value(args, "category");
    const okng_experiment_setup setup = {.struct_size = sizeof setup,
                                         .name = "demo",
                                         .output_root = results,
                                         .dataset = "mvtec",
                                         .root = out,
                                         .data = &args->data,
                                         .build = &args->build,
                                         .latency_runs = 10,
                                         .examples = -1,
                                         .save_maps = 1};
    if (category && okng_dataset_options_set(&args->data, "category", category, error) != OKNG_OK) return error->status;
    return okng_experiment_new(experiment, &setup, error);
}

static int run(okng_cli_args *args)
{
    int code = okng_cli_need_network(args);
    if (code != EXIT_OKAY) return code;
    const char *given = okng_cli_value(args, "out"), *out = given ? given : "okng-demo";
    char *results = okng_cli_join(out, "results");
    if (!results) return okng_cli_error("out of memory");
    okng_error error;
    okng_experiment *experiment = NULL;
    okng_status status = write_pictures(args, out, &error);
    if (status == OKNG_OK) status = set_up(args, out, results, &experiment, &error);
    /* The folder is the demo's own: what another seed or backbone left in it is replaced. */
    code = status == OKNG_OK ? okng_cli_experiment(args, &experiment, OKNG_EXPERIMENT_FORCE) : okng_cli_fail(&error);
    free(results);
    return code;
}

static const okng_cli_option options[] = {
    {"out", "DIR", "folder of the pictures and, in results/, of all that is made of them; okng-demo unless given",
     false},
    {"category", "NAME", "only this product", false},
    {0},
};

const okng_cli_verb okng_cli_demo = {
    .name = "demo",
    .usage = "[--out DIR] [--category NAME] [options]",
    .summary = "makes pictures of products, learns them, inspects them, reports",
    .about = "Draws made-up products with defects in the layout of MVTec AD: DIR/NAME/train/good, test and "
             "ground_truth. The same seed gives the same pictures. Then it does what okng eval does with a data set: "
             "each product is learnt, its test pictures are inspected, and DIR/results/mvtec/METHOD/demo gets the "
             "banks, the figures, the overlays and report.html, which shows it all: one file that needs no network.\n"
             "Categories in that layout that are in DIR already are taken too.",
    .examples = "  okng demo\n"
                "  okng demo --out demo --category washer\n"
                "  okng demo --backbone resnet18 --weights resnet18.pth --coreset 0.02\n",
    .options = options,
    .stops = true,
    .run = run,
};
