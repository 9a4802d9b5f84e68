#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"

enum { INDENT = 2, COLUMN = 20 };

static void print_value(const json_t *value)
{
    char text[40];
    if (json_is_string(value))
        (void)printf("%s", json_string_value(value));
    else if (json_is_integer(value))
        (void)printf("%lld", (long long)json_integer_value(value));
    else if (json_is_real(value))
        (void)printf("%s", okng_cli_number_text(json_real_value(value), text, sizeof text));
    else if (json_is_boolean(value))
        (void)printf("%s", json_is_true(value) ? _("yes") : _("no"));
    else
        (void)printf("%s", _("none"));
}

/* Members one below the other; those of an object further in. */
static void print_object(const char *key, json_t *value, int depth)
{
    if (json_is_object(value)) {
        (void)printf("%*s%s\n", depth * INDENT, "", key);
        const char *name;
        json_t *member;
        json_object_foreach(value, name, member) print_object(name, member, depth + 1);
        return;
    }
    if (json_is_object(json_array_get(value, 0))) {
        for (size_t i = 0; i < json_array_size(value); i++) print_object(key, json_array_get(value, i), depth);
        return;
    }
    (void)printf("%*s%-*s ", depth * INDENT, "", COLUMN - depth * INDENT, key);
    if (json_is_array(value)) {
        for (size_t i = 0; i < json_array_size(value); i++) {
            (void)printf("%s", i > 0 ? " " : "");
            print_value(json_array_get(value, i));
        }
    } else {
        print_value(value);
    }
    (void)printf("\n");
}

static void print_false_alarms(const json_t *document, const json_t *tau)
{
    size_t count = json_array_size(json_object_get(tau, "image_scores")), i;
    json_t *value;
    if (count == 0) {
        const json_t *pictures = json_object_get(json_object_get(document, "config"), "pictures");
        if (!json_object_get(tau, "image") && json_integer_value(pictures) > 0)
            (void)printf("%s", _("    none: one OK part alone leaves none to hold it against; inspecting needs "
                                 "--threshold-image\n"));
        else if (!json_object_get(tau, "image"))
            (void)printf("%s", _("    none: made without OK pictures; inspecting needs --threshold-image\n"));
        return;
    }
    (void)printf(_("  image threshold for a false-alarm rate, from %zu OK pictures\n"), count);
    json_array_foreach(json_object_get(document, "false_alarm"), i, value)
    {
        double rate = json_number_value(json_object_get(value, "rate"));
        char text[40];
        double threshold = json_number_value(json_object_get(value, "image_threshold"));
        double promised = json_number_value(json_object_get(value, "promised"));
        (void)printf("    %4.1f %%             %s", 100 * rate, okng_cli_number_text(threshold, text, sizeof text));
        if (promised > rate + 1e-9)
            (void)printf(_("  (too few OK pictures to promise it: %.1f %% at best)"), 100 * promised);
        (void)printf("\n");
    }
}

/* "image  1.5  chosen 2026-11-27T12:00:00Z by okng bank set, computed 1.2" */
static void print_chosen(const char *name, const json_t *value, const json_t *tau)
{
    const json_t *chosen = json_object_get(json_object_get(tau, "chosen"), name);
    const json_t *computed = json_object_get(json_object_get(tau, "computed"), name);
    const char *at = json_string_value(json_object_get(chosen, "at")),
               *by = json_string_value(json_object_get(chosen, "by"));
    (void)printf("%*s%-*s ", 2 * INDENT, "", COLUMN - 2 * INDENT, name);
    print_value(value);
    (void)printf(_("  chosen %s by %s, computed "), at ? at : _("at a time not told"), by ? by : _("somebody"));
    print_value(computed);
    (void)printf("\n");
}

static void print_review(const json_t *band)
{
    char low[40], high[40];
    (void)printf("%*s%-*s ", 2 * INDENT, "", COLUMN - 2 * INDENT, "review");
    (void)printf(_("above %s up to %s\n"),
                 okng_cli_number_text(json_number_value(json_array_get(band, 0)), low, sizeof low),
                 okng_cli_number_text(json_number_value(json_array_get(band, 1)), high, sizeof high));
}

static void print_thresholds(json_t *tau)
{
    json_t *value;
    const char *name;
    (void)printf("%s", _("  thresholds\n"));
    json_object_foreach(tau, name, value)
    {
        if (json_object_get(json_object_get(tau, "chosen"), name))
            print_chosen(name, value, tau);
        else if (strcmp(name, "region_limits") == 0 || (!json_is_array(value) && !json_is_object(value)))
            print_object(name, value, 2);
        else if (strcmp(name, "review") == 0)
            print_review(value);
    }
}

static void print_bank(const char *bank, json_t *document)
{
    json_t *tau = json_object_get(document, "tau"), *value;
    const char *name;
    (void)printf(_("bank %s\n"), bank);
    json_object_foreach(json_object_get(document, "config"), name, value) print_object(name, value, 1);
    (void)printf("%s", _("  files\n"));
    json_object_foreach(json_object_get(document, "files"), name, value)
    {
        char size[32];
        uint64_t bytes = (uint64_t)json_integer_value(value);
        (void)printf("    %-*s %s\n", COLUMN - 4, name, okng_cli_size_text(bytes, size, sizeof size));
    }
    if (json_object_get(document, "recipe")) print_object("recipe", json_object_get(document, "recipe"), 1);
    print_thresholds(tau);
    print_false_alarms(document, tau);
    okng_cli_print_doubtful(document, "  ");
}

static int run(okng_cli_args *args)
{
    okng_error error;
    char *text = NULL;
    if (okng_bank_describe(args->operand, &text, &error) != OKNG_OK) return okng_cli_fail(&error);
    json_t *document = okng_cli_json_parse(text);
    okng_text_free(&text);
    if (!document) return okng_cli_error("%s: the description is not JSON", args->operand);
    if (args->json) return okng_cli_print_json(document);
    if (!args->quiet) print_bank(args->operand, document);
    json_decref(document);
    return EXIT_OKAY;
}

static const okng_cli_option options[] = {{0}};

const okng_cli_verb okng_cli_bank_show = {
    .name = "bank show",
    .usage = "BANK",
    .summary = "tells what is in a bank: options, sizes, thresholds, provenance",
    .about = "Checks the files of the bank too; the weights are not needed.",
    .examples = "  okng bank show bank\n  okng bank show bank --json\n",
    .operand = "BANK",
    .options = options,
    .no_kernels = true,
    .run = run,
};
