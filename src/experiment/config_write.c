/* The resolved configuration as text. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/grown.h"
#include "base/json.h"
#include "base/sha256.h"
#include "base/utf8.h"
#include "experiment/config_keys.h"
#include "options/options.h"

/* ---- values --------------------------------------------------------------------------------- */

/* A word that YAML takes as it stands. */
static bool is_plain(const char *text)
{
    static const char *const meanings[] = {"null", "true", "false", "yes", "no", "on", "off"};
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./-";
    if (!*text || strchr("./-", *text) || text[strspn(text, allowed)]) return false;
    for (size_t i = 0; i < sizeof meanings / sizeof meanings[0]; i++)
        if (strcasecmp(text, meanings[i]) == 0) return false;
    return true;
}

/* A JSON string is a YAML string. */
static okng_status write_quoted(FILE *out, const char *text, okng_error *error)
{
    if (!okng_utf8_valid(text, strlen(text), NULL))
        return okng_fail(error, OKNG_ERROR_ARGUMENT, "\"%.80s\" is no UTF-8, which YAML needs", text);
    char *quoted;
    json_t *string = json_string(text);
    okng_status status = okng_json_text(string, 0, "the configuration", &quoted, NULL, error);
    json_decref(string);
    if (status != OKNG_OK) return status;
    (void)fputs(quoted, out);
    free(quoted);
    return OKNG_OK;
}

static okng_status write_value(FILE *out, const char *text, bool quote, okng_error *error)
{
    if (quote && !is_plain(text)) return write_quoted(out, text, error);
    (void)fputs(text, out);
    return OKNG_OK;
}

/* "a,b" as [a, b]. */
static okng_status write_list(FILE *out, const char *text, const char *cuts, okng_error *error)
{
    (void)fputc('[', out);
    for (const char *rest = text;;) {
        char item[OKNG_OPTION_TEXT_MAX];
        size_t length = strcspn(rest, cuts);
        (void)snprintf(item, sizeof item, "%.*s", (int)length, rest);
        OKNG_TRY(write_value(out, item, true, error));
        if (!rest[length]) break;
        (void)fputs(", ", out);
        rest += length + 1;
    }
    (void)fputc(']', out);
    return OKNG_OK;
}

/* ---- keys ----------------------------------------------------------------------------------- */

/* The sections that `path` is in and `before` was not, and the key itself. */
static void open_sections(FILE *out, const char *path, const char *before)
{
    const char *from = path;
    int level = 0;
    for (const char *dot = strchr(path, '.'); dot; dot = strchr(from, '.'), level++) {
        size_t length = (size_t)(dot - path) + 1;
        if (strncmp(path, before, length) != 0)
            (void)fprintf(out, "%s%*s%.*s:\n", level == 0 && *before ? "\n" : "", 2 * level, "", (int)(dot - from),
                          from);
        from = dot + 1;
    }
    (void)fprintf(out, "%*s%s: ", 2 * level, "", from);
}

static okng_status write_key(FILE *out, const okng_experiment_config *config, const okng_option_row *key,
                             const char *before, okng_error *error)
{
    char text[OKNG_OPTION_TEXT_MAX];
    okng_options_get_row(&okng_experiment_table, key, config, text, sizeof text);
    open_sections(out, key->name, before);
    const char *cuts = okng_key_list_cuts(key);
    if (cuts && strpbrk(text, cuts))
        OKNG_TRY(write_list(out, text, cuts, error));
    else
        OKNG_TRY(write_value(out, text, okng_key_is_text(key), error));
    (void)fputc('\n', out);
    return OKNG_OK;
}

/* The library's options that have no key: each as it is, so that nothing depends on defaults that may change. */
static okng_status write_options(FILE *out, const okng_experiment_config *config, bool all, okng_error *error)
{
    (void)fputs("  options:\n", out);
    for (size_t i = 0; i < okng_build_table.count; i++) {
        const okng_option_row *row = &okng_build_table.rows[i];
        char text[OKNG_OPTION_TEXT_MAX];
        if (row->alias || okng_key_of_option(row->name) || (!all && !(row->flags & OKNG_ROW_RECORDED))) continue;
        okng_options_get_row(&okng_build_table, row, &config->build, text, sizeof text);
        (void)fprintf(out, "    %s: ", row->name);
        OKNG_TRY(write_value(out, text, true, error));
        (void)fputc('\n', out);
    }
    return OKNG_OK;
}

static okng_status write_all(FILE *out, const okng_experiment_config *config, bool all, okng_error *error)
{
    const char *before = "";
    for (size_t i = 0; i < okng_experiment_table.count; i++) {
        const okng_option_row *key = &okng_experiment_table.rows[i];
        const char *path = key->name;
        if (!okng_key_is_written(key) || (!all && !okng_key_counts(key))) continue;
        if (strncmp(before, "model.", 6) == 0 && strncmp(path, "model.", 6) != 0)
            OKNG_TRY(write_options(out, config, all, error));
        OKNG_TRY(write_key(out, config, key, before, error));
        before = path;
    }
    return OKNG_OK;
}

static okng_status to_text(const okng_experiment_config *config, bool all, char **text, size_t *size, okng_error *error)
{
    *text = NULL;
    OKNG_TRY(okng_experiment_config_check(config, error));
    okng_grown grown = {0};
    FILE *out = okng_grown_stream(&grown);
    okng_status status = out ? write_all(out, config, all, error) : OKNG_OK;
    okng_status whole = okng_grown_close(&grown, out, text, size, status == OKNG_OK ? error : NULL);
    if (status == OKNG_OK) return whole;
    free(*text);
    *text = NULL;
    return status;
}

okng_status okng_experiment_config_yaml(const okng_experiment_config *config, char **yaml, okng_error *error)
{
    size_t size;
    OKNG_TRY(okng_need(yaml, "the place for the text", error));
    return to_text(config, true, yaml, &size, error);
}

okng_status okng_experiment_config_hash(const okng_experiment_config *config, char hex[65], okng_error *error)
{
    char *text;
    size_t size;
    OKNG_TRY(okng_need(hex, "the place for the hash", error));
    OKNG_TRY(to_text(config, false, &text, &size, error));
    okng_sha256(text, size, hex);
    free(text);
    return OKNG_OK;
}
