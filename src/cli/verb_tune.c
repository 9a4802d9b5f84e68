#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "cli.h"

/* ---- what was found ------------------------------------------------------------------------- */

static double number_of(const json_t *object, const char *key)
{
    const json_t *value = json_object_get(object, key);
    return json_is_number(value) ? json_number_value(value) : (double)NAN;
}

static long long count_of(const json_t *object, const char *key)
{
    return (long long)json_integer_value(json_object_get(object, key));
}

/* Adds to a line, as far as there is room in it. */
__attribute__((format(printf, 3, 4))) static void put(char *line, size_t size, const char *format, ...)
{
    size_t used = strlen(line);
    va_list args;
    va_start(args, format);
    (void)vsnprintf(line + used, size - used, format, args);
    va_end(args);
}

/* "3 of 4" and "24.9 to 98.7 %" as two columns; blanks where there is nothing to count. */
static void put_share(char *line, size_t size, const json_t *rung, const char *hits, const char *all)
{
    char key[2][40], share[40] = "", interval[40] = "";
    (void)snprintf(key[0], sizeof key[0], "%s_low", hits);
    (void)snprintf(key[1], sizeof key[1], "%s_high", hits);
    if (count_of(rung, all) > 0) {
        (void)snprintf(share, sizeof share, _("%lld of %lld"), count_of(rung, hits), count_of(rung, all));
        (void)snprintf(interval, sizeof interval, _("%.1f to %.1f %%"), 100 * number_of(rung, key[0]),
                       100 * number_of(rung, key[1]));
    }
    put(line, size, "  %-14s %-16s", share, interval);
}

static void put_names(char *line, size_t size, const json_t *rung)
{
    static const char *const names[][2] = {
        {"in_force", N_("in force")}, {"computed", N_("computed")}, {"proposed", N_("proposed")}};
    const char *before = "  ";
    for (size_t n = 0; n < sizeof names / sizeof names[0]; n++) {
        if (!json_is_true(json_object_get(rung, names[n][0]))) continue;
        put(line, size, "%s%s", before, okng_translate(names[n][1]));
        before = ", ";
    }
}

static void print_ladder(const json_t *ladder)
{
    size_t i;
    json_t *rung;
    if (json_array_size(ladder) == 0) return;
    (void)printf("  ");
    okng_cli_print_left(N_("threshold"), 14);
    okng_cli_print_left(N_("found"), 15);
    okng_cli_print_left(N_("90 % interval"), 18);
    okng_cli_print_left(N_("false alarms"), 15);
    (void)printf("%s\n", okng_translate(N_("90 % interval")));
    json_array_foreach(ladder, i, rung)
    {
        char text[40], line[256] = "";
        put(line, sizeof line, "  %-12s", okng_cli_number_text(number_of(rung, "threshold"), text, sizeof text));
        put_share(line, sizeof line, rung, "found", "ng");
        put_share(line, sizeof line, rung, "false_alarms", "good");
        put_names(line, sizeof line, rung);
        size_t length = strlen(line);
        while (length > 0 && line[length - 1] == ' ') line[--length] = '\0';
        (void)printf("%s\n", line);
    }
}

static void print_kind(const json_t *kind, const char *name)
{
    char text[3][40];
    double force = number_of(kind, "in_force"), proposed = number_of(kind, "proposed");
    (void)printf(_("%s threshold: in force %s (%s), "), okng_translate(name),
                 isnan(force) ? _("none") : okng_cli_number_text(force, text[0], sizeof text[0]),
                 json_is_true(json_object_get(kind, "chosen")) ? _("chosen") : _("computed"));
    if (isnan(proposed))
        (void)printf("%s", _("none proposed\n"));
    else
        (void)printf(_("proposed %s\n"), okng_cli_number_text(proposed, text[1], sizeof text[1]));
    print_ladder(json_object_get(kind, "ladder"));
}

static void print_skipped(const json_t *pictures)
{
    size_t i;
    json_t *picture;
    json_array_foreach(pictures, i, picture)
    {
        const char *why = json_string_value(json_object_get(picture, "error"));
        if (why) (void)okng_cli_error("%s; skipped", why);
    }
}

static void print_all(const okng_cli_args *args, const json_t *document)
{
    const json_t *good = json_object_get(document, "good"), *pixel = json_object_get(document, "pixel");
    const char *page = okng_cli_value(args, "out-dir");
    (void)printf(_("good pictures: %lld that the bank learnt, %lld more; bad ones: %lld\n"), count_of(good, "bank"),
                 count_of(good, "given"), count_of(document, "ng"));
    print_kind(json_object_get(document, "image"), N_("image"));
    if (json_array_size(json_object_get(pixel, "ladder")) > 0) {
        (void)printf("%s", _("\npictures with a pixel above the pixel threshold\n"));
        print_kind(pixel, N_("pixel"));
        if (isnan(number_of(pixel, "proposed"))) (void)printf("%s", _("  give good pictures with --ok to tune it\n"));
    }
    if (json_is_true(json_object_get(document, "written")))
        (void)printf(_("kept in %s/tau.json; okng bank set %s --reset goes back\n"), okng_cli_value(args, "bank-dir"),
                     okng_cli_value(args, "bank-dir"));
    else
        (void)printf("%s", _("nothing is changed; --write keeps what is proposed\n"));
    if (page) (void)printf(_("page %s/tune.html\n"), page);
}

/* ---- the verb ------------------------------------------------------------------------------- */

static int read_rate(const okng_cli_args *args, const char *name, okng_tune_rule rule, okng_tune_options *options)
{
    const char *value = okng_cli_value(args, name);
    if (!value) return EXIT_OKAY;
    okng_inspect_options parsed; /* a rate is a rate */
    okng_error error;
    okng_inspect_options_init(&parsed);
    if (okng_inspect_options_set(&parsed, "false-alarm", value, &error) != OKNG_OK || isnan(parsed.false_alarm))
        return okng_cli_usage(args->verb, "--%s: found \"%s\", expected a number 0..1", name, value);
    options->rule = rule;
    options->rate = parsed.false_alarm;
    return EXIT_OKAY;
}

static int read_rule(const okng_cli_args *args, okng_tune_options *options)
{
    int given = (okng_cli_value(args, "false-alarm") != NULL) + (okng_cli_value(args, "miss") != NULL) +
                (okng_cli_value(args, "f1") != NULL);
    if (given > 1) return okng_cli_usage(args->verb, "--false-alarm, --miss and --f1 are rules; give one of them");
    int code = read_rate(args, "false-alarm", OKNG_TUNE_FALSE_ALARM, options);
    if (code == EXIT_OKAY) code = read_rate(args, "miss", OKNG_TUNE_MISS, options);
    if (okng_cli_value(args, "f1")) options->rule = OKNG_TUNE_F1;
    return code;
}

static int tune(okng_cli_args *args, okng_tune_options *options)
{
    okng_error error;
    char *text = NULL;
    okng_cli_progress progress = okng_cli_progress_new(args);
    okng_status status =
        okng_tune(okng_cli_value(args, "bank-dir"), options, okng_cli_progress_step, &progress, &text, &error);
    okng_cli_progress_clear(&progress);
    okng_cli_tell_all_left_out(args, options->ok, options->ok_count);
    okng_cli_tell_all_left_out(args, options->ng, options->ng_count);
    if (status != OKNG_OK) return okng_cli_fail(&error);
    json_t *document = okng_cli_json_parse(text);
    okng_text_free(&text);
    if (!document) return okng_cli_error("what was found is not JSON");
    print_skipped(json_object_get(document, "pictures"));
    if (args->json) return okng_cli_print_json(document);
    if (!args->quiet) print_all(args, document);
    json_decref(document);
    return EXIT_OKAY;
}

static int run(okng_cli_args *args)
{
    okng_cli_paths good = {0}, bad = {0};
    okng_tune_options options = {.struct_size = sizeof options,
                                 .write = okng_cli_value(args, "write") != NULL,
                                 .page = okng_cli_value(args, "out-dir"),
                                 .weights = okng_cli_value(args, "weights"),
                                 .threads = args->inspect.threads,
                                 .max_pixels = args->inspect.max_pixels};
    int code = read_rule(args, &options);
    if (code == EXIT_OKAY) code = okng_cli_repeated_paths(args, "ok", &good);
    if (code == EXIT_OKAY) code = okng_cli_repeated_paths(args, "ng", &bad);
    options.ok = (const char *const *)good.items;
    options.ok_count = good.count;
    options.ng = (const char *const *)bad.items;
    options.ng_count = bad.count;
    if (code == EXIT_OKAY) code = tune(args, &options);
    okng_cli_paths_free(&good);
    okng_cli_paths_free(&bad);
    return code;
}

static const okng_cli_option options[] = {
    {"bank-dir", "BANK", "folder that okng build wrote, or recipe of okng pack", true},
    {"ok", "DIR|FILE...", "more good pictures, that the bank has not learnt; may be given several times", false},
    {"ng", "DIR|FILE...", "pictures of bad parts; one is a beginning; may be given several times", false},
    {"false-alarm", "RATE", "propose the threshold above which at most this part of good pictures comes", false},
    {"miss", "RATE", "propose one that misses at most this part of the bad ones", false},
    {"f1", NULL, "propose the one of the largest F1", false},
    {"write", NULL, "keep what is proposed in the bank", false},
    {"out-dir", "DIR", "draw tune.html there, with its pictures", false},
    {"weights", "FILE", "in place of the file that the bank names; its SHA-256 must be the same", false},
    {0},
};

const okng_cli_verb okng_cli_tune = {
    .name = "tune",
    .usage =
        "--bank-dir BANK [--ok DIR...] [--ng DIR...] [--false-alarm R | --miss R | --f1] [--write] [--out-dir DIR]",
    .summary = "proposes thresholds for a bank from good and bad pictures",
    .about =
        "Takes the scores of good pictures that the bank keeps, those of more good pictures and of bad ones, as few as "
        "one, and tells for a ladder of thresholds what would be found and what would be a false alarm, each with the "
        "interval that holds the true rate with 90 % (Clopper and Pearson).\n"
        "Without a rule it proposes what finds most with at most 5 % false alarms, and the bank's own threshold where "
        "that does as well or there are no bad pictures. The pixel threshold is tuned on the highest pixel of each "
        "picture that is given. --write keeps what is proposed; okng bank set BANK --reset goes back.",
    .examples = "  okng tune --bank-dir bank --ng ng\n"
                "  okng tune --bank-dir bank --ok today/ok --ng today/ng --out-dir tuned\n"
                "  okng tune --bank-dir bank --ng ng --miss 0 --write\n",
    .options = options,
    .repeats = "ok",
    .repeats_too = "ng",
    .gathers = true,
    .stops = true,
    .run = run,
};
