/* Which bank judges. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/file.h"
#include "line/engine.h"

/* What was chosen last, so that a restart goes on with it. */
static void keep(okng_line *line, int64_t number)
{
    okng_writer writer;
    okng_error error;
    okng_status status = okng_writer_open(&writer, line->recipe_path, &error);
    if (status == OKNG_OK) {
        (void)fprintf(writer.stream, "%lld\n", (long long)number);
        status = okng_writer_commit(&writer, &error);
    }
    if (status != OKNG_OK)
        okng_line_tell(line, "a restart will not know of recipe %lld: %s", (long long)number, error.message);
}

static const okng_line_recipe_config *find(const okng_line_config *config, int64_t number)
{
    for (size_t i = 0; i < config->recipe_count; i++)
        if (config->recipes[i].number == number) return &config->recipes[i];
    return NULL;
}

/* Opens the bank, then has it judge. */
static okng_status choose(okng_line *line, const char *bank, int64_t number, okng_error *error)
{
    void *held = NULL;
    OKNG_TRY(line->host.inspector.hold(line->host.inspector.user, bank, &held, error));
    (void)pthread_mutex_lock(&line->lock);
    void *before = line->held;
    line->held = held;
    (void)snprintf(line->bank, sizeof line->bank, "%s", bank);
    line->recipe = number;
    (void)pthread_mutex_unlock(&line->lock);
    if (before) line->host.inspector.release(line->host.inspector.user, &before);
    return OKNG_OK;
}

/* The number that was kept; -1: none. */
static int64_t kept(const okng_line *line)
{
    void *text = NULL;
    size_t size = 0;
    long long number = -1;
    char digits[24] = "";
    if (okng_file_read(line->recipe_path, sizeof digits - 1, &text, &size, NULL) == OKNG_OK && text) {
        memcpy(digits, text, size);
        if (sscanf(digits, "%lld", &number) != 1) number = -1;
    }
    free(text);
    return number;
}

okng_status okng_line_begin_recipe(okng_line *line, okng_error *error)
{
    const okng_line_config *config = line->config;
    const okng_line_recipe_config *recipe = find(config, kept(line));
    if (!recipe && okng_line_has(config->line, "recipe"))
        recipe = find(config, okng_line_integer(config->line, "recipe"));
    if (recipe) return choose(line, recipe->bank, recipe->number, error);
    return choose(line, okng_line_text(config->line, "bank"), -1, error);
}

static void note_time(okng_line *line, double seconds)
{
    (void)pthread_mutex_lock(&line->lock);
    line->recipe_changes++;
    line->recipe_seconds = seconds;
    if (seconds > line->recipe_most) line->recipe_most = seconds;
    (void)pthread_mutex_unlock(&line->lock);
}

okng_status okng_line_set_recipe(okng_line *line, int64_t number, const char *by, okng_error *error)
{
    const okng_line_recipe_config *recipe = find(line->config, number);
    if (!recipe)
        return okng_fail(error, OKNG_ERROR_NOT_FOUND, "recipe %lld is not among the recipes of line.yaml",
                         (long long)number);
    (void)pthread_mutex_lock(&line->choosing);
    const double began = okng_clock();
    const bool same = okng_line_recipe(line, NULL) == number;
    okng_status status = same ? OKNG_OK : choose(line, recipe->bank, number, error);
    if (status == OKNG_OK && !same) {
        note_time(line, okng_clock() - began);
        keep(line, number);
        okng_line_tell(line, "recipe %lld: bank %s judges now, chosen by %s", (long long)number, recipe->bank, by);
    }
    (void)pthread_mutex_unlock(&line->choosing);
    return status;
}

int64_t okng_line_recipe(okng_line *line, char bank[OKNG_RECORD_NAME])
{
    (void)pthread_mutex_lock(&line->lock);
    const int64_t recipe = line->recipe;
    if (bank) memcpy(bank, line->bank, sizeof line->bank);
    (void)pthread_mutex_unlock(&line->lock);
    return recipe;
}
