/* Thresholds that somebody chooses. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "cli.h"

/* Values are what infer takes under the same names, but for "bank", which says nothing here. */
static int set(const okng_cli_args *args, okng_inspect_options *values, const char *name)
{
    const char *value = okng_cli_value(args, name);
    okng_error error;
    if (!value) return EXIT_OKAY;
    if (strcmp(value, "bank") == 0)
        return okng_cli_usage(args->verb, "--%s: found \"bank\", expected a value; --reset goes back to the bank's own",
                              name);
    return okng_inspect_options_set(values, name, value, &error) == OKNG_OK ? EXIT_OKAY
                                                                            : okng_cli_refused(args->verb, &error);
}

/* "off" takes the limit away. */
static int set_limits(const okng_cli_args *args, okng_inspect_options *values, okng_bank_choice *choice)
{
    static const char *const names[] = {"min-area", "max-length", "max-count"};
    int32_t *const sets[] = {&choice->sets_min_area, &choice->sets_max_length, &choice->sets_max_count};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        const char *value = okng_cli_value(args, names[i]);
        *sets[i] = value != NULL;
        int code = value && strcmp(value, "off") != 0 ? set(args, values, names[i]) : EXIT_OKAY;
        if (code != EXIT_OKAY) return code;
    }
    choice->min_area = values->min_area; /* what was not set is -1 and NaN: none */
    choice->max_length = values->max_length;
    choice->max_count = values->max_count;
    return EXIT_OKAY;
}

static int read_choice(const okng_cli_args *args, okng_bank_choice *choice)
{
    static const char *const names[] = {"threshold-image", "threshold-pixel", "review"};
    okng_inspect_options values;
    okng_inspect_options_init(&values);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        int code = set(args, &values, names[i]);
        if (code != EXIT_OKAY) return code;
    }
    int code = set_limits(args, &values, choice);
    if (code != EXIT_OKAY) return code;
    bool off = isinf(values.review[0]);
    choice->reset = okng_cli_value(args, "reset") != NULL;
    choice->sets_image = !isnan(values.threshold_image);
    choice->image = values.threshold_image;
    choice->sets_pixel = !isnan(values.threshold_pixel);
    choice->pixel = values.threshold_pixel;
    choice->sets_review = !isnan(values.review[0]);
    for (int i = 0; i < 2; i++) choice->review[i] = off ? NAN : values.review[i];
    choice->by = okng_cli_value(args, "by") ? okng_cli_value(args, "by") : "okng bank set";
    if (choice->reset || choice->sets_image || choice->sets_pixel || choice->sets_review || choice->sets_min_area ||
        choice->sets_max_length || choice->sets_max_count)
        return EXIT_OKAY;
    return okng_cli_usage(args->verb,
                          "nothing to set: give --threshold-image, --threshold-pixel, --review, --min-area, "
                          "--max-length, --max-count or --reset");
}

/* The thresholds as they are now. */
static json_t *describe(const char *bank, okng_error *error)
{
    char *text = NULL;
    if (okng_bank_describe(bank, &text, error) != OKNG_OK) return NULL;
    json_t *all = okng_cli_json_parse(text), *tau = json_object_get(all, "tau"), *told = json_object();
    static const char *const keys[] = {"image", "pixel", "review", "chosen", "computed", "region_limits"};
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
        if (json_object_get(tau, keys[i]))
            okng_cli_json_put(&told, keys[i], json_incref(json_object_get(tau, keys[i])));
    okng_text_free(&text);
    json_decref(all);
    if (!told) (void)okng_cli_set_error(error, OKNG_ERROR_MEMORY, "out of memory for the result as JSON");
    return told;
}

static void print_told(const json_t *told)
{
    static const char *const keys[] = {"image", "pixel"};
    const json_t *review = json_object_get(told, "review");
    char text[2][40];
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        const json_t *value = json_object_get(told, keys[i]);
        bool chosen = json_object_get(json_object_get(told, "chosen"), keys[i]) != NULL;
        if (value)
            (void)printf(_("%s threshold %s (%s)\n"), okng_translate(keys[i]),
                         okng_cli_number_text(json_number_value(value), text[0], sizeof text[0]),
                         chosen ? _("chosen") : _("computed"));
        else
            (void)printf(_("%s threshold none\n"), okng_translate(keys[i]));
    }
    if (review)
        (void)printf(_("review above %s up to %s\n"),
                     okng_cli_number_text(json_number_value(json_array_get(review, 0)), text[0], sizeof text[0]),
                     okng_cli_number_text(json_number_value(json_array_get(review, 1)), text[1], sizeof text[1]));
}

static void print_limits(const json_t *limits)
{
    static const char *const names[][2] = {
        {"min_area", N_("regions of the mask have at least %s pixels\n")},
        {"max_length", N_("a region longer than %s pixels is NG\n")},
        {"max_count", N_("more than %s regions are NG\n")},
    };
    char text[40];
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        const json_t *value = json_object_get(limits, names[i][0]);
        if (value) (void)printf(_(names[i][1]), okng_cli_number_text(json_number_value(value), text, sizeof text));
    }
}

static int run(okng_cli_args *args)
{
    okng_error error;
    okng_bank_choice choice = {.struct_size = sizeof choice};
    int code = read_choice(args, &choice);
    if (code != EXIT_OKAY) return code;
    if (okng_bank_choose(args->operand, &choice, &error) != OKNG_OK) return okng_cli_fail(&error);
    json_t *told = describe(args->operand, &error);
    if (!told) return okng_cli_fail(&error);
    if (args->json) return okng_cli_print_json(told);
    if (!args->quiet) print_told(told);
    if (!args->quiet) print_limits(json_object_get(told, "region_limits"));
    json_decref(told);
    return EXIT_OKAY;
}

static const okng_cli_option options[] = {
    {"threshold-image", "T", "image threshold of the bank from now on: above is NG", false},
    {"threshold-pixel", "T", "pixel threshold", false},
    {"review", "LOW,HIGH|off", "band of scores that are REVIEW from now on; off: none", false},
    {"min-area", "PIXELS|off", "regions of the mask with fewer pixels are dropped from now on", false},
    {"max-length", "PIXELS|off", "a longer region of the mask is NG, whatever the score", false},
    {"max-count", "N|off", "more regions of the mask are NG, whatever the score", false},
    {"reset", NULL, "first go back to what was computed, without a band and limits", false},
    {"by", "NAME", "who chose, kept beside the time; okng bank set unless given", false},
    {0},
};

const okng_cli_verb okng_cli_bank_set = {
    .name = "bank set",
    .usage = "BANK [--threshold-image T] [--threshold-pixel T] [--review LOW,HIGH|off] [--min-area PIXELS|off] "
             "[--max-length PIXELS|off] [--max-count N|off] [--reset] [--by NAME]",
    .summary = "keeps thresholds that somebody chose in a bank",
    .about = "Whoever opens the bank goes by them from then on, and by limits of the regions that a mask may have. "
             "tau.json keeps what was computed beside them, when they "
             "were chosen, and by whom; okng bank show tells both. A new build into the folder forgets them.",
    .examples = "  okng bank set bank --threshold-image 1.35\n"
                "  okng bank set bank --review 1.2,1.5 --by 'Kim, line 3'\n"
                "  okng bank set bank --max-length 60 --max-count 3 --min-area 20\n"
                "  okng bank set bank --reset\n",
    .operand = "BANK",
    .options = options,
    .no_kernels = true,
    .run = run,
};
