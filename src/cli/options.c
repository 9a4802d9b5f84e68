/* The library's tables of options, as the verbs see them. */
#include <stdio.h>
#include <string.h>

#include "cli.h"

static const okng_option_list lists[] = {OKNG_OPTIONS_DATASET, OKNG_OPTIONS_INSPECT, OKNG_OPTIONS_BUILD};

enum { LISTS = sizeof lists / sizeof lists[0], MAX_WORDS = 768 };

static bool has(const okng_option_info *rows, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(rows[i].name, name) == 0) return true;
    return false;
}

/* Rows of all tables that `verb` reads (NULL: every row), each name once. */
static size_t gather(const char *verb, okng_option_info rows[CLI_MAX_ROWS])
{
    size_t count = 0;
    for (size_t l = 0; l < LISTS; l++)
        for (size_t i = 0; i < okng_option_count(lists[l]) && count < CLI_MAX_ROWS; i++) {
            okng_option_info *row = &rows[count];
            *row = (okng_option_info){.struct_size = sizeof *row};
            if (okng_option_get(lists[l], i, row, NULL) != OKNG_OK || has(rows, count, row->name)) continue;
            if (!verb || okng_option_is_read(row, verb)) count++;
        }
    return count;
}

/* The rows of the library's tables that the verb reads, each name once; their number. */
static size_t rows_of(const okng_cli_verb *verb, okng_option_info rows[CLI_MAX_ROWS])
{
    return gather(verb->name, rows);
}

bool okng_cli_find_row(const char *reader, const char *name, okng_option_info *row)
{
    for (size_t l = 0; l < LISTS; l++)
        for (size_t i = 0; i < okng_option_count(lists[l]); i++) {
            *row = (okng_option_info){.struct_size = sizeof *row};
            if (okng_option_get(lists[l], i, row, NULL) == OKNG_OK && strcmp(row->name, name) == 0 &&
                okng_option_is_read(row, reader))
                return true;
        }
    return false;
}

static okng_status set_in(okng_cli_args *args, okng_option_list list, const char *name, const char *value,
                          okng_error *error)
{
    if (list == OKNG_OPTIONS_BUILD) return okng_build_options_set(&args->build, name, value, error);
    if (list == OKNG_OPTIONS_INSPECT) return okng_inspect_options_set(&args->inspect, name, value, error);
    return okng_dataset_options_set(&args->data, name, value, error);
}

okng_status okng_cli_set_row(okng_cli_args *args, const char *name, const char *value, okng_error *error)
{
    for (size_t l = 0; l < LISTS; l++)
        for (size_t i = 0; i < okng_option_count(lists[l]); i++) {
            okng_option_info row = {.struct_size = sizeof row};
            if (okng_option_get(lists[l], i, &row, NULL) != OKNG_OK || strcmp(row.name, name) != 0) continue;
            if (!okng_option_is_read(&row, args->verb->name)) continue;
            okng_status status = set_in(args, lists[l], name, value, error);
            if (status != OKNG_OK) return status;
        }
    return OKNG_OK;
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
    for (size_t l = 0; l < LISTS; l++)
        for (size_t i = 0; i < okng_option_count(lists[l]); i++) {
            okng_option_info row = {.struct_size = sizeof row};
            if (okng_option_get(lists[l], i, &row, NULL) == OKNG_OK && strcmp(row.name, name) == 0)
                add(text, size, row.verbs);
        }
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

/* What a row is for, and its default. */
static void row_help(const okng_option_info *row, char *help, size_t size)
{
    if (*row->initial && !row->alias)
        (void)snprintf(help, size, _("%s (default %s)"), okng_translate(row->help), row->initial);
    else
        (void)snprintf(help, size, "%s", okng_translate(row->help));
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
        row_help(&rows[i], help, sizeof help);
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
