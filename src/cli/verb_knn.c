#include <stdlib.h>

#include "cli.h"

static int search(const okng_cli_args *args, const okng_array *queries, int32_t k)
{
    const char *out = okng_cli_value(args, "out"), *out_indices = okng_cli_value(args, "indices");
    okng_error error;
    okng_array *distances = NULL, *indices = NULL;
    okng_cli_progress progress = okng_cli_progress_new(args);
    okng_status status = okng_knn_file(&distances, out_indices ? &indices : NULL, okng_cli_value(args, "bank"), queries,
                                       k, args->build.distance, args->build.max_memory, args->build.threads,
                                       okng_cli_progress_step, &progress, &error);
    okng_cli_progress_clear(&progress);
    if (status == OKNG_OK && out_indices) status = okng_array_write_npy(indices, out_indices, &error);
    if (status == OKNG_OK) status = okng_array_write_npy(distances, out, &error);
    int code = status == OKNG_OK ? okng_cli_print_array(args, distances, out, out_indices) : okng_cli_fail(&error);
    okng_array_free(&distances);
    okng_array_free(&indices);
    return code;
}

static int run(okng_cli_args *args)
{
    const char *text = okng_cli_value(args, "k");
    char *end;
    long k = strtol(text, &end, 10);
    if (*end || k < 1 || k > INT32_MAX)
        return okng_cli_usage(args->verb, "--k: found \"%s\", expected a whole number, 1 or more", text);
    okng_error error;
    okng_array *queries = NULL;
    okng_status status = okng_array_read_npy(&queries, okng_cli_value(args, "query"), &error);
    int code = status == OKNG_OK ? search(args, queries, (int32_t)k) : okng_cli_fail(&error);
    okng_array_free(&queries);
    return code;
}

static const okng_cli_option options[] = {
    {"bank", "B.npy", "rows to search, float32 [M, D]", true},
    {"query", "Q.npy", "rows to search for, float32 [Q, D]", true},
    {"k", "K", "neighbours for each of them, at most M", true},
    {"out", "D.npy", "distances, float32 [Q, K], nearest first", true},
    {"indices", "I.npy", "their rows in the bank, int64 [Q, K]; ties go to the lower index", false},
    {0},
};

const okng_cli_verb okng_cli_knn = {
    .name = "knn",
    .usage = "--bank B.npy --query Q.npy --k K --out D.npy [--indices I.npy]",
    .summary = "finds the exact nearest rows",
    .examples = "  okng knn --bank b.npy --query e.npy --k 9 --out d.npy --indices i.npy\n"
                "  okng knn --bank b.npy --query e.npy --k 1 --out d.npy --distance squared\n"
                "  okng knn --bank large.npy --query e.npy --k 1 --out d.npy --max-memory 4G\n",
    .options = options,
    .run = run,
};
