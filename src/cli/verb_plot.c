#include "cli.h"

static int print_result(const okng_cli_args *args, const okng_plot_info *info)
{
    if (args->json)
        return okng_cli_print_json(json_pack("{s:s, s:I, s:I, s:b}", "dir", args->operand, "experiments",
                                             (json_int_t)info->experiments, "figures", (json_int_t)info->files, "png",
                                             (int)info->has_png));
    if (args->quiet) return EXIT_OKAY;
    (void)printf(info->experiments == 1 ? _("%llu experiment, %llu figures; in each figures/ and report.html\n")
                                        : _("%llu experiments, %llu figures; in each figures/ and report.html\n"),
                 (unsigned long long)info->experiments, (unsigned long long)info->files);
    if (!info->has_png)
        (void)printf(
            "%s", _("only SVG: PNG needs libcairo.so.2 (Debian: libcairo2, and a font such as fonts-dejavu-core)\n"));
    return EXIT_OKAY;
}

static int run(okng_cli_args *args)
{
    okng_error error;
    okng_plot_info info = {.struct_size = sizeof info};
    if (okng_plot(args->operand, &info, &error) != OKNG_OK) return okng_cli_fail(&error);
    return print_result(args, &info);
}

static const okng_cli_option options[] = {{0}};

const okng_cli_verb okng_cli_plot = {
    .name = "plot",
    .usage = "DIR",
    .summary = "draws the figures of experiments and writes their reports",
    .about =
        "DIR is the folder of an experiment, as okng eval and okng run write it, or one with several below. In each, "
        "figures/ gets categories, stages, and of every category ROC, per-region overlap and scores, as SVG and PNG, "
        "and "
        "report.html shows all of it beside published figures. Of several experiments DIR/figures/experiments compares "
        "the means.",
    .examples = "  okng plot results/mvtec/patchcore/default\n  okng plot results\n",
    .operand = "DIR",
    .options = options,
    .no_kernels = true,
    .run = run,
};
