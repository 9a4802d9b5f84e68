/* Help texts, made from the tables of options. */
#include <stdio.h>
#include <string.h>

#include "cli.h"

enum { WIDTH = 96, COLUMN = 30, VERB_WIDTH = 14 };

/* Words of `text` from column `at` on, wrapped, further lines beginning at column `indent`. */
static void wrap(const char *text, int at, int indent)
{
    while (*text) {
        int length = (int)strcspn(text, " ");
        bool fresh = at == indent;
        if (!fresh && at + 1 + length > WIDTH) {
            (void)printf("\n%*s", indent, "");
            at = indent;
            fresh = true;
        }
        (void)printf("%s%.*s", fresh ? "" : " ", length, text);
        at += length + !fresh;
        text += length;
        text += strspn(text, " ");
    }
    (void)printf("\n");
}

/* Paragraphs, each wrapped. */
static void paragraphs(const char *text)
{
    while (*text) {
        char line[1024];
        size_t length = strcspn(text, "\n");
        (void)snprintf(line, sizeof line, "%.*s", (int)length, text);
        wrap(line, 0, 0);
        text += length + (text[length] == '\n');
    }
}

static void entry(const char *dashes, const char *name, const char *values, const char *help)
{
    int at = printf("  %s%s%s%s", dashes, name, values ? " " : "", values ? values : "");
    if (at >= COLUMN - 1) {
        (void)printf("\n");
        at = 0;
    }
    (void)printf("%*s", COLUMN - at, "");
    wrap(help, COLUMN, COLUMN);
}

void okng_cli_row_help(const okng_option_info *row, char *help, size_t size)
{
    char value[128] = "";
    bool alias = strncmp(row->help, "the same as", 11) == 0;
    okng_build_options defaults;
    okng_build_options_init(&defaults);
    if (row->groups != OKNG_OPTION_INSPECT && !alias)
        (void)okng_build_options_get(&defaults, row->name, value, sizeof value, NULL);
    if (*value)
        (void)snprintf(help, size, "%s (default %s)", row->help, value);
    else
        (void)snprintf(help, size, "%s", row->help);
}

const okng_cli_section okng_cli_sections[] = {
    {OKNG_OPTION_FEATURE, "Features"},
    {OKNG_OPTION_SAMPLER, "Rows of the bank"},
    {OKNG_OPTION_BANK, "Scores, thresholds, memory"},
    {OKNG_OPTION_INSPECT, "Inspecting"},
    {OKNG_OPTION_RUN, "Running"},
    {0, NULL},
};

const okng_cli_option okng_cli_common[] = {
    {"json", NULL, "machine-readable result on stdout", false},
    {"quiet", NULL, "neither progress nor chat; errors are still told", false},
    {"cpu", "auto|c|avx2|avx512|neon", "instructions of all kernels; the best that this CPU has (default auto; the variable OKNG_CPU sets it too)", false},
    {"help", NULL, "this text", false},
    {0},
};

/* A row belongs to the first of the sections that it fits. */
static unsigned section_of(const okng_option_info *row)
{
    if (row->groups & OKNG_OPTION_RUN) return OKNG_OPTION_RUN;
    if (row->groups & OKNG_OPTION_FEATURE) return OKNG_OPTION_FEATURE;
    if (row->groups & OKNG_OPTION_SAMPLER) return OKNG_OPTION_SAMPLER;
    if (row->groups & OKNG_OPTION_BANK) return OKNG_OPTION_BANK;
    return OKNG_OPTION_INSPECT;
}

bool okng_cli_in_section(const okng_cli_verb *verb, const okng_cli_section *section, const okng_option_info *row)
{
    return okng_cli_takes(verb, row) && section_of(row) == section->group;
}

static void print_section(const okng_cli_verb *verb, const okng_cli_section *section)
{
    size_t count;
    const okng_option_info *table = okng_option_table(&count);
    bool titled = false;
    for (size_t i = 0; i < count; i++) {
        if (!okng_cli_in_section(verb, section, &table[i])) continue;
        if (!titled) (void)printf("\n%s:\n", section->title);
        titled = true;
        char help[512];
        okng_cli_row_help(&table[i], help, sizeof help);
        entry("--", table[i].name, table[i].values, help);
    }
}

void okng_cli_help(const okng_cli_verb *verb)
{
    (void)printf("okng %s: %s\n\nUsage: okng %s %s\n", verb->name, verb->summary, verb->name, verb->usage);
    if (verb->about) {
        (void)printf("\n");
        paragraphs(verb->about);
    }
    if (verb->options[0].name) (void)printf("\nOptions of this verb:\n");
    for (size_t i = 0; verb->options[i].name; i++)
        entry("--", verb->options[i].name, verb->options[i].values, verb->options[i].help);
    for (size_t i = 0; okng_cli_sections[i].title; i++) print_section(verb, &okng_cli_sections[i]);
    for (size_t i = 0; okng_cli_common[i].name; i++)
        entry("--", okng_cli_common[i].name, okng_cli_common[i].values, okng_cli_common[i].help);
    (void)printf("\nExamples:\n%s", verb->examples);
}

void okng_cli_help_all(FILE *stream)
{
    (void)fprintf(stream, "okng learns what good parts look like (OK) and finds what is wrong (NG) in new pictures.\n\n"
                          "Usage: okng VERB [options]\n\n");
    for (size_t i = 0; okng_cli_verbs[i]; i++) {
        const okng_cli_verb *verb = okng_cli_verbs[i];
        if (strlen(verb->name) > VERB_WIDTH)
            (void)fprintf(stream, "  %s\n  %-*s %s\n", verb->name, VERB_WIDTH, "", verb->summary);
        else
            (void)fprintf(stream, "  %-*s %s\n", VERB_WIDTH, verb->name, verb->summary);
    }
    (void)fprintf(stream, "\nokng VERB --help tells a verb's options and shows examples; okng --version the version.\n"
                          "Exit codes: 0 done, 1 error, 2 wrong usage, 10 NG found (infer --exit-code), 130 "
                          "interrupted.\n");
}
