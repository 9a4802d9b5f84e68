#include "winclip/prompts.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/catalogue.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/yaml.h"

#define PLACE "{}"

extern const char okng_prompts_a[], okng_prompts_b[];
extern const uint64_t okng_prompts_a_size, okng_prompts_b_size;

/* ---- reading -------------------------------------------------------------------------------- */

void okng_prompts_free(okng_prompts *prompts)
{
    okng_sentences *lists[] = {&prompts->states[OKNG_PROMPTS_GOOD], &prompts->states[OKNG_PROMPTS_BAD],
                               &prompts->templates};
    for (size_t l = 0; l < sizeof lists / sizeof *lists; l++) {
        for (size_t i = 0; i < lists[l]->count; i++) free(lists[l]->items[i]);
        free(lists[l]->items);
    }
    *prompts = (okng_prompts){0};
}

/* A sentence has one place for what is put into it. */
static okng_status check_sentence(const okng_yaml_entry *entry, const char *name, const char *sentence, size_t number,
                                  okng_error *error)
{
    const char *place = strstr(sentence, PLACE);
    if (place && !strstr(place + 1, PLACE)) return OKNG_OK;
    return okng_fail(error, OKNG_ERROR_FORMAT, "%s:%d: %s: sentence %zu, \"%.80s\", has %s; expected one", name,
                     entry->line, entry->path, number, sentence, place ? N_("more than one {}") : N_("no {}"));
}

static okng_status take_list(okng_sentences *list, const okng_yaml_entry *entry, const char *name, okng_error *error)
{
    size_t count = 1;
    for (const char *at = entry->value; *at; at++) count += *at == '\n';
    list->items = okng_alloc_zero(count, sizeof *list->items);
    if (!list->items) return okng_fail_memory(error, count * sizeof *list->items);
    const char *rest = entry->value;
    while (list->count < count) {
        size_t length = strcspn(rest, "\n");
        char *sentence = list->items[list->count] = strndup(rest, length);
        if (!sentence) return okng_fail_memory(error, length);
        list->count++;
        OKNG_TRY(check_sentence(entry, name, sentence, list->count, error));
        rest += length + (rest[length] == '\n');
    }
    return OKNG_OK;
}

static okng_status check_keys(const okng_yaml *yaml, const char *name, const char *const *keys, size_t count,
                              okng_error *error)
{
    for (size_t i = 0; i < yaml->count; i++) {
        size_t k = 0;
        while (k < count && strcmp(yaml->entries[i].path, keys[k]) != 0) k++;
        if (k == count)
            return okng_fail(error, OKNG_ERROR_FORMAT,
                             "%s:%d: unknown key \"%.80s\"; expected normal, anomalous and templates", name,
                             yaml->entries[i].line, yaml->entries[i].path);
    }
    return OKNG_OK;
}

static okng_status check_counts(const okng_prompts *prompts, const char *name, okng_error *error)
{
    for (int kind = 0; kind < OKNG_PROMPTS_KINDS; kind++) {
        size_t states = prompts->states[kind].count, templates = prompts->templates.count;
        if (states * templates > OKNG_PROMPTS_MAX)
            return okng_fail(error, OKNG_ERROR_LIMIT,
                             "%s: %zu states and %zu templates are %zu prompts; at most %d of a kind", name, states,
                             templates, states * templates, OKNG_PROMPTS_MAX);
    }
    return OKNG_OK;
}

/* A state is of good parts or of bad ones: one of both would pull the two towards each other. */
static okng_status check_states(const okng_prompts *prompts, const char *name, okng_error *error)
{
    const okng_sentences *good = &prompts->states[OKNG_PROMPTS_GOOD], *bad = &prompts->states[OKNG_PROMPTS_BAD];
    for (size_t i = 0; i < good->count; i++)
        for (size_t j = 0; j < bad->count; j++)
            if (strcmp(good->items[i], bad->items[j]) == 0)
                return okng_fail(
                    error, OKNG_ERROR_FORMAT,
                    "%s: \"%.80s\" stands in normal and in anomalous; expected states that tell good parts "
                    "from bad ones",
                    name, good->items[i]);
    return OKNG_OK;
}

static okng_status take(okng_prompts *out, const okng_yaml *yaml, const char *name, okng_error *error)
{
    static const char *const keys[] = {"normal", "anomalous", "templates"};
    okng_sentences *lists[] = {&out->states[OKNG_PROMPTS_GOOD], &out->states[OKNG_PROMPTS_BAD], &out->templates};
    enum { LISTS = sizeof keys / sizeof *keys };
    OKNG_TRY(check_keys(yaml, name, keys, LISTS, error));
    for (int i = 0; i < LISTS; i++) {
        const okng_yaml_entry *entry = okng_yaml_find(yaml, keys[i]);
        if (!entry || entry->section || !*entry->value)
            return okng_fail(
                error, OKNG_ERROR_FORMAT,
                "%s:%d: the list \"%s\" is %s; prompts are made of the lists normal and anomalous (states, "
                "as \"damaged {}\") and templates (as \"a photo of a {}.\")",
                name, entry ? entry->line : 1, keys[i], entry ? N_("empty") : N_("missing"));
        OKNG_TRY(take_list(lists[i], entry, name, error));
    }
    OKNG_TRY(check_counts(out, name, error));
    return check_states(out, name, error);
}

okng_status okng_prompts_read(okng_prompts *out, const char *text, size_t size, const char *name, okng_error *error)
{
    okng_yaml yaml;
    *out = (okng_prompts){0};
    okng_status status = okng_yaml_read_sentences(&yaml, text, size, name, error);
    if (status == OKNG_OK) status = take(out, &yaml, name, error);
    okng_yaml_free(&yaml);
    if (status != OKNG_OK) okng_prompts_free(out);
    return status;
}

bool okng_prompts_built_in(const char *given)
{
    return strcmp(given, "a") == 0 || strcmp(given, "b") == 0;
}

okng_status okng_prompts_open(okng_prompts *out, const char *given, okng_error *error)
{
    void *text = NULL;
    size_t size;
    *out = (okng_prompts){0};
    if (strcmp(given, "a") == 0)
        return okng_prompts_read(out, okng_prompts_a, (size_t)okng_prompts_a_size, "prompts a", error);
    if (strcmp(given, "b") == 0)
        return okng_prompts_read(out, okng_prompts_b, (size_t)okng_prompts_b_size, "prompts b", error);
    OKNG_TRY(okng_file_read(given, OKNG_PROMPTS_FILE_MAX, &text, &size, error));
    okng_status status = okng_prompts_read(out, text ? text : "", size, given, error);
    free(text);
    return status;
}

/* ---- prompts -------------------------------------------------------------------------------- */

size_t okng_prompts_count(const okng_prompts *prompts, int kind)
{
    return prompts->states[kind].count * prompts->templates.count;
}

/* `sentence` with `what` in its place, malloc'd. */
static char *fill(const char *sentence, const char *what)
{
    const char *place = strstr(sentence, PLACE);
    size_t size = strlen(sentence) + strlen(what) + 1;
    char *text = malloc(size);
    if (text) (void)snprintf(text, size, "%.*s%s%s", (int)(place - sentence), sentence, what, place + strlen(PLACE));
    return text;
}

char *okng_prompts_say(const okng_prompts *prompts, int kind, size_t i, const char *class_name)
{
    size_t templates = prompts->templates.count;
    char *state = fill(prompts->states[kind].items[i / templates], class_name);
    char *prompt = state ? fill(prompts->templates.items[i % templates], state) : NULL;
    free(state);
    return prompt;
}
