/* A bank of rows that somebody else made. */
#include <math.h>
#include <stdio.h>

#include "cli.h"

static int run(okng_cli_args *args)
{
    okng_error error;
    okng_grow_report report;
    okng_init(&report);
    const char *bank = okng_cli_value(args, "out-dir"), *rows = okng_cli_value(args, "rows");
    int code = okng_cli_need_network(args);
    if (code != EXIT_OKAY) return code;
    okng_cli_progress progress = okng_cli_progress_new(args);
    okng_status status = okng_bank_create(rows, bank, &args->build, okng_cli_value(args, "ok-dir"),
                                          okng_cli_progress_step, &progress, &report, &error);
    okng_cli_progress_clear(&progress);
    if (status != OKNG_OK) return okng_cli_fail(&error);
    if (args->json) return okng_cli_print_json(okng_cli_grown_json(bank, &report));
    if (args->quiet) return EXIT_OKAY;
    (void)printf(_("bank        %s: %llu rows of %d\n"), bank, (unsigned long long)report.rows, (int)report.dim);
    if (isnan(report.image_tau))
        (void)printf("%s", _("thresholds  none, as no good pictures say what is usual: a verdict needs "
                             "--threshold-image\n"));
    else
        (void)printf(_("thresholds  image %.6g, pixel %.6g\n"), (double)report.image_tau, (double)report.pixel_tau);
    return EXIT_OKAY;
}

static const okng_cli_option options[] = {
    {"rows", "FILE", "the rows: a .npy or .pt file with one float32 array [rows, dimensions]", true},
    {"out-dir", "BANK", "folder of the bank; one that is there is replaced when the new one is complete", true},
    {"ok-dir", "DIR", "good pictures that thresholds come from; they are new to the rows", false},
    {0},
};

const okng_cli_verb okng_cli_bank_create = {
    .name = "bank create",
    .usage = "--rows FILE --out-dir BANK [--ok-dir DIR] [--backbone NAME --weights FILE] [options]",
    .summary = "makes a bank of patch vectors that somebody else made",
    .about = "The options say which network the rows are patch vectors of, and how pictures are scored; the rows must "
             "have as many dimensions as its patch vectors. Without --ok-dir give --resize HxW, where the network has "
             "another size than that of its training, and --threshold-image when inspecting.",
    .examples = "  okng bank create --rows memory.npy --out bank --backbone resnet18 --weights resnet18.pth\n"
                "  okng bank create --rows memory_bank.pt --out bank --ok-dir parts/good --resize 256x256\n",
    .options = options,
    .stops = true,
    .run = run,
};
