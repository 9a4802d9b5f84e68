#include "cli.h"

static int pick(const okng_cli_args *args, const okng_array *rows)
{
    const char *out = okng_cli_value(args, "out");
    okng_error error;
    okng_array *picks = NULL;
    okng_cli_progress progress = okng_cli_progress_new(args);
    okng_status status = okng_coreset(&picks, rows, &args->build, okng_cli_progress_step, &progress, &error);
    okng_cli_progress_clear(&progress);
    if (status == OKNG_OK) status = okng_array_write_npy(picks, out, &error);
    int code = status == OKNG_OK ? okng_cli_print_array(args, picks, out, NULL) : okng_cli_fail(&error);
    okng_array_free(&picks);
    return code;
}

static int run(okng_cli_args *args)
{
    okng_error error;
    okng_array *rows = NULL;
    if (okng_array_read_npy(&rows, okng_cli_value(args, "in"), &error) != OKNG_OK) return okng_cli_fail(&error);
    int code = pick(args, rows);
    okng_array_free(&rows);
    return code;
}

static const okng_cli_option options[] = {
    {"in", "E.npy", "rows, float32 [N, D]", true},
    {"out", "I.npy", "indices of the rows that were chosen, int64 [M], in the order picked", true},
    {0},
};

const okng_cli_verb okng_cli_coreset = {
    .name = "coreset",
    .usage = "--in E.npy --out I.npy [options]",
    .summary = "chooses rows as a bank would",
    .about = "For kmeans, whose centres are no rows, each index is that of the row nearest to a centre.",
    .examples = "  okng coreset --in e.npy --out i.npy --coreset 0.1\n"
                "  okng coreset --in e.npy --out i.npy --coreset-size 500 --projection none --start random --seed 7\n",
    .options = options,
    .shares = true,
    .stops = true,
    .run = run,
};
