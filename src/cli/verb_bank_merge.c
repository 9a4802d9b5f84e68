/* Banks that grow: two made one. */
#include <stdio.h>

#include "cli.h"

static int run(okng_cli_args *args)
{
    okng_error error;
    okng_grow_options options;
    okng_grow_report report;
    okng_init(&report);
    okng_cli_grow_options(args, &options);
    if (args->operand_count != 2)
        return okng_cli_usage(args->verb, "%zu banks were given, expected two", args->operand_count);
    okng_cli_progress progress = okng_cli_progress_new(args);
    okng_status status = okng_bank_merge(args->operands[0], args->operands[1], &options, okng_cli_progress_step,
                                         &progress, &report, &error);
    okng_cli_progress_clear(&progress);
    if (status != OKNG_OK) return okng_cli_fail(&error);
    okng_cli_warn_of_choice(args, &report);
    if (args->json) return okng_cli_print_json(okng_cli_grown_json(options.out_dir, &report));
    if (args->quiet) return EXIT_OKAY;
    (void)printf(_("learned     %llu pictures in all\n"), (unsigned long long)report.pictures);
    okng_cli_print_grown(options.out_dir, &report);
    return EXIT_OKAY;
}

static const okng_cli_option options[] = {
    {"out-dir", "BANK", "folder of the new bank", true},
    {0},
};

const okng_cli_verb okng_cli_bank_merge = {
    .name = "bank merge",
    .usage = "BANK BANK --out-dir BANK",
    .summary = "makes one bank of two that were built alike",
    .about =
        "Of patchcore the new bank has the rows of both; a subspace is exactly the one that all pictures give. Neither "
        "pictures nor weights need be there. The scores that each keeps of its pictures are brought up to date by the "
        "rows of the other, and thresholds come from all.",
    .examples = "  okng bank merge line-1 line-2 --out both\n",
    .operand = "BANK...",
    .options = options,
    .stops = true,
    .run = run,
};
