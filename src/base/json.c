#include "base/json.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/catalogue.h"
#include "base/file.h"
#include "base/grown.h"
#include "base/locale.h"
#include "base/utf8.h"

/* ---- making ---- */

static void lose(json_t **document)
{
    json_decref(*document);
    *document = NULL;
}

void okng_json_put(json_t **object, const char *key, json_t *value)
{
    if (json_object_set_new(*object, key, value) != 0) lose(object); /* takes the value, of no object too */
}

void okng_json_add(json_t **list, json_t *value)
{
    if (json_array_append_new(*list, value) != 0) lose(list);
}

void okng_json_merge(json_t **object, json_t *other)
{
    if (json_object_update(*object, other) != 0) lose(object);
    json_decref(other);
}

json_t *okng_json_known(double number)
{
    return isfinite(number) ? json_real(number) : json_null();
}

json_t *okng_json_any_text(const char *text)
{
    if (!text) return NULL;
    size_t length = strlen(text), used = 0;
    if (okng_utf8_valid(text, length, NULL)) return json_stringn_nocheck(text, length);
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
    json_t *string = json_stringn_nocheck(clean, used);
    free(clean);
    return string;
}

/* ---- writing ---- */

/* Whether both hold the same, numbers as far as nine digits tell. */
static bool is_same(const json_t *a, const json_t *b)
{
    if (json_typeof(a) != json_typeof(b)) return false;
    if (json_is_real(a)) {
        double first = json_real_value(a), second = json_real_value(b);
        return fabs(first - second) <= 1e-8 * fabs(first) || fabs(first - second) <= DBL_MIN;
    }
    if (json_is_array(a)) {
        size_t count = json_array_size(a);
        if (count != json_array_size(b)) return false;
        for (size_t i = 0; i < count; i++)
            if (!is_same(json_array_get(a, i), json_array_get(b, i))) return false;
        return true;
    }
    if (!json_is_object(a)) return json_equal(a, b) != 0;
    if (json_object_size(a) != json_object_size(b)) return false;
    const char *key;
    json_t *member;
    json_object_foreach((json_t *)a, key, member)
    {
        const json_t *other = json_object_get(b, key);
        if (!other || !is_same(member, other)) return false;
    }
    return true;
}

/* jansson (2.14) does not look at what became of a key that it printed: a failure is kept until the end. */
static int print(const char *bytes, size_t size, void *text)
{
    return okng_grown_add(text, bytes, size) ? 0 : -1;
}

static okng_status print_all(const json_t *value, size_t flags, char **text, size_t *size, okng_error *error)
{
    okng_grown grown = {0};
    locale_t before = okng_locale_enter();
    bool failed = json_dump_callback(value, print, &grown, flags | JSON_ENCODE_ANY) != 0;
    okng_locale_leave(before);
    if (failed && grown.wanted == 0) grown.wanted = sizeof(json_t); /* of what finds circles, or the order of keys */
    return okng_grown_take(&grown, text, size, error);
}

okng_status okng_json_text(const json_t *value, size_t flags, const char *what, char **text, size_t *size,
                           okng_error *error)
{
    size_t length = 0;
    *text = NULL;
    if (!value) return okng_fail(error, OKNG_ERROR_MEMORY, "%s: out of memory for JSON", what);
    okng_status status = print_all(value, flags, text, &length, error);
    if (status != OKNG_OK) return okng_error_context(error, status, "%s", what);
    json_t *copy = NULL;
    okng_error found = {0};
    status = okng_json_parse(&copy, *text, length, what, NULL, &found);
    if (status == OKNG_OK && !is_same(value, copy))
        status = okng_fail(&found, OKNG_ERROR_INTERNAL, "%s: the JSON text does not hold what it was made from", what);
    json_decref(copy);
    if (status == OKNG_OK) {
        if (size) *size = length;
        return OKNG_OK;
    }
    free(*text);
    *text = NULL;
    if (error) *error = found;
    return status;
}

okng_status okng_json_write(const json_t *value, const char *path, okng_error *error)
{
    char *text;
    size_t size;
    OKNG_TRY(okng_json_text(value, OKNG_JSON_PRETTY, path, &text, &size, error));
    text[size] = '\n'; /* in place of the NUL */
    okng_status status = okng_file_write(path, text, size + 1, error);
    free(text);
    return status;
}

/* ---- reading ---- */

okng_status okng_json_read(json_t **out, const char *path, const okng_json_limits *limits, okng_error *error)
{
    *out = NULL;
    void *data;
    size_t size;
    OKNG_TRY(okng_file_read(path, limits->bytes, &data, &size, error));
    okng_status status = okng_json_parse(out, data, size, path, limits, error);
    if (status == OKNG_OK && !json_is_object(*out)) {
        status = okng_fail(error, OKNG_ERROR_FORMAT, "%s: found JSON that is no object", path);
        lose(out);
    }
    free(data);
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
