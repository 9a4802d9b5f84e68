/* okng infer without --out-dir: scores and verdicts are printed, nothing is written. */
#include <math.h>
#include <stdio.h>

#include "cli.h"

/* What came of the pictures so far. */
typedef struct tally {
    unsigned long long pictures, ok, review, ng, not_found, skipped, left_out;
    json_t *documents; /* NULL unless --json */
} tally;

static void count(tally *t, const okng_result *result)
{
    okng_verdict verdict = okng_result_verdict(result);
    t->ok += verdict == OKNG_VERDICT_OK;
    t->review += verdict == OKNG_VERDICT_REVIEW;
    t->ng += verdict == OKNG_VERDICT_NG;
    t->not_found += verdict == OKNG_VERDICT_NOT_FOUND;
}

/* One that cannot be read is said and counted, unless there is none but it, or --strict. */
static int look_at(const okng_cli_args *args, const okng_bank *bank, const char *path, tally *t)
{
    const okng_picture picture = {.struct_size = sizeof picture, .path = path};
    okng_error error;
    okng_result *result = NULL;
    if (okng_inspect(&result, bank, &picture, &args->inspect, &error) != OKNG_OK) {
        if (okng_cli_signal() || okng_cli_value(args, "strict") || error.status == OKNG_ERROR_MEMORY ||
            error.status == OKNG_ERROR_ARGUMENT) /* of the options, so of every picture */
            return okng_cli_fail(&error);
        (void)okng_cli_error("%s; skipped", error.message);
        t->skipped++;
        return EXIT_OKAY;
    }
    okng_cli_say_warning(path, result);
    count(t, result);
    if (args->json)
        okng_cli_json_add(&t->documents, okng_cli_result_json(path, NULL, result));
    else if (!args->quiet)
        okng_cli_print_result(path, NULL, result);
    okng_result_free(&result);
    return EXIT_OKAY;
}

static okng_cli_outcomes outcomes_of(const tally *t)
{
    return (okng_cli_outcomes){.ng = t->ng > 0,
                               .not_found = t->not_found > 0,
                               .skipped = t->skipped + t->left_out > 0,
                               .review = t->review > 0};
}

static int print_documents(tally *t, bool judged)
{
    json_t *counts = judged ? json_pack("{s:I, s:I, s:I}", "ok", (json_int_t)t->ok, "review", (json_int_t)t->review,
                                        "ng", (json_int_t)t->ng)
                            : json_object();
    okng_cli_json_put(&counts, "not_found", json_integer((json_int_t)t->not_found));
    okng_cli_json_put(&counts, "skipped", json_integer((json_int_t)t->skipped));
    okng_cli_json_put(&counts, "left_out", json_integer((json_int_t)t->left_out));
    okng_cli_json_put(&counts, "pictures", t->documents);
    t->documents = NULL;
    return okng_cli_print_json(counts);
}

/* Without a threshold of the bank's or of the user's every score is below one that no score reaches. */
static int find_threshold(okng_cli_args *args, const okng_bank *bank, bool *judged)
{
    okng_bank_info info = {.struct_size = sizeof info};
    okng_error error;
    if (okng_bank_get_info(bank, &info, &error) != OKNG_OK) return okng_cli_fail(&error);
    okng_inspect_options *inspect = &args->inspect;
    *judged = !isnan(info.image_tau) || !isnan(inspect->threshold_image) || !isnan(inspect->false_alarm) ||
              !isnan(inspect->review[0]);
    if (*judged) return EXIT_OKAY;
    if (okng_cli_value(args, "exit-code"))
        return okng_cli_error("--exit-code tells verdicts, and there is no threshold; give --threshold-image");
    inspect->threshold_image = CLI_NO_THRESHOLD;
    return EXIT_OKAY;
}

int okng_cli_print_scores(okng_cli_args *args, const okng_bank *bank)
{
    okng_cli_paths pictures = {0};
    tally t = {.documents = args->json ? json_array() : NULL};
    bool judged;
    int code = find_threshold(args, bank, &judged);
    if (code == EXIT_OKAY) code = okng_cli_pictures_add(args, &pictures);
    t.left_out = pictures.left_out;
    for (size_t i = 0; i < pictures.count && code == EXIT_OKAY; i++) {
        code = okng_cli_signal() ? EXIT_SIGNAL + okng_cli_signal() : look_at(args, bank, pictures.items[i], &t);
        t.pictures++;
    }
    if (code == EXIT_OKAY && t.skipped == t.pictures) code = okng_cli_error("none of the pictures could be read");
    if (code == EXIT_OKAY && args->json) code = print_documents(&t, judged);
    if (code == EXIT_OKAY && !judged && !args->quiet)
        (void)fprintf(stderr, "%s",
                      _("okng: no verdicts, because nothing says how high good parts score; give --threshold-image\n"));
    json_decref(t.documents);
    okng_cli_paths_free(&pictures);
    return code == EXIT_OKAY ? okng_cli_exit_code(args, outcomes_of(&t)) : code;
}
