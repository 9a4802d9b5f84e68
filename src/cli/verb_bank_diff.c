/* What two banks have differently. */
#include <math.h>
#include <stdio.h>

#include "cli.h"

enum { BAR = 40 /* characters of the longest bar */, COLUMN = 18 };

static const char *value_text(const json_t *value, char *text, size_t size)
{
    if (json_is_string(value)) return json_string_value(value);
    if (json_is_boolean(value)) return json_is_true(value) ? _("yes") : _("no");
    if (json_is_integer(value))
        (void)snprintf(text, size, "%lld", (long long)json_integer_value(value));
    else if (json_is_real(value))
        return okng_cli_number_text(json_real_value(value), text, size);
    else
        return _("none");
    return text;
}

/* "name   first   second" */
static void print_pair(const char *name, const json_t *pair)
{
    char text[2][40];
    const char *first = value_text(json_array_get(pair, 0), text[0], sizeof text[0]);
    const char *second = value_text(json_array_get(pair, 1), text[1], sizeof text[1]);
    (void)printf("  %-*s %-*s %s\n", COLUMN, name, COLUMN, first, second);
}

static void print_pairs(const char *title, json_t *object, const char *none)
{
    const char *name;
    json_t *pair;
    (void)printf("%s\n", title);
    if (json_object_size(object) == 0) (void)printf("  %s\n", none);
    json_object_foreach(object, name, pair) print_pair(name, pair);
}

static json_int_t largest_of(const json_t *counts)
{
    json_int_t largest = 1;
    for (size_t i = 0; i < json_array_size(counts); i++) {
        json_int_t count = json_integer_value(json_array_get(counts, i));
        if (count > largest) largest = count;
    }
    return largest;
}

/* A bin in each line: where it begins, how many in each bank, a bar of each. */
static void print_scores(const json_t *scores)
{
    const json_t *counts = json_object_get(scores, "counts"), *one[2];
    if (!json_is_object(scores)) return;
    double low = json_number_value(json_object_get(scores, "low"));
    double high = json_number_value(json_object_get(scores, "high"));
    for (size_t i = 0; i < 2; i++) one[i] = json_array_get(counts, i);
    json_int_t most[2] = {largest_of(one[0]), largest_of(one[1])};
    size_t bins = json_array_size(one[0]);
    (void)printf("%s", _("scores of good pictures, of the first (=) and the second (-)\n"));
    for (size_t b = 0; b < bins; b++) {
        (void)printf("  %-12.6g", low + (high - low) * (double)b / (double)bins);
        for (size_t i = 0; i < 2; i++) {
            json_int_t count = json_integer_value(json_array_get(one[i], b));
            (void)printf(" %6lld ", (long long)count);
            for (json_int_t k = 0; k < BAR / 2; k++)
                (void)putchar(k * most[i] < count * (BAR / 2) ? (i == 0 ? '=' : '-') : ' ');
        }
        (void)printf("\n");
    }
}

static void print_way(const char *title, const json_t *way)
{
    static const char *const names[] = {"mean", "median", "p90", "p99", "largest"};
    char text[40];
    (void)printf(_("  %s: %lld rows, of which %lld are in both\n"), title,
                 (long long)json_integer_value(json_object_get(way, "rows")),
                 (long long)json_integer_value(json_object_get(way, "in_both")));
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        (void)printf("    %-*s %s\n", COLUMN - 2, names[i],
                     value_text(json_object_get(way, names[i]), text, sizeof text));
}

static void print_document(json_t *document)
{
    json_t *nearest = json_object_get(document, "nearest");
    print_pair("method", json_object_get(document, "method"));
    print_pair("pictures", json_object_get(document, "pictures"));
    print_pair("rows", json_object_get(document, "rows"));
    print_pairs(_("options that differ"), json_object_get(document, "options"), _("none"));
    print_pairs(_("thresholds"), json_object_get(document, "thresholds"), _("none"));
    print_scores(json_object_get(document, "scores"));
    if (!json_is_object(nearest)) return;
    (void)printf("%s", _("distances to the nearest row of the other\n"));
    print_way(_("from the first"), json_object_get(nearest, "first_to_second"));
    print_way(_("from the second"), json_object_get(nearest, "second_to_first"));
}

static int run(okng_cli_args *args)
{
    okng_error error;
    char *text = NULL;
    if (args->operand_count != 2)
        return okng_cli_usage(args->verb, "%zu banks were given, expected two", args->operand_count);
    okng_cli_progress progress = okng_cli_progress_new(args);
    okng_status status = okng_bank_diff(args->operands[0], args->operands[1], args->build.threads,
                                        okng_cli_progress_step, &progress, &text, &error);
    okng_cli_progress_clear(&progress);
    if (status != OKNG_OK) return okng_cli_fail(&error);
    json_t *document = okng_cli_json_parse(text);
    okng_text_free(&text);
    if (!document) return okng_cli_error("the comparison is not JSON");
    if (args->json) return okng_cli_print_json(document);
    if (!args->quiet) print_document(document);
    json_decref(document);
    return EXIT_OKAY;
}

static const okng_cli_option options[] = {{0}};

const okng_cli_verb okng_cli_bank_diff = {
    .name = "bank diff",
    .usage = "BANK BANK",
    .summary = "tells what two banks have differently",
    .about = "Options and thresholds, the scores of their good pictures, and how far the rows of each are from the "
             "nearest of the other.",
    .examples = "  okng bank diff bank-2026-10 bank-2026-11\n",
    .operand = "BANK...",
    .options = options,
    .stops = true,
    .run = run,
};
