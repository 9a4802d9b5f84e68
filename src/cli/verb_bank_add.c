/* Banks that grow: pictures added. */
#include <stdio.h>

#include "cli.h"

static void print_report(const char *bank, const okng_grow_report *report)
{
    (void)printf(_("learned     %llu pictures more, %llu in all\n"), (unsigned long long)report->added,
                 (unsigned long long)report->pictures);
    if (report->known > 0)
        (void)printf(_("            %llu in the folder were learnt before and are left out\n"),
                     (unsigned long long)report->known);
    okng_cli_print_grown(bank, report);
}

static int run(okng_cli_args *args)
{
    okng_error error;
    okng_grow_options options;
    okng_grow_report report;
    okng_init(&report);
    okng_cli_grow_options(args, &options);
    const char *bank = options.out_dir ? options.out_dir : args->operand;
    okng_cli_progress progress = okng_cli_progress_new(args);
    okng_status status = okng_bank_add(args->operand, okng_cli_value(args, "ok-dir"), &options, okng_cli_progress_step,
                                       &progress, &report, &error);
    okng_cli_progress_clear(&progress);
    if (status != OKNG_OK) return okng_cli_fail(&error);
    if (!args->quiet && report.other_bit_depth > 0)
        (void)fprintf(stderr, _("okng: %llu of %llu pictures have not the bits a sample that the bank reads them by\n"),
                      (unsigned long long)report.other_bit_depth, (unsigned long long)report.added);
    if (args->json) return okng_cli_print_json(okng_cli_grown_json(bank, &report));
    if (!args->quiet) print_report(bank, &report);
    return EXIT_OKAY;
}

static const okng_cli_option options[] = {
    {"ok-dir", "DIR", "folder of more good pictures; its sub-folders are taken too", true},
    {"out-dir", "BANK", "folder of the new bank; the old one is replaced unless given", false},
    {"weights", "FILE", "the bank's weight file, where it has moved", false},
    {0},
};

const okng_cli_verb okng_cli_bank_add = {
    .name = "bank add",
    .usage = "BANK --ok-dir DIR [--out-dir BANK] [options]",
    .summary = "learns more good pictures into a bank",
    .about =
        "By the bank's own options, at the cost of the new pictures: those learnt before need not be there. Their "
        "leave-one-out scores, which the bank keeps, are brought up to date, and thresholds come from both. Pictures "
        "that the bank has learnt from the same folder are left out. A threshold that somebody chose stays.",
    .examples = "  okng bank add bank --ok-dir parts/good-2\n"
                "  okng bank add bank --ok-dir parts/good-2 --out-dir bank-2\n",
    .operand = "BANK",
    .options = options,
    .stops = true,
    .run = run,
};
