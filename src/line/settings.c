#include "line/settings.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/catalogue.h"
#include "base/file.h"
#include "line/settings_read.h"

enum { MAX_WORDS = 256 };

typedef struct value {
    const okng_line_key *key;
    char *text;   /* NULL: none */
    char **words; /* of WORDS: into `text`, ends with NULL */
    bool given;
} value;

struct okng_line_settings {
    char name[OKNG_NAME_MAX];
    char *folder;
    value values[OKNG_LINE_MAX_KEYS];
    size_t count;
};

/* ---- reading values --------------------------------------------------------------------------------------------- */

static const value *find(const okng_line_settings *settings, const char *key)
{
    for (size_t i = 0; i < settings->count; i++)
        if (strcmp(settings->values[i].key->name, key) == 0) return &settings->values[i];
    return NULL;
}

const char *okng_line_name(const okng_line_settings *settings)
{
    return settings->name;
}

const char *okng_line_text(const okng_line_settings *settings, const char *key)
{
    const value *found = find(settings, key);
    return found ? found->text : NULL;
}

int64_t okng_line_integer(const okng_line_settings *settings, const char *key)
{
    const char *text = okng_line_text(settings, key);
    return text ? strtoll(text, NULL, 10) : 0;
}

double okng_line_number(const okng_line_settings *settings, const char *key)
{
    const char *text = okng_line_text(settings, key);
    return text ? strtod(text, NULL) : 0;
}

bool okng_line_flag(const okng_line_settings *settings, const char *key)
{
    const char *text = okng_line_text(settings, key);
    return text && strcmp(text, "true") == 0;
}

const char *okng_line_word(const okng_line_settings *settings, const char *key, size_t i)
{
    const value *found = find(settings, key);
    if (!found || !found->words) return NULL;
    for (size_t j = 0; found->words[j]; j++)
        if (j == i) return found->words[j];
    return NULL;
}

bool okng_line_has(const okng_line_settings *settings, const char *key)
{
    const value *found = find(settings, key);
    return found && found->given;
}

/* ---- checking ---------------------------------------------------------------------------------------------------- */

const char *okng_line_meant(const char *word, const char *const *names, size_t count, char text[128])
{
    const char *nearest = okng_suggest(word, names, count);
    text[0] = '\0';
    if (nearest) (void)snprintf(text, 128, okng_translate("; did you mean %s?"), nearest);
    return text;
}

static okng_status check_number(const okng_line_key *key, const char *text, okng_error *error)
{
    char *end = NULL;
    errno = 0;
    const double number = key->type == OKNG_LINE_INTEGER ? (double)strtoll(text, &end, 10) : strtod(text, &end);
    if (end == text || *end || errno == ERANGE || !isfinite(number) || number < key->low || number > key->high)
        return okng_fail(error, OKNG_ERROR_ARGUMENT,
                         key->type == OKNG_LINE_INTEGER ? N_("found \"%.80s\", expected a whole number from %g to %g")
                                                        : N_("found \"%.80s\", expected a number from %g to %g"),
                         text, key->low, key->high);
    return OKNG_OK;
}

/* Whether `word` is one of "a|b|c". */
static bool is_choice(const char *choices, const char *word)
{
    const size_t length = strlen(word);
    for (const char *at = choices; length > 0; at++) {
        const size_t next = strcspn(at, "|");
        if (next == length && strncmp(at, word, length) == 0) return true;
        at += next;
        if (!*at) return false;
    }
    return false;
}

static okng_status check_value(const okng_line_key *key, const okng_yaml_entry *entry, okng_error *error)
{
    const char *text = entry->value;
    if (entry->section) return okng_fail(error, OKNG_ERROR_ARGUMENT, "found keys below it, expected %s", key->values);
    if (entry->list && key->type != OKNG_LINE_WORDS)
        return okng_fail(error, OKNG_ERROR_ARGUMENT, "found a list, expected %s", key->values);
    if (entry->null || (!*text && key->type != OKNG_LINE_TEXT))
        return okng_fail(error, OKNG_ERROR_ARGUMENT, "has no value, expected %s", key->values);
    if (key->type == OKNG_LINE_INTEGER || key->type == OKNG_LINE_NUMBER) return check_number(key, text, error);
    if (key->type == OKNG_LINE_CHOICE && !is_choice(key->values, text))
        return okng_fail(error, OKNG_ERROR_ARGUMENT, "found \"%.80s\", expected one of %s", text, key->values);
    if (key->type == OKNG_LINE_FLAG && strcmp(text, "true") != 0 && strcmp(text, "false") != 0)
        return okng_fail(error, OKNG_ERROR_ARGUMENT, "found \"%.80s\", expected true or false", text);
    if (key->type == OKNG_LINE_PATH && strlen(text) >= OKNG_PATH_MAX / 2)
        return okng_fail(error, OKNG_ERROR_LIMIT, "the path of %zu bytes is too long", strlen(text));
    return OKNG_OK;
}

static okng_status unknown_key(const okng_line_settings *settings, const char *key, okng_error *error)
{
    const char *names[OKNG_LINE_MAX_KEYS];
    char meant[128];
    for (size_t i = 0; i < settings->count; i++) names[i] = settings->values[i].key->name;
    return okng_fail(error, OKNG_ERROR_ARGUMENT, "there is no such key%s",
                     okng_line_meant(key, names, settings->count, meant));
}

/* ---- keeping ----------------------------------------------------------------------------------------------------- */

/* Words of a text with line feeds between them, which become NULs. */
static okng_status split(value *v, okng_error *error)
{
    size_t count = 1;
    for (const char *at = v->text; *at; at++) count += *at == '\n';
    if (count > MAX_WORDS)
        return okng_fail(error, OKNG_ERROR_LIMIT, "a list of %zu words, expected at most %d", count, MAX_WORDS);
    v->words = calloc(count + 1, sizeof *v->words);
    if (!v->words) return okng_fail_memory(error, (count + 1) * sizeof *v->words);
    char *rest = v->text;
    for (size_t i = 0; rest; i++) v->words[i] = strsep(&rest, "\n");
    return OKNG_OK;
}

static okng_status keep(okng_line_settings *settings, value *v, const char *text, okng_error *error)
{
    free(v->text);
    free(v->words);
    v->words = NULL;
    const bool relative = v->key->type == OKNG_LINE_PATH && text[0] != '/' && *settings->folder;
    v->text = relative ? okng_path_join(settings->folder, text) : strdup(text);
    if (!v->text) return okng_fail_memory(error, strlen(text));
    return v->key->type == OKNG_LINE_WORDS ? split(v, error) : OKNG_OK;
}

static okng_status add_table(okng_line_settings *settings, const okng_line_key *table, okng_error *error)
{
    for (; table && table->name; table++) {
        if (settings->count == OKNG_LINE_MAX_KEYS)
            return okng_fail(error, OKNG_ERROR_INTERNAL, "more than %d keys in a table", OKNG_LINE_MAX_KEYS);
        value *v = &settings->values[settings->count++];
        v->key = table;
        if (table->initial) OKNG_TRY(keep(settings, v, table->initial, error));
    }
    return OKNG_OK;
}

okng_status okng_line_settings_new(okng_line_settings **out, const char *name, const char *folder,
                                   const okng_line_key *table, const okng_line_key *more, okng_error *error)
{
    okng_line_settings *made = calloc(1, sizeof *made);
    *out = made;
    if (!made) return okng_fail_memory(error, sizeof *made);
    (void)snprintf(made->name, sizeof made->name, "%s", name);
    made->folder = strdup(folder);
    okng_status status = made->folder ? OKNG_OK : okng_fail_memory(error, strlen(folder));
    if (status == OKNG_OK) status = add_table(made, table, error);
    if (status == OKNG_OK) status = add_table(made, more, error);
    if (status != OKNG_OK) okng_line_settings_free(out);
    return status;
}

okng_status okng_line_settings_set(okng_line_settings *settings, const char *key, const okng_yaml_entry *entry,
                                   okng_error *error)
{
    const value *found = find(settings, key);
    if (!found) return unknown_key(settings, key, error);
    OKNG_TRY(check_value(found->key, entry, error));
    value *v = &settings->values[found - settings->values];
    OKNG_TRY(keep(settings, v, entry->value, error));
    v->given = true;
    return OKNG_OK;
}

okng_status okng_line_settings_check(const okng_line_settings *settings, okng_error *error)
{
    for (size_t i = 0; i < settings->count; i++) {
        const okng_line_key *key = settings->values[i].key;
        if (key->required && !settings->values[i].given)
            return okng_fail(error, OKNG_ERROR_ARGUMENT, "lacks the key \"%s\": %s", key->name,
                             okng_translate(key->help));
    }
    return OKNG_OK;
}

void okng_line_settings_free(okng_line_settings **settings)
{
    if (!*settings) return;
    for (size_t i = 0; i < (*settings)->count; i++) {
        free((*settings)->values[i].text);
        free((*settings)->values[i].words);
    }
    free((*settings)->folder);
    free(*settings);
    *settings = NULL;
}
