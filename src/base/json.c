#include "base/json.h"
#include "base/catalogue.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"

enum { MAX_JSON_BYTES = 64 << 20 };

okng_status okng_json_read(json_t **out, const char *path, okng_error *error)
{
    *out = NULL;
    void *data;
    size_t size;
    OKNG_TRY(okng_file_read(path, MAX_JSON_BYTES, &data, &size, error));
    okng_status status = OKNG_OK;
    json_error_t reason;
    if (!(*out = json_loadb(data ? data : "", size, JSON_REJECT_DUPLICATES, &reason)))
        status = okng_fail(error, OKNG_ERROR_FORMAT, "%s: line %d: %s", path, reason.line, reason.text);
    else if (!json_is_object(*out)) {
        status = okng_fail(error, OKNG_ERROR_FORMAT, "%s: found JSON that is no object", path);
        json_decref(*out);
        *out = NULL;
    }
    free(data);
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
