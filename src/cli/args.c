/* The command line, read by tables: the verb's own options and the library's. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"

enum { MAX_NAME = 64, MAX_WORDS = 16, MAX_SETTINGS = 128 };

/* An option of the library's tables as it was given. */
typedef struct setting {
    okng_option_info row;
    const char *value;          /* the word as it stands on the line, or `joined` */
    char joined[OKNG_PATH_MAX]; /* of an option that took several words */
} setting;

typedef struct parser {
    okng_cli_args *args;
    char **words;
    int count, next;
    setting *settings;
    size_t setting_count;
    const char *spare;   /* the last of several words that an option of the verb's own took */
    size_t before_spare; /* bytes of args->joined before it */
} parser;

const char *okng_cli_value(const okng_cli_args *args, const char *name)
{
    for (size_t i = 0; args->verb->options[i].name; i++)
        if (strcmp(args->verb->options[i].name, name) == 0) return args->values[i];
    return NULL;
}

/* ---- words ---------------------------------------------------------------------------------- */

/* "--Name_x=value": name becomes "Name-x", *value what is behind '=' or NULL. */
static void split(const char *word, char name[MAX_NAME], const char **value)
{
    size_t length = strcspn(word + 2, "=");
    *value = word[2 + length] == '=' ? word + 2 + length + 1 : NULL;
    (void)snprintf(name, MAX_NAME, "%.*s", (int)length, word + 2);
    for (char *c = name; *c; c++)
        if (*c == '_') *c = '-';
}

/* The value of an option: behind its '=' or the next word. */
static int take_value(parser *p, const char *name, const char **value)
{
    if (*value) return EXIT_OKAY;
    if (p->next >= p->count || strncmp(p->words[p->next], "--", 2) == 0)
        return okng_cli_usage(p->args->verb, "--%s needs a value", name);
    *value = p->words[p->next++];
    return EXIT_OKAY;
}

/* Of "exact|steps" one word; "FILE|DIR" says nothing of what may stand there. */
static int check_word(const okng_cli_verb *verb, const okng_cli_option *option, const char *value)
{
    char words[MAX_NAME] = "", parts[MAX_WORDS][MAX_NAME];
    const char *values = option->values, *names[MAX_WORDS];
    size_t count = 0;
    for (const char *c = values; *c; c++)
        if (isupper((unsigned char)*c)) return EXIT_OKAY;
    while (*values) {
        size_t length = strcspn(values, "|"), used = strlen(words);
        if (strlen(value) == length && strncmp(values, value, length) == 0) return EXIT_OKAY;
        (void)snprintf(words + used, sizeof words - used, "%s%.*s", used > 0 ? " or " : "", (int)length, values);
        if (count < MAX_WORDS) {
            (void)snprintf(parts[count], MAX_NAME, "%.*s", (int)length, values);
            names[count] = parts[count];
            count++;
        }
        values += length + (values[length] == '|');
    }
    const char *nearest = okng_suggest(value, names, count);
    if (nearest)
        return okng_cli_usage(verb, "--%s: found \"%s\", expected %s; did you mean \"%s\"?", option->name, value, words,
                              nearest);
    return okng_cli_usage(verb, "--%s: found \"%s\", expected %s", option->name, value, words);
}

static bool repeats(const okng_cli_verb *verb, const char *name)
{
    return (verb->repeats && strcmp(name, verb->repeats) == 0) ||
           (verb->repeats_too && strcmp(name, verb->repeats_too) == 0);
}

static void keep_repeated(okng_cli_args *args, const okng_cli_option *option, const char *value)
{
    args->repeated_of[args->repeated_count] = option->name;
    args->repeated[args->repeated_count++] = value;
}

/* "NAME..." takes the words that follow too; those of an option that repeats are values of their own. */
static int take_more(parser *p, const okng_cli_option *option, const char **value)
{
    char *joined = p->args->joined;
    size_t length = strlen(option->values), size = sizeof p->args->joined, used = strlen(*value);
    if (length < 3 || strcmp(option->values + length - 3, "...") != 0 || used >= size) return EXIT_OKAY;
    if (p->args->verb->gathers && repeats(p->args->verb, option->name)) return EXIT_OKAY;
    memcpy(joined, *value, used + 1);
    while (p->next < p->count && p->words[p->next][0] != '-') {
        p->spare = p->words[p->next++];
        p->before_spare = used;
        if (used + strlen(p->spare) + 2 > size)
            return okng_cli_usage(p->args->verb, "--%s: the value is too long", option->name);
        used += (size_t)snprintf(joined + used, size - used, " %s", p->spare);
    }
    *value = joined;
    return EXIT_OKAY;
}

/* An operand that stands behind such an option was taken for one of its words. */
static void give_back_operand(parser *p)
{
    okng_cli_args *args = p->args;
    if (!args->verb->operand || args->operand || !p->spare || args->help) return;
    args->joined[p->before_spare] = '\0';
    args->operands[args->operand_count++] = p->spare;
    args->operand = p->spare;
}

static int take_own(parser *p, size_t index, const char *value)
{
    const okng_cli_option *option = &p->args->verb->options[index];
    if (!option->values) {
        if (value) return okng_cli_usage(p->args->verb, "--%s takes no value", option->name);
        p->args->values[index] = "";
        return EXIT_OKAY;
    }
    int code = take_value(p, option->name, &value);
    const bool may_be_empty = strcmp(option->values, "TEXT") == 0; /* a text of no words is one */
    if (code == EXIT_OKAY && !*value && !may_be_empty)
        code = okng_cli_usage(p->args->verb, "--%s needs a value", option->name);
    if (code == EXIT_OKAY) code = check_word(p->args->verb, option, value);
    if (code == EXIT_OKAY) code = take_more(p, option, &value);
    p->args->values[index] = value;
    if (code != EXIT_OKAY || !repeats(p->args->verb, option->name)) return code;
    keep_repeated(p->args, option, value);
    while (p->args->verb->gathers && p->next < p->count && p->words[p->next][0] != '-')
        keep_repeated(p->args, option, p->words[p->next++]);
    return EXIT_OKAY;
}

/* How many words an option of the library takes: names and what its values say of several ("N...") any number, a colour
 * up to three, all else one. */
static int most_words(const okng_option_info *row, const char *first)
{
    if (row->type == OKNG_OPTION_NAMES || strstr(row->values, "...")) return INT32_MAX;
    return row->type == OKNG_OPTION_COLOUR && !strchr(first, ',') ? 3 : 1;
}

/* A switch of the library may stand alone: "--noise-robust" is "--noise-robust true". */
static bool stands_alone(const parser *p, const okng_option_info *row)
{
    bool is_switch = strcmp(row->values, "false|true") == 0 || row->type == OKNG_OPTION_BOOL;
    if (!is_switch || p->next >= p->count) return is_switch;
    return strcmp(p->words[p->next], "true") != 0 && strcmp(p->words[p->next], "false") != 0;
}

static int take_row(parser *p, const okng_option_info *row, const char *value)
{
    if (!value && stands_alone(p, row)) value = "true";
    int code = take_value(p, row->name, &value);
    if (code != EXIT_OKAY) return code;
    if (p->setting_count == MAX_SETTINGS) return okng_cli_usage(p->args->verb, "too many options");
    setting *s = &p->settings[p->setting_count++];
    s->row = *row;
    s->value = value;
    size_t used = strlen(value);
    for (int left = most_words(row, value) - 1; left > 0; left--) {
        if (p->next >= p->count || p->words[p->next][0] == '-') break;
        const char *word = p->words[p->next++];
        if (used + strlen(word) + 2 > sizeof s->joined)
            return okng_cli_usage(p->args->verb, "--%s: the value is too long", row->name);
        if (s->value == value) memcpy(s->joined, value, used + 1);
        s->value = s->joined;
        used += (size_t)snprintf(s->joined + used, sizeof s->joined - used, " %s", word);
    }
    return EXIT_OKAY;
}

static int take_common(parser *p, const char *name, const char *value, bool *known)
{
    okng_cli_args *args = p->args;
    *known = strcmp(name, "cpu") == 0;
    if (*known) {
        int code = take_value(p, name, &value);
        args->cpu = value;
        return code;
    }
    bool *flag = strcmp(name, "json") == 0    ? &args->json
                 : strcmp(name, "quiet") == 0 ? &args->quiet
                 : strcmp(name, "help") == 0  ? &args->help
                                              : NULL;
    *known = flag != NULL;
    if (!flag) return EXIT_OKAY;
    if (value) return okng_cli_usage(args->verb, "--%s takes no value", name);
    *flag = true;
    return EXIT_OKAY;
}

bool okng_cli_takes_several(const okng_cli_verb *verb)
{
    size_t length = verb->operand ? strlen(verb->operand) : 0;
    return length > 3 && strcmp(verb->operand + length - 3, "...") == 0;
}

static int take_operand(parser *p, const char *word)
{
    const okng_cli_verb *verb = p->args->verb;
    if (word[0] == '-' && word[1]) return okng_cli_usage(verb, "unknown option %s", word);
    if (!verb->operand) return okng_cli_usage(verb, "\"%s\" is not an option; options begin with --", word);
    bool several = okng_cli_takes_several(verb);
    if (p->args->operand && !several) return okng_cli_usage(verb, "\"%s\": one %s is enough", word, verb->operand);
    if (p->args->operand_count == CLI_MAX_OPERANDS)
        return okng_cli_usage(verb, "\"%s\": more than %d of %s", word, CLI_MAX_OPERANDS, verb->operand);
    p->args->operands[p->args->operand_count++] = word;
    p->args->operand = p->args->operands[0];
    return EXIT_OKAY;
}

/* By the name that the verb itself has for it. */
static int take_alias(parser *p, const okng_cli_alias *alias, const char *value)
{
    const okng_cli_option *options = p->args->verb->options;
    okng_option_info row;
    for (size_t i = 0; alias->option && options[i].name; i++)
        if (strcmp(options[i].name, alias->option) == 0) return take_own(p, i, value);
    if (alias->option && okng_cli_find_row(p->args->verb->name, alias->option, &row)) return take_row(p, &row, value);
    int code = take_value(p, alias->name, &value);
    return code == EXIT_OKAY ? take_operand(p, value) : code;
}

static int take_option(parser *p, const char *word)
{
    char name[MAX_NAME];
    const char *value;
    split(word, name, &value);
    bool known = false;
    const okng_cli_verb *verb = p->args->verb;
    int code = okng_cli_lacks(verb, name) ? EXIT_OKAY : take_common(p, name, value, &known);
    if (known) return code;
    for (size_t i = 0; verb->options[i].name; i++)
        if (strcmp(verb->options[i].name, name) == 0) return take_own(p, i, value);
    okng_option_info row;
    if (okng_cli_find_row(verb->name, name, &row)) return take_row(p, &row, value);
    if (verb->makes && okng_cli_find_row("build", name, &row)) return take_row(p, &row, value);
    okng_cli_alias alias;
    if (okng_cli_alias_find(verb, name, &alias)) return take_alias(p, &alias, value);
    return okng_cli_not_read(verb, verb->name, name);
}

/* ---- the whole ------------------------------------------------------------------------------ */

/* Those that set others first, wherever they stand. */
static int apply_all(const parser *p)
{
    okng_error error;
    for (int first = 2; first >= 0; first--)
        for (size_t i = 0; i < p->setting_count; i++) {
            const setting *s = &p->settings[i];
            if (s->row.first != first) continue;
            if (okng_cli_set_row(p->args, s->row.name, s->value, &error) != OKNG_OK)
                return okng_cli_refused(p->args->verb, &error);
        }
    return EXIT_OKAY;
}

/* A verb of several parts reads an option only where the part that is asked for does. */
static int check_part(const parser *p)
{
    const okng_cli_verb *verb = p->args->verb;
    const char *part = p->args->operand;
    if (!verb->choices || !part || strcmp(part, "all") == 0) return EXIT_OKAY;
    char reader[MAX_NAME];
    okng_option_info row;
    bool narrow = verb->narrows && okng_cli_value(p->args, verb->narrows);
    (void)snprintf(reader, sizeof reader, "%s %s%s%s", verb->name, part, narrow ? " --" : "",
                   narrow ? verb->narrows : "");
    for (size_t i = 0; i < p->setting_count; i++)
        if (!okng_cli_find_row(reader, p->settings[i].row.name, &row))
            return okng_cli_not_read(verb, reader, p->settings[i].row.name);
    return EXIT_OKAY;
}

/* What says how a bank is made is read where one is. */
static int check_makes(const parser *p)
{
    const okng_cli_verb *verb = p->args->verb;
    for (size_t i = 0; verb->makes && i < p->setting_count; i++)
        p->args->makes = p->args->makes || strcmp(p->settings[i].row.name, "method") == 0;
    for (size_t i = 0; verb->makes && !p->args->makes && i < p->setting_count; i++) {
        okng_cli_row_place place = {0};
        okng_option_info row;
        bool read = false;
        while (!read && okng_cli_next_row(p->settings[i].row.name, &place, &row))
            read = okng_option_is_read(&row, verb->name) && !okng_option_is_read(&row, "build");
        if (!read)
            return okng_cli_usage(verb,
                                  "--%s says how a bank is made, and %s makes one with --method alone; give --method "
                                  "too, or build a bank and give it as --bank-dir",
                                  p->settings[i].row.name, verb->name);
    }
    return EXIT_OKAY;
}

static int check_required(const okng_cli_args *args)
{
    const okng_cli_verb *verb = args->verb;
    if (verb->operand && !args->operand) return okng_cli_usage(verb, "%s is missing", verb->operand);
    for (size_t i = 0; verb->options[i].name; i++)
        if (verb->options[i].required && !args->values[i])
            return okng_cli_usage(verb, "--%s %s is missing", verb->options[i].name, verb->options[i].values);
    return EXIT_OKAY;
}

int okng_cli_parse(okng_cli_args *args, const okng_cli_verb *verb, int count, char **words)
{
    *args = (okng_cli_args){.verb = verb};
    okng_build_options_init(&args->build);
    okng_inspect_options_init(&args->inspect);
    okng_dataset_options_init(&args->data);
    parser p = {.args = args, .words = words, .count = count};
    p.settings = calloc(MAX_SETTINGS, sizeof *p.settings);
    args->repeated = calloc(2 * ((size_t)count + 1), sizeof *args->repeated); /* no word is taken twice */
    if (!p.settings || !args->repeated) {
        free(p.settings);
        return okng_cli_error("out of memory");
    }
    args->repeated_of = args->repeated + count + 1;
    int code = EXIT_OKAY;
    bool options = true;
    while (code == EXIT_OKAY && p.next < p.count) {
        const char *word = p.words[p.next++];
        if (options && strcmp(word, "--") == 0)
            options = false;
        else if (options && strcmp(word, "-h") == 0)
            args->help = true;
        else if (options && strncmp(word, "--", 2) == 0)
            code = take_option(&p, word);
        else
            code = take_operand(&p, word);
    }
    give_back_operand(&p);
    if (code == EXIT_OKAY && !args->help) code = check_part(&p);
    if (code == EXIT_OKAY && !args->help) code = check_makes(&p);
    if (code == EXIT_OKAY && !args->help) code = apply_all(&p);
    if (code == EXIT_OKAY && !args->help) code = check_required(args);
    free(p.settings);
    return code;
}
