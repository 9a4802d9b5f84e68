/* The library's tables of options, as the verbs see them. */
#include <stdio.h>
#include <string.h>

#include "cli.h"

enum { MAX_WORDS = 768 };

/* The rows of the library's tables that the verb reads, each name once; their number. */
static size_t rows_of(const okng_cli_verb *verb, okng_option_info rows[CLI_MAX_ROWS])
{
    return okng_cli_gather_rows(verb->name, rows);
}

/* ---- who reads it --------------------------------------------------------------------------- */

static bool has_word(const char *text, const char *word, size_t length)
{
    for (; *text; text += strspn(text, ", ")) {
        size_t end = strcspn(text, ",");
        if (end == length && strncmp(text, word, length) == 0) return true;
        text += end;
    }
    return false;
}

/* Adds each of "build, embed" that is not there yet; not "bench bank --bank-dir", as "bench bank" is there too. */
static void add(char *text, size_t size, const char *words)
{
    while (*words) {
        size_t length = strcspn(words, ","), used = strlen(text);
        const char *dashes = strstr(words, "--");
        if ((!dashes || dashes > words + length) && !has_word(text, words, length))
            (void)snprintf(text + used, size - used, "%s%.*s", used > 0 ? ", " : "", (int)length, words);
        words += length + strspn(words + length, ", ");
    }
}

static bool has_own(const okng_cli_verb *verb, const char *name)
{
    for (size_t i = 0; verb->options[i].name; i++)
        if (strcmp(verb->options[i].name, name) == 0) return true;
    return strcmp(name, "cpu") == 0 && !verb->no_kernels;
}

/* "build, eval, infer"; "" where nobody does. */
static void list_readers(const char *name, char *text, size_t size)
{
    text[0] = '\0';
    okng_cli_row_place place = {0};
    okng_option_info row;
    while (okng_cli_next_row(name, &place, &row)) add(text, size, row.verbs);
    for (size_t i = 0; okng_cli_verbs[i]; i++)
        if (has_own(okng_cli_verbs[i], name)) add(text, size, okng_cli_verbs[i]->name);
}

int okng_cli_not_read(const okng_cli_verb *verb, const char *reader, const char *name)
{
    char readers[MAX_WORDS];
    list_readers(name, readers, sizeof readers);
    if (*readers) return okng_cli_usage(verb, "--%s is not read by %s but by %s", name, reader, readers);
    const char *names[CLI_MAX_ROWS + CLI_MAX_OPTIONS + 8] = {"json", "quiet", "help", "cpu"};
    okng_option_info rows[CLI_MAX_ROWS];
    size_t count = 4, more = rows_of(verb, rows);
    okng_cli_alias alias;
    for (size_t i = 0; verb->options[i].name; i++) names[count++] = verb->options[i].name;
    for (size_t i = 0; okng_cli_alias_get(verb, i, &alias); i++) names[count++] = alias.name;
    for (size_t i = 0; i < more; i++) names[count++] = rows[i].name;
    const char *nearest = okng_suggest(name, names, count);
    if (nearest) return okng_cli_usage(verb, "unknown option --%s; did you mean --%s?", name, nearest);
    return okng_cli_usage(verb, "unknown option --%s", name);
}

/* ---- sections ------------------------------------------------------------------------------- */

#define RUNNING "Running" /* the last section: options of every verb follow there */

/* What rows are for and how they begin where the network can only be a CLIP, the towers of which share these. */
static const struct clip_row {
    const char *name, *help, *initial; /* help NULL: as the table says */
} clip_rows[] = {
    {"backbone", N_("a CLIP, as clip-vit-b-16; see okng weights list"), ""},
    {"weights", N_("its weights: .safetensors, .bin, .pth or .pt; where okng weights get puts them, unless given"), ""},
    {"resize", NULL, N_("the square that the CLIP was made for")},
    {"pixels", NULL, ""},
    {"interpolation", NULL, "bicubic"},
    {"mean", NULL, "0.4815,0.4578,0.4082"},
    {"std", NULL, "0.2686,0.2613,0.2758"},
};

/* What a row is for, and its default. */
static void row_help(const okng_cli_verb *verb, const okng_option_info *row, char *help, size_t size)
{
    const char *text = row->help, *initial = row->alias ? "" : row->initial;
    for (size_t i = 0; verb->clip && i < sizeof clip_rows / sizeof *clip_rows; i++)
        if (strcmp(clip_rows[i].name, row->name) == 0) {
            text = clip_rows[i].help ? clip_rows[i].help : text;
            initial = clip_rows[i].initial;
        }
    if (*initial)
        (void)snprintf(help, size, _("%s (default %s)"), okng_translate(text), okng_translate(initial));
    else
        (void)snprintf(help, size, "%s", okng_translate(text));
}

/* Options of every verb; ends with a NULL name. */
const okng_cli_option okng_cli_common_options[] = {
    {"json", NULL, "machine-readable result on stdout", false},
    {"quiet", NULL, "neither progress nor chat; errors are still told", false},
    {"cpu", "auto|c|avx2|avx512|neon",
     "instructions of all kernels; the best that this CPU has (default auto; the "
     "variable OKNG_CPU sets it too)",
     false},
    {"help", NULL, "this text", false},
    {0},
};

/* Entries of `group`, under its title. */
static void say_group(const okng_cli_verb *verb, const okng_option_info *rows, size_t count, const char *group,
                      const okng_cli_sayer *say, void *user)
{
    say->title(user, group);
    for (size_t i = 0; i < count; i++) {
        char help[2048];
        if (strcmp(rows[i].group, group) != 0) continue;
        row_help(verb, &rows[i], help, sizeof help);
        say->entry(user, rows[i].name, rows[i].values, help);
    }
    if (strcmp(group, RUNNING) != 0) return;
    for (size_t i = 0; okng_cli_common_options[i].name; i++)
        if (!okng_cli_lacks(verb, okng_cli_common_options[i].name))
            say->entry(user, okng_cli_common_options[i].name, okng_cli_common_options[i].values,
                       okng_translate(okng_cli_common_options[i].help));
}

static void say_aliases(const okng_cli_verb *verb, const okng_cli_sayer *say, void *user)
{
    okng_cli_alias alias;
    for (size_t i = 0; okng_cli_alias_get(verb, i, &alias); i++) {
        char help[128];
        (void)snprintf(help, sizeof help, _("the same as %s%s"), alias.option ? "--" : "",
                       alias.option ? alias.option : verb->operand);
        say->entry(user, alias.name, alias.values ? alias.values : "PATH", help);
    }
}

void okng_cli_say_options(const okng_cli_verb *verb, const okng_cli_sayer *say, void *user)
{
    okng_option_info rows[CLI_MAX_ROWS];
    size_t count = rows_of(verb, rows);
    okng_cli_alias alias;
    if (verb->options[0].name || okng_cli_alias_get(verb, 0, &alias)) say->title(user, N_("Options of this verb"));
    for (size_t i = 0; verb->options[i].name; i++)
        say->entry(user, verb->options[i].name, verb->options[i].values, okng_translate(verb->options[i].help));
    say_aliases(verb, say, user);
    for (size_t i = 0; i < count; i++) {
        bool told = strcmp(rows[i].group, RUNNING) == 0;
        for (size_t j = 0; j < i; j++) told = told || strcmp(rows[i].group, rows[j].group) == 0;
        if (!told) say_group(verb, rows, count, rows[i].group, say, user);
    }
    say_group(verb, rows, count, RUNNING, say, user);
}

bool okng_cli_lacks(const okng_cli_verb *verb, const char *common)
{
    return verb->no_kernels && strcmp(common, "cpu") == 0;
}
