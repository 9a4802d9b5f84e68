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

static int read_choice(const okng_cli_args *args, okng_bank_choice *choice)
{
    static const char *const names[] = {"threshold-image", "threshold-pixel", "review"};
    okng_inspect_options values;
    okng_inspect_options_init(&values);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        int code = set(args, &values, names[i]);
        if (code != EXIT_OKAY) return code;
    }
    bool off = isinf(values.review[0]);
    choice->reset = okng_cli_value(args, "reset") != NULL;
    choice->sets_image = !isnan(values.threshold_image);
    choice->image = values.threshold_image;
    choice->sets_pixel = !isnan(values.threshold_pixel);
    choice->pixel = values.threshold_pixel;
    choice->sets_review = !isnan(values.review[0]);
    for (int i = 0; i < 2; i++) choice->review[i] = off ? NAN : values.review[i];
    choice->by = okng_cli_value(args, "by") ? okng_cli_value(args, "by") : "okng bank set";
    if (choice->reset || choice->sets_image || choice->sets_pixel || choice->sets_review) return EXIT_OKAY;
    return okng_cli_usage(args->verb, "nothing to set: give --threshold-image, --threshold-pixel, --review or --reset");
}

/* The thresholds as they are now. */
static json_t *describe(const char *bank, okng_error *error)
{
    char *text = NULL;
    if (okng_bank_describe(bank, &text, error) != OKNG_OK) return NULL;
    json_t *all = okng_cli_json_parse(text), *tau = json_object_get(all, "tau"), *told = json_object();
    static const char *const keys[] = {"image", "pixel", "review", "chosen", "computed"};
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
    json_decref(told);
    return EXIT_OKAY;
}

static const okng_cli_option options[] = {
    {"threshold-image", "T", "image threshold of the bank from now on: above is NG", false},
    {"threshold-pixel", "T", "pixel threshold", false},
    {"review", "LOW,HIGH|off", "band of scores that are REVIEW from now on; off: none", false},
    {"reset", NULL, "first go back to what was computed, without a band", false},
    {"by", "NAME", "who chose, kept beside the time; okng bank set unless given", false},
    {0},
};

const okng_cli_verb okng_cli_bank_set = {
    .name = "bank set",
    .usage = "BANK [--threshold-image T] [--threshold-pixel T] [--review LOW,HIGH|off] [--reset] [--by NAME]",
    .summary = "keeps thresholds that somebody chose in a bank",
    .about =
        "Whoever opens the bank goes by them from then on. tau.json keeps what was computed beside them, when they "
        "were chosen, and by whom; okng bank show tells both. A new build into the folder forgets them.",
    .examples = "  okng bank set bank --threshold-image 1.35\n"
                "  okng bank set bank --review 1.2,1.5 --by 'Kim, line 3'\n"
                "  okng bank set bank --reset\n",
    .operand = "BANK",
    .options = options,
    .no_kernels = true,
    .run = run,
};
