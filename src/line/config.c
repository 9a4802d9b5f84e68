#include "line/config.h"

#include <errno.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/catalogue.h"
#include "base/file.h"
#include "line/settings_read.h"
#include "line/sink.h"
#include "line/source.h"

enum { MAX_FILE = 256 << 10, MAX_RECIPE = 65535 };

/* A file that is being read. */
typedef struct reading {
    okng_line_config *config;
    const okng_yaml *yaml;
    const char *path, *folder;
} reading;

static const char on_ng[] = "on_ng";

/* "line.yaml:12: sources.inbox.path" before the message. */
static okng_status at(const reading *r, const okng_yaml_entry *entry, okng_status status, okng_error *error)
{
    return okng_error_context(error, status, "%s:%d: %s", r->path, entry->line, entry->path);
}

/* What follows "sources." in a path; NULL of another path. */
static const char *below(const char *path, const char *section)
{
    const size_t length = strlen(section);
    return strncmp(path, section, length) == 0 && path[length] == '.' ? path + length + 1 : NULL;
}

/* ---- parts: sources and sinks -------------------------------------------------------------------------------------
 */

/* What sources and sinks have in common, for reading them. */
typedef struct part_kind {
    const char *section, *what; /* "sources", "source" */
    const okng_line_key *common;
    size_t (*names)(const char **names); /* of its kinds */
    /* The kind of that name and its keys; NULL where there is none. */
    const void *(*find)(const char *name, const okng_line_key **keys);
    okng_status (*add)(okng_line_config *config, const void *kind, okng_line_settings *settings, okng_error *error);
} part_kind;

static size_t source_names(const char **names)
{
    size_t count = 0;
    for (; okng_line_source_kinds[count]; count++) names[count] = okng_line_source_kinds[count]->name;
    return count;
}

static size_t sink_names(const char **names)
{
    size_t count = 0;
    for (; okng_line_sink_kinds[count]; count++) names[count] = okng_line_sink_kinds[count]->name;
    return count;
}

static const void *find_source(const char *name, const okng_line_key **keys)
{
    for (size_t i = 0; okng_line_source_kinds[i]; i++) {
        *keys = okng_line_source_kinds[i]->keys;
        if (strcmp(okng_line_source_kinds[i]->name, name) == 0) return okng_line_source_kinds[i];
    }
    return NULL;
}

static const void *find_sink(const char *name, const okng_line_key **keys)
{
    for (size_t i = 0; okng_line_sink_kinds[i]; i++) {
        *keys = okng_line_sink_kinds[i]->keys;
        if (strcmp(okng_line_sink_kinds[i]->name, name) == 0) return okng_line_sink_kinds[i];
    }
    return NULL;
}

static okng_status add_source(okng_line_config *config, const void *kind, okng_line_settings *settings,
                              okng_error *error)
{
    if (config->source_count == OKNG_LINE_MAX_PARTS)
        return okng_fail(error, OKNG_ERROR_LIMIT, "more than %d sources", OKNG_LINE_MAX_PARTS);
    const okng_line_source_kind *source = kind;
    if (source->check) OKNG_TRY(source->check(settings, error));
    config->sources[config->source_count++] = (okng_line_source_config){.kind = kind, .settings = settings};
    return OKNG_OK;
}

/* The set that `verdicts` names. */
static okng_status read_verdicts(const okng_line_settings *settings, okng_outcome_set *set, okng_error *error)
{
    static const char *const names[] = {"OK", "NG", "REVIEW", "NOT_FOUND", "NOT_INSPECTED"};
    char meant[128];
    const char *word;
    *set = 0;
    for (size_t i = 0; (word = okng_line_word(settings, "verdicts", i)); i++) {
        okng_outcome outcome;
        if (!okng_outcome_of(word, &outcome))
            return okng_fail(error, OKNG_ERROR_ARGUMENT,
                             "verdicts: found \"%.40s\", expected some of OK, NG, REVIEW, NOT_FOUND, NOT_INSPECTED%s",
                             word, okng_line_meant(word, names, sizeof names / sizeof *names, meant));
        *set |= 1u << outcome;
    }
    return OKNG_OK;
}

static okng_status add_sink(okng_line_config *config, const void *kind, okng_line_settings *settings, okng_error *error)
{
    okng_line_sink_config sink = {.kind = kind, .settings = settings, .queue = okng_line_integer(settings, "queue")};
    if (config->sink_count == OKNG_LINE_MAX_PARTS)
        return okng_fail(error, OKNG_ERROR_LIMIT, "more than %d sinks", OKNG_LINE_MAX_PARTS);
    for (size_t i = 0; i < config->sink_count; i++)
        if (strcmp(okng_line_name(config->sinks[i].settings), okng_line_name(settings)) == 0)
            return okng_fail(error, OKNG_ERROR_ARGUMENT, "a sink is called %s already", okng_line_name(settings));
    OKNG_TRY(read_verdicts(settings, &sink.verdicts, error));
    if (sink.kind->check) OKNG_TRY(sink.kind->check(settings, error));
    config->sinks[config->sink_count++] = sink;
    return OKNG_OK;
}

static const part_kind parts[] = {
    {"sources", "source", okng_line_source_keys, source_names, find_source, add_source},
    {"sinks", "sink", okng_line_sink_keys, sink_names, find_sink, add_sink},
};
enum { PARTS = sizeof parts / sizeof *parts };

/* The kind that a part names. */
static okng_status read_kind(const reading *r, const part_kind *part, const okng_yaml_entry *head, const void **kind,
                             const okng_line_key **keys, okng_error *error)
{
    char path[300], meant[128], all[512] = "";
    const char *names[64];
    (void)snprintf(path, sizeof path, "%s.kind", head->path);
    const okng_yaml_entry *entry = okng_yaml_find(r->yaml, path);
    *kind = entry && !entry->section && !entry->list ? part->find(entry->value, keys) : NULL;
    if (*kind) return OKNG_OK;
    const size_t count = part->names(names);
    for (size_t i = 0, used = 0; i < count && used < sizeof all; i++)
        used += (size_t)snprintf(all + used, sizeof all - used, "%s%s", i > 0 ? ", " : "", names[i]);
    if (!entry)
        return at(r, head, okng_fail(error, OKNG_ERROR_ARGUMENT, "lacks the key \"kind\": one of %s", all), error);
    return at(r, entry,
              okng_fail(error, OKNG_ERROR_ARGUMENT, "found \"%.40s\", expected one of %s%s", entry->value, all,
                        okng_line_meant(entry->value, names, count, meant)),
              error);
}

/* The keys below `head`, into settings. */
static okng_status set_keys(const reading *r, const okng_yaml_entry *head, okng_line_settings *settings,
                            okng_error *error)
{
    for (size_t i = 0; i < r->yaml->count; i++) {
        const okng_yaml_entry *entry = &r->yaml->entries[i];
        const char *key = below(entry->path, head->path);
        if (!key) continue;
        const okng_status status = okng_line_settings_set(settings, key, entry, error);
        if (status != OKNG_OK) return at(r, entry, status, error);
    }
    const okng_status status = okng_line_settings_check(settings, error);
    return status == OKNG_OK ? OKNG_OK : at(r, head, status, error);
}

static okng_status read_part(const reading *r, const part_kind *part, const okng_yaml_entry *head, okng_error *error)
{
    const void *kind = NULL;
    const okng_line_key *keys = NULL;
    okng_line_settings *settings = NULL;
    if (!head->section)
        return at(r, head, okng_fail(error, OKNG_ERROR_ARGUMENT, "has no keys, expected those of a %s", part->what),
                  error);
    const char *name = below(head->path, part->section);
    if (strlen(name) >= OKNG_NAME_MAX)
        return at(r, head, okng_fail(error, OKNG_ERROR_LIMIT, "a name of %zu bytes is too long", strlen(name)), error);
    OKNG_TRY(read_kind(r, part, head, &kind, &keys, error));
    okng_status status = okng_line_settings_new(&settings, name, r->folder, part->common, keys, error);
    if (status == OKNG_OK) status = set_keys(r, head, settings, error);
    if (status == OKNG_OK) {
        status = part->add(r->config, kind, settings, error);
        if (status != OKNG_OK) status = at(r, head, status, error);
    }
    if (status != OKNG_OK) okng_line_settings_free(&settings);
    return status;
}

static okng_status read_parts(const reading *r, const part_kind *part, okng_error *error)
{
    for (size_t i = 0; i < r->yaml->count; i++) {
        const char *name = below(r->yaml->entries[i].path, part->section);
        if (name && !strchr(name, '.')) OKNG_TRY(read_part(r, part, &r->yaml->entries[i], error));
    }
    return OKNG_OK;
}

/* ---- recipes ------------------------------------------------------------------------------------------------------
 */

static okng_status read_recipe(okng_line_config *config, const char *number, const okng_yaml_entry *entry,
                               okng_error *error)
{
    char *end = NULL;
    errno = 0;
    okng_line_recipe_config recipe = {.number = strtoll(number, &end, 10)};
    if (*end || errno == ERANGE || recipe.number < 0 || recipe.number > MAX_RECIPE)
        return okng_fail(error, OKNG_ERROR_ARGUMENT, "found \"%.40s\", expected a number from 0 to %d", number,
                         MAX_RECIPE);
    if (entry->section || entry->list || !*entry->value || strlen(entry->value) >= sizeof recipe.bank)
        return okng_fail(error, OKNG_ERROR_ARGUMENT, "expected the name of a bank");
    for (size_t i = 0; i < config->recipe_count; i++)
        if (config->recipes[i].number == recipe.number)
            return okng_fail(error, OKNG_ERROR_ARGUMENT, "the number %lld is here a second time",
                             (long long)recipe.number);
    if (config->recipe_count == OKNG_LINE_MAX_RECIPES)
        return okng_fail(error, OKNG_ERROR_LIMIT, "more than %d recipes", OKNG_LINE_MAX_RECIPES);
    (void)snprintf(recipe.bank, sizeof recipe.bank, "%s", entry->value);
    config->recipes[config->recipe_count++] = recipe;
    return OKNG_OK;
}

static okng_status read_recipes(const reading *r, okng_error *error)
{
    for (size_t i = 0; i < r->yaml->count; i++) {
        const okng_yaml_entry *entry = &r->yaml->entries[i];
        const char *number = below(entry->path, "recipes");
        const okng_status status = number ? read_recipe(r->config, number, entry, error) : OKNG_OK;
        if (status != OKNG_OK) return at(r, entry, status, error);
    }
    return OKNG_OK;
}

/* ---- the line itself ------------------------------------------------------------------------------------------------
 */

static okng_status unknown(const char *key, okng_error *error)
{
    const char *names[OKNG_LINE_MAX_KEYS + 4] = {"sources", "sinks", "recipes", on_ng};
    size_t count = 4;
    char meant[128];
    for (const okng_line_key *row = okng_line_keys; row->name; row++) names[count++] = row->name;
    return okng_fail(error, OKNG_ERROR_ARGUMENT, "there is no such key%s", okng_line_meant(key, names, count, meant));
}

static bool is_section(const char *key)
{
    return strcmp(key, "sources") == 0 || strcmp(key, "sinks") == 0 || strcmp(key, "recipes") == 0;
}

static bool is_line_key(const char *key)
{
    for (const okng_line_key *row = okng_line_keys; row->name; row++)
        if (strcmp(row->name, key) == 0) return true;
    return false;
}

/* A sink of the kind `command`, called on_ng, of a list of words. */
static okng_status add_on_ng(okng_line_config *config, const char *folder, const okng_yaml_entry *words,
                             okng_error *error)
{
    const okng_line_key *keys = NULL;
    const void *kind = find_sink("command", &keys);
    okng_line_settings *settings = NULL;
    if (!kind) return okng_fail(error, OKNG_ERROR_UNSUPPORTED, "this program has no sink of the kind command");
    okng_status status = okng_line_settings_new(&settings, on_ng, folder, okng_line_sink_keys, keys, error);
    const okng_yaml_entry verdicts = {.value = (char *)"NG\nREVIEW\nNOT_FOUND\nNOT_INSPECTED", .list = true};
    if (status == OKNG_OK) status = okng_line_settings_set(settings, "command", words, error);
    if (status == OKNG_OK) status = okng_line_settings_set(settings, "verdicts", &verdicts, error);
    if (status == OKNG_OK) status = add_sink(config, kind, settings, error);
    if (status != OKNG_OK) okng_line_settings_free(&settings);
    return status;
}

okng_status okng_line_config_on_ng(okng_line_config *config, const char *command, okng_error *error)
{
    const okng_yaml_entry words = {.value = (char *)command};
    return add_on_ng(config, "", &words, error);
}

static okng_status read_top(const reading *r, const okng_yaml_entry *entry, okng_error *error)
{
    if (is_section(entry->path)) {
        if (entry->section || entry->null) return OKNG_OK;
        return okng_fail(error, OKNG_ERROR_ARGUMENT, "found \"%.80s\", expected keys below it", entry->value);
    }
    if (strcmp(entry->path, on_ng) == 0) return add_on_ng(r->config, r->folder, entry, error);
    if (!is_line_key(entry->path)) return unknown(entry->path, error);
    return okng_line_settings_set(r->config->line, entry->path, entry, error);
}

static okng_status check_whole(const okng_line_config *config, okng_error *error)
{
    const bool has_bank = okng_line_has(config->line, "bank"), has_recipe = okng_line_has(config->line, "recipe");
    if (config->source_count == 0)
        return okng_fail(error, OKNG_ERROR_ARGUMENT, "has no sources, so that no picture would ever come");
    if (has_bank == has_recipe)
        return okng_fail(error, OKNG_ERROR_ARGUMENT,
                         "expected one of the keys \"bank\" (its name) and \"recipe\" (its number among recipes)");
    for (size_t i = 0; has_recipe && i <= config->recipe_count; i++) {
        if (i == config->recipe_count)
            return okng_fail(error, OKNG_ERROR_ARGUMENT, "recipe: %lld is not among recipes",
                             (long long)okng_line_integer(config->line, "recipe"));
        if (config->recipes[i].number == okng_line_integer(config->line, "recipe")) break;
    }
    return OKNG_OK;
}

static okng_status read_all(const reading *r, okng_error *error)
{
    for (size_t i = 0; i < r->yaml->count; i++) {
        const okng_yaml_entry *entry = &r->yaml->entries[i];
        const okng_status status = strchr(entry->path, '.') ? OKNG_OK : read_top(r, entry, error);
        if (status != OKNG_OK) return at(r, entry, status, error);
    }
    for (int i = 0; i < PARTS; i++) OKNG_TRY(read_parts(r, &parts[i], error));
    OKNG_TRY(read_recipes(r, error));
    const okng_status status = check_whole(r->config, error);
    return status == OKNG_OK ? OKNG_OK : okng_error_context(error, status, "%s", r->path);
}

okng_status okng_line_config_parse(okng_line_config *config, const char *text, size_t size, const char *path,
                                   okng_error *error)
{
    okng_yaml yaml = {0};
    *config = (okng_line_config){0};
    char *copy = strdup(path);
    reading r = {.config = config, .yaml = &yaml, .path = path, .folder = copy ? dirname(copy) : NULL};
    okng_status status = copy ? OKNG_OK : okng_fail_memory(error, strlen(path));
    if (status == OKNG_OK) status = okng_yaml_read_sentences(&yaml, text, size, path, error);
    if (status == OKNG_OK)
        status = okng_line_settings_new(&config->line, "line", r.folder, okng_line_keys, NULL, error);
    if (status == OKNG_OK) status = read_all(&r, error);
    okng_yaml_free(&yaml);
    free(copy);
    return status;
}

okng_status okng_line_config_read(okng_line_config *config, const char *path, okng_error *error)
{
    void *text = NULL;
    size_t size = 0;
    *config = (okng_line_config){0};
    OKNG_TRY(okng_file_read(path, MAX_FILE, &text, &size, error));
    const okng_status status = okng_line_config_parse(config, text ? text : "", size, path, error);
    free(text);
    return status;
}

okng_status okng_line_config_usable(const okng_line_config *config, okng_error *error)
{
    for (size_t i = 0; i < config->source_count; i++) {
        const okng_line_source_config *source = &config->sources[i];
        const okng_status status = source->kind->usable ? source->kind->usable(error) : OKNG_OK;
        if (status != OKNG_OK) return okng_error_context(error, status, "sources.%s", okng_line_name(source->settings));
    }
    for (size_t i = 0; i < config->sink_count; i++) {
        const okng_line_sink_config *sink = &config->sinks[i];
        const okng_status status = sink->kind->usable ? sink->kind->usable(error) : OKNG_OK;
        if (status != OKNG_OK) return okng_error_context(error, status, "sinks.%s", okng_line_name(sink->settings));
    }
    return OKNG_OK;
}

okng_status okng_line_config_ready(const okng_line_config *config, okng_error *error)
{
    for (size_t i = 0; i < config->source_count; i++) {
        const okng_line_source_config *source = &config->sources[i];
        const okng_status status = source->kind->ready ? source->kind->ready(source->settings, error) : OKNG_OK;
        if (status != OKNG_OK) return okng_error_context(error, status, "sources.%s", okng_line_name(source->settings));
    }
    for (size_t i = 0; i < config->sink_count; i++) {
        const okng_line_sink_config *sink = &config->sinks[i];
        const okng_status status = sink->kind->ready ? sink->kind->ready(sink->settings, error) : OKNG_OK;
        if (status != OKNG_OK) return okng_error_context(error, status, "sinks.%s", okng_line_name(sink->settings));
    }
    return OKNG_OK;
}

okng_status okng_line_config_spool(okng_line_config *config, const char *folder, okng_error *error)
{
    const okng_yaml_entry entry = {.value = (char *)(uintptr_t)folder};
    if (okng_line_has(config->line, "spool")) return OKNG_OK;
    return okng_line_settings_set(config->line, "spool", &entry, error);
}

okng_status okng_line_config_history(okng_line_config *config, okng_error *error)
{
    const okng_line_key *keys = NULL;
    const void *kind = find_sink("history", &keys);
    okng_line_settings *settings = NULL;
    for (size_t i = 0; i < config->sink_count; i++)
        if (config->sinks[i].kind == kind && !okng_line_has(config->sinks[i].settings, "path")) return OKNG_OK;
    okng_status status = okng_line_settings_new(&settings, "server_history", "", okng_line_sink_keys, keys, error);
    if (status == OKNG_OK) status = add_sink(config, kind, settings, error);
    if (status != OKNG_OK) okng_line_settings_free(&settings);
    return status;
}

void okng_line_config_free(okng_line_config *config)
{
    for (size_t i = 0; i < config->source_count; i++) okng_line_settings_free(&config->sources[i].settings);
    for (size_t i = 0; i < config->sink_count; i++) okng_line_settings_free(&config->sinks[i].settings);
    okng_line_settings_free(&config->line);
    *config = (okng_line_config){0};
}
