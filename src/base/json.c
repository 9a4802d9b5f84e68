#include "base/json.h"
#include "base/catalogue.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"

/* A file on its way into the parser. */
typedef struct source {
    okng_reader reader;
    okng_json_counter counter;
    okng_status status; /* of reading; once it is not OKNG_OK nothing more comes */
    okng_error *error;
} source;

/* What the parser asks for its next bytes. */
static size_t give(void *to, size_t size, void *context)
{
    source *from = context;
    if (from->status != OKNG_OK) return (size_t)-1;
    size_t bytes = size < from->reader.left ? size : from->reader.left;
    from->status = okng_reader_next(&from->reader, to, bytes, from->error);
    if (from->status == OKNG_OK && !okng_json_count(&from->counter, to, bytes))
        from->status = okng_json_too_much(&from->counter, from->reader.path, from->error);
    return from->status == OKNG_OK ? bytes : (size_t)-1;
}

static okng_status parse(json_t **out, source *from)
{
    const char *path = from->reader.path;
    json_error_t reason;
    *out = json_load_callback(give, from, JSON_REJECT_DUPLICATES, &reason);
    if (from->status != OKNG_OK) return from->status;
    if (!*out) return okng_fail(from->error, OKNG_ERROR_FORMAT, "%s: line %d: %s", path, reason.line, reason.text);
    if (json_is_object(*out)) return OKNG_OK;
    return okng_fail(from->error, OKNG_ERROR_FORMAT, "%s: found JSON that is no object", path);
}

okng_status okng_json_read(json_t **out, const char *path, const okng_json_limits *limits, okng_error *error)
{
    *out = NULL;
    source from = {.counter = {.limits = limits}, .error = error};
    OKNG_TRY(okng_reader_open(&from.reader, path, error));
    okng_status status = OKNG_OK;
    if (from.reader.size > limits->bytes)
        status = okng_fail(error, OKNG_ERROR_LIMIT, "%s: %zu bytes, expected at most %zu", path, from.reader.size,
                           limits->bytes);
    else
        status = parse(out, &from);
    status = okng_reader_close(&from.reader, status, error);
    if (status == OKNG_OK) return OKNG_OK;
    json_decref(*out);
    *out = NULL;
    return status;
}

json_t *okng_json_any_text(const char *text)
{
    json_t *string = json_string(text);
    if (string) return string;
    size_t length = strlen(text), used = 0;
    char *clean = malloc(3 * length + 1);
    if (!clean) return NULL;
    for (size_t i = 0; i < length; i++) {
        if ((unsigned char)text[i] < 0x80)
            clean[used++] = text[i];
        else {
            memcpy(clean + used, "\xef\xbf\xbd", 3);
            used += 3;
        }
    }
    string = json_stringn(clean, used);
    free(clean);
    return string;
}

char *okng_json_text(const json_t *object)
{
    return json_dumps(object, JSON_INDENT(2) | JSON_REAL_PRECISION(9));
}

okng_status okng_json_write(const json_t *object, const char *path, okng_error *error)
{
    char *text = okng_json_text(object);
    if (!text) return okng_fail(error, OKNG_ERROR_MEMORY, "%s: out of memory for JSON", path);
    okng_writer writer;
    okng_status status = okng_writer_open(&writer, path, error);
    if (status == OKNG_OK) {
        (void)fprintf(writer.stream, "%s\n", text);
        status = okng_writer_commit(&writer, error);
    }
    free(text);
    return status;
}

static okng_status wrong(const json_t *member, const char *path, const char *key, const char *expected,
                         okng_error *error)
{
    return okng_fail(error, OKNG_ERROR_FORMAT, "%s: \"%s\" is %s, expected %s", path, key,
                     okng_translate(member ? N_("of the wrong kind or out of range") : N_("missing")),
                     okng_translate(expected));
}

okng_status okng_json_string(const json_t *object, const char *path, const char *key, const char **out,
                             okng_error *error)
{
    const json_t *member = json_object_get(object, key);
    if (!json_is_string(member)) return wrong(member, path, key, "a string", error);
    *out = json_string_value(member);
    return OKNG_OK;
}

okng_status okng_json_number(const json_t *object, const char *path, const char *key, double low, double high,
                             double *out, okng_error *error)
{
    const json_t *member = json_object_get(object, key);
    double value = json_is_number(member) ? json_number_value(member) : NAN;
    if (!(value >= low && value <= high)) return wrong(member, path, key, "a number in range", error);
    *out = value;
    return OKNG_OK;
}

okng_status okng_json_integer(const json_t *object, const char *path, const char *key, int64_t low, int64_t high,
                              int64_t *out, okng_error *error)
{
    const json_t *member = json_object_get(object, key);
    if (!json_is_integer(member) || json_integer_value(member) < low || json_integer_value(member) > high)
        return wrong(member, path, key, "an integer in range", error);
    *out = json_integer_value(member);
    return OKNG_OK;
}
