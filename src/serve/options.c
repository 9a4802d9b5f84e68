#include "serve/options.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/yaml.h"
#include "serve/listen.h"

typedef enum kind { TEXT, WHOLE, BYTES, SECONDS, DAYS, YES_NO, NAMES } kind;

/* An option: its name on the command line, where "_" in serve.yaml is "-" here. */
typedef struct row {
    const char *name;
    kind is;
    size_t at;
    double low, high, initial;
} row;

#define AT(field) offsetof(okng_serve_options, field)
static const row rows[] = {
    {"banks", TEXT, AT(banks), 0, 0, 0},
    {"listen", TEXT, AT(listen), 0, 0, 0},
    {"token-file", TEXT, AT(token_file), 0, 0, 0},
    {"state", TEXT, AT(state), 0, 0, 0},
    {"root", TEXT, AT(root), 0, 0, 0},
    {"line", TEXT, AT(line), 0, 0, 0},
    {"host", NAMES, AT(hosts), 0, 0, 0},
    {"insecure", YES_NO, AT(insecure), 0, 0, 0},
    {"max-banks", WHOLE, AT(max_banks), 1, 10000, 3},
    {"max-bytes", BYTES, AT(max_bytes), 0, 1e15, 0},
    {"workers", WHOLE, AT(workers), 0, 1024, 0},
    {"max-queue", WHOLE, AT(max_queue), 1, 10000, 64},
    {"max-body", BYTES, AT(max_body), 1024, 4e9, 64 << 20},
    {"max-upload", BYTES, AT(max_upload), 1024, 1e11, 1 << 30},
    {"max-pixels", WHOLE, AT(max_pixels), 1, 4e9, 64e6},
    {"max-connections", WHOLE, AT(max_connections), 1, 100000, 512},
    {"max-requests", WHOLE, AT(max_requests), 1, 100000, 256},
    {"idle-time", SECONDS, AT(idle_time), 0.1, 86400, 60},
    {"request-time", SECONDS, AT(request_time), 0.1, 86400, 60},
    {"answer-time", SECONDS, AT(answer_time), 0.1, 86400, 60},
    {"keep-days", DAYS, AT(keep_days), 0, 36500, 90},
    {"keep-bytes", BYTES, AT(keep_bytes), 0, 1e15, 4e9},
    {"keep-pictures", TEXT, AT(keep_pictures), 0, 0, 0},
};
enum { ROWS = sizeof rows / sizeof rows[0] };

static void *field(okng_serve_options *options, const row *of)
{
    return (char *)options + of->at;
}

static okng_status set_text(char **to, const char *value, okng_error *error)
{
    char *copy = strdup(value);
    if (!copy) return okng_fail_memory(error, strlen(value) + 1);
    free(*to);
    *to = copy;
    return OKNG_OK;
}

static void set_number(okng_serve_options *options, const row *of, double value)
{
    if (of->is == SECONDS || of->is == DAYS)
        *(double *)field(options, of) = value;
    else if (of->is == WHOLE || of->is == BYTES)
        *(int64_t *)field(options, of) = (int64_t)value;
}

okng_status okng_serve_options_init(okng_serve_options *options, okng_error *error)
{
    *options = (okng_serve_options){0};
    for (size_t i = 0; i < ROWS; i++) set_number(options, &rows[i], rows[i].initial);
    return set_text(&options->listen, "127.0.0.1:8080", error);
}

void okng_serve_options_free(okng_serve_options *options)
{
    for (size_t i = 0; i < ROWS; i++)
        if (rows[i].is == TEXT) free(*(char **)field(options, &rows[i]));
    for (size_t i = 0; i < options->host_count; i++) free(options->hosts[i]);
    *options = (okng_serve_options){0};
}

/* ---- setting ------------------------------------------------------------------------------------------------------
 */

/* "5", "2.5", and of bytes "512M", "4G" (powers of 1024). */
static bool read_number(const row *of, const char *text, double *value)
{
    static const char units[] = "KMGT";
    char *end;
    if (strspn(text, "0123456789.") == 0) return false;
    *value = strtod(text, &end);
    const char *unit = *end ? strchr(units, *end) : NULL;
    if (of->is == BYTES && unit) {
        *value *= pow(1024, (double)(unit - units + 1));
        end++;
    }
    bool whole = of->is == SECONDS || of->is == DAYS || *value == floor(*value);
    return *end == '\0' && whole && *value >= of->low && *value <= of->high;
}

static okng_status add_host(okng_serve_options *options, const char *name, okng_error *error)
{
    if (options->host_count == OKNG_SERVE_HOSTS)
        return okng_fail(error, OKNG_ERROR_LIMIT, "host: more than %d names", OKNG_SERVE_HOSTS);
    if (!*name || strlen(name) >= OKNG_HOST_MAX || strpbrk(name, " /:[]"))
        return okng_fail(error, OKNG_ERROR_ARGUMENT, "host: found \"%s\", expected a name without port", name);
    options->hosts[options->host_count] = NULL;
    OKNG_TRY(set_text(&options->hosts[options->host_count], name, error));
    options->host_count++;
    return OKNG_OK;
}

/* One of serve.yaml's list, or one word. */
static okng_status add_hosts(okng_serve_options *options, const char *value, okng_error *error)
{
    char *words = strdup(value), *rest = NULL;
    okng_status status = words ? OKNG_OK : okng_fail_memory(error, strlen(value));
    for (char *word = words ? strtok_r(words, ",", &rest) : NULL; word && status == OKNG_OK;
         word = strtok_r(NULL, ",", &rest))
        status = add_host(options, word, error);
    free(words);
    return status;
}

static okng_status set_switch(bool *to, const row *of, const char *value, okng_error *error)
{
    bool yes = !*value || strcmp(value, "true") == 0 || strcmp(value, "yes") == 0;
    if (!yes && strcmp(value, "false") != 0 && strcmp(value, "no") != 0)
        return okng_fail(error, OKNG_ERROR_ARGUMENT, "%s: found \"%s\", expected true or false", of->name, value);
    *to = yes;
    return OKNG_OK;
}

static okng_status fail_number(const row *of, const char *value, okng_error *error)
{
    if (of->is == BYTES)
        return okng_fail(error, OKNG_ERROR_ARGUMENT,
                         "%s: found \"%s\", expected a number of bytes %.12g..%.12g, which may end in K, M, G or T",
                         of->name, value, of->low, of->high);
    if (of->is == SECONDS)
        return okng_fail(error, OKNG_ERROR_ARGUMENT, "%s: found \"%s\", expected a number of seconds %.12g..%.12g",
                         of->name, value, of->low, of->high);
    if (of->is == DAYS)
        return okng_fail(error, OKNG_ERROR_ARGUMENT, "%s: found \"%s\", expected a number of days %.12g..%.12g",
                         of->name, value, of->low, of->high);
    return okng_fail(error, OKNG_ERROR_ARGUMENT, "%s: found \"%s\", expected a whole number %.12g..%.12g", of->name,
                     value, of->low, of->high);
}

static okng_status set_row(okng_serve_options *options, const row *of, const char *value, okng_error *error)
{
    double number;
    if (of->is == NAMES) return add_hosts(options, value, error);
    if (of->is == YES_NO) return set_switch(field(options, of), of, value, error);
    if (of->is == TEXT && *value) return set_text(field(options, of), value, error);
    if (of->is == TEXT) return okng_fail(error, OKNG_ERROR_ARGUMENT, "%s: there is nothing in it", of->name);
    if (!read_number(of, value, &number)) return fail_number(of, value, error);
    set_number(options, of, number);
    return OKNG_OK;
}

okng_status okng_serve_options_set(okng_serve_options *options, const char *name, const char *value, okng_error *error)
{
    char plain[64];
    const char *names[ROWS];
    size_t length = 0;
    for (; name[length] && length < sizeof plain - 1; length++)
        plain[length] = name[length] == '_' ? '-' : name[length];
    plain[length] = '\0';
    for (size_t i = 0; i < ROWS; i++) {
        names[i] = rows[i].name;
        if (strcmp(plain, rows[i].name) == 0) return set_row(options, &rows[i], value, error);
    }
    const char *nearest = okng_suggest(plain, names, ROWS);
    if (nearest)
        return okng_fail(error, OKNG_ERROR_ARGUMENT, "there is no option \"%s\"; did you mean %s?", name, nearest);
    return okng_fail(error, OKNG_ERROR_ARGUMENT, "there is no option \"%s\"", name);
}

static okng_status set_entries(okng_serve_options *options, const okng_yaml *yaml, const char *path, okng_error *error)
{
    for (size_t i = 0; i < yaml->count; i++) {
        const okng_yaml_entry *entry = &yaml->entries[i];
        okng_status status = entry->section
                                 ? okng_fail(error, OKNG_ERROR_FORMAT, "\"%s\" has keys below it", entry->path)
                                 : okng_serve_options_set(options, entry->path, entry->value, error);
        if (status != OKNG_OK) return okng_error_context(error, status, "%s:%d", path, entry->line);
    }
    return OKNG_OK;
}

okng_status okng_serve_options_read(okng_serve_options *options, const char *path, okng_error *error)
{
    enum { FILE_MAX = 1 << 20 };
    void *data;
    size_t size;
    okng_yaml yaml = {0};
    OKNG_TRY(okng_file_read(path, FILE_MAX, &data, &size, error));
    okng_status status = okng_yaml_read(&yaml, data ? data : "", size, path, error);
    if (status == OKNG_OK) status = set_entries(options, &yaml, path, error);
    okng_yaml_free(&yaml);
    free(data);
    return status;
}

/* ---- what cannot be together --------------------------------------------------------------------------------------
 */

bool okng_serve_is_local(const okng_serve_options *options)
{
    okng_address address;
    return okng_address_parse(&address, options->listen, NULL) == OKNG_OK && okng_address_is_local(&address);
}

okng_status okng_serve_options_check(const okng_serve_options *options, okng_error *error)
{
    okng_address address;
    if (!options->banks)
        return okng_fail(error, OKNG_ERROR_ARGUMENT, "no folder of banks: give --banks DIR, or banks: in serve.yaml");
    OKNG_TRY(okng_address_parse(&address, options->listen, error));
    if (okng_address_is_local(&address) || options->token_file || options->insecure) return OKNG_OK;
    return okng_fail(
        error, OKNG_ERROR_ARGUMENT,
        "listen: at %s other machines could teach, delete and inspect; give --token-file FILE, or --insecure "
        "if that is wanted",
        options->listen);
}
