#include "serve/reply.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "serve/events.h"

enum { HEADER_VALUE_MAX = 7168, DETAIL_MAX = 1024 };
#define JSON_USUAL (JSON_COMPACT | JSON_REAL_PRECISION(9))

static void drop_body(okng_reply *reply)
{
    if (reply->kind == OKNG_REPLY_MEMORY) free(reply->data);
    if (reply->kind == OKNG_REPLY_FILE && reply->descriptor >= 0) (void)close(reply->descriptor);
    if (reply->kind == OKNG_REPLY_STREAM) okng_stream_close(&reply->stream);
    reply->kind = OKNG_REPLY_EMPTY;
    reply->data = NULL;
    reply->size = 0;
    reply->descriptor = -1;
}

static void drop_headers(okng_reply *reply)
{
    for (size_t i = 0; i < reply->header_count; i++) {
        free(reply->headers[i].name);
        free(reply->headers[i].value);
    }
    reply->header_count = 0;
}

void okng_reply_clear(okng_reply *reply)
{
    drop_body(reply);
    drop_headers(reply);
    json_decref(reply->more);
    *reply = (okng_reply){.descriptor = -1};
}

/* ---- answers ---------------------------------------------------------------------------------------------------- */

static void answer(okng_reply *reply, int status, okng_reply_kind kind, const char *type)
{
    drop_body(reply);
    reply->status = status;
    reply->kind = kind;
    reply->type = type;
}

/* The one answer that takes no memory. */
static void answer_no_memory(okng_reply *reply)
{
    static const char text[] = "{\"type\":\"urn:okng:problem:no-memory\",\"title\":\"No memory\",\"status\":503,"
                               "\"detail\":\"the server has no memory left for this; try again\"}";
    answer(reply, 503, OKNG_REPLY_CONST, "application/problem+json");
    reply->data = (void *)(uintptr_t)text; /* only read */
    reply->size = sizeof text - 1;
}

static void answer_document(okng_reply *reply, int status, const char *type, json_t *document, size_t flags)
{
    char *text = NULL;
    size_t size = 0;
    okng_status done = okng_json_text(document, flags, "the answer", &text, &size, NULL);
    json_decref(document);
    if (done != OKNG_OK) {
        answer_no_memory(reply);
        return;
    }
    answer(reply, status, OKNG_REPLY_MEMORY, type);
    reply->data = text;
    reply->size = size;
}

void okng_reply_json(okng_reply *reply, int status, json_t *document)
{
    answer_document(reply, status, "application/json", document, JSON_USUAL);
}

void okng_reply_bytes(okng_reply *reply, int status, const char *type, void *data, size_t size)
{
    if (!data && size > 0) {
        answer_no_memory(reply);
        return;
    }
    answer(reply, status, OKNG_REPLY_MEMORY, type);
    reply->data = data;
    reply->size = size;
}

void okng_reply_const(okng_reply *reply, int status, const char *type, const void *data, size_t size)
{
    answer(reply, status, OKNG_REPLY_CONST, type);
    reply->data = (void *)(uintptr_t)data; /* only read */
    reply->size = size;
}

void okng_reply_status(okng_reply *reply, int status)
{
    answer(reply, status, OKNG_REPLY_EMPTY, NULL);
}

void okng_reply_stream(okng_reply *reply, struct okng_stream *stream)
{
    answer(reply, 200, OKNG_REPLY_STREAM, "text/event-stream");
    reply->stream = stream;
}

/* RFC 6266: the name in ASCII for old clients, and in UTF-8. */
static void say_download(okng_reply *reply, const char *name)
{
    char value[HEADER_VALUE_MAX];
    size_t used = (size_t)snprintf(value, sizeof value, "attachment; filename=\"");
    for (const char *c = name; *c && used + 8 < sizeof value / 4; c++)
        value[used++] = isalnum((unsigned char)*c) || strchr("._-", *c) ? *c : '_';
    used += (size_t)snprintf(value + used, sizeof value - used, "\"; filename*=UTF-8''");
    for (const char *c = name; *c && used + 8 < sizeof value; c++)
        if (isalnum((unsigned char)*c) || strchr("._-", *c))
            value[used++] = *c;
        else
            used += (size_t)snprintf(value + used, sizeof value - used, "%%%02X", (unsigned)(unsigned char)*c);
    value[used] = '\0';
    okng_reply_header(reply, "Content-Disposition", value);
}

void okng_reply_descriptor(okng_reply *reply, const char *type, int descriptor, const char *download)
{
    struct stat file;
    if (fstat(descriptor, &file) != 0 || !S_ISREG(file.st_mode)) {
        (void)close(descriptor);
        okng_reply_problem(reply, 404, "file-not-found", "there is no file to send");
        return;
    }
    answer(reply, 200, OKNG_REPLY_FILE, type);
    reply->descriptor = descriptor;
    reply->size = (size_t)file.st_size;
    if (download) say_download(reply, download);
}

void okng_reply_file(okng_reply *reply, const char *type, const char *path, const char *download)
{
    int descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (descriptor < 0 && errno == ENOENT)
        okng_reply_problem(reply, 404, "file-not-found", "there is no file to send");
    else if (descriptor < 0)
        okng_reply_problem(reply, 500, "file-not-readable", "the file cannot be opened: %s", okng_reason_text(errno));
    else
        okng_reply_descriptor(reply, type, descriptor, download);
}

/* ---- headers ---------------------------------------------------------------------------------------------------- */

static bool is_printable(const char *value)
{
    for (const char *c = value; *c; c++)
        if ((unsigned char)*c < 0x20 || (unsigned char)*c >= 0x7f) return false;
    return true;
}

void okng_reply_header(okng_reply *reply, const char *name, const char *value)
{
    if (reply->header_count == OKNG_REPLY_HEADERS || !is_printable(value) || strlen(value) > HEADER_VALUE_MAX) return;
    char *copies[2] = {strdup(name), strdup(value)};
    if (!copies[0] || !copies[1]) {
        free(copies[0]);
        free(copies[1]);
        return;
    }
    reply->headers[reply->header_count].name = copies[0];
    reply->headers[reply->header_count++].value = copies[1];
}

void okng_reply_header_json(okng_reply *reply, const char *name, json_t *document)
{
    char *text = NULL;
    if (okng_json_text(document, JSON_USUAL | JSON_ENSURE_ASCII, "a header", &text, NULL, NULL) == OKNG_OK)
        okng_reply_header(reply, name, text);
    free(text);
    json_decref(document);
}

/* ---- problems --------------------------------------------------------------------------------------------------- */

/* "bank-not-found" as "Bank not found". */
static json_t *title_of(const char *name)
{
    char title[64];
    (void)snprintf(title, sizeof title, "%s", name);
    for (char *c = title; *c; c++)
        if (*c == '-') *c = ' ';
    title[0] = (char)toupper((unsigned char)title[0]);
    return json_string(title);
}

static void set_problem(okng_reply *reply, int status, const char *name, const char *detail)
{
    char type[96];
    (void)snprintf(type, sizeof type, "urn:okng:problem:%s", name);
    json_t *document = json_object();
    okng_json_put(&document, "type", json_string(type));
    okng_json_put(&document, "title", title_of(name));
    okng_json_put(&document, "status", json_integer(status));
    okng_json_put(&document, "detail", okng_json_any_text(detail));
    if (reply->instance) okng_json_put(&document, "instance", okng_json_any_text(reply->instance));
    if (reply->more) okng_json_merge(&document, json_incref(reply->more));
    answer_document(reply, status, "application/problem+json", document, JSON_USUAL);
}

void okng_reply_problem(okng_reply *reply, int status, const char *name, const char *format, ...)
{
    char detail[DETAIL_MAX];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(detail, sizeof detail, okng_translate_format(format), args);
    va_end(args);
    set_problem(reply, status, name, detail);
}

typedef struct meaning {
    okng_status status;
    int http;
    const char *name;
} meaning;

static const meaning meanings[] = {
    {OKNG_ERROR_NOT_FOUND, 404, "not-found"},      {OKNG_ERROR_ARGUMENT, 400, "wrong-argument"},
    {OKNG_ERROR_FORMAT, 422, "damaged-input"},     {OKNG_ERROR_MISMATCH, 422, "does-not-fit"},
    {OKNG_ERROR_LIMIT, 413, "over-a-limit"},       {OKNG_ERROR_BUSY, 503, "busy"},
    {OKNG_ERROR_UNSUPPORTED, 501, "not-possible"}, {OKNG_ERROR_CANCELLED, 409, "cancelled"},
    {OKNG_ERROR_MEMORY, 503, "no-memory"},         {OKNG_ERROR_IO, 500, "system-error"},
};

void okng_reply_error(okng_reply *reply, const okng_error *error)
{
    static const meaning unknown = {OKNG_ERROR_INTERNAL, 500, "internal-error"};
    const meaning *found = &unknown;
    for (size_t i = 0; i < sizeof meanings / sizeof meanings[0]; i++)
        if (meanings[i].status == error->status) found = &meanings[i];
    if (found->http == 503) okng_reply_header(reply, "Retry-After", "1");
    set_problem(reply, found->http, found->name, error->message);
}

void okng_reply_problem_member(okng_reply *reply, const char *key, json_t *value)
{
    if (!reply->more) reply->more = json_object();
    okng_json_put(&reply->more, key, value);
}
