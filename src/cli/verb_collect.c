#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "cli.h"

/* The form that a file's ending asks for; false where it asks for none. */
static bool form_of(const char *path, okng_table_form *form)
{
    static const struct {
        const char *ending;
        okng_table_form form;
    } endings[] = {
        {".csv", OKNG_TABLE_CSV}, {".md", OKNG_TABLE_MARKDOWN}, {".json", OKNG_TABLE_JSON}, {".txt", OKNG_TABLE_TEXT}};
    const char *dot = strrchr(path, '.');
    for (size_t i = 0; dot && i < sizeof endings / sizeof endings[0]; i++)
        if (strcasecmp(dot, endings[i].ending) == 0) {
            *form = endings[i].form;
            return true;
        }
    return false;
}

static int deliver(const okng_cli_args *args, const char *out, const char *text, okng_table_form form)
{
    okng_error error;
    if (!out) {
        (void)printf("%s%s", text, form == OKNG_TABLE_JSON ? "\n" : "");
        return EXIT_OKAY;
    }
    if (okng_file_write(out, text, strlen(text), &error) != OKNG_OK) return okng_cli_fail(&error);
    if (!args->quiet && !args->json) (void)printf("%s\n", out);
    return EXIT_OKAY;
}

static int run(okng_cli_args *args)
{
    const char *out = okng_cli_value(args, "out");
    okng_table_form form = args->json ? OKNG_TABLE_JSON : OKNG_TABLE_TEXT;
    if (out && !form_of(out, &form))
        return okng_cli_usage(args->verb, "--out %s: the name says no form, expected .csv, .md, .json or .txt", out);
    okng_error error;
    char *text;
    if (okng_collect(args->operands, args->operand_count, okng_cli_value(args, "per-category") != NULL, form, &text,
                     &error) != OKNG_OK)
        return okng_cli_fail(&error);
    int code = deliver(args, out, text, form);
    okng_text_free(&text);
    return code;
}

static const okng_cli_option options[] = {
    {"out", "FILE", "write the table there: .csv, .json (every figure by its key), .md, .txt (as people read)", false},
    {"per-category", NULL, "a row for each category instead of the mean over them", false},
    {0},
};

const okng_cli_verb okng_cli_collect = {
    .name = "collect",
    .usage = "DIR... [--per-category] [--out FILE]",
    .summary = "joins experiments into one table",
    .about =
        "Each DIR is the folder of an experiment, as okng eval and okng run write it, or a folder with several below.\n"
        "A mean leaves out the categories that lack the figure.",
    .examples = "  okng collect results\n"
                "  okng collect results/mvtec results/visa --per-category --out all.csv\n"
                "  okng collect results --out results.md\n",
    .operand = "DIR...",
    .options = options,
    .no_kernels = true,
    .run = run,
};
