/* Banks that grow: rows taken out. */
#include <stdio.h>
#include <stdlib.h>

#include "cli.h"

/* What the options of building of the same names may be. */
static int take(const okng_cli_args *args, okng_grow_options *options)
{
    static const char *const names[] = {"coreset", "coreset-size"};
    okng_build_options build;
    okng_error error;
    okng_build_options_init(&build);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const char *value = okng_cli_value(args, names[i]);
        if (value && okng_build_options_set(&build, names[i], value, &error) != OKNG_OK)
            return okng_cli_refused(args->verb, &error);
    }
    bool ratio = okng_cli_value(args, "coreset") != NULL, size = okng_cli_value(args, "coreset-size") != NULL;
    if (ratio == size) return okng_cli_usage(args->verb, "give --coreset RATIO or --coreset-size N, one of them");
    if (ratio) options->coreset = build.coreset;
    if (size) options->coreset_size = build.coreset_size;
    if (ratio && build.coreset <= 0) return okng_cli_usage(args->verb, "--coreset 0 keeps all; give a smaller part");
    return EXIT_OKAY;
}

static int run(okng_cli_args *args)
{
    okng_error error;
    okng_grow_options options;
    okng_grow_report report;
    okng_init(&report);
    okng_cli_grow_options(args, &options);
    int code = take(args, &options);
    if (code != EXIT_OKAY) return code;
    const char *bank = options.out_dir ? options.out_dir : args->operand;
    okng_cli_progress progress = okng_cli_progress_new(args);
    okng_status status = okng_bank_shrink(args->operand, &options, okng_cli_progress_step, &progress, &report, &error);
    okng_cli_progress_clear(&progress);
    if (status != OKNG_OK) return okng_cli_fail(&error);
    okng_cli_warn_of_choice(args, &report);
    if (args->json) return okng_cli_print_json(okng_cli_grown_json(bank, &report));
    if (!args->quiet) okng_cli_print_grown(bank, &report);
    return EXIT_OKAY;
}

static const okng_cli_option options[] = {
    {"coreset", "RATIO", "part of all patch vectors that is kept, as when building", false},
    {"coreset-size", "N", "rows that are kept, in place of a ratio", false},
    {"out-dir", "BANK", "folder of the new bank; the old one is replaced unless given", false},
    {0},
};

const okng_cli_verb okng_cli_bank_shrink = {
    .name = "bank shrink",
    .usage = "BANK --coreset RATIO|--coreset-size N [--out-dir BANK]",
    .summary = "takes rows out of a bank of patchcore",
    .about = "Keeps a coreset of the bank's rows. Neither pictures nor weights need be there; thresholds rise with the "
             "scores.",
    .examples = "  okng bank shrink bank --coreset 0.02\n"
                "  okng bank shrink bank --coreset-size 5000 --out-dir small\n",
    .operand = "BANK",
    .options = options,
    .stops = true,
    .run = run,
};
