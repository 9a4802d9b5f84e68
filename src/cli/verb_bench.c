/* How fast the parts are on this machine, beside what it can do at most. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"

#define STAGES "ceiling|network|knn|coreset|image|build|start|bank|gradient"

enum { STAGE_COUNT = 9 };
static const char *const stages[STAGE_COUNT] = {"ceiling", "network", "knn",  "coreset", "image",
                                                "build",   "start",   "bank", "gradient"};

/* What `all` leaves out: it wants a CLIP, and minutes. */
static bool is_extra(const char *stage)
{
    return strcmp(stage, "gradient") == 0;
}

/* Which stages an option of this verb belongs to. */
static const struct {
    const char *option, *stages;
} uses[] = {
    {"bank", "knn"},
    {"query", "knn"},
    {"k", "knn"},
    {"in", "coreset"},
    {"rows", "knn, coreset"},
    {"dim", "knn, coreset"},
    {"size", "network, gradient"},
    {"batch", "network, gradient"},
    {"img", "image, start, bank"},
    {"ok-dir", "build"},
    {"bank-dir", "start, bank"},
};

/* ---- words ---------------------------------------------------------------------------------- */

static int check_stage(const okng_cli_args *args)
{
    if (strcmp(args->operand, "all") == 0) return EXIT_OKAY;
    for (size_t i = 0; i < STAGE_COUNT; i++)
        if (strcmp(args->operand, stages[i]) == 0) return EXIT_OKAY;
    const char *nearest = okng_suggest(args->operand, stages, STAGE_COUNT);
    if (nearest)
        return okng_cli_usage(args->verb, "unknown stage \"%s\"; did you mean \"%s\"?", args->operand, nearest);
    return okng_cli_usage(args->verb, "unknown stage \"%s\"; one of " STAGES "|all", args->operand);
}

/* An option that the stage does not look at would be a silent mistake. */
static int check_uses(const okng_cli_args *args)
{
    if (strcmp(args->operand, "all") == 0) return EXIT_OKAY;
    for (size_t i = 0; i < sizeof uses / sizeof *uses; i++)
        if (okng_cli_value(args, uses[i].option) && !strstr(uses[i].stages, args->operand))
            return okng_cli_usage(args->verb, "--%s is not of the stage %s but of %s", uses[i].option, args->operand,
                                  uses[i].stages);
    return EXIT_OKAY;
}

static int take_number(const okng_cli_args *args, const char *name, long most, long *out)
{
    const char *text = okng_cli_value(args, name);
    if (!text) return EXIT_OKAY;
    char *end;
    *out = strtol(text, &end, 10);
    if (*end == '\0' && *out >= 1 && *out <= most) return EXIT_OKAY;
    return okng_cli_usage(args->verb, "--%s: found \"%s\", expected a whole number, 1 to %ld", name, text, most);
}

static int take_inputs(const okng_cli_args *args, okng_bench_inputs *in)
{
    long k = 0, size = 0, batch = 0, repeats = 0, rows = 0, dim = 0;
    const struct {
        const char *name;
        long most, *out;
    } numbers[] = {{"k", INT32_MAX, &k},         {"size", 8192, &size},      {"batch", 1024, &batch},
                   {"repeats", 10000, &repeats}, {"rows", INT32_MAX, &rows}, {"dim", 65536, &dim}};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        int code = take_number(args, numbers[i].name, numbers[i].most, numbers[i].out);
        if (code != EXIT_OKAY) return code;
    }
    *in = (okng_bench_inputs){
        .struct_size = sizeof *in,
        .bank = okng_cli_value(args, "bank"),
        .query = okng_cli_value(args, "query"),
        .rows = okng_cli_value(args, "in"),
        .pictures = okng_cli_value(args, "img"),
        .ok_dir = okng_cli_value(args, "ok-dir"),
        .bank_dir = okng_cli_value(args, "bank-dir"),
        .command = "/proc/self/exe",
        .made_rows = rows,
        .made_dim = (int32_t)dim,
        .size = (int32_t)size,
        .batch = (int32_t)batch,
        .k = (int32_t)k,
        .repeats = (int32_t)repeats,
    };
    return EXIT_OKAY;
}

/* ---- measuring ------------------------------------------------------------------------------ */

static double number(const json_t *row, const char *key)
{
    return json_number_value(json_object_get(row, key));
}

/* The best rate that the ceilings hold for a row: of its precision and threads, or of memory. */
static double ceiling_of(const json_t *ceilings, const json_t *row, const char *rate)
{
    double best = 0;
    size_t i;
    json_t *ceiling;
    json_array_foreach(ceilings, i, ceiling)
    {
        bool memory = strcmp(rate, "gbps") == 0;
        bool same = json_equal(json_object_get(ceiling, "precision"), json_object_get(row, "precision")) &&
                    json_equal(json_object_get(ceiling, "threads"), json_object_get(row, "threads"));
        if ((memory || same) && number(ceiling, rate) > best) best = number(ceiling, rate);
    }
    return best;
}

/* Puts the ceilings beside the rates of a row, and the larger part of its ceiling that one of them reaches. */
static bool add_ceilings(const json_t *ceilings, json_t *row)
{
    static const char *const rates[] = {"gflops", "gbps"}, *const keys[] = {"ceiling_gflops", "ceiling_gbps"};
    double reached = 0;
    bool done = true;
    for (int i = 0; i < 2; i++) {
        double ceiling = json_object_get(row, rates[i]) ? ceiling_of(ceilings, row, rates[i]) : 0;
        if (ceiling <= 0) continue;
        if (json_object_set_new(row, keys[i], json_real(ceiling)) != 0) done = false;
        if (number(row, rates[i]) / ceiling > reached) reached = number(row, rates[i]) / ceiling;
    }
    if (reached > 0 && json_object_set_new(row, "of_ceiling", json_real(reached)) != 0) done = false;
    return done;
}

/* ---- the table ------------------------------------------------------------------------------ */

static void print_head(void)
{
    (void)printf("%-8s %-56s %10s %10s %10s %6s %8s %8s %7s %10s\n", "stage", "what", "median ms", "min ms", "p95 ms",
                 "spread", "GFLOP/s", "GB/s", "ceiling", "peak");
}

static void print_rate(const json_t *row, const char *key, int width, double scale, const char *unit)
{
    if (json_object_get(row, key))
        (void)printf(" %*.*f%s", width - (int)strlen(unit), scale * number(row, key) < 100 ? 1 : 0,
                     scale * number(row, key), unit);
    else
        (void)printf(" %*s", width, "");
}

static void print_rows(const json_t *rows)
{
    size_t i;
    json_t *row;
    json_array_foreach(rows, i, row)
    {
        char peak[32], what[192];
        const char *stage = json_string_value(json_object_get(row, "stage"));
        int threads = (int)number(row, "threads");
        (void)snprintf(what, sizeof what, "%s, %d thread%s", json_string_value(json_object_get(row, "what")), threads,
                       threads > 1 ? "s" : "");
        (void)printf("%-8s %-56s %10.3f %10.3f %10.3f %5.0f%%", stage, what, number(row, "median_ms"),
                     number(row, "min_ms"), number(row, "p95_ms"), 100 * number(row, "spread"));
        print_rate(row, "gflops", 8, 1, "");
        print_rate(row, "gbps", 8, 1, "");
        print_rate(row, "of_ceiling", 7, 100, "%");
        (void)printf(" %10s\n", okng_cli_size_text((uint64_t)number(row, "peak_bytes"), peak, sizeof peak));
    }
    (void)fflush(stdout); /* somebody is waiting */
}

static int bench(const okng_cli_args *args, const okng_bench_inputs *in, json_t *all)
{
    int code = EXIT_OKAY;
    bool everything = strcmp(args->operand, "all") == 0, table = !args->json && !args->quiet;
    okng_bench_inputs brief = {.struct_size = sizeof brief};
    bool alone = strcmp(args->operand, "ceiling") == 0;
    json_t *ceilings = okng_cli_bench_measure(args, "ceiling", alone ? in : &brief, &code);
    bool headed = false;
    for (size_t i = 0; i < STAGE_COUNT && code == EXIT_OKAY; i++) {
        if (everything ? is_extra(stages[i]) : strcmp(args->operand, stages[i]) != 0) continue;
        bool ceiling = strcmp(stages[i], "ceiling") == 0;
        json_t *rows = ceiling ? json_incref(ceilings) : okng_cli_bench_measure(args, stages[i], in, &code);
        size_t k;
        json_t *row;
        bool done = true;
        json_array_foreach(rows, k, row) if (!ceiling && !add_ceilings(ceilings, row)) done = false;
        if (table && rows && !headed) print_head();
        headed = true;
        if (table) print_rows(rows);
        if (rows && (!done || json_array_extend(all, rows) != 0)) code = okng_cli_error("out of memory");
        json_decref(rows);
    }
    json_decref(ceilings);
    return code;
}

/* The machine's ceilings are not okng's: only where they are asked for by name. */
static int bench_loaded(const okng_cli_args *args, const okng_bench_inputs *in, json_t *all)
{
    int code = EXIT_OKAY;
    bool everything = strcmp(args->operand, "all") == 0;
    for (size_t i = 0; i < STAGE_COUNT && code == EXIT_OKAY; i++) {
        bool wanted = everything ? strcmp(stages[i], "ceiling") != 0 && !is_extra(stages[i])
                                 : strcmp(args->operand, stages[i]) == 0;
        if (wanted) code = okng_cli_bench_loaded(args, stages[i], in, all);
    }
    if (code == EXIT_OKAY && !args->json && !args->quiet) okng_cli_bench_judge(all);
    return code;
}

static int run(okng_cli_args *args)
{
    okng_bench_inputs in;
    int code = check_stage(args);
    if (code == EXIT_OKAY) code = check_uses(args);
    if (code == EXIT_OKAY) code = take_inputs(args, &in);
    if (code != EXIT_OKAY) return code;
    json_t *all = json_array();
    if (!all)
        code = okng_cli_error("out of memory");
    else
        code = okng_cli_value(args, "loaded") ? bench_loaded(args, &in, all) : bench(args, &in, all);
    if (code == EXIT_OKAY && args->json) return okng_cli_print_json(all);
    json_decref(all);
    return code;
}

static const okng_cli_option options[] = {
    {"bank", "B.npy", "knn: rows to search, float32 [M, D]; with --query", false},
    {"query", "Q.npy", "knn: rows to search for, float32 [Q, D]", false},
    {"k", "K", "knn: neighbours, 1 unless given", false},
    {"in", "E.npy", "coreset: rows, float32 [N, D]", false},
    {"rows", "N", "knn, coreset: so many made rows", false},
    {"dim", "D", "knn, coreset: dimensions of made rows", false},
    {"size", "N", "network, gradient: side of the input, 224 unless given, of gradient 512", false},
    {"batch", "N", "network, gradient: pictures at a time, 1 unless given", false},
    {"img", "FILE", "image, start, bank: picture; bank: a folder too", false},
    {"ok-dir", "DIR", "build: folder of good pictures", false},
    {"bank-dir", "BANK", "start, bank: folder of the bank, or recipe", false},
    {"loaded", NULL, "beside a busy process for each core but one, and how many times as long that takes", false},
    {"repeats", "N", "how often each is timed; for about a second, at least 3 times, unless given", false},
    {0},
};

const okng_cli_verb okng_cli_bench = {
    .name = "bench",
    .usage = "STAGE [inputs] [options]",
    .summary = "times the parts of the pipeline beside this machine's limits",
    .about =
        "STAGE is network (a backbone alone), knn (exact search), coreset (choice of rows), image (decode, resize, "
        "map), build (a bank), start (okng infer from its start to its files; opening a bank; its first verdict), bank "
        "(inspection: latency, each stage, "
        "throughput), ceiling (the machine: multiply-adds, memory) or all of them; gradient (the arithmetic of a "
        "training "
        "step of AF-CLIP's adapter, of a CLIP as the backbone) stands by itself. Inputs are yours; where none are "
        "given they are made, and a backbone without weights gets made ones.\n"
        "Each line tells the median and least of warm repetitions, the 95th percentile, the interquartile range as "
        "part of the median, the rates at the median, how much of the measured ceiling they are, and the peak of "
        "resident memory. Operations of knn and coreset are those of the plain algorithm, so that what is skipped "
        "counts, and they may pass the ceiling.\n"
        "With --loaded each line tells the mean of repetitions on the machine as it is and beside busy processes, by "
        "turns, and their ratio: who shares all cores but one needs at most about twice the time.",
    .examples = "  okng bench all\n"
                "  okng bench network --backbone wide_resnet50_2 --weights wide_resnet50_2.pth --size 224 --batch 1\n"
                "  okng bench knn --bank b.npy --query q.npy --k 1 --json\n"
                "  okng bench coreset --in e.npy --coreset 0.1 --projection none --start 0 --repeats 3\n"
                "  okng bench build --ok-dir parts/good --backbone resnet18 --weights resnet18.pth\n"
                "  okng bench bank --bank-dir bank --img parts/new\n"
                "  okng bench all --loaded --threads 2\n"
                "  okng bench gradient --backbone clip-vit-b-16 --size 512 --batch 8 --repeats 3\n",
    .operand = "STAGE",
    .choices = STAGES "|all",
    .options = options,
    .narrows = "bank-dir",
    .stops = true,
    .run = run,
};
