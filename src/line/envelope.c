#include "line/envelope.h"

#include <stdlib.h>
#include <string.h>

#include "base/grown.h"
#include "base/json.h"

static const okng_json_limits limits = {.bytes = 1 << 20, .items = 1 << 16, .text = 1 << 16, .depth = 16};

static okng_status write_parts(const json_t *head, const json_t *record, okng_grown *out, size_t *record_at,
                               okng_error *error)
{
    char *text = NULL;
    size_t size = 0;
    OKNG_TRY(okng_json_text(head, JSON_COMPACT, "the spool", &text, &size, error));
    (void)okng_grown_add(out, text, size);
    (void)okng_grown_add(out, "\n", 1);
    free(text);
    *record_at = size + 1;
    OKNG_TRY(okng_json_text(record, JSON_COMPACT | JSON_REAL_PRECISION(9), "the record", &text, &size, error));
    (void)okng_grown_add(out, text, size);
    free(text);
    return OKNG_OK;
}

okng_status okng_envelope_write(const okng_envelope *envelope, const okng_record *record, char **text, size_t *size,
                                size_t *record_at, okng_error *error)
{
    okng_grown out = {0};
    *text = NULL;
    json_t *head = json_object(), *body = okng_record_json(record);
    okng_json_put(&head, "source", okng_json_any_text(envelope->source));
    if (*envelope->key) okng_json_put(&head, "key", okng_json_any_text(envelope->key));
    if (*envelope->path) okng_json_put(&head, "path", okng_json_any_text(envelope->path));
    if (envelope->wanted) okng_json_put(&head, "wanted", json_integer(envelope->wanted));
    okng_status status = write_parts(head, body, &out, record_at, error);
    json_decref(head);
    json_decref(body);
    if (status == OKNG_OK) return okng_grown_take(&out, text, size, error);
    free(out.data);
    return status;
}

static const char *text_of(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    return text ? text : "";
}

static okng_status read_head(okng_opened *out, const char *text, size_t size, okng_error *error)
{
    OKNG_TRY(okng_json_parse(&out->head, text, size, "the spool", &limits, error));
    out->envelope.source = text_of(out->head, "source");
    out->envelope.key = text_of(out->head, "key");
    out->envelope.path = text_of(out->head, "path");
    out->envelope.wanted = (unsigned)json_integer_value(json_object_get(out->head, "wanted"));
    return OKNG_OK;
}

okng_status okng_envelope_look(okng_opened *out, const char *text, okng_error *error)
{
    *out = (okng_opened){0};
    const char *end = strchr(text, '\n');
    if (!end) return okng_fail(error, OKNG_ERROR_FORMAT, "the spool: expected two lines");
    out->json = end + 1;
    return read_head(out, text, (size_t)(end - text), error);
}

okng_status okng_envelope_open(okng_opened *out, const char *text, okng_error *error)
{
    json_t *body = NULL;
    OKNG_TRY(okng_envelope_look(out, text, error));
    okng_status status = okng_json_parse(&body, out->json, strlen(out->json), "the record", &limits, error);
    if (status == OKNG_OK) status = okng_record_read(&out->record, body, "the record", error);
    json_decref(body);
    return status;
}

void okng_opened_free(okng_opened *opened)
{
    json_decref(opened->head);
    okng_record_free(&opened->record);
    *opened = (okng_opened){0};
}
