/* Stages on the machine as it is, and beside busy processes. */
#include <stdio.h>
#include <string.h>

#include "cli.h"

enum { ROUNDS = 2 };   /* of both, by turns: what comes and goes on the machine meets both */
#define MOST_RATIO 2.2 /* of two threads that share one of their cores: twice, and what changing between them takes */

static int stop(const okng_progress *progress, void *user)
{
    (void)progress;
    (void)user;
    return okng_cli_signal();
}

json_t *okng_cli_bench_measure(const okng_cli_args *args, const char *stage, const okng_bench_inputs *in, int *code)
{
    okng_error error;
    char *text;
    if (okng_bench(stage, in, &args->build, stop, NULL, &text, &error) != OKNG_OK) {
        *code = okng_cli_fail(&error);
        return NULL;
    }
    json_t *figures = okng_cli_json_parse(text);
    okng_text_free(&text);
    if (!figures) *code = okng_cli_error("the figures of %s are not JSON", stage);
    return figures;
}

static double number(const json_t *row, const char *key)
{
    return json_number_value(json_object_get(row, key));
}

/* One figure of one line over all rounds, weighted by their repetitions. */
static double mean_of(json_t *const rounds[ROUNDS], size_t line, const char *key)
{
    double sum = 0, count = 0;
    for (int r = 0; r < ROUNDS; r++) {
        const json_t *row = json_array_get(rounds[r], line);
        sum += number(row, key) * number(row, "repeats");
        count += number(row, "repeats");
    }
    return count > 0 ? sum / count : 0;
}

static json_t *compare(json_t *const quiet[ROUNDS], json_t *const loaded[ROUNDS], size_t line)
{
    const json_t *first = json_array_get(quiet[0], line), *part = json_object_get(first, "part");
    double before = mean_of(quiet, line, "mean_ms"), after = mean_of(loaded, line, "mean_ms");
    json_t *row = json_pack("{s:O, s:O, s:O, s:f, s:f, s:f}", "stage", json_object_get(first, "stage"), "what",
                            json_object_get(first, "what"), "threads", json_object_get(first, "threads"), "quiet_ms",
                            before, "loaded_ms", after, "ratio", before > 0 ? after / before : 0);
    if (part) okng_cli_json_put(&row, "part", json_incref((json_t *)(uintptr_t)part));
    static const char *const figures[] = {"median_ms", "p95_ms", "repeats"};
    for (size_t i = 0; i < sizeof figures / sizeof *figures; i++) {
        char key[32];
        (void)snprintf(key, sizeof key, "quiet_%s", figures[i]);
        okng_cli_json_put(&row, key, json_real(mean_of(quiet, line, figures[i])));
        (void)snprintf(key, sizeof key, "loaded_%s", figures[i]);
        okng_cli_json_put(&row, key, json_real(mean_of(loaded, line, figures[i])));
    }
    return row;
}

static void print_row(const json_t *row, bool first)
{
    char what[192];
    int threads = (int)number(row, "threads");
    if (first)
        (void)printf("%-8s %-64s %10s %10s %6s %10s\n", "stage", "what", "quiet ms", "loaded ms", "ratio", "p95 ms");
    (void)snprintf(what, sizeof what, "%s, %d thread%s", json_string_value(json_object_get(row, "what")), threads,
                   threads > 1 ? "s" : "");
    (void)printf("%-8s %-64s %10.3f %10.3f %6.2f %10.3f%s\n", json_string_value(json_object_get(row, "stage")), what,
                 number(row, "quiet_ms"), number(row, "loaded_ms"), number(row, "ratio"), number(row, "loaded_p95_ms"),
                 number(row, "ratio") > MOST_RATIO ? " !" : "");
    (void)fflush(stdout); /* somebody is waiting */
}

int okng_cli_bench_loaded(const okng_cli_args *args, const char *stage, const okng_bench_inputs *in, json_t *all)
{
    int code = EXIT_OKAY;
    okng_bench_inputs busy = *in;
    busy.loaded = 1;
    json_t *quiet[ROUNDS] = {NULL}, *loaded[ROUNDS] = {NULL};
    for (int r = 0; r < ROUNDS && code == EXIT_OKAY; r++) {
        quiet[r] = okng_cli_bench_measure(args, stage, in, &code);
        if (code == EXIT_OKAY) loaded[r] = okng_cli_bench_measure(args, stage, &busy, &code);
    }
    for (size_t line = 0; code == EXIT_OKAY && line < json_array_size(quiet[0]); line++) {
        json_t *row = compare(quiet, loaded, line);
        if (json_array_append_new(all, row) != 0)
            code = okng_cli_error("out of memory");
        else if (!args->json && !args->quiet)
            print_row(row, json_array_size(all) == 1);
    }
    for (int r = 0; r < ROUNDS; r++) {
        json_decref(quiet[r]);
        json_decref(loaded[r]);
    }
    return code;
}

void okng_cli_bench_judge(const json_t *all)
{
    size_t i, above = 0;
    json_t *row;
    json_array_foreach(all, i, row) above += number(row, "ratio") > MOST_RATIO;
    if (above == 0)
        (void)printf(_("all of %zu within %.1f times their quiet time\n"), json_array_size(all), MOST_RATIO);
    else
        (void)printf(_("%zu of %zu above %.1f times their quiet time\n"), above, json_array_size(all), MOST_RATIO);
}
